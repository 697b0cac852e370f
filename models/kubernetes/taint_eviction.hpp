// The taint eviction controller: pods leave a NoExecute-tainted node when their toleration has run out.
//
// Eviction is a graceful delete: on a node whose kubelet does not answer the pod object stays Terminating. The
// out-of-service taint is tolerated by no pod, and lets the garbage collector remove Terminating pods of a node that is
// not Ready. Source: kubernetes/kubernetes pkg/controller/tainteviction/taint_eviction.go, pkg/controller/podgc
// (KEP-2268); Kubernetes sheet, sections 1.1 and 1.3.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// The node just got its NoExecute taint: the tolerations of its pods start to run.
void start_tolerations(World& world, NodeId node);
/// The taint is gone: evictions that have not happened will not.
void call_evictions_off(World& world, NodeId node);
/// Terminating pods of a not-Ready node with the out-of-service taint go at the collector's next pass.
void collect_out_of_service_pods(World& world, NodeId node);

}  // namespace nines::models::kubernetes
