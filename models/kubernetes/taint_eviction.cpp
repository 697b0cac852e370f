#include "models/kubernetes/taint_eviction.hpp"

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

void start_tolerations(World& world, NodeId node) {
  const Duration toleration = world.plan->kube().toleration;
  for (const ProcessId process : near(world, node)) {
    if (world.kubernetes.pods[process].object != PodObject::bound || !on_machine(world, process, node)) continue;
    if (!rules_of(world, process).evicted) continue;  // its pods tolerate the taint for ever
    PodState& pod = world.kubernetes.pods.edit(process);
    if (world.queue.pending(pod.eviction_timer)) continue;
    pod.eviction_timer = world.schedule(world.now + toleration, PodEvicted{process, pod.incarnation});
  }
}

void call_evictions_off(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    const PodState& pod = world.kubernetes.pods[process];
    if (pod.node == node) world.queue.cancel(pod.eviction_timer);
  }
}

void collect_out_of_service_pods(World& world, NodeId node) {
  const NodeState& state = world.kubernetes.nodes[node];
  if (!state.out_of_service || state.ready) return;
  for (const ProcessId process : near(world, node)) {
    const PodState& pod = world.kubernetes.pods[process];
    if (pod.object != PodObject::terminating || !on_machine(world, process, node)) continue;
    collect_at(world, process, world.kubernetes.collector_passes.at_or_after(world.now));
  }
}

void taint_out_of_service(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  const bool works = state.ready && state.answering;  // whoever sets the taint has made sure that the machine is down
  if (!state.object || state.out_of_service || works) return;
  state.out_of_service = true;
  for (const ProcessId process : near(world, node)) {
    if (on_machine(world, process, node) && rules_of(world, process).evicted) delete_pod(world, process);
  }
  collect_out_of_service_pods(world, node);
  for (const VolumeId volume : volumes_near(world, node)) {
    if (world.kubernetes.volumes[volume].node == node) reconcile_attachment(world, volume);
  }
}

void on(World& world, const PodEvicted& event) {
  if (managers_away(world)) return;
  const PodState& pod = world.kubernetes.pods[event.process];
  if (pod.incarnation != event.incarnation || pod.object != PodObject::bound) {
    world.stale = true;
    return;
  }
  delete_pod(world, event.process);
}

}  // namespace nines::models::kubernetes
