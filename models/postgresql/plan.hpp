// What follows from the spec of a PostgreSQL service and never changes.
#pragma once

#include <limits>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/postgresql/checkpoint.hpp"
#include "models/postgresql/spec.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::postgresql {

/// A server by its position among the service's processes.
using Number = std::uint16_t;
inline constexpr Number nobody = std::numeric_limits<Number>::max();
inline constexpr std::int64_t most_servers = 20;

using service::ClientPlan;

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::write;
  std::uint16_t client = 0;
};

struct ServicePlan {
  std::vector<ClientPlan> clients;
  std::vector<SliPlan> slis;
  Duration checkpoint_interval;
  double wal_per_write = 0;  ///< bytes, full pages included
  ServiceId store;           ///< that holds Patroni's key; none: the API of Kubernetes, or no Patroni
};

/// REQUIRES: the service is of kind postgresql.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);
/// Finds the store of the key. Throws std::invalid_argument if there is no such service.
void connect(models::Plan& plan, ServiceId service);

/// What clients write, as checkpoints see it.
WalLoad wal_load(const Spec& spec);

}  // namespace nines::models::postgresql
