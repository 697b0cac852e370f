#include "models/health.hpp"

#include <algorithm>

#include "models/components/unit.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"

namespace nines::models {

bool healthy(const World& world) {
  // In the order in which they are expected to take longest: this is asked after nearly every event of an incident.
  return components::healthy(world) && kubernetes::healthy(world) && hosts::healthy(world) &&
         services::healthy(world) && faults::healthy(world) && people::healthy(world) && measurement::all_hold(world) &&
         alerts::healthy(world);
}

sim::Time forgets_at(const World& world) {
  return std::max({kubernetes::forgets_at(world), hosts::forgets_at(world), infrastructure::forgets_at(world),
                   world.fabric.native.rested_at(world.plan->idle_fabric)});
}

}  // namespace nines::models
