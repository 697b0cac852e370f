#include "sim/distribution.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/math.hpp"
#include "sim/random.hpp"
#include "sim/statistics.hpp"

namespace distribution_test {

using namespace nines::sim;
using namespace nines::sim::literals;

namespace {

std::vector<double> sample(const Distribution& law, std::uint32_t draws) {
  std::vector<double> seconds;
  for (std::uint32_t i = 0; i < draws; ++i) {
    seconds.push_back(law.quantile(to_unit(random_bits(23, 0, i))).to_seconds());
  }
  return seconds;
}

Summary summary_of(const std::vector<double>& values) {
  Summary summary;
  for (const double value : values) summary.add(value);
  return summary;
}

/// Share of values at or below `limit`.
double share_below(const std::vector<double>& values, double limit) {
  const auto below = std::count_if(values.begin(), values.end(), [limit](double value) { return value <= limit; });
  return static_cast<double>(below) / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("quantiles are the closed forms") {
  CHECK(Distribution::constant(3_s).quantile(0.1) == 3_s);
  CHECK(Distribution::uniform(1_s, 3_s).quantile(0.25) == 1500_ms);
  CHECK(Distribution::exponential(10_s).quantile(0.5).to_seconds() == Approx(10 * std::log(2.0)).epsilon(1e-9));
  CHECK(Distribution::exponential(10_s).quantile(0.99).to_seconds() == Approx(10 * std::log(100.0)).epsilon(1e-9));
  CHECK(Distribution::lognormal(10_s, 0.7).quantile(0.5) == 10_s);
  CHECK(Distribution::lognormal(10_s, 0.7).quantile(0.975).to_seconds() ==
        Approx(10 * std::exp(0.7 * 1.959963984540054)).epsilon(1e-9));
}

TEST_CASE("means are the closed forms") {
  CHECK(Distribution::constant(3_s).mean() == 3_s);
  CHECK(Distribution::uniform(1_s, 4_s).mean() == 2500_ms);
  CHECK(Distribution::exponential(10_s).mean() == 10_s);
  CHECK(Distribution::lognormal(10_s, 0.8).mean().to_seconds() == Approx(10 * std::exp(0.32)).epsilon(1e-9));
}

TEST_CASE("a draw is never negative and grows with the uniform") {
  for (const Distribution& law : {Distribution::constant(1_s), Distribution::uniform(0_s, 1_s),
                                  Distribution::exponential(1_s), Distribution::lognormal(1_s, 2.5)}) {
    Duration last;
    for (int i = 0; i <= 1000; ++i) {
      const Duration draw = law.quantile(to_unit(static_cast<std::uint64_t>(i) << 54));
      REQUIRE(draw >= last);
      last = draw;
    }
    CHECK(law.quantile(to_unit(~std::uint64_t{0})) >= last);
  }
}

// 400,000 draws; each check allows 5.5 standard deviations of the statistic, so a false alarm over seeds has
// probability below 1e-6 in all, and 5.5 standard deviations are at most 2.5 % here: an error of 10 % cannot pass.
TEST_CASE("moments and shares of draws") {
  constexpr std::uint32_t draws = 400'000;
  const double root = std::sqrt(static_cast<double>(draws));
  const auto check = [&](const Distribution& law, double mean, double deviation) {
    const std::vector<double> values = sample(law, draws);
    const Summary summary = summary_of(values);
    CHECK(5.5 * deviation / root < 0.025 * mean);
    CHECK(std::abs(summary.mean() - mean) < 5.5 * deviation / root);
    for (const double u : {0.05, 0.5, 0.95}) {
      const double allowed = 5.5 * std::sqrt(u * (1 - u)) / root;
      CHECK(std::abs(share_below(values, law.quantile(u).to_seconds()) - u) < allowed);
    }
  };
  check(Distribution::uniform(2_s, 6_s), 4, 4 / std::sqrt(12.0));
  check(Distribution::exponential(5_s), 5, 5);
  const double mean = 5 * std::exp(0.32);
  check(Distribution::lognormal(5_s, 0.8), mean, mean * std::sqrt(std::exp(0.64) - 1));
}

TEST_CASE("Hazard, quantile and stationary age of every law agree with each other") {
  const std::vector<Distribution> laws{Distribution::uniform(2_h, 5_h),   Distribution::exponential(3_h),
                                       Distribution::lognormal(3_h, 1.2), Distribution::erlang(3_h, 3),
                                       Distribution::weibull(3_h, 0.7),   Distribution::weibull(3_h, 2.5, 1_h)};
  for (const Distribution& law : laws) {
    CAPTURE(static_cast<int>(law.law), law.shape);
    double integral = 0;  // of the survival function, by the midpoint rule over 2,000 quantiles of the stationary age
    constexpr int steps = 2000;
    for (int i = 0; i < steps; ++i) {
      const double u = (i + 0.5) / steps;
      CHECK(law.cumulative_hazard(law.quantile(u)) == Approx(-nines::sim::log1p(-u)).epsilon(1e-6));
      CHECK(law.age_at_hazard(-nines::sim::log1p(-u)).to_seconds() ==
            Approx(law.quantile(u).to_seconds()).epsilon(1e-9));
      integral += law.quantile(u).to_seconds() / steps;
    }
    // Renewal theory: the stationary age has mean E X^2 / (2 E X).
    double age = 0;
    double square = 0;
    constexpr int draws = 100'000;
    for (int i = 0; i < draws; ++i) {
      const double u = (i + 0.5) / draws;
      const double x = law.quantile(u).to_seconds() / 3600;
      square += x * x / draws;
      if (i % 50 == 0) age += law.stationary_age(u + 24.5 / draws).to_seconds() / 3600 / (draws / 50);
    }
    CHECK(integral == Approx(law.mean().to_seconds()).epsilon(0.02));
    CHECK(age == Approx(square / 2 / (law.mean().to_seconds() / 3600)).epsilon(0.03));
  }
}

TEST_CASE("A constant law has no hazard before its end") {
  const Distribution law = Distribution::constant(4_h);
  CHECK(law.cumulative_hazard(3_h) == 0);
  CHECK(law.cumulative_hazard(4_h) > 700);
  CHECK(law.age_at_hazard(0.1) == 4_h);
  CHECK(law.stationary_age(0.25).to_seconds() == Approx(3600));
}

}  // namespace distribution_test
