#include "models/service/stale_routes.hpp"

#include <algorithm>

#include "models/platform.hpp"
#include "models/platform_part.hpp"
#include "models/world.hpp"

namespace nines::models::service {

namespace {

bool is_without(const std::vector<NodeId>& machines, NodeId node) {
  return std::binary_search(machines.begin(), machines.end(), node);
}

/// A machine of the cluster that runs at the place.
bool counts(const World& world, infrastructure::Endpoint place, NodeId node) {
  const infrastructure::Network& network = world.plan->network;
  const NodePlan& slot = world.plan->nodes[node];
  const bool there = place == network.backbone || place == network.zone_fabric[slot.zone.value];
  return there && slot.kubelet && world.kubernetes.nodes[node].object && infrastructure::node_up(world, node);
}

}  // namespace

bool follow_routes(const World& world, std::vector<StaleRoutes>& stale, const std::vector<ListedPod>& listed) {
  const std::vector<NodeId>& without = services::machines_without(world, PlatformPart::routes);
  bool changed = std::erase_if(stale, [&](const StaleRoutes& its) { return !is_without(without, its.node); }) > 0;
  for (const NodeId node : without) {
    const auto at = std::find_if(stale.begin(), stale.end(), [&](const StaleRoutes& its) { return its.node == node; });
    const bool none = !infrastructure::node_up(world, node);
    if (at == stale.end()) {
      stale.push_back({node, none, listed});
      changed = true;
    } else if (none && !at->none) {
      at->none = true;
      changed = true;
    }
  }
  return changed;
}

std::vector<RouteView> route_views(const World& world, const std::vector<StaleRoutes>& stale,
                                   infrastructure::Endpoint place) {
  std::vector<RouteView> views{{1, nullptr}};
  if (stale.empty()) return views;
  std::size_t machines = 0;
  for (const NodeId node : world.plan->nodes.ids()) machines += counts(world, place, node) ? 1 : 0;
  for (const StaleRoutes& its : stale) {
    if (counts(world, place, its.node)) views.push_back({1 / static_cast<double>(machines), &its});
  }
  // Not by subtraction, which might leave a little of what is nothing.
  const std::size_t follow = machines - (views.size() - 1);
  views.front().weight = machines == 0 ? 1 : static_cast<double>(follow) / static_cast<double>(machines);
  return views;
}

}  // namespace nines::models::service
