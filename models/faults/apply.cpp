#include "models/faults/apply.hpp"

#include <cassert>

#include "models/components/unit.hpp"
#include "models/faults/certificate.hpp"
#include "models/faults/change.hpp"
#include "models/faults/events.hpp"
#include "models/faults/network.hpp"
#include "models/faults/pause.hpp"
#include "models/faults/wrong_command.hpp"
#include "models/infrastructure/node.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/infrastructure/volume.hpp"
#include "models/infrastructure/zone.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

using Status = ProcessState::Status;

// ---- processes ----

bool kill_process(World& world, ProcessId process) {
  ProcessState& state = world.processes.edit(process);
  if (state.status == Status::absent) return false;
  const CauseScope scope(world, world.note(ProcessKilled{process}));
  state.status = Status::absent;
  state.ending = Ending::crash;
  services::process_died(world, process);
  kubernetes::process_killed(world, process);
  services::contacts_changed(world);
  return true;
}

bool terminate_process(World& world, ProcessId process) {
  if (world.processes[process].status == Status::absent) return false;
  const CauseScope scope(world, world.note(ProcessTerminated{process}));
  kubernetes::terminate_process(world, process);
  return true;
}

bool delete_pod(World& world, ProcessId process) {
  const CauseScope scope(world, world.note(PodDeletedByForce{process}));
  kubernetes::delete_pod_by_force(world, process);
  return true;
}

// ---- machines ----

ComponentId component(const World& world, NodeId node) { return world.plan->nodes[node].component; }

bool crash_node(World& world, NodeId node, const ResolvedAction& action) {
  if (!infrastructure::node_up(world, node)) return false;
  const CauseScope scope(world, world.note(NodeCrashed{node}));
  const Law& law = world.plan->infra().node_crash_downtime;
  const Duration downtime =
      action.duration ? *action.duration : world.draw(component(world, node), Purpose::node_crash_downtime, law);
  return infrastructure::crash_node(world, node, downtime);
}

bool reboot_node(World& world, NodeId node, const ResolvedAction& action) {
  if (!infrastructure::node_up(world, node)) return false;
  const CauseScope scope(world, world.note(NodeRebooted{node}));
  return infrastructure::reboot_node(world, node, action.duration);
}

/// There is an instance in the slot that the provider still counts as running.
bool instance_exists(const World& world, NodeId node) {
  const infrastructure::Life life = world.infrastructure.nodes[node].life;
  return life != infrastructure::Life::lost && life != infrastructure::Life::terminated;
}

bool lose_node(World& world, NodeId node) {
  if (!instance_exists(world, node)) return false;
  const CauseScope scope(world, world.note(NodeLost{node}));
  return infrastructure::lose_node(world, node);
}

bool reclaim_node(World& world, NodeId node) {
  if (!instance_exists(world, node) || world.infrastructure.nodes[node].reclaim_pending) return false;
  const CauseScope scope(world, world.note(SpotReclaimed{node}));
  return infrastructure::reclaim_node(world, node);
}

bool drain_node(World& world, NodeId node, Variant variant) {
  if (!infrastructure::node_up(world, node)) return false;
  const CauseScope scope(world, world.note(DrainStarted{node}));
  const bool by_group = variant == Variant::drawn;
  kubernetes::drain(world, node, by_group ? world.plan->nodes[node].launch_first : variant == Variant::launch_first);
  return true;
}

bool taint_node(World& world, NodeId node) {
  const CauseScope scope(world, world.note(OutOfServiceTainted{node}));
  kubernetes::taint_out_of_service(world, node);
  return true;
}

// ---- zones and network ----

bool cut_zone_power(World& world, ZoneId zone, const ResolvedAction& action) {
  constexpr double everything = 1;
  infrastructure::Outage outage = infrastructure::draw_outage(world, zone, action.extent.value_or(everything));
  if (outage.hits.empty() && !outage.dark) return false;
  const Law& law = world.plan->infra().zone_power_loss_duration;
  const ComponentId zone_component = world.plan->zones[zone].component;
  const Duration duration =
      action.duration ? *action.duration : world.draw(zone_component, Purpose::zone_power_duration, law);
  const auto machines = static_cast<std::int64_t>(outage.hits.size());
  const CauseScope scope(world, world.note(ZonePowerLost{zone}, machines));
  infrastructure::start_outage(world, std::move(outage), duration);
  return true;
}

std::vector<infrastructure::Address> places_of(const Plan& plan, ZoneId zone) {
  std::vector<infrastructure::Address> places{plan.network.zone_fabric[zone.value]};
  for (const NodeId node : plan.zones[zone].nodes) places.push_back(plan.network.node_endpoint[node.value]);
  return places;
}

bool isolate_zone(World& world, ZoneId zone, const ResolvedAction& action) {
  const CauseScope scope(world, world.note(ZoneIsolated{zone}));
  Ongoing fault;
  fault.verb = Verb::zone_isolation;
  fault.component = world.plan->zones[zone].component;
  fault.zone = zone;
  fault.side = places_of(*world.plan, zone);
  const Law& law = world.plan->infra().zone_isolation_duration;
  begin(world, fault,
        action.duration ? *action.duration : world.draw(fault.component, Purpose::zone_isolation_duration, law));
  return true;
}

/// Something with a name at one of the addresses; the backbone has none.
ComponentId component_at(const Plan& plan, const std::vector<infrastructure::Address>& addresses) {
  for (const infrastructure::Address address : addresses) {
    const ProcessId pod = infrastructure::process_at(plan.network, address);
    if (pod.exists()) return plan.processes[pod].component;
    for (const ZoneId zone : plan.zones.ids()) {
      if (plan.network.zone_fabric[zone.value] == address) return plan.zones[zone].component;
    }
    for (const NodeId node : plan.nodes.ids()) {
      if (plan.network.node_endpoint[node.value] == address) return plan.nodes[node].component;
    }
  }
  return plan.zones[ZoneId::of(0)].component;
}

bool partition(World& world, const ResolvedAction& action) {
  Ongoing fault;
  fault.verb = Verb::partition;
  fault.component = component_at(*world.plan, action.side);
  // One way: packets from `from` to `target` are dropped.
  fault.side = action.other;
  fault.other = action.side;
  fault.one_way = action.one_way;
  const CauseScope scope(world, world.note(Partitioned{fault.component}));
  begin(world, std::move(fault), action.duration.value_or(Duration::infinite()));
  return true;
}

bool heal_target(World& world, const ResolvedAction& action) {
  if (!touches_any(world, action.side)) return false;
  const CauseScope scope(world, world.note(Healed{component_at(*world.plan, action.side)}));
  heal(world, action.side);
  return true;
}

// ---- volumes and services ----

bool lose_volume(World& world, VolumeId volume) {
  if (world.infrastructure.volumes[volume].lost) return false;
  const CauseScope scope(world, world.note(VolumeLost{volume}));
  return infrastructure::lose_volume(world, volume);
}

bool stick_volume(World& world, VolumeId volume, const ResolvedAction& action) {
  const CauseScope scope(world, world.note(VolumeWillStick{volume}));
  kubernetes::stick_volume(world, volume, action.duration.value_or(Duration::infinite()));
  return true;
}

bool roll_service(World& world, std::uint16_t service) {
  const CauseScope scope(world, world.note(RollingRestartStarted{service}));
  kubernetes::start_rolling_restart(world, service);
  return true;
}

}  // namespace

bool apply(World& world, const ResolvedAction& action) {
  const std::uint16_t index = action.index;
  switch (action.verb) {
    case Verb::process_kill: return kill_process(world, ProcessId{index});
    case Verb::process_stop: return stop_process(world, ProcessId{index});
    case Verb::process_continue: return continue_process(world, ProcessId{index});
    case Verb::process_pause: return pause_process(world, ProcessId{index}, action.duration);
    case Verb::process_terminate: return terminate_process(world, ProcessId{index});
    case Verb::node_crash: return crash_node(world, NodeId{index}, action);
    case Verb::node_reboot: return reboot_node(world, NodeId{index}, action);
    case Verb::node_loss: return lose_node(world, NodeId{index});
    case Verb::zone_power_loss: return cut_zone_power(world, ZoneId{index}, action);
    case Verb::zone_isolation: return isolate_zone(world, ZoneId{index}, action);
    case Verb::partition: return partition(world, action);
    case Verb::heal: return heal_target(world, action);
    case Verb::volume_loss: return lose_volume(world, VolumeId{index});
    case Verb::volume_stuck: return stick_volume(world, VolumeId{index}, action);
    case Verb::spot_reclaim: return reclaim_node(world, NodeId{index});
    case Verb::rolling_restart: return roll_service(world, index);
    case Verb::drain: return drain_node(world, NodeId{index}, action.variant);
    case Verb::delete_pod: return delete_pod(world, ProcessId{index});
    case Verb::out_of_service_taint: return taint_node(world, NodeId{index});
    case Verb::component_fail: return components::fail(world, components::UnitId{index});
    case Verb::bad_rollout: return begin_bad_rollout(world, index, action.variant);
    case Verb::failed_upgrade: return begin_failed_upgrade(world, index);
    case Verb::wrong_command: return give_wrong_command(world, index, action.variant);
    case Verb::expired_certificate: return expire_certificate(world, index);
    case Verb::shock: return components::strike(world, components::ShockId{index});
  }
  assert(false);
  return false;
}

}  // namespace nines::models::faults
