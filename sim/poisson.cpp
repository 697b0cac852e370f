#include "sim/poisson.hpp"

#include <algorithm>
#include <cassert>

namespace nines::sim {

namespace {

constexpr double negligible = 1e-200;  // of the largest weight: far below what a product with a probability keeps
constexpr double largest_mean = 1e10;

/// Sum from both ends towards `peak`: small terms first, so that none is swallowed.
double sum_towards(const std::vector<double>& weight, std::size_t peak) {
  double below = 0;
  double above = 0;
  for (std::size_t i = 0; i < peak; ++i) below += weight[i];
  for (std::size_t i = weight.size(); i-- > peak;) above += weight[i];
  return below + above;
}

}  // namespace

std::vector<double> PoissonWeights::upper_tails() const {
  std::vector<double> tails(end());
  double sum = 0;
  for (std::size_t n = end(); n-- > 0;) {
    tails[n] = sum;
    sum += at(n);
  }
  return tails;
}

PoissonWeights poisson_weights(double mean) {
  assert(mean >= 0 && mean <= largest_mean);
  const auto mode = static_cast<std::size_t>(mean);
  std::vector<double> below;
  double w = 1;
  for (std::size_t n = mode; n > 0; --n) {
    w *= static_cast<double>(n) / mean;
    if (w < negligible) break;
    below.push_back(w);
  }
  PoissonWeights result;
  result.first = mode - below.size();
  result.weight.assign(below.rbegin(), below.rend());
  w = 1;
  for (std::size_t n = mode; w >= negligible; ++n) {
    result.weight.push_back(w);
    w *= mean / static_cast<double>(n + 1);
  }
  const double total = sum_towards(result.weight, below.size());
  for (double& x : result.weight) x /= total;
  return result;
}

}  // namespace nines::sim
