#include "models/kubernetes/drain.hpp"

#include <algorithm>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/fargate.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/node_update.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

constexpr Duration instant = Duration::nanoseconds(1);

/// The pod's phase is Pending, Succeeded or Failed: no budget is asked for it. A pod whose container has ended and is
/// to be started again is Running.
bool beside_budgets(const PodState& pod) {
  return pod.finished || pod.container == Container::none || pod.container == Container::starting;
}

/// Whether the eviction API grants the eviction. A pod that runs and is not Ready may go while as many others are as
/// the budget wants, if it wants any, and always by unhealthyPodEvictionPolicy AlwaysAllow; else it goes as one of
/// those that are Ready (kubernetes/kubernetes pkg/registry/core/pod/storage/eviction.go).
bool may_evict(const World& world, ProcessId process) {
  const WorkloadPlan& workload = world.plan->workload_of(process);
  if (!workload.budget || beside_budgets(world.kubernetes.pods[process])) return true;
  const bool ready = pod_ready(world, process);
  if (workload.evicts_unhealthy && !ready) return true;
  std::int64_t healthy = 0;
  for (const ProcessId pod : workload.pods) healthy += pod_ready(world, pod);
  const std::int64_t expected = expected_pods(world, world.plan->processes[process].workload);
  const std::int64_t wanted = workload.budget->healthy_wanted(expected);
  if (!ready && wanted > 0 && healthy >= wanted) return true;
  return disruptions_allowed(expected, healthy, *workload.budget) > 0;
}

/// Something of a pod is still on the slot's old machine.
bool occupies(const World& world, ProcessId process, NodeId node) {
  return container_on(world, process, node) || on_machine(world, process, node);
}

/// Nothing is left on the machine that a drain evicts; a volume only if nobody will give the machine back.
bool empty(const World& world, NodeId node) {
  if (world.plan->nodes[node].provisioner != Provisioner::none && holds_volume(world, node)) return false;
  for (const ProcessId process : near(world, node)) {
    if (rules_of(world, process).evicted && occupies(world, process, node)) return false;
  }
  return true;
}

bool waits_for_successor(const World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  if (!state.launch_first || state.successor_ready) return false;
  return state.ordered || successor_comes_elsewhere(world, node);
}

/// Its Auto Scaling group gives the machine up after a rebalance recommendation, and nobody drains it: no handler hears
/// of its end, and the group knows no pods.
bool goes_undrained(const World& world, NodeId node) {
  const NodePlan& plan = world.plan->nodes[node];
  return plan.provisioner == Provisioner::asg && plan.interruption == Interruption::none &&
         !world.kubernetes.nodes[node].updating && world.infrastructure.nodes[node].reclaim_pending;
}

/// A pod that a drain makes leave the machine.
bool is_to_leave(const World& world, ProcessId process, NodeId node) {
  return world.kubernetes.pods[process].object == PodObject::bound && on_machine(world, process, node) &&
         rules_of(world, process).evicted;
}

/// An update of a managed node group that deletes nothing by force.
bool may_fail(const World& world, NodeId node) {
  const NodePlan& plan = world.plan->nodes[node];
  return world.kubernetes.nodes[node].updating && plan.provisioner == Provisioner::asg &&
         !world.plan->topology.node_groups[plan.group].force_update;
}

bool overdue(const World& world, NodeId node) { return world.now >= world.kubernetes.nodes[node].force_at; }

/// How long budgets are waited for counts from the first eviction on.
void limit_evictions(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.force_at != sim::Time::never()) return;
  const NodePlan& plan = world.plan->nodes[node];
  const Parameters& parameters = world.plan->kube();
  const auto& grace = world.plan->topology.node_groups[plan.group].termination_grace;
  if (state.updating && plan.provisioner == Provisioner::asg)
    state.force_at = world.now + parameters.update_eviction_timeout;
  // Karpenter deletes each pod so early that its own grace period still fits.
  if (grace) state.force_at = world.now + std::max(Duration(), *grace - parameters.termination_grace);
}

void eviction_refused(World& world, NodeId node, ProcessId process) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.refused) return;
  state.refused = true;
  world.note(EvictionRefused{process});
  if (!world.plan->on_fargate(node)) return;
  state.force_at = world.now + world.plan->kube().fargate_patch_notice;
}

void evict_pods(World& world, NodeId node) {
  const bool forced = overdue(world, node) && !may_fail(world, node);
  for (const ProcessId process : near(world, node)) {
    if (!is_to_leave(world, process, node)) continue;
    if (forced || may_evict(world, process)) {
      delete_pod(world, process);
    } else {
      eviction_refused(world, node, process);
    }
  }
}

/// A pod that is still on the machine.
ProcessId left_on(const World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    if (rules_of(world, process).evicted && occupies(world, process, node)) return process;
  }
  return ProcessId::none();
}

/// The provider ends no instance now.
void ask_again(World& world, NodeId node) {
  world.kubernetes.nodes.edit(node).drain_timer =
      world.schedule(world.now + world.plan->kube().drain_retry, DrainStep{node});
}

/// The old machine is empty: it goes back to the provider, and its successor, if any, has the slot for itself.
void finish(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.drain_timer);
  if (!state.successor_ready) {
    if (left_to_provider(world, node)) return;
    if (world.plan->nodes[node].provisioner == Provisioner::none) return give_up_drain(world, node);
  }
  if (!infrastructure::provider_acts(world)) return ask_again(world, node);
  if (state.successor_ready) return take_over(world, node);
  end_drain(state);
  if (state.scaled_in) remove_node_object(world, node);  // load balancers are told before the machine goes
  infrastructure::terminate_node(world, node);
  remove_node_object(world, node);  // the provisioner deletes the Node of a machine that it gives back
}

/// The provider takes the machine now. What is left on it stops with its operating system; the successor goes on.
void cut_short(World& world, NodeId node) {
  world.kubernetes.nodes.edit(node).kubelet = false;
  stop_containers_of(world, node);
  take_over(world, node);
}

void give_up_undrained(World& world, NodeId node) {
  if (world.kubernetes.nodes[node].successor_ready) return cut_short(world, node);
  end_drain(world.kubernetes.nodes.edit(node));
  infrastructure::terminate_node(world, node);
}

/// Whoever hears of a Spot notice launches a replacement at once.
bool launches_on_notice(const NodePlan& node) {
  return node.provisioner == Provisioner::karpenter && node.interruption == Interruption::queue;
}

enum class Order : std::uint8_t { launch_first, launch_at_once, none };

void start_drain(World& world, NodeId node, sim::Time deadline, Order order) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (!state.kubelet || !state.object) return;
  state.drain_deadline = std::min(state.drain_deadline, deadline);
  const bool waited = state.launch_first;
  state.launch_first = order == Order::launch_first && (waited || !state.draining);
  if (state.draining) {
    if (waited && !state.launch_first) continue_drain(world, node);  // it cannot wait any longer
    return;
  }
  state.draining = true;
  state.cordoned = true;
  if (order != Order::none) order_successor(world, node);
  continue_drain(world, node);
}

}  // namespace

void end_drain(NodeState& state) {
  state.draining = state.launch_first = state.updating = state.refused = false;
  state.drain_deadline = state.force_at = sim::Time::never();
}

bool budgets_allow(const World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    if (is_to_leave(world, process, node) && !may_evict(world, process)) return false;
  }
  return true;
}

void drain_for_update(World& world, NodeId node) {
  world.kubernetes.nodes.edit(node).updating = true;
  start_drain(world, node, sim::Time::never(), world.plan->on_fargate(node) ? Order::none : Order::launch_first);
}

bool left_to_provider(const World& world, NodeId node) {
  const bool noticed = world.kubernetes.nodes[node].drain_deadline != sim::Time::never();
  return noticed && !launches_on_notice(world.plan->nodes[node]);
}

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
  if (!api_serves(world)) return;  // gone on with when it does
  if (!waits_for_successor(world, node) && goes_undrained(world, node))
    return infrastructure::provider_acts(world) ? give_up_undrained(world, node) : ask_again(world, node);
  if (!waits_for_successor(world, node)) {
    limit_evictions(world, node);
    evict_pods(world, node);
  }
  if (!state.draining) return;  // the eviction emptied the machine
  // A managed node group replaces machines that had no pods like the others.
  const bool managed = state.updating && world.plan->nodes[node].provisioner == Provisioner::asg;
  if (empty(world, node) && !(managed && waits_for_successor(world, node))) return finish(world, node);
  const ProcessId late = overdue(world, node) && may_fail(world, node) ? left_on(world, node) : ProcessId::none();
  if (late.exists()) {
    fail_update(world, node, late);
    if (!state.draining) return;
  }
  // Fargate evicts once, and deletes at the end what a budget kept.
  const bool once = world.plan->on_fargate(node);
  if (once && (!state.refused || overdue(world, node))) return;
  const sim::Time last_chance =
      state.drain_deadline == sim::Time::never() ? sim::Time::never() : state.drain_deadline - instant;
  const sim::Time limit = overdue(world, node) ? sim::Time::never() : state.force_at;
  const sim::Time retry = once ? sim::Time::never() : world.now + world.plan->kube().drain_retry;
  const sim::Time next = std::min({retry, last_chance, limit});
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
  end_drain(state);
  state.cordoned = false;
  retry_unschedulable(world);
}

void drain(World& world, NodeId node, bool launch_first) {
  if (world.plan->on_fargate(node)) return start_drain(world, node, sim::Time::never(), Order::none);
  const bool launched = world.plan->nodes[node].provisioner != Provisioner::none;
  start_drain(world, node, sim::Time::never(), launch_first && launched ? Order::launch_first : Order::launch_at_once);
}

void drain_away(World& world, NodeId node) { start_drain(world, node, sim::Time::never(), Order::none); }

void node_notice(World& world, NodeId node, Duration until_stop) {
  const NodePlan& plan = world.plan->nodes[node];
  if (plan.interruption == Interruption::none || !plan.kubelet) return;
  const Parameters& parameters = world.plan->kube();
  const Law& law = plan.interruption == Interruption::queue ? parameters.queue_delay : parameters.handler_delay;
  const Duration delay = world.draw(plan.component, Purpose::spot_heard, law);
  world.schedule(world.now + delay, NoticeHeard{node, world.kubernetes.nodes[node].machine, world.now + until_stop});
}

void rebalance(World& world, NodeId node) { start_drain(world, node, sim::Time::never(), Order::launch_first); }

void on(World& world, const NoticeHeard& event) {
  const NodePlan& plan = world.plan->nodes[event.node];
  world.stale = world.kubernetes.nodes[event.node].machine != event.machine || world.now >= event.until;
  if (world.stale) return;
  static constexpr std::string_view handler = "interruption.handler_delay";
  if (plan.interruption == Interruption::handler) world.set_by(handler);
  start_drain(world, event.node, event.until, launches_on_notice(plan) ? Order::launch_at_once : Order::none);
}

void on(World& world, const DrainStep& event) { continue_drain(world, event.node); }

}  // namespace nines::models::kubernetes
