#include "models/kubernetes/pod_limit.hpp"

#include <algorithm>

#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::kubernetes {

namespace {

// Rules of the provider: see the sources in the header.
constexpr std::int64_t pods_on_host_network = 2;
constexpr std::int64_t addresses_in_prefix = 16;
constexpr std::int64_t advised_limit = 110;
constexpr std::int64_t advised_limit_of_large = 250;
constexpr double large_vcpu = 30;  ///< more than that

}  // namespace

std::int64_t pod_limit(const Topology& topology, const NodeGroupSpec& group) {
  if (group.max_pods) return *group.max_pods;
  const InstanceType& type = group.instance;
  if (topology.platform != PlatformKind::eks || type.interfaces == 0) return topology.kubernetes.max_pods;
  const std::int64_t slots = type.interfaces * (type.addresses - 1);
  if (!topology.prefix_delegation) return slots + pods_on_host_network;
  return std::min(slots * addresses_in_prefix + pods_on_host_network,
                  type.vcpu > large_vcpu ? advised_limit_of_large : advised_limit);
}

std::int64_t system_pods(const Topology& topology) {
  const Parameters& parameters = topology.kubernetes;
  const std::int64_t all =
      topology.platform == PlatformKind::eks ? parameters.eks_system_pods : parameters.kubeadm_system_pods;
  // Those that the topology names are counted as what they are.
  const auto named = std::ranges::count_if(topology.services, [](const ServiceSpec& service) {
    const std::optional<PlatformPart> part = service.kind->part(service);
    return part && on_each_machine(*part);
  });
  return std::max<std::int64_t>(0, all - named);
}

}  // namespace nines::models::kubernetes
