// One replication: a span of simulated time from a healthy start, and what was seen in it.
#pragma once

#include <cstdint>
#include <vector>

#include "experiments/attribution.hpp"
#include "models/measurement/state.hpp"
#include "models/measurement/story.hpp"
#include "models/plan.hpp"

namespace nines::experiments {

struct OutageSeen {
  models::measurement::SliIndex sli = 0;
  Occurrence origin;
  sim::Time start;
  sim::Time end;          ///< at most the end of the span: what counts as downtime
  sim::Duration length;   ///< in full
  bool censored = false;  ///< nothing had ended it a month after the span
  std::vector<models::measurement::Phase> phases;
};

struct LossSeen {
  std::size_t service = 0;
  Occurrence origin;
  double records_all = 0;
  double records_one = 0;
  double seconds = 0;
};

struct Replication {
  std::vector<OutageSeen> outages;
  std::vector<LossSeen> losses;
  std::vector<double> partition_seconds;  ///< by SLI
  sim::Duration worked;                   ///< by people, on repairs
  std::uint64_t incidents = 0;            ///< initiating faults that had an effect
  std::uint64_t events = 0;
};

/// Simulates replication number `index` for `span`, and on until what is out then is back, a month at most.
Replication replicate(const models::Plan& plan, std::uint64_t index, sim::Duration span);

}  // namespace nines::experiments
