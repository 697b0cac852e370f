// Black boxes and structures over them: the parts of a topology file that need no machines.
#pragma once

#include <string>
#include <vector>

#include "experiments/loader/reader.hpp"
#include "experiments/loader/topology_reader.hpp"

namespace nines::loader {

inline constexpr std::int64_t most_units = 5'000;  ///< of a component
/// Of one with standby: each place that a unit may take looks at all of them.
inline constexpr std::int64_t most_units_with_standby = 250;
inline constexpr std::int64_t most_units_in_all = 20'000;
inline constexpr std::size_t most_nesting = 8;  ///< of requirements

/// Whether a service of the document is of kind `composite` (a misspelt kind counts as the nearest).
bool is_composite(const Json& service);
/// Positions of the services of one kind in the document's array.
std::vector<std::size_t> service_positions(const Document& document, bool composite);
/// Whether anything in the document may run on machines: without, no model reads zones, prices, timers or people.
bool runs_kafka(const Document& document);

/// Components, crews and shocks, with every reference among them.
void read_components(const Object& root, models::Topology& topology, std::vector<Assumption>& assumptions);

/// A composite service. REQUIRES: components were read.
void read_composite(const Value& value, const models::Topology& topology, models::ServiceSpec& service);
/// That the parts of every requirement exist. REQUIRES: all services were read.
void check_parts(const Value& root, const models::Topology& topology);

/// Units of a component that can serve at the same time.
models::Count serving_units(const models::components::ComponentSpec& spec);

/// What no single field shows of components and composites. REQUIRES: no problems so far.
void check_components(const TopologyInput& input, const models::Topology& topology);

}  // namespace nines::loader
