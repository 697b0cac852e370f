// Events of a control plane. Processes go by position among the service's members.
#pragma once

#include "models/control_plane/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::control_plane {

using sim::EventInfo;

struct ServerUp {
  std::uint16_t service;
  Position member;
  std::uint32_t life;
  static constexpr EventInfo info{"control_plane.server_up", "recover", "apiserver.start", "an API server answers",
                                  true};
};
struct ServerGivesUp {
  std::uint16_t service;
  Position member;
  std::uint32_t life;
  static constexpr EventInfo info{"control_plane.server_exits", "detect", "apiserver.store_timeout",
                                  "an API server whose store does not answer ends, and is started again"};
};
struct CandidateUp {
  std::uint16_t service;
  Position member;
  std::uint32_t life;
  static constexpr EventInfo info{"control_plane.candidate_up", "recover", "leader_election.start",
                                  "a controller manager or scheduler tries to get its lease"};
};
struct BackEndMarked {
  std::uint16_t service;
  std::uint16_t back_end;
  bool healthy;
  static constexpr EventInfo info{"control_plane.back_end_marked", "detect", "load_balancer.health_check.interval",
                                  "the load balancer takes an API server out of its rotation, or in again"};
};
struct AddressLeaseEnded {
  std::uint16_t service;
  static constexpr EventInfo info{
      "control_plane.address_free", "detect", "virtual_ip.lease",
      "the machine that had the virtual address has been silent for the length of its lease"};
};
/// `scheduler` tells which of the two leases of a control plane.
struct LeaseLost {
  std::uint16_t service;
  bool scheduler;
  static constexpr EventInfo info{"control_plane.lease_lost", "detect", "leader-elect-renew-deadline",
                                  "a holder that cannot renew its lease exits"};
};
struct LeaseTaken {
  std::uint16_t service;
  Position member;
  bool scheduler;
  static constexpr EventInfo info{"control_plane.lease_taken", "detect", "leader-elect-lease-duration",
                                  "a controller manager or scheduler gets the lease", true};
};
struct ControllersAct {
  std::uint16_t service;
  bool scheduler;
  static constexpr EventInfo info{"control_plane.controllers_act", "recover", "leader_election.cache_sync",
                                  "the holder of the lease has listed what there is, and acts", true};
};
struct UpgradeStep {
  std::uint16_t service;
  static constexpr EventInfo info{"control_plane.upgrade_step", "act", "kubeadm.upgrade.component",
                                  "kubeadm restarts the next component with the next version", true};
};
// ---- only noted ----
struct UpgradeFinished {
  std::uint16_t service;
  static constexpr EventInfo info{"control_plane.upgrade_finished", "act", "", "every master has the next version",
                                  true};
};
struct AddressTaken {
  std::uint16_t service;
  static constexpr EventInfo info{"control_plane.address_taken", "reconnect", "", "a machine takes the virtual address",
                                  true};
};
struct ApiLost {
  std::uint16_t service;
  static constexpr EventInfo info{"control_plane.api_lost", "", "", "no API server in reach of the nodes can write",
                                  true};
};
struct ApiBack {
  std::uint16_t service;
  static constexpr EventInfo info{"control_plane.api_back", "reconnect", "", "an API server takes writes again", true};
};
struct ControllersStop {
  std::uint16_t service;
  bool scheduler;
  static constexpr EventInfo info{"control_plane.controllers_stop", "", "", "nobody acts for the controllers", true};
};

#define NINES_CONTROL_PLANE_MEMBER_EVENTS(X) X(ServerUp) X(ServerGivesUp) X(CandidateUp) X(LeaseTaken)
#define NINES_CONTROL_PLANE_OTHER_EVENTS(X) \
  X(BackEndMarked)                          \
  X(AddressLeaseEnded)                      \
  X(AddressTaken)                           \
  X(LeaseLost) X(ControllersAct) X(ApiLost) X(ApiBack) X(ControllersStop) X(UpgradeStep) X(UpgradeFinished)
#define NINES_CONTROL_PLANE_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_CONTROL_PLANE_MEMBER_EVENTS(NINES_CONTROL_PLANE_SUBJECT)
NINES_CONTROL_PLANE_OTHER_EVENTS(NINES_CONTROL_PLANE_SUBJECT)
#undef NINES_CONTROL_PLANE_SUBJECT

void on(World& world, const ServerUp& event);
void on(World& world, const ServerGivesUp& event);
void on(World& world, const CandidateUp& event);
void on(World& world, const BackEndMarked& event);
void on(World& world, const AddressLeaseEnded& event);
void on(World& world, const LeaseLost& event);
void on(World& world, const LeaseTaken& event);
void on(World& world, const ControllersAct& event);
void on(World& world, const UpgradeStep& event);

}  // namespace nines::models::control_plane

#define NINES_ROOM control_plane
#define NINES_ROOM_EVENTS "models/control_plane/events.def"
#include "models/number_events.hpp"
