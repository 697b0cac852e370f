// Redis under Sentinels in a world: closed forms of detection and failover (Redis sheet, section 13), what clients see
// by the way they find the master, what is lost.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/redis/server.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_sentinel_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

const std::string master = "leader(redis)";

double lost(const World& world) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one;
  return records;
}

/// Mean length of a tick, and of what is left of one at a random moment: 1 / hz with hz from 10 to 19.
struct Ticks {
  double mean = 0;
  double residual = 0;
};
Ticks ticks() {
  double first_moment = 0;
  double second_moment = 0;
  for (int hz = 10; hz < 20; ++hz) {
    first_moment += 0.1 / hz;
    second_moment += 0.1 / hz / hz;
  }
  return {first_moment, second_moment / (2 * first_moment)};
}

}  // namespace

// Case 1: the reset shortens nothing; a tick to connect anew and one to notice.
TEST_CASE("a Sentinel finds a killed master down after down-after and two residual ticks", "[redis]") {
  RedisSettings settings;
  settings.sentinels = 1;
  settings.quorum = 1;
  settings.down_after = 5_s;
  const Lab lab(redis_topology(settings));
  const Sampled down = sample(5'000, [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::process_kill, master)}, run, 7_s);
    return first(world, "redis.sdown1").value() - 5;
  });
  INFO(down.mean << " +- " << down.error);
  // The second residual is that of a renewal at a fixed time after a tick: for down-after of many ticks the stationary
  // one.
  CHECK(agrees(down, 2 * ticks().residual));
  CHECK(down.lowest >= 0);
}

// Case 4: silence is counted from the next ping.
TEST_CASE("a Sentinel finds a silent master down after down-after, half a ping period and two residual ticks",
          "[redis]") {
  RedisSettings settings;
  settings.sentinels = 1;
  settings.quorum = 1;
  settings.down_after = 5_s;
  const Lab lab(redis_topology(settings));
  const Sampled down = sample(5'000, [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::process_stop, master)}, run, 8_s);
    return first(world, "redis.sdown1").value() - 5;
  });
  INFO(down.mean << " +- " << down.error);
  // The period is the first tick after a second: its residual is a further part; at a random moment half is left.
  CHECK(agrees(down, (1 + ticks().residual) / 2 + ticks().residual));
}

// Case 1: one tick each until the votes are counted, the replica chosen and told.
TEST_CASE("a replica takes writes three ticks after agreement", "[redis]") {
  const Lab lab(redis_topology());
  const Sampled steps = sample(1'000, [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::process_kill, master)}, run, 4_s);
    return first(world, "redis.writable").value() - first(world, "redis.odown").value();
  });
  INFO(steps.mean << " +- " << steps.error);
  CHECK(agrees(steps, 3 * ticks().mean + 0.0001));
}

// Case 6; field report B02: a reset does not shorten down-after.
TEST_CASE("without a majority of all Sentinels there is no failover", "[redis]") {
  const Lab lab(redis_topology());
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world =
        lab.play({action(0_s, Verb::process_kill, "redis/sentinel-3"),
                  action(0_s, Verb::process_kill, "redis/sentinel-4"), action(5_s, Verb::process_kill, master)},
                 run, 600_s);
    CHECK(first(world, "redis.sdown1").value() >= 6);
    CHECK(count(world, "redis.odown") == 0);
    CHECK(count(world, "redis.writable") == 0);
    // Nothing happens any more: Sentinels sleep.
    CHECK(world.events < 3'000);
  }
}

// Case 7: 2 F and up to a second of desynchronisation after the first try.
TEST_CASE("a lost election is repeated after twice the failover-timeout", "[redis]") {
  RedisSettings settings;
  settings.quorum = 1;
  const Lab lab(redis_topology(settings));
  for (std::uint64_t run = 0; run < 20; ++run) {
    // The voters stand still just then.
    const World world = lab.play(
        {action(0_s, Verb::process_kill, "redis/sentinel-3"), action(0_s, Verb::process_stop, "redis/sentinel-4"),
         action(5_s, Verb::process_kill, master), action(18_s, Verb::process_continue, "redis/sentinel-4")},
        run, 80_s);
    const double tried = first(world, "redis.try_failover").value();
    CHECK(first(world, "redis.not_elected").value() - tried > 10);
    const double again = first(world, "redis.try_failover", {}, tried + 0.001).value();
    CHECK(again - tried > 20);
    CHECK(again - tried < 21.2);
    CHECK(first(world, "redis.writable").value() < again + 1);
  }
}

// Case 8: INFO at once when the link is back, and the next 10 s later.
TEST_CASE("an old master that comes back is made a replica after 10 s, and what it took is lost", "[redis]") {
  RedisSettings settings;
  settings.discovery = redis::Discovery::fixed;
  const Lab lab(redis_topology(settings));
  for (std::uint64_t run = 0; run < 30; ++run) {
    const World world = lab.play(
        {action(0_s, Verb::process_stop, master), action(60_s, Verb::process_continue, "redis/server-0")}, run, 90_s);
    const double demoted = first(world, "redis.old_master_demoted").value();
    CHECK(demoted > 70);
    CHECK(demoted < 70.3);
    // The client has the address of the old master: it writes there from its first attempt after the return on.
    const double wrote = first(world, "redis.first_write").value();
    CHECK(lost(world) == Approx((demoted - wrote) * 1000).margin(3));
  }
}

// Case 9; seed claim 18.
TEST_CASE("min-replicas-to-write bounds what a partition costs", "[redis]") {
  for (const std::int64_t min_replicas : {0, 1}) {
    RedisSettings settings;
    settings.discovery = redis::Discovery::fixed;
    settings.min_replicas = min_replicas;
    const Lab lab(redis_topology(settings));
    for (std::uint64_t run = 0; run < 20; ++run) {
      const World world = lab.play({action(0_s, Verb::partition, "redis/server-0", 60_s, "all(redis/sentinels)"),
                                    action(0_s, Verb::partition, "redis/server-0", 60_s, "redis/server-1"),
                                    action(0_s, Verb::partition, "redis/server-0", 60_s, "redis/server-2")},
                                   run, 90_s);
      CHECK(count(world, "redis.writable") == 1);
      const double seconds = lost(world) / 1000;
      if (min_replicas == 0) {
        // Until it heals, a Sentinel's connection is tried again (each has been opened anew within the last 16 s: after
        // at most 8 s), and 10 s more.
        CHECK(seconds > 68);
        CHECK(seconds < 79);
      } else {
        CHECK(seconds > 9);
        CHECK(seconds < 12.1);
      }
    }
  }
}

// Field report B05, B06: a client that keeps its connection to a master that only the Sentinels miss writes on.
TEST_CASE("who is connected to the old master sees no outage until it is made a replica", "[redis]") {
  RedisSettings settings;
  settings.discovery = redis::Discovery::sentinel;
  const Lab lab(redis_topology(settings));
  const World world = lab.play({action(0_s, Verb::partition, "redis/server-0", 30_s, "all(redis/sentinels)")}, 1, 60_s);
  const auto write = outages(world, "write");
  const double demoted = first(world, "redis.old_master_demoted").value();
  for (const auto& [start, length] : write) {
    CHECK(start == Approx(demoted).margin(0.001));
    CHECK(length < 0.2);
  }
  CHECK(lost(world) > 30'000);
}

// Field report B07: promoted and routed are two things.
TEST_CASE("clients by label wait for the label", "[redis]") {
  RedisSettings settings;
  settings.discovery = redis::Discovery::label;
  const Lab lab(redis_topology(settings));
  const World world = lab.play({action(0_s, Verb::process_kill, master)}, 1, 30_s);
  const double writable = first(world, "redis.writable").value();
  CHECK(first(world, "redis.relabelled").value() == Approx(writable + 6).margin(0.001));
  CHECK(downtime(world, "write") == Approx(writable + 6).margin(0.05));
}

// Sheet, section 11: a crashed container is back before down-after, without what it had not saved.
TEST_CASE("a master that is back before down-after is not replaced, and empties its replicas", "[redis]") {
  for (const auto persistence : {redis::Persistence::none, redis::Persistence::aof_everysec}) {
    RedisSettings settings;
    settings.down_after = 60_s;
    settings.start = 1_s;
    settings.persistence = persistence;
    const Lab lab(redis_topology(settings));
    const World world = lab.play({action(0_s, Verb::process_kill, master)}, 3, 120_s);
    CHECK(count(world, "redis.odown") == 0);
    CHECK(count(world, "redis.full_resync") == 2);
    CHECK(models::healthy(world));
    const redis::Context c = redis::view(world, ServiceId::of(0));
    for (redis::Number i = 0; i < 3; ++i) {
      CHECK(c.server(i).has_data == (persistence != redis::Persistence::none));
    }
    // All of the dataset, in writes; or nothing.
    CHECK(lost(world) == Approx(persistence == redis::Persistence::none ? 15e6 / 100 : 0));
  }
}

// Case 10: the gap fits into the backlog of 1 MiB, or not.
TEST_CASE("a replica that was away gets what it lacks from the backlog, or everything", "[redis]") {
  for (const int away : {5, 15}) {
    RedisSettings settings;
    settings.start = 100_ms;
    const Lab lab(redis_topology(settings));
    // 100 kB/s; the partition lasts beyond repl-timeout in neither case, so the connection is cut by a restart of
    // sockets: here the replica's link is lost because its master's machine cannot be reached, and comes back.
    const World world = lab.play(
        {action(0_s, Verb::partition, "redis/server-1", Duration::seconds(60 + away), "redis/server-0")}, 1, 120_s);
    CHECK(count(world, "redis.partial_resync") + count(world, "redis.full_resync") == 1);
    // The link is given up after 60 s of silence: by then 6 MB were written.
    CHECK(count(world, "redis.full_resync") == 1);
  }
  RedisSettings slow;
  slow.writes_per_s = 100;  // 10 kB/s: 65 s are 650 kB
  const Lab lab(redis_topology(slow));
  const World world = lab.play({action(0_s, Verb::partition, "redis/server-1", 65_s, "redis/server-0")}, 1, 120_s);
  CHECK(count(world, "redis.partial_resync") == 1);
  CHECK(count(world, "redis.full_resync") == 0);
}

// Case 11: the soft limit of 64 MiB for 60 s.
TEST_CASE("a full resync never ends where the stream overruns the replica's buffer", "[redis]") {
  RedisSettings settings;
  settings.start = 100_ms;
  settings.writes_per_s = 20'000;  // 2 MB/s
  Topology topology = redis_topology(settings);
  auto& spec = topology.services[0].own.as<redis::Spec>();
  spec.dataset = {10e9};
  spec.parameters.serialise_rate = {100e6};
  spec.parameters.load_rate = {1e12};
  const Lab lab(std::move(topology));
  const World world = lab.play({action(0_s, Verb::process_kill, "redis/server-1")}, 1, 600_s);
  CHECK(count(world, "redis.buffer_overrun") >= 4);
  CHECK(count(world, "redis.sync_loaded") == 0);
  // 64 MiB are there after 33.6 s, and 60 s later the link is closed.
  const double began = first(world, "redis.full_resync").value();
  CHECK(first(world, "redis.buffer_overrun").value() - began == Approx(67'108'864 / 2e6 + 60).margin(0.1));
}

// Sheet, section 7; case 22.
TEST_CASE("Sentinels that stood still wait 30 s", "[redis]") {
  RedisSettings settings;
  settings.down_after = 5_s;  // with 1 s no replica is good enough by then (transcript tilt_short_down_after)
  const Lab lab(redis_topology(settings));
  const World world = lab.play(
      {action(0_s, Verb::process_stop, "redis/sentinel-3"), action(0_s, Verb::process_stop, "redis/sentinel-4"),
       action(3_s, Verb::process_kill, master), action(3_s, Verb::process_continue, "redis/sentinel-3"),
       action(3_s, Verb::process_continue, "redis/sentinel-4")},
      1, 60_s);
  CHECK(count(world, "redis.tilt") == 2);
  CHECK(first(world, "redis.sdown1").value() < 8.2);
  CHECK(first(world, "redis.odown").value() > 33);
  CHECK(first(world, "redis.writable").value() < 34);
}

// Two of three are in TILT for 30 s after they went on at 8 s, also if all slept while they stood still.
TEST_CASE("each Sentinel that stood still waits 30 s although all were asleep meanwhile", "[redis]") {
  RedisSettings settings;
  settings.down_after = 5_s;
  const Lab lab(redis_topology(settings));
  for (const Duration lasts : {8_s, 30_s}) {
    for (std::uint64_t run = 0; run < 20; ++run) {
      const World world = lab.play({action(0_s, Verb::process_pause, "redis/sentinel-3", lasts),
                                    action(0_s, Verb::process_pause, "redis/sentinel-4", lasts),
                                    action(lasts + 500_ms, Verb::process_kill, master)},
                                   run, lasts + 40_s);
      CHECK(count(world, "redis.tilt") == 2);
      const double waits = first(world, "redis.writable").value() - lasts.to_seconds();
      CHECK(waits > 30);
      CHECK(waits < 31);
    }
  }
}

// Redis sheet, sections 8 and 9: who ends in order waits for its replicas (shutdown-timeout), and the kernel of who
// stands still delivers what was sent.
TEST_CASE("a master that ends in order or stands still on a machine that lives has lost nothing", "[redis]") {
  for (const auto mode : {redis::Mode::sentinel, redis::Mode::cluster}) {
    RedisSettings settings;
    settings.mode = mode;
    settings.servers = mode == redis::Mode::cluster ? 6 : 3;
    settings.down_after = 5_s;  // with 1 s a second fail-over may follow, of a master that is well
    const Lab lab(redis_topology(settings));
    for (const Verb verb : {Verb::process_terminate, Verb::process_stop}) {
      for (std::uint64_t run = 0; run < 10; ++run) {
        const World world = lab.play({action(0_s, verb, master)}, run, 20_s);
        CHECK(world.measurement.failovers == 1);
        CHECK(lost(world) == 0);
      }
    }
  }
  // What is on its way from a machine that dies is lost.
  const Lab lab(redis_topology());
  const World world = lab.play({action(0_s, Verb::node_crash, master, 600_s)}, 1, 10_s);
  CHECK(world.measurement.failovers == 1);
  CHECK(lost(world) > 0.5);
}

// redis 7.0 src/server.c, serverCron and isReadyToShutdown: the signal is looked for each 100 ms; a master whose
// replicas have not acknowledged all takes no more writes then, and ends at the next look at which they have.
TEST_CASE("a master that is told to end does so in its cron, when its replicas have everything", "[redis]") {
  const auto ends = [](const Lab& lab, const std::vector<Action>& script, std::size_t looks) {
    return sample(1'500, [&, looks](std::uint64_t run) -> std::optional<double> {
      const World world = lab.play(script, run, 1_s);
      CHECK(count(world, "redis.end_looked") == looks);
      const double begins = first(world, "redis.end_looked").value();
      const double exits = first(world, "redis.end_looked", {}, begins + (looks > 1 ? 1e-6 : 0)).value();
      const bool writes = !outages(world, "write").empty();
      if (writes) CHECK(outages(world, "write")[0].first == Approx(begins).margin(0.006));
      REQUIRE(outages(world, "read").size() == 1);
      CHECK(outages(world, "read")[0].first == Approx(exits).margin(0.006));
      return exits;
    });
  };
  RedisSettings settings;
  settings.discovery = redis::Discovery::fixed;
  const std::vector<Action> told{action(0_s, Verb::process_terminate, "redis/server-0")};
  const Sampled busy = ends(Lab(redis_topology(settings)), told, 2);
  CHECK(busy.lowest >= 0.1);
  CHECK(busy.highest <= 0.2);
  CHECK(agrees(busy, 0.15));
  settings.writes_per_s = 0;
  CHECK(agrees(ends(Lab(redis_topology(settings)), told, 1), 0.05));
  // A replica that stands still never has everything; the others do not wait for it, nor for their master.
  settings.writes_per_s = 1'000;
  settings.down_after = 60_s;
  const Lab lab(redis_topology(settings));
  const World late = lab.play({action(0_s, Verb::process_stop, "redis/server-1"), told[0]}, 1, 30_s);
  CHECK(outages(late, "read")[0].first == Approx(10.05).margin(0.16));
  CHECK(outages(late, "write")[0].first == Approx(0.05).margin(0.06));
  const World replica = lab.play({action(0_s, Verb::process_terminate, "redis/server-1")}, 1, 30_s);
  CHECK(count(replica, "redis.end_looked") == 1);
  CHECK(downtime(replica, "write") == 0);
}

TEST_CASE("a failover ends with every Sentinel and server asleep, and the world healthy", "[redis]") {
  RedisSettings settings;
  settings.down_after = 2_s;
  settings.start = 5_s;
  const Lab lab(redis_topology(settings));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::process_kill, master)}, run, 120_s);
    CHECK(models::healthy(world));
    CHECK(world.measurement.failovers == 1);
    CHECK(count(world, "redis.old_master_demoted") == 1);
    CHECK(lost(world) == Approx(0).margin(1e-6));
  }
}

// Sentinels that did not see a fail-over through point its replica back at the master before, which has all that it
// had.
TEST_CASE("what a promoted replica lacked is not lost when Sentinels go back to its master", "[redis]") {
  const Lab lab(redis_topology());
  for (const bool came_back_empty : {false, true}) {
    World world = lab.prepare({}, 1);
    run_until(world, origin);
    redis::Context c = redis::context(world, ServiceId::of(0));
    redis::grow(c);
    redis::promote(c, 1);
    REQUIRE(world.measurement.losses.size() == 1);
    CHECK(world.measurement.losses[0].rule.find("asynchronous replication") == 0);
    if (came_back_empty) c.server(0).came_back_without = c.spec.dataset.count;
    redis::follow(c, 1, 0);
    CHECK(c.state.chief[0] == 0);
    REQUIRE(world.measurement.losses.size() == (came_back_empty ? 1 : 0));
    if (!came_back_empty) continue;
    CHECK(world.measurement.losses[0].rule.find("a master came back with less") == 0);
    CHECK(world.measurement.losses[0].records_one == Approx(c.spec.dataset.count / c.spec.write_size.count));
  }
}

// The same of a master that died and came back meanwhile: empty it has lost its data, not all that it was ever written;
// with its data it has lost nothing, and what it took beside the other master neither.
TEST_CASE("a superseded master that came back and is gone back to has lost what it came back without", "[redis]") {
  for (const bool keeps : {false, true}) {
    Topology topology = redis_topology();
    auto& spec = topology.services[0].own.as<redis::Spec>();
    spec.persistence = keeps ? redis::Persistence::aof_always : redis::Persistence::none;
    spec.dataset = {5e6};
    const Lab lab(std::move(topology));
    World world = lab.prepare({}, 1);
    run_until(world, origin);
    {
      redis::Context c = redis::context(world, ServiceId::of(0));
      redis::grow(c);
      redis::promote(c, 1);
      c.server(0).offset += 1'000 * c.spec.write_size.count;
      c.world.processes.edit(c.server_process(0)).ending = Ending::crash;
      redis::server_died(c, 0);
      REQUIRE(world.measurement.losses.size() == 2);
      redis::server_started(c, 0);
    }
    while (!redis::state_of(world.services[ServiceId::of(0)]).servers[0].started)
      REQUIRE(step(world, origin + 10'000_s));
    redis::Context c = redis::context(world, ServiceId::of(0));
    redis::grow(c);
    c.server(0).master = redis::nobody;
    c.server(0).superseded = true;
    c.server(0).counted = c.server(0).offset;
    const std::size_t before = world.measurement.losses.size();
    redis::follow(c, 1, 0);
    if (keeps) {
      CHECK(world.measurement.losses.size() == before - 2);
      continue;
    }
    CHECK(world.measurement.losses.back().rule.find("a master came back with less") == 0);
    CHECK(world.measurement.losses.back().records_one == Approx(5e6 / c.spec.write_size.count));
  }
}

TEST_CASE("a power loss costs what was on its way to the replicas", "[redis]") {
  const Lab lab(redis_topology());
  const World world = lab.play({action(0_s, Verb::node_crash, master, 600_s)}, 1, 30_s);
  // 1.1 ms of 1,000 writes per second.
  CHECK(lost(world) == Approx(1.1).margin(0.01));
}

// Without persistence and fail-over: all that it held at first, and then what was written since it came back, at most
// its dataset again.
TEST_CASE("a master that comes back empty again has lost what was written since", "[redis]") {
  RedisSettings settings;
  settings.start = 1_s;
  settings.down_after = 3600_s;
  Topology topology = redis_topology(settings);
  topology.services[0].own.as<redis::Spec>().dataset = {20'000.0 * 100};
  const Lab lab(std::move(topology));
  const World world =
      lab.play({action(0_s, Verb::process_kill, "redis/server-0"), action(11_s, Verb::process_kill, "redis/server-0"),
                action(60_s, Verb::process_kill, "redis/server-0")},
               1, 300_s);
  const auto& losses = world.measurement.losses;
  REQUIRE(losses.size() == 3);
  CHECK(losses[0].records_one == Approx(20'000));
  CHECK(losses[1].records_one == Approx(1000 * (611 - losses[0].at.to_seconds())).margin(20));
  CHECK(losses[2].records_one == Approx(20'000));
}

// A new process has no replicas until they have come to it.
TEST_CASE("a restarted master does not count replicas that its former life had", "[redis]") {
  for (const bool replicas_live : {false, true}) {
    RedisSettings settings;
    settings.start = 1_s;
    settings.down_after = 3600_s;
    settings.min_replicas = 1;
    const Lab lab(redis_topology(settings));
    std::vector<Action> script{action(1_s, Verb::process_kill, master)};
    if (!replicas_live)
      script.insert(script.begin(),
                    {action(0_s, Verb::node_loss, "redis/server-1"), action(0_s, Verb::node_loss, "redis/server-2")});
    const World world = lab.play(script, 1, 20_s);
    CHECK((redis::state_of(world.services[ServiceId::of(0)]).servers[0].offset > 0) == replicas_live);
  }
}

// SIGTERM, and SIGSTOP while it writes its snapshot of 2 s: it ends when it goes on.
TEST_CASE("a server that stands still while it ends does not end before it goes on", "[redis]") {
  RedisSettings settings;
  settings.down_after = 3600_s;
  settings.persistence = redis::Persistence::snapshots;
  Topology topology = redis_topology(settings);
  topology.services[0].own.as<redis::Spec>().dataset = {300e6};
  const Lab lab(std::move(topology));
  const std::vector<Action> script{action(0_s, Verb::process_terminate, master),
                                   action(1_s, Verb::process_stop, master),
                                   action(20_s, Verb::process_continue, "redis/server-0")};
  for (const auto& [until, lives] : {std::pair{19_s, 0U}, std::pair{21_s, 1U}}) {
    const World world = lab.play(script, 1, until);
    CHECK(redis::state_of(world.services[ServiceId::of(0)]).servers[0].life == lives);
  }
}

// prepareForShutdown: shutdown-timeout 0 waits for no replica.
TEST_CASE("shutdown-timeout 0 does not wait for replicas", "[redis]") {
  for (const Duration most : {0_s, 10_s}) {
    RedisSettings settings;
    settings.down_after = 3600_s;
    Topology topology = redis_topology(settings);
    topology.services[0].own.as<redis::Spec>().parameters.shutdown_timeout = most;
    const Lab lab(std::move(topology));
    const World world = lab.play(
        {action(0_s, Verb::process_stop, "redis/server-1"), action(1_s, Verb::process_terminate, master)}, 1, 1200_ms);
    CHECK(redis::state_of(world.services[ServiceId::of(0)]).servers[0].life == (most == 0_s ? 1U : 0U));
  }
}

}  // namespace redis_sentinel_test
