// Field reports of Redis by their checks (B01, B06, B08, B10, B12, B14, B17, B19).
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/redis/bus.hpp"
#include "models/redis/server.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_reports_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

/// Nodes that all reach each other, but for those that are down.
class Cluster final : public redis::bus::Surroundings {
 public:
  explicit Cluster(std::size_t count) : up(count, true) {}
  [[nodiscard]] bool reaches(redis::bus::Number from, redis::bus::Number to) const override {
    return up[from] && up[to];
  }
  double draw(redis::bus::Number node) override { return sim::to_unit(sim::random_bits(0xb12, node, drawn_++)); }
  [[nodiscard]] double offset(redis::bus::Number) const override { return 0; }
  [[nodiscard]] Duration link_down(redis::bus::Number) const override { return away; }

  std::vector<bool> up;
  Duration away;

 private:
  std::uint32_t drawn_ = 0;
};

double lost(const World& world) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one;
  return records;
}

struct Detected {
  double maybe_failed = 0;
  double failed = 0;
  bool too_old = false;
  bool promoted = false;
};

/// A master of so many nodes dies, half of which are masters; its replica lost it at once.
Detected detect(std::size_t nodes, Duration timeout, std::int64_t validity) {
  namespace bus = redis::bus;
  bus::Rules rules = redis::bus_rules_of(redis_parameters());
  rules.node_timeout = timeout;
  rules.validity_factor = validity;
  const std::size_t masters = nodes / 2;
  sim::Time now;
  bus::Nodes all = bus::beginning(nodes, masters, now);
  Cluster around(nodes);
  Detected seen;
  const sim::Time dies = now + timeout * 2;
  const auto since = [&] { return (now - dies).to_seconds(); };
  for (; now < dies + timeout * 4; now = now + rules.cron_period) {
    if (now >= dies) {
      around.up[0] = false;
      around.away = now - dies;
    }
    for (bus::Number i = 0; i < nodes; ++i) {
      if (!around.up[i]) continue;
      std::vector<bus::Happened> happened;
      bus::cron(rules, all, i, now, around, happened);
      bus::count_votes(rules, all, i, now, around, happened);
      for (const bus::Happened& what : happened) {
        if (what.what == bus::What::maybe_failed && seen.maybe_failed == 0) seen.maybe_failed = since();
        if (what.what == bus::What::failed && seen.failed == 0) seen.failed = since();
        seen.too_old = seen.too_old || what.what == bus::What::too_old;
        seen.promoted = seen.promoted || what.what == bus::What::promoted;
      }
    }
  }
  return seen;
}

}  // namespace

// B12: 500 nodes of Redis 3.0 took more than 3 min at a node time-out of 20 s, and then no replica was fresh enough.
// From 4.0 on every message tells of all nodes that may have failed (clusterSendPing), so that agreement no longer
// grows with their number; what is left of the report is the rule of the replica's validity.
TEST_CASE("B12: agreement on a failure does not grow with the nodes, and stale replicas stay replicas", "[redis]") {
  double former = 0;
  for (const std::size_t nodes : {6U, 20U, 60U, 200U}) {
    const Detected seen = detect(nodes, 20_s, 10);
    INFO(nodes << " nodes: PFAIL " << seen.maybe_failed << " s, FAIL " << seen.failed << " s");
    CHECK(seen.maybe_failed >= 20);
    CHECK(seen.failed <= 31);
    CHECK(seen.promoted);
    former = seen.failed;
  }
  CHECK(former > 0);
  // 10 s and a node time-out, beyond one time-out of grace: FAIL after 20 to 30 s is too late for a factor of 1 if the
  // link was lost long before.
  CHECK_FALSE(detect(6, 20_s, 1).too_old);
  for (const std::int64_t validity : {1, 0}) {
    namespace bus = redis::bus;
    bus::Rules rules = redis::bus_rules_of(redis_parameters());
    rules.node_timeout = 20_s;
    rules.validity_factor = validity;
    bus::Nodes all = bus::beginning(6, 3, sim::Time::zero());
    Cluster around(6);
    around.up[0] = false;
    bool promoted = false;
    for (sim::Time now; now < sim::Time::zero() + 120_s; now = now + rules.cron_period) {
      around.away = now - sim::Time::zero() + 60_s;  // it was without its master for a minute before
      for (bus::Number i = 1; i < 6; ++i) {
        std::vector<bus::Happened> happened;
        bus::cron(rules, all, i, now, around, happened);
        bus::count_votes(rules, all, i, now, around, happened);
        for (const bus::Happened& what : happened) promoted = promoted || what.what == bus::What::promoted;
      }
    }
    CHECK(promoted == (validity == 0));
  }
}

// B08: the master is deleted, then the new one before the first is a replica again; a start script asks the Sentinels.
// With two servers nobody is left that has the data: whoever comes back first empties the other, or stays a replica of
// nobody. Whether it ends well depends on the gap between both faults.
// B01: two replicas are created anew just when the master is lost. Nobody is good enough at the first attempt, and the
// next comes twice the failover-timeout later.
TEST_CASE("B01: no replica is good enough while both are created anew, and the next attempt is late", "[redis]") {
  RedisSettings settings;
  settings.start = 8_s;
  settings.persistence = redis::Persistence::aof_everysec;
  const Lab lab(redis_topology(settings));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world =
        lab.play({action(0_s, Verb::process_kill, "redis/server-1"), action(0_s, Verb::process_kill, "redis/server-2"),
                  action(0_s, Verb::process_stop, "redis/server-0")},
                 run, 60_s);
    const double tried = first(world, "redis.try_failover").value();
    CHECK(tried < 4);
    CHECK(first(world, "redis.no_good_replica").value() < first(world, "redis.promoted").value());
    CHECK(first(world, "redis.writable").value() - tried > 20);
    CHECK(downtime(world, "write") == Approx(tried + 20.75).margin(0.75));
  }
}

// B06: a way to the master that takes longer than the time-outs acts as a partition, whether Sentinels and nodes were
// busy with something else or not.
TEST_CASE("B06: a master behind a slow network is replaced, and takes writes again beside the new one", "[redis]") {
  for (const auto mode : {redis::Mode::sentinel, redis::Mode::cluster}) {
    const bool cluster = mode == redis::Mode::cluster;
    RedisSettings settings;
    settings.mode = mode;
    settings.servers = cluster ? 6 : 3;
    settings.down_after = 300_ms;
    settings.node_timeout = 500_ms;
    settings.discovery = redis::Discovery::fixed;
    const Lab lab(redis_topology(settings));
    for (const bool busy : {false, true}) {
      int two_masters = 0;
      for (std::uint64_t run = 0; run < 10; ++run) {
        std::vector<Action> script;
        if (busy) script.push_back(action(0_s, Verb::process_kill, cluster ? "redis/server-5" : "redis/sentinel-5"));
        Action slow = action(100_ms, Verb::network_slow, "redis/server-0", 20_s);
        slow.delay = 500_ms;
        script.push_back(slow);
        const World world = lab.play(script, run, 40_s);
        CHECK(first(world, "redis.writable").value() < 3);
        // A client that has the old one's address writes there when its ways are short again. A second fail-over may
        // have made it a replica meanwhile.
        const bool both = first(world, "redis.old_master_demoted").value() > 20;
        two_masters += both ? 1 : 0;
        if (!cluster && both) CHECK(lost(world) > 1'000);
      }
      CHECK(two_masters > 6);
    }
    // One that asks again after a time-out is led to the new one.
    if (!cluster) {
      settings.discovery = redis::Discovery::sentinel;
      Action slow = action(0_s, Verb::network_slow, "redis/server-0", 20_s);
      slow.delay = 500_ms;
      const Lab asks(redis_topology(settings));
      const World world = asks.play({slow}, 1, 40_s);
      CHECK(downtime(world, "write") < 5);
    }
    // Half of down-after, or of the node time-out, is enough for an answer.
    Action slow = action(0_s, Verb::network_slow, "redis/server-0", 20_s);
    slow.delay = cluster ? 120_ms : 70_ms;
    CHECK(count(lab.play({slow}, 1, 40_s), "redis.writable") == 0);
  }
}

TEST_CASE("B08: a second fault before the first server is a replica again leaves no candidate", "[redis]") {
  RedisSettings settings;
  settings.servers = 2;
  settings.start = 1_s;
  settings.down_after = 2_s;
  settings.failover_timeout = 600_s;
  settings.persistence = redis::Persistence::aof_everysec;
  Topology topology = redis_topology(settings);
  topology.services[0].own.as<redis::Spec>().starts = redis::Starts::asks_sentinel;
  topology.kubernetes.pod_schedule = Law::constant(50_ms);
  topology.kubernetes.image_pull = topology.kubernetes.pod_start = Law::constant(8_s);
  const Lab lab(std::move(topology));
  std::vector<double> out;
  for (const int gap : {4, 6, 8, 10, 14, 20, 40, 80}) {
    const World world = lab.play({action(0_s, Verb::delete_pod, "redis/server-0"),
                                  action(Duration::seconds(gap), Verb::delete_pod, "redis/server-1")},
                                 1, 500_s);
    out.push_back(downtime(world, "write"));
    INFO("gap " << gap << " s: down for " << out.back() << " s, no good replica "
                << count(world, "redis.no_good_replica"));
    CHECK(out.back() < 500);
  }
  // Reintegrated after some 15 s: before, nobody is left to promote, and the pod must come back (17 s and its start);
  // after, a failover of down-after and what follows.
  CHECK(out.front() > 40);
  CHECK(out[4] > 30);
  CHECK(out[5] < 6);
  CHECK(out.back() < 6);
}

// B10: a master and another shard's replica on each machine. After a failover nothing moves the role back, though the
// old master has come back: one machine has two masters.
TEST_CASE("B10: roles drift, and nothing moves them back", "[redis]") {
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = 6;
  settings.start = 20_s;
  const Lab lab(redis_topology(settings));
  World world = lab.play({action(0_s, Verb::process_kill, "redis/server-0")}, 1, 3'600_s);
  CHECK(models::healthy(world));
  const auto leads = [&](const std::string& shard) {
    const service::Kind& kind = *world.plan->spec(ServiceId{0}).kind;
    return kind.leader(world, ServiceId{0}, "redis/shard-" + shard);
  };
  const auto& servers = world.plan->services[ServiceId{0}].members;
  CHECK(leads("0") == servers[3]);
  CHECK(leads("1") == servers[1]);
  CHECK(leads("2") == servers[2]);
}

// B14: two primaries' machines at once, time-out 15 s: FAIL after 15 to 24 s where the rest is a majority of masters,
// and then both are replaced; with two of three nothing is.
TEST_CASE("B14: two masters at once fail within the bounds of the time-out, if the others are a majority", "[redis]") {
  for (const std::int64_t masters : {3, 5}) {
    RedisSettings settings;
    settings.mode = redis::Mode::cluster;
    settings.masters = masters;
    settings.servers = 2 * masters;
    settings.node_timeout = 15_s;
    const Lab lab(redis_topology(settings));
    for (std::uint64_t run = 0; run < 20; ++run) {
      const World world = lab.play({action(0_s, Verb::process_kill, "leader(redis/shard-0)"),
                                    action(0_s, Verb::process_kill, "leader(redis/shard-1)")},
                                   run, 120_s);
      CHECK(first(world, "redis.pfail").value() >= 15);
      CHECK(count(world, "redis.writable") == (masters == 5 ? 2 : 0));
      CHECK(first(world, "redis.fail").has_value() == (masters == 5));
      if (masters != 5) continue;
      CHECK(first(world, "redis.fail").value() >= 15);
      CHECK(first(world, "redis.fail").value() <= 30.5);
    }
  }
}

// The leader of the Sentinels has a replica promoted and does not see it, because the two are cut off from each other;
// the old master is back meanwhile. The fail-over is given up and the old master stays one: what the other took is
// lost.
// B17: with more than 150 MB the hand-over before a pod's end timed out: the replica had restarted just before, and
// still took everything. B19: where it has everything, clients are without writes for a moment.
TEST_CASE("B17, B19: a master of a cluster hands over in a moment, unless its replica still takes everything",
          "[redis]") {
  for (const double megabytes : {50.0, 1'500.0}) {
    RedisSettings settings;
    settings.mode = redis::Mode::cluster;
    settings.servers = 6;
    settings.discovery = redis::Discovery::cluster;
    settings.start = 100_ms;
    settings.stops = redis::Stops::hands_over;
    Topology topology = redis_topology(settings);
    auto& spec = topology.services[0].own.as<redis::Spec>();
    spec.dataset = {megabytes * 1e6};
    spec.parameters.diskless_delay = Duration();
    const Lab lab(std::move(topology));
    // The replica of shard 0 is killed; its master's pod ends 5 s later.
    const std::vector<Action> script{action(0_s, Verb::process_kill, "redis/server-3"),
                                     action(5_s, Verb::process_terminate, "redis/server-0")};
    const bool large = megabytes > 1'000;
    double without_writes = 0;
    for (std::uint64_t run = 0; run < 20; ++run) {
      const World world = lab.play(script, run, 60_s);
      CHECK((count(world, "redis.hand_over_failed") > 0) == large);
      if (large) {
        CHECK(first(world, "redis.hand_over_failed").value() == Approx(10.05).margin(0.1));
        continue;
      }
      CHECK(first(world, "redis.writable", "redis/server-3").value() < 5.3);
      CHECK(count(world, "redis.pfail") == 0);
      CHECK(outages(world, "write").size() <= 1);
      CHECK(downtime(world, "write") < 0.4);
      without_writes += downtime(world, "write");
      CHECK(world.measurement.losses.empty());
      CHECK(models::healthy(world));
    }
    // Two turns of the nodes' crons, of 100 ms each.
    if (!large) CHECK(without_writes / 20 == Approx(0.1).margin(0.06));
  }
}

// Bitnami's preStop: CLIENT PAUSE, SENTINEL FAILOVER, and it asks once a second. Promoted in three ticks after the one
// that begins it, told when INFO shows it a second later, and the server ends then.
TEST_CASE("a master under Sentinels hands over before its pod ends, and loses nothing", "[redis]") {
  for (const bool hands_over : {true, false}) {
    RedisSettings settings;
    settings.discovery = redis::Discovery::sentinel;
    settings.start = 2_s;
    settings.down_after = 30_s;
    settings.persistence = redis::Persistence::aof_everysec;
    settings.stops = hands_over ? redis::Stops::hands_over : redis::Stops::by_signal;
    const Lab lab(redis_topology(settings));
    for (std::uint64_t run = 0; run < 20; ++run) {
      const World world = lab.play({action(0_s, Verb::process_terminate, "redis/server-0")}, run, 120_s);
      INFO("run " << run);
      CHECK(models::healthy(world));
      if (!hands_over) {
        // Its container is back before anybody has missed it.
        CHECK(count(world, "redis.promoted") == 0);
        continue;
      }
      CHECK(count(world, "redis.sdown1") == 0);
      CHECK(first(world, "redis.writable").value() < 0.5);
      CHECK(first(world, "redis.promoted").value() < 1.6);
      CHECK(downtime(world, "write") > 0.15);  // three ticks
      CHECK(downtime(world, "write") < 2.6);
      CHECK(world.measurement.losses.empty());
    }
  }
  // Nobody is left to take over: the hook waits for 20 s.
  RedisSettings settings;
  settings.discovery = redis::Discovery::sentinel;
  settings.stops = redis::Stops::hands_over;
  const Lab lab(redis_topology(settings));
  const World world =
      lab.play({action(0_s, Verb::process_kill, "redis/server-1"), action(0_s, Verb::process_kill, "redis/server-2"),
                action(30_s, Verb::process_terminate, "redis/server-0")},
               1, 80_s);
  CHECK(first(world, "redis.hand_over_failed").value() == Approx(50));
  CHECK(count(world, "redis.try_failover") <= 1);  // once the server is gone
}

TEST_CASE("Sentinels promote by replica-priority, and never a replica of priority 0", "[redis]") {
  Topology topology = redis_topology();
  auto& spec = topology.services[0].own.as<redis::Spec>();
  for (const std::int64_t other : {std::int64_t{0}, std::int64_t{200}, std::int64_t{10}}) {
    spec.priorities = {{1, other}};
    const Lab lab(topology);
    for (std::uint64_t run = 0; run < 10; ++run) {
      const World world = lab.play({action(0_s, Verb::process_kill, "redis/server-0")}, run, 10_s);
      CHECK(first(world, "redis.writable", other == 10 ? "redis/server-1" : "redis/server-2").has_value());
    }
  }
}

// clusterHandleSlaveMigration: 5 s after the last replica of a master has failed for everybody.
TEST_CASE("a replica of a cluster goes over to a master that has none left, and takes its place later", "[redis]") {
  for (const bool migrates : {true, false}) {
    RedisSettings settings;
    settings.mode = redis::Mode::cluster;
    settings.servers = 9;
    Topology topology = redis_topology(settings);
    topology.services[0].own.as<redis::Spec>().parameters.migrates = migrates;
    const Lab lab(std::move(topology));
    for (std::uint64_t run = 0; run < 10; ++run) {
      const World world = lab.play(
          {action(0_s, Verb::process_kill, "redis/server-3"), action(0_s, Verb::process_kill, "redis/server-6"),
           action(60_s, Verb::process_kill, "redis/server-0")},
          run, 90_s);
      INFO("run " << run);
      // The one that takes the master's place later gets another replica in turn.
      CHECK(count(world, "redis.migrated") == (migrates ? 2 : 0));
      CHECK(count(world, "redis.writable") == (migrates ? 1 : 0));
      if (!migrates) continue;
      // FAIL after N to 2 N and some turns.
      CHECK(first(world, "redis.migrated").value() > 2 + 5);
      CHECK(first(world, "redis.migrated").value() < 4 + 1 + 5 + 0.3);
      for (const measurement::Loss& loss : world.measurement.losses) CHECK(loss.seconds < 1);
      CHECK(outages(world, "read").size() == 1);
    }
  }
}

// server.repl_down_since is 0 until a replica has been connected once: its data are then as old as the clock
// (clusterHandleSlaveFailover).
TEST_CASE("a replica of a cluster that started while its master was away does not stand for election", "[redis]") {
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = 6;
  settings.start = 30_s;
  settings.persistence = redis::Persistence::aof_everysec;
  const Lab lab(redis_topology(settings));
  std::size_t too_old = 0;
  for (std::uint64_t run = 0; run < 10; ++run) {
    const World world = lab.play(
        {action(0_s, Verb::process_kill, "redis/server-3"), action(25_s, Verb::process_kill, "redis/server-0")}, run,
        300_s);
    CHECK(count(world, "redis.writable") == 0);
    too_old += count(world, "redis.data_too_old");
    CHECK(models::healthy(world));
    CHECK(world.measurement.losses.empty());
  }
  CHECK(too_old > 5);
}

// The old master stands still for 15 s. Its clients read from it again then, and it does not know for another 10 s
// that there is a new one.
TEST_CASE("fresh reads are out while a server lacks what was acknowledged, and other reads are not", "[redis]") {
  RedisSettings settings;
  settings.discovery = redis::Discovery::fixed;
  Topology topology = redis_topology(settings);
  auto& spec = topology.services[0].own.as<redis::Spec>();
  redis::ClientSpec writer = spec.clients[0];
  writer.name = "writer";
  writer.discovery = redis::Discovery::sentinel;
  spec.clients.push_back(writer);
  spec.slis[0].client = "writer";
  redis::SliSpec fresh = spec.slis[1];
  fresh.name = "fresh";
  fresh.kind = redis::SliKind::fresh_read;
  fresh.oldest = 5_s;
  spec.slis.push_back(fresh);
  const Lab lab(std::move(topology));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World stood = lab.play(
        {action(0_s, Verb::process_stop, "redis/server-0"), action(15_s, Verb::process_continue, "redis/server-0")},
        run, 60_s);
    INFO("run " << run);
    CHECK(downtime(stood, "read") == Approx(15).margin(0.3));
    CHECK(count(stood, "redis.stale_reads") == 1);
    CHECK(downtime(stood, "fresh") > 25);
    CHECK(downtime(stood, "fresh") < 28);
    // A replica, as it is by then, that is cut off from its master for 60 s has what is 5 s old for 5 s.
    const std::string other = "leader(redis)";
    const World cut = lab.play(
        {action(0_s, Verb::process_stop, "redis/server-0"), action(3_s, Verb::process_continue, "redis/server-0"),
         action(60_s, Verb::partition, "redis/server-0", 40_s, other)},
        run, 200_s);
    const std::vector<std::pair<double, double>> out = outages(cut, "fresh");
    REQUIRE_FALSE(out.empty());
    CHECK(out.back().first == Approx(65).margin(0.01));
    CHECK(out.back().first + out.back().second == Approx(100).margin(2));
    CHECK(outages(cut, "read").back().first < 60);
  }
}

TEST_CASE("Sentinels that never see a promotion go back to the old master", "[redis]") {
  RedisSettings settings;
  settings.start = 2_s;
  settings.persistence = redis::Persistence::aof_everysec;
  const Lab lab(redis_topology(settings));
  std::size_t given_up = 0;
  double records = 0;
  for (std::uint64_t run = 0; run < 30; ++run) {
    const std::string sentinel = "redis/sentinel-" + std::to_string(3 + run % 3);
    const std::string replica = "redis/server-" + std::to_string(1 + run % 2);
    const World world = lab.play(
        {action(0_s, Verb::process_kill, "redis/server-0"), action(1500_ms, Verb::partition, replica, 40_s, sentinel)},
        run, 300_s);
    INFO("run " << run);
    CHECK(models::healthy(world));
    if (count(world, "redis.failover_aborted") == 0) continue;
    ++given_up;
    const service::Kind& kind = *world.plan->spec(ServiceId{0}).kind;
    CHECK(kind.leader(world, ServiceId{0}, "redis") == world.plan->services[ServiceId{0}].members[0]);
    for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one;
  }
  CHECK(given_up > 0);
  CHECK(records > 0);
}

}  // namespace redis_reports_test
