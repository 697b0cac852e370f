// Kafka whose metadata is in ZooKeeper: who is the controller, when a dead broker is taken for dead, and what each
// partition costs. Rules: models/kafka/zk/control.hpp; Kafka sheet section 4, oracle 17; ZooKeeper sheet section 3.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "models/health.hpp"
#include "models/kafka/assignment.hpp"
#include "models/structure/cut_sets.hpp"
#include "tests/models/ailments.hpp"
#include "tests/models/kafka_zookeeper_topology.hpp"
#include "tests/models/lab.hpp"

namespace kafka_zookeeper_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

const std::string controller = "leader(kafka/controllers)";
const std::string other_broker = "follower(kafka/controllers)";

Action kill(Duration at, std::string target) { return action(at, Verb::process_kill, std::move(target)); }

Topology certain(ZooKeeperSettings settings = {}) {
  Topology topology = kafka_zookeeper_topology(settings);
  make_certain(kafka_spec(topology).parameters);
  return topology;
}

std::string name_of_broker(kafka::Position position) { return "kafka/broker-" + std::to_string(position); }
kafka::Position active(const World& world) { return kafka_state(world).active; }

/// Partitions that a broker leads in health.
std::int64_t led_by(const Plan& plan, kafka::Position broker) {
  std::int64_t count = 0;
  for (const kafka::GroupPlan& group : kafka_plan(plan).groups) {
    if (group.broker[0] == broker) count += group.partitions;
  }
  return count;
}

}  // namespace

TEST_CASE("kafka with zookeeper: a dead broker is missed when its session has run out", "[kafka][kafka-zookeeper]") {
  // Oracle 17. A session of 18 s is kept alive by a ping each 6 s (ClientCnxn: half of two thirds of it), so that the
  // last ping is U(0, 6) s old; by a follower it comes to the leader with its answer to the leader's next ping, U(0, 1)
  // s later, for two brokers in three; the leader ends the session at its next tick, U(0, 2) s after the time-out.
  // Mean 18 - 3 + 1 + 2/3 * 1/2 = 16.33 s, from 12 to 21 s. (The sheet has 16.2 s, from 12.5 to 20: it takes pings for
  // 5.5 s apart, and leaves the relay out.)
  const Lab lab(certain());
  const Sampled gone = sample(400, [&](std::uint64_t run) {
    const World world = lab.play({kill(0_s, other_broker)}, run, 25_s);
    return first(world, "kafka.registration_gone");
  });
  CHECK(agrees(gone, 18.0 - 3 + 1 + 2.0 / 3 / 2));
  CHECK(gone.lowest > 12);
  CHECK(gone.highest < 21.01);
}

TEST_CASE("kafka with zookeeper: leaderships move as soon as the controller has read and written each",
          "[kafka][kafka-zookeeper]") {
  // The watch: half a round trip and 5 ms. Then it reads three brokers, and reads and writes each partition that the
  // dead one led; then LeaderAndIsr: half a round trip and 20 ms, none to itself.
  const Lab lab(certain());
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World before = lab.prepare({kill(0_s, "kafka/broker-1")}, run);
    if (active(before) == 1) continue;
    const World world = lab.play({kill(0_s, "kafka/broker-1")}, run, 30_s);
    const double gone = *first(world, "kafka.registration_gone");
    const double led = static_cast<double>(led_by(lab.plan(), 1));
    const double removed = gone + 0.0005 + 0.005 + 3 * 0.00014 + led * 0.0003;
    CHECK(*first(world, "kafka.broker_removed") == Approx(removed).margin(2e-6));
    CHECK(*first(world, "kafka.leader_and_isr", name_of_broker(active(before))) == Approx(removed + 0.02).margin(2e-6));
    CHECK(count(world, "kafka.controller_created") == 0);
    // acks=all of all partitions waits for it: two more steps of the controller and the client's own.
    const auto down = outages(world, "write");
    REQUIRE(down.size() == 1);
    CHECK(down[0].second > removed);
    CHECK(down[0].second < removed + 1.5);
  }
}

TEST_CASE("kafka with zookeeper: a new controller reads every partition before it acts", "[kafka][kafka-zookeeper]") {
  // 100 ms and 0.14 ms a partition: the published 14 s of 100,000. KRaft's standby has them already.
  for (const std::int64_t partitions : {900, 9'000, 90'000}) {
    Topology topology = certain();
    kafka::Spec& spec = kafka_spec(topology);
    spec.topics.resize(1);
    spec.topics[0].partitions = partitions;
    spec.topics[0].stored_per_partition = {1e6};
    const double all = static_cast<double>(partitions + spec.parameters.offsets_partitions);
    const Lab lab(topology);
    const World world = lab.play({kill(0_s, controller)}, 1, 60_s);
    const double created = *first(world, "kafka.controller_created");
    CHECK(*first(world, "kafka.controller_ready") - created == Approx(0.1 + 0.00014 * all).margin(2e-6));
    CHECK(created - *first(world, "kafka.controller_gone") < 0.1);
    CHECK(kafka_state(world).zk.epoch == 2);
    CHECK(count(world, "kafka.controller_created") == 1);
  }
}

TEST_CASE("kafka with zookeeper: a broker that is back too soon finds the node of the process before and exits",
          "[kafka][kafka-zookeeper]") {
  // KafkaZkClient.checkedEphemeralCreate: NODEEXISTS of another session is fatal. It has loaded its logs by then, and
  // closes them in order. Logs of next to nothing: recovery takes no time.
  Topology topology = certain();
  for (kafka::TopicSpec& topic : kafka_spec(topology).topics) topic.stored_per_partition = {1e3};
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({kill(0_s, other_broker)}, run, 120_s);
    const double gone = *first(world, "kafka.registration_gone");
    const std::optional<double> refused = first(world, "kafka.registration_refused");
    REQUIRE(refused);
    CHECK(*refused < gone);
    CHECK(*first(world, "kafka.registration_made") > gone);
    CHECK(*first(world, "kafka.broker_joined") > *first(world, "kafka.registration_made"));
  }
}

TEST_CASE("kafka with zookeeper: one server of the ensemble lost costs nothing", "[kafka][kafka-zookeeper]") {
  // Seed claim 25, first half.
  const Lab lab(certain());
  for (const char* target : {"leader(zookeeper/servers)", "follower(zookeeper/servers)"}) {
    for (std::uint64_t run = 0; run < 20; ++run) {
      const World world = lab.play({kill(0_s, target)}, run, 120_s);
      CHECK(count(world, "kafka.registration_gone") == 0);
      CHECK(count(world, "kafka.controller_gone") == 0);
      CHECK(downtime(world, "write") == 0);
    }
  }
}

TEST_CASE("kafka with zookeeper: without a quorum leaders serve on and nobody takes over from a dead one",
          "[kafka][kafka-zookeeper]") {
  // Seed claim 25, second half; oracle 14 has KRaft's. The ensemble's next leader gives the dead broker's session its
  // whole 18 s again, up to the tick after.
  // Its servers take 180 s to start, and the broker is killed after 60.
  ZooKeeperSettings settings;
  settings.parameters.start = Law::constant(180_s);
  Topology topology = certain(settings);
  kafka_spec(topology).parameters.process_start = Law::constant(3600_s);
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 10; ++run) {
    const std::vector<Action> script{kill(0_s, "leader(zookeeper/servers)"), kill(0_s, "follower(zookeeper/servers)"),
                                     kill(60_s, "kafka/broker-0")};
    const World world = lab.play(script, run, 260_s);
    const double serves = *first(world, "zookeeper.serving");
    CHECK(serves > 180);
    CHECK(*first(world, "kafka.registration_gone") > serves + 18);
    CHECK(*first(world, "kafka.registration_gone") < serves + 20.1);
    const auto down = outages(world, "write");
    REQUIRE(!down.empty());
    CHECK(down[0].first >= 60);
    CHECK(down[0].first + down[0].second > serves + 18);
    CHECK(down[0].first + down[0].second < serves + 22);
    CHECK(world.measurement.losses.empty());
  }
}

TEST_CASE("kafka with zookeeper: a controller that stood still finds another one and comes back as a broker",
          "[kafka][kafka-zookeeper]") {
  const Lab lab(certain());
  for (std::uint64_t run = 0; run < 20; ++run) {
    const std::vector<Action> script{action(0_s, Verb::process_pause, controller, 40_s)};
    const World before = lab.prepare(script, run);
    const kafka::Position paused = active(before);
    const World world = lab.play(script, run, 120_s);
    CHECK(count(world, "kafka.controller_created") == 1);
    CHECK(active(world) != paused);
    CHECK(kafka_state(world).zk.epoch == 2);
    // It learns that its session has expired only when it goes on, and registers anew.
    CHECK(*first(world, "kafka.registration_made", name_of_broker(paused)) > 40);
    CHECK(*first(world, "kafka.registration_made", name_of_broker(paused)) < 45);
    CHECK(world.measurement.losses.empty());
  }
}

TEST_CASE("kafka with zookeeper: a pause shorter than the session costs no leadership", "[kafka][kafka-zookeeper]") {
  const Lab lab(certain());
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::process_pause, controller, 10_s)}, run, 60_s);
    CHECK(count(world, "kafka.registration_gone") == 0);
    CHECK(count(world, "kafka.controller_created") == 0);
  }
}

TEST_CASE("kafka with zookeeper: a stopping broker hands over in milliseconds and ends its session",
          "[kafka][kafka-zookeeper]") {
  const Lab lab(certain());
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::process_terminate, "kafka/broker-2")}, run, 60_s);
    CHECK(*first(world, "kafka.new_leader") < 0.05);
    // Logs are closed after 0.7 s and 4 ms a log; then the session ends, and no time-out is waited for.
    CHECK(*first(world, "kafka.registration_gone", "kafka/broker-2") < 1.5);
    CHECK(count(world, "kafka.registration_refused") == 0);
    CHECK(downtime(world, "write") < 1.5);
    CHECK(world.measurement.losses.empty());
  }
}

TEST_CASE("kafka with zookeeper: a controller that stops in order is followed at once", "[kafka][kafka-zookeeper]") {
  const Lab lab(certain());
  for (std::uint64_t run = 0; run < 10; ++run) {
    const World world = lab.play({action(0_s, Verb::process_terminate, controller)}, run, 60_s);
    const double gone = *first(world, "kafka.controller_gone");
    CHECK(gone < 1.5);
    CHECK(*first(world, "kafka.controller_created") - gone < 0.05);
  }
}

TEST_CASE("kafka with zookeeper: without a controller a stopping broker asks three times and exits all the same",
          "[kafka][kafka-zookeeper]") {
  // KafkaServer.controlledShutdown: controlled.shutdown.max.retries, controlled.shutdown.retry.backoff.ms. The
  // controller is killed, and its session lives on: connections to its port are refused.
  const Lab lab(certain());
  for (std::uint64_t run = 0; run < 10; ++run) {
    const World before = lab.prepare({kill(0_s, controller)}, run);
    const std::string stopping = name_of_broker(active(before) == 0 ? 1 : 0);
    const World world = lab.play({kill(0_s, controller), action(100_ms, Verb::process_terminate, stopping)}, run, 40_s);
    // Tries at 0.1, 5.1 and 10.1 s; the logs are closed 0.7 s and some milliseconds a log later.
    CHECK(*first(world, "kafka.logs_closed", stopping) == Approx(10.1 + 0.7 + 0.2).margin(0.2));
  }
}

TEST_CASE("kafka with zookeeper: a broker that is cut off from the ensemble alone is taken for dead and comes back",
          "[kafka][kafka-zookeeper]") {
  const Lab lab(certain());
  for (std::uint64_t run = 0; run < 10; ++run) {
    std::vector<Action> script{action(0_s, Verb::partition, "kafka/broker-1", 60_s, "all(zookeeper/servers)")};
    const World world = lab.play(script, run, 120_s);
    CHECK(*first(world, "kafka.registration_gone", "kafka/broker-1") > 11.9);
    CHECK(*first(world, "kafka.registration_gone", "kafka/broker-1") < 21.1);
    // It does not know: it goes on to serve until it is told (no acks=all of it is acknowledged).
    CHECK(*first(world, "kafka.registration_made", "kafka/broker-1") > 60);
    CHECK(world.measurement.losses.empty());
    CHECK(downtime(world, "write") < 60);
  }
}

TEST_CASE("kafka with zookeeper: replicas are assigned as AdminUtils does", "[kafka][kafka-zookeeper]") {
  // The tables in the comments of apache/kafka 3.6 AdminUtils: five brokers; six in three racks.
  const auto none = [](std::size_t) { return std::size_t{0}; };
  kafka::ShiftedPlacer plain({0, 0, 0, 0, 0}, none);
  const std::vector<kafka::Assignment> expected{{0, 1, 2}, {1, 2, 3}, {2, 3, 4}, {3, 4, 0}, {4, 0, 1},
                                                {0, 2, 3}, {1, 3, 4}, {2, 4, 0}, {3, 0, 1}, {4, 1, 2}};
  for (const kafka::Assignment& assignment : expected) CHECK(plain.place(3) == assignment);
  kafka::ShiftedPlacer racks({1, 3, 3, 2, 2, 1}, none);
  const std::vector<kafka::Assignment> spread{{0, 3, 1}, {3, 1, 5}, {1, 5, 4}, {5, 4, 2}, {4, 2, 0}, {2, 0, 3},
                                              {0, 4, 2}, {3, 2, 0}, {1, 0, 3}, {5, 3, 1}, {4, 1, 5}, {2, 5, 4}};
  for (const kafka::Assignment& assignment : spread) CHECK(racks.place(3) == assignment);
}

TEST_CASE("kafka with zookeeper: by structure the ensemble is needed for control alone", "[kafka][kafka-zookeeper]") {
  // Two servers of it stop nothing while all replicas are in sync; with them a broker more does.
  const Plan plan = build_plan(certain(), 1);
  measurement::SliIndex write = 0;
  while (plan.slis[write].name != "write") ++write;
  const structure::CutSets cuts = structure::minimal_cut_sets(plan, write, 3);
  std::size_t mixed = 0;
  for (const structure::CutSet& cut : cuts.sets) {
    std::size_t servers = 0;
    std::size_t brokers = 0;
    for (const ComponentId part : cut.parts) {
      if (plan.name(part).starts_with("zookeeper/server-")) ++servers;
      if (plan.name(part).starts_with("kafka/broker-")) ++brokers;
    }
    CHECK(servers < cut.parts.size());
    if (servers == 2 && brokers == 1) ++mixed;
  }
  CHECK(mixed == 3 * 4 * 3 * 2);  // any two of three servers, any of three brokers, each by its process or its volume
}

TEST_CASE("kafka with zookeeper: leaders return when more than a tenth of a broker's is led by others",
          "[kafka][kafka-zookeeper]") {
  // leader.imbalance.per.broker.percentage; the check runs each 300 s.
  const Lab lab(certain());
  const World world = lab.play({action(0_s, Verb::process_terminate, "kafka/broker-2")}, 3, 700_s);
  CHECK(count(world, "kafka.preferred_leaders") == 1);
  CHECK(everything_healthy(world));
  Topology lenient = certain();
  kafka_spec(lenient).parameters.leader_imbalance_percentage = 100;
  const Lab lazy(lenient);
  const World stays = lazy.play({action(0_s, Verb::process_terminate, "kafka/broker-2")}, 3, 700_s);
  CHECK(count(stays, "kafka.preferred_leaders") == 0);
}

TEST_CASE("kafka with zookeeper: of brokers that one look finds dead none is elected", "[kafka][kafka-zookeeper]") {
  // KafkaController.processBrokerChange: removeLiveBrokers, and only then onBrokerFailure. The controller stands still
  // while both registrations go, but not for as long as its own session.
  const Lab lab(certain());
  std::size_t together = 0;
  for (std::uint64_t run = 0; run < 12; ++run) {
    const kafka::Position living = active(lab.prepare({kill(0_s, controller)}, run));
    std::vector<Action> script;
    for (kafka::Position broker = 0; broker < 3; ++broker) {
      if (broker != living) script.push_back(kill(0_s, name_of_broker(broker)));
    }
    script.push_back(action(11_s, Verb::process_stop, name_of_broker(living)));
    script.push_back(action(22_s, Verb::process_continue, name_of_broker(living)));
    Topology slow = certain();
    slow.kubernetes.container_restart = Law::constant(600_s);
    const World world = Lab(slow).play(script, run, 40_s);
    if (active(world) != living || count(world, "kafka.controller_created") > 0) continue;
    const std::optional<double> gone = first(world, "kafka.broker_removed");
    REQUIRE(gone);
    if (*gone < 22) continue;
    ++together;
    for (const sim::TraceRecord& record : world.trace.records()) {
      if (event_info(record.kind).name == "kafka.new_leader") CHECK(record.detail == living);
    }
    CHECK(count(world, "kafka.broker_removed") == 2);
  }
  CHECK(together >= 3);
}

}  // namespace kafka_zookeeper_test
