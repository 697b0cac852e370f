#include "models/infrastructure/zone.hpp"

#include <algorithm>

#include "models/infrastructure/capacity.hpp"
#include "models/infrastructure/events.hpp"
#include "models/infrastructure/node.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::infrastructure {

namespace {

bool is_hit(World& world, ComponentId component, double extent) {
  // Drawn even where it cannot matter, so that the streams of two extents stay aligned.
  return world.uniform(component, Purpose::zone_power_extent) < extent;
}

}  // namespace

Outage draw_outage(World& world, ZoneId zone, double extent) {
  Outage outage;
  outage.zone = zone;
  outage.dark = is_hit(world, world.plan->zones[zone].component, extent);
  for (const NodeId node : world.plan->zones[zone].nodes) {
    const bool hit = is_hit(world, world.plan->nodes[node].component, extent);
    const NodeState& state = world.infrastructure.nodes[node];
    if (hit && state.life != Life::terminated) outage.hits.push_back({node, state.machine});
  }
  return outage;
}

void start_outage(World& world, Outage outage, Duration duration) {
  outage.id = world.infrastructure.outages_so_far++;
  std::vector<NodeId> nodes;
  for (const Outage::Hit& hit : outage.hits) nodes.push_back(hit.node);
  world.schedule(world.now + duration, ZonePowerRestored{outage.zone, outage.id}, sim::Priority::state);
  if (outage.dark) spread_shortage(world, outage.zone);
  world.infrastructure.outages.push_back(std::move(outage));
  cut_power(world, nodes);
}

bool zone_can_launch(const World& world, ZoneId zone) {
  const auto& outages = world.infrastructure.outages;
  return std::none_of(outages.begin(), outages.end(),
                      [&](const Outage& outage) { return outage.zone == zone && outage.dark; });
}

ComponentId subject(const Plan& plan, const ZonePowerRestored& event) { return plan.zones[event.zone].component; }

void on(World& world, const ZonePowerRestored& event) {
  auto& outages = world.infrastructure.outages;
  const auto at =
      std::find_if(outages.begin(), outages.end(), [&](const Outage& outage) { return outage.id == event.outage; });
  assert(at != outages.end());
  const Outage outage = *at;
  outages.erase(at);
  for (const Outage::Hit& hit : outage.hits) restore_power(world, hit);
  if (!outage.dark) return;
  kubernetes::wake_waiting(world);    // volumes answer again
  services::contacts_changed(world);  // and what a provider runs there
}

bool provider_acts(const World& world) { return world.infrastructure.api_outages == 0; }
bool can_attach(const World& world, VolumeId volume) {
  const bool has_key = !world.plan->volumes[volume].encrypted || world.infrastructure.kms_outages == 0;
  return provider_acts(world) && has_key;
}
bool gives_credentials(const World& world) { return world.infrastructure.credentials_outages == 0; }

}  // namespace nines::models::infrastructure
