// The plan: placement of pods, assignment of replicas, names.
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "models/kafka/assignment.hpp"
#include "models/plan.hpp"
#include "sim/random.hpp"
#include "tests/models/small_topology.hpp"

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
      if (process.node != node || process.service < 0) continue;
      const PoolSpec& pool = plan.topology.services[static_cast<std::size_t>(process.service)].pools[process.pool];
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
  CHECK(plan.nodes.size() == 3);
  CHECK(plan.processes.size() == 7);
  const auto all = names(plan);
  CHECK(all.size() == plan.components.size());
  for (const char* name : {"us-west-2a", "kafka-nodes-us-west-2b-0", "kafka/broker-0", "kafka/broker-2",
                           "kafka/controller-3", "kafka/controller-5", "kafka/broker-1/data", "strimzi", "kafka",
                           "kafka/my-topic", "kafka/client/app", "kafka/write"}) {
    INFO(name);
    CHECK(all.count(name) == 1);
  }
  const kafka::ServicePlan& service = plan.kafka[0];
  CHECK(service.brokers.size() == 3);
  CHECK(service.controllers.size() == 3);
  CHECK(service.members.size() == 6);
  CHECK(plan.stream_keys.size() == plan.components.size() * platform_purposes.count);
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
  topology.services[0].slis[0].scope = SliScope::any;
  topology.services[0].slis[1].scope = SliScope::share;
  topology.services[0].slis[1].share = 0.9;  // ceil(21.6) = 22
  topology.services[0].slis[2].scope = SliScope::share;
  topology.services[0].slis[2].share = 0.75;  // 18 exactly
  const Plan plan = build_plan(topology, 1);
  CHECK(plan.slis[0].tolerated_down == 23);
  CHECK(plan.slis[1].tolerated_down == 2);
  CHECK(plan.slis[2].tolerated_down == 6);
}

TEST_CASE("placement spreads pools over machines and zones within capacity", "[infrastructure][plan]") {
  for (std::uint64_t run = 0; run < 200; ++run) {
    Topology topology = small_topology();
    topology.services[0].topics.resize(1);
    topology.node_groups[0].nodes_per_zone = 1 + static_cast<std::int64_t>(below(run, 0, 4));
    const std::int64_t machines = 3 * topology.node_groups[0].nodes_per_zone;
    PoolSpec& brokers = topology.services[0].pools[0];
    brokers.replicas = 3 + static_cast<std::int64_t>(below(run, 1, static_cast<std::size_t>(machines) - 2));
    const Plan plan = build_plan(topology, 1);
    std::set<NodeId> used;
    std::map<ZoneId, std::int64_t> zones;
    for (const ProcessId broker : plan.kafka[0].brokers) {
      used.insert(plan.processes[broker].node);
      ++zones[plan.nodes[plan.processes[broker].node].zone];
    }
    CHECK(used.size() == plan.kafka[0].brokers.size());
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
    CHECK_THROWS_WITH(build_plan(topology, 1), Catch::Contains("has room for kafka/broker-6"));
  }
  SECTION("more replicas than brokers") {
    topology.services[0].topics[0].replication_factor = 4;
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
  topology.services[0].topics[0].name = "write";
  const auto all = names(build_plan(topology, 1));
  CHECK(all.count("kafka/write") == 1);
  CHECK(all.count("kafka/write (sli)") == 1);
}

TEST_CASE("dual-role nodes, and node ids that count over the pools", "[infrastructure][plan]") {
  Topology topology = small_topology();
  topology.services[0].pools[1].controller = true;
  topology.services[0].pools[1].broker = true;
  const auto all = names(build_plan(topology, 1));
  CHECK(all.count("kafka/broker-2") == 1);
  CHECK(all.count("kafka/node-3") == 1);
}

TEST_CASE("replica assignment: distinct, rack aware, balanced, followers spread", "[infrastructure][plan]") {
  for (std::uint64_t run = 0; run < 500; ++run) {
    const std::size_t brokers = 1 + below(run, 0, 12), rack_count = 1 + below(run, 1, 4);
    std::vector<std::uint16_t> racks;
    for (std::size_t i = 0; i < brokers; ++i) {
      racks.push_back(static_cast<std::uint16_t>(below(run, 10 + static_cast<std::uint32_t>(i), rack_count)));
    }
    const std::size_t replicas = 1 + below(run, 2, brokers), partitions = 1 + below(run, 3, 60);
    const auto assignments = kafka::assign_replicas(racks, partitions, replicas, below(run, 4, 100));
    REQUIRE(assignments.size() == partitions);
    const std::size_t racks_used = std::set(racks.begin(), racks.end()).size();
    std::map<std::uint16_t, std::size_t> leaders;
    for (const auto& assignment : assignments) {
      REQUIRE(assignment.size() == replicas);
      REQUIRE(std::set(assignment.begin(), assignment.end()).size() == replicas);
      std::set<std::uint16_t> over;
      for (const std::uint16_t broker : assignment) over.insert(racks[broker]);
      REQUIRE(over.size() == std::min(replicas, racks_used));
      ++leaders[assignment.front()];
    }
    for (std::size_t broker = 0; broker < brokers; ++broker) {
      const std::size_t led = leaders[static_cast<std::uint16_t>(broker)];
      REQUIRE(led >= partitions / brokers);
      REQUIRE(led <= (partitions + brokers - 1) / brokers);
    }
  }
}

TEST_CASE("with three brokers the partitions of one leader fail over to both others", "[infrastructure][plan]") {
  const auto assignments = kafka::assign_replicas({0, 1, 2}, 12, 3, 0);
  std::map<kafka::Assignment, int> same;
  for (const auto& assignment : assignments) ++same[assignment];
  CHECK(same.size() == 6);
  for (const auto& [assignment, count] : same) CHECK(count == 2);
}
