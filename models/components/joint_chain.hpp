// All clusters of an SLI as one Markov chain, for what depends on its history.
#pragma once

#include <cstddef>

#include "models/components/clusters.hpp"
#include "sim/markov.hpp"

namespace nines::models::components {

struct JointChain {
  sim::MarkovChain chain;
  sim::StateVector whole;   ///< every unit whole
  sim::StateVector steady;  ///< in the long run; empty unless asked for
  sim::StateSet down;       ///< the SLI does not hold
};

struct JointOptions {
  bool stop_when_down = false;  ///< all states in which the SLI does not hold are one, which is never left
  bool steady = false;          ///< REQUIRES: not stop_when_down
  std::size_t most_cluster_states = 0;
  std::size_t most_states = 0;
};

/// THROWS std::invalid_argument if a law has no phases; TooLarge beyond the limits, or where units that are masked one
/// by one also share a crew or a shock.
JointChain joint_chain(const Plan& plan, const Clusters& from, const JointOptions& options);

}  // namespace nines::models::components
