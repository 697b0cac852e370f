// The cloud controller's node check: Node objects of terminated instances are deleted, but only while not Ready.
// Source: k8s.io/cloud-provider controllers/nodelifecycle; Kubernetes sheet, section 1.
//
// Node repair (a feature gate of Karpenter, an option of EKS managed node groups) replaces a machine whose Node was not
// Ready for 30 minutes, without regard to budgets. Source: Karpenter documentation, disruption; EKS user guide, node
// auto repair. Left out: its own limit of 20 % of a group's nodes, rounded up.
#pragma once

#include "models/ids.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Schedules the deletion of the Node object at the next check, if the instance is gone and the Node is not Ready.
void expect_instance_check(World& world, NodeId node);
/// The Node object is deleted now; its pods are collected later, its volumes keep their wait. With `collected_from` the
/// collector sees the deletion only then.
void remove_node_object(World& world, NodeId node);
void remove_node_object(World& world, NodeId node, sim::Time collected_from);
/// The Node is not Ready: where its group has node repair, the machine is given up if it stays so.
void expect_repair(World& world, NodeId node);

}  // namespace nines::models::kubernetes
