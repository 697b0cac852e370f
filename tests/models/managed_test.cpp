// Services that the provider runs: phases of fail-overs, maintenance, losses, and what reports saw.
#include <catch2/catch.hpp>

#include "models/economics/cost.hpp"
#include "models/faults/possible.hpp"
#include "models/health.hpp"
#include "models/measurement/sli.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/managed_topology.hpp"

namespace managed_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using managed::Durability;
using managed::Follows;
using managed::Mode;
using managed::Product;
using managed::Queues;

ManagedSettings with(const std::function<void(ManagedSettings&)>& change) {
  ManagedSettings settings;
  change(settings);
  return settings;
}

ManagedSettings sharded(std::int64_t nodes, std::int64_t shards) {
  return with([&](ManagedSettings& s) {
    s.mode = Mode::cluster;
    s.nodes = nodes;
    s.shards = shards;
    s.follows = Follows::members;
  });
}

ManagedSettings brokers(std::int64_t nodes) {
  return with([&](ManagedSettings& s) {
    s.product = Product::msk;
    s.mode = Mode::cluster;
    s.nodes = nodes;
    s.follows = Follows::members;
  });
}

ManagedSettings rabbits(Queues queues, double backlog) {
  return with([&](ManagedSettings& s) {
    s.product = Product::amazon_mq;
    s.mode = Mode::cluster;
    s.queues = queues;
    s.backlog = backlog;
    s.follows = Follows::balancer;
  });
}

ManagedSettings pair_of_brokers() {
  return with([&](ManagedSettings& s) {
    s.product = Product::amazon_mq;
    s.mode = Mode::active_standby;
    s.nodes = 2;
    s.follows = Follows::members;
  });
}

Action lose(std::string target) { return action(0_s, Verb::node_loss, std::move(target)); }
Action maintenance() { return action(0_s, Verb::rolling_restart, "store"); }

double lost(const World& world) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_all + loss.records_one;
  return records;
}

}  // namespace

// Redisson issue 4893: promote, then DNS, then the client.
TEST_CASE("managed: an outage by a lost primary is detection, promotion, change of the name and what the name is kept",
          "[managed]") {
  const Lab lab(managed_topology());
  const World world = lab.play({lose("leader(store)")}, 1, 1'000_s);
  const auto seen = outages(world, "write");
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].second == Approx(20 + 10 + 15));
  CHECK(first(world, "managed.loss_detected").value() == Approx(20));
  CHECK(first(world, "managed.promoted").value() == Approx(30));
  CHECK(first(world, "managed.announced").value() == Approx(45));
  CHECK(first(world, "managed.node_replaced").value() == Approx(300));
  CHECK(downtime(world, "read") == 0);
  CHECK(downtime(world, "control") == Approx(360));
  CHECK(world.measurement.failovers == 1);
  CHECK(lost(world) == Approx(2 * 200));
  CHECK(services::healthy(world));
  CHECK(world.people.worked == Duration());

  ManagedSettings cached;
  cached.ttl = 60_s;
  const Lab slow(managed_topology(cached));
  const Sampled length = sample(
      400, [&](std::uint64_t run) { return downtime(slow.play({lose("leader(store)")}, run, 1'000_s), "write"); });
  CHECK(agrees(length, 45 + 30));
  CHECK(length.lowest > 45);
  CHECK(length.highest < 105);
}

TEST_CASE("managed: the loss of a replica is felt by changes alone", "[managed]") {
  const Lab lab(managed_topology());
  const World world = lab.play({lose("store/node-2")}, 1, 1'000_s);
  CHECK(downtime(world, "write") == 0);
  CHECK(downtime(world, "read") == 0);
  CHECK(downtime(world, "control") == Approx(360));
  CHECK(services::healthy(world));
}

// ElastiCache user guide, Replication: without Multi-AZ a lost primary is created anew.
TEST_CASE("managed: without automatic fail-over, and alone, a primary is away until it is replaced", "[managed]") {
  const Lab off(managed_topology(with([](ManagedSettings& s) { s.automatic_failover = false; })));
  const World world = off.play({lose("store/node-0")}, 1, 1'000_s);
  CHECK(downtime(world, "write") == Approx(360));
  CHECK(downtime(world, "read") == 0);
  CHECK(lost(world) == Approx(400));
  const Lab alone(managed_topology(with([](ManagedSettings& s) {
    s.mode = Mode::single;
    s.nodes = 1;
  })));
  const World single = alone.play({lose("store/node-0")}, 1, 1'000_s);
  CHECK(downtime(single, "write") == Approx(360));
  CHECK(downtime(single, "read") == Approx(360));
  CHECK(services::healthy(single));
}

// ElastiCache user guide, FaultTolerance: a node that replaces the last one of a shard begins empty.
TEST_CASE("managed: a cache that loses every node of a shard loses what it held, or all since the last snapshot",
          "[managed]") {
  constexpr double held = 5'000;
  ManagedSettings alone = with([](ManagedSettings& s) {
    s.mode = Mode::single;
    s.nodes = 1;
  });
  const Lab single(managed_topology(alone));
  CHECK(lost(single.play({lose("store/node-0")}, 1, 1'000_s)) == Approx(held));
  CHECK(lost(single.play({action(0_s, Verb::process_kill, "store/node-0")}, 1, 1'000_s)) == Approx(held));
  CHECK(lost(single.play({maintenance()}, 1, 1'000_s)) == 0);
  // Twice the time between two losses: as often.
  CHECK(lost(single.play({lose("store/node-0"), action(1'000_s, Verb::node_loss, "store/node-0")}, 1, 3'000_s)) ==
        Approx(2 * held));

  const std::vector<Action> every{lose("store/node-0"), lose("store/node-1"), lose("store/node-2")};
  CHECK(lost(Lab(managed_topology()).play(every, 1, 1'000_s)) == Approx(held));
  // One shard of two has its dataset; the other goes on.
  const Lab two(managed_topology(sharded(6, 2)));
  const World shard = two.play({action(0_s, Verb::node_loss, "all(store/shard-1)")}, 1, 1'000_s);
  CHECK(lost(shard) == Approx(held));
  // Each shard takes half of 200 writes a second.
  for (const measurement::Loss& loss : shard.measurement.losses)
    CHECK(loss.seconds == Approx(loss.records_one * 2 / 200));
  CHECK(services::healthy(shard));
  ManagedSettings logged = sharded(6, 2);
  logged.durability = Durability::synchronous;
  CHECK(lost(Lab(managed_topology(logged)).play({action(0_s, Verb::node_loss, "all(store/shard-1)")}, 1, 1'000_s)) ==
        0);

  // What was written since the last snapshot, at most what it held: 200 a second for U(0, 20 s), of U(0, 50 s) the
  // rest.
  const auto losses = [&](Duration interval) {
    alone.snapshot_every = interval;
    const Lab saved(managed_topology(alone));
    return sample(1'600, [&](std::uint64_t run) { return lost(saved.play({lose("store/node-0")}, run, 1'000_s)); });
  };
  const Sampled often = losses(20_s);
  CHECK(agrees(often, 20 * 200 / 2.0));
  CHECK(often.highest <= 20 * 200);
  const Sampled rarely = losses(50_s);
  CHECK(agrees(rarely, held * (25 / 2.0 + 25) / 50));
  CHECK(rarely.highest == Approx(held));
}

// Redisson issue 3897: READONLY for about half a second; ElastiCache user guide, AutoFailover.
TEST_CASE("managed: in a maintenance the primary comes last, and hands over", "[managed]") {
  const Lab lab(managed_topology(with([](ManagedSettings& s) { s.follows = Follows::members; })));
  const World world = lab.play({maintenance()}, 1, 3'000_s);
  const auto seen = outages(world, "write");
  REQUIRE(seen.size() == 1);
  CHECK(seen[0].first == Approx(2 * 420));
  CHECK(seen[0].second == Approx(1));
  CHECK(count(world, "managed.node_maintained") == 3);
  CHECK(downtime(world, "control") == Approx(3 * 420 + 1));
  CHECK(lost(world) == 0);
  CHECK(world.measurement.failovers == 0);
  CHECK(services::healthy(world));
  // By name the new primary is found when DNS has changed.
  const Lab lab_of_named(managed_topology());
  const World named = lab_of_named.play({maintenance()}, 1, 3'000_s);
  CHECK(downtime(named, "write") == Approx(1 + 15));
}

// Two of three nodes fit a window, so that a round takes two of them, and who leads hands over in one.
TEST_CASE("managed: what a window does not hold comes first in the next one", "[managed]") {
  Topology topology = managed_topology();
  managed_spec(topology).parameters.cache_window = 600_s;
  const Lab lab(topology);
  std::vector<Action> four;
  for (const Duration at : {0_s, 5'000_s, 10'000_s, 15'000_s})
    four.push_back(action(at, Verb::rolling_restart, "store"));
  for (std::uint64_t run = 0; run < 8; ++run) {
    const World world = lab.play(four, run, 20'000_s);
    CHECK(count(world, "managed.node_maintained") == 8);
    CHECK(outages(world, "write").size() == 2);
    CHECK(downtime(world, "write") == Approx(2 * (1 + 15)));
    CHECK(services::healthy(world));
  }
  // A play with a single window is either of the two: a binomial, 6 standard errors of which are missed 2 times in
  // 10^9.
  int handed_over = 0;
  for (std::uint64_t run = 0; run < 4'000; ++run) {
    const World world = lab.play({maintenance()}, run, 3'000_s);
    handed_over += count(world, "managed.handed_over") > 0 ? 1 : 0;
  }
  CHECK(std::abs(handed_over / 4'000.0 - 0.5) < 6 * std::sqrt(0.25 / 4'000));
}

TEST_CASE("managed: a maintenance takes no node while another one is away, and only one at a time is on", "[managed]") {
  const Lab lab(managed_topology());
  const World world = lab.play({lose("store/node-1"), action(1_s, Verb::rolling_restart, "store")}, 1, 3'000_s);
  CHECK(count(world, "managed.node_maintained") == 0);
  const World twice = lab.play({maintenance(), action(10_s, Verb::rolling_restart, "store")}, 1, 3'000_s);
  CHECK(count(twice, "managed.node_maintained") == 3);
}

// Lettuce issue 1349: time-outs for a minute, and again when the old node is replaced.
TEST_CASE("managed: in cluster mode a replaced node is a second blip", "[managed]") {
  const Lab lab(managed_topology(sharded(6, 3)));
  const World world = lab.play({lose("leader(store/shard-1)")}, 1, 1'000_s);
  const auto seen = outages(world, "write");
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].second == Approx(30));
  CHECK(seen[1].first == Approx(360));
  CHECK(seen[1].second == Approx(40));
  CHECK(services::healthy(world));
  // In a maintenance clients are told before.
  CHECK(downtime(lab.play({maintenance()}, 1, 6'000_s), "write") == Approx(3 * 1));
}

TEST_CASE("managed: in cluster mode a replaced replica stops no writes, and reads go to other nodes", "[managed]") {
  const Lab lab(managed_topology(sharded(6, 3)));
  int primaries = 0;
  for (int node = 0; node < 6; ++node) {
    const World world = lab.play({lose("store/node-" + std::to_string(node))}, 1, 1'000_s);
    CHECK(count(world, "managed.readdressed") == 1);
    const bool led = count(world, "managed.promoted") > 0;
    primaries += led ? 1 : 0;
    CHECK(downtime(world, "write") == Approx(led ? 30 + 40 : 0));
    CHECK(downtime(world, "read") == 0);
    CHECK(services::healthy(world));
  }
  CHECK(primaries == 3);
  // Who is alone in its shard is waited for by all.
  const Lab lab_of_one(managed_topology(sharded(3, 3)));
  const World alone = lab_of_one.play({lose("store/node-1")}, 1, 1'000_s);
  for (const char* sli : {"write", "read"}) CHECK(downtime(alone, sli) == Approx(360 + 40));
  CHECK(services::healthy(alone));
}

TEST_CASE("managed: a client leaves an old address once, for all of its SLIs", "[managed]") {
  Topology topology = managed_topology(sharded(6, 3));
  managed::Spec& spec = managed_spec(topology);
  spec.parameters.cache_readdress = Law::uniform(10_s, 100_s);
  managed::SliSpec other = spec.slis[0];
  other.name = "write-too";
  spec.slis.push_back(other);
  const Lab lab(topology);
  const Sampled length = sample(1'500, [&](std::uint64_t run) {
    const World world = lab.play({lose("leader(store/shard-1)")}, run, 1'000_s);
    CHECK(downtime(world, "write") == downtime(world, "write-too"));
    return downtime(world, "write") - 30;
  });
  CHECK(agrees(length, 55));
}

TEST_CASE("managed: a shard has its members in different zones", "[managed]") {
  const Lab lab(managed_topology(sharded(6, 3)));
  for (const char* zone : {"us-west-2a", "us-west-2b", "us-west-2c"}) {
    Action power = action(0_s, Verb::zone_power_loss, zone, 3'600_s);
    power.extent = 1;
    const World world = lab.play({power}, 1, 7'200_s);
    CHECK(outages(world, "write").front().second == Approx(30));
    CHECK(world.measurement.failovers == 1);
  }
}

// ElastiCache user guide, Durability.Options.
TEST_CASE("managed: asynchronous durability loses up to 10 s of writes, synchronous none", "[managed]") {
  const auto losses = [](Durability durability) {
    ManagedSettings settings = sharded(6, 3);
    settings.durability = durability;
    const Lab lab(managed_topology(settings));
    return sample(1'500, [&](std::uint64_t run) { return lost(lab.play({lose("leader(store/shard-0)")}, run, 60_s)); });
  };
  const Sampled logged = losses(Durability::asynchronous);
  CHECK(agrees(logged, 5 * 200.0 / 3));
  CHECK(logged.highest <= 10 * 200.0 / 3);
  CHECK(losses(Durability::synchronous).highest == 0);
  CHECK(losses(Durability::none).lowest == Approx(2 * 200.0 / 3));
}

// AWS re:Post, MSK HEALING: data go on, changes are refused; MSK developer guide, patching-impact.
TEST_CASE("managed: a broker that is lost stops writes until others lead, and changes until it is healed",
          "[managed]") {
  const Lab lab(managed_topology(brokers(3)));
  const World world = lab.play({lose("store/node-1")}, 1, 1'000_s);
  CHECK(downtime(world, "write") == Approx(30));
  CHECK(downtime(world, "read") == Approx(30));
  CHECK(downtime(world, "control") == Approx(360));
  CHECK(lost(world) == 0);
  CHECK(services::healthy(world));
  const World patched = lab.play({maintenance()}, 1, 3'000_s);
  CHECK(downtime(patched, "write") == Approx(3 * 1));
  CHECK(downtime(patched, "control") == Approx(3 * 421));
}

TEST_CASE("managed: two brokers of one zone are one replica, of two zones two", "[managed]") {
  const Lab lab(managed_topology(brokers(6)));  // zones in turn
  const World zone = lab.play({lose("store/node-0"), lose("store/node-3")}, 1, 1'000_s);
  CHECK(downtime(zone, "write") == Approx(30));
  const World both = lab.play({lose("store/node-0"), lose("store/node-1")}, 1, 1'000_s);
  CHECK(downtime(both, "write") == Approx(360));
  CHECK(downtime(both, "read") == Approx(30));
  const World all = lab.play({lose("store/node-0"), lose("store/node-1"), lose("store/node-2")}, 1, 1'000_s);
  CHECK(downtime(all, "read") == Approx(360));
  CHECK(services::healthy(all));
}

// Amazon MQ developer guide, rabbitmq-broker-architecture-cluster: queue synchronization blocks all other operations.
TEST_CASE("managed: mirrored queues stop for their length over the rate of synchronisation, quorum queues do not",
          "[managed]") {
  for (const double backlog : {0.0, 1e9, 4e9}) {
    const Lab lab(managed_topology(rabbits(Queues::mirrored, backlog)));
    const World world = lab.play({lose("store/node-2")}, 1, 2'000_s);
    CHECK(downtime(world, "write") == Approx(backlog / 20e6));
    const World three = lab.play({maintenance()}, 1, 5'000_s);
    CHECK(downtime(three, "write") == Approx(1 + 3 * backlog / 20e6));
    CHECK(count(three, "managed.node_maintained") == 3);
    CHECK(services::healthy(three));
  }
  const Lab quorum(managed_topology(rabbits(Queues::quorum, 1e9)));
  CHECK(downtime(quorum.play({lose("store/node-2")}, 1, 2'000_s), "write") == 0);
}

TEST_CASE("managed: a node that leads while its mirrors copy takes what waits with it", "[managed]") {
  const Lab lab(managed_topology(rabbits(Queues::mirrored, 1e9)));
  // Both mirrors are away and come back, and the leader dies while they copy.
  const World world = lab.play(
      {lose("store/node-1"), lose("store/node-2"), action(380_s, Verb::node_loss, "store/node-0")}, 1, 3'000_s);
  CHECK(lost(world) == Approx(1e6));
  CHECK(services::healthy(world));
}

TEST_CASE("managed: a node hands over to none that lacks what waits in queues", "[managed]") {
  Topology topology = managed_topology(rabbits(Queues::mirrored, 1e9));
  managed_spec(topology).parameters.queue_hand_over = Law::constant(200_s);
  const Lab lab(topology);
  // Mirrors have had their turns (420 s each, and 50 s of copying), and both begin anew while the leader hands over.
  const World world = lab.play({maintenance(), action(950_s, Verb::process_kill, "store/node-1"),
                                action(950_s, Verb::process_kill, "store/node-2")},
                               1, 5'000_s);
  CHECK(count(world, "managed.handed_over") == 1);
  CHECK(count(world, "managed.node_maintained") == 2);
  CHECK(lost(world) == 0);
  CHECK(services::healthy(world));
  // Nor is a node taken while queues are copied to another one.
  const World copying = lab.play({lose("store/node-2"), action(370_s, Verb::rolling_restart, "store")}, 1, 5'000_s);
  CHECK(count(copying, "managed.node_maintained") == 0);
}

TEST_CASE("managed: of three nodes of RabbitMQ two must be there", "[managed]") {
  const Lab lab(managed_topology(rabbits(Queues::quorum, 0)));
  const World world = lab.play({lose("store/node-1"), lose("store/node-2")}, 1, 2'000_s);
  CHECK(downtime(world, "write") == Approx(360));
}

// Amazon MQ developer guide, active-standby-broker-deployment: a reboot fails over in a few seconds.
TEST_CASE("managed: a planned fail-over of an active broker takes as long as its law, an unplanned one longer",
          "[managed]") {
  Topology topology = managed_topology(pair_of_brokers());
  managed_spec(topology).parameters.queue_hand_over = Law::uniform(2_s, 10_s);
  const Lab lab(topology);
  const Sampled planned =
      sample(800, [&](std::uint64_t run) { return downtime(lab.play({maintenance()}, run, 1'000_s), "write"); });
  CHECK(agrees(planned, 6));
  CHECK(planned.lowest >= 2);
  CHECK(planned.highest <= 10);
  CHECK(downtime(lab.play({lose("leader(store)")}, 1, 1'000_s), "write") == Approx(30));
}

TEST_CASE("managed: a lost zone is left at once, and its node comes back when it has power", "[managed]") {
  for (const ManagedSettings& settings : {ManagedSettings{}, brokers(3), rabbits(Queues::quorum, 0)}) {
    const Lab lab(managed_topology(settings));
    Action power = action(0_s, Verb::zone_power_loss, "us-west-2a", 3'600_s);
    power.extent = 1;
    const World world = lab.play({power}, 1, 7'200_s);
    CHECK(downtime(world, "write") == Approx(settings.product == Product::msk ? 30 : 45));
    CHECK(downtime(world, "control") > 3'600);
    CHECK(services::healthy(world));
  }
}

TEST_CASE("managed: a zone that is cut off counts as lost, for clients inside it too", "[managed]") {
  Topology topology = managed_topology();
  managed_spec(topology).clients[0].place = "us-west-2a";
  const Lab lab_of_inside(topology);
  const World inside = lab_of_inside.play({action(0_s, Verb::zone_isolation, "us-west-2a", 600_s)}, 1, 2'000_s);
  CHECK(downtime(inside, "write") >= 600);
  const Lab lab_of_outside(managed_topology());
  const World outside = lab_of_outside.play({action(0_s, Verb::zone_isolation, "us-west-2a", 600_s)}, 1, 2'000_s);
  CHECK(downtime(outside, "write") == Approx(45));
  CHECK(services::healthy(outside));
}

TEST_CASE("managed: an outage of the service stops all, one of its control plane changes and replacements",
          "[managed]") {
  const Lab lab(managed_topology());
  const World out = lab.play({action(0_s, Verb::service_outage, "store", 600_s)}, 1, 2'000_s);
  for (const char* sli : {"write", "read", "control"}) CHECK(downtime(out, sli) == Approx(600));
  const World control =
      lab.play({action(0_s, Verb::control_plane_outage, "store", 1'000_s), lose("store/node-2")}, 1, 3'000_s);
  CHECK(downtime(control, "write") == 0);
  CHECK(first(control, "managed.node_serves").value() == Approx(1'200 + 60));
  CHECK(services::healthy(control));
}

TEST_CASE("managed: a process that crashes is started again, and an empty cache does not lead", "[managed]") {
  const Lab lab(managed_topology());
  const World world = lab.play({action(0_s, Verb::process_kill, "leader(store)")}, 1, 1'000_s);
  CHECK(count(world, "managed.promoted") == 1);
  CHECK(downtime(world, "write") == Approx(45));
  // A broker that is back before it is missed leads on.
  Topology topology = managed_topology(pair_of_brokers());
  managed_spec(topology).parameters.queue_start = Law::constant(5_s);
  const Lab lab_of_broker(topology);
  const World broker = lab_of_broker.play({action(0_s, Verb::process_kill, "leader(store)")}, 1, 1'000_s);
  CHECK(count(broker, "managed.promoted") == 0);
  CHECK(downtime(broker, "write") >= 5);
  CHECK(downtime(broker, "write") < 6);
}

TEST_CASE("managed: nobody rolls, certifies or mends what the provider runs", "[managed]") {
  const Lab lab(managed_topology());
  for (const Verb verb : {Verb::expired_certificate, Verb::bad_rollout, Verb::failed_upgrade, Verb::wrong_command})
    CHECK(faults::why_impossible(lab.plan(), verb, 0));
  for (const Verb verb : {Verb::rolling_restart, Verb::service_outage, Verb::control_plane_outage})
    CHECK_FALSE(faults::why_impossible(lab.plan(), verb, 0));
  const World world = lab.play({lose("store/node-0"), lose("store/node-1"), lose("store/node-2")}, 1, 2'000_s);
  CHECK(world.people.worked == Duration());
  CHECK(downtime(world, "write") == Approx(360));
  CHECK(services::healthy(world));
}

// ElastiCache, MSK and Amazon MQ pricing: node hours, storage, no replication between zones.
TEST_CASE("managed: the bill has node hours, storage, transfer of clients and care", "[managed]") {
  const auto cents = [](const Topology& topology, std::string_view begins) {
    const Plan plan = build_plan(topology, 1);
    std::int64_t sum = 0;
    for (const economics::Item& item : economics::monthly_bill(plan, 0, 0).items)
      sum += item.name.starts_with(begins) ? item.cents : 0;
    return sum;
  };
  const double hours = small_topology().prices.hours_per_month;
  CHECK(cents(managed_topology(), "3 x cache.r6g.large") == std::lround(3 * 20.6 * hours));
  CHECK(cents(managed_topology(), "operators, 0.5 h on store") ==
        std::lround(50 * small_topology().people.hourly_cost.usd));
  CHECK(cents(managed_topology(), "replication") == 0);
  Topology kafka = managed_topology(brokers(3));
  managed_spec(kafka).storage = {100 * 0x1p30};
  CHECK(cents(kafka, "storage of store, 300 GiB") == 3000);
  Topology active = managed_topology(pair_of_brokers());
  managed_spec(active).storage = {20 * 0x1p30};
  CHECK(cents(active, "storage of store, 20 GiB") == 600);
}

/// All that a play ends with.
double fingerprint(const ManagedSettings& settings, const std::function<void(managed::Spec&)>& change) {
  Topology topology = managed_topology(settings);
  managed::Spec& spec = managed_spec(topology);
  spec.storage = {1e9};
  spec.clients[0].parameters = {10_s, 3_s, 2_s};
  if (settings.product == Product::elasticache && settings.mode == Mode::single) spec.node_type = "cache.t3.medium";
  change(spec);
  const Plan plan = build_plan(topology, 1);
  double sum = static_cast<double>(economics::monthly_bill(plan, 0, 0).cents());
  const Lab lab(topology);
  for (const std::vector<Action>& script :
       {std::vector{lose("store/node-0")}, std::vector{maintenance()},
        std::vector{lose("store/node-0"), action(2'000_s, Verb::rolling_restart, "store")}}) {
    const World world = lab.play(script, 1, 9'000_s);
    for (const char* sli : {"write", "read", "control"}) {
      sum = sum * 1.000317 + downtime(world, sli);
      for (const auto& [start, length] : outages(world, sli)) sum += 0.317 * start + length;
    }
    sum += 0.7 * lost(world);
  }
  return sum;
}

TEST_CASE("managed: every number changes what is seen or what it costs", "[managed]") {
  std::vector<ManagedSettings> all{ManagedSettings{}, sharded(6, 3), brokers(3), rabbits(Queues::mirrored, 1e9),
                                   pair_of_brokers()};
  all.push_back(with([](ManagedSettings& s) {
    s.mode = Mode::single;
    s.nodes = 1;
  }));
  all[1].durability = Durability::asynchronous;
  std::vector<double> base;
  for (const ManagedSettings& settings : all) base.push_back(fingerprint(settings, [](managed::Spec&) {}));
  const auto is_felt = [&](const std::function<void(managed::Spec&)>& change) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (fingerprint(all[i], change) != base[i]) return true;
    }
    return false;
  };
  for (const Parameter<managed::Parameters>& row : managed::Parameters::table()) {
    INFO(row.key);
    CHECK(is_felt([&](managed::Spec& spec) {
      managed::Parameters& p = spec.parameters;
      std::visit(
          [&]<class T>(T managed::Parameters::*member) {
            if constexpr (std::is_same_v<T, Law>) p.*member = Law::constant(7_s);
            if constexpr (std::is_same_v<T, Duration>) p.*member = 500_s;
            if constexpr (std::is_same_v<T, Bandwidth>) p.*member = Bandwidth{7e6};
            if constexpr (std::is_same_v<T, Money>) p.*member = Money{7};
          },
          row.field);
    }));
  }
  for (const Parameter<managed::ClientParameters>& row : managed::ClientParameters::table()) {
    INFO(row.key);
    CHECK(is_felt([&](managed::Spec& spec) {
      const auto* member = std::get_if<Duration managed::ClientParameters::*>(&row.field);
      REQUIRE(member);
      spec.clients[0].parameters.*(*member) = 100_s;
    }));
  }
}

TEST_CASE("managed: whatever strikes, in the end every service is whole again and its SLIs hold", "[managed]") {
  std::vector<ManagedSettings> all{
      ManagedSettings{}, sharded(6, 3), brokers(3), brokers(6), rabbits(Queues::mirrored, 1e9), pair_of_brokers()};
  all.push_back(with([](ManagedSettings& s) { s.automatic_failover = false; }));
  for (const ManagedSettings& settings : all) {
    const Lab lab(managed_topology(settings));
    for (std::uint64_t run = 0; run < 40; ++run) {
      std::vector<Action> script;
      Dice dice(run);
      for (int i = 0; i < 8; ++i) {
        const Duration at = Duration::from_seconds(1'500 * dice.uniform());
        const auto nodes = static_cast<std::size_t>(settings.nodes);
        const std::string node = "store/node-" + std::to_string(dice.below(nodes));
        const std::string zone = "us-west-2" + std::string(1, "abc"[dice.below(std::min<std::size_t>(3, nodes))]);
        const Duration lasts = Duration::from_seconds(1 + 900 * dice.uniform());
        switch (dice.below(8)) {
          case 0: script.push_back(action(at, Verb::node_loss, node)); break;
          case 1: script.push_back(action(at, Verb::node_crash, node, lasts)); break;
          case 2: script.push_back(action(at, Verb::process_kill, node)); break;
          case 3: script.push_back(action(at, Verb::process_pause, node, lasts)); break;
          case 4: script.push_back(action(at, Verb::rolling_restart, "store")); break;
          case 5: script.push_back(action(at, Verb::zone_power_loss, zone, lasts)); break;
          case 6: script.push_back(action(at, Verb::zone_isolation, zone, lasts)); break;
          default: script.push_back(action(at, Verb::control_plane_outage, "store", lasts)); break;
        }
      }
      std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
      const World world = lab.play(script, run, 40'000_s);
      INFO(static_cast<int>(settings.product) << " mode " << static_cast<int>(settings.mode) << " run " << run);
      CHECK(services::healthy(world));
      CHECK(measurement::all_hold(world));
      CHECK(world.people.worked == Duration());
    }
  }
}

}  // namespace managed_test
