// What samples of incidents add up to, stratum by stratum.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "experiments/strata.hpp"
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

/// Sums of one figure: of the samples, their squares, their products with the length of the incident.
struct FigureSums {
  double x = 0;
  double xx = 0;
  double xl = 0;
  std::uint64_t hits = 0;  ///< samples that are not 0
  double square = 0;       ///< sum of their squares without weights
  void add(double value, double weight, double length) {
    x += weight * value;
    xx += weight * value * weight * value;
    xl += weight * value * length;
    square += value * value;
    ++hits;
  }
  void add(const FigureSums& other) {
    x += other.x;
    xx += other.xx;
    xl += other.xl;
    hits += other.hits;
    square += other.square;
  }
};

/// A sample in which the SLI's downtime differs from what it would have been without the last fault.
struct Contribution {
  double weight = 0;
  double fresh_h = 0;   ///< downtime with it
  double before_h = 0;  ///< and without
  [[nodiscard]] double difference() const { return weight * (fresh_h - before_h); }
};

/// A number with a weight, which is negative in what is subtracted.
struct Weighted {
  double value = 0;
  double weight = 0;
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
  std::map<std::string_view, double> phases_s;
  std::map<std::string_view, double> parameters_s;
  void add(const FaultSums& other);
};

struct SliSums {
  std::array<FigureSums, figures> figure;
  std::vector<Contribution> contributions;
  std::map<Fault, FaultSums> faults;
  std::vector<Weighted> loss_seconds;
};

/// The sample of one stratum. Merged in the order of the samples.
struct StratumBooks {
  std::uint64_t samples = 0;
  std::uint64_t runs = 0;  ///< incidents played for them
  std::uint64_t events = 0;
  std::uint64_t censored = 0;  ///< samples whose incident never ended
  double weight = 0;           ///< sum of the samples' weights
  double weight_squared = 0;   ///< sum of their squares
  FigureSums length_h;         ///< of the incident, differences like everything else
  double worked_h = 0;
  double failovers = 0;
  std::vector<SliSums> slis;
  /// By step and family: sum of the squared effect on the target SLI's downtime of samples that took the family at that
  /// step, times the probability with which it was taken.
  std::vector<std::vector<double>> useful;

  /// `target`: the SLI that further faults are chosen for.
  void add(const models::Plan& plan, const IncidentSample& sample, std::size_t target);
  void merge(StratumBooks&& other);

  [[nodiscard]] double mean(double sum) const { return sum / static_cast<double>(samples); }
  /// Variance of figure - ratio * length in a sample.
  [[nodiscard]] double variance(const FigureSums& figure, double ratio) const;
};

}  // namespace nines::experiments
