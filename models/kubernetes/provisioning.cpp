#include "models/kubernetes/provisioning.hpp"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/kubernetes/node_lifecycle.hpp"
#include "models/kubernetes/node_shutdown.hpp"
#include "models/kubernetes/node_update.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/pressure.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

ComponentId component(const World& world, NodeId node) { return world.plan->nodes[node].component; }

/// A slot whose machine would do for the pod if it were replaced.
bool would_do(const World& world, ProcessId process, NodeId node) {
  const NodePlan& slot = world.plan->nodes[node];
  if (slot.group != node_group(*world.plan, process)) return false;
  const VolumeId id = world.plan->processes[process].volume;
  return !id.exists() || world.plan->in_reach(id, node);
}

bool usable(const NodeState& node) { return node.object && node.ready; }

/// A termination handler drains the machine, and nobody has ordered another one.
bool drained_by_handler(const World& world, NodeId node) {
  return world.kubernetes.nodes[node].draining && left_to_provider(world, node);
}

/// The claim of the pod's local disk is bound to a machine that is gone, not Ready, or to be emptied.
bool claim_in_the_way(const World& world, ProcessId process) {
  const VolumeId volume = world.plan->processes[process].volume;
  if (!volume.exists() || !is_local(*world.plan, volume)) return false;
  const VolumeState& state = world.kubernetes.volumes[volume];
  const NodeState& node = world.kubernetes.nodes[state.node];
  const bool lost = state.machine != node.machine || !usable(node) || node.cordoned;
  return state.attachment == Attachment::attached && lost;
}

/// The slot to replace for the pod: a vacant one first, then one that is not Ready; none if a replacement is on its
/// way or every machine is in use.
NodeId slot_to_replace(const World& world, ProcessId process) {
  NodeId best;
  const auto rank = [&](NodeId node) { return std::tuple(!world.kubernetes.nodes[node].gone, node); };
  for (const NodeId node : world.kubernetes.nodes.touched()) {  // the answer does not depend on the order
    if (!would_do(world, process, node)) continue;
    const NodeState& state = world.kubernetes.nodes[node];
    if (state.ordered) return NodeId::none();
    if (usable(state) && !drained_by_handler(world, node)) continue;
    if (!best.exists() || rank(node) < rank(best)) best = node;
  }
  return best;
}

/// A machine that would do for the pod but is being drained, though nothing will replace it.
NodeId pointless_drain(const World& world, ProcessId process) {
  NodeId first;
  for (const NodeId node : world.kubernetes.nodes.touched()) {
    const NodeState& state = world.kubernetes.nodes[node];
    const bool pointless = state.draining && world.plan->nodes[node].provisioner == Provisioner::none;
    if (!pointless || left_to_provider(world, node)) continue;
    if (usable(state) && would_do(world, process, node) && (!first.exists() || node < first)) first = node;
  }
  return first;
}

void ask_for_machine(World& world, ProcessId process) {
  world.kubernetes.pods.edit(process).reported_machine = true;
  world.kubernetes.attention.machine_reported.insert(process.value);
  people::ask_for_repair(world, people::Repair::dead_node, process);
}

/// A pod on Fargate gets another machine when it is deleted.
void ask_for_deletion(World& world, ProcessId process) {
  world.kubernetes.pods.edit(process).reported_stuck = true;
  people::ask_for_repair(world, people::Repair::stuck_pod, process);
}

/// Whether the slot's launch may ask the pool. A machine on demand that runs is replaced for a Spot one's price only.
bool may_ask(const World& world, NodeId node, CapacityPoolId pool) {
  const NodeState& state = world.kubernetes.nodes[node];
  const bool for_its_price = state.draining && state.launch_first && infrastructure::on_fallback(world, node);
  return !for_its_price || world.plan->capacity_pools[pool].capacity == Capacity::spot;
}

/// The first pool that gives the slot a machine now; none if none does.
CapacityPoolId pool_that_gives(World& world, NodeId node) {
  const NodePlan& plan = world.plan->nodes[node];
  if (!infrastructure::zone_can_launch(world, plan.zone) || !infrastructure::provider_acts(world))
    return CapacityPoolId::none();
  const Ratio failure = world.plan->infra().capacity_failure_probability;
  for (const CapacityPoolId pool : plan.offerings) {
    const bool refused = infrastructure::is_short(world, pool) || !infrastructure::quota_allows(world, pool);
    if (refused || !may_ask(world, node, pool)) continue;
    if (failure <= 0 || world.uniform(component(world, node), Purpose::provision_failure) >= failure) return pool;
  }
  return CapacityPoolId::none();
}

/// The first attempt that can succeed, of those that come every `period` from now on.
sim::Time attempt_from(const World& world, sim::Time from, Duration period) {
  if (period <= Duration()) return std::max(from, world.now);
  return sim::Grid{world.now + period, period}.at_or_after(std::max(from, world.now + period));
}

/// What keeps the slot from a machine until when: an attempt before it would fail, and is not made. `elsewhere`: when
/// another slot could take the order.
void await_capacity(World& world, NodeId node, sim::Time elsewhere) {
  if (!infrastructure::provider_acts(world)) return;  // asked again when it does
  NodeState& state = world.kubernetes.nodes.edit(node);
  const NodePlan& plan = world.plan->nodes[node];
  const Duration retry = world.plan->infra().capacity_retry;
  sim::Time first = sim::Time::never();  // at which a pool that the quota allows has capacity
  state.short_of_quota = false;
  for (const CapacityPoolId pool : plan.offerings) {
    if (!may_ask(world, node, pool)) continue;
    if (!infrastructure::quota_allows(world, pool)) {
      state.short_of_quota = true;
    } else {
      first = std::min(first, std::max(world.now, world.infrastructure.short_until[pool]));
    }
  }
  state.short_of_capacity = first != sim::Time::never() && first > world.now;
  first = std::min(first, elsewhere);
  if (first == sim::Time::never()) return;  // asked again when something ends
  const bool marked = state.short_of_capacity && plan.provisioner == Provisioner::karpenter;
  const Duration period = marked ? world.plan->kube().unavailable_offering : retry;
  state.launch_timer = world.schedule(attempt_from(world, first, period), NodeLaunched{node});
}

void launch_failed(World& world, NodeId node) {
  const CauseScope scope(world, world.note(ProvisioningFailed{node}));
  const std::optional<sim::Time> elsewhere = move_order(world, node);
  if (elsewhere) await_capacity(world, node, *elsewhere);
}

/// When one of the slot's Spot pools has capacity.
sim::Time spot_from(const World& world, NodeId node) {
  sim::Time first = sim::Time::never();
  for (const CapacityPoolId pool : world.plan->nodes[node].offerings) {
    if (world.plan->capacity_pools[pool].capacity == Capacity::spot)
      first = std::min(first, world.infrastructure.short_until[pool]);
  }
  return first;
}

/// A machine that is on demand for want of Spot is replaced when there can be Spot again.
void expect_spot(World& world, NodeId node) {
  if (!infrastructure::on_fallback(world, node)) return;
  const sim::Time at = attempt_from(world, spot_from(world, node), world.plan->kube().unavailable_offering);
  world.schedule(at, SpotIsBack{node, world.kubernetes.nodes[node].machine});
}

/// The replacement is not needed.
void give_back_launched(World& world, NodeId node) {
  const CapacityPoolId launched = world.kubernetes.nodes[node].launched;
  if (!launched.exists()) return;
  infrastructure::rents(world, node, launched, -1);
  world.kubernetes.nodes.edit(node).launched = CapacityPoolId::none();
  machine_given_back(world);
}

/// The order is filled, or not needed any more.
void forget_order(NodeState& state) {
  state.ordered = false;
  state.launched = CapacityPoolId::none();
  state.short_of_capacity = state.short_of_quota = false;
  state.ordered_at = sim::Time::zero();
}

/// The slot as a machine leaves it that has just joined.
void reset_slot(World& world, NodeId node) {
  forget_pressure(world, node);
  forget_shutdown(world, node);
  NodeState& state = world.kubernetes.nodes.edit(node);
  for (const sim::TimerId timer : {state.delete_timer, state.drain_timer, state.launch_timer, state.not_ready_timer})
    world.queue.cancel(timer);
  if (!state.successor_ready) state.images = 0;
  ++state.machine;
  state.kubelet = true;
  state.gone = false;
  state.out_of_service = state.plugin_down = state.hangs = false;
  state.cordoned = false;
  end_drain(state);
  state.successor_ready = false;
  state.scaled_in = false;
  state.unneeded_since = sim::Time::never();
  forget_order(state);
}

/// The pool that the slot's next machine is from: where it was launched, or where a person found one.
CapacityPoolId pool_of_next(const World& world, NodeId node) {
  const CapacityPoolId launched = world.kubernetes.nodes[node].launched;
  return launched.exists() ? launched : infrastructure::pool_with_capacity(world, node);
}

/// The machine that takes the slot over is rented: from its launch on, or one that a person found from now on.
void rent_next(World& world, NodeId node, CapacityPoolId pool) {
  if (!world.kubernetes.nodes[node].launched.exists()) infrastructure::rents(world, node, pool, 1);
}

}  // namespace

std::uint16_t node_group(const Plan& plan, ProcessId process) { return plan.nodes[plan.processes[process].node].group; }

namespace {

void ask_for_what_lacks(World& world, ProcessId process, std::vector<std::uint16_t>& asked) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (claim_in_the_way(world, process)) {
    pod.reported_volume = true;
    return people::ask_for_repair(world, people::Repair::lost_volume, process);
  }
  if (elastic(*world.plan, world.plan->processes[process].node)) {
    // Whoever is asked looks at all pods of the group that wait.
    const std::uint16_t group = node_group(*world.plan, process);
    if (std::ranges::find(asked, group) != asked.end()) return;
    asked.push_back(group);
    return want_machine(world, process);
  }
  const NodeId node = slot_to_replace(world, process);
  if (!node.exists() || !below_its_size(world, node)) return;
  if (world.plan->nodes[node].provisioner != Provisioner::none) return order_machine(world, node);
  ask_for_machine(world, process);
}

}  // namespace

bool request_machine(World& world, ProcessId process) {
  std::vector<std::uint16_t> asked;
  return request_machine(world, process, asked);
}

bool request_machine(World& world, ProcessId process, std::vector<std::uint16_t>& asked) {
  const NodeId drained = pointless_drain(world, process);
  if (drained.exists()) {
    give_up_drain(world, drained);
    return true;
  }
  ask_for_what_lacks(world, process, asked);
  return false;
}

void report_machine(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    const bool waits = world.kubernetes.pods[process].object == PodObject::bound && on_machine(world, process, node);
    if (!waits) continue;
    if (world.plan->on_fargate(node)) {
      ask_for_deletion(world, process);
    } else {
      ask_for_machine(world, process);
    }
  }
}

void withdraw_machine_requests(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const bool volume_works =
      pod.reported_volume && infrastructure::volume_usable(world, world.plan->processes[process].volume);
  if (volume_works) people::withdraw(world, people::Repair::lost_volume, process);
  if (pod.reported_machine) people::withdraw(world, people::Repair::dead_node, process);
  pod.reported_volume = false;
  pod.reported_machine = false;
}

void machine_works(World& world, NodeId node) {
  for (ProcessId process = next_of(world, &Attention::machine_reported, ProcessId::of(0)); process.exists();
       process = next_of(world, &Attention::machine_reported, ProcessId::of(process.value + 1))) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool pending = pod.object == PodObject::pending;
    const bool asked = pod.reported_stuck && pod.object == PodObject::bound && world.plan->on_fargate(node);
    if (asked && pod.node == node) {
      world.kubernetes.pods.edit(process).reported_stuck = false;
      people::withdraw(world, people::Repair::stuck_pod, process);
    }
    const bool concerned = pending ? would_do(world, process, node) : pod.node == node;
    if (!pod.reported_machine) world.kubernetes.attention.machine_reported.erase(process.value);
    if (!pod.reported_machine || !concerned) continue;
    world.kubernetes.pods.edit(process).reported_machine = false;
    people::withdraw(world, people::Repair::dead_node, process);
  }
  retry_unschedulable(world);
}

void order_machine(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  const Provisioner provisioner = world.plan->nodes[node].provisioner;
  if (state.ordered || state.successor_ready || provisioner == Provisioner::none) return;
  state.ordered = true;
  Duration batch;
  if (provisioner == Provisioner::karpenter) {
    batch = world.draw(component(world, node), Purpose::provision_batch, world.plan->kube().karpenter_batch);
  }
  state.launch_timer = world.schedule(world.now + batch, NodeLaunched{node});
}

void resume_order(World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  if (!state.ordered || world.queue.pending(state.launch_timer)) return;
  world.kubernetes.nodes.edit(node).launch_timer = world.schedule(world.now, NodeLaunched{node});
}

void machine_lost(World& world, NodeId node) {
  for (const ProcessId process : world.plan->starts_on[node]) {
    const ControllerRules& rules = rules_of(world, process);
    const bool waits = rules.fixed && rules.kubernetes && world.plan->processes[process].node == node;
    if (waits) ask_for_machine(world, process);
  }
}

void machine_given_back(World& world) {
  for (const NodeId node : world.kubernetes.nodes.touched()) {
    if (!world.kubernetes.nodes[node].short_of_quota) continue;
    NodeState& state = world.kubernetes.nodes.edit(node);
    state.short_of_quota = false;
    world.queue.cancel(state.launch_timer);
    state.launch_timer = world.schedule(world.now, NodeLaunched{node});
  }
}

bool give_back_successor(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  const auto is_on_it = [&](const PodState& pod) {
    const bool bound = pod.object == PodObject::bound || pod.object == PodObject::terminating;
    const bool runs = pod.container != Container::none && pod.container_node == node;
    return (bound && pod.node == node && pod.machine != state.machine) ||
           (runs && pod.container_machine != state.machine);
  };
  if (std::ranges::any_of(world.kubernetes.pods, is_on_it)) return false;
  state.successor_ready = false;
  infrastructure::rents(world, node, state.launched, -1);
  forget_order(state);
  machine_given_back(world);
  return true;
}

void cancel_order(World& world, NodeId node) {
  if (!world.kubernetes.nodes[node].draining) drop_order(world, node);
}

void drop_order(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.launch_timer);
  give_back_launched(world, node);
  forget_order(state);
}

namespace {

/// A machine without kubelet: whoever has launched it and its boot are all that is concerned.
void take_over_bare(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  const CapacityPoolId pool = pool_of_next(world, node);
  rent_next(world, node, pool);
  world.queue.cancel(state.launch_timer);
  ++state.machine;
  state.gone = false;
  forget_order(state);
  infrastructure::replace_node(world, node, pool);
  machine_given_back(world);
  hosts::machine_started(world, node);
}

}  // namespace

void take_over(World& world, NodeId node) {
  if (!world.plan->nodes[node].kubelet) return take_over_bare(world, node);
  const bool finalizer = world.plan->nodes[node].provisioner == Provisioner::karpenter;
  remove_node_object(world, node, finalizer ? std::max(world.now, unknown_if_silent(world, node)) : world.now);
  kill_containers_of(world, node);
  forget_unmounts(world, node);
  const CapacityPoolId pool = pool_of_next(world, node);
  rent_next(world, node, pool);
  reset_slot(world, node);
  lease_registers(world, node);
  infrastructure::replace_node(world, node, pool);
  machine_given_back(world);
  expect_spot(world, node);
  expect_pass(world, world.plan->nodes[node].zone);
  for (const VolumeId volume : volumes_near(world, node)) {
    if (world.kubernetes.volumes[volume].node == node) reconcile_attachment(world, volume);
  }
  machine_works(world, node);
  bind_to_successor(world, node);
  wake_waiting(world);
  operators_resume_on(world, node);
  hosts::machine_started(world, node);
  machine_renewed(world, node);
  expect_rebalancing(world, node);
  expect_scan(world);
  // A successor may take over while its zone is cut off: it has joined, but does not answer now.
  node_reachability_changed(world);
}

namespace {

/// What says how long the pool had nothing to give.
const std::string_view& shortage_of(const World& world, CapacityPoolId pool) {
  static constexpr std::string_view spot = "spot.shortage.duration", on_demand = "capacity.zone_loss.duration";
  return world.plan->capacity_pools[pool].capacity == Capacity::spot ? spot : on_demand;
}

}  // namespace

void on(World& world, const SpotIsBack& event) {
  const NodeState& state = world.kubernetes.nodes[event.node];
  world.stale = state.machine != event.machine || !infrastructure::on_fallback(world, event.node);
  if (world.stale) return;
  const bool can_be_drained = state.object && state.ready && !state.draining;
  if (!can_be_drained || spot_from(world, event.node) > world.now) return expect_spot(world, event.node);
  drain(world, event.node, true);
}

void on(World& world, const NodeLaunched& event) {
  // Karpenter goes by the API server; an Auto Scaling group launches without it.
  const bool karpenter = world.plan->nodes[event.node].provisioner == Provisioner::karpenter;
  world.stale = karpenter && !api_serves(world);
  if (world.stale) return;
  // What else delays a launch is Karpenter's batch; a group asks at once, and then anew.
  static constexpr std::string_view retry = "node.provision.retry";
  if (!karpenter) world.set_by(retry);
  const CapacityPoolId pool = pool_that_gives(world, event.node);
  if (!pool.exists()) return launch_failed(world, event.node);
  NodeState& state = world.kubernetes.nodes.edit(event.node);
  if (state.short_of_capacity) world.set_by(shortage_of(world, pool));
  state.launched = pool;
  infrastructure::rents(world, event.node, pool, 1);
  state.short_of_capacity = state.short_of_quota = false;
  const infrastructure::Parameters& parameters = world.plan->infra();
  const Law& law = karpenter ? parameters.node_provision_karpenter : parameters.node_provision_asg;
  const Duration delay = world.draw(component(world, event.node), Purpose::node_provision, law);
  // Who has no token left asks again until it has (RequestLimitExceeded).
  const sim::Time launched = infrastructure::take_launch_token(world);
  state.launch_timer = world.schedule(launched + delay, NodeProvisioned{event.node});
}

void on(World& world, const NodeProvisioned& event) {
  static constexpr std::string_view by_group = "node.provision.asg";
  if (world.plan->nodes[event.node].provisioner != Provisioner::karpenter) world.set_by(by_group);
  NodeState& state = world.kubernetes.nodes.edit(event.node);
  const ZoneId zone = world.plan->nodes[event.node].zone;
  if (infrastructure::zone_can_launch(world, zone) && !takes_connections(world)) {
    // It runs, and its kubelet asks again until it trusts whom it asks.
    world.stale = true;
    state.launch_timer = world.schedule(world.now + world.plan->kube().node_status_period, event);
    return;
  }
  const bool joins = infrastructure::zone_can_launch(world, zone) && zone_may_join(world, zone);
  if (!joins) {
    infrastructure::rents(world, event.node, state.launched, -1);
    state.launched = CapacityPoolId::none();
    return launch_failed(world, event.node);
  }
  state.ordered = false;
  const bool kubelet = world.plan->nodes[event.node].kubelet;
  const bool works_again = kubelet ? state.kubelet && state.answering && state.object && state.ready
                                   : infrastructure::node_up(world, event.node);
  if (works_again && !state.draining) {
    // The machine it was to replace came back meanwhile: the new one is empty and is consolidated away.
    give_back_launched(world, event.node);
    retry_unschedulable(world);
    return;
  }
  if (!state.draining || !state.kubelet || !state.answering) return take_over(world, event.node);
  state.successor_ready = true;
  state.images = 0;
  retry_unschedulable(world);
  continue_drain(world, event.node);
}

}  // namespace nines::models::kubernetes
