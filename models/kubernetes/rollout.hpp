// Rolling updates by the controllers of Kubernetes itself. They look at readiness alone and ask no service.
//
// A StatefulSet (RollingUpdate) replaces its pods from the highest ordinal down and waits until each is Ready. With
// podManagementPolicy OrderedReady it does nothing while any pod is not Ready, so after a roll back it goes on waiting
// for the pod that the bad revision broke: a person has to delete that one. With Parallel it replaces the next pod
// that has the old revision, Ready or not. A Deployment and a DaemonSet replace pods that are not Ready first and
// freely, then others as long as no more than their maxUnavailable are not Ready. Source: kubernetes.io documentation,
// StatefulSet, forced rollback; kubernetes issue 67250; pkg/controller/statefulset/stateful_set_control.go;
// pkg/controller/deployment/rolling.go; pkg/controller/daemon/update.go.
//
// A pod counts as available when it has been Ready for minReadySeconds (rollout.min_ready); budgets and endpoints ask
// for Ready alone. progressDeadlineSeconds changes nothing that is modelled: a Deployment that has exceeded it says so
// in its status and goes on trying (kubernetes.io documentation, Deployments, failed deployment).
//
// Left out: maxSurge, partitions, maxUnavailable of a StatefulSet.
#pragma once

#include <cstdint>

#include "models/ids.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}  // namespace nines::models

namespace nines::models::kubernetes {

/// Pods of a Deployment or DaemonSet that a roll keeps from being available: one of a DaemonSet; of a Deployment its
/// maxUnavailable (deployment.max_unavailable, 25 %), rounded down, and at least one because it starts none beside
/// them.
std::int64_t roll_limit(const World& world, WorkloadId workload);

/// The roll of a workload whose controller is one of Kubernetes takes its next steps.
void continue_rollout(World& world, WorkloadId workload);
/// Such rolls go on: a pod or a node became Ready.
void look_after_rollouts(World& world);
/// The pod's object is new, whoever deleted the one before: no such roll has to replace it.
void object_renewed(World& world, ProcessId process);
/// A roll back waits for pods that only a person can get out of the way: one is asked.
void report_pods_in_the_way(World& world, WorkloadId workload);

}  // namespace nines::models::kubernetes
