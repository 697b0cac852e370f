// How much of a composite SLI's outages each of its parts answers for, as it adds up.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/time.hpp"

namespace nines::models::structure {

/// Of one composite SLI; everything by its parts (Requirement::parts), empty where it has too many of them.
struct Shares {
  sim::Time since;                  ///< `weights` hold from then on
  std::vector<std::uint32_t> left;  ///< of each part what works, when the weights were worked out
  std::vector<double> weights;      ///< while it is out: Shapley values, which add up to 1; else 0
  std::vector<double> open_s;       ///< seconds of the outage that is on
  std::vector<double> total_s;      ///< seconds of outages that were longer than the SLI's deadline
};

struct State {
  std::vector<Shares> shares;  ///< by requirement
};

}  // namespace nines::models::structure
