// What stands where in health, for a drawing: zones, machines, pods; machines that are alike and many in one entry.
#include <fmt/format.h>

#include <map>
#include <utility>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/loader/fields.hpp"
#include "models/topology.hpp"

namespace nines::experiments {

namespace {

/// So many alike in one zone are told one by one.
constexpr std::size_t most_alike = 4;
/// So many different ones of a zone are told.
constexpr std::size_t most_entries = 40;

/// Pods of a machine by workload.
using Pods = std::map<std::string, std::size_t>;

Pods pods_of(const models::Plan& plan, models::NodeId node) {
  Pods pods;
  for (const models::ProcessId process : plan.starts_on[node]) {
    if (plan.processes[process].parked) continue;
    const models::WorkloadId workload = plan.processes[process].workload;
    ++pods[workload.exists() ? plan.workloads[workload].name
                             : std::string(plan.name(plan.processes[process].component))];
  }
  return pods;
}

/// Machines of one zone that are alike.
struct Alike {
  std::vector<models::NodeId> nodes;
  Pods pods;
};

Json machine_json(const models::Plan& plan, const Alike& alike, std::size_t first, std::size_t count) {
  const models::NodePlan& node = plan.nodes[alike.nodes[first]];
  const models::NodeGroupSpec& group = plan.topology.node_groups[node.group];
  Json pods = Json::array();
  if (count == 1) {
    for (const models::ProcessId process : plan.starts_on[alike.nodes[first]]) {
      if (!plan.processes[process].parked) pods.push_back(plan.name(plan.processes[process].component));
    }
  } else {
    for (const auto& [workload, number] : alike.pods)
      pods.push_back(number == 1 ? workload : fmt::format("{} x {}", number, workload));
  }
  return {
      {"name", plan.name(node.component)},
      {"count", count},
      {"group", group.name},
      {"type", group.bare ? Json(nullptr) : Json(group.instance.name)},
      {"capacity", group.bare ? Json(nullptr) : Json(loader::capacity_kinds[static_cast<std::size_t>(group.capacity)])},
      {"pods", std::move(pods)}};
}

Json zone_json(const models::Plan& plan, const models::ZonePlan& zone) {
  std::map<std::pair<std::size_t, Pods>, std::size_t> known;
  std::vector<Alike> entries;
  for (const models::NodeId node : zone.nodes) {
    if (plan.nodes[node].parked) continue;
    Pods pods = pods_of(plan, node);
    const auto [found, fresh] = known.try_emplace({plan.nodes[node].group, pods}, entries.size());
    if (fresh) entries.push_back({{}, std::move(pods)});
    entries[found->second].nodes.push_back(node);
  }
  Json machines = Json::array();
  std::size_t more = 0;
  for (const Alike& alike : entries) {
    if (machines.size() >= most_entries) {
      more += alike.nodes.size();
    } else if (alike.nodes.size() > most_alike) {
      machines.push_back(machine_json(plan, alike, 0, alike.nodes.size()));
    } else {
      for (std::size_t i = 0; i < alike.nodes.size(); ++i) machines.push_back(machine_json(plan, alike, i, 1));
    }
  }
  return {{"name", plan.name(zone.component)}, {"machines", std::move(machines)}, {"machines_more", more}};
}

}  // namespace

Json layout_json(const models::Plan& plan) {
  Json zones = Json::array();
  for (const models::ZonePlan& zone : plan.zones) {
    if (!zone.nodes.empty()) zones.push_back(zone_json(plan, zone));
  }
  Json boxes = Json::array();
  for (const models::components::ComponentSpec& component : plan.topology.components)
    boxes.push_back({{"name", component.name}, {"count", component.count}});
  return {{"zones", std::move(zones)}, {"components", std::move(boxes)}};
}

}  // namespace nines::experiments
