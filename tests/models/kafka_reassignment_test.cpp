// Replicas that are moved to other brokers, by people and by Cruise Control: closed forms of how long that takes, and
// what it takes for it to begin at all.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/faults/possible.hpp"
#include "models/health.hpp"
#include "models/kafka/access.hpp"
#include "models/kafka/context.hpp"
#include "models/kafka/replication.hpp"
#include "models/service/kind.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace kafka_reassignment_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double mb = 1e6;
const ServiceId cluster = ServiceId::of(0);

/// One topic with three replicas, on more brokers; nothing but a throttle limits copies.
Topology bench(std::int64_t brokers, std::int64_t partitions = 1) {
  Topology topology = small_topology();
  topology.services[0].pools[0].replicas = brokers;
  for (NodeGroupSpec& group : topology.node_groups) {
    group.nodes_per_zone = 4;
    group.instance.network = group.instance.ebs = {1e10};
    group.instance.network_burst = group.instance.ebs_burst = {};
  }
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {1e10};
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.rack_aware = false;
  kafka.topics.resize(1);
  kafka.topics[0].partitions = partitions;
  kafka.topics[0].acks_one_share = 0;
  kafka.topics[0].records_per_s = 10;
  kafka.topics[0].stored_per_partition = {1000 * mb};
  kafka.parameters.offsets_partitions = 0;
  kafka.parameters.fetcher_rate = {1e10};
  kafka.parameters.reassignment_throttle = {10 * mb};
  return topology;
}

/// The same with Cruise Control that heals.
Topology healed(std::int64_t brokers) {
  Topology topology = bench(brokers);
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.cruise_control = kafka.notifier_heals = kafka.cruise.heals = true;
  kafka.cruise.throttle = {10 * mb};
  return topology;
}

/// Its process never goes on, and nobody starts another.
Action lost(std::string broker) { return action(0_s, Verb::process_stop, std::move(broker)); }

kafka::Context kafka_of(const World& world) { return kafka::view(world, 0); }

std::size_t replicas_on(const World& world, kafka::Position broker) { return kafka_of(world).hosted(broker).size(); }

std::string leader_of(const World& world, std::string_view what) {
  const service::Kind& kind = *world.plan->services[cluster].kind;
  const ProcessId leader = kind.leader(world, cluster, what);
  return leader.exists() ? std::string(world.plan->name(world.plan->processes[leader].component)) : "none";
}

}  // namespace

TEST_CASE("a replica is moved in its bytes over the throttle and then leads where the old one did", "[kafka][oracle]") {
  const Lab lab(bench(4));
  REQUIRE(lab.plan().services[cluster].members.size() == 7);
  World before = lab.prepare({action(0_s, Verb::empty_process, "kafka/broker-0")}, 0);
  REQUIRE(leader_of(before, "kafka/my-topic/0") == "kafka/broker-0");
  for (std::uint64_t run = 0; run < 10; ++run) {
    const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-0")}, run, 700_s);
    CHECK(*first(world, "kafka.reassignment_begun") == 0);
    // What comes of live records is 10 kB/s.
    CHECK(*first(world, "kafka.reassigned") == Approx(1000 / (10 - 0.01)).margin(1.5));
    CHECK(replicas_on(world, 0) == 0);
    CHECK(replicas_on(world, 3) == 1);
    CHECK(leader_of(world, "kafka/my-topic/0") == "kafka/broker-3");
    CHECK(world.measurement.losses.empty());
    // The old leader leads until the controller has another, which is told of: a blink.
    CHECK(downtime(world, "write") < 1);
    CHECK(models::healthy(world));
  }
}

TEST_CASE("without a throttle a move takes what the volume gives", "[kafka][oracle]") {
  Topology topology = bench(4);
  kafka_spec(topology).parameters.reassignment_throttle = {};
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {50 * mb};
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-1")}, 1, 100_s);
  CHECK(*first(world, "kafka.reassigned") == Approx(1000 / (50 - 0.02)).margin(1.5));
}

TEST_CASE("all partitions of a broker go where there is room and the others stay", "[kafka]") {
  const Lab lab(bench(6, 12));
  const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-2")}, 2, 3600_s);
  REQUIRE(first(world, "kafka.reassigned"));
  CHECK(replicas_on(world, 2) == 0);
  std::uint32_t most = 0, least = 100, all = 0;
  for (kafka::Position broker = 0; broker < 6; ++broker) {
    if (broker == 2) continue;
    std::uint32_t partitions = 0;
    for (const auto& [group, slot] : kafka_of(world).hosted(broker))
      partitions += kafka_of(world).plan.groups[group].partitions;
    most = std::max(most, partitions);
    least = std::min(least, partitions);
    all += partitions;
  }
  CHECK(all == 36);
  CHECK(most - least <= 2);
  CHECK(models::healthy(world));
  // The broker is as good as any when it is killed afterwards: nothing is led or followed there.
  const World killed = lab.play(
      {action(0_s, Verb::empty_process, "kafka/broker-2"), action(3600_s, Verb::process_kill, "kafka/broker-2")}, 2,
      3700_s);
  CHECK(downtime(killed, "write") == downtime(world, "write"));
}

TEST_CASE("three brokers with three replicas cannot be emptied and no process that is none", "[kafka]") {
  const Lab three(bench(3));
  const Plan& plan = three.plan();
  const auto why = [](const Plan& of, std::size_t member) {
    return faults::why_impossible(of, Verb::empty_process, of.services[cluster].members[member].value);
  };
  REQUIRE(why(plan, 0));
  CHECK(why(plan, 0)->find("no broker that could take a replica") != std::string::npos);
  const Lab four(bench(4));
  CHECK_FALSE(why(four.plan(), 0));
  REQUIRE(why(four.plan(), 4));
  CHECK(why(four.plan(), 4)->find("is no broker") != std::string::npos);
}

TEST_CASE("Cruise Control brings a lost broker's replicas back elsewhere after its thresholds", "[kafka][oracle]") {
  const Lab lab(healed(4));
  const Sampled found = sample(60, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({lost("kafka/broker-1")}, run, 3000_s);
    const double fenced = *first(world, "kafka.fenced");
    const double seen = *first(world, "kafka.broker_failure_found");
    CHECK(*first(world, "kafka.broker_failure_alert") == Approx(seen + 900));
    CHECK(*first(world, "kafka.reassignment_begun") == Approx(seen + 1800));
    CHECK(*first(world, "kafka.reassigned") == Approx(seen + 1800 + 1000 / (10 - 0.01)).margin(1.5));
    // All three are in sync again, and one broker more may go.
    CHECK(kafka::size(kafka_of(world).state.groups[GroupId::of(0)].record.isr) == 3);
    CHECK(replicas_on(world, 1) == 0);
    return seen - fenced;
  });
  CHECK(found.lowest >= 0);
  CHECK(found.highest <= 300);
  // Evenly over an interval of five minutes: 86.6 s of deviation, 11.2 s of the mean's.
  CHECK(found.mean == Approx(150).margin(62));
}

TEST_CASE("it heals nothing by default nor without its notifier nor when the broker is soon back", "[kafka]") {
  Topology topology = healed(4);
  const auto begins = [&](const Action& what) {
    const Lab lab(topology);
    return first(lab.play({what}, 1, 8000_s), "kafka.reassignment_begun").has_value();
  };
  CHECK(begins(lost("kafka/broker-1")));
  CHECK_FALSE(begins(action(0_s, Verb::process_pause, "kafka/broker-1", 1500_s)));
  kafka_spec(topology).cruise.heals = false;
  CHECK_FALSE(begins(lost("kafka/broker-1")));
  kafka_spec(topology).cruise.heals = true;
  kafka_spec(topology).notifier_heals = false;
  CHECK_FALSE(begins(lost("kafka/broker-1")));
}

TEST_CASE("it heals nothing with too few brokers or racks or too many gone", "[kafka]") {
  const auto fails = [](const Topology& topology, const std::vector<Action>& what) {
    const World world = Lab(topology).play(what, 1, 8000_s);
    CHECK_FALSE(first(world, "kafka.reassignment_begun"));
    return count(world, "kafka.self_healing_failed") == 1;
  };
  CHECK(fails(healed(3), {lost("kafka/broker-1")}));
  // Two of four are half.
  CHECK(fails(healed(4), {lost("kafka/broker-1"), lost("kafka/broker-2")}));
  // Four brokers in three zones: where the one of a zone is gone, two racks are left for three replicas.
  Topology racks = healed(4);
  kafka_spec(racks).rack_aware = true;
  const Lab lab(racks);
  const auto& plan = kafka::plan_of(lab.plan(), cluster);
  for (kafka::Position broker = 0; broker < 4; ++broker) {
    const auto alike = std::count(plan.racks.begin(), plan.racks.end(), plan.racks[broker]);
    const auto& hosted = plan.hosted[broker];
    if (alike > 1 || hosted.empty()) continue;
    CHECK(fails(racks, {lost("kafka/broker-" + std::to_string(broker))}));
  }
}

TEST_CASE("replicas that are moved while brokers fail lose nothing and end in health", "[kafka]") {
  Topology topology = bench(5, 6);
  kafka_spec(topology).topics[0].stored_per_partition = {100 * mb};
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 40; ++run) {
    INFO("run " << run);
    Dice dice(run);
    std::vector<Action> script;
    for (int i = 0; i < 5; ++i) {
      const std::string broker = "kafka/broker-" + std::to_string(dice.below(5));
      const Duration at = Duration::from_seconds(dice.uniform() * 120);
      const std::size_t what = dice.below(3);
      script.push_back(what == 0   ? action(at, Verb::empty_process, broker)
                       : what == 1 ? action(at, Verb::process_kill, broker)
                                   : action(at, Verb::process_terminate, broker));
    }
    std::sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
    const World world = lab.play(script, run, 7200_s);
    CHECK(world.measurement.losses.empty());
    CHECK(models::healthy(world));
    std::size_t replicas = 0;
    for (kafka::Position broker = 0; broker < 5; ++broker) {
      for (const auto& [group, slot] : kafka_of(world).hosted(broker)) {
        CHECK(kafka_of(world).broker_of(group, slot) == broker);
        replicas += kafka_of(world).plan.groups[group].partitions;
      }
    }
    CHECK(replicas == 18);
  }
}

}  // namespace kafka_reassignment_test
