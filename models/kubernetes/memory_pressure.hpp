// Node-pressure eviction: a machine that runs short of memory has its pods evicted by its kubelet.
//
// The kubelet looks every 10 s. Below its hard threshold it ends one pod at each look, with a grace period of 0 and
// without regard to disruption budgets, until the machine has memory again. First come pods that use more than they
// request, those of lower priority first, and of these the one that exceeds its request the most. Here the pod whose
// memory grows exceeds its request the most, and a pod that requests no memory exceeds it too. Pods of static manifests
// stay: if nothing else is left, the kernel kills the process that grows. The node keeps its condition for five minutes
// after the pressure; pods that request no memory are not scheduled there meanwhile, others tolerate the taint. The
// controller creates what was evicted anew.
//
// Source: kubernetes.io documentation, node-pressure eviction; kubernetes/kubernetes pkg/kubelet/eviction
// (eviction_manager.go, helpers.go rankMemoryPressure: exceedMemoryRequests, priority, memory); Kubernetes sheet,
// section
// 4. Left out: evictions while the
// kubelet does not reach the API server (it waits until it does); the kernel's OOM killer, which comes first if memory
// grows too fast for a look (such ends are crashes, process.crash.rate); soft thresholds; pressure of disks and process
// ids; how much memory each pod uses.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// The machine stops, or another one takes its slot: memory is free again.
void forget_pressure(World& world, NodeId node);

}  // namespace nines::models::kubernetes
