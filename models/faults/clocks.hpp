// Faults that happen by themselves: one Poisson clock a source of Plan::faults.
//
// Ages are Exp(1), drawn from the component's own stream and scaled by the rate, so a component has the same faults in
// every design that contains it. A clock runs on while its component is down; a fault on what is dead has no effect.
// Only the clock of a black box whose failure law has a memory runs with the age of its unit.
#pragma once

#include <span>

#include "models/plan.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// Draws the first age of every source whose clock stands still.
void start_fault_clocks(World& world);
/// The same for some sources (indices into Plan::faults), of which none runs yet.
void start_fault_clocks(World& world, std::span<const std::uint32_t> sources);
/// Forgets all pending faults of the clocks.
void stop_fault_clocks(World& world);

/// A unit that ages begins or ends a life; its clock, if clocks run, is set anew or stopped.
void life_began(World& world, std::uint16_t unit);
void life_ended(World& world, std::uint16_t unit);

/// Something changed for the units of the box: what they are exposed to from now on is written down if that is wanted.
void exposures_changed(World& world, components::BoxId box);

/// Whether something of probability `p` happens. While outcomes are bent, what is rare happens at least every fourth
/// time, and the weight makes that good: at most 2 for a draw.
bool happens(World& world, ComponentId component, Purpose purpose, double p);

/// Length of a repair. While outcomes are bent it is drawn with a density that is the mean of those weighed by no, one
/// ... `longer` powers of its Exp(1) score, of the first one that a strike begins: further faults meet long repairs.
/// The weight makes that good.
Duration repair_length(World& world, ComponentId component, Purpose purpose, const Law& law);

/// What `source` does when it strikes: the fault itself in the source's form, and what comes with it by itself (the
/// second machine of a burst, the machines of a Spot pool, the extent of a power loss; of a dormant unit only the share
/// of its rate). Returns whether it had any effect. Its cause is whatever is current; hold a CauseScope on
/// `sim::no_cause` to make it a root.
bool strike(World& world, const FaultSource& source);

}  // namespace nines::models::faults
