// Racing: who is eliminated and why, against designs whose figures are known in closed form, and against brute force.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/sweep/sweep.hpp"
#include "experiments/sweep/sweep_output.hpp"

namespace sweep_race_test {

using namespace nines;
using namespace nines::experiments;

namespace {

namespace fs = std::filesystem;

struct Scratch {
  fs::path path = fs::temp_directory_path() / ("nines-race-test-" + std::to_string(::getpid()));
  Scratch() { fs::create_directories(path); }
  ~Scratch() { fs::remove_all(path); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path / (name + ".sqlite")).string(); }
};

/// One unit: 8760 / (mean life + mean repair) outages a year, of the mean length of a repair.
struct Unit {
  double life_h;
  double repair_h;
  [[nodiscard]] double outages() const { return 8760 / (life_h + repair_h); }
};
const std::vector<Unit> units{{500, 1}, {480, 2},  {480, 4},  {1000, 2}, {960, 4},
                              {960, 8}, {1950, 4}, {1900, 8}, {4000, 8}, {2000, 3}};
/// Fewer outages or shorter ones than any other.
const std::set<std::size_t> true_front{0, 3, 8, 9};

std::string unit_sweep(const std::string& more) {
  std::string levels;
  for (std::size_t i = 0; i < units.size(); ++i) {
    levels += (i > 0 ? ", " : "") + std::string("{\"label\": \"") + std::to_string(i) +
              "\", \"set\": {\"/components/0/failure/mean\": \"" + std::to_string(units[i].life_h) +
              " h\", \"/components/0/repair/mean\": \"" + std::to_string(units[i].repair_h) + " h\"}}";
  }
  return R"({"schema": "nines/sweep/1", "name": "units", "title": "units", "topology": "single-unit",
    "parameters": [{"name": "unit", "values": [)" +
         levels + R"(]}],
    "objectives": [{"figure": "outages_per_year", "sli": "system/works"}, {"figure": "mean_outage_s", "sli": "system/works"}])" +
         more + "}";
}

struct Played {
  std::map<std::size_t, Decision> decisions;
  std::map<std::size_t, Standing> standings;
  std::map<std::pair<std::size_t, int>, PointResult> results;
  bool complete = false;
};

Played play(const loader::Sweep& sweep, const std::string& path, std::uint64_t seed, bool racing) {
  SweepOptions options;
  options.common.seed = seed;
  options.common.threads = 2;
  options.racing = racing;
  const SweepRunner runner(sweep, options);
  SweepStore store(path, sweep, runner.identity(), runner.points());
  runner.plan_blocks(store);
  for (Work work = runner.advance(store); !work.complete(); work = runner.advance(store)) runner.play(store, work);
  return {store.decisions(), store.standings(), store.results(), store.get("complete").has_value()};
}

std::set<std::size_t> out_of(const Played& played) {
  std::set<std::size_t> out;
  for (const auto& [point, decision] : played.decisions) {
    if (decision.fate == Fate::misses || decision.fate == Fate::beaten) out.insert(point);
  }
  return out;
}

std::set<std::size_t> front_of(const Played& played) {
  std::set<std::size_t> front;
  for (const auto& [point, standing] : played.standings) {
    if (standing == Standing::front || standing == Standing::winner) front.insert(point);
  }
  return front;
}

/// A figure whose batches are `value` with a scatter that differs from design to design.
FigureResult figure(double value, double scatter, int phase) {
  FigureResult result;
  constexpr int batches = 16;
  for (int i = 0; i < batches; ++i) {
    const double sign = ((i >> phase) & 1) == 0 ? 1 : -1;
    result.batches.push_back({1, value + sign * scatter, 1});
  }
  const sim::Estimate found = sim::ratio_estimate(result.batches);
  result.value = found.value;
  result.ci95 = found.ci95;
  return result;
}

loader::Sweep two_objectives() {
  loader::Sweep sweep;
  sweep.figures = {{loader::FigureKind::cost_usd_per_month, "", ""},
                   {loader::FigureKind::unavailability, "a/b", ""},
                   {loader::FigureKind::outages_per_year, "a/b", ""}};
  sweep.objectives = {{0, 0.005}, {1, 0.01}};
  return sweep;
}

PointResult result(std::size_t point, double cost, double unavailability, double scatter, double outages = 1) {
  PointResult made;
  made.point = point;
  made.rung = 2;  // before that nothing counts as known
  made.figures = {figure(cost, 0, 0), figure(unavailability, scatter, static_cast<int>(point % 4)),
                  figure(outages, 0, 0)};
  return made;
}

std::vector<Decision> decided(const loader::Sweep& sweep, const std::vector<PointResult>& results, bool last = false) {
  std::vector<Contender> contenders;
  for (const PointResult& each : results) contenders.push_back({each.point, {&each}});
  return decide(sweep, results.size(), 2, last, contenders, true);
}

}  // namespace

TEST_CASE("race: dearer and worse is eliminated, with what it is worse by", "[sweep]") {
  const auto decisions = decided(two_objectives(), {result(0, 100, 1e-4, 1e-6), result(1, 120, 2e-4, 1e-6)});
  CHECK(decisions[0].fate == Fate::precise);
  REQUIRE(decisions[1].fate == Fate::beaten);
  CHECK(decisions[1].by == std::size_t{0});
  CHECK(decisions[1].value == Approx(decisions[1].figure == 0 ? 20 : 1e-4));
  CHECK(decisions[1].bound > 0);
  CHECK(decisions[1].bound <= decisions[1].value);
}

TEST_CASE("race: better in one objective and worse in another stays", "[sweep]") {
  const auto decisions = decided(two_objectives(), {result(0, 100, 2e-4, 1e-6), result(1, 120, 1e-4, 1e-6)});
  CHECK(decisions[0].fate == Fate::precise);
  CHECK(decisions[1].fate == Fate::precise);
}

TEST_CASE("race: what noise may explain decides nothing", "[sweep]") {
  const auto decisions = decided(two_objectives(), {result(0, 100, 1.0e-4, 5e-5), result(1, 120, 1.2e-4, 5e-5)});
  CHECK(decisions[0].fate == Fate::open);
  CHECK(decisions[1].fate == Fate::open);
}

TEST_CASE("race: of two alike the first stays, whatever they are called", "[sweep]") {
  const auto decisions = decided(two_objectives(), {result(0, 100, 1e-4, 1e-6), result(4, 100, 1e-4, 1e-6)});
  CHECK(decisions[0].fate == Fate::precise);
  CHECK(decisions[1].fate == Fate::beaten);
  // Also if the second one is a little better, but by less than anybody cares.
  const auto close = decided(two_objectives(), {result(0, 100.2, 1e-4, 0), result(4, 100, 1e-4, 0)});
  CHECK(close[0].fate != close[1].fate);
}

TEST_CASE("race: a requirement eliminates, and only who surely meets it beats others", "[sweep]") {
  loader::Sweep sweep = two_objectives();
  sweep.require = {{2, 2}};
  const auto decisions = decided(sweep, {result(0, 100, 1e-4, 1e-6, 3), result(1, 120, 2e-4, 1e-6, 1)});
  REQUIRE(decisions[0].fate == Fate::misses);
  CHECK(decisions[0].figure == 2);
  CHECK(decisions[0].value == Approx(1));
  CHECK(decisions[1].fate == Fate::precise);
}

TEST_CASE("race: what was never seen beats nobody", "[sweep]") {
  PointResult unseen = result(0, 100, 1e-4, 0);
  for (sim::Batch& batch : unseen.figures[1].batches) batch.reward = 0;
  unseen.figures[1].value.reset();
  unseen.figures[1].ci95.reset();
  unseen.figures[1].upper95 = 1e-3;
  const auto decisions = decided(two_objectives(), {unseen, result(1, 120, 2e-4, 1e-6)});
  CHECK(decisions[0].fate == Fate::open);
  CHECK(decisions[1].fate != Fate::beaten);
}

TEST_CASE("race: those ahead are played on while others are open", "[sweep]") {
  const std::vector<PointResult> results{result(0, 100, 1e-4, 1e-6), result(1, 90, 1.1e-4, 5e-5)};
  const auto decisions = decided(two_objectives(), results);
  CHECK(decisions[1].fate == Fate::open);
  CHECK(decisions[0].fate == Fate::open);
  // After the last rung nobody is.
  for (const Decision& decision : decided(two_objectives(), results, true)) CHECK(decision.fate == Fate::precise);
}

TEST_CASE("race: no design of the true front is ever eliminated, and all others are", "[sweep]") {
  const Scratch scratch;
  // A risk of 1e-9 a sweep: ten sweeps eliminate a design of the front with a probability below 1e-8.
  const loader::Sweep sweep =
      loader::load_sweep_text("units.json", unit_sweep(R"(, "risk": 1e-9, "precision": 0.1, "max_incidents": 20000)"));
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const Played played = play(sweep, scratch.file("units-" + std::to_string(seed)), seed, true);
    INFO("seed " << seed);
    REQUIRE(played.complete);
    const std::set<std::size_t> out = out_of(played);
    for (std::size_t point = 0; point < units.size(); ++point) {
      INFO("point " << point);
      CHECK(out.contains(point) == !true_front.contains(point));
      if (!out.contains(point)) continue;
      // The bound that it keeps holds in truth.
      const Decision& decision = played.decisions.at(point);
      const auto truth = [&](std::size_t of) {
        return decision.figure == 0 ? units[of].outages() : units[of].repair_h * 3600;
      };
      CHECK(truth(point) - truth(*decision.by) >= decision.bound);
      CHECK(decision.bound > 0);
    }
    CHECK(front_of(played) == true_front);
    for (const std::size_t point : true_front) {
      // Known to 10 %, and estimated again with other randomness.
      const PointResult* last = nullptr;
      for (int rung = 0; rung < most_rungs; ++rung) {
        if (const auto found = played.results.find({point, rung}); found != played.results.end()) last = &found->second;
      }
      REQUIRE(last != nullptr);
      for (const FigureResult& each : last->figures) {
        CHECK((each.ci95->upper - each.ci95->lower) / 2 <= 0.1 * *each.value);
      }
      const auto again = played.results.find({point, confirmation_rung});
      REQUIRE(again != played.results.end());
      CHECK(*again->second.figures[1].value != *last->figures[1].value);
      CHECK(*again->second.figures[1].value == Approx(units[point].repair_h * 3600).epsilon(0.25));
    }
  }
}

TEST_CASE("race: brute force finds the same front", "[sweep]") {
  const Scratch scratch;
  const loader::Sweep sweep =
      loader::load_sweep_text("units.json", unit_sweep(R"(, "precision": 0.05, "max_incidents": 40000)"));
  const Played raced = play(sweep, scratch.file("raced"), 3, true);
  const Played brute = play(sweep, scratch.file("brute"), 3, false);
  CHECK(out_of(brute).empty());
  CHECK(front_of(raced) == front_of(brute));
  CHECK(front_of(brute) == true_front);
  std::uint64_t raced_incidents = 0;
  std::uint64_t brute_incidents = 0;
  for (const auto& [key, each] : raced.results) raced_incidents += each.incidents;
  for (const auto& [key, each] : brute.results) brute_incidents += each.incidents;
  CHECK(raced_incidents < brute_incidents);
}

TEST_CASE("race: any row can be remade alone", "[sweep]") {
  const Scratch scratch;
  const loader::Sweep sweep = loader::load_sweep_text("units.json", unit_sweep(R"(, "max_incidents": 5000)"));
  const Played played = play(sweep, scratch.file("rows"), 5, true);
  SweepOptions options;
  options.common.seed = 5;
  const SweepRunner runner(sweep, options);
  SweepStore store(scratch.file("rows"), sweep, runner.identity(), runner.points());
  for (const auto& [key, stored] : played.results) {
    const PointResult again = runner.remake(store, key.first, key.second);
    INFO("point " << key.first << " rung " << key.second);
    CHECK(again.incidents == stored.incidents);
    REQUIRE(again.figures.size() == stored.figures.size());
    for (std::size_t i = 0; i < again.figures.size(); ++i) {
      CHECK(again.figures[i].value == stored.figures[i].value);
      CHECK(again.figures[i].ci95->upper == stored.figures[i].ci95->upper);
    }
  }
}

TEST_CASE("race: brute force finds the same front of Kafka designs", "[sweep][slow]") {
  const Scratch scratch;
  // Of the shipped sweep the designs that take machines on demand while their pool has no Spot: eight.
  std::ifstream text(sweep_path("spot-share"));
  nlohmann::json file = nlohmann::json::parse(text);
  file.erase("$schema");
  for (nlohmann::json& group : file["set"]["/node_groups"]) {
    if (group["name"] != "core") group["on_demand_fallback"] = true;
  }
  REQUIRE(file["parameters"][1]["name"] == "without_spot");
  file["parameters"].erase(1);
  file["max_incidents"] = 24'000;
  const loader::Sweep sweep = loader::load_sweep_text("spot-share.json", file.dump());
  const Played raced = play(sweep, scratch.file("raced"), 1, true);
  const Played brute = play(sweep, scratch.file("brute"), 1, false);
  // Some of the designs are twins as far as the objectives go; which of them stands for both is chance. By the figures
  // of brute force each front must have, for every design of the other, one that is as good, but for what so few
  // incidents leave open.
  const auto value = [&](std::size_t point, std::size_t objective) {
    double last = 0;
    for (int rung = 0; rung < most_rungs; ++rung) {
      const auto found = brute.results.find({point, rung});
      if (found != brute.results.end()) last = *found->second.figures[sweep.objectives[objective].figure].value;
    }
    return last;
  };
  const auto covered = [&](std::size_t point, const std::set<std::size_t>& front) {
    return std::any_of(front.begin(), front.end(), [&](std::size_t other) {
      return value(other, 0) <= 1.01 * value(point, 0) && value(other, 1) <= 1.3 * value(point, 1);
    });
  };
  REQUIRE_FALSE(front_of(brute).empty());
  REQUIRE_FALSE(front_of(raced).empty());
  for (const std::size_t point : front_of(brute)) CHECK(covered(point, front_of(raced)));
  for (const std::size_t point : front_of(raced)) CHECK(covered(point, front_of(brute)));
  // The comparison can fail: the dearest design does not stand for the cheapest.
  std::size_t cheapest = *front_of(brute).begin();
  std::size_t dearest = cheapest;
  for (const auto& [key, result] : brute.results) {
    if (value(key.first, 0) < value(cheapest, 0)) cheapest = key.first;
    if (value(key.first, 0) > value(dearest, 0)) dearest = key.first;
  }
  CHECK_FALSE(covered(cheapest, {dearest}));
}

TEST_CASE("race: what is given is nobody's merit", "[sweep]") {
  // Lives are given, repairs are chosen: the short repair wins in each race, also where lives are short.
  const Scratch scratch;
  const loader::Sweep sweep = loader::load_sweep_text("given.json", R"({
    "schema": "nines/sweep/1", "name": "given", "title": "given", "topology": "single-unit", "max_incidents": 20000,
    "parameters": [
      {"name": "life", "at": "/components/0/failure/mean", "given": true, "values": ["500 h", "5000 h"]},
      {"name": "repair", "at": "/components/0/repair/mean", "values": ["4 h", "1 h", "2 h"]}],
    "objectives": [{"figure": "unavailability", "sli": "system/works"}]})");
  const Played played = play(sweep, scratch.file("given"), 1, true);
  CHECK(front_of(played) == std::set<std::size_t>{1, 4});
  CHECK(out_of(played) == std::set<std::size_t>{0, 2, 3, 5});
}

}  // namespace sweep_race_test
