// What a few incidents of every stratum tell before the real ones: how many further faults matter, which, and where the
// variance is.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "experiments/estimate/incident_estimator.hpp"

namespace nines::experiments {

struct PilotOptions {
  std::size_t target = 0;  ///< SLI whose unavailability matters
  Forcing forcing = Forcing::balanced;
  std::uint64_t max_incidents = 2'000'000;  ///< of the whole assessment; the pilot takes a small share of them
  std::size_t threads = 1;
};

class Pilot {
 public:
  /// Plays it. REQUIRES: something can fail in `plan`, which outlives the pilot. Throws std::invalid_argument, naming
  /// the least number, if `max_incidents` are too few to play each stratum a few times.
  Pilot(const models::Plan& plan, const PilotOptions& options);
  Pilot(const Pilot&) = delete;

  /// With the background chosen: fault classes that strike during an incident so often that they are no rare event.
  [[nodiscard]] const FaultClasses& fault_classes() const { return classes_; }
  [[nodiscard]] const Reach& reach() const { return *reach_; }
  [[nodiscard]] const std::vector<bool>& background() const { return background_; }
  /// Further faults of the deepest strata.
  [[nodiscard]] int depth() const { return depth_; }
  /// The sample from which the allocation is planned; has learnt which further faults matter where forcing is adaptive.
  [[nodiscard]] const IncidentEstimator& sample() const { return *sample_; }
  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t events() const { return events_; }

 private:
  [[nodiscard]] IncidentEstimator play(int deepest_stratum, std::uint64_t samples, std::uint64_t randomness,
                                       const IncidentEstimator* teacher = nullptr, bool closed = false);
  void choose_background();
  void choose_depth();
  [[nodiscard]] double runs_of_one_each() const;
  [[nodiscard]] double least_incidents() const;
  void learn();

  const models::Plan& plan_;
  PilotOptions options_;
  FaultClasses classes_;
  std::optional<Reach> reach_;
  std::vector<bool> background_;
  double longest_h_ = 0;  ///< mean length of the longest kind of incident
  int depth_ = 0;
  int needed_ = 0;  ///< further faults without which the target SLI was not seen out
  std::optional<IncidentEstimator> sample_;
  std::uint64_t runs_ = 0;
  std::uint64_t events_ = 0;
};

}  // namespace nines::experiments
