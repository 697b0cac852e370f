// The update of a node group: every machine is replaced by one of a new image (AMI, version, patch). Drains are those
// of drain.hpp; here is which machine comes when, and when the update is over.
//
// A managed node group (asg) launches a machine's replacement first, evicts the pods of node_update.max_unavailable
// machines at a time, and waits a minute after each. A machine whose pods have not left after 15 minutes ends the
// update: PodEvictionFailure, or with `force_update` they are deleted. Machines that were not replaced by then keep the
// old image. Source: Amazon EKS user guide, managed-node-update-behavior; eksctl issue 3397.
//
// Karpenter's drift replaces as many nodes at a time as the node pool's budget allows: ceil(share of all nodes) less
// those that are being deleted and those that are not Ready. A node with a pod that may not be evicted now is passed
// over and looked at again, unless the group has a terminationGracePeriod, at whose end pods are deleted whatever their
// budget says. Source: Karpenter documentation, disruption.
//
// Fargate's patching goes through the zones, one pod after the other: the next one is evicted when its budget lets it
// go, or when that will not change because all pods are Ready (fargate.hpp). That it is so patient is an assumption:
// what is published is that pods are evicted by zone, within budgets, and with the least impact.
//
// What has been replaced since an update began, for whatever reason, is of the new image. After a failed update of a
// managed group a machine from which pods had moved already stays cordoned beside its replacement until the others may
// leave, as if somebody ran the update again; one that lost none takes pods again, and its replacement is given back.
//
// Left out: further machines that a managed node group launches first (two a zone); schedules and reasons of
// Karpenter's budgets, consolidation; machines of one age that expire together.
#pragma once

#include <cstdint>

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Nodes of a pool that Karpenter may disrupt beside those that it disrupts already; at least 0.
std::int64_t nodes_allowed(std::int64_t total, double share, std::int64_t deleting, std::int64_t not_ready);

/// A new machine has the slot: an update of its group goes on.
void machine_renewed(World& world, NodeId node);
/// `process` has not left its machine, `node`, in time: the update of its group has failed.
void fail_update(World& world, NodeId node, ProcessId process);

}  // namespace nines::models::kubernetes
