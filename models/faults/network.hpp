// Faults of the network with a beginning and an end: partitions and isolated zones.
//
// What cuts a machine off is tied to that machine, and ends for the slot when another machine takes it over; what cuts
// a place off, a zone or the region, stays with the place, whichever machines stand there.
#pragma once

#include "models/faults/state.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Puts `fault` in force; it ends after `duration`, or lasts until it is healed if that is infinite. Kubelets and
/// services are told.
void begin(World& world, Ongoing fault, Duration duration);

/// Whether a partition or isolation that is on touches one of `targets`: equal places; a pod and its machine touch each
/// other.
bool touches_any(const World& world, const std::vector<infrastructure::Address>& targets);
/// Ends all of these. Kubelets and services are told once.
void heal(World& world, const std::vector<infrastructure::Address>& targets);

}  // namespace nines::models::faults
