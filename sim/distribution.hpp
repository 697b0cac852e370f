// Distributions of durations, as small values that a plan can hold.
#pragma once

#include <cstdint>

#include "sim/time.hpp"

namespace nines::sim {

/// A law of non-negative durations. Sampled by inversion: one uniform, one duration, so common random numbers stay
/// aligned when only a parameter changes.
struct Distribution {
  enum class Law : std::uint8_t {
    constant,     ///< always `a`
    uniform,      ///< between `a` and `b`
    exponential,  ///< mean `a`
    lognormal,    ///< median `a`, standard deviation of the logarithm `shape`
    erlang,       ///< sum of `shape` exponential stages, `a` the mean of the sum
    weibull,      ///< scale `a`, `shape`, shifted by `b`
  };
  Law law = Law::constant;
  Duration a;
  Duration b;
  double shape = 0;

  static constexpr Distribution constant(Duration value) { return {Law::constant, value, value, 0}; }
  static constexpr Distribution uniform(Duration low, Duration high) { return {Law::uniform, low, high, 0}; }
  static constexpr Distribution exponential(Duration mean) { return {Law::exponential, mean, mean, 0}; }
  static constexpr Distribution lognormal(Duration median, double sigma) {
    return {Law::lognormal, median, median, sigma};
  }
  /// REQUIRES: stages >= 1.
  static constexpr Distribution erlang(Duration mean, int stages) { return {Law::erlang, mean, mean, double(stages)}; }
  /// REQUIRES: shape > 0; location >= 0 comes on top of the scaled part.
  static constexpr Distribution weibull(Duration scale, double shape, Duration location = {}) {
    return {Law::weibull, scale, location, shape};
  }

  [[nodiscard]] constexpr bool memoryless() const { return law == Law::exponential; }

  /// Inverse distribution function at 0 < u < 1, to the nearest nanosecond.
  [[nodiscard]] Duration quantile(double u) const;
  [[nodiscard]] Duration mean() const;

  /// -log P(X > age): what an Exp(1) age is compared with. Infinite where nothing survives. REQUIRES: age >= 0.
  [[nodiscard]] double cumulative_hazard(Duration age) const;
  /// Age at which the cumulative hazard reaches `hazard` >= 0; of a law with an atom the atom.
  [[nodiscard]] Duration age_at_hazard(double hazard) const;
  /// Age of a unit that has been renewed for ever, seen at an arbitrary instant: the quantile at u of the law with
  /// density P(X > x) / mean. What is left of its life follows the law of X given X > age.
  [[nodiscard]] Duration stationary_age(double u) const;
};

}  // namespace nines::sim
