// Elementary functions from + - * / and sqrt only.
//
// The C library chooses its exp and log by CPU at run time and they differ in the last bit; these do not, so a seed
// gives the same bytes on every x86-64 machine. Accuracy: within 2 ulp on the stated range unless said otherwise.
#pragma once

#include <limits>

namespace nines::sim {

inline constexpr double infinity = std::numeric_limits<double>::infinity();

/// Natural logarithm of x > 0 (finite).
double log(double x);
/// e^x; 0 below about -745, infinity above about 709.
double exp(double x);
/// log(1 + x) for x > -1, without cancellation near 0; within 4 ulp.
double log1p(double x);
/// e^x - 1, without cancellation near 0; within 4 ulp.
double expm1(double x);
/// x^y for x > 0, as exp(y log x); relative error grows like |y log x| ulp.
double pow(double x, double y);
/// Quantile of the standard normal law, 0 < p < 1 (Wichura 1988, AS 241 PPND16; relative error about 1e-16).
double normal_quantile(double p);

}  // namespace nines::sim
