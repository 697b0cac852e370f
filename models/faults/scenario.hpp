// Scenarios armed in a world.
#pragma once

#include <vector>

#include "models/scenario.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Schedules every action at `origin + action.at`. Targets are looked up when an action is due; one that names
/// something that does not exist then (no active controller, say) is counted in `State::actions_without_target` and
/// skipped. REQUIRES: origin >= world.now; check_target finds no problem with any action.
void schedule_actions(World& world, const std::vector<Action>& actions, sim::Time origin);

}  // namespace nines::models::faults
