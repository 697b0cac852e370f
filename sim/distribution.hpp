// Distributions of durations, as small values that a plan can hold.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "sim/time.hpp"

namespace nines::sim {

struct Mixture;
struct MixturePart;

/// A law of non-negative durations. Sampled by inversion: one uniform, one duration, so common random numbers stay
/// aligned when only a parameter changes.
///
/// No question loops without bound or leaves the range of a Duration, whatever the shape and scale: what lies beyond
/// it (some 292 years) is `Duration::infinite()`.
struct Distribution {
  enum class Law : std::uint8_t {
    constant,     ///< always `a`
    uniform,      ///< between `a` and `b`
    exponential,  ///< mean `a`
    lognormal,    ///< median `a`, standard deviation of the logarithm `shape`
    erlang,       ///< sum of `shape` exponential stages, `a` the mean of the sum
    weibull,      ///< scale `a`, `shape`, shifted by `b`
    mixture,      ///< one of the laws `mixed`, by their shares; mean `a`
  };
  Law law = Law::constant;
  Duration a;
  Duration b;
  double shape = 0;
  std::shared_ptr<const Mixture> mixed = {};  ///< of a mixture; shared by its copies

  static Distribution constant(Duration value) { return {Law::constant, value, value, 0}; }
  static Distribution uniform(Duration low, Duration high) { return {Law::uniform, low, high, 0}; }
  static Distribution exponential(Duration mean) { return {Law::exponential, mean, mean, 0}; }
  static Distribution lognormal(Duration median, double sigma) { return {Law::lognormal, median, median, sigma}; }
  /// REQUIRES: stages >= 1.
  static Distribution erlang(Duration mean, int stages) { return {Law::erlang, mean, mean, double(stages)}; }
  /// REQUIRES: shape > 0; location >= 0 comes on top of the scaled part.
  static Distribution weibull(Duration scale, double shape, Duration location = {}) {
    return {Law::weibull, scale, location, shape};
  }
  /// REQUIRES: at least one part, none of them a mixture; shares > 0, which are divided by their sum.
  static Distribution mixture(std::vector<MixturePart> parts);

  [[nodiscard]] bool memoryless() const { return law == Law::exponential; }

  /// The law of `factor` times the duration. REQUIRES: factor >= 0.
  [[nodiscard]] Distribution times(double factor) const;

  /// Inverse distribution function at 0 < u < 1, to the nearest nanosecond; of a mixture the first nanosecond at which
  /// the distribution function has reached u.
  [[nodiscard]] Duration quantile(double u) const;
  [[nodiscard]] Duration mean() const;
  /// E X, E X^2 and E X^3 in seconds and their powers; infinite where no double holds them.
  [[nodiscard]] std::array<double, 3> moments() const;
  /// P(X > age), without cancellation where it is small.
  [[nodiscard]] double survival(Duration age) const;

  /// -log P(X > age): what an Exp(1) age is compared with. Always finite, so that differences are numbers: 708, the
  /// hazard of the least probability, where nothing survives, and of lognormal and Erlang laws wherever less does.
  /// REQUIRES: age >= 0.
  [[nodiscard]] double cumulative_hazard(Duration age) const;
  /// Age at which the cumulative hazard reaches `hazard` >= 0; of a law with an atom the atom.
  [[nodiscard]] Duration age_at_hazard(double hazard) const;
  /// Age of a unit that has been renewed for ever, seen at an arbitrary instant: the quantile at u of the law with
  /// density P(X > x) / mean. What is left of its life follows the law of X given X > age. At most 190 years, so that a
  /// century of simulated time can be added to it.
  [[nodiscard]] Duration stationary_age(double u) const;
};

struct MixturePart {
  double share = 0;
  Distribution law;
};

struct Mixture {
  std::vector<MixturePart> parts;
};

}  // namespace nines::sim
