#include "models/world.hpp"

#include "models/fabric/events.hpp"
#include "models/fabric/state.hpp"
#include "models/service/kind.hpp"

namespace nines::models::fabric {

Changes::~Changes() {
  State& state = world_.fabric;
  const Time next = state.in_use().next_change();
  if (world_.queue.pending(state.timer)) {
    if (world_.queue.when(state.timer) == next) return;
    world_.queue.cancel(state.timer);
  }
  if (next != Time::never()) state.timer = world_.schedule(next, FabricDue{}, sim::Priority::state);
}

Fabric* Changes::operator->() { return &world_.fabric.in_use(); }

namespace {

ComponentId component_of(const Plan& plan, Owner owner) {
  switch (static_cast<OwnerKind>(owner.kind)) {
    case OwnerKind::process: return plan.processes[ProcessId::of(owner.index)].component;
    case OwnerKind::catch_up: return plan.processes[receiver(owner)].component;
  }
  return 0;
}

/// Tells the mechanism that started the flow. Whoever starts flows adds its call here.
void deliver(World& world, const Ending& ending) {
  switch (static_cast<OwnerKind>(ending.owner.kind)) {
    case OwnerKind::process: break;
    case OwnerKind::catch_up: {
      const ServiceId service = world.plan->processes[receiver(ending.owner)].service;
      world.plan->services[service].kind->flow_ended(world, service, ending);
      break;
    }
  }
}

}  // namespace

ComponentId subject(const Plan&, const FabricDue&) { return 0; }
ComponentId subject(const Plan& plan, const FlowDone& event) { return component_of(plan, event.owner); }
ComponentId subject(const Plan& plan, const FlowBroken& event) { return component_of(plan, event.owner); }

void on(World& world, const FabricDue&) {
  std::vector<Ending>& endings = world.fabric.endings;
  endings.clear();
  {
    Changes fabric(world);
    fabric->advance(world.now, endings);
  }
  world.stale = endings.empty();
  for (const Ending& ending : endings) {
    const CauseScope because(world, ending.cause);
    const sim::CauseId record =
        ending.outcome == Outcome::done ? world.note(FlowDone{ending.owner}) : world.note(FlowBroken{ending.owner});
    const CauseScope then(world, record);
    deliver(world, ending);
  }
}

}  // namespace nines::models::fabric
