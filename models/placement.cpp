#include "models/placement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <tuple>

namespace nines::models {

infrastructure::Endpoint client_place(const Plan& plan, std::string_view place, std::string_view service) {
  if (place == "region") return plan.network.backbone;
  for (const ZoneId zone : plan.zones.ids()) {
    if (plan.name(plan.zones[zone].component) == place) return plan.network.zone_fabric[zone.value];
  }
  throw std::invalid_argument(fmt::format("a client of '{}' is placed in '{}', which is no zone", service, place));
}

InitialScheduler::InitialScheduler(const Plan& plan) : plan_(plan) { loads_.assign(plan.nodes.size(), {}); }

bool InitialScheduler::fits(NodeId node, const PodRequest& pod) const {
  const InstanceType& type = plan_.topology.node_groups[plan_.nodes[node].group].instance;
  return loads_[node].cpu + pod.cpu <= type.vcpu && loads_[node].memory + pod.memory.count <= type.memory.count;
}

std::size_t InitialScheduler::on_node(NodeId node, std::uint32_t family) const {
  const auto& families = loads_[node].families;
  return static_cast<std::size_t>(std::count(families.begin(), families.end(), family));
}

std::size_t InitialScheduler::in_zone(ZoneId zone, std::uint32_t family) const {
  std::size_t count = 0;
  for (const NodeId node : plan_.zones[zone].nodes) count += on_node(node, family);
  return count;
}

bool InitialScheduler::better(NodeId a, NodeId b, std::uint32_t family) const {
  const auto rank = [&](NodeId node) {
    return std::tuple(on_node(node, family), in_zone(plan_.nodes[node].zone, family), loads_[node].cpu,
                      loads_[node].memory, node.value);
  };
  return rank(a) < rank(b);
}

NodeId InitialScheduler::place(const PodRequest& pod) {
  NodeId best;
  for (const NodeId node : plan_.nodes.ids()) {
    if (plan_.nodes[node].group != pod.group || !fits(node, pod)) continue;
    if (!best.exists() || better(node, best, pod.family)) best = node;
  }
  if (!best.exists()) {
    throw std::invalid_argument(fmt::format("no machine of node group '{}' has room for {} ({} CPU, {:.1f} GiB)",
                                            plan_.topology.node_groups[pod.group].name, pod.name, pod.cpu,
                                            pod.memory.count / (1 << 30)));
  }
  loads_[best].cpu += pod.cpu;
  loads_[best].memory += pod.memory.count;
  loads_[best].families.push_back(pod.family);
  return best;
}

}  // namespace nines::models
