// Whose downtime it is: Shapley values against all orders of failing, and shares of time against closed forms.
#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <vector>

#include "models/faults/clocks.hpp"
#include "models/structure/evaluate.hpp"
#include "models/world.hpp"
#include "tests/models/component_topologies.hpp"
#include "tests/models/dice.hpp"

namespace structure_shares_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;

namespace {

/// By definition: over all orders in which the failed players can fail, who put the whole out.
std::vector<double> by_all_orders(std::size_t players, std::uint32_t failing,
                                  const std::function<bool(std::uint32_t)>& out) {
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < players; ++i) {
    if ((failing >> i & 1U) != 0) order.push_back(i);
  }
  std::vector<double> values(players);
  double orders = 0;
  do {
    std::uint32_t failed = 0;
    for (const std::uint32_t player : order) {
      const bool before = out(failed);
      failed |= 1U << player;
      if (!before && out(failed)) values[player] += 1;
    }
    ++orders;
  } while (std::next_permutation(order.begin(), order.end()));
  for (double& value : values) value /= orders;
  return values;
}

/// The seconds in a year of playing a topology of black boxes, by part, and the downtime of its SLI.
struct Shares {
  std::vector<double> parts_s;
  double downtime_s = 0;
};
Shares shares_of(const Topology& topology, double years) {
  const Plan plan = build_plan(topology, 7);
  World world = initial_world(plan, 0);
  faults::start_fault_clocks(world);
  const sim::Time end = sim::Time::zero() + Duration::from_seconds(years * 8760 * 3600);
  run_until(world, end);
  Shares shares;
  shares.parts_s = structure::part_seconds(world);
  for (const measurement::Outage& outage : world.measurement.outages)
    shares.downtime_s += (outage.end - outage.start).to_seconds();
  if (world.measurement.slis[0].out) shares.downtime_s += (end - world.measurement.slis[0].open.start).to_seconds();
  return shares;
}

}  // namespace

TEST_CASE("Shapley values are what all orders of failing give", "[structure]") {
  Dice dice(3);
  for (int round = 0; round < 400; ++round) {
    const std::size_t players = 1 + dice.below(6);
    // A monotone structure: out if any of some random sets has failed.
    std::vector<std::uint32_t> cuts;
    for (std::size_t i = 0; i < 1 + dice.below(4); ++i)
      cuts.push_back(static_cast<std::uint32_t>(1 + dice.below((1U << players) - 1)));
    const auto out = [&](std::uint32_t failed) {
      return std::any_of(cuts.begin(), cuts.end(), [&](std::uint32_t cut) { return (cut & failed) == cut; });
    };
    const auto failing = static_cast<std::uint32_t>(dice.below(1U << players));
    const std::vector<double> found = structure::shapley(players, failing, out);
    const std::vector<double> expected = by_all_orders(players, failing, out);
    for (std::size_t i = 0; i < players; ++i) CHECK(found[i] == Approx(expected[i]).margin(1e-12));
    CHECK(std::accumulate(found.begin(), found.end(), 0.0) == Approx(out(failing) ? 1 : 0).margin(1e-12));
  }
}

TEST_CASE("in a series each part that is down has an equal share of the time, which adds up to the downtime",
          "[structure]") {
  // a: 1 a 100 h for 5 h, b: 1 a 50 h for 10 h. Independent, so P(a down) = 5/105, P(b down) = 10/60; alone and
  // together as products. Of 200 years some 17,000 outages of a: standard error of its share of time below 1.1 %.
  const Shares shares = shares_of(
      boxes_topology({box("a", 1, 1.0 / 100, 5), box("b", 1, 1.0 / 50, 10)}, at_least(2, {part("a"), part("b")})), 200);
  const double a = 5.0 / 105, b = 10.0 / 60, all_s = 200.0 * 8760 * 3600;
  REQUIRE(shares.parts_s.size() == 2);
  CHECK(shares.parts_s[0] / all_s == Approx(a * (1 - b) + a * b / 2).epsilon(0.06));
  CHECK(shares.parts_s[1] / all_s == Approx(b * (1 - a) + a * b / 2).epsilon(0.06));
  CHECK(shares.parts_s[0] + shares.parts_s[1] == Approx(shares.downtime_s).epsilon(1e-9));
}

TEST_CASE("a part that is down without mattering has no share, one that matters with others has its part",
          "[structure]") {
  // Out if c is down, or a and b together: a and b then have half of it each, with c down too a sixth.
  const Topology topology =
      boxes_topology({box("a", 1, 1.0 / 100, 20), box("b", 1, 1.0 / 100, 20), box("c", 1, 1.0 / 100, 5)},
                     at_least(2, {at_least(1, {part("a"), part("b")}), part("c")}));
  const Shares shares = shares_of(topology, 250);
  const double a = 20.0 / 120, c = 5.0 / 105, all_s = 250.0 * 8760 * 3600;
  const double pair = a * a;
  REQUIRE(shares.parts_s.size() == 3);
  CHECK(shares.parts_s[0] / all_s == Approx(pair * (1 - c) / 2 + pair * c / 6).epsilon(0.06));
  CHECK(shares.parts_s[1] / all_s == Approx(pair * (1 - c) / 2 + pair * c / 6).epsilon(0.06));
  CHECK(shares.parts_s[2] / all_s == Approx(c * (1 - pair) + pair * c * 4 / 6).epsilon(0.06));
}

TEST_CASE("outages within the deadline have no share", "[structure]") {
  Topology topology = boxes_topology({box("a", 1, 1.0 / 100, 5)}, at_least(1, {part("a")}));
  topology.components[0].repair = Law::constant(Duration::seconds(20));
  topology.services[0] = composite_service("system", {{"works", at_least(1, {part("a")}), Duration::seconds(30), {}}});
  const Shares shares = shares_of(topology, 5);
  CHECK(shares.parts_s.at(0) < 21);  // at most of one that lasts at the end
}

}  // namespace structure_shares_test
