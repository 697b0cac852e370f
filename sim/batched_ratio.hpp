// Ratios estimated from independent batches of observations, and differences of two such ratios that were observed
// under the same random numbers.
//
// A batch holds what a number of alike observations showed on average: a reward (downtime, outages, money) and a length
// (time, outages). Batches are independent; a batch of twice the weight has half the variance. The estimate is
// sum w x / sum w l; its variance comes from the scatter of the linearised batches x - ratio * l (delta method;
// Cochran 1977, section 6). Two systems that were observed in the same batches are compared batch by batch: what both
// have in common cancels (common random numbers; Law, Simulation Modeling and Analysis, section 11.2).
//
// Invariants: same batches, same bytes; a ratio of nothing seen has no value (see sim/statistics.hpp).
#pragma once

#include <span>

#include "sim/statistics.hpp"

namespace nines::sim {

struct Batch {
  double weight = 1;  ///< > 0: observations that it stands for, up to a common factor
  double reward = 0;  ///< mean of one of them
  double length = 1;  ///< mean of one of them, > 0 over all batches
};

/// Interval by Student's t with one degree of freedom less than there are batches, on the log scale so that it never
/// reaches 0. Value absent if the rewards add up to nothing, interval absent if fewer than two batches differ from 0.
Estimate ratio_estimate(std::span<const Batch> batches);

/// Ratio of all batches; 0 without any length.
double ratio_of(std::span<const Batch> batches);

/// A difference of two ratios, second minus first.
struct Difference {
  double value = 0;
  double standard_error = 0;
  double degrees_of_freedom = 0;
  /// Two-sided interval that covers with probability `level`. REQUIRES: 0 < level < 1.
  [[nodiscard]] Interval interval(double level) const;
  /// The one-sided bound that the truth exceeds with probability `risk` only.
  [[nodiscard]] double upper(double risk) const;
};

/// Of two systems observed in the same batches, in the same order: `from[i]` and `to[i]` share their random numbers.
/// Where one has more batches, the first ones count. Weights must be equal pairwise. REQUIRES: two batches of each.
Difference paired_difference(std::span<const Batch> from, std::span<const Batch> to);

/// The same of two systems observed independently (Welch 1947).
Difference independent_difference(std::span<const Batch> from, std::span<const Batch> to);

}  // namespace nines::sim
