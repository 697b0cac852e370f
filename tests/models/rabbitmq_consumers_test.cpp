// Consumers of RabbitMQ in a world: what they hold unacknowledged, and what becomes of it (RabbitMQ sheet, sections 6,
// 8).
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/rabbitmq/nodes.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/rabbitmq_topology.hpp"

namespace rabbitmq_consumers_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using rabbitmq::QueueType;

/// Consumers `app` are at node 1, publishers at each; node 0 leads. 100 messages a second, each held for 50 ms: 5 at a
/// time (Little).
RabbitSettings with(const std::function<void(RabbitSettings&)>& change = [](RabbitSettings&) {}) {
  RabbitSettings settings;
  settings.publishers_everywhere = true;
  change(settings);
  return settings;
}

Action kill(std::string target) { return action(0_s, Verb::process_kill, std::move(target)); }

double lost(const World& world, std::string_view rule) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) {
    if (loss.rule.find(rule) != std::string_view::npos) records += loss.records_all + loss.records_one;
  }
  return records;
}

const rabbitmq::Queue& queue_of(const World& world) {
  return rabbitmq::state_of(world.services[ServiceId::of(0)]).queues[0];
}

}  // namespace

// Case 14.
TEST_CASE("what a consumer held that is not heard comes back after two to three heartbeats", "[rabbitmq]") {
  for (const std::int64_t heartbeat : {60, 20}) {
    Topology topology = rabbitmq_topology(with());
    for (rabbitmq::ClientSpec& client : topology.services[0].own.as<rabbitmq::Spec>().clients)
      client.parameters.heartbeat = Duration::seconds(heartbeat);
    const Lab lab(std::move(topology));
    const Sampled back = sample(500, [&](std::uint64_t run) {
      const World world = lab.play({action(0_s, Verb::partition, "rabbitmq/client/app", 1'000_s, "rabbitmq/node-1")},
                                   run, Duration::seconds(heartbeat * 4));
      CHECK(world.measurement.redelivered == Approx(5));
      return first(world, "rabbitmq.redelivered").value();
    });
    const auto least = static_cast<double>(2 * heartbeat);
    CHECK(agrees(back, 1.25 * least));
    CHECK(back.lowest > least);
    CHECK(back.highest <= 1.5 * least);
  }
}

TEST_CASE("what consumers of a lost node held comes back when the leader hears of it", "[rabbitmq]") {
  const Lab lab(rabbitmq_topology(with()));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World killed = lab.play({kill("rabbitmq/node-1")}, run, 30_s);
    CHECK(killed.measurement.redelivered == Approx(5));
    CHECK(first(killed, "rabbitmq.redelivered") == first(killed, "rabbitmq.node_down", "rabbitmq/node-0"));
    const World silent = lab.play({action(0_s, Verb::process_stop, "rabbitmq/node-1")}, run, 100_s);
    CHECK(silent.measurement.redelivered == Approx(5));
    CHECK(first(silent, "rabbitmq.redelivered").value() >= 60);
    // Back before anybody has missed it: it goes on.
    const World blink = lab.play(
        {action(0_s, Verb::process_stop, "rabbitmq/node-1"), action(30_s, Verb::process_continue, "rabbitmq/node-1")},
        run, 200_s);
    CHECK(blink.measurement.redelivered == 0);
    CHECK(models::healthy(blink));
  }
}

TEST_CASE("from 4.3 on a quorum queue waits for a lost consumer", "[rabbitmq]") {
  Topology topology = rabbitmq_topology(with());
  topology.services[0].own.as<rabbitmq::Spec>().parameters.disconnected_timeout = 60_s;
  const Lab lab(std::move(topology));
  const World world = lab.play({action(0_s, Verb::node_crash, "rabbitmq/node-1", 1'000_s)}, 1, 200_s);
  CHECK(first(world, "rabbitmq.redelivered").value() ==
        Approx(first(world, "rabbitmq.node_down", "rabbitmq/node-0").value() + 60));
}

TEST_CASE("a fork with another consumer_disconnected_timeout waits for a lost consumer as long as it says",
          "[rabbitmq]") {
  const auto design = [](Duration patience) {
    Topology topology = rabbitmq_topology(with());
    topology.services[0].own.as<rabbitmq::Spec>().parameters.disconnected_timeout = patience;
    return topology;
  };
  const Lab lab(design(60_s));
  for (const std::int64_t seconds : {30, 90}) {
    const Lab other(design(Duration::seconds(seconds)));
    World world = lab.prepare({action(0_s, Verb::node_crash, "rabbitmq/node-1", 1'000_s)}, 1);
    while (!first(world, "rabbitmq.node_down", "rabbitmq/node-0")) REQUIRE(step(world, origin + 200_s));
    run_until(world, world.now + 10_s);
    change_plan(world, other.plan());
    run_until(world, origin + 300_s);
    CHECK(first(world, "rabbitmq.redelivered").value() ==
          Approx(first(world, "rabbitmq.node_down", "rabbitmq/node-0").value() + static_cast<double>(seconds)));
  }
}

TEST_CASE("a lost leader costs a quorum queue's consumers no duplicate, a promoted mirror's all that they hold",
          "[rabbitmq]") {
  const Lab quorum(rabbitmq_topology(with()));
  const World elected = quorum.play({kill("leader(rabbitmq)")}, 1, 30_s);
  CHECK(count(elected, "rabbitmq.leader") == 1);
  CHECK(elected.measurement.redelivered == 0);
  const Lab mirrored(rabbitmq_topology(with([](RabbitSettings& s) { s.type = QueueType::mirrored; })));
  const World promoted = mirrored.play({kill("leader(rabbitmq)")}, 1, 30_s);
  CHECK(count(promoted, "rabbitmq.promoted") == 1);
  CHECK(promoted.measurement.redelivered == Approx(5));
}

TEST_CASE("a classic queue sends again what was unacknowledged when its node has come back", "[rabbitmq]") {
  const Lab lab(rabbitmq_topology(with([](RabbitSettings& s) {
    s.type = QueueType::classic;
    s.restart = 10_s;
  })));
  const World world = lab.play({kill("rabbitmq/node-0")}, 1, 60_s);
  CHECK(world.measurement.redelivered == Approx(5));
  CHECK(first(world, "rabbitmq.redelivered").value() >= 10);
  CHECK(lost(world, "") == 0);
}

TEST_CASE("automatic acknowledgement: what is on its way to a consumer is lost with its node", "[rabbitmq]") {
  const Lab lab(rabbitmq_topology(with([](RabbitSettings& s) { s.acknowledge = rabbitmq::Acknowledge::automatic; })));
  const World world = lab.play({kill("rabbitmq/node-1")}, 1, 30_s);
  CHECK(lost(world, "automatic acknowledgement") == Approx(5));
  CHECK(world.measurement.redelivered == 0);
}

TEST_CASE("a delivery limit of 0 drops what any lost consumer held", "[rabbitmq]") {
  for (const bool dead_letter : {false, true}) {
    Topology topology = rabbitmq_topology(with([](RabbitSettings& s) { s.delivery_limit = 0; }));
    topology.services[0].own.as<rabbitmq::Spec>().queues[0].dead_letter = dead_letter;
    const Lab lab(std::move(topology));
    const World world = lab.play({kill("rabbitmq/node-1")}, 1, 30_s);
    CHECK(count(world, "rabbitmq.delivery_limit") == 1);
    CHECK(lost(world, "delivery limit") == Approx(dead_letter ? 0 : 5));
  }
}

// Prefetch / time held: 10 / 50 ms.
TEST_CASE("a consumer takes no more than its prefetch lets it hold", "[rabbitmq]") {
  for (const std::int64_t prefetch : {0, 10}) {
    const Lab lab(rabbitmq_topology(with([&](RabbitSettings& s) {
      s.prefetch = prefetch;
      s.consume_per_s = 1'000;
      s.restart = 20_s;
    })));
    // Publishers go on at two of three nodes, the consumer is away until its node is back.
    World world = lab.play({kill("rabbitmq/node-1")}, 1, 10_s);
    CHECK(queue_of(world).backlog > 300);
    while (count(world, "rabbitmq.first_delivery") == 0) REQUIRE(step(world, origin + 100_s));
    CHECK(queue_of(world).consumed == Approx(prefetch == 0 ? 1'000 : 200));
  }
}

TEST_CASE("a consumer without prefetch takes all that waits, and holds it until consumer_timeout", "[rabbitmq]") {
  for (const bool endless : {false, true}) {
    Topology topology = rabbitmq_topology(with([&](RabbitSettings& s) {
      s.consume_per_s = 150;
      s.restart = 600_s;
      s.prefetch = endless ? 0 : 100;
    }));
    topology.services[0].own.as<rabbitmq::Spec>().parameters.consumer_timeout = 120_s;
    const Lab lab(std::move(topology));
    // 67 messages a second wait for 600 s; to work on them takes 267 s, or longer while more come.
    const World world = lab.play({kill("rabbitmq/node-1")}, 1, 1'500_s);
    CHECK((count(world, "rabbitmq.consumer_timeout") > 0) == endless);
    if (!endless) continue;
    const double back = first(world, "rabbitmq.first_delivery").value();
    const double late = first(world, "rabbitmq.consumer_timeout").value();
    // At the second tick of the channel at least 120 s have passed, at the third more.
    CHECK(late == Approx(back + 180).margin(0.01));
    CHECK(first(world, "rabbitmq.redelivered", {}, back).value() == Approx(late).margin(0.01));
    CHECK(world.measurement.redelivered > 1'000);
  }
}

// rabbit_fifo.erl evaluate_consumer_timeout, rabbit_channel.erl (released): 4.3 cancels the consumer and keeps the
// channel. Nothing was a failed delivery.
TEST_CASE("from 4.3 on consumer_timeout cancels a consumer, which subscribes anew", "[rabbitmq]") {
  Topology topology = rabbitmq_topology(with([](RabbitSettings& s) {
    s.consume_per_s = 150;
    s.restart = 600_s;
    s.delivery_limit = 0;
  }));
  auto& spec = topology.services[0].own.as<rabbitmq::Spec>();
  spec.parameters.consumer_timeout = 120_s;
  spec.parameters.channel_tick = Duration();
  const Duration wait = spec.clients[0].parameters.recovery_interval;
  const Lab lab(std::move(topology));
  World world = lab.prepare({kill("rabbitmq/node-1")}, 1);
  while (count(world, "rabbitmq.consumer_timeout") == 0) REQUIRE(step(world, origin + 1'500_s));
  const double back = first(world, "rabbitmq.first_delivery").value();
  const double late = first(world, "rabbitmq.consumer_timeout").value();
  CHECK(late == Approx(back + 120).margin(0.01));
  CHECK(world.measurement.redelivered > 1'000);
  // Its connection stands: it is nobody else's, and does not look for another node.
  CHECK(rabbitmq::state_of(world.services[ServiceId::of(0)]).accesses[0].channel == rabbitmq::Channel::cancelled);
  run_until(world, world.now + wait + 1_s);
  CHECK(first(world, "rabbitmq.first_delivery", {}, late).value() == Approx(late + wait.to_seconds()).margin(0.05));
  CHECK(count(world, "rabbitmq.delivery_limit") == 1);  // of what the lost node's consumer held
  CHECK(outages(world, "deliver").back().second == Approx(wait.to_seconds()).margin(0.05));
}

TEST_CASE("two consumers: what one holds that is not heard reaches the other late", "[rabbitmq]") {
  Topology topology = rabbitmq_topology(with());
  auto& spec = topology.services[0].own.as<rabbitmq::Spec>();
  spec.queues[0].consume_per_s = 1'000;
  rabbitmq::SliSpec sli;
  sli.name = "deliver-2";
  sli.kind = rabbitmq::SliKind::deliver;
  sli.client = "publish-2";
  sli.deadline = 50_ms;
  spec.slis.push_back(sli);
  sli.name = "lag";
  sli.kind = rabbitmq::SliKind::lag;
  sli.most_lag = 10_s;
  spec.slis.push_back(sli);
  const Lab lab(std::move(topology));
  const World world =
      lab.play({action(0_s, Verb::partition, "rabbitmq/client/app", 1'000_s, "rabbitmq/node-1")}, 1, 300_s);
  // Half of 5: too little for an event of its own to be told, but it waits for as long.
  CHECK(world.measurement.redelivered == Approx(2.5));
  REQUIRE(outages(world, "lag").size() == 1);
  CHECK(outages(world, "lag")[0].first == Approx(10));
  CHECK(outages(world, "lag")[0].second > 110);
  CHECK(outages(world, "lag")[0].second < 171);
}

}  // namespace rabbitmq_consumers_test
