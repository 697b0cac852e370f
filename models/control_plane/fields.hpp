// Fields and parameters of the kind `control-plane`.
#pragma once

#include "models/service/fields.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::control_plane {

extern const service::ParameterGroup parameter_groups[1];
extern const service::ObjectSpec service_fields;

void check(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::control_plane
