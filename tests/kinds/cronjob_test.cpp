// CronJobs and their Jobs: when runs start, what becomes of pods that fail, and claims that they share.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/cronjob/state.hpp"
#include "models/health.hpp"
#include "models/kubernetes/job.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace cronjob_test {

using namespace nines;
using namespace nines::models;
using namespace nines::sim::literals;
using models::testing::act;
using models::testing::action;
using models::testing::count;
using models::testing::first;
using models::testing::Lab;
using models::testing::origin;

namespace {

constexpr ServiceId kafka = ServiceId::of(0);
constexpr ServiceId backup = ServiceId::of(1);

struct Settings {
  std::string schedule = "0 * * * *";
  cronjob::Concurrency concurrency = cronjob::Concurrency::forbid;
  Duration starting_deadline{};
  bool restarts_in_place = false;
  std::int64_t completions = 1;
  std::int64_t parallelism = 1;
  std::optional<std::int64_t> backoff_limit{};
  std::optional<Duration> active_deadline{};
  std::string claim{};
  bool beside_claim = false;
  bool needs_kafka = false;
  Duration run = 60_s;
  Duration max_age = 75_min;
};

/// The small design with a CronJob `backup`; waits of the platform that are drawn are constant, nobody is on call, and
/// nothing happens by itself.
Topology design(const Settings& settings = {}) {
  Topology topology = models::testing::small_topology();
  models::testing::without_changes(topology);
  topology.people.on_call = 0;
  topology.kubernetes.pod_schedule = Law::constant(1_s);
  topology.kubernetes.pod_start = Law::constant(2_s);
  topology.kubernetes.container_restart = Law::constant(1_s);
  cronjob::Spec spec;
  spec.schedule = settings.schedule;
  spec.period = cronjob::period_of(settings.schedule);
  spec.concurrency = settings.concurrency;
  spec.starting_deadline = settings.starting_deadline;
  spec.claim = settings.claim;
  spec.beside_claim = settings.beside_claim;
  if (settings.needs_kafka) spec.needs = {"kafka"};
  spec.parameters = {Law::constant(settings.run), 5_s};
  spec.slis = {{"fresh", settings.max_age, Duration(), std::nullopt}};
  ServiceSpec service;
  service.name = "backup";
  service.kind = service::find_kind("cronjob");
  service.controller = Controller::job;
  service.budget.reset();
  service.probes.emplace();
  PoolSpec pool;
  pool.name = "run";
  pool.roles = role_bit(0);
  pool.replicas = settings.parallelism;
  pool.node_group = "kafka-nodes";
  pool.cpu = 0.1;
  pool.memory = {1e8};
  pool.placement.anti_affinity = AntiAffinity::none;
  service.pools = {pool};
  JobSpec& job = service.job.emplace();
  job.completions = settings.completions;
  job.parallelism = settings.parallelism;
  job.places = settings.concurrency == cronjob::Concurrency::forbid ? 1 : 2;
  job.backoff_limit = settings.backoff_limit;
  job.active_deadline = settings.active_deadline;
  job.restarts_in_place = settings.restarts_in_place;
  job.claim = settings.claim;
  job.beside_claim = settings.beside_claim;
  service.own = sim::Value::of(std::move(spec));
  topology.services.push_back(service);
  return topology;
}

const cronjob::State& state_of(const World& world) { return cronjob::state_of(world.services[backup]); }

/// Something that nobody mends and no run needs: as long as all is not well CronJobs are played.
const std::vector<Action> ailing{action(0_s, Verb::process_stop, "kafka/controller-5")};

void set_managers(World& world, bool act) {
  kubernetes::ControlPlane now = world.kubernetes.control_plane;
  now.managers = act;
  kubernetes::control_plane_changed(world, now);
}

/// Plays on until the next record of that name, from that second on; its second.
double until(World& world, std::string_view event, double from, std::string_view component = {}) {
  const sim::Time limit = world.now + 60_h;
  while (!first(world, event, component, from)) {
    INFO(event);
    REQUIRE(step(world, limit));
  }
  return *first(world, event, component, from);
}

double seconds(sim::Time at) { return (at - origin).to_seconds(); }
sim::Time at_second(double second) { return origin + Duration::from_seconds(second); }

}  // namespace

TEST_CASE("cronjob: schedules whose starts are evenly apart are known, others are errors", "[cronjob]") {
  using cronjob::period_of;
  CHECK(period_of("0 2 * * *") == 24_h);
  CHECK(period_of("*/15 * * * *") == 15_min);
  CHECK(period_of("* * * * *") == 1_min);
  CHECK(period_of("30 */6 * * *") == 6_h);
  CHECK(period_of("0 3 * * 0") == 168_h);
  CHECK(period_of("@hourly") == 1_h);
  for (const char* odd :
       {"", "0 2 1 * *", "*/7 * * * *", "*/15 2 * * *", "0 */6 * * 1", "0 25 * * *", "0 2 * *", "0,30 * * * *"})
    CHECK(period_of(odd) == Duration());
}

TEST_CASE("cronjob: nothing of it is played in health, and no more once all is well again", "[cronjob]") {
  const Lab lab(design());
  World world = initial_world(lab.plan(), 1);
  run_until(world, world.now + 480_h);
  CHECK(world.events == 0);
  CHECK(world.queue.next_time() == sim::Time::never());
  World stirred = lab.play({action(0_s, Verb::process_kill, "kafka/broker-2")}, 1, 48_h);
  CHECK(healthy(stirred));
  CHECK_FALSE(first(stirred, "sli.lost", "backup/fresh"));
  CHECK_FALSE(state_of(stirred).awake);
}

// kubernetes/kubernetes pkg/controller/job/backoff_utils.go: 10 s, doubled with each failure, at most 10 min.
TEST_CASE("cronjob: the back-off of a Job doubles from 10 s to 10 min", "[cronjob]") {
  const kubernetes::Parameters parameters = models::testing::kubernetes_parameters();
  const std::vector<double> waits{10, 20, 40, 80, 160, 320, 600, 600};
  for (std::size_t i = 0; i < waits.size(); ++i)
    CHECK(kubernetes::job_backoff(static_cast<std::int64_t>(i) + 1, parameters).to_seconds() == waits[i]);
}

TEST_CASE("cronjob: a Job keeps its parallelism until its completions have succeeded", "[cronjob]") {
  Settings settings;
  settings.completions = 5;
  settings.parallelism = 2;
  const Lab lab(design(settings));
  World world = lab.play(ailing, 1, 1_s);
  const double begins = until(world, "k8s.job_begins", 1);
  run_until(world, at_second(begins) + 10_min);
  CHECK(count(world, "k8s.pod_succeeded") == 5);
  // Three rounds of a second, two seconds and a minute; what ends together is replaced together.
  CHECK(*first(world, "k8s.job_succeeded") - begins == Approx(3 * 63).margin(0.1));
}

namespace {

/// A NetworkPolicy cuts Kafka off, so that pods which need it try in vain. Until `length` after the start of the first
/// Job from then on.
World runs_in_vain(const Lab& lab, Duration length) {
  World world = lab.play({action(0_s, Verb::network_policy, "kafka")}, 3, 10_s);
  const double begins = until(world, "k8s.job_begins", 5);
  run_until(world, at_second(begins) + length);
  return world;
}

}  // namespace

TEST_CASE("cronjob: runs that start while their role is broken fail, the next one after it is mended succeeds",
          "[cronjob]") {
  Topology topology = design();
  ServiceSpec& service = topology.services.back();
  service.own.as<cronjob::Spec>().credentials = service.asks_for_credentials = true;
  const Lab lab(topology);
  World world = lab.play({action(0_s, Verb::broken_role, "backup")}, 3, 10_s);
  const double begins = until(world, "k8s.job_begins", 5);
  run_until(world, at_second(begins) + 10_min);
  CHECK(first(world, "k8s.pod_failed", {}, begins));
  CHECK_FALSE(first(world, "k8s.pod_succeeded", {}, begins));
  faults::role_restored(world, lab.plan().services[backup].members.front());
  CHECK(until(world, "k8s.job_succeeded", begins + 600) > begins + 600);
}

// backoffLimit 3 bears three failures: the fourth ends the Job. Pods try for 5 s each; two run at a time and fail
// together, and the next two come after the back-off for two failures, 20 s.
TEST_CASE("cronjob: with restartPolicy Never failed pods are replaced after the back-off, until too many have failed",
          "[cronjob]") {
  Settings settings;
  settings.needs_kafka = true;
  settings.completions = 4;
  settings.parallelism = 2;
  settings.backoff_limit = 3;
  const Lab lab(design(settings));
  const World world = runs_in_vain(lab, 10_min);
  const double begins = *first(world, "k8s.job_begins", {}, 5);
  REQUIRE(first(world, "k8s.pod_failed", {}, begins));
  const double failed = *first(world, "k8s.pod_failed", {}, begins);
  CHECK(failed - begins == Approx(1 + 2 + 5).margin(0.1));
  REQUIRE(first(world, "k8s.pod_created", {}, failed + 0.001));
  const double again = *first(world, "k8s.pod_created", {}, failed + 0.001);
  CHECK(again - failed == Approx(20).margin(0.1));
  REQUIRE(first(world, "k8s.job_failed"));
  CHECK(*first(world, "k8s.job_failed") - again == Approx(1 + 2 + 5).margin(0.2));
  CHECK(count(world, "k8s.pod_failed") == 4);
}

namespace {

/// Seconds that a Job waits after each of three failures in a row, and, once a pod has succeeded, of two more.
std::vector<double> waits_of_job() {
  Settings settings;
  settings.completions = 3;
  settings.backoff_limit = 10;
  const Lab lab(design(settings));
  World world = lab.play(ailing, 1, 1_s);
  std::vector<double> waits;
  double at = until(world, "k8s.job_begins", 1);
  const auto fail = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const double running = at + 4;
      run_until(world, at_second(running));
      act(world, Verb::process_kill, "backup/run-0");
      at = until(world, "k8s.pod_created", running + 0.001);
      waits.push_back(at - running);
    }
  };
  fail(3);
  at = until(world, "k8s.pod_succeeded", at);
  at = until(world, "k8s.pod_created", at);
  fail(2);
  until(world, "k8s.job_succeeded", at);
  return waits;
}

bool near(const std::vector<double>& waits, const std::vector<double>& expected) {
  return std::ranges::equal(waits, expected, [](double a, double b) { return std::abs(a - b) < 0.1; });
}

}  // namespace

// backoff_utils.go, newBackoffRecord: failures since the last success (failuresAfterLastSuccess).
TEST_CASE("cronjob: a pod that succeeds lets the back-off of its Job begin anew", "[cronjob]") {
  CHECK(near(waits_of_job(), {10, 20, 40, 10, 20}));
  active_mutation = Mutation::success_forgotten;
  const std::vector<double> wrong = waits_of_job();
  active_mutation = Mutation::none;
  CHECK(near(wrong, {10, 20, 40, 80, 160}));
}

// pastBackoffLimitOnFailure counts restarts: as many as the limit end the Job.
TEST_CASE("cronjob: with restartPolicy OnFailure containers restart in their pod, and the Job counts restarts",
          "[cronjob]") {
  Settings settings;
  settings.needs_kafka = true;
  settings.restarts_in_place = true;
  settings.backoff_limit = 2;
  const Lab lab(design(settings));
  const World world = runs_in_vain(lab, 30_min);
  CHECK(count(world, "k8s.job_failed") == 1);
  CHECK(count(world, "k8s.container_restarted") == 2);
  CHECK(count(world, "k8s.pod_failed") == 0);
}

TEST_CASE("cronjob: a Job that has not succeeded by its deadline has failed", "[cronjob]") {
  Settings settings;
  settings.needs_kafka = true;
  settings.restarts_in_place = true;
  settings.backoff_limit = 1000;
  settings.active_deadline = 20_min;
  const Lab lab(design(settings));
  const World world = runs_in_vain(lab, 25_min);
  REQUIRE(first(world, "k8s.job_failed"));
  CHECK(*first(world, "k8s.job_failed") - *first(world, "k8s.job_begins", {}, 5) == Approx(1200).margin(0.001));
  for (const ProcessId process : world.plan->services[backup].members)
    CHECK(world.kubernetes.pods[process].object == kubernetes::PodObject::gone);
}

// A run that was due while no controller manager acted starts as soon as one does, unless that is later than its
// starting deadline; those due before it are not made up for.
TEST_CASE("cronjob: while the controller manager is away nothing starts, and then the last due run at most",
          "[cronjob]") {
  const auto away = [](Duration starting_deadline) {
    Settings settings;
    settings.starting_deadline = starting_deadline;
    const Lab lab(design(settings));
    World world = lab.play(ailing, 1, 2_min);
    set_managers(world, false);
    const sim::Time due = sim::Grid{state_of(world).origin, 1_h}.after(world.now) + 2_h;
    run_until(world, due + 600_s);
    CHECK_FALSE(first(world, "k8s.job_begins", {}, 121));
    set_managers(world, true);
    return until(world, "k8s.job_begins", 121) - seconds(due);
  };
  CHECK(away(Duration()) == Approx(600).margin(0.001));
  CHECK(away(15_min) == Approx(600).margin(0.001));
  CHECK(away(5_min) == Approx(3600).margin(0.001));
}

// A run is due every hour, and the last success may be 75 min old.
TEST_CASE("cronjob: an SLI of freshness is lost at the age of the last success, and back with the next", "[cronjob]") {
  const Lab lab(design());
  World world = lab.play(ailing, 1, 2_min);
  set_managers(world, false);
  const sim::Time last = state_of(world).succeeded;
  const double lost = until(world, "sli.lost", 0, "backup/fresh");
  CHECK(lost == Approx(seconds(last) + 4500).margin(0.001));
  set_managers(world, true);
  const double back = until(world, "sli.restored", lost, "backup/fresh");
  CHECK(back == Approx(*first(world, "k8s.job_succeeded", {}, lost)));
}

TEST_CASE("cronjob: with Forbid a run waits for the last one, with Replace it takes its place", "[cronjob]") {
  Settings settings;
  settings.schedule = "*/15 * * * *";
  settings.run = 20_min;
  settings.max_age = 2_h;
  const Lab forbid(design(settings));
  World waits = forbid.play(ailing, 1, 2_min);
  const double begins = until(waits, "k8s.job_begins", 121);
  const double skipped = until(waits, "cronjob.skipped", begins);
  CHECK(skipped - begins <= 900);
  const double next = until(waits, "k8s.job_begins", begins + 1);
  CHECK(next - begins == Approx(1200 + 3).margin(0.1));  // as soon as the last has ended
  settings.concurrency = cronjob::Concurrency::replace;
  const Lab replace(design(settings));
  World replaced = replace.play(ailing, 1, 2_min);
  const double first_one = until(replaced, "k8s.job_begins", 121);
  run_until(replaced, at_second(first_one) + 2_h);
  CHECK(count(replaced, "k8s.job_succeeded") <= 1);  // but one that was under way
  CHECK(count(replaced, "cronjob.replaced") >= 7);
}

// The claim of another pod is ReadWriteOnce: on its machine both mount it.
TEST_CASE("cronjob: a guest keeps the volume attached to its machine", "[cronjob]") {
  Settings settings;
  settings.claim = "kafka/broker-0";
  settings.run = 30_min;
  settings.max_age = 3_h;
  const Lab lab(design(settings));
  World world = lab.play(ailing, 1, 2_min);
  const double begins = until(world, "k8s.job_begins", 121);
  const ProcessId guest = world.plan->services[backup].members[0];
  const ProcessId host = world.plan->services[kafka].members[0];
  run_until(world, at_second(begins) + 1_min);
  REQUIRE(world.processes[guest].status == ProcessState::Status::running);
  CHECK(world.processes[guest].node == world.processes[host].node);
  kubernetes::delete_pod(world, host);
  const VolumeId volume = world.plan->processes[host].volume;
  run_until(world, world.now + 10_min);
  CHECK(world.kubernetes.volumes[volume].attachment == kubernetes::Attachment::attached);
  CHECK(count(world, "k8s.volume_detached") == 0);
  CHECK(world.processes[host].status == ProcessState::Status::running);
}

TEST_CASE("cronjob: with several machines a zone a claim needs a word about where, or waits for good", "[cronjob]") {
  Settings settings;
  settings.claim = "kafka/broker-0";
  Topology topology = design(settings);
  topology.node_groups.front().nodes_per_zone = 2;
  try {
    build_plan(topology, 1);
    FAIL("the run would wait for its volume");
  } catch (const std::invalid_argument& found) {
    CHECK(std::string(found.what()).find("Multi-Attach") != std::string::npos);
  }
  settings.beside_claim = true;
  Topology beside = design(settings);
  beside.node_groups.front().nodes_per_zone = 2;
  const Lab lab(std::move(beside));
  // Its machine is lost: pod and volume come back on another one, and the next run goes there too.
  World world = lab.play({ailing.front(), action(0_s, Verb::node_loss, "kafka/broker-0")}, 1, 6_h);
  const ProcessId host = world.plan->services[kafka].members[0];
  CHECK(world.processes[host].status == ProcessState::Status::running);
  CHECK(world.processes[world.plan->services[backup].members[0]].node == world.processes[host].node);
  CHECK(count(world, "k8s.job_succeeded") >= 1);
}

TEST_CASE("cronjob: random faults leave no run that neither ends nor is given up", "[cronjob]") {
  Settings settings;
  settings.claim = "kafka/broker-0";
  settings.beside_claim = true;
  settings.needs_kafka = true;
  settings.active_deadline = 45_min;
  settings.run = 10_min;
  Topology topology = design(settings);
  topology.people = models::testing::people_parameters();
  const Lab lab(std::move(topology));
  const std::vector<Verb> verbs{Verb::node_crash, Verb::node_loss, Verb::process_kill, Verb::delete_pod};
  for (std::uint64_t run = 1; run <= 40; ++run) {
    std::vector<Action> script;
    const Verb verb = verbs[run % verbs.size()];
    const std::string target = run % 3 == 0 ? "backup/run-0" : run % 3 == 1 ? "kafka/broker-0" : "kafka/broker-1";
    for (int i = 0; i < 4; ++i)
      script.push_back(action(Duration::seconds(i * 1100 * static_cast<int>(run % 5 + 1)), verb, target));
    const World world = lab.play(script, run, 48_h);
    INFO(run << " " << target);
    CHECK(healthy(world));
    for (const ProcessId process : world.plan->services[backup].members) {
      CHECK(world.kubernetes.pods[process].parked);
      CHECK(world.processes[process].status == ProcessState::Status::absent);
    }
  }
}

}  // namespace cronjob_test
