// Node groups that grow and shrink: the Cluster Autoscaler and Karpenter.
#include "models/kubernetes/group_scaling.hpp"

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

namespace group_scaling_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

const WorkloadId web = WorkloadId::of(0);

/// Three machines of two processors over the zones, at most six; three pods of one processor, at most ten.
Topology elastic(Provisioner provisioner, std::int64_t most = 6) {
  HttpSettings settings;
  settings.requests_per_s = 390;
  settings.capacity_per_pod = 200;
  settings.tolerance = 0.9;
  settings.anti_affinity = AntiAffinity::preferred;
  settings.autoscaler = AutoscalerSpec{1, 10, ScalingMetric::cpu, 0.7, false};
  settings.provisioner = provisioner;
  settings.scaling = GroupScaling{provisioner == Provisioner::asg ? 1 : 0, 3, most};
  Topology topology = http_topology(settings);
  topology.node_groups[0].instance.vcpu = 2;
  topology.infrastructure.node_provision_asg = Law::constant(90_s);
  topology.infrastructure.node_provision_karpenter = Law::constant(50_s);
  topology.infrastructure.capacity_failure_probability = 0;
  // Keeps Karpenter from packing them.
  if (provisioner == Provisioner::karpenter)
    topology.services[0].pools[0].placement.spread = {{Domain::zone, 1, Unsatisfiable::do_not_schedule}};
  return topology;
}

Action load(Duration at, double factor, std::optional<Duration> duration = {}) {
  Action step = action(at, Verb::load_change, "web", duration);
  step.factor = factor;
  return step;
}

std::int64_t machines(const World& world) {
  std::int64_t count = 0;
  for (const NodeId node : world.plan->nodes.ids()) count += infrastructure::node_up(world, node);
  return count;
}

/// Machines that exist, or are on their way.
std::int64_t paid(const World& world) {
  std::int64_t count = 0;
  for (const NodeId node : world.plan->nodes.ids()) {
    const kubernetes::NodeState& state = world.kubernetes.nodes[node];
    count += !state.gone || state.ordered;
  }
  return count;
}

std::int64_t pending(const World& world) {
  std::int64_t count = 0;
  for (const ProcessId process : world.plan->processes.ids())
    count += world.kubernetes.pods[process].object == kubernetes::PodObject::pending;
  return count;
}

}  // namespace

TEST_CASE("node groups: at rest nothing happens, and empty slots cost and break nothing", "[elastic]") {
  for (const Provisioner provisioner : {Provisioner::asg, Provisioner::karpenter}) {
    const Lab lab(elastic(provisioner));
    CHECK(lab.plan().nodes.size() == 18);  // any zone may have to take all
    CHECK_FALSE(kubernetes::restless_machine(lab.plan()));
    const World world = lab.play({}, 1, 24_h);
    CHECK(healthy(world));
    CHECK(world.events == 0);
    CHECK(machines(world) == 3);
    for (const FaultSource& source : lab.plan().faults) {
      if (source.verb == Verb::node_crash) CHECK(source.dormant == lab.plan().nodes[NodeId{source.index}].parked);
    }
  }
}

TEST_CASE("node groups: pods that fit nowhere bring machines, and machines go when they are not needed",
          "[elastic][oracle]") {
  const Lab lab(elastic(Provisioner::asg));
  for (std::uint64_t run = 0; run < 10; ++run) {
    World world = lab.prepare({load(0_s, 3, 1_h)}, run);
    run_until(world, origin + 50_min);
    // 1170 requests per second at 70 % of 200: at least nine pods; two a machine.
    CHECK(kubernetes::expected_pods(world, web) >= 8);
    CHECK(pending(world) == 0);
    CHECK(machines(world) == (kubernetes::expected_pods(world, web) + 1) / 2);
    const double unschedulable = *first(world, "k8s.pod_unschedulable");
    const double grows = *first(world, "k8s.group_grows");
    CHECK(grows - unschedulable <= 10);
    CHECK(*first(world, "k8s.node_provisioned") == Approx(grows + 90).margin(1e-6));
    run_until(world, origin + 4_h);
    // Pods go 300 s after the load, machines 600 s after their pods.
    CHECK(*first(world, "k8s.machine_unneeded") >= 3600 + 285 + 600);
    CHECK(kubernetes::expected_pods(world, web) == 3);
    CHECK(healthy(world));
    // Three pods on two machines fill one and half of the other: half is not below the threshold.
    CHECK(machines(world) >= 2);
    CHECK(machines(world) <= 3);
  }
}

TEST_CASE("node groups: never more machines than the maximum", "[elastic]") {
  const Lab lab(elastic(Provisioner::asg, 4));
  World world = lab.prepare({load(0_s, 4)}, 1);
  while (step(world, origin + 2_h)) REQUIRE(paid(world) <= 4);
  CHECK(machines(world) == 4);
  CHECK(pending(world) == 2);
}

TEST_CASE("node groups: a lost zone's pods find machines in the others", "[elastic]") {
  for (const Provisioner provisioner : {Provisioner::asg, Provisioner::karpenter}) {
    Topology topology = elastic(provisioner);
    topology.services[0].pools[0].placement.spread.clear();
    topology.infrastructure.capacity_spread = 0;
    const Lab lab(topology);
    const std::string zone = topology.zones[0];
    World world = lab.prepare({load(0_s, 2), action(1_h, Verb::zone_power_loss, zone, 2_h)}, 1);
    run_until(world, origin + 1_h);
    const std::int64_t before = kubernetes::expected_pods(world, web);
    CHECK(before >= 5);
    run_until(world, origin + 2_h);
    CHECK(pending(world) == 0);
    std::int64_t running = 0;
    for (const ProcessId process : world.plan->processes.ids()) {
      if (world.processes[process].status != ProcessState::Status::running) continue;
      ++running;
      CHECK(world.plan->nodes[world.processes[process].node].zone != ZoneId::of(0));
    }
    CHECK(running == kubernetes::expected_pods(world, web));
    // An Auto Scaling group replaces its machines in other zones by itself.
    CHECK(first(world, "k8s.group_grows", {}, 3600).has_value() == (provisioner == Provisioner::karpenter));
  }
}

TEST_CASE("node groups: the Cluster Autoscaler stops while too many nodes are not Ready", "[elastic]") {
  HttpSettings settings;
  Topology topology = elastic(Provisioner::asg, 12);
  topology.node_groups[0].scaling->desired = 6;
  topology.node_groups[0].scaling->min = 6;
  topology.kubernetes.ca_unready_count = 1;
  topology.infrastructure.capacity_spread = 0;
  const Lab lab(topology);
  // Two zones of three: four of six nodes, whose machines are well and stay.
  World world = lab.prepare({action(0_s, Verb::kubelet_stop, "all(" + topology.zones[0] + ")", 2_h),
                             action(0_s, Verb::kubelet_stop, "all(" + topology.zones[1] + ")", 2_h), load(10_min, 3)},
                            1);
  run_until(world, origin + 110_min);
  CHECK(first(world, "k8s.autoscaler_stops"));
  CHECK_FALSE(first(world, "k8s.group_grows"));
  run_until(world, origin + 4_h);
  CHECK(pending(world) == 0);
}

TEST_CASE("node groups: an order that brings nothing is given up, and the group left alone", "[elastic]") {
  Topology topology = elastic(Provisioner::asg);
  const Lab lab(topology);
  World world = lab.prepare({load(0_s, 3)}, 1);
  act(world, Verb::capacity_shortage, "all(" + topology.zones[0] + ")", 2_h);
  act(world, Verb::capacity_shortage, "all(" + topology.zones[1] + ")", 2_h);
  act(world, Verb::capacity_shortage, "all(" + topology.zones[2] + ")", 2_h);
  run_until(world, origin + 3_h);
  const double grows = *first(world, "k8s.group_grows");
  const double given_up = *first(world, "k8s.group_left_alone");
  CHECK(given_up >= grows + 900 - 1e-6);
  CHECK(given_up <= grows + 910);
  CHECK(*first(world, "k8s.group_grows", {}, given_up) >= given_up + 300 - 1e-6);
  CHECK(*first(world, "k8s.node_provisioned") >= 7200 - 60);
  CHECK(pending(world) == 0);
}

TEST_CASE("node groups: Karpenter takes away what it can do without, one after the other", "[elastic]") {
  const Lab lab(elastic(Provisioner::karpenter));
  World world = lab.prepare({load(0_s, 3, 1_h)}, 2);
  run_until(world, origin + 50_min);
  CHECK(pending(world) == 0);
  CHECK(machines(world) >= 5);
  run_until(world, origin + 4_h);
  CHECK(*first(world, "k8s.machine_unneeded") >= 3600 + 285);
  CHECK(machines(world) == 3);
  CHECK(healthy(world));
}

TEST_CASE("node groups: a machine that would go at once is named", "[elastic]") {
  Topology topology = elastic(Provisioner::asg);
  topology.services[0].pools[0].cpu = 0.5;
  const Plan plan = build_plan(topology, 1);
  REQUIRE(kubernetes::restless_machine(plan));
  CHECK(kubernetes::restless_machine(plan)->find("25 %") != std::string::npos);
}

TEST_CASE("node groups: random schedules: no pod waits in the end, and no machine too many", "[elastic][invariants]") {
  const Lab asg(elastic(Provisioner::asg));
  const Lab karpenter(elastic(Provisioner::karpenter));
  for (std::uint64_t run = 0; run < 120; ++run) {
    INFO("run " << run);
    const Lab& lab = run % 2 == 0 ? asg : karpenter;
    Dice dice(run);
    const std::string zone = lab.plan().topology.zones[dice.below(3)];
    std::vector<Action> script;
    for (std::size_t i = 0; i < 7; ++i) {
      const Duration at = Duration::from_seconds(dice.uniform() * 4000);
      const Duration lasts = Duration::from_seconds(60 + dice.uniform() * 1800);
      switch (dice.below(6)) {
        case 0: script.push_back(load(at, dice.uniform() * 4, lasts)); break;
        case 1: script.push_back(action(at, Verb::node_loss, "random(web)")); break;
        case 2: script.push_back(action(at, Verb::node_crash, "random(web)", lasts)); break;
        case 3: script.push_back(action(at, Verb::zone_power_loss, zone, lasts)); break;
        case 4: script.push_back(action(at, Verb::capacity_shortage, "all(" + zone + ")", lasts)); break;
        default: script.push_back(action(at, Verb::drain, "random(web)")); break;
      }
    }
    World world = lab.prepare(script, run);
    while (step(world, origin + 60_h)) {
      REQUIRE(paid(world) <= 7);  // a drain launches one beside
      if (world.faults.actions_left == 0 && healthy(world)) break;
    }
    CHECK(healthy(world));
    CHECK(pending(world) == 0);
    CHECK(paid(world) <= 6);
  }
}

}  // namespace group_scaling_test
