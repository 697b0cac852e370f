// Node leases and the node controller's view of them, as arithmetic: in health no renewal and no pass is an event.
//
// A kubelet renews its lease every renew interval. The node lifecycle controller passes every monitor period; a pass
// that finds a newer renewal sets the node's probe timestamp to the time of the pass (not of the renewal), and the
// first pass at least the grace period later turns the node Unknown. Source: kubernetes/kubernetes
// pkg/controller/nodelifecycle/node_lifecycle_controller.go, tryUpdateNodeHealth; Kubernetes sheet, section 1.1.
//
// The controller compares strictly, but its real passes drift by their own run time, so the pass that is nominally due
// exactly when the grace period ends finds it over. On an exact grid that is "at least".
//
// REQUIRES of the parameters: grace period >= renew interval + monitor period, or healthy nodes would flap.
#pragma once

#include "models/ids.hpp"
#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Newest tick of `lease` strictly before `t`: a kubelet that falls silent at `t` does not renew at `t`.
constexpr sim::Time renewal_before(const sim::Grid& lease, sim::Time t) {
  return lease.at_or_before(t - Duration::nanoseconds(1));
}

/// The pass that turns a node Unknown whose newest renewal was at `renewal`.
constexpr sim::Time unknown_at(const sim::Grid& monitor, Duration grace, sim::Time renewal) {
  return monitor.at_or_after(monitor.at_or_after(renewal) + grace);
}

/// The same for a node that renewed on `lease` until it fell silent at `silent_since`.
constexpr sim::Time unknown_at(const sim::Grid& lease, const sim::Grid& monitor, Duration grace,
                               sim::Time silent_since) {
  return unknown_at(monitor, grace, renewal_before(lease, silent_since));
}

/// Renewals of `node` no longer reach the API server: schedules NodeUnknown. Does nothing if they did not before.
void lease_falls_silent(World& world, NodeId node);
/// Renewals reach it again from now on: takes back a NodeUnknown that a renewal forestalls, else schedules NodeReady.
void lease_resumes(World& world, NodeId node);
/// A kubelet has just started on the machine: it renews now and every interval from now on.
void lease_restarts(World& world, NodeId node);
/// A new Node object registers now, Ready.
void lease_registers(World& world, NodeId node);

}  // namespace nines::models::kubernetes
