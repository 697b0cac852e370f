// Rules of PostgreSQL and Patroni, each with its source, and what follows from them as closed forms.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/postgresql/checkpoint.hpp"
#include "models/postgresql/patroni.hpp"
#include "models/postgresql/server.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/postgresql_topology.hpp"

namespace postgresql_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using postgresql::Commit;
using postgresql::Discovery;
using postgresql::Failover;
namespace patroni = postgresql::patroni;

constexpr const char* primary = "leader(postgresql)";

PostgresSettings with(const std::function<void(PostgresSettings&)>& change) {
  PostgresSettings settings;
  change(settings);
  return settings;
}

double lost(const World& world) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one + loss.records_all;
  return records;
}

postgresql::Number chief(const World& world) { return postgresql::view(world, ServiceId::of(0)).state.chief; }

/// People whose times are numbers: notice 3 min, or 2 h if no alert tells, 15 min until somebody is at it.
Topology with_people(Topology topology) {
  topology.people.notice = Law::constant(180_s);
  topology.people.notice_unalerted = Law::constant(7200_s);
  topology.people.engage = Law::constant(900_s);
  return topology;
}

/// Zone of the first server's machine.
std::string first_zone(const Lab& lab) {
  const Plan& plan = lab.plan();
  const ProcessId process = plan.services[ServiceId::of(0)].members[0];
  return std::string(plan.name(plan.zones[plan.nodes[plan.processes[process].node].zone].component));
}

PostgresSettings alone() {
  return with([](PostgresSettings& s) {
    s.servers = 1;
    s.failover = Failover::none;
    s.discovery = Discovery::fixed;
    s.start = 1_s;
  });
}

}  // namespace

// ---- checkpoints ----

TEST_CASE("a checkpoint begins at checkpoint_timeout, or when max_wal_size would be exceeded", "[postgresql]") {
  // xlog.c CalculateCheckpointSegments: max_wal_size / (1 + checkpoint_completion_target).
  const postgresql::WalLoad load{1000, 1000, 0, 0, 0};
  CHECK(postgresql::checkpoint_interval(load, 300_s, 1e12, 0.9) == 300_s);
  const Duration sooner = postgresql::checkpoint_interval(load, 300_s, 190e6, 0.9);
  CHECK(sooner.to_seconds() == Approx(100).epsilon(1e-6));
  CHECK(postgresql::checkpoint_interval(load, 300_s, 150e6, 0.5).to_seconds() == Approx(100).epsilon(1e-6));
}

TEST_CASE("full pages: of N pages N (1 - exp(-m / N)) are written whole", "[postgresql]") {
  const postgresql::WalLoad load{100, 200, 3, 1000, 8192};
  const double changes = 100 * 3 * 60;
  CHECK(postgresql::wal_since_checkpoint(load, 60) ==
        Approx(100 * 200 * 60 + 8192 * 1000 * (1 - std::exp(-changes / 1000))));
  // At first nearly each change writes a page, in the end none does.
  CHECK(postgresql::wal_since_checkpoint(load, 0.01) == Approx(1 * (200 + 3 * 8192)).epsilon(0.01));
  CHECK(postgresql::wal_per_write(load, 100'000_s) == Approx(200).epsilon(0.01));
}

TEST_CASE("a crash replays from the last checkpoint that was done", "[postgresql]") {
  // xlog.c CreateCheckPoint: redo is where it begins, the control file names it when it is done.
  const postgresql::WalLoad plain{1, 1, 0, 0, 0};
  CHECK(postgresql::replayed(plain, 40_s, 100_s, 0.9) == Approx(40));
  CHECK(postgresql::replayed(plain, 140_s, 100_s, 0.9) == Approx(140));
  CHECK(postgresql::replayed(plain, 189_s, 100_s, 0.9) == Approx(189));
  CHECK(postgresql::replayed(plain, 190_s, 100_s, 0.9) == Approx(90));
  CHECK(postgresql::replayed(plain, 1040_s, 100_s, 0.9) == Approx(140));
  // Most full pages are written at the beginning of an interval.
  const postgresql::WalLoad pages{100, 200, 3, 1000, 8192};
  CHECK(postgresql::replayed(pages, 110_s, 100_s, 0.9) ==
        Approx(postgresql::wal_since_checkpoint(pages, 10) + postgresql::wal_since_checkpoint(pages, 100)));
  CHECK(postgresql::replayed(pages, 110_s, 100_s, 0.9) > 1.5 * 110 * 100 * postgresql::wal_per_write(pages, 100_s));
}

TEST_CASE("recovery takes target + 1/2 of an interval's WAL on average, over the replay rate", "[postgresql]") {
  const Lab lab(postgresql_topology(alone()));
  const Sampled takes = sample(400, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_kill, primary)}, run, 100_s);
    CHECK(models::healthy(world));
    CHECK(lost(world) == 0);
    return *first(world, "postgresql.recovered") - *first(world, "postgresql.started");
  });
  // 1 MB/s, intervals of 300 s, 50 MB/s.
  CHECK(agrees(takes, 300 * (0.9 + 0.5) * 1e6 / 50e6));
  CHECK(takes.lowest >= 300 * 0.9 / 50);
  CHECK(takes.highest <= 300 * 1.9 / 50);
}

TEST_CASE("an orderly stop leaves nothing to replay", "[postgresql]") {
  const Lab lab(postgresql_topology(alone()));
  const World world = lab.play({action(0_s, Verb::process_terminate, primary)}, 1, 60_s);
  CHECK(models::healthy(world));
  CHECK(count(world, "postgresql.recovered") == 0);
  CHECK(lost(world) == 0);
}

TEST_CASE("a smart shutdown waits for clients until it is killed, and then recovers", "[postgresql]") {
  PostgresSettings settings = alone();
  settings.stops = postgresql::Stops::smart;
  const Lab lab(postgresql_topology(settings));
  const World world = lab.play({action(0_s, Verb::process_terminate, primary)}, 1, 120_s);
  CHECK(models::healthy(world));
  const double grace = lab.plan().kube().termination_grace.to_seconds();
  CHECK(outages(world, "write").at(0).first == Approx(grace).margin(1e-6));
  CHECK(count(world, "postgresql.recovered") == 1);
}

TEST_CASE("synchronous_commit off loses up to three turns of the WAL writer", "[postgresql]") {
  PostgresSettings settings = alone();
  settings.commit = Commit::off;
  const Lab lab(postgresql_topology(settings));
  const Sampled seconds = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    return lost(lab.play({action(0_s, Verb::process_kill, primary)}, run, 60_s)) / settings.writes_per_s;
  });
  CHECK(agrees(seconds, 3 * 0.2 / 2));
  CHECK(seconds.highest <= 3 * 0.2);
}

TEST_CASE("a lost volume without standby is restored from a backup, or from the archive", "[postgresql]") {
  for (const Duration archive : {Duration(), 300_s}) {
    PostgresSettings settings = alone();
    settings.archive = archive;
    const Lab lab(postgresql_topology(settings));
    const Sampled seconds = sample(60, [&](std::uint64_t run) -> std::optional<double> {
      const World world = lab.play({action(0_s, Verb::volume_loss, primary)}, run, 200'000_s);
      CHECK(count(world, "postgresql.restored") == 1);
      CHECK(models::healthy(world));
      return world.measurement.losses.at(0).seconds;
    });
    const double oldest = archive > Duration() ? 300 : 86'400;
    CHECK(seconds.highest <= oldest);
    CHECK(std::abs(seconds.mean - oldest / 2) < 5.5 * seconds.error);
    CHECK(seconds.mean > oldest / 4);
  }
}

// ---- Patroni ----

TEST_CASE("Patroni's turn decides as ha.py does", "[postgresql]") {
  using patroni::Decision;
  using patroni::Holder;
  const auto decides = [](const std::function<void(patroni::View&)>& change) {
    patroni::View view;
    change(view);
    return patroni::decide(view);
  };
  // process_healthy_cluster
  CHECK(decides([](auto& v) { v.holder = Holder::self, v.primary = true; }) == Decision::renew);
  CHECK(decides([](auto& v) { v.holder = Holder::self; }) == Decision::promote);
  CHECK(decides([](auto& v) { v.holder = Holder::other, v.primary = true; }) == Decision::demote);
  CHECK(decides([](auto& v) { v.holder = Holder::other; }) == Decision::nothing);
  // _run_cycle: the leader's data directory is empty
  CHECK(decides([](auto& v) { v.holder = Holder::self, v.data = false; }) == Decision::release);
  // handle_long_action_in_progress, primary_start_timeout
  CHECK(decides([](auto& v) { v.holder = Holder::self, v.busy = true; }) == Decision::renew);
  CHECK(decides([](auto& v) { v.holder = Holder::self, v.busy = v.overdue = true; }) == Decision::renew);
  CHECK(decides([](auto& v) { v.holder = Holder::self, v.busy = v.overdue = v.rival = true; }) == Decision::release);
  // _handle_dcs_error
  CHECK(decides([](auto& v) { v.store = false, v.holder = Holder::self, v.primary = true; }) == Decision::step_down);
  CHECK(decides([](auto& v) { v.store = false, v.primary = v.all_answer = true; }) == Decision::go_on);
  CHECK(decides([](auto& v) { v.store = false; }) == Decision::nothing);
  // is_healthiest_node
  CHECK(decides([](auto&) {}) == Decision::stand);
  for (bool patroni::View::*const flaw : {&patroni::View::excluded, &patroni::View::lagging,
                                          &patroni::View::primary_alive, &patroni::View::ahead, &patroni::View::busy})
    CHECK(decides([&](auto& v) { v.*flaw = true; }) == Decision::nothing);
  CHECK(decides([](auto& v) { v.primary = true; }) == Decision::stand);
  CHECK(decides([](auto& v) { v.primary = v.superseded = true; }) == Decision::demote);
  // process_sync_replication
  CHECK(decides([](auto& v) { v.holder = Holder::self, v.primary = v.sync_changes = true; }) == Decision::change_syncs);
}

TEST_CASE("the key runs out ttl after the last turn of a killed leader, seen by etcd within its check",
          "[postgresql]") {
  const Lab lab(postgresql_topology());
  const Sampled expired = sample(300, [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::process_kill, primary)}, run, 120_s);
    // Its members are told at once, and promotion takes a second.
    CHECK(*first(world, "postgresql.promoted") == Approx(*first(world, "postgresql.leader_expired") + 1));
    return first(world, "postgresql.leader_expired");
  });
  CHECK(agrees(expired, 30 - 5 + 0.25));
  CHECK(expired.lowest >= 20);
  CHECK(expired.highest <= 30.5);
}

// Patroni's documentation (dynamic configuration) states the rule loop_wait + 2 retry_timeout <= ttl; Pigsty's (failure
// model) what follows: a node that crashes leaves its key for ttl - loop_wait to ttl, ttl - loop_wait / 2 on average,
// and one that is cut off steps down after retry_timeout to loop_wait + retry_timeout, before that. Etcd adds its check
// of leases, 0 to 0.5 s.
TEST_CASE("what Patroni's timers add up to is what its documentation and Pigsty's say", "[postgresql]") {
  struct Timers {
    Duration ttl, loop_wait, retry_timeout;
  };
  for (const Timers& its : {Timers{30_s, 10_s, 10_s}, Timers{30_s, 5_s, 10_s}, Timers{20_s, 5_s, 5_s}}) {
    CHECK(its.loop_wait + its.retry_timeout * 2 <= its.ttl);
    Topology topology = postgresql_topology(with([](PostgresSettings& s) { s.start = 60_s; }));
    auto& spec = topology.services[0].own.as<postgresql::Spec>();
    spec.parameters.ttl = its.ttl;
    spec.parameters.loop_wait = its.loop_wait;
    spec.parameters.retry_timeout = its.retry_timeout;
    const Lab lab(std::move(topology));
    const double ttl = its.ttl.to_seconds();
    const double loop = its.loop_wait.to_seconds();
    const double retry = its.retry_timeout.to_seconds();
    const Sampled crashed = sample(300, [&](std::uint64_t run) {
      return first(lab.play({action(0_s, Verb::node_crash, primary, 3600_s)}, run, 60_s), "postgresql.leader_expired");
    });
    CHECK(agrees(crashed, ttl - loop / 2 + 0.25));
    CHECK(crashed.lowest >= ttl - loop);
    CHECK(crashed.highest <= ttl + 0.5);
    const Sampled cut_off = sample(300, [&](std::uint64_t run) {
      const World world =
          lab.play({action(0_s, Verb::partition, "postgresql/server-0", 300_s, "all(etcd/members)")}, run, 60_s);
      CHECK(*first(world, "postgresql.demoted") < *first(world, "postgresql.leader_expired"));
      return first(world, "postgresql.demoted");
    });
    CHECK(agrees(cut_off, loop / 2 + retry));
    CHECK(cut_off.lowest >= retry);
    CHECK(cut_off.highest <= loop + retry + 0.001);
  }
}

TEST_CASE("with the API of Kubernetes members notice in their own turns", "[postgresql]") {
  PostgresSettings settings;
  settings.etcd = false;
  settings.servers = 2;
  const Lab lab(postgresql_topology(settings));
  const Sampled noticed = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_kill, primary)}, run, 120_s);
    return *first(world, "postgresql.leader_acquired") - *first(world, "postgresql.leader_expired");
  });
  CHECK(agrees(noticed, 5));
}

TEST_CASE("a candidate waits two seconds for a member whose machine is silent", "[postgresql]") {
  const Lab lab(postgresql_topology());
  const World world = lab.play({action(0_s, Verb::node_crash, primary, 3600_s)}, 3, 120_s);
  CHECK(*first(world, "postgresql.leader_acquired") == Approx(*first(world, "postgresql.leader_expired") + 2));
}

TEST_CASE("a leader that comes back before its key has run out keeps it", "[postgresql]") {
  PostgresSettings settings;
  settings.start = 2_s;
  const Lab lab(postgresql_topology(settings));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::process_kill, primary)}, run, 300_s);
    CHECK(count(world, "postgresql.leader_expired") == 0);
    CHECK(world.measurement.failovers == 0);
    CHECK(lost(world) == 0);
    CHECK(*first(world, "postgresql.promoted") == Approx(*first(world, "postgresql.recovered") + 1));
    CHECK(models::healthy(world));
  }
}

TEST_CASE("a leader that recovers for longer than primary_start_timeout gives its key up", "[postgresql]") {
  PostgresSettings settings;
  settings.start = 2_s;
  Topology topology = postgresql_topology(settings);
  auto& spec = topology.services[0].own.as<postgresql::Spec>();
  spec.parameters.replay_rate = {2e6};  // 270 to 570 MB take 135 to 285 s
  spec.parameters.primary_start_timeout = 60_s;
  const Lab lab(std::move(topology));
  const World world = lab.play({action(0_s, Verb::process_kill, primary)}, 1, 120_s);
  const double released = *first(world, "postgresql.key_released");
  CHECK(released >= *first(world, "postgresql.started") + 60);
  CHECK(released <= *first(world, "postgresql.started") + 70.001);
  CHECK(world.measurement.failovers == 1);
}

TEST_CASE("without its store a leader steps down after a turn and retry_timeout, and reads go on", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) {
    s.discovery = Discovery::any_host;
    s.start = 2_s;
  })));
  const Sampled demoted = sample(200, [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::process_stop, "all(etcd/members)"),
                                  action(60_s, Verb::process_continue, "all(etcd/members)")},
                                 run, 600_s);
    CHECK(models::healthy(world));
    CHECK(lost(world) == 0);
    // It stops its server: its readers turn to the next host.
    for (const auto& [start, length] : outages(world, "read")) CHECK(length < 2.5);
    CHECK(downtime(world, "write") > 40);
    return first(world, "postgresql.demoted");
  });
  CHECK(agrees(demoted, 5 + 10));
}

TEST_CASE("in failsafe mode a leader goes on without its store while it reaches all members", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.failsafe = true; })));
  const std::vector<Action> away{action(0_s, Verb::process_stop, "all(etcd/members)")};
  CHECK(downtime(lab.play(away, 1, 600_s), "write") == 0);
  std::vector<Action> worse = away;
  worse.push_back(action(100_s, Verb::process_kill, "postgresql/server-2"));
  const World world = lab.play(worse, 1, 600_s);
  const double demoted = *first(world, "postgresql.demoted");
  CHECK(demoted > 100);
  CHECK(demoted < 120.1);
}

TEST_CASE("a leader that is cut off steps down before another is promoted", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.start = 2_s; })));
  for (std::uint64_t run = 0; run < 40; ++run) {
    const World world = lab.play({action(0_s, Verb::partition, "postgresql/server-0", 300_s, "all(postgresql)"),
                                  action(0_s, Verb::partition, "postgresql/server-0", 300_s, "all(etcd/members)")},
                                 run, 900_s);
    CHECK(*first(world, "postgresql.demoted") < *first(world, "postgresql.leader_acquired"));
    // What it took alone until then is lost: its clients reached it all the time.
    CHECK(lost(world) / 1000 == Approx(*first(world, "postgresql.demoted")).margin(0.1));
    CHECK(count(world, "postgresql.rewound") == 1);
    CHECK(models::healthy(world));
  }
}

TEST_CASE("one that stood still while it was promoted finds that another leads", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.start = 60_s; })));
  std::vector<Action> script{action(0_s, Verb::process_kill, primary)};
  const Duration acquired = Duration::from_seconds(*first(lab.play(script, 1, 60_s), "postgresql.leader_acquired"));
  script.push_back(action(acquired + 500_ms, Verb::process_stop, "postgresql/server-1"));
  script.push_back(action(300_s, Verb::process_continue, "postgresql/server-1"));
  const World world = lab.play(script, 1, 900_s);
  CHECK(world.measurement.failovers <= 1);
  CHECK(chief(world) != 1);
  CHECK(lost(world) < 1000 * 0.01);
  CHECK(models::healthy(world));
}

TEST_CASE("a leader that stood still finds that it leads no more", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.start = 2_s; })));
  const World world = lab.play({action(0_s, Verb::process_stop, "postgresql/server-0"),
                                action(100_s, Verb::process_continue, "postgresql/server-0")},
                               1, 10'000_s);
  CHECK(world.measurement.failovers == 1);
  CHECK(*first(world, "postgresql.demoted") == Approx(100).margin(1e-6));
  CHECK(models::healthy(world));
}

TEST_CASE("a primary that is told to stop hands over without loss, and its key is free at once", "[postgresql]") {
  const Lab lab(postgresql_topology());
  const World world = lab.play({action(0_s, Verb::process_terminate, primary)}, 1, 60_s);
  CHECK(lost(world) == 0);
  CHECK(*first(world, "postgresql.key_released") == Approx(1));
  CHECK(*first(world, "postgresql.promoted") == Approx(2));
  CHECK(downtime(world, "write") < 2.3);
}

// ---- replication ----

TEST_CASE("asynchronous fail-over loses the lag times the rate", "[postgresql]") {
  const Lab lab(postgresql_topology());
  for (const Verb verb : {Verb::process_kill, Verb::node_crash}) {
    const World world = lab.play({action(0_s, verb, primary)}, 1, 100_s);
    // 2 ms until it leaves, half a millisecond on its way; 1000 writes a second.
    CHECK(lost(world) == Approx(1000 * (0.002 + 0.0005)));
    CHECK(world.measurement.losses.at(0).records_one > 0);
  }
}

TEST_CASE("a synchronous standby is promoted without loss, and no other is", "[postgresql]") {
  const Lab lab(with_people(postgresql_topology(with([](PostgresSettings& s) { s.synchronous = 1; }))));
  const World one = lab.play({action(0_s, Verb::node_crash, primary)}, 1, 200_s);
  CHECK(lost(one) == 0);
  CHECK(chief(one) == 1);
  // With both gone at once the third waits, for it may lack something.
  const World both = lab.play(
      {action(0_s, Verb::process_kill, "postgresql/server-0"), action(0_s, Verb::process_kill, "postgresql/server-1")},
      1, 1000_s);
  CHECK(count(both, "postgresql.promoted") == 0);
  CHECK(outages(both, "write").at(0).second == Approx(1000));
  // Until people make it the primary all the same, with what it lacks.
  const World forced = lab.play({action(0_s, Verb::partition, "postgresql/server-0", 50_s, "postgresql/server-2"),
                                 action(50_s, Verb::process_stop, "postgresql/server-0"),
                                 action(50_s, Verb::process_stop, "postgresql/server-1")},
                                1, 5000_s);
  REQUIRE(chief(forced) == 2);
  CHECK(*first(forced, "postgresql.promoted") ==
        Approx(*first(forced, "postgresql.leader_expired") + 180 + 900 + 1800 + 1));
  CHECK(lost(forced) == Approx(1000 * 50).epsilon(0.001));
}

TEST_CASE("a standby that lags far is not promoted when its primary stops: that comes back", "[postgresql]") {
  // patroni/ha.py is_lagging against what the leader reported; delete_leader reports its shutdown checkpoint.
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.servers = 2; })));
  const World world = lab.play({action(0_s, Verb::partition, "postgresql/server-0", 600_s, "postgresql/server-1"),
                                action(300_s, Verb::process_terminate, "postgresql/server-0")},
                               1, 5000_s);
  CHECK(world.measurement.failovers == 0);
  CHECK(lost(world) == 0);
  CHECK(models::healthy(world));
}

TEST_CASE("a standby that lags far is promoted by people alone when its primary has lost its disk", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) {
    s.servers = 2;
    s.start = 2_s;
  })));
  const std::vector<Action> script{action(0_s, Verb::partition, "postgresql/server-0", 600_s, "postgresql/server-1"),
                                   action(300_s, Verb::volume_loss, "postgresql/server-0")};
  const World world = lab.play(script, 1, 60'000_s);
  CHECK(world.measurement.failovers == 1);
  CHECK(*first(world, "postgresql.promoted") == Approx(*first(world, "postgresql.promoted_by_hand") + 1));
  CHECK(*first(world, "postgresql.promoted") > 300 + 1800);
  CHECK(*first(world, "people.noticed") < *first(world, "postgresql.promoted_by_hand"));
  CHECK(lost(world) == Approx(300 * 1000).epsilon(0.01));
}

TEST_CASE("a volume that is replaced under a server which was started again is lost once", "[postgresql]") {
  for (const std::int64_t servers : {1, 2}) {
    const Lab lab(on_hosts(postgresql_topology(with([&](PostgresSettings& s) {
      s.servers = servers;
      s.start = 2_s;
      if (servers == 1) s.failover = Failover::none;
    }))));
    const std::string target = servers == 1 ? "postgresql/server-0" : "postgresql/server-1";
    const World world =
        lab.play({action(0_s, Verb::volume_loss, target), action(400'000_s, Verb::process_kill, target)}, 1, 401'000_s);
    CHECK(count(world, "people.volume_repaired") == 1);
    CHECK(models::healthy(world));
    CHECK(count(world, "postgresql.restored") == (servers == 1 ? 1U : 0U));
    CHECK(count(world, "postgresql.copy_begins") == (servers == 1 ? 0U : 1U));
    CHECK(world.measurement.losses.size() == (servers == 1 ? 1U : 0U));
  }
}

TEST_CASE("a server that is copied when another is promoted is copied from that one", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) {
    s.slots = false;
    s.start = 2_s;
  })));
  const World world = lab.play({action(0_s, Verb::process_stop, "postgresql/server-2"),
                                action(1000_s, Verb::process_continue, "postgresql/server-2"),
                                action(1050_s, Verb::process_terminate, "postgresql/server-0")},
                               1, 1500_s);
  REQUIRE(chief(world) == 1);
  CHECK(count(world, "postgresql.copy_begins") == 2);
  CHECK(models::healthy(world));
}

TEST_CASE("a base backup that takes longer than WAL is kept is one, for it brings the WAL of its end", "[postgresql]") {
  // pg_basebackup -X stream
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) {
    s.slots = false;
    s.database = 80e9;
  })));
  const World world = lab.play({action(0_s, Verb::process_stop, "postgresql/server-2"),
                                action(1000_s, Verb::process_continue, "postgresql/server-2")},
                               1, 3000_s);
  CHECK(count(world, "postgresql.copy_begins") == 1);
  CHECK(models::healthy(world));
}

TEST_CASE("Patroni drops the slot of a member that has been away for member_slots_ttl", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.database = 1e9; })));
  for (const Duration away : {1800_s, 1840_s}) {
    const World world = lab.play({action(0_s, Verb::process_stop, "postgresql/server-2"),
                                  action(away, Verb::process_continue, "postgresql/server-2")},
                                 1, 3000_s);
    CHECK(count(world, "postgresql.copy_begins") == (away == 1840_s ? 1U : 0U));
    CHECK(models::healthy(world));
  }
}

TEST_CASE("a new leader of etcd begins the leader's lease anew", "[postgresql]") {
  // etcd server/lease/lessor.go Promote
  const Lab lab(postgresql_topology());
  const World world = lab.play(
      {action(0_s, Verb::process_kill, primary), action(10_s, Verb::process_kill, "leader(etcd/members)")}, 1, 100_s);
  const double expired = *first(world, "postgresql.leader_expired");
  CHECK(expired > 10 + 30);
  CHECK(expired < 10 + 30 + 5);
}

TEST_CASE("what a server does stands still while its process does", "[postgresql]") {
  PostgresSettings settings = alone();
  settings.start = 20_s;
  const Lab lab(postgresql_topology(settings));
  const World whole = lab.play({action(0_s, Verb::process_kill, primary)}, 1, 200_s);
  const World world = lab.play({action(0_s, Verb::process_kill, primary), action(10_s, Verb::process_stop, primary),
                                action(100_s, Verb::process_continue, primary)},
                               1, 200_s);
  CHECK(*first(world, "postgresql.started") == Approx(*first(whole, "postgresql.started") + 90));
}

TEST_CASE("commits wait for a silent synchronous standby until Patroni drops it", "[postgresql]") {
  // docs/replication_modes.rst: worst case ttl; its key in etcd runs out, and then the leader's turn comes.
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) {
    s.synchronous = 1;
    s.command = 1000_s;
  })));
  const Sampled waits = sample(200, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_stop, "postgresql/server-1")}, run, 200_s);
    CHECK(lost(world) == 0);
    return downtime(world, "write");
  });
  CHECK(agrees(waits, 30 - 5 + 5));
  // One that reaches the store keeps its key: the server of the primary ends the connection.
  const Sampled cut = sample(200, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::partition, primary, 200_s, "postgresql/server-1")}, run, 150_s);
    return downtime(world, "write");
  });
  CHECK(agrees(cut, 60 + 5));
}

TEST_CASE("Patroni of a synchronous standby that is told to stop waits at most two turns", "[postgresql]") {
  // patroni/ha.py while_not_sync_standby; in strict mode the last one is not taken out.
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) {
    s.servers = 2;
    s.synchronous = 1;
    s.strict = true;
  })));
  const World world = lab.play({action(0_s, Verb::process_terminate, "postgresql/server-1")}, 1, 60_s);
  CHECK(*first(world, "postgresql.stopped", "postgresql/server-1") == Approx(2 * 10 + 1));
}

TEST_CASE("commits wait for ever without an operator, and in strict mode", "[postgresql]") {
  for (const bool strict : {true, false}) {
    const Lab lab(postgresql_topology(with([&](PostgresSettings& s) {
      s.servers = 2;
      s.synchronous = 1;
      s.strict = strict;
      s.failover = strict ? Failover::patroni : Failover::none;
    })));
    const World world = lab.play({action(0_s, Verb::process_kill, "postgresql/server-1")}, 1, 3000_s);
    CHECK(outages(world, "write").at(0).second == Approx(3000).margin(0.01));
    CHECK(downtime(world, "read") == 0);
    const World back = lab.play({action(0_s, Verb::process_kill, "postgresql/server-1")}, 1, 4000_s);
    CHECK(downtime(back, "write") > 3600);
    CHECK(downtime(back, "write") < 3700);
  }
}

TEST_CASE("with synchronous_commit local or off commits wait for no standby", "[postgresql]") {
  for (const Commit commit : {Commit::local, Commit::off}) {
    const Lab lab(postgresql_topology(with([&](PostgresSettings& s) {
      s.servers = 2;
      s.synchronous = 1;
      s.commit = commit;
      s.failover = Failover::none;
    })));
    CHECK(downtime(lab.play({action(0_s, Verb::process_kill, "postgresql/server-1")}, 1, 300_s), "write") == 0);
  }
}

TEST_CASE("a synchronous standby that is told to stop is taken out first: no commit waits", "[postgresql]") {
  // patroni/ha.py while_not_sync_standby
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.synchronous = 1; })));
  const World world = lab.play({action(0_s, Verb::process_terminate, "postgresql/server-1")}, 1, 300_s);
  CHECK(count(world, "postgresql.syncs_changed") == 1);
  CHECK(downtime(world, "write") == 0);
}

TEST_CASE("a standby that was away for A has caught up after A r / (R - r)", "[postgresql]") {
  const Duration away = 600_s;
  const Lab lab(postgresql_topology());
  const World world = lab.play({action(0_s, Verb::process_stop, "postgresql/server-1"),
                                action(away, Verb::process_continue, "postgresql/server-1")},
                               1, 1000_s);
  const double joined = *first(world, "postgresql.rejoined");
  const double lacks = 1e6 * joined;
  CHECK(*first(world, "postgresql.caught_up") - joined == Approx(lacks / (50e6 - 1e6)).epsilon(1e-3));
  CHECK(models::healthy(world));
}

TEST_CASE("a standby that is too far behind is copied anew, unless it has a slot", "[postgresql]") {
  for (const bool slots : {true, false}) {
    const Lab lab(postgresql_topology(with([&](PostgresSettings& s) { s.slots = slots; })));
    const World world = lab.play({action(0_s, Verb::process_stop, "postgresql/server-1"),
                                  action(1000_s, Verb::process_continue, "postgresql/server-1")},
                                 1, 1300_s);
    CHECK(count(world, "postgresql.copy_begins") == (slots ? 0U : 1U));
    CHECK(models::healthy(world));
    if (slots) continue;
    // 10 GB at 100 MB/s.
    CHECK(*first(world, "postgresql.rejoined") - *first(world, "postgresql.copy_begins") == Approx(100).epsilon(0.01));
  }
}

TEST_CASE("a former primary is rewound, or copied anew", "[postgresql]") {
  for (const bool rewind : {true, false}) {
    const Lab lab(postgresql_topology(with([&](PostgresSettings& s) {
      s.rewind = rewind;
      s.start = 60_s;
    })));
    const World world = lab.play({action(0_s, Verb::process_kill, primary)}, 1, 600_s);
    CHECK(world.measurement.failovers == 1);
    CHECK(count(world, "postgresql.rewound") == (rewind ? 1U : 0U));
    CHECK(count(world, "postgresql.copy_begins") == (rewind ? 0U : 1U));
    CHECK(models::healthy(world));
  }
}

alerts::RuleSpec rule_on(std::string watches, Duration hold) { return {"rule", std::move(watches), false, 0, hold}; }

TEST_CASE("who finds no standby that could be promoted sees to its machine first", "[postgresql]") {
  Topology topology = with_people(on_hosts(postgresql_topology(with([](PostgresSettings& s) {
    s.failover = Failover::none;
    s.servers = 2;
  }))));
  topology.people.on_call = 1;
  const Lab lab(topology);
  const std::vector<Action> both{action(0_s, Verb::node_loss, "postgresql/server-0"),
                                 action(1_s, Verb::node_loss, "postgresql/server-1")};
  const World world = lab.play(both, 1, 100'000_s);
  // Once in vain, and no more until the machines are there.
  CHECK(count(world, "people.done_by_hand") <= 3);
  CHECK(models::healthy(world));
}

TEST_CASE("without an operator people promote a standby once they know, are there, and have looked", "[postgresql]") {
  const Topology topology =
      with_people(postgresql_topology(with([](PostgresSettings& s) { s.failover = Failover::none; })));
  constexpr double work = 900 + 1800;
  const std::vector<Action> dark{action(0_s, Verb::zone_power_loss, "us-west-2a", 12'000_s)};
  const auto promoted = [](const World& world) {
    CHECK(world.measurement.failovers == 1);
    return *first(world, "postgresql.promoted_by_hand");
  };
  const Lab lab(topology);
  REQUIRE(first_zone(lab) == "us-west-2a");
  const World unwatched = lab.play(dark, 1, 11'000_s);
  CHECK(promoted(unwatched) == Approx(180 + work));
  CHECK(downtime(unwatched, "write") == Approx(180 + work + 1).margin(6));

  // An alert that tells: the sooner the better. One that does not is as good as none, and users complain at last.
  for (const Duration hold : {Duration(), 600_s}) {
    Topology told = topology;
    told.monitoring = alerts::MonitoringSpec{"", {rule_on("postgresql/write", hold)}};
    const Lab watched(told);
    const World world = watched.play(dark, 1, 11'000_s);
    const double at = *first(world, "alert.people_told");
    CHECK(at >= hold.to_seconds() + 30);
    CHECK(at <= hold.to_seconds() + 30 + 90);
    CHECK(promoted(world) == Approx(at + work));
  }
  Topology deaf = topology;
  deaf.monitoring = alerts::MonitoringSpec{"", {rule_on("postgresql/write", 20'000_s)}};
  const Lab unheard(deaf);
  CHECK(promoted(unheard.play(dark, 1, 11'000_s)) == Approx(7200 + work));
  Topology alone_at_work = topology;
  alone_at_work.people.on_call = {0};
  CHECK(Lab(alone_at_work).play(dark, 1, 11'000_s).measurement.failovers == 0);

  // Of a machine that is lost with its primary and the promotion, both told by one alert, the promotion comes first.
  Topology hosts = on_hosts(topology);
  hosts.monitoring = alerts::MonitoringSpec{"", {rule_on("postgresql/write", {})}};
  const Lab on_machines(hosts);
  const World lost_machine = on_machines.play({action(0_s, Verb::node_loss, primary)}, 1, 11'000_s);
  CHECK(promoted(lost_machine) == Approx(*first(lost_machine, "alert.people_told") + work));

  // A primary that is back before that goes on, and nobody has to do anything.
  const World back =
      lab.play({action(0_s, Verb::process_stop, primary), action(600_s, Verb::process_continue, primary)}, 1, 3000_s);
  CHECK(back.measurement.failovers == 0);
  CHECK(models::healthy(back));
}

TEST_CASE("without an operator a standby that has to be copied waits for people, however often it tries",
          "[postgresql]") {
  const Topology topology =
      with_people(postgresql_topology(with([](PostgresSettings& s) { s.failover = Failover::none; })));
  const Lab lab(on_hosts(topology));
  const World world = lab.play({action(0_s, Verb::volume_loss, "postgresql/server-1")}, 1, 40'000_s);
  REQUIRE(count(world, "postgresql.copy_begins") == 1);
  REQUIRE(count(world, "people.done_by_hand") == 1);
  CHECK(*first(world, "postgresql.copy_begins") >= *first(world, "people.done_by_hand"));
  CHECK(*first(world, "people.done_by_hand") > 180 + 900 + 1800);
  CHECK(models::healthy(world));
}

// ---- clients ----

TEST_CASE("a silent server is noticed by the first of the client's time-outs", "[postgresql]") {
  struct Case {
    Duration command, user;
    double seconds;
  };
  // tcp(7): TCP_USER_TIMEOUT; ip-sysctl: tcp_retries2.
  for (const Case& each : {Case{5_s, {}, 5}, Case{{}, 60_s, 60}, Case{{}, {}, 924.6}, Case{100_s, 60_s, 60}}) {
    PostgresSettings settings;
    settings.command = each.command;
    settings.user_timeout = each.user;
    const Lab lab(postgresql_topology(settings));
    REQUIRE(first_zone(lab) == "us-west-2a");
    const World world = lab.play({action(0_s, Verb::zone_power_loss, "us-west-2a", 2400_s)}, 1, 1200_s);
    // Then the next host of its list takes it, after the first was silent for connect_timeout; or none does yet.
    const double expected = std::max(each.seconds, *first(world, "postgresql.promoted"));
    CHECK(downtime(world, "write") >= expected);
    CHECK(downtime(world, "write") <= expected + 2 * 2.2);
  }
}

TEST_CASE("a client of the primary's Service follows its label", "[postgresql]") {
  const Lab lab(postgresql_topology(with([](PostgresSettings& s) { s.discovery = Discovery::label; })));
  const World world = lab.play({action(0_s, Verb::process_kill, primary)}, 1, 100_s);
  const double relabelled = *first(world, "postgresql.relabelled");
  CHECK(relabelled == Approx(*first(world, "postgresql.promoted") + 1));
  CHECK(downtime(world, "write") == Approx(relabelled).margin(0.2));
}

TEST_CASE("a volume that hangs holds commits, and no reads", "[postgresql]") {
  const Lab lab(postgresql_topology(alone()));
  const World world = lab.play({action(0_s, Verb::volume_stalled, primary, 20_s)}, 1, 100_s);
  CHECK(downtime(world, "write") == Approx(20).margin(0.2));
  CHECK(downtime(world, "read") == 0);
}

}  // namespace postgresql_test
