// The scheduler: which machine a pending pod is bound to.
//
// A machine fits if its Node is Ready (as the API server believes: a machine that died seconds ago still is), neither
// tainted nor cordoned, belongs to the pod's node group, has room for the pod's requests, and can reach its volume: a
// network volume binds the pod to its zone, a local disk to the very machine that holds it, until its claim is deleted.
// Source: kubernetes.io documentation, storage and scheduling; Kubernetes sheet, section 2.
//
// The scheduler is told of every change that could help a pod that fitted nowhere, and tries it again, but not before
// its back-off since its last attempt is over: 1 s, doubled with every attempt up to 10 s (kubernetes/kubernetes
// pkg/scheduler/backend/queue).
//
// Left out: preemption; attempts for changes that this simulator has not (other pods, node status).
#pragma once

#include <optional>

#include "models/ids.hpp"
#include "models/kubernetes/state.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

struct Placement {
  NodeId node;
  Machine machine = 0;
};

/// Where the scheduler would bind the pod now.
std::optional<Placement> find_machine(const World& world, ProcessId process);
/// The scheduler looks at the pending pod after its usual delay. Does nothing if it is about to.
void expect_scheduling(World& world, ProcessId process);
/// Machines or volumes changed: looks again at the pods that had found no machine, and at what they need to find one.
void retry_unschedulable(World& world);

}  // namespace nines::models::kubernetes
