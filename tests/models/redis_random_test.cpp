// What holds whatever happens: Sentinels and nodes under random schedules of faults in a world.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/redis/server.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/process_faults.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_random_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

constexpr ProcessFaults mix{0.8, 0.2, 0.35, 0.25};

}  // namespace

TEST_CASE("Sentinels under random faults: one leader an epoch, and all is well in the end", "[redis]") {
  const std::vector<std::string> processes{"redis/server-0",   "redis/server-1",   "redis/server-2",
                                           "redis/sentinel-3", "redis/sentinel-4", "redis/sentinel-5"};
  std::size_t failovers = 0;
  for (std::uint64_t number = 0; number < 60; ++number) {
    Dice dice(number);
    RedisSettings settings;
    settings.start = 2_s;
    settings.persistence = redis::Persistence::aof_everysec;
    settings.discovery = number % 2 == 0 ? redis::Discovery::sentinel : redis::Discovery::probe;
    const Lab lab(redis_topology(settings));
    const World world = lab.play(random_faults(dice, processes, 300_s, 6, mix), number, 1500_s);
    INFO("schedule " << number);
    // No epoch elects two; a server is promoted only by who was elected.
    check_one_subject_each(world, "redis.elected");
    CHECK(models::healthy(world));
    failovers += world.measurement.failovers;
  }
  CHECK(failovers > 20);
}

TEST_CASE("nodes of a cluster under random faults: all is well in the end", "[redis]") {
  std::vector<std::string> processes;
  for (int i = 0; i < 6; ++i) processes.push_back("redis/server-" + std::to_string(i));
  std::size_t failovers = 0;
  for (std::uint64_t number = 0; number < 40; ++number) {
    Dice dice(number);
    RedisSettings settings;
    settings.mode = redis::Mode::cluster;
    settings.servers = 6;
    settings.start = 2_s;
    settings.persistence = redis::Persistence::aof_everysec;
    const Lab lab(redis_topology(settings));
    const World world = lab.play(random_faults(dice, processes, 300_s, 5, mix), number, 900_s);
    INFO("schedule " << number);
    CHECK(models::healthy(world));
    // Who owns a shard is one and the same for all.
    const redis::Context c = redis::view(world, ServiceId::of(0));
    for (redis::Number shard = 0; shard < 3; ++shard) {
      for (const redis::bus::Node& node : c.state.nodes.nodes) CHECK(node.owner[shard] == c.state.chief[shard]);
    }
    failovers += world.measurement.failovers;
  }
  CHECK(failovers > 10);
}

TEST_CASE("a fork of a world with Redis plays on as the original", "[redis]") {
  const Lab lab(redis_topology());
  World world = lab.play({action(0_s, Verb::process_kill, "leader(redis)")}, 1, 1_s);
  World fork = world;
  run_until(world, origin + 20_s);
  run_until(fork, origin + 20_s);
  CHECK(world.events == fork.events);
  REQUIRE(world.trace.records().size() == fork.trace.records().size());
  for (std::size_t i = 0; i < world.trace.records().size(); ++i) {
    CHECK(world.trace.records()[i].at == fork.trace.records()[i].at);
    CHECK(world.trace.records()[i].kind == fork.trace.records()[i].kind);
  }
}

}  // namespace redis_random_test
