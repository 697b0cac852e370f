// Node leases and the node controller's view of them, as arithmetic: in health no renewal and no pass is an event.
//
// A kubelet renews its lease every renew interval and a little more (kubelet_clock.hpp). The node lifecycle controller
// passes every monitor period; a pass that finds a newer renewal sets the node's probe timestamp to the time of the
// pass (not of the renewal), and the first pass at least the grace period later turns the node Unknown. Source:
// kubernetes/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go, tryUpdateNodeHealth; Kubernetes
// sheet, section 1.1.
//
// The controller compares strictly, but its real passes drift by their own run time, so the pass that is nominally due
// exactly when the grace period ends finds it over. On an exact grid that is "at least".
//
// A node that was Unknown is Ready again when its kubelet posts its node status: at once when the kubelet starts, at
// its next tick when only the path was cut (pkg/kubelet/kubelet_node_status.go; measured with controllers of 1.34). A
// post is a sign of life like a renewal. The taints go at the controller's next pass.
//
// Left out: the post that a kubelet makes every 5 minutes although nothing changed.
//
// REQUIRES of the parameters: grace period >= longest renew interval + monitor period, or healthy nodes would flap.
#pragma once

#include "models/ids.hpp"
#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// The pass that turns a node Unknown whose newest renewal was at `renewal`.
constexpr sim::Time unknown_at(const sim::Grid& monitor, Duration grace, sim::Time renewal) {
  return monitor.at_or_after(monitor.at_or_after(renewal) + grace);
}

/// Renewals of `node` no longer reach the API server: schedules NodeUnknown. Does nothing if they did not before.
void lease_falls_silent(World& world, NodeId node);
/// The kubelet reports with its next status that its node is not Ready, or Ready again.
void report_not_ready(World& world, NodeId node);
void report_ready(World& world, NodeId node);
/// It reports at once that its node is not Ready: its machine is about to shut down.
void report_not_ready_now(World& world, NodeId node);
/// A controller manager acts again, and finds the node silent and Ready: schedules NodeUnknown.
void silence_counts(World& world, NodeId node);
/// Renewals reach it again from now on: takes back a NodeUnknown that a renewal forestalls, schedules NodeReady if the
/// node is Unknown.
void lease_resumes(World& world, NodeId node);
/// The node has just turned Unknown, or its kubelet has just reported it Ready.
void lease_expired(World& world, NodeId node);
void status_posted(World& world, NodeId node);
/// When the node will turn Unknown, or did, if it falls silent now or is silent already.
sim::Time unknown_if_silent(World& world, NodeId node);
/// A kubelet has just started on the machine: it renews and posts its status now, and every interval from now on.
void lease_restarts(World& world, NodeId node);
/// A new Node object registers now, Ready.
void lease_registers(World& world, NodeId node);

}  // namespace nines::models::kubernetes
