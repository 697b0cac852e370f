// What holds a Redis server up or ends it: disks that hang or are slow, forks, memory, data at their limit.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/redis/server.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_strain_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

RedisSettings on_disk(redis::Persistence persistence, Duration down_after) {
  RedisSettings settings;
  settings.persistence = persistence;
  settings.down_after = down_after;
  settings.start = 2_s;
  return settings;
}

}  // namespace

// Redis sheet, section 9: aof_delayed_fsync; redis 7.0 src/aof.c flushAppendOnlyFile.
TEST_CASE("a disk that hangs stops a server that writes an append-only file", "[redis]") {
  const auto hangs_at = [](redis::Persistence persistence, std::uint64_t run, double writes_per_s) {
    RedisSettings settings = on_disk(persistence, 60_s);
    settings.writes_per_s = writes_per_s;
    settings.discovery = redis::Discovery::fixed;
    const Lab lab(redis_topology(settings));
    const World world = lab.play({action(0_s, Verb::volume_stalled, "redis/server-0", 20_s)}, run, 60_s);
    CHECK(models::healthy(world));
    CHECK(count(world, "redis.writable") == 0);
    if (const auto hangs = first(world, "redis.hangs")) {
      // Reads wait with the writes, until the disk goes on; then the client, which tries each 105 ms.
      CHECK(downtime(world, "write") == Approx(20 - *hangs).margin(0.11));
      CHECK(downtime(world, "read") == Approx(20 - *hangs).margin(0.11));
    } else {
      CHECK(downtime(world, "write") == 0);
    }
    return first(world, "redis.hangs");
  };
  CHECK(*hangs_at(redis::Persistence::aof_always, 1, 1000) == Approx(0).margin(1e-6));
  // The next fsync is due within a second; two seconds later the server waits for it: U(2, 3) s.
  const Sampled seen =
      sample(400, [&](std::uint64_t run) { return *hangs_at(redis::Persistence::aof_everysec, run, 1000); });
  CHECK(agrees(seen, 2.5));
  CHECK(seen.lowest >= 2);
  // Nobody writes, or nothing is written down.
  CHECK_FALSE(hangs_at(redis::Persistence::aof_everysec, 1, 0));
  CHECK_FALSE(hangs_at(redis::Persistence::snapshots, 1, 1000));
  CHECK_FALSE(hangs_at(redis::Persistence::none, 1, 1000));
}

TEST_CASE("a master whose disk hangs for longer than down-after is replaced, and loses what it lacks afterwards",
          "[redis]") {
  const Lab lab(redis_topology(on_disk(redis::Persistence::aof_always, 5_s)));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::volume_stalled, "redis/server-0", 30_s)}, run, 90_s);
    CHECK(first(world, "redis.sdown1").value() >= 5);
    CHECK(first(world, "redis.writable").value() < 7.2);
    // It goes on as a master that nobody has told.
    CHECK(first(world, "redis.old_master_demoted").value() > 30);
    CHECK(models::healthy(world));
  }
}

TEST_CASE("a replica whose disk hangs harms nobody", "[redis]") {
  const Lab lab(redis_topology(on_disk(redis::Persistence::aof_always, 5_s)));
  const World world = lab.play({action(0_s, Verb::volume_stalled, "redis/server-1", 30_s)}, 1, 90_s);
  CHECK(first(world, "redis.hangs"));
  CHECK(downtime(world, "write") == 0);
  CHECK(count(world, "redis.writable") == 0);
  CHECK(models::healthy(world));
}

// A replica acknowledges each second until it stands still; its age counts in whole seconds, and its master looks each
// second: on average half a second more than min-replicas-max-lag. Afterwards its next acknowledgement and the next
// look are both awaited: a second on average.
TEST_CASE("a master refuses writes while its only replica stands still, stops or waits for its disk", "[redis]") {
  enum class By : std::uint8_t { stop, pause, disk, power };
  for (const bool clustered : {false, true}) {
    for (const By by : {By::stop, By::pause, By::disk, By::power}) {
      RedisSettings settings;
      settings.mode = clustered ? redis::Mode::cluster : redis::Mode::sentinel;
      settings.servers = clustered ? 6 : 2;
      settings.min_replicas = 1;
      settings.down_after = settings.node_timeout = 60_s;
      settings.persistence = redis::Persistence::aof_always;
      settings.start = 1_s;
      Topology topology = redis_topology(settings);
      topology.services[0].own.as<redis::Spec>().parameters.max_lag = 3_s;
      const Lab lab(std::move(topology));
      const std::string replica = clustered ? "redis/server-3" : "redis/server-1";
      std::vector<Action> script;
      if (by == By::stop) {
        script = {action(0_s, Verb::process_stop, replica), action(20_s, Verb::process_continue, replica)};
      } else if (by == By::pause) {
        script = {action(0_s, Verb::process_pause, replica, 20_s)};
      } else if (by == By::disk) {
        script = {action(0_s, Verb::volume_stalled, replica, 20_s)};
      } else {
        script = {action(0_s, Verb::node_crash, replica, 20_s)};
      }
      INFO(clustered << " " << static_cast<int>(by));
      const auto begins = [&](std::uint64_t run) -> std::optional<double> {
        const auto out = outages(lab.play(script, run, 60_s), "write");
        return out.size() == 1 ? std::optional(out[0].first) : std::nullopt;
      };
      const Sampled refused = sample(by == By::power ? 100 : 300, begins);
      CHECK(refused.size == (by == By::power ? 100 : 300));
      CHECK(refused.lowest >= 2);
      CHECK(refused.highest <= 5.1);
      CHECK(agrees(refused, 3.5));
      if (by != By::stop) continue;
      const auto ends = [&](std::uint64_t run) -> std::optional<double> {
        const auto out = outages(lab.play(script, run, 60_s), "write");
        return out[0].first + out[0].second - 20;
      };
      const Sampled taken = sample(900, ends);
      CHECK(taken.lowest >= 0);
      CHECK(taken.highest <= 2.1);
      CHECK(agrees(taken, 1.0));
    }
  }
}

TEST_CASE("a slow disk delays every command where each waits for its fsync", "[redis]") {
  for (const auto persistence : {redis::Persistence::aof_always, redis::Persistence::aof_everysec}) {
    for (const Duration delay : {20_ms, 80_ms}) {  // the deadline is 50 ms
      const Lab lab(redis_topology(on_disk(persistence, 60_s)));
      Action slow = action(0_s, Verb::disk_slow, "redis/server-0", 20_s);
      slow.delay = delay;
      const World world = lab.play({slow}, 1, 60_s);
      const bool late = persistence == redis::Persistence::aof_always && delay == 80_ms;
      CHECK(downtime(world, "write") == Approx(late ? 20 : 0).margin(0.2));
    }
  }
}

// redis.io documentation, latency: 10 to 20 ms a GB.
TEST_CASE("a fork stops a server of many gigabytes, and is not noticed of a small one", "[redis]") {
  for (const double gib : {1.0, 100.0}) {
    RedisSettings settings;
    settings.start = 1_s;
    settings.writes_per_s = 10;
    settings.down_after = 60_s;
    Topology topology = redis_topology(settings);
    auto& spec = topology.services[0].own.as<redis::Spec>();
    spec.dataset = {gib * 0x1p30};
    spec.parameters.serialise_rate = spec.parameters.load_rate = {1e12};
    spec.persistence = redis::Persistence::aof_everysec;
    const Lab lab(std::move(topology));
    // A replica that lost more than the backlog holds.
    const World world = lab.play({action(0_s, Verb::process_kill, "redis/server-1")}, 1, 120_s);
    CHECK(count(world, "redis.full_resync") == 1);
    CHECK(downtime(world, "write") == Approx(gib > 50 ? gib * 0.015 : 0).margin(0.11));
  }
}

TEST_CASE("a master that lacks memory for a resync is killed by the first of each", "[redis]") {
  // Data of 1 GB; 1 MiB of backlog; 1000 writes a second copy 4.096 MB of pages, and 0.1 MB waits for the replica.
  const double data = 1e9;
  const double each_second = 1000 * 4096 + 1000 * 100;
  for (const double seconds : {3.0, 20.0}) {  // to send a gigabyte takes 6.7 s
    RedisSettings settings;
    settings.start = 1_s;
    settings.down_after = 60_s;
    settings.persistence = redis::Persistence::snapshots;
    settings.memory_limit = data + 1024 * 1024 + each_second * seconds;
    Topology topology = redis_topology(settings);
    topology.services[0].own.as<redis::Spec>().dataset = {data};
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::process_kill, "redis/server-1")}, 1, 60_s);
    const auto begins = first(world, "redis.sync_begins");
    const auto killed = first(world, "redis.killed_for_memory");
    REQUIRE(begins);
    if (seconds > 6.7) {
      CHECK_FALSE(killed);
    } else {
      CHECK(killed.value() == Approx(*begins + seconds).margin(1e-6));
      CHECK(downtime(world, "write") > 0);
    }
  }
}

// redis 7.0 redis.conf: maxmemory-policy noeviction.
TEST_CASE("data at maxmemory stop writes and not reads", "[redis]") {
  for (const auto eviction : {redis::Eviction::refuses, redis::Eviction::evicts}) {
    RedisSettings settings;
    settings.max_memory = 100e6;
    Topology topology = redis_topology(settings);
    topology.services[0].own.as<redis::Spec>().eviction = eviction;
    CHECK(topology.services[0].kind->has_quota(topology.services[0]) == (eviction == redis::Eviction::refuses));
    if (eviction == redis::Eviction::evicts) continue;
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::space_quota, "redis")}, 1, 600_s);
    CHECK(outages(world, "write").size() == 1);
    CHECK(downtime(world, "write") > 60);
    CHECK(downtime(world, "read") == 0);
  }
  CHECK_FALSE(redis_topology().services[0].kind->has_quota(redis_topology().services[0]));
}

// redis.conf stop-writes-on-bgsave-error; serverCron: rdbSaveBackground is tried again 5 s after one that failed.
TEST_CASE("a full disk stops writes when the next snapshot fails, until one succeeds, and reads go on", "[redis]") {
  const auto refused = [](redis::Persistence persistence, bool stops, std::uint64_t run) {
    RedisSettings settings;
    settings.persistence = persistence;
    Topology topology = redis_topology(settings);
    auto& spec = topology.services[0].own.as<redis::Spec>();
    spec.parameters.stop_writes = stops;
    spec.save = {{60_s, 10'000}};
    const bool any = topology.services[0].kind->has_quota(topology.services[0]);
    CHECK(any ==
          (persistence == redis::Persistence::aof_everysec || (persistence == redis::Persistence::snapshots && stops)));
    if (!any) return std::pair{0.0, 0.0};
    topology.people.notice = topology.people.engage = topology.people.identify = Law::constant(100_s);
    topology.people.repair_space = Law::constant(300_s);
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::space_quota, "redis")}, run, 1000_s);
    CHECK(downtime(world, "read") == 0);
    CHECK(count(world, "redis.writable") == 0);
    CHECK(models::healthy(world));
    const auto out = outages(world, "write");
    REQUIRE(out.size() == 1);
    return std::pair{out[0].first, out[0].first + out[0].second};
  };
  // An append-only file is written to all the time: from the first write until there is room.
  const auto [begins, ends] = refused(redis::Persistence::aof_everysec, true, 1);
  CHECK(begins == Approx(0).margin(1e-6));
  // 1,000 writes a second: a snapshot a minute, of which the next is due U(0, 60) s after the disk is full; then up to
  // 5 s until the next try, and 0.1 s for 15 MB at 150 MB/s.
  const Sampled begun =
      sample(1500, [&](std::uint64_t run) { return refused(redis::Persistence::snapshots, true, run).first; });
  CHECK(agrees(begun, 60.0 / 2));
  const Sampled over = sample(1500, [&, last = ends](std::uint64_t run) {
    return refused(redis::Persistence::snapshots, true, run).second - last;
  });
  CHECK(agrees(over, 5.0 / 2 + 0.1));
  CHECK(over.lowest > 0.1 - 0.02);
  CHECK(over.highest < 5.1 + 0.12);
  refused(redis::Persistence::snapshots, false, 1);
  refused(redis::Persistence::none, true, 1);
}

namespace {

/// Seconds of writes that a master which comes back lacks, by run.
Sampled lacks_after(redis::Persistence persistence, std::vector<redis::SavePoint> save, Verb verb,
                    double writes_per_s = 1000, std::size_t runs = 1500) {
  RedisSettings settings;
  settings.mode = redis::Mode::replication;
  settings.start = 1_s;
  settings.persistence = persistence;
  settings.writes_per_s = writes_per_s;
  Topology topology = redis_topology(settings);
  topology.services[0].own.as<redis::Spec>().save = std::move(save);
  const Lab lab(std::move(topology));
  std::optional<Duration> lasts;
  if (verb == Verb::node_crash) lasts = 60_s;
  return sample(runs, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, verb, "redis/server-0", lasts)}, run, 150_s);
    double records = 0;
    for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one;
    return records / writes_per_s;
  });
}

}  // namespace

// redis.conf save: all of any pair. 1,000 writes a second meet "300 100" after 300 s and "60 10000" after 60 s; a kill
// costs what came since: U(0, 60) s. 300,000 changes take 300 s.
TEST_CASE("save points bound what a restart costs", "[redis]") {
  const std::vector<redis::SavePoint> defaults{{3600_s, 1}, {300_s, 100}, {60_s, 10'000}};
  const Sampled usual = lacks_after(redis::Persistence::snapshots, defaults, Verb::process_kill);
  CHECK(agrees(usual, 60.0 / 2));
  CHECK(usual.highest == Approx(60).margin(0.6));  // all 1500 below 59.4 s: e^-15
  const Sampled rare = lacks_after(redis::Persistence::snapshots, {{60_s, 300'000}}, Verb::process_kill);
  CHECK(agrees(rare, 300.0 / 2));
  CHECK(rare.highest == Approx(300).margin(3));
}

// appendfsync no: a killed process loses nothing; a power loss takes what the kernel had not written back. A turn of
// the file is C = 30 + U(0, 5) s, so that the time since the last one has the mean E[C^2] / 2 E[C]. One write a 20 s
// leaves the file clean until it comes: of r writes a second r (E[C] + r E[C^2] / 2) / (1 + r E[C]) are lost.
TEST_CASE("appendfsync no loses what came since the kernel wrote the file back", "[redis]") {
  CHECK(lacks_after(redis::Persistence::aof_no, {}, Verb::process_kill, 1000, 40).highest == 0);
  const double turn = 32.5;
  const double squared = turn * turn + 25.0 / 12;
  const Sampled busy = lacks_after(redis::Persistence::aof_no, {}, Verb::node_crash);
  CHECK(agrees(busy, squared / 2 / turn));
  CHECK(busy.highest <= 35);
  CHECK(busy.highest > 30);  // 8 % of turns' time: e^-120
  const double rare = 0.05;
  const Sampled idle = lacks_after(redis::Persistence::aof_no, {}, Verb::node_crash, rare, 3200);
  CAPTURE(idle.mean, idle.error);
  CHECK(agrees(idle, (turn + rare * squared / 2) / (1 + rare * turn)));
  CHECK(idle.lowest == 0);
}

}  // namespace redis_strain_test
