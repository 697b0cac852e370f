#include "models/infrastructure/capacity.hpp"

#include <algorithm>
#include <limits>

#include "models/infrastructure/credits.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"
#include "sim/time_units.hpp"

namespace nines::models::infrastructure {

namespace {

const CapacityPool& plan_of(const World& world, CapacityPoolId pool) { return world.plan->capacity_pools[pool]; }

CapacityPoolId home(const World& world, NodeId node) { return world.plan->nodes[node].offerings.front(); }

double limit(const World& world, Capacity capacity) {
  const VcpuQuota& quota = world.plan->topology.quota;
  return capacity == Capacity::spot ? quota.spot : quota.on_demand;
}

/// vCPUs of all machines that the provider counts: those in slots, and replacements on their way.
double vcpu_in_use(const World& world, Capacity capacity) {
  double sum = 0;
  const auto add = [&](CapacityPoolId pool) {
    if (plan_of(world, pool).capacity == capacity) sum += plan_of(world, pool).vcpu;
  };
  for (const NodeId node : world.plan->nodes.ids()) {
    if (world.plan->nodes[node].offerings.empty()) continue;
    const NodeState& machine = world.infrastructure.nodes[node];
    if (machine.life != Life::terminated) add(machine.pool.exists() ? machine.pool : home(world, node));
    if (world.kubernetes.nodes[node].launched.exists()) add(world.kubernetes.nodes[node].launched);
  }
  return sum;
}

}  // namespace

bool is_short(const World& world, CapacityPoolId pool) {
  return world.now < world.infrastructure.short_until[pool] && !NINES_MUTATED(capacity_never_short);
}

void run_short(World& world, CapacityPoolId pool, Duration duration) {
  sim::Time& until = world.infrastructure.short_until[pool];
  until = std::max(until, world.now + duration);
}

bool spreads_to(World& world, CapacityPoolId pool, Ratio probability) {
  return world.uniform(plan_of(world, pool).component, Purpose::shortage_spread) < probability;
}

void spread_shortage(World& world, ZoneId lost) {
  const Parameters& parameters = world.plan->infra();
  for (const CapacityPoolId pool : world.plan->capacity_pools.ids()) {
    const CapacityPool& plan = plan_of(world, pool);
    if (plan.zone == lost) continue;
    if (!spreads_to(world, pool, parameters.capacity_spread)) continue;
    run_short(world, pool,
              world.draw(plan.component, Purpose::shortage_duration, parameters.zone_loss_shortage_duration));
  }
}

CapacityPoolId pool_of(const World& world, NodeId node) {
  const CapacityPoolId launched = world.infrastructure.nodes[node].pool;
  const CapacityPoolId first = home(world, node);
  if (!launched.exists()) return first;
  const bool alike = plan_of(world, launched).capacity == plan_of(world, first).capacity;
  return alike && !is_short(world, first) ? first : launched;
}

bool on_fallback(const World& world, NodeId node) {
  const CapacityPoolId launched = world.infrastructure.nodes[node].pool;
  return launched.exists() && world.infrastructure.nodes[node].life != Life::terminated &&
         plan_of(world, launched).capacity != plan_of(world, home(world, node)).capacity;
}

CapacityPoolId pool_with_capacity(const World& world, NodeId node) {
  for (const CapacityPoolId pool : world.plan->nodes[node].offerings) {
    if (!is_short(world, pool)) return pool;
  }
  return CapacityPoolId::none();
}

bool quota_allows(const World& world, CapacityPoolId pool) {
  const CapacityPool& plan = plan_of(world, pool);
  const double most = limit(world, plan.capacity);
  return most == std::numeric_limits<double>::infinity() || vcpu_in_use(world, plan.capacity) + plan.vcpu <= most;
}

sim::Time take_launch_token(World& world) {
  const Parameters& parameters = world.plan->infra();
  if (parameters.launch_rate.per_hour <= 0) return world.now;
  const Duration refill = Duration::from_seconds(sim::seconds_per_hour / parameters.launch_rate.per_hour);
  sim::Time& full = world.infrastructure.launches_until;
  full = std::max(full, world.now) + refill;
  // One that takes the last token waits for nothing; each further one for a refill.
  return std::max(world.now, full - refill * parameters.launch_bucket);
}

sim::Time forgets_at(const World& world) {
  sim::Time at = std::max(world.now, accounts_full_at(world));
  for (const sim::Time until : world.infrastructure.short_until) at = std::max(at, until);
  return at;
}

}  // namespace nines::models::infrastructure
