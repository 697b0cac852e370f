// The probability that a requirement fails, from parts that are independent of each other.
//
// Everything is a sum of products of probabilities; nothing is taken from 1. A requirement is divided at its nodes:
// children that share no part are independent, and those that do become so once the part's value is given (Shannon's
// decomposition). Each question is asked for two instants at once, before and after one part changes, so that the
// frequency of outages comes from the same division.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/plan.hpp"

namespace nines::models::structure {

/// What a part is seen to be: by box how many of its units would serve if nothing outside the part masked them.
using PartValue = std::vector<std::uint16_t>;

/// Boxes whose joint law is known, independent of all other parts.
struct Part {
  struct Flow {
    std::size_t from = 0;
    std::size_t to = 0;
    double per_hour = 0;  ///< how often the value changes so
  };
  std::vector<BoxId> boxes;
  std::vector<PartValue> values;  ///< all different
  std::vector<double> probability;
  std::vector<Flow> flows;
};

/// A requirement with the SLIs that it names replaced by what they require, and each box by itself and the boxes of one
/// unit without which none of its units serves.
struct Expanded {
  struct Node {
    bool leaf = false;
    BoxId box;
    std::vector<BoxId> gates;  ///< each has one unit
    std::uint32_t needed = 1;
    std::vector<std::size_t> of;
  };
  std::vector<Node> nodes;  ///< node 0 is the root and no leaf

  /// Boxes of leaves and gates, ascending, without repetition.
  [[nodiscard]] std::vector<BoxId> boxes() const;
};

/// THROWS std::invalid_argument if the SLI is none of a composite service, or rests on one that is not.
Expanded expand(const Plan& plan, SliIndex sli);

/// Whether the requirement holds; `units(box)` tells how many units of a box serve apart from its gates.
template <class Units>
bool holds(const Expanded& requirement, const Units& units, std::size_t at = 0) {
  std::uint32_t count = 0;
  for (const std::size_t child : requirement.nodes[at].of) {
    const Expanded::Node& node = requirement.nodes[child];
    if (!node.leaf) {
      count += holds(requirement, units, child) ? 1U : 0U;
      continue;
    }
    bool open = true;
    for (const BoxId gate : node.gates) open = open && units(gate) > 0;
    if (open) count += units(node.box);
  }
  return count >= requirement.nodes[at].needed;
}

struct Failing {
  double probability = 0;
  double per_hour = 0;  ///< from holding to failing
};

/// THROWS TooLarge if more than `most_steps` cases have to be told apart.
/// REQUIRES: each box of the requirement belongs to exactly one part.
Failing failing(const Expanded& requirement, const std::vector<Part>& parts, std::size_t most_steps);

}  // namespace nines::models::structure
