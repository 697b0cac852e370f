#include "models/faults/degrade.hpp"

#include <algorithm>

#include "models/faults/apply.hpp"
#include "models/faults/events.hpp"
#include "models/faults/network.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/platform.hpp"
#include "models/selector.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

const infrastructure::Parameters& parameters(const World& world) { return world.plan->infra(); }

/// Uniform between the two.
double between(World& world, ComponentId component, Purpose purpose, double least, double most) {
  return least + (most - least) * world.uniform(component, purpose);
}

void begin_condition(World& world, Verb verb, ComponentId component, const infrastructure::Degradation& condition,
                     Duration duration) {
  Ongoing fault;
  fault.verb = verb;
  fault.component = component;
  fault.side = condition.side;
  fault.other = condition.other;
  fault.condition = condition;
  begin(world, std::move(fault), duration);
}

/// The machine runs. What no machine is asked about is in order.
bool machine_runs(const World& world, NodeId node) { return infrastructure::node_up(world, node); }

/// Some address of a side can send: a machine that is up, a pod on one, or a place.
bool anybody_there(const World& world, const std::vector<infrastructure::Address>& side) {
  const infrastructure::Network& network = world.plan->network;
  return std::any_of(side.begin(), side.end(), [&](infrastructure::Address address) {
    const ProcessId pod = infrastructure::process_at(network, address);
    if (pod.exists()) return machine_runs(world, world.processes[pod].node);
    for (const NodeId node : world.plan->nodes.ids()) {
      if (network.node_endpoint[node.value] == address) return machine_runs(world, node);
    }
    return true;
  });
}

/// Of a share only machines have a part: a pod stands for its machine.
std::vector<infrastructure::Address> machines_of(const World& world, std::vector<infrastructure::Address> side) {
  for (infrastructure::Address& address : side) {
    const ProcessId pod = infrastructure::process_at(world.plan->network, address);
    if (pod.exists()) address = world.plan->network.node_endpoint[world.processes[pod].node.value];
  }
  return side;
}

}  // namespace

bool slow_volume(World& world, VolumeId volume, const ResolvedAction& action) {
  if (world.infrastructure.volumes[volume].lost) return false;
  const ComponentId component = world.plan->volumes[volume].component;
  const infrastructure::Parameters& p = parameters(world);
  const CauseScope scope(world, world.note(DiskSlowed{volume}));
  infrastructure::Degradation condition;
  condition.volume = volume;
  const bool drawn = !action.share && !action.delay;
  if (drawn)
    condition.share = between(world, component, Purpose::volume_slow_share, p.volume_slow_least, p.volume_slow_most);
  if (action.share) condition.share = *action.share;
  condition.delay = action.delay.value_or(drawn ? p.volume_slow_latency : Duration());
  const Duration length = duration_of(world, action, component, Purpose::volume_slow_duration, p.volume_slow_duration);
  begin_condition(world, Verb::disk_slow, component, condition, length);
  return true;
}

bool stall_volume(World& world, VolumeId volume, const ResolvedAction& action) {
  if (world.infrastructure.volumes[volume].lost) return false;
  const ComponentId component = world.plan->volumes[volume].component;
  const CauseScope scope(world, world.note(VolumeStalled{volume}));
  infrastructure::Degradation condition;
  condition.volume = volume;
  condition.share = 0;
  const infrastructure::Parameters& p = parameters(world);
  const Duration length =
      duration_of(world, action, component, Purpose::volume_stall_duration, p.volume_stall_duration);
  begin_condition(world, Verb::volume_stalled, component, condition, length);
  return true;
}

bool slow_network(World& world, const ResolvedAction& action) {
  if (!anybody_there(world, action.side)) return false;
  const ComponentId component = component_at(*world.plan, action.side);
  const infrastructure::Parameters& p = parameters(world);
  const CauseScope scope(world, world.note(NetworkSlowed{component}));
  infrastructure::Degradation condition;
  condition.side = action.side;
  condition.other = action.other;
  const bool drawn = !action.share && !action.delay;
  // Between two sides only the way is slow.
  if (drawn && action.other.empty())
    condition.share = between(world, component, Purpose::network_slow_share, p.network_slow_least, p.network_slow_most);
  if (action.share) condition.share = *action.share;
  if (condition.share < 1) condition.side = machines_of(world, condition.side);
  condition.delay = action.delay.value_or(drawn ? p.network_slow_delay : Duration());
  // What no service makes a part of is no part of the answer: delays that meet add up to the longest at most.
  Duration sum;
  for (const infrastructure::Degradation& other : world.infrastructure.degradations)
    sum += other.volume.exists() ? Duration() : other.delay;
  condition.delay = std::min(condition.delay, std::max(longest_delay(*world.plan) - sum, Duration()));
  const Duration length =
      duration_of(world, action, component, Purpose::network_slow_duration, p.network_slow_duration);
  begin_condition(world, Verb::network_slow, component, condition, length);
  return true;
}

bool lose_packets(World& world, const ResolvedAction& action) {
  if (!anybody_there(world, action.side)) return false;
  const ComponentId component = component_at(*world.plan, action.side);
  const infrastructure::Parameters& p = parameters(world);
  const CauseScope scope(world, world.note(PacketsLost{component}));
  infrastructure::Degradation condition;
  condition.side = action.side;
  condition.other = action.other;
  condition.loss = action.loss
                       ? *action.loss
                       : between(world, component, Purpose::packet_loss_share, p.packet_loss_least, p.packet_loss_most);
  const Duration length = duration_of(world, action, component, Purpose::packet_loss_duration, p.packet_loss_duration);
  begin_condition(world, Verb::packet_loss, component, condition, length);
  return true;
}

bool starve_cpu(World& world, NodeId node, const ResolvedAction& action) {
  if (!machine_runs(world, node)) return false;
  const ComponentId component = world.plan->nodes[node].component;
  const infrastructure::Parameters& p = parameters(world);
  const CauseScope scope(world, world.note(CpuStarved{node}));
  infrastructure::Degradation condition;
  condition.node = node;
  condition.cpu = action.share
                      ? *action.share
                      : between(world, component, Purpose::cpu_starved_share, p.cpu_starved_least, p.cpu_starved_most);
  const Duration length = duration_of(world, action, component, Purpose::cpu_starved_duration, p.cpu_starved_duration);
  begin_condition(world, Verb::cpu_starved, component, condition, length);
  return true;
}

bool jump_clock(World& world, NodeId node, const ResolvedAction& action) {
  if (!machine_runs(world, node)) return false;
  const ComponentId component = world.plan->nodes[node].component;
  const CauseScope scope(world, world.note(ClockJumped{node}));
  const Duration by =
      action.jump ? *action.jump : world.draw(component, Purpose::clock_jump_size, parameters(world).clock_jump_size);
  return services::clock_jumped(world, node, by);
}

}  // namespace nines::models::faults
