// Queues with a single active consumer: who gets everything, who is next, and when (rabbitmq-server rabbit_fifo.erl,
// rabbit_amqqueue_process.erl).
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/rabbitmq/single_active.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/process_faults.hpp"
#include "tests/models/rabbitmq_topology.hpp"

namespace rabbitmq_single_active_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using rabbitmq::QueueType;

rabbitmq::Spec& spec_of(Topology& topology) { return topology.services[0].own.as<rabbitmq::Spec>(); }

/// Node 0 leads. Consumers `app` at node 1, who is first, and `next` at node 2, with SLIs deliver and deliver-next.
Topology two_consumers(bool single_active, RabbitSettings settings = {}) {
  settings.publishers_everywhere = true;
  Topology topology = rabbitmq_topology(settings);
  rabbitmq::Spec& spec = spec_of(topology);
  spec.queues[0].single_active = single_active;
  rabbitmq::ClientSpec next = spec.clients[0];
  next.name = "next";
  next.node = 2;
  spec.clients.push_back(next);
  const auto deliver = std::find_if(spec.slis.begin(), spec.slis.end(), [](const rabbitmq::SliSpec& sli) {
    return sli.kind == rabbitmq::SliKind::deliver;
  });
  deliver->deadline = 1_ms;  // also what lasts no longer than a broken connection
  rabbitmq::SliSpec sli = *deliver;
  sli.name = "deliver-next";
  sli.client = "next";
  spec.slis.push_back(sli);
  return topology;
}

const rabbitmq::Queue& queue_of(const World& world) {
  return rabbitmq::state_of(world.services[ServiceId::of(0)]).queues[0];
}
/// Name of the client that the queue sends to; empty if there is none.
std::string active(const World& world) {
  const rabbitmq::Context c = rabbitmq::view(world, ServiceId::of(0));
  for (const rabbitmq::Subscription& its : queue_of(world).subscriptions) {
    if (its.active) return c.spec.clients[c.plan.slis[c.plan.accesses[its.access].sli].client].name;
  }
  return "";
}
Action kill(std::string target) { return action(0_s, Verb::process_kill, std::move(target)); }

}  // namespace

TEST_CASE("the next consumer takes over when the leader hears that the active one's node has ended", "[rabbitmq]") {
  const Lab lab(two_consumers(true));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({kill("rabbitmq/node-1")}, run, 30_s);
    const double heard = first(world, "rabbitmq.node_down", "rabbitmq/node-0").value();
    CHECK(first(world, "rabbitmq.consumer_activated") == heard);
    CHECK(active(world) == "next");
    // Whichever consumer asks: what is in the queue is delivered again.
    for (const char* sli : {"deliver", "deliver-next"}) {
      REQUIRE(outages(world, sli).size() == 1);
      CHECK(outages(world, sli)[0].second <= heard);
      CHECK(outages(world, sli)[0].second > 0);
    }
    CHECK(world.measurement.redelivered == Approx(5));
  }
  // Consumers that compete: each is served or not by itself.
  const Lab free_for_all(two_consumers(false));
  const World competing = free_for_all.play({kill("rabbitmq/node-1")}, 1, 30_s);
  CHECK(outages(competing, "deliver-next").empty());
  CHECK(outages(competing, "deliver")[0].second > 20);
}

TEST_CASE("a silent node keeps the active consumer's place until net_ticktime and from 4.3 on a minute longer",
          "[rabbitmq]") {
  for (const Duration patience : {Duration(), 60_s}) {
    Topology topology = two_consumers(true);
    spec_of(topology).parameters.disconnected_timeout = patience;
    const Lab lab(std::move(topology));
    for (std::uint64_t run = 0; run < 10; ++run) {
      const World world = lab.play({action(0_s, Verb::process_stop, "rabbitmq/node-1")}, run, 200_s);
      const double heard = first(world, "rabbitmq.node_down", "rabbitmq/node-0").value();
      CHECK(heard >= 60);
      CHECK(downtime(world, "deliver-next") == Approx(heard + patience.to_seconds()).margin(0.01));
      CHECK(active(world) == "next");
    }
  }
}

// The node closes a silent connection after two to three heartbeats of 60 s: 150 s in the mean.
TEST_CASE("an active consumer that is not heard keeps its place for two to three heartbeats", "[rabbitmq]") {
  const Lab lab(two_consumers(true));
  const Sampled out = sample(300, [&](std::uint64_t run) {
    const World world =
        lab.play({action(0_s, Verb::partition, "rabbitmq/client/app", 1'000_s, "rabbitmq/node-1")}, run, 250_s);
    CHECK(active(world) == "next");
    return downtime(world, "deliver-next");
  });
  CHECK(agrees(out, 150));
  CHECK(out.lowest > 120);
  CHECK(out.highest < 180.1);
}

TEST_CASE("a single consumer that connects anew waits behind its former self", "[rabbitmq]") {
  const auto out = [](bool single_active) {
    Topology topology = rabbitmq_topology([] {
      RabbitSettings settings;
      settings.publishers_everywhere = true;
      return settings;
    }());
    spec_of(topology).queues[0].single_active = single_active;
    spec_of(topology).clients[0].endpoint = rabbitmq::Endpoint::in_turn;
    const Lab lab(std::move(topology));
    return sample(200, [&](std::uint64_t run) {
      return downtime(
          lab.play({action(0_s, Verb::partition, "rabbitmq/client/app", 1'000_s, "rabbitmq/node-1")}, run, 250_s),
          "deliver");
    });
  };
  // It leaves after two heartbeats of 60 s, and connects 5 s later.
  CHECK(out(false).highest == Approx(125).margin(0.1));
  // max(125, U(120, 180)): a twelfth of runs at 125, the others 152.5 in the mean.
  const Sampled waits = out(true);
  CHECK(agrees(waits, 125.0 / 12 + 152.5 * 11 / 12));
  CHECK(waits.highest > 170);
}

TEST_CASE("nothing hands the place of the active consumer back", "[rabbitmq]") {
  Topology topology = two_consumers(true);
  spec_of(topology).parameters.boot = Law::constant(10_s);
  const Lab lab(std::move(topology));
  const World world = lab.play({kill("rabbitmq/node-1"), action(100_s, Verb::process_kill, "rabbitmq/node-1"),
                                action(200_s, Verb::process_kill, "rabbitmq/node-2")},
                               3, 300_s);
  CHECK(models::healthy(world));
  // The second death is of who waits: nobody notices.
  REQUIRE(outages(world, "deliver").size() == 2);
  CHECK(outages(world, "deliver")[1].first == Approx(200).margin(0.1));
  CHECK(count(world, "rabbitmq.consumer_activated") == 2);
  CHECK(active(world) == "app");
}

TEST_CASE("the active consumer takes all that one can and others take nothing", "[rabbitmq]") {
  for (const bool single_active : {true, false}) {
    RabbitSettings settings;
    settings.consume_per_s = 1'000;
    const Lab lab(two_consumers(single_active, settings));
    // Both are away for a while: a backlog of publishers at node 0.
    World world = lab.play({action(0_s, Verb::partition, "rabbitmq/client/app", 20_s, "rabbitmq/node-1"),
                            action(0_s, Verb::partition, "rabbitmq/client/next", 20_s, "rabbitmq/node-2")},
                           1, 20'500_ms);
    CHECK(queue_of(world).backlog > 500);
    CHECK(queue_of(world).consumed == Approx(1'000));
    const rabbitmq::State& state = rabbitmq::state_of(world.services[ServiceId::of(0)]);
    double most = 0;
    for (const rabbitmq::Access& access : state.accesses) most = std::max(most, access.takes);
    CHECK(most == Approx(single_active ? 1'000 : 500));
  }
}

TEST_CASE("a queue that does not know that the next is gone as well sends to it in vain", "[rabbitmq]") {
  RabbitSettings settings;
  settings.prefetch = 20;
  const Lab lab(two_consumers(true, settings));
  bool seen = false;
  for (std::uint64_t run = 0; run < 10; ++run) {
    World world = lab.play({action(0_s, Verb::partition, "rabbitmq/client/app", 1'000_s, "rabbitmq/node-1"),
                            action(0_s, Verb::partition, "rabbitmq/client/next", 1'000_s, "rabbitmq/node-2")},
                           run, 200_s);
    CHECK(active(world).empty());
    CHECK(downtime(world, "deliver") == Approx(200));
    // Who is given up last has been sent its prefetch, unless it was never the active one.
    const bool twice = count(world, "rabbitmq.consumer_activated") == 1;
    CHECK(world.measurement.redelivered == Approx(twice ? 25 : 5));
    seen = seen || twice;
  }
  CHECK(seen);
}

TEST_CASE("a classic queue knows no consumers after its restart and takes who comes first", "[rabbitmq]") {
  RabbitSettings settings;
  settings.type = QueueType::classic;
  settings.restart = 10_s;
  Topology topology = two_consumers(true, settings);
  const Lab lab(std::move(topology));
  World world = lab.play({kill("rabbitmq/node-0")}, 2, 60_s);
  CHECK(models::healthy(world));
  CHECK(queue_of(world).subscriptions.size() == 2);
  CHECK(!active(world).empty());
  REQUIRE(outages(world, "deliver").size() == 1);
  CHECK(outages(world, "deliver") == outages(world, "deliver-next"));
  // A consumer whose node ends leaves its place at once here too.
  const std::string before = active(world);
  World again = lab.play({kill("rabbitmq/node-1")}, 2, 5_s);
  CHECK(active(again) == "next");
  CHECK(downtime(again, "deliver") < 0.05);
}

TEST_CASE("from 4.3 on consumer_timeout takes the place of the active consumer", "[rabbitmq]") {
  RabbitSettings settings;
  settings.consume_per_s = 150;
  Topology topology = two_consumers(true, settings);
  spec_of(topology).parameters.consumer_timeout = 20_s;
  spec_of(topology).parameters.channel_tick = Duration();
  const Lab lab(std::move(topology));
  // A third of the publishers go on: 4,000 messages are sent to who is active then, who works on them for 27 s.
  World world = lab.prepare({action(0_s, Verb::partition, "rabbitmq/client/app", 119_s, "rabbitmq/node-1"),
                             action(0_s, Verb::partition, "rabbitmq/client/next", 119_s, "rabbitmq/node-2")},
                            1);
  while (count(world, "rabbitmq.consumer_timeout") == 0) REQUIRE(step(world, origin + 1'000_s));
  CHECK(count(world, "rabbitmq.consumer_activated") == 1);
  CHECK(active(world) == "next");
}

TEST_CASE("under random faults at most one consumer is active and in the end one is", "[rabbitmq]") {
  for (const QueueType type : {QueueType::quorum, QueueType::classic}) {
    RabbitSettings settings;
    settings.type = type;
    settings.restart = 2_s;
    Topology topology = two_consumers(true, settings);
    spec_of(topology).parameters.partition_repair = spec_of(topology).parameters.forced_boot = Law::constant(60_s);
    const Lab lab(std::move(topology));
    constexpr ProcessFaults mix{0.7, 0.3, 0.3, 0.2};
    std::size_t activations = 0;
    for (std::uint64_t number = 0; number < 25; ++number) {
      Dice dice(number + 40);
      World world = lab.prepare(
          random_faults(dice, {"rabbitmq/node-0", "rabbitmq/node-1", "rabbitmq/node-2"}, 400_s, 5, mix), number);
      INFO("schedule " << number);
      const auto actives = [&] {
        const auto& all = queue_of(world).subscriptions;
        return std::count_if(all.begin(), all.end(), [](const rabbitmq::Subscription& its) { return its.active; });
      };
      while (step(world, origin + 2'500_s)) REQUIRE(actives() <= 1);
      CHECK(models::healthy(world));
      CHECK(actives() == 1);
      CHECK(queue_of(world).subscriptions.size() == 2);
      activations += count(world, "rabbitmq.consumer_activated");
    }
    CHECK(activations > 5);
  }
}

}  // namespace rabbitmq_single_active_test
