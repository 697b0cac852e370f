// Estimates from simulated observations, each with a 95 % confidence interval that says how much the sample knows.
//
// Invariants
//  1. Deterministic: the same observations in the same order give the same bytes (sim/math, no library dispatch).
//  2. "Not seen" is not "impossible": with no event the value is absent and a one-sided bound stands in its place, so
//  no
//     estimate of a rate is ever 0 and none of a proportion ever 0 or 1.
//  3. An interval is absent where the sample is too small to support it.
// Units: an estimate has the unit of what was added; rates are per unit of exposure. Only sampling error is covered
// here, not ignorance of the inputs. Stopping as soon as an interval looks narrow lowers its coverage: look at fixed
// batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace nines::sim {

/// The probability at which a quantile ends a two-sided 95 % interval.
inline constexpr double two_sided = 0.975;

struct Interval {
  double lower = 0;
  double upper = 0;
};

struct Estimate {
  std::optional<double> value;     ///< absent if nothing was observed that could tell
  std::optional<Interval> ci95;    ///< two-sided; absent if the sample is too small
  std::optional<double> lower95;   ///< one-sided bound, given where the sample allows no more
  std::optional<double> upper95;   ///< one-sided bound, given where the sample allows no more
  std::uint64_t observations = 0;  ///< events, trials, replications or cycles it rests on
};

/// The estimate of `factor` times the quantity. REQUIRES: factor > 0.
Estimate scaled(const Estimate& estimate, double factor);

/// The estimate of `factor` over a positive quantity: a rate from a mean time, a mean time from a rate. REQUIRES:
/// factor > 0.
Estimate inverted(const Estimate& estimate, double factor);

/// The estimate of a share, which is 1 at most: ends beyond are cut off.
Estimate at_most_one(const Estimate& estimate);

/// Third central moment of `n` numbers from the sums of their powers. REQUIRES: n > 0.
double third_moment(double n, double sum, double squares, double cubes);

/// Standard errors from an estimate of given skewness to the end of its interval on the skewed side, where `step` of
/// them would do without: Hall's correction of Student's t (Annals of Statistics 20, 1992).
double skewed_step(double step, double skewness);

/// Count, mean, spread and range of a sample (Welford 1962; merging by Chan, Golub and LeVeque 1979).
class Summary {
 public:
  void add(double x);
  /// Adds the sample of another summary. The rounding depends on the order of merging: merge in a fixed order.
  void merge(const Summary& other);

  [[nodiscard]] std::uint64_t count() const { return count_; }
  /// 0 if empty.
  [[nodiscard]] double mean() const { return mean_; }
  [[nodiscard]] double total() const { return mean_ * static_cast<double>(count_); }
  /// Unbiased sample variance; 0 if count() < 2.
  [[nodiscard]] double variance() const { return count_ < 2 ? 0 : squares_ / static_cast<double>(count_ - 1); }
  /// REQUIRES: count() > 0.
  [[nodiscard]] double smallest() const;
  [[nodiscard]] double largest() const;

 private:
  std::uint64_t count_ = 0;
  double mean_ = 0;
  double squares_ = 0;  ///< sum of squared distances from the mean
  double smallest_ = 0;
  double largest_ = 0;
};

/// Mean of independent replications: mean +- t(n - 1) s / sqrt(n). Interval from two differing observations on. Covers
/// too little when most replications saw nothing (0.49 at one outage in eleven replications, n = 10): use
/// compound_poisson_rate() there.
Estimate mean_estimate(const Summary& replications);

/// Quantile `q` of independent observations: the ceil(n q)-th smallest, between the order statistics whose ranks the
/// binomial law gives (exact, any continuous law; conservative with ties). Interval absent if n is too small to have
/// such ranks. REQUIRES: 0 < q < 1.
Estimate quantile_estimate(std::vector<double> observations, double q);

/// Rate of events of which `events` were seen in `exposure`: exact Poisson interval (Garwood 1936). With none seen, no
/// value and the bound -ln(0.05) / exposure ("rule of three"). REQUIRES: exposure > 0.
Estimate poisson_rate(std::uint64_t events, double exposure);

/// Total size per unit of exposure of events that arrive at random (outages and their durations: unavailability).
/// `sizes` holds one positive size an event. From five events on count x mean with the interval
/// value x exp(+- t(n - 1) sqrt((1 + cv^2) / n)). From one to four no interval but an upper bound: exact Poisson bound
/// times the bound on the mean of an exponential law, each at 97.5 %; it holds for sizes no more scattered than
/// exponential. With none neither; if the mean size is known, `scaled(poisson_rate(n, exposure), mean)` is sharper and
/// covers n = 0. Sizes with a heavy tail (lognormal sigma 1.8) are covered to 0.8 to 0.9 only. REQUIRES: exposure > 0.
Estimate compound_poisson_rate(const Summary& sizes, double exposure);

/// Share of trials that succeed: exact interval of Clopper and Pearson (1934). When none or all succeeded, no value but
/// the one-sided bound. REQUIRES: successes <= trials.
Estimate proportion_estimate(std::uint64_t successes, std::uint64_t trials);

/// The same where trials come in clusters of `size` that depend on each other (months of one history): Clopper and
/// Pearson with as many trials as carry the information, n divided by the design effect, the variance of a cluster's
/// successes over that of independent trials (Korn and Graubard 1998), never more than n. `successes` holds the number
/// in each cluster. A sample that shows no effect, for none or all succeeded or it has fewer than 20 clusters, takes
/// `presumed`, the number of trials that one cause makes succeed together. REQUIRES: size >= 1, presumed >= 1.
Estimate clustered_proportion(const Summary& successes, std::uint64_t size, double presumed);

/// Ratio E[reward] / E[length] over independent regeneration cycles: long-run unavailability if the reward is the
/// downtime of a cycle. Variance by the delta method; the interval is taken on the log scale, so it never reaches 0.
class RegenerativeCycles {
 public:
  /// REQUIRES: reward >= 0, length > 0.
  void add(double reward, double length);
  /// Merge in a fixed order, see Summary.
  void merge(const RegenerativeCycles& other);

  [[nodiscard]] std::uint64_t count() const { return reward_.count(); }
  /// Cycles with a reward above 0.
  [[nodiscard]] std::uint64_t rewarded() const { return rewarded_; }
  /// Value absent if no cycle was rewarded (bound the rate with poisson_rate(0, ...)), interval absent below five.
  [[nodiscard]] Estimate estimate() const;

 private:
  Summary reward_;
  Summary length_;
  double products_ = 0;  ///< sum of (reward - mean reward)(length - mean length)
  std::uint64_t rewarded_ = 0;
};

/// Batch means of one long stationary series.
struct BatchMeans {
  Estimate estimate;
  double lag1 = 0;          ///< correlation of neighbouring batch means
  bool correlated = false;  ///< lag1 significantly above 0 (one-sided, 5 %): batches too short, the interval too narrow
};
/// Cuts the series into equal batches, leaving a rest shorter than a batch out at its beginning, where the start-up is.
/// REQUIRES: batches >= 10, series.size() >= batches.
BatchMeans batch_means(std::span<const double> series, std::size_t batches = 20);

/// A part of the population with known weight and its own sample.
struct Stratum {
  double weight = 0;  ///< >= 0; its unit times that of the sample is that of the estimate
  Summary sample;
};
/// Sum of weight x mean over strata of non-negative observations, e.g. rate of a fault x downtime of an incident.
/// Standard error with Satterthwaite's degrees of freedom, interval on the log scale. Interval absent if a stratum with
/// weight has fewer than two observations or nothing varied at all; value absent if one has none or if all observations
/// are 0. A stratum in which the rare part was never seen adds nothing to the width: give each stratum enough runs to
/// see it.
Estimate stratified_estimate(std::span<const Stratum> strata);

}  // namespace nines::sim
