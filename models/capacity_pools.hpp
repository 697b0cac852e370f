// From which pools of capacity a node group takes its machines, and in which order.
//
// Slots that are on demand ask the pools on demand in the order of their prices. Spot slots ask the Spot pools in the
// order of the allocation strategy, and then, where the group may fall back, those on demand. Nobody publishes how much
// capacity a pool has: how seldom it is reclaimed stands for it. So lowest-price goes by price, capacity-optimized by
// reclaims, and price-capacity-optimized, which is Karpenter's, by the sum of the ranks in both. All Spot machines of a
// zone are in the first pool in health, and their reclaims for capacity are as often as that pool's times the factor of
// the strategy (AWS sheet, section 7); with one type there is nothing to choose and no factor.
#pragma once

#include <cstdint>

#include "models/topology.hpp"
#include "models/units.hpp"

namespace nines::models {

struct CapacityPool;
struct Plan;
class Namer;
namespace infrastructure {
struct Parameters;
}

/// Probability that a storm which begins with one Spot pool comes to another: to those of the same type in other zones,
/// and to those of other types in the same zone. The latter bring a pool that is rarely short no more of the other's
/// storms than in the measure in which it has fewer of its own.
Ratio spread_of_storm(const infrastructure::Parameters& parameters, const CapacityPool& from, const CapacityPool& to);

/// Machines of the group that are on demand in health: all; or of a Spot group its base, and its share of the others
/// rounded up (EC2 Auto Scaling user guide, OnDemandBaseCapacity).
std::int64_t on_demand_machines(const NodeGroupSpec& group);

/// vCPUs that the machines have in health, each taken for one of its group's largest type.
VcpuQuota vcpus_in_health(const Topology& topology);

/// Adds the pools that some group uses, and gives every slot its offerings and what strikes its Spot machine.
void add_capacity_pools(Plan& plan, Namer& namer);

}  // namespace nines::models
