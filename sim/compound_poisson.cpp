#include "sim/compound_poisson.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "sim/math.hpp"
#include "sim/poisson.hpp"
#include "sim/special_functions.hpp"

namespace nines::sim {

namespace {

using Vector = Eigen::ArrayXd;

constexpr double largest_mean_count = 1e8;
// Panjer's recursion starts from e^-mean, which must not underflow.
constexpr double panjer_limit = 500;
// Below this, 1 - sum would lose the digits that the grid leaves (1e-16 / 1e-5 against 1e-6).
constexpr double safe_difference = 1e-5;
// Few enough outages for a sum over their number, many enough to need few doublings.
constexpr double series_limit = 0.5;
// Numbers of outages less likely than this are left out of the sum.
constexpr double negligible_count = 1e-40;

/// A sum in the same order on every processor: Eigen's own depends on how many terms that adds at a time.
template <class Terms>
double sum_of(const Eigen::ArrayBase<Terms>& terms) {
  constexpr Eigen::Index lanes = 4;  // sums that do not wait for each other
  double sums[lanes] = {};
  Eigen::Index at = 0;
  for (; at + lanes <= terms.size(); at += lanes) {
    for (Eigen::Index lane = 0; lane < lanes; ++lane) sums[lane] += terms.derived().coeff(at + lane);
  }
  for (; at < terms.size(); ++at) sums[0] += terms.derived().coeff(at);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/// A law on grid points 0 .. n, n being the budget.
struct GridLaw {
  double mean = 0;        ///< number of outages
  Vector mass;            ///< probability of each total
  double beyond = 0;      ///< probability of a total beyond n
  double tie_of_two = 0;  ///< the part of mass[n] that is due to two outages or more
};

/// Lengths as shares of points 0 .. n, means kept. What one outage adds to point n does not exceed the budget.
struct Sizes {
  double mean = 0;         ///< expected number of outages up to the budget
  double mean_beyond = 0;  ///< expected number of longer ones
  double squares = 0;      ///< expected sum of squared lengths up to the budget, in cells
  double added = 0;        ///< what spreading adds to it
  Vector share;
};

Sizes on_grid(std::span<const OutageKind> outages, double exposure, double budget, std::size_t cells) {
  Sizes sizes;
  sizes.share = Vector::Zero(static_cast<Eigen::Index>(cells) + 1);
  const double per_cell = static_cast<double>(cells) / budget;
  for (const OutageKind& kind : outages) {
    assert(kind.rate >= 0 && kind.hours >= 0);
    const double count = kind.rate * exposure;
    if (kind.hours > budget) {
      sizes.mean_beyond += count;
      continue;
    }
    const double at = std::min(kind.hours * per_cell, static_cast<double>(cells));
    const auto lower = std::min(static_cast<Eigen::Index>(at), static_cast<Eigen::Index>(cells) - 1);
    const double fraction = at - static_cast<double>(lower);
    sizes.share[lower] += count * (1 - fraction);
    sizes.share[lower + 1] += count * fraction;
    sizes.mean += count;
    sizes.squares += count * at * at;
    sizes.added += count * fraction * (1 - fraction);
  }
  if (sizes.mean > 0) sizes.share /= sizes.mean;
  return sizes;
}

/// Points 0 .. n of the convolution, by adding shifted copies of b: all terms positive, order fixed. Cost: the number
/// of points between the first and the last of a that has mass, times n.
Vector convolution(const Vector& a, const Vector& b) {
  const Eigen::Index n = a.size();
  constexpr Eigen::Index batch = 4;
  Eigen::Index i = 0;
  Eigen::Index end = n;
  while (i < n && a[i] == 0) ++i;
  while (end > i && a[end - 1] == 0) --end;
  Vector sum = Vector::Zero(n);
  // Four copies in one pass; the first points of each are added by themselves.
  for (; i + batch <= end; i += batch) {
    for (Eigen::Index k = 0; k < batch - 1; ++k) {
      for (Eigen::Index j = 0; j < batch - 1 - k; ++j) sum[i + k + j] += a[i + k] * b[j];
    }
    const Eigen::Index rest = n - i - (batch - 1);
    sum.tail(rest) += (a[i] * b.segment(3, rest) + a[i + 1] * b.segment(2, rest)) +
                      (a[i + 2] * b.segment(1, rest) + a[i + 3] * b.head(rest));
  }
  for (; i < end; ++i) sum.tail(n - i) += a[i] * b.head(n - i);
  return sum;
}

/// P(total > j) for each point j, from below: sums of positive terms.
Vector tails_of(const Vector& mass, double beyond) {
  Vector tails(mass.size());
  double sum = beyond;
  for (Eigen::Index j = mass.size(); j-- > 0;) {
    tails[j] = sum;
    sum += mass[j];
  }
  return tails;
}

/// P(a + b beyond the last point).
double beyond_of_sum(const Vector& a, double a_beyond, const Vector& b, double b_beyond) {
  return a_beyond + sum_of(a * tails_of(b, b_beyond).reverse());
}

/// The law of two independent sums of this law.
GridLaw doubled(const GridLaw& law, const Sizes& sizes) {
  const Eigen::Index n = law.mass.size() - 1;
  GridLaw sum;
  sum.mean = 2 * law.mean;
  sum.mass = convolution(law.mass, law.mass);
  sum.beyond = beyond_of_sum(law.mass, law.beyond, law.mass, law.beyond);
  // A tie is of two if it was, or if one outage at n meets at least one of no length on the other side.
  const double tie_of_one = law.mean * exp(-law.mean) * sizes.share[n];
  const double only_empty = exp(-law.mean) * expm1(law.mean * sizes.share[0]);
  sum.tie_of_two = 2 * (law.tie_of_two * law.mass[0] + tie_of_one * only_empty);
  if (n > 1) sum.tie_of_two += sum_of(law.mass.segment(1, n - 1) * law.mass.segment(1, n - 1).reverse());
  return sum;
}

int halvings(double mean, double limit) {
  int count = 0;
  for (; mean > limit; mean /= 2) ++count;
  return count;
}

/// Panjer (1981). The part beyond n is a difference: good where it is not small.
GridLaw by_recursion(const Sizes& sizes) {
  const int splits = halvings(sizes.mean, panjer_limit);
  const double mean = sizes.mean / static_cast<double>(1ULL << splits);
  const Eigen::Index n = sizes.share.size() - 1;
  const Vector weighted = mean * sizes.share * Vector::LinSpaced(n + 1, 0, static_cast<double>(n));
  GridLaw law;
  law.mass = Vector::Zero(n + 1);
  law.mass[0] = exp(-mean * (1 - sizes.share[0]));
  for (Eigen::Index s = 1; s <= n; ++s)
    law.mass[s] = sum_of(weighted.segment(1, s) * law.mass.head(s).reverse()) / static_cast<double>(s);
  for (int i = 0; i < splits; ++i) law.mass = convolution(law.mass, law.mass);
  law.mean = sizes.mean;
  law.beyond = std::max(0.0, 1 - sum_of(law.mass));
  law.tie_of_two = std::max(0.0, law.mass[n] - law.mean * exp(-law.mean) * sizes.share[n]);
  return law;
}

/// Sum over the number of outages, for a mean so small that few matter, then doubled: no difference anywhere.
GridLaw by_series(const Sizes& sizes) {
  const int splits = halvings(sizes.mean, series_limit);
  const Eigen::Index n = sizes.share.size() - 1;
  GridLaw law;
  law.mean = sizes.mean / static_cast<double>(1ULL << splits);
  law.mass = exp(-law.mean) * (law.mean * sizes.share);
  law.mass[0] += exp(-law.mean);
  Vector power = sizes.share;
  double power_beyond = 0;
  double weight = law.mean * exp(-law.mean);
  for (int count = 2;; ++count) {
    weight *= law.mean / count;
    // What is left out is less likely than two of the first term left out.
    if (weight < negligible_count || weight < law.beyond * 1e-18) break;
    power_beyond = beyond_of_sum(power, power_beyond, sizes.share, 0);
    power = convolution(sizes.share, power);
    law.mass += weight * power;
    law.beyond += weight * power_beyond;
    law.tie_of_two += weight * power[n];
  }
  for (int i = 0; i < splits; ++i) law = doubled(law, sizes);
  return law;
}

GridLaw law_of(const Sizes& sizes) {
  // With less than this many outages expected, two within the exposure are too rare for a difference anyway.
  if (sizes.mean * sizes.mean > safe_difference) {
    GridLaw law = by_recursion(sizes);
    if (law.beyond > safe_difference) return law;
  }
  return by_series(sizes);
}

}  // namespace

DowntimeTail::DowntimeTail(std::span<const OutageKind> outages, double exposure, double budget, std::size_t cells)
    : exposure_(exposure), budget_(budget) {
  assert(exposure > 0 && budget > 0 && cells >= 2);
  const Sizes sizes = on_grid(outages, exposure, budget, cells);
  assert(sizes.mean + sizes.mean_beyond <= largest_mean_count);
  const GridLaw law = law_of(sizes);
  added_variance_ = sizes.squares > 0 ? sizes.added / sizes.squares : 0;
  none_beyond_ = exp(-sizes.mean_beyond);
  breach_ = -expm1(-sizes.mean_beyond) + none_beyond_ * (law.beyond + law.tie_of_two / 2);

  // One more outage of j points breaches if the others exceed n - j: their mass between there and the budget, with half
  // of the ends. An outage of the whole budget alone is no breach, so an empty window does not count as a tie with it.
  const Eigen::Index n = law.mass.size() - 1;
  double between = law.mass[n] - law.tie_of_two / 2;
  added_.push_back(std::max(0.0, law.mass[n] - law.tie_of_two) / 2);
  for (Eigen::Index i = n - 1; i > 0; --i) {
    added_.push_back(between + law.mass[i] / 2);
    between += law.mass[i];
  }
  added_.push_back(between + exp(-law.mean) * expm1(law.mean * sizes.share[0]) / 2);
  added_.push_back(between + law.mass[0]);
}

double DowntimeTail::added_by(double hours) const {
  assert(hours >= 0);
  if (hours > budget_) return none_beyond_ * added_.back();
  const std::size_t cells = added_.size() - 2;
  const double at = std::min(hours / budget_, 1.0) * static_cast<double>(cells);
  const std::size_t lower = std::min(static_cast<std::size_t>(at), cells - 1);
  const double fraction = at - static_cast<double>(lower);
  return none_beyond_ * (added_[lower] * (1 - fraction) + added_[lower + 1] * fraction);
}

DowntimeTail downtime_tail(std::span<const OutageKind> outages, double window, double budget, std::size_t cells) {
  assert(budget < window);
  return {outages, window - budget, budget, cells};
}

double breach_with_fixed_outages(double rate, double hours, double window, double budget) {
  assert(rate >= 0 && hours > 0 && budget >= 0 && budget < window);
  return gamma_tails(std::floor(budget / hours) + 1, rate * (window - budget)).lower;
}

double breach_with_exponential_outages(double rate, double hours, double window, double budget) {
  assert(rate >= 0 && hours > 0 && budget >= 0 && budget < window);
  const PoissonWeights weights = poisson_weights(rate * (window - budget));
  double breach = 0;
  for (std::size_t n = std::max<std::size_t>(weights.first, 1); n < weights.end(); ++n)
    breach += weights.at(n) * gamma_tails(static_cast<double>(n), budget / hours).upper;
  return breach;
}

}  // namespace nines::sim
