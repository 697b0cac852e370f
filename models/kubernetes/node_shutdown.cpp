#include "models/kubernetes/node_shutdown.hpp"

#include <algorithm>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

const NodeGroupSpec& group_spec(const World& world, NodeId node) {
  return world.plan->topology.node_groups[world.plan->nodes[node].group];
}

bool is_critical(const World& world, ProcessId process) {
  return world.plan->workload_of(process).controller == Controller::static_pod;
}

/// How long the pods of the group whose turn it is have.
Duration time_of_group(const World& world, NodeId node) {
  const NodeGroupSpec& group = group_spec(world, node);
  const bool critical = world.kubernetes.nodes[node].critical_turn;
  return critical ? group.shutdown_grace_critical : group.shutdown_grace - group.shutdown_grace_critical;
}

/// Pods of the group whose turn it is that have a container on the machine.
std::vector<ProcessId> pods_in_turn(const World& world, NodeId node) {
  std::vector<ProcessId> pods;
  for (const ProcessId process : near(world, node)) {
    const bool in_turn = is_critical(world, process) == world.kubernetes.nodes[node].critical_turn;
    if (in_turn && container_on(world, process, node)) pods.push_back(process);
  }
  return pods;
}

bool group_is_done(const World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    if (is_critical(world, process) != world.kubernetes.nodes[node].critical_turn) continue;
    if (container_on(world, process, node)) return false;
    if (world.plan->kube().shutdown_unmounts && unmounts_on(world, process, node)) return false;
  }
  return true;
}

void end_pods_in_turn(World& world, NodeId node) {
  const Duration grace = std::min(time_of_group(world, node), world.plan->kube().termination_grace);
  const bool critical = world.kubernetes.nodes[node].critical_turn;
  for (const ProcessId process : pods_in_turn(world, node)) {
    const NodeState& state = world.kubernetes.nodes[node];
    if (!state.shutting_down || state.critical_turn != critical) return;  // the last one has ended at once
    end_for_shutdown(world, process, grace);
  }
}

/// The lock is released: the operating system goes on.
void release_lock(World& world, NodeId node) {
  stop_kubelet(world, node);
  stop_containers_of(world, node);
  infrastructure::container_ended(world, node);
}

void start_turn(World& world, NodeId node);

void next_turn(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.shutdown_timer);
  if (state.critical_turn) return release_lock(world, node);
  state.critical_turn = true;
  start_turn(world, node);
}

void start_turn(World& world, NodeId node) {
  if (group_is_done(world, node)) return next_turn(world, node);  // nobody is waited for
  const bool critical = world.kubernetes.nodes[node].critical_turn;
  end_pods_in_turn(world, node);
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (!state.shutting_down || state.critical_turn != critical) return;  // all have ended at once
  // After the SIGKILL of pods whose grace period is that of the group.
  state.shutdown_timer = world.schedule(world.now + time_of_group(world, node), ShutdownStep{node, state.machine});
}

}  // namespace

bool begin_shutdown(World& world, NodeId node) {
  if (group_spec(world, node).shutdown_grace <= Duration()) return false;
  const NodeState& before = world.kubernetes.nodes[node];
  if (!before.kubelet || before.hangs || NINES_MUTATED(shutdown_unheard)) return false;
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.shutting_down = true;
  state.critical_turn = false;
  const CauseScope scope(world, world.note(ShutdownHeard{node}));
  report_not_ready_now(world, node);
  start_turn(world, node);
  return true;
}

void shutdown_goes_on(World& world, NodeId node) {
  if (!world.kubernetes.nodes[node].shutting_down) return;
  if (group_is_done(world, node)) next_turn(world, node);
}

void forget_shutdown(World& world, NodeId node) {
  if (!world.kubernetes.nodes[node].shutting_down) return;
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.shutdown_timer);
  state.shutting_down = false;
}

void on(World& world, const ShutdownStep& event) {
  const NodeState& state = world.kubernetes.nodes[event.node];
  world.stale = !state.shutting_down || state.machine != event.machine;
  if (!world.stale) next_turn(world, event.node);
}

}  // namespace nines::models::kubernetes
