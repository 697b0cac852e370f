#include "models/faults/data_damage.hpp"

#include <algorithm>
#include <string_view>

#include "models/faults/events.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

namespace {

constexpr std::string_view rule_deleted = "people deleted data: all written since the last usable backup is gone";
constexpr std::string_view rule_corrupted =
    "data were corrupted: all written since the last usable backup from before is gone";
constexpr std::string_view rule_nothing_left = "people deleted or corrupted data, and no usable backup was left";

ServiceId damaged_service(const World& world, ProcessId process) { return world.plan->processes[process].service; }

std::optional<Damage>& damage_of(World& world, ServiceId service) {
  return world.faults.services[service.value].damage;
}

/// Null: nothing is saved.
const BackupSpec* backup_spec_of(const World& world, ServiceId service) {
  const std::vector<BackupSpec>& backups = world.plan->topology.backups;
  const auto found = std::ranges::find(backups, world.plan->services[service].name, &BackupSpec::service);
  return found == backups.end() || found->every <= Duration() ? nullptr : &*found;
}

void turn_away(World& world, ServiceId service, bool away) {
  damage_of(world, service)->away = away;
  for (const ProcessId member : world.plan->services[service].members) {
    const bool broken = world.kubernetes.pods[member].defect == Defect::serves_errors;
    world.processes.edit(member).serves_errors = away || broken;
  }
  services::contacts_changed(world);
}

/// The last one that began before the damage.
sim::Time last_backup_before(const World& world, ServiceId service, const BackupSpec& backup, sim::Time at) {
  const double phase = world.first_uniform(world.plan->services[service].component, Purpose::backup_phase);
  return sim::Grid{sim::Time() + sim::scaled(backup.every, phase), backup.every}.at_or_before(at);
}

void book_loss(World& world, ServiceId service, Duration written, std::string_view rule) {
  measurement::Loss loss;
  loss.service = service;
  loss.whole = true;
  loss.at = world.now;
  loss.seconds = written.to_seconds();
  loss.records_any = loss.seconds * world.plan->services[service].kind->writes_per_s(world.plan->spec(service));
  loss.rule = rule;
  loss.cause = world.trace.current();
  world.measurement.losses.push_back(loss);
}

}  // namespace

bool damage_data(World& world, std::uint16_t index, Variant variant) {
  const ServiceId service = ServiceId::of(index);
  const bool deletes = variant != Variant::corrupted;
  const std::optional<Damage> before = damage_of(world, service);
  // What is served can still be deleted, though it is corrupted.
  const bool served = before && !before->deleted && !before->away;
  if (before && !(served && deletes)) return false;
  const CauseScope scope(world, world.note(DataDamaged{index}));
  Damage& damage = damage_of(world, service).emplace();
  damage.at = world.now;
  damage.deleted = deletes;
  if (before) {
    damage.corrupted_before = before->at;
    people::withdraw(world, people::Repair::corrupted_data, world.plan->services[service].members.front());
  }
  if (damage.deleted) turn_away(world, service, true);
  people::ask_for_repair(world, damage.deleted ? people::Repair::deleted_data : people::Repair::corrupted_data,
                         world.plan->services[service].members.front());
  return true;
}

bool data_away(const World& world, ProcessId process) {
  const ServiceId service = damaged_service(world, process);
  if (!service.exists()) return false;
  const std::optional<Damage>& damage = world.faults.services[service.value].damage;
  return damage && damage->away;
}

Duration begin_restore(World& world, ProcessId process) {
  const ServiceId service = damaged_service(world, process);
  Damage& damage = *damage_of(world, service);
  damage.restoring_since = world.now;
  damage.to.reset();
  const BackupSpec* backup = backup_spec_of(world, service);
  if (backup == nullptr) return {};
  const Parameters& p = world.plan->topology.changes;
  const Ratio fails = backup->tested ? p.restore_failure_tested : p.restore_failure;
  const Duration copying = Duration::from_seconds(backup->size.count / p.restore_rate.bytes_per_s);
  const ComponentId component = world.plan->services[service].component;
  Duration all;
  for (sim::Time at = last_backup_before(world, service, *backup, damage.at); at + backup->retention >= world.now;
       at = at - backup->every) {
    all = all + copying;
    if (world.uniform(component, Purpose::restore_outcome) < fails) continue;
    damage.to = at;
    break;
  }
  if (!damage.away && damage.to) turn_away(world, service, true);
  return all;
}

void data_restored(World& world, ProcessId process) {
  const ServiceId service = damaged_service(world, process);
  const Damage damage = *damage_of(world, service);
  if (NINES_MUTATED(replica_is_backup)) {
    turn_away(world, service, false);
    damage_of(world, service).reset();
    return;
  }
  const Duration written = damage.to ? damage.restoring_since - *damage.to : world.plan->topology.changes.data_history;
  // Nobody has written anything since deleted data are gone.
  const Duration unwritten = damage.to && damage.deleted ? damage.restoring_since - damage.at : Duration();
  book_loss(world, service, written - unwritten,
            !damage.to       ? rule_nothing_left
            : damage.deleted ? rule_deleted
                             : rule_corrupted);
  turn_away(world, service, false);
  damage_of(world, service).reset();
  // A backup from after the corruption holds it.
  if (!damage.corrupted_before || !damage.to || *damage.to < *damage.corrupted_before) return;
  damage_of(world, service).emplace().at = *damage.corrupted_before;
  people::ask_for_repair(world, people::Repair::corrupted_data, world.plan->services[service].members.front());
}

}  // namespace nines::models::faults
