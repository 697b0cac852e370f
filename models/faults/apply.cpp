#include "models/faults/apply.hpp"

#include <algorithm>
#include <cassert>

#include "models/components/unit.hpp"
#include "models/faults/broken_role.hpp"
#include "models/faults/certificate.hpp"
#include "models/faults/change.hpp"
#include "models/faults/data_damage.hpp"
#include "models/faults/degrade.hpp"
#include "models/faults/events.hpp"
#include "models/faults/network.hpp"
#include "models/faults/network_policy.hpp"
#include "models/faults/pause.hpp"
#include "models/faults/space_quota.hpp"
#include "models/faults/wrong_command.hpp"
#include "models/infrastructure/capacity.hpp"
#include "models/infrastructure/node.hpp"
#include "models/infrastructure/reachability.hpp"
#include "models/infrastructure/volume.hpp"
#include "models/infrastructure/zone.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
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
  const Duration downtime = duration_of(world, action, component(world, node), Purpose::node_crash_downtime, law);
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

bool update_group(World& world, NodeId node) {
  const CauseScope scope(world, world.note(NodeUpdateStarted{node}));
  return kubernetes::update_nodes(world, node);
}

/// Something of the machine's kubelet fails for a while.
template <class E>
bool fail_kubelet(World& world, NodeId node, const ResolvedAction& action, Purpose purpose, const Law& law) {
  Ongoing fault;
  fault.verb = action.verb;
  fault.component = component(world, node);
  fault.condition.node = node;
  const CauseScope scope(world, world.note(E{node}));
  begin(world, fault, duration_of(world, action, fault.component, purpose, law));
  return true;
}

bool fail_plugin(World& world, NodeId node, const ResolvedAction& action) {
  if (!infrastructure::node_up(world, node) || world.kubernetes.nodes[node].plugin_down) return false;
  return fail_kubelet<PluginFailed>(world, node, action, Purpose::not_ready_duration,
                                    world.plan->infra().node_not_ready_duration);
}

bool stop_kubelet(World& world, NodeId node, const ResolvedAction& action) {
  if (!infrastructure::node_up(world, node) || world.kubernetes.nodes[node].hangs) return false;
  return fail_kubelet<KubeletHangs>(world, node, action, Purpose::kubelet_stop_duration,
                                    world.plan->infra().kubelet_stop_duration);
}

bool taint_node(World& world, NodeId node) {
  const CauseScope scope(world, world.note(OutOfServiceTainted{node}));
  kubernetes::taint_out_of_service(world, node);
  return true;
}

bool run_short(World& world, CapacityPoolId pool, const ResolvedAction& action) {
  const CapacityPool& plan = world.plan->capacity_pools[pool];
  const infrastructure::Parameters& parameters = world.plan->infra();
  const Law& law =
      plan.capacity == Capacity::spot ? parameters.spot_shortage_duration : parameters.zone_loss_shortage_duration;
  world.note(CapacityShort{pool});
  infrastructure::run_short(world, pool, duration_of(world, action, plan.component, Purpose::shortage_duration, law));
  return true;
}

// ---- zones and network ----

bool cut_zone_power(World& world, ZoneId zone, const ResolvedAction& action) {
  constexpr double everything = 1;
  infrastructure::Outage outage = infrastructure::draw_outage(world, zone, action.extent.value_or(everything));
  if (outage.hits.empty() && !outage.dark) return false;
  const Law& law = world.plan->infra().zone_power_loss_duration;
  const ComponentId zone_component = world.plan->zones[zone].component;
  const Duration duration = duration_of(world, action, zone_component, Purpose::zone_power_duration, law);
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
  begin(world, fault, duration_of(world, action, fault.component, Purpose::zone_isolation_duration, law));
  return true;
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
  const service::Kind& kind = *world.plan->services[ServiceId::of(service)].kind;
  if (kind.provider_runs) return kind.maintain(world, ServiceId::of(service));
  kubernetes::start_rolling_restart(world, ServiceId::of(service));
  return true;
}

bool empty_process(World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  const CauseScope scope(world, world.note(ProcessEmptied{process}));
  return world.plan->services[service].kind->empty_process(world, service, process);
}

bool press_memory(World& world, ProcessId process) {
  const bool runs = world.processes[process].status == Status::running;
  if (!runs || world.kubernetes.pods[process].object != kubernetes::PodObject::bound) return false;
  const CauseScope scope(world, world.note(MemoryGrows{process}));
  kubernetes::memory_grows(world, process);
  return true;
}

bool press_disk(World& world, ProcessId process, Variant variant) {
  const bool runs = world.processes[process].status == Status::running;
  if (!runs || world.kubernetes.pods[process].object != kubernetes::PodObject::bound) return false;
  const CauseScope scope(world, world.note(DiskFills{process}));
  if (variant == Variant::machine)
    kubernetes::machine_disk_fills(world, process);
  else
    kubernetes::disk_fills(world, process);
  return true;
}

// ---- the provider's control planes ----

/// One of the region's services answers nobody.
template <class E>
bool stop_service_of_region(World& world, const ResolvedAction& action, Purpose purpose, const Law& law) {
  Ongoing fault;
  fault.verb = action.verb;
  fault.component = region_of(*world.plan);
  const CauseScope scope(world, world.note(E{fault.component}));
  begin(world, fault, duration_of(world, action, fault.component, purpose, law));
  return true;
}

bool stop_control_plane(World& world, std::uint16_t service, const ResolvedAction& action) {
  const ComponentId component = world.plan->services[ServiceId{service}].component;
  if (control_plane_out(world, ServiceId{service})) return false;
  Ongoing fault;
  fault.verb = Verb::control_plane_outage;
  fault.component = component;
  const Law& law = world.plan->infra().control_plane_outage_duration;
  const CauseScope scope(world, world.note(ControlPlaneStopped{service}));
  begin(world, fault, duration_of(world, action, component, Purpose::control_plane_duration, law));
  return true;
}

bool stop_service(World& world, std::uint16_t service, const ResolvedAction& action) {
  const ComponentId component = world.plan->services[ServiceId{service}].component;
  if (service_out(world, ServiceId{service})) return false;
  Ongoing fault;
  fault.verb = Verb::service_outage;
  fault.component = component;
  const Law& law = world.plan->infra().service_outage_duration;
  const CauseScope scope(world, world.note(ServiceStopped{service}));
  begin(world, fault, duration_of(world, action, component, Purpose::service_outage_duration, law));
  return true;
}

bool upgrade_control_plane(World& world, std::uint16_t service, Variant variant) {
  const CauseScope scope(world, world.note(ControlPlaneUpgraded{service}));
  const ServiceId id{service};
  return world.plan->services[id].kind->upgrade(world, id, variant);
}

bool modify_volume(World& world, VolumeId volume, const ResolvedAction& action) {
  if (world.infrastructure.volumes[volume].lost) return false;
  const CauseScope scope(world, world.note(VolumeChanged{volume}));
  infrastructure::modify_volume(world, volume, action.variant, *action.factor);
  return true;
}

// ---- load and metrics ----

/// What is on of that sort for the service ends now, for another takes its place.
void end_of_service(World& world, Verb verb, ServiceId service) {
  for (const Ongoing& fault : std::vector<Ongoing>(world.faults.ongoing)) {
    if (fault.verb == verb && fault.service == service) end_now(world, fault.id);
  }
}

Ongoing of_service(const World& world, Verb verb, std::uint16_t service) {
  Ongoing fault;
  fault.verb = verb;
  fault.service = ServiceId{service};
  fault.component = world.plan->services[fault.service].component;
  return fault;
}

bool change_load(World& world, std::uint16_t service, const ResolvedAction& action) {
  const CauseScope scope(world, world.note(LoadChanged{service}));
  end_of_service(world, Verb::load_change, ServiceId{service});
  Ongoing fault = of_service(world, Verb::load_change, service);
  fault.factor = *action.factor;
  begin(world, std::move(fault), action.duration.value_or(Duration::infinite()));
  return true;
}

bool stop_metrics(World& world, std::uint16_t service, const ResolvedAction& action) {
  const CauseScope scope(world, world.note(MetricsStopped{service}));
  end_of_service(world, Verb::metrics_outage, ServiceId{service});
  Ongoing fault = of_service(world, Verb::metrics_outage, service);
  fault.zero = action.variant == Variant::zero;
  fault.extent = action.extent;
  begin(world, std::move(fault), action.duration.value_or(Duration::infinite()));
  return true;
}

/// What is done by applying manifests to an API server. Those of static pods people change by hand.
bool applies_manifest(const Plan& plan, Verb verb, std::uint32_t index) {
  if (verb != Verb::rolling_restart && verb != Verb::bad_rollout && verb != Verb::failed_upgrade) return false;
  return std::ranges::any_of(plan.services[ServiceId::of(index)].workloads,
                             [&](WorkloadId workload) { return plan.workloads[workload].rules().creates; });
}

/// What people and planned work do by a command to an API server.
bool needs_api(const Plan& plan, Verb verb, std::uint32_t index) {
  switch (verb) {
    case Verb::drain:
    case Verb::node_update:
    case Verb::control_plane_upgrade:
    case Verb::delete_pod:
    case Verb::network_policy:
    case Verb::broken_role:
    case Verb::removed_apis:
    case Verb::out_of_service_taint: return true;
    default: return applies_manifest(plan, verb, index);
  }
}

}  // namespace

Duration duration_of(World& world, const ResolvedAction& action, ComponentId component, Purpose purpose,
                     const Law& law) {
  return action.duration ? *action.duration : world.draw(component, purpose, law);
}

bool apply(World& world, const ResolvedAction& action) {
  const std::uint32_t index = action.index;
  const auto service = static_cast<std::uint16_t>(index);  // of verbs that are about one
  const infrastructure::Parameters& infra = world.plan->infra();
  services::disturbed(world);
  if (!kubernetes::api_serves(world) && needs_api(*world.plan, action.verb, index)) return false;
  if (world.kubernetes.apis_removed && applies_manifest(*world.plan, action.verb, index)) return false;
  switch (action.verb) {
    case Verb::process_kill: return kill_process(world, ProcessId{index});
    case Verb::process_stop: return stop_process(world, ProcessId{index});
    case Verb::process_continue: return continue_process(world, ProcessId{index});
    case Verb::process_pause: return pause_process(world, ProcessId{index}, action.duration);
    case Verb::process_terminate: return terminate_process(world, ProcessId{index});
    case Verb::node_crash: return crash_node(world, NodeId{index}, action);
    case Verb::node_reboot: return reboot_node(world, NodeId{index}, action);
    case Verb::node_loss: return lose_node(world, NodeId{index});
    case Verb::zone_power_loss: return cut_zone_power(world, ZoneId::of(index), action);
    case Verb::zone_isolation: return isolate_zone(world, ZoneId::of(index), action);
    case Verb::partition: return partition(world, action);
    case Verb::heal: return heal_target(world, action);
    case Verb::volume_loss: return lose_volume(world, VolumeId{index});
    case Verb::volume_stuck: return stick_volume(world, VolumeId{index}, action);
    case Verb::spot_reclaim: return reclaim_node(world, NodeId{index});
    case Verb::rolling_restart: return roll_service(world, service);
    case Verb::drain: return drain_node(world, NodeId{index}, action.variant);
    case Verb::delete_pod: return delete_pod(world, ProcessId{index});
    case Verb::out_of_service_taint: return taint_node(world, NodeId{index});
    case Verb::component_fail: return components::fail(world, components::UnitId::of(index));
    case Verb::bad_rollout: return begin_bad_rollout(world, service, action.variant);
    case Verb::failed_upgrade: return begin_failed_upgrade(world, service);
    case Verb::wrong_command: return give_wrong_command(world, service, action.variant);
    case Verb::expired_certificate: return expire_certificate(world, service);
    case Verb::disk_slow: return slow_volume(world, VolumeId{index}, action);
    case Verb::volume_stalled: return stall_volume(world, VolumeId{index}, action);
    case Verb::network_slow: return slow_network(world, action);
    case Verb::packet_loss: return lose_packets(world, action);
    case Verb::cpu_starved: return starve_cpu(world, NodeId{index}, action);
    case Verb::clock_jump: return jump_clock(world, NodeId{index}, action);
    case Verb::control_plane_outage: return stop_control_plane(world, service, action);
    case Verb::service_outage: return stop_service(world, service, action);
    case Verb::region_api_outage:
      return stop_service_of_region<RegionApiStopped>(world, action, Purpose::region_api_duration,
                                                      infra.region_api_outage_duration);
    case Verb::kms_outage:
      return stop_service_of_region<KeyServiceStopped>(world, action, Purpose::kms_duration, infra.kms_outage_duration);
    case Verb::credentials_outage:
      return stop_service_of_region<TokenServiceStopped>(world, action, Purpose::credentials_duration,
                                                         infra.credentials_outage_duration);
    case Verb::space_quota: return reach_space_quota(world, service);
    case Verb::memory_pressure: return press_memory(world, ProcessId{index});
    case Verb::disk_pressure: return press_disk(world, ProcessId{index}, action.variant);
    case Verb::removed_apis: return remove_apis(world, service);
    case Verb::network_policy: return apply_policy(world, service);
    case Verb::broken_role: return break_role(world, service);
    case Verb::delete_data: return damage_data(world, service, action.variant);
    case Verb::empty_process: return empty_process(world, ProcessId{index});
    case Verb::node_not_ready: return fail_plugin(world, NodeId{index}, action);
    case Verb::kubelet_stop: return stop_kubelet(world, NodeId{index}, action);
    case Verb::capacity_shortage: return run_short(world, CapacityPoolId::of(index), action);
    case Verb::load_change: return change_load(world, service, action);
    case Verb::metrics_outage: return stop_metrics(world, service, action);
    case Verb::node_update: return update_group(world, NodeId{index});
    case Verb::control_plane_upgrade: return upgrade_control_plane(world, service, action.variant);
    case Verb::volume_modify: return modify_volume(world, VolumeId{index}, action);
    case Verb::shock: return components::strike(world, components::ShockId::of(index));
  }
  assert(false);
  return false;
}

}  // namespace nines::models::faults
