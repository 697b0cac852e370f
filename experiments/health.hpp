// When an incident is over.
#pragma once

#include "models/world.hpp"

namespace nines::experiments {

/// Everything up, in sync and repaired, every SLI holding, no fault still on. Leaders may sit on other than their
/// preferred replicas.
bool healthy(const models::World& world);

}  // namespace nines::experiments
