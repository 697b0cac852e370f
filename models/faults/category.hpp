// Which category an event belongs to that starts an incident.
#pragma once

#include "models/scenario.hpp"
#include "sim/event.hpp"

namespace nines::models::faults {

/// Category of the verb that notes this event when it begins; of anything else `component`.
Category category_of(sim::EventKind kind);

}  // namespace nines::models::faults
