// Redis Cluster in a world: bounds and rules of failure detection and election (Redis sheet, sections 10 and 13).
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/redis/bus.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_cluster_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

const std::string master = "leader(redis/shard-0)";

RedisSettings cluster(std::int64_t servers = 6) {
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = servers;
  return settings;
}

double lost(const World& world) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one;
  return records;
}

}  // namespace

// Case 13: N + 0.5 .. 2 N + 1.3 s; case 14: healthy shards are out from FAIL to promotion.
TEST_CASE("a dead master of a cluster is replaced within the bounds of its time-out", "[redis]") {
  for (const Duration timeout : {2_s, 5_s, 15_s}) {
    RedisSettings settings = cluster();
    settings.node_timeout = timeout;
    const Lab lab(redis_topology(settings));
    const double n = timeout.to_seconds();
    for (std::uint64_t run = 0; run < 30; ++run) {
      const World world = lab.play({action(0_s, Verb::process_kill, master)}, run, 60_s);
      const double maybe = first(world, "redis.pfail").value();
      const double failed = first(world, "redis.fail").value();
      const double asks = first(world, "redis.election").value();
      CHECK(maybe >= n);
      CHECK(maybe <= 1.5 * n + 0.2);
      CHECK(failed >= maybe);
      CHECK(asks - failed >= 0.5);
      CHECK(asks - failed <= 1.21);
      CHECK(first(world, "redis.first_write").value() <= 2 * n + 1.4);
      CHECK(count(world, "redis.writable") == 1);
      CHECK(lost(world) == Approx(0).margin(1e-6));
    }
  }
}

TEST_CASE("without full coverage other shards serve on", "[redis]") {
  for (const bool full : {true, false}) {
    Topology topology = redis_topology(cluster());
    topology.services[0].own.as<redis::Spec>().parameters.full_coverage = full;
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::process_kill, master)}, 1, 20_s);
    // Each of the five that are left refuses requests from FAIL on, or none does.
    CHECK(count(world, "redis.cluster_down") == (full ? 5 : 0));
    CHECK(downtime(world, "write") > 2.5);
  }
}

// Field report B09: together for ever, in turn it recovers.
TEST_CASE("two of three masters at once are for ever, one after the other are not", "[redis]") {
  const Lab lab(redis_topology(cluster()));
  const World together = lab.play(
      {action(0_s, Verb::process_kill, master), action(0_s, Verb::process_kill, "leader(redis/shard-1)")}, 1, 300_s);
  CHECK(count(together, "redis.writable") == 0);
  CHECK(downtime(together, "write") == Approx(300).margin(0.1));
  // Nothing can come of it: nodes sleep.
  CHECK(together.events < 3'000);
  const World in_turn = lab.play(
      {action(0_s, Verb::process_kill, master), action(30_s, Verb::process_kill, "leader(redis/shard-1)")}, 1, 300_s);
  CHECK(count(in_turn, "redis.writable") == 2);
}

// Case 17: N .. 1.5 N after the cut an isolated master stops; what it took until then is lost.
TEST_CASE("a master in a minority stops to take writes", "[redis]") {
  RedisSettings settings = cluster();
  settings.node_timeout = 5_s;
  const Lab lab(redis_topology(settings));
  for (std::uint64_t run = 0; run < 20; ++run) {
    std::vector<Action> cut;
    for (int other = 1; other < 6; ++other)
      cut.push_back(action(0_s, Verb::partition, "redis/server-0", 60_s, "redis/server-" + std::to_string(other)));
    const World world = lab.play(cut, run, 120_s);
    CHECK(count(world, "redis.writable") == 1);
    // A third of 1,000 writes a second goes there.
    const double seconds = lost(world) / (1000.0 / 3);
    CHECK(seconds >= 4.9);
    CHECK(seconds <= 7.8);
    CHECK(count(world, "redis.old_master_demoted") == 1);
    CHECK(models::healthy(world));
  }
}

// A master that is back before anybody took its place serves its shard again.
TEST_CASE("a master that is back in time keeps its shard", "[redis]") {
  RedisSettings settings = cluster();
  settings.node_timeout = 15_s;
  settings.start = 1_s;
  settings.persistence = redis::Persistence::aof_everysec;
  const Lab lab(redis_topology(settings));
  const World world = lab.play({action(0_s, Verb::process_kill, master)}, 1, 60_s);
  CHECK(count(world, "redis.fail") == 0);
  CHECK(count(world, "redis.writable") == 0);
  CHECK(models::healthy(world));
  // CLUSTER_WRITABLE_DELAY: 2 s after its start.
  CHECK(downtime(world, "write") > 3);
}

// Field report B15; valkey-io/valkey#2449.
TEST_CASE("the wait before an election by version", "[redis]") {
  redis::bus::Rules rules;
  rules.node_timeout = 3_s;
  rules.election_fixed = rules.election_random = 500_ms;
  CHECK(redis::bus::election_delay(rules, 0.5) == 750_ms);
  rules.scaled_delay = true;
  CHECK(redis::bus::election_delay(rules, 0.5) == 150_ms);
  rules.node_timeout = 15_s;
  CHECK(redis::bus::election_delay(rules, 1) == 1_s);
}

// Case 16: two replicas with the same data may ask in the same turn; with 100 ms between turns few do.
TEST_CASE("one of two replicas is elected, and in no epoch two", "[redis]") {
  const Lab lab(redis_topology(cluster(9)));
  std::size_t rounds = 0;
  for (std::uint64_t run = 0; run < 60; ++run) {
    const World world = lab.play({action(0_s, Verb::process_kill, master)}, run, 40_s);
    CHECK(count(world, "redis.writable") == 1);
    rounds += count(world, "redis.election");
  }
  CHECK(rounds >= 60);
  CHECK(rounds < 75);
}

// Rank: who has less data waits a second longer.
TEST_CASE("the replica with more data is elected", "[redis]") {
  const Lab lab(redis_topology(cluster(9)));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::partition, "redis/server-3", 600_s, "redis/server-0"),
                                  action(5_s, Verb::process_kill, "redis/server-0")},
                                 run, 30_s);
    CHECK(first(world, "redis.writable", "redis/server-6").has_value());
  }
}

}  // namespace redis_cluster_test
