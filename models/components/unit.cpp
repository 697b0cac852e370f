#include "models/components/unit.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "models/components/crew.hpp"
#include "models/components/events.hpp"
#include "models/components/spec_of.hpp"
#include "models/faults/clocks.hpp"
#include "models/structure/evaluate.hpp"
#include "models/world.hpp"

namespace nines::models::components {

namespace {

const BoxPlan& box_of(const World& world, UnitId unit) {
  return world.plan->black_boxes.boxes[world.plan->black_boxes.units[unit].box];
}
const ComponentSpec& unit_spec(const World& world, UnitId unit) {
  return spec_of(*world.plan, world.plan->black_boxes.units[unit].box);
}
ComponentId component(const World& world, UnitId unit) { return world.plan->black_boxes.units[unit].component; }

UnitId unit_at(const BoxPlan& box, std::size_t position) {
  return UnitId{static_cast<std::uint16_t>(box.first.value + position)};
}

// ---- what requirements see ----

bool masked(const World& world, const BoxPlan& box, std::size_t position) {
  const BlackBoxes& all = world.plan->black_boxes;
  return std::any_of(box.masked_by.begin(), box.masked_by.end(), [&](BoxId mask) {
    const BoxPlan& other = all.boxes[mask];
    if (other.count == 1) return world.components.boxes[mask].working == 0;
    const UnitState& unit = world.components.units[unit_at(other, position)];
    return !unit.active || world.components.boxes[mask].switching || masked(world, other, position);
  });
}

std::uint16_t working_units(const World& world, BoxId id) {
  const BoxPlan& box = world.plan->black_boxes.boxes[id];
  const BoxState& state = world.components.boxes[id];
  if (state.switching) return 0;
  if (box.masked_by.empty()) return state.active;
  std::uint16_t working = 0;
  for (std::size_t i = 0; i < box.count; ++i) {
    if (world.components.units[unit_at(box, i)].active && !masked(world, box, i)) ++working;
  }
  return working;
}

void set_active(World& world, UnitId unit, bool active) {
  UnitState& state = world.components.units[unit];
  if (state.active == active) return;
  state.active = active;
  BoxState& box = world.components.boxes[world.plan->black_boxes.units[unit].box];
  box.active = static_cast<std::uint16_t>(box.active + (active ? 1 : -1));
}

/// A whole unit that stands by; none if there is none.
UnitId standby_of(const World& world, const BoxPlan& box) {
  for (std::size_t i = 0; i < box.count; ++i) {
    const UnitState& unit = world.components.units[unit_at(box, i)];
    if (unit.phase == Phase::whole && !unit.active) return unit_at(box, i);
  }
  return UnitId::none();
}

/// Standby units fill the places of those that serve.
void fill_places(World& world, const BoxPlan& box, BoxState& state) {
  while (state.active < box.active) {
    const UnitId standby = standby_of(world, box);
    if (!standby.exists()) return;
    set_active(world, standby, true);
  }
}

// ---- lives ----

/// Whether the unit can fail in what it is doing, its box apart.
bool lives(const World& world, UnitId unit) {
  const UnitState& state = world.components.units[unit];
  if (state.phase == Phase::whole) return true;
  return state.phase == Phase::stage && unit_spec(world, unit).stages[state.stage].fails;
}

void begin_life(World& world, UnitId unit) {
  UnitState& state = world.components.units[unit];
  state.born = world.now;
  state.born_here = true;
  faults::life_began(world, unit.value);
}

// ---- failure and repair ----

bool can_fail(const World& world, UnitId unit) {
  return !world.components.boxes[world.plan->black_boxes.units[unit].box].switching && lives(world, unit);
}

void start_switchover(World& world, UnitId failed) {
  const BoxId id = world.plan->black_boxes.units[failed].box;
  const SwitchoverSpec& spec = *unit_spec(world, failed).standby->switchover;
  BoxState& box = world.components.boxes[id];
  box.switching = true;
  box.switched = failed;
  ++world.components.not_whole;
  const ComponentId stream = component(world, failed);
  const bool covered = !faults::happens(world, stream, Purpose::component_coverage, 1 - spec.coverage);
  const Law& law = covered ? spec.duration : spec.uncovered_duration;
  const Duration length = world.draw(stream, Purpose::component_switchover, law);
  world.components.units[failed].phase = Phase::held;
  world.schedule(world.now + length, SwitchoverDone{id}, sim::Priority::state);
}

/// The failed unit waits for its crew, or its own repairer begins. Returns whether it waits: the crew is to be
/// dispatched.
bool seek_repair(World& world, UnitId unit) {
  UnitState& state = world.components.units[unit];
  if (!unit_spec(world, unit).repair) {
    state.phase = Phase::dead;
    return false;
  }
  if (!box_of(world, unit).crew.exists()) {
    begin_repair(world, unit);
    return false;
  }
  state.phase = Phase::waiting;
  return true;
}

void enter_stage(World& world, UnitId unit, std::uint8_t stage) {
  UnitState& state = world.components.units[unit];
  const StageSpec& spec = unit_spec(world, unit).stages[stage];
  const bool lived = lives(world, unit);
  state.phase = Phase::stage;
  state.stage = stage;
  set_active(world, unit, spec.works);
  if (spec.fails && !lived) begin_life(world, unit);
  if (lived && !spec.fails) faults::life_ended(world, unit.value);
  const Duration length = world.draw(component(world, unit), Purpose::component_stage, spec.duration);
  state.timer = world.schedule(world.now + length, StagePassed{unit}, sim::Priority::state);
}

void become_whole(World& world, UnitId unit) {
  const BoxId id = world.plan->black_boxes.units[unit].box;
  const BoxPlan& plan = world.plan->black_boxes.boxes[id];
  UnitState& state = world.components.units[unit];
  BoxState& box = world.components.boxes[id];
  const bool lived = lives(world, unit);
  state.phase = Phase::whole;
  --box.failed;
  --world.components.not_whole;
  if (!lived) begin_life(world, unit);
  if (!unit_spec(world, unit).standby) {
    set_active(world, unit, true);
  } else if (!box.switching) {
    fill_places(world, plan, box);
  }
}

/// The first stage from `stage` on that takes time: one that takes none is passed at once, however often it would be
/// gone through again.
std::size_t lasting(const ComponentSpec& spec, std::size_t stage) {
  const auto none = [](const Law& law) { return law.a == Duration() && law.mean() == Duration(); };
  while (stage < spec.stages.size() && none(spec.stages[stage].duration)) ++stage;
  return stage;
}

void advance(World& world, UnitId unit, std::size_t next_stage) {
  const ComponentSpec& spec = unit_spec(world, unit);
  const std::size_t stage = lasting(spec, next_stage);
  if (stage < spec.stages.size()) {
    enter_stage(world, unit, static_cast<std::uint8_t>(stage));
  } else {
    become_whole(world, unit);
  }
}

// ---- masks ----

/// The unit has to catch up, unless its repair leads there anyway.
void unmask(World& world, UnitId unit, std::size_t first) {
  UnitState& state = world.components.units[unit];
  const ComponentSpec& spec = unit_spec(world, unit);
  if (state.phase == Phase::whole) {
    if (lasting(spec, first) == spec.stages.size()) return;
    ++world.components.boxes[world.plan->black_boxes.units[unit].box].failed;
    ++world.components.not_whole;
  } else if (state.phase != Phase::stage || state.stage < first) {
    return;
  }
  world.queue.cancel(state.timer);
  advance(world, unit, first);
}

void follow_masks(World& world, const BoxPlan& box) {
  for (std::size_t i = 0; i < box.count; ++i) {
    const UnitId unit = unit_at(box, i);
    const bool now = masked(world, box, i);
    const bool before = std::exchange(world.components.units[unit].masked, now);
    if (before && !now) unmask(world, unit, *box.after_mask);
  }
}

/// Recounts the box and all it masks.
void recount(World& world, BoxId id) {
  const BlackBoxes& all = world.plan->black_boxes;
  world.components.boxes[id].working = working_units(world, id);
  for (const BoxId below : all.boxes[id].masks) {
    if (all.boxes[below].after_mask) follow_masks(world, all.boxes[below]);
    world.components.boxes[below].working = working_units(world, below);
    if (all.boxes[below].after_mask) faults::exposures_changed(world, below);
  }
  faults::exposures_changed(world, id);
}

void box_changed(World& world, BoxId box) {
  recount(world, box);
  for (const measurement::SliIndex sli : world.plan->black_boxes.boxes[box].requirements) {
    structure::evaluate(world, sli);
  }
}

void go_on(World& world, UnitId unit, std::size_t next_stage) {
  advance(world, unit, next_stage);
  box_changed(world, world.plan->black_boxes.units[unit].box);
}

// ---- failure ----

/// The unit no longer serves, nor stands by. Returns whether it served. REQUIRES: it can fail.
bool knock_out(World& world, UnitId unit) {
  UnitState& state = world.components.units[unit];
  const bool served = state.active;
  if (state.phase == Phase::whole) {
    ++world.components.boxes[world.plan->black_boxes.units[unit].box].failed;
    ++world.components.not_whole;
  }
  world.queue.cancel(state.timer);
  set_active(world, unit, false);
  faults::life_ended(world, unit.value);
  state.failure = world.components.failures_so_far++;
  state.phase = Phase::held;
  return served;
}

/// A standby takes the place of a unit that was knocked out while it served; the failed one seeks repair. Returns
/// whether it waits for its crew, which is to be dispatched.
bool replace(World& world, UnitId unit, bool served) {
  const BoxId id = world.plan->black_boxes.units[unit].box;
  const BoxPlan& plan = world.plan->black_boxes.boxes[id];
  BoxState& box = world.components.boxes[id];
  const auto& standby = unit_spec(world, unit).standby;
  const bool replaced = standby && served && !box.switching && standby_of(world, plan).exists();
  if (replaced && standby->switchover) {
    start_switchover(world, unit);
    return false;
  }
  if (replaced) fill_places(world, plan, box);
  return seek_repair(world, unit);
}

/// Units of a crew that fail at one instant have failed in any order, each as likely.
void break_ties(World& world, const std::vector<UnitId>& hit) {
  if (hit.size() < 2) return;
  std::map<CrewId, std::vector<UnitId>> tied;
  for (const UnitId unit : hit) {
    if (const CrewId crew = box_of(world, unit).crew; crew.exists()) tied[crew].push_back(unit);
  }
  for (const auto& [crew, units] : tied) {
    const ComponentId stream = world.plan->black_boxes.crews[crew].component;
    for (std::size_t left = units.size(); left > 1; --left) {
      const double u = world.uniform(stream, Purpose::crew_choice);
      const auto other = static_cast<std::size_t>(u * static_cast<double>(left));
      std::swap(world.components.units[units[left - 1]].failure, world.components.units[units[other]].failure);
    }
  }
}

/// Units of the shock's boxes, each struck with probability `share`; as many as any number of them, half of the times,
/// while outcomes are bent.
std::vector<UnitId> struck_units(World& world, const ShockPlan& shock, double share) {
  std::vector<UnitId> all;
  for (const BoxId box : shock.hits) {
    const BoxPlan& plan = world.plan->black_boxes.boxes[box];
    for (std::size_t i = 0; i < plan.count; ++i) all.push_back(unit_at(plan, i));
  }
  if (share >= 1) return all;
  const std::size_t n = all.size();
  faults::Forcing& forcing = world.faults.forcing;
  std::size_t wanted = 0;  // so many; 0: as many as it happens
  if (forcing.bends) {
    const double u = 2 * world.uniform(shock.component, Purpose::shock_hit) - 1;
    if (u > 0) wanted = std::min(n, 1 + static_cast<std::size_t>(u * static_cast<double>(n)));
  }
  std::vector<UnitId> struck;
  for (std::size_t i = 0; i < n; ++i) {
    const double p = wanted == 0 ? share : static_cast<double>(wanted - struck.size()) / static_cast<double>(n - i);
    if (world.uniform(component(world, all[i]), Purpose::shock_hit) < p) struck.push_back(all[i]);
  }
  if (!forcing.bends) return struck;
  // This set's probability over that with which it was drawn: half by itself, half as one of those of its size.
  double others = struck.empty() ? 0 : 1 / static_cast<double>(n);  // over the set's probability
  for (std::size_t k = 1; k <= struck.size(); ++k) {
    others *= static_cast<double>(k) / static_cast<double>(n - struck.size() + k) / share;
  }
  for (std::size_t k = struck.size(); k < n && others > 0; ++k) others /= 1 - share;
  forcing.weight *= 2 / (1 + others);
  return struck;
}

}  // namespace

void initialise(World& world) {
  const BlackBoxes& plan = world.plan->black_boxes;
  State& state = world.components;
  state.units.assign(plan.units.size(), {});
  state.boxes.assign(plan.boxes.size(), {});
  state.crews.assign(plan.crews.size(), {});
  for (const BoxId id : plan.boxes.ids()) {
    const BoxPlan& box = plan.boxes[id];
    for (std::size_t i = 0; i < box.count; ++i) state.units[unit_at(box, i)].active = i < box.active;
    state.boxes[id].active = state.boxes[id].working = box.active;
  }
  for (const CrewId crew : plan.crews.ids()) state.crews[crew].inspections.resize(plan.crews[crew].boxes.size());
}

bool fail(World& world, UnitId unit) {
  if (!can_fail(world, unit)) return false;
  const CauseScope scope(world, world.note(UnitFailed{unit}));
  if (replace(world, unit, knock_out(world, unit))) dispatch(world, box_of(world, unit).crew);
  box_changed(world, world.plan->black_boxes.units[unit].box);
  return true;
}

bool strike(World& world, ShockId id) {
  const ShockPlan& shock = world.plan->black_boxes.shocks[id];
  const double share = world.plan->topology.shocks[shock.spec].share;
  std::vector<UnitId> hit = struck_units(world, shock, share);
  std::erase_if(hit, [&](UnitId unit) { return !can_fail(world, unit); });
  if (hit.empty()) return false;
  const CauseScope scope(world, world.note(ShockStruck{id}, static_cast<std::int64_t>(hit.size())));
  // All of them fail before any standby could take over from another.
  std::vector<char> served;
  served.reserve(hit.size());
  for (const UnitId unit : hit) served.push_back(knock_out(world, unit) ? 1 : 0);
  break_ties(world, hit);
  // And all of them wait before any crew chooses.
  std::set<CrewId> called;
  for (std::size_t i = 0; i < hit.size(); ++i) {
    if (replace(world, hit[i], served[i] != 0)) called.insert(box_of(world, hit[i]).crew);
  }
  for (const CrewId crew : called) dispatch(world, crew);
  for (const BoxId box : shock.hits) box_changed(world, box);
  return true;
}

double exposure(const World& world, UnitId unit) {
  if (!can_fail(world, unit)) return 0;
  const UnitState& state = world.components.units[unit];
  const auto& standby = unit_spec(world, unit).standby;
  const bool dormant = standby && state.phase == Phase::whole && !state.active;
  return dormant ? standby->dormant_factor : 1;
}

double first_exposure(const Plan& plan, UnitId unit) {
  const BoxPlan& box = plan.black_boxes.boxes[plan.black_boxes.units[unit].box];
  if (unit.value - box.first.value < box.active) return 1;
  return spec_of(plan, plan.black_boxes.units[unit].box).standby->dormant_factor;
}

bool ageing(const Plan& plan, BoxId box) { return spec_of(plan, box).failure.has_value(); }

Duration first_age(World& world, UnitId unit) {
  // The same number whenever it is asked for: the first of its stream.
  const std::size_t stream = world.plan->stream(component(world, unit), Purpose::component_age);
  const double u = sim::to_unit(sim::random_bits(world.plan->stream_keys[stream], world.run, 0));
  const std::vector<double>& ages = box_of(world, unit).stationary_ages;
  const double position = u * static_cast<double>(ages.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(position), ages.size() - 2);
  return Duration::from_seconds(ages[below] +
                                (position - static_cast<double>(below)) * (ages[below + 1] - ages[below]));
}

Duration age(World& world, UnitId unit, sim::Time at) {
  const UnitState& state = world.components.units[unit];
  if (state.born_here) return at - state.born;
  return first_age(world, unit) + (at - sim::Time::zero());
}

void begin_repair(World& world, UnitId unit) {
  UnitState& state = world.components.units[unit];
  state.phase = Phase::repairing;
  const Duration length = std::exchange(state.interrupted, false)
                              ? state.left
                              : faults::repair_length(world, component(world, unit), Purpose::component_repair,
                                                      *unit_spec(world, unit).repair);
  state.timer = world.schedule(world.now + length, UnitRepaired{unit}, sim::Priority::state);
}

bool healthy(const World& world) { return world.components.not_whole == 0; }

// ---- events ----

ComponentId subject(const Plan& plan, const UnitFailed& event) { return plan.black_boxes.units[event.unit].component; }
ComponentId subject(const Plan& plan, const ShockStruck& event) {
  return plan.black_boxes.shocks[event.shock].component;
}
ComponentId subject(const Plan& plan, const SwitchoverDone& event) {
  return plan.black_boxes.boxes[event.box].component;
}
ComponentId subject(const Plan& plan, const UnitRepaired& event) {
  return plan.black_boxes.units[event.unit].component;
}
ComponentId subject(const Plan& plan, const StagePassed& event) { return plan.black_boxes.units[event.unit].component; }

void on(World& world, const SwitchoverDone& event) {
  BoxState& box = world.components.boxes[event.box];
  box.switching = false;
  --world.components.not_whole;
  fill_places(world, world.plan->black_boxes.boxes[event.box], box);
  if (seek_repair(world, box.switched)) dispatch(world, box_of(world, box.switched).crew);
  box_changed(world, event.box);
}

void on(World& world, const UnitRepaired& event) {
  const CrewId crew = box_of(world, event.unit).crew;
  go_on(world, event.unit, 0);
  if (crew.exists()) release(world, crew);
}

void on(World& world, const StagePassed& event) {
  const UnitState& state = world.components.units[event.unit];
  const StageSpec& stage = unit_spec(world, event.unit).stages[state.stage];
  const bool passed =
      stage.success >= 1 || world.uniform(component(world, event.unit), Purpose::component_stage) < stage.success;
  go_on(world, event.unit, state.stage + (passed ? 1U : 0U));
}

}  // namespace nines::models::components
