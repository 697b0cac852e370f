// People: stages, responders, order, withdrawal.
#include "models/platform.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace people_repair_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using people::Repair;

namespace {

Topology punctual(std::int64_t on_call) {
  Topology topology = small_topology();
  people::Parameters& p = topology.people;
  p.notice = Law::constant(1_min);
  p.engage = Law::constant(2_min);
  p.identify = Law::constant(3_min);
  p.repair_pod = Law::constant(4_min);
  p.repair_volume = Law::constant(5_min);
  p.repair_node = Law::constant(6_min);
  p.on_call = on_call;
  topology.infrastructure.volume_create = Law::constant(2_s);
  return topology;
}

struct Bench {
  Plan plan;
  World world;
  explicit Bench(std::int64_t on_call) : plan(build_plan(punctual(on_call), 1)), world(initial_world(plan, 0)) {}
  ProcessId broker(int i) const { return process_named(plan, "kafka/broker-" + std::to_string(i)); }
  /// Time of the first record of the event about the process.
  std::optional<double> at(std::string_view event, ProcessId process) const {
    for (const sim::TraceRecord& record : world.trace.records()) {
      const bool about = record.component == plan.processes[process].component;
      if (about && event_info(record.kind).name == event) return record.at.to_seconds();
    }
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("a repair passes through its stages", "[people]") {
  Bench bench(1);
  act(bench.world, Verb::volume_loss, "kafka/broker-0");
  pass(bench.world, 1_h);
  CHECK(bench.at("people.noticed", bench.broker(0)).value_or(-1) == Approx(60));
  CHECK(bench.at("people.engaged", bench.broker(0)).value_or(-1) == Approx(180));
  CHECK(bench.at("people.identified", bench.broker(0)).value_or(-1) == Approx(360));
  CHECK(bench.at("people.volume_repaired", bench.broker(0)).value_or(-1) == Approx(662));
  CHECK(people::healthy(bench.world));
  CHECK(bench.world.people.worked == 602_s);
}

TEST_CASE("one person repairs one thing after the other, two both at once, none nothing", "[people]") {
  Bench one(1);
  act(one.world, Verb::volume_loss, "kafka/broker-1");
  pass(one.world, 1_s);
  act(one.world, Verb::volume_loss, "kafka/broker-0");
  pass(one.world, 2_h);
  CHECK(one.at("people.volume_repaired", one.broker(1)).value_or(-1) == Approx(662));
  CHECK(one.at("people.noticed", one.broker(0)).value_or(-1) == Approx(61));
  CHECK(one.at("people.volume_repaired", one.broker(0)).value_or(-1) == Approx(662 + 602));

  Bench two(2);
  act(two.world, Verb::volume_loss, "kafka/broker-1");
  pass(two.world, 1_s);
  act(two.world, Verb::volume_loss, "kafka/broker-0");
  pass(two.world, 2_h);
  CHECK(two.at("people.volume_repaired", two.broker(0)).value_or(-1) == Approx(663));

  Bench none(0);
  act(none.world, Verb::volume_loss, "kafka/broker-1");
  pass(none.world, 1000_h);
  CHECK_FALSE(none.at("people.noticed", none.broker(1)));
  CHECK_FALSE(people::healthy(none.world));
}

TEST_CASE("a repair is asked for once, and can be withdrawn at any stage", "[people]") {
  for (const Duration when : {30_s, 90_s, 200_s, 500_s}) {
    Bench bench(1);
    people::ask_for_repair(bench.world, Repair::dead_node, bench.broker(0));
    people::ask_for_repair(bench.world, Repair::dead_node, bench.broker(0));
    people::ask_for_repair(bench.world, Repair::stuck_attachment, bench.broker(1));
    CHECK(bench.world.people.jobs.size() == 2);
    pass(bench.world, when);
    people::withdraw(bench.world, Repair::dead_node, bench.broker(0));
    people::withdraw(bench.world, Repair::dead_node, bench.broker(0));
    CHECK(bench.world.people.jobs.size() == 1);
    pass(bench.world, 1_h);
    CHECK(people::healthy(bench.world));
    CHECK_FALSE(bench.at("people.machine_repaired", bench.broker(0)));
    // Whoever was on the first repair turned to the second one then.
    const double taken_up = std::max(60.0, when > 60_s ? when.to_seconds() : 60.0);
    CHECK(bench.at("people.volume_repaired", bench.broker(1)).value_or(-1) == Approx(taken_up + 120 + 180 + 300));
  }
}

TEST_CASE("the chain of a repair leads to its own fault, also after a wait for a responder", "[people]") {
  Bench bench(1);
  act(bench.world, Verb::volume_loss, "kafka/broker-1");
  pass(bench.world, 1_s);
  act(bench.world, Verb::volume_loss, "kafka/broker-0");
  pass(bench.world, 2_h);
  for (const int broker : {0, 1}) {
    for (sim::CauseId id = bench.world.trace.first_id(); bench.world.trace.holds(id); ++id) {
      const sim::TraceRecord& record = bench.world.trace.at(id);
      if (event_info(record.kind).name != "people.volume_repaired") continue;
      if (record.component != bench.plan.processes[bench.broker(broker)].component) continue;
      sim::CauseId root = id;
      while (bench.world.trace.holds(bench.world.trace.at(root).parent)) root = bench.world.trace.at(root).parent;
      const VolumeId volume = bench.plan.processes[bench.broker(broker)].volume;
      CHECK(event_info(bench.world.trace.at(root).kind).name == "fault.volume_loss");
      CHECK(bench.world.trace.at(root).component == bench.plan.volumes[volume].component);
    }
  }
}

TEST_CASE("a volume cannot be replaced while its zone has no power", "[people]") {
  Bench bench(1);
  act(bench.world, Verb::volume_loss, "kafka/broker-0");
  act(bench.world, Verb::zone_power_loss, "us-west-2a", 30_min);
  pass(bench.world, 29_min);
  CHECK(bench.world.infrastructure.volumes[bench.plan.processes[bench.broker(0)].volume].lost);
  pass(bench.world, 10_min);
  CHECK_FALSE(bench.world.infrastructure.volumes[bench.plan.processes[bench.broker(0)].volume].lost);
  CHECK(people::healthy(bench.world));
}

TEST_CASE("without a provisioner a person starts the replacement of a dead machine", "[people]") {
  Topology topology = punctual(1);
  topology.node_groups[0].provisioner = Provisioner::none;
  topology.node_groups[0].auto_recovery = false;
  const Plan plan = build_plan(topology, 1);
  World world = initial_world(plan, 0);
  const ProcessId broker = process_named(plan, "kafka/broker-1");
  act(world, Verb::node_loss, "kafka/broker-1");
  pass(world, 6_h);
  CHECK(infrastructure::node_up(world, plan.processes[broker].node));
  CHECK(world.processes[broker].status == ProcessState::Status::running);
  CHECK(kubernetes::healthy(world));
  CHECK(people::healthy(world));
}

}  // namespace people_repair_test
