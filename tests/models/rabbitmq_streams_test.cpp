// Streams of RabbitMQ in a world: who writes, when another does, and what a power loss takes (RabbitMQ sheet, section
// 6; rabbit_stream_coordinator.erl).
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/rabbitmq/nodes.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/rabbitmq_topology.hpp"

namespace rabbitmq_streams_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

/// The stream's writer begins on node `writer`, its coordinator's leader on node 0; clients are at node 1.
Topology stream(
    std::int64_t writer, const std::function<void(RabbitSettings&)>& change = [](RabbitSettings&) {}) {
  RabbitSettings settings;
  settings.type = rabbitmq::QueueType::stream;
  change(settings);
  Topology topology = rabbitmq_topology(settings);
  topology.services[0].own.as<rabbitmq::Spec>().queues[0].leader = writer;
  return topology;
}

double lost(const World& world, std::string_view rule = {}) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) {
    if (loss.rule.find(rule) != std::string_view::npos) records += loss.records_all + loss.records_one;
  }
  return records;
}

Action kill(std::string target) { return action(0_s, Verb::process_kill, std::move(target)); }

}  // namespace

// Broadcast 100 ms, U(1, 500) ms each of two: mean 267 ms; what the coordinator and osiris do costs some messages.
TEST_CASE("a stream whose writer ends has another after a few messages, or after its coordinator's election",
          "[rabbitmq]") {
  const Lab apart(stream(2));
  const Sampled quick = sample(200, [&](std::uint64_t run) {
    const World world = apart.play({kill("leader(rabbitmq/orders)")}, run, 30_s);
    CHECK(count(world, "rabbitmq.leader") == 0);
    CHECK(lost(world) == 0);
    return first(world, "rabbitmq.stream_writer").value();
  });
  CHECK(quick.highest < 0.1);
  const Lab together(stream(0));
  const Sampled after = sample(400, [&](std::uint64_t run) {
    const World world = together.play({kill("leader(rabbitmq/orders)")}, run, 30_s);
    const double elected = first(world, "rabbitmq.leader", "rabbitmq/node-1").value_or(1e9);
    const double other = first(world, "rabbitmq.leader", "rabbitmq/node-2").value_or(1e9);
    const double writer = first(world, "rabbitmq.stream_writer").value();
    CHECK(writer > std::min(elected, other));
    CHECK(first(world, "rabbitmq.first_confirm").value() >= writer);
    // Consumers read their own node's replica, which goes on.
    CHECK(downtime(world, "deliver") == 0);
    CHECK(lost(world) == 0);
    return writer;
  });
  CHECK(after.mean > 0.25);
  CHECK(after.mean < 0.35);
}

TEST_CASE("a silent writer of a stream is replaced when net_ticktime is over", "[rabbitmq]") {
  for (const std::int64_t writer : {0, 2}) {
    const Lab lab(stream(writer));
    const Sampled replaced = sample(300, [&](std::uint64_t run) {
      const World world = lab.play({action(0_s, Verb::process_stop, "leader(rabbitmq/orders)")}, run, 100_s);
      CHECK(count(world, "rabbitmq.stream_writer") == 1);
      CHECK(lost(world) == 0);
      return first(world, "rabbitmq.stream_writer").value();
    });
    CHECK(agrees(replaced, 67.5));
    CHECK(replaced.lowest >= 60);
  }
}

TEST_CASE("a stream without a majority confirms nothing, and goes on with its log", "[rabbitmq]") {
  const Lab lab(stream(0, [](RabbitSettings& s) { s.restart = 100_s; }));
  const World world = lab.play({kill("rabbitmq/node-0"), action(1_s, Verb::process_kill, "rabbitmq/node-2")}, 1, 200_s);
  CHECK(lost(world) == 0);
  REQUIRE(outages(world, "publish").size() >= 1);
  CHECK(outages(world, "publish").back().second > 95);
  CHECK(models::healthy(world));
}

// What a majority has written is on no disk yet: of three that lose power at once the best has lost the least of three
// ages that are even over 30 s, if it is among the first two to be back.
TEST_CASE("a power loss of all takes what a stream had not written back, a crash of all processes nothing",
          "[rabbitmq]") {
  const Lab lab(stream(0, [](RabbitSettings& s) { s.restart = 5_s; }));
  std::vector<Action> power;
  std::vector<Action> crash;
  for (const char* node : {"rabbitmq/node-0", "rabbitmq/node-1", "rabbitmq/node-2"}) {
    power.push_back(action(0_s, Verb::node_crash, node, 60_s));
    crash.push_back(kill(node));
  }
  const Sampled seconds = sample(400, [&](std::uint64_t run) {
    const World world = lab.play(power, run, 300_s);
    CHECK(count(world, "rabbitmq.stream_writer") >= 1);
    return lost(world, "page cache") / 100;
  });
  CHECK(seconds.mean > 7.5 * 0.8);
  CHECK(seconds.mean < 10 * 1.2);
  CHECK(seconds.highest < 30);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play(crash, run, 300_s);
    CHECK(lost(world) == 0);
    CHECK(models::healthy(world));
  }
  // A member that was cut off for two minutes has long written back what it has: it is a tail of the others'.
  std::vector<Action> apart;
  for (const char* other : {"rabbitmq/node-0", "rabbitmq/node-1"})
    apart.push_back(action(0_s, Verb::partition, "rabbitmq/node-2", 400_s, other));
  const auto tail = [&](const std::vector<Action>& script, Duration until) {
    const World world = lab.play(script, 1, until);
    return rabbitmq::view(world, ServiceId::of(0)).queue(0).members[2].tail;
  };
  const double before = tail(apart, 200_s);
  apart.push_back(action(200_s, Verb::node_crash, "rabbitmq/node-2", 60_s));
  CHECK(tail(apart, 205_s) == before);
  CHECK(tail({power[2]}, 1_s) < tail({kill("rabbitmq/node-2")}, 1_s));
  // One of three: the others have everything.
  for (std::uint64_t run = 0; run < 20; ++run) CHECK(lost(lab.play({power[0]}, run, 300_s)) == 0);
}

TEST_CASE("what retention keeps is all that a stream can lose, and all that a replica without data takes",
          "[rabbitmq]") {
  // 1,000 a second of 10 kB, of which 8 GB are kept, at 100 MB/s: 800,000 messages, and 80 s.
  Topology topology = stream(0);
  auto& spec = topology.services[0].own.as<rabbitmq::Spec>();
  spec.queues[0].publish_per_s = 1000;
  spec.queues[0].message_size = {10e3};
  spec.queues[0].max_length = {8e9};
  spec.parameters.stream_rate = {100e6};
  const auto volume = [](int node, Duration at) {
    return action(at, Verb::volume_loss, "rabbitmq/node-" + std::to_string(node));
  };
  const Lab lab(topology);
  spec.parameters.stream_rate = {200e6};
  const Lab twice(topology);
  // Whenever it is: the stream was there for long.
  for (const Duration at : {1_s, 9_h}) {
    const World all = lab.play({volume(0, at), volume(1, at), volume(2, at)}, 1, at + 10_h);
    CHECK(lost(all) == Approx(800e3).epsilon(0.01));
    const auto level = [&](const Lab& with) {
      const World one = with.play({volume(2, at)}, 1, at + 10_h);
      CHECK(lost(one) == 0);
      return first(one, "rabbitmq.caught_up", "rabbitmq/node-2", at.to_seconds()).value();
    };
    CAPTURE(at.to_seconds());
    CHECK(level(lab) - level(twice) == Approx(40).margin(1));
  }
}

TEST_CASE("a consumer that is away for longer than a stream's retention misses what was removed", "[rabbitmq]") {
  for (const bool keeps : {false, true}) {
    Topology topology = stream(0, [](RabbitSettings& s) {
      s.publishers_everywhere = true;
      s.consume_per_s = 1'000;
      s.restart = 600_s;
    });
    // 100 B each, 100 a second: 600 s are 6 MB (two of three publishers: 4 MB).
    topology.services[0].own.as<rabbitmq::Spec>().queues[0].max_length = {keeps ? 1e8 : 1e6};
    const Lab lab(std::move(topology));
    const World world = lab.play({kill("rabbitmq/node-1")}, 1, 900_s);
    CHECK((lost(world, "retention") > 0) != keeps);
    if (!keeps) CHECK(lost(world, "retention") == Approx(30'000).epsilon(0.05));
    CHECK(world.measurement.redelivered == 0);
  }
}

TEST_CASE("streams under random faults: one writer an epoch, and all is well in the end", "[rabbitmq]") {
  const Lab lab(stream(0, [](RabbitSettings& s) { s.restart = 5_s; }));
  for (std::uint64_t run = 0; run < 100; ++run) {
    std::vector<Action> script;
    std::uint64_t dice = run * 2654435761U + 12345;
    const auto roll = [&] { return (dice = dice * 6364136223846793005U + 1442695040888963407U) >> 33U; };
    for (int i = 0; i < 4; ++i) {
      const std::string node = "rabbitmq/node-" + std::to_string(roll() % 3);
      const std::string other = "rabbitmq/node-" + std::to_string(roll() % 3);
      const Duration at = Duration::seconds(static_cast<std::int64_t>(roll() % 200));
      const Duration lasts = Duration::seconds(static_cast<std::int64_t>(1 + roll() % 120));
      switch (roll() % 3) {
        case 0: script.push_back(action(at, Verb::process_kill, node)); break;
        case 1:
          if (node != other) script.push_back(action(at, Verb::partition, node, lasts, other));
          break;
        default:
          script.push_back(action(at, Verb::process_stop, node));
          script.push_back(action(at + lasts, Verb::process_continue, node));
      }
    }
    if (script.empty()) continue;
    std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
    const World world = lab.play(script, run, 8'000_s);
    INFO(run);
    CHECK(lost(world) == 0);
    CHECK(models::healthy(world));
  }
}

// rabbit_stream_queue deliver: without a message number nothing is kept to be sent again, and nothing counts towards
// the soft limit.
TEST_CASE("a publisher without confirms goes on to send to a stream, and loses what no writer spreads", "[rabbitmq]") {
  const auto accepting = [](std::int64_t writer) {
    Topology topology = stream(writer);
    auto& spec = topology.services[0].own.as<rabbitmq::Spec>();
    spec.slis[0].name = "accept";
    spec.slis[0].kind = rabbitmq::SliKind::accept;
    return topology;
  };
  // From the writer's end until another begins.
  const Lab killed(accepting(0));
  for (std::uint64_t run = 0; run < 40; ++run) {
    const World world = killed.play({kill("leader(rabbitmq/orders)")}, run, 30_s);
    CHECK(downtime(world, "accept") == 0);
    const double writer = first(world, "rabbitmq.stream_writer").value();
    CHECK(lost(world, "no running queue") == Approx(100 * writer).margin(2.1));
    CHECK(lost(world, "former writer") == 0);
    CHECK(lost(world, "page cache") == 0);
  }
  // One that stands still for less than the net tick has got everything; after that another writes, and what was sent
  // to the former is gone.
  const auto pause = [&](Duration lasts) {
    return killed.play({action(0_s, Verb::process_pause, "leader(rabbitmq/orders)", lasts)}, 1, 200_s);
  };
  CHECK(lost(pause(30_s)) == 0);
  CHECK(downtime(pause(30_s), "accept") == 0);
  const World replaced = pause(100_s);
  CHECK(lost(replaced, "former writer") == Approx(100 * first(replaced, "rabbitmq.stream_writer").value()).margin(5));
  CHECK(lost(replaced, "no running queue") < 5);
  // Without a majority a writer on the client's own node goes on to write: that is spread when another is back.
  const Lab alone(accepting(1));
  const World away = alone.play({action(0_s, Verb::process_pause, "rabbitmq/node-0", 40_s),
                                 action(0_s, Verb::process_pause, "rabbitmq/node-2", 40_s)},
                                1, 200_s);
  CHECK(downtime(away, "accept") == 0);
  CHECK(lost(away) == 0);
}

}  // namespace rabbitmq_streams_test
