#include "models/kubernetes/pod_lifecycle.hpp"

#include "models/kubernetes/broken_revision.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

ComponentId component(const World& world, ProcessId process) { return world.plan->processes[process].component; }

/// The operator wants no pod of the process's service.
bool unwanted(const World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  return service.exists() && world.kubernetes.scaled_to_zero[service.value];
}

void schedule_creation(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (unwanted(world, process)) return;
  if (world.queue.pending(pod.step_timer)) return;
  Duration delay;
  if (!is_operator(world, process)) {
    if (!operator_works(world)) return;
    delay = world.draw(component(world, process), Purpose::operator_react, world.plan->kube().operator_react);
  }
  pod.step_timer = world.schedule(world.now + delay, PodCreated{process, pod.incarnation});
}

void forget_object(World& world, PodState& pod) {
  pod.object = PodObject::gone;
  pod.unschedulable = false;
  world.queue.cancel(pod.eviction_timer);
  world.queue.cancel(pod.collect_timer);
}

/// A container that had not run yet has nothing to stop.
void abandon_start(World& world, PodState& pod) {
  world.queue.cancel(pod.step_timer);
  if (pod.container == Container::starting || pod.container == Container::waiting) pod.container = Container::none;
}

}  // namespace

bool on_machine(const World& world, ProcessId process, NodeId node) {
  const PodState& pod = world.kubernetes.pods[process];
  const bool has_machine = pod.object == PodObject::bound || pod.object == PodObject::terminating;
  return has_machine && pod.node == node && pod.machine == world.kubernetes.nodes[node].machine;
}

bool on_current_machine(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  return pod.container_machine == world.kubernetes.nodes[pod.container_node].machine;
}

bool is_operator(const World& world, ProcessId process) { return !world.plan->processes[process].service.exists(); }

bool operator_works(const World& world) {
  const ProcessId process = world.plan->operator_process;
  if (!process.exists()) return true;
  const ProcessState& state = world.processes[process];
  return state.status == ProcessState::Status::running && world.kubernetes.nodes[state.node].answering;
}

void delete_pod(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.object != PodObject::bound) return;
  pod.object = PodObject::terminating;
  world.queue.cancel(pod.eviction_timer);
  if (world.kubernetes.nodes[pod.node].answering) return stop_pod(world, process);
  if (is_operator(world, process)) return remove_pod_object(world, process);
  report_stuck(world, process);
}

void remove_pod_object(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.object == PodObject::gone) return;
  const CauseScope scope(world, world.note(PodRemoved{process}));
  const bool own_container = pod.container_pod == pod.incarnation;
  forget_object(world, pod);
  if (pod.reported_stuck) people::withdraw(world, people::Repair::stuck_pod, process);
  pod.reported_stuck = false;
  if (own_container || pod.container == Container::none) abandon_start(world, pod);
  schedule_creation(world, process);
  const VolumeId volume = world.plan->processes[process].volume;
  if (volume.exists()) reconcile_attachment(world, volume);
  retry_unschedulable(world);
}

void report_stuck(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.reported_stuck) return;
  pod.reported_stuck = true;
  const CauseScope scope(world, world.note(PodStuck{process}));
  people::ask_for_repair(world, people::Repair::stuck_pod, process);
}

void collect_at(World& world, ProcessId process, sim::Time at) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (world.queue.when(pod.collect_timer) <= at) return;
  world.queue.cancel(pod.collect_timer);
  pod.collect_timer = world.schedule(at, PodCollected{process, pod.incarnation});
}

void collect_orphans(World& world, NodeId node, Machine machine, sim::Time from) {
  const sim::Grid& passes = world.kubernetes.collector_passes;
  // The delay of the quarantine starts within a pass, and real passes drift: the pass nominally due at its end finds it
  // over.
  const sim::Time at = passes.at_or_after(passes.at_or_after(from) + world.plan->kube().podgc_quarantine);
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool has_machine = pod.object == PodObject::bound || pod.object == PodObject::terminating;
    if (has_machine && pod.node == node && pod.machine == machine) collect_at(world, process, at);
  }
}

void operator_resumes(World& world) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    if (world.kubernetes.pods[process].object == PodObject::gone) schedule_creation(world, process);
  }
  resume_rolls(world);
}

void operator_pauses(World& world) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    const PodState& pod = world.kubernetes.pods[process];
    if (!pod.returns || pod.object != PodObject::gone) continue;
    world.kubernetes.pods.edit(process).returns = false;
    const VolumeId volume = world.plan->processes[process].volume;
    if (volume.exists()) reconcile_attachment(world, volume);
  }
}

void scale_to_zero(World& world, std::size_t service) {
  world.kubernetes.scaled_to_zero[service] = !NINES_MUTATED(scale_up_forgotten);
  for (const ProcessId process : world.plan->services[ServiceId::of(service)].members) {
    if (world.kubernetes.pods[process].object == PodObject::pending) remove_pod_object(world, process);
    delete_pod(world, process);
  }
}

void scale_up(World& world, std::size_t service) {
  world.kubernetes.scaled_to_zero[service] = false;
  for (const ProcessId process : world.plan->services[ServiceId::of(service)].members) {
    if (world.kubernetes.pods[process].object == PodObject::gone) schedule_creation(world, process);
  }
}

void delete_pod_by_force(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.object == PodObject::gone) return;
  const bool had_machine = pod.object != PodObject::pending;
  remove_pod_object(world, process);
  if (had_machine && world.kubernetes.nodes[pod.node].answering) kill_pod(world, process);
}

void on(World& world, const PodCollected& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  if (pod.incarnation != event.incarnation || pod.object == PodObject::gone) {
    world.stale = true;
    return;
  }
  remove_pod_object(world, event.process);
}

void on(World& world, const PodCreated& event) {
  PodState& pod = world.kubernetes.pods.edit(event.process);
  const bool creator_works = is_operator(world, event.process) || operator_works(world);
  if (pod.incarnation != event.incarnation || pod.object != PodObject::gone || !creator_works ||
      unwanted(world, event.process)) {
    world.stale = true;
    return;
  }
  ++pod.incarnation;
  pod.object = PodObject::pending;
  pod.backoff = Duration();
  pod.restarts = 0;
  pod.defect = defect_of_new_pod(world, event.process);
  pod.tries = 0;
  expect_scheduling(world, event.process);
}

}  // namespace nines::models::kubernetes
