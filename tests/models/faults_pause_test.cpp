// Processes that stand still for a while: what the others make of it, and what ends a pause.
#include <algorithm>

#include "models/faults/clocks.hpp"
#include "models/platform.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace faults_pause_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

using Status = ProcessState::Status;

Topology seed_topology() {
  Topology topology = small_topology();
  for (kafka::SliSpec& sli : kafka_spec(topology).slis) sli.deadline = 0_s;
  return topology;
}

bool well(const World& world) {
  return services::healthy(world) && kubernetes::healthy(world) && people::healthy(world) && faults::healthy(world);
}

Status status_of(const World& world, std::string_view process) {
  return world.processes[process_named(*world.plan, process)].status;
}

constexpr std::uint64_t runs = 100;

}  // namespace

TEST_CASE("a pause shorter than the session goes unnoticed by the controller, and delays what it holds up",
          "[faults][pause]") {
  const Lab lab(seed_topology());
  for (std::uint64_t run = 0; run < runs; ++run) {
    // The last heartbeat was at most one interval and a round trip before: the session lasts for 6.9 s more.
    World world = lab.play({action(0_s, Verb::process_pause, "kafka/broker-0", 6_s)}, run, 6500_ms);
    CHECK(count(world, "kafka.fenced") == 0);
    CHECK(first(world, "fault.pause_ended").value_or(-1) == Approx(6));
    run_until(world, origin + 5_min);
    CHECK(count(world, "kafka.fenced") == 0);
    CHECK(status_of(world, "kafka/broker-0") == Status::running);
    // acks=all needs the broker on every partition, as leader or as follower.
    const auto out = outages(world, "write");
    REQUIRE(out.size() == 1);
    CHECK(out[0].first == Approx(0).margin(1e-6));
    CHECK(out[0].second == Approx(6).margin(1.5));
    CHECK(well(world));
  }
}

TEST_CASE("a pause longer than the session fences the broker, which comes back by itself", "[faults][pause]") {
  const Lab lab(seed_topology());
  for (std::uint64_t run = 0; run < runs; ++run) {
    World world = lab.play({action(0_s, Verb::process_pause, "kafka/broker-0", 20_s)}, run, 19_s);
    const double fenced = first(world, "kafka.fenced", "kafka/broker-0").value_or(-1);
    CHECK(fenced >=
          6.9);  // 9 s after its last heartbeat, one interval of 2 s and a round trip before the pause at most
    CHECK(fenced <= 9.1);
    CHECK(status_of(world, "kafka/broker-0") == Status::stopped);
    CHECK_FALSE(well(world));
    run_until(world, origin + 30_min);
    CHECK(first(world, "fault.pause_ended").value_or(-1) == Approx(20));
    // It was never restarted: no container started, and its next heartbeat brings it back.
    CHECK(count(world, "k8s.container_restarted") == 0);
    const double back = first(world, "kafka.unfenced", "kafka/broker-0").value_or(-1);
    CHECK(back >= 20);
    CHECK(back < 20 + 9 + 2);  // the longest wait between two attempts, a heartbeat to be let in
    CHECK(well(world));
  }
}

TEST_CASE("nothing is well as long as a process stands still", "[faults][pause]") {
  const Lab lab(seed_topology());
  for (const std::string process : {"kafka/broker-1", "kafka/controller-3", "strimzi"}) {
    INFO(process);
    World world = lab.play({action(0_s, Verb::process_pause, process, 500_ms)}, 1, 499_ms);
    CHECK(status_of(world, process) == Status::stopped);
    CHECK_FALSE(well(world));
    run_until(world, origin + 5_min);
    CHECK(status_of(world, process) == Status::running);
    CHECK(well(world));
  }
}

TEST_CASE("a process that ends during a pause is not continued, nor is its successor", "[faults][pause]") {
  const Lab lab(seed_topology());
  const Verb end = GENERATE(Verb::process_kill, Verb::node_crash, Verb::delete_pod);
  const std::optional<Duration> downtime = end == Verb::node_crash ? std::optional<Duration>(60_s) : std::nullopt;
  World world = lab.play(
      {action(0_s, Verb::process_pause, "kafka/broker-0", 600_s), action(1_s, end, "kafka/broker-0", downtime)}, 1,
      2_s);
  CHECK(status_of(world, "kafka/broker-0") == Status::absent);
  // The successor pauses too; the end of the first pause does not end the second.
  run_until(world, origin + 590_s);
  REQUIRE(status_of(world, "kafka/broker-0") == Status::running);
  REQUIRE(act(world, Verb::process_pause, "kafka/broker-0", 100_s) == 1);
  run_until(world, origin + 689_s);
  CHECK(status_of(world, "kafka/broker-0") == Status::stopped);
  CHECK(count(world, "fault.pause_ended") == 0);
  run_until(world, origin + 2_h);
  CHECK(first(world, "fault.pause_ended").value_or(-1) == Approx(690));
  CHECK(status_of(world, "kafka/broker-0") == Status::running);
  CHECK(well(world));
}

TEST_CASE("a pause and a stop by a person hold a process independently", "[faults][pause]") {
  const Lab lab(seed_topology());
  World world = lab.play({action(0_s, Verb::process_pause, "kafka/broker-0", 5_s)}, 1, 1_s);
  CHECK(act(world, Verb::process_pause, "kafka/broker-0", 5_s) == 0);
  CHECK(act(world, Verb::process_continue, "kafka/broker-0") == 0);  // SIGCONT ends no pause
  CHECK(act(world, Verb::process_stop, "kafka/broker-0") == 1);
  CHECK(act(world, Verb::process_stop, "kafka/broker-0") == 0);
  SECTION("continued after the pause") {
    run_until(world, origin + 6_s);
    CHECK(status_of(world, "kafka/broker-0") == Status::stopped);
    CHECK(act(world, Verb::process_continue, "kafka/broker-0") == 1);
    CHECK(status_of(world, "kafka/broker-0") == Status::running);
  }
  SECTION("continued during the pause") {
    CHECK(act(world, Verb::process_continue, "kafka/broker-0") == 1);
    CHECK(status_of(world, "kafka/broker-0") == Status::stopped);
    run_until(world, origin + 5_s);
    CHECK(status_of(world, "kafka/broker-0") == Status::running);
  }
  CHECK(act(world, Verb::process_continue, "kafka/broker-0") == 0);
  pass(world, 10_min);
  CHECK(well(world));
}

TEST_CASE("SIGTERM reaches a process that stands still when it goes on, SIGKILL of the grace period at once",
          "[faults][pause]") {
  const Lab lab(seed_topology());
  const bool in_time = GENERATE(true, false);
  const Duration length = in_time ? 10_s : 60_s;
  World world = lab.play({action(0_s, Verb::process_pause, "kafka/broker-0", length),
                          action(1_s, Verb::process_terminate, "kafka/broker-0")},
                         1, 31500_ms);
  const ProcessState& state = world.processes[process_named(lab.plan(), "kafka/broker-0")];
  CHECK(count(world, "k8s.grace_period_ended") == (in_time ? 0 : 1));
  CHECK(state.ending == (in_time ? Ending::clean : Ending::crash));
  if (in_time) CHECK(first(world, "kafka.logs_closed").value_or(-1) > 10);
  run_until(world, origin + 30_min);
  CHECK(well(world));
}

TEST_CASE("an operator takes its work up again when it goes on", "[faults][pause]") {
  const Lab lab(seed_topology());
  World world =
      lab.play({action(0_s, Verb::process_pause, "strimzi", 60_s), action(10_s, Verb::delete_pod, "kafka/broker-0"),
                action(20_s, Verb::rolling_restart, "kafka")},
               1, 59_s);
  CHECK(count(world, "k8s.pod_created") == 0);
  CHECK(count(world, "k8s.pod_rolled") == 0);
  run_until(world, origin + 2_h);
  CHECK(first(world, "k8s.pod_created").value_or(-1) > 60);
  CHECK(count(world, "k8s.roll_finished") == 1);
  CHECK(well(world));
}

TEST_CASE("servers pause by themselves, for as long as the law says", "[faults][pause]") {
  Topology topology = seed_topology();
  topology.infrastructure.process_pause_duration = Law::constant(3_s);
  const Plan plan = build_plan(topology, 1);
  std::size_t sources = 0;
  for (const FaultSource& source : plan.faults) {
    if (source.verb != Verb::process_pause) continue;
    ++sources;
    CHECK(source.rate.per_year() == Approx(4));
    World world = initial_world(plan, sources);
    REQUIRE(faults::strike(world, source));
    CHECK_FALSE(faults::strike(world, source));
    const ProcessState& state = world.processes[ProcessId{source.index}];
    pass(world, 2999_ms);
    CHECK(state.status == Status::stopped);
    pass(world, 1_ms);
    CHECK(state.status == Status::running);
  }
  CHECK(sources == 6);  // not the operator
  topology.infrastructure.process_pause_rate = {};
  for (const FaultSource& source : build_plan(topology, 1).faults) CHECK(source.verb != Verb::process_pause);
}

}  // namespace faults_pause_test
