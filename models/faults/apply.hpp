// Verbs in effect: every fault and operation of a scenario, done now.
#pragma once

#include "models/selector.hpp"

namespace nines::models::faults {

/// Does `action` now. Notes its event, which becomes the cause of all that follows from it, and schedules its end after
/// the action's duration or one drawn from the profile. Returns false, and changes nothing, if the target is in no
/// state in which this could happen to it: a dead process is not killed again.
bool apply(World& world, const ResolvedAction& action);

}  // namespace nines::models::faults
