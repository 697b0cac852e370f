// What a sample of incidents says of a topology: every figure of an assessment.
#pragma once

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/incident_estimator.hpp"

namespace nines::experiments {

/// `risk`: an SLA is met if at most this share of windows breaches it. REQUIRES: `sample` is of `plan`.
Assessment report_incidents(const models::Plan& plan, const IncidentEstimator& sample, double risk);

// Single figures, where all of them would take too long.

/// Probability that a window breaches the SLI's SLA. REQUIRES: it has one.
sim::Estimate breach_of(const models::Plan& plan, const IncidentEstimator& sample, std::size_t sli, std::size_t cells);
/// Probability that a window of `window` misses `target`.
sim::Estimate breach_of(const IncidentEstimator& sample, std::size_t sli, double target, sim::Duration window,
                        std::size_t cells);
/// Quantile of the lengths of outages that ended, in seconds; nothing if none was seen.
std::optional<double> outage_quantile(const IncidentEstimator& sample, std::size_t sli, double q);

}  // namespace nines::experiments
