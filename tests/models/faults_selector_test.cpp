// Targets: what they find, and what is said of those that cannot exist.
#include <algorithm>
#include <map>

#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace faults_selector_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;

namespace {

struct Bench {
  Plan plan = build_plan(small_topology(), 1);
  World world = initial_world(plan, 0);

  std::vector<std::string> find(Verb verb, std::string target) {
    Action action;
    action.verb = verb;
    action.target = std::move(target);
    const auto problem = check_target(plan, action);
    if (problem) return {*problem};
    std::vector<std::string> names;
    for (const ResolvedAction& resolved : resolve(world, action)) {
      names.emplace_back(name(verb, resolved.index));
    }
    return names;
  }

  std::string problem(Verb verb, std::string target, std::string from = {}) const {
    Action action;
    action.verb = verb;
    action.target = std::move(target);
    action.from = std::move(from);
    return check_target(plan, action).value_or("");
  }

 private:
  [[nodiscard]] std::string_view name(Verb verb, std::uint32_t index) const {
    switch (verb_info(verb).target) {
      case TargetKind::process: return plan.name(plan.processes[ProcessId{index}].component);
      case TargetKind::node: return plan.name(plan.nodes[NodeId{index}].component);
      case TargetKind::zone: return plan.name(plan.zones[ZoneId::of(index)].component);
      case TargetKind::volume: return plan.name(plan.volumes[VolumeId{index}].component);
      case TargetKind::service: return plan.name(plan.services[ServiceId::of(index)].component);
      case TargetKind::capacity_pool: return plan.name(plan.capacity_pools[CapacityPoolId::of(index)].component);
      case TargetKind::component:
      case TargetKind::shock:
      case TargetKind::any: break;
    }
    return "?";
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("selectors parse", "[faults][selector]") {
  const auto selector = parse_selector("leader(kafka/controllers)");
  REQUIRE(selector);
  CHECK(selector->kind == Selector::Kind::leader);
  CHECK(selector->name == "kafka/controllers");
  CHECK(parse_selector("kafka/broker-0")->kind == Selector::Kind::name);
  CHECK(parse_selector("all(x)")->kind == Selector::Kind::all);
  CHECK(parse_selector("random(x)")->kind == Selector::Kind::random);
  CHECK(parse_selector("follower(x)")->kind == Selector::Kind::follower);
  for (const char* wrong :
       {"", "leader(", "leader()", "leader(a", "leaders(a)", "a)", "leader(a))", "leader((a)", "(a)", "leader(a)b"}) {
    INFO(wrong);
    CHECK_FALSE(parse_selector(wrong));
  }
}

TEST_CASE("names and what they stand for", "[faults][selector]") {
  Bench b;
  CHECK(b.find(Verb::process_kill, "kafka/broker-0") == Names{"kafka/broker-0"});
  CHECK(b.find(Verb::process_kill, "strimzi") == Names{"strimzi"});
  CHECK(b.find(Verb::node_crash, "kafka/broker-1") == Names{"kafka-nodes-us-west-2b-0"});
  CHECK(b.find(Verb::node_crash, "kafka-nodes-us-west-2b-0") == Names{"kafka-nodes-us-west-2b-0"});
  CHECK(b.find(Verb::zone_power_loss, "kafka/broker-2") == Names{"us-west-2c"});
  CHECK(b.find(Verb::zone_power_loss, "kafka-nodes-us-west-2a-0") == Names{"us-west-2a"});
  CHECK(b.find(Verb::volume_loss, "kafka/broker-0") == Names{"kafka/broker-0/data"});
  CHECK(b.find(Verb::volume_loss, "kafka/broker-0/data") == Names{"kafka/broker-0/data"});
  CHECK(b.find(Verb::rolling_restart, "kafka") == Names{"kafka"});
  const Names pool{"r8g.4xlarge/us-west-2b/on-demand"};
  for (const char* name : {"kafka/broker-1", "kafka-nodes-us-west-2b-0", "us-west-2b", pool[0].c_str()})
    CHECK(b.find(Verb::capacity_shortage, name) == pool);
  CHECK(b.find(Verb::capacity_shortage, "all(kafka-nodes)").size() == 3);
  CHECK(b.find(Verb::node_crash, "us-west-2b") == Names{"kafka-nodes-us-west-2b-0"});  // its only machine
  CHECK(b.find(Verb::process_kill, "all(kafka/brokers)") ==
        Names{"kafka/broker-0", "kafka/broker-1", "kafka/broker-2"});
  CHECK(b.find(Verb::process_kill, "all(kafka)").size() == 6);
  CHECK(b.find(Verb::process_kill, "all(kafka/my-topic/4)").size() == 3);
  CHECK(b.find(Verb::node_loss, "all(kafka)").size() == 3);  // machines, each once
  CHECK(b.find(Verb::node_loss, "all(nodes)").size() == 3);
  CHECK(b.find(Verb::node_loss, "all(kafka-nodes)").size() == 3);
  CHECK(b.find(Verb::zone_isolation, "all(zones)") == Names{"us-west-2a", "us-west-2b", "us-west-2c"});
  CHECK(b.find(Verb::rolling_restart, "all(kafka)") == Names{"kafka"});
}

TEST_CASE("leaders and followers are those of now", "[faults][selector]") {
  Bench b;
  run_until(b.world, sim::Time::zero() + Duration::seconds(10));
  const Names leader = b.find(Verb::process_kill, "leader(kafka/controllers)");
  REQUIRE(leader.size() == 1);
  CHECK(leader[0].substr(0, 17) == "kafka/controller-");
  for (int i = 0; i < 20; ++i) {
    const Names follower = b.find(Verb::process_kill, "follower(kafka/controllers)");
    REQUIRE(follower.size() == 1);
    CHECK(follower != leader);
    CHECK(follower[0].substr(0, 17) == "kafka/controller-");
  }
  const Names before = b.find(Verb::process_kill, "leader(kafka/my-topic/0)");
  REQUIRE(before.size() == 1);
  CHECK(b.find(Verb::process_kill, "follower(kafka/my-topic/0)") != before);
  act(b.world, Verb::process_kill, "leader(kafka/my-topic/0)");
  run_until(b.world, b.world.now + Duration::seconds(12));
  const Names after = b.find(Verb::process_kill, "leader(kafka/my-topic/0)");
  REQUIRE(after.size() == 1);
  CHECK(after != before);
  act(b.world, Verb::process_kill, "leader(kafka/controllers)");
  CHECK(b.find(Verb::process_kill, "leader(kafka/controllers)").empty());  // nobody yet
}

TEST_CASE("random targets: each as likely, those that run first, the same in the same run", "[faults][selector]") {
  const Plan plan = build_plan(small_topology(), 1);
  Action action;
  action.target = "random(kafka/brokers)";
  std::map<std::uint32_t, double> chosen;
  constexpr std::uint64_t runs = 6000;
  for (std::uint64_t run = 0; run < runs; ++run) {
    World world = initial_world(plan, run), twin = initial_world(plan, run);
    const std::uint32_t index = resolve(world, action).at(0).index;
    CHECK(resolve(twin, action).at(0).index == index);
    ++chosen[index];
  }
  // 5.5 standard deviations each
  for (const auto& [index, count] : chosen) CHECK(std::abs(count - runs / 3.0) < 5.5 * 36.6);
  CHECK(chosen.size() == 3);

  World world = initial_world(plan, 0);
  act(world, Verb::process_kill, "kafka/broker-0");
  act(world, Verb::process_kill, "kafka/broker-2");
  for (int i = 0; i < 10; ++i) CHECK(resolve(world, action).at(0).index == process_named(plan, "kafka/broker-1").value);
}

TEST_CASE("targets that can never exist, with the nearest valid name", "[faults][selector]") {
  Bench b;
  const auto has = [](const std::string& part) { return Catch::Contains(part); };
  CHECK_THAT(b.problem(Verb::process_kill, "kafka/brokr-0"), has("does not exist") && has("'kafka/broker-0'"));
  CHECK_THAT(b.problem(Verb::zone_power_loss, "us-west-2d"), has("'us-west-2"));
  CHECK_THAT(b.problem(Verb::node_crash, "kafka-nodes-us-west-2b-1"), has("'kafka-nodes-us-west-2b-0'"));
  CHECK_THAT(b.problem(Verb::process_kill, "us-west-2a"), has("is a zone, expected a process"));
  CHECK_THAT(b.problem(Verb::volume_loss, "strimzi"), has("is a process, expected a volume"));
  CHECK_THAT(b.problem(Verb::rolling_restart, "kafka/broker-0"), has("expected a service"));
  CHECK_THAT(b.problem(Verb::process_kill, "kafka/brokers"), has("names 3 things") && has("all(kafka/brokers)"));
  CHECK_THAT(b.problem(Verb::process_kill, "leader(kafka/brokers)"), has("nobody leads") && has("kafka/controllers"));
  CHECK_THAT(b.problem(Verb::process_kill, "leader(kafka/my-topic)"), has("nobody leads"));
  CHECK_THAT(b.problem(Verb::process_kill, "leader(kafka/my-topic/12)"), has("nobody leads"));
  CHECK_THAT(b.problem(Verb::process_kill, "leader("), has("is no target"));
  CHECK_THAT(b.problem(Verb::process_kill, "master(kafka/controllers)"), has("is no target"));
  CHECK_THAT(b.problem(Verb::partition, "kafka/broker-0"), has("'from' is missing"));
  CHECK_THAT(b.problem(Verb::partition, "kafka/broker-0", "nowhere"), has("'nowhere' does not exist"));
  CHECK(b.problem(Verb::partition, "kafka/broker-0", "all(kafka/controllers)").empty());
  CHECK(b.problem(Verb::partition, "us-west-2a", "control-plane").empty());
  CHECK(b.problem(Verb::heal, "all(zones)").empty());
  CHECK(b.problem(Verb::process_kill, "leader(kafka/__consumer_offsets/49)").empty());
}

}  // namespace faults_selector_test
