// What a request meets: the table of process, machine and link states.
#include "models/infrastructure/reachability.hpp"
#include "models/platform.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace infrastructure_contact_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

struct Bench {
  Plan plan = build_plan(small_topology(), 1);
  World world = initial_world(plan, 0);
  ProcessId a = process_named(plan, "kafka/broker-0"), b = process_named(plan, "kafka/broker-1");
  ProcessId beside_b = process_named(plan, "kafka/controller-4");  // on the same machine as b

  Contact to_b() const { return contact(world, a, b); }
  Contact client(std::string_view) const { return contact(world, plan.network.backbone, b); }
  Contact client_in_zone_of_b() const {
    return contact(world, plan.network.zone_fabric[plan.nodes[plan.processes[b].node].zone.value], b);
  }
};

Action partition(std::string target, std::string from, bool one_way = false) {
  Action action;
  action.verb = Verb::partition;
  action.target = std::move(target);
  action.from = std::move(from);
  action.one_way = one_way;
  return action;
}

}  // namespace

TEST_CASE("contact by the receiver's process", "[infrastructure]") {
  Bench bench;
  REQUIRE(bench.plan.processes[bench.b].node == bench.plan.processes[bench.beside_b].node);
  CHECK(bench.to_b() == Contact::ok);
  CHECK(contact(bench.world, bench.b, bench.b) == Contact::ok);
  act(bench.world, Verb::process_stop, "kafka/broker-1");
  CHECK(bench.to_b() == Contact::silence);
  CHECK(bench.client("app") == Contact::silence);
  CHECK(contact(bench.world, bench.b, bench.a) == Contact::silence);  // a stopped process sends nothing
  act(bench.world, Verb::process_continue, "kafka/broker-1");
  CHECK(bench.to_b() == Contact::ok);
  act(bench.world, Verb::process_kill, "kafka/broker-1");
  CHECK(bench.to_b() == Contact::reset);
  CHECK(bench.client("app") == Contact::reset);
  CHECK(contact(bench.world, bench.b, bench.a) == Contact::silence);
  CHECK(contact(bench.world, bench.a, bench.beside_b) == Contact::ok);
  pass(bench.world, 60_s);
  CHECK(bench.to_b() == Contact::ok);  // restarted in place
}

TEST_CASE("contact by the receiver's machine", "[infrastructure]") {
  Bench bench;
  act(bench.world, Verb::node_crash, "kafka/broker-1", 2_min);
  CHECK(bench.to_b() == Contact::silence);
  CHECK(contact(bench.world, bench.a, bench.beside_b) == Contact::silence);
  CHECK_FALSE(host_up(bench.world, bench.b));
  pass(bench.world, 121_s);
  CHECK(host_up(bench.world, bench.b));
  CHECK(bench.to_b() != Contact::silence);  // the machine answers, with resets until the container is back
  pass(bench.world, 5_min);
  CHECK(bench.to_b() == Contact::ok);
}

TEST_CASE("a replaced machine's address stays silent until the process runs again", "[infrastructure]") {
  Bench bench;
  const NodeId node = bench.plan.processes[bench.b].node;
  act(bench.world, Verb::node_loss, "kafka/broker-1");
  CHECK(bench.to_b() == Contact::silence);
  infrastructure::replace_node(bench.world, node, CapacityPoolId::none());
  CHECK(infrastructure::node_up(bench.world, node));
  CHECK(bench.to_b() == Contact::silence);
  CHECK_FALSE(host_up(bench.world, bench.b));
}

TEST_CASE("partitions: of pods, of machines, one way, with clients", "[infrastructure]") {
  Bench bench;
  SECTION("two pods, not their neighbours") {
    act(bench.world, partition("kafka/broker-1", "kafka/broker-0"));
    CHECK(bench.to_b() == Contact::silence);
    CHECK(contact(bench.world, bench.b, bench.a) == Contact::silence);
    CHECK(contact(bench.world, bench.a, bench.beside_b) == Contact::ok);
    CHECK(bench.client("app") == Contact::ok);
  }
  SECTION("one way is silence both ways: TCP needs both directions") {
    act(bench.world, partition("kafka/broker-1", "kafka/broker-0", true));
    const auto& state = bench.world.infrastructure.reachability;
    const auto a = infrastructure::address(bench.plan.network, bench.a);
    const auto b = infrastructure::address(bench.plan.network, bench.b);
    CHECK(infrastructure::blocked(state, a, b));
    CHECK_FALSE(infrastructure::blocked(state, b, a));
    CHECK(bench.to_b() == Contact::silence);
    CHECK(contact(bench.world, bench.b, bench.a) == Contact::silence);
  }
  SECTION("a machine cut off from a pod") {
    act(bench.world, partition("kafka-nodes-us-west-2b-0", "kafka/broker-0"));
    CHECK(bench.to_b() == Contact::silence);
    CHECK(contact(bench.world, bench.a, bench.beside_b) == Contact::silence);
    CHECK(bench.client("app") == Contact::ok);
  }
  SECTION("a client cut off from a broker") {
    act(bench.world, partition("kafka/broker-1", "kafka/client/app"));
    CHECK(bench.client("app") == Contact::silence);
    CHECK(bench.to_b() == Contact::ok);
  }
  SECTION("a pod partition holds when the pod comes back") {
    act(bench.world, partition("kafka/broker-1", "kafka/broker-0"));
    act(bench.world, Verb::process_kill, "kafka/broker-1");
    pass(bench.world, 60_s);
    CHECK(bench.world.processes[bench.b].status == ProcessState::Status::running);
    CHECK(bench.to_b() == Contact::silence);
  }
}

TEST_CASE("isolation of a zone, nested, and healing", "[infrastructure]") {
  Bench bench;
  act(bench.world, Verb::zone_isolation, "us-west-2b", 60_s);
  act(bench.world, Verb::zone_isolation, "us-west-2b", 30_s);
  CHECK(bench.to_b() == Contact::silence);
  CHECK(bench.client("app") == Contact::silence);
  CHECK(bench.client_in_zone_of_b() == Contact::ok);
  CHECK(contact(bench.world, bench.b, bench.beside_b) == Contact::ok);
  CHECK_FALSE(faults::healthy(bench.world));
  pass(bench.world, 31_s);
  CHECK(bench.to_b() == Contact::silence);
  pass(bench.world, 30_s);
  CHECK(bench.to_b() == Contact::ok);
  CHECK(faults::healthy(bench.world));

  act(bench.world, Verb::zone_isolation, "us-west-2b", 1_h);
  act(bench.world, partition("kafka/broker-0", "kafka/broker-2"));
  CHECK(act(bench.world, Verb::heal, "us-west-2b") == 1);
  CHECK(bench.to_b() == Contact::ok);
  CHECK(contact(bench.world, bench.a, process_named(bench.plan, "kafka/broker-2")) == Contact::silence);
  CHECK(act(bench.world, Verb::heal, "kafka/controller-4") == 0);
  CHECK(act(bench.world, Verb::heal, "all(zones)") == 1);
  CHECK(contact(bench.world, bench.a, process_named(bench.plan, "kafka/broker-2")) == Contact::ok);
  pass(bench.world, 2_h);  // the healed isolation's end is forgotten
  CHECK(bench.to_b() == Contact::ok);
}

}  // namespace infrastructure_contact_test
