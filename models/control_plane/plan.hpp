// What follows from a control plane's spec and never changes.
#pragma once

#include <vector>

#include "models/control_plane/spec.hpp"
#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::control_plane {

/// A process by its position among the service's processes.
using Position = std::uint16_t;
inline constexpr Position nobody = 0xFFFF;

using service::ClientPlan;

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::api_write;
  infrastructure::Endpoint place = 0;  ///< of its client; meaningless of `controllers`
};

struct ServicePlan {
  ServiceId store;
  std::vector<Position> servers;   ///< the API servers
  std::vector<Position> managers;  ///< the controller managers
  std::vector<Position> schedulers;
  std::vector<std::vector<ProcessId>> stores;  ///< by position in `servers`: members that it may ask
  std::vector<ClientPlan> clients;
  std::vector<SliPlan> slis;
};

/// REQUIRES: the service is a control plane.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

/// Adds the clients and the SLIs.
std::vector<SliPlan> build_slis(models::Plan& plan, Namer& namer, ServiceId service,
                                const std::vector<ClientSpec>& clients, const std::vector<SliSpec>& slis,
                                std::vector<ClientPlan>& into);
void build(models::Plan& plan, Namer& namer, ServiceId service);
/// Finds its store, and the members of it that each API server may ask. REQUIRES: all services have been built.
void connect(models::Plan& plan, ServiceId service);

}  // namespace nines::models::control_plane
