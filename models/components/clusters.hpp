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
  std::vector<Alignment> alignments;  ///< those that are no clusters of positions
};

/// Units that catch up after a mask that lifts unit by unit make one cluster of their positions (Cluster::positions),
/// which is no alignment.
///
/// THROWS std::invalid_argument, naming component, reason and remedy, where an alignment has standby, or units of which
/// one could fail and another return at the same instant; and where units that catch up are masked unit by unit and
/// also share a crew, a shock or a mask of one unit.
Clusters divide(const Plan& plan, measurement::SliIndex sli);

/// Whether the units of the cluster are independent of each other: a box without a crew that it waits for, shock,
/// standby.
bool units_independent(const Plan& plan, const Cluster& cluster);

}  // namespace nines::models::components
