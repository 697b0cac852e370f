// The verdict on an SLA: how likely a window misses its target, and what the provider then owes.
#pragma once

#include <span>
#include <vector>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/incident_tally.hpp"

namespace nines::experiments {

/// Downtime of one stratum's incidents, with what turns a sample into a rate per hour of uptime.
struct DowntimeSample {
  std::uint64_t samples = 0;
  double scale = 0;         ///< rate per hour of a sample of weight 1, times `samples`
  double usual_weight = 0;  ///< of a sample, if its incident can put the SLI out at all; else 0
  std::span<const Contribution> contributions;
};

/// Windows of `spec` under outages that arrive at random: alternating renewal with exponential up times (Takacs; rare-
/// event sheet, section 2), in its steady state, so that a window may begin within an outage. The downtime of one
/// incident counts as one outage. Interval by the delta method: the
/// derivative of the breach probability by the rate of each size of outage is known.
SlaResult evaluate(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, double risk);

/// The probability with its interval, on a grid of `cells`; no value if nothing was seen.
sim::Estimate breach_estimate(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, std::size_t cells);

/// The probability alone, on a grid of `cells`.
double breach_probability(const models::SlaSpec& spec, std::span<const DowntimeSample> strata, std::size_t cells);

Verdict verdict_of(const sim::Estimate& breach, double risk);

/// Takes back what a sample does not support. Shares end at 1. A figure whose interval spans more than three orders of
/// magnitude is none: the interval's upper end stays as a bound, and an alarm says so. A verdict on an SLI with an
/// alarm is open. Solved figures stay as they are.
void hold_back(Assessment& result);

/// Credit, as a share of the charge, that is due on average; `below(a)` is the probability that a window's availability
/// lies below a.
template <class Below>
double expected_credit(const models::SlaSpec& spec, const Below& below) {
  // Tiers come by falling availability; each adds what it pays more than the one before.
  double expected = 0;
  double paid = 0;
  for (const models::CreditTier& tier : spec.credits) {
    if (tier.credit <= paid) continue;
    expected += (tier.credit - paid) * below(tier.below);
    paid = tier.credit;
  }
  return expected;
}

}  // namespace nines::experiments
