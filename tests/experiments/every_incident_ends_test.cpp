// Whatever fails together, in the end all is well again: of every shipped design, pairs and triples of faults at random
// times. What stays broken with nobody at work on it is a mechanism that forgot somebody. And what their outages are
// said to have been set by is in the design.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiments/estimate/incident.hpp"
#include "experiments/estimate/incident_recipe.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "models/selector.hpp"
#include "tests/experiments/ends.hpp"
#include "tests/models/dice.hpp"

namespace every_incident_ends_test {

using namespace nines;
using namespace nines::experiments;
using experiments::testing::for_designs;
using experiments::testing::that_ends;

namespace {

/// First faults of each kind in a design: "node-crash workers-...", not one for every machine.
std::vector<std::vector<std::uint32_t>> sources_by_fault(const models::Plan& plan) {
  std::map<std::string, std::vector<std::uint32_t>> by_fault;
  for (std::uint32_t source = 0; source < plan.faults.size(); ++source) {
    const models::FaultSource& fault = plan.faults[source];
    if (fault.rate.per_hour <= 0) continue;
    by_fault[fmt::format("{} {}", models::verb_info(fault.verb).name, models::variant_name(fault.variant))].push_back(
        source);
  }
  std::vector<std::vector<std::uint32_t>> sources;
  for (auto& [name, members] : by_fault) sources.push_back(std::move(members));
  return sources;
}

/// Of so many incidents of a design.
struct Found {
  int unended = 0;             ///< end by nothing; each is said with the word that plays it again
  std::set<std::string> idle;  ///< inputs that phases of outages name, and that do nothing in the design
};

Found found_in(const std::filesystem::path& file, std::uint64_t incidents) {
  const loader::LoadedTopology loaded = that_ends(file);
  const models::Plan plan = models::build_plan(loaded.topology, 1);
  const auto sources = sources_by_fault(plan);
  Found found;
  if (sources.empty()) return found;
  IncidentPlayer player(plan);
  for (std::uint64_t run = 0; run < incidents; ++run) {
    models::testing::Dice dice(run + 1);
    const std::size_t faults = 2 + dice.below(2);
    std::vector<Strike> strikes;
    sim::Time at = incident_start;
    for (std::size_t k = 0; k < faults; ++k) {
      const auto& kind = sources[dice.below(sources.size())];
      strikes.push_back({kind[dice.below(kind.size())], at, 0, {}});
      // A second, a minute, an hour, a day later, or between.
      at = at + sim::Duration::from_seconds(std::pow(10.0, 5 * dice.uniform()));
    }
    const IncidentRun& played = player.play(run, strikes);
    for (const OutageSeen& outage : played.outages) {
      for (const auto& phase : outage.phases) {
        if (!loader::why_idle(phase.parameter, loaded.topology).empty()) found.idle.emplace(phase.parameter);
      }
    }
    if (!played.censored) continue;
    ++found.unended;
    IncidentRecipe recipe;
    recipe.run = run;
    recipe.strikes = strikes;
    WARN(file.stem() << ": " << incident_word(recipe, incident_fingerprint(loaded, plan)));
  }
  return found;
}

void check_all(std::uint64_t incidents) {
  const auto any = [](const std::string&) { return true; };
  for_designs(incidents, any, [](const std::filesystem::path& file, std::uint64_t count) {
    const Found found = found_in(file, count);
    CHECK(found.unended == 0);
    CHECK(found.idle == std::set<std::string>{});
  });
}

}  // namespace

TEST_CASE("whatever fails together on a shipped design, all is well in the end, set by what it has",
          "[incidents][ends]") {
  check_all(20);
}

TEST_CASE("the same of a thousand incidents a design", "[incidents][ends][slow]") { check_all(1000); }

}  // namespace every_incident_ends_test
