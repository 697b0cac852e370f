// Every law over the whole of its parameters: quantile, tails, hazard, mean and stationary age against each other and
// against quadrature. Shapes and scales are those that topologies may hold, ends included.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/distribution.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"

namespace distribution_property_test {

using namespace nines::sim;

namespace {

constexpr double century_s = 100 * 8760 * 3600.0;
constexpr double beyond_s = 9e9;  // the clock ends at 9.22e9

std::vector<Distribution> laws_of_scale(Duration scale) {
  std::vector<Distribution> laws{Distribution::constant(scale), Distribution::exponential(scale),
                                 Distribution::uniform({}, scale), Distribution::uniform(scale, scale),
                                 Distribution::uniform(scaled(scale, 0.999), scale)};
  for (const double sigma : {0.0, 1e-6, 0.01, 0.3, 1.0, 2.0, 3.5, 5.0})
    laws.push_back(Distribution::lognormal(scale, sigma));
  for (const int stages : {1, 2, 3, 10, 99, 100}) laws.push_back(Distribution::erlang(scale, stages));
  for (const double shape : {0.1, 0.2, 0.5, 0.9, 1.0, 1.5, 3.0, 20.0, 100.0}) {
    laws.push_back(Distribution::weibull(scale, shape));
    laws.push_back(Distribution::weibull(scale, shape, scaled(scale, 0.5)));
    laws.push_back(Distribution::weibull(scale, shape, scaled(scale, 10)));
  }
  return laws;
}

/// All laws of many scales whose mean is no longer than a century, as the loader has them; and mixtures of them.
std::vector<Distribution> every_law() {
  std::vector<Distribution> all;
  for (const double scale : {1e-9, 1e-6, 0.005, 1.0, 3600.0, 3.2e7, century_s}) {
    for (const Distribution& law : laws_of_scale(Duration::from_seconds(scale))) {
      if (law.mean().to_seconds() <= century_s) all.push_back(law);
    }
  }
  const std::size_t simple = all.size();
  for (std::uint64_t i = 0; i < 30; ++i) {
    const auto any = [&](std::uint32_t which) { return all[random_bits(77, i, which) % simple]; };
    const double share = std::max(1e-6, to_unit(random_bits(78, i, 0)));
    std::vector<MixturePart> parts{{share, any(0)}, {1.1 - share, any(1)}};
    if (i % 3 == 0) parts.push_back({0.3, any(2)});
    all.push_back(Distribution::mixture(std::move(parts)));
  }
  return all;
}

bool has_atom(const Distribution& law) {
  if (law.law == Distribution::Law::mixture) {
    return std::any_of(law.mixed->parts.begin(), law.mixed->parts.end(),
                       [](const MixturePart& part) { return has_atom(part.law); });
  }
  return law.quantile(0.25) == law.quantile(0.75);
}

/// Integral of the survival function from 0 to `age`, by Simpson's rule between many quantiles, so that steps lie where
/// the function falls.
double quadrature(const Distribution& law, Duration age) {
  std::vector<double> points{0, (age - Duration::nanoseconds(1 + (age.count() >> 50))).to_seconds(), age.to_seconds()};
  for (int i = 0; i <= 4000; ++i) {
    // Dense at both ends.
    const double z = -8.2 + 16.4 * i / 4000;
    const Duration at = law.quantile(std::clamp(0.5 * std::erfc(-z / std::sqrt(2.0)), 1e-15, 1 - 1e-15));
    // On both sides of an atom.
    for (const Duration point : {at - Duration::nanoseconds(1 + (at.count() >> 50)), at}) {
      if (point < age && point > Duration()) points.push_back(point.to_seconds());
    }
  }
  std::sort(points.begin(), points.end());
  double sum = 0;
  const auto survival = [&](double x) { return law.survival(Duration::from_seconds(x)); };
  for (std::size_t i = 1; i < points.size(); ++i) {
    const double width = points[i] - points[i - 1];
    sum += width / 6 * (survival(points[i - 1]) + 4 * survival(points[i - 1] + width / 2) + survival(points[i]));
  }
  return sum;
}

std::string text_of(const Distribution& law) {
  return "law " + std::to_string(static_cast<int>(law.law)) + " a " + std::to_string(law.a.count()) + " b " +
         std::to_string(law.b.count()) + " shape " + std::to_string(law.shape);
}

}  // namespace

TEST_CASE("Any law: quantiles rise and meet the tails", "[laws]") {
  for (const Distribution& law : every_law()) {
    INFO(text_of(law));
    const bool smooth = !has_atom(law);
    Duration last;
    for (const double u :
         {1e-12, 1e-6, 0.001, 0.1, 0.3, 0.5, 0.500001, 0.7, 0.9, 0.999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12}) {
      const Duration age = law.quantile(u);
      REQUIRE(age >= last);
      last = age;
      // To the nanosecond, and as far as the clock reaches.
      const Duration before = std::max(Duration(), age - Duration::nanoseconds(1 + age.count() / 1'000'000'000));
      const Duration after = age > Duration::seconds(9'000'000'000)
                                 ? Duration::infinite()
                                 : age + Duration::nanoseconds(1 + age.count() / 1'000'000'000);
      REQUIRE(law.survival(before) >= (1 - u) * (1 - 1e-6) - 1e-15);
      if (age < Duration::infinite()) REQUIRE(law.survival(after) <= (1 - u) * (1 + 1e-6) + 1e-15);
      if (smooth && age > Duration::nanoseconds(1'000'000) && age.to_seconds() < beyond_s && u > 0.001 && u < 0.9999) {
        const double tick = law.survival(age - Duration::nanoseconds(2)) - law.survival(age + Duration::nanoseconds(2));
        CHECK(law.survival(age) == Approx(1 - u).epsilon(1e-3).margin(tick));
      }
    }
  }
}

TEST_CASE("Any law: hazards rise, and ages come back from them", "[laws]") {
  for (const Distribution& law : every_law()) {
    INFO(text_of(law));
    double last = 0;
    for (int i = -20; i <= 40; ++i) {
      const Duration age = Duration::from_seconds(std::max(1e-9, law.mean().to_seconds()) * std::pow(10.0, i / 10.0));
      const double hazard = law.cumulative_hazard(age);
      REQUIRE(std::isfinite(hazard));
      REQUIRE(hazard >= last);
      last = hazard;
    }
    Duration lower;
    for (const double hazard : {0.0, 1e-12, 1e-3, 0.1, 0.69, 0.7, 3.0, 30.0, 100.0, 600.0, 1e4, 1e300}) {
      const Duration age = law.age_at_hazard(hazard);
      REQUIRE(age >= lower);
      lower = age;
      if (has_atom(law) || hazard > 600 || age < Duration::nanoseconds(1'000'000) || age.to_seconds() > beyond_s)
        continue;
      // The last nanoseconds of a law that ends.
      if (std::isinf(law.cumulative_hazard(age + Duration::nanoseconds(2)))) continue;
      // What the clock and the digits of a double cannot tell apart; the last of them of a law that ends.
      const Duration step = Duration::nanoseconds(2 + (age.count() >> 50));
      if (law.cumulative_hazard(age + step) > 700) continue;
      const double tick = law.cumulative_hazard(age + step) - law.cumulative_hazard(age - step);
      CHECK(law.cumulative_hazard(age) == Approx(hazard).epsilon(1e-6).margin(tick + 1e-12));
    }
  }
}

TEST_CASE("Any law: the mean is the integral of the survival function, as far as the clock reaches", "[laws]") {
  for (const Distribution& law : every_law()) {
    INFO(text_of(law));
    // Very heavy tails have a mean that lies beyond every clock, and steps of a nanosecond show in the shortest.
    const Duration end = law.quantile(1 - 1e-15);
    if (end.to_seconds() > beyond_s || law.mean() < Duration::nanoseconds(10'000)) continue;
    if (law.moments()[1] > 1e4 * law.moments()[0] * law.moments()[0]) continue;
    CHECK(law.mean().to_seconds() == Approx(quadrature(law, end)).epsilon(law.mixed ? 1e-3 : 2e-4));
    CHECK(law.moments()[0] == Approx(law.mean().to_seconds()).epsilon(1e-9).margin(1e-9));
  }
}

TEST_CASE("Any law: the stationary age is the quantile of its law", "[laws]") {
  const Duration oldest = Duration::seconds(190LL * 8760 * 3600);
  for (const Distribution& law : every_law()) {
    INFO(text_of(law));
    if (law.mean() <= Duration()) continue;
    Duration last;
    for (const double u : {1e-9, 0.001, 0.1, 0.5, 0.9, 0.999, 1 - 1e-6, 1 - 1e-9}) {
      const Duration age = law.stationary_age(u);
      CAPTURE(u, age.count(), last.count());
      REQUIRE(age >= last - Duration::nanoseconds(2 + age.count() / 1'000'000));
      REQUIRE(age <= oldest);
      last = age;
      if (age == oldest || law.mean() < Duration::nanoseconds(1'000'000) || u > 0.9999) continue;
      CHECK(quadrature(law, age) == Approx(u * law.moments()[0]).epsilon(1e-3).margin(2e-9));
    }
  }
}

TEST_CASE("Any law: three moments are those of its quantiles", "[laws]") {
  for (const Distribution& law : laws_of_scale(Duration::seconds(3600))) {
    // The upper tail must lie within the midpoints.
    const bool light = law.moments()[2] < 15 * std::pow(law.moments()[0], 3);
    if (!light) continue;
    INFO(text_of(law));
    constexpr int steps = 40'000;
    double sums[3] = {};
    for (int i = 0; i < steps; ++i) {
      const double x = law.quantile((i + 0.5) / steps).to_seconds();
      sums[0] += x / steps;
      sums[1] += x * x / steps;
      sums[2] += x * x * x / steps;
    }
    for (int i = 0; i < 3; ++i) CHECK(law.moments()[i] == Approx(sums[i]).epsilon(0.02));
  }
}

TEST_CASE("A mixture takes each of its laws by its share", "[laws]") {
  using namespace nines::sim::literals;
  const Distribution law = Distribution::mixture(
      {{0.9, Distribution::exponential(10_min)}, {0.1, Distribution::exponential(Duration::seconds(36'000))}});
  CHECK(law.mean().to_seconds() == Approx(0.9 * 600 + 0.1 * 36'000).epsilon(1e-12));
  const auto survival = [](double x) { return 0.9 * std::exp(-x / 600) + 0.1 * std::exp(-x / 36'000); };
  for (const double x : {1.0, 60.0, 600.0, 7200.0, 1e5}) {
    const Duration age = Duration::from_seconds(x);
    CHECK(law.survival(age) == Approx(survival(x)).epsilon(1e-12));
    CHECK(law.cumulative_hazard(age) == Approx(-std::log(survival(x))).epsilon(1e-12));
    CHECK(law.quantile(1 - survival(x)).to_seconds() == Approx(x).epsilon(1e-9));
    // Its stationary age is long more often: that of the parts, weighted with their means.
    const double share = 1 - (0.9 * 600 * std::exp(-x / 600) + 3600 * std::exp(-x / 36'000)) / (540 + 3600);
    CHECK(law.stationary_age(share).to_seconds() == Approx(x).epsilon(1e-8));
  }
  const Distribution twice = law.times(2);
  CHECK(twice.mean() == law.mean() * 2);
  CHECK(twice.quantile(0.95).to_seconds() == Approx(2 * law.quantile(0.95).to_seconds()).epsilon(1e-9));
}

}  // namespace distribution_property_test
