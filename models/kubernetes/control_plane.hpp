// What stops while the control plane is away, and what happens when it is back.
//
// Without an API server kubelets renew no lease, operators and provisioners see and create nothing; containers run on,
// and are restarted in place. Without a controller manager no node turns Unknown, nothing is tainted, evicted,
// collected, created, attached or detached; without a scheduler no pod is bound. Events of those who are away are
// dropped: controllers go by what there is, so whoever acts next looks at everything anew.
//
// A controller manager that takes over begins with what it lists: a node's silence counts from then on (probe
// timestamps are kept in memory), and so do tolerations and the wait for an unmount. Source: kubernetes/kubernetes
// pkg/controller/nodelifecycle ("missing timestamp"), pkg/controller/tainteviction, pkg/controller/volume/
// attachdetach; Kubernetes sheet, section 6.
#pragma once

#include "models/kubernetes/state.hpp"
#include "models/platform.hpp"

namespace nines::models::kubernetes {

/// Whether the event that is being handled is one of controllers that are away now. It is stale then.
bool managers_away(World& world);
bool scheduler_away(World& world);

}  // namespace nines::models::kubernetes
