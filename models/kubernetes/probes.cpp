#include "models/kubernetes/probes.hpp"

#include <algorithm>
#include <optional>

#include "models/kubernetes/events.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// A probe with all its settings.
struct Probe {
  Duration delay;
  Duration period;
  Duration timeout;
  std::int64_t failures = 1;
  const ProbeSpec* spec = nullptr;  ///< what it asks; null: whether the server is ready
};

/// What the service declares; null if it says nothing of probes, or the process is of none.
const ProbesSpec* declared(const World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  if (!service.exists() || !world.plan->spec(service).probes) return nullptr;
  return &*world.plan->spec(service).probes;
}

Probe resolved(const World& world, const ProbeSpec& spec) {
  const Parameters& defaults = world.plan->kube();
  return {spec.initial_delay.value_or(defaults.probe_delay), spec.period.value_or(defaults.probe_period),
          spec.timeout.value_or(defaults.probe_timeout), spec.failure_threshold.value_or(defaults.probe_failures),
          &spec};
}

using Which = std::optional<ProbeSpec> ProbesSpec::*;

/// None if its service does not declare it.
std::optional<Probe> probe(const World& world, ProcessId process, Which which) {
  const ProbesSpec* probes = declared(world, process);
  if (probes == nullptr || !(probes->*which)) return std::nullopt;
  return resolved(world, *(probes->*which));
}

/// What readiness is probed by after a start; none of a pod that is Ready as soon as it runs.
std::optional<Probe> readiness_of(const World& world, ProcessId process) {
  if (declared(world, process) != nullptr) return probe(world, process, &ProbesSpec::readiness);
  const Parameters& platform = world.plan->kube();
  return Probe{platform.readiness_delay, platform.readiness_period, Duration(), 1};
}

ComponentId probed_component(const World& world, ProcessId process) { return world.plan->processes[process].component; }

bool hangs(const World& world, ProcessId process) {
  return world.processes[process].status == ProcessState::Status::stopped;
}

/// What the probe meets now.
Contact meets(const World& world, ProcessId process, const Probe& probe) {
  const ProbeAsks asks = probe.spec != nullptr ? probe.spec->asks : ProbeAsks::served;
  // The kernel takes a connection for a process that stands still.
  if (world.processes[process].status == ProcessState::Status::absent) return Contact::reset;
  if (asks == ProbeAsks::process) return Contact::ok;
  if (asks == ProbeAsks::answers) return hangs(world, process) ? Contact::silence : Contact::ok;
  const Contact server = services::probed(world, process, probe.timeout);
  if (server != Contact::ok || asks == ProbeAsks::served) return server;
  // A server that cannot ask on says so.
  const ServiceId dependency = world.plan->service_named(probe.spec->dependency);
  return services::answers_to(world, dependency, process) ? Contact::ok : Contact::reset;
}

bool passes(const World& world, ProcessId process, const Probe& probe) {
  return meets(world, process, probe) == Contact::ok;
}

/// First tick of the probe that is not before its initial delay.
sim::Time first_tick(World& world, ProcessId process, const Probe& probe, Purpose phase) {
  const sim::Time earliest = std::max(world.now, world.processes[process].started + probe.delay);
  return earliest + world.phase(probed_component(world, process), phase, probe.period);
}

/// The next tick; of a container that has run for ever any phase is as likely as another.
sim::Time next_tick(World& world, ProcessId process, sim::Time PodState::*grid, const Probe& probe, Purpose phase) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.*grid == sim::Time::never())
    pod.*grid = world.now + world.phase(probed_component(world, process), phase, probe.period);
  return std::max(pod.*grid, sim::Grid{pod.*grid, probe.period}.at_or_after(world.now));
}

/// When the last of enough failures in a row is over, the first of which is at `tick`.
sim::Time failed_at(const World& world, ProcessId process, const Probe& probe, sim::Time tick) {
  const Duration silence = meets(world, process, probe) == Contact::silence ? probe.timeout : Duration();
  return tick + probe.period * (probe.failures - 1) + silence;
}

template <class E>
void set_probe_timer(World& world, ProcessId process, sim::Time at) {
  PodState& pod = world.kubernetes.pods.edit(process);
  world.queue.cancel(pod.probe_timer);
  pod.probe_timer = world.schedule(at, E{process, world.processes[process].incarnation});
}

void become_ready(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (!pod.ready) pod.ready_since = world.now;
  pod.ready = true;
  const CauseScope scope(world, world.note(PodReady{process}));
  look_after_rolls(world);
  services::readiness_changed(world);
}

void look_at_liveness(World& world, ProcessId process) {
  const std::optional<Probe> liveness = probe(world, process, &ProbesSpec::liveness);
  if (!liveness) return;
  PodState& pod = world.kubernetes.pods.edit(process);
  if (NINES_MUTATED(probes_see_nothing) || passes(world, process, *liveness))
    return (void)world.queue.cancel(pod.liveness_timer);
  if (world.queue.pending(pod.liveness_timer)) return;
  const sim::Time tick = next_tick(world, process, &PodState::liveness_tick, *liveness, Purpose::liveness_phase);
  pod.liveness_timer = world.schedule(failed_at(world, process, *liveness, tick),
                                      LivenessFailed{process, world.processes[process].incarnation});
}

void look_at_readiness(World& world, ProcessId process) {
  const std::optional<Probe> readiness = probe(world, process, &ProbesSpec::readiness);
  if (!readiness) return;
  PodState& pod = world.kubernetes.pods.edit(process);
  const Contact met = meets(world, process, *readiness);
  if (pod.ready && met == Contact::ok) return (void)world.queue.cancel(pod.probe_timer);
  if (world.queue.pending(pod.probe_timer)) return;
  const sim::Time tick = next_tick(world, process, &PodState::readiness_tick, *readiness, Purpose::readiness_phase);
  if (pod.ready)
    set_probe_timer<ReadinessLost>(world, process, failed_at(world, process, *readiness, tick));
  else if (met != Contact::silence)
    set_probe_timer<ReadinessProbed>(world, process, tick);
}

/// A pod that is not Ready is probed again. What hangs, and what waits for others, is asked on when that changes.
void ask_on(World& world, ProcessId process, const Probe& readiness) {
  const Contact met = meets(world, process, readiness);
  const bool later = met == Contact::silence || (met == Contact::reset && services::ready(world, process));
  if (declared(world, process) != nullptr && later) return;
  set_probe_timer<ReadinessProbed>(world, process, world.now + readiness.period);
}

/// Its start is over, as far as the kubelet knows.
void probe_running(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.started = true;
  if (const std::optional<Probe> readiness = readiness_of(world, process)) {
    pod.readiness_tick = first_tick(world, process, *readiness, Purpose::readiness_phase);
    set_probe_timer<ReadinessProbed>(world, process, pod.readiness_tick);
  } else {
    become_ready(world, process);
  }
  if (const std::optional<Probe> liveness = probe(world, process, &ProbesSpec::liveness)) {
    pod.liveness_tick = first_tick(world, process, *liveness, Purpose::liveness_phase);
    look_at_liveness(world, process);
  }
}

/// Whether what was scheduled for a container still concerns it.
template <class E>
bool concerns(World& world, const E& event) {
  const bool same = world.processes[event.process].incarnation == event.incarnation;
  world.stale = !same || world.kubernetes.pods[event.process].container != Container::running;
  return !world.stale;
}

}  // namespace

void probes_begin(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  world.queue.cancel(pod.probe_timer);
  world.queue.cancel(pod.liveness_timer);
  pod.ready = false;
  const std::optional<Probe> startup = probe(world, process, &ProbesSpec::startup);
  if (!startup) return probe_running(world, process);
  pod.started = false;
  pod.startup_failures = 0;
  set_probe_timer<StartupProbed>(world, process, first_tick(world, process, *startup, Purpose::startup_phase));
}

void answers_changed(World& world, ProcessId process) {
  if (declared(world, process) == nullptr) return;
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.container != Container::running || !pod.started) return;
  // A server that was ready had passed: failures of its start, which may be pending, are forgotten.
  if (hangs(world, process) && services::ready(world, process)) world.queue.cancel(pod.liveness_timer);
  look_at_readiness(world, process);
  look_at_liveness(world, process);
}

void answers_otherwise(World& world, ProcessId process) {
  if (!hosts::supervised(*world.plan, process)) answers_changed(world, process);
}

void dependencies_changed(World& world) {
  for (const ServiceId service : world.plan->asking) {
    for (const ProcessId process : world.plan->services[service].members) answers_changed(world, process);
  }
}

// ---- events ----

void on(World& world, const StartupProbed& event) {
  if (!concerns(world, event)) return;
  const std::optional<Probe> startup = probe(world, event.process, &ProbesSpec::startup);
  if (!startup) return probe_running(world, event.process);  // a fork has none
  if (passes(world, event.process, *startup)) return probe_running(world, event.process);
  PodState& pod = world.kubernetes.pods.edit(event.process);
  if (++pod.startup_failures < startup->failures)
    return set_probe_timer<StartupProbed>(world, event.process, world.now + startup->period);
  const CauseScope scope(world, world.note(StartupFailed{event.process}));
  terminate_process(world, event.process);
}

void on(World& world, const ReadinessProbed& event) {
  if (!concerns(world, event)) return;
  const ProcessId process = event.process;
  const std::optional<Probe> readiness = readiness_of(world, process);
  if (!readiness) return become_ready(world, process);  // a fork has none
  const bool passed =
      declared(world, process) != nullptr ? passes(world, process, *readiness) : services::ready(world, process);
  if (passed) return become_ready(world, process);
  ask_on(world, process, *readiness);
}

void on(World& world, const ReadinessLost& event) {
  if (!concerns(world, event)) return;
  const std::optional<Probe> readiness = readiness_of(world, event.process);
  // A server that has finished its start meanwhile tells nobody; a fork may have no probe.
  world.stale = !readiness || passes(world, event.process, *readiness);
  if (world.stale) return;
  world.kubernetes.pods.edit(event.process).ready = false;
  services::readiness_changed(world);
  ask_on(world, event.process, *readiness);
}

void on(World& world, const LivenessFailed& event) {
  if (!concerns(world, event)) return;
  const std::optional<Probe> liveness = probe(world, event.process, &ProbesSpec::liveness);
  // A server that has finished its start meanwhile tells nobody; a fork may have no probe.
  if (!liveness || passes(world, event.process, *liveness)) {
    world.stale = true;
    return;
  }
  terminate_process(world, event.process);
}

}  // namespace nines::models::kubernetes
