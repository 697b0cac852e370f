#include "models/kubernetes/restored_objects.hpp"

#include <algorithm>

#include "models/infrastructure/volume.hpp"
#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/kubernetes/node_lifecycle.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

PodRecord record_of(const PodState& pod) { return {pod.object, pod.node, pod.machine, pod.incarnation}; }
NodeRecord record_of(const NodeState& node) { return {node.object, node.machine}; }

/// What there was at that time of whatever has changed since: the oldest of its later changes says it.
template <class Id, class Record>
std::vector<std::pair<Id, Record>> as_of(const std::vector<Change<Id, Record>>& changes, sim::Time time) {
  std::vector<std::pair<Id, Record>> found;
  for (const Change<Id, Record>& change : changes) {
    const bool known = std::ranges::any_of(found, [&](const auto& its) { return its.first == change.of; });
    if (change.at > time && !known) found.emplace_back(change.of, change.before);
  }
  std::ranges::sort(found, {}, [](const auto& its) { return its.first; });
  return found;
}

bool has_object(PodObject object) { return object != PodObject::gone; }

/// The object of now is unknown. Its container goes on until its kubelet hears of it.
void forget_pod(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const bool runs = alive(pod.container);
  if (!runs && pod.container != Container::none) drop_container(world, process);
  for (const sim::TimerId timer : {pod.step_timer, pod.eviction_timer, pod.collect_timer}) world.queue.cancel(timer);
  ++pod.incarnation;  // whatever the name stands for now, it is not what runs
  pod.object = PodObject::gone;
  pod.unschedulable = pod.returns = false;
  pod.nominated = NodeId::none();
  world.kubernetes.attention.missing.insert(process.value);
}

void put_back(World& world, ProcessId process, const PodRecord& then) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.object = then.object;
  pod.node = then.node;
  pod.machine = then.machine;
  pod.bound_at = world.now;
  if (then.object == PodObject::pending) return;
  arrives(world, process, then.node);
}

void restore_pod(World& world, ProcessId process, const PodRecord& then) {
  const PodState& now = world.kubernetes.pods[process];
  const bool other = now.incarnation != then.incarnation || now.object != then.object || now.node != then.node ||
                     now.machine != then.machine;
  if (!other || rules_of(world, process).fixed || now.parked) return;
  const bool lost = has_object(now.object) && now.incarnation != then.incarnation;
  const CauseScope scope(world, lost ? world.note(PodForgotten{process}) : world.note(PodComesBack{process}));
  forget_pod(world, process);
  if (has_object(then.object)) put_back(world, process, then);
}

/// Static pods are the control plane's own: whoever restores the store restarts the kubelet beside it first of all, and
/// that machine registers at once.
bool is_master(const World& world, NodeId node) {
  for (const ProcessId process : world.plan->processes.ids()) {
    if (world.plan->processes[process].node == node && rules_of(world, process).fixed) return true;
  }
  return false;
}

/// The machine has joined since: nothing is known of it.
void forget_node(World& world, NodeId node, Duration until_restarted) {
  const CauseScope scope(world, world.note(NodeForgotten{node}));
  remove_node_object(world, node);
  world.schedule(world.now + until_restarted, NodeRegistered{node, world.kubernetes.nodes[node].machine});
}

void restore_volume(World& world, VolumeId volume) {
  const CauseScope scope(world, world.note(VolumeForgotten{volume}));
  infrastructure::bills_orphan(world, volume);
  infrastructure::lose_volume(world, volume);
}

}  // namespace

bool keeps_history(const World& world) { return world.kubernetes.history.kept; }

void initialise_history(World& world) {
  History& history = world.kubernetes.history;
  const ServiceId control_plane = world.plan->control_plane;
  history.kept = control_plane.exists() && world.plan->services[control_plane].kind->hosted;
  if (!history.kept) return;
  history.at = world.now;
  history.pods.assign(world.plan->processes.size(), {});
  history.nodes.assign(world.plan->nodes.size(), {});
  for (const ProcessId process : world.plan->processes.ids())
    history.pods.edit(process) = record_of(world.kubernetes.pods[process]);
  for (const NodeId node : world.plan->nodes.ids()) history.nodes.edit(node) = record_of(world.kubernetes.nodes[node]);
}

namespace {

/// No backup is older than this: over the years what happened before is let go.
constexpr Duration longest_kept = Duration::seconds(40 * 86'400);
constexpr std::size_t many = 4096;

template <class Changes>
void let_go(Changes& changes, sim::Time now) {
  if (changes.size() < many) return;
  std::erase_if(changes, [&](const auto& change) { return change.at + longest_kept < now; });
}

}  // namespace

void write_history(World& world) {
  State& state = world.kubernetes;
  History& history = state.history;
  if (!history.kept) return;
  state.pods.edited().each([&](std::size_t at) {
    const auto process = ProcessId::of(at);
    const PodRecord now = record_of(state.pods[process]);
    if (history.pods[process] == now) return;
    history.of_pods.push_back({history.at, process, history.pods[process]});
    history.pods.edit(process) = now;
  });
  state.nodes.edited().each([&](std::size_t at) {
    const auto node = NodeId::of(at);
    const NodeRecord now = record_of(state.nodes[node]);
    if (history.nodes[node] == now) return;
    history.of_nodes.push_back({history.at, node, history.nodes[node]});
    history.nodes.edit(node) = now;
  });
  history.at = world.now;
  let_go(history.of_pods, world.now);
  let_go(history.of_nodes, world.now);
}

void volume_made(World& world, VolumeId volume) {
  if (keeps_history(world)) world.kubernetes.history.of_volumes.push_back({world.now, volume, false});
}

void objects_restored(World& world, Duration age, Duration until_restarted) {
  if (!keeps_history(world)) return;
  const sim::Time then = world.now - age;
  const History& history = world.kubernetes.history;
  const auto pods = as_of(history.of_pods, then);
  const auto nodes = as_of(history.of_nodes, then);
  const auto volumes = as_of(history.of_volumes, then);
  for (const auto& [process, record] : pods) restore_pod(world, process, record);
  for (const auto& [node, record] : nodes) {
    const NodeState& now = world.kubernetes.nodes[node];
    const bool joined = now.object && !now.gone && now.machine != record.machine;
    if (joined && !is_master(world, node)) forget_node(world, node, until_restarted);
  }
  for (const auto& [volume, ignored] : volumes) restore_volume(world, volume);
  std::vector<VolumeId> touched;
  for (const VolumeId volume : world.kubernetes.volumes.touched()) touched.push_back(volume);
  std::ranges::sort(touched);
  for (const VolumeId volume : touched) reconcile_attachment(world, volume);
  services::readiness_changed(world);
}

void on(World& world, const NodeRegistered& event) {
  const NodeState& node = world.kubernetes.nodes[event.node];
  world.stale = node.machine != event.machine || node.object || !node.kubelet || node.gone;
  if (world.stale) return;
  if (!may_join(world, event.node)) {  // its kubelet tries on
    world.stale = true;
    world.schedule(world.now + world.plan->kube().node_status_period, event);
    return;
  }
  lease_registers(world, event.node);
  expect_pass(world, world.plan->nodes[event.node].zone);
  sync_kubelet(world, event.node);
  machine_works(world, event.node);
  wake_waiting(world);
}

}  // namespace nines::models::kubernetes
