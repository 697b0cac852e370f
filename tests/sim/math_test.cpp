// Elementary and special functions against long double and Boost.Math over dense ranges.
#include "sim/math.hpp"

#include <boost/math/distributions.hpp>
#include <boost/math/special_functions.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "sim/random.hpp"
#include "sim/special_functions.hpp"

namespace math_test {

namespace sim = nines::sim;

namespace {

/// Pseudo-random points, uniform or log-uniform.
class Points {
 public:
  explicit Points(std::uint64_t key) : key_(key) {}
  double between(double low, double high) {
    return low + (high - low) * sim::to_unit(sim::random_bits(key_, 0, next_++));
  }
  double log_between(double low, double high) { return std::exp(between(std::log(low), std::log(high))); }

 private:
  std::uint64_t key_;
  std::uint32_t next_ = 0;
};

/// Distance in units of the last place of the exact value.
double ulps(double value, long double exact) {
  const double rounded = std::abs(static_cast<double>(exact));
  const double unit = std::nextafter(rounded, std::numeric_limits<double>::infinity()) - rounded;
  return static_cast<double>(std::abs(value - exact) / static_cast<long double>(unit));
}

double relative(double value, long double exact) { return static_cast<double>(std::abs((value - exact) / exact)); }

/// Error of a tail probability: relative for the smaller tail, absolute for the larger.
double tail_error(double value, long double exact) {
  return exact < 0.5L ? relative(value, exact) : static_cast<double>(std::abs(value - exact));
}

}  // namespace

TEST_CASE("log and exp are within one unit in the last place") {
  Points points(1);
  double worst_log = 0, worst_exp = 0;
  for (int i = 0; i < 200'000; ++i) {
    for (const double x : {points.log_between(1e-300, 1e300), points.between(0.5, 2), points.between(0.999, 1.001)}) {
      worst_log = std::max(worst_log, ulps(sim::log(x), std::log(static_cast<long double>(x))));
    }
    for (const double x : {points.between(-700, 700), points.between(-1, 1), points.between(-1e-3, 1e-3)}) {
      worst_exp = std::max(worst_exp, ulps(sim::exp(x), std::exp(static_cast<long double>(x))));
    }
  }
  CHECK(worst_log < 1);
  CHECK(worst_exp < 1);
}

TEST_CASE("log and exp at the ends of the range") {
  CHECK(sim::log(1) == 0);
  CHECK(sim::exp(0) == 1);
  CHECK(ulps(sim::log(std::numeric_limits<double>::denorm_min()), std::log(0x1p-1074L)) < 1);
  CHECK(ulps(sim::log(std::numeric_limits<double>::max()), std::log(0x1.fffffffffffffp1023L)) < 1);
  CHECK(sim::exp(-746) == 0);
  CHECK(sim::exp(710) == std::numeric_limits<double>::infinity());
  CHECK(sim::exp(709.78) < std::numeric_limits<double>::infinity());
  CHECK(sim::exp(-745) == std::numeric_limits<double>::denorm_min());
  CHECK(relative(sim::exp(-708.5), std::exp(-708.5L)) < 1e-15);
}

TEST_CASE("log1p and expm1 keep their digits near zero") {
  Points points(2);
  double worst = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double small = points.log_between(1e-18, 0.99);
    for (const double x : {small, -small}) {
      worst = std::max(worst, ulps(sim::log1p(x), std::log1p(static_cast<long double>(x))));
      worst = std::max(worst, ulps(sim::expm1(4 * x), std::expm1(4 * static_cast<long double>(x))));
    }
  }
  CHECK(worst < 4);
}

TEST_CASE("pow loses no more than its documentation says") {
  Points points(3);
  for (int i = 0; i < 50'000; ++i) {
    const double x = points.log_between(1e-6, 1e6), y = points.between(-20, 20);
    const long double exact = std::pow(static_cast<long double>(x), static_cast<long double>(y));
    REQUIRE(relative(sim::pow(x, y), exact) < 4e-16 * (2 + std::abs(y * std::log(x))));
  }
}

TEST_CASE("the normal quantile agrees with Boost") {
  const boost::math::normal_distribution<long double> normal;
  Points points(4);
  for (int i = 0; i < 20'000; ++i) {
    for (const double p : {points.between(0, 1), points.log_between(1e-300, 1)}) {
      const long double exact = boost::math::quantile(normal, static_cast<long double>(p));
      REQUIRE(std::abs(sim::normal_quantile(p) - exact) < 1e-15L * (1 + std::abs(exact)));
    }
  }
  CHECK(sim::normal_quantile(0.5) == 0);
  CHECK(sim::normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
}

TEST_CASE("log gamma agrees with long double") {
  Points points(5);
  for (int i = 0; i < 20'000; ++i) {
    const double x = points.log_between(1e-6, 1e9);
    const long double exact = std::lgamma(static_cast<long double>(x));
    REQUIRE(std::abs(sim::log_gamma(x) - exact) < 1e-14L * std::max(1.0L, std::abs(exact)));
  }
}

TEST_CASE("gamma tails agree with Boost") {
  Points points(6);
  for (int i = 0; i < 5'000; ++i) {
    const double a = points.log_between(1e-2, 1e6);
    const double x = a * std::exp(points.between(-3, 3) * std::min(1.0, 3 / std::sqrt(a)));
    const sim::Tails tails = sim::gamma_tails(a, x);
    const long double lower = boost::math::gamma_p(static_cast<long double>(a), static_cast<long double>(x));
    const long double upper = boost::math::gamma_q(static_cast<long double>(a), static_cast<long double>(x));
    if (lower > 1e-290L) REQUIRE(tail_error(tails.lower, lower) < 1e-12);
    if (upper > 1e-290L) REQUIRE(tail_error(tails.upper, upper) < 1e-12);
  }
  CHECK(sim::gamma_tails(3, 0).upper == 1);
}

TEST_CASE("beta tails agree with Boost") {
  Points points(7);
  for (int i = 0; i < 5'000; ++i) {
    const double a = points.log_between(1e-2, 1e5), b = points.log_between(1e-2, 1e5);
    const double logit = std::log(a / b) + points.between(-5, 5) * std::sqrt(1 / a + 1 / b);
    const double x = i % 2 == 0 ? points.between(0, 1) : 1 / (1 + std::exp(-logit));
    if (x >= 1) continue;
    const sim::Tails tails = sim::beta_tails(a, b, x);
    const long double la = a, lb = b, lx = x;
    const long double lower = boost::math::ibeta(la, lb, lx), upper = boost::math::ibetac(la, lb, lx);
    if (lower > 1e-290L) REQUIRE(tail_error(tails.lower, lower) < 2e-11);
    if (upper > 1e-290L) REQUIRE(tail_error(tails.upper, upper) < 2e-11);
  }
  CHECK(sim::beta_tails(2, 3, 0).lower == 0);
  CHECK(sim::beta_tails(2, 3, 1).upper == 0);
}

TEST_CASE("normal tails agree with the error function") {
  for (double x = -37; x <= 37; x += 0.0371) {
    const long double exact = std::erfc(-static_cast<long double>(x) / std::sqrt(2.0L)) / 2;
    REQUIRE(tail_error(sim::normal_tails(x).lower, exact) < 1e-12);
    REQUIRE(sim::normal_tails(x).lower == sim::normal_tails(-x).upper);
  }
}

TEST_CASE("gamma and chi-square quantiles agree with Boost") {
  Points points(8);
  for (int i = 0; i < 5'000; ++i) {
    const double a = points.log_between(0.1, 1e6);
    const double p = i % 2 == 0 ? points.between(0, 1) : points.log_between(1e-12, 1);
    const double exact = boost::math::gamma_p_inv(a, p);
    REQUIRE(sim::gamma_quantile(a, p) == Approx(exact).epsilon(1e-12));
    REQUIRE(sim::chi_square_quantile(2 * a, p) == Approx(2 * exact).epsilon(1e-12));
  }
}

TEST_CASE("beta quantiles agree with Boost") {
  Points points(9);
  for (int i = 0; i < 3'000; ++i) {
    const double a = points.log_between(0.3, 1e5), b = points.log_between(0.3, 1e5);
    const double p = i % 2 == 0 ? points.between(0, 1) : points.log_between(1e-12, 1);
    const double exact = boost::math::ibeta_inv(a, b, p);
    REQUIRE(sim::beta_quantile(a, b, p) == Approx(exact).epsilon(1e-10));
  }
}

TEST_CASE("Student quantiles agree with Boost and their closed forms") {
  Points points(10);
  for (int i = 0; i < 3'000; ++i) {
    const double v = i % 2 == 0 ? std::floor(points.log_between(1, 1e6)) : points.log_between(0.5, 1e6);
    const double p = i % 4 < 2 ? points.between(0, 1) : points.log_between(1e-12, 1);
    const double exact = boost::math::quantile(boost::math::students_t_distribution<>(v), p);
    REQUIRE(std::abs(sim::student_t_quantile(v, p) - exact) < 1e-9 * (0.01 + std::abs(exact)));
  }
  CHECK(sim::student_t_quantile(1, 0.75) == Approx(1).epsilon(1e-13));
  CHECK(sim::student_t_quantile(2, 0.975) == Approx(0.95 / std::sqrt(2 * 0.975 * 0.025)).epsilon(1e-13));
  CHECK(sim::student_t_quantile(7, 0.5) == 0);
  CHECK(sim::student_t_quantile(7, 0.25) == -sim::student_t_quantile(7, 0.75));
}

}  // namespace math_test
