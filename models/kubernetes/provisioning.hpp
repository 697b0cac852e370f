// Replacement machines: Karpenter launches one for pods that fit nowhere, an Auto Scaling group one for every instance
// that was terminated; both need a zone that can launch and capacity in it. Source: Karpenter documentation (batching,
// disruption), EC2 Auto Scaling user guide; Kubernetes sheet, section 5; AWS sheet, sections 6 and 7.
//
// A replacement takes over its predecessor's slot, which ends the predecessor for good. During a drain both run: the
// successor shares the slot as machine + 1 until the old machine is empty.
//
// Karpenter's finalizer keeps the Node object of its machines until they are drained and terminated: the Node of a
// machine that goes with pods on it stays until it is not Ready and its instance is gone, and its pods with it.
//
// A launch asks the slot's capacity pools in their order and takes the first that gives (infrastructure/capacity.hpp).
// Karpenter leaves a pool that was short out for three minutes and tries the next one at once
// (aws/karpenter-provider-aws, pkg/cache: UnavailableOfferingsTTL; documentation, NodePools, capacity type); an Auto
// Scaling group asks again after node.provision.retry. Attempts that could only fail leave no event: the next one is
// the first that can succeed. Where it may, Karpenter falls back to on demand when no Spot pool gives, and replaces
// that machine by a cheaper Spot one when there is one again (consolidation): launched first, then drained.
//
// Where machines come that need not be in their predecessor's slot: group_scaling.hpp.
//
// Left out: other consolidation and expiry by themselves; Spot machines that
// move back from one Spot pool to another; marks of offerings that several machines share (each has its own rhythm).
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/kubernetes/state.hpp"

namespace nines::models {
struct World;
struct Plan;
}  // namespace nines::models

namespace nines::models::kubernetes {

/// No machine is in the slot, and none on its way there.
inline bool vacant(const NodeState& state) { return state.gone && !state.object && !state.ordered; }

/// Index of the node group in which the pod must run.
std::uint16_t node_group(const Plan& plan, ProcessId process);

/// A machine, or the release of its volume's claim, is needed for a pod that fits nowhere: asks the provisioner, or a
/// person. Whether a machine takes pods now that took none before.
bool request_machine(World& world, ProcessId process);
/// For one of several such pods. `asked`: groups whose provisioner has looked at all pods that wait; it is asked once.
bool request_machine(World& world, ProcessId process, std::vector<std::uint16_t>& asked);
/// The machine's pods will not be evicted, because tainting has stopped in its zone: a person is asked for a machine.
void report_machine(World& world, NodeId node);
/// The pod has a machine: whoever was asked need not act any more.
void withdraw_machine_requests(World& world, ProcessId process);

/// The slot's machine works, again or anew: nobody needs to find one for the pods that were on it or wait for one like
/// it.
void machine_works(World& world, NodeId node);

/// Has the group's provisioner launch a replacement for the slot. Does nothing if one is on its way or it has none.
void order_machine(World& world, NodeId node);
/// The API server takes requests again: a launch that waited for it goes on.
void resume_order(World& world, NodeId node);
/// What was ordered for the slot is not launched, or given back.
void drop_order(World& world, NodeId node);
/// The slot's own machine is back: the replacement is not needed.
void cancel_order(World& world, NodeId node);
/// The machine that is up beside the slot's one is given back. False, and nothing happens, if a pod is on it already.
bool give_back_successor(World& world, NodeId node);
/// The account runs a machine less: launches that its quota held back are tried.
void machine_given_back(World& world);
/// The replacement becomes the slot's machine; pods left on the old one are orphans.
void take_over(World& world, NodeId node);

}  // namespace nines::models::kubernetes
