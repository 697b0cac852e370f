// What files say of Redis: fields, groups of parameters, checks.
#pragma once

#include "models/redis/spec.hpp"
#include "models/service/fields.hpp"
#include "models/service/parameters.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::redis {

extern const service::ParameterGroup parameter_groups[2];
extern const service::ObjectSpec service_fields;

void check(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::redis
