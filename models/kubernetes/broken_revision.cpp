#include "models/kubernetes/broken_revision.hpp"

#include <algorithm>
#include <utility>

#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/rollout.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

const std::vector<ProcessId>& members(const World& world, ServiceId service) {
  return world.plan->services[service].members;
}

void put_in_force(World& world, ServiceId service, const Revision& revision) {
  for (const WorkloadId id : world.plan->services[service].workloads) {
    world.kubernetes.revisions[id] = revision;
    const WorkloadPlan& workload = world.plan->workloads[id];
    if (!workload.surges || !revision.only.exists()) continue;
    // Names mean nothing to a Deployment: as many pods come before the one that fails as places before its own.
    const auto at = std::find(workload.pods.begin(), workload.pods.end(), revision.only);
    if (at == workload.pods.end()) {
      world.kubernetes.revisions[id] = {};  // the one that fails is of another of the service's workloads
      continue;
    }
    world.kubernetes.revisions[id].only = ProcessId::none();
    world.kubernetes.revisions[id].nth = std::count_if(
        workload.pods.begin(), at, [&](ProcessId process) { return !world.kubernetes.pods[process].parked; });
  }
}

/// The revision of now goes to pods that are not bound yet: their controller replaces their objects at once.
void renew_unbound(World& world, ServiceId service) {
  for (const ProcessId process : members(world, service)) {
    if (world.kubernetes.pods[process].object == PodObject::pending)
      world.kubernetes.pods.edit(process).defect = defect_of_new_pod(world, process);
  }
}

/// Its present container was started with the pod's revision, not one left over from another object.
bool own_container_lives(const PodState& pod) { return alive(pod.container) && pod.container_pod == pod.incarnation; }

}  // namespace

Defect defect_of_new_pod(const World& world, ProcessId process) {
  const Revision& now = world.kubernetes.revisions[world.plan->processes[process].workload];
  if (now.nth >= 0) return Defect::none;  // the roll has not come to it yet
  return now.only.exists() && now.only != process ? Defect::none : now.defect;
}

void run_broken_container(World& world, ProcessId process) {
  const Duration life = world.draw(world.plan->processes[process].component, Purpose::broken_start,
                                   world.plan->topology.changes.broken_start);
  world.schedule(world.now + life, BrokenContainerExited{process, world.processes[process].incarnation});
}

void roll_out_broken(World& world, ServiceId service, Defect defect, ProcessId only) {
  put_in_force(world, service, {defect, only});
  renew_unbound(world, service);
  start_rolling_restart(world, service);
}

void roll_back(World& world, ServiceId service) {
  if (!NINES_MUTATED(roll_back_mends_nothing)) put_in_force(world, service, {});
  renew_unbound(world, service);
  for (const WorkloadId id : world.plan->services[service].workloads) {
    std::vector<ProcessId> broken;
    for (const ProcessId process : world.plan->workloads[id].pods) {
      if (world.kubernetes.pods[process].defect != Defect::none) broken.push_back(process);
    }
    start_roll_of(world, id, std::move(broken));
    report_pods_in_the_way(world, id);
  }
}

void accept_revision(World& world, ServiceId service) {
  put_in_force(world, service, {});
  for (const ProcessId process : members(world, service)) {
    if (world.kubernetes.pods[process].defect == Defect::none) continue;
    PodState& pod = world.kubernetes.pods.edit(process);
    pod.defect = Defect::none;
    if (own_container_lives(pod)) process_exited(world, process, world.processes[process].ending);
    restart_now(world, process);
  }
  // What else holds the roll up, such as a pod that finds no machine, shows at the next deadline.
  for (const WorkloadId id : world.plan->services[service].workloads) {
    if (std::as_const(world).kubernetes.rolls[id].active) expect_progress(world, id);
  }
}

void on(World& world, const BrokenContainerExited& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  const ProcessState& state = world.processes[event.process];
  const bool same = own_container_lives(pod) && state.incarnation == event.incarnation;
  if (!same || pod.defect != Defect::crash_loops || state.status == ProcessState::Status::absent) {
    world.stale = true;
    return;
  }
  faults::defect_shows(world, event.process);
  process_exited(world, event.process, state.ending);  // its logs are as the last working revision left them
}

}  // namespace nines::models::kubernetes
