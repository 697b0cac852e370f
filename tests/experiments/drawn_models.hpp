// Models of black boxes drawn at random from a grammar, each with a truth found by other means than sampling.
#pragma once

#include <cstdint>
#include <string>

#include "experiments/loader/topology_file.hpp"

namespace nines::experiments::testing {

struct DrawnModel {
  std::string kind;  ///< what the grammar put together
  loader::LoadedTopology topology;
  /// The same with every law replaced by one of the same mean for which the truth is known: laws of independent units
  /// count by their means only in the long run. The same as `topology` where its laws have phases.
  loader::LoadedTopology solvable;
  bool insensitive = false;  ///< laws were replaced: unavailability and frequency are the same, nothing else need be
};

/// Kinds of models in turn; the rest of model `number` is drawn.
inline constexpr int kinds_of_models = 10;

/// Model `number`, of an unavailability between 1e-12 and 1e-2: a pure function. SLIs "month" and "year" require the
/// same, with SLAs over these windows.
DrawnModel draw_model(std::uint64_t number);

}  // namespace nines::experiments::testing
