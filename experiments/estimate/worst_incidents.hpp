// From a figure to an incident: those of a sample that were longest or lost most, so that each can be played again.
#pragma once

#include <vector>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/incident_estimator.hpp"

namespace nines::experiments {

/// The `count` incidents of the sample that were longest by the downtime of the SLI `target`, then as many that lost
/// most acknowledged records of the SLI that loses most; what comes less than once in a million years is passed over
/// while there is anything else. Only their numbers were kept: they are drawn again, which the numbers determine.
/// REQUIRES: `sample` is of `plan` and was drawn with `reach`.
std::vector<WorstIncident> worst_incidents(const models::Plan& plan, const IncidentEstimator& sample,
                                           const Reach& reach, std::size_t target, std::size_t count);

}  // namespace nines::experiments
