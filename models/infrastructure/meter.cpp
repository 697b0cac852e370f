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

/// Storage alone: what is provisioned beyond it is left out.
double storage_gib_month_usd(const economics::Prices& prices, VolumeKind kind) {
  switch (kind) {
    case VolumeKind::gp3: return prices.gp3_gib_month.usd;
    case VolumeKind::gp2: return prices.gp2_gib_month.usd;
    case VolumeKind::io2: return prices.io2_gib_month.usd;
    case VolumeKind::st1: return prices.st1_gib_month.usd;
    default: return 0;
  }
}

}  // namespace

double metered_usd(const World& world) { return usd_until_now(world); }

void bills(World& world, double usd_per_h) {
  if (usd_per_h == 0) return;
  Meter& meter = world.infrastructure.meter;
  meter.usd = usd_until_now(world);
  meter.since = world.now;
  meter.usd_per_h += usd_per_h;
}

void bills_once(World& world, double usd) { world.infrastructure.meter.usd += usd; }

void bills_orphan(World& world, VolumeId volume) {
  const VolumePlan& its = world.plan->volumes[volume];
  const economics::Prices& prices = world.plan->topology.prices;
  if (prices.hours_per_month <= 0) return;
  // At once, for as long as it will stay: the bill of an incident holds it like that of a year.
  const double months =
      world.plan->topology.people.orphan_volume.to_seconds() / sim::seconds_per_hour / prices.hours_per_month;
  bills_once(world, its.size.gib() * storage_gib_month_usd(prices, its.kind) * months);
}

void rents(World& world, NodeId node, CapacityPoolId pool, int machines) {
  if (!pool.exists()) return;
  const double hour = world.plan->on_fargate(node) ? kubernetes::fargate_hour(*world.plan, node)
                                                   : world.plan->capacity_pools[pool].hour.usd;
  bills(world, machines * hour);
}

CapacityPoolId rented_from(const World& world, NodeId node) {
  const CapacityPoolId pool = world.infrastructure.nodes[node].pool;
  if (pool.exists() || world.plan->nodes[node].offerings.empty()) return pool;
  return world.plan->nodes[node].offerings.front();
}

}  // namespace nines::models::infrastructure
