// Repairs: noticed, then taken up in the order of their alarms, first those that a service waits for, by as many people
// as are on call, identified, mended.
// Of a change the cause is found sooner: it was made lately and by a known person. A wrong command is seen and undone
// by the person who gave it, who is at work already and knows the cause. What a service has people do by hand begins
// when somebody is at it: the law has the look at what is wrong. Source of the stages and their spread: AWS
// sheet, section 10. What the mending is: Kubernetes sheet, section 3.2.
#include <algorithm>
#include <cassert>

#include "models/mutation.hpp"
#include "models/people/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::people {

namespace {

ComponentId component(const World& world, ProcessId process) { return world.plan->processes[process].component; }

const Parameters& parameters(const World& world) { return world.plan->topology.people; }

Job* find(World& world, std::uint32_t id) {
  auto& jobs = world.people.jobs;
  const auto at = std::find_if(jobs.begin(), jobs.end(), [&](const Job& job) { return job.id == id; });
  return at == jobs.end() ? nullptr : &*at;
}

Job* find(World& world, Repair repair, ProcessId process) {
  auto& jobs = world.people.jobs;
  const auto at = std::find_if(jobs.begin(), jobs.end(),
                               [&](const Job& job) { return job.repair == repair && job.process == process; });
  return at == jobs.end() ? nullptr : &*at;
}

bool somebody_on_it(const Job& job) { return job.stage >= Job::Stage::engaging; }

template <class E>
void schedule_step(World& world, Job& job, Purpose purpose, const Law& law) {
  const Duration delay = world.draw(component(world, job.process), purpose, law);
  job.timer = world.schedule(world.now + delay, E{job.id, job.process}, sim::Priority::state);
}

/// A service waits for it: who has the choice leaves the machine that was lost with it for later, unless it turned out
/// that nothing can be done without it.
bool urgent(const Job& job) { return job.repair == Repair::by_hand && !job.put_back; }

/// Of those that nobody has taken up: what a service waits for, and then the alarm that came first.
Job* next_waiting(World& world) {
  Job* next = nullptr;
  for (Job& job : world.people.jobs) {
    if (job.stage != Job::Stage::waiting) continue;
    const bool sooner = next == nullptr || (urgent(job) == urgent(*next) ? job.alarm < next->alarm : urgent(job));
    if (sooner) next = &job;
  }
  return next;
}

/// A change or an expired certificate: found in the log of changes or in every error message.
bool of_change(Repair repair) {
  return repair == Repair::bad_rollout || repair == Repair::failed_upgrade || repair == Repair::expired_certificate ||
         repair == Repair::stuck_roll || repair == Repair::removed_apis || repair == Repair::corrupted_data ||
         repair == Repair::broken_role;
}

/// Who did it sees what it did, and knows the cause.
bool own_mistake(Repair repair) {
  return repair == Repair::wrong_command || repair == Repair::network_policy || repair == Repair::retained_volume ||
         repair == Repair::deleted_data;
}

/// The machine is one of the control plane.
bool of_control_plane(const World& world, const Job& job) {
  const Plan& plan = *world.plan;
  if (!plan.control_plane.exists()) return false;
  const auto& masters = plan.services[plan.control_plane].members;
  return std::any_of(masters.begin(), masters.end(),
                     [&](ProcessId master) { return plan.processes[master].node == plan.processes[job.process].node; });
}

/// It is a command that an API server must take: what it makes anew it makes so.
bool needs_api(const World& world, const Job& job) {
  const bool command = job.repair == Repair::stuck_pod || job.repair == Repair::bad_rollout ||
                       job.repair == Repair::failed_upgrade || job.repair == Repair::stuck_roll ||
                       job.repair == Repair::broken_role ||
                       (own_mistake(job.repair) && job.repair != Repair::deleted_data);
  return command && world.plan->rules_of(job.process).creates;
}

/// Servers, probes and alarms see nothing of it: only who looks at the data does.
bool silent(Repair repair) { return repair == Repair::corrupted_data; }

void schedule_restore(World& world, Job& job) {
  const Duration copying = faults::begin_restore(world, job.process);
  const Duration work =
      world.draw(component(world, job.process), Purpose::person_repair, world.plan->topology.changes.restore_work);
  job.timer = world.schedule(world.now + copying + work, DataRestored{job.id, job.process, copying > work},
                             sim::Priority::state);
}

/// Schedules the end of the repair itself.
void schedule_repair(World& world, Job& job) {
  const Parameters& p = parameters(world);
  constexpr Purpose purpose = Purpose::person_repair;
  switch (job.repair) {
    case Repair::stuck_pod: return schedule_step<PodRepaired>(world, job, purpose, p.repair_pod);
    case Repair::stuck_attachment:
    case Repair::lost_volume: return schedule_step<VolumeRepaired>(world, job, purpose, p.repair_volume);
    case Repair::dead_node:
      return schedule_step<MachineRepaired>(world, job, purpose,
                                            of_control_plane(world, job) ? p.repair_master : p.repair_node);
    case Repair::stopped_unit: return schedule_step<UnitStarted>(world, job, purpose, p.repair_pod);
    case Repair::bad_rollout: return schedule_step<RolledBack>(world, job, purpose, p.repair_rollback);
    case Repair::failed_upgrade: return schedule_step<UpgradeRepaired>(world, job, purpose, p.repair_upgrade);
    case Repair::expired_certificate:
      return schedule_step<CertificateRenewed>(world, job, purpose, p.repair_certificate);
    case Repair::wrong_command: return schedule_step<CommandUndone>(world, job, purpose, p.repair_command);
    case Repair::space_quota: return schedule_step<SpaceMade>(world, job, purpose, p.repair_space);
    case Repair::network_policy: return schedule_step<PolicyWithdrawn>(world, job, purpose, p.repair_command);
    case Repair::broken_role: return schedule_step<RoleRestored>(world, job, purpose, p.repair_rollback);
    case Repair::full_disk: return schedule_step<DiskCleaned>(world, job, purpose, p.repair_disk);
    case Repair::removed_apis: return schedule_step<ApisMigrated>(world, job, purpose, p.repair_upgrade);
    case Repair::stuck_roll: return schedule_step<RollUndone>(world, job, purpose, p.repair_rollback);
    case Repair::overload: return schedule_step<TrafficLimited>(world, job, purpose, p.repair_load);
    case Repair::retained_volume: return schedule_step<VolumeBound>(world, job, purpose, p.repair_volume);
    case Repair::by_hand:
      return schedule_step<DoneByHand>(world, job, purpose, services::hand_work(world, job.process).takes);
    case Repair::deleted_data:
    case Repair::corrupted_data: return schedule_restore(world, job);
  }
}

/// The work begins with a look at what is wrong: its law has that.
bool looks_while_at_it(Repair repair) { return repair == Repair::by_hand; }

/// Somebody starts on the job.
void start_work(World& world, Job& job) {
  job.since = world.now;
  if (own_mistake(job.repair)) {
    job.stage = Job::Stage::repairing;
    return schedule_repair(world, job);
  }
  job.stage = Job::Stage::engaging;
  schedule_step<Engaged>(world, job, Purpose::person_engage, parameters(world).engage);
}

/// Free people take waiting repairs up.
void take_up(World& world) {
  const auto& jobs = world.people.jobs;
  auto busy = std::count_if(jobs.begin(), jobs.end(), somebody_on_it);
  for (Job* job = next_waiting(world); job != nullptr && busy < parameters(world).on_call; job = next_waiting(world)) {
    const CauseScope scope(world, job->noticed);
    start_work(world, *job);
    ++busy;
  }
}

/// Closes a job and frees whoever was on it.
void close(World& world, std::uint32_t id) {
  auto& jobs = world.people.jobs;
  const auto at = std::find_if(jobs.begin(), jobs.end(), [&](const Job& job) { return job.id == id; });
  assert(at != jobs.end());
  if (somebody_on_it(*at)) world.people.worked += world.now - at->since;
  world.queue.cancel(at->timer);
  jobs.erase(at);
  take_up(world);
}

/// A lost network volume is created anew once the person has asked for it.
void add_creation(World& world, Job& job) {
  if (job.repair != Repair::lost_volume) return;
  const VolumePlan& volume = world.plan->volumes[world.plan->processes[job.process].volume];
  if (volume.node.exists()) return;
  const Duration creation = world.draw(volume.component, Purpose::volume_create, world.plan->infra().volume_create);
  job.timer = world.queue.reschedule(job.timer, world.queue.when(job.timer) + creation);
}

/// The job of an event; sets `stale` if it is over.
template <class E>
Job* job_of(World& world, const E& event) {
  Job* job = find(world, event.job);
  world.stale = job == nullptr;
  return job;
}

/// It is known: the present event is its alarm.
void wait_for_somebody(World& world, Job& job) {
  job.stage = Job::Stage::waiting;
  job.alarm = world.people.alarms_so_far++;
  job.noticed = world.trace.current();
}

/// The alarm of a job: it waits for somebody.
template <class E>
void noticed(World& world, const E& event) {
  Job* job = job_of(world, event);
  if (job == nullptr) return;
  wait_for_somebody(world, *job);
  take_up(world);
}

template <class E>
void identified(World& world, const E& event) {
  Job* job = job_of(world, event);
  if (job == nullptr) return;
  job->stage = Job::Stage::repairing;
  schedule_repair(world, *job);
  add_creation(world, *job);
}

/// It cannot be done now: other work comes first.
void put_back(World& world, Job& job) {
  world.people.worked += world.now - job.since;
  job.stage = Job::Stage::waiting;
  job.put_back = true;
  job.alarm = world.people.alarms_so_far++;
  take_up(world);
}

/// The job of a repair that is over. None, too, if no API server takes its command.
template <class E>
Job* finished(World& world, const E& event) {
  Job* job = job_of(world, event);
  if (job == nullptr || !needs_api(world, *job) || kubernetes::api_serves(world)) return job;
  put_back(world, *job);
  return nullptr;
}

/// A repair is over: its effect follows.
template <class E>
void done(World& world, const E& event, void (*effect)(World&, ProcessId)) {
  if (finished(world, event) == nullptr) return;
  close(world, event.job);
  effect(world, event.process);
}

// ---- mending ----

bool volume_can_be_mended(const World& world, ProcessId process) {
  const VolumePlan& volume = world.plan->volumes[world.plan->processes[process].volume];
  return volume.node.exists() || !volume.zone.exists() || infrastructure::zone_can_launch(world, volume.zone);
}

void replace_lost_volume(World& world, ProcessId process) {
  const VolumeId volume = world.plan->processes[process].volume;
  infrastructure::replace_volume(world, volume);
  kubernetes::volume_replaced(world, volume);
  if (NINES_MUTATED(eviction_forgets_volume)) world.processes.edit(process).disk_lost = false;
}

/// Whether a machine in the slot could run the process, and none does.
bool needs_machine(const World& world, NodeId node, ProcessId process) {
  const NodePlan& slot = world.plan->nodes[node];
  const VolumeId volume = world.plan->processes[process].volume;
  const ZoneId zone = volume.exists() ? world.plan->volumes[volume].zone : ZoneId::none();
  const bool suits = slot.group == world.plan->nodes[world.plan->processes[process].node].group &&
                     (!zone.exists() || slot.zone == zone);
  const bool given = slot.offerings.empty() || infrastructure::pool_with_capacity(world, node).exists();
  return suits && given && !infrastructure::node_up(world, node) && infrastructure::zone_can_launch(world, slot.zone);
}

/// The slot that a person fills for the process: its own, or another that suits; none if none is empty or can be
/// filled.
NodeId slot_to_fill(const World& world, ProcessId process) {
  const NodeId own = world.processes[process].node;
  if (needs_machine(world, own, process)) return own;
  for (const NodeId node : world.plan->nodes.ids()) {
    if (needs_machine(world, node, process)) return node;
  }
  return NodeId::none();
}

}  // namespace

void ask_for_repair(World& world, Repair repair, ProcessId process) {
  if (find(world, repair, process) != nullptr) return;
  Job job;
  job.id = world.people.jobs_so_far++;
  job.repair = repair;
  job.process = process;
  const Parameters& p = parameters(world);
  const bool told =
      world.plan->alerts.monitored && alerts::somebody_looks(world) && !own_mistake(repair) && !silent(repair);
  if (p.on_call > 0 && told) {
    // Whoever looks for the cause of one thing sees the others.
    wait_for_somebody(world, job);
    world.people.jobs.push_back(job);
    return take_up(world);
  }
  if (p.on_call > 0 && own_mistake(repair)) {
    schedule_step<CommandNoticed>(world, job, Purpose::person_notice, p.notice_command);
  } else if (p.on_call > 0 && silent(repair)) {
    schedule_step<Noticed>(world, job, Purpose::person_notice, world.plan->topology.changes.corruption_notice);
  } else if (p.on_call > 0) {
    schedule_step<Noticed>(world, job, Purpose::person_notice,
                           world.plan->alerts.monitored ? p.notice_unalerted : p.notice);
  }
  world.people.jobs.push_back(job);
}

std::uint32_t told(World& world) {
  std::uint32_t news = 0;
  for (Job& job : world.people.jobs) {
    const bool seen = !own_mistake(job.repair) && !silent(job.repair);
    if (job.stage != Job::Stage::unnoticed || !seen || !world.queue.cancel(job.timer)) continue;
    wait_for_somebody(world, job);
    ++news;
  }
  take_up(world);
  return news;
}

void withdraw(World& world, Repair repair, ProcessId process) {
  // A volume whose data are gone stays a person's business, whoever else had asked for it.
  const VolumeId volume = world.plan->processes[process].volume;
  if (repair == Repair::lost_volume && world.infrastructure.volumes[volume].lost) return;
  if (const Job* job = find(world, repair, process)) close(world, job->id);
}

bool healthy(const World& world) { return world.people.jobs.empty(); }

// ---- events ----

ComponentId subject(const Plan& plan, const Noticed& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const Engaged& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const Identified& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const PodRepaired& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const VolumeRepaired& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const MachineRepaired& event) { return plan.processes[event.process].component; }

ComponentId subject(const Plan& plan, const CommandNoticed& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const ChangeIdentified& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const UnitStarted& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const RolledBack& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const UpgradeRepaired& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const CertificateRenewed& event) {
  return plan.processes[event.process].component;
}
ComponentId subject(const Plan& plan, const CommandUndone& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const SpaceMade& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const RoleRestored& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const PolicyWithdrawn& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const DiskCleaned& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const ApisMigrated& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const TrafficLimited& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const VolumeBound& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const RollUndone& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const DataRestored& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const DoneByHand& event) { return plan.processes[event.process].component; }

void on(World& world, const Noticed& event) {
  static constexpr std::string_view unalerted = "people.notice.unalerted";
  static constexpr std::string_view of_data = "data.corruption.notice";
  const Job* job = find(world, event.job);
  if (job != nullptr && silent(job->repair))
    world.set_by(of_data);
  else if (world.plan->alerts.monitored)
    world.set_by(unalerted);
  noticed(world, event);
}
void on(World& world, const CommandNoticed& event) { noticed(world, event); }

void on(World& world, const Engaged& event) {
  Job* job = job_of(world, event);
  if (job == nullptr) return;
  if (looks_while_at_it(job->repair)) {
    job->stage = Job::Stage::repairing;
    return schedule_repair(world, *job);
  }
  job->stage = Job::Stage::identifying;
  const Parameters& p = parameters(world);
  if (of_change(job->repair)) {
    schedule_step<ChangeIdentified>(world, *job, Purpose::person_identify, p.identify_change);
  } else {
    schedule_step<Identified>(world, *job, Purpose::person_identify, p.identify);
  }
}

void on(World& world, const Identified& event) { identified(world, event); }
void on(World& world, const ChangeIdentified& event) { identified(world, event); }
void on(World& world, const RolledBack& event) { done(world, event, faults::change_rolled_back); }
void on(World& world, const UpgradeRepaired& event) { done(world, event, faults::upgrade_repaired); }
void on(World& world, const CertificateRenewed& event) { done(world, event, faults::certificate_renewed); }
void on(World& world, const CommandUndone& event) { done(world, event, faults::command_undone); }
void on(World& world, const SpaceMade& event) { done(world, event, faults::space_made); }
void on(World& world, const RoleRestored& event) { done(world, event, faults::role_restored); }
void on(World& world, const PolicyWithdrawn& event) { done(world, event, faults::policy_withdrawn); }
void on(World& world, const DiskCleaned& event) { done(world, event, kubernetes::disk_cleaned); }
void on(World& world, const ApisMigrated& event) { done(world, event, faults::apis_migrated); }
void on(World& world, const TrafficLimited& event) { done(world, event, services::limit_load); }
void on(World& world, const VolumeBound& event) { done(world, event, kubernetes::bind_retained); }
void on(World& world, const RollUndone& event) { done(world, event, kubernetes::undo_roll); }

void on(World& world, const DataRestored& event) {
  static constexpr std::string_view copying = "data.restore.rate";
  if (event.copying) world.set_by(copying);
  done(world, event, faults::data_restored);
}

void on(World& world, const DoneByHand& event) {
  if (job_of(world, event) == nullptr) return;
  world.set_by(*services::hand_work(world, event.process).key);
  const bool done = services::done_by_hand(world, event.process);
  Job* job = find(world, event.job);  // the service may have withdrawn it
  if (job == nullptr) return;
  done ? close(world, event.job) : put_back(world, *job);
}

void on(World& world, const UnitStarted& event) { done(world, event, hosts::start_by_person); }

void on(World& world, const PodRepaired& event) {
  if (finished(world, event) == nullptr) return;
  close(world, event.job);
  kubernetes::delete_pod_by_force(world, event.process);
  const NodeId node = world.processes[event.process].node;
  const infrastructure::NodeState& machine = world.infrastructure.nodes[node];
  // A machine that will not come back by itself is given back with its Node object.
  if (machine.life == infrastructure::Life::lost && !machine.recovering) infrastructure::terminate_node(world, node);
}

void on(World& world, const VolumeRepaired& event) {
  Job* job = job_of(world, event);
  if (job == nullptr) return;
  const Repair repair = job->repair;
  if (!volume_can_be_mended(world, event.process)) return schedule_repair(world, *job);
  close(world, event.job);
  if (repair == Repair::lost_volume) return replace_lost_volume(world, event.process);
  kubernetes::free_stuck_attachment(world, world.plan->processes[event.process].volume);
}

void on(World& world, const MachineRepaired& event) {
  Job* job = job_of(world, event);
  if (job == nullptr) return;
  const NodeId node = slot_to_fill(world, event.process);
  if (!node.exists()) return kubernetes::api_serves(world) ? schedule_repair(world, *job) : put_back(world, *job);
  close(world, event.job);
  kubernetes::take_over(world, node);
}

}  // namespace nines::models::people
