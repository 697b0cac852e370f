#include "models/kubernetes/rollout.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/broken_revision.hpp"
#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

bool has_rollouts(Controller controller) { return rules_of(controller).rolls && !rules_of(controller).owned; }

/// It still has the object that was to be replaced. Pods are left in the order of their numbers.
bool is_left(const RollState& roll, ProcessId process) {
  return std::binary_search(roll.left.begin(), roll.left.end(), process);
}

/// The same of pods that are asked for in ascending order, at the cost of a step each.
class LeftOnes {
 public:
  explicit LeftOnes(const RollState& roll) : left_(roll.left) {}
  bool operator()(ProcessId process) {
    while (at_ < left_.size() && left_[at_] < process) ++at_;
    return at_ < left_.size() && left_[at_] == process;
  }

 private:
  std::span<const ProcessId> left_;
  std::size_t at_ = 0;
};

/// Ready for as long as counts.
sim::Time available_from(const World& world, ProcessId process) {
  return world.kubernetes.pods[process].ready_since + world.plan->kube().min_ready;
}
bool available(const World& world, ProcessId process) {
  return pod_ready(world, process) && world.now >= available_from(world, process);
}

// ---- Deployments that start pods beside the old ones ----

/// A pod that its controller wants, of whatever revision.
bool unparked(const World& world, ProcessId process) { return !world.kubernetes.pods[process].parked; }

/// Pods of one pool, as the Deployment controller counts them.
struct PoolCount {
  std::int64_t wanted = 0;
  std::int64_t now = 0;  ///< of the present revision
  std::int64_t old = 0;
  std::int64_t now_available = 0;
  std::int64_t available = 0;
};

/// The pool's part of the workload, which would be a Deployment of its own.
std::vector<ProcessId> pods_of_pool(const World& world, const WorkloadPlan& workload, std::uint16_t pool) {
  std::vector<ProcessId> pods = workload.pods;
  std::erase_if(pods, [&](ProcessId process) { return world.plan->processes[process].pool != pool; });
  return pods;
}

PoolCount count_pool(const World& world, WorkloadId id, const std::vector<ProcessId>& pods) {
  LeftOnes left(world.kubernetes.rolls[id]);
  const PoolSpec& pool = world.plan->pool_of(pods.front());
  PoolCount is;
  is.wanted = pool.autoscaler ? expected_pods(world, id) : pool.replicas;
  for (const ProcessId process : pods) {
    if (!unparked(world, process)) continue;
    const bool old = left(process);
    const bool ready = available(world, process);
    is.old += old;
    is.now += !old;
    is.available += ready;
    is.now_available += ready && !old;
  }
  return is;
}

/// Starts `count` pods of the present revision, in places whose last container has stopped before others.
void start_new_pods(World& world, WorkloadId id, std::vector<ProcessId> places, std::int64_t count) {
  std::erase_if(places, [&](ProcessId process) { return unparked(world, process); });
  std::ranges::stable_sort(
      places, {}, [&](ProcessId process) { return world.kubernetes.pods[process].container != Container::none; });
  for (const ProcessId process : places) {
    if (count-- <= 0) return;
    RollState& roll = world.kubernetes.rolls[id];
    Revision& revision = world.kubernetes.revisions[id];
    if (revision.nth == roll.begun) {
      revision.nth = -1;
      revision.only = process;
    }
    ++roll.begun;
    ++roll.extra;
    unpark(world, process);
  }
}

/// Does without `count` of the pods, in a ReplicaSet's order: those without a machine first, then those that are not
/// Ready (pkg/controller/controller_utils.go, ActivePodsWithRanks).
void stop_spare_pods(World& world, WorkloadId id, std::vector<ProcessId> pods, std::int64_t count) {
  const auto rank = [&](ProcessId process) {
    return std::pair(world.kubernetes.pods[process].object == PodObject::bound, pod_ready(world, process));
  };
  std::ranges::stable_sort(pods, {}, rank);
  pods.resize(std::min(pods.size(), static_cast<std::size_t>(std::max<std::int64_t>(0, count))));
  std::vector<ProcessId> gone = pods;
  std::sort(gone.begin(), gone.end());
  RollState& roll = world.kubernetes.rolls[id];
  std::erase_if(roll.left, [&](ProcessId process) { return std::binary_search(gone.begin(), gone.end(), process); });
  for (const ProcessId process : pods) {
    --world.kubernetes.rolls[id].extra;
    const CauseScope scope(world, world.note(PodUpdated{process}));
    park(world, process);
  }
}

/// One sync of the Deployment controller (pkg/controller/deployment/rolling.go, rolloutRolling). Whether it did
/// anything: then it is called again at once.
bool sync_pool(World& world, WorkloadId id, std::uint16_t pool) {
  const std::vector<ProcessId> pods = pods_of_pool(world, world.plan->workloads[id], pool);
  const PoolCount is = count_pool(world, id, pods);
  const RollLimits limits = roll_limits(world.plan->kube(), is.wanted);
  const auto chosen = [&](bool old) {
    std::vector<ProcessId> some;
    LeftOnes left(std::as_const(world).kubernetes.rolls[id]);
    for (const ProcessId process : pods) {
      if (unparked(world, process) && left(process) == old) some.push_back(process);
    }
    return some;
  };
  // reconcileNewReplicaSet
  if (is.now > is.wanted) {
    stop_spare_pods(world, id, chosen(false), is.now - is.wanted);
    return true;
  }
  const std::int64_t more = std::min(is.wanted + limits.surge - is.now - is.old, is.wanted - is.now);
  if (more > 0) {
    start_new_pods(world, id, pods, more);
    return true;
  }
  // reconcileOldReplicaSets
  const std::int64_t least = is.wanted - limits.unavailable;
  const std::int64_t may_go = is.now + is.old - least - (is.now - is.now_available);
  if (is.old == 0 || may_go <= 0) return false;
  std::vector<ProcessId> idle = chosen(true);  // cleanupUnhealthyReplicas
  std::erase_if(idle, [&](ProcessId process) { return available(world, process); });
  const auto idle_go = std::min(may_go, static_cast<std::int64_t>(idle.size()));
  stop_spare_pods(world, id, std::move(idle), idle_go);
  const std::int64_t ready_go = std::min(is.available - least, is.old - idle_go);  // scaleDownOldReplicaSets...
  if (ready_go > 0) stop_spare_pods(world, id, chosen(true), ready_go);
  return idle_go > 0 || ready_go > 0;
}

void watch_progress(World& world, WorkloadId id);

/// Whether every pool has the pods that it wants, all of them new.
bool continue_surging(World& world, WorkloadId id) {
  if (world.kubernetes.scaled_to_zero[id] != 0) return false;
  const WorkloadPlan& workload = world.plan->workloads[id];
  std::vector<std::uint16_t> pools;
  for (const ProcessId process : workload.pods) {
    if (pools.empty() || pools.back() != world.plan->processes[process].pool)
      pools.push_back(world.plan->processes[process].pool);
  }
  bool settled = true;
  for (const std::uint16_t pool : pools) {
    while (sync_pool(world, id, pool)) {
    }
    const PoolCount is = count_pool(world, id, pods_of_pool(world, workload, pool));
    settled = settled && is.old == 0 && is.now == is.wanted;
  }
  watch_progress(world, id);
  return settled;
}

/// What the controller counts as progress grows (pkg/controller/deployment/progress.go, DeploymentProgressing).
std::int64_t roll_progress(const World& world, WorkloadId id) {
  const RollState& roll = world.kubernetes.rolls[id];
  LeftOnes left(roll);
  std::int64_t ready = 0;
  std::int64_t now = 0;
  for (const ProcessId process : world.plan->workloads[id].pods) {
    if (!unparked(world, process) || left(process)) continue;
    ++now;
    ready += available(world, process);
  }
  return now + ready - static_cast<std::int64_t>(roll.left.size());
}

void watch_progress(World& world, WorkloadId id) {
  if (roll_progress(world, id) > world.kubernetes.rolls[id].reached) expect_progress(world, id);
}

ProcessId first_pod_of(const World& world, WorkloadId id) { return world.plan->workloads[id].pods.front(); }

/// The roll is over: nobody need see to it.
void forget_deadline(World& world, WorkloadId id) {
  RollState& roll = world.kubernetes.rolls[id];
  world.queue.cancel(roll.deadline);
  if (roll.stalled) people::withdraw(world, people::Repair::stuck_roll, first_pod_of(world, id));
  roll.stalled = false;
}

/// It runs, or is to run, a revision that does not work.
bool broken(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  return unparked(world, process) && pod.defect != Defect::none && pod.object != PodObject::gone;
}

/// The roll has come to an end without the pod that was to fail: fewer pods of it were started than it has, for others
/// were evicted meanwhile, or that pod was one too many before it ran.
void forget_failure_to_come(World& world, WorkloadId id) {
  const Revision& revision = std::as_const(world).kubernetes.revisions[id];
  if (revision.nth < 0 && !revision.only.exists()) return;
  const std::vector<ProcessId>& pods = world.plan->workloads[id].pods;
  if (std::any_of(pods.begin(), pods.end(), [&](ProcessId pod) { return broken(world, pod); })) return;
  world.kubernetes.revisions[id].nth = -1;
  faults::upgrade_repaired(world, first_pod_of(world, id));
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

RollLimits roll_limits(const Parameters& parameters, std::int64_t replicas) {
  constexpr double rounding = 1e-9;  // shares are decimals
  const auto pods = static_cast<double>(replicas);
  RollLimits limits;
  limits.surge = static_cast<std::int64_t>(std::ceil(pods * parameters.deployment_max_surge * (1 - rounding)));
  limits.unavailable =
      static_cast<std::int64_t>(std::floor(pods * parameters.deployment_max_unavailable * (1 + rounding)));
  if (NINES_MUTATED(surge_forgotten)) limits.surge = 0;
  if (limits.surge == 0 && limits.unavailable == 0) limits.unavailable = 1;
  return limits;
}

std::int64_t places_beside(const Parameters& parameters, std::int64_t replicas) {
  const RollLimits limits = roll_limits(parameters, replicas);
  return 2 * limits.surge + limits.unavailable;
}

std::int64_t roll_limit(const World& world, WorkloadId id) {
  if (world.plan->workloads[id].rules().fixed) return 1;
  return std::max<std::int64_t>(1, roll_limits(world.plan->kube(), expected_pods(world, id)).unavailable);
}

void expect_progress(World& world, WorkloadId id) {
  if (!world.plan->workloads[id].surges) return;
  forget_deadline(world, id);
  RollState& roll = world.kubernetes.rolls[id];
  roll.reached = roll_progress(world, id);
  roll.deadline = world.schedule(world.now + world.plan->kube().progress_deadline, RollStalled{id});
}

void undo_roll(World& world, ProcessId process) {
  const WorkloadId id = world.plan->processes[process].workload;
  if (!std::as_const(world).kubernetes.rolls[id].active) return;
  start_roll_of(world, id, {});
  // Pods that were to go, for they do not work, are not kept: created anew they have the revision of now.
  for (const ProcessId pod : world.plan->workloads[id].pods) {
    if (!broken(world, pod) || defect_of_new_pod(world, pod) != Defect::none) continue;
    if (world.kubernetes.pods[pod].object == PodObject::pending)
      world.kubernetes.pods.edit(pod).defect = Defect::none;
    else
      delete_pod(world, pod);
  }
}

void on(World& world, const RollStalled& event) {
  RollState& roll = world.kubernetes.rolls[event.workload];
  world.stale = !roll.active;
  if (world.stale) return;
  if (managers_away(world)) {
    roll.deadline = world.schedule(world.now + world.plan->kube().progress_deadline, event);
    return;
  }
  const ProcessId process = first_pod_of(world, event.workload);
  if (faults::roll_stalls(world, process)) return;
  roll.stalled = true;
  people::ask_for_repair(world, people::Repair::stuck_roll, process);
}

void continue_rollout(World& world, WorkloadId id) {
  const WorkloadPlan& workload = world.plan->workloads[id];
  RollState& roll = world.kubernetes.rolls[id];
  if (!roll.active) return;
  forget_replaced(world, roll);
  bool settled = true;
  if (workload.surges) {
    settled = continue_surging(world, id);
  } else if (workload.controller == Controller::stateful_set) {
    continue_set(world, id);
  } else {
    continue_freely(world, id);
  }
  if (!settled || !roll.left.empty() || !all_available(world, workload)) return await_availability(world, id);
  roll.active = false;
  if (workload.surges) {
    forget_deadline(world, id);
    forget_failure_to_come(world, id);
  }
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
    const bool broken = never_runs(pod.defect) && pod.object == PodObject::bound;
    if (!broken || pod.reported_stuck) continue;
    pod.reported_stuck = true;
    const CauseScope scope(world, world.note(RollbackWaits{process}));
    people::ask_for_repair(world, people::Repair::stuck_pod, process);
  }
}

}  // namespace nines::models::kubernetes
