#include "models/kubernetes/volume_attach.hpp"

#include <algorithm>
#include <optional>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/kubelet.hpp"
#include "models/kubernetes/kubelet_clock.hpp"
#include "models/kubernetes/node_shutdown.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/restored_objects.hpp"
#include "models/kubernetes/scheduler.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/platform.hpp"
#include "models/platform_part.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

const VolumePlan& plan_of(const World& world, VolumeId volume) { return world.plan->volumes[volume]; }
const ProcessPlan& plan_of_process(const World& world, ProcessId process) { return world.plan->processes[process]; }

bool at(const VolumeState& state, const Placement& place) {
  return state.node == place.node && state.machine == place.machine;
}

/// Calls `act` for the process whose volume it is, and then for its guests.
template <class Act>
void each_user(const World& world, VolumeId volume, Act&& act) {
  act(plan_of(world, volume).owner);
  for (const ProcessId guest : plan_of(world, volume).guests) act(guest);
}

/// The first of them of whose pod this is so; none: of none.
template <class Says>
ProcessId user(const World& world, VolumeId volume, Says&& says) {
  ProcessId found;
  each_user(world, volume, [&](ProcessId process) {
    if (!found.exists() && says(world.kubernetes.pods[process])) found = process;
  });
  return found;
}

bool has_machine(const PodState& pod) { return pod.object == PodObject::bound || pod.object == PodObject::terminating; }

/// The machine where a pod object wants the volume; none if none does. Where it is attached it stays as long as any
/// pod object there wants it.
std::optional<Placement> wanted_at(const World& world, VolumeId volume) {
  const PodState& pod = world.kubernetes.pods[plan_of(world, volume).owner];
  const VolumeState& state = world.kubernetes.volumes[volume];
  if (pod.returns && pod.object != PodObject::bound) return Placement{state.node, state.machine};
  const auto there = [&](const PodState& its) { return has_machine(its) && at(state, {its.node, its.machine}); };
  ProcessId wants = state.attachment == Attachment::attached ? user(world, volume, there) : ProcessId::none();
  if (!wants.exists()) wants = user(world, volume, has_machine);
  if (!wants.exists()) return std::nullopt;
  return Placement{world.kubernetes.pods[wants].node, world.kubernetes.pods[wants].machine};
}

/// The machine the volume is attached to is in its slot, and its Node is Ready.
bool node_healthy(const World& world, const VolumeState& state) {
  const NodeState& node = world.kubernetes.nodes[state.node];
  const bool present = state.machine == node.machine || (node.successor_ready && state.machine == node.machine + 1);
  return present && node.object && node.ready;
}

bool out_of_service(const World& world, const VolumeState& state) {
  const NodeState& node = world.kubernetes.nodes[state.node];
  return node.out_of_service && state.machine == node.machine;
}

/// The instance was terminated, which detaches its volumes.
bool instance_gone(const World& world, const VolumeState& state) {
  const NodeState& node = world.kubernetes.nodes[state.node];
  return state.machine < node.machine || (state.machine == node.machine && node.gone);
}

bool may_detach(const World& world, const VolumeState& state) {
  if (!state.in_use || out_of_service(world, state)) return true;
  const bool waited = world.now >= state.unwanted_since + world.plan->kube().max_wait_for_unmount;
  return waited && !node_healthy(world, state);
}

/// From the moment that an attach or detach is due until the controller sees it done; the driver needs `driver` for it.
Duration controller_time(World& world, VolumeId volume, Duration driver) {
  const Parameters& parameters = world.plan->kube();
  const ComponentId component = plan_of(world, volume).component;
  const Duration loop = parameters.attach_loop;
  const Duration begun = loop > Duration() ? world.phase(component, Purpose::attach_poll, loop) : Duration();
  const auto jittered = [&](Duration wait) {
    const Ratio jitter = parameters.attach_look_jitter;
    return jitter > 0 ? sim::scaled(wait, 1 + jitter * world.uniform(component, Purpose::attach_poll)) : wait;
  };
  Duration wait = parameters.attach_look_first;
  Duration look = jittered(wait);
  while (look < driver) {
    wait = std::max(wait, sim::scaled(wait, parameters.attach_look_factor));  // or it might never come
    look += jittered(wait);
  }
  return begun + look;
}

/// The same for what takes the provider a time of law `law`, which the driver polls for.
Duration provider_time(World& world, VolumeId volume, Purpose purpose, const Law& law) {
  const Parameters& parameters = world.plan->kube();
  const Duration actual = world.draw(plan_of(world, volume).component, purpose, law);
  return controller_time(world, volume, polled(actual, parameters.attach_poll_first, parameters.attach_poll_factor));
}

/// Somebody asks the provider to attach and detach volumes.
bool driver_acts(const World& world) { return services::part_works(world, PlatformPart::volumes); }

void schedule_attached(World& world, VolumeId volume, Duration hang) {
  if (!infrastructure::can_attach(world, volume) || !driver_acts(world)) return;  // asked again when it does
  const Duration attach = provider_time(world, volume, Purpose::volume_attach, world.plan->infra().volume_attach);
  world.kubernetes.volumes.edit(volume).timer = world.schedule(world.now + hang + attach, VolumeAttached{volume});
}

bool draw_hang(World& world, VolumeId volume) {
  const Ratio probability = world.plan->infra().volume_stuck_probability;
  return probability > 0 && world.uniform(plan_of(world, volume).component, Purpose::volume_stuck) < probability;
}

void begin_attach(World& world, VolumeId volume, const Placement& place) {
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  const Duration told = state.hang;
  const bool drawn = draw_hang(world, volume);
  state.attachment = Attachment::attaching;
  state.node = place.node;
  state.machine = place.machine;
  state.hang = Duration();
  state.stuck = told > Duration() || drawn;
  if (!state.stuck) return schedule_attached(world, volume, Duration());
  const CauseScope scope(world, world.note(VolumeAttachHangs{volume}));
  state.reported = true;
  people::ask_for_repair(world, people::Repair::stuck_attachment, plan_of(world, volume).owner);
  const bool ends_by_itself = told > Duration() && told < Duration::infinite();
  if (ends_by_itself) schedule_attached(world, volume, told);
}

void begin_detach(World& world, VolumeId volume) {
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  state.attachment = Attachment::detaching;
  world.queue.cancel(state.force_timer);
  world.queue.cancel(state.unmount_timer);
  world.queue.cancel(state.release_timer);
  if (!infrastructure::provider_acts(world) || !driver_acts(world)) return;  // asked again when it does
  // The driver answers at once for an instance that is gone.
  const Duration delay = instance_gone(world, state)
                             ? controller_time(world, volume, Duration())
                             : provider_time(world, volume, Purpose::volume_detach, world.plan->infra().volume_detach);
  state.timer = world.schedule(world.now + delay, VolumeDetached{volume});
}

void reconcile_attached(World& world, VolumeId volume, bool wanted) {
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  if (wanted) {
    state.unwanted_since = sim::Time::never();
    world.queue.cancel(state.force_timer);
    return;
  }
  if (state.unwanted_since == sim::Time::never()) state.unwanted_since = world.now;
  if (may_detach(world, state)) return begin_detach(world, volume);
  const sim::Time expiry = state.unwanted_since + world.plan->kube().max_wait_for_unmount;
  if (expiry <= world.now || world.queue.pending(state.force_timer)) return;
  state.force_timer = world.schedule(expiry, VolumeForceDetached{volume});
}

/// The next node status tells that the volume is in use no more.
void release_at_next_status(World& world, VolumeId volume) {
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  if (world.queue.pending(state.release_timer)) return;
  state.release_timer = world.schedule(next_status(world, state.node), VolumeReleased{volume});
}

/// The pod's container, started or starting, is where the volume is attached.
bool uses(const World& world, VolumeId volume, const PodState& pod) {
  return pod.container != Container::none &&
         at(world.kubernetes.volumes[volume], {pod.container_node, pod.container_machine});
}

/// Whether the container of any pod that mounts it uses the volume where it is attached.
bool container_uses(const World& world, VolumeId volume) {
  return user(world, volume, [&](const PodState& pod) { return uses(world, volume, pod); }).exists();
}

/// The volume was pulled from under a copy that had lost its pod object.
void stop_leftover(World& world, VolumeId volume) {
  each_user(world, volume, [&](ProcessId process) {
    if (uses(world, volume, world.kubernetes.pods[process])) end_leftover(world, process);
  });
}

/// What the provider has done while the driver's controller was away is seen when the next one asks for it.
bool goes_unseen(World& world, VolumeId volume) {
  if (driver_acts(world)) return false;
  world.kubernetes.volumes.edit(volume).unseen = true;
  return true;
}

void withdraw_stuck(World& world, VolumeId volume) {
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  state.stuck = false;
  if (state.reported) people::withdraw(world, people::Repair::stuck_attachment, plan_of(world, volume).owner);
  state.reported = false;
}

}  // namespace

Duration polled(Duration actual, Duration first, Ratio factor) {
  Duration at_poll;
  Duration wait = first;
  while (at_poll < actual) {
    at_poll += wait;
    wait = std::max(wait, sim::scaled(wait, factor));  // waits that shrink might never reach it
  }
  return at_poll;
}

bool holds_volume(const World& world, NodeId node) {
  for (const VolumeId volume : volumes_near(world, node)) {
    const VolumeState& state = world.kubernetes.volumes[volume];
    const bool here = state.node == node && state.machine == world.kubernetes.nodes[node].machine;
    if (here && state.attachment != Attachment::detached && is_attached(*world.plan, volume)) return true;
  }
  return false;
}

void list_volume(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const VolumeId volume = world.plan->mounted_by(process);
  if (pod.listed != sim::Time::never() || !volume.exists() || !is_attached(*world.plan, volume)) return;
  pod.listed = next_status(world, pod.node);
}

bool is_local(const Plan& plan, VolumeId volume) { return plan.volumes[volume].node.exists(); }

bool is_attached(const Plan& plan, VolumeId volume) {
  return rules_of(plan.volumes[volume].kind).home == VolumeHome::zone;
}

void reconcile_attachment(World& world, VolumeId volume) {
  if (!is_attached(*world.plan, volume) || !world.kubernetes.control_plane.managers) return;
  const VolumeState& state = world.kubernetes.volumes[volume];
  const std::optional<Placement> place = wanted_at(world, volume);
  if (state.attachment == Attachment::attached) {
    reconcile_attached(world, volume, place.has_value() && at(state, *place));
  } else if (state.attachment == Attachment::detached) {
    const bool bound = user(world, volume, [&](const PodState& pod) {
                         return pod.object == PodObject::bound && place && *place == Placement{pod.node, pod.machine};
                       }).exists();
    if (place && bound && !state.unclaimed && infrastructure::volume_usable(world, volume))
      begin_attach(world, volume, *place);
  }
}

void ask_provider_again(World& world, VolumeId volume) {
  const VolumeState state = world.kubernetes.volumes[volume];
  if (is_local(*world.plan, volume) || state.stuck || world.queue.pending(state.timer)) return;
  if (state.unseen && driver_acts(world)) {
    VolumeState& its = world.kubernetes.volumes.edit(volume);
    its.unseen = false;
    const sim::Time done = world.now + controller_time(world, volume, Duration());
    if (state.attachment == Attachment::attaching) its.timer = world.schedule(done, VolumeAttached{volume});
    if (state.attachment == Attachment::detaching) its.timer = world.schedule(done, VolumeDetached{volume});
    return;
  }
  if (state.attachment == Attachment::attaching) schedule_attached(world, volume, Duration());
  if (state.attachment == Attachment::detaching) begin_detach(world, volume);
}

void resume_attachment(World& world, VolumeId volume, bool anew) {
  if (is_local(*world.plan, volume)) return;
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  // What was under way at the provider is done meanwhile; the driver says so at once.
  const bool lost =
      !world.queue.pending(state.timer) && !state.stuck && infrastructure::provider_acts(world) && driver_acts(world);
  const bool attached = lost && infrastructure::can_attach(world, volume);
  const auto done = [&] { return world.now + controller_time(world, volume, Duration()); };
  if (attached && state.attachment == Attachment::attaching)
    state.timer = world.schedule(done(), VolumeAttached{volume});
  if (lost && state.attachment == Attachment::detaching) state.timer = world.schedule(done(), VolumeDetached{volume});
  if (anew && state.unwanted_since != sim::Time::never()) {
    state.unwanted_since = sim::Time::never();
    world.queue.cancel(state.force_timer);
  }
  reconcile_attachment(world, volume);
}

bool volume_ready(World& world, ProcessId process) {
  const VolumeId volume = world.plan->mounted_by(process);
  if (!volume.exists()) return true;
  if (world.kubernetes.volumes[volume].unclaimed) return false;
  if (rules_of(plan_of(world, volume).kind).home == VolumeHome::region)
    return infrastructure::volume_usable(world, volume);
  const PodState& pod = world.kubernetes.pods[process];
  const VolumeState& state = world.kubernetes.volumes[volume];
  const bool here = state.attachment == Attachment::attached && at(state, {pod.node, pod.machine});
  if (!here) reconcile_attachment(world, volume);
  return here && !world.queue.pending(state.unmount_timer) && infrastructure::volume_usable(world, volume);
}

bool mount(World& world, ProcessId process) {
  const VolumeId volume = world.plan->mounted_by(process);
  if (!volume.exists() || !is_attached(*world.plan, volume)) return false;
  PodState& pod = world.kubernetes.pods.edit(process);
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  state.in_use = true;
  world.queue.cancel(state.release_timer);
  const Duration delay =
      world.draw(plan_of_process(world, process).component, Purpose::volume_mount, world.plan->kube().volume_mount);
  pod.step_timer = world.schedule(std::max(world.now, pod.listed) + delay, VolumeMounted{process, pod.incarnation});
  return true;
}

bool unmount(World& world, ProcessId process, const Placement& machine) {
  const VolumeId volume = world.plan->mounted_by(process);
  if (!volume.exists() || !is_attached(*world.plan, volume)) return false;
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  if (state.attachment != Attachment::attached || !state.in_use || !at(state, machine)) return false;
  if (container_uses(world, volume)) return false;  // another pod's: the machine goes on to use it
  if (world.queue.pending(state.unmount_timer)) return true;
  const Duration delay =
      world.draw(plan_of_process(world, process).component, Purpose::volume_unmount, world.plan->kube().volume_unmount);
  state.unmount_timer = world.schedule(world.now + delay, VolumeUnmounted{volume});
  return true;
}

void extend_file_system(World& world, VolumeId volume) {
  const VolumeState& state = world.kubernetes.volumes[volume];
  if (!state.grows || world.queue.pending(state.growth_timer)) return;
  const bool mounted = state.attachment == Attachment::attached && container_uses(world, volume);
  const bool served = driver_acts(world) && services::part_works(world, PlatformPart::mounts, state.node);
  if (!mounted || !served || !world.kubernetes.nodes[state.node].answering) return;
  const Duration takes =
      world.draw(plan_of(world, volume).component, Purpose::volume_modify, world.plan->kube().volume_expand);
  world.kubernetes.volumes.edit(volume).growth_timer = world.schedule(world.now + takes, FileSystemGrown{volume});
}

void volume_grew(World& world, VolumeId volume) {
  if (!world.plan->has_kubernetes()) return;  // whoever asked for it extends the file system by hand
  world.kubernetes.volumes.edit(volume).grows = true;
  extend_file_system(world, volume);
}

bool unmounts_on(const World& world, ProcessId process, NodeId node) {
  const VolumeId volume = world.plan->mounted_by(process);
  if (!volume.exists()) return false;
  const VolumeState& state = world.kubernetes.volumes[volume];
  return state.node == node && state.machine == world.kubernetes.nodes[node].machine &&
         world.queue.pending(state.unmount_timer);
}

void forget_unmounts(World& world, NodeId node) {
  for (const VolumeId volume : volumes_near(world, node)) {
    const VolumeState& state = world.kubernetes.volumes[volume];
    const bool here = state.node == node && state.machine == world.kubernetes.nodes[node].machine;
    if (!here) continue;
    world.queue.cancel(state.unmount_timer);
    world.queue.cancel(state.release_timer);
  }
}

void report_volumes(World& world, NodeId node) {
  for (const VolumeId volume : volumes_near(world, node)) {
    const VolumeState& state = world.kubernetes.volumes[volume];
    if (!is_attached(*world.plan, volume) || state.node != node) continue;
    if (state.machine != world.kubernetes.nodes[node].machine || state.attachment != Attachment::attached) continue;
    const bool used = container_uses(world, volume) || world.queue.pending(state.unmount_timer);
    if (!used && state.in_use) release_at_next_status(world, volume);
    reconcile_attachment(world, volume);
  }
}

void claim_local_disk(World& world, ProcessId process) {
  const VolumeId volume = world.plan->processes[process].volume;
  if (!volume.exists() || !is_local(*world.plan, volume)) return;
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  if (state.attachment == Attachment::attached) return;
  const PodState& pod = world.kubernetes.pods[process];
  state.attachment = Attachment::attached;
  state.node = pod.node;
  state.machine = pod.machine;
  world.processes.edit(process).disk_lost = true;
}

void free_stuck_attachment(World& world, VolumeId volume) {
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  if (state.attachment != Attachment::attaching || !state.stuck) return;
  world.queue.cancel(state.timer);
  withdraw_stuck(world, volume);
  schedule_attached(world, volume, Duration());
}

void stick_volume(World& world, VolumeId volume, Duration duration) {
  world.kubernetes.volumes.edit(volume).hang = duration;
}

void volume_replaced(World& world, VolumeId volume) {
  const ProcessId owner = plan_of(world, volume).owner;
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  volume_made(world, volume);
  withdraw_stuck(world, volume);
  for (const sim::TimerId timer :
       {state.timer, state.force_timer, state.unmount_timer, state.release_timer, state.growth_timer})
    world.queue.cancel(timer);
  state.grows = false;
  if (hosts::supervised(*world.plan, owner)) {
    world.processes.edit(owner).disk_lost = true;
    // What was started again meanwhile ran without its disk: the new one is there from its next start on.
    if (world.processes[owner].status != ProcessState::Status::absent) process_exited(world, owner, Ending::crash);
    return hosts::restart_now(world, owner);
  }
  if (rules_of(world, owner).fixed) {  // its pod stays where it is, and starts with an empty disk
    world.processes.edit(owner).disk_lost = true;
    if (world.kubernetes.pods[owner].container == Container::running) process_exited(world, owner, Ending::crash);
    restart_now(world, owner);
    return continue_start(world, owner);
  }
  stop_leftover(world, volume);
  state.attachment = Attachment::detached;
  state.in_use = state.unseen = false;
  state.unwanted_since = sim::Time::never();
  world.processes.edit(owner).disk_lost = true;
  if (world.kubernetes.pods[owner].object == PodObject::pending) return retry_unschedulable(world);
  delete_pod_by_force(world, owner);
}

// ---- claims ----

void delete_claim(World& world, ProcessId process) {
  world.kubernetes.volumes.edit(world.plan->processes[process].volume).deleted = true;
  // Its finalizer keeps the claim as long as its pod is there (kubernetes.io/pvc-protection).
  delete_pod(world, process);
}

void claim_released(World& world, ProcessId process) {
  const VolumeId volume = world.plan->processes[process].volume;
  if (!volume.exists() || !world.kubernetes.volumes[volume].deleted) return;
  VolumeState& state = world.kubernetes.volumes.edit(volume);
  state.deleted = false;
  state.unclaimed = true;
  const CauseScope scope(world, world.note(ClaimDeleted{volume}));
  if (world.plan->pool_of(process).storage.reclaim == Reclaim::retain)
    return people::ask_for_repair(world, people::Repair::retained_volume, process);
  const Duration creation =
      world.draw(plan_of(world, volume).component, Purpose::volume_create, world.plan->infra().volume_create);
  world.schedule(world.now + creation, ClaimProvisioned{volume});
}

void bind_retained(World& world, ProcessId process) {
  const VolumeId volume = world.plan->processes[process].volume;
  world.kubernetes.volumes.edit(volume).unclaimed = false;
  reconcile_attachment(world, volume);
  continue_start(world, process);
}

void on(World& world, const ClaimProvisioned& event) {
  world.stale = !world.kubernetes.volumes[event.volume].unclaimed;
  if (world.stale) return;
  if (!infrastructure::provider_acts(world) || !driver_acts(world)) {
    world.stale = true;
    world.schedule(world.now + world.plan->kube().attach_poll_first, event);
    return;
  }
  world.kubernetes.volumes.edit(event.volume).unclaimed = false;
  infrastructure::replace_volume(world, event.volume);
  volume_replaced(world, event.volume);
}

void on(World& world, const FileSystemGrown& event) {
  VolumeState& state = world.kubernetes.volumes.edit(event.volume);
  world.stale = state.attachment != Attachment::attached || !container_uses(world, event.volume);
  if (!world.stale) state.grows = false;
}

void on(World& world, const VolumeUnmounted& event) {
  VolumeState& state = world.kubernetes.volumes.edit(event.volume);
  if (!world.kubernetes.nodes[state.node].answering) {  // reported when the API server is back in reach
    world.stale = true;
    return;
  }
  release_at_next_status(world, event.volume);
  each_user(world, event.volume, [&](ProcessId process) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool here = pod.object == PodObject::terminating && !alive(pod.container);
    if (here && at(state, {pod.node, pod.machine})) remove_pod_object(world, process);
  });
  reconcile_attachment(world, event.volume);
  each_user(world, event.volume, [&](ProcessId process) { continue_start(world, process); });
  shutdown_goes_on(world, state.node);
}

void on(World& world, const VolumeReleased& event) {
  VolumeState& state = world.kubernetes.volumes.edit(event.volume);
  if (!world.kubernetes.nodes[state.node].answering) {  // it posts nothing; what it uses is asked when it is back
    world.stale = true;
    return;
  }
  state.in_use = false;
  reconcile_attachment(world, event.volume);
}

void on(World& world, const VolumeForceDetached& event) {
  if (managers_away(world)) return;
  const VolumeState& state = world.kubernetes.volumes[event.volume];
  if (!may_detach(world, state)) {  // never by force on a healthy node; looked at again when the node turns Unknown
    world.stale = true;
    return;
  }
  reconcile_attachment(world, event.volume);
}

void on(World& world, const VolumeDetached& event) {
  world.stale = goes_unseen(world, event.volume);
  if (world.stale || managers_away(world)) return;
  VolumeState& state = world.kubernetes.volumes.edit(event.volume);
  stop_leftover(world, event.volume);
  state.attachment = Attachment::detached;
  state.in_use = false;
  state.unwanted_since = sim::Time::never();
  reconcile_attachment(world, event.volume);
}

void on(World& world, const VolumeAttached& event) {
  world.stale = goes_unseen(world, event.volume);
  if (world.stale || managers_away(world)) return;
  VolumeState& state = world.kubernetes.volumes.edit(event.volume);
  withdraw_stuck(world, event.volume);
  state.attachment = Attachment::attached;
  state.in_use = false;
  state.unwanted_since = sim::Time::never();
  reconcile_attachment(world, event.volume);
  each_user(world, event.volume, [&](ProcessId process) { continue_start(world, process); });
}

}  // namespace nines::models::kubernetes
