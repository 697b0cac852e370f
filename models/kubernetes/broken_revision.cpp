#include "models/kubernetes/broken_revision.hpp"

#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

const std::vector<ProcessId>& members(const World& world, std::size_t service) {
  return world.plan->services[ServiceId::of(service)].members;
}

/// The revision of now goes to pods that are not bound yet: the operator replaces their objects at once.
void renew_unbound(World& world, std::size_t service) {
  for (const ProcessId process : members(world, service)) {
    if (world.kubernetes.pods[process].object == PodObject::pending)
      world.kubernetes.pods.edit(process).defect = defect_of_new_pod(world, process);
  }
}

/// Its present container was started with the pod's revision, not one left over from another object.
bool own_container_runs(const PodState& pod) {
  return pod.container == Container::running && pod.container_pod == pod.incarnation;
}

}  // namespace

Defect defect_of_new_pod(const World& world, ProcessId process) {
  if (is_operator(world, process)) return Defect::none;
  const Revision& now = world.kubernetes.revisions[world.plan->processes[process].service.value];
  return now.only.exists() && now.only != process ? Defect::none : now.defect;
}

void run_broken_container(World& world, ProcessId process) {
  const Duration life = world.draw(world.plan->processes[process].component, Purpose::broken_start,
                                   world.plan->topology.changes.broken_start);
  world.schedule(world.now + life, BrokenContainerExited{process, world.processes[process].incarnation});
}

void roll_out_broken(World& world, std::size_t service, Defect defect, ProcessId only) {
  world.kubernetes.revisions[service] = {defect, only};
  renew_unbound(world, service);
  start_rolling_restart(world, service);
}

void roll_back(World& world, std::size_t service) {
  if (!NINES_MUTATED(roll_back_mends_nothing)) world.kubernetes.revisions[service] = {};
  renew_unbound(world, service);
  std::vector<ProcessId> broken;
  for (const ProcessId process : members(world, service)) {
    if (world.kubernetes.pods[process].defect != Defect::none) broken.push_back(process);
  }
  start_roll_of(world, service, broken);
}

void accept_revision(World& world, std::size_t service) {
  world.kubernetes.revisions[service] = {};
  for (const ProcessId process : members(world, service)) {
    if (world.kubernetes.pods[process].defect == Defect::none) continue;
    PodState& pod = world.kubernetes.pods.edit(process);
    pod.defect = Defect::none;
    if (own_container_runs(pod)) process_exited(world, process, world.processes[process].ending);
    restart_now(world, process);
  }
}

void on(World& world, const BrokenContainerExited& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  const ProcessState& state = world.processes[event.process];
  const bool same = own_container_runs(pod) && state.incarnation == event.incarnation;
  if (!same || pod.defect != Defect::crash_loops || state.status == ProcessState::Status::absent) {
    world.stale = true;
    return;
  }
  faults::defect_shows(world, event.process);
  process_exited(world, event.process, state.ending);  // its logs are as the last working revision left them
}

}  // namespace nines::models::kubernetes
