// The steps of loading a topology, apart so that each stays small: structure, parameters, cross checks.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/profile.hpp"
#include "experiments/loader/reader.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/measurement/spec.hpp"

namespace nines::loader {

/// Limits of what one simulation holds.
inline constexpr std::int64_t most_zones = 26;
inline constexpr std::int64_t most_nodes = 10'000;
inline constexpr std::int64_t most_processes = 300'000;
inline constexpr std::size_t most_workloads = 10'000;
/// Of a service whose processes are not all alike: they store, or lead.
inline constexpr std::int64_t most_members = 1'000;
/// Units that a requirement may count.
inline constexpr std::int64_t most_counted = 1'000'000;

/// IOPS of gp3 since 2025-09.
inline constexpr std::int64_t gp3_base_iops = 3'000;
inline constexpr double gp3_base_mibps = 125;
inline constexpr std::int64_t gp3_most_iops = 80'000;
/// IOPS of io2 Block Express.
inline constexpr std::int64_t io2_least_iops = 100;
inline constexpr std::int64_t io2_most_iops = 256'000;

/// What the steps share.
struct TopologyInput {
  const Document* document = nullptr;
  const ProfileSet* profiles = nullptr;
  Problems* problems = nullptr;
};

/// Whether a machine's supervisor runs any process of the service, or of any service, without a kubelet.
bool is_supervised(const models::ServiceSpec& service);
bool has_supervised(const models::Topology& topology);

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

/// Whether a parameter is of a kind of volume or of a platform that the topology has not: it is then none of its
/// assumptions, and its price need not be known.
bool is_of_others(std::string_view key, const models::Topology& topology);

/// Warns of settings that do nothing as the others are: those that act only together with others, and parts that
/// nothing uses. REQUIRES: no problems so far.
void check_combinations(const TopologyInput& input, const models::Topology& topology);

/// Why the parameter does nothing in this topology: what it acts on is missing. Empty if nothing is known to be
/// missing.
std::string_view why_idle(std::string_view key, const models::Topology& topology);

}  // namespace nines::loader
