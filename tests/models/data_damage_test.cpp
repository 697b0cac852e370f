// Data that people delete or corrupt: how long clients are turned away, what is lost, and what backups are good for.
// Laws are constant, so that each figure has a closed form.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/health.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace data_damage_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double day_s = 86'400;

struct Settings {
  Duration every = 24_h;
  Duration retention = 24000_h;
  double fails = 0;
  bool tested = false;
  Duration notice = 6_h;  ///< of corruption
};

/// Copying a backup takes 100 s, the work beside it an hour; whoever deletes sees it after two minutes.
Topology design(const Settings& settings = {}) {
  Topology topology = small_topology();
  without_changes(topology);
  topology.people.notice_command = Law::constant(2_min);
  topology.people.engage = Law::constant(10_min);
  topology.people.identify_change = Law::constant(20_min);
  topology.changes.restore_work = Law::constant(60_min);
  topology.changes.corruption_notice = Law::constant(settings.notice);
  topology.changes.restore_rate = {1e8};
  topology.changes.restore_failure = settings.tested ? 0.9 : settings.fails;
  topology.changes.restore_failure_tested = settings.tested ? settings.fails : 0.9;
  topology.changes.data_history = 8760_h;
  topology.backups = {{"kafka", settings.every, settings.retention, {1e10}, settings.tested}};
  return topology;
}

const std::vector<Action> deletion{action(0_s, Verb::delete_data, "kafka", Variant::deleted)};
const std::vector<Action> corruption{action(0_s, Verb::delete_data, "kafka", Variant::corrupted)};

measurement::Loss loss_of(const World& world) {
  REQUIRE(world.measurement.losses.size() == 1);
  return world.measurement.losses.front();
}

}  // namespace

TEST_CASE("data damage: deleted data are away until a backup is restored and what was written since it is lost",
          "[data]") {
  const Lab lab(design());
  const World world = lab.play(deletion, 1, 48_h);
  const auto out = outages(world, "write");
  REQUIRE(out.size() == 1);
  CHECK(out[0].first == Approx(0).margin(1));
  // Clients find the brokers again within seconds.
  CHECK(out[0].second == Approx(120 + 3600 + 100).margin(15));
  const measurement::Loss loss = loss_of(world);
  CHECK(loss.seconds > 0);
  CHECK(loss.seconds <= day_s);
  const double writes_per_s =
      lab.plan().services[ServiceId::of(0)].kind->writes_per_s(lab.plan().spec(ServiceId::of(0)));
  CHECK(writes_per_s > 0);
  CHECK(loss.records_any == Approx(loss.seconds * writes_per_s));
  CHECK(*first(world, "people.data_restored") == Approx(120 + 3600 + 100));
  CHECK(healthy(world));
}

TEST_CASE("data damage: the loss of deleted data is uniform over the period of backups", "[data]") {
  const Lab lab(design());
  const auto lost = [&](std::uint64_t run) { return loss_of(lab.play(deletion, run, 2_h)).seconds; };
  const Sampled sampled = sample(2000, lost);
  CHECK(agrees(sampled, day_s / 2));
  CHECK(sampled.lowest < 0.05 * day_s);
  CHECK(sampled.highest > 0.95 * day_s);
  CHECK(sampled.highest <= day_s);
}

// Incident sheet, I32: of a backup that works with probability p the loss is half a period, and (1 - p) / p periods.
TEST_CASE("data damage: each backup that cannot be restored costs its copying and a period", "[data]") {
  Settings settings;
  settings.fails = 0.4;
  const Lab lab(design(settings));
  double attempts = 0;
  const auto lost = [&](std::uint64_t run) {
    const World world = lab.play(deletion, run, 6_h);
    attempts += (*first(world, "people.data_restored") - 120 - 3600) / 100;
    return loss_of(world).seconds;
  };
  constexpr std::size_t runs = 4000;
  CHECK(agrees(sample(runs, lost), day_s * (0.5 + 0.4 / 0.6)));
  // The geometric law has variance 0.4 / 0.36.
  const double n = runs;
  CHECK(attempts / n == Approx(1 / 0.6).margin(5.5 * std::sqrt(0.4 / 0.36 / n)));
  // One that somebody tests fails by a probability of its own.
  settings.tested = true;
  const Lab tested(design(settings));
  for (std::uint64_t run = 0; run < 20; ++run) CHECK(loss_of(tested.play(deletion, run, 6_h)).seconds == lost(run));
}

TEST_CASE("data damage: corrupted data are served until somebody has noticed and are lost from the backup on",
          "[data]") {
  const Lab lab(design());
  const World world = lab.play(corruption, 1, 48_h);
  const double noticed = 6 * 3600 + 600 + 1200;
  const auto out = outages(world, "write");
  REQUIRE(out.size() == 1);
  CHECK(out[0].first == Approx(noticed).margin(1));
  CHECK(out[0].second == Approx(3600 + 100).margin(15));
  CHECK(loss_of(world).seconds > noticed);
  CHECK(loss_of(world).seconds <= noticed + day_s);
}

TEST_CASE("data damage: with retention shorter than the time to notice no backup from before is left", "[data]") {
  Settings settings;
  settings.notice = 200_h;
  settings.retention = 168_h;
  const Lab lab(design(settings));
  const World world = lab.play(corruption, 1, 480_h);
  CHECK(loss_of(world).seconds == Approx(365 * day_s));
  CHECK(loss_of(world).rule.find("no usable backup") != std::string_view::npos);
  CHECK(outages(world, "write").empty());
  CHECK(healthy(world));
  settings.retention = 240_h;
  const Lab longer(design(settings));
  CHECK(loss_of(longer.play(corruption, 1, 480_h)).seconds < 10 * day_s);
}

TEST_CASE("data damage: without a backup everything is lost", "[data]") {
  Settings settings;
  settings.every = Duration();
  const Lab lab(design(settings));
  const World world = lab.play(deletion, 1, 48_h);
  CHECK(loss_of(world).seconds == Approx(365 * day_s));
  CHECK(*first(world, "people.data_restored") == Approx(120 + 3600));
  // The same of a service that the file does not name.
  Topology silent = design();
  silent.backups.clear();
  CHECK(loss_of(Lab(silent).play(deletion, 1, 48_h)).seconds == Approx(365 * day_s));
}

TEST_CASE("data damage: a server that starts while the data are away turns clients away too", "[data]") {
  const Lab lab(design());
  std::vector<Action> script = deletion;
  script.push_back(action(10_min, Verb::process_kill, "kafka/broker-2"));
  const World world = lab.play(script, 1, 48_h);
  const auto out = outages(world, "write");
  REQUIRE(out.size() == 1);
  CHECK(out[0].second == Approx(120 + 3600 + 100).margin(15));
}

TEST_CASE("data damage: nobody deletes what is gone and only what is kept can be deleted", "[data]") {
  const Lab lab(design());
  World world = lab.play(deletion, 1, 1_min);
  CHECK(act(world, deletion.front()) == 0);
  pass(world, 2_h);
  CHECK(act(world, deletion.front()) == 1);
}

TEST_CASE("data damage: sources strike only what the file says of how it is saved", "[data]") {
  const auto sources = [](const Topology& topology) {
    const Plan plan = build_plan(topology, 1);
    return std::ranges::count_if(plan.faults,
                                 [](const FaultSource& source) { return source.verb == Verb::delete_data; });
  };
  Topology topology = design();
  topology.changes.data_deletion_rate = topology.changes.data_corruption_rate = Rate::per_year(0.01);
  CHECK(sources(topology) == 2);
  topology.changes.data_corruption_rate = Rate{};
  CHECK(sources(topology) == 1);
  topology.backups.clear();
  CHECK(sources(topology) == 0);
}

TEST_CASE("data damage: what is corrupted and served can be deleted and comes back corrupted from a newer backup",
          "[data]") {
  Settings settings;
  settings.every = 24_h;
  settings.notice = 100_h;
  const Lab lab(design(settings));
  // Three days later a backup from after the corruption is the newest one.
  const std::vector<Action> both{action(0_s, Verb::delete_data, "kafka", Variant::corrupted),
                                 action(72_h, Verb::delete_data, "kafka", Variant::deleted)};
  const World world = lab.play(both, 1, 400_h);
  CHECK(count(world, "fault.delete_data") == 2);
  const auto out = outages(world, "write");
  REQUIRE(out.size() == 2);
  CHECK(out[0].first == Approx(72 * 3600).margin(1));
  CHECK(out[0].second == Approx(120 + 3600 + 100).margin(15));
  // Nobody had noticed: that begins anew when the data are back.
  const double restored = 72 * 3600 + 120 + 3600 + 100;
  CHECK(out[1].first == Approx(restored + 100 * 3600 + 600 + 1200).margin(1));
  REQUIRE(world.measurement.losses.size() == 2);
  CHECK(world.measurement.losses[0].seconds <= day_s);
  CHECK(world.measurement.losses[1].seconds > 100 * 3600);
  CHECK(healthy(world));
  // An hour later the newest backup is older than the corruption, unless one was due in between.
  const World soon = lab.play({both[0], action(3600_s, Verb::delete_data, "kafka", Variant::deleted)}, 1, 400_h);
  const bool between = soon.measurement.losses.size() == 2;
  CHECK(outages(soon, "write").size() == (between ? 2 : 1));
  CHECK(healthy(soon));
  // Data that are away already cannot be deleted or corrupted again.
  const World twice = lab.play({deletion[0], action(60_s, Verb::delete_data, "kafka", Variant::deleted)}, 1, 48_h);
  CHECK(twice.measurement.losses.size() == 1);
}

}  // namespace data_damage_test
