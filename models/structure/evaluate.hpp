// Whether requirements hold now, and whose fault it is where they do not.
//
// While a composite SLI is out, the time is shared among the parts that are not whole by their Shapley values: what
// each adds on average over all orders in which these parts could have failed. In a series of parts that is an equal
// share for each that is down; where k of n are needed, a part that alone changes nothing shares with the others
// without which it would not have mattered. Source: Shapley, A value for n-person games, 1953; over the parts that are
// down at each moment, so that nothing is simulated again.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "models/ids.hpp"
#include "models/structure/plan.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::structure {

/// REQUIRES: a fresh world.
void initialise(World& world);
/// Restarts the sums: a new period of observation.
void start_period(World& world);

/// Seconds of outages that each part answers for up to now, those that last included: the parts of all requirements one
/// after the other.
std::vector<double> part_seconds(const World& world);

/// Shapley values of at most 32 players of whom those in `failing` have failed: `out` tells for a set of failed players
/// whether the whole is out then. They add up to 1 if it is out by all of `failing`, and to 0 if not.
/// REQUIRES: `out` is monotone, and false of the empty set.
std::vector<double> shapley(std::size_t players, std::uint32_t failing, const std::function<bool(std::uint32_t)>& out);

/// Tells the measurement whether the composite SLI holds now.
void evaluate(World& world, SliIndex sli);
/// An SLI went out or came back: those that require it are evaluated.
void sli_changed(World& world, SliIndex sli);

/// Whether the requirement holds, for any source of "how many units of this box work" and "does this SLI hold".
template <class Units, class Holds>
bool holds(const Requirement& requirement, std::uint32_t at, const Units& units, const Holds& sli_holds) {
  const Node& node = requirement.nodes[at];
  if (node.kind == Node::Kind::box) return units(node.box) >= node.needed;
  if (node.kind == Node::Kind::sli) return sli_holds(node.sli);
  std::uint32_t count = 0;
  for (const std::uint32_t child : node.of) {
    const Node& part = requirement.nodes[child];
    if (part.kind == Node::Kind::box) {
      count += units(part.box);
    } else if (holds(requirement, child, units, sli_holds)) {
      ++count;
    }
    if (count >= node.needed) return true;
  }
  return false;
}

}  // namespace nines::models::structure
