// What samples of incidents add up to, stratum by stratum.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "experiments/estimate/strata.hpp"
#include "sim/statistics.hpp"

namespace nines::experiments {

/// What is counted of each SLI in an incident.
enum class Figure : std::uint8_t {
  downtime_h,
  partition_h,  ///< its partitions' downtime, weighted by their share
  outages,
  out,          ///< 1 if it had any
  until_out_h,  ///< to its first outage; without one the length of the incident
  losses,       ///< 1 if acknowledged records were lost
  records_lost,
};
inline constexpr std::size_t figures = 7;

/// Sums of one figure: of the samples, their squares and cubes, their products with the length of the incident.
struct FigureSums {
  double x = 0;
  double xx = 0;
  double xxx = 0;
  double xxxx = 0;
  double xl = 0;
  double xu = 0;           ///< products with the time to the first outage
  std::uint64_t hits = 0;  ///< samples that are not 0
  double largest = 0;      ///< largest absolute value
  void add(double value, double length, double until_out);
  void add(const FigureSums& other);
};

/// A term of a sample in which the SLI's downtime differs from what it would have been without the last fault.
struct Contribution {
  std::uint64_t sample = 0;  ///< its number within the stratum: terms of one sample go together
  double weight = 0;
  double fresh_h = 0;   ///< downtime with it
  double before_h = 0;  ///< and without
  [[nodiscard]] double difference() const { return weight * (fresh_h - before_h); }
};

/// A number with a weight, which is negative in what is subtracted.
struct Weighted {
  double value = 0;
  double weight = 0;
  std::uint64_t sample = 0;  ///< that it is of, within its stratum
};

/// What one fault did to one SLI, weighted.
struct FaultSums {
  double outages = 0;
  double censored = 0;
  double downtime_s = 0;
  double with_others_s = 0;  ///< part of it that took a further fault
  double ended_s = 0;        ///< length of outages that ended
  double records_lost = 0;
  std::vector<Weighted> lengths_s;  ///< of outages that ended
  std::vector<Weighted> losses;     ///< acknowledged records that the fault lost, by incident that lost any
  std::map<std::string_view, double> phases_s;
  std::map<std::string_view, double> parameters_s;
  void add(const FaultSums& other);
};

struct SliSums {
  std::array<FigureSums, figures> figure;
  std::vector<Contribution> contributions;
  std::map<Fault, FaultSums> faults;
  std::vector<Weighted> loss_seconds;
  std::vector<Weighted> loss_records;  ///< of the same incidents
};

/// What one alert did.
struct AlertSums {
  FigureSums told;     ///< notifications
  FigureSums helped;   ///< those by which somebody learnt of a repair that nobody knew of
  double after_s = 0;  ///< from when its condition held to the notification, weighted
  void add(const AlertSums& other);
};

/// The sample of one stratum. Merged in the order of the samples.
struct StratumTally {
  std::uint64_t samples = 0;
  std::uint64_t runs = 0;  ///< incidents played for them
  std::uint64_t events = 0;
  bool crowded = false;        ///< in some sample clocks were let run, so that more may fail than is forced
  std::uint64_t censored = 0;  ///< samples whose incident never ended
  double censored_weight = 0;  ///< sum of their weights
  double weight = 0;           ///< sum of the samples' weights, of their first terms
  double weight_squared = 0;   ///< sum of their squares
  FigureSums length_h;         ///< of the incident, differences like everything else
  double worked_h = 0;
  double rented_usd = 0;  ///< of machines beyond those in health
  FigureSums failovers;   ///< of the whole design
  FigureSums redelivered;
  std::vector<FigureSums> parts;  ///< as IncidentRun::parts_s, in hours
  std::vector<AlertSums> alerts;  ///< by rule
  std::vector<SliSums> slis;
  /// By step and fault class: sum of the squared effect on the target SLI's downtime of samples that took the fault
  /// class at that step, times the probability with which it was taken.
  std::vector<std::vector<double>> useful;

  /// Draws one more sample and adds it; `target`: the SLI that further faults are chosen for.
  void draw(IncidentSampler& sampler, const models::Plan& plan, const Stratum& stratum, std::uint64_t index,
            std::size_t target);
  void merge(StratumTally&& other);

  [[nodiscard]] double mean(double sum) const { return sum / static_cast<double>(samples); }
  /// Variance of figure - ratio * length in a sample.
  [[nodiscard]] double variance(const FigureSums& figure, double ratio) const;
  /// Variance of figure - ratio * (time to the first outage) in a sample.
  [[nodiscard]] double variance_by_first(const FigureSums& figure, const FigureSums& until_out, double ratio) const;
  /// Third central moment of a figure in a sample.
  [[nodiscard]] double third_moment(const FigureSums& figure) const;

 private:
  /// The sample at hand, its weighted terms summed.
  struct Sample {
    double length_h = 0;
    double failovers = 0;
    double redelivered = 0;
    std::vector<double> parts_h;
    std::vector<double> told, helped;
    std::vector<std::array<double, figures>> slis;
    bool begun = false;
  };
  /// What parts and alerts did in a run, weighted.
  void add(const IncidentRun& run, double w, Sample& sample);
  void add(const models::Plan& plan, const IncidentTerm& term, std::uint64_t index, std::size_t target, Sample& sample);
};

}  // namespace nines::experiments
