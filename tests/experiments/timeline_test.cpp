// The timeline method against closed forms: steady state however slow repairs are, first outages and outages between,
// windows.
//
// Coverage: 200 seeds with the share that covers the truth at least 0.85; of intervals that cover 95 % (or 94 %) of the
// time fewer than 170 cover with probability below 1e-7 (1e-6).
#include <catch2/catch.hpp>
#include <cmath>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/warm_up.hpp"
#include "sim/time_units.hpp"
#include "tests/models/component_topologies.hpp"
#include "tests/models/service_parts.hpp"

namespace timeline_test {

using namespace nines;
using namespace nines::experiments;
using models::testing::at_least;
using models::testing::box;
using models::testing::boxes_topology;
using models::testing::part;

namespace {

/// One unit, both laws exponential.
models::Topology unit(double life_h, double repair_h) {
  models::Topology topology = boxes_topology({box("u", 1, 1 / life_h, repair_h)}, at_least(1, {part("u")}));
  models::SlaSpec sla;
  sla.target = 0.999;
  sla.window = models::testing::of_hours(730);
  models::composite_spec(topology).slis[0].sla = sla;
  return topology;
}

Assessment simulate(const models::Topology& topology, double years, std::uint64_t seed, double of_one = 1) {
  AssessOptions options;
  options.method = Method::timeline;
  options.precision = 1e-9;
  options.years = of_one;
  options.max_years = years;
  options.threads = 2;
  return assess(models::build_plan(topology, seed), options);
}

bool covers(const std::optional<sim::Interval>& ci, double truth) {
  return ci && ci->lower <= truth && truth <= ci->upper;
}

/// Within 5.5 standard errors, on the scale of logarithms (false alarm 4e-8).
void check_near(const sim::Estimate& estimate, double truth) {
  REQUIRE((estimate.value && estimate.ci95));
  const double error = std::log(estimate.ci95->upper / estimate.ci95->lower) / (2 * 1.96);
  INFO(*estimate.value << " for " << truth);
  CHECK(std::abs(std::log(*estimate.value / truth)) < 5.5 * error);
}

}  // namespace

TEST_CASE("timeline: every figure's interval covers the steady state of a unit that is repaired slowly", "[timeline]") {
  struct Case {
    double life_h;
    double repair_h;
    double years;
  };
  const auto one = GENERATE(Case{50'000, 500, 2000}, Case{2000, 3000, 300});
  const double life = one.life_h;
  const double repair = one.repair_h;
  const models::Topology topology = unit(life, repair);
  // A month holds if the unit is up at its start and stays so, but for what 0.73 hours of downtime let pass.
  const double allowed = (1 - std::exp(-0.73 / repair)) * std::exp(-730 / life);
  const double breach = 1 - life / (life + repair) * std::exp(-730 / life) * (1 + 730 / life * 0.73 / repair) -
                        repair / (life + repair) * allowed;
  constexpr int seeds = 200;
  constexpr int enough = 170;
  int unavailability = 0, outages = 0, first = 0, between = 0, windows = 0, median = 0, tail = 0;
  double sum = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Assessment result = simulate(topology, one.years, static_cast<std::uint64_t>(seed));
    CHECK(result.warm_up_h == Approx(repair * std::log(1000.0)));
    const SliResult& sli = result.slis[0];
    sum += *sli.unavailability.value;
    unavailability += covers(sli.unavailability.ci95, repair / (life + repair)) ? 1 : 0;
    outages += covers(sli.outages_per_year.ci95, sim::hours_per_year / (life + repair)) ? 1 : 0;
    first += covers(sli.mttf_h.ci95, life) ? 1 : 0;
    between += covers(sli.mtbf_h.ci95, life + repair) ? 1 : 0;
    windows += covers(sli.sla->breach_probability.ci95, breach) ? 1 : 0;
    median += covers(sli.recovery.p50_ci95, repair * sim::seconds_per_hour * std::log(2.0)) ? 1 : 0;
    tail += covers(sli.recovery.p95_ci95, repair * sim::seconds_per_hour * std::log(20.0)) ? 1 : 0;
  }
  CHECK(unavailability >= enough);
  CHECK(outages >= enough);
  CHECK(first >= enough);
  CHECK(between >= enough);
  CHECK(windows >= enough);
  CHECK(median >= enough);
  CHECK(tail >= enough);
  // The mean of the seeds is off by less than the scatter of one of them over some.
  CHECK(sum / seeds == Approx(repair / (life + repair)).epsilon(0.05));
}

TEST_CASE("timeline: thousands of years of downtime add up", "[timeline]") {
  const Assessment result = simulate(unit(50'000, 500), 100'000, 7, 50);
  const SliResult& sli = result.slis[0];
  REQUIRE(*sli.unavailability.value * 100'000 > 292);
  check_near(sli.unavailability, 500.0 / 50'500);
  check_near(sli.mttf_h, 50'000);
  check_near(sli.mtbf_h, 50'500);
  REQUIRE(sli.recovery.mean);
  CHECK(*sli.recovery.mean == Approx(500 * sim::seconds_per_hour).epsilon(5.5 / std::sqrt(17'000.0)));
  CHECK(sli.recovery.censored_share < 1e-4);
  CHECK(sli.without_planned == Approx(*sli.unavailability.value));
  REQUIRE(result.budget.size() == 1);
  CHECK(result.budget[0].downtime_share == Approx(1));
  CHECK(result.budget[0].mean_outage_s == Approx(*sli.recovery.mean));
  double phases = 0;
  for (const auto& [name, length] : result.budget[0].phases_s) phases += length;
  CHECK(phases == Approx(*sli.recovery.mean));
}

TEST_CASE("timeline: the first outage from all well comes later than one follows the other", "[timeline]") {
  // Two units, one needed, own crews: (3 l + m) / (2 l^2) from both whole; both down 2 U A l times an hour.
  const models::Topology topology = boxes_topology({box("u", 2, 1e-3, 500)}, at_least(1, {part("u")}));
  const Assessment result = simulate(topology, 20'000, 3);
  check_near(result.slis[0].mttf_h, 2500);
  check_near(result.slis[0].mtbf_h, 2250);
  check_near(result.slis[0].unavailability, 1.0 / 9);
  // Where about as many first outages come within the warm-up as after it, the interval has both.
  int covered = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    covered += covers(simulate(topology, 300, seed).slis[0].mttf_h.ci95, 2500) ? 1 : 0;
  }
  CHECK(covered >= 170);
}

TEST_CASE("timeline: a first outage that hardly ever comes is bounded, and one that comes at once is averaged",
          "[timeline]") {
  const Assessment rare = simulate(unit(1e9, 1), 300, 1);
  CHECK_FALSE(rare.slis[0].mttf_h.value);
  CHECK(*rare.slis[0].mttf_h.lower95 == Approx(300 * sim::hours_per_year / 2.9957).epsilon(0.01));
  const Assessment often = simulate(unit(2, 10'000), 300, 1);
  check_near(often.slis[0].mttf_h, 2);
  check_near(often.slis[0].unavailability, 10'000.0 / 10'002);
  CHECK(often.slis[0].unavailability.ci95->upper <= 1);
}

TEST_CASE("timeline: a unit that ages is not extrapolated", "[timeline]") {
  // Lives are Weibull of shape 3; from the steady state what is left of one is (m^2 + s^2) / 2m on average: 0.566 m.
  const auto aged = [](double mean_h) {
    models::Topology topology = unit(mean_h, 1);
    const double scale = mean_h / std::tgamma(1 + 1.0 / 3);
    topology.components[0].failure = models::Law::weibull(models::testing::of_hours(scale), 3);
    return topology;
  };
  const double m = std::tgamma(1 + 1.0 / 3);
  const double left = std::tgamma(1 + 2.0 / 3) / (2 * m * m);
  check_near(simulate(aged(500), 300, 1).slis[0].mttf_h, 500 * left);
  const sim::Estimate beyond = simulate(aged(20'000), 300, 1).slis[0].mttf_h;
  CHECK_FALSE(beyond.value);
  CHECK(*beyond.lower95 < 20'000 * left);
  CHECK(*beyond.lower95 > 5000);
}

TEST_CASE("warm-up: as long as the slowest recovery is remembered", "[timeline]") {
  const auto length_h = [](const models::Topology& topology) {
    return warm_up(models::build_plan(topology, 1), sim::year).length.to_seconds() / sim::seconds_per_hour;
  };
  models::Topology topology = unit(1000, 5);
  CHECK(length_h(topology) == Approx(5 * std::log(1000.0)));
  topology.components[0].repair = models::Law::constant(models::testing::of_hours(5));
  CHECK(length_h(topology) == Approx(5 * 0.999));
  topology.components[0].stages = {{"sync", models::testing::exponential_hours(2), 1, false, false}};
  CHECK(length_h(topology) == Approx(5 * 0.999 + 2 * std::log(1000.0)));
  // Ten units wait for one crew that is busy 81 % of the time.
  models::Topology crew = boxes_topology({box("u", 10, 0.081, 1, "ops")}, at_least(1, {part("u")}));
  crew.crews = {{"ops", 1, models::components::CrewPolicy::fcfs, {}, {}}};
  CHECK(length_h(crew) == Approx(std::log(1000.0) * std::min(100.0, 1 + 1 / 0.081)).epsilon(1e-3));
}

TEST_CASE("warm-up: what has no steady state starts whole, what takes too long is said", "[timeline]") {
  models::Topology topology = unit(50'000, 5);
  topology.components[0].repair.reset();
  const WarmUp never = warm_up(models::build_plan(topology, 1), sim::year);
  CHECK_FALSE(never.steady);
  CHECK(never.length == sim::Duration());
  CHECK(simulate(topology, 300, 1).slis[0].alarms.empty());
  const models::Topology centuries = unit(1e6, 1e6);
  CHECK_FALSE(warm_up(models::build_plan(centuries, 1), sim::year).complete);
  const Assessment result = simulate(centuries, 20, 1);
  CHECK_FALSE(result.slis[0].alarms.empty());
  CHECK(result.slis[0].sla->verdict == Verdict::open);
}

}  // namespace timeline_test
