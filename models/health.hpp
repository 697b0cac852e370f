// When an incident is over.
#pragma once

#include "models/world.hpp"

namespace nines::models {

/// Everything up, in sync and repaired, every SLI holding, no fault still on, and nothing due that clients would
/// notice: leaders sit on their preferred replicas if they are ever moved back by themselves. Each room says for
/// itself.
bool healthy(const World& world);

/// From when on a healthy world is as if nothing had happened: what it remembers changes nothing now, only what the
/// next fault does (a kubelet's restart back-off, burst credit). No event tells: this is arithmetic. REQUIRES: healthy.
sim::Time forgets_at(const World& world);

}  // namespace nines::models
