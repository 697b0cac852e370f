// What an SLI rests on, divided into boxes that depend on each other.
#pragma once

#include <vector>

#include "models/components/cluster_chain.hpp"
#include "models/structure/independent_parts.hpp"

namespace nines::models::components {

/// Boxes whose units are masked one by one, so that positions matter: each after its masks.
struct Alignment {
  struct Member {
    BoxId box;
    std::vector<std::size_t> masked_by;  ///< positions among the members
  };
  std::vector<Member> members;
  std::uint16_t count = 0;  ///< units of each
};

struct Clusters {
  structure::Expanded requirement;
  std::vector<BoxId> relevant;  ///< boxes that the requirement sees or that mask them, ascending
  std::vector<Cluster> clusters;
  std::vector<Alignment> alignments;
};

/// THROWS std::invalid_argument where an alignment has standby or passes through durations of zero length.
Clusters divide(const Plan& plan, measurement::SliIndex sli);

/// Whether the units of the cluster are independent of each other: a box without a crew that it waits for, shock,
/// standby.
bool units_independent(const Plan& plan, const Cluster& cluster);

}  // namespace nines::models::components
