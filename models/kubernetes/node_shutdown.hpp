// Graceful node shutdown: a kubelet that holds the shutdown of its machine up until it has ended its pods.
//
// With shutdownGracePeriod (0 by default: it hears of nothing, and systemd stops it and the containers together, see
// kubelet.hpp) the kubelet has a delaying inhibitor lock of systemd-logind. When the operating system is told to shut
// down it reports its node NotReady, admits no pods, and ends pods with their own grace period, or what is left of the
// shutdown's if that is shorter: first all that are not critical, for the part of the period that is not
// shutdownGracePeriodCriticalPods, then the critical ones. A group whose pods have all stopped, and whose volumes are
// unmounted (from 1.32), is waited for no longer. Then it releases the lock: the machine goes down, and what still runs
// gets its signals from systemd.
//
// A pod that has stopped so has Failed. A Failed pod is none of its ReplicaSet's; a StatefulSet or an operator deletes
// it, which the API server does at once for a pod that has ended, and creates it anew. So pods of all of them are
// replaced without the Node object or its lease playing a part. A pod that has not stopped in time stays as after a
// loss of power: that of a StatefulSet until a person acts, the Node object goes, or the node is marked out of service.
//
// Who shuts a machine down: its reboot, its termination by provisioner, provider or person, and the end of a Spot
// notice.
//
// Source: kubernetes/kubernetes pkg/kubelet/nodeshutdown (nodeshutdown_manager.go killPods, groupByPriority;
// nodeshutdown_manager_linux.go), pkg/kubelet/status (mergePodStatus: no phase Failed while containers run),
// pkg/controller/statefulset/stateful_set_control.go (Failed pods are deleted and created anew), pkg/registry/core/pod
// (CheckGracefulDelete: no grace for a pod that has ended); kubernetes.io documentation, node shutdown;
// kubernetes pull request 125070 (volumes) and 139660 (open: the last node status still names them in use, so that the
// attach/detach controller waits for six minutes). Pods of static manifests are the critical ones here. Left out:
// shutdownGracePeriodByPodPriority; a provider that cuts the power before the lock is released; shutdowns that do not
// go by logind.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Its operating system shuts down: whether its kubelet hears of it. Then it holds that up until it has ended its pods.
bool begin_shutdown(World& world, NodeId node);
/// A container on the machine has ended, or a volume has been unmounted there: the kubelet may be done with a group.
void shutdown_goes_on(World& world, NodeId node);
/// The machine is off, or another one has the slot.
void forget_shutdown(World& world, NodeId node);

}  // namespace nines::models::kubernetes
