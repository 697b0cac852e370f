// What follows from an etcd cluster's spec and never changes.
#pragma once

#include <vector>

#include "models/etcd/raft/node.hpp"
#include "models/etcd/spec.hpp"
#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::etcd {

/// A member by its position among the service's processes; the same number as Raft's.
using Position = raft::MemberId;

using service::ClientPlan;

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::write;
  std::uint16_t client = 0;
};

struct ServicePlan {
  raft::Rules rules;
  std::vector<ClientPlan> clients;
  std::vector<SliPlan> slis;
};

/// REQUIRES: the service is of kind etcd.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);

/// Rules that the parameters make. REQUIRES: they passed the checks (fields.cpp).
raft::Rules rules_of(const Parameters& parameters);

}  // namespace nines::models::etcd
