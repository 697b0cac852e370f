// SLIs as they change: which partitions are down, when the service is out, for how long, and why.
#pragma once

#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/measurement/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::measurement {

struct ServiceLost {
  std::uint16_t sli;
  static constexpr sim::EventInfo info{"sli.lost", "", "", "a service-level indicator stops to hold", true};
};
struct ServiceRestored {
  std::uint16_t sli;
  static constexpr sim::EventInfo info{"sli.restored", "", "", "a service-level indicator holds again", true};
};
ComponentId subject(const Plan& plan, const ServiceLost& event);
ComponentId subject(const Plan& plan, const ServiceRestored& event);

/// Nothing is down. REQUIRES: a fresh world.
void initialise(World& world);

/// Tells whether `sli` holds on the partitions of `group` from now on.
void set_status(World& world, SliIndex sli, GroupId group, bool holds);

/// No SLI is out and no partition down.
bool all_hold(const World& world);
/// Integral of down partitions up to now, open interruptions included.
double partition_seconds(const World& world, SliIndex sli);

}  // namespace nines::models::measurement

#define NINES_ROOM measurement
#define NINES_ROOM_EVENTS "models/measurement/events.def"
#include "models/number_events.hpp"
