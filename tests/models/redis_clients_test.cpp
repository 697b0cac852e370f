// Clients of Redis that go by what they know: maps of a cluster with and without refresh, answers of DNS.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/redis/addresses.hpp"
#include "models/redis/watchdog.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/redis_topology.hpp"

namespace redis_clients_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

constexpr double attempt_s = 0.1;
constexpr double retry_s = 0.005;
constexpr Duration period = 20_s;
const std::string master = "leader(redis/shard-0)";

/// As lettuce 6 has it, but for the period and for who restarts it when.
redis::ClientParameters lettuce() {
  redis::ClientParameters p;
  p.attempt_timeout = Duration::from_seconds(attempt_s);
  p.retry_wait = Duration::from_seconds(retry_s);
  p.refresh_period = period;
  p.refresh_reconnects = 5;
  p.refresh_interval = 30_s;
  p.reconnect_most = 30_s;
  p.silent_link = 924_s;
  p.connect_timeout = 10_s;
  p.validates_membership = true;
  p.dns_ttl = period;
  p.restart = Law::constant(600_s);
  return p;
}

Topology cluster(redis::Refresh refresh, Duration start = 3600_s) {
  RedisSettings settings;
  settings.mode = redis::Mode::cluster;
  settings.servers = 6;
  settings.start = start;
  settings.persistence = redis::Persistence::aof_everysec;
  Topology topology = redis_topology(settings);
  auto& spec = topology.services[0].own.as<redis::Spec>();
  spec.parameters.full_coverage = false;
  spec.clients[0].refresh = refresh;
  spec.clients[0].parameters = lettuce();
  return topology;
}

redis::Spec& spec_of(Topology& topology) { return topology.services[0].own.as<redis::Spec>(); }

/// Seconds after the beginning of the actions at which the client does what it does once a period, from `from` on.
double next_turn(const World& world, Purpose purpose, double from) {
  const redis::Context c = redis::view(world, ServiceId::of(0));
  const double u = world.first_uniform(c.plan.clients[0].component, purpose);
  const sim::Grid grid{sim::Time::zero() + sim::scaled(period, u), period};
  return (grid.after(origin + Duration::from_seconds(from)) - origin).to_seconds();
}

double outage_of(const World& world, std::string_view sli) { return downtime(world, sli); }

/// Pods are back within seconds, at another address.
void moves(Topology& topology) {
  spec_of(topology).announces = redis::Announces::addresses;
  topology.kubernetes.pod_schedule = Law::constant(50_ms);
  topology.kubernetes.pod_start = Law::constant(2_s);
  topology.kubernetes.image_pull = Law::constant(1_s);
}

}  // namespace

TEST_CASE("a client that asks when it fails goes on with the new master", "[redis]") {
  const Lab lab(cluster(redis::Refresh::on_failure));
  const World world = lab.play({action(0_s, Verb::process_kill, master)}, 1, 60_s);
  CHECK(first(world, "redis.first_write").value() - first(world, "redis.writable").value() < 0.2);
  CHECK(count(world, "redis.map_refreshed") == 0);
}

// lettuce ClusterTopologyRefreshScheduler.activateTopologyRefreshIfNeeded: scheduleAtFixedRate. The wait after the
// promotion is uniform over a period; a node that is silent holds every refresh up for a time-out.
TEST_CASE("a client that refreshes once a period goes on at its first turn after the promotion", "[redis]") {
  const Lab lab(cluster(redis::Refresh::periodic));
  double sum = 0;
  constexpr std::uint64_t runs = 60;
  for (const bool silent : {false, true}) {
    for (std::uint64_t run = 0; run < runs; ++run) {
      const World world = lab.play({action(0_s, silent ? Verb::process_stop : Verb::process_kill, master)}, run, 80_s);
      const double promoted = first(world, "redis.writable").value();
      const double turn = next_turn(world, Purpose::client_metadata_phase, promoted);
      const double learns = turn + (silent ? 10 : 0);
      CHECK(first(world, "redis.map_refreshed").value() == Approx(learns).margin(1e-6));
      CHECK(first(world, "redis.first_write").value() == Approx(learns).margin(0.005));
      CHECK(first(world, "redis.clients_switched").value() == Approx(learns).margin(0.005));
      sum += turn - promoted;
    }
  }
  // Half a period; the standard error is 0.53 s.
  CHECK(sum / (2 * runs) == Approx(10).margin(3));
}

// ConnectionWatchdog: attempts after 1, 2, 4 ms and so on; onReconnectAttempt from the fifth on; acquireTimeout: the
// first that asks comes before anybody was promoted, and the next no sooner than refresh_interval later.
TEST_CASE("adaptive refresh comes too early at first and then when attempts to connect have become rare", "[redis]") {
  struct Case {
    Duration interval;
    Duration most;
    double expected;
  };
  for (const Case& its : {Case{30_s, 30_s, 32.767}, Case{5_s, 30_s, 8.191}, Case{5_s, 1_s, 6.023}}) {
    Topology topology = cluster(redis::Refresh::adaptive);
    spec_of(topology).clients[0].parameters.refresh_interval = its.interval;
    spec_of(topology).clients[0].parameters.reconnect_most = its.most;
    const Lab lab(std::move(topology));
    for (std::uint64_t run = 0; run < 5; ++run) {
      const World world = lab.play({action(0_s, Verb::process_kill, master)}, run, 60_s);
      CHECK(first(world, "redis.writable").value() < 5);
      CHECK(first(world, "redis.first_write").value() == Approx(its.expected).margin(0.005));
    }
  }
}

// A node that vanishes without a reset: TCP goes on to send what waits, and nobody connects anew before it gives up.
TEST_CASE("adaptive refresh of a silent master waits for the connection to be given up", "[redis]") {
  const std::vector<Action> script{action(0_s, Verb::process_stop, master)};
  for (const Duration silent : {924_s, 30_s}) {
    Topology topology = cluster(redis::Refresh::adaptive);
    spec_of(topology).clients[0].parameters.silent_link = silent;
    const Lab lab(std::move(topology));
    // The fifth begins when four have waited for the connect time-out (onReconnectAttempt comes before it connects),
    // and the refresh waits for the same once more.
    const double expected = silent.to_seconds() + 0.031 + 5 * 10;
    const World world = lab.play(script, 1, 1000_s);
    CHECK(first(world, "redis.first_write").value() == Approx(expected).margin(0.005));
  }
  // With periodic refresh beside it, it does not.
  const Lab both(cluster(redis::Refresh::adaptive_and_periodic));
  CHECK(first(both.play(script, 1, 100_s), "redis.first_write").value() < 36);
}

TEST_CASE("a client without refresh is sent on by the master that it knows, once that is back", "[redis]") {
  const Lab lab(cluster(redis::Refresh::never, 30_s));
  // The former master comes back as a replica, and says MOVED; when it is away again, so is the client.
  const World world =
      lab.play({action(0_s, Verb::process_kill, "redis/server-0"), action(100_s, Verb::process_kill, "redis/server-0")},
               1, 200_s);
  CHECK(count(world, "redis.writable") == 1);
  const auto out = outages(world, "write");
  REQUIRE(out.size() == 2);
  // ConnectionWatchdog: 2^n - 1 ms after the loss, and from 32.767 s on each 30 s.
  CHECK(out[0].second == Approx(32.767).margin(0.002));
  CHECK(out[1].first == Approx(100).margin(0.002));
  // The kubelet waits 10 s before it starts a container a second time.
  CHECK(out[1].second == Approx(62.767).margin(0.002));
  CHECK(count(world, "redis.clients_switched") == 0);
  CHECK(models::healthy(world));
}

TEST_CASE("a client without refresh whose node is back at another address waits for people", "[redis]") {
  for (const auto announces : {redis::Announces::hostnames, redis::Announces::addresses}) {
    Topology topology = cluster(redis::Refresh::never, 1_s);
    moves(topology);
    spec_of(topology).announces = announces;
    const Lab lab(std::move(topology));
    const bool addresses = announces == redis::Announces::addresses;
    const World world = lab.play({action(0_s, Verb::delete_pod, "redis/server-0")}, 1, 700_s);
    CHECK(count(world, "redis.client_restarted") == (addresses ? 1 : 0));
    if (addresses)
      // Somebody is called when the cluster serves and the client does not know where.
      CHECK(outage_of(world, "write") - first(world, "redis.writable").value() == Approx(600).margin(0.1));
    else
      CHECK(outage_of(world, "write") < 30);
  }
}

// Seeds by name lead to whoever is there; seeds by address to nobody once all pods were created anew.
TEST_CASE("seeds by address are worth nothing once all pods have moved", "[redis]") {
  for (const auto seeds : {redis::Seeds::names, redis::Seeds::addresses}) {
    for (const auto refresh : {redis::Refresh::on_failure, redis::Refresh::periodic}) {
      Topology topology = cluster(refresh, 1_s);
      moves(topology);
      spec_of(topology).clients[0].seeds = seeds;
      spec_of(topology).parameters.readmit = Law::constant(60_s);
      const Lab lab(std::move(topology));
      std::vector<Action> script;
      for (const char* server : {"0", "1", "2", "3", "4", "5"})
        script.push_back(action(0_s, Verb::delete_pod, std::string("redis/server-") + server));
      const World world = lab.play(script, 1, 900_s);
      const bool lost = seeds == redis::Seeds::addresses;
      CHECK(count(world, "redis.client_restarted") == (lost ? 1 : 0));
      CHECK((outage_of(world, "write") > 600) == lost);
    }
  }
}

namespace {

/// What watchdog.hpp answers in closed form, one attempt after the other.
redis::watchdog::Attempts step_by_step(const redis::watchdog::Pace& pace, std::int64_t least, sim::Time from) {
  redis::watchdog::Attempts attempt{sim::Time::zero(), 0};
  do attempt = redis::watchdog::next(pace, attempt);
  while (attempt.count < least || attempt.began < from);
  return attempt;
}

}  // namespace

TEST_CASE("attempts to connect anew in closed form are those that come one after the other", "[redis]") {
  using redis::watchdog::Attempts;
  CHECK(step_by_step({30_s, Duration()}, 15, sim::Time::zero()).began == sim::Time::zero() + 32'767_ms);
  CHECK(step_by_step({30_s, Duration()}, 16, sim::Time::zero()).began == sim::Time::zero() + 62'767_ms);
  for (const Duration most : {1_ms, 100_ms, 1_s, 30_s}) {
    for (const Duration failing : {Duration(), 10_s}) {
      for (const std::int64_t least : {1, 2, 5, 30}) {
        for (const Duration from : {Duration(), 31_ms, 5_s, 77_s}) {
          const redis::watchdog::Pace pace{most, failing};
          const sim::Time at = sim::Time::zero() + from;
          const Attempts expected = step_by_step(pace, least, at);
          const Attempts found = redis::watchdog::first(pace, {}, least, at);
          CHECK(found.count == expected.count);
          CHECK(found.began == expected.began);
          // The last one that has begun is the one before the first that begins later.
          const Attempts begun = redis::watchdog::begun(pace, {}, at);
          CHECK(redis::watchdog::next(pace, begun).began > at);
          CHECK(begun.began <= at);
          CHECK(redis::watchdog::first(pace, begun, 1, at + Duration::nanoseconds(1)).count == begun.count + 1);
        }
      }
    }
  }
  // No longer for what is a hundred years away.
  const Attempts far =
      redis::watchdog::first({1_ms, Duration()}, {}, 5, sim::Time::zero() + Duration::seconds(3'153'600'000));
  CHECK(far.began == sim::Time::zero() + Duration::seconds(3'153'600'000));
}

// TCP sends again 0.2, 0.6, 1.4, 3.0, 6.2, 12.6, 25.4 and 51.0 s after it fell silent: what has waited for 20 s goes on
// at 25.4 s. A process that stands still has got everything, and answers at once.
TEST_CASE("a connection over which nothing came goes on when TCP sends again", "[redis]") {
  const Topology topology = [] {
    Topology its = cluster(redis::Refresh::never);
    spec_of(its).parameters.node_timeout = 60_s;
    return its;
  }();
  const Lab lab(topology);
  const double rto_min = topology.infrastructure.tcp_rto_min.to_seconds();
  const World cut = lab.play({action(0_s, Verb::partition, "redis/server-0", 20_s, "region")}, 1, 60_s);
  REQUIRE(count(cut, "redis.writable") == 0);
  CHECK(outage_of(cut, "write") == Approx(rto_min * 127).margin(0.2));
  const World paused = lab.play({action(0_s, Verb::process_pause, "redis/server-0", 20_s)}, 1, 60_s);
  CHECK(outage_of(paused, "write") == Approx(20).margin(0.2));
}

// One rest for all that a client does: the second shard is lost while it rests after the first, and asks when it may.
TEST_CASE("a refresh that came to nothing keeps a client from the next, whichever shard asks", "[redis]") {
  const Lab lab(cluster(redis::Refresh::adaptive));
  const World world =
      lab.play({action(0_s, Verb::process_kill, "redis/server-0"), action(20_s, Verb::process_kill, "redis/server-1")},
               1, 100_s);
  // The first asks at 0.031 s, when nobody has been promoted. From 30.031 s on it may again: the second's attempts come
  // 16.383 s after its loss before those of the first at 32.767 s.
  CHECK(first(world, "redis.first_write").value() == Approx(32.767).margin(0.01));
  CHECK(first(world, "redis.clients_switched").value() == Approx(32.767).margin(0.01));
}

TEST_CASE("settings without bounds end all the same", "[redis]") {
  for (const auto& [reconnects, most, interval] : {std::tuple{Count{1000}, 30_s, 5_s},
                                                   {Count{5}, 1_ms, 36'000_s},
                                                   {Count{5}, 30_s, Duration::seconds(3'153'600'000)}}) {
    Topology topology = cluster(redis::Refresh::adaptive);
    redis::ClientParameters& p = spec_of(topology).clients[0].parameters;
    p.refresh_reconnects = reconnects;
    p.reconnect_most = most;
    p.refresh_interval = interval;
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::process_kill, master)}, 1, 60_s);
    CHECK(count(world, "redis.writable") == 1);
    CHECK(count(world, "redis.map_refreshed") == 0);
  }
}

TEST_CASE("a record says what set the moment of a refresh", "[redis]") {
  const auto set_by = [](Topology topology, const std::vector<Action>& script) {
    const Lab lab(std::move(topology));
    const World world = lab.play(script, 1, 200_s);
    std::string found;
    for (const sim::TraceRecord& record : world.trace.records()) {
      if (event_info(record.kind).name == "redis.map_refreshed" && record.set_by != nullptr) found = *record.set_by;
    }
    return found;
  };
  const std::vector<Action> kill{action(0_s, Verb::process_kill, master)};
  CHECK(set_by(cluster(redis::Refresh::periodic), kill) == "redis.client.refresh_period");
  CHECK(set_by(cluster(redis::Refresh::adaptive), kill) == "redis.client.refresh_least_interval");
  Topology late = cluster(redis::Refresh::adaptive);
  spec_of(late).clients[0].parameters.refresh_reconnects = 14;
  CHECK(set_by(std::move(late), kill) == "redis.client.refresh_reconnects");
  Topology silent = cluster(redis::Refresh::adaptive);
  spec_of(silent).clients[0].parameters.silent_link = 30_s;
  CHECK(set_by(std::move(silent), {action(0_s, Verb::process_stop, master)}) == "redis.client.silent_link_timeout");
}

// lettuce up to 6.8 refuses to follow MOVED to an address that its map does not have (validateClusterNodeMembership).
TEST_CASE("MOVED to an address that nobody has told a client of is refused, unless it is told to follow", "[redis]") {
  for (const bool validates : {true, false}) {
    Topology topology = cluster(redis::Refresh::never, 1_s);
    moves(topology);
    spec_of(topology).clients[0].parameters.validates_membership = validates;
    const Lab lab(std::move(topology));
    // A replica moves; then it becomes the master of a master whose container alone is restarted.
    std::vector<Action> script{action(0_s, Verb::delete_pod, "redis/server-3"),
                               action(60_s, Verb::process_stop, "redis/server-0"),
                               action(90_s, Verb::process_continue, "redis/server-0")};
    const World world = lab.play(script, 1, 200_s);
    REQUIRE(count(world, "redis.writable") == 1);
    const auto out = outages(world, "write");
    REQUIRE(out.size() == 1);
    CHECK((out[0].second > 100) == validates);
  }
}

TEST_CASE("a client that asks when it fails is the same beside another one with a map", "[redis]") {
  const auto outage = [](bool beside) {
    Topology topology = cluster(redis::Refresh::on_failure, 1_s);
    moves(topology);
    if (beside) {
      redis::ClientSpec other = spec_of(topology).clients[0];
      other.name = "other";
      other.refresh = redis::Refresh::never;
      spec_of(topology).clients.push_back(other);
      redis::SliSpec sli = spec_of(topology).slis[0];
      sli.name = "other";
      sli.client = "other";
      spec_of(topology).slis.push_back(sli);
    }
    const Lab lab(std::move(topology));
    return outages(lab.play({action(0_s, Verb::delete_pod, "redis/server-0")}, 1, 60_s), "write");
  };
  CHECK(outage(false) == outage(true));
}

// One after the other, a client that refreshes meanwhile never loses sight of all.
TEST_CASE("a client that refreshes between two moves needs no seeds", "[redis]") {
  Topology topology = cluster(redis::Refresh::periodic, 1_s);
  moves(topology);
  spec_of(topology).clients[0].seeds = redis::Seeds::addresses;
  const Lab lab(std::move(topology));
  std::vector<Action> script;
  for (int i = 0; i < 6; ++i)
    script.push_back(action(Duration::seconds(60 * i), Verb::delete_pod, "redis/server-" + std::to_string(i)));
  const World world = lab.play(script, 1, 500_s);
  CHECK(count(world, "redis.client_restarted") == 0);
  CHECK(outage_of(world, "write") < 3 * 26);
  CHECK(models::healthy(world));
}

// The record changes when the label does, here 6 s after the promotion; the client's answer runs out within a TTL.
TEST_CASE("a client that goes by a name sees its change when its answer runs out, or never", "[redis]") {
  for (const auto resolves : {redis::Resolves::after_ttl, redis::Resolves::once}) {
    RedisSettings settings;
    settings.discovery = redis::Discovery::dns;
    Topology topology = redis_topology(settings);
    auto& spec = topology.services[0].own.as<redis::Spec>();
    spec.clients[0].parameters = lettuce();
    spec.clients[0].resolves = resolves;
    const Lab lab(std::move(topology));
    double sum = 0;
    constexpr std::uint64_t runs = 60;
    for (std::uint64_t run = 0; run < runs; ++run) {
      const World world = lab.play({action(0_s, Verb::process_kill, "leader(redis)")}, run, 700_s);
      const double relabelled = first(world, "redis.relabelled").value();
      if (resolves == redis::Resolves::once) {
        CHECK(count(world, "redis.name_resolved") == 0);
        CHECK(first(world, "redis.first_write").value() > 600);
        if (run == 3) break;
        continue;
      }
      const double turn = next_turn(world, Purpose::name_cache, relabelled);
      CHECK(first(world, "redis.name_resolved").value() == Approx(turn).margin(1e-6));
      CHECK(first(world, "redis.first_write").value() == Approx(turn).margin(0.005));
      sum += turn - relabelled;
    }
    if (resolves == redis::Resolves::after_ttl) CHECK(sum / runs == Approx(10).margin(4.2));
  }
}

// A client whose own look-ups alone fill its cache: it asks when it loses its server, and keeps that answer for its
// time.
TEST_CASE("a client that alone asks for a name keeps what it is told from its loss on", "[redis]") {
  RedisSettings settings;
  settings.discovery = redis::Discovery::dns;
  Topology topology = redis_topology(settings);
  spec_of(topology).clients[0].parameters = lettuce();
  spec_of(topology).clients[0].resolves = redis::Resolves::when_asked;
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(7_s, Verb::process_kill, "leader(redis)")}, run, 200_s);
    // The record follows some seconds after the loss: the first answer was the old one, the next comes a TTL later.
    const double next = 7 + period.to_seconds();
    REQUIRE(first(world, "redis.relabelled").value() < next);
    CHECK(first(world, "redis.name_resolved").value() == Approx(next).margin(0.002));
    CHECK(first(world, "redis.first_write", {}, 7).value() == Approx(next).margin(0.005));
    // A record that changes while it is still connected is what it is told when it loses its server.
    const auto cut_off = [](const char* from) { return action(7_s, Verb::partition, "redis/server-0", 60_s, from); };
    const World cut =
        lab.play({cut_off("all(redis/sentinels)"), cut_off("redis/server-1"), cut_off("redis/server-2")}, run, 200_s);
    REQUIRE(first(cut, "redis.relabelled").value() < 30);
    CHECK(outages(cut, "write").empty());
  }
  // A record that follows after a minute is seen at the first answer after that: at 60 s of 20, 40, 60.
  spec_of(topology).parameters.relabel = Law::constant(55_s);
  const Lab slow(topology);
  const World world = slow.play({action(7_s, Verb::process_kill, "leader(redis)")}, 1, 200_s);
  CHECK(first(world, "redis.name_resolved").value() == Approx(7 + 60).margin(0.002));
}

// lettuce: Delay.exponential(). After n attempts that fail at once the next is due
// 5 ms (2^n - 1) after the loss, as long as waits are below the longest.
TEST_CASE("waits between attempts double up to their longest", "[redis]") {
  for (const Duration most : {5_ms, 640_ms, 30_s}) {
    RedisSettings settings;
    settings.mode = redis::Mode::replication;
    settings.discovery = redis::Discovery::fixed;
    settings.persistence = redis::Persistence::aof_everysec;
    settings.start = 7_s;
    Topology topology = redis_topology(settings);
    spec_of(topology).clients[0].parameters.retry_most = most;
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::process_kill, "redis/server-0")}, 1, 60_s);
    const double served = first(world, "redis.loaded").value();
    CHECK(served >= 7);
    double next = 0;
    double wait = 0.005;
    while (next < served) {
      next += wait;
      wait = std::min(wait * 2, std::max(most.to_seconds(), 0.005));
    }
    REQUIRE(outages(world, "write").size() == 1);
    CHECK(outages(world, "write")[0].second == Approx(next).margin(0.0015));
  }
}

// A headless Service: the pod's name stays, its address does not, and the client goes on to look for the old one.
TEST_CASE("a name's answer is stale when the pod behind it was created anew", "[redis]") {
  RedisSettings settings;
  settings.mode = redis::Mode::replication;
  settings.discovery = redis::Discovery::dns;
  settings.start = 1_s;
  settings.persistence = redis::Persistence::aof_everysec;
  Topology topology = redis_topology(settings);
  topology.services[0].own.as<redis::Spec>().clients[0].parameters = lettuce();
  topology.kubernetes.pod_schedule = Law::constant(50_ms);
  topology.kubernetes.pod_start = Law::constant(2_s);
  const Lab lab(std::move(topology));
  for (std::uint64_t run = 0; run < 10; ++run) {
    // A container that starts again keeps the address of its pod.
    const World killed = lab.play({action(0_s, Verb::process_kill, "redis/server-0")}, run, 60_s);
    CHECK(count(killed, "redis.name_resolved") == 0);
    const World world = lab.play({action(0_s, Verb::delete_pod, "redis/server-0")}, run, 60_s);
    const double learns = first(world, "redis.name_resolved").value();
    CHECK(learns == Approx(next_turn(world, Purpose::name_cache, learns - 0.001)).margin(1e-6));
    // Some pods answer only after that.
    CHECK(first(world, "redis.first_write").value() >= learns);
    CHECK(first(world, "redis.first_write").value() < learns + 5);
  }
}

// network-slow of several seconds: above every time-out, as far as it lasts.
TEST_CASE("ways that are longer than down-after replace a master under default time-outs of operators", "[redis]") {
  RedisSettings settings;
  settings.down_after = 5_s;
  const Lab lab(redis_topology(settings));
  for (const Duration delay : {1_s, 4_s}) {
    Action slow = action(0_s, Verb::network_slow, "redis/server-0", 60_s);
    slow.delay = delay;
    const World world = lab.play({slow}, 1, 200_s);
    // Half of down-after is 2.5 s: a round trip of 2 s is heard, one of 8 s is not.
    CHECK(count(world, "redis.writable") == (delay == 4_s ? 1 : 0));
    CHECK(models::healthy(world));
  }
}

}  // namespace redis_clients_test
