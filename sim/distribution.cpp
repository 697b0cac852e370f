#include "sim/distribution.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace nines::sim {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// -log of a survival probability that may have underflowed.
double hazard_of(double survival) { return -log(std::max(survival, std::numeric_limits<double>::min())); }

double gamma(double x) { return exp(log_gamma(x)); }

/// Standard normal score of a lognormal age.
double score(const Distribution& law, Duration age) { return log(age.to_seconds() / law.a.to_seconds()) / law.shape; }

/// Integral of P(X > x) from 0 to `age`, in seconds; at most the mean.
double survived(const Distribution& law, Duration age) {
  const double x = age.to_seconds();
  const double a = law.a.to_seconds();
  const double b = law.b.to_seconds();
  switch (law.law) {
    case Distribution::Law::constant: return std::min(x, a);
    case Distribution::Law::uniform: {
      if (x <= a || b <= a) return std::min(x, a);
      const double inside = std::min(x, b) - a;
      return a + inside - inside * inside / (2 * (b - a));
    }
    case Distribution::Law::exponential: return -a * expm1(-x / a);
    case Distribution::Law::lognormal: {
      if (x <= 0) return 0;
      if (law.shape <= 0) return std::min(x, a);
      const double z = score(law, age);
      return law.mean().to_seconds() * normal_tails(z - law.shape).lower + x * normal_tails(z).upper;
    }
    case Distribution::Law::erlang: {
      double sum = 0;
      for (int stage = 1; stage <= static_cast<int>(law.shape); ++stage)
        sum += gamma_tails(stage, x * law.shape / a).lower;
      return a * sum / law.shape;
    }
    case Distribution::Law::weibull: {
      if (x <= b) return x;
      const double y = pow((x - b) / a, law.shape);
      return b + a * gamma(1 + 1 / law.shape) * gamma_tails(1 / law.shape, y).lower;
    }
  }
  return 0;
}

}  // namespace

Duration Distribution::quantile(double u) const {
  switch (law) {
    case Law::constant: return a;
    case Law::uniform: return a + scaled(b - a, u);
    case Law::exponential: return scaled(a, -log(1 - u));
    case Law::lognormal: return scaled(a, exp(shape * normal_quantile(u)));
    case Law::erlang: return scaled(a, gamma_quantile(shape, u) / shape);
    case Law::weibull: return b + scaled(a, pow(-log(1 - u), 1 / shape));
  }
  return a;
}

Duration Distribution::mean() const {
  switch (law) {
    case Law::constant:
    case Law::exponential:
    case Law::erlang: return a;
    case Law::uniform: return a + (b - a) / 2;
    case Law::lognormal: return scaled(a, exp(shape * shape / 2));
    case Law::weibull: return b + scaled(a, gamma(1 + 1 / shape));
  }
  return a;
}

double Distribution::cumulative_hazard(Duration age) const {
  assert(age >= Duration());
  const double x = age.to_seconds();
  switch (law) {
    case Law::constant: return age < a ? 0 : infinity;
    case Law::uniform: return age <= a ? 0 : age >= b ? infinity : -log1p(-(x - a.to_seconds()) / (b - a).to_seconds());
    case Law::exponential: return x / a.to_seconds();
    case Law::lognormal:
      if (x <= 0) return 0;
      if (shape <= 0) return age < a ? 0 : infinity;
      return hazard_of(normal_tails(score(*this, age)).upper);
    case Law::erlang: return hazard_of(gamma_tails(shape, x * shape / a.to_seconds()).upper);
    case Law::weibull: return age <= b ? 0 : pow((age - b).to_seconds() / a.to_seconds(), shape);
  }
  return 0;
}

Duration Distribution::age_at_hazard(double hazard) const {
  assert(hazard >= 0);
  switch (law) {
    case Law::constant: return a;
    case Law::exponential: return scaled(a, hazard);
    case Law::weibull: return hazard > 0 ? b + scaled(a, pow(hazard, 1 / shape)) : b;
    case Law::uniform:
    case Law::lognormal:
    case Law::erlang: break;
  }
  if (hazard <= 0) return quantile(std::numeric_limits<double>::min());
  // Beyond this the survival probability is below what 1 - u can hold.
  constexpr double most = 36;
  return quantile(-expm1(-std::min(hazard, most)));
}

Duration Distribution::stationary_age(double u) const {
  if (law == Law::exponential) return quantile(u);
  const double wanted = u * mean().to_seconds();
  Duration low;
  Duration high = mean();
  while (survived(*this, high) < wanted) high = high * 2;
  // Halved until the nanosecond: some sixty steps, and the same ones everywhere.
  while (high - low > Duration::nanoseconds(1)) {
    const Duration middle = low + (high - low) / 2;
    (survived(*this, middle) < wanted ? low : high) = middle;
  }
  return high;
}

}  // namespace nines::sim
