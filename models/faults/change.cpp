#include "models/faults/change.hpp"

#include "models/faults/events.hpp"
#include "models/faults/possible.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

ServiceState& state_of(World& world, ProcessId process) {
  return world.faults.services[world.plan->processes[process].service.value];
}

std::uint16_t service_of(const World& world, ProcessId process) { return world.plan->processes[process].service.value; }

Defect defect_of(World& world, std::uint16_t service, Variant variant) {
  if (variant == Variant::image) return Defect::no_image;
  if (variant != Variant::drawn) return variant == Variant::passes ? Defect::serves_errors : Defect::crash_loops;
  if (!turns_clients_away(*world.plan, ServiceId::of(service))) return Defect::crash_loops;
  const double u = world.uniform(world.plan->services[ServiceId::of(service)].component, Purpose::rollout_outcome);
  return u < world.plan->topology.changes.rollout_passes_share ? Defect::serves_errors : Defect::crash_loops;
}

}  // namespace

bool begin_bad_rollout(World& world, std::uint16_t service, Variant variant) {
  ServiceState& state = world.faults.services[service];
  if (state.change != Change::none) return false;
  const CauseScope scope(world, world.note(BadRolloutStarted{service}));
  state.change = Change::bad_rollout;
  kubernetes::roll_out_broken(world, ServiceId::of(service), defect_of(world, service, variant), ProcessId::none());
  return true;
}

bool begin_failed_upgrade(World& world, std::uint16_t service) {
  ServiceState& state = world.faults.services[service];
  if (state.change != Change::none) return false;
  const CauseScope scope(world, world.note(UpgradeFails{service}));
  const ServicePlan& plan = world.plan->services[ServiceId::of(service)];
  std::vector<ProcessId> pods = plan.members;
  std::erase_if(pods, [&](ProcessId process) { return world.kubernetes.pods[process].parked; });
  if (pods.empty()) return false;
  const double u = world.uniform(plan.component, Purpose::upgrade_target);
  const auto position = static_cast<std::size_t>(u * static_cast<double>(pods.size()));
  state.change = Change::failed_upgrade;
  kubernetes::roll_out_broken(world, ServiceId::of(service), Defect::crash_loops, pods[position]);
  return true;
}

bool remove_apis(World& world, std::uint16_t service) {
  if (world.kubernetes.apis_removed) return false;
  const CauseScope scope(world, world.note(ApisRemoved{service}));
  kubernetes::apis_removed(world);
  people::ask_for_repair(world, people::Repair::removed_apis, ProcessId::of(0));
  return true;
}

void apis_migrated(World& world, ProcessId process) { kubernetes::apis_migrated(world, process); }

void defect_shows(World& world, ProcessId process) {
  ServiceState& state = state_of(world, process);
  if (state.change == Change::none || state.change_shown) return;
  state.change_shown = true;
  const bool rollout = state.change == Change::bad_rollout;
  people::ask_for_repair(world, rollout ? people::Repair::bad_rollout : people::Repair::failed_upgrade, process);
}

bool roll_stalls(World& world, ProcessId process) {
  if (state_of(world, process).change == Change::none) return false;
  defect_shows(world, process);
  return true;
}

void change_rolled_back(World& world, ProcessId process) {
  ServiceState& state = state_of(world, process);
  state.change = Change::none;
  state.change_shown = false;
  kubernetes::roll_back(world, ServiceId::of(service_of(world, process)));
}

void upgrade_repaired(World& world, ProcessId process) {
  ServiceState& state = state_of(world, process);
  state.change = Change::none;
  state.change_shown = false;
  kubernetes::accept_revision(world, ServiceId::of(service_of(world, process)));
}

}  // namespace nines::models::faults
