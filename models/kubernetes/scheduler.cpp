#include "models/kubernetes/scheduler.hpp"

#include <algorithm>
#include <tuple>

#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

struct Request {
  double cpu = 0;
  double memory = 0;
};

/// What the pod reserves. The operator's own requests are small and left out.
Request request(const Plan& plan, ProcessId process) {
  if (!plan.processes[process].service.exists()) return {};
  const PoolSpec& pool = plan.pool_of(process);
  return {pool.cpu, pool.memory.count};
}

bool holds(const PodState& pod, const Placement& place) {
  const bool has_machine = pod.object == PodObject::bound || pod.object == PodObject::terminating;
  return has_machine && pod.node == place.node && pod.machine == place.machine;
}

int pods_on(const World& world, const Placement& place) {
  int count = 0;
  for (const PodState& pod : world.kubernetes.pods) count += holds(pod, place);
  return count;
}

bool has_room(const World& world, ProcessId process, const Placement& place) {
  Request sum = request(*world.plan, process);
  for (const ProcessId other : world.kubernetes.pods.ids()) {
    if (!holds(world.kubernetes.pods[other], place)) continue;
    const Request more = request(*world.plan, other);
    sum.cpu += more.cpu;
    sum.memory += more.memory;
  }
  const InstanceType& machine = world.plan->topology.node_groups[world.plan->nodes[place.node].group].instance;
  return sum.cpu <= machine.vcpu && sum.memory <= machine.memory.count;
}

/// Required anti-affinity: no two pods of a pool on one machine, after a reschedule as at the start.
bool keeps_apart(const World& world, ProcessId process, const Placement& place) {
  const ProcessPlan& pod = world.plan->processes[process];
  if (!pod.service.exists()) return true;
  for (const ProcessId other : world.kubernetes.pods.ids()) {
    const ProcessPlan& twin = world.plan->processes[other];
    const bool same_pool = other != process && twin.service == pod.service && twin.pool == pod.pool;
    if (same_pool && holds(world.kubernetes.pods[other], place)) return false;
  }
  return true;
}

/// The machine of a slot that takes pods: the current one, or its successor during a drain.
std::optional<Placement> open_machine(const World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  if (state.successor_ready) return Placement{node, state.machine + 1};
  const bool tainted = state.no_execute == NoExecute::tainted || state.out_of_service;
  const bool open = state.object && state.ready && !tainted && !state.cordoned;
  return open ? std::optional(Placement{node, state.machine}) : std::nullopt;
}

bool volume_reachable(const World& world, ProcessId process, const Placement& place) {
  const VolumeId id = world.plan->processes[process].volume;
  if (!id.exists()) return true;
  const VolumePlan& volume = world.plan->volumes[id];
  if (is_local(*world.plan, id)) {
    const VolumeState& state = world.kubernetes.volumes[id];
    return volume.node == place.node && (state.attachment == Attachment::detached || state.machine == place.machine);
  }
  return NINES_MUTATED(volume_in_wrong_zone) || volume.zone == world.plan->nodes[place.node].zone;
}

/// The machine it ran on last comes first, then the emptiest.
auto preference(const World& world, ProcessId process, const Placement& place) {
  const bool elsewhere = world.processes[process].node != place.node;
  return std::tuple(elsewhere, pods_on(world, place), place.node);
}

void bind(World& world, ProcessId process, const Placement& place) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.object = PodObject::bound;
  pod.node = place.node;
  pod.machine = place.machine;
  pod.listed = sim::Time::never();
  pod.unschedulable = false;
  pod.returns = false;
  withdraw_machine_requests(world, process);
  claim_local_disk(world, process);
  continue_start(world, process);
}

}  // namespace

std::optional<Placement> find_machine(const World& world, ProcessId process) {
  std::optional<Placement> best;
  for (const NodeId node : world.plan->nodes.ids()) {
    if (world.plan->nodes[node].group != node_group(*world.plan, process)) continue;
    const std::optional<Placement> place = open_machine(world, node);
    if (!place || !volume_reachable(world, process, *place) || !has_room(world, process, *place)) continue;
    if (!keeps_apart(world, process, *place)) continue;
    if (!best || preference(world, process, *place) < preference(world, process, *best)) best = place;
  }
  return best;
}

namespace {

/// When the pod can be tried: at its next attempt if that is due, else after the back-off since its last one.
sim::Time next_try(const World& world, const PodState& pod) {
  if (pod.tries == 0) return world.now;
  if (pod.tried_at > world.now) return pod.tried_at;
  const Parameters& parameters = world.plan->kube();
  Duration backoff = parameters.schedule_backoff_first;
  for (std::uint32_t i = 1; i < pod.tries && backoff < parameters.schedule_backoff_max; ++i) backoff = backoff * 2;
  return std::max(world.now, pod.tried_at + std::min(backoff, parameters.schedule_backoff_max));
}

/// An attempt in vain, as soon as the back-off lets it. One attempt answers all changes until then.
void note_failed_try(const World& world, PodState& pod) {
  if (pod.tries > 0 && pod.tried_at >= world.now) return;
  pod.tried_at = next_try(world, pod);
  ++pod.tries;
}

}  // namespace

void expect_scheduling(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (world.queue.pending(pod.step_timer)) return;
  const Duration delay =
      world.draw(world.plan->processes[process].component, Purpose::pod_schedule, world.plan->kube().pod_schedule);
  pod.step_timer = world.schedule(next_try(world, pod) + delay, PodScheduled{process, pod.incarnation});
}

void retry_unschedulable(World& world) {
  for (const ProcessId process : world.kubernetes.pods.ids()) {
    if (!world.kubernetes.pods[process].unschedulable) continue;
    PodState& pod = world.kubernetes.pods.edit(process);
    if (find_machine(world, process)) {
      expect_scheduling(world, process);
    } else {
      if (!world.queue.pending(pod.step_timer)) note_failed_try(world, pod);
      request_machine(world, process);
    }
  }
}

void on(World& world, const PodScheduled& event) {
  PodState& pod = world.kubernetes.pods.edit(event.process);
  if (pod.incarnation != event.incarnation || pod.object != PodObject::pending) {
    world.stale = true;
    return;
  }
  const std::optional<Placement> place = find_machine(world, event.process);
  if (place) return bind(world, event.process, *place);
  pod.unschedulable = true;
  pod.returns = false;
  note_failed_try(world, pod);
  const CauseScope scope(world, world.note(PodUnschedulable{event.process}));
  const VolumeId volume = world.plan->processes[event.process].volume;
  if (volume.exists()) reconcile_attachment(world, volume);
  request_machine(world, event.process);
}

}  // namespace nines::models::kubernetes
