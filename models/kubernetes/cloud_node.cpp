#include "models/kubernetes/cloud_node.hpp"

#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/node_lifecycle.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

void expect_instance_check(World& world, NodeId node) {
  if (!infrastructure::provider_acts(world)) return;  // looked at when it does
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (!state.gone || !state.object || state.ready || world.queue.pending(state.delete_timer)) return;
  const sim::Time at = world.kubernetes.cloud_passes.at_or_after(world.now);
  state.delete_timer = world.schedule(at, NodeObjectDeleted{node, state.machine});
}

void remove_node_object(World& world, NodeId node) { remove_node_object(world, node, world.now); }

void remove_node_object(World& world, NodeId node, sim::Time collected_from) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (!state.object) return;
  state.object = false;
  untaint(world, node);
  for (const sim::TimerId timer : {state.unknown_timer, state.ready_timer, state.delete_timer, state.repair_timer}) {
    world.queue.cancel(timer);
  }
  collect_orphans(world, node, state.machine, collected_from);
  services::readiness_changed(world);
  expect_pass(world, world.plan->nodes[node].zone);
}

void expect_repair(World& world, NodeId node) {
  if (!world.plan->nodes[node].node_repair) return;
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.repair_timer);
  state.repair_timer =
      world.schedule(world.now + world.plan->kube().node_repair_toleration, NodeRepairDue{node, state.machine});
}

void on(World& world, const NodeRepairDue& event) {
  const NodeState& state = world.kubernetes.nodes[event.node];
  world.stale = state.machine != event.machine || state.ready || !state.object;
  if (world.stale) return;
  if (infrastructure::provider_acts(world)) return infrastructure::terminate_node(world, event.node);
  // It is tried again: no news, what led here stays the cause.
  const CauseScope scope(world, world.trace.at(world.trace.current()).parent);
  world.unrecorded = true;
  world.kubernetes.nodes.edit(event.node).repair_timer =
      world.schedule(world.now + world.plan->infra().capacity_retry, event);
}

void node_terminated(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.gone) return;
  node_stopped(world, node);
  state.gone = true;
  expect_instance_check(world, node);
  machine_given_back(world);
  const bool launches = world.plan->nodes[node].provisioner == Provisioner::asg && !state.scaled_in;
  if (launches && below_its_size(world, node)) order_machine(world, node);
  expect_scan(world);
  expect_rebalancing(world, node);
}

void on(World& world, const NodeObjectDeleted& event) {
  if (managers_away(world)) return;
  const NodeState& state = world.kubernetes.nodes[event.node];
  // The controller asks the provider whether the instance is there: without an answer it deletes nothing.
  if (state.machine != event.machine || !state.object || !infrastructure::provider_acts(world)) {
    world.stale = true;
    return;
  }
  remove_node_object(world, event.node);
  // A machine that a pod waited for, with its volume or its room, is gone: provisioners and people hear of the pod.
  retry_unschedulable(world);
}

}  // namespace nines::models::kubernetes
