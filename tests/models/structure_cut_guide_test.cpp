// What guides the choice of further faults, against enumeration of all sets of failed units.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "models/structure/cut_guide.hpp"
#include "models/structure/cut_sets.hpp"
#include "tests/models/component_topologies.hpp"

namespace structure_cut_guide_test {

using namespace nines::models;
using components::UnitId;
using structure::CutGuide;

namespace {

/// Sums of the products of the weights of what is missing, by how much is: over the minimal cut sets of what is left.
CutGuide::Ways by_enumeration(const Plan& plan, const std::vector<double>& weights, const std::vector<UnitId>& failed) {
  std::vector<std::vector<UnitId>> missing;
  for (const structure::CutSet& cut : structure::minimal_cut_sets(plan, 0, 6).sets) {
    missing.emplace_back();
    for (const UnitId unit : plan.black_boxes.units.ids()) {
      const ComponentId part = plan.black_boxes.units[unit].component;
      const bool taken = std::find(cut.parts.begin(), cut.parts.end(), part) != cut.parts.end();
      if (taken && std::find(failed.begin(), failed.end(), unit) == failed.end()) missing.back().push_back(unit);
    }
  }
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  CutGuide::Ways sum{};
  for (const auto& set : missing) {
    const bool minimal = std::none_of(missing.begin(), missing.end(), [&](const auto& other) {
      return other != set && std::includes(set.begin(), set.end(), other.begin(), other.end());
    });
    double product = 1;
    for (const UnitId unit : set) product *= weights[unit.value];
    if (minimal) sum[set.size()] += product;
  }
  return sum;
}

}  // namespace

TEST_CASE("cut guide: ways and the next failure are those of the minimal cut sets", "[structure]") {
  // 2 of 3 of x together with a single y, behind a zone that masks x; shared parts and different sizes of cuts.
  components::ComponentSpec masked = testing::box("x", 3, 1e-3, 4);
  masked.masked_by = {"zone"};
  const Topology topology = testing::boxes_topology(
      {testing::box("zone", 1, 2e-4, 2), masked, testing::box("y", 2, 3e-3, 1)},
      testing::at_least(2, {testing::at_least(2, {testing::part("x")}), testing::at_least(1, {testing::part("y")})}));
  const Plan plan = build_plan(topology, 1);
  const std::vector<double> weights{0.01, 0.1, 0.1, 0.1, 0.3, 0.3};
  CutGuide guide(plan, 0, weights);
  REQUIRE(guide.alike());
  for (const std::vector<UnitId>& failed : {std::vector<UnitId>{}, {UnitId{1}}, {UnitId{4}}, {UnitId{1}, UnitId{4}}}) {
    const CutGuide::Ways expected = by_enumeration(plan, weights, failed);
    const CutGuide::Ways found = guide.ways(failed);
    for (std::size_t m = 0; m < 4; ++m) CHECK(found[m] == Approx(expected[m]));
    // Each way of m failures is counted once for each of its units.
    for (int m = 1; m < 4; ++m) {
      const std::vector<double> next = guide.next(failed, m);
      double sum = 0;
      for (const UnitId unit : plan.black_boxes.units.ids()) {
        const bool gone = std::find(failed.begin(), failed.end(), unit) != failed.end();
        if (!gone) sum += next[unit.value] * weights[unit.value];
      }
      CHECK(sum == Approx(m * expected[static_cast<std::size_t>(m)]));
    }
  }
}

}  // namespace structure_cut_guide_test
