// Faults of the network with a beginning and an end: partitions and isolated zones.
#pragma once

#include "models/faults/state.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Puts `fault` in force; it ends after `duration`, or lasts until it is healed if that is infinite. Kubelets and
/// services are told.
void begin(World& world, Ongoing fault, Duration duration);

/// Ends all partitions and isolations that touch one of `targets`: equal places; a pod and its machine touch each
/// other. Returns whether there were any. `healed` is called before the first one ends.
bool touches_any(const World& world, const std::vector<infrastructure::Address>& targets);
void heal(World& world, const std::vector<infrastructure::Address>& targets);

}  // namespace nines::models::faults
