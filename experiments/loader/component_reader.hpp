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

/// Components, crews and shocks, with every reference among them.
void read_components(const Object& root, models::Topology& topology, std::vector<Assumption>& assumptions);

/// Units of a component that can serve at the same time.
models::Count serving_units(const models::components::ComponentSpec& spec);

/// What no single field shows of components and composites. REQUIRES: no problems so far.
void check_components(const TopologyInput& input, const models::Topology& topology);

}  // namespace nines::loader
