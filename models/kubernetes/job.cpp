#include "models/kubernetes/job.hpp"

#include <algorithm>
#include <cassert>
#include <span>

#include "models/kubernetes/attention.hpp"
#include "models/kubernetes/control_plane.hpp"
#include "models/kubernetes/events.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/kubernetes/volume_attach.hpp"
#include "models/kubernetes/workload.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::kubernetes {

namespace {

const JobSpec& spec_of(const World& world, WorkloadId workload) { return *world.plan->workloads[workload].job; }

JobState& state_of(World& world, WorkloadId workload, std::uint32_t place) {
  return world.kubernetes.jobs[workload][place];
}

std::span<const ProcessId> pods_of(const World& world, WorkloadId workload, std::uint32_t place) {
  const WorkloadPlan& plan = world.plan->workloads[workload];
  const auto size = static_cast<std::size_t>(plan.job->parallelism);
  return std::span(plan.pods).subspan(place * size, size);
}

std::uint32_t place_of(const World& world, ProcessId process) {
  const WorkloadPlan& plan = world.plan->workload_of(process);
  const auto at = std::lower_bound(plan.pods.begin(), plan.pods.end(), process) - plan.pods.begin();
  return static_cast<std::uint32_t>(at / plan.job->parallelism);
}

std::int64_t limit_of(const World& world, WorkloadId workload) {
  return spec_of(world, workload).backoff_limit.value_or(world.plan->kube().job_backoff_limit);
}

/// More has failed than it bears.
bool has_failed(const World& world, WorkloadId workload, std::uint32_t place) {
  const std::int64_t limit = limit_of(world, workload);
  if (world.kubernetes.jobs[workload][place].failed > limit) return true;
  if (!spec_of(world, workload).restarts_in_place) return false;
  std::int64_t restarts = 0;
  for (const ProcessId process : pods_of(world, workload, place)) {
    const PodState& pod = world.kubernetes.pods[process];
    const bool counts = !pod.parked && (pod.object == PodObject::bound || pod.object == PodObject::pending);
    if (counts) restarts += pod.restarts;
  }
  return restarts >= std::max<std::int64_t>(1, limit);
}

void end_job(World& world, WorkloadId workload, std::uint32_t place) {
  JobState& job = state_of(world, workload, place);
  job.ending = true;
  world.queue.cancel(job.deadline);
  world.queue.cancel(job.step);
  for (const ProcessId process : pods_of(world, workload, place)) {
    if (!world.kubernetes.pods[process].parked) park(world, process);
  }
  job.active = job.ending = false;
}

template <class E>
void finish(World& world, WorkloadId workload, std::uint32_t place, bool succeeded) {
  const CauseScope scope(world, world.note(E{workload}));
  end_job(world, workload, place);
  services::job_ended(world, workload, place, succeeded);
}

/// Creates pods as long as there are fewer than the Job keeps.
void create_pods(World& world, WorkloadId workload, std::uint32_t place) {
  const JobSpec& spec = spec_of(world, workload);
  const std::int64_t wanted =
      std::min(spec.parallelism, spec.completions - world.kubernetes.jobs[workload][place].succeeded);
  const auto pods = pods_of(world, workload, place);
  std::int64_t active =
      std::count_if(pods.begin(), pods.end(), [&](ProcessId pod) { return !world.kubernetes.pods[pod].parked; });
  for (const ProcessId process : pods) {
    const PodState& pod = world.kubernetes.pods[process];
    // One that still stops leaves its place when it has. One that could not be created before is now.
    if (pod.object != PodObject::gone || world.queue.pending(pod.step_timer)) continue;
    if (pod.parked && active >= wanted) continue;
    if (pod.parked) ++active;
    PodState& edited = world.kubernetes.pods.edit(process);
    edited.parked = false;
    edited.step_timer = world.schedule(world.now, PodCreated{process, edited.incarnation});
  }
}

void look_after(World& world, WorkloadId workload, std::uint32_t place) {
  JobState& job = state_of(world, workload, place);
  if (!job.active || job.ending || !world.kubernetes.control_plane.managers ||
      world.kubernetes.scaled_to_zero[workload] != 0)
    return;
  if (job.succeeded >= spec_of(world, workload).completions) return finish<JobSucceeded>(world, workload, place, true);
  const bool late = spec_of(world, workload).active_deadline && world.now >= job.ends_at;
  if (late || has_failed(world, workload, place)) return finish<JobFailed>(world, workload, place, false);
  const sim::Time at =
      job.failed_in_row == 0 ? world.now : job.failed_at + job_backoff(job.failed_in_row, world.plan->kube());
  if (at <= world.now) return create_pods(world, workload, place);
  if (!world.queue.pending(job.step)) job.step = world.schedule(at, JobStep{workload, place});
}

}  // namespace

Duration job_backoff(std::int64_t failures, const Parameters& parameters) {
  Duration wait = parameters.job_backoff_first;
  for (std::int64_t i = 1; i < failures && wait < parameters.job_backoff_max; ++i) wait = wait * 2;
  return std::min(wait, parameters.job_backoff_max);
}

void begin_job(World& world, WorkloadId workload, std::uint32_t place) {
  JobState& job = state_of(world, workload, place);
  assert(!job.active);
  job = {};
  job.active = true;
  const CauseScope scope(world, world.note(JobBegins{workload}));
  if (const auto& deadline = spec_of(world, workload).active_deadline) {
    job.ends_at = world.now + *deadline;
    job.deadline = world.schedule(job.ends_at, JobDeadline{workload, place});
  }
  look_after(world, workload, place);
}

void delete_job(World& world, WorkloadId workload, std::uint32_t place) { end_job(world, workload, place); }

void job_runs_already(World& world, WorkloadId workload, std::uint32_t place) {
  begin_job(world, workload, place);
  for (const ProcessId process : pods_of(world, workload, place)) {
    if (world.kubernetes.pods[process].parked) continue;
    PodState& pod = world.kubernetes.pods.edit(process);
    ProcessState& state = world.processes.edit(process);
    world.queue.cancel(pod.step_timer);
    const VolumeId claim = world.plan->processes[process].claim;
    const bool beside = claim.exists() && spec_of(world, workload).beside_claim;
    const NodeId node =
        beside ? world.kubernetes.pods[world.plan->volumes[claim].owner].node : world.processes[process].node;
    pod.object = PodObject::bound;
    pod.container = Container::running;
    pod.node = pod.container_node = node;
    pod.machine = pod.container_machine = world.kubernetes.nodes[node].machine;
    pod.container_pod = ++pod.incarnation;
    pod.ready = pod.started = true;
    pod.succeeded = pod.finished = false;
    pod.bound_at = pod.ready_since = pod.last_restart = world.now;
    pod.restarts = 0;
    pod.backoff = Duration();
    state.status = ProcessState::Status::running;
    state.node = node;
    state.started = world.now;
    ++state.incarnation;
    arrives(world, process, node);
  }
}

bool job_ending(const World& world, WorkloadId workload, std::uint32_t place) {
  return world.kubernetes.jobs[workload][place].ending;
}

bool job_active(const World& world, WorkloadId workload, std::uint32_t place) {
  return world.kubernetes.jobs[workload][place].active;
}

void process_succeeded(World& world, ProcessId process) {
  world.kubernetes.pods.edit(process).succeeded = true;
  process_exited(world, process, Ending::clean);
}

bool restarts_container(const World& world, ProcessId process) {
  return spec_of(world, world.plan->processes[process].workload).restarts_in_place &&
         !world.kubernetes.pods[process].succeeded;
}

void finish_pod(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  pod.container = Container::none;
  pod.finished = true;
  if (world.kubernetes.nodes[pod.container_node].answering) report_finished(world, process);
}

void report_finished(World& world, ProcessId process) {
  const PodState& pod = world.kubernetes.pods[process];
  const bool succeeded = pod.succeeded;
  const Placement machine{pod.container_node, pod.container_machine};
  const CauseScope scope(world, succeeded ? world.note(PodSucceeded{process}) : world.note(PodFailed{process}));
  world.kubernetes.pods.edit(process).reported = true;
  unmount(world, process, machine);
  remove_pod_object(world, process);
}

void job_pod_gone(World& world, ProcessId process) {
  PodState& pod = world.kubernetes.pods.edit(process);
  const WorkloadId workload = world.plan->processes[process].workload;
  const std::uint32_t place = place_of(world, process);
  // Its Job has given it up: the next one may have waited for its place.
  if (pod.parked) return look_after(world, workload, place);
  pod.parked = true;
  JobState& job = state_of(world, workload, place);
  if (pod.reported && pod.succeeded) {
    ++job.succeeded;
    job.succeeded_at = world.now;
    if (!NINES_MUTATED(success_forgotten)) job.failed_in_row = 0;
    world.queue.cancel(job.step);
  } else {
    ++job.failed;
    job.failed_at = world.now;
    // Of pods that end together those that failed are not later than the one that succeeded.
    if (job.succeeded_at != world.now) ++job.failed_in_row;
  }
  look_after(world, workload, place);
}

void job_container_restarted(World& world, ProcessId process) {
  look_after(world, world.plan->processes[process].workload, place_of(world, process));
}

void look_after_jobs(World& world, WorkloadId workload) {
  if (!world.plan->workloads[workload].job) return;
  const auto places = static_cast<std::uint32_t>(world.kubernetes.jobs[workload].size());
  for (std::uint32_t place = 0; place < places; ++place) look_after(world, workload, place);
}

void on(World& world, const JobStep& event) {
  if (managers_away(world)) return;
  look_after(world, event.workload, event.place);
}

void on(World& world, const JobDeadline& event) {
  if (managers_away(world)) return;
  look_after(world, event.workload, event.place);
}

}  // namespace nines::models::kubernetes
