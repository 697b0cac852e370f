#include "experiments/estimate/health.hpp"

#include <algorithm>

#include "models/components/unit.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"

namespace nines::experiments {

bool healthy(const models::World& world) {
  using namespace models;
  // In the order in which they are expected to take longest: this is asked after nearly every event of an incident.
  return components::healthy(world) && kubernetes::healthy(world) && services::healthy(world) &&
         faults::healthy(world) && people::healthy(world) && measurement::all_hold(world);
}

sim::Time forgets_at(const models::World& world) {
  return std::max(models::kubernetes::forgets_at(world), world.fabric.native.rested_at(world.plan->idle_fabric));
}

}  // namespace nines::experiments
