#include "models/faults/broken_role.hpp"

#include "models/faults/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

ProcessId first_member(const World& world, ServiceId service) { return world.plan->services[service].members.front(); }

}  // namespace

bool break_role(World& world, std::uint16_t service) {
  const bool asks = world.plan->spec(ServiceId::of(service)).asks_for_credentials;
  if (!asks || world.faults.services[service].role_broken) return false;
  const CauseScope scope(world, world.note(RoleBroken{service}));
  world.faults.services[service].role_broken = true;
  services::contacts_changed(world);
  return true;
}

bool gives_credentials(const World& world, ServiceId service) {
  return infrastructure::gives_credentials(world) && !world.faults.services[service.value].role_broken;
}

void role_shows(World& world, ServiceId service) {
  if (world.faults.services[service.value].role_broken)
    people::ask_for_repair(world, people::Repair::broken_role, first_member(world, service));
}

void role_restored(World& world, ProcessId process) {
  world.faults.services[world.plan->processes[process].service.value].role_broken = false;
  services::contacts_changed(world);
}

}  // namespace nines::models::faults
