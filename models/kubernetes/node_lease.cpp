#include "models/kubernetes/node_lease.hpp"

#include <algorithm>

#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet_clock.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// Conditions change in a pass before the same pass looks at zones.
constexpr sim::Priority condition_changes = sim::Priority::state;

/// When a node turns Unknown whose newest renewal was at `renewal`.
sim::Time unknown_after(const World& world, sim::Time renewal) {
  return unknown_at(world.kubernetes.monitor_passes, world.plan->kube().node_monitor_grace_period,
                    std::max(renewal, world.kubernetes.managers_since));
}

void schedule_unknown(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  // A pass that found nobody to make it is made up for by the next one.
  const sim::Time at =
      std::max(unknown_after(world, state.last_renewal), world.kubernetes.monitor_passes.at_or_after(world.now));
  world.queue.cancel(state.unknown_timer);
  state.unknown_timer = world.schedule(at, NodeUnknown{node}, condition_changes);
}

/// The kubelet's first post at or after `from` reports the node Ready.
void schedule_ready(World& world, NodeId node, sim::Time from) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.plugin_down || state.shutting_down || world.queue.pending(state.ready_timer)) return;
  status_around(world, node, from);
  state.ready_timer = world.schedule(state.status.next, NodeReady{node}, condition_changes);
}

}  // namespace

void lease_falls_silent(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (!state.answering) return;
  state.answering = false;
  lease_around(world, node, world.now);  // a kubelet that falls silent at a tick does not renew at it
  if (state.lease.last >= state.answering_since) state.last_renewal = std::max(state.last_renewal, state.lease.last);
  world.queue.cancel(state.ready_timer);
  if (state.object && state.ready) schedule_unknown(world, node);
}

void report_not_ready(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.ready_timer);
  if (!state.answering || !state.ready || world.queue.pending(state.not_ready_timer)) return;
  status_around(world, node, world.now);
  state.not_ready_timer = world.schedule(state.status.next, NodeNotReady{node}, condition_changes);
}

void report_not_ready_now(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.ready_timer);
  world.queue.cancel(state.not_ready_timer);
  if (state.answering && state.ready)
    state.not_ready_timer = world.schedule(world.now, NodeNotReady{node}, condition_changes);
}

void report_ready(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.not_ready_timer);
  if (state.answering && state.object && !state.ready) schedule_ready(world, node, world.now);
}

void silence_counts(World& world, NodeId node) { schedule_unknown(world, node); }

void lease_resumes(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.answering) return;
  state.answering = true;
  state.answering_since = world.now;
  if (!state.object) return;
  lease_around(world, node, world.now);
  if (state.lease.next <= world.queue.when(state.unknown_timer)) world.queue.cancel(state.unknown_timer);
  if (state.plugin_down || state.shutting_down) return report_not_ready(world, node);
  if (!state.ready) schedule_ready(world, node, world.now);
}

void lease_expired(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.ready = false;
  state.unknown_since = world.now;
  services::readiness_changed(world);
  // A kubelet that posts its status in the very instant still sees its node Ready.
  if (state.answering) schedule_ready(world, node, world.now + Duration::nanoseconds(1));
}

void status_posted(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.ready = true;
  state.last_renewal = std::max(state.last_renewal, world.now);
  services::readiness_changed(world);
}

sim::Time unknown_if_silent(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (!state.ready) return state.unknown_since;
  sim::Time renewal = state.last_renewal;
  if (state.answering) {
    lease_around(world, node, world.now);
    if (state.lease.last >= state.answering_since) renewal = std::max(renewal, state.lease.last);
  }
  return unknown_after(world, renewal);
}

void lease_restarts(World& world, NodeId node) {
  assert(!world.kubernetes.nodes[node].answering);
  restart_clocks(world, node);
}

void lease_registers(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.unknown_timer);
  world.queue.cancel(state.ready_timer);
  restart_clocks(world, node);
  state.answering = true;
  state.answering_since = world.now;
  state.last_renewal = world.now;
  state.object = true;
  state.ready = true;
  services::readiness_changed(world);
}

}  // namespace nines::models::kubernetes
