// What comes first in an answer, against closed forms: RTO, breach of a month and a year, kinds of fault, single
// points.
#include "experiments/estimate/headline.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/loader/topology_file.hpp"
#include "sim/compound_poisson.hpp"

namespace headline_test {

using namespace nines;
using namespace nines::experiments;

namespace {

loader::LoadedTopology load(const std::string& components, const std::string& requires_, const std::string& more = "") {
  return loader::load_topology_text(
      "in.json", R"({"schema": "nines/topology/1", "name": "t", "title": "t", "components": [)" + components +
                     R"(], "services": [{"name": "s", "kind": "composite", "slis": [{"name": "up", "requires": )" +
                     requires_ + more + "}]}]}");
}

std::string unit(const std::string& name, const std::string& life, const std::string& repair) {
  return R"({"name": ")" + name + R"(", "failure": {"law": "exponential", "mean": ")" + life + R"("}, "repair": )" +
         repair + "}";
}

constexpr const char* one_hour = R"({"law": "exponential", "mean": "1 h"})";

Assessment by(Method method, const models::Plan& plan, double precision = 0.02) {
  AssessOptions options;
  options.method = method;
  options.precision = precision;
  return assess(plan, options);
}

/// Within the 95 % interval widened from 1.96 to 5.5 standard errors (false alarm 4e-8).
bool within(const sim::Interval& ci, double value, double truth) {
  const double widen = 5.5 / 1.96;
  return truth >= value - (value - ci.lower) * widen && truth <= value + (ci.upper - value) * widen;
}

/// P(more than `budget` hours down in `window`) of a unit with exponential life and repair, in the long run: it begins
/// up, or within a repair whose rest is exponential again (Takacs; the integral by Simpson's rule).
double steady_breach(double life, double repair, double window, double budget) {
  const double down = repair / (life + repair);
  const auto from_up = [&](double rest) {
    return sim::breach_with_exponential_outages(1 / life, repair, window - rest, budget - rest);
  };
  constexpr int cells = 4000;
  double integral = 0;
  for (int i = 0; i <= cells; ++i) {
    const double rest = budget * i / cells;
    const double weight = i == 0 || i == cells ? 1 : i % 2 == 1 ? 4 : 2;
    integral += weight * std::exp(-rest / repair) / repair * from_up(rest);
  }
  integral *= budget / cells / 3;
  return (1 - down) * from_up(0) + down * (std::exp(-budget / repair) + integral);
}

}  // namespace

TEST_CASE("headline: RTO of exponential repairs is the law's quantile, solved and sampled", "[headline]") {
  const auto input = load(unit("u", "200 h", one_hour), "\"u\"");
  const models::Plan plan = models::build_plan(input.topology, 1);
  const double p50 = 3600 * std::log(2.0);
  const double p95 = 3600 * std::log(20.0);
  const Assessment solved = by(Method::exact, plan);
  CHECK(*solved.slis[0].recovery.p50 == Approx(p50).epsilon(1e-6));
  CHECK(*solved.slis[0].recovery.p95 == Approx(p95).epsilon(1e-6));
  const RecoveryTime sampled = by(Method::incidents, plan).slis[0].recovery;
  REQUIRE(sampled.p50_ci95);
  REQUIRE(sampled.p95_ci95);
  CHECK(within(*sampled.p50_ci95, *sampled.p50, p50));
  CHECK(within(*sampled.p95_ci95, *sampled.p95, p95));
  // The whole curve, where the sample is large enough for an interval.
  std::size_t points = 0;
  double before = 0;
  for (const QuantilePoint& point : sampled.curve) {
    CHECK(point.value >= before);
    before = point.value;
    if (!point.ci95) continue;
    ++points;
    INFO("share " << point.share);
    CHECK(within(*point.ci95, point.value, -3600 * std::log(1 - point.share)));
  }
  CHECK(points > 20);
  CHECK(solved.slis[0].recovery.curve.empty());
}

TEST_CASE("headline: breach of a month and of a year, whatever the window of the SLA", "[headline]") {
  const double life = 800;
  const double month = steady_breach(life, 1, month_h, month_h * 0.002);
  const double year = steady_breach(life, 1, year_h, year_h * 0.002);
  REQUIRE(month > 0.02);
  REQUIRE(year > 0.02);
  for (const char* window : {"730", "8760", "100"}) {
    const auto input = load(unit("u", "800 h", one_hour), "\"u\"",
                            R"(, "sla": {"target": 0.998, "window_h": )" + std::string(window) + "}");
    const models::Plan plan = models::build_plan(input.topology, 1);
    const CalendarBreach solved = by(Method::exact, plan).slis[0].breach;
    CHECK(*solved.month.value == Approx(month).epsilon(1e-4));
    CHECK(*solved.year.value == Approx(year).epsilon(1e-4));
    const CalendarBreach sampled = by(Method::incidents, plan).slis[0].breach;
    CHECK(within(*sampled.month.ci95, *sampled.month.value, month));
    CHECK(within(*sampled.year.ci95, *sampled.year.value, year));
  }
}

TEST_CASE("headline: windows of simulated years are counted by month and year", "[headline]") {
  const auto input = load(unit("u", "800 h", one_hour), "\"u\"", R"(, "sla": {"target": 0.998, "window_h": 100})");
  AssessOptions options;
  options.method = Method::timeline;
  options.max_years = 400;
  options.precision = 1e-4;
  const SliResult sli = assess(models::build_plan(input.topology, 1), options).slis[0];
  REQUIRE(sli.breach.month.ci95);
  REQUIRE(sli.breach.year.ci95);
  CHECK(within(*sli.breach.month.ci95, *sli.breach.month.value, steady_breach(800, 1, month_h, month_h * 0.002)));
  CHECK(within(*sli.breach.year.ci95, *sli.breach.year.value, steady_breach(800, 1, year_h, year_h * 0.002)));
}

TEST_CASE("headline: the longest kind of fault and the single points of failure by name", "[headline]") {
  // Alone: the slow one. Of the pair, both must be down.
  const auto input = load(unit("quick", "100 h", "\"1 h\"") + "," + unit("slow", "3000 h", "\"10 h\"") + "," +
                              R"({"name": "pair", "count": 2, "failure": {"law": "exponential", "mean": "100 h"},
                                  "repair": {"law": "exponential", "mean": "1 h"}})",
                          R"({"all": ["quick", "slow", {"at_least": 1, "of": ["pair"]}]})");
  const models::Plan plan = models::build_plan(input.topology, 1);
  for (const Method method : {Method::automatic, Method::incidents}) {
    const Assessment result = by(method, plan, 0.05);
    const std::vector<Headline> all = headlines(plan, result);
    REQUIRE(all.size() == 1);
    REQUIRE(all[0].longest);
    CHECK(all[0].longest->fault == "component-fail of slow");
    // A further fault may make it longer, a little and seldom.
    CHECK(*all[0].longest->p95_s == Approx(36000).epsilon(0.05));
    CHECK(all[0].longest->outages_per_year == Approx(8760 / 3010.0).epsilon(0.2));
    CHECK_FALSE(all[0].holds_data);
    CHECK_FALSE(all[0].lossiest);
    std::vector<std::string> points = all[0].single_points;
    std::sort(points.begin(), points.end());
    CHECK(points == std::vector<std::string>{"quick", "slow"});
  }
}

TEST_CASE("headline: a yearly figure of losses is printed only where losses make one", "[headline]") {
  const auto estimate = [](double value, double low, double high, std::uint64_t seen) {
    sim::Estimate result;
    result.value = value;
    if (seen >= 100) result.ci95 = sim::Interval{low, high};
    result.observations = seen;
    return result;
  };
  const auto loss = [&](double events, std::uint64_t seen, double spread = 1.1) {
    DataLoss result;
    result.events_per_year = estimate(events, events / spread, events * spread, seen);
    result.records_per_year = estimate(events * 5000, events * 5000 / spread, events * 5000 * spread, seen);
    result.records_p50 = result.records_p95 = 5000;
    return result;
  };
  DataLoss unseen;
  unseen.events_per_year.upper95 = 0.03;
  CHECK(loss_known(unseen) == LossKnown::unseen);
  CHECK(loss_known(loss(1e-10, 1)) == LossKnown::beyond);
  CHECK(loss_known(loss(1e-10, 1000)) == LossKnown::beyond);
  CHECK(loss_known(loss(1e-3, 1)) == LossKnown::few);
  CHECK(loss_known(loss(1e-3, 1000)) == LossKnown::seldom);
  CHECK(loss_known(loss(2, 1000)) == LossKnown::a_figure);
  CHECK(loss_known(loss(2, 1000, 4)) == LossKnown::bounded);
  // Of one loss in 10^10 years no digit reaches the reader.
  CHECK(records_text(loss(1e-10, 1)) == "< 1 loss in 10^6 yr");
  CHECK(records_text(loss(1e-3, 1000)) == "once in 1,000 years: 5,000");
  CHECK(records_text(loss(2, 1000)) == "10000");
  // One of a Poisson count: 5.57 times at most (Garwood).
  CHECK(*most_losses_per_year(loss(1e-3, 1)) == Approx(5.5716e-3).epsilon(1e-3));
}

}  // namespace headline_test
