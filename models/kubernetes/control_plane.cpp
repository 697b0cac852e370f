#include "models/kubernetes/control_plane.hpp"

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/cloud_node.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/horizontal_autoscaler.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/kubernetes/node_lifecycle.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/taint_eviction.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/platform_part.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// The node lifecycle controller, taint eviction, the garbage collector and the cloud controller look at a node.
void look_at_node(World& world, NodeId node, bool anew) {
  const NodeState& state = world.kubernetes.nodes[node];
  if (!state.object) return;
  if (!state.answering && state.ready) silence_counts(world, node);
  expect_instance_check(world, node);
  collect_out_of_service_pods(world, node);
  if (state.no_execute != NoExecute::tainted) return;
  if (anew) call_evictions_off(world, node);
  start_tolerations(world, node);
}

void managers_resume(World& world, bool anew) {
  if (anew) world.kubernetes.managers_since = world.now;
  for (const NodeId node : world.kubernetes.nodes.ids()) look_at_node(world, node, anew);
  collect_orphans_anew(world);
  for (const ZoneId zone : world.kubernetes.zones.ids()) expect_pass(world, zone);
  for (const WorkloadId workload : world.plan->workloads.ids()) {
    create_missing(world, workload);
    if (!world.plan->workloads[workload].rules().owned) resume_roll(world, workload);
  }
  autoscalers_resume(world, anew);
  for (const VolumeId volume : world.kubernetes.volumes.ids()) resume_attachment(world, volume, anew);
  services::readiness_changed(world);
}

void scheduler_resumes(World& world) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    if (world.kubernetes.pods[process].object == PodObject::pending) expect_scheduling(world, process);
  }
}

/// Provisioners and whoever drains machines go by the API server; who is silent now is so by itself.
void api_resumes(World& world) {
  for (const ZoneId zone : world.kubernetes.zones.ids()) expect_pass(world, zone);
  for (const NodeId node : touched_nodes(world)) {
    resume_order(world, node);
    resume_drain(world, node);
  }
}

bool away(World& world, bool works) {
  if (!works) world.stale = true;
  return !works;
}

}  // namespace

void provider_resumes(World& world) {
  for (const NodeId node : touched_nodes(world)) {
    resume_order(world, node);
    expect_instance_check(world, node);
  }
  for (const VolumeId volume : world.kubernetes.volumes.ids()) ask_provider_again(world, volume);
}

void part_works_again(World& world, PlatformPart part) {
  if (part == PlatformPart::mounts || part == PlatformPart::pod_networks) wake_waiting(world);
  if (part != PlatformPart::volumes && part != PlatformPart::mounts) return;
  for (const VolumeId volume : world.kubernetes.volumes.ids()) {
    if (part == PlatformPart::volumes) ask_provider_again(world, volume);
    extend_file_system(world, volume);
  }
}

bool api_serves(const World& world) { return world.kubernetes.control_plane.api; }
bool managers_away(World& world) { return away(world, world.kubernetes.control_plane.managers); }
bool scheduler_away(World& world) { return away(world, world.kubernetes.control_plane.scheduler); }

void control_plane_changed(World& world, const ControlPlane& now) {
  const ControlPlane before = world.kubernetes.control_plane;
  if (before == now) return;
  world.kubernetes.control_plane = now;
  node_reachability_changed(world);
  if (now.managers && !before.managers) managers_resume(world, now.managers_so_far != before.managers_so_far);
  if (now.scheduler && !before.scheduler) scheduler_resumes(world);
  if (now.api && !before.api) api_resumes(world);
  // Who keeps something of its own behind the API servers.
  if (world.plan->control_plane.exists()) service::answers_changed(world, world.plan->control_plane);
}

}  // namespace nines::models::kubernetes
