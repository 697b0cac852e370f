// Topology files: JSON, profiles and `--set` edits in, a checked `models::Topology` out.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/assumption.hpp"
#include "experiments/loader/document.hpp"
#include "models/topology.hpp"

namespace nines::loader {

struct LoadedTopology {
  models::Topology topology;
  std::vector<Assumption> assumptions;  ///< every parameter of every table, in table order
  std::vector<std::string> services;    ///< names of services of every kind, in the order of the file
  std::vector<std::string> notes;       ///< what the file's author assumes, in words
  std::vector<std::string> warnings;    ///< legal, but rarely meant: one line each, with its place and what to do
  std::string price_source;             ///< where the bill's prices are from; empty without machines
  std::string input_hash;               ///< of the topology document after edits
  std::string profile_hash;             ///< of every profile read
};

struct LoadOptions {
  std::string profile;       ///< `--profile`: a further profile whose entries replace those of the default ones
  std::string profiles_dir;  ///< directory of the default profiles; empty: the shipped ones
  std::string prices = {};   ///< `--prices`: a price list whose prices replace those of all profiles, item by item
};

/// Reads `path`, applies `sets`, resolves every parameter and checks that the topology can exist.
/// Throws InputError with all problems found.
LoadedTopology load_topology(const std::string& path, std::span<const Override> sets = {},
                             const LoadOptions& options = {});
/// The same for text that is already here.
LoadedTopology load_topology_text(const std::string& file, std::string_view text, std::span<const Override> sets = {},
                                  const LoadOptions& options = {});

/// Gives the parameter behind `assumption` the value `value` (in its unit) in `topology`; of a law it moves the number
/// that `center` names and keeps the shape. For drawing inputs from their ranges without reading files again.
/// REQUIRES: `assumption` belongs to `topology` and is no boolean.
void assign(models::Topology& topology, const Assumption& assumption, double value);

}  // namespace nines::loader
