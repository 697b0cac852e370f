// Input uncertainty: how far the result moves when every sourced number moves within its plausible range.
//
// Kept apart from sampling error. A range is read as the central 95 % of what the number may be, the value as its
// median, the shape as log-normal on either side (normal where the range begins at 0). All numbers are drawn together
// (Latin hypercube); a small chain is solved for every draw, else every draw plays the same incidents with the same
// randomness (common random numbers), so that what differs is the inputs. What noise is left is measured on two halves
// of the sample and taken out of the spread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/assess.hpp"
#include "experiments/loader/topology_file.hpp"

namespace nines::experiments {

struct UncertaintyOptions {
  std::size_t draws = 128;        ///< of all inputs together
  std::uint64_t incidents = 400;  ///< played for each, at most
  std::size_t tornado = 10;       ///< inputs that are moved one by one
  std::size_t threads = 1;
  std::function<void(std::size_t done, std::size_t of)> progress;
};

/// One input by itself.
struct InputEffect {
  std::size_t assumption = 0;  ///< index into LoadedTopology::assumptions
  double low = 0;              ///< ends of its range, in its unit
  double high = 0;
  double unavailability_at_low = 0;  ///< of the target SLI, all else at its value
  double unavailability_at_high = 0;
  double sobol_first = 0;  ///< share of the variance of log unavailability that it explains alone; in [0, 1]
};

struct SliUncertainty {
  std::optional<sim::Interval> unavailability;      ///< credible95
  std::optional<sim::Interval> breach_probability;  ///< credible95, of SLIs with an SLA
};

struct Uncertainty {
  std::size_t inputs = 0;  ///< that have a range
  std::size_t draws = 0;   ///< that gave a topology that can exist
  std::size_t impossible = 0;
  double noise_share = 0;  ///< part of the spread over draws that was sampling noise, and was taken out
  std::vector<SliUncertainty> slis;
  std::vector<InputEffect> effects;  ///< widest first
};

/// REQUIRES: `result` is an assessment of `plan`, exact or by incidents, and `plan` was built from `input`. Without
/// draws if the chain is too large to be solved for each and no incidents were played.
Uncertainty propagate(const loader::LoadedTopology& input, const models::Plan& plan, const Assessment& result,
                      const AssessOptions& assess, const UncertaintyOptions& options);

}  // namespace nines::experiments
