// What a topology file says of a CronJob, as tables.
#pragma once

#include "models/service/fields.hpp"
#include "models/service/report.hpp"

namespace nines::models {
struct Topology;
}

namespace nines::models::cronjob {

extern const service::ObjectSpec service_fields;
extern const service::ParameterGroup parameter_groups[1];

/// Fills the Job that its runs are, and reports a schedule that cannot be read.
void complete(service::Report& report, const Topology& topology, ServiceSpec& service);
/// What no single field shows.
void check(service::Report& report, const Topology& topology, const ServiceSpec& service);
/// Settings that nothing reads.
void check_combinations(service::Report& report, const Topology& topology, const ServiceSpec& service);

}  // namespace nines::models::cronjob
