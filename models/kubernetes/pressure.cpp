#include "models/kubernetes/pressure.hpp"

#include <algorithm>
#include <tuple>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/scheduling.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// What a machine may run short of.
struct OfMemory {
  static Pressure& of(NodeState& node) { return node.memory; }
  static const Pressure& of(const NodeState& node) { return node.memory; }
  static bool exceeds(const World& world, ProcessId process) { return request(*world.plan, process).memory <= 0; }
  using Checked = MemoryChecked;
  using Over = PressureOver;
};
struct OfDisk {
  static Pressure& of(NodeState& node) { return node.disk; }
  static const Pressure& of(const NodeState& node) { return node.disk; }
  static bool exceeds(const World&, ProcessId) { return true; }
  using Checked = DiskChecked;
  using Over = DiskPressureOver;
};

/// Its container is on the machine that holds the slot now, and runs or stops.
bool uses_machine(const World& world, ProcessId process, NodeId node) {
  return container_on(world, process, node) && alive(world.kubernetes.pods[process].container);
}

/// What takes it is still there.
template <class Of>
bool still_takes(const World& world, NodeId node) {
  const Pressure& pressure = Of::of(world.kubernetes.nodes[node]);
  if (pressure.stays) return true;
  return uses_machine(world, pressure.by, node) && world.processes[pressure.by].incarnation == pressure.life;
}

/// The pod that the kubelet ends next; none if it may end none.
template <class Of>
ProcessId next_victim(const World& world, NodeId node) {
  const Pressure& pressure = Of::of(world.kubernetes.nodes[node]);
  const auto takes = [&](ProcessId process) { return process == pressure.by && !pressure.stays; };
  const auto rank = [&](ProcessId process) {
    const bool exceeds = takes(process) || Of::exceeds(world, process);
    return std::tuple(!exceeds, world.plan->placement_of(process).priority, !takes(process), process);
  };
  ProcessId first;
  for (const ProcessId process : near(world, node)) {
    const bool evictable = uses_machine(world, process, node) && world.plan->rules_of(process).creates;
    if (evictable && (!first.exists() || rank(process) < rank(first))) first = process;
  }
  return first;
}

template <class Of>
void relieved(World& world, NodeId node) {
  Pressure& pressure = Of::of(world.kubernetes.nodes.edit(node));
  pressure.by = ProcessId::none();
  pressure.stays = false;
  world.queue.cancel(pressure.timer);
  if (!pressure.condition) return;  // gone before anybody looked
  pressure.timer = world.schedule(world.now + world.plan->kube().pressure_transition, typename Of::Over{node});
}

template <class Of>
void look_again(World& world, NodeId node) {
  Of::of(world.kubernetes.nodes.edit(node)).timer =
      world.schedule(world.now + world.plan->kube().eviction_period, typename Of::Checked{node});
}

template <class Of>
void look_first(World& world, NodeId node, ComponentId component) {
  const Duration first = world.phase(component, Purpose::pressure_phase, world.plan->kube().eviction_period);
  Of::of(world.kubernetes.nodes.edit(node)).timer = world.schedule(world.now + first, typename Of::Checked{node});
}

/// `stays`: what takes it is not the pod, which only says where.
template <class Of>
void begin_pressure(World& world, ProcessId process, bool stays) {
  const NodeId node = world.processes[process].node;
  Pressure& pressure = Of::of(world.kubernetes.nodes.edit(node));
  if (pressure.by.exists() || !uses_machine(world, process, node)) return;  // one at a time
  world.queue.cancel(pressure.timer);
  pressure.by = process;
  pressure.life = world.processes[process].incarnation;
  pressure.stays = stays;
  look_first<Of>(world, node, world.plan->processes[process].component);
}

/// What the kubelet must not evict the kernel kills when no memory is left; the kubelet starts it again in place.
void kill_for_memory(World& world, NodeId node) {
  const ProcessId process = world.kubernetes.nodes[node].memory.by;
  relieved<OfMemory>(world, node);
  const CauseScope scope(world, world.note(KilledForMemory{process}));
  end_process(world, process, Ending::crash);
  process_killed(world, process);
}

/// Ends the pod, unless the API server would not hear of it: else the kubelet would have to remember it.
template <class Of>
void evict(World& world, NodeId node, ProcessId victim) {
  if (!world.kubernetes.nodes[node].answering) return look_again<Of>(world, node);
  const Pressure& pressure = Of::of(world.kubernetes.nodes[node]);
  const bool helps = victim == pressure.by && !pressure.stays;
  const CauseScope scope(world, world.note(PodEvictedByKubelet{victim}));
  helps ? relieved<Of>(world, node) : look_again<Of>(world, node);
  delete_pod_by_force(world, victim);
}

/// Images of workloads that have no container on the machine.
void remove_unused_images(World& world, NodeId node) {
  std::uint32_t used = 0;
  for (const ProcessId process : near(world, node)) {
    if (container_on(world, process, node)) used |= image_bit(world, process);
  }
  NodeState& state = world.kubernetes.nodes.edit(node);
  if ((state.images & ~used) == 0) return;
  state.images &= used;
  world.note(ImagesRemoved{node});
}

/// A person has to make room: nobody that the kubelet may evict is left.
void ask_for_room(World& world, NodeId node) {
  people::ask_for_repair(world, people::Repair::full_disk, world.kubernetes.nodes[node].disk.by);
}

/// The slot whose disk is full of what belongs to no pod, as the repair of `process` is about it; none if there is
/// none.
NodeId slot_to_clean(const World& world, ProcessId process) {
  for (const NodeId node : touched_nodes(world)) {
    const Pressure& disk = world.kubernetes.nodes[node].disk;
    if (disk.stays && disk.by == process) return node;
  }
  return NodeId::none();
}

template <class Of>
void end_pressure(World& world, NodeId node) {
  if (!Of::of(world.kubernetes.nodes[node]).any()) return;
  Pressure& pressure = Of::of(world.kubernetes.nodes.edit(node));
  world.queue.cancel(pressure.timer);
  pressure = {};
}

}  // namespace

void memory_grows(World& world, ProcessId process) { begin_pressure<OfMemory>(world, process, false); }
void disk_fills(World& world, ProcessId process) { begin_pressure<OfDisk>(world, process, false); }
void machine_disk_fills(World& world, ProcessId process) { begin_pressure<OfDisk>(world, process, true); }

void disk_cleaned(World& world, ProcessId process) {
  const NodeId node = slot_to_clean(world, process);
  if (node.exists()) relieved<OfDisk>(world, node);
}

void pressure_rests(World& world, NodeId node) {
  end_pressure<OfMemory>(world, node);
  if (!world.kubernetes.nodes[node].disk.stays) return end_pressure<OfDisk>(world, node);
  Pressure& disk = world.kubernetes.nodes.edit(node).disk;
  world.queue.cancel(disk.timer);
  disk.condition = false;
}

void pressure_resumes(World& world, NodeId node) {
  if (!world.kubernetes.nodes[node].disk.stays) return;
  look_first<OfDisk>(world, node, world.plan->processes[world.kubernetes.nodes[node].disk.by].component);
}

void forget_pressure(World& world, NodeId node) {
  const Pressure disk = world.kubernetes.nodes[node].disk;
  if (disk.stays) people::withdraw(world, people::Repair::full_disk, disk.by);
  end_pressure<OfMemory>(world, node);
  end_pressure<OfDisk>(world, node);
}

void on(World& world, const MemoryChecked& event) {
  const NodeId node = event.node;
  if (!still_takes<OfMemory>(world, node)) return relieved<OfMemory>(world, node);
  world.kubernetes.nodes.edit(node).memory.condition = true;
  const ProcessId victim = next_victim<OfMemory>(world, node);
  if (!victim.exists()) return kill_for_memory(world, node);
  evict<OfMemory>(world, node, victim);
}

void on(World& world, const DiskChecked& event) {
  const NodeId node = event.node;
  if (!still_takes<OfDisk>(world, node) || NINES_MUTATED(disk_never_full)) return relieved<OfDisk>(world, node);
  Pressure& disk = world.kubernetes.nodes.edit(node).disk;
  const bool stays = disk.stays;
  disk.condition = true;
  remove_unused_images(world, node);
  if (stays) ask_for_room(world, node);
  const ProcessId victim = next_victim<OfDisk>(world, node);
  if (victim.exists()) return evict<OfDisk>(world, node, victim);
  if (stays) return;  // nothing is left that it could end, and nothing comes
  world.kubernetes.nodes.edit(node).disk.stays = true;
  ask_for_room(world, node);
}

void on(World& world, const PressureOver& event) {
  world.kubernetes.nodes.edit(event.node).memory.condition = false;
  retry_unschedulable(world);
}

void on(World& world, const DiskPressureOver& event) {
  world.kubernetes.nodes.edit(event.node).disk.condition = false;
  wake_waiting(world);
  retry_unschedulable(world);
}

}  // namespace nines::models::kubernetes
