// Faults with a beginning and an end: partitions and isolated zones, and what degrades (degrade.hpp).
//
// What cuts a machine off is tied to that machine, and ends for the slot when another machine takes it over; what cuts
// a place off, a zone or the region, stays with the place, whichever machines stand there.
#pragma once

#include "models/faults/state.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::faults {

/// Puts `fault` in force; it ends after `duration`, or lasts until it is healed if that is infinite. Kubelets and
/// services are told.
void begin(World& world, Ongoing fault, Duration duration);

/// The fault ends before its time, if it is on. Kubelets and services are told.
void end_now(World& world, std::uint32_t id);

/// What stands for the region as a whole: its first zone.
ComponentId region_of(const Plan& plan);
/// Something with a name at one of the addresses; the backbone has none.
ComponentId component_at(const Plan& plan, const std::vector<infrastructure::Address>& addresses);

/// Whether a partition, an isolation or a bad link that is on touches one of `targets`: equal places; a pod and its
/// machine touch each other.
bool touches_any(const World& world, const std::vector<infrastructure::Address>& targets);
/// Ends all of these. Kubelets and services are told once.
void heal(World& world, const std::vector<infrastructure::Address>& targets);

}  // namespace nines::models::faults
