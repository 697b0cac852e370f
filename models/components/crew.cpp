#include "models/components/crew.hpp"

#include <algorithm>
#include <cassert>

#include "models/components/events.hpp"
#include "models/components/spec_of.hpp"
#include "models/components/unit.hpp"
#include "models/world.hpp"

namespace nines::models::components {

namespace {

/// The unit of the box that has waited longest; none if none waits.
UnitId first_waiting(const World& world, BoxId box) {
  const BoxPlan& plan = world.plan->black_boxes.boxes[box];
  UnitId first = UnitId::none();
  if (world.components.boxes[box].failed == 0) return first;
  for (std::uint16_t i = 0; i < plan.count; ++i) {
    const UnitId unit{static_cast<std::uint16_t>(plan.first.value + i)};
    const UnitState& state = world.components.units[unit];
    if (state.phase != Phase::waiting) continue;
    if (!first.exists() || state.failure < world.components.units[first].failure) first = unit;
  }
  return first;
}

UnitId first_come(const World& world, const CrewPlan& crew) {
  UnitId first = UnitId::none();
  for (const BoxId box : crew.boxes) {
    const UnitId unit = first_waiting(world, box);
    if (!unit.exists()) continue;
    const auto& units = world.components.units;
    if (!first.exists() || units[unit].failure < units[first].failure) first = unit;
  }
  return first;
}

/// Position of the first box with a waiting unit; that of none is the number of boxes.
std::size_t most_urgent(const World& world, const CrewPlan& crew) {
  const auto at =
      std::find_if(crew.boxes.begin(), crew.boxes.end(), [&](BoxId box) { return first_waiting(world, box).exists(); });
  return static_cast<std::size_t>(at - crew.boxes.begin());
}

/// One of the units, each as likely; none if there are none.
UnitId any_of(World& world, const CrewPlan& crew, const std::vector<UnitId>& units) {
  if (units.empty()) return UnitId::none();
  const double u = units.size() > 1 ? world.uniform(crew.component, Purpose::crew_choice) : 0;
  return units[static_cast<std::size_t>(u * static_cast<double>(units.size()))];
}

template <class Fits>
std::vector<UnitId> units_of(const World& world, BoxId box, Fits fits) {
  const BoxPlan& plan = world.plan->black_boxes.boxes[box];
  std::vector<UnitId> units;
  for (std::uint16_t i = 0; i < plan.count; ++i) {
    const UnitId unit{static_cast<std::uint16_t>(plan.first.value + i)};
    if (fits(world.components.units[unit])) units.push_back(unit);
  }
  return units;
}

/// Of a crew that interrupts: the waiting unit that is next in the box. REQUIRES: there is one.
UnitId next_of(World& world, const CrewPlan& crew, BoxId box) {
  const auto begun = [](const UnitState& unit) { return unit.phase == Phase::waiting && unit.interrupted; };
  const UnitId unit = any_of(world, crew, units_of(world, box, begun));
  return unit.exists() ? unit : first_waiting(world, box);
}

UnitId any_box(World& world, const CrewPlan& crew) {
  std::size_t candidates = 0;
  for (const BoxId box : crew.boxes) candidates += first_waiting(world, box).exists() ? 1 : 0;
  if (candidates == 0) return UnitId::none();
  const double u = candidates > 1 ? world.uniform(crew.component, Purpose::crew_choice) : 0;
  auto left = static_cast<std::size_t>(u * static_cast<double>(candidates));
  for (const BoxId box : crew.boxes) {
    const UnitId unit = first_waiting(world, box);
    if (unit.exists() && left-- == 0) return unit;
  }
  return UnitId::none();
}

void take(World& world, CrewId crew, UnitId unit) {
  ++world.components.crews[crew].busy;
  // Why it begins now is the member that became free, or the failure itself.
  begin_repair(world, unit);
}

/// Leaves a repair that is less urgent than those of the box at `position`. Returns whether there was one. A repair
/// that is over at this very instant is none.
bool interrupt(World& world, CrewId id, std::size_t position) {
  const CrewPlan& crew = world.plan->black_boxes.crews[id];
  const auto repairing = [&](const UnitState& unit) {
    return unit.phase == Phase::repairing && world.queue.when(unit.timer) > world.now;
  };
  for (std::size_t at = crew.boxes.size() - 1; at > position; --at) {
    const UnitId unit = any_of(world, crew, units_of(world, crew.boxes[at], repairing));
    if (!unit.exists()) continue;
    UnitState& state = world.components.units[unit];
    state.phase = Phase::waiting;
    state.interrupted = spec_of(*world.plan, id).interrupts == Interrupts::resume;
    state.left = world.queue.when(state.timer) - world.now;
    world.queue.cancel(state.timer);
    world.note(RepairInterrupted{unit});
    --world.components.crews[id].busy;
    return true;
  }
  return false;
}

void cancel_inspections(World& world, CrewId crew) {
  for (sim::TimerId& timer : world.components.crews[crew].inspections) world.queue.cancel(timer);
}

/// Every box with a waiting unit is being inspected while a member is free.
void inspect(World& world, CrewId id) {
  const CrewPlan& crew = world.plan->black_boxes.crews[id];
  CrewState& state = world.components.crews[id];
  for (std::size_t at = 0; at < crew.boxes.size(); ++at) {
    if (world.queue.pending(state.inspections[at]) || !first_waiting(world, crew.boxes[at]).exists()) continue;
    const Duration length = world.draw(crew.component, Purpose::crew_inspection, spec_of(*world.plan, id).inspection);
    state.inspections[at] = world.schedule(world.now + length, InspectionDone{id, static_cast<std::uint16_t>(at)});
  }
}

void dispatch_urgent(World& world, CrewId id) {
  const CrewPlan& crew = world.plan->black_boxes.crews[id];
  const CrewSpec& spec = spec_of(*world.plan, id);
  while (true) {
    const bool free = world.components.crews[id].busy < spec.size;
    if (!free && spec.interrupts == Interrupts::none) return;
    const std::size_t at = most_urgent(world, crew);
    if (at == crew.boxes.size() || (!free && !interrupt(world, id, at))) return;
    take(world, id, next_of(world, crew, crew.boxes[at]));
  }
}

}  // namespace

void dispatch(World& world, CrewId id) {
  const CrewPlan& crew = world.plan->black_boxes.crews[id];
  const CrewSpec& spec = spec_of(*world.plan, id);
  if (spec.policy == CrewPolicy::priority) return dispatch_urgent(world, id);
  while (world.components.crews[id].busy < spec.size) {
    if (spec.policy == CrewPolicy::inspection) return inspect(world, id);
    const UnitId next = spec.policy == CrewPolicy::fcfs ? first_come(world, crew) : any_box(world, crew);
    if (!next.exists()) return;
    take(world, id, next);
  }
}

void release(World& world, CrewId crew) {
  assert(world.components.crews[crew].busy > 0);
  --world.components.crews[crew].busy;
  dispatch(world, crew);
}

ComponentId subject(const Plan& plan, const RepairInterrupted& event) {
  return plan.black_boxes.units[event.unit].component;
}
ComponentId subject(const Plan& plan, const InspectionDone& event) {
  return plan.black_boxes.crews[event.crew].component;
}

void on(World& world, const InspectionDone& event) {
  const BoxId box = world.plan->black_boxes.crews[event.crew].boxes[event.position];
  cancel_inspections(world, event.crew);
  take(world, event.crew, first_waiting(world, box));
  dispatch(world, event.crew);
}

}  // namespace nines::models::components
