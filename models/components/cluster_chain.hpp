// The Markov chain of black boxes that depend on each other: through a common crew, through shocks, or as units of one
// box.
//
// A state counts the units of each box by what they are doing (whole, standing by, waiting, in which phase of repair or
// stage, of which age), and holds the switchovers and inspections under way and, where one crew serves several boxes in
// order of failure, the queue. Units of a box are exchangeable, so nothing is lost by counting them. What happens is
// what models/components/unit.cpp and crew.cpp simulate, in the same order; durations of zero length are passed at
// once.
//
// Units that catch up after a mask depend on the mask, so both are in one cluster. Where units are masked one by one,
// they must be independent but for that: the chain is then that of one position (a unit of each box), and its state
// counts the positions by what they are doing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/plan.hpp"
#include "models/too_large.hpp"
#include "sim/markov.hpp"

namespace nines::models::components {

struct Cluster {
  std::vector<BoxId> boxes;
  std::vector<CrewId> crews;    ///< for whose members units may have to wait
  std::vector<ShockId> shocks;  ///< that hit some of the boxes
  /// Of a cluster of one box whose units are independent: only one of its units is meant.
  bool single_unit = false;
  /// Of boxes that are masked unit by unit and catch up: their count. 0: other boxes.
  std::uint16_t positions = 0;
};

struct ClusterChain {
  explicit ClusterChain(sim::MarkovChain from) : chain(std::move(from)) {}

  std::vector<BoxId> boxes;
  sim::MarkovChain chain;
  sim::StateVector whole;  ///< every unit whole, at an age of its stationary law
  /// By state: of each of `boxes` how many units are active, none during its switchover. Of positions only units are
  /// counted that no box of the cluster masks.
  std::vector<std::vector<std::uint16_t>> active;
};

/// All states that can be reached with every unit whole at the start.
/// THROWS std::invalid_argument, naming component, law and remedy, if a law has no phases; TooLarge beyond
/// `most_states`.
ClusterChain build_chain(const Plan& plan, const Cluster& cluster, std::size_t most_states);

/// Whether units of the box may have to wait for their crew, so that crew and box depend on each other. A crew with a
/// member for each unit it serves keeps nobody waiting, unless it inspects first.
bool shares_crew(const Plan& plan, BoxId box);

}  // namespace nines::models::components
