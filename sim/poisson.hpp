// Poisson probabilities for sums over the number of events, none of them lost to underflow.
#pragma once

#include <cstddef>
#include <vector>

namespace nines::sim {

/// Probabilities of the counts first, first + 1, ... of a Poisson law; every other count has less than 1e-200 of the
/// largest of them. They are built outwards from the most likely count by products of positive numbers, so each has
/// about 13 digits however small it is, for means from 1e-300 to 1e10 (after Fox and Glynn 1988, without their cut at a
/// chosen error, which would cut rare events away). About 60 sqrt(mean) of them, hundreds for small means.
struct PoissonWeights {
  std::size_t first = 0;
  std::vector<double> weight;

  /// One more than the largest count held.
  [[nodiscard]] std::size_t end() const { return first + weight.size(); }
  /// Probability of `count`; 0 if it is not held.
  [[nodiscard]] double at(std::size_t count) const {
    return count < first || count >= end() ? 0 : weight[count - first];
  }
  /// P(more than n events) for n = 0 .. end() - 1, each a sum of positive terms.
  [[nodiscard]] std::vector<double> upper_tails() const;
};

/// REQUIRES: 0 <= mean <= 1e10.
PoissonWeights poisson_weights(double mean);

}  // namespace nines::sim
