// No parameter of Redis is decoration: changing any one of them changes what happens in some play.
#include <catch2/catch.hpp>

#include "models/redis/plan.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_sensitivity_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

struct Play {
  RedisSettings settings;
  std::vector<Action> script;
  Duration length;
  bool no_delay = false;  ///< replicas are sent everything at once
};

RedisSettings with(const std::function<void(RedisSettings&)>& change) {
  RedisSettings settings;
  settings.start = 2_s;
  change(settings);
  return settings;
}

std::vector<Play> plays() {
  const std::string master = "leader(redis)";
  const auto kill = [&](Duration at, std::string target) { return action(at, Verb::process_kill, std::move(target)); };
  const auto stop = [&](Duration at, std::string target) { return action(at, Verb::process_stop, std::move(target)); };
  const auto go = [&](Duration at, std::string target) {
    return action(at, Verb::process_continue, std::move(target));
  };
  const auto cut = [&](Duration at, std::string target, Duration lasts, std::string from) {
    return action(at, Verb::partition, std::move(target), lasts, std::move(from));
  };
  std::vector<Play> all;
  // Failover, return of the old master, resynchronisation; by label, with data on disk.
  all.push_back({with([](RedisSettings& s) { s.discovery = redis::Discovery::label; }), {kill(0_s, master)}, 60_s});
  all.push_back({with([](RedisSettings& s) {
                   s.persistence = redis::Persistence::snapshots;
                   s.down_after = 30_s;
                 }),
                 {kill(0_s, master)},
                 60_s});
  all.push_back({with([](RedisSettings& s) {
                   s.persistence = redis::Persistence::aof_everysec;
                   s.down_after = 120_s;
                 }),
                 {action(0_s, Verb::node_crash, master, 30_s)},
                 300_s});
  // Silence: repl-timeout, min-replicas, backlog; a small rate, so that there is something to continue.
  for (const double rate : {0.0, 100.0}) {
    all.push_back(
        {with([&](RedisSettings& s) {
           s.min_replicas = 1;
           s.writes_per_s = rate;
         }),
         {cut(0_s, "redis/server-0", 100_s, "redis/server-1"), cut(0_s, "redis/server-0", 100_s, "redis/server-2")},
         200_s});
  }
  // More than a gigabyte while the stream is fast.
  all.push_back({with([](RedisSettings& s) {
                   s.writes_per_s = 60'000;
                   s.start = 100_ms;
                 }),
                 {kill(0_s, "redis/server-1")},
                 400_s});
  all.push_back({with([](RedisSettings& s) {
                   s.writes_per_s = 20'000;
                   s.start = 100_ms;
                 }),
                 {kill(0_s, "redis/server-1")},
                 400_s});
  // Elections that are lost, attempts that are repeated.
  all.push_back(
      {with([](RedisSettings& s) {
         s.quorum = 1;
         s.start = 3600_s;
         s.failover_timeout = 30_s;
       }),
       {kill(0_s, "redis/sentinel-3"), stop(0_s, "redis/sentinel-4"), kill(5_s, master), go(30_s, "redis/sentinel-4")},
       200_s});
  // TILT.
  all.push_back({with([](RedisSettings& s) { s.down_after = 5_s; }),
                 {stop(0_s, "redis/sentinel-3"), stop(0_s, "redis/sentinel-4"), kill(3_s, master),
                  go(3_s, "redis/sentinel-3"), go(3_s, "redis/sentinel-4")},
                 60_s});
  // A replica that is cut off from the Sentinels just when it is told of its new master, for not long enough to be
  // down. With parallel-syncs 1 it would hold up the others until failover-timeout: sentinelFailoverReconfNextSlave
  // looks at its time-out only while there is room for one more.
  all.push_back({with([](RedisSettings& settings) {
                   settings.down_after = 30_s;
                   settings.failover_timeout = 60_s;
                   settings.start = 3600_s;
                   settings.servers = 4;
                   settings.parallel_syncs = 2;
                 }),
                 {kill(0_s, master), cut(20_s, "redis/server-1", 28_s, "all(redis/sentinels)")},
                 200_s});
  // Links that are cut for longer than a connection's least age.
  all.push_back({with([](RedisSettings& s) { s.down_after = 5_s; }),
                 {cut(0_s, "redis/server-1", 40_s, "all(redis/sentinels)")},
                 120_s});
  // Connections that were opened anew while they were cut ask again sooner than those that stood.
  all.push_back(
      {with([](RedisSettings& s) { s.down_after = 5_s; }), {cut(0_s, master, 55_s, "all(redis/sentinels)")}, 200_s});
  // Disks that hang, forks that are noticed, memory that does not suffice, data at their limit.
  for (const redis::Persistence persistence : {redis::Persistence::aof_everysec, redis::Persistence::aof_always}) {
    all.push_back({with([&](RedisSettings& s) {
                     s.persistence = persistence;
                     s.down_after = 20_s;
                   }),
                   {action(0_s, Verb::volume_stalled, "redis/server-0", 10_s)},
                   60_s});
  }
  all.push_back({with([](RedisSettings& s) {
                   s.writes_per_s = 20'000;
                   s.memory_limit = 10.2e9;
                 }),
                 {kill(0_s, "redis/server-1")},
                 300_s});
  all.push_back({with([](RedisSettings& s) { s.max_memory = 20e6; }), {action(0_s, Verb::space_quota, "redis")}, 60_s});
  // A disk that is full, until people have made room: with a snapshot that fails, and with none.
  all.push_back({with([](RedisSettings& s) { s.persistence = redis::Persistence::snapshots; }),
                 {action(0_s, Verb::space_quota, "redis")},
                 6 * 3600_s});
  // A pod that is created anew has another address.
  all.push_back({with([](RedisSettings& s) {
                   s.announces = redis::Announces::addresses;
                   s.down_after = 10_s;
                 }),
                 {action(0_s, Verb::delete_pod, master)},
                 1000_s});
  const auto cluster = [&](const std::function<void(RedisSettings&)>& change = [](RedisSettings&) {}) {
    return with([&](RedisSettings& s) {
      s.mode = redis::Mode::cluster;
      s.servers = 9;
      change(s);
    });
  };
  all.push_back({cluster(), {kill(0_s, "leader(redis/shard-0)")}, 30_s});
  all.push_back({cluster(), {cut(0_s, "redis/server-3", 600_s, "redis/server-0"), kill(5_s, "redis/server-0")}, 30_s});
  // One with more data falls silent after the wait was drawn.
  all.push_back(
      {cluster([](RedisSettings& settings) { settings.start = 3600_s; }),
       {cut(0_s, "redis/server-3", 600_s, "redis/server-0"), kill(5_s, "redis/server-0"), kill(6_s, "redis/server-6")},
       40_s});
  // A master that is to hand over, and whose replica does not answer.
  all.push_back({cluster([](RedisSettings& s) { s.stops = redis::Stops::hands_over; }),
                 {action(0_s, Verb::process_terminate, "redis/server-0"), stop(0_s, "redis/server-3")},
                 30_s});
  // A master under Sentinels that is to hand over, with somebody to take over and without.
  for (const bool somebody : {true, false}) {
    std::vector<Action> script{action(30_s, Verb::process_terminate, "redis/server-0")};
    if (!somebody) {
      for (const char* replica : {"redis/server-1", "redis/server-2"}) script.push_back(stop(0_s, replica));
    }
    all.push_back({with([](RedisSettings& s) {
                     s.stops = redis::Stops::hands_over;
                     s.down_after = 5_s;
                   }),
                   script, 60_s});
  }
  // A master without replicas gets one.
  all.push_back({cluster([](RedisSettings& s) { s.start = 3600_s; }),
                 {kill(0_s, "redis/server-3"), kill(0_s, "redis/server-6")},
                 40_s});
  // Replicas that have been without their master for nearly too long, and a little longer.
  for (const Duration away : {26_s, 34_s, 50_s}) {
    all.push_back({cluster([](RedisSettings& s) { s.start = 3600_s; }),
                   {cut(0_s, "redis/server-3", 600_s, "redis/server-0"),
                    cut(0_s, "redis/server-6", 600_s, "redis/server-0"), kill(away, "redis/server-0")},
                   away + 60_s});
  }
  return all;
}

std::uint64_t fingerprint(const redis::Parameters& change, std::size_t only) {
  std::uint64_t hash = 1469598103934665603ULL;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
  for (const Play& play : plays()) {
    Topology topology = redis_topology(play.settings);
    auto& spec = topology.services[0].own.as<redis::Spec>();
    if (play.settings.writes_per_s >= 20'000) spec.dataset = {10e9};
    const redis::Parameters base = redis_parameters();
    const auto rows = redis::Parameters::table();
    std::visit(
        [&](auto field) {
          // What is changed differs from the base; plays set some themselves, which are scaled then.
          using T = std::decay_t<decltype(base.*field)>;
          if (only >= rows.size()) return;
          if constexpr (std::is_same_v<T, Duration>) {
            const bool own = spec.parameters.*field != base.*field;
            spec.parameters.*field = own ? sim::scaled(spec.parameters.*field, 0.7) : change.*field;
          } else {
            spec.parameters.*field = change.*field;
          }
        },
        rows[std::min(only, rows.size() - 1)].field);
    const Lab lab(std::move(topology));
    const World world = lab.play(play.script, 1, play.length);
    for (const sim::TraceRecord& record : world.trace.records()) {
      mix(static_cast<std::uint64_t>(record.at.count()));
      mix(record.kind);
      mix(record.component);
    }
    for (const measurement::Loss& loss : world.measurement.losses)
      mix(static_cast<std::uint64_t>(loss.records_one * 1000));
  }
  return hash;
}

void scale(Duration& value, double by) { value = value == Duration() ? Duration::seconds(1) : sim::scaled(value, by); }
void scale(Law& value, double by) { value = value.times(by); }
void scale(Count& value, double by) { value = by > 1 ? value + 1 : std::max<Count>(value - 1, 0); }
void scale(bool& value, double) { value = !value; }
void scale(Bytes& value, double by) { value.count = value.count == 0 ? 1e7 : value.count * (by > 1 ? 100 : 0.01); }
void scale(Bandwidth& value, double by) { value.bytes_per_s *= by; }
void scale(Ratio& value, double by) { value *= by; }
void scale(Rate& value, double by) { value.per_hour *= by; }
void scale(Money& value, double by) { value.usd *= by; }

}  // namespace

TEST_CASE("every parameter of Redis changes what happens", "[redis][slow]") {
  const auto rows = redis::Parameters::table();
  redis::Parameters base = redis_parameters();
  const std::uint64_t usual = fingerprint(base, rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    bool moves = false;
    for (const double by : {0.5, 2.0, 0.1}) {
      redis::Parameters changed = base;
      std::visit([&](auto field) { scale(changed.*field, by); }, rows[i].field);
      if (moves) break;
      moves = fingerprint(changed, i) != usual;
    }
    INFO(rows[i].key);
    CHECK(moves);
  }
}

TEST_CASE("every parameter of Redis's clients changes what happens", "[redis]") {
  const auto rows = redis::ClientParameters::table();
  using redis::Discovery;
  using redis::Refresh;
  struct Case {
    Discovery discovery;
    Refresh refresh;
    Verb verb;
    Duration start;
  };
  // An attempt that meets silence, and the wait after one that is refused; clients that go by what they know.
  const std::vector<Case> cases{
      {Discovery::sentinel, Refresh::on_failure, Verb::process_kill, 2_s},
      {Discovery::sentinel, Refresh::on_failure, Verb::process_stop, 2_s},
      {Discovery::dns, Refresh::on_failure, Verb::process_kill, 3600_s},
      {Discovery::cluster, Refresh::adaptive, Verb::process_kill, 3600_s},
      {Discovery::cluster, Refresh::adaptive, Verb::process_stop, 3600_s},
      {Discovery::cluster, Refresh::periodic, Verb::process_kill, 3600_s},
      {Discovery::cluster, Refresh::never, Verb::process_kill, 3600_s},
  };
  const auto seen = [&](std::size_t only, double by) {
    std::uint64_t hash = 1469598103934665603ULL;
    for (const Case& its : cases) {
      RedisSettings settings;
      settings.start = its.start;
      if (its.discovery == Discovery::cluster) {
        settings.mode = redis::Mode::cluster;
        settings.servers = 6;
      }
      settings.discovery = its.discovery;
      Topology topology = redis_topology(settings);
      auto& spec = topology.services[0].own.as<redis::Spec>();
      spec.clients[0].refresh = its.refresh;
      redis::ClientParameters& p = spec.clients[0].parameters;
      p.refresh_period = p.dns_ttl = 10_s;
      p.retry_most = 20_ms;
      p.refresh_reconnects = 5;
      p.refresh_interval = 4'975_ms;  // so that the fifth attempt and the sixth are told apart
      p.reconnect_most = 1_s;
      p.silent_link = 10_s;
      p.restart = Law::constant(20_s);
      if (only < rows.size()) std::visit([&](auto field) { scale(p.*field, by); }, rows[only].field);
      const Lab lab(std::move(topology));
      const World world = lab.play({action(0_s, its.verb, "leader(redis)")}, 1, 100_s);
      for (const auto& [start, length] : outages(world, "write"))
        hash = (hash ^ static_cast<std::uint64_t>(length * 1e9)) * 1099511628211ULL;
    }
    return hash;
  };
  const std::uint64_t usual = seen(rows.size(), 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // Acts where a pod is created anew under another address: tests/models/redis_clients_test.cpp.
    if (rows[i].key == std::string_view("redis.client.validates_membership")) continue;
    INFO(rows[i].key);
    CHECK(seen(i, 3) != usual);
  }
}

}  // namespace redis_sensitivity_test
