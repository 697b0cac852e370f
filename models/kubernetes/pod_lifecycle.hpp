// Pod objects: deletion, garbage collection, and creation anew by the workload's controller.
//
// A broker's pod is an identity: at most one object of its name exists, and the operator creates the next one only
// after the old one is gone (as a StatefulSet does; Strimzi's StrimziPodSet). The operator's own pod belongs to a
// Deployment, which ignores Terminating pods and replaces them at once. Source: kubernetes.io documentation,
// node-shutdown; issue 54368; pkg/controller/podgc/gc_controller.go; Kubernetes sheet, section 1.3.
#pragma once

#include "models/ids.hpp"
#include "models/kubernetes/state.hpp"
#include "models/platform.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Whether the pod is bound (or terminating) on the machine that holds the slot now, not on its successor.
bool on_machine(const World& world, ProcessId process, NodeId node);
/// Whether the process is the operator, whose pod belongs to a Deployment.
bool is_operator(const World& world, ProcessId process);
/// Whether the operator runs and reaches the API server; true if the topology has none.
bool operator_works(const World& world);

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

/// The operator runs again: it creates what is missing and takes its rolls up.
void operator_resumes(World& world);
/// The operator stopped, or lost the API server.
void operator_pauses(World& world);

}  // namespace nines::models::kubernetes
