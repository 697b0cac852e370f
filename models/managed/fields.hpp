// What a file says of a service that the provider runs, as tables, and what contradicts it.
#pragma once

#include "models/managed/spec.hpp"
#include "models/service/fields.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::managed {

extern const service::ParameterGroup parameter_groups[2];
extern const service::ObjectSpec service_fields;

void check(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::managed
