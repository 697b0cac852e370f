// Rolling updates of Deployments that start pods beside the old ones (maxSurge). Source: kubernetes/kubernetes
// pkg/controller/deployment/rolling.go and util/deployment_util.go (ResolveFenceposts).
#include "models/kubernetes/rollout.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/platform.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/world_actions.hpp"

namespace rollout_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

const WorkloadId web = WorkloadId::of(0);

/// Pods and available ones, at most and at least, over a whole play.
struct Extremes {
  std::int64_t pods = 0;
  std::int64_t ready = 1'000'000;
};

std::int64_t pods_now(const World& world) {
  return std::ranges::count_if(world.plan->workloads[web].pods,
                               [&](ProcessId process) { return !world.kubernetes.pods[process].parked; });
}

std::int64_t ready_now(const World& world) {
  return std::ranges::count_if(world.plan->workloads[web].pods,
                               [&](ProcessId process) { return kubernetes::pod_ready(world, process); });
}

Extremes watch(World& world, Duration length) {
  Extremes seen;
  const sim::Time end = world.now + length;
  while (step(world, end)) {
    seen.pods = std::max(seen.pods, pods_now(world));
    seen.ready = std::min(seen.ready, ready_now(world));
  }
  return seen;
}

/// A new pod is bound after 50 ms and started 4 s later, its image there; without probes it is Ready then.
Topology rolls(std::int64_t servers, double surge, double unavailable) {
  HttpSettings settings;
  settings.servers = servers;
  settings.machines_a_zone = servers;
  Topology topology = http_topology(settings);
  topology.kubernetes.deployment_max_surge = surge;
  topology.kubernetes.deployment_max_unavailable = unavailable;
  topology.kubernetes.pod_schedule = Law::constant(50_ms);
  topology.kubernetes.pod_start = Law::constant(4_s);
  return topology;
}
/// As many machines as three pods need, and an Auto Scaling group launches no further one for a pod.
void one_machine_a_zone(Topology& topology) {
  NodeGroupSpec& group = topology.node_groups[0];
  group.nodes_per_zone = 1;
  group.provisioner = Provisioner::asg;
  group.interruption = Interruption::none;
}

constexpr double pod_takes = 4.05;

}  // namespace

TEST_CASE("rollout: surge is rounded up, unavailable down, and both are never 0", "[rollout][oracle]") {
  kubernetes::Parameters p = small_topology().kubernetes;
  const auto limits = [&](std::int64_t replicas, double surge, double unavailable) {
    p.deployment_max_surge = surge;
    p.deployment_max_unavailable = unavailable;
    const kubernetes::RollLimits found = kubernetes::roll_limits(p, replicas);
    return std::pair(found.surge, found.unavailable);
  };
  using Limits = std::pair<std::int64_t, std::int64_t>;
  CHECK(limits(10, 0.25, 0.25) == Limits{3, 2});  // K17
  CHECK(limits(1, 0.25, 0.25) == Limits{1, 0});
  CHECK(limits(3, 0.25, 0.25) == Limits{1, 0});
  CHECK(limits(4, 0.25, 0.25) == Limits{1, 1});
  CHECK(limits(10, 0.3, 0.3) == Limits{3, 3});  // 10 x 0.3 is a whole number
  CHECK(limits(3, 0, 0.25) == Limits{0, 1});
  CHECK(limits(3, 0, 0) == Limits{0, 1});
  CHECK(limits(0, 0.25, 0.25) == Limits{0, 1});
}

TEST_CASE("rollout: ten pods at 25 % are at most 13 and at least 8 available, and new in two waves",
          "[rollout][oracle]") {
  const Lab lab(rolls(10, 0.25, 0.25));
  World world = lab.prepare({action(0_s, Verb::rolling_restart, "web")}, 1);
  const Extremes seen = watch(world, 10_min);
  CHECK(seen.pods == 13);
  CHECK(seen.ready == 8);
  // At once three more, two fewer and two more: five are new. When they are Ready five old ones go and five come.
  CHECK(*first(world, "k8s.roll_finished") == Approx(2 * pod_takes).margin(1e-6));
  CHECK(count(world, "k8s.pod_created") == 10);
  CHECK(kubernetes::healthy(world));
  CHECK(healthy(world));
  CHECK(kubernetes::expected_pods(world, web) == 10);
}

TEST_CASE("rollout: with maxUnavailable 0 there are never fewer, and one after the other is replaced",
          "[rollout][oracle]") {
  const Lab lab(rolls(3, 0.25, 0));
  World world = lab.prepare({action(0_s, Verb::rolling_restart, "web")}, 1);
  const Extremes seen = watch(world, 10_min);
  CHECK(seen.pods == 4);
  CHECK(seen.ready == 3);
  CHECK(*first(world, "k8s.roll_finished") == Approx(3 * pod_takes).margin(1e-6));
  CHECK(healthy(world));
}

TEST_CASE("rollout: twice in a row ends as it began", "[rollout]") {
  const Lab lab(rolls(5, 0.25, 0.25));
  World world = lab.prepare({action(0_s, Verb::rolling_restart, "web"), action(2_s, Verb::rolling_restart, "web"),
                             action(300_s, Verb::rolling_restart, "web")},
                            1);
  const Extremes seen = watch(world, 20_min);
  CHECK(seen.pods <= 7);
  CHECK(seen.ready >= 4);
  CHECK(pods_now(world) == 5);
  CHECK(count(world, "k8s.roll_finished") == 2);
  CHECK(healthy(world));
}

TEST_CASE("rollout: a pod beside the others that fits nowhere is Pending, and the roll waits", "[rollout]") {
  // As many pods as machines, each for itself: nothing stops before the new pod is there, and it has nowhere to go.
  Topology topology = rolls(3, 0.25, 0.25);
  one_machine_a_zone(topology);
  topology.people.on_call = 0;
  const Lab alone(topology);
  World world = alone.prepare({action(0_s, Verb::rolling_restart, "web")}, 1);
  const Extremes seen = watch(world, 2_h);
  CHECK(seen.ready == 3);
  CHECK(count(world, "k8s.pending.anti_affinity") == 1);
  CHECK(count(world, "k8s.pod_updated") == 0);
  CHECK(*first(world, "k8s.roll_stalled") == Approx(600));
  CHECK_FALSE(healthy(world));
  // People undo it: noticed, engaged, identified, undone.
  topology.people = small_topology().people;
  for (Law* law : {&topology.people.notice, &topology.people.engage, &topology.people.identify_change,
                   &topology.people.repair_rollback})
    *law = Law::constant(1_min);
  const Lab staffed(topology);
  World mended = staffed.prepare({action(0_s, Verb::rolling_restart, "web")}, 1);
  CHECK(watch(mended, 2_h).ready == 3);
  CHECK(*first(mended, "people.roll_undone") == Approx(600 + 240));
  CHECK(healthy(mended));
  CHECK(pods_now(mended) == 3);
  // With maxUnavailable 1 a machine becomes free, as the advice goes.
  topology.kubernetes.deployment_max_unavailable = 0.34;
  const Lab roomy(topology);
  const World done = roomy.play({action(0_s, Verb::rolling_restart, "web")}, 1, 1_h);
  CHECK(count(done, "k8s.roll_finished") == 1);
  CHECK(count(done, "k8s.roll_stalled") == 0);
}

TEST_CASE("rollout: a pod that is deleted meanwhile makes room for the one that waits, and waits itself", "[rollout]") {
  Topology topology = rolls(3, 0.25, 0.25);
  one_machine_a_zone(topology);
  topology.people.on_call = 0;
  const Lab lab(topology);
  World world =
      lab.prepare({action(0_s, Verb::rolling_restart, "web"), action(60_s, Verb::delete_pod, "web/server-0")}, 1);
  const Extremes seen = watch(world, 1_h);
  CHECK(seen.ready == 2);
  CHECK(ready_now(world) == 3);
  CHECK(pods_now(world) == 4);
  CHECK(count(world, "k8s.roll_finished") == 0);
  // The pod that got the machine counted as progress, ten minutes before.
  CHECK(*first(world, "k8s.roll_stalled") > 600);
}

TEST_CASE("rollout: a broken revision takes what maxUnavailable lets it, and a roll back mends it", "[rollout]") {
  Topology topology = rolls(10, 0.25, 0.25);
  topology.people = small_topology().people;
  topology.changes.broken_start = Law::constant(1_s);
  ProbesSpec probes;
  probes.readiness = ProbeSpec{};
  topology.services[0].probes = probes;
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::bad_rollout, "web", Variant::stops)}, 1);
  const Extremes seen = watch(world, 12_h);
  CHECK(seen.pods == 13);
  CHECK(seen.ready == 8);
  CHECK(count(world, "people.rolled_back") == 1);
  CHECK(pods_now(world) == 10);
  CHECK(healthy(world));
}

TEST_CASE("rollout: a change whose pods never start shows at the progress deadline", "[rollout]") {
  Topology topology = rolls(3, 0.25, 0.25);
  one_machine_a_zone(topology);
  topology.people = small_topology().people;
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::bad_rollout, "web", Variant::stops)}, 1, 12_h);
  CHECK(count(world, "k8s.broken_container_exited") == 0);
  CHECK(*first(world, "k8s.roll_stalled") == Approx(600));
  CHECK(count(world, "people.rolled_back") == 1);
  CHECK(count(world, "people.roll_undone") == 0);
  CHECK(downtime(world, "request") == 0);
  CHECK(healthy(world));
}

TEST_CASE("rollout: an upgrade that is repaired and has no room for another pod is undone", "[rollout]") {
  Topology topology = rolls(3, 0.25, 0.25);
  one_machine_a_zone(topology);
  topology.people = small_topology().people;
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 10; ++run) {
    const World world = lab.play({action(0_s, Verb::failed_upgrade, "web")}, run, 24_h);
    CHECK(count(world, "people.upgrade_repaired") == 1);
    CHECK(count(world, "people.roll_undone") == 1);
    CHECK(*first(world, "k8s.roll_stalled") == Approx(600));
    CHECK(count(world, "k8s.roll_stalled") == 2);
    CHECK(downtime(world, "request") == 0);
    CHECK(healthy(world));
  }
}

TEST_CASE("rollout: pods whose image cannot be pulled are never available, even without probes", "[rollout]") {
  Topology topology = rolls(3, 0.25, 0.25);
  topology.people = small_topology().people;
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::bad_rollout, "web", Variant::image)}, 1);
  const Extremes seen = watch(world, 12_h);
  CHECK(seen.pods == 4);
  CHECK(seen.ready == 3);                                         // one beside the others, and none of these may go
  CHECK(*first(world, "k8s.image_pull_failed") == Approx(1.05));  // bound after 50 ms, a second for the attempt
  CHECK(count(world, "people.rolled_back") == 1);
  CHECK(pods_now(world) == 3);
  CHECK(healthy(world));
  // A tenth as many more, and a quarter fewer: what maxUnavailable gives away is lost.
  Topology many = rolls(10, 0.25, 0.25);
  many.people = small_topology().people;
  const Lab larger(many);
  World ten = larger.prepare({action(0_s, Verb::bad_rollout, "web", Variant::image)}, 1);
  const Extremes of_ten = watch(ten, 12_h);
  CHECK(of_ten.pods == 13);
  CHECK(of_ten.ready == 8);
  CHECK(healthy(ten));
}

TEST_CASE("rollout: an upgrade fails with one of its pods, whichever place that has", "[rollout]") {
  Topology topology = rolls(4, 0.25, 0.25);
  topology.people = small_topology().people;
  topology.changes.broken_start = Law::constant(1_s);
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::failed_upgrade, "web")}, run, 24_h);
    std::size_t broken = 0;
    for (const ProcessId process : lab.plan().workloads[web].pods) {
      const std::string_view name = lab.plan().name(lab.plan().processes[process].component);
      broken += first(world, "k8s.broken_container_exited", name).has_value();
    }
    CHECK(broken == 1);
    CHECK(count(world, "people.upgrade_repaired") == 1);
    CHECK(healthy(world));
  }
}

TEST_CASE("rollout: an upgrade fails with its pod whichever of the service's workloads ends its roll first",
          "[rollout]") {
  Topology topology = rolls(4, 0.25, 0.25);
  topology.people = small_topology().people;
  topology.changes.broken_start = Law::constant(1_s);
  PoolSpec named = topology.services[0].pools[0];
  named.name = "named";
  named.replicas = 3;
  named.controller = Controller::stateful_set;
  topology.services[0].pools.push_back(named);
  const Lab lab(topology);
  REQUIRE(lab.plan().workloads.size() == 2);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::failed_upgrade, "web")}, run, 24_h);
    CHECK(count(world, "k8s.broken_container_exited") > 0);
    CHECK(count(world, "people.upgrade_repaired") == 1);
    CHECK(healthy(world));
  }
}

TEST_CASE("rollout: an autoscaler and a roll leave as many pods as are wanted", "[rollout][invariants]") {
  HttpSettings settings;
  settings.servers = 3;
  settings.machines_a_zone = 4;
  settings.requests_per_s = 390;
  settings.capacity_per_pod = 200;
  AutoscalerSpec autoscaler;
  autoscaler.max = 8;
  autoscaler.metric = ScalingMetric::requests;
  autoscaler.target = 130;
  settings.autoscaler = autoscaler;
  const Lab lab(http_topology(settings));
  for (std::uint64_t run = 0; run < 60; ++run) {
    Dice dice(run);
    std::vector<Action> script;
    for (int i = 0; i < 6; ++i) {
      const Duration at = Duration::seconds(static_cast<std::int64_t>(dice.below(1800)));
      switch (dice.below(3)) {
        case 0: script.push_back(action(at, Verb::rolling_restart, "web")); break;
        case 1: {
          Action change = action(at, Verb::load_change, "web", 600_s);
          change.factor = 0.4 + 0.2 * static_cast<double>(dice.below(10));
          script.push_back(change);
          break;
        }
        default: script.push_back(action(at, Verb::delete_pod, "random(web/servers)"));
      }
    }
    std::ranges::stable_sort(script, {}, &Action::at);
    World world = lab.prepare(script, run);
    const sim::Time end = world.now + 3_h;
    while (step(world, end)) {
      const std::int64_t wanted = kubernetes::expected_pods(world, web);
      CHECK((wanted >= 1 && wanted <= 8));
      CHECK(pods_now(world) <= wanted + 2);
    }
    CHECK(kubernetes::expected_pods(world, web) == 3);
    CHECK(pods_now(world) == 3);
    CHECK(healthy(world));
  }
}

}  // namespace rollout_test
