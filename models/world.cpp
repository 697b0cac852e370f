#include "models/world.hpp"

#include <utility>

#include "models/alerts/alerts.hpp"
#include "models/components/unit.hpp"
#include "models/event_table.hpp"
#include "models/hosts/events.hpp"
#include "models/infrastructure/events.hpp"
#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/events.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "models/service/unseen.hpp"
#include "models/structure/evaluate.hpp"

namespace nines::models {

World resting_world(const Plan& plan) {
  World world;
  world.plan = &plan;
  world.draws.assign(plan.stream_keys.size(), 0);
  ProcessState up;
  up.incarnation = 1;
  world.processes.assign(plan.processes.size(), up);
  for (const ProcessId process : plan.processes.ids()) {
    ProcessState& state = world.processes.edit(process);
    state.node = plan.processes[process].node;
    if (plan.processes[process].parked) {
      state.status = ProcessState::Status::absent;
      state.incarnation = 0;
    }
  }
  infrastructure::initialise(world);
  kubernetes::initialise(world);
  hosts::initialise(world);
  world.faults.services.resize(plan.services.size());
  measurement::initialise(world);
  structure::initialise(world);
  world.services.assign(plan.services.size(), {});
  world.unseen.assign(plan.services.size(), {});
  for (const ServiceId service : plan.looking_at_touched) {
    world.unseen[service].processes.assign(plan.processes.size());
    world.unseen[service].nodes.assign(plan.nodes.size());
  }
  for (const ServiceId service : plan.services.ids()) plan.services[service].kind->initialise(world, service);
  components::initialise(world);
  alerts::initialise(world);
  world.draws.freeze();
  world.processes.freeze();
  world.infrastructure.freeze();
  world.kubernetes.freeze();
  world.hosts.freeze();
  world.measurement.freeze();
  for (const ServiceId service : plan.services.ids()) {
    if (!world.services[service].empty()) plan.services[service].kind->freeze(world.services[service]);
  }
  for (const ServiceId service : plan.looking_at_touched) service::forget_touched(world, service);
  return world;
}

void reset_world(World& world, const World& resting, std::uint64_t run) {
  // Of the fabric only what was touched is put back; the resting world has none, the plan holds what it would be.
  const bool same_plan = world.plan == resting.plan;
  thread_local fabric::MaxMin aside;  // empty between calls: only its memory is kept
  std::swap(world.fabric.native, aside);
  world = resting;
  world.run = run;
  std::swap(world.fabric.native, aside);
  if (same_plan) {
    world.fabric.native.restore(world.plan->idle_fabric);
  } else {
    world.fabric.native = world.plan->idle_fabric;
  }
  kubernetes::draw_phases(world);
  alerts::draw_phases(world);
  const Table<ServiceId, ServicePlan>& services = world.plan->services;
  for (const ServiceId service : services.ids()) services[service].kind->draw_phases(world, service);
}

World initial_world(const Plan& plan, std::uint64_t run) {
  World world;
  reset_world(world, resting_world(plan), run);
  return world;
}

void change_plan(World& world, const Plan& plan) {
  world.plan = &plan;
  {
    fabric::Changes fabric(world);
    for (std::size_t i = 0; i < plan.idle_fabric.resources(); ++i) {
      const auto resource = fabric::ResourceId::of(i);
      fabric->set_capacity(world.now, resource, plan.idle_fabric.capacity(resource));
    }
  }
  fabric::apply_conditions(world);
  for (const ServiceId service : plan.services.ids()) plan.services[service].kind->plan_changed(world, service);
}

bool step(World& world, sim::Time until) {
  const sim::Time at = world.queue.next_time();
  if (at == sim::Time::never() || at > until) return false;
  const sim::Event event = world.queue.pop();
  assert(at >= world.now);
  service::event_begins(world);
  kubernetes::event_begins(world);
  world.now = at;
  ++world.events;
  const EventRow& row = event_row(event.kind);
  assert(row.handle != nullptr);
  const sim::CauseId record = world.trace.append({at, event.cause, event.kind, row.subject(*world.plan, event), 0});
  world.trace.set_current(record);
  world.stale = world.unrecorded = false;
  const std::uint64_t scheduled = world.queue.scheduled();
  row.handle(world, event);
  // An event without effect leaves no record, unless something already refers to it.
  const bool without_effect = world.stale && world.queue.scheduled() == scheduled;
  const std::uint64_t handled = world.queue.scheduled();
  if (world.plan->alerts.monitored) alerts::look(world);
  const bool referred_to = world.queue.scheduled() != handled;
  if (!referred_to && (without_effect || world.unrecorded)) world.trace.retract(record);
  world.trace.set_current(sim::no_cause);
  return true;
}

void run_until(World& world, sim::Time until) {
  while (step(world, until)) {
  }
  if (until > world.now && until != sim::Time::never()) world.now = until;
}

}  // namespace nines::models
