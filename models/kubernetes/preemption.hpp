// Preemption: a pod that fits nowhere makes pods of lower priority leave one machine.
//
// Looked at is each machine that would do without its pods of lower priority. Of these pods those of highest priority
// are spared first, as far as the pod still fits. The machine is taken whose victims have the lowest highest priority,
// then the fewest of them. Victims are deleted gracefully, whatever their disruption budget says; the room is kept for
// the pod meanwhile. Pods that belong to their machine stay. Source: kubernetes.io documentation, pod priority and
// preemption; kubernetes/kubernetes pkg/scheduler/framework/preemption.
//
// Left out: machines whose victims' budgets allow it come first; preemptionPolicy Never; the classes of the system.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// The scheduler has found no machine for the pod. Does nothing if no pod of lower priority is in its way.
void preempt(World& world, ProcessId process);

}  // namespace nines::models::kubernetes
