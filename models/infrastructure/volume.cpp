#include "models/infrastructure/volume.hpp"

#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::infrastructure {

bool lose_volume(World& world, VolumeId volume) {
  VolumeState& state = world.infrastructure.volumes.edit(volume);
  if (state.lost) return false;
  const ProcessId owner = world.plan->volumes[volume].owner;
  state.lost = true;
  world.processes.edit(owner).disk_lost = true;
  people::ask_for_repair(world, people::Repair::lost_volume, owner);
  if (world.processes[owner].status != ProcessState::Status::absent) services::disk_failed(world, owner);
  return true;
}

bool volume_usable(const World& world, VolumeId volume) {
  const VolumePlan& plan = world.plan->volumes[volume];
  if (world.infrastructure.volumes[volume].lost) return false;
  return plan.node.exists() || !plan.zone.exists() || zone_can_launch(world, plan.zone);
}

void replace_volume(World& world, VolumeId volume) {
  world.infrastructure.volumes.edit(volume).lost = false;
  faults::volume_replaced(world, volume);
  world.processes.edit(world.plan->volumes[volume].owner).disk_lost = true;
}

}  // namespace nines::models::infrastructure
