// No parameter of PostgreSQL is decoration: changing any one of them changes what happens in some play.
#include <catch2/catch.hpp>

#include "models/postgresql/plan.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/postgresql_topology.hpp"

namespace postgresql_sensitivity_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

struct Play {
  PostgresSettings settings;
  std::vector<Action> script;
  Duration length;
};

PostgresSettings with(const std::function<void(PostgresSettings&)>& change) {
  PostgresSettings settings;
  settings.start = 2_s;
  settings.hot_set = 2e9;  // of it most, but not all, is written within an interval
  change(settings);
  return settings;
}

std::vector<Play> plays() {
  const std::string primary = "leader(postgresql)";
  const auto kill = [&](Duration at, std::string target) { return action(at, Verb::process_kill, std::move(target)); };
  const auto stop = [&](Duration at, std::string target) { return action(at, Verb::process_stop, std::move(target)); };
  const auto go = [&](Duration at, std::string target) {
    return action(at, Verb::process_continue, std::move(target));
  };
  std::vector<Play> all;
  const auto alone = [&](const std::function<void(PostgresSettings&)>& change) {
    return with([&](PostgresSettings& s) {
      s.servers = 1;
      s.failover = postgresql::Failover::none;
      change(s);
    });
  };
  // Recovery, stops, losses of one server.
  all.push_back({alone([](PostgresSettings&) {}), {kill(0_s, primary)}, 200_s});
  all.push_back({alone([](PostgresSettings& s) { s.commit = postgresql::Commit::off; }), {kill(0_s, primary)}, 200_s});
  all.push_back({alone([](PostgresSettings&) {}), {action(0_s, Verb::process_terminate, primary)}, 100_s});
  all.push_back(
      {alone([](PostgresSettings& s) { s.archive = 300_s; }), {action(0_s, Verb::volume_loss, primary)}, 200'000_s});
  all.push_back({alone([](PostgresSettings&) {}), {action(0_s, Verb::volume_loss, primary)}, 200'000_s});
  // Fail-over, return of the old primary; by label.
  all.push_back({with([](PostgresSettings& s) {
                   s.start = 60_s;
                   s.discovery = postgresql::Discovery::label;
                 }),
                 {kill(0_s, primary)},
                 300_s});
  all.push_back(
      {with([](PostgresSettings& s) { s.start = 60_s; }), {action(0_s, Verb::node_crash, primary, 300_s)}, 600_s});
  all.push_back({with([](PostgresSettings& s) { s.failover = postgresql::Failover::none; }),
                 {action(0_s, Verb::zone_power_loss, "us-west-2a", 30'000_s)},
                 30'000_s});
  // Standbys that are silent, or behind.
  for (const bool slots : {true, false}) {
    all.push_back({with([&](PostgresSettings& s) { s.slots = slots; }),
                   {action(0_s, Verb::partition, primary, 1000_s, "postgresql/server-1")},
                   1500_s});
  }
  all.push_back({with([](PostgresSettings& s) {
                   s.synchronous = 1;
                   s.etcd = false;
                 }),
                 {stop(0_s, "postgresql/server-1"), go(200_s, "postgresql/server-1")},
                 400_s});
  all.push_back({with([](PostgresSettings& s) {
                   s.servers = 2;
                   s.synchronous = 1;
                 }),
                 {kill(0_s, "postgresql/server-1")},
                 100_s});
  // One whose slot is dropped.
  all.push_back(
      {with([](PostgresSettings&) {}), {stop(0_s, "postgresql/server-1"), go(2500_s, "postgresql/server-1")}, 2700_s});
  // A standby that lags when its primary dies.
  all.push_back(
      {with([](PostgresSettings& s) {
         s.servers = 2;
         s.start = 3600_s;
       }),
       {action(0_s, Verb::partition, "postgresql/server-0", 300_s, "postgresql/server-1"), kill(0_s + 600_ms, primary)},
       300_s});
  // The store is away; a long recovery.
  all.push_back(
      {with([](PostgresSettings&) {}), {stop(0_s, "all(etcd/members)"), go(60_s, "all(etcd/members)")}, 300_s});
  all.push_back({with([](PostgresSettings&) {}), {kill(0_s, primary)}, 300_s});
  return all;
}

std::uint64_t fingerprint(const std::function<void(postgresql::Spec&)>& change) {
  std::uint64_t hash = 1469598103934665603ULL;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
  std::size_t number = 0;
  for (const Play& play : plays()) {
    Topology topology = postgresql_topology(play.settings);
    auto& spec = topology.services[0].own.as<postgresql::Spec>();
    // The last: a recovery that takes longer than a leader may.
    if (++number == plays().size()) {
      spec.parameters.replay_rate = {2e6};
      spec.parameters.primary_start_timeout = 30_s;
    }
    change(spec);
    const Lab lab(std::move(topology));
    const World world = lab.play(play.script, 1, play.length);
    for (const sim::TraceRecord& record : world.trace.records()) {
      mix(static_cast<std::uint64_t>(record.at.count()));
      mix(record.kind);
      mix(record.component);
    }
    for (const measurement::Loss& loss : world.measurement.losses)
      mix(static_cast<std::uint64_t>((loss.records_one + loss.records_all) * 1000));
  }
  return hash;
}

void scale(Duration& value, double by) { value = value == Duration() ? Duration::seconds(1) : sim::scaled(value, by); }
void scale(Law& value, double by) {
  value = value.quantile(0.5) == Duration() ? Law::constant(Duration::milliseconds(60)) : value.times(by);
}
void scale(Count& value, double by) { value = by > 1 ? value + 1 : std::max<Count>(value - 1, 0); }
void scale(bool& value, double) { value = !value; }
void scale(Bytes& value, double by) {
  value.count = value.count == 0 ? (by > 1 ? 1e11 : 1e6) : value.count * (by > 1 ? 10'000 : 0.0001);
}
void scale(Bandwidth& value, double by) { value.bytes_per_s *= by; }
void scale(Ratio& value, double by) { value *= by; }
void scale(Rate& value, double by) { value.per_hour *= by; }
void scale(Money& value, double by) { value.usd *= by; }

}  // namespace

TEST_CASE("every parameter of PostgreSQL changes what happens", "[postgresql]") {
  const std::uint64_t usual = fingerprint([](postgresql::Spec&) {});
  for (const Parameter<postgresql::Parameters>& row : postgresql::Parameters::table()) {
    bool moves = false;
    for (const double by : {0.5, 2.0}) {
      if (moves) break;
      moves = fingerprint([&](postgresql::Spec& spec) {
                std::visit([&](auto field) { scale(spec.parameters.*field, by); }, row.field);
              }) != usual;
    }
    INFO(row.key);
    CHECK(moves);
  }
}

TEST_CASE("every parameter of PostgreSQL's clients changes what they see", "[postgresql]") {
  const auto seen = [&](const Parameter<postgresql::ClientParameters>* row, bool patient) {
    PostgresSettings settings;
    if (patient) settings.command = {};
    Topology topology = postgresql_topology(settings);
    auto& spec = topology.services[0].own.as<postgresql::Spec>();
    if (row != nullptr) std::visit([&](auto field) { scale(spec.clients[0].parameters.*field, 3); }, row->field);
    const Lab lab(std::move(topology));
    const World world = lab.play({action(0_s, Verb::zone_isolation, "us-west-2a", 2000_s)}, 1, 4000_s);
    return downtime(world, "write");
  };
  for (const Parameter<postgresql::ClientParameters>& row : postgresql::ClientParameters::table()) {
    INFO(row.key);
    const bool moves = seen(&row, false) != seen(nullptr, false) || seen(&row, true) != seen(nullptr, true);
    CHECK(moves);
  }
}

}  // namespace postgresql_sensitivity_test
