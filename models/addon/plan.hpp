// What follows from an add-on's spec and never changes.
#pragma once

#include <vector>

#include "models/addon/spec.hpp"
#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::addon {

/// A pod by its position among the service's processes.
using Position = std::uint32_t;
inline constexpr Position nobody = 0xFFFFFFFF;

using service::ClientPlan;

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  infrastructure::Endpoint place = 0;  ///< of its client; meaningless of `works`
};

struct ServicePlan {
  std::vector<ClientPlan> clients;
  std::vector<SliPlan> slis;
  std::vector<Position> on_machine;  ///< by slot: its pod there, of a function on each machine; else empty
};

/// REQUIRES: the service is an add-on.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);
/// Hears when the rules of machines change. REQUIRES: all services have been built.
void connect(models::Plan& plan, ServiceId service);

}  // namespace nines::models::addon
