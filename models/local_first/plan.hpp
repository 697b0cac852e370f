// What follows from the spec of local-first workers and never changes.
#pragma once

#include <vector>

#include "models/ids.hpp"
#include "models/local_first/spec.hpp"
#include "models/plan.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::local_first {

/// A worker by its position among the service's processes.
using Number = std::uint16_t;

struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::accept;
  Duration limit;
};

struct ServicePlan {
  ServiceId upstream;
  std::vector<SliPlan> slis;
  std::vector<double> room;  ///< of each worker, in rows; 0: no limit
};

/// REQUIRES: the service is of kind local_first.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);
/// Finds the service that rows are sent to. Throws std::invalid_argument if there is none.
void connect(models::Plan& plan, ServiceId service);

}  // namespace nines::models::local_first
