#include "models/faults/sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <tuple>

#include "models/components/stationary_life.hpp"
#include "models/components/unit.hpp"
#include "models/selector.hpp"

namespace nines::models::faults {

namespace {

class Enumerator {
 public:
  explicit Enumerator(const Plan& plan) : plan_(plan) {}

  std::vector<FaultSource> all() {
    processes();
    nodes();
    zones();
    volumes();
    changes();
    black_boxes();
    for (const OperationSpec& operation : plan_.topology.operations) add_operation(operation);
    return std::move(sources_);
  }

 private:
  /// `alike`: a number that things of one kind share and others of the same verb do not. False if it never happens.
  bool add(Verb verb, ComponentId target, std::uint16_t index, Rate rate, Purpose age, std::size_t alike,
           Variant variant = Variant::drawn) {
    const auto& without = plan_.topology.without_faults;
    if (rate.per_hour <= 0 || std::find(without.begin(), without.end(), verb_info(verb).name) != without.end())
      return false;
    const auto [family, fresh] = families_.emplace(std::tuple(verb, variant, alike), families_.size());
    const bool planned = verb_info(verb).category == Category::planned;
    sources_.push_back(
        {verb, variant, target, index, rate, age, planned, false, static_cast<std::uint16_t>(family->second)});
    return true;
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
      add(Verb::spot_reclaim, node.component, id.value, node.spot_reclaim, Purpose::spot_age, node.group);
    }
  }

  void zones() {
    const infrastructure::Parameters& p = plan_.infra();
    for (const ZoneId id : plan_.zones.ids()) {
      const ComponentId zone = plan_.zones[id].component;
      add(Verb::zone_power_loss, zone, id.value, p.zone_power_loss_rate, Purpose::zone_power_age, id.value);
      add(Verb::zone_isolation, zone, id.value, p.zone_isolation_rate, Purpose::zone_isolation_age, id.value);
    }
  }

  void volumes() {
    for (const VolumeId id : plan_.volumes.ids()) {
      const VolumePlan& volume = plan_.volumes[id];
      if (volume.node.exists()) continue;  // a local disk shares its machine's life
      add(Verb::volume_loss, volume.component, id.value, plan_.infra().volume_loss_rate, Purpose::volume_loss_age,
          pool_of(plan_.processes[volume.owner]));
    }
  }

  void changes() {
    for (std::size_t i = 0; i < plan_.services.size(); ++i) {
      if (plan_.services[ServiceId::of(i)].members.empty()) continue;
      bad_rollouts(i);
      const Parameters& p = plan_.topology.changes;
      const ComponentId service = plan_.services[ServiceId::of(i)].component;
      const auto index = static_cast<std::uint16_t>(i);
      add(Verb::failed_upgrade, service, index, share_of(p.upgrade_rate, p.upgrade_failure_share), Purpose::upgrade_age,
          i);
      wrong_commands(i);
      add(Verb::expired_certificate, service, index, p.certificate_rate, Purpose::certificate_age, i);
    }
  }

  static Rate share_of(Rate all, Ratio share) { return Rate{all.per_hour * share}; }

  void bad_rollouts(std::size_t service) {
    const Parameters& p = plan_.topology.changes;
    const Rate broken = share_of(p.rollout_rate, p.rollout_failure_share);
    const auto form = [&](Variant variant, Ratio share, Purpose age) {
      add(Verb::bad_rollout, plan_.services[ServiceId::of(service)].component, static_cast<std::uint16_t>(service),
          share_of(broken, share), age, service, variant);
    };
    form(Variant::stops, 1 - p.rollout_passes_share, Purpose::rollout_stops_age);
    form(Variant::passes, p.rollout_passes_share, Purpose::rollout_passes_age);
  }

  void wrong_commands(std::size_t service) {
    const Parameters& p = plan_.topology.changes;
    const auto form = [&](Variant variant, Ratio share, Purpose age) {
      add(Verb::wrong_command, plan_.services[ServiceId::of(service)].component, static_cast<std::uint16_t>(service),
          share_of(p.command_rate, share), age, service, variant);
    };
    const Ratio wider = 1 - p.command_pod_share;
    form(Variant::pod, p.command_pod_share, Purpose::command_pod_age);
    form(Variant::service, wider * p.command_service_share, Purpose::command_service_age);
    form(Variant::machine, wider * (1 - p.command_service_share), Purpose::command_machine_age);
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
    for (const Verb verb : {Verb::rolling_restart, Verb::drain}) {
      if (verb_info(verb).name == operation.verb) return verb;
    }
    throw std::invalid_argument(
        fmt::format("'{}' is no planned operation; expected rolling-restart or drain", operation.verb));
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
    for (const std::uint16_t index : targets) {
      const ComponentId target =
          verb == Verb::drain ? plan_.nodes[NodeId{index}].component : plan_.services[ServiceId{index}].component;
      // What is done to one service is not alike what is done to another.
      const std::size_t service = verb == Verb::drain ? service_on(NodeId{index}) : index;
      add(verb, target, index, operation.rate, Purpose::operation_age, service, operation.variant);
    }
  }

  const Plan& plan_;
  std::vector<FaultSource> sources_;
  std::map<std::tuple<Verb, Variant, std::size_t>, std::size_t> families_;
};

}  // namespace

std::vector<FaultSource> enumerate_faults(const Plan& plan) { return Enumerator(plan).all(); }

}  // namespace nines::models::faults
