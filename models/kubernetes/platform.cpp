// The platform as a whole: its healthy state, and whether it is healthy.
#include "models/platform.hpp"

#include <algorithm>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/horizontal_autoscaler.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/restored_objects.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// A grid with a random phase, whose last tick before now is in the past.
sim::Grid grid(World& world, ComponentId component, Purpose purpose, Duration period) {
  return {world.now + world.phase(component, purpose, period), period};
}

void initialise_nodes(World& world) {
  NodeState state;
  state.images = ~std::uint32_t{0};  // a machine in health has run every image
  // Renewals have gone on for longer than anybody looks back; the phases of a kubelet are drawn when they matter.
  state.answering_since = state.last_renewal = world.now - 2 * world.plan->kube().node_monitor_grace_period;
  world.kubernetes.nodes.assign(world.plan->nodes.size(), state);
  for (const NodeId node : world.plan->nodes.ids()) {
    if (world.plan->vacant(node)) {
      NodeState& vacant = world.kubernetes.nodes.edit(node);
      vacant.kubelet = vacant.answering = vacant.object = vacant.ready = false;
      vacant.gone = true;
      vacant.images = 0;
    }
    if (world.plan->nodes[node].kubelet) continue;
    NodeState& bare = world.kubernetes.nodes.edit(node);
    bare.kubelet = bare.answering = bare.object = bare.ready = false;
  }
}

void initialise_zones(World& world) {
  for (const ZoneId zone : world.plan->zones.ids()) {
    TaintQueue queue;
    queue.rate = world.plan->kube().eviction_rate;
    queue.next_token = world.now;
    (void)zone;
    world.kubernetes.zones.add(queue);
  }
}

void initialise_pods(World& world) {
  world.kubernetes.pods.assign(world.plan->processes.size(), {});
  for (const ProcessId process : world.plan->processes.ids()) {
    PodState& pod = world.kubernetes.pods.edit(process);
    pod.node = pod.container_node = world.plan->processes[process].node;
    pod.last_restart = world.now;
    pod.parked = world.plan->processes[process].parked;
    pod.ready_since = world.now - world.plan->kube().min_ready;
    if (hosts::supervised(*world.plan, process) || pod.parked) {
      pod.object = PodObject::gone;
      pod.container = Container::none;
      pod.ready = !pod.parked;
    }
  }
}

void initialise_volumes(World& world) {
  world.kubernetes.volumes.assign(world.plan->volumes.size(), {});
  for (const VolumeId volume : world.plan->volumes.ids()) {
    world.kubernetes.volumes.edit(volume).node = world.plan->processes[world.plan->volumes[volume].owner].node;
  }
}

bool node_healthy(const World& world, NodeId id) {
  const NodeState& node = world.kubernetes.nodes[id];
  if (!world.plan->nodes[id].kubelet) return !node.gone && !node.ordered;
  const bool clean = node.no_execute == NoExecute::none && !node.out_of_service && !node.cordoned && !node.draining &&
                     !node.memory.any() && !node.disk.any() && !node.shutting_down;
  if (vacant(node)) return true;  // nothing needs a machine, or a pod would be Pending
  return node.kubelet && node.answering && node.object && node.ready && clean && !node.ordered;
}

bool pod_healthy(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  if (pod.parked) return pod.object == PodObject::gone && pod.container == Container::none;
  const bool runs = pod.object == PodObject::bound && pod.container == Container::running;
  return runs && pod.ready && pod.defect == Defect::none &&
         world.processes[process].status == ProcessState::Status::running;
}

bool volume_healthy(const World& world, VolumeId volume) {
  const VolumeState& state = world.kubernetes.volumes[volume];
  const PodState& pod = world.kubernetes.pods[world.plan->volumes[volume].owner];
  const bool in_place = state.node == pod.node && state.machine == pod.machine;
  return state.attachment == Attachment::attached && in_place && !state.stuck && !state.unclaimed;
}

}  // namespace

void initialise(World& world) {
  State state;
  state.rolls.assign(world.plan->workloads.size(), {});
  state.updates.assign(world.plan->topology.node_groups.size(), {});
  state.revisions.assign(world.plan->workloads.size(), {});
  state.scaled_to_zero.assign(world.plan->workloads.size(), 0);
  for (const WorkloadId workload : world.plan->workloads.ids()) {
    const auto& job = world.plan->workloads[workload].job;
    if (!job) continue;
    while (state.jobs.size() <= workload.value) state.jobs.add({});
    state.jobs[workload].resize(static_cast<std::size_t>(job->places));
  }
  world.kubernetes = state;
  world.kubernetes.control_plane.front = world.plan->network.backbone;
  initialise_nodes(world);
  initialise_zones(world);
  initialise_pods(world);
  initialise_volumes(world);
  initialise_attention(world);
  initialise_autoscalers(world);
  initialise_groups(world);
  initialise_history(world);
}

void draw_phases(World& world) {
  if (!world.plan->has_kubernetes()) return;
  const Parameters& parameters = world.plan->kube();
  const ComponentId cluster = world.plan->zones[ZoneId::of(0)].component;
  State& state = world.kubernetes;
  state.monitor_passes = grid(world, cluster, Purpose::monitor_phase, parameters.node_monitor_period);
  state.collector_passes = grid(world, cluster, Purpose::podgc_phase, parameters.podgc_period);
  state.cloud_passes = grid(world, cluster, Purpose::cloud_phase, parameters.cloud_node_period);
  state.reconciliations = grid(world, cluster, Purpose::reconcile_phase, parameters.operator_reconcile);
  draw_autoscaler_phases(world);
  draw_scan_phase(world);
}

bool healthy(const World& world) {
  // In the order in which they are expected to take longest. In a resting world all is well: only what was touched
  // since can be otherwise.
  const State& state = world.kubernetes;
  for (const WorkloadId workload : state.rolls.touched()) {
    if (state.rolls[workload].active) return false;
  }
  if (!autoscalers_settled(world) || !groups_settled(world)) return false;
  for (const NodeUpdate& update : state.updates) {
    if (update.active) return false;
  }
  const auto process_healthy = [&](ProcessId process) {
    const VolumeId volume = world.plan->processes[process].volume;
    if (hosts::supervised(*world.plan, process))
      return world.processes[process].status == ProcessState::Status::running;
    return pod_healthy(world, process) && (!volume.exists() || volume_healthy(world, volume));
  };
  // Who is ill stays so for long, and is asked again after nearly every event.
  const auto all_healthy = [&](const auto& table, std::size_t& sick) {
    const auto touched = table.touched();
    const auto size = static_cast<std::size_t>(touched.size());
    if (sick < size && !process_healthy(touched[static_cast<std::ptrdiff_t>(sick)])) return false;
    for (sick = 0; sick < size; ++sick) {
      if (!process_healthy(touched[static_cast<std::ptrdiff_t>(sick)])) return false;
    }
    return true;
  };
  return all_healthy(state.pods, state.attention.sick_pod) &&
         all_healthy(world.processes, state.attention.sick_process) &&
         std::ranges::all_of(state.nodes.touched(), [&](NodeId node) { return node_healthy(world, node); }) &&
         std::ranges::all_of(state.volumes.touched(), [&](VolumeId volume) { return volume_healthy(world, volume); });
}

sim::Time forgets_at(const World& world) {
  sim::Time at = world.now;
  for (const ProcessId process : world.kubernetes.pods.touched()) {
    const PodState& pod = world.kubernetes.pods[process];
    if (pod.backoff > Duration()) at = std::max(at, pod.last_restart + world.plan->kube().restart_backoff_reset);
  }
  return at;
}

}  // namespace nines::models::kubernetes
