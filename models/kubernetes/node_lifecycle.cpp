#include "models/kubernetes/node_lifecycle.hpp"

#include <algorithm>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/taint_eviction.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// A zone is partially disrupted only with more not-Ready nodes than this (ComputeZoneState: notReadyNodes > 2).
constexpr std::int64_t tolerated_not_ready = 2;

Duration token_period(Rate rate) { return Duration::from_seconds(3600 / rate.per_hour); }

struct ZoneCount {
  std::int64_t ready = 0;
  std::int64_t not_ready = 0;
  [[nodiscard]] std::int64_t size() const { return ready + not_ready; }
};

/// By zone. Nodes that nothing has touched are Ready, and places that nothing has touched have none.
Table<ZoneId, ZoneCount> count_nodes(const World& world) {
  Table<ZoneId, ZoneCount> counts;
  for (const ZonePlan& zone : world.plan->zones) counts.add({static_cast<std::int64_t>(zone.kubelets), 0});
  for (const NodeId node : world.kubernetes.nodes.touched()) {
    const NodeState& state = world.kubernetes.nodes[node];
    const NodePlan& plan = world.plan->nodes[node];
    if (!plan.kubelet) continue;
    ZoneCount& count = counts[plan.zone];
    if (!world.plan->vacant(node)) --count.ready;
    if (state.object) ++(state.ready ? count.ready : count.not_ready);
  }
  return counts;
}

/// Lets the queue's first node have its taint as soon as the loop has come to it and the bucket has a token.
void pump(World& world, ZoneId zone) {
  TaintQueue& queue = world.kubernetes.zones[zone];
  world.queue.cancel(queue.timer);
  if (queue.waiting.empty() || queue.rate.per_hour <= 0) return;
  const NodeId first = queue.waiting.front();
  const NodeState& state = world.kubernetes.nodes[first];
  const sim::Time at = std::max({world.now, queue.next_token, state.taint_at});
  // Who waits for a token is looked at later, with a fresh cache.
  if (state.stale_node && at == state.taint_at) {
    queue.timer = world.schedule(at, NodeTaintWasted{first});
  } else {
    queue.timer = world.schedule(at, NodeTainted{first});
  }
}

void leave_queue(World& world, NodeId node) {
  const ZoneId zone = world.plan->nodes[node].zone;
  TaintQueue& queue = world.kubernetes.zones[zone];
  queue.waiting.erase(std::remove(queue.waiting.begin(), queue.waiting.end(), node), queue.waiting.end());
  pump(world, zone);
}

/// The node's first place in the queue since it turned Unknown in this very pass.
bool draw_stale(World& world, NodeId node) {
  const Ratio probability = world.plan->kube().stale_node_probability;
  if (probability <= 0 || world.kubernetes.nodes[node].unknown_since != world.now) return false;
  return world.uniform(world.plan->nodes[node].component, Purpose::stale_node) < probability;
}

/// Queues the nodes that are Unknown, as this pass found or left them.
void queue_unknown_nodes(World& world) {
  const Parameters& parameters = world.plan->kube();
  for (const NodeId node : touched_nodes(world)) {
    const NodeState& seen = world.kubernetes.nodes[node];
    if (!seen.object || seen.ready || seen.no_execute != NoExecute::none) continue;
    if (seen.unknown_since == world.now && !parameters.taint_in_same_pass) continue;
    NodeState& state = world.kubernetes.nodes.edit(node);
    state.no_execute = NoExecute::queued;
    state.taint_at =
        world.now + world.draw(world.plan->nodes[node].component, Purpose::taint_delay, parameters.taint_delay);
    state.stale_node = draw_stale(world, node);
    world.kubernetes.zones[world.plan->nodes[node].zone].waiting.push_back(node);
  }
}

/// The first node leaves its zone's queue, and takes the token with it.
void spend_token(World& world, NodeId node) {
  TaintQueue& queue = world.kubernetes.zones[world.plan->nodes[node].zone];
  assert(!queue.waiting.empty() && queue.waiting.front() == node);
  queue.waiting.erase(queue.waiting.begin());
  queue.next_token = world.now + token_period(queue.rate);
}

/// Lifts the taints of nodes that are Ready again.
void untaint_ready_nodes(World& world) {
  for (const NodeId node : touched_nodes(world)) {
    const NodeState& state = world.kubernetes.nodes[node];
    if (!state.object || !state.ready || state.no_execute == NoExecute::none) continue;
    const CauseScope scope(world, world.note(NodeUntainted{node}));
    untaint(world, node);
    machine_works(world, node);
  }
}

Rate rate_of(const World& world, Disruption mode, std::int64_t size) {
  const Parameters& parameters = world.plan->kube();
  return taint_rate(mode, size, parameters.eviction_rate, parameters.secondary_eviction_rate,
                    parameters.large_zone_size);
}

/// Every zone fully disrupted: the controller doubts itself, lifts all taints and stops.
void stop_all(World& world) {
  for (const NodeId node : touched_nodes(world)) {
    if (world.kubernetes.nodes[node].no_execute != NoExecute::none) untaint(world, node);
  }
  for (TaintQueue& queue : world.kubernetes.zones) {
    swap_rate(queue, Rate{}, world.now);
    queue.mode = Disruption::full;
  }
}

/// handleDisruption of the node lifecycle controller.
void examine_zones(World& world) {
  State& state = world.kubernetes;
  std::vector<Disruption> modes(state.zones.size(), Disruption::normal);
  const Table<ZoneId, ZoneCount> counts = count_nodes(world);
  bool any = false;
  bool all_are = true;
  bool all_were = true;
  for (const ZoneId zone : state.zones.ids()) {
    const ZoneCount& count = counts[zone];
    if (count.size() == 0) continue;
    any = true;
    modes[zone.value] = disruption(count.ready, count.not_ready, world.plan->kube().unhealthy_zone_threshold);
    all_are = all_are && modes[zone.value] == Disruption::full;
    all_were = all_were && state.zones[zone].mode == Disruption::full;
  }
  if (!any || (all_are && all_were)) return;
  if (all_are) return stop_all(world);
  for (const ZoneId zone : state.zones.ids()) {
    TaintQueue& queue = state.zones[zone];
    const Disruption mode = modes[zone.value];
    if (mode == queue.mode && !all_were) continue;
    queue.mode = mode;
    swap_rate(queue, rate_of(world, mode, counts[zone].size()), world.now);
  }
}

/// First zone with a node that has yet to be queued, none if there is none.
ZoneId zone_with_unqueued(const World& world) {
  for (const NodeId node : touched_nodes(world)) {
    const NodeState& state = world.kubernetes.nodes[node];
    if (state.object && !state.ready && state.no_execute == NoExecute::none) return world.plan->nodes[node].zone;
  }
  return ZoneId::none();
}

/// Where tainting has stopped, nothing but a person ends the wait of a dead machine's pods. While no API server answers
/// the nodes, all are silent, and the trouble is not theirs.
void report_stopped_zones(World& world) {
  if (!api_serves(world)) return;
  for (const TaintQueue& queue : world.kubernetes.zones) {
    if (queue.rate.per_hour > 0) continue;
    for (const NodeId node : queue.waiting) report_machine(world, node);
  }
}

void schedule_pass(World& world, ZoneId zone, sim::Time at) {
  State& state = world.kubernetes;
  if (world.queue.when(state.pass_timer) <= at) return;
  world.queue.cancel(state.pass_timer);
  state.pass_timer = world.schedule(at, NodeTaintPass{zone});
}

void reconcile_volumes_on(World& world, NodeId node) {
  for (const VolumeId volume : volumes_near(world, node)) {
    if (world.kubernetes.volumes[volume].node == node) reconcile_attachment(world, volume);
  }
}

/// The node has just turned Unknown or not Ready.
void doubt(World& world, NodeId node) {
  expect_pass(world, world.plan->nodes[node].zone);
  expect_repair(world, node);
  expect_instance_check(world, node);
  collect_out_of_service_pods(world, node);
  reconcile_volumes_on(world, node);
}

}  // namespace

Disruption disruption(std::int64_t ready, std::int64_t not_ready, Ratio threshold) {
  if (ready == 0) return Disruption::full;
  const double share = static_cast<double>(not_ready) / static_cast<double>(ready + not_ready);
  return not_ready > tolerated_not_ready && share >= threshold ? Disruption::partial : Disruption::normal;
}

Rate taint_rate(Disruption mode, std::int64_t size, Rate normal, Rate secondary, std::int64_t large_zone) {
  if (mode != Disruption::partial) return normal;
  return size > large_zone ? secondary : Rate{};
}

void swap_rate(TaintQueue& queue, Rate rate, sim::Time now) {
  if (queue.rate == rate) return;
  const bool had_token = queue.rate.per_hour > 0 && queue.next_token <= now;
  queue.rate = rate;
  if (rate.per_hour > 0) queue.next_token = had_token ? now : now + token_period(rate);
}

void expect_pass(World& world, ZoneId zone) {
  schedule_pass(world, zone, world.kubernetes.monitor_passes.at_or_after(world.now));
}

void untaint(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.no_execute == NoExecute::queued) leave_queue(world, node);
  if (state.no_execute == NoExecute::tainted) call_evictions_off(world, node);
  state.no_execute = NoExecute::none;
}

void on(World& world, const NodeUnknown& event) {
  if (managers_away(world)) return;
  lease_expired(world, event.node);
  doubt(world, event.node);
}

void on(World& world, const NodeNotReady& event) {
  NodeState& state = world.kubernetes.nodes.edit(event.node);
  const bool reported = state.plugin_down || state.shutting_down;
  world.stale = !reported || !state.answering || !state.object || !state.ready;
  if (world.stale) return;
  state.ready = false;
  state.unknown_since = world.now;
  doubt(world, event.node);
}

void on(World& world, const NodeReady& event) {
  NodeState& state = world.kubernetes.nodes.edit(event.node);
  status_posted(world, event.node);
  world.queue.cancel(state.repair_timer);
  state.out_of_service = false;  // set after the machine had answered again: whoever set the taint lifts it now
  expect_pass(world, world.plan->nodes[event.node].zone);
  machine_works(world, event.node);
  look_after_rolls(world);  // its pods are ready again
}

void on(World& world, const NodeTaintPass&) {
  if (managers_away(world)) return;
  untaint_ready_nodes(world);
  queue_unknown_nodes(world);
  examine_zones(world);
  for (const ZoneId zone : world.kubernetes.zones.ids()) pump(world, zone);
  report_stopped_zones(world);
  const ZoneId unfinished = zone_with_unqueued(world);
  if (unfinished.exists()) schedule_pass(world, unfinished, world.kubernetes.monitor_passes.after(world.now));
}

void on(World& world, const NodeTainted& event) {
  if (managers_away(world)) return;
  spend_token(world, event.node);
  world.kubernetes.nodes.edit(event.node).no_execute = NoExecute::tainted;
  start_tolerations(world, event.node);
  pump(world, world.plan->nodes[event.node].zone);
}

void on(World& world, const NodeTaintWasted& event) {
  if (managers_away(world)) return;
  const ZoneId zone = world.plan->nodes[event.node].zone;
  spend_token(world, event.node);
  world.kubernetes.nodes.edit(event.node).no_execute = NoExecute::none;
  schedule_pass(world, zone, world.kubernetes.monitor_passes.after(world.now));
  pump(world, zone);
}

}  // namespace nines::models::kubernetes
