// Which category an event belongs to that starts an incident.
#pragma once

#include "models/scenario.hpp"
#include "sim/event.hpp"

namespace nines::models::faults {

/// Category of the verb whose event it is ("fault.node_crash" is that of node-crash); of anything else `component`.
Category category_of(sim::EventKind kind);

}  // namespace nines::models::faults
