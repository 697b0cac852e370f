#include "experiments/health.hpp"

#include "models/components/unit.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"

namespace nines::experiments {

bool healthy(const models::World& world) {
  using namespace models;
  return measurement::all_hold(world) && faults::healthy(world) && people::healthy(world) &&
         components::healthy(world) && kubernetes::healthy(world) && services::healthy(world);
}

}  // namespace nines::experiments
