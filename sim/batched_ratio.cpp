#include "sim/batched_ratio.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace nines::sim {

namespace {

struct Linearised {
  double ratio = 0;
  double weight = 0;          ///< of all batches
  std::vector<double> parts;  ///< by batch: its distance from the ratio, per mean length
};

Linearised linearised(std::span<const Batch> batches) {
  Linearised result;
  double reward = 0;
  double length = 0;
  for (const Batch& batch : batches) {
    result.weight += batch.weight;
    reward += batch.weight * batch.reward;
    length += batch.weight * batch.length;
  }
  if (length <= 0) {
    result.parts.assign(batches.size(), 0);
    return result;
  }
  result.ratio = reward / length;
  const double mean_length = length / result.weight;
  for (const Batch& batch : batches) {
    result.parts.push_back((batch.reward - result.ratio * batch.length) / mean_length);
  }
  return result;
}

/// Variance of the weighted mean of parts that sum to 0.
template <class Part>
double variance_of_mean(std::span<const Batch> batches, double weight, const Part& part) {
  const auto n = static_cast<double>(batches.size());
  if (batches.size() < 2) return 0;
  double sum = 0;
  for (std::size_t i = 0; i < batches.size(); ++i) sum += batches[i].weight * part(i) * part(i);
  return sum / (weight * (n - 1));
}

double variance(std::span<const Batch> batches, const Linearised& of) {
  return variance_of_mean(batches, of.weight, [&](std::size_t i) { return of.parts[i]; });
}

}  // namespace

double ratio_of(std::span<const Batch> batches) { return linearised(batches).ratio; }

Estimate ratio_estimate(std::span<const Batch> batches) {
  Estimate result;
  std::uint64_t hits = 0;
  for (const Batch& batch : batches) hits += batch.reward != 0 ? 1 : 0;
  result.observations = hits;
  const Linearised found = linearised(batches);
  if (found.ratio <= 0) return result;
  result.value = found.ratio;
  if (hits < 2) return result;
  const double error = std::sqrt(variance(batches, found));
  const double t = student_t_quantile(static_cast<double>(batches.size() - 1), two_sided);
  const double step = t * error / found.ratio;
  result.ci95 = Interval{found.ratio * exp(-step), found.ratio * exp(step)};
  return result;
}

Interval Difference::interval(double level) const {
  if (standard_error <= 0) return {value, value};
  const double step = student_t_quantile(degrees_of_freedom, (1 + level) / 2) * standard_error;
  return {value - step, value + step};
}

double Difference::upper(double risk) const {
  if (standard_error <= 0) return value;
  return value + student_t_quantile(degrees_of_freedom, 1 - risk) * standard_error;
}

Difference paired_difference(std::span<const Batch> from, std::span<const Batch> to) {
  const std::size_t n = std::min(from.size(), to.size());
  assert(n >= 2);
  const std::span<const Batch> common = from.first(n);
  const Linearised a = linearised(common);
  const Linearised b = linearised(to.first(n));
  Difference result;
  result.value = b.ratio - a.ratio;
  result.standard_error =
      std::sqrt(variance_of_mean(common, a.weight, [&](std::size_t i) { return b.parts[i] - a.parts[i]; }));
  result.degrees_of_freedom = static_cast<double>(n - 1);
  return result;
}

Difference independent_difference(std::span<const Batch> from, std::span<const Batch> to) {
  assert(from.size() >= 2 && to.size() >= 2);
  const Linearised a = linearised(from);
  const Linearised b = linearised(to);
  const double va = variance(from, a);
  const double vb = variance(to, b);
  Difference result;
  result.value = b.ratio - a.ratio;
  result.standard_error = std::sqrt(va + vb);
  const double scatter = va * va / static_cast<double>(from.size() - 1) + vb * vb / static_cast<double>(to.size() - 1);
  result.degrees_of_freedom = scatter > 0 ? (va + vb) * (va + vb) / scatter : 0;
  return result;
}

}  // namespace nines::sim
