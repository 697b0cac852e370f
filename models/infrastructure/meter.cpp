#include "models/infrastructure/meter.hpp"

#include "models/platform.hpp"
#include "models/world.hpp"
#include "sim/time_units.hpp"

namespace nines::models::infrastructure {

namespace {

double usd_until_now(const World& world) {
  const Meter& meter = world.infrastructure.meter;
  return meter.usd + meter.usd_per_h * (world.now - meter.since).to_seconds() / sim::seconds_per_hour;
}

}  // namespace

double metered_usd(const World& world) { return usd_until_now(world); }

void rents(World& world, NodeId node, CapacityPoolId pool, int machines) {
  if (!pool.exists()) return;
  const double hour = world.plan->on_fargate(node) ? kubernetes::fargate_hour(*world.plan, node)
                                                   : world.plan->capacity_pools[pool].hour.usd;
  Meter& meter = world.infrastructure.meter;
  meter.usd = usd_until_now(world);
  meter.since = world.now;
  meter.usd_per_h += machines * hour;
}

CapacityPoolId rented_from(const World& world, NodeId node) {
  const CapacityPoolId pool = world.infrastructure.nodes[node].pool;
  if (pool.exists() || world.plan->nodes[node].offerings.empty()) return pool;
  return world.plan->nodes[node].offerings.front();
}

}  // namespace nines::models::infrastructure
