// The plan: placement of pods, assignment of replicas, names.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "models/kafka/assignment.hpp"
#include "models/plan.hpp"
#include "sim/random.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace infrastructure_plan_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;

namespace {

std::size_t below(std::uint64_t run, std::uint32_t draw, std::size_t count) {
  return static_cast<std::size_t>(sim::to_unit(sim::random_bits(0xa551, run, draw)) * static_cast<double>(count));
}

std::set<std::string> names(const Plan& plan) { return {plan.components.begin(), plan.components.end()}; }

void check_capacity(const Plan& plan) {
  for (const NodeId node : plan.nodes.ids()) {
    double cpu = 0, memory = 0;
    for (const ProcessPlan& process : plan.processes) {
      if (process.node != node || !process.service.exists()) continue;
      const PoolSpec& pool = plan.spec(process.service).pools[process.pool];
      cpu += pool.cpu;
      memory += pool.memory.count;
    }
    const InstanceType& type = plan.topology.node_groups[plan.nodes[node].group].instance;
    CHECK(cpu <= type.vcpu);
    CHECK(memory <= type.memory.count);
  }
}

}  // namespace

TEST_CASE("the seed's design", "[infrastructure][plan]") {
  const Plan plan = build_plan(small_topology(), 1);
  CHECK(plan.zones.size() == 3);
  // A machine a zone, and places beside it for those that the two others may lack.
  CHECK(plan.nodes.size() == 9);
  CHECK(std::ranges::count_if(plan.nodes, [](const NodePlan& node) { return !node.parked; }) == 3);
  CHECK(plan.processes.size() == 7);
  const auto all = names(plan);
  CHECK(all.size() == plan.components.size());
  for (const char* name : {"us-west-2a", "kafka-nodes-us-west-2b-0", "kafka/broker-0", "kafka/broker-2",
                           "kafka/controller-3", "kafka/controller-5", "kafka/broker-1/data", "strimzi", "kafka",
                           "kafka/my-topic", "kafka/client/app", "kafka/write"}) {
    INFO(name);
    CHECK(all.count(name) == 1);
  }
  const kafka::ServicePlan& service = kafka_plan(plan);
  CHECK(service.brokers.size() == 3);
  CHECK(service.controllers.size() == 3);
  CHECK(members(plan).size() == 6);
  // Machines, groups and clients have no streams of a broker.
  CHECK(plan.stream_keys.size() < plan.components.size() * platform_purposes.count);
  for (ComponentId component = 0; component < plan.components.size(); ++component) {
    const std::size_t stream = plan.stream(component, Purpose::selection);
    CHECK(plan.stream_keys[stream] == sim::stream_key(plan.seed, plan.components[component], "selection"));
  }
  std::set<NodeId> machines;
  for (const ProcessId broker : service.brokers) machines.insert(plan.processes[broker].node);
  CHECK(machines.size() == 3);
  std::uint32_t partitions = 0;
  for (const kafka::GroupPlan& group : service.groups) partitions += group.partitions;
  CHECK(partitions == 12 + 12 + 50);
  CHECK(plan.slis[0].partitions == 24);
  CHECK(plan.slis[0].tolerated_down == 0);
  // 2 topics x 1000 records/s x 1 KiB, every replica on every broker
  for (std::size_t broker = 0; broker < service.brokers.size(); ++broker) {
    double written = 0;
    for (const auto& [group, slot] : service.hosted[broker])
      written += service.topics[service.groups[group].topic].bytes_per_s() * service.groups[group].partitions;
    CHECK(written == Approx(2000.0 * 1024));
  }
  check_capacity(plan);
}

TEST_CASE("what an SLI tolerates by its scope", "[infrastructure][plan]") {
  Topology topology = small_topology();
  kafka_spec(topology).slis[0].scope = kafka::SliScope::any;
  kafka_spec(topology).slis[1].scope = kafka::SliScope::share;
  kafka_spec(topology).slis[1].share = 0.9;  // ceil(21.6) = 22
  kafka_spec(topology).slis[2].scope = kafka::SliScope::share;
  kafka_spec(topology).slis[2].share = 0.75;  // 18 exactly
  const Plan plan = build_plan(topology, 1);
  CHECK(plan.slis[0].tolerated_down == 23);
  CHECK(plan.slis[1].tolerated_down == 2);
  CHECK(plan.slis[2].tolerated_down == 6);
}

TEST_CASE("placement spreads pools over machines and zones within capacity", "[infrastructure][plan]") {
  for (std::uint64_t run = 0; run < 200; ++run) {
    Topology topology = small_topology();
    kafka_spec(topology).topics.resize(1);
    topology.node_groups[0].nodes_per_zone = 1 + static_cast<std::int64_t>(below(run, 0, 4));
    const std::int64_t machines = 3 * topology.node_groups[0].nodes_per_zone;
    PoolSpec& brokers = topology.services[0].pools[0];
    brokers.replicas = 3 + static_cast<std::int64_t>(below(run, 1, static_cast<std::size_t>(machines) - 2));
    const Plan plan = build_plan(topology, 1);
    std::set<NodeId> used;
    std::map<ZoneId, std::int64_t> zones;
    for (const ProcessId broker : kafka_plan(plan).brokers) {
      used.insert(plan.processes[broker].node);
      ++zones[plan.nodes[plan.processes[broker].node].zone];
    }
    CHECK(used.size() == kafka_plan(plan).brokers.size());
    for (const auto& [zone, count] : zones) {
      CHECK(count >= brokers.replicas / 3);
      CHECK(count <= (brokers.replicas + 2) / 3);
    }
    check_capacity(plan);
  }
}

TEST_CASE("what cannot exist is refused with a reason", "[infrastructure][plan]") {
  Topology topology = small_topology();
  SECTION("too many pods") {
    topology.services[0].pools[0].replicas = 7;
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("kafka/broker-3 fits on no machine"));
  }
  SECTION("more replicas than brokers") {
    kafka_spec(topology).topics[0].replication_factor = 4;
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("'kafka/my-topic' cannot be placed"));
  }
  SECTION("no controller") {
    topology.services[0].pools.pop_back();
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("at least one broker and one controller"));
  }
  SECTION("local disks that the machine does not have") {
    topology.services[0].pools[0].storage.kind = VolumeKind::nvme;
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("local disk"));
  }
  SECTION("an unknown group") {
    topology.services[0].pools[0].node_group = "nowhere";
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("'nowhere' does not exist"));
  }
  SECTION("an unknown operation") {
    topology.operations = {{"dance", "kafka", Rate::per_year(1)}};
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("'dance'"));
  }
  SECTION("an operation on nothing") {
    topology.operations = {{"drain", "nothing", Rate::per_year(1)}};
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("'nothing'"));
  }
}

TEST_CASE("names that collide are told apart", "[infrastructure][plan]") {
  Topology topology = small_topology();
  kafka_spec(topology).topics[0].name = "write";
  const auto all = names(build_plan(topology, 1));
  CHECK(all.count("kafka/write") == 1);
  CHECK(all.count("kafka/write (sli)") == 1);
}

TEST_CASE("dual-role nodes, and node ids that count over the pools", "[infrastructure][plan]") {
  Topology topology = small_topology();
  topology.services[0].pools[1].roles |= kafka::role_bit(kafka::Role::controller);
  topology.services[0].pools[1].roles |= kafka::role_bit(kafka::Role::broker);
  const auto all = names(build_plan(topology, 1));
  CHECK(all.count("kafka/broker-2") == 1);
  CHECK(all.count("kafka/node-3") == 1);
}

// Kafka's tests of its placer replace chance by this generator (apache/kafka MockRandom); nextInt is
// java.util.Random's.
class MockRandom {
 public:
  std::size_t next_int(std::size_t bound) {
    state_ = state_ * 2862933555777941757ULL + 3037000493ULL;
    const std::uint64_t bits = state_ >> 33;
    const bool power_of_two = (bound & (bound - 1)) == 0;
    // Numbers that would make the remainders uneven come once in 2^31 / bound: too rare for these tests.
    return static_cast<std::size_t>(power_of_two ? bound * bits >> 31 : bits % bound);
  }

 private:
  std::uint64_t state_ = 17;
};

TEST_CASE("replica assignment: what apache/kafka StripedReplicaPlacerTest expects of four brokers",
          "[infrastructure][plan][oracle]") {
  MockRandom random;
  const auto draw = [&](std::size_t bound) { return random.next_int(bound); };
  kafka::StripedPlacer placer({0, 0, 0, 0}, draw);
  SECTION("testSuccessfulPlacement") {
    const std::vector<kafka::Assignment> expected{{2, 3, 0}, {3, 0, 1}, {0, 1, 2}, {1, 2, 3}, {1, 0, 2}};
    for (const kafka::Assignment& assignment : expected) CHECK(placer.place(3) == assignment);
  }
  SECTION("testEvenDistribution") {
    std::map<kafka::Assignment, int> counts;
    for (int partition = 0; partition < 200; ++partition) ++counts[placer.place(2)];
    const std::map<kafka::Assignment, int> expected{{{0, 1}, 14}, {{0, 2}, 22}, {{0, 3}, 14}, {{1, 0}, 17},
                                                    {{1, 2}, 17}, {{1, 3}, 16}, {{2, 0}, 13}, {{2, 1}, 17},
                                                    {{2, 3}, 20}, {{3, 0}, 20}, {{3, 1}, 19}, {{3, 2}, 11}};
    CHECK(counts == expected);
  }
}

TEST_CASE("replica assignment: the examples of StripedReplicaPlacer's documentation",
          "[infrastructure][plan][oracle]") {
  const auto first = [](std::size_t) { return std::size_t{0}; };
  SECTION("racks A, B and C with three brokers each and all offsets 0: A0 B0 C0, B1 C1 A1, C2 A2 B2") {
    kafka::StripedPlacer placer({0, 0, 0, 1, 1, 1, 2, 2, 2}, first);
    CHECK(placer.place(3) == kafka::Assignment{0, 3, 6});
    CHECK(placer.place(3) == kafka::Assignment{4, 7, 1});
    CHECK(placer.place(3) == kafka::Assignment{8, 2, 5});
  }
  SECTION("one broker in rack C, ten in A and B: C has a replica of every partition") {
    std::vector<std::uint16_t> racks(10, 0);
    racks.insert(racks.end(), 10, 1);
    racks.push_back(2);
    kafka::StripedPlacer placer(racks, first);
    for (int partition = 0; partition < 100; ++partition) {
      const kafka::Assignment assignment = placer.place(3);
      CHECK(std::find(assignment.begin(), assignment.end(), 20) != assignment.end());
    }
  }
  SECTION("three replicas in two racks: A B A, B A B") {
    kafka::StripedPlacer placer({0, 0, 1, 1}, first);
    CHECK(placer.place(3) == kafka::Assignment{0, 2, 1});
    CHECK(placer.place(3) == kafka::Assignment{3, 1, 2});
  }
}

TEST_CASE("replica assignment: distinct brokers, as many racks as can be, leaders balanced", "[infrastructure][plan]") {
  for (std::uint64_t run = 0; run < 500; ++run) {
    const std::size_t brokers = 1 + below(run, 0, 12), rack_count = 1 + below(run, 1, 4);
    std::vector<std::uint16_t> racks;
    for (std::size_t i = 0; i < brokers; ++i) {
      racks.push_back(static_cast<std::uint16_t>(below(run, 10 + static_cast<std::uint32_t>(i), rack_count)));
    }
    const std::size_t racks_used = std::set(racks.begin(), racks.end()).size();
    const std::size_t replicas = 1 + below(run, 2, brokers), rounds = 1 + below(run, 3, 5);
    kafka::StripedPlacer placer(racks, kafka::placement_draws(racks_used, below(run, 4, 100)));
    for (std::size_t round = 0; round < rounds; ++round) {
      std::map<std::uint16_t, std::size_t> led_by_rack, led_by_broker;
      for (std::size_t partition = 0; partition < brokers; ++partition) {
        const kafka::Assignment assignment = placer.place(replicas);
        REQUIRE(assignment.size() == replicas);
        REQUIRE(std::set(assignment.begin(), assignment.end()).size() == replicas);
        std::set<std::uint16_t> over;
        for (const std::uint16_t broker : assignment) over.insert(racks[broker]);
        REQUIRE(over.size() == std::min(replicas, racks_used));
        ++led_by_rack[racks[assignment.front()]];
        ++led_by_broker[assignment.front()];
      }
      if (replicas < racks_used) continue;
      for (const auto& [rack, led] : led_by_rack) {
        REQUIRE(led >= brokers / racks_used);
        REQUIRE(led <= (brokers + racks_used - 1) / racks_used);
      }
      if (racks_used == 1 || racks_used == brokers) REQUIRE(led_by_broker.size() == brokers);
    }
  }
}

TEST_CASE("replica assignment: topics of one partition share their leaders out", "[infrastructure][plan]") {
  for (const std::vector<std::uint16_t>& racks :
       {std::vector<std::uint16_t>{0, 1, 2}, {0, 0, 0, 0}, {0, 1, 2, 0, 1, 2}, {0, 0, 0, 1, 1, 1}}) {
    std::map<std::uint16_t, int> led;
    const std::size_t rack_count = std::set(racks.begin(), racks.end()).size();
    for (std::size_t topic = 0; topic < racks.size(); ++topic) {
      kafka::StripedPlacer placer(racks, kafka::placement_draws(rack_count, topic));
      ++led[placer.place(2).front()];
    }
    CHECK(led.size() == racks.size());
  }
}

TEST_CASE("replica assignment: of the shipped designs' shapes leaders are even, and both others take over",
          "[infrastructure][plan]") {
  for (const std::int64_t nodes_per_zone : {1, 2}) {
    Topology topology = small_topology();
    topology.node_groups[0].nodes_per_zone = nodes_per_zone;
    topology.services[0].pools[0].replicas = 3 * nodes_per_zone;
    const Plan plan = build_plan(topology, 1);
    const kafka::ServicePlan& service = kafka_plan(plan);
    for (std::size_t topic = 0; topic < 2; ++topic) {
      std::map<std::uint16_t, std::uint32_t> leads;
      std::map<std::pair<std::uint16_t, std::uint16_t>, std::uint32_t> takes_over;
      for (const kafka::GroupPlan& group : service.groups) {
        if (group.topic != TopicId::of(topic)) continue;
        leads[group.broker[0]] += group.partitions;
        takes_over[{group.broker[0], group.broker[1]}] += group.partitions;
      }
      REQUIRE(leads.size() == service.brokers.size());
      for (const auto& [broker, partitions] : leads) CHECK(partitions == 12 / service.brokers.size());
      CHECK(takes_over.size() > leads.size());
    }
  }
}

}  // namespace infrastructure_plan_test
