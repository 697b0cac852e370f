// Loss of power in a zone: which machines it hits, what else goes with it, and how it ends.
//
// Public zone outages took between 1 % and all of a zone (AWS sheet, section 4), so an outage has an extent: the
// probability that a given machine is hit, drawn for each from its own stream. The zone's volumes and the machines that
// could still be launched are one more draw: without them other zones can run short too (capacity.hpp). Overlapping
// outages nest; data survive where the same machine comes back.
#pragma once

#include "models/infrastructure/state.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::infrastructure {

/// What an outage is going to hit.
Outage draw_outage(World& world, ZoneId zone, double extent);
/// Starts an outage that `draw_outage` returned; power is back after `duration`.
void start_outage(World& world, Outage outage, Duration duration);

}  // namespace nines::models::infrastructure
