// What `nines list` and `nines explain` show, as plain values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/topology_file.hpp"

namespace nines::loader {

/// A declared parameter, whatever topology it is used in; of black boxes a pattern, "component/*/repair".
struct ParameterEntry {
  std::string key;
  std::string group;      ///< "infrastructure", "kubernetes", "people", "changes", "prices", "component", or
                          ///< of a kind of service: "kafka broker"
  std::string dimension;  ///< "duration", "distribution of durations", "rate", ...
  std::string meaning;
};
/// A named thing with one line about it: a verb, an instance type, a topology, a profile, a scenario.
struct NamedEntry {
  std::string name;
  std::string about;
  std::string path;   ///< of the file, if it is one
  std::string group;  ///< of topologies: "designs" or "benchmarks"
};

std::vector<ParameterEntry> list_parameters();
std::vector<NamedEntry> list_verbs();
/// Metrics that alerts can watch, by kind of service: "KIND: NAME".
std::vector<NamedEntry> list_metrics();
std::vector<NamedEntry> list_instance_types(const LoadOptions& options = {});
std::vector<NamedEntry> list_topologies();
std::vector<NamedEntry> list_profiles(const LoadOptions& options = {});
/// Scenario files, sweep files and lab files of `directory`, sorted by name.
std::vector<NamedEntry> list_scenarios(const std::string& directory);
std::vector<NamedEntry> list_sweeps(const std::string& directory);
std::vector<NamedEntry> list_labs(const std::string& directory);

/// What `key_or_pointer` is: a parameter key ("ebs.loss.rate"), a pointer into the topology
/// ("/services/kafka/config/min.insync.replicas", "/overrides/ebs.loss.rate", "/node_groups/kafka/capacity") or a field
/// name. Several answers if several services or clients hold the parameter.
struct Explanation {
  std::string key;
  std::string meaning;
  std::vector<Assumption> values;  ///< as they hold in the topology; of a plain field only text and origin are set
};
/// Throws InputError (with the nearest key) if nothing is known by that name.
Explanation explain(const LoadedTopology& topology, std::string_view key_or_pointer);
/// The same without a topology: meaning, and values with sources as the default profiles hold them, by version.
Explanation explain(std::string_view key_or_pointer, const LoadOptions& options = {});

}  // namespace nines::loader
