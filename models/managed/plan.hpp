// What follows from the spec of a service that the provider runs, and never changes.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/managed/spec.hpp"
#include "models/plan.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::managed {

/// A node by its position among the service's nodes, or a group among its groups.
using Number = std::uint16_t;
inline constexpr Number nobody = 0xFFFF;

struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::write;
  std::uint16_t client = 0;
};

/// What one client does about one SLI at one group.
struct AccessPlan {
  std::uint16_t sli = 0;  ///< of ServicePlan::slis
  Number group = 0;
};

struct ServicePlan {
  std::vector<ProcessId> nodes;
  std::vector<Number> group_of;             ///< by node
  std::vector<std::vector<Number>> groups;  ///< nodes that have the same data, the first leads at the beginning:
                                            ///< shards, or all nodes
  std::size_t zones = 1;                    ///< in which nodes are
  std::vector<service::ClientPlan> clients;
  std::vector<SliPlan> slis;
  std::vector<AccessPlan> accesses;  ///< by SLI, then group; none of `control`
};

/// REQUIRES: the service is of kind managed.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);

}  // namespace nines::models::managed
