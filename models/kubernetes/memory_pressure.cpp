#include "models/kubernetes/memory_pressure.hpp"

#include <algorithm>
#include <tuple>

#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/platform.hpp"
#include "models/scheduling.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// Its container is on the machine that holds the slot now, and runs or stops.
bool uses_memory(const World& world, ProcessId process, NodeId node) {
  return container_on(world, process, node) && alive(world.kubernetes.pods[process].container);
}

bool still_grows(const World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  return uses_memory(world, state.grows, node) && world.processes[state.grows].incarnation == state.grows_life;
}

/// The pod that the kubelet ends next; none if it may end none.
ProcessId next_victim(const World& world, NodeId node) {
  const ProcessId grows = world.kubernetes.nodes[node].grows;
  const auto rank = [&](ProcessId process) {
    const bool exceeds = process == grows || request(*world.plan, process).memory <= 0;
    return std::tuple(!exceeds, world.plan->placement_of(process).priority, process != grows, process);
  };
  ProcessId first;
  for (const ProcessId process : near(world, node)) {
    const bool evictable = uses_memory(world, process, node) && world.plan->rules_of(process).creates;
    if (evictable && (!first.exists() || rank(process) < rank(first))) first = process;
  }
  return first;
}

void relieved(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.grows = ProcessId::none();
  if (!state.pressure) return;  // gone before anybody looked
  state.pressure_timer = world.schedule(world.now + world.plan->kube().pressure_transition, PressureOver{node});
}

/// What the kubelet must not evict the kernel kills when no memory is left; the kubelet starts it again in place.
void kill_for_memory(World& world, NodeId node) {
  const ProcessId process = world.kubernetes.nodes[node].grows;
  relieved(world, node);
  const CauseScope scope(world, world.note(KilledForMemory{process}));
  end_process(world, process, Ending::crash);
  process_killed(world, process);
}

void look_again(World& world, NodeId node) {
  world.kubernetes.nodes.edit(node).pressure_timer =
      world.schedule(world.now + world.plan->kube().eviction_period, MemoryChecked{node});
}

}  // namespace

void memory_grows(World& world, ProcessId process) {
  const NodeId node = world.processes[process].node;
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.grows.exists() || !uses_memory(world, process, node)) return;  // one at a time
  world.queue.cancel(state.pressure_timer);
  state.grows = process;
  state.grows_life = world.processes[process].incarnation;
  const ComponentId component = world.plan->processes[process].component;
  const Duration first = world.phase(component, Purpose::pressure_phase, world.plan->kube().eviction_period);
  state.pressure_timer = world.schedule(world.now + first, MemoryChecked{node});
}

void forget_pressure(World& world, NodeId node) {
  const NodeState& before = world.kubernetes.nodes[node];
  if (!before.grows.exists() && !before.pressure) return;
  NodeState& state = world.kubernetes.nodes.edit(node);
  world.queue.cancel(state.pressure_timer);
  state.grows = ProcessId::none();
  state.pressure = false;
}

void on(World& world, const MemoryChecked& event) {
  const NodeId node = event.node;
  if (!still_grows(world, node)) return relieved(world, node);
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.pressure = true;
  const ProcessId victim = next_victim(world, node);
  if (!victim.exists()) return kill_for_memory(world, node);
  // Of an eviction the API server must hear: else the kubelet would have to remember it.
  if (!state.answering) return look_again(world, node);
  const CauseScope scope(world, world.note(PodEvictedByKubelet{victim}));
  victim == state.grows ? relieved(world, node) : look_again(world, node);
  delete_pod_by_force(world, victim);
}

void on(World& world, const PressureOver& event) {
  world.kubernetes.nodes.edit(event.node).pressure = false;
  retry_unschedulable(world);
}

}  // namespace nines::models::kubernetes
