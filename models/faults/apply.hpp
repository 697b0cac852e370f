// Verbs in effect: every fault and operation of a scenario, done now.
#pragma once

#include "models/purpose.hpp"
#include "models/selector.hpp"

namespace nines::models::faults {

/// Does `action` now. Notes its event, which becomes the cause of all that follows from it, and schedules its end after
/// the action's duration or one drawn from the profile. Returns false, and changes nothing, if the target is in no
/// state in which this could happen to it: a dead process is not killed again.
bool apply(World& world, const ResolvedAction& action);

/// How long what `action` does lasts: as it says, else drawn for `component` by `law`.
Duration duration_of(World& world, const ResolvedAction& action, ComponentId component, Purpose purpose,
                     const Law& law);

}  // namespace nines::models::faults
