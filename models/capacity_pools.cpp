#include "models/capacity_pools.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

#include "models/namer.hpp"
#include "models/plan.hpp"

namespace nines::models {

namespace {

using Types = std::vector<const InstanceType*>;

Types types_of(const NodeGroupSpec& group) {
  Types types{&group.instance};
  for (const InstanceType& type : group.alternatives) types.push_back(&type);
  return types;
}

/// Of types that are alike, the one that the file names first comes first.
template <class Key>
void order_by(Types& types, const Key& key) {
  std::stable_sort(types.begin(), types.end(),
                   [&](const InstanceType* a, const InstanceType* b) { return key(*a) < key(*b); });
}

Types on_demand_order(const NodeGroupSpec& group) {
  Types types = types_of(group);
  order_by(types, [](const InstanceType& type) { return type.on_demand_hour.usd; });
  return types;
}

Types spot_order(const NodeGroupSpec& group) {
  const auto price = [](const InstanceType& type) { return type.spot_hour.usd; };
  const auto reclaims = [](const InstanceType& type) { return type.spot_reclaim.per_hour; };
  Types types = types_of(group);
  if (group.allocation == Allocation::lowest_price) {
    order_by(types, price);
  } else if (group.allocation == Allocation::capacity_optimized) {
    order_by(types, reclaims);
  } else {
    const Types all = types;
    const auto rank = [&](const InstanceType& type, const auto& key) {
      return std::count_if(all.begin(), all.end(), [&](const InstanceType* other) { return key(*other) < key(type); });
    };
    order_by(types, [&](const InstanceType& type) { return rank(type, price) + rank(type, reclaims); });
  }
  return types;
}

/// How much more often than its pool's machines in general a group's are reclaimed for capacity.
Ratio allocation_factor(const NodeGroupSpec& group, const infrastructure::Parameters& parameters) {
  if (group.alternatives.empty()) return 1;
  switch (group.allocation) {
    case Allocation::lowest_price: return parameters.spot_lowest_price;
    case Allocation::capacity_optimized: return parameters.spot_capacity_optimized;
    case Allocation::price_capacity_optimized: break;
  }
  return parameters.spot_price_capacity_optimized;
}

/// By pool, and by pool with which a storm begins: the probability that it comes.
using Shares = std::vector<std::vector<double>>;

/// Storms that come to each pool if so many begin with each.
std::vector<double> that_come(const Shares& shares, const std::vector<double>& storms) {
  std::vector<double> come;
  for (const std::vector<double>& row : shares)
    come.push_back(std::inner_product(row.begin(), row.end(), storms.begin(), 0.0));
  return come;
}

/// Whether each pool has the storms that it should, as far as numbers go.
bool come_right(const Shares& shares, const std::vector<double>& storms, const std::vector<double>& hits) {
  constexpr double small = 1e-12;
  const std::vector<double> come = that_come(shares, storms);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    if (storms[i] < 0 || std::abs(come[i] - hits[i]) > small * hits[i]) return false;
  }
  return true;
}

/// By Gauss's elimination; empty where the shares are as good as singular.
std::vector<double> solved(Shares shares, std::vector<double> right) {
  constexpr double smallest_pivot = 1e-9;
  const std::size_t size = right.size();
  for (std::size_t at = 0; at < size; ++at) {
    std::size_t pivot = at;
    for (std::size_t row = at + 1; row < size; ++row) {
      if (std::abs(shares[row][at]) > std::abs(shares[pivot][at])) pivot = row;
    }
    if (std::abs(shares[pivot][at]) < smallest_pivot) return {};
    std::swap(shares[at], shares[pivot]);
    std::swap(right[at], right[pivot]);
    for (std::size_t row = at + 1; row < size; ++row) {
      const double factor = shares[row][at] / shares[at][at];
      for (std::size_t column = at; column < size; ++column) shares[row][column] -= factor * shares[at][column];
      right[row] -= factor * right[at];
    }
  }
  for (std::size_t at = size; at-- > 0;) {
    for (std::size_t column = at + 1; column < size; ++column) right[at] -= shares[at][column] * right[column];
    right[at] /= shares[at][at];
  }
  return right;
}

/// Storms that have to begin with each pool for `hits` to come to it. Each pool's are scaled by what it lacks or has
/// too much, all at once: pools that are alike stay alike however strongly they share their shortages, and the order of
/// the pools decides nothing. Where that does not come to rest the equations are solved; where they have no solution,
/// because others bring a pool more storms than it has, next to none begin with it.
std::vector<double> storms_begun(const Shares& shares, const std::vector<double>& hits) {
  std::vector<double> storms = hits;
  constexpr int most = 1000;
  for (int round = 0; round < most && !come_right(shares, storms, hits); ++round) {
    const std::vector<double> come = that_come(shares, storms);
    for (std::size_t i = 0; i < hits.size(); ++i) storms[i] *= come[i] > 0 ? hits[i] / come[i] : 0;
  }
  if (come_right(shares, storms, hits)) return storms;
  const std::vector<double> exact = solved(shares, hits);
  return !exact.empty() && come_right(shares, exact, hits) ? exact : storms;
}

class Adder {
 public:
  Adder(Plan& plan, Namer& namer) : plan_(plan), namer_(namer) {}

  void add() {
    std::vector<std::int64_t> slots(plan_.topology.node_groups.size(), 0);  // of each group, zone by zone
    for (NodePlan& node : plan_.nodes) {
      const NodeGroupSpec& group = plan_.topology.node_groups[node.group];
      const std::int64_t slot = slots[node.group]++;
      if (group.provisioner == Provisioner::fargate) {
        node.offerings.push_back(pool(group.instance, node.zone, Capacity::on_demand));
      } else if (!group.bare) {
        add_offerings(group, node, is_on_demand(group, slot));
      }
    }
    set_storms();
    for (NodePlan& node : plan_.nodes) strike(node);
  }

 private:
  [[nodiscard]] const infrastructure::Parameters& parameters() const { return plan_.infra(); }

  /// Machines on demand are spread over the zones. Of the places to spare in a zone as many are for them as the group
  /// has in the others.
  static bool is_on_demand(const NodeGroupSpec& group, std::int64_t slot) {
    const std::int64_t all = on_demand_machines(group);
    const auto zones = static_cast<std::int64_t>(group.zones.size());
    const std::int64_t zone = slot / group.slots_per_zone();
    const std::int64_t place = slot % group.slots_per_zone();
    if (group.capacity == Capacity::on_demand || place < group.slots_per_zone() - group.spare_per_zone)
      return place * zones + zone < all;
    const std::int64_t own = all / zones + (zone < all % zones ? 1 : 0);
    return place - (group.slots_per_zone() - group.spare_per_zone) < all - own;
  }

  CapacityPoolId pool(const InstanceType& type, ZoneId zone, Capacity capacity) {
    const auto [known, fresh] = pools_.emplace(std::tuple(type.name, zone, capacity), CapacityPoolId::none());
    if (!fresh) return known->second;
    CapacityPool added;
    added.type = type.name;
    added.zone = zone;
    added.capacity = capacity;
    added.vcpu = std::isinf(type.vcpu) ? 0 : type.vcpu;  // Fargate's do not count
    added.hour = capacity == Capacity::spot ? type.spot_hour : type.on_demand_hour;
    added.component = namer_.add(fmt::format("{}/{}/{}", type.name, plan_.name(plan_.zones[zone].component),
                                             capacity == Capacity::spot ? "spot" : "on-demand"),
                                 "capacity pool");
    return known->second = plan_.capacity_pools.add(std::move(added));
  }

  /// Share of reclaims that come as storms of the pool. Where a storm would take nothing, all come by themselves.
  [[nodiscard]] Ratio storm_share() const {
    return parameters().spot_pool_share > 0 ? parameters().spot_capacity_share : 0;
  }

  /// The strongest factor of all groups that use the type on Spot: the pool's storms come so often, and each group's
  /// machines are hit by its own share of them.
  [[nodiscard]] Ratio strongest_factor(const std::string& type) const {
    Ratio most = 0;
    for (const NodeGroupSpec& group : plan_.topology.node_groups) {
      if (group.bare || group.capacity != Capacity::spot) continue;
      const Types types = types_of(group);
      const bool uses = std::any_of(types.begin(), types.end(), [&](const auto* one) { return one->name == type; });
      if (uses) most = std::max(most, allocation_factor(group, parameters()));
    }
    return most;
  }

  /// Storms per hour that come to the pool, wherever they begin: so many that an instance is reclaimed for capacity as
  /// often as its type's instances are.
  [[nodiscard]] double storms_that_come(const CapacityPool& pool) const {
    if (pool.capacity != Capacity::spot || storm_share() <= 0) return 0;
    return reclaims_per_hour(pool.type) * storm_share() * strongest_factor(pool.type) / parameters().spot_pool_share;
  }

  /// Storms that begin with each pool: those that come from other pools make up the rest.
  void set_storms() {
    Table<CapacityPoolId, CapacityPool>& pools = plan_.capacity_pools;
    std::vector<double> hits;
    for (CapacityPool& pool : pools) {
      pool.hits = {storms_that_come(pool)};
      hits.push_back(pool.hits.per_hour);
    }
    Shares shares;
    for (const CapacityPool& to : pools) {
      std::vector<double>& row = shares.emplace_back();
      for (const CapacityPool& from : pools) row.push_back(&from == &to ? 1 : spread_of_storm(parameters(), from, to));
    }
    const std::vector<double> storms = storms_begun(shares, hits);
    for (std::size_t i = 0; i < storms.size(); ++i) pools[CapacityPoolId::of(i)].storms = {storms[i]};
  }

  [[nodiscard]] double reclaims_per_hour(const std::string& name) const {
    for (const NodeGroupSpec& group : plan_.topology.node_groups) {
      if (group.bare || group.capacity != Capacity::spot) continue;
      for (const InstanceType* type : types_of(group)) {
        if (type->name == name) return type->spot_reclaim.per_hour;
      }
    }
    return 0;
  }

  void add_offerings(const NodeGroupSpec& group, NodePlan& node, bool on_demand) {
    if (!on_demand) {
      for (const InstanceType* type : spot_order(group))
        node.offerings.push_back(pool(*type, node.zone, Capacity::spot));
    }
    if (!on_demand && !group.on_demand_fallback) return;
    for (const InstanceType* type : on_demand_order(group))
      node.offerings.push_back(pool(*type, node.zone, Capacity::on_demand));
  }

  void strike(NodePlan& node) const {
    if (node.offerings.empty()) return;
    const CapacityPool& home = plan_.capacity_pools[node.offerings.front()];
    if (home.capacity != Capacity::spot) return;
    const NodeGroupSpec& group = plan_.topology.node_groups[node.group];
    node.spot_reclaim = {reclaims_per_hour(home.type) * (1 - storm_share())};
    const Ratio strongest = strongest_factor(home.type);
    if (strongest > 0)
      node.storm_hit = parameters().spot_pool_share * allocation_factor(group, parameters()) / strongest;
  }

  Plan& plan_;
  Namer& namer_;
  std::map<std::tuple<std::string, ZoneId, Capacity>, CapacityPoolId> pools_;
};

}  // namespace

Ratio spread_of_storm(const infrastructure::Parameters& parameters, const CapacityPool& from, const CapacityPool& to) {
  if (from.capacity != Capacity::spot || to.capacity != Capacity::spot || from.component == to.component) return 0;
  if (from.type == to.type) return parameters.capacity_spread;
  if (from.zone != to.zone || from.hits.per_hour <= 0) return 0;
  return parameters.capacity_type_spread * std::min(1.0, to.hits.per_hour / from.hits.per_hour);
}

std::int64_t on_demand_machines(const NodeGroupSpec& group) {
  if (group.capacity == Capacity::on_demand) return group.slots();
  const std::int64_t all = group.machines();
  const std::int64_t base = std::min(all, group.on_demand_base);
  constexpr std::int64_t percent = 100;
  return base + ((all - base) * group.on_demand_percentage + percent - 1) / percent;
}

VcpuQuota vcpus_in_health(const Topology& topology) {
  VcpuQuota sum{0, 0};
  for (const NodeGroupSpec& group : topology.node_groups) {
    if (group.bare || group.provisioner == Provisioner::fargate) continue;  // Fargate has a quota of its own
    double largest = 0;
    for (const InstanceType* type : types_of(group)) largest = std::max(largest, type->vcpu);
    const std::int64_t all = group.machines();
    const std::int64_t on_demand = std::min(all, on_demand_machines(group));
    sum.on_demand += static_cast<double>(on_demand) * largest;
    sum.spot += static_cast<double>(all - on_demand) * largest;
  }
  return sum;
}

void add_capacity_pools(Plan& plan, Namer& namer) { Adder(plan, namer).add(); }

}  // namespace nines::models
