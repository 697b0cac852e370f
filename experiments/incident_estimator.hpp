// Estimates from strata of incidents: rates per hour with intervals, the allocation of samples, diagnostics.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "experiments/incident_books.hpp"

namespace nines::experiments {

/// A set of strata with their samples so far. Telescoping strata of the same families sum to one estimate.
class IncidentEstimator {
 public:
  /// Strata of every family at every depth up to `depth`; the deepest run on with all clocks if `natural`.
  /// `keep_apart` separates the randomness of experiments on the same plan.
  IncidentEstimator(const models::Plan& plan, const Families& families, int depth, bool natural,
                    std::uint64_t keep_apart);

  [[nodiscard]] const std::vector<Stratum>& strata() const { return strata_; }
  [[nodiscard]] const StratumBooks& books(std::size_t stratum) const { return books_[stratum]; }
  /// Rate per hour of a stratum's family.
  [[nodiscard]] double rate(std::size_t stratum) const;
  [[nodiscard]] std::uint64_t runs() const;
  [[nodiscard]] std::uint64_t events() const;

  /// Draws on until stratum i has `samples[i]` samples; those that have more keep them.
  void extend(std::span<const std::uint64_t> samples, std::size_t threads);

  /// A figure of an SLI per hour of calendar time: regenerative ratio over cycles of health and incident.
  struct Ratio {
    double value = 0;
    double variance = 0;
    double degrees_of_freedom = 0;
  };
  [[nodiscard]] Ratio ratio(std::size_t sli, Figure figure) const;
  /// The same without its variance: sums weighted by rates, over the mean length of a cycle.
  [[nodiscard]] double value(std::size_t sli, Figure figure) const;
  [[nodiscard]] sim::Estimate estimate(std::size_t sli, Figure figure) const;
  /// Hours of incident per hour of health.
  [[nodiscard]] double incident_load() const;
  /// Part of `value(sli, downtime_h)` that comes from strata of one depth.
  [[nodiscard]] double part_of_depth(std::size_t sli, int depth) const;

  /// Samples by stratum for a variance of the SLI's unavailability of `wanted`, or as many as `most_runs` allows:
  /// proportional to rate x standard deviation / sqrt(cost) (Neyman), with a floor.
  [[nodiscard]] std::vector<std::uint64_t> allocate(std::size_t sli, double wanted, std::uint64_t most_runs) const;

  /// Why the interval of the SLI is not to be trusted (rare-event sheet, section 1.6); empty if nothing says so.
  [[nodiscard]] std::vector<std::string> alarms(std::size_t sli) const;

 private:
  /// Mean square of a figure over the samples that hit it, weights aside; if none did, of the length of an incident.
  [[nodiscard]] double usual_square(std::size_t sli, Figure figure) const;
  /// Variance of a sample of figure - ratio * length: what was seen, and what one more hit of the usual size among n +
  /// 2 samples would add (Laplace), so that a stratum in which nothing was seen is not taken for certain.
  [[nodiscard]] double variance(std::size_t stratum, std::size_t sli, Figure figure, double ratio, double usual) const;

  const models::Plan& plan_;
  const Families& families_;
  std::vector<Stratum> strata_;
  std::vector<StratumBooks> books_;
};

/// Half-width of an interval relative to its value.
std::optional<double> relative_half_width(const sim::Estimate& estimate);

}  // namespace nines::experiments
