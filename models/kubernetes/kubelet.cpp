#include "models/kubernetes/kubelet.hpp"

#include <algorithm>

#include "models/infrastructure/reachability.hpp"
#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/broken_revision.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/fargate.hpp"
#include "models/kubernetes/job.hpp"
#include "models/kubernetes/node_lease.hpp"
#include "models/kubernetes/node_shutdown.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/pressure.hpp"
#include "models/kubernetes/probes.hpp"
#include "models/kubernetes/provisioning.hpp"
#include "models/kubernetes/rolling_restart.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/platform.hpp"
#include "models/platform_part.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

ComponentId component(const World& world, ProcessId process) { return world.plan->processes[process].component; }

/// A copy that belongs to no pod object of now: its object was removed, or another one has taken the name.
bool disowned(const PodState& pod) {
  return pod.object == PodObject::gone || pod.object == PodObject::pending || pod.container_pod != pod.incarnation;
}

constexpr std::string_view image_pull_key = "kubelet.image_pull";

void schedule_start(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const Parameters& parameters = world.plan->kube();
  pod.lacks_image = pod.defect == Defect::no_image;
  if (pod.lacks_image) {
    // The kubelet tries again with growing waits, for ever and in vain: only another pod has another image.
    const Duration notice =
        world.draw(component(world, process), Purpose::container_restart, parameters.container_restart);
    pod.step_timer = world.schedule(world.now + notice, ImagePullFailed{process, pod.incarnation});
    return;
  }
  const Duration start = world.draw(component(world, process), Purpose::pod_start, parameters.pod_start);
  Duration pull;
  if ((world.kubernetes.nodes[pod.node].images & image_bit(world, process)) == 0) {
    pull = world.draw(component(world, process), Purpose::image_pull, parameters.image_pull);
  }
  pod.step_timer = world.schedule(world.now + start + pull, PodStarted{process, pod.incarnation, pull > start});
}

/// The process runs from now on.
void run_container(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  ProcessState& state = world.processes.edit(process);
  pod.container = Container::running;
  world.kubernetes.nodes.edit(pod.container_node).images |= image_bit(world, process);
  state.status = ProcessState::Status::running;
  state.node = pod.container_node;
  state.suspended = state.paused = state.term_pending = false;
  ++state.incarnation;
  state.started = world.now;
  pod.fails = false;
  if (!has_service(world, process)) return operator_resumes(world, process);
  probes_begin(world, process);
  state.serves_errors = pod.defect == Defect::serves_errors || faults::data_away(world, process);
  state.handshakes = faults::handshakes_of_new_process(world, process);
  state.denied = faults::denied(world, process);
  if (pod.defect == Defect::crash_loops) {
    run_broken_container(world, process);
  } else {
    // Only clients notice the defect of a revision that probes pass.
    if (pod.defect == Defect::serves_errors && service::any_role(*world.plan, process, &service::Role::serves))
      faults::defect_shows(world, process);
    services::process_started(world, process);
  }
  services::contacts_changed(world);
}

/// Its kubelet starts the container again in place after that time, or finds again that there is no image.
void start_again(World& world, ProcessId process, Duration after) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.step_timer =
      pod.defect == Defect::no_image
          ? world.schedule(world.now + after, ImagePullFailed{process, pod.incarnation})
          : world.schedule(world.now + after, ContainerRestarted{process, world.processes[process].incarnation});
}

void restart_in_place(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const Parameters& parameters = world.plan->kube();
  const Duration wait = restart_wait(pod.backoff, world.now - pod.last_restart, parameters);
  const Duration notice =
      world.draw(component(world, process), Purpose::container_restart, parameters.container_restart);
  pod.container = Container::waiting;
  services::readiness_changed(world);
  start_again(world, process, wait + notice);
}

/// No container of the deleted pod is left on the machine: unmount, then let the object go.
void finish_stop(World& world, ProcessId process, const Placement& machine) {
  if (unmount(world, process, machine)) return;
  if (world.kubernetes.pods[process].object == PodObject::terminating) remove_pod_object(world, process);
  continue_start(world, process);
}

/// The machine is in its slot, alone or as the successor.
bool present(const NodeState& node, Machine machine) {
  return machine == node.machine || (node.successor_ready && machine == node.machine + 1);
}

/// The machine is in its slot, alone or as the successor, and its kubelet reaches the API server.
bool machine_answers(const NodeState& node, Machine machine) { return present(node, machine) && node.answering; }

/// No pod can start on the machine; a successor that shares the slot is another one.
bool plugin_down(const NodeState& node, Machine machine) { return node.plugin_down && machine == node.machine; }

/// A replacement took the slot over while the container stopped: its address goes, and a local disk too.
void leave_with_machine(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.container = Container::none;
  world.infrastructure.left_behind.edit(process) = world.processes[process].incarnation;
  const VolumeId volume = world.plan->processes[process].volume;
  if (volume.exists() && is_local(*world.plan, volume)) world.processes.edit(process).disk_lost = true;
  services::contacts_changed(world);
  // A newer pod of that name may be starting elsewhere, or be deleted already.
  const bool deleted = pod.object == PodObject::terminating;
  if (deleted && machine_answers(world.kubernetes.nodes[pod.node], pod.machine)) return stop_pod(world, process);
  continue_start(world, process);
}

/// Its kubelet has ended the pod before its machine shuts down.
void fail_pod(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const Placement machine{pod.container_node, pod.container_machine};
  const CauseScope scope(world, world.note(PodFailed{process}));
  unmount(world, process, machine);
  // A ReplicaSet counts it no more, a StatefulSet deletes it; neither waits for its volume.
  remove_pod_object(world, process);
}

void end_container(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const NodeState& node = world.kubernetes.nodes[pod.container_node];
  world.queue.cancel(pod.grace_timer);
  if (!alive(pod.container)) return;
  if (!present(node, pod.container_machine)) return leave_with_machine(world, process);
  if (!node.kubelet) {
    pod.container = Container::none;
    return infrastructure::container_ended(world, pod.container_node);
  }
  const bool deleted = disowned(pod) || pod.object == PodObject::terminating;
  if (node.shutting_down && !deleted) {
    pod.container = Container::none;
    if (pod.fails && node.answering) fail_pod(world, process);
    return;
  }
  const bool deletion_known = deleted && (node.answering || pod.container == Container::stopping);
  if (!deletion_known && !disowned(pod)) {
    const bool over = rules_of(world, process).ends && !restarts_container(world, process);
    return over ? finish_pod(world, process) : restart_in_place(world, process);
  }
  pod.container = Container::none;  // a leftover behind a partition is not worth a restart
  if (node.answering) finish_stop(world, process, {pod.container_node, pod.container_machine});
}

/// The container has no process any more.
void container_ended(World& world, ProcessId process) {
  const NodeId node = world.kubernetes.pods[process].container_node;
  end_container(world, process);
  if (!node.exists()) return;
  vacate(world, process, node);
  shutdown_goes_on(world, node);
}

/// Whether a step towards the container may be taken now.
bool may_start(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  const NodeState& node = world.kubernetes.nodes[pod.node];
  // Of a static pod the kubelet knows by itself, and it admits one, for it is critical, whatever its disk.
  const bool is_static = world.plan->workload_of(process).controller == Controller::static_pod;
  const bool told = is_static ? present(node, pod.machine) && node.kubelet : machine_answers(node, pod.machine);
  if (pod.object != PodObject::bound || !told || plugin_down(node, pod.machine) || pod.finished) return false;
  const bool refused = node.shutting_down || (node.disk.condition && !is_static);
  if (refused && pod.machine == node.machine) return false;
  if (world.queue.pending(pod.step_timer)) return false;
  return pod.container == Container::none || disowned(pod);
}

/// What a pod that starts needs of the machine's own pods: an address, and its volume mounted. Those that belong to the
/// machine use its network. A successor that shares the slot is taken to have them.
bool machine_serves(const World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  if (rules_of(world, process).fixed || pod.machine != world.kubernetes.nodes[pod.node].machine) return true;
  const VolumeId volume = world.plan->mounted_by(process);
  const bool mounts = volume.exists() && is_attached(*world.plan, volume);
  return services::part_works(world, PlatformPart::pod_networks, pod.node) &&
         (!mounts || services::part_works(world, PlatformPart::mounts, pod.node));
}

/// A copy left over elsewhere: true if it is out of the way.
bool leftover_cleared(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.container == Container::none) return true;
  const bool same_machine = pod.container_node == pod.node && pod.container_machine == pod.machine;
  if (same_machine) return false;  // its kubelet stops it first
  // The predecessor of a Deployment's pod stops in an orderly way, if its kubelet knows of its deletion.
  const NodeState& other = world.kubernetes.nodes[pod.container_node];
  const bool stops = pod.container == Container::stopping && machine_answers(other, pod.container_machine);
  if (stops && !rules_of(world, process).one_a_name) return false;
  end_leftover(world, process);
  return true;
}

/// Containers and unfinished starts on a machine that stopped.
void lose_containers(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    if (!container_on(world, process, node)) continue;
    drop_container(world, process);
    if (world.processes[process].status != ProcessState::Status::absent) {
      end_process(world, process, Ending::power_loss);
    }
  }
}

void report_stuck_pods(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    if (world.kubernetes.pods[process].object != PodObject::terminating) continue;
    if (!on_machine(world, process, node)) continue;
    if (rules_of(world, process).one_a_name) {
      report_stuck(world, process);
    } else {
      remove_pod_object(world, process);
    }
  }
}

void silence(World& world, NodeId node) {
  lease_falls_silent(world, node);
  if (api_serves(world)) report_stuck_pods(world, node);
  operators_pause_on(world, node);
}

bool anybody_unschedulable(const World& world) {
  for (ProcessId process = next_of(world, &Attention::unschedulable, ProcessId::of(0)); process.exists();
       process = next_of(world, &Attention::unschedulable, ProcessId::of(process.value + 1))) {
    if (world.kubernetes.pods[process].object == PodObject::pending && world.kubernetes.pods[process].unschedulable)
      return true;
  }
  return false;
}

void answer(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.out_of_service = false;  // whoever set the taint lifts it when the node is back
  lease_resumes(world, node);
  sync_kubelet(world, node);
  // Nobody saw the node NotReady: what its probes found meanwhile is told now.
  if (state.ready) services::readiness_changed(world);
  // And a taint or a full disk may have kept pods off it before.
  if (state.ready && anybody_unschedulable(world)) machine_works(world, node);
  operators_resume_on(world, node);
}

}  // namespace

std::uint32_t image_bit(const World& world, ProcessId process) {
  constexpr std::uint32_t bits = 32;
  return std::uint32_t{1} << (world.plan->processes[process].workload.value % bits);
}

Duration restart_wait(Duration& backoff, Duration ran_for, const Parameters& parameters) {
  const bool fresh = backoff == Duration() || ran_for > parameters.restart_backoff_reset;
  const Duration wait = fresh ? Duration() : backoff;
  backoff = fresh ? parameters.restart_backoff_first : std::min(backoff * 2, parameters.restart_backoff_max);
  return wait;
}

namespace {

bool meets_front(const World& world, infrastructure::Endpoint place) {
  return infrastructure::meet(world.infrastructure.reachability, place, world.kubernetes.control_plane.front);
}

}  // namespace

bool reaches_control_plane(const World& world, NodeId node) {
  return api_serves(world) && !world.kubernetes.nodes[node].hangs &&
         meets_front(world, world.plan->network.node_endpoint[node.value]);
}

bool takes_connections(const World& world) {
  const ServiceId service = world.plan->control_plane;
  if (!service.exists() || world.plan->services[service].members.empty()) return true;
  const ProcessId server = world.plan->services[service].members.front();
  return faults::handshakes_of_new_process(world, server) == Handshakes::succeed;
}

bool may_join(const World& world, NodeId node) {
  return reaches_control_plane(world, node) && takes_connections(world);
}

bool zone_may_join(const World& world, ZoneId zone) {
  return meets_front(world, world.plan->network.zone_fabric[zone.value]) && takes_connections(world);
}

bool container_on(const World& world, ProcessId process, NodeId node) {
  const PodState& pod = world.kubernetes.pods[process];
  return pod.container != Container::none && pod.container_node == node &&
         pod.container_machine == world.kubernetes.nodes[node].machine;
}

void continue_start(World& world, ProcessId process) {
  if (!may_start(world, process)) return;
  list_volume(world, process);
  if (!volume_ready(world, process) || !machine_serves(world, process) || !leftover_cleared(world, process)) return;
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.container = Container::starting;
  pod.lacks_image = false;
  pod.container_pod = pod.incarnation;
  pod.container_node = pod.node;
  pod.container_machine = pod.machine;
  if (!mount(world, process)) schedule_start(world, process);
}

void restart_now(World& world, ProcessId process) {
  if (hosts::supervised(*world.plan, process)) return hosts::restart_now(world, process);
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.container == Container::starting && pod.lacks_image) {
    world.queue.cancel(pod.step_timer);
    pod.backoff = Duration();
    return schedule_start(world, process);
  }
  if (pod.container != Container::waiting) return;
  world.queue.cancel(pod.step_timer);
  pod.backoff = Duration();
  const Duration delay =
      world.draw(component(world, process), Purpose::container_restart, world.plan->kube().container_restart);
  start_again(world, process, delay);
}

void wake_waiting(World& world) {
  StartWalk walk(world);
  for (ProcessId process = walk.next(); process.exists(); process = walk.next()) continue_start(world, process);
}

void stop_pod(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.container == Container::stopping) return;
  if (pod.container != Container::running) {
    if (!disowned(pod)) world.queue.cancel(pod.step_timer);
    const bool on_way = pod.container != Container::none;
    pod.container = Container::none;
    if (on_way) return finish_stop(world, process, {pod.container_node, pod.container_machine});
    return finish_stop(world, process, {pod.node, pod.machine});
  }
  terminate_process(world, process);
}

void kill_pod(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  if (!alive(pod.container)) return finish_stop(world, process, {pod.node, pod.machine});
  pod.container = Container::stopping;
  end_process(world, process, Ending::crash);
  container_ended(world, process);
}

void drop_container(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  world.queue.cancel(pod.grace_timer);
  if (!disowned(pod)) world.queue.cancel(pod.step_timer);
  const NodeId node = pod.container == Container::none ? NodeId::none() : pod.container_node;
  pod.container = Container::none;
  if (node.exists()) vacate(world, process, node);
}

void end_leftover(World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  const NodeId node = pod.container_node;
  const bool same_hardware = pod.container_machine == world.kubernetes.nodes[node].machine;
  drop_container(world, process);
  end_process(world, process, Ending::crash);
  // It may have been what a machine that shuts down waited for.
  if (same_hardware) infrastructure::container_ended(world, node);
}

void end_process(World& world, ProcessId process, Ending ending) {
  ProcessState& state = world.processes.edit(process);
  if (state.status == ProcessState::Status::absent) return;
  state.status = ProcessState::Status::absent;
  state.ending = ending;
  if (!has_service(world, process)) return operator_pauses(world, process);
  services::process_died(world, process);
  services::contacts_changed(world);
}

void sync_kubelet(World& world, NodeId node) {
  report_volumes(world, node);
  StartWalk walk(world, node);
  for (ProcessId process = walk.next(); process.exists(); process = walk.next()) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool leftover = container_on(world, process, node) && disowned(pod);
    const bool deleted = pod.object == PodObject::terminating && on_machine(world, process, node);
    if (deleted && !leftover && runs_elsewhere(pod)) {
      remove_pod_object(world, process);
    } else if (leftover || deleted) {
      stop_pod(world, process);
    } else if (pod.finished && pod.object == PodObject::bound && on_machine(world, process, node)) {
      report_finished(world, process);
    } else {
      continue_start(world, process);
    }
  }
}

namespace {

/// SIGTERM: what stands still gets it when it goes on.
void send_term(World& world, ProcessId process) {
  ProcessState& state = world.processes.edit(process);
  state.term_pending = state.status == ProcessState::Status::stopped;
  if (state.status == ProcessState::Status::running) services::process_terminating(world, process);
}

/// SIGTERM of a container whose machine goes down.
void stop_with_machine(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  ProcessState& state = world.processes.edit(process);
  world.queue.cancel(pod.grace_timer);
  pod.grace_timer =
      world.schedule(world.now + world.plan->infra().node_stop_timeout, StopTimeoutEnded{process, state.incarnation});
  // A preStop hook is one more process of its container: it ends with the machine, and nobody waits for it.
  const bool hook = pod.container == Container::stopping && world.queue.pending(pod.pre_stop_timer);
  if (hook) world.queue.cancel(pod.pre_stop_timer);
  if (pod.container == Container::stopping && !hook) return;
  pod.container = Container::stopping;
  if (!has_service(world, process)) return process_exited(world, process, Ending::clean);
  send_term(world, process);
}

}  // namespace

void end_for_shutdown(World& world, ProcessId process, Duration grace) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const NodeId node = pod.container_node;
  const bool owned = pod.object == PodObject::bound && on_machine(world, process, node) && !disowned(pod);
  pod.fails = owned && rules_of(world, process).creates && !rules_of(world, process).fixed;
  if (!alive(pod.container)) {
    const bool fails = pod.fails && world.kubernetes.nodes[node].answering;
    if (!disowned(pod)) world.queue.cancel(pod.step_timer);
    pod.container = Container::none;
    if (fails) fail_pod(world, process);
    return shutdown_goes_on(world, node);
  }
  terminate_process(world, process);
  const sim::Time end = world.now + grace;
  if (alive(world.kubernetes.pods[process].container) && world.queue.when(pod.grace_timer) > end)
    pod.grace_timer = world.queue.reschedule(pod.grace_timer, end);
}

void stop_containers_of(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    if (!container_on(world, process, node)) continue;
    if (alive(world.kubernetes.pods[process].container)) {
      stop_with_machine(world, process);
    } else {
      drop_container(world, process);
    }
  }
}

void kill_containers_of(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    // What has got its SIGTERM goes on stopping on its machine.
    if (!container_on(world, process, node) || world.kubernetes.pods[process].container == Container::stopping)
      continue;
    drop_container(world, process);
    end_process(world, process, Ending::crash);
  }
}

// ---- the platform's seam ----

void stop_kubelet(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  state.kubelet = state.hangs = false;  // the next boot starts another
  pressure_rests(world, node);
  forget_shutdown(world, node);
  forget_unmounts(world, node);
  silence(world, node);
  pause_drain(world, node);
}

void node_stopped(World& world, NodeId node) {
  lose_containers(world, node);
  if (world.kubernetes.nodes[node].kubelet) stop_kubelet(world, node);
  // Nobody but people would notice that it stays away: they are called, and told when it is back.
  if (world.plan->nodes[node].provisioner == Provisioner::none) machine_lost(world, node);
}

void node_stopping(World& world, NodeId node) {
  if (!world.plan->nodes[node].kubelet || begin_shutdown(world, node)) return;
  stop_kubelet(world, node);
  stop_containers_of(world, node);
}

bool runs_container(const World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    if (container_on(world, process, node) && alive(world.kubernetes.pods[process].container)) return true;
  }
  return false;
}

/// The machine is back: nobody need see to it.
void withdraw_calls(World& world, NodeId node) {
  for (const ProcessId process : near(world, node)) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool called = pod.reported_machine && pod.node == node && rules_of(world, process).fixed;
    if (called) withdraw_machine_requests(world, process);
  }
}

void node_started(World& world, NodeId node) {
  NodeState& state = world.kubernetes.nodes.edit(node);
  if (state.kubelet) return;
  cancel_order(world, node);
  if (!world.plan->nodes[node].kubelet) return;
  state.kubelet = true;
  for (const ProcessId process : near(world, node)) {
    if (world.kubernetes.pods[process].node != node) continue;
    world.kubernetes.pods.edit(process).backoff = Duration();  // the kubelet's memory
  }
  lease_restarts(world, node);
  if (may_join(world, node)) answer(world, node);
  withdraw_calls(world, node);
  pressure_resumes(world, node);
  resume_drain(world, node);
  wake_waiting(world);
}

namespace {

/// All nodes, unless each that is up reaches the control plane, so that those which nothing has touched do.
Nodes nodes_in_doubt(const World& world) {
  if (api_serves(world) && world.infrastructure.reachability.reaches.empty()) return touched_nodes(world);
  Nodes all;
  for (const NodeId node : world.kubernetes.nodes.ids()) all.push_back(node);
  return all;
}

}  // namespace

void node_reachability_changed(World& world) {
  for (const NodeId node : nodes_in_doubt(world)) {
    const NodeState& state = world.kubernetes.nodes[node];
    const bool connected = state.answering ? reaches_control_plane(world, node) : may_join(world, node);
    const bool reaches = state.kubelet && connected;
    if (reaches == state.answering) continue;
    if (reaches) {
      answer(world, node);
    } else {
      silence(world, node);
    }
  }
}

void plugin_fails(World& world, NodeId node) {
  world.kubernetes.nodes.edit(node).plugin_down = true;
  report_not_ready(world, node);
}

void plugin_works(World& world, NodeId node) {
  world.kubernetes.nodes.edit(node).plugin_down = false;
  report_ready(world, node);
  wake_waiting(world);
}

void kubelet_hangs(World& world, NodeId node, bool hangs) {
  world.kubernetes.nodes.edit(node).hangs = hangs;
  // One that is started again renews its lease and posts its status at once (pkg/kubelet, fastStatusUpdateOnce), and so
  // does one that was stopped: its timers are overdue.
  if (!hangs && !world.kubernetes.nodes[node].answering) lease_restarts(world, node);
  node_reachability_changed(world);
}

void process_killed(World& world, ProcessId process) {
  if (hosts::supervised(*world.plan, process)) return hosts::process_killed(world, process);
  if (!has_service(world, process)) operator_pauses(world, process);
  container_ended(world, process);
}

void process_exited(World& world, ProcessId process, Ending ending) {
  if (hosts::supervised(*world.plan, process)) return hosts::process_exited(world, process, ending);
  end_process(world, process, ending);
  container_ended(world, process);
}

void terminate_process(World& world, ProcessId process) {
  if (hosts::supervised(*world.plan, process)) return hosts::terminate_process(world, process);
  PodState& pod = world.kubernetes.pods.edit(process);
  if (pod.container != Container::running) return;
  pod.container = Container::stopping;
  if (!has_service(world, process)) return process_exited(world, process, Ending::clean);
  const std::uint32_t life = world.processes[process].incarnation;
  pod.grace_timer = world.schedule(world.now + world.plan->kube().termination_grace, GracePeriodEnded{process, life});
  services::readiness_changed(world);
  // The grace period runs while the hook does (kubernetes.io documentation, container lifecycle hooks).
  const Duration pre_stop = world.plan->spec(world.plan->processes[process].service).pre_stop;
  if (pre_stop == Duration()) return send_term(world, process);
  pod.pre_stop_timer = world.schedule(world.now + pre_stop, PreStopEnded{process, life});
}

void process_stands_still(World& world, ProcessId process) {
  if (!hosts::supervised(*world.plan, process)) answers_changed(world, process);
}

void process_continued(World& world, ProcessId process) {
  if (hosts::supervised(*world.plan, process)) return hosts::process_continued(world, process);
  ProcessState& state = world.processes.edit(process);
  if (state.status != ProcessState::Status::running) return;
  if (!has_service(world, process)) {
    if (works(world, world.plan->processes[process].workload)) operator_resumes(world, process);
    return;
  }
  answers_changed(world, process);
  if (!state.term_pending) return;
  state.term_pending = false;
  services::process_terminating(world, process);
}

// ---- events ----

void on(World& world, const VolumeMounted& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  if (pod.incarnation != event.incarnation || pod.container != Container::starting) {
    world.stale = true;
    return;
  }
  schedule_start(world, event.process);
}

void on(World& world, const PodStarted& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  if (pod.incarnation != event.incarnation || pod.container != Container::starting) {
    world.stale = true;
    return;
  }
  if (event.pull_was_longer) world.set_by(image_pull_key);
  run_container(world, event.process);
  if (const VolumeId volume = world.plan->processes[event.process].volume; volume.exists())
    extend_file_system(world, volume);
}

void on(World& world, const ImagePullFailed& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  // A static pod waits: its manifest is changed in place.
  const bool tries = pod.container == Container::starting || pod.container == Container::waiting;
  world.stale = pod.incarnation != event.incarnation || !tries;
  if (!world.stale) faults::defect_shows(world, event.process);
}

void on(World& world, const ContainerRestarted& event) {
  PodState& pod = world.kubernetes.pods.edit(event.process);
  if (pod.container != Container::waiting || world.processes[event.process].incarnation != event.incarnation) {
    world.stale = true;
    return;
  }
  pod.last_restart = world.now;
  ++pod.restarts;
  run_container(world, event.process);
  if (rules_of(world, event.process).ends) job_container_restarted(world, event.process);
}

namespace {

/// SIGKILL of a container that got SIGTERM, unless it has ended.
template <class E>
void kill_stopping(World& world, const E& event) {
  const PodState& pod = world.kubernetes.pods[event.process];
  if (pod.container != Container::stopping || world.processes[event.process].incarnation != event.incarnation) {
    world.stale = true;
    return;
  }
  end_process(world, event.process, Ending::crash);
  container_ended(world, event.process);
}

}  // namespace

void on(World& world, const GracePeriodEnded& event) { kill_stopping(world, event); }
void on(World& world, const StopTimeoutEnded& event) { kill_stopping(world, event); }

void on(World& world, const PreStopEnded& event) {
  const bool same = world.processes[event.process].incarnation == event.incarnation;
  world.stale = !same || world.kubernetes.pods[event.process].container != Container::stopping;
  if (!world.stale) send_term(world, event.process);
}

}  // namespace nines::models::kubernetes
