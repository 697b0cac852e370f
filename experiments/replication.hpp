// One replication: a span of simulated time from a healthy start, and what was seen in it.
#pragma once

#include <cstdint>
#include <vector>

#include "experiments/observation.hpp"
#include "models/plan.hpp"

namespace nines::experiments {

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
