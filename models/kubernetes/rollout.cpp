#include "models/kubernetes/rollout.hpp"

#include <algorithm>
#include <utility>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/broken_revision.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

bool has_rollouts(Controller controller) { return rules_of(controller).rolls && !rules_of(controller).owned; }

/// It still has the object that was to be replaced.
bool is_left(const RollState& roll, ProcessId process) {
  return std::find(roll.left.begin(), roll.left.end(), process) != roll.left.end();
}

void replace(World& world, RollState& roll, ProcessId process) {
  std::erase(roll.left, process);
  const CauseScope scope(world, world.note(PodUpdated{process}));
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.returns = rules_of(world.plan->workload_of(process).controller).one_a_name && pod.container == Container::running;
  delete_pod(world, process);
}

/// A person changes the manifest on the machine: the kubelet ends the container and starts the new one in its place.
void change_manifest(World& world, RollState& roll, ProcessId process) {
  std::erase(roll.left, process);
  const CauseScope scope(world, world.note(PodUpdated{process}));
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.defect = defect_of_new_pod(world, process);
  pod.backoff = Duration();
  if (pod.container != Container::running) return restart_now(world, process);
  pod.ready = false;
  terminate_process(world, process);
}

/// Ready for as long as counts.
sim::Time available_from(const World& world, ProcessId process) {
  return world.kubernetes.pods[process].ready_since + world.plan->kube().min_ready;
}
bool available(const World& world, ProcessId process) {
  return pod_ready(world, process) && world.now >= available_from(world, process);
}

/// The roll goes on when the next pod that is Ready has been so for long enough.
void await_availability(World& world, WorkloadId id) {
  RollState& roll = world.kubernetes.rolls[id];
  sim::Time first = sim::Time::never();
  for (const ProcessId process : world.plan->workloads[id].pods) {
    const sim::Time from = available_from(world, process);
    if (pod_ready(world, process) && from > world.now) first = std::min(first, from);
  }
  if (first == sim::Time::never() || world.queue.when(roll.timer) <= first) return;
  world.queue.cancel(roll.timer);
  roll.timer = world.schedule(first, RollStep{id});
}

bool ordered(const WorkloadPlan& workload) {
  return workload.controller == Controller::stateful_set && workload.management == PodManagement::ordered_ready;
}

bool all_available(const World& world, const WorkloadPlan& workload) {
  return std::all_of(workload.pods.begin(), workload.pods.end(), [&](ProcessId process) {
    return world.kubernetes.pods[process].parked || available(world, process);
  });
}

/// Objects that were deleted by others since the roll began were created anew with the revision of now.
void forget_replaced(const World& world, RollState& roll) {
  std::erase_if(roll.left, [&](ProcessId process) {
    const PodObject object = world.kubernetes.pods[process].object;
    return object == PodObject::gone || object == PodObject::pending;
  });
}

void continue_set(World& world, WorkloadId id) {
  const WorkloadPlan& set = world.plan->workloads[id];
  RollState& roll = world.kubernetes.rolls[id];
  if (ordered(set) && !all_available(world, set)) return;
  for (auto pod = set.pods.rbegin(); pod != set.pods.rend(); ++pod) {
    const bool terminating = world.kubernetes.pods[*pod].object == PodObject::terminating;
    if (is_left(roll, *pod) && !terminating) return replace(world, roll, *pod);
    if (!available(world, *pod)) return;
  }
}

void continue_freely(World& world, WorkloadId id) {
  const WorkloadPlan& workload = world.plan->workloads[id];
  RollState& roll = world.kubernetes.rolls[id];
  const auto renew = workload.controller == Controller::static_pod ? change_manifest : replace;
  const std::vector<ProcessId> left = roll.left;
  for (const ProcessId process : left) {
    if (!pod_ready(world, process)) renew(world, roll, process);
  }
  const std::int64_t limit = roll_limit(world, id);
  while (!roll.left.empty()) {
    const auto unavailable = std::count_if(workload.pods.begin(), workload.pods.end(), [&](ProcessId process) {
      return !world.kubernetes.pods[process].parked && !available(world, process);
    });
    if (unavailable >= limit) return;
    renew(world, roll, roll.left.front());
  }
}

}  // namespace

std::int64_t roll_limit(const World& world, WorkloadId id) {
  if (world.plan->workloads[id].rules().fixed) return 1;
  constexpr double rounding = 1e-9;  // shares are decimals
  const double share = world.plan->kube().deployment_max_unavailable * (1 + rounding);
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(expected_pods(world, id)) * share));
}

void continue_rollout(World& world, WorkloadId id) {
  const WorkloadPlan& workload = world.plan->workloads[id];
  RollState& roll = world.kubernetes.rolls[id];
  if (!roll.active) return;
  forget_replaced(world, roll);
  if (workload.controller == Controller::stateful_set) {
    continue_set(world, id);
  } else {
    continue_freely(world, id);
  }
  if (!roll.left.empty() || !all_available(world, workload)) return await_availability(world, id);
  roll.active = false;
  world.note(RollFinished{id});
}

void look_after_rollouts(World& world) {
  for (const WorkloadId id : touched_rolls(world)) {
    RollState& roll = world.kubernetes.rolls[id];
    if (!roll.active || !has_rollouts(world.plan->workloads[id].controller)) continue;
    if (!world.queue.pending(roll.timer)) roll.timer = world.schedule(world.now, RollStep{id});
  }
}

void object_renewed(World& world, ProcessId process) {
  const WorkloadId id = world.plan->processes[process].workload;
  if (std::as_const(world).kubernetes.rolls[id].left.empty()) return;
  if (has_rollouts(world.plan->workloads[id].controller)) std::erase(world.kubernetes.rolls[id].left, process);
}

void report_pods_in_the_way(World& world, WorkloadId id) {
  const WorkloadPlan& set = world.plan->workloads[id];
  if (!ordered(set)) return;
  for (const ProcessId process : set.pods) {
    PodState& pod = world.kubernetes.pods.edit(process);
    const bool broken = pod.defect == Defect::crash_loops && pod.object == PodObject::bound;
    if (!broken || pod.reported_stuck) continue;
    pod.reported_stuck = true;
    const CauseScope scope(world, world.note(RollbackWaits{process}));
    people::ask_for_repair(world, people::Repair::stuck_pod, process);
  }
}

}  // namespace nines::models::kubernetes
