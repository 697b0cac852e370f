// What follows from an HTTP service's spec and never changes.
#pragma once

#include <vector>

#include "models/http/requests.hpp"
#include "models/http/spec.hpp"
#include "models/ids.hpp"
#include "models/infrastructure/health_check.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::http {

using service::ClientPlan;

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  std::uint16_t client = 0;
};

/// What a load balancer checks: a machine whose kube-proxy passes requests on, or a server.
struct TargetPlan {
  ComponentId component = 0;
  NodeId node;               ///< of instances; else none
  std::uint32_t server = 0;  ///< of addresses of pods, or of processes
};

constexpr std::uint32_t no_target = ~std::uint32_t{0};

struct ServicePlan {
  std::vector<ClientPlan> clients;
  std::vector<SliPlan> slis;
  std::vector<TargetPlan> targets;         ///< none without load balancer
  Table<NodeId, std::uint32_t> target_of;  ///< of a machine: its target, or `no_target`
  /// Of a load that holds retries: waits, trip and all, at which a request of some SLI's client comes to end otherwise.
  std::vector<Duration> watched_waits;
  std::uint16_t load_client = 0;  ///< whose retries are part of the load, if anybody's
  bool burstable = false;         ///< it runs on machines whose CPU credit counts
};

/// REQUIRES: the service is of kind http.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

/// How long a client goes on, with retries that are all granted.
Patience patience_of(const ClientParameters& client);

void build(models::Plan& plan, Namer& namer, ServiceId service);
/// Hears of look-ups and of the rules of machines, if it goes by them. REQUIRES: all services have been built.
void connect(models::Plan& plan, ServiceId service);

/// REQUIRES: balanced(spec).
infrastructure::HealthCheck health_check(const Spec& spec);
/// From a change of a pod's readiness until requests follow it.
const Law& listing(const Spec& spec, bool ready);

}  // namespace nines::models::http
