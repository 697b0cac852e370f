#include "models/infrastructure/volume.hpp"

#include <algorithm>

#include "models/infrastructure/events.hpp"
#include "models/platform.hpp"
#include "models/world.hpp"

namespace nines::models::infrastructure {

namespace {

Modification* find(World& world, VolumeId volume) {
  auto& all = world.infrastructure.modifications;
  const auto at = std::ranges::find(all, volume, &Modification::volume);
  return at == all.end() ? nullptr : &*at;
}

/// In the order of volumes, whatever the order of changes.
Modification& of(World& world, VolumeId volume) {
  if (Modification* known = find(world, volume)) return *known;
  auto& all = world.infrastructure.modifications;
  const auto at = std::ranges::lower_bound(all, volume, {}, &Modification::volume);
  Modification fresh;
  fresh.volume = volume;
  return *all.insert(at, fresh);
}

bool refused(World& world, Modification& its) {
  const Parameters& p = world.plan->infra();
  std::erase_if(its.begun, [&](sim::Time at) { return at + p.modify_window <= world.now; });
  const auto most = static_cast<std::size_t>(p.modify_most);
  return its.progress != Progress::completed || its.begun.size() >= most || !provider_acts(world);
}

Duration optimizing_time(World& world, VolumeId volume, double size) {
  const Parameters& p = world.plan->infra();
  constexpr double tib = 0x1p40;
  const VolumePlan& plan = world.plan->volumes[volume];
  const Duration of_one = world.draw(plan.component, Purpose::volume_modify, p.modify_optimize);
  return std::max(p.modify_least, sim::scaled(of_one, plan.size.count * size / tib));
}

void set_speed(World& world, Modification& its, double speed) {
  if (its.speed == speed) return;
  its.speed = speed;
  fabric::apply_conditions(world);
  services::conditions_changed(world);
}

}  // namespace

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

void modify_volume(World& world, VolumeId volume, Variant variant, double factor) {
  const Parameters& p = world.plan->infra();
  Modification& its = of(world, volume);
  if (refused(world, its)) {
    world.note(VolumeChangeRefused{volume});
    return;
  }
  const ComponentId component = world.plan->volumes[volume].component;
  const bool drawn =
      variant == Variant::drawn && world.uniform(component, Purpose::volume_modify_outcome) < p.modify_failure;
  its.progress = Progress::modifying;
  its.change = variant == Variant::size ? Change::size : Change::speed;
  its.fails = drawn || variant == Variant::fails;
  its.factor = factor;
  its.begun.push_back(world.now);
  const Duration begin = world.draw(component, Purpose::volume_modify, p.modify_begin);
  its.timer = world.schedule(world.now + begin, VolumeOptimizes{volume});
}

bool volumes_settled(const World& world) {
  return std::ranges::all_of(world.infrastructure.modifications,
                             [](const Modification& its) { return its.progress == Progress::completed; });
}

double volume_speed(const World& world, VolumeId volume) {
  const auto& all = world.infrastructure.modifications;
  const auto at = std::ranges::find(all, volume, &Modification::volume);
  return at == all.end() ? 1 : at->speed;
}

ComponentId subject(const Plan& plan, const VolumeOptimizes& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan& plan, const VolumeModified& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan& plan, const VolumeChangeRefused& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan& plan, const VolumeChangeFailed& event) { return plan.volumes[event.volume].component; }

void on(World& world, const VolumeOptimizes& event) {
  Modification& its = of(world, event.volume);
  if (its.fails) {
    its.progress = Progress::completed;
    world.note(VolumeChangeFailed{event.volume});
    return;
  }
  its.progress = Progress::optimizing;
  its.timer = world.schedule(world.now + optimizing_time(world, event.volume, its.size), VolumeModified{event.volume});
  if (its.change == Change::size) {
    its.size *= its.factor;
    return kubernetes::volume_grew(world, event.volume);
  }
  if (its.factor < 1) set_speed(world, its, its.speed * its.factor);
}

void on(World& world, const VolumeModified& event) {
  Modification& its = of(world, event.volume);
  its.progress = Progress::completed;
  if (its.change == Change::speed && its.factor > 1) set_speed(world, its, its.speed * its.factor);
}

void replace_volume(World& world, VolumeId volume) {
  // The new one is as the plan has it, and nobody has changed it yet.
  if (Modification* its = find(world, volume)) {
    world.queue.cancel(its->timer);
    set_speed(world, *its, 1);
    *its = {};
    its->volume = volume;
  }
  world.infrastructure.volumes.edit(volume).lost = false;
  faults::volume_replaced(world, volume);
  world.processes.edit(world.plan->volumes[volume].owner).disk_lost = true;
}

}  // namespace nines::models::infrastructure
