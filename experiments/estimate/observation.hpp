// What a simulation shows of outages and losses, with the fault that each goes back to.
#pragma once

#include <vector>

#include "experiments/estimate/attribution.hpp"
#include "models/measurement/cause_chain.hpp"
#include "models/measurement/state.hpp"

namespace nines::experiments {

struct OutageSeen {
  models::measurement::SliIndex sli = 0;
  Occurrence origin;
  sim::Time start;
  sim::Time end;          ///< at most the end of the observation: what counts as downtime
  sim::Duration length;   ///< in full
  bool censored = false;  ///< nothing ended it as long as it was followed
  std::vector<models::measurement::OutagePhase> phases;
  bool begun_before =
      false;  ///< ran already when the observation began, where `start` is: downtime, but no outage of it
};

struct LossSeen {
  models::ServiceId service;
  Occurrence origin;
  double records_all = 0;
  double records_one = 0;
  double records_any = 0;
  double seconds = 0;
};

/// An outage that ended, or still lasts at `until`, as the trace tells it.
OutageSeen seen(const models::World& world, const models::measurement::Outage& outage, sim::Time until);
LossSeen seen(const models::World& world, const models::measurement::Loss& loss);

/// Records that the SLI's users miss: of producers those that they wrote, of readers all; none of other services.
double records_lost(const models::measurement::SliPlan& sli, const LossSeen& loss);
/// The same of several losses.
double records_lost(const models::measurement::SliPlan& sli, const std::vector<LossSeen>& losses);

}  // namespace nines::experiments
