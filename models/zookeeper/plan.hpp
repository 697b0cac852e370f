// What follows from a ZooKeeper ensemble's spec and never changes.
#pragma once

#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/service/clients.hpp"
#include "models/service/session.hpp"
#include "models/zookeeper/spec.hpp"
#include "models/zookeeper/zab/peer.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::zookeeper {

/// A server by its position among the service's processes; its `myid` less 1.
using Position = zab::ServerId;

/// A client of the spec, or a process of another service. Such a process has two in a row: one for its session, and one
/// for the session of the process before it, which lives on until it expires.
struct ClientPlan : service::ClientPlan {
  ProcessId owner;   ///< none: a client of the spec
  ServiceId user;    ///< whose process it is
  Duration timeout;  ///< that it asks for
  ClientParameters parameters;
};

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::write;
  std::uint16_t client = 0;
};

struct ServicePlan {
  zab::Rules rules;
  std::vector<ClientPlan> clients;
  std::vector<SliPlan> slis;
};

/// REQUIRES: the service is of kind zookeeper.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);
/// A process of another service will keep sessions. Returns the first of its two clients.
std::uint16_t add_session(models::Plan& plan, ServiceId service, const service::SessionPlan& session);

/// Session time-outs that servers grant (ZooKeeperServer.setMinSessionTimeout, setMaxSessionTimeout).
struct SessionLimits {
  Duration least, most;
};
SessionLimits session_limits(const Parameters& parameters);
/// The session time-out that a server grants to who asks for `wanted` (ZooKeeperServer.processConnectRequest).
Duration granted(const Parameters& parameters, Duration wanted);

}  // namespace nines::models::zookeeper
