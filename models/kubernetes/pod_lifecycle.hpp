// Pod objects: deletion, garbage collection, and creation anew by the workload's controller.
//
// A pod of a StatefulSet is an identity: at most one object of its name exists, and the next one is created only after
// the old one is gone; so it is with sets that operators own (Strimzi's StrimziPodSet). A StatefulSet with
// podManagementPolicy OrderedReady creates a pod only while all pods of lower ordinals are Ready. A Deployment ignores
// Terminating pods and replaces them at once; here pod and replacement are two objects of one process, of which the
// second does not start before the first has stopped, if its machine answers. Source: kubernetes.io documentation,
// node-shutdown and StatefulSet; issue 54368; pkg/controller/podgc/gc_controller.go; pkg/controller/statefulset/
// stateful_set_control.go; Kubernetes sheet, section 1.3.
#pragma once

#include "models/ids.hpp"
#include "models/kubernetes/state.hpp"
#include "models/platform.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// What runs is a copy of an earlier object, on another machine: the pod's own kubelet has nothing to stop.
bool runs_elsewhere(const PodState& pod);
/// Whether the pod is bound (or terminating) on the machine that holds the slot now, not on its successor.
bool on_machine(const World& world, ProcessId process, NodeId node);

// `delete_pod` deletes a bound pod gracefully: its kubelet, if it answers, stops the container within the grace period,
// unmounts and lets the object go. Does nothing if it is not bound.

/// The pod object is gone from the API server; its container, if any, may run on until its kubelet hears of it.
void remove_pod_object(World& world, ProcessId process);
/// The pod cannot be let go because its kubelet does not answer: a person is asked.
void report_stuck(World& world, ProcessId process);

/// The garbage collector removes the pod object at `at`.
void collect_at(World& world, ProcessId process, sim::Time at);
/// The Node object of `machine` in the slot is gone at `from`: its pods are collected after the quarantine.
void collect_orphans(World& world, NodeId node, Machine machine, sim::Time from);
/// The same of all Nodes that are gone: the collector acts again, and sees them for the first time.
void collect_orphans_anew(World& world);

/// Its controller wants one pod less: this one is deleted. It wants one more: it is created.
void park(World& world, ProcessId process);
void unpark(World& world, ProcessId process);
/// Pods that the workload's controller wants (spec.replicas), if nobody has scaled it to zero.
std::int64_t expected_pods(const World& world, WorkloadId workload);

/// The workload's controller creates the pods that are gone.
void create_missing(World& world, WorkloadId workload);
/// A pod or a node became Ready: ordered sets go on that waited for it.
void look_after_ordered_sets(World& world);
/// The pod of a controller whose pods belong to machines, when its slot has another machine: a new object is bound
/// there. Does nothing for pods of others.
void bind_to_successor(World& world, NodeId node);

}  // namespace nines::models::kubernetes
