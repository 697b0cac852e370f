// What graded conditions leave of the fabric's resources (models/infrastructure/conditions.hpp).
#include "models/infrastructure/conditions.hpp"

#include "models/fabric/state.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::fabric {

void apply_conditions(World& world) {
  const Plan& plan = *world.plan;
  Changes fabric(world);
  const auto set = [&](ResourceId resource, double share) {
    // A part of what has no limit has none either, but nothing of it is nothing.
    const double whole = plan.idle_fabric.capacity(resource).bytes_per_s;
    fabric->set_capacity(world.now, resource, {share > 0 ? whole * share : 0});
  };
  // What is as it was costs a comparison.
  for (const VolumeId volume : plan.volumes.ids())
    set(plan.layout.volume[volume], infrastructure::disk_condition(world, volume).share);
  for (const NodeId node : plan.nodes.ids()) {
    const double share = infrastructure::network_share(world, node);
    set(plan.layout.up[node], share);
    set(plan.layout.down[node], share);
  }
}

}  // namespace nines::models::fabric
