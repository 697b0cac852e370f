// Node-pressure eviction: a machine that runs short of memory or disk has its pods evicted by its kubelet.
//
// The kubelet looks every 10 s. Below its hard threshold (memory.available 100 MiB, nodefs.available 10 %,
// imagefs.available 15 %) it ends one pod at each look, with a grace period of 0 and without regard to disruption
// budgets, until the machine has enough again. First come pods that use more than they request, those of lower priority
// first, and of these the one that exceeds its request the most. Pods of static manifests stay. The node keeps its
// condition for five minutes after the pressure.
//
// Memory: the pod whose memory grows exceeds its request the most, and a pod that requests no memory exceeds it too. If
// nothing else is left, the kernel kills the process that grows. Pods that request no memory are not scheduled there
// meanwhile, others tolerate the taint.
//
// Disk: before it ends pods the kubelet removes what no container uses, images among it, as its garbage collection does
// from 85 % on; they are pulled again when they are wanted. No pod here requests ephemeral storage, so that all exceed
// it, and the one that fills the disk the most. What it wrote goes with it. What belongs to no pod stays, whoever is
// evicted, until a person has made room. No pod is scheduled there meanwhile, and the kubelet admits none; what it
// evicted of a DaemonSet waits for the end of the condition.
//
// Source: kubernetes.io documentation, node-pressure eviction; kubernetes/kubernetes pkg/kubelet/eviction
// (eviction_manager.go synchronize, Admit; helpers.go rankMemoryPressure, rankDiskPressureFunc); Kubernetes sheet,
// section 4. Left out: evictions while the kubelet does not reach the API server (it waits until it does); the kernel's
// OOM killer, which comes first if memory grows too fast for a look (such ends are crashes, process.crash.rate); soft
// thresholds; inodes and process ids; how much memory and disk each pod uses, and so the time in which a disk fills and
// what writes to a full one get.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// The machine stops: memory is free again, and what a pod wrote goes with its container. What else fills its disk
/// stays.
void pressure_rests(World& world, NodeId node);
/// Its kubelet runs again.
void pressure_resumes(World& world, NodeId node);
/// Another machine takes the slot.
void forget_pressure(World& world, NodeId node);

}  // namespace nines::models::kubernetes
