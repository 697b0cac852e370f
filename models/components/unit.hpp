// The life of a unit: it fails, waits, is repaired, goes through its stages, is whole again.
#pragma once

#include "models/components/plan.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::components {

/// Every unit whole. REQUIRES: a fresh world.
void initialise(World& world);

/// Fails the unit now, and notes it, if it is in a phase in which it can fail. Returns whether it did.
bool fail(World& world, UnitId unit);
/// Fails what the shock hits. Returns whether anything failed.
bool strike(World& world, ShockId shock);

/// What share of its failure rate the unit has now: 1 serving, the dormant factor standing by, 0 failed.
double exposure(const World& world, UnitId unit);
/// The same when every unit is whole and as many serve as are to.
double first_exposure(const Plan& plan, UnitId unit);
/// Whether the failure law of the box has a memory: its units' clocks then count their ages.
bool ageing(const Plan& plan, BoxId box);
/// Age of an ageing unit at `at`, the age it had at the start included (drawn from its stationary law).
Duration age(World& world, UnitId unit, sim::Time at);

/// Age that an ageing unit had at time zero, drawn from its stationary law.
Duration first_age(World& world, UnitId unit);

/// A crew member, or the unit's own repairer, begins, or goes on where the repair was interrupted. REQUIRES: the unit
/// is failed and nobody repairs it.
void begin_repair(World& world, UnitId unit);

bool healthy(const World& world);

}  // namespace nines::models::components
