// Redis where pods announce addresses: a pod that is created anew is somebody else (Redis sheet, section 11).
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/redis/addresses.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_addresses_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

const std::string master = "leader(redis)";

RedisSettings settings_of(redis::Announces announces) {
  RedisSettings settings;
  settings.announces = announces;
  settings.start = 1_s;
  settings.down_after = 60_s;
  settings.persistence = redis::Persistence::aof_everysec;
  return settings;
}

/// Pods are back within seconds.
Topology quick(const RedisSettings& settings) {
  Topology topology = redis_topology(settings);
  topology.kubernetes.pod_schedule = Law::constant(50_ms);
  topology.kubernetes.pod_start = Law::constant(2_s);
  topology.kubernetes.image_pull = Law::constant(1_s);
  return topology;
}

const redis::Context see(const World& world) { return redis::view(world, ServiceId::of(0)); }

}  // namespace

TEST_CASE("a replica that is created anew is found again in its master's INFO", "[redis]") {
  const Lab lab(quick(settings_of(redis::Announces::addresses)));
  const World world = lab.play({action(0_s, Verb::delete_pod, "redis/server-1")}, 1, 120_s);
  CHECK(see(world).server(1).address == 1);
  for (redis::Number i = 0; i < 3; ++i) CHECK(redis::sentinel_knows(see(world), i, 1));
  CHECK(downtime(world, "write") == 0);
  CHECK(count(world, "redis.readmitted") == 0);
}

// redis#8300, bitnami/charts#5418: the old address stays, and the pod that starts as master is invisible.
TEST_CASE("a master that is created anew is replaced although it is back, and stays a second master", "[redis]") {
  for (const auto announces : {redis::Announces::hostnames, redis::Announces::addresses}) {
    const Lab lab(quick(settings_of(announces)));
    const World world = lab.play({action(0_s, Verb::delete_pod, master)}, 1, 500_s);
    if (announces == redis::Announces::hostnames) {
      // The name leads to the pod that is back before down-after.
      CHECK(count(world, "redis.writable") == 0);
      continue;
    }
    CHECK(redis::serves(see(lab.play({action(0_s, Verb::delete_pod, master)}, 1, 50_s)), 0));
    CHECK(first(world, "redis.writable").value() > 60);
    const redis::Context c = see(world);
    CHECK(c.server(0).master == redis::nobody);
    CHECK(c.state.chief[0] != 0);
    for (redis::Number i = 0; i < 3; ++i) CHECK_FALSE(redis::sentinel_knows(c, i, 0));
    // Somebody sees to it, here after 600 s.
    const World later = lab.play({action(0_s, Verb::delete_pod, master)}, 1, 700_s);
    CHECK(first(later, "redis.readmitted").value() > 600);
    CHECK(see(later).server(0).master == see(later).state.chief[0]);
    CHECK(models::healthy(later));
  }
}

// Nobody finds anybody any more, and somebody tells all where the master is.
TEST_CASE("servers that are all created anew at once are found after somebody has seen to it", "[redis]") {
  for (const auto starts : {redis::Starts::as_configured, redis::Starts::asks_sentinel}) {
    RedisSettings settings = settings_of(redis::Announces::addresses);
    settings.down_after = 5_s;
    settings.discovery = redis::Discovery::sentinel;
    Topology topology = quick(settings);
    topology.services[0].own.as<redis::Spec>().starts = starts;
    const Lab lab(std::move(topology));
    for (std::uint64_t run = 0; run < 10; ++run) {
      std::vector<Action> script;
      for (const char* server : {"redis/server-0", "redis/server-1", "redis/server-2"})
        script.push_back(
            action(Duration::milliseconds(static_cast<std::int64_t>(run) * 100), Verb::delete_pod, server));
      const World world = lab.play(script, run, 700_s);
      // A server that follows nobody takes no writes.
      CHECK((downtime(world, "write") > 590) == (starts == redis::Starts::asks_sentinel));
      CHECK(models::healthy(world));
      const redis::Context c = see(world);
      for (redis::Number i = 0; i < 3; ++i) {
        CHECK(c.watch(i).machine.master == c.state.chief[0]);
        for (redis::Number j = 0; j < 3; ++j) CHECK(redis::sentinel_knows(c, i, j));
      }
      CHECK(world.events < 10'000);
    }
  }
}

// [S] sentinel.c hello handling: another address and another run id are one more Sentinel.
TEST_CASE("a Sentinel that was created anew counts twice: the loss of one is the loss of failover", "[redis]") {
  for (const auto announces : {redis::Announces::hostnames, redis::Announces::addresses}) {
    RedisSettings settings = settings_of(announces);
    settings.down_after = 5_s;
    Topology topology = quick(settings);
    topology.services[0].pools[1].storage.kind = VolumeKind::root;
    const Lab lab(std::move(topology));
    const std::vector<Action> script{action(0_s, Verb::delete_pod, "redis/sentinel-3"),
                                     action(60_s, Verb::process_stop, "redis/sentinel-3"),
                                     action(100_s, Verb::process_stop, master)};
    const World world = lab.play(script, 1, 300_s);
    const bool twice = announces == redis::Announces::addresses;
    for (const redis::Number i : {redis::Number{1}, redis::Number{2}})
      CHECK(see(world).watch(i).machine.strangers == (twice ? 1 : 0));
    CHECK(see(world).watch(0).machine.strangers == 0);
    CHECK(count(world, "redis.writable") == (twice ? 0 : 1));
    // SENTINEL RESET, here after 600 s.
    if (!twice) continue;
    const World later = lab.play(script, 1, 700_s);
    CHECK(count(later, "redis.writable") == 1);
    CHECK(first(later, "redis.writable").value() > 600);
  }
}

// A configuration on a volume keeps the run id: its new address takes the place of the old one.
TEST_CASE("a Sentinel whose configuration is on a volume is who it was, and one without has forgotten its votes",
          "[redis]") {
  for (const auto announces : {redis::Announces::hostnames, redis::Announces::addresses}) {
    for (const VolumeKind kind : {VolumeKind::gp3, VolumeKind::root}) {
      RedisSettings settings = settings_of(announces);
      settings.down_after = 1_s;
      Topology topology = quick(settings);
      topology.services[0].pools[1].storage.kind = kind;
      const Lab lab(std::move(topology));
      // A failover first, so that there is an epoch to forget.
      const World world = lab.play(
          {action(0_s, Verb::process_stop, master), action(60_s, Verb::delete_pod, "redis/sentinel-4")}, 1, 100_s);
      REQUIRE(count(world, "redis.writable") == 1);
      const bool keeps = kind == VolumeKind::gp3;
      CHECK((see(world).watch(1).machine.vote_epoch > 0) == keeps);
      const bool stranger = !keeps && announces == redis::Announces::addresses;
      CHECK(see(world).watch(0).machine.strangers == (stranger ? 1 : 0));
    }
  }
}

// OT redis-operator#20: one at a time is learnt by gossip, all at once find nobody.
TEST_CASE("nodes of a cluster that all move at once find nobody", "[redis]") {
  for (const bool all : {false, true}) {
    RedisSettings settings = settings_of(redis::Announces::addresses);
    settings.mode = redis::Mode::cluster;
    settings.servers = 6;
    settings.down_after = 1_s;
    settings.node_timeout = 15_s;
    const Lab lab(quick(settings));
    std::vector<Action> script;
    for (int i = 0; i < (all ? 6 : 1); ++i)
      script.push_back(action(0_s, Verb::delete_pod, fmt::format("redis/server-{}", i)));
    const World world = lab.play(script, 1, 400_s);
    const redis::Context c = see(world);
    bool known = true;
    for (redis::Number i = 0; i < 6; ++i) {
      for (redis::Number j = 0; j < 6; ++j) known = known && redis::node_knows(c, i, j);
    }
    CHECK(known == !all);
    CHECK((downtime(world, "write") > 300) == all);
    if (!all) continue;
    const World later = lab.play(script, 1, 800_s);
    CHECK(first(later, "redis.readmitted").value() > 600);
    CHECK(downtime(later, "write") < 700);
  }
}

}  // namespace redis_addresses_test
