// What a kubelet repeats with jitter, as arithmetic: renewals of its lease, and posts of its node status.
//
// Each comes its period after the one before, and up to a share of the period later (client-go wait.JitterUntil with
// factor 0.04 in pkg/kubelet/kubelet.go and in component-helpers/apimachinery/lease). So the phases of a lease, a node
// status and the controllers' passes drift against each other. No tick is an event: the two ticks around an instant are
// drawn when somebody asks for them, and those before are never looked at. Over many ticks the sum of the intervals is
// a normal law; over very many the phase is forgotten, and the ticks are drawn as they lie around any instant of a
// process that has run for ever.
#pragma once

#include "models/ids.hpp"
#include "models/kubernetes/state.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Moves `lease` (or `status`) of the node to its ticks around `t`: last < t <= next. Does nothing if they are later
/// already.
void lease_around(World& world, NodeId node, sim::Time t);
void status_around(World& world, NodeId node, sim::Time t);

/// First node status at or after now.
sim::Time next_status(World& world, NodeId node);

/// A kubelet has just started: it renews its lease and posts its status now, and goes on from here.
void restart_clocks(World& world, NodeId node);

}  // namespace nines::models::kubernetes
