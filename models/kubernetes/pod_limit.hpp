// How many pods a machine may have.
//
// On EKS each pod has an address of its own from the machine's network interfaces: interfaces x (addresses - 1) + 2,
// for an interface's first address is its own, and two pods of the system use the machine's. With prefix delegation an
// interface has prefixes of 16 addresses in their place, and the provider advises a limit. Elsewhere, and of a type
// whose interfaces are not known, the kubelet's own limit holds. Source: aws/amazon-vpc-cni-k8s misc/eni-max-pods.txt,
// awslabs/amazon-eks-ami max-pods-calculator.sh; Kubernetes sheet, section 7.
//
// Left out: subnets that run out of addresses; the time that an interface takes to be attached; custom networking.
#pragma once

#include <cstdint>

namespace nines::models {
struct NodeGroupSpec;
struct Topology;
}  // namespace nines::models

namespace nines::models::kubernetes {

/// Pods that the kubelet of a machine of the group runs at most, those of the system among them.
std::int64_t pod_limit(const Topology& topology, const NodeGroupSpec& group);
/// What the system has of it.
std::int64_t system_pods(const Topology& topology);

}  // namespace nines::models::kubernetes
