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
// Left out: consolidation and expiry by themselves, instance types other than the group's.
#pragma once

#include <cstdint>

#include "models/ids.hpp"

namespace nines::models {
struct World;
struct Plan;
}  // namespace nines::models

namespace nines::models::kubernetes {

/// Index of the node group in which the pod must run.
std::uint16_t node_group(const Plan& plan, ProcessId process);

/// A machine, or the release of its volume's claim, is needed for a pod that fits nowhere: asks the provisioner, or a
/// person.
void request_machine(World& world, ProcessId process);
/// The machine's pods will not be evicted, because tainting has stopped in its zone: a person is asked for a machine.
void report_machine(World& world, NodeId node);
/// The pod has a machine: whoever was asked need not act any more.
void withdraw_machine_requests(World& world, ProcessId process);

/// The slot's machine works, again or anew: nobody needs to find one for the pods that were on it or wait for one like
/// it.
void machine_works(World& world, NodeId node);

/// Has the group's provisioner launch a replacement for the slot. Does nothing if one is on its way or it has none.
void order_machine(World& world, NodeId node);
/// The slot's own machine is back: the replacement is not needed.
void cancel_order(World& world, NodeId node);
/// The replacement becomes the slot's machine; pods left on the old one are orphans.
void take_over(World& world, NodeId node);

}  // namespace nines::models::kubernetes
