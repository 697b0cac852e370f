// CronJobs as a kind of service: runs that start by a schedule, each a Job (models/kubernetes/job.hpp).
//
// The CronJob controller starts the run that was due last, if it has not been started: late if the controller manager
// was away, and not at all if it is later than the starting deadline. Runs that were due before it are made up for by
// nothing. With concurrency Forbid a run waits until the last one has ended, with Replace the last one is deleted, with
// Allow both go on. More than 100 missed starts, for which the controller gave the CronJob up before Kubernetes 1.21,
// are a warning since (TooManyMissedTimes). Source: kubernetes/kubernetes pkg/controller/cronjob
// (cronjob_controllerv2.go syncCronJob, utils.go mostRecentScheduleTime); kubernetes.io documentation, CronJob.
//
// What its pods do is a time, and services that have to answer when they start. On SIGTERM they go on: a shell that is
// process 1 does not hear it. Of a healthy world nothing is played: runs start when they are due and take their time.
#include "models/service/kind.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/cronjob/events.hpp"
#include "models/cronjob/fields.hpp"
#include "models/health.hpp"
#include "models/measurement/sli.hpp"
#include "models/namer.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::cronjob {

namespace {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  State& state;

  [[nodiscard]] ProcessId process(Position pod) const { return world.plan->services[service].members[pod]; }
  [[nodiscard]] ComponentId component() const { return world.plan->services[service].component; }
  [[nodiscard]] std::uint32_t places() const {
    return static_cast<std::uint32_t>(world.plan->workloads[plan.workload].job->places);
  }
  [[nodiscard]] bool active(std::uint32_t place) const { return kubernetes::job_active(world, plan.workload, place); }
  [[nodiscard]] bool any_active() const {
    for (std::uint32_t place = 0; place < places(); ++place) {
      if (active(place)) return true;
    }
    return false;
  }
  /// Times at which runs are due.
  [[nodiscard]] sim::Grid starts() const { return {state.origin, spec.period}; }
};

Context context(World& world, ServiceId service) {
  return {world, service, plan_of(*world.plan, service), spec_of(world.plan->spec(service)),
          world.services[service].as<State>()};
}
const Context view(const World& world, ServiceId service) { return context(const_cast<World&>(world), service); }

Position position_of(const World& world, ServiceId service, ProcessId process) {
  return static_cast<Position>(world.plan->services[service].position_of(process));
}

Duration draw_run(Context& c, ProcessId process) {
  return c.world.draw(c.world.plan->processes[process].component, Purpose::run_length, c.spec.parameters.run);
}

bool authorised(Context& c) {
  if (!c.spec.credentials || faults::gives_credentials(c.world, c.service)) return true;
  faults::role_shows(c.world, c.service);
  return false;
}

bool needs_answer(const Context& c, ProcessId process) {
  return std::ranges::all_of(c.plan.needs,
                             [&](ServiceId needed) { return services::answers_to(c.world, needed, process); });
}

/// A pod that is scheduled now finds the volume that it mounts where it goes.
bool finds_volume(const Context& c) {
  if (!c.plan.host.exists() || c.spec.beside_claim) return true;
  return c.world.processes[c.process(0)].node == c.world.kubernetes.pods[c.plan.host].node;
}

// ---- how old the last success is ----

void look_at_age(Context& c) {
  for (std::size_t sli = 0; sli < c.spec.slis.size(); ++sli) {
    const sim::Time until = c.state.succeeded + c.spec.slis[sli].max_age;
    const bool holds = c.world.now < until;
    c.world.queue.cancel(c.state.stale[sli]);
    if (holds && c.state.awake)
      c.state.stale[sli] = c.world.schedule(until, GrowsStale{c.service.value, static_cast<std::uint16_t>(sli)});
    if (holds == (c.state.holds[sli] != 0)) continue;
    c.state.holds[sli] = holds ? 1 : 0;
    measurement::set_status(c.world, c.plan.slis[sli], GroupId::of(0), holds);
  }
}

// ---- runs ----

void pass(Context& c, sim::Time due, bool missed) {
  if (c.state.passed == due) return;
  c.state.passed = due;
  c.state.owed = true;
  if (missed)
    c.world.note(RunMissed{c.service.value});
  else
    c.world.note(RunSkipped{c.service.value});
}

/// The controller starts the run that was due last, if it can.
void synchronise(Context& c) {
  if (!c.state.awake || !c.world.kubernetes.control_plane.managers) return;
  // The end of a Job stirs this up before it is told: then it looks again.
  for (std::uint32_t place = 0; place < c.places(); ++place) {
    if (kubernetes::job_ending(c.world, c.plan.workload, place)) return;
  }
  const sim::Time due = c.starts().at_or_before(c.world.now);
  if (due <= c.state.started) return;
  const bool late = c.spec.starting_deadline > Duration() && c.world.now > due + c.spec.starting_deadline;
  if (late) return pass(c, due, true);
  if (c.spec.concurrency == Concurrency::forbid && c.any_active()) return pass(c, due, false);
  if (c.spec.concurrency == Concurrency::replace) {
    for (std::uint32_t place = 0; place < c.places(); ++place) {
      if (!c.active(place)) continue;
      const CauseScope scope(c.world, c.world.note(RunReplaced{c.service.value}));
      c.state.owed = true;
      kubernetes::delete_job(c.world, c.plan.workload, place);
    }
  }
  std::uint32_t place = 0;
  while (place < c.places() && c.active(place)) ++place;
  if (place == c.places()) return pass(c, due, false);
  c.state.started = due;
  kubernetes::begin_job(c.world, c.plan.workload, place);
}

void end_after(Context& c, Position pod, sim::Time at, bool works) {
  const std::uint32_t life = c.world.processes[c.process(pod)].incarnation;
  c.world.queue.cancel(c.state.work[pod]);
  c.state.work[pod] = c.world.schedule(at, RunEnds{c.service.value, pod, life, works});
}

void expect_next(Context& c) { c.state.due = c.world.schedule(c.starts().after(c.world.now), RunDue{c.service.value}); }

/// Something is about to happen: the run that a healthy world would be at goes on as it does there.
void wake(Context& c) {
  // Nothing of the schedule is because of what happens.
  const CauseScope nobody(c.world, sim::no_cause);
  State& state = c.state;
  state.awake = true;
  state.owed = false;
  state.started = c.starts().at_or_before(c.world.now);
  const sim::Time ends = state.started + draw_run(c, c.process(0));
  const bool under_way = ends > c.world.now && finds_volume(c);
  state.succeeded = under_way ? ends - c.spec.period : ends;
  if (under_way) {
    kubernetes::job_runs_already(c.world, c.plan.workload, 0);
    for (Position pod = 0; pod < state.work.size(); ++pod) {
      if (!c.world.kubernetes.pods[c.process(pod)].parked) end_after(c, pod, ends, true);
    }
  }
  expect_next(c);
  look_at_age(c);
}

void sleep(Context& c) {
  c.state.awake = false;
  for (const sim::TimerId timer : c.state.stale) c.world.queue.cancel(timer);
}

constexpr service::Role roles_of_pools[] = {{"run", "does what the CronJob is for", false, false}};

struct CronJob : service::WithProcesses, service::SlisOf<Spec> {
  using Spec = cronjob::Spec;
  static constexpr std::string_view name = "cronjob";
  static constexpr std::string_view title = "a CronJob";
  static constexpr bool stores = false;
  static constexpr Controller controller = Controller::job;
  static constexpr std::span<const service::Role> roles = roles_of_pools;
  static constexpr const service::ObjectSpec* fields = &service_fields;
  static constexpr std::span<const service::ParameterGroup> parameters = parameter_groups;
  static constexpr auto complete = &cronjob::complete;
  static constexpr auto check = &cronjob::check;
  static constexpr auto check_combinations = &cronjob::check_combinations;

  static std::string member_name(const ServiceSpec&, const PoolSpec& pool, std::size_t number) {
    return fmt::format("{}-{}", pool.name, number);
  }
  static void build(models::Plan& plan, Namer& namer, ServiceId id) {
    const Spec& spec = spec_of(plan.spec(id));
    ServicePlan service;
    for (std::size_t i = 0; i < spec.slis.size(); ++i) {
      service.slis.push_back(static_cast<SliIndex>(plan.slis.size()));
      add_sli(plan, namer, id, i, spec.slis[i].name, spec.slis[i].deadline, spec.slis[i].sla);
    }
    service.workload = plan.services[id].workloads.front();
    const VolumeId claim = plan.processes[plan.services[id].members.front()].claim;
    if (claim.exists()) service.host = plan.volumes[claim].owner;
    plan.services[id].own = sim::Value::of(std::move(service));
  }
  static void connect(models::Plan& plan, ServiceId id) {
    auto& service = plan.services[id].own.as<ServicePlan>();
    for (const std::string& needed : spec_of(plan.spec(id)).needs) service.needs.push_back(plan.service_named(needed));
  }
  static void purposes(const models::Plan& plan, ServiceId id, std::vector<PurposeRange>& by_component) {
    // What mounts a volume draws for that too.
    for (const ProcessId member : plan.services[id].members) {
      if (!plan.processes[member].claim.exists()) by_component[plan.processes[member].component] = stateless_purposes;
    }
  }
  static bool same_shape(const models::ServicePlan& a, const models::ServicePlan& b) {
    return a.members == b.members && a.own.as<ServicePlan>().slis.size() == b.own.as<ServicePlan>().slis.size();
  }
  static std::span<const EventRow> events() {
    static constexpr auto rows = rows_of(Events{});
    return rows;
  }

  static void initialise(World& world, ServiceId service) {
    State state;
    state.work.resize(world.plan->services[service].members.size());
    state.stale.resize(spec_of(world.plan->spec(service)).slis.size());
    state.holds.assign(state.stale.size(), 1);
    world.services[service] = sim::Value::of(std::move(state));
  }
  static void draw_phases(World& world, ServiceId service) {
    Context c = context(world, service);
    c.state.origin = world.now + world.phase(c.component(), Purpose::schedule_phase, c.spec.period);
  }
  static void plan_changed(World& world, ServiceId service) {
    Context c = context(world, service);
    if (!c.state.awake) return;
    world.queue.cancel(c.state.due);
    expect_next(c);
    look_at_age(c);
  }
  static void disturbed(World& world, ServiceId service) {
    Context c = context(world, service);
    if (!c.state.awake) wake(c);
  }

  static void process_started(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    const bool works = authorised(c) && needs_answer(c, process);
    const Duration takes = works ? draw_run(c, process) : c.spec.parameters.give_up;
    end_after(c, position_of(world, service, process), world.now + takes, works);
  }
  static void process_died(World& world, ServiceId service, ProcessId process) {
    Context c = context(world, service);
    world.queue.cancel(c.state.work[position_of(world, service, process)]);
  }
  static void process_terminating(World&, ServiceId, ProcessId) {}
  static void contacts_changed(World& world, ServiceId service) { look_again(world, service); }
  static void readiness_changed(World& world, ServiceId service) { look_again(world, service); }
  /// The controller manager may act again.
  static void look_again(World& world, ServiceId service) {
    Context c = context(world, service);
    synchronise(c);
  }
  static void job_ended(World& world, ServiceId service, std::uint32_t, bool succeeded) {
    Context c = context(world, service);
    c.state.owed = !succeeded;
    if (succeeded) c.state.succeeded = world.now;
    look_at_age(c);
    synchronise(c);
  }

  static bool ready(const World& world, ServiceId, ProcessId process) {
    return world.processes[process].status == ProcessState::Status::running;
  }
  static bool healthy(const World& world, ServiceId service) {
    const Context c = view(world, service);
    if (!c.state.awake) return true;
    return !c.state.owed && !c.any_active() &&
           std::ranges::all_of(c.state.holds, [](char holds) { return holds != 0; });
  }

  static std::vector<ProcessId> members_named(const models::Plan& plan, ServiceId service, std::string_view named) {
    const models::ServicePlan& its = plan.services[service];
    return named == its.name + "/runs" ? its.members : std::vector<ProcessId>{};
  }
  static std::vector<service::Target> targets(const models::Plan& plan, ServiceId service) {
    return {{plan.services[service].name + "/runs", false}};
  }
  /// Whose volume its pods mount. Any machine does for the rest.
  static void needs(structure::DependencyBuilder& builder, structure::Vertex vertex, measurement::SliIndex sli) {
    const ProcessId host = plan_of(builder.plan(), builder.plan().slis[sli].service).host;
    if (host.exists()) builder.need(vertex, builder.process(host));
  }
  static std::vector<service::Fact> sli_facts(const models::Plan& plan, measurement::SliIndex index) {
    const measurement::SliPlan& sli = plan.slis[index];
    return {{"max_age_s", spec_of(plan.spec(sli.service)).slis[sli.spec].max_age}};
  }
  static void show(const World& world, ServiceId service, std::vector<service::Shown>& into) {
    const Context c = view(world, service);
    std::uint64_t active = 0;
    for (std::uint32_t place = 0; place < c.places(); ++place) active += c.active(place) ? 1 : 0;
    into.push_back({c.component(), "runs under way", active, 0, false, c.component()});
    into.push_back({c.component(), "last run", c.state.owed ? 0U : 1U, 1, false, c.component()});
  }
  static std::string shown_text(const models::Plan&, ServiceId, const service::Shown& shown) {
    if (shown.item == 0) return fmt::format("{}", shown.value);
    return shown.value == 0 ? "owed" : "succeeded";
  }
  static std::span<const service::LeftOut> left_out() {
    using enum service::Truth;
    static const std::vector<service::LeftOut> list{
        {"cronjob-own-failures", "runs of CronJobs that fail by themselves, with all that they need in order"},
        {"cronjob-needs-later", "services that a run needs and that go away after its pods have started"},
        {"cronjob-load", "what runs of CronJobs take from those that serve: processors, disks, network"},
        {"cronjob-contents",
         "what a run has copied: a backup of a claim whose process leads no longer is as fresh as any other"},
        {"cronjob-clock", "when in the day a run is due: faults and operations strike at any time of it", either},
    };
    return list;
  }
};

}  // namespace

extern const service::Kind kind;
const service::Kind kind = service::row_of<CronJob>();

// ---- events ----

void on(World& world, const RunDue& event) {
  Context c = context(world, ServiceId{event.service});
  if (finds_volume(c) && healthy(world)) {
    world.stale = true;
    return sleep(c);
  }
  expect_next(c);
  synchronise(c);
}

void on(World& world, const RunEnds& event) {
  Context c = context(world, ServiceId{event.service});
  const ProcessId process = c.process(event.pod);
  const ProcessState& state = world.processes[process];
  world.stale = state.incarnation != event.life || state.status == ProcessState::Status::absent;
  if (world.stale) return;
  if (state.status == ProcessState::Status::stopped) {  // its work is not done yet: it goes on when it can
    world.stale = true;
    return end_after(c, event.pod, world.now + c.spec.parameters.give_up, event.works);
  }
  if (event.works) return kubernetes::process_succeeded(world, process);
  static constexpr std::string_view give_up = "cronjob.give_up";
  world.set_by(give_up);
  kubernetes::process_exited(world, process, Ending::crash);
}

void on(World& world, const GrowsStale& event) {
  Context c = context(world, ServiceId{event.service});
  look_at_age(c);
}

#define NINES_CRONJOB_SERVICE_SUBJECT(E)                          \
  ComponentId subject(const models::Plan& plan, const E& event) { \
    return plan.services[ServiceId{event.service}].component;     \
  }
NINES_CRONJOB_SERVICE_SUBJECT(RunDue)
NINES_CRONJOB_SERVICE_SUBJECT(RunMissed)
NINES_CRONJOB_SERVICE_SUBJECT(RunSkipped)
NINES_CRONJOB_SERVICE_SUBJECT(RunReplaced)
#undef NINES_CRONJOB_SERVICE_SUBJECT
ComponentId subject(const models::Plan& plan, const RunEnds& event) {
  return plan.processes[plan.services[ServiceId{event.service}].members[event.pod]].component;
}
ComponentId subject(const models::Plan& plan, const GrowsStale& event) {
  return plan.slis[plan_of(plan, ServiceId{event.service}).slis[event.sli]].component;
}

}  // namespace nines::models::cronjob
