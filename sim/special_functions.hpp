// Distribution functions that interval estimates need: gamma, beta, normal and Student t.
//
// Built on sim/math only, so an interval has the same bytes on every x86-64 machine. Relative error of the smaller
// tail and of quantiles is about 1e-12 (1e-11 for beta shapes around 1e5); tests compare with Boost.Math over dense
// ranges. Cost grows with the square root of the shape: use shapes up to 1e9.
#pragma once

namespace nines::sim {

/// log of the gamma function, x > 0. Error below 1e-14 max(1, |value|).
double log_gamma(double x);

/// Both tails of a distribution function, each computed without subtracting the other from one where it is small.
struct Tails {
  double lower;
  double upper;
};

/// Gamma law of shape `a` > 0 and scale 1 at x >= 0: the regularised incomplete gamma functions P and Q.
Tails gamma_tails(double a, double x);
/// Beta law of shapes `a`, `b` > 0 at 0 <= x <= 1: the regularised incomplete beta function and its complement.
Tails beta_tails(double a, double b, double x);
/// Standard normal law.
Tails normal_tails(double x);

/// Inverse distribution functions; REQUIRES: 0 < p < 1.
double gamma_quantile(double a, double p);
/// The point whose upper tail is `q`, also where 1 - q is 1.
double gamma_upper_quantile(double a, double q);
double chi_square_quantile(double degrees_of_freedom, double p);
double beta_quantile(double a, double b, double p);
/// REQUIRES: degrees_of_freedom > 0 (need not be whole).
double student_t_quantile(double degrees_of_freedom, double p);

}  // namespace nines::sim
