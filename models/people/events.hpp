// Steps of a repair by a person.
#pragma once

#include "models/ids.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::people {

using sim::EventInfo;

// clang-format off
struct Noticed {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.noticed", "person", "people.notice", "somebody has noticed that it needs a person", true};
};
struct Engaged {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.engaged", "person", "people.engage", "somebody is at work on it", true};
};
struct Identified {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.identified", "person", "people.identify", "the cause is known", true};
};
struct PodRepaired {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.pod_repaired", "person", "people.repair.pod", "a person deletes the stuck pod by force", true};
};
struct UnitStarted {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.unit_started", "person", "people.repair.pod", "a person starts the process that its supervisor had given up", true};
};
struct VolumeRepaired {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.volume_repaired", "person", "people.repair.volume", "a person has replaced or freed the volume", true};
};
struct MachineRepaired {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.machine_repaired", "person", "people.repair.node", "a machine that a person launched has joined", true};
};
struct CommandNoticed {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.command_noticed", "person", "people.notice.command", "whoever gave the command sees what it did", true};
};
struct ChangeIdentified {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.change_identified", "person", "people.identify.change", "the change or the certificate is known as the cause", true};
};
struct RolledBack {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.rolled_back", "person", "people.repair.rollback", "a person has put the revision before back in force", true};
};
struct UpgradeRepaired {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.upgrade_repaired", "person", "people.repair.upgrade", "a person has mended the pod that could not run the new version", true};
};
struct CertificateRenewed {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.certificate_renewed", "person", "people.repair.certificate", "a person has renewed the certificate", true};
};
struct CommandUndone {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.command_undone", "person", "people.repair.command", "a person scales the service up again", true};
};
struct SpaceMade {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.space_made", "person", "people.repair.space", "a person has made room, and lifted the alarm if there is one", true};
};
struct PolicyWithdrawn {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.policy_withdrawn", "person", "people.repair.command", "a person has taken the network policy back", true};
};
struct RoleRestored {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.role_restored", "person", "people.repair.rollback", "a person has rolled the change of the role back", true};
};
struct DiskCleaned {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.disk_cleaned", "person", "people.repair.disk", "a person has made room on the machine's disk", true};
};
struct ApisMigrated {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.apis_migrated", "person", "people.repair.upgrade", "a person has moved manifests and operators to APIs that there still are", true};
};
struct TrafficLimited {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.traffic_limited", "person", "people.repair.load", "a person has limited traffic to what servers answer, and dropped what waited", true};
};
struct VolumeBound {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.volume_bound", "person", "people.repair.volume", "a person has bound a retained volume to the new claim", true};
};
struct RollUndone {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.roll_undone", "person", "people.repair.rollback", "a person undoes a roll that does not get on", true};
};
struct DataRestored {
  std::uint32_t job;
  ProcessId process;
  bool copying;  ///< took longer than the work of people
  static constexpr EventInfo info{"people.data_restored", "person", "data.restore.work", "people have restored a backup, or given up", true};
};
struct DoneByHand {
  std::uint32_t job;
  ProcessId process;
  static constexpr EventInfo info{"people.done_by_hand", "person", "", "a person has done by hand what a service needs", true};
};
// clang-format on

ComponentId subject(const Plan& plan, const Noticed& event);
ComponentId subject(const Plan& plan, const Engaged& event);
ComponentId subject(const Plan& plan, const Identified& event);
ComponentId subject(const Plan& plan, const PodRepaired& event);
ComponentId subject(const Plan& plan, const UnitStarted& event);
ComponentId subject(const Plan& plan, const VolumeRepaired& event);
ComponentId subject(const Plan& plan, const MachineRepaired& event);
ComponentId subject(const Plan& plan, const CommandNoticed& event);
ComponentId subject(const Plan& plan, const ChangeIdentified& event);
ComponentId subject(const Plan& plan, const RolledBack& event);
ComponentId subject(const Plan& plan, const UpgradeRepaired& event);
ComponentId subject(const Plan& plan, const CertificateRenewed& event);
ComponentId subject(const Plan& plan, const CommandUndone& event);
ComponentId subject(const Plan& plan, const SpaceMade& event);
ComponentId subject(const Plan& plan, const PolicyWithdrawn& event);
ComponentId subject(const Plan& plan, const RoleRestored& event);
ComponentId subject(const Plan& plan, const DiskCleaned& event);
ComponentId subject(const Plan& plan, const ApisMigrated& event);
ComponentId subject(const Plan& plan, const TrafficLimited& event);
ComponentId subject(const Plan& plan, const VolumeBound& event);
ComponentId subject(const Plan& plan, const RollUndone& event);
ComponentId subject(const Plan& plan, const DataRestored& event);
ComponentId subject(const Plan& plan, const DoneByHand& event);

void on(World& world, const Noticed& event);
void on(World& world, const Engaged& event);
void on(World& world, const Identified& event);
void on(World& world, const PodRepaired& event);
void on(World& world, const UnitStarted& event);
void on(World& world, const VolumeRepaired& event);
void on(World& world, const MachineRepaired& event);
void on(World& world, const CommandNoticed& event);
void on(World& world, const ChangeIdentified& event);
void on(World& world, const RolledBack& event);
void on(World& world, const UpgradeRepaired& event);
void on(World& world, const CertificateRenewed& event);
void on(World& world, const CommandUndone& event);
void on(World& world, const SpaceMade& event);
void on(World& world, const PolicyWithdrawn& event);
void on(World& world, const RoleRestored& event);
void on(World& world, const DiskCleaned& event);
void on(World& world, const ApisMigrated& event);
void on(World& world, const TrafficLimited& event);
void on(World& world, const VolumeBound& event);
void on(World& world, const RollUndone& event);
void on(World& world, const DataRestored& event);
void on(World& world, const DoneByHand& event);

}  // namespace nines::models::people

#define NINES_ROOM people
#define NINES_ROOM_EVENTS "models/people/events.def"
#include "models/number_events.hpp"
