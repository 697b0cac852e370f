#include "models/faults/clocks.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "models/capacity_pools.hpp"
#include "models/components/unit.hpp"
#include "models/faults/apply.hpp"
#include "models/faults/events.hpp"
#include "models/infrastructure/capacity.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"
#include "sim/math.hpp"
#include "sim/time_units.hpp"

namespace nines::models::faults {

namespace {

/// An ageing unit's clock: what is left of its life at its present age.
void arm_life(World& world, std::size_t source) {
  const FaultSource& plan = world.plan->faults[source];
  const auto unit = components::UnitId::of(plan.index);
  const components::BlackBoxes& boxes = world.plan->black_boxes;
  const Law& law = *world.plan->topology.components[boxes.boxes[boxes.units[unit].box].spec].failure;
  const Duration age = components::age(world, unit, world.now);
  const double hazard = law.cumulative_hazard(age) - sim::log(world.uniform(plan.target, plan.age));
  world.faults.clocks[source] = world.schedule(world.now + std::max(Duration(), law.age_at_hazard(hazard) - age),
                                               FaultArrives{static_cast<std::uint32_t>(source)}, sim::Priority::fault);
}

void arm(World& world, std::size_t source) {
  const FaultSource& plan = world.plan->faults[source];
  if (plan.ageing) return arm_life(world, source);
  const double age = -sim::log(world.uniform(plan.target, plan.age));
  const Duration wait = Duration::from_seconds(age / plan.rate.per_hour * sim::seconds_per_hour);
  world.faults.clocks[source] =
      world.schedule(world.now + wait, FaultArrives{static_cast<std::uint32_t>(source)}, sim::Priority::fault);
}

ResolvedAction action_of(const FaultSource& source) {
  ResolvedAction action;
  action.verb = source.verb;
  action.index = source.index;
  action.variant = source.variant;
  return action;
}

/// What happens to the network of a machine: of the slot, whichever machine stands there.
bool strike_network(World& world, const FaultSource& source) {
  ResolvedAction action = action_of(source);
  action.side = {world.plan->network.node_endpoint[source.index]};
  action.index = 0;
  return apply(world, action);
}

/// Another running machine of the zone, each as likely; none if there is none.
NodeId neighbour(World& world, NodeId node) {
  std::vector<NodeId> others;
  for (const NodeId other : world.plan->zones[world.plan->nodes[node].zone].nodes) {
    if (other != node && infrastructure::node_up(world, other)) others.push_back(other);
  }
  if (others.empty()) return NodeId::none();
  const double u = world.uniform(world.plan->nodes[node].component, Purpose::node_crash_burst);
  return others[static_cast<std::size_t>(u * static_cast<double>(others.size()))];
}

/// Ford et al., OSDI 2010: a share of node failures sits in bursts of two or more nodes (AWS sheet, section 3).
bool crash_with_burst(World& world, const FaultSource& source) {
  const NodeId node{source.index};
  const ComponentId component = world.plan->nodes[node].component;
  const bool burst = world.uniform(component, Purpose::node_crash_burst) < world.plan->infra().node_crash_burst_share;
  const auto first = static_cast<sim::CauseId>(world.trace.first_id() + world.trace.records().size());
  ResolvedAction action = action_of(source);
  if (!apply(world, action)) return false;
  if (!burst) return true;
  const NodeId second = neighbour(world, node);
  if (!second.exists()) return true;
  const CauseScope scope(world, first);  // the first crash's own record
  action.index = second.value;
  apply(world, action);
  return true;
}

/// Only Spot machines are taken back, and the slot's may be another one now.
bool reclaim_spot(World& world, const FaultSource& source) {
  const CapacityPoolId pool = infrastructure::pool_of(world, NodeId{source.index});
  return world.plan->capacity_pools[pool].capacity == Capacity::spot && apply(world, action_of(source));
}

/// The pools that a storm comes to: the one that it begins with, and those that it spreads to.
std::vector<CapacityPoolId> pools_of_storm(World& world, CapacityPoolId first) {
  std::vector<CapacityPoolId> pools{first};
  for (const CapacityPoolId other : world.plan->capacity_pools.ids()) {
    const Ratio spread =
        spread_of_storm(world.plan->infra(), world.plan->capacity_pools[first], world.plan->capacity_pools[other]);
    if (spread > 0 && infrastructure::spreads_to(world, other, spread)) pools.push_back(other);
  }
  return pools;
}

/// The provider needs Spot machines of a type: it takes those that run back within minutes, and has none to give for a
/// while (AWS sheet, section 7).
bool storm(World& world, const FaultSource& source) {
  const std::vector<CapacityPoolId> pools = pools_of_storm(world, CapacityPoolId::of(source.index));
  std::vector<NodeId> taken;
  for (const NodeId node : world.plan->nodes.ids()) {
    const NodePlan& plan = world.plan->nodes[node];
    if (plan.offerings.empty()) continue;
    const bool here = std::find(pools.begin(), pools.end(), infrastructure::pool_of(world, node)) != pools.end();
    if (here && world.uniform(plan.component, Purpose::spot_pool) < plan.storm_hit) taken.push_back(node);
  }
  const auto first = static_cast<sim::CauseId>(world.trace.first_id() + world.trace.records().size());
  ResolvedAction action = action_of(source);
  apply(world, action);
  const CauseScope scope(world, first);
  for (const CapacityPoolId pool : pools) {
    action.index = pool.value;
    if (pool != pools.front()) apply(world, action);
  }
  action.verb = Verb::spot_reclaim;
  for (const NodeId node : taken) {
    action.index = node.value;
    apply(world, action);
  }
  return true;
}

/// A unit that stands by fails with its share of the rate only.
bool fail_unit(World& world, const FaultSource& source) {
  const double exposure = components::exposure(world, components::UnitId::of(source.index));
  if (exposure <= 0) return false;
  // Whoever forces a fault has reckoned with the unit's exposure.
  if (exposure < 1 && !world.faults.forcing.bends &&
      world.uniform(source.target, Purpose::component_dormant) >= exposure)
    return false;
  return apply(world, action_of(source));
}

bool lose_power_with_extent(World& world, const FaultSource& source) {
  const infrastructure::Parameters& p = world.plan->infra();
  const bool partial = world.uniform(source.target, Purpose::zone_power_severity) < p.zone_power_loss_partial_share;
  ResolvedAction action = action_of(source);
  action.extent = partial ? p.zone_power_loss_partial_extent : p.zone_power_loss_severe_extent;
  return apply(world, action);
}

}  // namespace

namespace {

/// What comes to a machine comes to the one that the slot's pod has now, where each pod has its own.
bool strike_where_planned(World& world, const FaultSource& source);

/// What machines are struck by: by a slot's number.
bool of_machine(Verb verb) {
  return verb_info(verb).target == TargetKind::node || verb == Verb::network_slow || verb == Verb::packet_loss;
}

}  // namespace

bool strike(World& world, const FaultSource& source) {
  FaultSource now = source;
  if (of_machine(source.verb) && world.plan->on_fargate(NodeId{source.index})) {
    const NodeId machine = kubernetes::machine_now(world, NodeId{source.index});
    if (!machine.exists()) return false;
    now.index = machine.value;
  }
  const bool struck = strike_where_planned(world, now);
  // It may strike outside any event.
  if (world.plan->alerts.monitored) alerts::look(world);
  return struck;
}

namespace {

bool strike_where_planned(World& world, const FaultSource& source) {
  switch (source.verb) {
    case Verb::node_crash: return crash_with_burst(world, source);
    case Verb::spot_reclaim: return reclaim_spot(world, source);
    case Verb::capacity_shortage: return storm(world, source);
    case Verb::zone_power_loss: return lose_power_with_extent(world, source);
    case Verb::component_fail: return fail_unit(world, source);
    case Verb::network_slow:
    case Verb::packet_loss: return strike_network(world, source);
    default: return apply(world, action_of(source));
  }
}

void start(World& world, std::size_t source) {
  world.faults.clocks.resize(world.plan->faults.size());
  world.faults.running.resize(world.plan->faults.size(), 0);
  assert(world.faults.running[source] == 0);
  world.faults.running[source] = 1;
  // A unit that has no life now gets its clock when one begins.
  const FaultSource& plan = world.plan->faults[source];
  if (!plan.ageing || components::exposure(world, components::UnitId::of(plan.index)) > 0) arm(world, source);
}

/// An ageing unit's source if its clock runs, else none.
std::optional<std::size_t> running_life(const World& world, std::uint16_t unit) {
  if (world.faults.running.empty()) return std::nullopt;
  const std::size_t source = world.plan->black_boxes.units[components::UnitId{unit}].source;
  if (source == components::no_source) return std::nullopt;
  const bool runs = world.faults.running[source] != 0 && world.plan->faults[source].ageing;
  return runs ? std::optional(source) : std::nullopt;
}

}  // namespace

void start_fault_clocks(World& world) {
  for (std::size_t source = 0; source < world.plan->faults.size(); ++source) {
    if (world.faults.running.empty() || world.faults.running[source] == 0) start(world, source);
  }
}

void start_fault_clocks(World& world, std::span<const std::uint32_t> sources) {
  for (const std::uint32_t source : sources) start(world, source);
}

void life_began(World& world, std::uint16_t unit) {
  if (const auto source = running_life(world, unit)) arm(world, *source);
}

void life_ended(World& world, std::uint16_t unit) {
  if (const auto source = running_life(world, unit)) world.queue.cancel(world.faults.clocks[*source]);
}

void exposures_changed(World& world, components::BoxId box) {
  Forcing& forcing = world.faults.forcing;
  if (!forcing.records) return;
  const components::BoxPlan& plan = world.plan->black_boxes.boxes[box];
  for (std::uint16_t i = 0; i < plan.count; ++i) {
    const components::UnitId unit = components::UnitId::of(plan.first.value + std::size_t{i});
    const components::UnitState& state = world.components.units[unit];
    const Exposure now{unit.value, world.now, components::exposure(world, unit), state.born, state.born_here};
    std::uint32_t& latest = forcing.latest[unit.value];
    if (latest > 0) {
      const Exposure& before = forcing.exposures[latest - 1];
      if (before.share == now.share && before.born == now.born && before.born_here == now.born_here) continue;
    } else if (!now.born_here && now.share == components::first_exposure(*world.plan, unit)) {
      continue;
    }
    forcing.exposures.push_back(now);
    latest = static_cast<std::uint32_t>(forcing.exposures.size());
  }
}

bool happens(World& world, ComponentId component, Purpose purpose, double p) {
  const double u = world.uniform(component, purpose);
  Forcing& forcing = world.faults.forcing;
  if (!forcing.bends || p <= 0 || p >= 1) return u < p;
  const double bent = (p + 0.5) / 2;
  const bool result = u < bent;
  forcing.weight *= result ? p / bent : (1 - p) / (1 - bent);
  return result;
}

Duration repair_length(World& world, ComponentId component, Purpose purpose, const Law& law) {
  Forcing& forcing = world.faults.forcing;
  if (!forcing.bends || forcing.longer == 0 || law.law == Law::Law::constant)
    return world.draw(component, purpose, law);
  // Only the first of them: the weights of many would differ too much.
  const int most = std::exchange(forcing.longer, 0);
  // A score weighed by its j-th power is the sum of j + 1 such scores.
  const int powers = static_cast<int>(world.uniform(component, purpose) * (most + 1));
  double score = 0;
  for (int i = 0; i <= powers; ++i) score -= sim::log(world.uniform(component, purpose));
  double density = 0;
  double power = 1;
  for (int j = 0; j <= most; ++j) {
    density += power / (most + 1);
    power *= score / (j + 1);
  }
  forcing.weight /= density;
  constexpr double last = 1 - 0x1p-53;
  return law.quantile(std::clamp(-sim::expm1(-score), 0x1p-53, last));
}

void stop_fault_clocks(World& world) {
  for (const sim::TimerId clock : world.faults.clocks) world.queue.cancel(clock);
  world.faults.clocks.clear();
  world.faults.running.clear();
}

void on(World& world, const FaultArrives& event) {
  world.trace.retract(world.trace.current());  // the fault's own event is the root of its chain
  const CauseScope root(world, sim::no_cause);
  const FaultSource& source = world.plan->faults[event.source];
  if (!source.ageing) arm(world, event.source);
  strike(world, source);
}

}  // namespace nines::models::faults
