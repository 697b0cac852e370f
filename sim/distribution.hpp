// Distributions of durations, as small values that a plan can hold.
#pragma once

#include <cstdint>

#include "sim/math.hpp"
#include "sim/time.hpp"

namespace nines::sim {

/// A law of non-negative durations. Sampled by inversion: one uniform, one duration, so common random numbers stay
/// aligned when only a parameter changes.
struct Distribution {
  enum class Law : std::uint8_t {
    constant,     ///< always `a`
    uniform,      ///< between `a` and `b`
    exponential,  ///< mean `a`
    lognormal,    ///< median `a`, standard deviation of the logarithm `sigma`
  };
  Law law = Law::constant;
  Duration a;
  Duration b;
  double sigma = 0;

  static constexpr Distribution constant(Duration value) { return {Law::constant, value, value, 0}; }
  static constexpr Distribution uniform(Duration low, Duration high) { return {Law::uniform, low, high, 0}; }
  static constexpr Distribution exponential(Duration mean) { return {Law::exponential, mean, mean, 0}; }
  static constexpr Distribution lognormal(Duration median, double sigma) {
    return {Law::lognormal, median, median, sigma};
  }

  /// Inverse distribution function at 0 < u < 1, to the nearest nanosecond.
  [[nodiscard]] Duration quantile(double u) const {
    switch (law) {
      case Law::constant: return a;
      case Law::uniform: return a + scaled(b - a, u);
      case Law::exponential: return scaled(a, -log(1 - u));
      case Law::lognormal: return scaled(a, exp(sigma * normal_quantile(u)));
    }
    return a;
  }

  [[nodiscard]] Duration mean() const {
    switch (law) {
      case Law::constant:
      case Law::exponential: return a;
      case Law::uniform: return a + (b - a) / 2;
      case Law::lognormal: return scaled(a, exp(sigma * sigma / 2));
    }
    return a;
  }
};

}  // namespace nines::sim
