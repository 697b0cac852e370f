#include "models/kubernetes/node_lease.hpp"

#include "models/kubernetes/events.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// Conditions change in a pass before the same pass looks at zones.
constexpr sim::Priority condition_changes = sim::Priority::state;

void schedule_unknown(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes[node];
  const sim::Time at =
      unknown_at(world.kubernetes.monitor_passes, world.plan->kube().node_monitor_grace_period, state.last_renewal);
  if (at < world.now) return;  // it is Unknown already
  world.queue.cancel(state.unknown_timer);
  state.unknown_timer = world.schedule(at, NodeUnknown{node}, condition_changes);
}

}  // namespace

void lease_falls_silent(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes[node];
  if (!state.answering) return;
  state.answering = false;
  const sim::Time renewal = renewal_before(state.lease, world.now);
  if (renewal >= state.answering_since) state.last_renewal = renewal;
  // NodeReady was meant for a renewal that will not happen now, unless that is the newest one before the silence.
  const sim::Time seen = world.kubernetes.monitor_passes.at_or_after(state.last_renewal);
  if (world.queue.when(state.ready_timer) != seen) world.queue.cancel(state.ready_timer);
  const bool will_be_ready = state.ready || world.queue.pending(state.ready_timer);
  if (state.object && will_be_ready) schedule_unknown(world, node);
}

void lease_resumes(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes[node];
  if (state.answering) return;
  state.answering = true;
  state.answering_since = world.now;
  if (!state.object) return;
  const sim::Time renewal = state.lease.at_or_after(world.now);
  const sim::Time unknown = world.queue.when(state.unknown_timer);
  if (renewal <= unknown) world.queue.cancel(state.unknown_timer);
  const bool turns_unknown = !state.ready || renewal > unknown;
  if (!turns_unknown || world.queue.pending(state.ready_timer)) return;
  state.ready_timer =
      world.schedule(world.kubernetes.monitor_passes.at_or_after(renewal), NodeReady{node}, condition_changes);
}

void lease_restarts(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes[node];
  assert(!state.answering);
  state.lease = {world.now, world.plan->kube().lease_renew_interval};
}

void lease_registers(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes[node];
  world.queue.cancel(state.unknown_timer);
  world.queue.cancel(state.ready_timer);
  state.lease = {world.now, world.plan->kube().lease_renew_interval};
  state.answering = true;
  state.answering_since = world.now;
  state.object = true;
  state.ready = true;
}

}  // namespace nines::models::kubernetes
