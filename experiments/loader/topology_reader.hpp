// The steps of loading a topology, apart so that each stays small: structure, parameters, cross checks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "experiments/loader/profile.hpp"
#include "experiments/loader/reader.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/measurement/spec.hpp"

namespace nines::loader {

/// Limits of what one simulation holds; the plan indexes with 16 bits.
inline constexpr std::int64_t most_zones = 26;
inline constexpr std::int64_t most_nodes = 5'000;
inline constexpr std::int64_t most_processes = 1'000;
/// Units that a requirement may count.
inline constexpr std::int64_t most_counted = 1'000'000;

/// IOPS of gp3 since 2025-09.
inline constexpr std::int64_t gp3_base_iops = 3'000;
inline constexpr std::int64_t gp3_most_iops = 80'000;

/// What the steps share.
struct TopologyInput {
  const Document* document = nullptr;
  const ProfileSet* profiles = nullptr;
  Problems* problems = nullptr;
};

/// Gives the document the empty objects below which edits may add: overrides and configurations.
void prepare_for_edits(Document& document);

/// Everything but parameters: names, counts, references, machine types; and black boxes with all their numbers.
void read_structure(const TopologyInput& input, LoadedTopology& loaded);

void read_sla(const Value& value, models::SlaSpec& spec);

/// Every parameter of every table that a model of this topology can read, from profiles, `overrides` and `config`; what
/// services take over from them. REQUIRES: structure was read; services and the elements of their lists are as many as
/// in the document.
void read_parameters(const TopologyInput& input, models::Topology& topology, std::vector<Assumption>& assumptions);

/// What no single field shows: whether the topology can exist. REQUIRES: no problems so far.
void check_topology(const TopologyInput& input, const models::Topology& topology);

/// Warns of settings that do nothing as the others are: those that act only together with others, and parts that
/// nothing uses. REQUIRES: no problems so far.
void check_combinations(const TopologyInput& input, const models::Topology& topology);

}  // namespace nines::loader
