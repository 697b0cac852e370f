// Whether requirements hold now.
#pragma once

#include "models/ids.hpp"
#include "models/structure/plan.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::structure {

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
