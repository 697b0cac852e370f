// Events of the control plane that EKS runs.
#pragma once

#include "models/eks/spec.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::eks {

using sim::EventInfo;

struct ZoneFailedOver {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.zone_failed_over", "reconnect", "eks.zone_failover",
                                  "the control plane serves without the zone that was lost"};
};
struct ControllersResume {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.controllers_act", "recover", "eks.controllers_resume",
                                  "controllers that had lost their leases act again", true};
};
struct ServersChecked {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.servers_checked", "act", "eks.upgrade.length",
                                  "API servers of the next version stand beside the old ones, and have been checked",
                                  true};
};
struct ServersSwapped {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.servers_swapped", "reconnect", "eks.upgrade.interruption",
                                  "the new API servers take the requests", true};
};
// ---- only noted ----
struct UpgradeDone {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.upgrade_done", "", "", "the control plane has the next version", true};
};
struct UpgradeRolledBack {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.upgrade_rolled_back", "", "",
                                  "the new API servers failed their checks: the old ones stay", true};
};
struct ApiLost {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.api_lost", "", "", "the API servers take no requests", true};
};
struct ApiBack {
  std::uint16_t service;
  static constexpr EventInfo info{"eks.api_back", "reconnect", "", "the API servers take requests again", true};
};

#define NINES_EKS_EVENTS(X) \
  X(ZoneFailedOver)         \
  X(ControllersResume) X(ApiLost) X(ApiBack) X(ServersChecked) X(ServersSwapped) X(UpgradeDone) X(UpgradeRolledBack)
#define NINES_EKS_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_EKS_EVENTS(NINES_EKS_SUBJECT)
#undef NINES_EKS_SUBJECT

void on(World& world, const ZoneFailedOver& event);
void on(World& world, const ControllersResume& event);
void on(World& world, const ServersChecked& event);
void on(World& world, const ServersSwapped& event);

}  // namespace nines::models::eks

#define NINES_ROOM eks
#define NINES_ROOM_EVENTS "models/eks/events.def"
#include "models/number_events.hpp"
