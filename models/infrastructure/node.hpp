// Machines: how they go down, and how they come back.
//
// Instance store survives a crash and a reboot, and is lost with the host, on termination and on replacement; network
// volumes survive all of these (AWS sheet, sections 2 and 6). Memory, and with it unflushed pages, is lost in every
// case but an orderly stop.
//
// A stop that is announced to the operating system, as a reboot, the end of a Spot notice or a termination, stops the
// processes first: SIGTERM, SIGKILL at the stop time-out of systemd, and the network up meanwhile, so that clients meet
// resets and no silence (kubernetes issue 77873; EC2 documentation, instance lifecycle: a stop or termination shuts the
// operating system down). Left out: the minutes after which EC2 switches an instance off that does not shut down.
//
// An Auto Scaling group replaces an instance that fails its EC2 status checks: a hung machine, one without power, one
// that reaches nothing at all (EC2 Auto Scaling user guide, health checks: built in and always on). Where the zone
// cannot launch, it waits. Functions that change something examine contacts once, at their end; they return whether
// the machine was in a state in which this could happen to it.
#pragma once

#include <optional>
#include <vector>

#include "models/infrastructure/state.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::infrastructure {

/// Hangs silently with its memory lost, and is up again after `downtime`.
bool crash_node(World& world, NodeId node, Duration downtime);
/// Orderly reboot: processes stop, dirty pages are written; up again `downtime` from now, or as soon as it has shut
/// down if that takes longer. Without `downtime` it boots after the shutdown.
bool reboot_node(World& world, NodeId node, std::optional<Duration> downtime);
/// The host dies. Automatic recovery brings the instance back on other hardware if it may; the provisioner hears of the
/// failed status check (an Auto Scaling group always, Karpenter through its interruption queue) and gives it back.
bool lose_node(World& world, NodeId node);
/// The provider takes the instance back after the Spot notice. A rebalance recommendation may come before it, where
/// somebody acts on that.
bool reclaim_node(World& world, NodeId node);

/// The machines lose power together. Machines without life keep their state, but count the cut.
void cut_power(World& world, const std::vector<NodeId>& nodes);
/// One cut less for the same machine; boots it after the last one. Nothing runs yet.
void restore_power(World& world, const Outage::Hit& hit);

/// No machine is on its way down or up by itself.
bool machines_settled(const World& world);

}  // namespace nines::models::infrastructure
