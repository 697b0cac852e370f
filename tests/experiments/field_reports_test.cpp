// Public reports from the field about machines, restated on the shipped designs: what must come of each.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/infrastructure/state.hpp"
#include "models/platform.hpp"
#include "tests/experiments/replay_inputs.hpp"
#include "tests/models/lab.hpp"

namespace field_reports_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using experiments::testing::shipped;

namespace {

const std::string broker = "kafka/broker-1", machine = "kafka-us-west-2b-0", core = "core-us-west-2b-0";

double longest_outage(const World& world, std::string_view sli) {
  double longest = 0;
  for (const auto& [start, length] : outages(world, sli)) longest = std::max(longest, length);
  return longest;
}

Action cut(std::string target, std::string from) {
  return action(0_s, Verb::partition, std::move(target), Duration::seconds(43200), std::move(from));
}

/// The machine reaches nothing, as after ifdown.
std::vector<Action> cut_off(const std::string& node) {
  return {cut(node, "region"), cut(node, "control-plane"), cut(node, "all(zones)")};
}

}  // namespace

TEST_CASE("an orderly reboot: processes stop in order, clients see no silence", "[field]") {
  // kubernetes/kubernetes#77873: SIGTERM to the containers, then the stop time-out of systemd, 90 s, not the pods'
  // grace period; the network is up meanwhile.
  const Lab lab(shipped("kafka-eks").topology);
  for (std::uint64_t run = 0; run < 60; ++run) {
    const World world = lab.play({action(0_s, Verb::node_reboot, broker, 180_s)}, run, 20_min);
    const double closed = first(world, "kafka.logs_closed", broker).value_or(1e9);
    CHECK(closed < 30);
    const double down = first(world, "infra.node_down", machine).value_or(1e9);
    CHECK(down > closed);
    CHECK(down < 90);
    CHECK(first(world, "infra.node_booted", machine).value_or(0) == Approx(180).margin(1e-6));
    CHECK(longest_outage(world, "write") < 5);  // seconds of a hand-over at most, not the 30 s of a silent host
    CHECK(count(world, "kafka.records_lost") == 0);
    CHECK(kubernetes::healthy(world));
  }
}

TEST_CASE("a process that does not stop is killed at the machine's limit, not at the pod's", "[field]") {
  const Lab lab(shipped("kafka-eks").topology);
  const std::vector<Action> script{action(0_s, Verb::process_stop, broker),
                                   action(1_s, Verb::node_reboot, broker, 300_s)};
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play(script, run, 4_min);
    CHECK(first(world, "k8s.stop_timeout_ended", broker).value_or(0) == Approx(91));
    CHECK(first(world, "infra.node_down", machine).value_or(0) > 91);
  }
}

TEST_CASE("a Spot instance whose notice nobody hears shuts down in order", "[field]") {
  Topology topology = shipped("kafka-eks-spot").topology;
  for (NodeGroupSpec& group : topology.node_groups) group.interruption = Interruption::none;
  const Lab lab(topology);
  const std::string node(lab.plan().name(lab.plan().nodes[lab.plan().processes[ProcessId::of(1)].node].component));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::spot_reclaim, node)}, run, 4_min);
    const double closed = first(world, "kafka.logs_closed").value_or(1e9);
    CHECK(closed > 120);
    CHECK(closed < 150);
    CHECK(first(world, "infra.node_down", node).value_or(1e9) > closed);
  }
}

TEST_CASE("what cuts a machine off stays with it, not with its replacement", "[field]") {
  // kubernetes-sigs/karpenter#328: after ifdown nothing happens until somebody acts; then a new machine joins.
  Topology topology = shipped("kafka-eks").topology;
  topology.people.on_call = 0;
  topology.infrastructure.capacity_failure_probability = 0;
  topology.infrastructure.volume_stuck_probability = 0;
  const Lab lab(topology);
  std::vector<Action> script = cut_off(machine);
  script.push_back(action(600_s, Verb::delete_pod, broker));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play(script, run, 30_min);
    // It joins beside the one that is cut off, which keeps its place and its fault.
    CHECK(first(world, "k8s.node_provisioned").value_or(1e9) < 720);
    CHECK_FALSE(first(world, "k8s.node_provisioned", machine));
    // The forced deletion starts the six minutes of the volume.
    CHECK(first(world, "k8s.volume_force_detached", broker + "/data").value_or(0) == Approx(960).margin(1e-6));
    CHECK(first(world, "k8s.pod_ready", broker).value_or(1e9) < 1300);
    CHECK_FALSE(world.faults.ongoing.empty());
  }
}

TEST_CASE("what cuts a place off stays with the place", "[field]") {
  Topology topology = shipped("kafka-eks").topology;
  topology.people.on_call = 0;
  const Lab lab(topology);
  const std::vector<Action> script{cut("us-west-2b", "region"), action(600_s, Verb::delete_pod, broker)};
  const World world = lab.play(script, 1, 2_h);
  CHECK(count(world, "k8s.provisioning_failed") > 10);  // nothing joins from there
  CHECK_FALSE(first(world, "k8s.pod_started", broker));
  CHECK(world.faults.ongoing.size() == 1);
}

TEST_CASE("an Auto Scaling group replaces an instance that hangs or is cut off, within minutes", "[field]") {
  Topology topology = shipped("kafka-eks").topology;
  topology.people.on_call = 0;
  topology.infrastructure.capacity_failure_probability = 0;
  const Action hang = action(0_s, Verb::node_crash, core, 12_h);
  SECTION("by its status checks, built in and always on") {
    const Lab lab(topology);
    for (std::uint64_t run = 0; run < 40; ++run) {
      for (const std::vector<Action>& script : {std::vector<Action>{hang}, cut_off(core)}) {
        const World world = lab.play(script, run, 1_h);
        const double given_up = first(world, "infra.node_impaired", core).value_or(1e9);
        CHECK(given_up > 60);
        CHECK(given_up < 1500);
        CHECK(first(world, "k8s.node_provisioned", core).value_or(1e9) < given_up + 600);
        CHECK(kubernetes::healthy(world));
      }
    }
  }
  SECTION("not if its health checks are suspended") {
    topology.node_groups[0].repair = MachineRepair::none;
    const World world = Lab(topology).play({hang}, 1, 6_h);
    CHECK_FALSE(first(world, "infra.node_impaired", core));
    CHECK_FALSE(first(world, "k8s.node_provisioned", core));
  }
  SECTION("Karpenter replaces none, unless node repair is on: after 30 minutes") {
    const Action other = action(0_s, Verb::node_crash, machine, 12_h);
    const World left = Lab(topology).play({other}, 1, 6_h);
    CHECK_FALSE(first(left, "k8s.node_provisioned", machine));
    topology.node_groups[1].repair = MachineRepair::node_repair;
    const Lab lab(topology);
    for (std::uint64_t run = 0; run < 10; ++run) {
      const World world = lab.play({other}, run, 1_h);
      const double unknown = *first(world, "k8s.node_unknown", machine);
      CHECK(first(world, "k8s.node_repair", machine).value_or(0) == Approx(unknown + 1800));
      CHECK(first(world, "k8s.node_provisioned", machine).value_or(1e9) < 2200);
    }
  }
}

TEST_CASE("a planned replacement launches first: the pod is away for less than a minute", "[field]") {
  // kubernetes-sigs/karpenter#1294: under a minute.
  Topology topology = shipped("kafka-eks").topology;
  topology.infrastructure.capacity_failure_probability = 0;
  topology.infrastructure.volume_stuck_probability = 0;
  const Lab lab(topology);
  const auto away = [&](Variant variant) {
    return sample(200, [&](std::uint64_t run) -> std::optional<double> {
      const World world = lab.play({action(0_s, Verb::drain, broker, variant)}, run, 1_h);
      CHECK(kubernetes::healthy(world));
      return *first(world, "k8s.pod_started", broker) - *first(world, "k8s.pod_removed", broker);
    });
  };
  const Sampled by_default = away(Variant::drawn), launched = away(Variant::launch_first);
  CHECK(by_default.mean == launched.mean);
  CHECK(launched.mean > 30);
  CHECK(launched.mean < 60);
  // Evicted at once it waits for the machine too.
  CHECK(away(Variant::evict_first).mean > launched.mean + 15);
}

}  // namespace field_reports_test
