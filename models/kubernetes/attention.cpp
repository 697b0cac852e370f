#include "models/kubernetes/attention.hpp"

#include <algorithm>

#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/restored_objects.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/literal_walks.hpp"
#include "models/scheduling.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// Lists of arrivals that are no longer than this are not looked through for pods that have gone.
constexpr std::size_t short_list = 64;

bool is_near(const World& world, ProcessId process, NodeId node) {
  const PodState& pod = world.kubernetes.pods[process];
  const VolumeId volume = world.plan->mounted_by(process);
  return pod.node == node || pod.container_node == node || world.processes[process].node == node ||
         world.plan->processes[process].node == node ||
         (volume.exists() && world.kubernetes.volumes[volume].node == node);
}

/// The pod has its container, and needs nothing.
bool settled(const PodState& pod) {
  if (pod.object != PodObject::bound) return true;
  return pod.container != Container::none && pod.container_pod == pod.incarnation;
}

/// No pod can start on a machine of the slot.
bool starts_nothing(const NodeState& node) { return !node.answering && !node.kubelet; }

void stir(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) world.kubernetes.attention.may_start.insert(process.value);
}

}  // namespace

void initialise_attention(World& world) {
  Attention& attention = world.kubernetes.attention;
  const std::size_t pods = world.plan->processes.size();
  const std::size_t nodes = world.plan->nodes.size();
  attention.arrivals.assign(nodes, {});
  for (sim::Marks* marks : {&attention.may_start, &attention.unschedulable, &attention.missing, &attention.nominated,
                            &attention.machine_reported})
    marks->assign(pods);
  attention.nodes.assign(nodes);
  attention.stale_slots.assign(nodes);
  attention.odd_slots.assign(nodes);
  attention.slots.assign(nodes);
  if (!world.plan->has_kubernetes()) return;
  for (const NodeId node : world.plan->nodes.ids()) attention.stale_slots.insert(node.value);
  world.kubernetes.pods.forget_edited();
  world.kubernetes.nodes.forget_edited();
  renew_slots(world);
}

void event_begins(World& world) {
  State& state = world.kubernetes;
  write_history(world);
  if (!state.pods.edited().empty()) {
    state.pods.edited().each([&](std::size_t at) {
      state.attention.may_start.insert(at);
      state.attention.stale_slots.insert(state.pods[ProcessId::of(at)].node.value);
    });
    state.pods.forget_edited();
  }
  if (!state.nodes.edited().empty()) {
    state.nodes.edited().each([&](std::size_t at) {
      state.attention.nodes.insert(at);
      state.attention.stale_slots.insert(at);
    });
    state.nodes.forget_edited();
  }
}

Pods near(const World& world, NodeId node) {
  Pods found;
  if (literal_walks) {
    for (const ProcessId process : world.plan->processes.ids()) found.push_back(process);
    return found;
  }
  const std::vector<ProcessId>& started = world.plan->starts_on[node];
  const std::vector<ProcessId>& arrived = world.kubernetes.attention.arrivals[node];
  std::merge(started.begin(), started.end(), arrived.begin(), arrived.end(), std::back_inserter(found));
  take_looks(found.size());
  return found;
}

Volumes volumes_near(const World& world, NodeId node) {
  Volumes found;
  for (const ProcessId process : near(world, node)) {
    const VolumeId volume = world.plan->mounted_by(process);
    if (volume.exists()) found.push_back(volume);
  }
  // A volume of which there are guests turns up with each of them.
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

void arrives(World& world, ProcessId process, NodeId node) {
  if (world.plan->processes[process].node == node) return;
  std::vector<ProcessId>& list = world.kubernetes.attention.arrivals.edit(node);
  const auto at = std::lower_bound(list.begin(), list.end(), process);
  if (at != list.end() && *at == process) return;
  list.insert(at, process);
  // Over the years all pods may come by.
  if (list.size() <= short_list || list.size() != list.capacity()) return;
  std::erase_if(list, [&](ProcessId other) { return other != process && !is_near(world, other, node); });
}

std::vector<WorkloadId> touched_rolls(const World& world) {
  std::vector<WorkloadId> found;
  if (literal_walks) {
    for (const WorkloadId workload : world.kubernetes.rolls.ids()) found.push_back(workload);
    return found;
  }
  for (const WorkloadId workload : world.kubernetes.rolls.touched()) found.push_back(workload);
  std::sort(found.begin(), found.end());
  return found;
}

Nodes touched_nodes(const World& world) {
  Nodes found;
  if (literal_walks) {
    for (const NodeId node : world.kubernetes.nodes.ids()) found.push_back(node);
    return found;
  }
  for (const NodeId node : world.kubernetes.nodes.touched()) found.push_back(node);
  std::sort(found.begin(), found.end());
  take_looks(found.size());
  return found;
}

StartWalk::StartWalk(World& world, NodeId node) : world_(world) {
  if (literal_walks) return;
  if (node.exists()) near_ = near(world, node);
  sim::Marks& nodes = world.kubernetes.attention.nodes;
  for (std::size_t at = nodes.next(0); at != sim::Marks::none; at = nodes.next(at + 1)) {
    nodes.erase(at);
    stir(world, NodeId::of(at));
  }
  stir_edited();
}

/// Machines that this event has edited.
void StartWalk::stir_edited() {
  const sim::Marks& edited = world_.kubernetes.nodes.edited();
  nodes_edited_ = edited.size();
  edited.each([&](std::size_t at) { stir(world_, NodeId::of(at)); });
}

ProcessId StartWalk::next() {
  State& state = world_.kubernetes;
  if (literal_walks) return at_ < state.pods.size() ? ProcessId::of(at_++) : ProcessId::none();
  if (state.nodes.edited().size() != nodes_edited_) stir_edited();
  sim::Marks& earlier = state.attention.may_start;
  while (near_at_ < near_.size() && near_[near_at_].value < at_) ++near_at_;
  for (;; ++at_) {
    const std::size_t near = near_at_ < near_.size() ? near_[near_at_].value : sim::Marks::none;
    at_ = std::min({earlier.next(at_), state.pods.edited().next(at_), near});
    if (at_ == sim::Marks::none) return ProcessId::none();
    take_looks(1);
    const auto process = ProcessId::of(at_);
    const PodState& pod = state.pods[process];
    if (at_ == near || (!settled(pod) && !starts_nothing(state.nodes[pod.node]))) {
      ++at_;
      return process;
    }
    earlier.erase(at_);  // before it can take a step it is edited, or its machine is
  }
}

ProcessId next_of(const World& world, PodSet set, ProcessId from) {
  if (literal_walks) return from.value < world.plan->processes.size() ? from : ProcessId::none();
  const std::size_t at = (world.kubernetes.attention.*set).next(from.value);
  take_looks(1);
  return at == sim::Marks::none ? ProcessId::none() : ProcessId::of(at);
}

namespace {

void classify(World& world, NodeId node) {
  State& state = world.kubernetes;
  const NodeState& its = state.nodes[node];
  const NodePlan& slot = world.plan->nodes[node];
  if (its.successor_ready)
    state.attention.odd_slots.insert(node.value);
  else
    state.attention.odd_slots.erase(node.value);
  if (!its.object || its.successor_ready || !slot.kubelet) return state.attention.slots.set(node, std::nullopt);
  SlotKey key{slot.group, slot.zone, !open(its), its.memory.condition, {}};
  for (const ProcessId process : near(world, node)) {
    if (on_machine(world, process, node)) add_pod(key.load, *world.plan, process);
  }
  state.attention.slots.set(node, key);
}

void renew_slot(World& world, NodeId node) {
  classify(world, node);
  slot_renewed(world, node);
}

}  // namespace

void renew_slots(World& world) {
  State& state = world.kubernetes;
  sim::Marks& stale = state.attention.stale_slots;
  stale.each([&](std::size_t at) { renew_slot(world, NodeId::of(at)); });
  stale.clear();
  // What this event edits may be edited again before it is over.
  state.nodes.edited().each([&](std::size_t at) { renew_slot(world, NodeId::of(at)); });
  state.pods.edited().each([&](std::size_t at) { renew_slot(world, state.pods[ProcessId::of(at)].node); });
}

}  // namespace nines::models::kubernetes
