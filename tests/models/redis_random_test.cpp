// What holds whatever happens: Sentinels and nodes under random schedules of faults in a world.
#include <algorithm>
#include <catch2/catch.hpp>
#include <limits>
#include <memory>

#include "models/health.hpp"
#include "models/literal_walks.hpp"
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

double lost(const World& world) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one;
  return records;
}

struct Count {
  std::size_t failovers = 0;
  std::size_t lossy = 0;  ///< schedules that lost what was acknowledged
  /// Schedules that end with a Sentinel of another opinion: it stood still in the midst of its fail-over, was told of
  /// the next one, which went back to the master that it came from, so that only the epoch was new to it
  /// (sentinelProcessHelloMessage), and then ended its own in that epoch. Who has the same epoch is not believed.
  std::size_t stale = 0;
};

/// One master, and clients are served.
void check_service(const World& world) {
  const redis::Context c = redis::view(world, ServiceId::of(0));
  int masters = 0;
  for (redis::Number i = 0; i < c.servers(); ++i) masters += c.server(i).master == redis::nobody ? 1 : 0;
  CHECK(masters == 1);
  for (const redis::Access& access : c.state.accesses) CHECK(access.holds);
}

/// Processes of three servers and three Sentinels end, stand still and are cut off from one another.
Count play_sentinels(std::uint64_t schedules) {
  const std::vector<std::string> processes{"redis/server-0",   "redis/server-1",   "redis/server-2",
                                           "redis/sentinel-3", "redis/sentinel-4", "redis/sentinel-5"};
  Count total;
  for (const bool asks_sentinels : {true, false}) {
    RedisSettings settings;
    settings.start = 2_s;
    settings.persistence = redis::Persistence::aof_everysec;
    settings.discovery = asks_sentinels ? redis::Discovery::sentinel : redis::Discovery::probe;
    const Lab lab(redis_topology(settings));
    for (std::uint64_t number = asks_sentinels ? 0 : 1; number < schedules; number += 2) {
      Dice dice(number);
      const World world = lab.play(random_faults(dice, processes, 300_s, 6, mix), number, 1500_s);
      INFO("schedule " << number);
      // No epoch elects two; a server is promoted only by who was elected.
      check_one_subject_each(world, "redis.elected");
      if (!models::healthy(world)) {
        ++total.stale;
        check_service(world);
      }
      total.failovers += world.measurement.failovers;
      total.lossy += lost(world) >= 1 ? 1 : 0;
    }
  }
  return total;
}

/// The master, with some of its replicas, is cut off from all other servers and from the Sentinels, but not from its
/// clients; all are well. Writes for how many seconds are lost then, most of all schedules.
double most_lost_by_cuts(std::uint64_t schedules, std::int64_t min_replicas, int servers = 3, int cut_off_with_it = 0) {
  RedisSettings settings;
  settings.discovery = redis::Discovery::fixed;
  settings.min_replicas = min_replicas;
  settings.servers = servers;
  const Lab lab(redis_topology(settings));
  double most = 0;
  for (std::uint64_t number = 0; number < schedules; ++number) {
    Dice dice(number);
    const Duration at = sim::scaled(10_s, dice.uniform());
    // Where replicas are many, some still follow the old master for a while, and count for it again if the way heals.
    const Duration least = cut_off_with_it > 0 ? 60_s : 0_s;
    const Duration lasts = least + sim::scaled(120_s, dice.uniform());
    std::vector<Action> script;
    for (int here = 0; here <= cut_off_with_it; ++here) {
      const std::string side = "redis/server-" + std::to_string(here);
      script.push_back(action(at, Verb::partition, side, lasts, "all(redis/sentinels)"));
      for (int there = cut_off_with_it + 1; there < servers; ++there)
        script.push_back(action(at, Verb::partition, side, lasts, "redis/server-" + std::to_string(there)));
    }
    const World world = lab.play(script, number, 200_s);
    most = std::max(most, lost(world) / settings.writes_per_s);
  }
  return most;
}

struct Literally {
  Literally() { literal_walks = true; }
  ~Literally() { literal_walks = false; }
  Literally(const Literally&) = delete;
  Literally& operator=(const Literally&) = delete;
};

/// All that happened but for turns of the Sentinels and nodes, and messages between Sentinels and servers, which say
/// nothing new but for what follows from them.
struct Told {
  std::int64_t at;
  std::uint16_t kind;
  std::uint32_t component;
  std::int64_t detail;
  bool operator==(const Told&) const = default;
};
std::vector<Told> told(const World& world) {
  std::vector<Told> all;
  for (const sim::TraceRecord& record : world.trace.records()) {
    const std::string_view name = event_info(record.kind).name;
    const bool turn = name == "redis.sentinel_tick" || name == "redis.failover_tick" || name == "redis.cluster_cron";
    if (turn || name == "redis.message") continue;
    all.push_back({record.at.count(), static_cast<std::uint16_t>(record.kind), record.component, record.detail});
  }
  return all;
}

/// The ways to some take longer for a while, up to what the verb allows.
void slow_some(Dice& dice, const std::vector<std::string>& processes, std::vector<Action>& script) {
  for (int i = 0; i < 2; ++i) {
    Action slow = action(sim::scaled(100_s, dice.uniform()), Verb::network_slow, dice.pick(processes),
                         sim::scaled(30_s, dice.uniform()));
    slow.delay = sim::scaled(500_ms, dice.uniform());
    script.push_back(slow);
  }
  std::sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
}

/// Events with every turn called, over those with the turns left out that do nothing, which must change nothing else.
double fewer_events(const Lab& lab, const std::vector<std::string>& processes, std::uint64_t schedules) {
  std::uint64_t with = 0;
  std::uint64_t without = 0;
  for (std::uint64_t number = 0; number < schedules; ++number) {
    Dice dice(number + 7'000);
    std::vector<Action> script = random_faults(dice, processes, 120_s, 6, mix);
    slow_some(dice, processes, script);
    const World skips = lab.play(script, number, 600_s);
    std::unique_ptr<const World> literal;
    {
      const Literally all;
      literal = std::make_unique<const World>(lab.play(script, number, 600_s));
    }
    INFO("schedule " << number);
    const std::vector<Told> one = told(skips);
    const std::vector<Told> other = told(*literal);
    const auto differ = std::mismatch(one.begin(), one.end(), other.begin(), other.end());
    const bool same = one == other;
    if (!same && differ.first != one.end() && differ.second != other.end()) {
      WARN(event_info(differ.first->kind).name << " at " << differ.first->at << ", literally "
                                               << event_info(differ.second->kind).name << " at " << differ.second->at);
    }
    CHECK(same);
    CHECK(lost(skips) == lost(*literal));
    CHECK(models::healthy(skips) == models::healthy(*literal));
    with += literal->events;
    without += skips.events;
  }
  return static_cast<double>(with) / static_cast<double>(without);
}

/// redis.conf min-replicas-max-lag, and a replica's last answer that is up to a second old, looked at once a second.
constexpr double bound_of_min_replicas = 10 + 1 + 1 + 0.1;

}  // namespace

TEST_CASE("Sentinels under random faults: one leader an epoch, and all is well in the end", "[redis]") {
  const Count total = play_sentinels(60);
  CHECK(total.stale == 0);
  CHECK(total.failovers > 20);
  // What asynchronous replication may lose is lost.
  CHECK(total.lossy > 0);
}

TEST_CASE("Sentinels under a hundred thousand random schedules: one leader an epoch, and all is well in the end",
          "[redis][slow]") {
  const Count total = play_sentinels(100'000);
  CHECK(total.stale < 20);
  CHECK(total.lossy > 1'000);
}

TEST_CASE("two masters acknowledge for no longer than min-replicas-max-lag where the other side has the quorum",
          "[redis]") {
  CHECK(most_lost_by_cuts(300, 1) < bound_of_min_replicas);
  // Without it for as long as the partition lasts.
  CHECK(most_lost_by_cuts(100, 0) > 60);
  // Of four replicas one is with the old master: two must acknowledge, or one is enough.
  CHECK(most_lost_by_cuts(100, 2, 5, 1) < bound_of_min_replicas);
  CHECK(most_lost_by_cuts(50, 1, 5, 1) > 60);
}

TEST_CASE("two masters under a hundred thousand cuts acknowledge for no longer than min-replicas-max-lag",
          "[redis][slow]") {
  CHECK(most_lost_by_cuts(60'000, 1) < bound_of_min_replicas);
  CHECK(most_lost_by_cuts(20'000, 2, 5, 1) < bound_of_min_replicas);
  CHECK(most_lost_by_cuts(20'000, 3, 5, 2) < bound_of_min_replicas);
}

/// The first client goes by a map, and is restarted if nothing leads it back.
Topology with_refresh(Topology topology, redis::Refresh refresh) {
  redis::ClientSpec& client = topology.services[0].own.as<redis::Spec>().clients[0];
  redis::ClientParameters& p = client.parameters;
  client.refresh = refresh;
  p.refresh_period = 10_s;
  p.refresh_reconnects = 5;
  p.refresh_interval = 5_s;
  p.reconnect_most = 2_s;
  p.connect_timeout = 1_s;
  p.silent_link = 15_s;
  p.validates_membership = true;
  p.restart = Law::constant(60_s);
  return topology;
}

/// Fail-overs of a cluster of three masters and three replicas, in all schedules of such a length.
std::size_t play_nodes(std::uint64_t schedules, Duration length, redis::Refresh refresh = redis::Refresh::on_failure) {
  std::vector<std::string> processes;
  for (int i = 0; i < 6; ++i) processes.push_back("redis/server-" + std::to_string(i));
  std::size_t failovers = 0;
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = 6;
  settings.start = 2_s;
  settings.persistence = redis::Persistence::aof_everysec;
  const Lab lab(with_refresh(redis_topology(settings), refresh));
  for (std::uint64_t number = 0; number < schedules; ++number) {
    Dice dice(number);
    const World world = lab.play(random_faults(dice, processes, length, 5, mix), number, length * 3);
    // Who owns a shard is one and the same for all.
    const redis::Context c = redis::view(world, ServiceId::of(0));
    bool agree = true;
    for (redis::Number shard = 0; shard < 3; ++shard) {
      for (const redis::bus::Node& node : c.state.nodes.nodes)
        agree = agree && node.owner[shard] == c.state.chief[shard];
    }
    if (!agree || !models::healthy(world)) FAIL_CHECK("schedule " << number << (agree ? "" : ": owners differ"));
    failovers += world.measurement.failovers;
  }
  return failovers;
}

TEST_CASE("nodes of a cluster under random faults: all is well in the end", "[redis]") {
  CHECK(play_nodes(40, 300_s) > 10);
}

// Whatever a client goes by, it is served again once nothing is broken any more.
TEST_CASE("clients with maps under random faults: all are served in the end", "[redis]") {
  for (const auto refresh : {redis::Refresh::adaptive, redis::Refresh::periodic, redis::Refresh::adaptive_and_periodic,
                             redis::Refresh::never})
    CHECK(play_nodes(10, 300_s, refresh) > 2);
}

// Dense faults: what is silent for long costs much and shows little.
TEST_CASE("nodes of a cluster under a hundred thousand random schedules: all is well in the end", "[redis][slow]") {
  CHECK(play_nodes(90'000, 60_s) > 20'000);
  CHECK(play_nodes(10'000, 300_s) > 2'000);
}

namespace {

/// Bytes that the masters of all shards have.
double held(World& world) {
  redis::Context c = redis::context(world, ServiceId::of(0));
  redis::grow(c);
  double bytes = 0;
  for (const redis::Number chief : c.state.chief) bytes += c.server(chief).offset;
  return bytes;
}

/// Bytes that were acknowledged and that at rest neither masters have nor the answer calls lost; NaN: not at rest.
/// `lossy` counts schedules that have lost some.
double missing(const Lab& lab, const std::vector<Action>& script, std::uint64_t number, Duration length, int& lossy) {
  World world = lab.prepare(script, number);
  const double before = held(world);
  const double lost_before = lost(world);
  const auto& spec = world.plan->spec(ServiceId::of(0)).own.as<redis::Spec>();
  double acknowledged = 0;
  const sim::Time until = origin + length;
  while (true) {
    const redis::State& state = redis::state_of(world.services[ServiceId::of(0)]);
    double rate = 0;
    for (std::size_t i = 0; i < state.servers.size(); ++i)
      rate += state.servers[i].master == redis::nobody ? state.rates[i] : 0;
    const sim::Time since = world.now;
    const bool more = step(world, until);
    if (!more) run_until(world, until);
    acknowledged += rate * (world.now - since).to_seconds();
    if (!more) break;
  }
  if (!models::healthy(world)) return std::numeric_limits<double>::quiet_NaN();
  lossy += lost(world) > lost_before ? 1 : 0;
  return before + acknowledged - held(world) - (lost(world) - lost_before) * spec.write_size.count;
}

}  // namespace

// What was acknowledged is with the masters or called lost, whoever was promoted, came back with less, or was cut off.
TEST_CASE("nodes of a cluster under random faults: what is acknowledged is held or lost", "[redis]") {
  std::vector<std::string> processes;
  for (int i = 0; i < 6; ++i) processes.push_back("redis/server-" + std::to_string(i));
  for (const auto persistence : {redis::Persistence::aof_everysec, redis::Persistence::snapshots}) {
    RedisSettings settings;
    settings.mode = redis::Mode::cluster;
    settings.servers = 6;
    settings.start = 1_s;
    settings.persistence = persistence;
    const Lab lab(redis_topology(settings));
    int lossy = 0;
    for (std::uint64_t number = 0; number < 200; ++number) {
      Dice dice(number + 20'000);
      std::vector<Action> script = random_faults(dice, processes, 60_s, 5, mix);
      for (int i = 0; i < 2; ++i)
        script.push_back(action(sim::scaled(50_s, dice.uniform()), Verb::node_crash, dice.pick(processes), 5_s));
      std::sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
      INFO("schedule " << number);
      CHECK(missing(lab, script, number, 240_s, lossy) == Approx(0).margin(0.01));
    }
    CHECK(lossy > 70);
  }
}

// Without persistence a shard whose master comes back before anybody has taken its place is empty, and its replica is
// from then on; who is no master any more when it comes back has lost nothing.
TEST_CASE("a master of a cluster without persistence that is back in time has lost its shard", "[redis]") {
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = 6;
  settings.node_timeout = 5_s;
  const auto lost_after = [&](Duration start, const std::string& target) {
    settings.start = start;
    Topology topology = redis_topology(settings);
    const double all = topology.services[0].own.as<redis::Spec>().dataset.count / 100;
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::process_kill, target)}, 1, 120_s);
    CHECK(models::healthy(world));
    for (const measurement::Loss& loss : world.measurement.losses) {
      // A third of 1,000 writes a second each.
      CHECK(loss.seconds == Approx(loss.records_one * 3 / 1000));
    }
    return lost(world) / all;
  };
  CHECK(lost_after(1_s, "redis/server-0") == Approx(1));
  CHECK(lost_after(1_s, "all(redis)") == Approx(3));
  CHECK(lost_after(1_s, "redis/server-3") == 0);
  CHECK(lost_after(20_s, "redis/server-0") == 0);
}

TEST_CASE("ticks of Sentinels that do nothing are left out, and nothing else changes", "[redis]") {
  const std::vector<std::string> processes{"redis/server-0",   "redis/server-1",   "redis/server-2",
                                           "redis/sentinel-3", "redis/sentinel-4", "redis/sentinel-5"};
  for (const Duration down_after : {1_s, 5_s, 30_s}) {
    RedisSettings settings;
    settings.start = 2_s;
    settings.persistence = redis::Persistence::aof_everysec;
    settings.discovery = redis::Discovery::sentinel;
    settings.down_after = down_after;
    const Lab lab(redis_topology(settings));
    CHECK(fewer_events(lab, processes, 25) > 2);
  }
}

TEST_CASE("turns of cluster nodes that do nothing are left out, and nothing else changes", "[redis]") {
  std::vector<std::string> processes;
  for (int i = 0; i < 6; ++i) processes.push_back("redis/server-" + std::to_string(i));
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = 6;
  settings.start = 2_s;
  settings.persistence = redis::Persistence::aof_everysec;
  for (const auto announces : {redis::Announces::hostnames, redis::Announces::addresses}) {
    settings.announces = announces;
    const Lab lab(redis_topology(settings));
    CHECK(fewer_events(lab, processes, announces == redis::Announces::addresses ? 6 : 20) > 1.3);
  }
}

namespace {

void check_same(const World& world, const World& other) {
  CHECK(world.events == other.events);
  REQUIRE(world.trace.records().size() == other.trace.records().size());
  bool same = true;
  for (std::size_t i = 0; i < world.trace.records().size(); ++i) {
    const sim::TraceRecord& record = world.trace.records()[i];
    same = same && record.at == other.trace.records()[i].at && record.kind == other.trace.records()[i].kind;
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("a fork of a world with Redis plays on as the original", "[redis]") {
  const Lab lab(redis_topology());
  World world = lab.play({action(0_s, Verb::process_kill, "leader(redis)")}, 1, 1_s);
  World fork = world;
  run_until(world, origin + 20_s);
  run_until(fork, origin + 20_s);
  check_same(world, fork);
}

// Attempts are counted when somebody looks: where a run is cut changes nothing.
TEST_CASE("a fork of a world with clients that keep maps plays on as the original", "[redis]") {
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = 6;
  settings.start = 30_s;
  settings.persistence = redis::Persistence::aof_everysec;
  for (const auto refresh : {redis::Refresh::adaptive, redis::Refresh::periodic, redis::Refresh::adaptive_and_periodic,
                             redis::Refresh::never}) {
    const Lab lab(with_refresh(redis_topology(settings), refresh));
    const std::vector<Action> script{action(0_s, Verb::process_kill, "redis/server-0"),
                                     action(10_s, Verb::process_pause, "redis/server-1", 40_s),
                                     action(70_s, Verb::process_kill, "redis/server-0")};
    World world = lab.play(script, 1, 20_s);
    World fork = world;
    run_until(world, origin + 200_s);
    run_until(fork, origin + 200_s);
    check_same(world, fork);
    check_same(world, lab.play(script, 1, 200_s));
  }
}

}  // namespace redis_random_test
