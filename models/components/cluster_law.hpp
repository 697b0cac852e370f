// What clusters look like from outside at one instant: the joint law of the units that serve, as parts of a
// requirement.
#pragma once

#include <vector>

#include "models/components/clusters.hpp"

namespace nines::models::components {

struct ClusterLaws {
  std::vector<structure::Part> parts;
  std::size_t states = 0;  ///< of all chains solved on the way
};

/// In the long run. THROWS if a unit is never repaired, or as build_chain() does.
ClusterLaws steady_laws(const Plan& plan, const Clusters& from, std::size_t most_states, std::size_t most_cases);
/// `hours` after every unit was whole; without flows.
ClusterLaws laws_after(const Plan& plan, const Clusters& from, double hours, std::size_t most_states,
                       std::size_t most_cases);

}  // namespace nines::models::components
