#include "models/kubernetes/drain.hpp"

#include <algorithm>

#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

constexpr Duration instant = Duration::nanoseconds(1);

/// Whether the eviction API grants the eviction (unhealthyPodEvictionPolicy IfHealthyBudget; pods that have not started
/// are never refused).
bool may_evict(const World& world, ProcessId process) {
  if (is_operator(world, process) || world.kubernetes.pods[process].container != Container::running) return true;
  const ServicePlan& service = world.plan->service_of(process);
  std::int64_t healthy = 0;
  for (const ProcessId member : service.members) healthy += pod_ready(world, member);
  const auto expected = static_cast<std::int64_t>(service.members.size());
  const std::int64_t allowed =
      disruptions_allowed(expected, healthy, world.plan->spec(world.plan->processes[process].service).max_unavailable);
  return pod_ready(world, process) ? allowed > 0 : allowed >= 0;
}

/// Something of a pod is still on the slot's old machine.
bool occupies(const World& world, ProcessId process, NodeId node) {
  return container_on(world, process, node) || on_machine(world, process, node);
}

/// Nothing is left on the machine; a volume only if nobody will give the machine back.
bool empty(const World& world, NodeId node) {
  if (world.plan->nodes[node].provisioner != Provisioner::none && holds_volume(world, node)) return false;
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    if (occupies(world, process, node)) return false;
  }
  return true;
}

bool waits_for_successor(const World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  return state.launch_first && !state.successor_ready;
}

void evict_pods(World& world, NodeId node) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    const bool leaves = world.kubernetes.pods[process].object == PodObject::bound && on_machine(world, process, node);
    if (leaves && may_evict(world, process)) delete_pod(world, process);
  }
}

/// The old machine is empty: it goes back to the provider, and its successor, if any, has the slot for itself.
void finish(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.drain_timer);
  if (state.successor_ready) return take_over(world, node);
  if (world.plan->nodes[node].provisioner == Provisioner::none) return give_up_drain(world, node);
  state.draining = false;
  state.launch_first = false;
  state.drain_deadline = sim::Time::never();
  infrastructure::terminate_node(world, node);
  remove_node_object(world, node);  // the provisioner deletes the Node of a machine that it gives back
}

/// The provider takes the machine now. What is left on it stops with its operating system; the successor goes on.
void cut_short(World& world, NodeId node) {
  world.kubernetes.nodes.edit(node).kubelet = false;
  stop_containers_of(world, node);
  take_over(world, node);
}

void start_drain(World& world, NodeId node, sim::Time deadline, bool launch_first) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (!state.kubelet || !state.object) return;
  state.drain_deadline = std::min(state.drain_deadline, deadline);
  const bool waited = state.launch_first;
  state.launch_first = launch_first && (waited || !state.draining);
  if (state.draining) {
    if (waited && !state.launch_first) continue_drain(world, node);  // it cannot wait any longer
    return;
  }
  state.draining = true;
  state.cordoned = true;
  order_machine(world, node);
  continue_drain(world, node);
}

}  // namespace

bool pod_ready(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  const bool runs = pod.object == PodObject::bound && pod.container == Container::running;
  return runs && pod.ready && world.kubernetes.nodes[pod.node].ready;
}

void continue_drain(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.drain_timer);
  if (!state.kubelet) {
    if (state.successor_ready) take_over(world, node);
    return;
  }
  const bool over = state.drain_deadline != sim::Time::never() && world.now + instant >= state.drain_deadline;
  if (over) {
    if (state.successor_ready) cut_short(world, node);
    return;
  }
  if (!waits_for_successor(world, node)) evict_pods(world, node);
  if (!state.draining) return;  // the eviction emptied the machine
  if (empty(world, node)) return finish(world, node);
  const sim::Time last_chance =
      state.drain_deadline == sim::Time::never() ? sim::Time::never() : state.drain_deadline - instant;
  const sim::Time next = std::min(world.now + world.plan->kube().drain_retry, last_chance);
  state.drain_timer = world.schedule(next, DrainStep{node});
}

void pause_drain(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.drain_timer);
  if (state.successor_ready) state.drain_timer = world.schedule(world.now, DrainStep{node}, sim::Priority::state);
}

void resume_drain(World& world, NodeId node) {
  if (world.kubernetes.nodes[node].draining) continue_drain(world, node);
}

void give_up_drain(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.drain_timer);
  state.draining = false;
  state.launch_first = false;
  state.drain_deadline = sim::Time::never();
  state.cordoned = false;
  retry_unschedulable(world);
}

void drain(World& world, NodeId node, bool launch_first) {
  const bool launched = world.plan->nodes[node].provisioner != Provisioner::none;
  start_drain(world, node, sim::Time::never(), launch_first && launched);
}

void node_notice(World& world, NodeId node, Duration until_stop) {
  if (!world.plan->nodes[node].interruption_queue) return;
  start_drain(world, node, world.now + until_stop, false);
}

void on(World& world, const DrainStep& event) { continue_drain(world, event.node); }

}  // namespace nines::models::kubernetes
