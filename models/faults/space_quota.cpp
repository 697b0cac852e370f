#include "models/faults/space_quota.hpp"

#include "models/faults/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

bool reach_space_quota(World& world, std::uint16_t service) {
  ServiceState& state = world.faults.services[service];
  if (state.out_of_space) return false;
  const CauseScope scope(world, world.note(SpaceQuotaReached{service}));
  state.out_of_space = true;
  people::ask_for_repair(world, people::Repair::space_quota,
                         world.plan->services[ServiceId::of(service)].members.front());
  services::contacts_changed(world);
  return true;
}

bool out_of_space(const World& world, ServiceId service) { return world.faults.services[service.value].out_of_space; }

void space_made(World& world, ProcessId process) {
  world.faults.services[world.plan->processes[process].service.value].out_of_space = false;
  services::contacts_changed(world);
}

}  // namespace nines::models::faults
