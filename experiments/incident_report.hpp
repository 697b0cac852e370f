// What a sample of incidents says of a topology: every figure of an assessment.
#pragma once

#include "experiments/assess.hpp"
#include "experiments/incident_estimator.hpp"

namespace nines::experiments {

/// `risk`: an SLA is met if at most this share of windows breaches it. REQUIRES: `sample` is of `plan`.
Assessment report_incidents(const models::Plan& plan, const IncidentEstimator& sample, double risk);

}  // namespace nines::experiments
