#include "models/measurement/sli.hpp"

#include "models/world.hpp"

namespace nines::models::measurement {

SliIndex index_of(const Plan& plan, std::size_t service, SliId sli) {
  std::size_t base = 0;
  for (std::size_t earlier = 0; earlier < service; ++earlier) base += plan.kafka[earlier].slis.size();
  return static_cast<SliIndex>(base + sli.value);
}

SliRef sli_at(const Plan& plan, SliIndex index) {
  std::size_t service = 0;
  std::size_t position = index;
  while (position >= plan.kafka[service].slis.size()) position -= plan.kafka[service++].slis.size();
  return {service, SliId::of(position)};
}

std::size_t sli_count(const Plan& plan) {
  std::size_t count = 0;
  for (const kafka::ServicePlan& service : plan.kafka) count += service.slis.size();
  return count;
}

ComponentId subject(const Plan& plan, const ServiceLost& event) {
  const SliRef ref = sli_at(plan, event.sli);
  return plan.kafka[ref.service].slis[ref.sli].component;
}
ComponentId subject(const Plan& plan, const ServiceRestored& event) { return subject(plan, ServiceLost{event.sli}); }

void set_status(World& world, std::size_t service, SliId sli, GroupId group, std::uint32_t partitions, bool holds) {
  const kafka::SliPlan& plan = world.plan->kafka[service].slis[sli];
  const SliIndex index = index_of(*world.plan, service, sli);
  SliState& state = world.measurement.slis[index];
  sim::Time& since = world.measurement.down_since[index][group.value];
  const bool was_down = since != sim::Time::never();
  if (holds != was_down) return;
  const sim::Duration deadline =
      world.plan->topology.services[world.plan->kafka[service].index].slis[plan.spec].deadline;
  if (!holds) {
    since = world.now;
    state.down_partitions += partitions;
    if (!state.out && state.down_partitions > plan.tolerated_down) {
      state.out = true;
      state.open = {index, world.now, sim::Time::never(), world.note(ServiceLost{index}), sim::no_cause};
    }
    return;
  }
  const sim::Duration length = world.now - since;
  since = sim::Time::never();
  if (length > deadline) state.partition_seconds += length.to_seconds() * partitions;
  state.down_partitions -= partitions;
  if (state.out && state.down_partitions <= plan.tolerated_down) {
    state.out = false;
    state.open.end = world.now;
    state.open.closed = world.note(ServiceRestored{index});
    if (state.open.end - state.open.start > deadline) world.measurement.outages.push_back(state.open);
  }
}

bool all_hold(const World& world) {
  for (const SliState& state : world.measurement.slis) {
    if (state.out || state.down_partitions > 0) return false;
  }
  return true;
}

void start_period(World& world) {
  world.measurement.outages.clear();
  world.measurement.losses.clear();
  world.measurement.given_up.clear();
  for (SliState& state : world.measurement.slis) state.partition_seconds = 0;
}

double partition_seconds(const World& world, SliIndex index) {
  double total = world.measurement.slis[index].partition_seconds;
  const SliRef ref = sli_at(*world.plan, index);
  const kafka::ServicePlan& service = world.plan->kafka[ref.service];
  for (const GroupId group : service.groups.ids()) {
    const sim::Time since = world.measurement.down_since[index][group.value];
    if (since != sim::Time::never()) total += (world.now - since).to_seconds() * service.groups[group].partitions;
  }
  return total;
}

}  // namespace nines::models::measurement
