// Topology files: JSON, profiles and `--set` edits in, a checked `models::Topology` out.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/document.hpp"
#include "models/topology.hpp"

namespace nines::loader {

/// One sourced number that the simulation uses, with its value in effect.
struct Assumption {
  /// "process.crash.rate"; of instance types "instance-type/r8g.4xlarge/spot_reclaim", of black boxes
  /// "component/broker/failure", "crew/ops/inspection", "shock/all/rate"
  std::string key;
  std::string service;  ///< service of a broker or client parameter, "" of shared ones
  std::string client;   ///< client of a client parameter, else ""
  std::string law;      ///< "" for a number; "constant", "uniform", "exponential", "lognormal", "erlang" or "weibull"
  std::string center;   ///< of a law: which of its numbers `value` is: "value", "mean", "median", "rate" or "scale"
  double value = 0;     ///< in `unit`; booleans 0 or 1
  double low = 0;       ///< plausible range of `value`; both equal `value` where the user fixed it
  double high = 0;
  std::string text;  ///< value and law for people: "lognormal median 50 min sigma 1"
  std::string unit;  ///< "s", "ms", "/yr", "1", "B", "MiB/s", "USD", ...; "" of a boolean
  bool boolean = false;
  bool whole = false;  ///< a count
  std::string meaning;
  std::string source;
  std::string origin;  ///< "profile kafka", "profile kafka (3.9)", "topology", "--set"
};

struct LoadedTopology {
  models::Topology topology;
  std::vector<Assumption> assumptions;  ///< every parameter of every table, in table order
  std::vector<std::string> services;    ///< names of services of every kind, in the order of the file
  std::vector<std::string> notes;       ///< what the file's author assumes, in words
  std::vector<std::string> warnings;    ///< legal, but rarely meant
  std::string input_hash;               ///< of the topology document after edits
  std::string profile_hash;             ///< of every profile read
};

struct LoadOptions {
  std::string profile;       ///< `--profile`: a further profile whose entries replace those of the default ones
  std::string profiles_dir;  ///< directory of the default profiles; empty: `data_directory() / "profiles"`
};

/// Directory of shipped data: environment variable NINES_DATA_DIR, else the path compiled in.
std::filesystem::path data_directory();

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
