// Rolling updates by the controllers of Kubernetes itself. They look at readiness alone and ask no service.
//
// A StatefulSet (RollingUpdate) replaces its pods from the highest ordinal down and waits until each is Ready. With
// podManagementPolicy OrderedReady it does nothing while any pod is not Ready, so after a roll back it goes on waiting
// for the pod that the bad revision broke: a person has to delete that one. With Parallel it replaces the next pod
// that has the old revision, Ready or not. A DaemonSet replaces pods that are not Ready first and freely, then others
// as long as no more than one is not Ready. Source: kubernetes.io documentation, StatefulSet, forced rollback;
// kubernetes issue 67250; pkg/controller/statefulset/stateful_set_control.go; pkg/controller/daemon/update.go.
//
// A Deployment starts new pods beside the old ones: of all revisions there are never more than its replicas and
// maxSurge, and old ones stop only as far as maxUnavailable leaves enough pods available. Old pods that are not
// available go first. Pods that are being deleted count no more, and may still be there. Its plan has places for so
// many pods, of which those that nobody wants are parked: a place has no revision, and after a roll other places than
// before may be the parked ones. A new pod for which no machine has room is Pending, and the roll waits. Source:
// pkg/controller/deployment/rolling.go (rolloutRolling) and util/deployment_util.go (ResolveFenceposts); that of
// processes which cannot be parked (Kind::parks) starts none beside them.
//
// A pod counts as available when it has been Ready for minReadySeconds (rollout.min_ready); budgets and endpoints ask
// for Ready alone. A Deployment that has not got on for progressDeadlineSeconds says so in its status and goes on
// trying (kubernetes.io documentation, Deployments, failed deployment). Whoever waits for `kubectl rollout status`
// hears of it: a change that is broken is rolled back, and a roll that only waits is undone.
//
// Left out: old pods that are created anew while the roll is on have the new revision; proportional scaling of both
// revisions by an autoscaler; maxSurge of a DaemonSet; partitions, maxUnavailable of a StatefulSet.
#pragma once

#include <cstdint>

#include "models/ids.hpp"
#include "models/kubernetes/parameters.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}  // namespace nines::models

namespace nines::models::kubernetes {

/// How many pods a roll of a Deployment may start beside its replicas, and how many of these it may keep from being
/// available.
struct RollLimits {
  std::int64_t surge = 0;
  std::int64_t unavailable = 0;
};
/// deployment.max_surge of `replicas` rounded up, deployment.max_unavailable rounded down; one unavailable if both are
/// 0.
RollLimits roll_limits(const Parameters& parameters, std::int64_t replicas);

/// Places for pods that a roll needs beside `replicas`: for those it starts, and while others that it has stopped are
/// still there.
std::int64_t places_beside(const Parameters& parameters, std::int64_t replicas);

/// Pods that a roll which starts none beside them keeps from being available: one of a DaemonSet; of a Deployment its
/// maxUnavailable, and at least one.
std::int64_t roll_limit(const World& world, WorkloadId workload);

/// The workload's roll has got on, or begins: its progress deadline counts from now. Does nothing to one that has none.
void expect_progress(World& world, WorkloadId workload);

/// The roll of a workload whose controller is one of Kubernetes takes its next steps.
void continue_rollout(World& world, WorkloadId workload);
/// Such rolls go on: a pod or a node became Ready.
void look_after_rollouts(World& world);
/// The pod's object is new, whoever deleted the one before: no such roll has to replace it.
void object_renewed(World& world, ProcessId process);
/// A roll back waits for pods that only a person can get out of the way: one is asked.
void report_pods_in_the_way(World& world, WorkloadId workload);

}  // namespace nines::models::kubernetes
