// One replication: a span of simulated time in steady state, and what was seen in it.
//
// It starts healthy. What comes before the span, the warm-up (warm_up.hpp), is played and left out.
#pragma once

#include <cstdint>
#include <vector>

#include "experiments/estimate/observation.hpp"
#include "experiments/estimate/warm_up.hpp"
#include "models/plan.hpp"

namespace nines::experiments {

struct Replication {
  std::vector<OutageSeen> outages;
  std::vector<LossSeen> losses;
  std::vector<double> partition_seconds;  ///< by SLI
  /// By SLI: from the healthy start, before the warm-up, to its first outage; Time::never() if the span ends before.
  std::vector<sim::Time> first_outage;
  double worked_s = 0;          ///< by people, on repairs
  double rented_usd = 0;        ///< of machines beyond those in health
  std::uint64_t failovers = 0;  ///< servers taken for dead
  double redelivered = 0;       ///< records sent to a consumer again
  std::vector<double> parts_s;  ///< of each composite SLI's parts in turn: seconds of its outages that it answers for
  std::vector<models::alerts::Told> told;  ///< by alerts
  std::uint64_t incidents = 0;             ///< initiating faults that had an effect
  std::uint64_t events = 0;                ///< of the warm-up too
};

/// Simulates replication number `index`: the warm-up, `span`, and on until what is out then is back, as long as
/// `warm_up.follow` at most.
Replication replicate(const models::Plan& plan, std::uint64_t index, const WarmUp& warm_up, sim::Duration span);

}  // namespace nines::experiments
