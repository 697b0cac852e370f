// Requirements ready to evaluate: a flat tree for each SLI of a composite service.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"

namespace nines::models::structure {

struct Node {
  enum class Kind : std::uint8_t { box, sli, at_least };
  Kind kind = Kind::at_least;
  BoxId box;                      ///< of a box
  SliIndex sli = 0;               ///< of an SLI
  std::uint32_t needed = 1;       ///< of at_least; of a box as a whole requirement all its units
  std::uint32_t part = 0;         ///< of a leaf: its place among the requirement's parts, if these are told
  std::vector<std::uint32_t> of;  ///< of at_least: indices of nodes
  friend bool operator==(const Node&, const Node&) = default;
};

/// Node 0 is the root.
struct Requirement {
  SliIndex sli = 0;
  std::vector<Node> nodes;
  std::vector<Node> parts;  ///< its leaves, each once; empty if there are more than `most_parts`
  friend bool operator==(const Requirement&, const Requirement&) = default;
};

/// Of whose parts shares are told: sets of them are enumerated.
inline constexpr std::size_t most_parts = 12;

struct Structures {
  std::vector<Requirement> requirements;       ///< of composite SLIs, in order of their SLIs
  std::vector<std::int16_t> of_sli;            ///< by SLI: index into `requirements`, or -1
  std::vector<std::vector<SliIndex>> readers;  ///< by SLI: composite SLIs that require it
};

}  // namespace nines::models::structure
