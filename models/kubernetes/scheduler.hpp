// The scheduler: which machine a pending pod is bound to. Filters and scores: models/scheduling.hpp.
//
// A machine takes pods if its Node is Ready (as the API server believes: a machine that died seconds ago still is),
// neither tainted nor cordoned, and belongs to the pod's node group. A network volume binds the pod to its zone, a
// local disk to the very machine that holds it, until its claim is deleted. Source: kubernetes.io documentation,
// storage and scheduling; Kubernetes sheet, section 2.
//
// The scheduler is told of every change that could help a pod that fitted nowhere, and tries it again, but not before
// its back-off since its last attempt is over: 1 s, doubled with every attempt up to 10 s (kubernetes/kubernetes
// pkg/scheduler/backend/queue).
//
// Left out: attempts for changes that this simulator has not (other pods, node status).
#pragma once

#include <span>

#include "models/ids.hpp"
#include "models/kubernetes/state.hpp"
#include "models/scheduling.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

struct NodeState;

/// Whether the slot's machine takes pods, as far as its Node goes; its successor during a drain does.
bool open(const NodeState& state);

/// Where the scheduler would bind the pod if the pods of `without` were gone. `first`: a slot that comes first if it
/// fits; none: none does.
Choice look_for_machine(World& world, ProcessId process, NodeId first, std::span<const ProcessId> without = {});
/// The scheduler looks at the pending pod after its usual delay. Does nothing if it is about to.
void expect_scheduling(World& world, ProcessId process);
/// Machines or volumes changed: looks again at the pods that had found no machine, and at what they need to find one.
void retry_unschedulable(World& world);

/// Binds the pod to the machine: its kubelet takes over.
void bind(World& world, ProcessId process, const Placement& place);

}  // namespace nines::models::kubernetes
