// What files say of RabbitMQ: fields, groups of parameters, what follows from them, checks.
#pragma once

#include "models/rabbitmq/spec.hpp"
#include "models/service/fields.hpp"
#include "models/service/parameters.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::rabbitmq {

extern const service::ParameterGroup parameter_groups[2];
extern const service::ObjectSpec service_fields;

/// Whose settings hold, where metadata are, and the limit of the disk alarm.
void resolve(service::Report& report, ServiceSpec& service);
void check(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::rabbitmq
