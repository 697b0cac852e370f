#include "models/kubernetes/rolling_restart.hpp"

#include <algorithm>

#include "models/kubernetes/broken_revision.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

RollState& roll_of(World& world, std::uint16_t service) { return world.kubernetes.rolls[service]; }

void step_at(World& world, std::uint16_t service, sim::Time at) {
  RollState& roll = roll_of(world, service);
  world.queue.cancel(roll.timer);
  roll.timer = world.schedule(at, RollStep{service});
}

void leave_to_reconciliation(World& world, std::uint16_t service) {
  RollState& roll = roll_of(world, service);
  roll.refusals = 0;
  world.queue.cancel(roll.timer);
  roll.timer = world.schedule(world.kubernetes.reconciliations.after(world.now), OperatorReconciled{service});
}

/// The end of the wait for the pod; it goes on sooner when the pod is reported Ready.
sim::Time next_look(World& world, const RollState& roll) {
  const sim::Time end = std::max(roll.wait_until, world.now);
  return NINES_MUTATED(roll_waits_for_nothing) ? std::min(end, world.now + Duration::seconds(1)) : end;
}

bool crash_loops(const PodState& pod) { return pod.defect == Defect::crash_loops; }

/// A pod that is not bound now is being replaced anyway; the operator only waits for it.
bool being_replaced(const PodState& pod) { return pod.object != PodObject::bound; }

void await(World& world, std::uint16_t service, std::uint32_t old_incarnation) {
  RollState& roll = roll_of(world, service);
  roll.restarting = true;
  roll.refusals = 0;
  roll.incarnation = old_incarnation;
  roll.wait_until = world.now + world.plan->kube().operator_timeout;
  step_at(world, service, next_look(world, roll));
}

void restart(World& world, std::uint16_t service, ProcessId process) {
  const CauseScope scope(world, world.note(PodRolled{process}));
  PodState& pod = world.kubernetes.pods.edit(process);
  const std::uint32_t incarnation = pod.incarnation;
  pod.returns = pod.container == Container::running;  // else its volume may still be elsewhere
  delete_pod(world, process);
  await(world, service, incarnation);
}

void refused(World& world, std::uint16_t service) {
  RollState& roll = roll_of(world, service);
  const Parameters& parameters = world.plan->kube();
  ++roll.refusals;
  if (roll.refusals >= parameters.operator_retry_count) return leave_to_reconciliation(world, service);
  step_at(world, service, world.now + refusal_wait(roll.refusals, parameters.operator_retry_first));
}

void restart_next(World& world, std::uint16_t service) {
  RollState& roll = roll_of(world, service);
  if (roll.left.empty()) {
    roll.active = false;
    world.note(RollFinished{service});
    return;
  }
  const ProcessId process = roll.left.front();
  const PodState& pod = world.kubernetes.pods[process];
  if (being_replaced(pod)) {
    const bool is_new = pod.object == PodObject::pending;
    return await(world, service, is_new ? pod.incarnation - 1 : pod.incarnation);
  }
  const bool kubelet_answers = world.kubernetes.nodes[pod.node].answering;
  const bool allowed = crash_loops(pod) || services::may_restart(world, process) ||
                       NINES_MUTATED(roll_without_checks) || NINES_MUTATED(roll_waits_for_nothing);
  if (!kubelet_answers || !allowed) return refused(world, service);
  restart(world, service, process);
}

void look_after_restarted(World& world, std::uint16_t service) {
  RollState& roll = roll_of(world, service);
  const ProcessId process = roll.left.front();
  const bool is_new = world.kubernetes.pods[process].incarnation != roll.incarnation;
  if (is_new && (pod_ready(world, process) || NINES_MUTATED(roll_waits_for_nothing))) {
    roll.left.erase(roll.left.begin());
    roll.restarting = false;
    return restart_next(world, service);
  }
  if (world.now >= roll.wait_until) return leave_to_reconciliation(world, service);
  step_at(world, service, next_look(world, roll));
}

/// What is left, in the order that the operator would choose now; a pod it waits for stays first.
void sort_left(World& world, std::uint16_t service) {
  RollState& roll = roll_of(world, service);
  std::vector<ProcessId> sorted;
  if (roll.restarting) sorted.push_back(roll.left.front());
  for (const ProcessId process : services::restart_order(world, service)) {
    const bool left = std::find(roll.left.begin(), roll.left.end(), process) != roll.left.end();
    if (left && (sorted.empty() || sorted.front() != process)) sorted.push_back(process);
  }
  roll.left = sorted;
}

/// Pods that crash-loop have nothing to lose, and may need each other to get ready: once a good revision is in force
/// they are restarted all at once, without checks.
void restart_crash_looping(World& world, std::uint16_t service) {
  RollState& roll = roll_of(world, service);
  const ProcessId awaited = roll.restarting ? roll.left.front() : ProcessId::none();
  std::erase_if(roll.left, [&](ProcessId process) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool mendable = crash_loops(pod) && defect_of_new_pod(world, process) == Defect::none;
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
  for (std::size_t i = 0; i < world.kubernetes.rolls.size(); ++i) {
    const RollState& roll = world.kubernetes.rolls[i];
    const bool waits = roll.active && roll.restarting && operator_works(world);
    if (waits && pod_ready(world, roll.left.front())) step_at(world, static_cast<std::uint16_t>(i), world.now);
  }
}

void resume_rolls(World& world) {
  for (std::size_t i = 0; i < world.kubernetes.rolls.size(); ++i) {
    const auto service = static_cast<std::uint16_t>(i);
    if (!world.kubernetes.rolls[i].active) continue;
    world.kubernetes.rolls[i].wait_until = world.now + world.plan->kube().operator_timeout;
    step_at(world, service, world.now);
  }
}

void start_rolling_restart(World& world, std::size_t service) {
  start_roll_of(world, service, services::restart_order(world, service));
}

void start_roll_of(World& world, std::size_t service, std::vector<ProcessId> pods) {
  RollState& roll = world.kubernetes.rolls[service];
  roll.left = std::move(pods);
  roll.restarting = false;
  roll.refusals = 0;
  roll.active = true;
  if (operator_works(world)) step_at(world, static_cast<std::uint16_t>(service), world.now);
}

void on(World& world, const RollStep& event) {
  const RollState& roll = roll_of(world, event.service);
  if (!roll.active || !operator_works(world)) {
    world.stale = true;
    return;
  }
  restart_crash_looping(world, event.service);
  if (roll.restarting) return look_after_restarted(world, event.service);
  sort_left(world, event.service);
  restart_next(world, event.service);
}

void on(World& world, const OperatorReconciled& event) {
  RollState& roll = roll_of(world, event.service);
  if (!roll.active || !operator_works(world)) {
    world.stale = true;
    return;
  }
  roll.wait_until = world.now + world.plan->kube().operator_timeout;
  restart_crash_looping(world, event.service);
  sort_left(world, event.service);
  if (roll.restarting) return look_after_restarted(world, event.service);
  restart_next(world, event.service);
}

}  // namespace nines::models::kubernetes
