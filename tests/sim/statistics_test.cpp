// Estimators against published values, closed forms and their own promise: that an interval covers the truth.
//
// Coverage checks: m = 4,000 experiments with fixed seeds; the share that covers the truth has standard deviation
// 0.0034 under exact coverage of 0.95, and a check allows 5.5 of them (0.019), so a false alarm over seeds has
// probability below 1e-6 for all checks together. An interval 10 % too narrow covers 0.92 and fails.
#include "sim/statistics.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/poisson.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/math.hpp"
#include "sim/random.hpp"

namespace statistics_test {

using namespace nines;
using sim::Estimate;
using sim::Summary;

namespace {

constexpr int experiments = 4'000;
constexpr double slack = 0.019;

/// One experiment's random numbers.
class Draws {
 public:
  Draws(std::uint64_t key, int experiment) : key_(key), run_(static_cast<std::uint64_t>(experiment)) {}
  double uniform() { return sim::to_unit(sim::random_bits(key_, run_, next_++)); }
  double exponential(double mean) { return -mean * sim::log(uniform()); }
  double normal() { return sim::normal_quantile(uniform()); }
  std::uint64_t poisson(double mean) {
    std::uint64_t count = 0;
    for (double t = exponential(1); t < mean; t += exponential(1)) ++count;
    return count;
  }

 private:
  std::uint64_t key_;
  std::uint64_t run_;
  std::uint32_t next_ = 0;
};

/// Share of experiments whose interval covers `truth`; those without an interval count as misses.
template <class Experiment>
double coverage(double truth, Experiment experiment) {
  int covered = 0;
  for (int i = 0; i < experiments; ++i) {
    const Estimate estimate = experiment(i);
    if (estimate.ci95 && estimate.ci95->lower <= truth && truth <= estimate.ci95->upper) ++covered;
  }
  return covered / static_cast<double>(experiments);
}

Summary summary_of(const std::vector<double>& values) {
  Summary summary;
  for (const double value : values) summary.add(value);
  return summary;
}

}  // namespace

TEST_CASE("a summary gives mean, variance and range") {
  const Summary summary = summary_of({2, 4, 4, 4, 5, 5, 7, 9});
  CHECK(summary.count() == 8);
  CHECK(summary.mean() == Approx(5));
  CHECK(summary.total() == Approx(40));
  CHECK(summary.variance() == Approx(32.0 / 7));
  CHECK(summary.smallest() == 2);
  CHECK(summary.largest() == 9);
  CHECK(Summary().variance() == 0);
}

TEST_CASE("a summary keeps small differences of large numbers") {
  const Summary summary = summary_of({1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16});
  CHECK(summary.variance() == Approx(30).epsilon(1e-9));
}

TEST_CASE("merging is adding") {
  Draws draws(1, 0);
  Summary all, left, right;
  for (int i = 0; i < 1000; ++i) {
    const double x = draws.exponential(3);
    all.add(x);
    (i < 300 ? left : right).add(x);
  }
  left.merge(right);
  left.merge(Summary());
  CHECK(left.count() == all.count());
  CHECK(left.mean() == Approx(all.mean()).epsilon(1e-13));
  CHECK(left.variance() == Approx(all.variance()).epsilon(1e-12));
  CHECK(left.smallest() == all.smallest());
  CHECK(left.largest() == all.largest());
}

TEST_CASE("the t interval of a worked example") {
  // Nine observations, mean 50, s = 6: 50 +- 2.306004 x 6 / 3.
  const Estimate estimate = sim::mean_estimate(summary_of({44, 44, 44, 44, 50, 56, 56, 56, 56}));
  CHECK(*estimate.value == Approx(50));
  const double s = std::sqrt(36.0);
  CHECK(estimate.ci95->upper == Approx(50 + 2.306004135204 * s / 3).epsilon(1e-10));
  CHECK(estimate.ci95->lower == Approx(50 - 2.306004135204 * s / 3).epsilon(1e-10));
}

TEST_CASE("too few or equal replications give no interval") {
  CHECK_FALSE(sim::mean_estimate(Summary()).value);
  CHECK(sim::mean_estimate(summary_of({3})).value);
  CHECK_FALSE(sim::mean_estimate(summary_of({3})).ci95);
  CHECK_FALSE(sim::mean_estimate(summary_of({0, 0, 0})).ci95);
}

TEST_CASE("the t interval covers a normal mean") {
  CHECK(coverage(10, [](int i) {
          Draws draws(2, i);
          Summary summary;
          for (int k = 0; k < 6; ++k) summary.add(10 + 3 * draws.normal());
          return sim::mean_estimate(summary);
        }) == Approx(0.95).margin(slack));
}

TEST_CASE("the quantile interval has the ranks of the binomial law") {
  // n = 100 observations 1 ... 100.
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  const Estimate median = sim::quantile_estimate(values, 0.5);
  CHECK(*median.value == 50);
  CHECK(median.ci95->lower == 40);  // published table: ranks 40 and 61
  CHECK(median.ci95->upper == 61);
  CHECK_FALSE(sim::quantile_estimate(values, 0.99).ci95);  // 0.99^100 = 0.37: the largest of 100 is no upper bound
  CHECK(*sim::quantile_estimate(values, 0.99).value == 99);
  CHECK_FALSE(sim::quantile_estimate({}, 0.5).value);
  CHECK(sim::quantile_estimate({7}, 0.5).value == 7.0);
  // Six is the smallest sample with an interval for the median: 2 x 0.5^6 < 0.05 < 2 x 0.5^5.
  CHECK_FALSE(sim::quantile_estimate({1, 2, 3, 4, 5}, 0.5).ci95);
  CHECK(sim::quantile_estimate({1, 2, 3, 4, 5, 6}, 0.5).ci95);
}

TEST_CASE("ranks of quantile intervals keep the promised tails for all n") {
  for (const double q : {0.01, 0.5, 0.9, 0.99}) {
    for (int n = 5; n < 700; n += 13) {
      std::vector<double> values;
      for (int i = 1; i <= n; ++i) values.push_back(i);
      const Estimate estimate = sim::quantile_estimate(values, q);
      if (!estimate.ci95) continue;
      const boost::math::binomial_distribution<> below(n, q);
      REQUIRE(cdf(below, estimate.ci95->lower - 1) <= 0.025);
      REQUIRE(cdf(complement(below, estimate.ci95->upper - 1)) <= 0.025);
      // One rank further in would break it.
      REQUIRE(cdf(below, estimate.ci95->lower) > 0.025);
      REQUIRE(cdf(complement(below, estimate.ci95->upper - 2)) > 0.025);
    }
  }
}

TEST_CASE("the quantile interval covers a quantile of a skewed law") {
  const double share = coverage(std::log(10.0), [](int i) {
    Draws draws(3, i);
    std::vector<double> values;
    for (int k = 0; k < 200; ++k) values.push_back(draws.exponential(1));
    return sim::quantile_estimate(values, 0.9);
  });
  CHECK(share > 0.95 - slack);
  CHECK(share < 0.985);  // conservative, as ranks are whole
}

TEST_CASE("exact Poisson intervals agree with tables and with Boost") {
  // Garwood's table: 1 event 0.0253 to 5.572, 10 events 4.795 to 18.39.
  CHECK(sim::poisson_rate(1, 1).ci95->lower == Approx(0.0253178).epsilon(1e-5));
  CHECK(sim::poisson_rate(1, 1).ci95->upper == Approx(5.5716434).epsilon(1e-6));
  CHECK(sim::poisson_rate(10, 2).ci95->lower == Approx(4.7953887 / 2).epsilon(1e-6));
  CHECK(sim::poisson_rate(10, 2).ci95->upper == Approx(18.390356 / 2).epsilon(1e-6));
  for (const std::uint64_t n : {2ULL, 5ULL, 100ULL, 100'000ULL}) {
    const auto ci = *sim::poisson_rate(n, 1).ci95;
    const double count = static_cast<double>(n);
    CHECK(cdf(boost::math::poisson_distribution<>(ci.upper), count) == Approx(0.025).epsilon(1e-8));
    CHECK(cdf(complement(boost::math::poisson_distribution<>(ci.lower), count - 1)) == Approx(0.025).epsilon(1e-8));
  }
}

TEST_CASE("an event never seen is bounded, not denied") {
  const Estimate estimate = sim::poisson_rate(0, 1000);
  CHECK_FALSE(estimate.value);
  CHECK_FALSE(estimate.ci95);
  CHECK(*estimate.upper95 == Approx(2.995732273553991 / 1000).epsilon(1e-14));
  CHECK(*sim::scaled(estimate, 2).upper95 == Approx(2 * 2.995732273553991 / 1000).epsilon(1e-14));
  CHECK_FALSE(sim::compound_poisson_rate(Summary(), 10).value);
}

TEST_CASE("the compound Poisson interval is the stated formula from five events on") {
  const Estimate estimate = sim::compound_poisson_rate(summary_of({1, 2, 3, 4, 5}), 100);
  CHECK(*estimate.value == Approx(0.15));
  const double half = 2.7764451051978 * std::sqrt((1 + 2.5 / 9) / 5);
  CHECK(estimate.ci95->lower == Approx(0.15 * std::exp(-half)).epsilon(1e-10));
  CHECK(estimate.ci95->upper == Approx(0.15 * std::exp(half)).epsilon(1e-10));
  CHECK_FALSE(estimate.upper95);
}

TEST_CASE("one to four events give a value and an upper bound") {
  for (const auto& sizes : {std::vector<double>{4}, {4, 5}, {4, 5, 6}, {4, 5, 6, 7}}) {
    const Estimate estimate = sim::compound_poisson_rate(summary_of(sizes), 100);
    CHECK(estimate.value);
    CHECK_FALSE(estimate.ci95);
    CHECK(*estimate.upper95 > 2 * *estimate.value);
  }
}

TEST_CASE("the compound Poisson interval covers the truth where the t interval does not") {
  // 100 replications with 0.088 exponential outages each: about nine outages a study. The fact sheet measured 0.97.
  const auto study = [](int i) {
    Draws draws(4, i);
    Summary sizes;
    for (std::uint64_t n = draws.poisson(8.8); n > 0; --n) sizes.add(draws.exponential(2));
    return sizes;
  };
  const double share = coverage(0.176, [&](int i) {
    const Summary sizes = study(i);
    // Too few events: no interval; the upper bound takes its place.
    if (sizes.count() >= 5) return sim::compound_poisson_rate(sizes, 100);
    Estimate estimate = sim::compound_poisson_rate(sizes, 100);
    if (!estimate.upper95) estimate = sim::scaled(sim::poisson_rate(0, 100), 2);
    estimate.ci95 = sim::Interval{0, *estimate.upper95};
    return estimate;
  });
  CHECK(share > 0.95 - slack);
  CHECK(share < 0.99);
}

TEST_CASE("the bound from few events covers, given that few were seen") {
  int few = 0;
  int covered = 0;
  for (int i = 0; i < experiments; ++i) {
    Draws draws(5, i);
    Summary sizes;
    for (std::uint64_t n = draws.poisson(2.5); n > 0; --n) sizes.add(draws.exponential(2));
    const Estimate estimate = sim::compound_poisson_rate(sizes, 10);
    if (!estimate.upper95) continue;
    ++few;
    if (0.5 <= *estimate.upper95) ++covered;
  }
  REQUIRE(few > 3000);
  CHECK(covered > 0.95 * few);
}

TEST_CASE("a proportion has the interval of Clopper and Pearson") {
  // 5 of 20: 0.0866 to 0.4910 (published); Boost gives the same bounds.
  const Estimate estimate = sim::proportion_estimate(5, 20);
  CHECK(*estimate.value == 0.25);
  using Binomial = boost::math::binomial_distribution<>;
  CHECK(estimate.ci95->lower == Approx(0.08657).epsilon(1e-3));
  CHECK(estimate.ci95->lower == Approx(Binomial::find_lower_bound_on_p(20, 5, 0.025)).epsilon(1e-10));
  CHECK(estimate.ci95->upper == Approx(Binomial::find_upper_bound_on_p(20, 5, 0.025)).epsilon(1e-10));
}

TEST_CASE("none of n and all of n give one-sided bounds") {
  const Estimate none = sim::proportion_estimate(0, 100);
  CHECK_FALSE(none.value);
  CHECK(*none.upper95 == Approx(1 - std::pow(0.05, 0.01)).epsilon(1e-12));
  const Estimate all = sim::proportion_estimate(100, 100);
  CHECK_FALSE(all.value);
  CHECK(*all.lower95 == Approx(std::pow(0.05, 0.01)).epsilon(1e-12));
  CHECK_FALSE(sim::proportion_estimate(0, 0).upper95);
}

TEST_CASE("the proportion interval covers, conservatively") {
  const double share = coverage(0.3, [](int i) {
    Draws draws(6, i);
    std::uint64_t successes = 0;
    for (int k = 0; k < 40; ++k) successes += draws.uniform() < 0.3 ? 1 : 0;
    return sim::proportion_estimate(successes, 40);
  });
  CHECK(share > 0.95 - slack);
}

TEST_CASE("the regenerative ratio of a worked example") {
  sim::RegenerativeCycles cycles;
  cycles.add(1, 10);
  cycles.add(2, 12);
  cycles.add(3, 8);
  cycles.add(2, 10);
  cycles.add(2, 10);
  const Estimate estimate = cycles.estimate();
  CHECK(*estimate.value == Approx(0.2));
  // Residuals reward - 0.2 length: -1, -0.4, 1.4, 0, 0; their sum of squares is 3.12, and they sum to 0.
  const double half = 2.7764451051978 * std::sqrt(3.12 / 4 / 5) / 10 / 0.2;
  CHECK(estimate.ci95->upper == Approx(0.2 * std::exp(half)).epsilon(1e-9));
  CHECK(estimate.ci95->lower == Approx(0.2 * std::exp(-half)).epsilon(1e-9));
}

TEST_CASE("merged cycles equal added cycles, and cycles without reward prove nothing") {
  Draws draws(7, 0);
  sim::RegenerativeCycles all, left, right, none;
  for (int i = 0; i < 500; ++i) {
    const double up = draws.exponential(10);
    const double down = draws.exponential(1);
    all.add(down, up + down);
    (i % 3 == 0 ? left : right).add(down, up + down);
    none.add(0, up);
  }
  left.merge(right);
  CHECK(*left.estimate().value == Approx(*all.estimate().value).epsilon(1e-12));
  CHECK(left.estimate().ci95->upper == Approx(all.estimate().ci95->upper).epsilon(1e-11));
  CHECK_FALSE(none.estimate().value);
  CHECK(none.estimate().observations == 500);
}

TEST_CASE("the regenerative interval covers the closed form of one repairable machine") {
  // Up exponential 1,000 h, down exponential 1 h: U = 1/1001. 20 cycles, then 100.
  for (const int length : {20, 100}) {
    const double share = coverage(1.0 / 1001, [length](int i) {
      Draws draws(8, i);
      sim::RegenerativeCycles cycles;
      for (int k = 0; k < length; ++k) {
        const double up = draws.exponential(1000);
        const double down = draws.exponential(1);
        cycles.add(down, up + down);
      }
      return cycles.estimate();
    });
    CHECK(share > 0.93);
    CHECK(share < 0.97);
  }
}

TEST_CASE("batch means of independent and of correlated series") {
  const auto series = [](double correlation, int length, int experiment) {
    Draws draws(9, experiment);
    std::vector<double> values;
    double x = draws.normal();
    for (int i = 0; i < length; ++i) {
      x = correlation * x + std::sqrt(1 - correlation * correlation) * draws.normal();
      values.push_back(x);
    }
    return values;
  };
  // Independent observations: exact t interval.
  CHECK(coverage(0, [&](int i) { return sim::batch_means(series(0, 200, i)).estimate; }) == Approx(0.95).margin(slack));
  // Autoregressive, memory of about 200 observations: batches of 50 are too short, and the check must say so.
  int flagged_short = 0;
  int flagged_long = 0;
  for (int i = 0; i < 200; ++i) {
    if (sim::batch_means(series(0.99, 1000, i)).correlated) ++flagged_short;
    if (sim::batch_means(series(0, 1000, i)).correlated) ++flagged_long;
  }
  CHECK(flagged_short > 100);
  CHECK(flagged_long < 30);  // nominal 10 of 200; 30 is 6.5 standard deviations away
}

TEST_CASE("batches leave out the rest at the beginning") {
  std::vector<double> values{1000, 1000};
  for (int i = 0; i < 30; ++i) values.push_back(i / 3);
  CHECK(*sim::batch_means(values, 10).estimate.value == Approx(4.5));
}

TEST_CASE("strata add up, with the standard error of the sum") {
  const std::vector<sim::Stratum> strata{{2.0, summary_of({1, 2, 3})}, {0.5, summary_of({10, 14})}, {0.0, Summary()}};
  const Estimate estimate = sim::stratified_estimate(strata);
  CHECK(*estimate.value == Approx(10));
  CHECK(estimate.observations == 5);
  // Variance 4 x 1/3 + 0.25 x 8/2; degrees of freedom of Satterthwaite.
  const double a = 4.0 / 3, b = 1.0;
  CHECK(std::log(estimate.ci95->upper / 10) == Approx(-std::log(estimate.ci95->lower / 10)).epsilon(1e-12));
  const double degrees = (a + b) * (a + b) / (a * a / 2 + b * b);
  CHECK(degrees > 2);
  CHECK(degrees < 3);
  const double t = std::log(estimate.ci95->upper / 10) * 10 / std::sqrt(a + b);
  CHECK(t > 3.182446);  // t(3)
  CHECK(t < 4.302653);  // t(2)
}

TEST_CASE("a stratum without a sample leaves the sum open") {
  CHECK_FALSE(sim::stratified_estimate(std::vector<sim::Stratum>{{1, summary_of({1, 2})}, {1, Summary()}}).value);
  const Estimate one =
      sim::stratified_estimate(std::vector<sim::Stratum>{{1, summary_of({1, 2})}, {1, summary_of({1})}});
  CHECK(one.value);
  CHECK_FALSE(one.ci95);
}

TEST_CASE("the stratified interval covers") {
  CHECK(coverage(2 * 3 + 0.1 * 20, [](int i) {
          Draws draws(10, i);
          Summary common, rare;
          for (int k = 0; k < 60; ++k) common.add(draws.exponential(3));
          for (int k = 0; k < 60; ++k) rare.add(draws.exponential(20));
          return sim::stratified_estimate(std::vector<sim::Stratum>{{2, common}, {0.1, rare}});
        }) == Approx(0.95).margin(slack));
}

TEST_CASE("statistics: a proportion of trials that come in clusters", "[statistics]") {
  // Clusters of twelve that all succeed or none does: as many trials as clusters.
  constexpr int clusters = 100;
  const auto all_or_none = [](int experiment) {
    Draws draws(0xc1a5, experiment);
    Summary successes;
    for (int i = 0; i < clusters; ++i) successes.add(draws.uniform() < 0.3 ? 12 : 0);
    return sim::clustered_proportion(successes, 12, 1);
  };
  int covered = 0;
  for (int i = 0; i < experiments; ++i) {
    const Estimate estimate = all_or_none(i);
    if (estimate.ci95 && estimate.ci95->lower <= 0.3 && 0.3 <= estimate.ci95->upper) ++covered;
  }
  CHECK(covered > (0.95 - slack) * experiments);
  // Independent trials in clusters: what Clopper and Pearson say, as nearly as the effect is 1; never less.
  Summary spread;
  for (int i = 0; i < clusters; ++i) spread.add(i % 4 == 0 ? 1 : 0);
  const Estimate plain = sim::proportion_estimate(25, 1200);
  const Estimate clustered = sim::clustered_proportion(spread, 12, 1);
  CHECK(*clustered.value == Approx(*plain.value));
  CHECK(clustered.ci95->lower == Approx(plain.ci95->lower));
  CHECK(clustered.ci95->upper == Approx(plain.ci95->upper));
  // None or all: what one cause makes of them is presumed.
  Summary none;
  for (int i = 0; i < clusters; ++i) none.add(0);
  CHECK(*sim::clustered_proportion(none, 12, 1).upper95 == Approx(*sim::proportion_estimate(0, 1200).upper95));
  CHECK(*sim::clustered_proportion(none, 12, 12).upper95 == Approx(*sim::proportion_estimate(0, 100).upper95));
  Summary every;
  for (int i = 0; i < clusters; ++i) every.add(12);
  CHECK(*sim::clustered_proportion(every, 12, 3).lower95 == Approx(*sim::proportion_estimate(400, 400).lower95));
}

TEST_CASE("statistics: estimates turned over, and shares cut off at 1", "[statistics]") {
  const Estimate rate = sim::poisson_rate(10, 5);
  const Estimate time = sim::inverted(rate, 8760);
  CHECK(*time.value == Approx(4380));
  CHECK(time.ci95->lower == Approx(8760 / rate.ci95->upper));
  CHECK(time.ci95->upper == Approx(8760 / rate.ci95->lower));
  const Estimate unseen = sim::inverted(sim::poisson_rate(0, 5), 8760);
  CHECK_FALSE(unseen.value);
  CHECK(*unseen.lower95 == Approx(8760 * 5 / 2.99573227));
  Estimate wide;
  wide.value = 0.5;
  wide.ci95 = sim::Interval{1e-3, 25};
  wide.upper95 = 3;
  const Estimate cut = sim::at_most_one(wide);
  CHECK((*cut.value == 0.5 && cut.ci95->lower == 1e-3 && cut.ci95->upper == 1 && *cut.upper95 == 1));
}

}  // namespace statistics_test
