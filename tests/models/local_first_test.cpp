// Workers that write locally and send later: the fluid against a literal one, and what follows as closed forms.
#include <catch2/catch.hpp>
#include <deque>

#include "models/health.hpp"
#include "models/local_first/workers.hpp"
#include "models/service/backlog.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/postgresql_topology.hpp"

namespace local_first_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using local_first::Synchronous;
using service::Backlog;
using sim::Time;

struct Settings {
  std::int64_t workers = 2;
  Synchronous synchronous = Synchronous::normal;
  double rows_per_s = 20;
  std::int64_t send_rate = 50;
  Duration interval = 5_s;
  Duration limit = 60_s;
  Duration start = 1_s;
  bool volume = false;
  bool flush = false;
  bool kept = false;  ///< pods of a StatefulSet, also without volumes
  double room = 0;
};

Topology local_first_topology(const Settings& settings) {
  PostgresSettings central;
  central.servers = 1;
  central.failover = postgresql::Failover::none;
  Topology topology = postgresql_topology(central);
  ServiceSpec service;
  service.name = "workers";
  service.kind = service::find_kind("local_first");
  service.controller = settings.volume || settings.kept ? Controller::stateful_set : Controller::deployment;
  local_first::Spec spec;
  spec.upstream = "postgresql";
  spec.synchronous = settings.synchronous;
  spec.parameters = {
      settings.interval, settings.send_rate, settings.flush, Law::constant(settings.start), 1000, 2, 30_s};
  spec.rows_per_s = settings.rows_per_s;
  spec.row_size = {1000};
  spec.room = {settings.room};
  for (const auto kind : {local_first::SliKind::accept, local_first::SliKind::synced}) {
    local_first::SliSpec sli;
    sli.name = local_first::sli_kind_names[static_cast<std::size_t>(kind)];
    sli.kind = kind;
    if (kind == local_first::SliKind::synced) sli.limit = settings.limit;
    spec.slis.push_back(std::move(sli));
  }
  service.own = sim::Value::of(std::move(spec));
  PoolSpec pool = topology.services[0].pools[0];
  pool.name = "worker";
  pool.roles = role_bit(0);
  pool.replicas = settings.workers;
  if (!settings.volume) pool.storage = {};
  service.pools = {pool};
  topology.services.insert(topology.services.begin(), service);
  return topology;
}

/// The machine of a worker.
std::string machine_of(const Lab& lab, std::size_t worker) {
  const Plan& plan = lab.plan();
  const ProcessId process = plan.services[ServiceId::of(0)].members[worker];
  return std::string(plan.name(plan.nodes[plan.processes[process].node].component));
}

double lost(const World& world) {
  double rows = 0;
  for (const measurement::Loss& loss : world.measurement.losses) {
    if (loss.service == ServiceId::of(0)) rows += loss.records_one;
  }
  return rows;
}

constexpr const char* central = "postgresql/server-0";
std::vector<Action> away_for(Duration length) {
  return {action(0_s, Verb::process_stop, central), action(length, Verb::process_continue, central)};
}

}  // namespace

TEST_CASE("an outbox is what came, less what left, in the order in which it came", "[local_first]") {
  // Literal twin: small parcels of rows, each with the time at which it came.
  for (std::uint64_t number = 0; number < 50; ++number) {
    Dice dice(number);
    Backlog outbox;
    std::deque<std::pair<double, double>> parcels;  // (came at, rows)
    const double step = 0.01;
    double now = 0;
    double coming = 0, leaving = 0;
    for (int change = 0; change < 12; ++change) {
      coming = dice.below(3) == 0 ? 0 : 1 + 20 * dice.uniform();
      leaving = dice.below(2) == 0 ? 0 : 1 + 40 * dice.uniform();
      outbox.set_coming(coming);
      outbox.set_leaving(leaving);
      if (dice.below(5) == 0) {
        double rest = 5 * dice.uniform();
        CHECK(outbox.lose(rest) <= rest);
        while (rest > 0 && !parcels.empty()) {
          const double part = std::min(rest, parcels.back().second);
          parcels.back().second -= part;
          rest -= part;
          if (parcels.back().second <= 0) parcels.pop_back();
        }
      }
      const int steps = 1 + static_cast<int>(dice.below(1500));
      for (int i = 0; i < steps; ++i) {
        now += step;
        if (coming > 0) parcels.emplace_back(now - step, coming * step);
        double sends = leaving * step;
        while (sends > 0 && !parcels.empty()) {
          const double part = std::min(sends, parcels.front().second);
          parcels.front().second -= part;
          sends -= part;
          if (parcels.front().second <= 1e-12) parcels.pop_front();
        }
      }
      outbox.go_to(Time::zero() + Duration::from_seconds(now));
      double rows = 0;
      for (const auto& parcel : parcels) rows += parcel.second;
      INFO("schedule " << number << " change " << change);
      CHECK(outbox.rows() == Approx(rows).margin(1));
      const double oldest = parcels.empty() ? now : parcels.front().first;
      if (rows > 2) CHECK(outbox.oldest().to_seconds() == Approx(oldest).margin(0.8));
    }
  }
}

TEST_CASE("an outbox tells when it is empty, full, old and young again", "[local_first]") {
  const auto at = [](double seconds) { return Time::zero() + Duration::from_seconds(seconds); };
  Backlog outbox;
  outbox.set_coming(10);
  outbox.go_to(at(1));
  CHECK(outbox.too_old_at(60_s).to_seconds() == Approx(60));
  CHECK(outbox.holds_at(500).to_seconds() == Approx(50));
  CHECK(outbox.empty_at() == Time::never());
  outbox.go_to(at(100));
  CHECK(outbox.rows() == Approx(1000));
  CHECK(outbox.too_old_at(60_s) == at(100));
  CHECK(outbox.young_at(60_s) == Time::never());
  // From 100 s on 50 rows/s leave: 1000 / 40 s. The oldest row is of 5 (t - 100) then: no older than 60 s from 110 s
  // on.
  outbox.set_leaving(50);
  CHECK(outbox.empty_at().to_seconds() == Approx(125));
  CHECK(outbox.young_at(60_s).to_seconds() == Approx(110));
  CHECK(outbox.too_old_at(100_s) == Time::never());
  // Slower than they came: 4 rows/s. The oldest is of 0.4 (t - 100): 120 s old at 133.33 s.
  outbox.set_leaving(4);
  CHECK(outbox.too_old_at(120_s).to_seconds() == Approx(100 + 20 / 0.6));
}

TEST_CASE("a backlog of w D is gone w D / (m - w) after the next turn", "[local_first]") {
  const Duration length = 600_s;
  const Lab lab(local_first_topology({}));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play(away_for(length), run, 1000_s);
    const double resumed = *first(world, "local_first.sync_resumes");
    CHECK(resumed >= 600);
    CHECK(resumed <= 605.2);
    // What its last turn had sent is not in it: w = 10 rows/s a worker, m = 50.
    const World before = lab.play(away_for(length), run, Duration::from_seconds(resumed - 0.001));
    const double gathered = local_first::unsent(local_first::view(before, ServiceId::of(0)), 0) +
                            local_first::unsent(local_first::view(before, ServiceId::of(0)), 1);
    CHECK(gathered >= 20 * 600);
    CHECK(gathered <= 20 * 610.2);
    const World all = lab.play(away_for(length), run, 1000_s);
    for (const char* worker : {"workers/worker-0", "workers/worker-1"}) {
      const double from = *first(all, "local_first.sync_resumes", worker);
      const double drained = *first(all, "local_first.backlog_drained", worker);
      // It began with its last turn before the outage.
      const double since = from - 5 * std::ceil(from / 5);
      CHECK(drained - from == Approx(10 * (from - since) / 40).margin(10 * 5.0 / 40));
    }
    CHECK(lost(world) == 0);
    CHECK(models::healthy(world));
    // Work went on all the time; rows were older than a minute from then on until nearly all was sent.
    CHECK(downtime(world, "accept") == 0);
    CHECK(outages(world, "synced").at(0).first == Approx(60 - 2.5).margin(2.6));
  }
}

TEST_CASE("an outage between two turns is not noticed", "[local_first]") {
  Settings settings;
  settings.interval = 100_s;
  settings.limit = 200_s;
  const Lab lab(local_first_topology(settings));
  const Sampled noticed = sample(300, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play(away_for(40_s), run, 400_s);
    CHECK(models::healthy(world));
    return first(world, "local_first.sync_resumes", "workers/worker-0") ? 1.0 : 0.0;
  });
  // A turn within 40 of 100 s.
  CHECK(std::abs(noticed.mean - 0.4) < 5.5 * noticed.error);
}

TEST_CASE("a worker whose directory goes with its pod takes what came since its last turn", "[local_first]") {
  Settings settings;
  settings.workers = 1;
  const Lab lab(local_first_topology(settings));
  const Sampled rows = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    return lost(lab.play({action(0_s, Verb::delete_pod, "workers/worker-0")}, run, 200_s));
  });
  // w s / 2 at 20 rows/s and turns of 5 s.
  CHECK(agrees(rows, 20 * 5.0 / 2));
  CHECK(rows.highest <= 20 * 5);
}

TEST_CASE("at the end of an outage of D it takes w (D + s / 2)", "[local_first]") {
  Settings settings;
  settings.workers = 1;
  settings.rows_per_s = 10;
  const Lab lab(local_first_topology(settings));
  const Sampled rows = sample(100, [&](std::uint64_t run) -> std::optional<double> {
    std::vector<Action> script = away_for(601_s);
    script.insert(script.begin() + 1, action(600_s, Verb::delete_pod, "workers/worker-0"));
    return lost(lab.play(script, run, 900_s));
  });
  CHECK(agrees(rows, 10 * (600 + 2.5)));
  CHECK(std::abs(rows.mean - 6025) < 5.5 * rows.error);
}

TEST_CASE("a process that ends loses nothing, nor does a pod with a volume", "[local_first]") {
  for (const bool volume : {false, true}) {
    Settings settings;
    settings.volume = volume;
    const Lab lab(local_first_topology(settings));
    std::vector<Action> script = away_for(100_s);
    script.insert(script.begin() + 1, action(50_s, Verb::process_kill, "workers/worker-0"));
    if (volume) script.insert(script.begin() + 2, action(60_s, Verb::delete_pod, "workers/worker-1"));
    const World world = lab.play(script, 1, 2000_s);
    CHECK(lost(world) == 0);
    CHECK(models::healthy(world));
  }
}

TEST_CASE("a power loss takes commits since SQLite's last checkpoint, unless each is durable", "[local_first]") {
  // 1000 pages at two a row are 500 rows: 12.5 s of 40 a second, of which the kernel writes nothing back earlier. At 5 a
  // second they are 100 s, and what is lost is what came since the last of three turns of 30 s.
  struct Case {
    Synchronous synchronous;
    double rows_per_s;
    double rows;
  };
  for (const Case& its : {Case{Synchronous::normal, 40, 500.0 / 2}, Case{Synchronous::full, 40, 0},
                          Case{Synchronous::normal, 5, (0.9 * 15 + 0.1 * 5) * 5}}) {
    Settings settings;
    settings.volume = true;
    settings.workers = 1;
    settings.synchronous = its.synchronous;
    settings.rows_per_s = its.rows_per_s;
    const Lab lab(local_first_topology(settings));
    const Sampled rows = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
      std::vector<Action> script = away_for(100_s);
      script.insert(script.begin() + 1, action(60_s, Verb::node_crash, "workers/worker-0", 120_s));
      return lost(lab.play(script, run, 200_s));
    });
    if (its.rows == 0)
      CHECK(rows.highest == 0);
    else
      CHECK(agrees(rows, its.rows));
  }
}

TEST_CASE("a file that is full takes no more work, until it is sent", "[local_first]") {
  Settings settings;
  settings.workers = 1;
  settings.rows_per_s = 10;
  settings.room = 2e6;  // 2000 rows
  const Lab lab(local_first_topology(settings));
  const World world = lab.play(away_for(600_s), 1, 1000_s);
  const auto full = outages(world, "accept");
  REQUIRE(full.size() == 1);
  CHECK(full[0].first == Approx(200 - 2.5).margin(2.6));
  CHECK(full[0].first + full[0].second == Approx(*first(world, "local_first.sync_resumes")));
  CHECK(models::healthy(world));
}

TEST_CASE("a file that is lost is not full", "[local_first]") {
  Settings settings;
  settings.workers = 1;
  settings.rows_per_s = 10;
  settings.room = 2e6;
  const Lab lab(local_first_topology(settings));
  std::vector<Action> script = away_for(550_s);
  script.insert(script.begin() + 1, action(400_s, Verb::delete_pod, "workers/worker-0"));
  const World world = lab.play(script, 1, 1000_s);
  const auto full = outages(world, "accept");
  REQUIRE(full.size() == 1);
  CHECK(full[0].first + full[0].second < 400 + 60);
  CHECK(models::healthy(world));
}

TEST_CASE("a service that is away for an instant while workers drain takes no backlog with it", "[local_first]") {
  const Lab lab(local_first_topology({}));
  std::vector<Action> script = away_for(600_s);
  script.push_back(action(640'100_ms, Verb::process_stop, central));
  script.push_back(action(640'200_ms, Verb::process_continue, central));
  const World world = lab.play(script, 1, 1000_s);
  // w D / (m - w) from 600 s on.
  CHECK(*first(world, "local_first.backlog_drained") > 600 + 6000 / 40 - 1);
  CHECK(models::healthy(world));
}

TEST_CASE("a worker that does not flush ends at once, also while it drains", "[local_first]") {
  for (const bool flush : {false, true}) {
    Settings settings;
    settings.flush = flush;
    settings.kept = true;
    const Lab lab(local_first_topology(settings));
    std::vector<Action> script = away_for(600_s);
    script.push_back(action(630_s, Verb::process_terminate, "workers/worker-0"));
    const World world = lab.play(script, 1, 800_s);
    CHECK((*first(world, "local_first.started", "workers/worker-0", 630) < 640) == !flush);
  }
}

TEST_CASE("a volume that is replaced under a worker which was started again is lost once", "[local_first]") {
  Settings settings;
  settings.volume = true;
  const Lab lab(on_hosts(local_first_topology(settings)));
  const std::vector<Action> script{action(0_s, Verb::volume_loss, "workers/worker-0"),
                                   action(400'000_s, Verb::process_kill, "workers/worker-0")};
  const World before = lab.play(script, 1, 399'999_s);
  CHECK(count(before, "people.volume_repaired") == 1);
  CHECK(lost(before) > 0);
  CHECK(lost(lab.play(script, 1, 401'000_s)) == lost(before));
}

TEST_CASE("workers that take work share all of it", "[local_first]") {
  const Lab lab(local_first_topology({}));
  std::vector<Action> script{action(0_s, Verb::process_stop, central),
                             action(10_s, Verb::process_stop, "workers/worker-0")};
  const World world = lab.play(script, 1, 110_s);
  const local_first::Context c = local_first::view(world, ServiceId::of(0));
  CHECK(local_first::unsent(c, 0) + local_first::unsent(c, 1) == Approx(20 * 110).margin(20 * 5));
  CHECK(local_first::unsent(c, 1) > 20 * 100);
  CHECK(downtime(world, "accept") == 0);
}

TEST_CASE("a worker that flushes when it is told to end takes nothing with it", "[local_first]") {
  for (const bool flush : {false, true}) {
    Settings settings;
    settings.workers = 1;
    settings.flush = flush;
    settings.kept = true;
    const Lab lab(local_first_topology(settings));
    const World world = lab.play({action(1_s, Verb::drain, machine_of(lab, 0), Variant::launch_first)}, 2, 900_s);
    CHECK((lost(world) > 0) == !flush);
  }
}

TEST_CASE("every parameter of local-first workers changes what happens", "[local_first]") {
  const auto rows = local_first::Parameters::table();
  const auto fingerprint = [&](std::size_t only) {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
    for (const bool volume : {false, true}) {
      Settings settings;
      settings.volume = volume;
      Topology topology = local_first_topology(settings);
      auto& parameters = topology.services[0].own.as<local_first::Spec>().parameters;
      if (only < rows.size()) {
        std::visit(
            [&](auto field) {
              using T = std::decay_t<decltype(parameters.*field)>;
              if constexpr (std::is_same_v<T, bool>) parameters.*field = !(parameters.*field);
              if constexpr (std::is_same_v<T, Duration>) parameters.*field = parameters.*field / 10;
              if constexpr (std::is_same_v<T, Law>) parameters.*field = (parameters.*field).times(2);
              if constexpr (std::is_same_v<T, Count>) parameters.*field /= 2;
              if constexpr (std::is_same_v<T, Ratio>) parameters.*field *= 2;
            },
            rows[only].field);
        parameters.send_rate = std::max<Count>(parameters.send_rate, 21);
      }
      const Lab lab(std::move(topology));
      std::vector<Action> script{action(0_s, Verb::process_stop, central),
                                 action(60_s, volume ? Verb::node_crash : Verb::process_kill, "workers/worker-0"),
                                 action(100_s, Verb::process_continue, central),
                                 action(400_s, Verb::delete_pod, "workers/worker-1"),
                                 action(1001_s, Verb::drain, machine_of(lab, 0), Variant::launch_first)};
      const World world = lab.play(script, 1, 2000_s);
      for (const sim::TraceRecord& record : world.trace.records()) {
        mix(static_cast<std::uint64_t>(record.at.count()));
        mix(record.kind);
      }
      for (const measurement::Loss& loss : world.measurement.losses)
        mix(static_cast<std::uint64_t>(loss.records_one * 1000));
    }
    return hash;
  };
  const std::uint64_t usual = fingerprint(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].key);
    CHECK(fingerprint(i) != usual);
  }
}

}  // namespace local_first_test
