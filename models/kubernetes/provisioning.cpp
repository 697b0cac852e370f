#include "models/kubernetes/provisioning.hpp"

#include <algorithm>
#include <tuple>

#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/kubernetes/node_lifecycle.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
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
  if (!id.exists()) return true;
  const VolumePlan& volume = world.plan->volumes[id];
  return is_local(*world.plan, id) ? volume.node == node : volume.zone == slot.zone;
}

bool usable(const NodeState& node) { return node.object && node.ready; }

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
  for (const NodeId node : world.plan->nodes.ids()) {
    if (!would_do(world, process, node)) continue;
    const NodeState& state = world.kubernetes.nodes[node];
    if (state.ordered) return NodeId::none();
    if (usable(state)) continue;
    if (!best.exists() || rank(node) < rank(best)) best = node;
  }
  return best;
}

/// A machine that would do for the pod but is being drained, though nothing will replace it.
NodeId pointless_drain(const World& world, ProcessId process) {
  for (const NodeId node : world.plan->nodes.ids()) {
    const NodeState& state = world.kubernetes.nodes[node];
    const bool pointless = state.draining && world.plan->nodes[node].provisioner == Provisioner::none;
    if (pointless && usable(state) && would_do(world, process, node)) return node;
  }
  return NodeId::none();
}

void ask_for_machine(World& world, ProcessId process) {
  world.kubernetes.pods.edit(process).reported_machine = true;
  people::ask_for_repair(world, people::Repair::dead_node, process);
}

bool launch_succeeds(World& world, NodeId node) {
  if (!infrastructure::zone_can_launch(world, world.plan->nodes[node].zone)) return false;
  const Ratio failure = world.plan->infra().capacity_failure_probability;
  return failure <= 0 || world.uniform(component(world, node), Purpose::provision_failure) >= failure;
}

void launch_failed(World& world, NodeId node) {
  const CauseScope scope(world, world.note(ProvisioningFailed{node}));
  world.kubernetes.nodes.edit(node).launch_timer =
      world.schedule(world.now + world.plan->infra().capacity_retry, NodeLaunched{node});
}

/// The slot as a machine leaves it that has just joined.
void reset_slot(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  for (const sim::TimerId timer : {state.delete_timer, state.drain_timer, state.launch_timer})
    world.queue.cancel(timer);
  if (!state.successor_ready) state.images = 0;
  ++state.machine;
  state.kubelet = true;
  state.gone = false;
  state.out_of_service = false;
  state.cordoned = false;
  state.draining = false;
  state.launch_first = false;
  state.drain_deadline = sim::Time::never();
  state.ordered = false;
  state.successor_ready = false;
}

}  // namespace

std::uint16_t node_group(const Plan& plan, ProcessId process) { return plan.nodes[plan.processes[process].node].group; }

void request_machine(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const NodeId drained = pointless_drain(world, process);
  if (drained.exists()) return give_up_drain(world, drained);
  if (claim_in_the_way(world, process)) {
    pod.reported_volume = true;
    return people::ask_for_repair(world, people::Repair::lost_volume, process);
  }
  const NodeId node = slot_to_replace(world, process);
  if (!node.exists()) return;
  if (world.plan->nodes[node].provisioner != Provisioner::none) return order_machine(world, node);
  ask_for_machine(world, process);
}

void report_machine(World& world, NodeId node) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    const bool waits = world.kubernetes.pods[process].object == PodObject::bound && on_machine(world, process, node);
    if (waits) ask_for_machine(world, process);
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
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool pending = pod.object == PodObject::pending;
    const bool concerned = pending ? would_do(world, process, node) : pod.node == node;
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

void cancel_order(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.draining) return;
  state.ordered = false;
  world.queue.cancel(state.launch_timer);
}

void take_over(World& world, NodeId node) {
  const bool finalizer = world.plan->nodes[node].provisioner == Provisioner::karpenter;
  remove_node_object(world, node, finalizer ? std::max(world.now, unknown_if_silent(world, node)) : world.now);
  kill_containers_of(world, node);
  forget_unmounts(world, node);
  reset_slot(world, node);
  lease_registers(world, node);
  infrastructure::replace_node(world, node);
  expect_pass(world, world.plan->nodes[node].zone);
  for (const VolumeId volume : world.kubernetes.volumes.ids()) {
    if (world.kubernetes.volumes[volume].node == node) reconcile_attachment(world, volume);
  }
  machine_works(world, node);
  wake_waiting(world);
  const ProcessId manager = world.plan->operator_process;
  const bool operator_here = manager.exists() && world.processes[manager].node == node;
  if (operator_here && operator_works(world)) operator_resumes(world);
  // A successor may take over while its zone is cut off: it has joined, but does not answer now.
  node_reachability_changed(world);
}

void on(World& world, const NodeLaunched& event) {
  if (!launch_succeeds(world, event.node)) return launch_failed(world, event.node);
  const bool karpenter = world.plan->nodes[event.node].provisioner == Provisioner::karpenter;
  const infrastructure::Parameters& parameters = world.plan->infra();
  const Law& law = karpenter ? parameters.node_provision_karpenter : parameters.node_provision_asg;
  const Duration delay = world.draw(component(world, event.node), Purpose::node_provision, law);
  world.kubernetes.nodes.edit(event.node).launch_timer = world.schedule(world.now + delay, NodeProvisioned{event.node});
}

void on(World& world, const NodeProvisioned& event) {
  NodeState& state = world.kubernetes.nodes.edit(event.node);
  const ZoneId zone = world.plan->nodes[event.node].zone;
  const bool joins = infrastructure::zone_can_launch(world, zone) && zone_reaches_control_plane(world, zone);
  if (!joins) return launch_failed(world, event.node);
  state.ordered = false;
  const bool works_again = state.kubelet && state.answering && state.object && state.ready;
  if (works_again && !state.draining) {
    // The machine it was to replace came back meanwhile: the new one is empty and is consolidated away.
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
