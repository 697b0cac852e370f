// Exact solution of black boxes: against closed formulas and chains written by hand, and what is refused.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/components/markov_model.hpp"
#include "models/components/phase_law.hpp"
#include "models/components/stationary_life.hpp"
#include "sim/compound_poisson.hpp"
#include "sim/markov.hpp"
#include "tests/models/component_topologies.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace components_exact_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::components;
using namespace nines::models::testing;

namespace {

constexpr double thirteen_digits = 1e-13;

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
  // What is left of a life at an age of its stationary law: two moments, which the fits keep.
  const auto moments = unit.failure->moments();
  CHECK(other.mttf_h.value() == Approx(moments[1] / (2 * moments[0]) / 3600).epsilon(1e-6));
  CHECK(other.unavailability_within == 0);
  CHECK(other.lengths.value().p95 == Approx(2.9).epsilon(1e-9));
}

TEST_CASE("exact: how long outages last, against closed forms", "[components]") {
  const auto at = [](double p, double rate) { return -std::log(1 - p) / rate; };
  // One unit: its repair. Two of two with repairs of their own, one needed: until the first of two repairs ends.
  const OutageLengths one = solve(single(1.0 / 1000, 2)).lengths.value();
  CHECK(one.p50 == Approx(at(0.5, 0.5)).epsilon(1e-8));
  CHECK(one.p99 == Approx(at(0.99, 0.5)).epsilon(1e-8));
  const OutageLengths pair =
      solve(boxes_topology({box("unit", 2, 0.001, 2)}, at_least(1, {part("unit")}))).lengths.value();
  CHECK(pair.p50 == Approx(at(0.5, 1)).epsilon(1e-4));
  CHECK(pair.p95 == Approx(at(0.95, 1)).epsilon(1e-4));
  CHECK(pair.p99 == Approx(at(0.99, 1)).epsilon(1e-4));
}

TEST_CASE("exact: repairs of mixed laws, one of two with one crew, against a chain by hand", "[components]") {
  constexpr double fail = 0.01;
  constexpr double share = 0.7;
  constexpr double fast = 4;
  constexpr double slow = 0.25;
  Topology topology = boxes_topology({box("unit", 2, fail, 1, "ops")}, at_least(1, {part("unit")}));
  topology.crews.push_back({"ops", 1, CrewPolicy::fcfs, {}, {}});
  topology.components.front().repair =
      Law::mixture({{share, exponential_hours(1 / fast)}, {1 - share, exponential_hours(1 / slow)}});
  const ExactSli exact = solve(topology);
  enum : std::size_t { both, one_fast, one_slow, none_fast, none_slow, states };
  std::vector<sim::Transition> transitions{{both, one_fast, 2 * fail * share},
                                           {both, one_slow, 2 * fail * (1 - share)},
                                           {one_fast, both, fast},
                                           {one_slow, both, slow},
                                           {one_fast, none_fast, fail},
                                           {one_slow, none_slow, fail},
                                           {none_fast, one_fast, fast * share},
                                           {none_fast, one_slow, fast * (1 - share)},
                                           {none_slow, one_fast, slow * share},
                                           {none_slow, one_slow, slow * (1 - share)}};
  const auto probability = sim::steady_state(sim::MarkovChain(states, std::move(transitions)));
  CHECK(exact.fitted.empty());
  CHECK(exact.unavailability == Approx(probability[none_fast] + probability[none_slow]).epsilon(1e-12));
  CHECK(exact.outages_per_hour == Approx(fail * (probability[one_fast] + probability[one_slow])).epsilon(1e-12));
}

TEST_CASE("exact: a life of mixed laws begins at an age of its stationary law", "[components]") {
  Topology topology = single(0.1, 1);
  Law life = Law::mixture({{0.8, Law::erlang(of_hours(10), 3)}, {0.2, exponential_hours(100)}});
  topology.components.front().failure = life;
  topology.components.front().failure_rate = {1 / 28.0};
  const auto moments = life.moments();
  const ExactSli exact = solve(topology);
  CHECK(exact.fitted.empty());
  CHECK(exact.mttf_h.value() == Approx(moments[1] / (2 * moments[0]) / 3600).epsilon(1e-11));
  CHECK(exact.unavailability == Approx(1.0 / 29).epsilon(1e-12));
}

TEST_CASE("exact: outages that last as long as the window", "[components]") {
  Topology topology = single(1.0 / 50'000, 500);
  composite_spec(topology).slis.front().sla = SlaSpec{0.999, of_hours(730), {}};
  const ExactSli exact = solve(topology);
  // At most one outage begins in a window that starts up, but for some 1e-4 of them.
  constexpr double budget = 0.73;
  const double lasts = std::exp(-budget / 500);
  const double from_up = -std::expm1(-(730 - budget) / 50'000) * lasts;
  const double down = 500.0 / 50'500;
  const double from_down = lasts + (1 - lasts) * from_up;
  CHECK(exact.breach_from_whole.value() == Approx(from_up).epsilon(2e-4));
  CHECK(exact.breach_probability.value() == Approx((1 - down) * from_up + down * from_down).epsilon(2e-4));
  CHECK(exact.breach_probability.value() > 1.6 * exact.breach_from_whole.value());
}

TEST_CASE("exact: fits keep the mean, and two moments where they can", "[components]") {
  const std::vector<Law> laws{Law::constant(of_hours(4)),
                              Law::uniform(of_hours(1), of_hours(3)),
                              Law::lognormal(of_hours(2), 0.1),
                              Law::lognormal(of_hours(2), 0.5),
                              Law::lognormal(of_hours(2), 1),
                              Law::lognormal(of_hours(2), 2),
                              Law::weibull(of_hours(2), 0.5),
                              Law::weibull(of_hours(2), 0.2),
                              Law::weibull(of_hours(2), 2),
                              Law::weibull(of_hours(2), 0.7, of_hours(1)),
                              Law::weibull(of_hours(2), 8, of_hours(1)),
                              Law::mixture({{0.9, Law::constant(of_hours(0.1))}, {0.1, Law::constant(of_hours(10))}})};
  for (const Law& law : laws) {
    INFO(describe(law));
    const auto wanted = law.moments();
    const double spread = wanted[1] / (wanted[0] * wanted[0]) - 1;
    for (const bool other : {false, true}) {
      const Law fit = fitted(law, {least_spread, other});
      const std::optional<Phases> phases = phases_of(fit);
      REQUIRE(phases.has_value());
      const auto moments = fit.moments();
      CHECK(moments[0] == Approx(wanted[0]).epsilon(1e-9));
      const double added = has_little_spread(law) ? least_spread : 0;
      CHECK(moments[1] / (moments[0] * moments[0]) - 1 == Approx(spread + added).epsilon(1e-6));
      // Mean and second moment of the phases themselves.
      double mean = 0;
      double reached = 1;
      for (std::size_t i = 0; i < phases->count; ++i) {
        mean += reached / phases->rate[i];
        reached *= phases->onward[i];
      }
      CHECK(mean == Approx(hours(fit.mean())).epsilon(1e-9));
      CHECK(reached == 0);
    }
  }
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
  composite_spec(topology).slis.front().deadline = of_hours(1);
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
  topology.services.push_back(
      composite_service("top", {{"works", at_least(2, {part("system/works"), part("b")}), {}, {}}}));
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

TEST_CASE("ages of units that shocks renew are those of the exact chain", "[components]") {
  // The Erlang chain knows in which phase of its life a unit is found; the age that simulations begin with must too.
  constexpr double shocks = 1e-3;
  for (const Law& life : {Law::erlang(of_hours(1000), 5), Law::erlang(of_hours(20'000), 2), exponential_hours(500)}) {
    const StationaryLife found = stationary_life(life, shocks);
    const double stages = std::max(1.0, life.shape);
    const double rate = stages / hours(life.mean());
    // Of a cycle that begins anew with each end: P(by itself) and its length.
    const double by_itself = std::pow(rate / (rate + shocks), stages);
    const double cycle = (1 - by_itself) / shocks;
    CHECK(found.failures_per_hour == Approx(by_itself / cycle).epsilon(2e-3));
    double age = 0;
    for (std::size_t i = 0; i + 2 < found.ages.size(); ++i) age += (found.ages[i] + found.ages[i + 1]) / 2 / 3600;
    age /= static_cast<double>(found.ages.size() - 2);
    // E age = E cycle^2 / (2 E cycle), by derivatives of the transform; the last step apart.
    const double slope = stages / (rate + shocks) * by_itself;
    const double square = 2 * (1 - by_itself) / (shocks * shocks) - 2 * slope / shocks;
    CHECK(age == Approx(square / (2 * cycle)).epsilon(0.01));
  }
}

}  // namespace components_exact_test
