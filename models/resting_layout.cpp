#include "models/resting_layout.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models {

namespace {

using Group = std::uint16_t;
using PoolOfPods = std::pair<WorkloadId, std::uint16_t>;

PoolOfPods pool_of(const Plan& plan, ProcessId process) {
  return {plan.processes[process].workload, plan.processes[process].pool};
}

Group group_of(const Plan& plan, ProcessId process) { return plan.nodes[plan.processes[process].node].group; }

/// A pod that any machine of its group would do for.
bool is_free(const Plan& plan, ProcessId process) {
  return !plan.mounted_by(process).exists() && !plan.rules_of(process).fixed;
}

/// By group: whether its machines and pods may be elsewhere than in a new cluster while all is well.
std::vector<char> drifting(const Plan& plan) {
  std::vector<char> drifts(plan.topology.node_groups.size(), 0);
  if (!plan.has_kubernetes()) return drifts;
  for (const NodeId node : plan.nodes.ids()) {
    const Group group = plan.nodes[node].group;
    if (kubernetes::elastic(plan, node) && plan.topology.node_groups[group].zones.size() > 1) drifts[group] = 1;
  }
  std::vector<char> serves(drifts.size(), 0);
  for (const ProcessId process : plan.processes.ids()) {
    const Group group = group_of(plan, process);
    if (plan.rules_of(process).fixed) drifts[group] = 0;
    const bool job = plan.workload_of(process).controller == Controller::job;
    if (plan.processes[process].service.exists() && is_free(plan, process) && !job) serves[group] = 1;
  }
  for (Group group = 0; group < drifts.size(); ++group)
    drifts[group] = static_cast<char>(drifts[group] & serves[group]);
  return drifts;
}

/// Numbers slots and pods so that what is alike has the first numbers: of the slots of a zone those with machines, and
/// of these those with most pods.
class Canonical {
 public:
  Canonical(const Plan& plan, std::vector<char> drifts)
      : plan_(plan), drifts_(std::move(drifts)), on_(plan.nodes.size()), layout_(first_layout(plan)) {}

  void machine(NodeId node, bool there) {
    if (drifts_[plan_.nodes[node].group] != 0) layout_.machine[node.value] = static_cast<char>(there);
  }
  void pod(ProcessId process, NodeId node) {
    if (drifts_[group_of(plan_, process)] != 0) on_[node.value].push_back(process);
  }

  /// None if some pool has not as many pods as in health.
  std::optional<Layout> layout() {
    for (Group group = 0; group < drifts_.size(); ++group) {
      if (drifts_[group] == 0) continue;
      for (const ZonePlan& zone : plan_.zones) sort_slots(zone, group);
    }
    return place_free() ? std::optional(layout_) : std::nullopt;
  }

 private:
  /// What tells the slot from others of its group and zone: pods of a pool are alike, pods with volumes are not.
  using Mark = std::tuple<WorkloadId, std::uint16_t, ProcessId>;
  using Look = std::tuple<bool, std::size_t, std::vector<Mark>>;  ///< the least comes first
  [[nodiscard]] Look look(NodeId node) const {
    std::vector<Mark> marks;
    for (const ProcessId process : on_[node.value]) {
      const auto [workload, pool] = pool_of(plan_, process);
      marks.emplace_back(workload, pool, is_free(plan_, process) ? ProcessId::none() : process);
    }
    std::sort(marks.begin(), marks.end());
    constexpr std::size_t many = 1'000'000;
    return {layout_.machine[node.value] == 0, many - marks.size(), std::move(marks)};
  }

  void sort_slots(const ZonePlan& zone, Group group) {
    std::vector<NodeId> slots;
    for (const NodeId node : zone.nodes) {
      if (plan_.nodes[node].group == group) slots.push_back(node);
    }
    std::vector<std::pair<Look, NodeId>> sorted;
    for (const NodeId node : slots) sorted.emplace_back(look(node), node);
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t i = 0; i < slots.size(); ++i) {
      const auto& [its, node] = sorted[i];
      layout_.machine[slots[i].value] = static_cast<char>(!std::get<0>(its));
      for (const ProcessId process : on_[node.value]) {
        if (is_free(plan_, process)) {
          free_[pool_of(plan_, process)].push_back(slots[i]);
        } else {
          layout_.place[process.value] = slots[i];
        }
      }
    }
  }

  /// The first pods of a pool are on the first slots.
  bool place_free() {
    for (auto& [pool, slots] : free_) std::sort(slots.begin(), slots.end());
    std::map<PoolOfPods, std::size_t> placed;
    for (const ProcessId process : plan_.processes.ids()) {
      if (drifts_[group_of(plan_, process)] == 0 || plan_.processes[process].parked || !is_free(plan_, process))
        continue;
      const std::vector<NodeId>& slots = free_[pool_of(plan_, process)];
      std::size_t& next = placed[pool_of(plan_, process)];
      if (next >= slots.size()) return false;
      layout_.place[process.value] = slots[next++];
    }
    return std::all_of(free_.begin(), free_.end(),
                       [&](const auto& pool) { return placed[pool.first] == pool.second.size(); });
  }

  const Plan& plan_;
  std::vector<char> drifts_;
  std::vector<std::vector<ProcessId>> on_;  ///< by slot
  std::map<PoolOfPods, std::vector<NodeId>> free_;
  Layout layout_;
};

}  // namespace

namespace {

bool machines_drift(const Plan& plan) {
  const std::vector<char> drifts = drifting(plan);
  return std::find(drifts.begin(), drifts.end(), 1) != drifts.end();
}

bool roles_drift(const Plan& plan) {
  for (const ServiceId id : plan.services.ids()) {
    if (plan.services[id].kind->roles_drift(plan, id)) return true;
  }
  return false;
}

}  // namespace

bool layouts_drift(const Plan& plan) { return machines_drift(plan) || roles_drift(plan); }
bool only_roles_drift(const Plan& plan) { return !machines_drift(plan) && roles_drift(plan); }

Layout first_layout(const Plan& plan) {
  Layout layout;
  for (const NodeId node : plan.nodes.ids()) layout.machine.push_back(static_cast<char>(!plan.nodes[node].parked));
  for (const ProcessPlan& process : plan.processes) layout.place.push_back(process.node);
  layout.roles.resize(plan.services.size());
  return layout;
}

std::optional<Layout> layout_of(const World& world) {
  const Plan& plan = *world.plan;
  Canonical canonical(plan, drifting(plan));
  for (const NodeId node : plan.nodes.ids()) canonical.machine(node, !kubernetes::vacant(world.kubernetes.nodes[node]));
  for (const ProcessId process : plan.processes.ids()) {
    const kubernetes::PodState& pod = world.kubernetes.pods[process];
    if (!pod.parked && pod.object == kubernetes::PodObject::bound) canonical.pod(process, pod.node);
  }
  std::optional<Layout> layout = canonical.layout();
  for (const ServiceId id : plan.services.ids()) {
    if (!layout || !plan.services[id].kind->roles_drift(plan, id)) continue;
    const auto roles = plan.services[id].kind->roles_now(world, id);
    if (!roles) return std::nullopt;
    layout->roles[id.value] = *roles;
  }
  return layout;
}

}  // namespace nines::models
