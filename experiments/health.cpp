#include "experiments/health.hpp"

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

}  // namespace nines::experiments
