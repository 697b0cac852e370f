// Pods of a stateless service whose number changes: loads, metrics, autoscalers.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/world_actions.hpp"

namespace autoscaler_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

const WorkloadId web = WorkloadId::of(0);

/// Three pods at 65 % of a target of 70 %, on machines with room for `most`: 390 requests per second, 200 a pod.
HttpSettings scaled(std::int64_t most = 10, bool behavior = false) {
  HttpSettings settings;
  settings.requests_per_s = 390;
  settings.capacity_per_pod = 200;
  settings.machines_a_zone = 4;
  settings.tolerance = 0.9;
  settings.anti_affinity = AntiAffinity::preferred;
  settings.autoscaler = AutoscalerSpec{1, most, ScalingMetric::cpu, 0.7, behavior};
  return settings;
}

Action load(Duration at, double factor, std::optional<Duration> duration = {}) {
  Action step = action(at, Verb::load_change, "web", duration);
  step.factor = factor;
  return step;
}

std::int64_t wanted(const World& world) { return kubernetes::expected_pods(world, web); }

std::size_t running(const World& world) {
  std::size_t count = 0;
  for (const ProcessId process : world.plan->processes.ids())
    count += world.processes[process].status == ProcessState::Status::running;
  return count;
}

}  // namespace

TEST_CASE("autoscaler: at rest nothing happens, and parked pods are nowhere", "[autoscaler]") {
  const Lab lab(http_topology(scaled()));
  REQUIRE(lab.plan().processes.size() == 18);
  const World world = lab.play({}, 1, 24_h);
  CHECK(healthy(world));
  CHECK(world.events == 0);
  CHECK(wanted(world) == 3);
  CHECK(running(world) == 3);
  for (const FaultSource& source : lab.plan().faults) {
    if (source.verb == Verb::process_kill)
      CHECK(source.dormant == lab.plan().processes[ProcessId{source.index}].parked);
  }
}

TEST_CASE("autoscaler: a surge is met in steps, and given up after the stabilisation", "[autoscaler][oracle]") {
  const Lab lab(http_topology(scaled()));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({load(0_s, 3, 30_min)}, run, 2_h);
    // Metrics are read every 15 s, the first time perhaps too early to see enough, and reviewed every 15 s.
    const double up = *first(world, "k8s.replicas_raised", "web");
    CHECK(up > 0);
    CHECK(up <= 45);
    // 1170 requests per second need 5.85 pods.
    const auto short_of = outages(world, "capacity");
    REQUIRE_FALSE(short_of.empty());
    CHECK(short_of.front().first == Approx(0).margin(1e-9));
    const double down = *first(world, "k8s.replicas_lowered", "web");
    CHECK(down > 1800 + 285);
    CHECK(down <= 1800 + 300 + 30);
    // Where it rests: within the tolerance of 70 %, from above. ceil keeps 4 pods at 48 %: 48 / 70 * 4 = 2.7, so 3.
    CHECK(wanted(world) == 3);
    CHECK(running(world) == 3);
    CHECK(healthy(world));
  }
}

TEST_CASE("autoscaler: a pod goes up by the double or to four, with behavior by the double or by four more",
          "[autoscaler][oracle]") {
  for (const bool behavior : {false, true}) {
    HttpSettings settings = scaled(10, behavior);
    settings.autoscaler->metric = ScalingMetric::requests;  // asks for all at once
    settings.autoscaler->target = 130;
    const Lab lab(http_topology(settings));
    World world = lab.prepare({load(0_s, 3.3)}, 1);
    std::vector<std::int64_t> counts{3};
    while (step(world, origin + 5_min)) {
      if (wanted(world) != counts.back()) counts.push_back(wanted(world));
    }
    CHECK(counts == (behavior ? std::vector<std::int64_t>{3, 7, 10} : std::vector<std::int64_t>{3, 6, 10}));
  }
}

TEST_CASE("autoscaler: without metrics there is no decision", "[autoscaler]") {
  const Lab lab(http_topology(scaled()));
  const World world = lab.play({action(0_s, Verb::metrics_outage, "web", 20_min), load(60_s, 2, 40_min)}, 3, 60_min);
  CHECK(*first(world, "k8s.replicas_raised", "web") >= 1200);
  CHECK(*first(world, "k8s.replicas_raised", "web") <= 1200 + 45);  // two readings, and a review
  CHECK(count(world, "k8s.metrics_missing") == 1);
  CHECK_FALSE(first(world, "k8s.replicas_lowered", "web", 0).value_or(1e9) < 1200);
}

TEST_CASE("autoscaler: an external metric of 0 brings the service to its minimum", "[autoscaler]") {
  HttpSettings settings = scaled();
  settings.autoscaler->metric = ScalingMetric::requests;
  settings.autoscaler->target = 130;
  const Lab lab(http_topology(settings));
  Action zero = action(0_s, Verb::metrics_outage, "web", Variant::zero);
  zero.duration = 20_min;
  const World world = lab.play({zero}, 1, 19_min);
  CHECK(*first(world, "k8s.replicas_lowered", "web") > 300 - 15);
  CHECK(*first(world, "k8s.replicas_lowered", "web") <= 315);
  CHECK(wanted(world) == 1);
  CHECK(downtime(world, "capacity") > 700);
  const World later = lab.play({zero}, 1, 40_min);
  CHECK(wanted(later) == 3);
  CHECK(healthy(later));
}

TEST_CASE("autoscaler: metrics of some pods damp the decision", "[autoscaler]") {
  Action some = action(0_s, Verb::metrics_outage, "web", 1_h);
  some.extent = 0.5;
  const Lab lab(http_topology(scaled()));
  // Whatever half of them is hidden: what the calculator makes of it comes later or less than without an outage.
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World with = lab.play({some, load(60_s, 1.4)}, run, 5_min);
    const World without = lab.play({load(60_s, 1.4)}, run, 5_min);
    CHECK(wanted(with) <= wanted(without));
    CHECK(wanted(without) == 4);
  }
}

TEST_CASE("autoscaler: scaled to zero by a person, it does nothing", "[autoscaler]") {
  const Lab lab(http_topology(scaled()));
  const World world = lab.play({action(0_s, Verb::wrong_command, "web", Variant::service), load(10_s, 3)}, 1, 50_s);
  CHECK_FALSE(first(world, "k8s.replicas_raised"));
  CHECK(running(world) == 0);
}

TEST_CASE("autoscaler: a budget counts the pods of now", "[autoscaler]") {
  HttpSettings settings = scaled();
  const Lab lab(http_topology(settings));
  World world = lab.prepare({load(0_s, 3)}, 1);
  run_until(world, origin + 20_min);
  const std::int64_t pods = wanted(world);
  REQUIRE(pods > 6);
  CHECK(kubernetes::disruptions_allowed(pods, pods, DisruptionBudget::at_most(1)) == 1);
  // Five of the machines are drained: one pod at a time is away.
  act(world, Verb::drain, "all(nodes)");
  while (step(world, origin + 3_h)) {
    std::int64_t ready = 0;
    for (const ProcessId process : world.plan->workloads[web].pods) ready += kubernetes::pod_ready(world, process);
    REQUIRE(ready >= wanted(world) - 1);
  }
}

TEST_CASE("autoscaler: random schedules: as many pods as are wanted in the end, never more than the maximum",
          "[autoscaler][invariants]") {
  const Lab lab(http_topology(scaled()));
  const std::vector<std::string> pods{"random(web)", "web/server-0", "web/server-7"};
  for (std::uint64_t run = 0; run < 150; ++run) {
    INFO("run " << run);
    Dice dice(run);
    std::vector<Action> script;
    for (std::size_t i = 0; i < 8; ++i) {
      const Duration at = Duration::from_seconds(dice.uniform() * 3000);
      const Duration lasts = Duration::from_seconds(60 + dice.uniform() * 900);
      switch (dice.below(6)) {
        case 0: script.push_back(load(at, dice.uniform() * 4, lasts)); break;
        case 1: script.push_back(action(at, Verb::metrics_outage, "web", lasts)); break;
        case 2: script.push_back(action(at, Verb::node_crash, pods[dice.below(2)], lasts)); break;
        case 3: script.push_back(action(at, Verb::process_kill, pods[dice.below(3)])); break;
        case 4: script.push_back(action(at, Verb::zone_power_loss, "us-west-2a", lasts)); break;
        default: script.push_back(action(at, Verb::drain, pods[0])); break;
      }
    }
    World world = lab.prepare(script, run);
    while (step(world, origin + 20_h)) {
      REQUIRE(wanted(world) >= 1);
      REQUIRE(wanted(world) <= 10);
      for (const ProcessId process : world.plan->processes.ids()) {
        const kubernetes::PodState& pod = world.kubernetes.pods[process];
        if (pod.parked) REQUIRE(pod.object == kubernetes::PodObject::gone);
      }
      if (world.faults.actions_left == 0 && healthy(world)) break;
    }
    CHECK(healthy(world));
    CHECK(running(world) == static_cast<std::size_t>(wanted(world)));
  }
}

}  // namespace autoscaler_test
