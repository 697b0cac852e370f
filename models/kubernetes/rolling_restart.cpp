#include "models/kubernetes/rolling_restart.hpp"

#include <algorithm>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/broken_revision.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/rollout.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

RollState& roll_of(World& world, WorkloadId workload) { return world.kubernetes.rolls[workload]; }

void step_at(World& world, WorkloadId workload, sim::Time at) {
  RollState& roll = roll_of(world, workload);
  world.queue.cancel(roll.timer);
  roll.timer = world.schedule(at, RollStep{workload});
}

void leave_to_reconciliation(World& world, WorkloadId workload) {
  RollState& roll = roll_of(world, workload);
  roll.refusals = 0;
  world.queue.cancel(roll.timer);
  roll.timer = world.schedule(world.kubernetes.reconciliations.after(world.now), OperatorReconciled{workload});
}

/// The end of the wait for the pod; it goes on sooner when the pod is reported Ready.
sim::Time next_look(World& world, const RollState& roll) {
  const sim::Time end = std::max(roll.wait_until, world.now);
  return NINES_MUTATED(roll_waits_for_nothing) ? std::min(end, world.now + Duration::seconds(1)) : end;
}

/// A pod that is not bound now is being replaced anyway; the operator only waits for it.
bool being_replaced(const PodState& pod) { return pod.object != PodObject::bound; }

void await(World& world, WorkloadId workload, std::uint32_t old_incarnation) {
  RollState& roll = roll_of(world, workload);
  roll.restarting = true;
  roll.refusals = 0;
  roll.incarnation = old_incarnation;
  roll.wait_until = world.now + world.plan->kube().operator_timeout;
  step_at(world, workload, next_look(world, roll));
}

void restart(World& world, WorkloadId workload, ProcessId process) {
  const CauseScope scope(world, world.note(PodRolled{process}));
  PodState& pod = world.kubernetes.pods.edit(process);
  const std::uint32_t incarnation = pod.incarnation;
  pod.returns = pod.container == Container::running;  // else its volume may still be elsewhere
  delete_pod(world, process);
  await(world, workload, incarnation);
}

void refused(World& world, WorkloadId workload) {
  RollState& roll = roll_of(world, workload);
  const Parameters& parameters = world.plan->kube();
  ++roll.refusals;
  if (roll.refusals >= parameters.operator_retry_count) return leave_to_reconciliation(world, workload);
  step_at(world, workload, world.now + refusal_wait(roll.refusals, parameters.operator_retry_first));
}

void restart_next(World& world, WorkloadId workload) {
  RollState& roll = roll_of(world, workload);
  if (roll.left.empty()) {
    roll.active = false;
    world.note(RollFinished{workload});
    return;
  }
  const ProcessId process = roll.left.front();
  const PodState& pod = world.kubernetes.pods[process];
  if (being_replaced(pod)) {
    const bool is_new = pod.object == PodObject::pending;
    return await(world, workload, is_new ? pod.incarnation - 1 : pod.incarnation);
  }
  const bool kubelet_answers = world.kubernetes.nodes[pod.node].answering;
  const bool allowed = never_runs(pod.defect) || services::may_restart(world, process) ||
                       NINES_MUTATED(roll_without_checks) || NINES_MUTATED(roll_waits_for_nothing);
  if (!kubelet_answers || !allowed) return refused(world, workload);
  restart(world, workload, process);
}

void look_after_restarted(World& world, WorkloadId workload) {
  RollState& roll = roll_of(world, workload);
  const ProcessId process = roll.left.front();
  const bool is_new = world.kubernetes.pods[process].incarnation != roll.incarnation;
  if (is_new && (pod_ready(world, process) || NINES_MUTATED(roll_waits_for_nothing))) {
    roll.left.erase(roll.left.begin());
    roll.restarting = false;
    return restart_next(world, workload);
  }
  if (world.now >= roll.wait_until) return leave_to_reconciliation(world, workload);
  step_at(world, workload, next_look(world, roll));
}

/// Of the workload's pods, as its service wants them restarted.
std::vector<ProcessId> restart_order(const World& world, WorkloadId workload) {
  const ServiceId service = world.plan->workloads[workload].service;
  std::vector<ProcessId> order = services::restart_order(world, service.value);
  std::erase_if(order, [&](ProcessId process) { return world.plan->processes[process].workload != workload; });
  return order;
}

/// What is left, in the order that the operator would choose now; a pod it waits for stays first.
void sort_left(World& world, WorkloadId workload) {
  RollState& roll = roll_of(world, workload);
  std::vector<ProcessId> sorted;
  if (roll.restarting) sorted.push_back(roll.left.front());
  for (const ProcessId process : restart_order(world, workload)) {
    const bool left = std::find(roll.left.begin(), roll.left.end(), process) != roll.left.end();
    if (left && (sorted.empty() || sorted.front() != process)) sorted.push_back(process);
  }
  roll.left = sorted;
}

/// Pods that crash-loop have nothing to lose, and may need each other to get ready: once a good revision is in force
/// they are restarted all at once, without checks.
void restart_crash_looping(World& world, WorkloadId workload) {
  RollState& roll = roll_of(world, workload);
  const ProcessId awaited = roll.restarting ? roll.left.front() : ProcessId::none();
  std::erase_if(roll.left, [&](ProcessId process) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool mendable = never_runs(pod.defect) && defect_of_new_pod(world, process) == Defect::none;
    const bool reached = pod.object == PodObject::bound && world.kubernetes.nodes[pod.node].answering;
    if (process == awaited || !mendable || !reached) return false;
    const CauseScope scope(world, world.note(PodRolled{process}));
    world.kubernetes.pods.edit(process).returns = pod.container == Container::running;
    delete_pod(world, process);
    return true;
  });
}

}  // namespace

void look_after_rolls(World& world) {
  for (const WorkloadId id : touched_rolls(world)) {
    const RollState& roll = world.kubernetes.rolls[id];
    const bool waits = roll.active && roll.restarting && controller_works(world, id);
    if (waits && pod_ready(world, roll.left.front())) step_at(world, id, world.now);
  }
  look_after_rollouts(world);
  look_after_ordered_sets(world);
}

void resume_roll(World& world, WorkloadId workload) {
  RollState& roll = roll_of(world, workload);
  if (!roll.active) return;
  roll.wait_until = world.now + world.plan->kube().operator_timeout;
  step_at(world, workload, world.now);
}

void start_rolling_restart(World& world, ServiceId service) {
  for (const WorkloadId id : world.plan->services[service].workloads) {
    const WorkloadPlan& workload = world.plan->workloads[id];
    if (workload.rules().rolls)
      start_roll_of(world, id, workload.rules().owned ? restart_order(world, id) : workload.pods);
  }
}

void start_roll_of(World& world, WorkloadId workload, std::vector<ProcessId> pods) {
  RollState& roll = roll_of(world, workload);
  roll.left = std::move(pods);
  std::erase_if(roll.left, [&](ProcessId process) { return world.kubernetes.pods[process].parked; });
  roll.restarting = false;
  roll.refusals = 0;
  roll.active = true;
  roll.begun = 0;
  expect_progress(world, workload);
  if (controller_works(world, workload)) step_at(world, workload, world.now);
}

void on(World& world, const RollStep& event) {
  const RollState& roll = roll_of(world, event.workload);
  if (!roll.active || !controller_works(world, event.workload)) {
    world.stale = true;
    return;
  }
  if (!world.plan->workloads[event.workload].rules().owned) return continue_rollout(world, event.workload);
  restart_crash_looping(world, event.workload);
  if (roll.restarting) return look_after_restarted(world, event.workload);
  sort_left(world, event.workload);
  restart_next(world, event.workload);
}

void on(World& world, const OperatorReconciled& event) {
  RollState& roll = roll_of(world, event.workload);
  if (!roll.active || !controller_works(world, event.workload)) {
    world.stale = true;
    return;
  }
  roll.wait_until = world.now + world.plan->kube().operator_timeout;
  restart_crash_looping(world, event.workload);
  sort_left(world, event.workload);
  if (roll.restarting) return look_after_restarted(world, event.workload);
  restart_next(world, event.workload);
}

}  // namespace nines::models::kubernetes
