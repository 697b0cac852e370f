// What the provider has to give. A capacity pool is the machines of one type in one zone on one condition, Spot or on
// demand. It is available, or short until an instant: then no launch in it succeeds (InsufficientInstanceCapacity),
// however often anybody tries.
//
// A Spot pool runs short when the provider needs its machines back (the main reason of reclaims): it takes those that
// run and has none to give for a while, and it may need those of the same type in other zones too, and those of other
// types in the same zone (models/capacity_pools.hpp). Pools of the other
// zones can run short when a zone is lost, for everybody launches there then (AWS sheet, sections 5 and 7). Beside that
// a launch fails now and then by itself (node.provision.failure_probability). An account may run so many vCPUs of each
// sort (Topology::quota).
//
// What provisioners and people ask is declared in models/platform.hpp.
//
// Left out: shortages on demand by themselves, reclaims of Spot machines in other zones after the loss of one, pools
// that have some machines to give and not all.
#pragma once

#include "models/ids.hpp"
#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models {
struct World;
}  // namespace nines::models

namespace nines::models::infrastructure {

/// The pool has nothing to give for `duration`, or for longer if it had nothing before.
void run_short(World& world, CapacityPoolId pool, Duration duration);
/// A shortage comes to the pool too, which it does with that probability.
bool spreads_to(World& world, CapacityPoolId pool, Ratio probability);
/// A zone can launch nothing: pools of the others may run short.
void spread_shortage(World& world, ZoneId lost);

/// The pool that the slot's machine belongs to. A Spot machine that was launched in another pool than the slot's first
/// counts there until the first one has capacity again, as if its next replacement came then.
/// REQUIRES: the slot is of no bare host.
CapacityPoolId pool_of(const World& world, NodeId node);

}  // namespace nines::models::infrastructure
