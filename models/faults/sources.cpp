#include "models/faults/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

#include "models/components/stationary_life.hpp"
#include "models/components/unit.hpp"
#include "models/faults/network.hpp"
#include "models/faults/possible.hpp"
#include "models/selector.hpp"
#include "models/service/kind.hpp"

namespace nines::models::faults {

namespace {

/// Of one machine, its network among them here. An update is one of a whole group, whose first place names it.
bool strikes_place(Verb verb) {
  if (verb == Verb::node_update) return false;
  return verb_info(verb).target == TargetKind::node || verb == Verb::network_slow || verb == Verb::packet_loss;
}

class Enumerator {
 public:
  explicit Enumerator(const Plan& plan) : plan_(plan) {}

  std::vector<FaultSource> all() {
    processes();
    nodes();
    zones();
    control_planes();
    volumes();
    capacity_pools();
    conditions();
    changes();
    black_boxes();
    for (const OperationSpec& operation : plan_.topology.operations) add_operation(operation);
    return std::move(sources_);
  }

 private:
  /// `alike`: a number that things of one kind share and others of the same verb do not. False if it never happens.
  bool add(Verb verb, ComponentId target, std::uint32_t index, Rate rate, Purpose age, std::size_t alike,
           Variant variant = Variant::drawn) {
    const auto& without = plan_.topology.without_faults;
    if (rate.per_hour <= 0 || std::find(without.begin(), without.end(), verb_info(verb).name) != without.end())
      return false;
    if (why_impossible(plan_, verb, variant, index)) return false;
    const auto [family, fresh] = families_.emplace(std::tuple(verb, variant, alike), families_.size());
    const bool planned = verb_info(verb).category == Category::planned;
    sources_.push_back({verb, variant, target, index, rate, age, planned, false, is_dormant(verb, index),
                        static_cast<std::uint16_t>(family->second)});
    return true;
  }

  /// What the verb would strike is not there in health: the place of a machine is vacant, or a process parked.
  [[nodiscard]] bool is_dormant(Verb verb, std::uint32_t index) const {
    if (strikes_place(verb)) return plan_.vacant(NodeId{index});
    return verb_info(verb).target == TargetKind::process && plan_.processes[ProcessId{index}].parked;
  }

  /// Numbers the pools of all services.
  static std::size_t pool_of(const ProcessPlan& process) {
    constexpr std::size_t most_pools = 1000;
    return process.service.value * most_pools + process.pool;
  }

  void processes() {
    for (const ProcessId id : plan_.processes.ids()) {
      const ProcessPlan& process = plan_.processes[id];
      if (!process.service.exists()) continue;
      add(Verb::process_kill, process.component, id.value, plan_.infra().process_crash_rate, Purpose::process_crash_age,
          pool_of(process));
      add(Verb::process_pause, process.component, id.value, plan_.infra().process_pause_rate,
          Purpose::process_pause_age, pool_of(process));
      add(Verb::memory_pressure, process.component, id.value, plan_.infra().memory_pressure_rate,
          Purpose::memory_pressure_age, pool_of(process));
      const infrastructure::Parameters& p = plan_.infra();
      add(Verb::disk_pressure, process.component, id.value,
          share_of(p.disk_pressure_rate, 1 - p.disk_pressure_machine_share), Purpose::disk_pressure_age,
          pool_of(process), Variant::pod);
      add(Verb::disk_pressure, process.component, id.value,
          share_of(p.disk_pressure_rate, p.disk_pressure_machine_share), Purpose::disk_full_age, pool_of(process),
          Variant::machine);
    }
  }

  void nodes() {
    const infrastructure::Parameters& p = plan_.infra();
    for (const NodeId id : plan_.nodes.ids()) {
      const NodePlan& node = plan_.nodes[id];
      add(Verb::node_crash, node.component, id.value, p.node_crash_rate, Purpose::node_crash_age, node.group);
      add(Verb::node_loss, node.component, id.value, p.node_loss_rate, Purpose::node_loss_age, node.group);
      // Whoever hears of a retirement gives the machine up at once, as kubectl drain and Karpenter's interruption do.
      add(Verb::drain, node.component, id.value, p.node_retirement_rate, Purpose::node_retirement_age, node.group,
          Variant::evict_first);
      add(Verb::drain, node.component, id.value, node.expiry, Purpose::node_expiry_age, node.group,
          plan_.kube().karpenter_expiry_forceful ? Variant::evict_first : Variant::launch_first);
      add(Verb::spot_reclaim, node.component, id.value, node.spot_reclaim, Purpose::spot_age, node.group);
    }
  }

  void zones() {
    const infrastructure::Parameters& p = plan_.infra();
    if (!plan_.topology.zones_named) return;
    for (const ZoneId id : plan_.zones.ids()) {
      const ComponentId zone = plan_.zones[id].component;
      add(Verb::zone_power_loss, zone, id.value, p.zone_power_loss_rate, Purpose::zone_power_age, id.value);
      add(Verb::zone_isolation, zone, id.value, p.zone_isolation_rate, Purpose::zone_isolation_age, id.value);
    }
  }

  /// Of whatever is one that a provider runs, and the region's own.
  void control_planes() {
    if (!plan_.zones.empty()) {
      const infrastructure::Parameters& p = plan_.infra();
      const ComponentId region = region_of(plan_);
      add(Verb::region_api_outage, region, 0, p.region_api_outage_rate, Purpose::region_api_age, 0);
      add(Verb::kms_outage, region, 0, p.kms_outage_rate, Purpose::kms_age, 0);
      add(Verb::credentials_outage, region, 0, p.credentials_outage_rate, Purpose::credentials_age, 0);
    }
    for (const ServiceId id : plan_.services.ids()) {
      add(Verb::control_plane_outage, plan_.services[id].component, id.value, plan_.infra().control_plane_outage_rate,
          Purpose::control_plane_age, id.value);
      add(Verb::service_outage, plan_.services[id].component, id.value, plan_.infra().service_outage_rate,
          Purpose::service_outage_age, id.value);
    }
  }

  void volumes() {
    for (const VolumeId id : plan_.volumes.ids()) {
      const VolumePlan& volume = plan_.volumes[id];
      add(Verb::volume_loss, volume.component, id.value, volume.loss_rate, Purpose::volume_loss_age,
          pool_of(plan_.processes[volume.owner]));
    }
  }

  void capacity_pools() {
    for (const CapacityPoolId id : plan_.capacity_pools.ids()) {
      const CapacityPool& pool = plan_.capacity_pools[id];
      add(Verb::capacity_shortage, pool.component, id.value, pool.storms, Purpose::storm_age, id.value);
    }
  }

  /// Grey faults. Instance stores are left to the machine's other faults.
  void conditions() {
    const infrastructure::Parameters& p = plan_.infra();
    for (const VolumeId id : plan_.volumes.ids()) {
      const VolumePlan& volume = plan_.volumes[id];
      if (!rules_of(volume.kind).ebs) continue;
      const std::size_t pool = pool_of(plan_.processes[volume.owner]);
      add(Verb::disk_slow, volume.component, id.value, p.volume_slow_rate, Purpose::volume_slow_age, pool);
      add(Verb::volume_stalled, volume.component, id.value, p.volume_stall_rate, Purpose::volume_stall_age, pool);
    }
    for (const NodeId id : plan_.nodes.ids()) {
      const NodePlan& node = plan_.nodes[id];
      add(Verb::network_slow, node.component, id.value, p.network_slow_rate, Purpose::network_slow_age, node.group);
      add(Verb::packet_loss, node.component, id.value, p.packet_loss_rate, Purpose::packet_loss_age, node.group);
      add(Verb::node_not_ready, node.component, id.value, p.node_not_ready_rate, Purpose::not_ready_age, node.group);
      add(Verb::kubelet_stop, node.component, id.value, p.kubelet_stop_rate, Purpose::kubelet_stop_age, node.group);
      add(Verb::cpu_starved, node.component, id.value, p.cpu_starved_rate, Purpose::cpu_starved_age, node.group);
      add(Verb::clock_jump, node.component, id.value, p.clock_jump_rate, Purpose::clock_jump_age, node.group);
    }
  }

  void changes() {
    for (std::size_t i = 0; i < plan_.services.size(); ++i) {
      add(Verb::removed_apis, plan_.services[ServiceId::of(i)].component, static_cast<std::uint32_t>(i),
          plan_.topology.changes.removed_apis_rate, Purpose::removed_apis_age, i);
      if (plan_.services[ServiceId::of(i)].members.empty()) continue;
      bad_rollouts(i);
      const Parameters& p = plan_.topology.changes;
      const ComponentId service = plan_.services[ServiceId::of(i)].component;
      const auto index = static_cast<std::uint32_t>(i);
      add(Verb::failed_upgrade, service, index, share_of(p.upgrade_rate, p.upgrade_failure_share), Purpose::upgrade_age,
          i);
      wrong_commands(i);
      damages_of_data(i);
      const ServiceSpec& spec = plan_.spec(ServiceId::of(i));
      const double unnoticed = spec.kind->quota_by_rate(spec) ? p.space_quota_rate.per_hour : 0;
      const Rate full{unnoticed + spec.kind->reaches_quota(spec).per_hour};
      add(Verb::space_quota, service, index, full, Purpose::space_quota_age, i);
      add(Verb::network_policy, service, index, p.network_policy_rate, Purpose::network_policy_age, i);
      add(Verb::broken_role, service, index, p.broken_role_rate, Purpose::broken_role_age, i);
      add(Verb::expired_certificate, service, index, p.certificate_rate, Purpose::certificate_age, i);
    }
  }

  static Rate share_of(Rate all, Ratio share) { return Rate{all.per_hour * share}; }

  void bad_rollouts(std::size_t service) {
    const Parameters& p = plan_.topology.changes;
    const Rate broken = share_of(p.rollout_rate, p.rollout_failure_share);
    const auto form = [&](Variant variant, Ratio share, Purpose age) {
      add(Verb::bad_rollout, plan_.services[ServiceId::of(service)].component, static_cast<std::uint32_t>(service),
          share_of(broken, share), age, service, variant);
    };
    const Ratio passes = turns_clients_away(plan_, ServiceId::of(service)) ? p.rollout_passes_share : 0;
    form(Variant::stops, 1 - passes, Purpose::rollout_stops_age);
    form(Variant::passes, passes, Purpose::rollout_passes_age);
  }

  void wrong_commands(std::size_t service) {
    const Parameters& p = plan_.topology.changes;
    const auto form = [&](Variant variant, Ratio share, Purpose age) {
      add(Verb::wrong_command, plan_.services[ServiceId::of(service)].component, static_cast<std::uint32_t>(service),
          share_of(p.command_rate, share), age, service, variant);
    };
    const Ratio wider = 1 - p.command_pod_share;
    form(Variant::pod, p.command_pod_share, Purpose::command_pod_age);
    form(Variant::service, wider * p.command_service_share, Purpose::command_service_age);
    form(Variant::machine, wider * (1 - p.command_service_share), Purpose::command_machine_age);
  }

  /// Of services whose file says how their data are saved.
  void damages_of_data(std::size_t service) {
    const ServicePlan& plan = plan_.services[ServiceId::of(service)];
    const bool said = std::ranges::any_of(plan_.topology.backups,
                                          [&](const BackupSpec& backup) { return backup.service == plan.name; });
    if (!said) return;
    const Parameters& p = plan_.topology.changes;
    const auto index = static_cast<std::uint32_t>(service);
    add(Verb::delete_data, plan.component, index, p.data_deletion_rate, Purpose::data_deletion_age, service,
        Variant::deleted);
    add(Verb::delete_data, plan.component, index, p.data_corruption_rate, Purpose::data_corruption_age, service,
        Variant::corrupted);
  }

  /// Of a whole unit in the long run: fewer lives that age end by themselves where shocks end them.
  [[nodiscard]] Rate failure_rate(components::BoxId box) const {
    const components::ComponentSpec& spec = plan_.topology.components[plan_.black_boxes.boxes[box].spec];
    const double shocks = components::shocks_per_hour(plan_, box);
    if (!spec.failure || shocks <= 0) return spec.failure_rate;
    return {components::stationary_life(*spec.failure, shocks).failures_per_hour};
  }

  void black_boxes() {
    const components::BlackBoxes& all = plan_.black_boxes;
    components::BoxId box;
    Rate rate;
    for (const components::UnitId id : all.units.ids()) {
      const components::UnitPlan& unit = all.units[id];
      if (box != unit.box) rate = failure_rate(unit.box);
      box = unit.box;
      const bool added =
          add(Verb::component_fail, unit.component, id.value, rate, Purpose::component_failure_age, unit.box.value);
      if (added) sources_.back().ageing = components::ageing(plan_, unit.box);
    }
    for (const components::ShockId id : all.shocks.ids()) {
      const components::ShockPlan& shock = all.shocks[id];
      add(Verb::shock, shock.component, id.value, plan_.topology.shocks[shock.spec].rate, Purpose::shock_failure_age,
          id.value);
    }
  }

  static Verb operation_verb(const OperationSpec& operation) {
    for (const Verb verb : {Verb::rolling_restart, Verb::drain, Verb::node_update, Verb::control_plane_upgrade}) {
      if (verb_info(verb).name == operation.verb) return verb;
    }
    throw std::invalid_argument(fmt::format(
        "'{}' is no planned operation; expected rolling-restart, drain, node-update or control-plane-upgrade",
        operation.verb));
  }

  /// The first service with a process on the machine; of a machine without any the first of all.
  [[nodiscard]] std::size_t service_on(NodeId node) const {
    ServiceId first;
    for (const ProcessPlan& process : plan_.processes) {
      if (process.node == node && process.service.exists()) first = std::min(first, process.service);
    }
    return first.exists() ? first.value : 0;
  }

  void add_operation(const OperationSpec& operation) {
    const Verb verb = operation_verb(operation);
    const auto targets = planned_targets(plan_, verb, operation.target);
    if (targets.empty()) {
      throw std::invalid_argument(
          fmt::format("the target '{}' of the operation {} does not exist", operation.target, operation.verb));
    }
    if (verb == Verb::node_update) return add_update(operation, NodeId{targets.front()});
    for (const std::uint32_t index : targets) {
      const ComponentId target =
          verb == Verb::drain ? plan_.nodes[NodeId{index}].component : plan_.services[ServiceId::of(index)].component;
      // What is done to one service is not alike what is done to another.
      const std::size_t service = verb == Verb::drain ? service_on(NodeId{index}) : index;
      add(verb, target, index, planned_rate(plan_.topology, operation), Purpose::operation_age, service,
          operation.variant);
    }
  }

  /// One clock for a whole node group: that of its first machine.
  void add_update(const OperationSpec& operation, NodeId first) {
    const NodePlan& node = plan_.nodes[first];
    add(Verb::node_update, node.component, first.value, planned_rate(plan_.topology, operation), Purpose::operation_age,
        node.group);
  }

  const Plan& plan_;
  std::vector<FaultSource> sources_;
  std::map<std::tuple<Verb, Variant, std::size_t>, std::size_t> families_;
};

}  // namespace

std::vector<FaultSource> enumerate_faults(const Plan& plan) { return Enumerator(plan).all(); }

NodeId machine_struck(const FaultSource& source) {
  return strikes_place(source.verb) ? NodeId{source.index} : NodeId::none();
}

}  // namespace nines::models::faults
