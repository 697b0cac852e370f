// Rules of machines that do not follow a Service's endpoints.
//
// kube-proxy writes the rules into the kernel. Where it is away they stay as they were: endpoints that have come since
// are not known, and those that have gone are chosen as before. A machine that has booted without it has none at all.
// Source: kubernetes.io documentation, virtual IPs and service proxies; Kubernetes sheet, section 6.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::service {

/// An endpoint as rules have it: the address of one pod object.
struct ListedPod {
  std::uint32_t member = 0;  ///< of the service
  std::uint32_t pod = 0;     ///< its incarnation: the next pod of that name has another address
};

/// A machine whose rules are of an earlier time.
struct StaleRoutes {
  NodeId node;
  bool none = false;  ///< it has no rules
  std::vector<ListedPod> pods;
};

/// Remembers what is listed now for machines whose rules stop to follow, and forgets those whose do.
/// Returns whether anything changed.
bool follow_routes(const World& world, std::vector<StaleRoutes>& stale, const std::vector<ListedPod>& listed);

/// A share of the clients at one place, by the rules of their machines.
struct RouteView {
  double weight = 1;
  const StaleRoutes* stale = nullptr;  ///< null: they follow
};
/// Clients at `place` are spread evenly over its machines that are up.
std::vector<RouteView> route_views(const World& world, const std::vector<StaleRoutes>& stale,
                                   infrastructure::Endpoint place);

}  // namespace nines::models::service
