#include "sim/math.hpp"

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace nines::sim {

namespace {

// ln 2 in two parts; the upper one has 20 trailing zero bits, so that k * ln2_high is exact for every exponent k.
constexpr double ln2_high = 0x1.62e42feep-1;
constexpr double ln2_low = 0x1.a39ef35793c76p-33;

/// 2^k for a normal result. REQUIRES: -1022 <= k <= 1023.
double power_of_two(std::int64_t k) { return std::bit_cast<double>(static_cast<std::uint64_t>(k + 1023) << 52); }

/// c[0] + c[1] x + ... by Horner's rule.
template <std::size_t n>
double polynomial(const double (&c)[n], double x) {
  double sum = c[n - 1];
  for (std::size_t i = n - 1; i-- > 0;) sum = sum * x + c[i];
  return sum;
}

/// (e^r - 1 - r) / r^2 for |r| <= 0.35: Taylor, first term left out below 1e-17. Two interleaved chains for speed.
double exp_tail(double r) {
  constexpr double even[] = {1.0 / 2, 1.0 / 24, 1.0 / 720, 1.0 / 40320, 1.0 / 3628800, 1.0 / 479001600};
  constexpr double odd[] = {1.0 / 6, 1.0 / 120, 1.0 / 5040, 1.0 / 362880, 1.0 / 39916800, 1.0 / 6227020800.0};
  const double square = r * r;
  return polynomial(even, square) + r * polynomial(odd, square);
}

}  // namespace

double log(double x) {
  assert(x > 0 && x < infinity);
  std::int64_t k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  // x = 2^k m with m in [sqrt(1/2), sqrt(2)): adding the distance to sqrt(1/2) carries into the exponent when m is
  // above.
  constexpr std::uint64_t half_root = 0x3FE6A09E667F3BCD;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x) - half_root;
  k += static_cast<std::int64_t>(bits) >> 52;
  const double m = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFF) + half_root);

  // log(1 + f) = 2 atanh(s), s = f / (2 + f); written so that f, the leading term, enters without rounding.
  const double f = m - 1;
  const double s = f / (2 + f);
  const double z = s * s;
  const double w = z * z;
  constexpr double odd[] = {2.0 / 3, 2.0 / 7, 2.0 / 11, 2.0 / 15, 2.0 / 19, 2.0 / 23};
  constexpr double even[] = {2.0 / 5, 2.0 / 9, 2.0 / 13, 2.0 / 17, 2.0 / 21};
  const double series = z * polynomial(odd, w) + w * polynomial(even, w);
  const double half_square = 0.5 * f * f;
  const auto exponent = static_cast<double>(k);
  return exponent * ln2_high - ((half_square - (s * (half_square + series) + exponent * ln2_low)) - f);
}

double exp(double x) {
  if (x > 709.782712893384) return infinity;
  if (x < -745.13321910194122) return 0;
  // Adding 1.5 * 2^52 rounds to the nearest integer in the default rounding mode.
  constexpr double rounder = 0x1.8p52;
  const double k = (x * 0x1.71547652b82fep0 + rounder) - rounder;
  const double high = x - k * ln2_high;
  const double low = k * ln2_low;
  const double r = high - low;
  const double correction = (high - r) - low;
  const double value = 1 + (r + (correction + r * r * exp_tail(r)));
  const auto exponent = static_cast<std::int64_t>(k);
  if (exponent > 1023) return value * 2 * power_of_two(exponent - 1);
  if (exponent < -1021) return value * power_of_two(exponent + 54) * 0x1p-54;
  return value * power_of_two(exponent);
}

double log1p(double x) {
  assert(x > -1);
  // The rounding error of 1 + x hits the logarithm and the divisor alike and cancels in the ratio.
  const double sum = 1 + x;
  if (sum == 1) return x;
  return log(sum) * (x / (sum - 1));
}

double expm1(double x) {
  if (x >= -0.35 && x <= 0.35) return x + x * x * exp_tail(x);
  return exp(x) - 1;
}

double pow(double x, double y) { return exp(y * log(x)); }

double normal_quantile(double p) {
  assert(p > 0 && p < 1);
  const double q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) {
    constexpr double a[] = {3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
                            1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
                            3.3430575583588128105e+4, 2.5090809287301226727e+3};
    constexpr double b[] = {1.0,
                            4.2313330701600911252e+1,
                            6.8718700749205790830e+2,
                            5.3941960214247511077e+3,
                            2.1213794301586595867e+4,
                            3.9307895800092710610e+4,
                            2.8729085735721942674e+4,
                            5.2264952788528545610e+3};
    const double r = 0.180625 - q * q;
    return q * polynomial(a, r) / polynomial(b, r);
  }
  const double tail = q < 0 ? p : 1 - p;
  double r = __builtin_sqrt(-log(tail));
  double value = 0;
  if (r <= 5) {
    constexpr double c[] = {1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
                            3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
                            2.27238449892691845833e-2, 7.74545014278341407640e-4};
    constexpr double d[] = {1.0,
                            2.05319162663775882187e0,
                            1.67638483018380384940e0,
                            6.89767334985100004550e-1,
                            1.48103976427480074590e-1,
                            1.51986665636164571966e-2,
                            5.47593808499534494600e-4,
                            1.05075007164441684324e-9};
    r -= 1.6;
    value = polynomial(c, r) / polynomial(d, r);
  } else {
    constexpr double e[] = {6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
                            2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                            2.71155556874348757815e-5, 2.01033439929228813265e-7};
    constexpr double f[] = {1.0,
                            5.99832206555887937690e-1,
                            1.36929880922735805310e-1,
                            1.48753612908506148525e-2,
                            7.86869131145613259100e-4,
                            1.84631831751005468180e-5,
                            1.42151175831644588870e-7,
                            2.04426310338993978564e-15};
    r -= 5;
    value = polynomial(e, r) / polynomial(f, r);
  }
  return q < 0 ? -value : value;
}

}  // namespace nines::sim
