#include "models/measurement/sli.hpp"

#include "models/structure/evaluate.hpp"
#include "models/world.hpp"

namespace nines::models::measurement {

ComponentId subject(const Plan& plan, const ServiceLost& event) { return plan.slis[event.sli].component; }
ComponentId subject(const Plan& plan, const ServiceRestored& event) { return subject(plan, ServiceLost{event.sli}); }

void initialise(World& world) {
  world.measurement.slis.assign(world.plan->slis.size(), {});
  for (const SliPlan& sli : world.plan->slis) {
    world.measurement.down_since.emplace_back(sli.group_partitions.size(), sim::Time::never());
  }
}

void set_status(World& world, SliIndex index, GroupId group, bool holds) {
  const SliPlan& plan = world.plan->slis[index];
  const std::uint32_t partitions = plan.group_partitions[group.value];
  SliState& state = world.measurement.slis[index];
  sim::Undoable<sim::Time>& down_since = world.measurement.down_since[index];
  const sim::Time since = down_since[group.value];
  const bool was_down = since != sim::Time::never();
  if (holds != was_down) return;
  if (!holds) {
    down_since.edit(group.value) = world.now;
    state.down_partitions += partitions;
    if (!state.out && state.down_partitions > plan.tolerated_down) {
      state.out = true;
      state.open = {index, world.now, sim::Time::never(), world.note(ServiceLost{index}), sim::no_cause};
      structure::sli_changed(world, index);
    }
    return;
  }
  const sim::Duration length = world.now - since;
  down_since.edit(group.value) = sim::Time::never();
  if (length > plan.deadline) state.partition_seconds += length.to_seconds() * partitions;
  state.down_partitions -= partitions;
  if (state.out && state.down_partitions <= plan.tolerated_down) {
    state.out = false;
    state.open.end = world.now;
    state.open.closed = world.note(ServiceRestored{index});
    if (state.open.end - state.open.start > plan.deadline) world.measurement.outages.push_back(state.open);
    structure::sli_changed(world, index);
  }
}

bool all_hold(const World& world) {
  for (const SliState& state : world.measurement.slis) {
    if (state.out || state.down_partitions > 0) return false;
  }
  return true;
}

double partition_seconds(const World& world, SliIndex index) {
  double total = world.measurement.slis[index].partition_seconds;
  if (world.measurement.slis[index].down_partitions == 0) return total;
  const sim::Undoable<sim::Time>& down_since = world.measurement.down_since[index];
  for (std::size_t group = 0; group < down_since.size(); ++group) {
    if (down_since[group] == sim::Time::never()) continue;
    total += (world.now - down_since[group]).to_seconds() * world.plan->slis[index].group_partitions[group];
  }
  return total;
}

}  // namespace nines::models::measurement
