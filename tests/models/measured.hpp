#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

namespace nines::models::testing {

/// Times of trials in one unit.
using Sample = std::vector<double>;

/// The quantile `p` in [0, 1] of a sorted sample that is not empty, interpolated.
inline double quantile(const Sample& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const double part = at - static_cast<double>(below);
  return below + 1 < sorted.size() ? sorted[below] * (1 - part) + sorted[below + 1] * part : sorted.back();
}

/// Whether as many simulated trials give such a quantile: the measured one is among the middle 98 % of those of
/// batches.
inline bool plausible(const Sample& unsorted, const Sample& measured, double p) {
  Sample found;
  for (std::size_t begin = 0; begin + measured.size() <= unsorted.size(); begin += measured.size()) {
    const auto from = unsorted.begin() + static_cast<std::ptrdiff_t>(begin);
    Sample batch(from, from + static_cast<std::ptrdiff_t>(measured.size()));
    std::sort(batch.begin(), batch.end());
    found.push_back(quantile(batch, p));
  }
  std::sort(found.begin(), found.end());
  const double value = quantile(measured, p);
  return value >= quantile(found, 0.01) && value <= quantile(found, 0.99);
}

/// Checks simulated trials against a real server's sorted ones in the same unit: the median agrees within
/// `median_tolerance`, the 5th and 95th percentile within `tail_tolerance`, or the measured figure is plausible.
inline void compare(const char* what, const Sample& simulated, const Sample& measured, double median_tolerance,
                    double tail_tolerance = 0.05) {
  Sample sorted = simulated;
  std::sort(sorted.begin(), sorted.end());
  for (const double p : {0.05, 0.5, 0.95}) {
    const double value = quantile(measured, p);
    const double tolerance = p == 0.5 ? median_tolerance : tail_tolerance;
    INFO(what << ", quantile " << p << ": simulated " << quantile(sorted, p) << ", measured " << value);
    CHECK((std::abs(quantile(sorted, p) - value) <= tolerance * value || plausible(simulated, measured, p)));
  }
}

}  // namespace nines::models::testing
