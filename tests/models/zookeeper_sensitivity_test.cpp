// No parameter of ZooKeeper is decoration: changing any one of them changes what happens in some play.
#include <catch2/catch.hpp>

#include "models/zookeeper/plan.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/zookeeper_topology.hpp"

namespace zookeeper_sensitivity_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

struct Play {
  ZooKeeperSettings settings;
  std::vector<Action> script;
  Duration length;
};

Play play(const std::function<void(ZooKeeperSettings&)>& change, std::vector<Action> script, Duration length) {
  ZooKeeperSettings settings;
  settings.parameters = zookeeper_parameters();
  settings.parameters.fsync = Law::constant(2_ms);
  settings.parameters.close = Law::uniform(5_ms, 40_ms);
  add_costs(settings.parameters);
  change(settings);
  return {settings, std::move(script), length};
}

std::vector<Play> plays() {
  const std::string leader = "leader(zookeeper/servers)";
  const auto kill = [&](Duration at, std::string target) { return action(at, Verb::process_kill, std::move(target)); };
  const auto stop = [&](Duration at, std::string target) { return action(at, Verb::process_stop, std::move(target)); };
  std::vector<Play> all;
  // An election, a client that reconnects, a server that starts again and is sent what it lacks.
  all.push_back(play([](ZooKeeperSettings& s) { s.writes_per_s = 400; }, {kill(0_s, leader)}, 30_s));
  // The same with so much written meanwhile that memory, or the log beside a snapshot, just suffices, or not.
  for (const double rate : {150.0, 250.0, 350.0}) {
    for (const double database : {1e5, 2e6}) {
      all.push_back(play(
          [&](ZooKeeperSettings& s) {
            s.writes_per_s = rate;
            s.database = database;
          },
          {kill(0_s, leader)}, 30_s));
    }
  }
  // SIGTERM.
  all.push_back(play([](ZooKeeperSettings&) {}, {action(0_s, Verb::process_terminate, leader)}, 30_s));
  // Silence; votes that are told again and again while nobody answers.
  all.push_back(play([](ZooKeeperSettings&) {}, {stop(0_s, leader)}, 60_s));
  all.push_back(play([](ZooKeeperSettings&) {},
                     {stop(0_s, leader), stop(0_s, "follower(zookeeper/servers)"),
                      action(130_s, Verb::process_continue, "all(zookeeper/servers)")},
                     200_s));
  // A leader that nobody can connect to: it stands still when it has been elected.
  for (const Duration at : {220_ms, 260_ms, 420_ms, 460_ms})
    all.push_back(play([](ZooKeeperSettings& s) { s.parameters.start = Law::constant(600_s); },
                       {kill(0_s, leader), stop(at, "zookeeper/server-2"), stop(at, "zookeeper/server-1"),
                        action(at + 60_s, Verb::process_continue, "all(zookeeper/servers)")},
                       120_s));
  all.push_back(play(
      [](ZooKeeperSettings& s) {
        s.parameters.start = Law::constant(600_s);
        s.parameters.leader_setup = Law::constant(550_ms);
      },
      {kill(0_s, leader)}, 30_s));
  // A client that no server answers; sessions that end; requests asked for beyond what is granted.
  for (const Duration session : {1_s, 10_s, 60_s}) {
    all.push_back(play([&](ZooKeeperSettings& s) { s.session = session; },
                       {action(0_s, Verb::partition, "all(zookeeper/servers)", 100_s, "region")}, 300_s));
  }
  return all;
}

void scale(Duration& value, double by) { value = value == Duration() ? 7_s : sim::scaled(value, by); }
void scale(Law& value, double by) { value = value.times(by); }
void scale(Count& value, double by) {
  value = value == 0 ? 1 : std::max<Count>(static_cast<Count>(static_cast<double>(value) * by), 1);
}
void scale(Bandwidth& value, double by) { value.bytes_per_s *= by; }
void scale(Ratio& value, double by) { value = value == 0 ? by : value * by; }
void scale(Rate& value, double by) { value.per_hour *= by; }
void scale(Bytes& value, double by) { value.count *= by; }
void scale(Money& value, double by) { value.usd *= by; }
void scale(bool& value, double) { value = !value; }

/// A hash of what happens in all plays with parameter `only` of the group that `group_of` finds scaled.
template <class Group, class Of>
std::uint64_t fingerprint(const Of& group_of, std::size_t only, double by) {
  std::uint64_t hash = 1469598103934665603ULL;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
  for (const Play& its : plays()) {
    Topology topology = zookeeper_topology(its.settings);
    Group& group = group_of(topology.services[0].own.as<zookeeper::Spec>());
    const auto rows = Group::table();
    if (only < rows.size()) std::visit([&](auto field) { scale(group.*field, by); }, rows[only].field);
    const Lab lab(std::move(topology));
    const World world = lab.play(its.script, 1, its.length);
    for (const sim::TraceRecord& record : world.trace.records()) {
      mix(static_cast<std::uint64_t>(record.at.count()));
      mix(record.kind);
      mix(record.component);
    }
  }
  return hash;
}

template <class Group, class Of>
void check_all(const Of& group_of) {
  const auto rows = Group::table();
  const std::uint64_t usual = fingerprint<Group>(group_of, rows.size(), 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    bool moves = false;
    for (const double by : {2.0, 0.5, 0.01}) moves = moves || fingerprint<Group>(group_of, i, by) != usual;
    INFO(rows[i].key);
    CHECK(moves);
  }
}

}  // namespace

TEST_CASE("every parameter of ZooKeeper changes what happens", "[zookeeper]") {
  check_all<zookeeper::Parameters>([](zookeeper::Spec& spec) -> zookeeper::Parameters& { return spec.parameters; });
}

TEST_CASE("every parameter of ZooKeeper's clients changes what happens", "[zookeeper]") {
  check_all<zookeeper::ClientParameters>(
      [](zookeeper::Spec& spec) -> zookeeper::ClientParameters& { return spec.clients[0].parameters; });
}

}  // namespace zookeeper_sensitivity_test
