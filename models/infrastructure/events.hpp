// Events of machines and zones. Each carries what tells whether it still applies.
#pragma once

#include "models/ids.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::infrastructure {

using sim::EventInfo;

// clang-format off
struct ZonePowerRestored {
  ZoneId zone;
  std::uint32_t outage;
  static constexpr EventInfo info{"infra.zone_power_restored", "recover", "zone.power_loss.duration", "power is back in the zone", true};
};
struct NodeDown {
  NodeId node;
  std::uint32_t change;
  static constexpr EventInfo info{"infra.node_down", "", "node.shutdown", "machine has shut down: it is off the network", true};
};
struct NodeImpaired {
  NodeId node;
  static constexpr EventInfo info{"infra.node_impaired", "decide", "node.status_checks", "Auto Scaling group gives an instance up that fails its status checks", true};
};
struct NodeBooted {
  NodeId node;
  std::uint32_t change;
  static constexpr EventInfo info{"infra.node_booted", "recover", "node.boot", "machine has booted, its kubelet runs", true};
};
struct NodeUpAgain {
  NodeId node;
  std::uint32_t change;
  static constexpr EventInfo info{"infra.node_up_again", "recover", "node.crash.downtime", "crashed machine is up again, its kubelet runs", true};
};
struct NodeReclaimed {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"infra.node_reclaimed", "", "spot.notice", "provider takes the Spot instance back", true};
};
struct NodeNoticed {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"infra.node_noticed", "", "spot.rebalance.lead", "the notice follows the rebalance recommendation", true};
};
struct NodeRecovered {
  NodeId node;
  std::uint32_t change;
  static constexpr EventInfo info{"infra.node_recovered", "recover", "node.auto_recovery", "automatic recovery has the instance running on other hardware", true};
};
struct NodeLossReported {
  NodeId node;
  std::uint32_t change;
  static constexpr EventInfo info{"infra.node_loss_reported", "detect", "node.loss.notice", "provisioner hears of the failed status check and gives the instance back", true};
};
struct CreditsSpent {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"infra.credits_spent", "", "", "burstable machine has used its CPU credits up: it is held to its baseline", true};
};
struct CreditsBilled {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"infra.credits_billed", "", "", "burstable machine has used a day's earnings in advance: what it uses above its baseline is billed", true};
};
struct VolumeOptimizes {
  VolumeId volume;
  static constexpr EventInfo info{"infra.volume_optimizes", "act", "ebs.modify.begin", "provider works on a changed volume: a new size is in effect", true};
};
struct VolumeModified {
  VolumeId volume;
  static constexpr EventInfo info{"infra.volume_modified", "act", "ebs.modify.optimize", "change of a volume is complete: a new throughput is in effect", true};
};
// ---- only noted ----
struct VolumeChangeRefused {
  VolumeId volume;
  static constexpr EventInfo info{"infra.volume_change_refused", "act", "", "provider refuses to change a volume now: a change is under way, or too many were made", true};
};
struct VolumeChangeFailed {
  VolumeId volume;
  static constexpr EventInfo info{"infra.volume_change_failed", "act", "ebs.modify.failure_probability", "change of a volume fails: it stays as it was", true};
};
// clang-format on

ComponentId subject(const Plan& plan, const VolumeOptimizes& event);
ComponentId subject(const Plan& plan, const VolumeModified& event);
ComponentId subject(const Plan& plan, const VolumeChangeRefused& event);
ComponentId subject(const Plan& plan, const VolumeChangeFailed& event);
ComponentId subject(const Plan& plan, const ZonePowerRestored& event);
ComponentId subject(const Plan& plan, const NodeDown& event);
ComponentId subject(const Plan& plan, const NodeImpaired& event);
ComponentId subject(const Plan& plan, const NodeBooted& event);
ComponentId subject(const Plan& plan, const NodeUpAgain& event);
ComponentId subject(const Plan& plan, const NodeReclaimed& event);
ComponentId subject(const Plan& plan, const NodeNoticed& event);
ComponentId subject(const Plan& plan, const NodeRecovered& event);
ComponentId subject(const Plan& plan, const NodeLossReported& event);
ComponentId subject(const Plan& plan, const CreditsSpent& event);
ComponentId subject(const Plan& plan, const CreditsBilled& event);

void on(World& world, const VolumeOptimizes& event);
void on(World& world, const VolumeModified& event);
void on(World& world, const ZonePowerRestored& event);
void on(World& world, const NodeDown& event);
void on(World& world, const NodeImpaired& event);
void on(World& world, const NodeBooted& event);
void on(World& world, const NodeUpAgain& event);
void on(World& world, const NodeReclaimed& event);
void on(World& world, const NodeNoticed& event);
void on(World& world, const NodeRecovered& event);
void on(World& world, const NodeLossReported& event);
void on(World& world, const CreditsSpent& event);
void on(World& world, const CreditsBilled& event);

/// Every machine up, every link and volume in order. REQUIRES: the plan and the processes of `world` are set.
void initialise(World& world);

}  // namespace nines::models::infrastructure

#define NINES_ROOM infrastructure
#define NINES_ROOM_EVENTS "models/infrastructure/events.def"
#include "models/number_events.hpp"
