// A NetworkPolicy that denies all ingress and egress, applied by itself: no packet passes to or from the service's
// pods, not to each other and not to DNS, until the person who applied it, who sees what it did, takes it back.
//
// Probes of the kubelet come from the pod's own machine and pass, so nothing is restarted or taken out of endpoints.
// Pods on the network of their machine (static pods) are not selected. Established connections are cut too, as most
// network plugins do. Source: kubernetes.io documentation, network policies (default deny all; traffic to and from the
// node where a pod runs is always allowed). Left out: pods of other services in the same namespace, plugins that do not
// enforce policies (the policy is then without effect).
#pragma once

#include <cstdint>

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Returns false, and changes nothing, if such a policy is in force.
bool apply_policy(World& world, std::uint16_t service);

}  // namespace nines::models::faults
