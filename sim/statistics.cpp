#include "sim/statistics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "sim/math.hpp"
#include "sim/special_functions.hpp"

namespace nines::sim {

namespace {

constexpr double one_sided = 0.95;
/// Fewer events than this support no two-sided interval for a total (coverage falls to 0.2).
constexpr std::uint64_t events_for_interval = 5;

double real(std::uint64_t count) { return static_cast<double>(count); }

Interval symmetric(double value, double half_width) { return {value - half_width, value + half_width}; }

/// Interval of a positive quantity from the standard error of its logarithm.
Interval log_scale(double value, double half_width) { return {value * exp(-half_width), value * exp(half_width)}; }

/// P(at least k successes among n), success probability q.
double binomial_at_least(std::uint64_t k, std::uint64_t n, double q) {
  if (k == 0) return 1;
  if (k > n) return 0;
  return beta_tails(real(k), real(n - k + 1), q).lower;
}

/// Smallest k in [1, n + 1] with P(at least k) <= limit.
std::uint64_t rank_above(std::uint64_t n, double q, double limit) {
  std::uint64_t low = 1;
  std::uint64_t high = n + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (binomial_at_least(middle, n, q) <= limit) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

Estimate scaled(const Estimate& estimate, double factor) {
  assert(factor > 0);
  Estimate result = estimate;
  if (result.value) *result.value *= factor;
  if (result.ci95) *result.ci95 = {result.ci95->lower * factor, result.ci95->upper * factor};
  if (result.lower95) *result.lower95 *= factor;
  if (result.upper95) *result.upper95 *= factor;
  return result;
}

Estimate inverted(const Estimate& estimate, double factor) {
  assert(factor > 0);
  Estimate result;
  result.observations = estimate.observations;
  if (estimate.value && *estimate.value > 0) result.value = factor / *estimate.value;
  const auto& ci = estimate.ci95;
  if (ci && ci->lower > 0) result.ci95 = Interval{factor / ci->upper, factor / ci->lower};
  if (estimate.upper95) result.lower95 = factor / *estimate.upper95;
  if (estimate.lower95 && *estimate.lower95 > 0) result.upper95 = factor / *estimate.lower95;
  return result;
}

Estimate at_most_one(const Estimate& estimate) {
  Estimate result = estimate;
  const auto cut = [](double& x) { x = std::min(x, 1.0); };
  if (result.value) cut(*result.value);
  if (result.ci95) cut(result.ci95->lower);
  if (result.ci95) cut(result.ci95->upper);
  if (result.lower95) cut(*result.lower95);
  if (result.upper95) cut(*result.upper95);
  return result;
}

double third_moment(double n, double sum, double squares, double cubes) {
  const double mean = sum / n;
  return cubes / n - 3 * mean * squares / n + 2 * mean * mean * mean;
}

double skewed_step(double step, double skewness) { return step + skewness * (2 * step * step + 1) / 6; }

void Summary::add(double x) {
  ++count_;
  const double distance = x - mean_;
  mean_ += distance / real(count_);
  squares_ += distance * (x - mean_);
  smallest_ = count_ == 1 ? x : std::min(smallest_, x);
  largest_ = count_ == 1 ? x : std::max(largest_, x);
}

void Summary::merge(const Summary& other) {
  if (other.count_ == 0) return;
  if (count_ == 0) {
    *this = other;
    return;
  }
  const double share = real(other.count_) / real(count_ + other.count_);
  const double distance = other.mean_ - mean_;
  squares_ += other.squares_ + distance * distance * real(count_) * share;
  mean_ += distance * share;
  count_ += other.count_;
  smallest_ = std::min(smallest_, other.smallest_);
  largest_ = std::max(largest_, other.largest_);
}

double Summary::smallest() const {
  assert(count_ > 0);
  return smallest_;
}

double Summary::largest() const {
  assert(count_ > 0);
  return largest_;
}

Estimate mean_estimate(const Summary& replications) {
  const std::uint64_t n = replications.count();
  Estimate result;
  result.observations = n;
  if (n == 0) return result;
  result.value = replications.mean();
  if (replications.variance() <= 0) return result;
  const double standard_error = std::sqrt(replications.variance() / real(n));
  result.ci95 = symmetric(replications.mean(), student_t_quantile(real(n - 1), two_sided) * standard_error);
  return result;
}

Estimate quantile_estimate(std::vector<double> observations, double q) {
  assert(q > 0 && q < 1);
  const std::uint64_t n = observations.size();
  Estimate result;
  result.observations = n;
  if (n == 0) return result;
  std::sort(observations.begin(), observations.end());
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * real(n)));
  result.value = observations[std::clamp<std::uint64_t>(rank, 1, n) - 1];
  // The quantile lies above the k-th smallest iff at least k observations lie below it, which is binomial. The lower
  // rank is the mirror image of the upper one.
  const double limit = 1 - two_sided;
  const std::uint64_t upper = rank_above(n, q, limit);
  const std::uint64_t lower = n + 1 - rank_above(n, 1 - q, limit);
  if (lower >= 1 && upper <= n) result.ci95 = Interval{observations[lower - 1], observations[upper - 1]};
  return result;
}

Estimate poisson_rate(std::uint64_t events, double exposure) {
  assert(exposure > 0);
  Estimate result;
  result.observations = events;
  if (events == 0) {
    result.upper95 = -log(1 - one_sided) / exposure;
    return result;
  }
  const double n = real(events);
  result.value = n / exposure;
  result.ci95 = Interval{gamma_quantile(n, 1 - two_sided) / exposure, gamma_quantile(n + 1, two_sided) / exposure};
  return result;
}

Estimate compound_poisson_rate(const Summary& sizes, double exposure) {
  assert(exposure > 0);
  const std::uint64_t events = sizes.count();
  Estimate result;
  result.observations = events;
  if (events == 0 || sizes.mean() <= 0) return result;
  const double n = real(events);
  const double value = sizes.total() / exposure;
  result.value = value;
  if (events < events_for_interval) {
    const double most_events = gamma_quantile(n + 1, two_sided);
    const double largest_mean = sizes.total() / gamma_quantile(n, 1 - two_sided);
    result.upper95 = most_events * largest_mean / exposure;
    return result;
  }
  const double cv2 = sizes.variance() / (sizes.mean() * sizes.mean());
  result.ci95 = log_scale(value, student_t_quantile(n - 1, two_sided) * std::sqrt((1 + cv2) / n));
  return result;
}

Estimate proportion_estimate(std::uint64_t successes, std::uint64_t trials) {
  assert(successes <= trials);
  Estimate result;
  result.observations = trials;
  if (trials == 0) return result;
  const double s = real(successes);
  const double n = real(trials);
  // The n-th root of 0.05 bounds a proportion of which n out of n were seen.
  if (successes == 0) {
    result.upper95 = -expm1(log(1 - one_sided) / n);
  } else if (successes == trials) {
    result.lower95 = exp(log(1 - one_sided) / n);
  } else {
    result.value = s / n;
    result.ci95 = Interval{beta_quantile(s, n - s + 1, 1 - two_sided), beta_quantile(s + 1, n - s, two_sided)};
  }
  return result;
}

Estimate clustered_proportion(const Summary& successes, std::uint64_t size, double presumed) {
  assert(size >= 1 && presumed >= 1);
  constexpr std::uint64_t enough_clusters = 20;
  const double n = real(successes.count()) * real(size);
  Estimate result;
  result.observations = successes.count() * size;
  if (n <= 0) return result;
  const double share = successes.mean() / real(size);
  const double independent = real(size) * share * (1 - share);
  const bool seen = successes.count() >= enough_clusters && independent > 0;
  const double effect = seen ? successes.variance() / independent : presumed;
  const double effective = n / std::clamp(effect, 1.0, real(size));
  const double s = share * effective;
  if (successes.total() < 0.5) {
    result.upper95 = -expm1(log(1 - one_sided) / effective);
  } else if (successes.total() > n - 0.5) {
    result.lower95 = exp(log(1 - one_sided) / effective);
  } else {
    result.value = share;
    result.ci95 =
        Interval{beta_quantile(s, effective - s + 1, 1 - two_sided), beta_quantile(s + 1, effective - s, two_sided)};
  }
  return result;
}

void RegenerativeCycles::add(double reward, double length) {
  assert(reward >= 0 && length > 0);
  const double distance = reward - reward_.mean();
  reward_.add(reward);
  length_.add(length);
  products_ += distance * (length - length_.mean());
  if (reward > 0) ++rewarded_;
}

void RegenerativeCycles::merge(const RegenerativeCycles& other) {
  if (other.count() == 0) return;
  const double n = real(count());
  const double share = real(other.count()) / (n + real(other.count()));
  products_ +=
      other.products_ + (other.reward_.mean() - reward_.mean()) * (other.length_.mean() - length_.mean()) * n * share;
  reward_.merge(other.reward_);
  length_.merge(other.length_);
  rewarded_ += other.rewarded_;
}

Estimate RegenerativeCycles::estimate() const {
  Estimate result;
  result.observations = count();
  if (rewarded_ == 0) return result;
  const double ratio = reward_.mean() / length_.mean();
  result.value = ratio;
  if (rewarded_ < events_for_interval) return result;
  const double n = real(count());
  const double covariance = products_ / (n - 1);
  const double variance = reward_.variance() - 2 * ratio * covariance + ratio * ratio * length_.variance();
  const double standard_error = std::sqrt(std::max(variance, 0.0) / n) / length_.mean();
  result.ci95 = log_scale(ratio, student_t_quantile(real(rewarded_ - 1), two_sided) * standard_error / ratio);
  return result;
}

BatchMeans batch_means(std::span<const double> series, std::size_t batches) {
  assert(batches >= 10 && series.size() >= batches);
  const std::size_t length = series.size() / batches;
  series = series.last(length * batches);
  std::vector<double> means;
  Summary summary;
  for (std::size_t i = 0; i < batches; ++i) {
    Summary batch;
    for (const double x : series.subspan(i * length, length)) batch.add(x);
    means.push_back(batch.mean());
    summary.add(batch.mean());
  }
  BatchMeans result;
  result.estimate = mean_estimate(summary);
  double products = 0;
  for (std::size_t i = 1; i < batches; ++i) products += (means[i] - summary.mean()) * (means[i - 1] - summary.mean());
  const double n = static_cast<double>(batches);
  const double squares = summary.variance() * (n - 1);
  result.lag1 = squares > 0 ? products / squares : 0;
  // Without correlation the coefficient has mean -1/n and standard deviation about 1/sqrt(n).
  result.correlated = result.lag1 > -1 / n + normal_quantile(one_sided) / std::sqrt(n);
  return result;
}

Estimate stratified_estimate(std::span<const Stratum> strata) {
  Estimate result;
  double total = 0;
  double variance = 0;
  double satterthwaite = 0;
  bool sampled = true;
  bool spread_known = true;
  for (const Stratum& stratum : strata) {
    assert(stratum.weight >= 0);
    result.observations += stratum.sample.count();
    if (stratum.weight <= 0) continue;
    const double n = real(stratum.sample.count());
    sampled = sampled && n >= 1;
    spread_known = spread_known && n >= 2;
    if (n < 2) {
      total += stratum.weight * stratum.sample.mean();
      continue;
    }
    const double part = stratum.weight * stratum.weight * stratum.sample.variance() / n;
    total += stratum.weight * stratum.sample.mean();
    variance += part;
    satterthwaite += part * part / (n - 1);
  }
  if (!sampled || total <= 0) return result;
  result.value = total;
  if (!spread_known || variance <= 0) return result;
  const double degrees = variance * variance / satterthwaite;
  result.ci95 = log_scale(total, student_t_quantile(degrees, two_sided) * std::sqrt(variance) / total);
  return result;
}

}  // namespace nines::sim
