// Machines: how they go down, and how they come back.
//
// Instance store survives a crash and a reboot, and is lost with the host, on termination and on replacement; network
// volumes survive all of these (AWS sheet, sections 2 and 6). Memory, and with it unflushed pages, is lost in every
// case but an orderly reboot. Functions that change something examine contacts once, at their end; they return whether
// the machine was in a state in which this could happen to it.
#pragma once

#include <vector>

#include "models/infrastructure/state.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::infrastructure {

/// Hangs silently with its memory lost, and is up again after `downtime`.
bool crash_node(World& world, NodeId node, Duration downtime);
/// Orderly reboot: dirty pages are written, connections break; up again after `downtime`.
bool reboot_node(World& world, NodeId node, Duration downtime);
/// The host dies. Automatic recovery brings the instance back on other hardware if it may; the provisioner hears of the
/// failed status check (an Auto Scaling group always, Karpenter through its interruption queue) and gives it back.
bool lose_node(World& world, NodeId node);
/// The provider takes the instance back after the Spot notice.
bool reclaim_node(World& world, NodeId node);

/// The machines lose power together. Machines without life keep their state, but count the cut.
void cut_power(World& world, const std::vector<NodeId>& nodes);
/// One cut less for the same machine; boots it after the last one. Nothing runs yet.
void restore_power(World& world, const Outage::Hit& hit);

/// No machine is on its way down or up by itself.
bool machines_settled(const World& world);

}  // namespace nines::models::infrastructure
