#include "models/hosts/supervisor.hpp"

#include <algorithm>

#include "models/hosts/events.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::hosts {

namespace {

using Status = UnitState::Status;

UnitState& unit_of(World& world, ProcessId process) { return world.hosts.units.edit(process); }

const Parameters& parameters(const World& world) { return world.plan->topology.hosts; }

/// The machine is the provider's, who sees to all that a person would.
bool is_provided(const World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  return service.exists() && world.plan->services[service].kind->provider_runs;
}

/// The processes that the machine's supervisor runs.
template <class Act>
void for_units_on(World& world, NodeId node, Act act) {
  for (const ProcessId process : kubernetes::near(world, node)) {
    if (supervised(*world.plan, process) && world.processes[process].node == node) act(process);
  }
}

void ask_person(World& world, ProcessId process) {
  UnitState& unit = unit_of(world, process);
  unit.status = Status::given_up;
  if (unit.reported) return;
  unit.reported = true;
  people::ask_for_repair(world, people::Repair::stopped_unit, process);
}

/// The process runs from now on.
void run(World& world, ProcessId process) {
  UnitState& unit = unit_of(world, process);
  ProcessState& state = world.processes.edit(process);
  unit.status = Status::active;
  state.status = ProcessState::Status::running;
  state.suspended = state.paused = state.term_pending = false;
  ++state.incarnation;
  state.started = world.now;
  if (world.plan->processes[process].service.exists())
    state.handshakes = faults::handshakes_of_new_process(world, process);
  services::process_started(world, process);
  services::contacts_changed(world);
}

/// A start that counts against the limit.
void start(World& world, ProcessId process) {
  const bool allowed =
      is_provided(world, process) || count_start(unit_of(world, process), world.now, parameters(world));
  if (allowed) return run(world, process);
  const CauseScope scope(world, world.note(UnitGivenUp{process}));
  ask_person(world, process);
}

/// The process has ended while its machine runs.
void ended(World& world, ProcessId process) {
  UnitState& unit = unit_of(world, process);
  world.queue.cancel(unit.timer);
  const NodeId node = world.processes[process].node;
  if (!infrastructure::node_up(world, node)) {
    unit.status = Status::off;
    return infrastructure::container_ended(world, node);
  }
  if (!parameters(world).restarts && !is_provided(world, process)) {
    const CauseScope scope(world, world.note(UnitStoppedForGood{process}));
    return ask_person(world, process);
  }
  unit.status = Status::waiting;
  unit.timer = world.schedule(world.now + parameters(world).restart_wait,
                              UnitRestarted{process, world.processes[process].incarnation});
}

/// SIGTERM, and SIGKILL at the end of the time-out.
void stop(World& world, ProcessId process) {
  UnitState& unit = unit_of(world, process);
  ProcessState& state = world.processes.edit(process);
  if (unit.status != Status::active) return;
  unit.status = Status::stopping;
  world.queue.cancel(unit.timer);
  unit.timer = world.schedule(world.now + parameters(world).stop_timeout, UnitKilled{process, state.incarnation});
  state.term_pending = state.status == ProcessState::Status::stopped;
  if (state.status == ProcessState::Status::running) services::process_terminating(world, process);
}

/// Of a machine that comes up: nothing runs on it yet, and its supervisor remembers nothing.
void boot(World& world, ProcessId process) {
  UnitState& unit = unit_of(world, process);
  if (unit.reported) people::withdraw(world, people::Repair::stopped_unit, process);
  if (unit.machine_reported) people::withdraw(world, people::Repair::dead_node, process);
  world.queue.cancel(unit.timer);
  unit = UnitState{};
  if (world.processes[process].status != ProcessState::Status::absent) return;
  const CauseScope scope(world, world.note(UnitBooted{process}));
  start(world, process);
}

}  // namespace

bool supervised(const Plan& plan, ProcessId process) {
  return plan.workload_of(process).controller == Controller::supervisor;
}

bool count_start(UnitState& unit, sim::Time now, const Parameters& parameters) {
  if (parameters.start_limit_interval <= Duration() || parameters.start_limit_burst <= 0) return true;
  const bool over = unit.starts == 0 || now - unit.counting_since > parameters.start_limit_interval;
  if (over) {
    unit.starts = 0;
    unit.counting_since = now;
  }
  if (unit.starts >= static_cast<std::uint32_t>(parameters.start_limit_burst)) return false;
  ++unit.starts;
  return true;
}

// ---- the seam ----

void initialise(World& world) {
  world.hosts = State{};
  const auto& workloads = world.plan->workloads;
  const bool any = std::any_of(workloads.begin(), workloads.end(), [](const WorkloadPlan& workload) {
    return workload.controller == Controller::supervisor;
  });
  if (any) world.hosts.units.assign(world.plan->processes.size(), {});
}

void process_killed(World& world, ProcessId process) { ended(world, process); }

void process_exited(World& world, ProcessId process, Ending ending) {
  ProcessState& state = world.processes.edit(process);
  if (state.status == ProcessState::Status::absent) return;
  state.status = ProcessState::Status::absent;
  state.ending = ending;
  services::process_died(world, process);
  services::contacts_changed(world);
  ended(world, process);
}

void terminate_process(World& world, ProcessId process) { stop(world, process); }

void process_continued(World& world, ProcessId process) {
  ProcessState& state = world.processes.edit(process);
  if (state.status != ProcessState::Status::running || !state.term_pending) return;
  state.term_pending = false;
  services::process_terminating(world, process);
}

void start_by_person(World& world, ProcessId process) {
  UnitState& unit = unit_of(world, process);
  unit.reported = false;
  if (unit.status != Status::given_up) return;
  unit.starts = 0;  // systemctl reset-failed
  start(world, process);
}

void restart_now(World& world, ProcessId process) {
  // What a supervisor gave up for want of a certificate, the person who renewed it starts again.
  UnitState& unit = unit_of(world, process);
  if (unit.status != Status::given_up) return;
  if (unit.reported) people::withdraw(world, people::Repair::stopped_unit, process);
  start_by_person(world, process);
}

bool runs_process(const World& world, NodeId node) {
  for (const ProcessId process : kubernetes::near(world, node)) {
    const bool here = supervised(*world.plan, process) && world.processes[process].node == node;
    if (here && world.processes[process].status != ProcessState::Status::absent) return true;
  }
  return false;
}

void machine_stopping(World& world, NodeId node) {
  for_units_on(world, node, [&](ProcessId process) {
    const Status status = world.hosts.units[process].status;
    if (status == Status::active) return stop(world, process);
    if (status == Status::stopping) return;
    UnitState& unit = unit_of(world, process);
    world.queue.cancel(unit.timer);
    unit.status = Status::off;
  });
}

void machine_stopped(World& world, NodeId node) {
  for_units_on(world, node, [&](ProcessId process) {
    UnitState& unit = unit_of(world, process);
    world.queue.cancel(unit.timer);
    unit.status = Status::off;
  });
}

void machine_lost(World& world, NodeId node) {
  for_units_on(world, node, [&](ProcessId process) {
    if (is_provided(world, process)) return;
    UnitState& unit = unit_of(world, process);
    if (unit.machine_reported) return;
    unit.machine_reported = true;
    people::ask_for_repair(world, people::Repair::dead_node, process);
  });
}

void machine_started(World& world, NodeId node) {
  for_units_on(world, node, [&](ProcessId process) { boot(world, process); });
}

bool healthy(const World& world) {
  return std::ranges::all_of(world.hosts.units.touched(), [&](ProcessId process) {
    return !supervised(*world.plan, process) || world.hosts.units[process].status == Status::active;
  });
}

sim::Time forgets_at(const World& world) {
  sim::Time at = world.now;
  for (const ProcessId process : world.hosts.units.touched()) {
    const UnitState& unit = world.hosts.units[process];
    if (unit.starts > 0) at = std::max(at, unit.counting_since + parameters(world).start_limit_interval);
  }
  return at;
}

// ---- events ----

ComponentId subject(const Plan& plan, const UnitRestarted& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const UnitKilled& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const UnitBooted& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const UnitGivenUp& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const UnitStoppedForGood& event) {
  return plan.processes[event.process].component;
}

void on(World& world, const UnitRestarted& event) {
  const UnitState& unit = world.hosts.units[event.process];
  world.stale = unit.status != Status::waiting || world.processes[event.process].incarnation != event.incarnation;
  if (!world.stale) start(world, event.process);
}

void on(World& world, const UnitKilled& event) {
  const UnitState& unit = world.hosts.units[event.process];
  world.stale = unit.status != Status::stopping || world.processes[event.process].incarnation != event.incarnation;
  if (!world.stale) process_exited(world, event.process, Ending::crash);
}

}  // namespace nines::models::hosts
