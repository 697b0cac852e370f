// The cloud controller's node check: Node objects of terminated instances are deleted, but only while not Ready.
// Source: k8s.io/cloud-provider controllers/nodelifecycle; Kubernetes sheet, section 1.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// Schedules the deletion of the Node object at the next check, if the instance is gone and the Node is not Ready.
void expect_instance_check(World& world, NodeId node);
/// The Node object is deleted now; its pods are collected later, its volumes keep their wait.
void remove_node_object(World& world, NodeId node);

}  // namespace nines::models::kubernetes
