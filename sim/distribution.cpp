#include "sim/distribution.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace nines::sim {

namespace {

using Law = Distribution::Law;

/// -log of the least normal number: no survival probability is told apart from it.
constexpr double most_hazard = 708.39641853226408;
/// Room for a century beside it.
constexpr Duration oldest = Duration::seconds(190LL * 8760 * 3600);

/// -log of a survival probability that may have underflowed.
double hazard_of(double survival) { return -log(std::max(survival, std::numeric_limits<double>::min())); }

double gamma(double x) { return exp(log_gamma(x)); }

/// The sum, or infinite(). REQUIRES: both >= 0.
Duration plus(Duration a, Duration b) { return a > Duration::infinite() - b ? Duration::infinite() : a + b; }

double square(double x) { return x * x; }

/// The one value of a law that has no other.
bool is_atom(const Distribution& law) {
  switch (law.law) {
    case Law::constant: return true;
    case Law::uniform: return law.b <= law.a;
    case Law::lognormal: return law.shape <= 0 || law.a <= Duration();
    case Law::exponential:
    case Law::erlang:
    case Law::weibull: return law.a <= Duration();
    case Law::mixture: return false;
  }
  return true;
}
Duration atom(const Distribution& law) { return law.law == Law::weibull ? law.b : law.a; }

/// Standard normal score of a lognormal age. REQUIRES: x > 0.
double score(const Distribution& law, double x) { return log(x / law.a.to_seconds()) / law.shape; }

/// ((age - b) / a)^shape of a Weibull law. REQUIRES: age > b.
double weibull_hazard(const Distribution& law, Duration age) {
  return pow((age - law.b).to_seconds() / law.a.to_seconds(), law.shape);
}

double erlang_age(const Distribution& law, double x) { return x * law.shape / law.a.to_seconds(); }

/// P(X <= x) and P(X > x).
Tails tails(const Distribution& law, Duration age) {
  if (is_atom(law)) return age < atom(law) ? Tails{0, 1} : Tails{1, 0};
  const double x = age.to_seconds();
  const double a = law.a.to_seconds();
  switch (law.law) {
    case Law::constant: break;
    case Law::uniform: {
      // Differences of the clock, which are exact.
      const double width = (law.b - law.a).to_seconds();
      if (age <= law.a) return {0, 1};
      if (age >= law.b) return {1, 0};
      return {(age - law.a).to_seconds() / width, (law.b - age).to_seconds() / width};
    }
    case Law::exponential: return {-expm1(-x / a), exp(-x / a)};
    case Law::lognormal: return x <= 0 ? Tails{0, 1} : normal_tails(score(law, x));
    case Law::erlang: return x <= 0 ? Tails{0, 1} : gamma_tails(law.shape, erlang_age(law, x));
    case Law::weibull: {
      if (age <= law.b) return {0, 1};
      const double hazard = weibull_hazard(law, age);
      return {-expm1(-hazard), exp(-hazard)};
    }
    case Law::mixture: {
      Tails sum{0, 0};
      for (const MixturePart& part : law.mixed->parts) {
        const Tails one = tails(part.law, age);
        sum.lower += part.share * one.lower;
        sum.upper += part.share * one.upper;
      }
      return sum;
    }
  }
  return {1, 0};
}

double mean_s(const Distribution& law) { return law.moments()[0]; }

/// Integral of P(X > x) from 0 to `age`, E min(X, age), in seconds; at most the mean.
double survived(const Distribution& law, Duration age) {
  const double x = age.to_seconds();
  if (is_atom(law)) return std::min(x, atom(law).to_seconds());
  const double a = law.a.to_seconds();
  const double b = law.b.to_seconds();
  switch (law.law) {
    case Law::constant: break;
    case Law::uniform: {
      if (x <= a) return x;
      const double inside = std::min(x, b) - a;
      return a + inside - inside * inside / (2 * (b - a));
    }
    case Law::exponential: return -a * expm1(-x / a);
    case Law::lognormal: {
      if (x <= 0) return 0;
      const double z = score(law, x);
      return mean_s(law) * normal_tails(z - law.shape).lower + x * normal_tails(z).upper;
    }
    case Law::erlang: {
      const double y = erlang_age(law, x);
      return a * gamma_tails(law.shape + 1, y).lower + x * gamma_tails(law.shape, y).upper;
    }
    case Law::weibull: {
      if (age <= law.b) return x;
      const double hazard = weibull_hazard(law, age);
      // So early that nothing has failed; the power of a small age underflows.
      constexpr double nothing = 1e-17;
      if (hazard < nothing) return x;
      return b + a * gamma(1 + 1 / law.shape) * gamma_tails(1 / law.shape, hazard).lower;
    }
    case Law::mixture: {
      double sum = 0;
      for (const MixturePart& part : law.mixed->parts) sum += part.share * survived(part.law, age);
      return sum;
    }
  }
  return 0;
}

/// Integral of P(X > x) from `age` on, E max(X - age, 0), in seconds: not a difference where it is small.
double remaining(const Distribution& law, Duration age) {
  if (is_atom(law)) return std::max(0.0, (atom(law) - age).to_seconds());
  const double x = age.to_seconds();
  const double a = law.a.to_seconds();
  switch (law.law) {
    case Law::constant: break;
    case Law::uniform: {
      if (age >= law.b) return 0;
      const double left = (law.b - std::max(age, law.a)).to_seconds();
      return left * left / (2 * (law.b - law.a).to_seconds()) + std::max(0.0, (law.a - age).to_seconds());
    }
    case Law::exponential: return a * exp(-x / a);
    case Law::lognormal: {
      if (x <= 0) return mean_s(law);
      const double z = score(law, x);
      return std::max(0.0, mean_s(law) * normal_tails(z - law.shape).upper - x * normal_tails(z).upper);
    }
    case Law::erlang: {
      if (x <= 0) return a;
      const double y = erlang_age(law, x);
      return std::max(0.0, a * gamma_tails(law.shape + 1, y).upper - x * gamma_tails(law.shape, y).upper);
    }
    case Law::weibull: {
      const double scaled_mean = a * gamma(1 + 1 / law.shape);
      if (age <= law.b) return scaled_mean + (law.b - age).to_seconds();
      return scaled_mean * gamma_tails(1 / law.shape, weibull_hazard(law, age)).upper;
    }
    case Law::mixture: {
      double sum = 0;
      for (const MixturePart& part : law.mixed->parts) sum += part.share * remaining(part.law, age);
      return sum;
    }
  }
  return 0;
}

/// The first nanosecond from `low` to `high` at which `reached` holds; `high` if it holds nowhere before. At most 64
/// steps. REQUIRES: it goes on holding once it holds.
template <class Reached>
Duration first(Duration low, Duration high, Reached reached) {
  while (low < high) {
    const Duration middle = low + (high - low) / 2;
    if (reached(middle)) {
      high = middle;
    } else {
      low = middle + Duration::nanoseconds(1);
    }
  }
  return high;
}

/// The same between the least and the largest of what `of(part)` gives for the parts of a mixture.
template <class Of, class Reached>
Duration first_of(const Distribution& law, Of of, Reached reached) {
  Duration low = Duration::infinite();
  Duration high;
  for (const MixturePart& part : law.mixed->parts) {
    const Duration here = of(part.law);
    low = std::min(low, here);
    high = std::max(high, here);
  }
  return first(low, high, reached);
}

}  // namespace

Distribution Distribution::mixture(std::vector<MixturePart> parts) {
  assert(!parts.empty());
  double total = 0;
  for (const MixturePart& part : parts) total += part.share;
  double mean = 0;
  for (MixturePart& part : parts) {
    assert(part.law.law != Law::mixture && part.share > 0);
    part.share /= total;
    mean += part.share * mean_s(part.law);
  }
  Distribution result = constant(Duration::from_seconds(mean));
  result.law = Law::mixture;
  result.mixed = std::make_shared<const Mixture>(Mixture{std::move(parts)});
  return result;
}

Distribution Distribution::times(double factor) const {
  if (law != Law::mixture) return {law, scaled(a, factor), scaled(b, factor), shape};
  std::vector<MixturePart> parts = mixed->parts;
  for (MixturePart& part : parts) part.law = part.law.times(factor);
  return mixture(std::move(parts));
}

Duration Distribution::quantile(double u) const {
  if (is_atom(*this)) return atom(*this);
  switch (law) {
    case Law::constant: break;
    case Law::uniform: return a + scaled(b - a, u);
    case Law::exponential: return scaled(a, -log(1 - u));
    case Law::lognormal: return scaled(a, exp(shape * normal_quantile(u)));
    case Law::erlang: return scaled(a, gamma_quantile(shape, u) / shape);
    case Law::weibull: {
      // Where 1 - u is 1 the logarithm has no digit left.
      const double hazard = 1 - u < 1 ? -log(1 - u) : u;
      return plus(b, scaled(a, pow(hazard, 1 / shape)));
    }
    case Law::mixture: {
      const auto of = [u](const Distribution& part) { return part.quantile(u); };
      const bool lower = u <= 0.5;
      return first_of(*this, of, [&](Duration age) {
        const Tails here = tails(*this, age);
        return lower ? here.lower >= u : here.upper <= 1 - u;
      });
    }
  }
  return a;
}

Duration Distribution::mean() const {
  switch (law) {
    case Law::constant:
    case Law::exponential:
    case Law::erlang:
    case Law::mixture: return a;
    case Law::uniform: return a + (b - a) / 2;
    case Law::lognormal: return scaled(a, exp(shape * shape / 2));
    case Law::weibull: return plus(b, scaled(a, gamma(1 + 1 / shape)));
  }
  return a;
}

std::array<double, 3> Distribution::moments() const {
  const double x = a.to_seconds();
  const double y = b.to_seconds();
  switch (law) {
    case Law::constant: return {x, x * x, x * x * x};
    case Law::uniform: return {(x + y) / 2, (x * x + x * y + y * y) / 3, (x + y) * (x * x + y * y) / 4};
    case Law::exponential: return {x, 2 * x * x, 6 * x * x * x};
    case Law::lognormal: {
      const double half = shape * shape / 2;
      return {x * exp(half), x * x * exp(4 * half), x * x * x * exp(9 * half)};
    }
    case Law::erlang: {
      const double k = shape;
      return {x, x * x * (k + 1) / k, x * x * x * (k + 1) * (k + 2) / (k * k)};
    }
    case Law::weibull: {
      const double m1 = x * gamma(1 + 1 / shape);
      const double m2 = square(x) * gamma(1 + 2 / shape);
      const double m3 = square(x) * x * gamma(1 + 3 / shape);
      return {y + m1, y * y + 2 * y * m1 + m2, y * y * y + 3 * y * y * m1 + 3 * y * m2 + m3};
    }
    case Law::mixture: {
      std::array<double, 3> sum{};
      for (const MixturePart& part : mixed->parts) {
        const std::array<double, 3> one = part.law.moments();
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += part.share * one[i];
      }
      return sum;
    }
  }
  return {};
}

double Distribution::survival(Duration age) const { return tails(*this, age).upper; }

double Distribution::cumulative_hazard(Duration age) const {
  assert(age >= Duration());
  if (is_atom(*this)) return age < atom(*this) ? 0 : most_hazard;
  const double x = age.to_seconds();
  switch (law) {
    case Law::constant: break;
    case Law::uniform: {
      const Tails here = tails(*this, age);
      if (here.upper <= 0) return most_hazard;
      return here.lower < 0.5 ? -log1p(-here.lower) : -log(here.upper);
    }
    case Law::exponential: return x / a.to_seconds();
    case Law::lognormal:
    case Law::erlang: return hazard_of(tails(*this, age).upper);
    case Law::weibull: return age <= b ? 0 : std::min(weibull_hazard(*this, age), std::numeric_limits<double>::max());
    case Law::mixture: {
      // -log of a sum of survival probabilities, each of which may have underflowed.
      double least = infinity;
      for (const MixturePart& part : mixed->parts) least = std::min(least, part.law.cumulative_hazard(age));
      double sum = 0;
      for (const MixturePart& part : mixed->parts) {
        sum += part.share * exp(least - part.law.cumulative_hazard(age));
      }
      return std::max(0.0, least - log(sum));
    }
  }
  return 0;
}

Duration Distribution::age_at_hazard(double hazard) const {
  assert(hazard >= 0);
  if (is_atom(*this)) return atom(*this);
  switch (law) {
    case Law::exponential: return scaled(a, hazard);
    case Law::weibull: return hazard > 0 ? plus(b, scaled(a, pow(std::min(hazard, 1e300), 1 / shape))) : b;
    case Law::constant:
    case Law::uniform:
    case Law::lognormal:
    case Law::erlang:
    case Law::mixture: break;
  }
  if (hazard <= 0) return quantile(std::numeric_limits<double>::min());
  const double h = std::min(hazard, most_hazard);
  switch (law) {
    case Law::uniform: return a + scaled(b - a, -expm1(-h));
    case Law::mixture: {
      const auto of = [h](const Distribution& part) { return part.age_at_hazard(h); };
      return first_of(*this, of, [&](Duration age) { return cumulative_hazard(age) >= h; });
    }
    default: break;
  }
  // By the smaller one of both tails, so that neither loses digits.
  const double u = -expm1(-h);
  if (u <= 0.5) return quantile(u);
  const double upper = exp(-h);
  if (law == Law::erlang) return scaled(a, gamma_upper_quantile(shape, upper) / shape);
  return scaled(a, exp(-shape * normal_quantile(upper)));
}

Duration Distribution::stationary_age(double u) const {
  if (law == Law::exponential) return std::min(quantile(u), oldest);
  const double mean = mean_s(*this);
  const double wanted = u * mean;
  const double beyond = (1 - u) * mean;
  // What the integral up to an age lacks, by the smaller one of both parts.
  const auto missing_at = [&](Duration age) {
    return u <= 0.5 ? wanted - survived(*this, age) : remaining(*this, age) - beyond;
  };
  if (missing_at(oldest) > 0) return oldest;
  // The integral of the survival function is concave, so Newton's method comes from the left, where it begins, and
  // never overshoots; a bracket catches what rounding does.
  Duration low;
  Duration high = oldest;
  Duration age = std::min(Duration::from_seconds(wanted), oldest);
  constexpr int most_steps = 200;
  for (int step = 0; step < most_steps && low < high; ++step) {
    const double missing = missing_at(age);
    if (missing > 0) {
      low = std::max(low, age + Duration::nanoseconds(1));
    } else {
      high = std::min(high, age);
    }
    const double slope = survival(age);
    const double next = slope > 0 ? age.to_seconds() + missing / slope : infinity;
    const Duration to = Duration::from_seconds(next);
    // So close that only rounding is left.
    if (to - age < Duration::nanoseconds(2) && age - to < Duration::nanoseconds(2))
      return std::clamp(to, Duration(), oldest);
    age = to > low && to < high ? to : low + (high - low) / 2;
  }
  return high;
}

}  // namespace nines::sim
