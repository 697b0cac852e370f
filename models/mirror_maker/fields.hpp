// What a topology file says of MirrorMaker 2, as tables.
#pragma once

#include "models/service/fields.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::mirror_maker {

extern const service::ObjectSpec service_fields;
extern const service::ParameterGroup parameter_groups[1];

/// What no single field shows.
void check(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::mirror_maker
