#include "models/kubernetes/workload.hpp"

#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

/// Processes of operators whose machine has this slot.
template <class Act>
void for_operators_on(World& world, NodeId node, Act act) {
  for (const WorkloadId id : world.plan->workloads.ids()) {
    const WorkloadPlan& workload = world.plan->workloads[id];
    if (workload.owned.empty()) continue;
    for (const ProcessId process : workload.pods) {
      if (world.processes[process].node == node) act(process);
    }
  }
}

}  // namespace

const ControllerRules& rules_of(const World& world, ProcessId process) { return world.plan->rules_of(process); }

bool has_service(const World& world, ProcessId process) { return world.plan->processes[process].service.exists(); }

bool works(const World& world, WorkloadId workload) {
  if (world.kubernetes.apis_removed && !world.plan->workloads[workload].owned.empty()) return false;
  for (const ProcessId process : world.plan->workloads[workload].pods) {
    const ProcessState& state = world.processes[process];
    if (state.status == ProcessState::Status::running && world.kubernetes.nodes[state.node].answering) return true;
  }
  return false;
}

bool controller_works(const World& world, WorkloadId workload) {
  const WorkloadId owner = world.plan->workloads[workload].owner;
  if (owner.exists()) return works(world, owner);
  // Of static pods the people who change their manifests.
  return world.plan->workloads[workload].controller == Controller::static_pod ||
         world.kubernetes.control_plane.managers;
}

void operator_resumes(World& world, ProcessId process) {
  for (const WorkloadId owned : world.plan->workload_of(process).owned) {
    create_missing(world, owned);
    resume_roll(world, owned);
  }
}

void operator_pauses(World& world, ProcessId process) {
  const WorkloadId id = world.plan->processes[process].workload;
  if (works(world, id)) return;
  for (const WorkloadId owned : world.plan->workloads[id].owned) {
    for (const ProcessId pod : world.plan->workloads[owned].pods) {
      const PodState& state = world.kubernetes.pods[pod];
      if (!state.returns || state.object != PodObject::gone) continue;
      world.kubernetes.pods.edit(pod).returns = false;
      const VolumeId volume = world.plan->processes[pod].volume;
      if (volume.exists()) reconcile_attachment(world, volume);
    }
  }
}

void apis_removed(World& world) {
  world.kubernetes.apis_removed = !NINES_MUTATED(apis_always_there);
  for (const WorkloadId id : world.plan->workloads.ids()) {
    if (!world.plan->workloads[id].owned.empty()) operator_pauses(world, world.plan->workloads[id].pods.front());
  }
}

void apis_migrated(World& world, ProcessId) {
  world.kubernetes.apis_removed = false;
  for (const WorkloadId id : world.plan->workloads.ids()) {
    if (world.plan->workloads[id].owned.empty() || !works(world, id)) continue;
    operator_resumes(world, world.plan->workloads[id].pods.front());
  }
}

void operators_resume_on(World& world, NodeId node) {
  for_operators_on(world, node, [&](ProcessId process) {
    if (works(world, world.plan->processes[process].workload)) operator_resumes(world, process);
  });
}

void operators_pause_on(World& world, NodeId node) {
  for_operators_on(world, node, [&](ProcessId process) { operator_pauses(world, process); });
}

}  // namespace nines::models::kubernetes
