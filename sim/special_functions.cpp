#include "sim/special_functions.hpp"

#include <cassert>
#include <cmath>
#include <limits>

#include "sim/math.hpp"

namespace nines::sim {

namespace {

constexpr double epsilon = std::numeric_limits<double>::epsilon();

constexpr double two_pi = 6.283185307179586476925287;
constexpr double half_log_two_pi = 0.9189385332046727417803297;
// Series and fractions need a few times the square root of the shape; reaching this is a shape out of range.
constexpr int iteration_limit = 1'000'000;

double magnitude(double x) { return x < 0 ? -x : x; }

/// log Gamma(x) - [(x - 1/2) log x - x + log sqrt(2 pi)] by Stirling's series. REQUIRES: x >= 10 (error below 1e-17).
double stirling_series(double x) {
  const double z = 1 / (x * x);
  constexpr double b[] = {1.0 / 12,     -1.0 / 360,        1.0 / 1260, -1.0 / 1680,
                          1.0 / 1188.0, -691.0 / 360360.0, 1.0 / 156,  -3617.0 / 122400.0};
  double sum = b[7];
  for (int i = 6; i >= 0; --i) sum = sum * z + b[i];
  return sum / x;
}

/// log Gamma(x + 1) - [(x + 1/2) log x - x + log sqrt(2 pi)]: what Stirling's formula leaves out of x!, x > 0.
double stirling_error(double x) {
  if (x >= 10) return stirling_series(x);
  return log_gamma(x + 1) - (x + 0.5) * log(x) + x - half_log_two_pi;
}

/// x log(x / mean) + mean - x without cancellation near x = mean (Loader 2000, "saddle-point expansion").
double deviance(double x, double mean) {
  const double difference = x - mean;
  if (magnitude(difference) >= 0.1 * (x + mean)) return x * log(x / mean) + mean - x;
  const double v = difference / (x + mean);
  const double square = v * v;
  double sum = difference * v;
  double power = 2 * x * v;
  for (int j = 3; j < 100; j += 2) {
    power *= square;
    const double next = sum + power / j;
    if (next == sum) break;
    sum = next;
  }
  return sum;
}

/// x^a e^-x / Gamma(a + 1).
double gamma_density_factor(double a, double x) {
  return exp(-stirling_error(a) - deviance(a, x)) / std::sqrt(two_pi * a);
}

/// x^a y^b / (a B(a, b)) * (a + b) / b with y = 1 - x, in Loader's form.
double binomial_factor(double a, double b, double x, double y) {
  const double n = a + b;
  const double exponent =
      stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y);
  return exp(exponent) * std::sqrt(n / (two_pi * a * b));
}

/// P(a, x) = x^a e^-x / Gamma(a + 1) * (1 + x/(a+1) + x^2/((a+1)(a+2)) + ...); converges fast for x < a + 1.
double gamma_lower_series(double a, double x) {
  double term = 1;
  double sum = 1;
  for (int i = 1; i < iteration_limit; ++i) {
    term *= x / (a + i);
    sum += term;
    if (term < sum * epsilon / 4) return sum * gamma_density_factor(a, x);
  }
  assert(false && "shape out of range");
  return sum;
}

/// Keeps a denominator of Lentz's method away from zero.
double guarded(double x) { return magnitude(x) < 1e-300 ? 1e-300 : x; }

/// Q(a, x) by Legendre's continued fraction, modified Lentz; converges fast for x > a + 1.
double gamma_upper_fraction(double a, double x) {
  double b = x + 1 - a;
  double c = 1e300;
  double d = 1 / guarded(b);
  double value = d;
  for (int i = 1; i < iteration_limit; ++i) {
    const double numerator = -i * (i - a);
    b += 2;
    d = 1 / guarded(numerator * d + b);
    c = guarded(b + numerator / c);
    value *= c * d;
    if (magnitude(c * d - 1) < 2 * epsilon) return value * a * gamma_density_factor(a, x);
  }
  assert(false && "shape out of range");
  return value;
}

/// Continued fraction of the incomplete beta function (Lentz); converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  double c = 1;
  double d = 1 / guarded(1 - (a + b) * x / (a + 1));
  double value = d;
  for (int i = 1; i < iteration_limit; ++i) {
    const double m = i;
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d);
    c = guarded(1 + even / c);
    value *= c * d;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d);
    c = guarded(1 + odd / c);
    value *= c * d;
    if (magnitude(c * d - 1) < 2 * epsilon) return value;
  }
  assert(false && "shape out of range");
  return value;
}

/// Both tails of the beta law at x, y = 1 - x given by the caller so that neither loses digits.
Tails beta_tails(double a, double b, double x, double y) {
  if (x <= 0) return {0, 1};
  if (y <= 0) return {1, 0};
  const double factor = binomial_factor(a, b, x, y);
  if (x < (a + 1) / (a + b + 2)) {
    const double lower = factor * b / (a + b) * beta_fraction(a, b, x);
    return {lower, 1 - lower};
  }
  const double upper = factor * a / (a + b) * beta_fraction(b, a, y);
  return {1 - upper, upper};
}

/// Tails at a point of the whole line, and the density there.
struct Point {
  Tails tails;
  double density;
};

/// Finds u with the given lower or upper tail. `at(u)` returns a Point and increases with u. Newton's method on the
/// logarithm of that tail, which is nearly straight far out, kept inside a bracket that halves when a step leaves it.
template <class Function>
double solve_tail(Function at, bool lower, double target, double start) {
  const double log_target = log(target);
  double low = -infinity;
  double high = infinity;
  double u = start;
  double stride = 1;
  for (int i = 0; i < 500; ++i) {
    const Point point = at(u);
    const double tail = lower ? point.tails.lower : point.tails.upper;
    const bool too_low = (tail < target) == lower;
    (too_low ? low : high) = u;
    double next = infinity;
    if (tail > 0 && tail < 1 && point.density > 0) {
      const double step = (log(tail) - log_target) * tail / point.density;
      next = lower ? u - step : u + step;
    }
    // Infinite ends: walk in growing strides until both ends are known.
    if (!(next >= low && next <= high) || magnitude(next - u) > 64) {
      if (low == -infinity) {
        next = u - (stride *= 2);
      } else if (high == infinity) {
        next = u + (stride *= 2);
      } else {
        next = low + (high - low) / 2;
      }
    }
    if (magnitude(next - u) <= 4 * epsilon * (magnitude(u) < 1 ? 1 : magnitude(u))) return next;
    u = next;
  }
  return u;
}

/// Finds u with the lower tail `p` by the smaller one of both tails.
template <class Function>
double solve(Function at, double p, double start) {
  return solve_tail(at, p <= 0.5, p <= 0.5 ? p : 1 - p, start);
}

/// On the scale of log x; beyond the range of doubles one tail is everything.
Point gamma_point(double a, double u) {
  const double x = exp(u);
  if (x <= 0 || x == infinity) return Point{x <= 0 ? Tails{0, 1} : Tails{1, 0}, 0};
  return Point{gamma_tails(a, x), a * gamma_density_factor(a, x)};
}

/// Wilson and Hilferty's cube at the standard score `z`, as a logarithm; nothing where the cube turns negative.
double gamma_start(double a, double z, double otherwise) {
  const double c = 1 / (9 * a);
  const double root = 1 - c + z * std::sqrt(c);
  return root > 0.1 ? log(a) + 3 * log(root) : otherwise;
}

}  // namespace

double log_gamma(double x) {
  assert(x > 0);
  double product = 1;
  while (x < 10) {
    product *= x;
    x += 1;
  }
  const double value = (x - 0.5) * log(x) - x + half_log_two_pi + stirling_series(x);
  return product == 1 ? value : value - log(product);
}

Tails gamma_tails(double a, double x) {
  assert(a > 0 && x >= 0);
  if (x <= 0) return {0, 1};
  // Far beyond the shape nothing is left; further out the fraction's terms would be infinite.
  constexpr double far = 1e4;
  if (!(x < far * (a + 1))) return {1, 0};
  if (x < a + 1) {
    const double lower = gamma_lower_series(a, x);
    return {lower, 1 - lower};
  }
  const double upper = gamma_upper_fraction(a, x);
  return {1 - upper, upper};
}

Tails beta_tails(double a, double b, double x) {
  assert(a > 0 && b > 0 && x >= 0 && x <= 1);
  return beta_tails(a, b, x, 1 - x);
}

Tails normal_tails(double x) {
  const Tails square = gamma_tails(0.5, x * x / 2);
  const double outer = square.upper / 2;
  const double inner = 0.5 + square.lower / 2;
  return x < 0 ? Tails{outer, inner} : Tails{inner, outer};
}

double gamma_quantile(double a, double p) {
  assert(a > 0 && p > 0 && p < 1);
  // Where the cube fails, the leading term of the lower tail.
  const double start = gamma_start(a, normal_quantile(p), (log(p) + log_gamma(a + 1)) / a);
  return exp(solve([a](double u) { return gamma_point(a, u); }, p, start));
}

double gamma_upper_quantile(double a, double q) {
  assert(a > 0 && q > 0 && q < 1);
  if (q > 0.5) return gamma_quantile(a, 1 - q);
  const double start = gamma_start(a, -normal_quantile(q), log(a));
  return exp(solve_tail([a](double u) { return gamma_point(a, u); }, false, q, start));
}

double chi_square_quantile(double degrees_of_freedom, double p) {
  return 2 * gamma_quantile(degrees_of_freedom / 2, p);
}

double beta_quantile(double a, double b, double p) {
  assert(a > 0 && b > 0 && p > 0 && p < 1);
  // On the logit scale: x = e^u / (1 + e^u), dx/du = x (1 - x).
  const auto at = [a, b](double u) {
    const double ratio = exp(u < 0 ? u : -u);
    const double small = ratio / (1 + ratio);
    const double large = 1 / (1 + ratio);
    const double x = u < 0 ? small : large;
    const double y = u < 0 ? large : small;
    if (small <= 0) return Point{u < 0 ? Tails{0, 1} : Tails{1, 0}, 0};
    return Point{beta_tails(a, b, x, y), a * b / (a + b) * binomial_factor(a, b, x, y)};
  };
  const double u = solve(at, p, log(a / b) + normal_quantile(p) * std::sqrt(1 / a + 1 / b));
  const double ratio = exp(u < 0 ? u : -u);
  return u < 0 ? ratio / (1 + ratio) : 1 / (1 + ratio);
}

double student_t_quantile(double degrees_of_freedom, double p) {
  const double v = degrees_of_freedom;
  assert(v > 0 && p > 0 && p < 1);
  if (p == 0.5) return 0;
  const double tail = p < 0.5 ? p : 1 - p;
  // With t > 0 the point of the upper tail, on the scale u = -log t so that the tail increases with u:
  // P(T > t) = I_x(v/2, 1/2) / 2, x = v / (v + t^2).
  const auto at = [v](double u) {
    const double t = exp(-u);
    const double square = t * t;
    if (!(square < 1e300)) return Point{Tails{0, 1}, 0};
    if (square <= 0) return Point{Tails{0.5, 0.5}, 0};
    const double x = v / (v + square);
    const double y = square / (v + square);
    const double upper = beta_tails(v / 2, 0.5, x, y).lower / 2;
    return Point{Tails{upper, 1 - upper}, v / (2 * (v + 1)) * binomial_factor(v / 2, 0.5, x, y)};
  };
  const double z = -normal_quantile(tail);
  const double t = exp(-solve(at, tail, -log(z) - (z * z + 1) / (4 * v)));
  return p < 0.5 ? -t : t;
}

}  // namespace nines::sim
