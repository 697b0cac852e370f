// Alerts: when they fire by their grids, when they do not, and what people make of them.
#include "models/alerts/alerts.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace alerts_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

alerts::RuleSpec on_sli(std::string name, std::string watches, Duration hold = {}) {
  return {std::move(name), std::move(watches), false, 0, hold};
}

Topology monitored(std::vector<alerts::RuleSpec> rules, std::string works_while = {}) {
  Topology topology = small_topology();
  topology.monitoring = alerts::MonitoringSpec{std::move(works_while), std::move(rules)};
  topology.people.notice_unalerted = Law::constant(2_h);
  topology.people.engage = Law::constant(1_min);
  topology.people.identify = Law::constant(1_min);
  return topology;
}

/// Two brokers of three, so that acks=all are refused.
std::vector<Action> two_brokers_for(Duration length) {
  return {action(0_s, Verb::process_stop, "kafka/broker-0"), action(0_s, Verb::process_stop, "kafka/broker-1"),
          action(length, Verb::process_continue, "kafka/broker-0"),
          action(length, Verb::process_continue, "kafka/broker-1")};
}

double seconds_since_origin(sim::Time at) { return (at - origin).to_seconds(); }

}  // namespace

TEST_CASE("an alert fires with the first evaluation after the first reading, and tells people group_wait later",
          "[alerts]") {
  const Lab lab(monitored({on_sli("write", "kafka/write"), on_sli("write-minute", "kafka/write", 1_min)}));
  for (std::uint64_t run = 0; run < 40; ++run) {
    const World world = lab.play(two_brokers_for(10_min), run, 9_min);
    const double lost = first(world, "sli.lost", "kafka/write").value_or(-1);
    REQUIRE(lost >= 0);
    const sim::Grid readings{sim::Time() + world.alerts.scrape_phase, 30_s};
    const sim::Grid evaluations{sim::Time() + world.alerts.evaluation_phase, 30_s};
    const sim::Time seen = evaluations.at_or_after(readings.at_or_after(origin + Duration::from_seconds(lost)));
    CHECK(first(world, "alert.fires", "alerts/write").value_or(-1) == Approx(seconds_since_origin(seen)).margin(1e-6));
    CHECK(first(world, "alert.people_told", "alerts/write").value_or(-1) ==
          Approx(seconds_since_origin(seen) + 30).margin(1e-6));
    CHECK(first(world, "alert.fires", "alerts/write-minute").value_or(-1) ==
          Approx(seconds_since_origin(seen) + 60).margin(1e-6));
  }
}

TEST_CASE("from a condition to the notification it takes a minute in the mean: half a period each, and the wait",
          "[alerts]") {
  // The condition begins at a time that knows nothing of the phases: U(0, 30) s to a reading, U(0, 30) s to an
  // evaluation.
  const Lab lab(monitored({on_sli("write", "kafka/write")}));
  const Sampled delay = sample(400, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play(two_brokers_for(10_min), run, 9_min);
    const auto told = first(world, "alert.people_told");
    return *told - *first(world, "sli.lost", "kafka/write");
  });
  CHECK(agrees(delay, 15 + 15 + 30));
  CHECK(delay.lowest >= 30);
  CHECK(delay.highest <= 90);
}

TEST_CASE("what is over before a reading was never seen, and what an evaluation finds over tells nobody", "[alerts]") {
  // A wait of 40 s, longer than from one evaluation to the next: an evaluation that finds it over comes before.
  Topology topology = monitored({on_sli("write", "kafka/write")});
  topology.alerting.group_wait = 40_s;
  const Lab lab(topology);
  int unseen = 0, seen = 0;
  for (std::uint64_t run = 0; run < 60; ++run) {
    const World world = lab.play(two_brokers_for(12_s), run, 4_min);
    const sim::Grid readings{sim::Time() + world.alerts.scrape_phase, 30_s};
    const sim::Grid evaluations{sim::Time() + world.alerts.evaluation_phase, 30_s};
    const auto [start, length] = outages(world, "write").at(0);
    const sim::Time from = origin + Duration::from_seconds(start);
    const sim::Time read = readings.at_or_after(from);
    const bool shown = read < from + Duration::from_seconds(length);
    // The next reading shows it over: it fires only if an evaluation comes between the two.
    const bool fires = shown && evaluations.at_or_after(read) < read + 30_s;
    CHECK(count(world, "alert.fires") == (fires ? 1 : 0));
    CHECK(count(world, "alert.people_told") == 0);
    shown ? ++seen : ++unseen;
  }
  CHECK(unseen > 15);
  CHECK(seen > 15);
}

TEST_CASE("a gap between two readings changes nothing: a rule with a hold goes on", "[alerts]") {
  const Lab lab(monitored({on_sli("write", "kafka/write", 2_min)}));
  for (std::uint64_t run = 0; run < 30; ++run) {
    // Back for some seconds after a minute.
    const std::vector<Action> script{
        action(0_s, Verb::process_stop, "kafka/broker-0"),      action(0_s, Verb::process_stop, "kafka/broker-1"),
        action(60_s, Verb::process_continue, "kafka/broker-0"), action(60_s, Verb::process_continue, "kafka/broker-1"),
        action(66_s, Verb::process_stop, "kafka/broker-0"),     action(66_s, Verb::process_stop, "kafka/broker-1")};
    const World world = lab.play(script, run, 10_min);
    const std::vector<std::pair<double, double>> out = outages(world, "write");
    REQUIRE(out.size() >= 2);
    const sim::Grid readings{sim::Time() + world.alerts.scrape_phase, 30_s};
    const sim::Time back = origin + Duration::from_seconds(out[0].first + out[0].second);
    const bool read = readings.at_or_after(back) < origin + Duration::from_seconds(out[1].first);
    if (read) continue;
    CHECK(count(world, "alert.fires") == 1);
    CHECK(first(world, "alert.fires").value_or(1e9) < 180 + 1e-6);
  }
}

TEST_CASE("monitoring that dies forgets what it was about to tell", "[alerts]") {
  const alerts::RuleSpec rule{"under-replicated", "kafka/under_replicated_partitions", false, 0, {}};
  const Lab lab(monitored({rule}, "kafka/write"));
  int died = 0;
  for (std::uint64_t run = 0; run < 30; ++run) {
    const World world = lab.play(
        {action(0_s, Verb::process_kill, "kafka/broker-0"), action(25_s, Verb::process_stop, "kafka/broker-1")}, run,
        10_min);
    const auto dead = first(world, "sli.lost", "kafka/write", 20);
    if (!dead) continue;  // it was out already
    ++died;
    const double back = first(world, "sli.restored", "kafka/write", *dead).value_or(1e9);
    CHECK(first(world, "alert.people_told", {}, *dead).value_or(1e9) >= back);
    CHECK(first(world, "alert.fires", {}, *dead).value_or(1e9) >= back);
  }
  CHECK(died > 10);
}

TEST_CASE("an alert that fires in health tells nobody anything, and nobody looks for it", "[alerts]") {
  const alerts::RuleSpec always{"always", "kafka/under_replicated_partitions", true, 1, {}};
  const Lab lab(monitored({always}));
  CHECK(alerts::firing_in_health(lab.plan()) == std::vector<std::size_t>{0});
  const World world = lab.play({action(0_s, Verb::process_kill, "kafka/broker-0")}, 1, 5_s);
  CHECK(count(world, "alert.people_told") == 0);
  CHECK_FALSE(alerts::somebody_looks(world));
}

TEST_CASE("monitoring that is away with what it watches tells nobody: people notice by themselves", "[alerts]") {
  // A volume that is lost needs a person. Under-replication is seen, unless monitoring itself needs what is out.
  const alerts::RuleSpec rule{"under-replicated", "kafka/under_replicated_partitions", false, 0, {}};
  const Lab sees(monitored({rule}));
  const std::vector<Action> script{action(0_s, Verb::volume_loss, "kafka/broker-0")};
  const World told = sees.play(script, 1, 6_h);
  const double alarm = first(told, "alert.people_told").value_or(-1);
  REQUIRE(alarm > 0);
  CHECK(first(told, "people.engaged").value_or(-1) == Approx(alarm + 60));
  REQUIRE(told.alerts.told.size() >= 1);
  CHECK(told.alerts.told.front().jobs == 1);
  CHECK(first(told, "people.noticed") == std::nullopt);

  std::vector<Action> blind_script = two_brokers_for(12_h);
  blind_script.push_back(action(1_s, Verb::volume_loss, "kafka/broker-2"));
  const Lab blind(monitored({rule}, "kafka/write"));
  const World missed = blind.play(blind_script, 1, 3_h);
  CHECK(count(missed, "alert.people_told") == 0);
  CHECK(first(missed, "people.noticed").value_or(-1) >= 7200);
}

TEST_CASE("while somebody looks at one alert, whatever else needs a person is noticed at once", "[alerts]") {
  const Lab lab(monitored({on_sli("write", "kafka/write")}));
  std::vector<Action> script = two_brokers_for(2_h);
  script.push_back(action(5_min, Verb::volume_loss, "kafka/broker-2"));
  const World world = lab.play(script, 3, 1_h);
  CHECK(first(world, "people.engaged", "kafka/broker-2").value_or(-1) == Approx(360).margin(1));
}

TEST_CASE("without monitoring nothing of it happens", "[alerts]") {
  const Lab lab(small_topology());
  const World world = lab.play(two_brokers_for(10_min), 1, 20_min);
  CHECK(count(world, "alert.fires") == 0);
  CHECK(world.alerts.rules.empty());
}

TEST_CASE("a rule that watches nothing that there is is refused", "[alerts]") {
  CHECK_THROWS_AS(build_plan(monitored({on_sli("x", "kafka/rite")}), 1), std::invalid_argument);
  CHECK_THROWS_AS(build_plan(monitored({on_sli("x", "rabbit/write")}), 1), std::invalid_argument);
  CHECK_THROWS_AS(build_plan(monitored({on_sli("x", "kafka/write")}, "kafka/nothing"), 1), std::invalid_argument);
}

}  // namespace alerts_test
