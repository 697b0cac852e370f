#include "models/kubernetes/node_update.hpp"

#include <algorithm>
#include <cmath>

#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

using Old = NodeUpdate::Old;

std::uint16_t group_of(const World& world, NodeId node) { return world.plan->nodes[node].group; }

const NodeGroupSpec& spec_of(const World& world, NodeId node) {
  return world.plan->topology.node_groups[group_of(world, node)];
}

/// The slot has another machine, or nothing needs one there.
bool is_new(const World& world, const Old& old) {
  const NodeState& state = world.kubernetes.nodes[old.node];
  return state.machine != old.machine || (state.gone && !state.ordered);
}

/// Nothing more is done about the machine for now: a budget keeps its pod, which Fargate deletes later.
bool put_off(const World& world, const Old& old) {
  const NodeState& state = world.kubernetes.nodes[old.node];
  return world.plan->on_fargate(old.node) && state.refused;
}

/// Machines of the group that have a Node, those of them that are being drained, and those that are not Ready.
struct Counts {
  std::int64_t total = 0;
  std::int64_t deleting = 0;
  std::int64_t not_ready = 0;
};
Counts count(const World& world, std::uint16_t group) {
  Counts counts;
  for (const NodeId node : world.plan->nodes.ids()) {
    const NodeState& state = world.kubernetes.nodes[node];
    if (group_of(world, node) != group || !state.object) continue;
    ++counts.total;
    if (state.draining) {
      ++counts.deleting;
    } else if (!state.ready) {
      ++counts.not_ready;
    }
  }
  return counts;
}

/// Machines on which the update may begin now. REQUIRES: some are left.
std::int64_t room(const World& world, const NodeUpdate& update) {
  const NodeId any = update.left.front().node;
  const auto busy = static_cast<std::int64_t>(update.now.size());
  switch (world.plan->nodes[any].provisioner) {
    case Provisioner::karpenter: {
      const Counts counts = count(world, group_of(world, any));
      return nodes_allowed(counts.total, world.plan->kube().disruption_budget, counts.deleting, counts.not_ready);
    }
    case Provisioner::fargate: return 1 - busy;
    case Provisioner::asg:
    case Provisioner::none: break;
  }
  return world.plan->kube().update_max_unavailable - busy;
}

/// Nobody whom the machine's pods could wait for: all pods of their workloads are Ready.
bool waits_in_vain(const World& world, NodeId node) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    if (!on_machine(world, process, node)) continue;
    const std::vector<ProcessId>& alike = world.plan->workload_of(process).pods;
    return std::all_of(alike.begin(), alike.end(), [&](ProcessId pod) { return pod_ready(world, pod); });
  }
  return true;
}

/// The machine can be drained now.
bool can_begin(const World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  if (!state.kubelet || !state.answering || !state.object || !state.ready || state.draining) return false;
  switch (world.plan->nodes[node].provisioner) {
    case Provisioner::karpenter: return spec_of(world, node).termination_grace || budgets_allow(world, node);
    case Provisioner::fargate: return budgets_allow(world, node) || waits_in_vain(world, node);
    case Provisioner::asg:
    case Provisioner::none: break;
  }
  return true;
}

void begin_some(World& world, NodeUpdate& update) {
  while (!update.left.empty() && room(world, update) > 0) {
    const auto next = std::find_if(update.left.begin(), update.left.end(),
                                   [&](const Old& old) { return can_begin(world, old.node); });
    if (next == update.left.end()) return;
    const Old old = *next;
    update.left.erase(next);
    update.now.push_back(old);
    drain_for_update(world, old.node);
    if (!update.active) return;  // it has failed
    std::erase_if(update.now, [&](const Old& one) { return is_new(world, one) || put_off(world, one); });
  }
}

Duration period(const World& world, NodeId node) {
  const Parameters& parameters = world.plan->kube();
  switch (world.plan->nodes[node].provisioner) {
    case Provisioner::karpenter: return parameters.karpenter_disruption_period;
    case Provisioner::fargate: return parameters.drain_retry;
    case Provisioner::asg:
    case Provisioner::none: break;
  }
  return parameters.update_wait;
}

void step_after(World& world, NodeUpdate& update, NodeId node, Duration wait) {
  world.queue.cancel(update.timer);
  update.timer = world.schedule(world.now + wait, NodeUpdateStep{group_of(world, node), node});
}

void step(World& world, NodeId node) {
  NodeUpdate& update = world.kubernetes.updates[group_of(world, node)];
  std::erase_if(update.left, [&](const Old& old) { return is_new(world, old); });
  std::erase_if(update.now, [&](const Old& old) { return is_new(world, old) || put_off(world, old); });
  if (api_serves(world)) begin_some(world, update);
  if (!update.active) return;
  if (!update.left.empty() || !update.now.empty()) return step_after(world, update, node, period(world, node));
  update.active = false;
  world.note(NodeUpdateFinished{node});
}

}  // namespace

std::int64_t nodes_allowed(std::int64_t total, double share, std::int64_t deleting, std::int64_t not_ready) {
  // Shares are decimals: 10 % of 20 nodes are two, whatever 0.1 is in binary.
  constexpr double rounding = 1e-9;
  const double most = std::ceil(static_cast<double>(total) * share * (1 - rounding));
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(most) - deleting - not_ready);
}

bool update_nodes(World& world, NodeId node) {
  NodeUpdate& update = world.kubernetes.updates[group_of(world, node)];
  if (update.active || world.plan->nodes[node].provisioner == Provisioner::none) return false;
  for (const NodeId other : world.plan->nodes.ids()) {
    const NodeState& state = world.kubernetes.nodes[other];
    if (group_of(world, other) == group_of(world, node) && !state.gone) update.left.push_back({other, state.machine});
  }
  if (update.left.empty()) return false;
  update.active = true;
  step(world, node);
  return true;
}

void machine_renewed(World& world, NodeId node) {
  NodeUpdate& update = world.kubernetes.updates[group_of(world, node)];
  if (!update.active) return;
  const bool one_of_them =
      std::any_of(update.now.begin(), update.now.end(), [&](const Old& old) { return old.node == node; });
  const bool managed = world.plan->nodes[node].provisioner == Provisioner::asg;
  if (one_of_them) step_after(world, update, node, managed ? world.plan->kube().update_wait : Duration());
}

void fail_update(World& world, NodeId node, ProcessId process) {
  NodeUpdate& update = world.kubernetes.updates[group_of(world, node)];
  const CauseScope scope(world, world.note(NodeUpdateFailed{process}));
  for (const Old& old : update.now) {  // drains that have begun go on as those of a person would
    NodeState& state = world.kubernetes.nodes.edit(old.node);
    state.updating = false;
    state.force_at = sim::Time::never();
  }
  world.queue.cancel(update.timer);
  update = {};
  if (give_back_successor(world, node)) give_up_drain(world, node);
}

void on(World& world, const NodeUpdateStep& event) {
  static constexpr std::string_view karpenter = "karpenter.disruption_period", fargate = "eviction.retry";
  const Provisioner provisioner = world.plan->nodes[event.node].provisioner;
  if (provisioner == Provisioner::karpenter) world.set_by(karpenter);
  if (provisioner == Provisioner::fargate) world.set_by(fargate);
  world.stale = !world.kubernetes.updates[event.group].active;
  if (!world.stale) step(world, event.node);
}

}  // namespace nines::models::kubernetes
