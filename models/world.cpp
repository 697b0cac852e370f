#include "models/world.hpp"

#include <array>
#include <utility>

#include "models/components/events.hpp"
#include "models/components/unit.hpp"
#include "models/fabric/events.hpp"
#include "models/faults/events.hpp"
#include "models/infrastructure/events.hpp"
#include "models/kafka/service.hpp"
#include "models/kubernetes/events.hpp"
#include "models/measurement/sli.hpp"
#include "models/people/events.hpp"

namespace nines::models {

namespace {

/// One row of the dispatch table, generated from the list of events.
struct Row {
  sim::EventInfo info;
  ComponentId (*subject)(const Plan&, const sim::Event&);
  void (*handle)(World&, const sim::Event&);  ///< null for events that are only noted
};

template <class E>
concept Handled = requires(World& world, const E& event) {
  on(world, event);
};

template <class E>
constexpr Row row_of() {
  Row row;
  row.info = E::info;
  row.subject = [](const Plan& plan, const sim::Event& event) { return subject(plan, event.as<E>()); };
  if constexpr (Handled<E>) {
    row.handle = [](World& world, const sim::Event& event) { on(world, event.as<E>()); };
  } else {
    row.handle = nullptr;
  }
  return row;
}

constexpr std::array<Row, event_kinds> rows{
#define NINES_ROW(space, name) row_of<space::name>(),
    NINES_EVENTS(NINES_ROW)
#undef NINES_ROW
};

}  // namespace

const sim::EventInfo& event_info(sim::EventKind kind) { return rows[kind].info; }

World resting_world(const Plan& plan) {
  World world;
  world.plan = &plan;
  world.draws.assign(plan.stream_keys.size(), 0);
  ProcessState up;
  up.incarnation = 1;
  world.processes.assign(plan.processes.size(), up);
  for (const ProcessId process : plan.processes.ids())
    world.processes.edit(process).node = plan.processes[process].node;
  infrastructure::initialise(world);
  kubernetes::initialise(world);
  world.faults.services.resize(plan.kafka.size());
  measurement::initialise(world);
  world.kafka.resize(plan.kafka.size());
  for (std::size_t service = 0; service < plan.kafka.size(); ++service) {
    kafka::initialise(world, static_cast<kafka::Service>(service));
  }
  components::initialise(world);
  world.draws.freeze();
  world.processes.freeze();
  world.infrastructure.freeze();
  world.kubernetes.freeze();
  world.measurement.freeze();
  for (kafka::State& state : world.kafka) state.freeze();
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
  for (std::size_t service = 0; service < world.plan->kafka.size(); ++service) {
    kafka::draw_phases(world, static_cast<kafka::Service>(service));
  }
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
  for (std::size_t service = 0; service < plan.kafka.size(); ++service) {
    kafka::plan_changed(world, static_cast<kafka::Service>(service));
  }
}

bool step(World& world, sim::Time until) {
  const sim::Time at = world.queue.next_time();
  if (at == sim::Time::never() || at > until) return false;
  const sim::Event event = world.queue.pop();
  assert(at >= world.now);
  world.now = at;
  ++world.events;
  const Row& row = rows[event.kind];
  assert(row.handle != nullptr);
  const sim::CauseId record = world.trace.append({at, event.cause, event.kind, row.subject(*world.plan, event), 0});
  world.trace.set_current(record);
  world.stale = false;
  const std::uint64_t scheduled = world.queue.scheduled();
  row.handle(world, event);
  // An event without effect leaves no record, unless something already refers to it.
  if (world.stale && world.queue.scheduled() == scheduled) world.trace.retract(record);
  world.trace.set_current(sim::no_cause);
  return true;
}

void run_until(World& world, sim::Time until) {
  while (step(world, until)) {
  }
  if (until > world.now && until != sim::Time::never()) world.now = until;
}

}  // namespace nines::models
