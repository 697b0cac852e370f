#include "models/kubernetes/pod_lifecycle.hpp"

#include <algorithm>
#include <vector>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/broken_revision.hpp"
#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/fargate.hpp"
#include "models/kubernetes/job.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/rollout.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

ComponentId component(const World& world, ProcessId process) { return world.plan->processes[process].component; }

WorkloadId workload(const World& world, ProcessId process) { return world.plan->processes[process].workload; }

/// A pod of a lower ordinal is not Ready, and the set creates its pods in order.
bool waits_for_lower(const World& world, ProcessId process) {
  const WorkloadPlan& set = world.plan->workload_of(process);
  if (set.controller != Controller::stateful_set || set.management == PodManagement::parallel) return false;
  for (const ProcessId lower : set.pods) {
    if (lower == process) return false;
    if (!pod_ready(world, lower)) return true;
  }
  return false;
}

/// Its controller creates the pod now, if it is gone.
bool wanted(const World& world, ProcessId process) {
  const WorkloadId id = workload(world, process);
  return world.kubernetes.scaled_to_zero[id] == 0 && !world.kubernetes.pods[process].parked &&
         controller_works(world, id) && !waits_for_lower(world, process);
}

void schedule_creation(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (rules_of(world, process).ends) return;  // its Job knows whether it wants another one, and when
  if (!wanted(world, process) || world.queue.pending(pod.step_timer)) return;
  Duration delay;  // controllers of Kubernetes itself watch, and act at once
  if (rules_of(world, process).owned) {
    delay = world.draw(component(world, process), Purpose::operator_react, world.plan->kube().operator_react);
  }
  pod.step_timer = world.schedule(world.now + delay, PodCreated{process, pod.incarnation});
}

void forget_object(World& world, PodState& pod) {
  pod.object = PodObject::gone;
  pod.fails = false;
  pod.unschedulable = false;
  pod.nominated = NodeId::none();
  world.queue.cancel(pod.eviction_timer);
  world.queue.cancel(pod.collect_timer);
}

/// A container that had not run yet has nothing to stop.
void abandon_start(World& world, PodState& pod) {
  world.queue.cancel(pod.step_timer);
  if (pod.container == Container::starting || pod.container == Container::waiting) pod.container = Container::none;
}

}  // namespace

bool runs_elsewhere(const PodState& pod) {
  return alive(pod.container) && (pod.container_node != pod.node || pod.container_machine != pod.machine);
}

bool on_machine(const World& world, ProcessId process, NodeId node) {
  const PodState& pod = world.kubernetes.pods[process];
  const bool has_machine = pod.object == PodObject::bound || pod.object == PodObject::terminating;
  return has_machine && pod.node == node && pod.machine == world.kubernetes.nodes[node].machine;
}

bool on_current_machine(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  return pod.container_machine == world.kubernetes.nodes[pod.container_node].machine;
}

std::optional<bool> seen_ready(const World& world, ProcessId process) {
  if (!world.kubernetes.control_plane.managers) return std::nullopt;  // nobody writes EndpointSlices
  const PodState& pod = world.kubernetes.pods[process];
  if (pod.object != PodObject::bound) return false;
  const NodeState& node = world.kubernetes.nodes[pod.node];
  if (!node.ready) return false;
  return node.answering ? std::optional(pod_ready(world, process)) : std::nullopt;
}

void delete_pod(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.object != PodObject::bound) return;
  pod.object = PodObject::terminating;
  world.queue.cancel(pod.eviction_timer);
  const bool kept = rules_of(world, process).one_a_name;
  if (world.kubernetes.nodes[pod.node].answering) {
    if (runs_elsewhere(pod)) return remove_pod_object(world, process);
    stop_pod(world, process);
    if (!kept && pod.object == PodObject::terminating) remove_pod_object(world, process);
    return;
  }
  if (!kept) return remove_pod_object(world, process);
  report_stuck(world, process);
}

void remove_pod_object(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.object == PodObject::gone) return;
  const CauseScope scope(world, world.note(PodRemoved{process}));
  const bool own_container = pod.container_pod == pod.incarnation;
  const bool was_pending = pod.object == PodObject::pending;
  const NodeId machine = was_pending ? NodeId::none() : pod.node;
  abandon_launch(world, process);
  forget_object(world, pod);
  world.kubernetes.attention.missing.insert(process.value);
  services::readiness_changed(world);
  if (pod.reported_stuck) people::withdraw(world, people::Repair::stuck_pod, process);
  pod.reported_stuck = false;
  // A copy of an earlier object that still stops elsewhere goes on; what was due for a pending one is void.
  if (own_container || pod.container == Container::none)
    abandon_start(world, pod);
  else if (was_pending)
    world.queue.cancel(pod.step_timer);
  schedule_creation(world, process);
  const VolumeId volume = world.plan->mounted_by(process);
  if (volume.exists()) claim_released(world, process);
  if (volume.exists()) reconcile_attachment(world, volume);
  retry_unschedulable(world);
  if (machine.exists()) vacate(world, process, machine);
  if (rules_of(world, process).ends) job_pod_gone(world, process);
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

namespace {

/// When the collector removes pods of a Node object that is gone since `from`. The delay of the quarantine starts
/// within a pass, and real passes drift: the pass nominally due at its end finds it over.
sim::Time orphans_collected_at(const World& world, sim::Time from) {
  const sim::Grid& passes = world.kubernetes.collector_passes;
  return passes.at_or_after(passes.at_or_after(from) + world.plan->kube().podgc_quarantine);
}

}  // namespace

void collect_orphans_anew(World& world) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    const PodState& pod = world.kubernetes.pods[process];
    if (pod.object != PodObject::bound && pod.object != PodObject::terminating) continue;
    const NodeState& node = world.kubernetes.nodes[pod.node];
    const bool orphan = pod.machine < node.machine || (pod.machine == node.machine && !node.object);
    if (orphan) collect_at(world, process, orphans_collected_at(world, world.now));
  }
}

void collect_orphans(World& world, NodeId node, Machine machine, sim::Time from) {
  const sim::Time at = orphans_collected_at(world, from);
  for (const ProcessId process : near(world, node)) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool has_machine = pod.object == PodObject::bound || pod.object == PodObject::terminating;
    if (has_machine && pod.node == node && pod.machine == machine) collect_at(world, process, at);
  }
}

void create_missing(World& world, WorkloadId workload) {
  if (world.plan->workloads[workload].rules().ends) return look_after_jobs(world, workload);
  for (const ProcessId process : world.plan->workloads[workload].pods) {
    if (world.kubernetes.pods[process].object == PodObject::gone) schedule_creation(world, process);
  }
}

void look_after_ordered_sets(World& world) {
  std::vector<WorkloadId> sets;  // of which a pod is missing
  for (ProcessId process = next_of(world, &Attention::missing, ProcessId::of(0)); process.exists();
       process = next_of(world, &Attention::missing, ProcessId::of(process.value + 1))) {
    if (world.kubernetes.pods[process].object != PodObject::gone) {
      world.kubernetes.attention.missing.erase(process.value);
      continue;
    }
    const WorkloadId id = workload(world, process);
    const WorkloadPlan& set = world.plan->workloads[id];
    if (set.controller == Controller::stateful_set && set.management == PodManagement::ordered_ready)
      sets.push_back(id);
  }
  std::sort(sets.begin(), sets.end());
  sets.erase(std::unique(sets.begin(), sets.end()), sets.end());
  for (const WorkloadId id : sets) create_missing(world, id);
}

void bind_to_successor(World& world, NodeId node) {
  for (const ProcessId process : world.plan->starts_on[node]) {
    const ControllerRules& rules = rules_of(world, process);
    if (!rules.fixed || !rules.kubernetes || world.plan->processes[process].node != node) continue;
    PodState& pod = world.kubernetes.pods.edit(process);
    forget_object(world, pod);
    abandon_start(world, pod);
    ++pod.incarnation;
    pod.object = PodObject::bound;
    pod.node = node;
    pod.machine = world.kubernetes.nodes[node].machine;
    pod.backoff = Duration();
    pod.restarts = 0;
    pod.defect = defect_of_new_pod(world, process);
    const VolumeId volume = world.plan->processes[process].volume;
    if (volume.exists()) {  // a local one: others do not go with these controllers
      VolumeState& state = world.kubernetes.volumes.edit(volume);
      state.attachment = Attachment::detached;
      claim_local_disk(world, process);
    }
    continue_start(world, process);
  }
}

void park(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.parked = true;
  if (pod.object == PodObject::pending) return remove_pod_object(world, process);
  delete_pod(world, process);
}

void unpark(World& world, ProcessId process) {
  world.kubernetes.pods.edit(process).parked = false;
  if (world.kubernetes.pods[process].object == PodObject::gone) schedule_creation(world, process);
}

std::int64_t expected_pods(const World& world, WorkloadId workload) {
  std::int64_t count = 0;
  for (const ProcessId process : world.plan->workloads[workload].pods) count += !world.kubernetes.pods[process].parked;
  return count - world.kubernetes.rolls[workload].extra;
}

void scale_to_zero(World& world, ServiceId service) {
  for (const WorkloadId id : world.plan->services[service].workloads)
    world.kubernetes.scaled_to_zero[id] = NINES_MUTATED(scale_up_forgotten) ? 0 : 1;
  for (const ProcessId process : world.plan->services[service].members) {
    if (world.kubernetes.pods[process].object == PodObject::pending) remove_pod_object(world, process);
    delete_pod(world, process);
  }
}

void scale_up(World& world, ServiceId service) {
  for (const WorkloadId id : world.plan->services[service].workloads) world.kubernetes.scaled_to_zero[id] = 0;
  for (const WorkloadId id : world.plan->services[service].workloads) create_missing(world, id);
}

void delete_pod_by_force(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.object == PodObject::gone) return;
  const bool had_machine = pod.object != PodObject::pending;
  remove_pod_object(world, process);
  if (had_machine && !runs_elsewhere(pod) && world.kubernetes.nodes[pod.node].answering) kill_pod(world, process);
}

void on(World& world, const PodCollected& event) {
  if (managers_away(world)) return;
  const PodState& pod = world.kubernetes.pods[event.process];
  if (pod.incarnation != event.incarnation || pod.object == PodObject::gone) {
    world.stale = true;
    return;
  }
  remove_pod_object(world, event.process);
}

void on(World& world, const PodCreated& event) {
  PodState& pod = world.kubernetes.pods.edit(event.process);
  if (pod.incarnation != event.incarnation || pod.object != PodObject::gone || !wanted(world, event.process)) {
    world.stale = true;
    return;
  }
  ++pod.incarnation;
  pod.object = PodObject::pending;
  pod.backoff = Duration();
  pod.restarts = 0;
  pod.defect = defect_of_new_pod(world, event.process);
  pod.tries = 0;
  pod.succeeded = pod.finished = pod.reported = false;
  object_renewed(world, event.process);
  expect_scheduling(world, event.process);
}

}  // namespace nines::models::kubernetes
