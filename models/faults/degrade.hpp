// Faults that degrade: a volume, a machine's network or CPU, a path, a clock. What they leave is for
// models/infrastructure/conditions.hpp to say; how deep they go and how long they last is the action's, or drawn.
#pragma once

#include "models/selector.hpp"

namespace nines::models::faults {

bool slow_volume(World& world, VolumeId volume, const ResolvedAction& action);
bool stall_volume(World& world, VolumeId volume, const ResolvedAction& action);
bool slow_network(World& world, const ResolvedAction& action);
bool lose_packets(World& world, const ResolvedAction& action);
bool starve_cpu(World& world, NodeId node, const ResolvedAction& action);
bool jump_clock(World& world, NodeId node, const ResolvedAction& action);

/// Whether the verb degrades something for a while.
constexpr bool degrades(Verb verb) {
  return verb == Verb::disk_slow || verb == Verb::volume_stalled || verb == Verb::network_slow ||
         verb == Verb::packet_loss || verb == Verb::cpu_starved;
}

}  // namespace nines::models::faults
