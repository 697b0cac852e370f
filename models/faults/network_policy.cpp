#include "models/faults/network_policy.hpp"

#include "models/faults/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

void set(World& world, std::uint16_t service, bool in_force) {
  world.faults.services[service].denied = in_force;
  for (const ProcessId member : world.plan->services[ServiceId::of(service)].members)
    world.processes.edit(member).denied = denied(world, member);
  services::contacts_changed(world);
}

}  // namespace

bool denied(const World& world, ProcessId process) {
  const ServiceId service = world.plan->processes[process].service;
  return service.exists() && world.faults.services[service.value].denied && world.plan->rules_of(process).creates;
}

bool apply_policy(World& world, std::uint16_t service) {
  if (world.faults.services[service].denied) return false;
  const CauseScope scope(world, world.note(PolicyApplied{service}));
  set(world, service, true);
  people::ask_for_repair(world, people::Repair::network_policy,
                         world.plan->services[ServiceId::of(service)].members.front());
  return true;
}

void policy_withdrawn(World& world, ProcessId process) {
  set(world, world.plan->processes[process].service.value, false);
}

}  // namespace nines::models::faults
