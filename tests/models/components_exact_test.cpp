// Exact solution of black boxes: against closed formulas and chains written by hand, and what is refused.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/components/markov_model.hpp"
#include "sim/compound_poisson.hpp"
#include "sim/markov.hpp"
#include "tests/models/component_topologies.hpp"
#include "tests/models/small_topology.hpp"

using namespace nines;
using namespace nines::models;
using namespace nines::models::components;
using namespace nines::models::testing;

namespace {

constexpr double thirteen_digits = 1e-13;

ExactSli solve(const Topology& topology) { return solve_exactly(build_plan(topology, 1), 0); }

Topology single(double rate, double repair_hours) {
  return boxes_topology({box("unit", 1, rate, repair_hours)}, part("unit"));
}

}  // namespace

TEST_CASE("exact: a unit alternates, whatever its laws", "[components]") {
  Topology topology = single(1.0 / 1000, 2);
  const ExactSli exponential = solve(topology);
  CHECK(exponential.unavailability == Approx(2.0 / 1002).epsilon(thirteen_digits));
  CHECK(exponential.outages_per_hour == Approx(1.0 / 1002).epsilon(thirteen_digits));
  CHECK(exponential.mttf_h.value() == Approx(1000).epsilon(thirteen_digits));
  ComponentSpec& unit = topology.components.front();
  unit.failure = Law::weibull(of_hours(900), 2, of_hours(10));
  unit.repair = Law::uniform(of_hours(1), of_hours(3));
  const ExactSli other = solve(topology);
  CHECK(other.unavailability == Approx(exponential.unavailability).epsilon(thirteen_digits));
  CHECK(other.outages_per_hour == Approx(exponential.outages_per_hour).epsilon(thirteen_digits));
  CHECK_FALSE(other.mttf_h.has_value());
  CHECK_THAT(other.limits, Catch::Contains("component 'unit'") && Catch::Contains("its failure"));
}

TEST_CASE("exact: stages in which a unit serves are no outage", "[components]") {
  Topology topology = single(0.01, 1);
  topology.components.front().stages = {{"check", exponential_hours(2), 0.5, false, false},
                                        {"warm", exponential_hours(5), 1, true, false},
                                        {"swap", exponential_hours(1), 1, false, false}};
  const ExactSli exact = solve(topology);
  // Life 100 h, repair 1 h, check 2 / 0.5 h, warm 5 h, swap 1 h: two outages a cycle.
  CHECK(exact.unavailability == Approx(6.0 / 111).epsilon(thirteen_digits));
  CHECK(exact.outages_per_hour == Approx(2.0 / 111).epsilon(thirteen_digits));
  // With a stage of which the failures end, it is solved as a chain; without failures in it, both agree.
  topology.components.front().failure_rate = {1e-12};
  const double without = solve(topology).unavailability;
  topology.components.front().stages[1].fails = true;
  CHECK(solve(topology).unavailability == Approx(without).epsilon(1e-10));
}

TEST_CASE("exact: a unit that ages begins at an age of its stationary law", "[components]") {
  Topology topology = single(0.1, 1);
  topology.components.front().failure = Law::erlang(of_hours(10), 2);
  // What is left of a life: (1 + 1 / stages) / 2 of its mean.
  CHECK(solve(topology).mttf_h.value() == Approx(7.5).epsilon(thirteen_digits));
}

TEST_CASE("exact: a repair without length is no outage", "[components]") {
  Topology topology = single(0.1, 1);
  topology.components.front().repair = Law::constant({});
  const ExactSli exact = solve(topology);
  CHECK(exact.unavailability == 0);
  CHECK(exact.outages_per_hour == 0);
  CHECK_THAT(exact.limits, Catch::Contains("never fails"));
}

TEST_CASE("exact: one crew for two boxes, first come first served, against a chain by hand", "[components]") {
  constexpr double a = 0.01;
  constexpr double b = 0.03;
  constexpr double repair_a = 0.5;
  constexpr double repair_b = 2;
  Topology topology = boxes_topology({box("a", 1, a, 1 / repair_a, "ops"), box("b", 1, b, 1 / repair_b, "ops")},
                                     at_least(1, {part("a"), part("b")}));
  topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
  const ExactSli exact = solve(topology);
  enum : std::size_t { both, a_down, b_down, a_first, b_first, states };
  const sim::MarkovChain chain(states, {{both, a_down, a},
                                        {both, b_down, b},
                                        {a_down, both, repair_a},
                                        {a_down, a_first, b},
                                        {b_down, both, repair_b},
                                        {b_down, b_first, a},
                                        {a_first, b_down, repair_a},
                                        {b_first, a_down, repair_b}});
  const auto probability = sim::steady_state(chain);
  CHECK(exact.states == states);
  CHECK(exact.unavailability == Approx(probability[a_first] + probability[b_first]).epsilon(thirteen_digits));
  CHECK(exact.outages_per_hour == Approx(probability[a_down] * b + probability[b_down] * a).epsilon(thirteen_digits));
}

TEST_CASE("exact: branches that share a box are divided on it", "[components]") {
  // Two ways that both need the power: it must not be counted twice.
  std::vector<ComponentSpec> boxes{box("power", 1, 0.001, 1), box("left", 1, 0.01, 1), box("right", 1, 0.01, 1)};
  const auto way = [](const char* name) { return at_least(2, {part("power"), part(name)}); };
  const ExactSli exact = solve(boxes_topology(boxes, at_least(1, {way("left"), way("right")})));
  const double power = 0.001 / 1.001;
  const double side = 0.01 / 1.01;
  CHECK(exact.unavailability == Approx(power + (1 - power) * side * side).epsilon(thirteen_digits));
  const double up = 1 - power;
  CHECK(exact.outages_per_hour ==
        Approx(up * 0.001 * (1 - side * side) + up * 2 * (1 - side) * side * 0.01).epsilon(thirteen_digits));
}

TEST_CASE("exact: units masked one by one", "[components]") {
  ComponentSpec broker = box("broker", 3, 0.01, 1);
  broker.masked_by = {"zone"};
  const std::vector<ComponentSpec> boxes{box("zone", 3, 0.002, 5), broker};
  const ExactSli exact = solve(boxes_topology(boxes, at_least(2, {part("broker")})));
  const double serves = (1 / 1.01) * (1 / 1.01);
  const double fails = 1 - serves;
  CHECK(exact.unavailability == Approx(3 * serves * fails * fails + fails * fails * fails).epsilon(1e-12));
  CHECK(exact.outages_per_hour == Approx(3 * 2 * serves * fails * serves * 0.012).epsilon(1e-12));
  CHECK(exact.mttf_h.has_value());
}

TEST_CASE("exact: interruptions within the deadline do not count", "[components]") {
  Topology topology = single(0.01, 2);
  topology.composites.front().slis.front().deadline = of_hours(1);
  const ExactSli exact = solve(topology);
  const double beyond = std::exp(-0.5);
  CHECK(exact.outages_per_hour == Approx(beyond / 102).epsilon(1e-12));
  CHECK(exact.unavailability == Approx(beyond * (1 + 2) / 102).epsilon(1e-12));
  CHECK_FALSE(exact.mttf_h.has_value());
}

TEST_CASE("exact: breach of a window", "[components]") {
  const Plan plan = build_plan(single(1.0 / 1500, 0.25), 1);
  const double expected = sim::breach_with_exponential_outages(1.0 / 1500, 0.25, 720, 0.5);
  CHECK(downtime_exceeds(plan, 0, 720, 0.5) == Approx(expected).epsilon(1e-11));
  // Half of the windows that begin within an outage have its rest before them; they can only be worse.
  CHECK(downtime_exceeds(plan, 0, 720, 0.5, Start::steady) > expected);
  CHECK(expected_downtime(plan, 0, 720, Start::steady) == Approx(720 * 0.25 / 1500.25).epsilon(1e-12));
}

TEST_CASE("exact: services upon services", "[components]") {
  Topology topology = boxes_topology({box("a", 2, 0.01, 1), box("b", 1, 0.01, 1)}, at_least(1, {part("a")}));
  topology.composites.push_back({"top", {{"works", at_least(2, {part("system/works"), part("b")}), {}, {}}}});
  const Plan plan = build_plan(topology, 1);
  const double down = 0.01 / 1.01;
  CHECK(solve_exactly(plan, 1).unavailability == Approx(down + (1 - down) * down * down).epsilon(thirteen_digits));
}

TEST_CASE("exact: what is refused, and why", "[components]") {
  SECTION("an SLI that is simulated") {
    CHECK_THROWS_WITH(solve_exactly(build_plan(small_topology(), 1), 0), Catch::Contains("has no exact solution"));
  }
  SECTION("a unit that is never repaired has no steady state, but a mission") {
    Topology topology = single(0.01, 1);
    topology.components.front().repair.reset();
    const Plan plan = build_plan(topology, 1);
    CHECK_THROWS_WITH(solve_exactly(plan, 0), Catch::Contains("component 'unit' is never repaired"));
    CHECK(down_by(plan, 0, 1e-6) == Approx(1e-8).epsilon(1e-8));
    CHECK(mean_time_to_outage(plan, 0) == Approx(100).epsilon(thirteen_digits));
  }
  SECTION("standby units masked one by one") {
    ComponentSpec pair = box("pair", 2, 0.01, 1);
    pair.standby = StandbySpec{1, 1, {}};
    pair.masked_by = {"zone"};
    CHECK_THROWS_WITH(solve(boxes_topology({box("zone", 2, 0.01, 1), pair}, at_least(1, {part("pair")}))),
                      Catch::Contains("component 'pair'") && Catch::Contains("standby"));
  }
  SECTION("too many states") {
    Topology topology = boxes_topology({box("many", 50, 0.01, 1, "ops")}, at_least(40, {part("many")}));
    topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
    ExactOptions options;
    options.most_states = 50;
    const Plan plan = build_plan(topology, 1);
    CHECK_THROWS_AS(solve_exactly(plan, 0, options), TooLarge);
    CHECK(solve_exactly(plan, 0).states == 51);
  }
  SECTION("a law without phases where repairs wait") {
    Topology topology = boxes_topology({box("pair", 2, 0.01, 1, "ops")}, at_least(1, {part("pair")}));
    topology.components.front().repair = Law::lognormal(of_hours(1), 1);
    topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
    CHECK_THROWS_WITH(solve(topology), Catch::Contains("component 'pair'") && Catch::Contains("lognormal"));
    // A crew with a member for each of them keeps nobody waiting.
    topology.crews.front().size = 2;
    CHECK(solve(topology).unavailability > 0);
  }
}
