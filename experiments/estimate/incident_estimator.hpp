// Estimates from strata of incidents: rates per hour with intervals, the allocation of samples, diagnostics.
//
// Intervals. An estimate is a sum of independent stratum means, so its variance and its third moment are known from the
// sample. The interval is Student's t on the logarithm (Satterthwaite's degrees of freedom), and its upper end is no
// lower than that of Hall's correction of t for skewness (Annals of Statistics 20, 1992): what is rarely sampled and
// large lies above the estimate, not below. A stratum in which little was seen is not taken for certain: one more hit
// of the usual size is allowed for (Laplace), unless the structure says that it cannot be hit.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiments/estimate/incident_tally.hpp"
#include "experiments/estimate/reach.hpp"

namespace nines::experiments {

/// A set of strata with their samples so far. Telescoping strata of the same fault classes sum to one estimate.
class IncidentEstimator {
 public:
  /// Strata of every fault class at every depth up to `depth`; the deepest are open, unless nothing is forced.
  /// `keep_apart` separates the randomness of experiments on the same plan.
  IncidentEstimator(const models::Plan& plan, const FaultClasses& fault_classes, const Reach& reach, std::size_t target,
                    int depth, std::uint64_t keep_apart);
  /// A sample that was drawn elsewhere. REQUIRES: `tally[i]` is of `strata[i]`, and none is empty.
  IncidentEstimator(const models::Plan& plan, const FaultClasses& fault_classes, const Reach& reach, std::size_t target,
                    std::vector<Stratum> strata, std::vector<StratumTally> tally);

  [[nodiscard]] const FaultClasses& fault_classes() const { return classes_; }
  [[nodiscard]] const std::vector<Stratum>& strata() const { return strata_; }
  [[nodiscard]] const StratumTally& tally(std::size_t stratum) const { return tallies_[stratum]; }
  /// Rate per hour of a stratum's fault class.
  [[nodiscard]] double rate(std::size_t stratum) const;
  [[nodiscard]] std::uint64_t runs() const;
  [[nodiscard]] std::uint64_t events() const;

  /// Chooses further faults from now on as was best for the target SLI in another experiment with the same strata: a
  /// fault class by the root of its squared effect (cross-entropy for the least variance), mixed with the usual choice
  /// so that nothing is starved.
  void learn_from(const IncidentEstimator& other);

  /// No stratum is open: what further faults would add is left out.
  void close() {
    for (Stratum& stratum : strata_) stratum.open = false;
  }

  /// Chooses further faults as other strata of the same fault classes and depths do.
  void choose_like(const std::vector<Stratum>& strata);

  /// Forgets the samples of these strata; the next ones are independent of them if `keep_apart` is new.
  void forget(std::span<const std::size_t> strata, std::uint64_t keep_apart);

  /// Draws on until stratum i has `samples[i]` samples; those that have more keep them.
  void extend(std::span<const std::uint64_t> samples, std::size_t threads);

  /// A figure of an SLI per hour of calendar time: regenerative ratio over cycles of health and incident.
  struct Ratio {
    double value = 0;
    double variance = 0;
    double third = 0;  ///< central moment
    double degrees_of_freedom = 0;
  };
  [[nodiscard]] Ratio ratio(std::size_t sli, Figure figure) const;
  /// The same without its variance: sums weighted by rates, over the mean length of a cycle.
  [[nodiscard]] double value(std::size_t sli, Figure figure) const;
  [[nodiscard]] sim::Estimate estimate(std::size_t sli, Figure figure) const;
  /// A figure of all services together, per hour.
  [[nodiscard]] sim::Estimate of_design(const std::function<const FigureSums&(const StratumTally&)>& sums) const;
  [[nodiscard]] sim::Estimate of_design(FigureSums StratumTally::*figure) const {
    return of_design([figure](const StratumTally& tally) -> const FigureSums& { return tally.*figure; });
  }
  /// Mean time to the first outage of a cycle that begins in health: E[min(cycle, first outage)] / P(outage).
  [[nodiscard]] sim::Estimate time_to_outage_h(std::size_t sli) const;
  /// What one more hit among the samples seen so far would add to the variance of a sample, by stratum.
  [[nodiscard]] std::vector<double> unseen_squares(std::size_t sli, Figure figure) const;
  /// The same of a stratum with few hits and with enough, and how many it has.
  struct Unseen {
    double usual = 0;      ///< a hit may be as large as any
    double of_itself = 0;  ///< it is like the stratum's own
    std::uint64_t hits = 0;
  };
  [[nodiscard]] std::vector<Unseen> unseen_by_hits(std::size_t sli, Figure figure) const;
  /// Root mean square of the weights of a stratum's samples; 0 if its incidents cannot put the SLI out.
  [[nodiscard]] double usual_weight(std::size_t stratum, std::size_t sli) const;
  /// Hours of incident per hour of health.
  [[nodiscard]] double incident_load() const;
  /// The most that the SLI's outages may come to per hour, 95 %, where none was seen: the stratum of which a sample
  /// stands for most, among those that can put it out at all.
  [[nodiscard]] double unseen_rate(std::size_t sli) const;
  /// The same for its downtime: hours an hour.
  [[nodiscard]] double unseen_downtime(std::size_t sli) const;

  /// Samples by stratum for a variance of the SLI's unavailability of `wanted`, or as many as `most_runs` allows:
  /// proportional to rate x standard deviation / sqrt(cost) (Neyman), with a floor. `precision`: relative half-width of
  /// the interval that is wanted, which says what strata matter to it.
  [[nodiscard]] std::vector<std::uint64_t> allocate(std::size_t sli, double wanted, double precision,
                                                    std::uint64_t most_runs) const;

  /// So many samples of each stratum, fewer of those that further faults begin and that add next to nothing whatever
  /// they show.
  [[nodiscard]] std::vector<std::uint64_t> where_it_matters(std::size_t sli, std::uint64_t samples) const;

  /// Strata of which each adds a part that matters to an interval of this relative half-width and rests on so few
  /// samples that even its variance is not known.
  [[nodiscard]] std::vector<std::size_t> unresolved(std::size_t sli, double precision) const;

  /// Why the interval of the SLI is not to be trusted (rare-event sheet, section 1.6); empty if nothing says so.
  [[nodiscard]] std::vector<std::string> alarms(std::size_t sli) const;

 private:
  /// A ratio of sums over strata, the lower one being `per` hours for each of health, with the scatter that the samples
  /// of a figure show: `variance(tally)` is that of upper - value * lower in a sample, `sums(tally)` are of the upper,
  /// `unseen` is what one more hit would add, by stratum.
  template <class Variance, class Sums>
  [[nodiscard]] Ratio scattered(double value, double per, const std::vector<double>& unseen, Variance variance,
                                Sums sums) const;
  /// Mean square of a figure over the samples that hit it, over that of the weights in their strata; if none did, of
  /// the length of an incident.
  [[nodiscard]] double usual_square(std::size_t sli, Figure figure) const;
  /// What next to nothing is: a hit of the usual length, and hours of downtime an hour of health.
  struct Small {
    double usual_h = 0;
    double hours_per_hour = 0;
  };
  [[nodiscard]] Small small(std::size_t sli) const;
  /// Samples that the stratum is to have at least.
  [[nodiscard]] std::uint64_t fewest(std::size_t stratum, std::size_t sli, const Small& small) const;
  [[nodiscard]] bool reaches(std::size_t stratum, std::size_t sli) const {
    const Stratum& its = strata_[stratum];
    return its.open || tallies_[stratum].crowded || reach_.possible(sli, its.fault_class, its.depth);
  }
  /// Strata of which each adds a part and rests on samples worth less than so many equally weighted ones.
  [[nodiscard]] std::vector<std::size_t> resting_on_fewer(std::size_t sli, double precision, double samples) const;
  /// What the samples of a stratum are worth, in equally weighted ones; nothing if the stratum adds next to nothing.
  [[nodiscard]] std::optional<double> resolution(std::size_t stratum, std::size_t sli, double precision) const;
  /// Samples of a stratum that leave little room for a long outage that none of them showed: frequent faults take more.
  [[nodiscard]] double enough_for_windows(std::size_t stratum, std::size_t sli) const;
  [[nodiscard]] std::vector<std::string> alarms(std::size_t sli, Figure figure) const;
  /// Share of the outages that one unit alone begins whose life is not exponential.
  [[nodiscard]] double memory_share(std::size_t sli) const;
  [[nodiscard]] std::vector<std::string> unvisited(std::size_t sli) const;
  /// Outages that last as long as the fault that begins them, whose own law scatters more than the sample does.
  [[nodiscard]] std::vector<std::string> tamer_than_known(std::size_t sli) const;

  const models::Plan& plan_;
  const FaultClasses& classes_;
  const Reach& reach_;
  std::size_t target_;
  std::vector<Stratum> strata_;
  std::vector<StratumTally> tallies_;
};

/// Half-width of an interval relative to its value.
std::optional<double> relative_half_width(const sim::Estimate& estimate);

}  // namespace nines::experiments
