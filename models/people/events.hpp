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
  static constexpr EventInfo info{"people.noticed", "person", "people.notice", "monitoring has told somebody", true};
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
// clang-format on

ComponentId subject(const Plan& plan, const Noticed& event);
ComponentId subject(const Plan& plan, const Engaged& event);
ComponentId subject(const Plan& plan, const Identified& event);
ComponentId subject(const Plan& plan, const PodRepaired& event);
ComponentId subject(const Plan& plan, const VolumeRepaired& event);
ComponentId subject(const Plan& plan, const MachineRepaired& event);

void on(World& world, const Noticed& event);
void on(World& world, const Engaged& event);
void on(World& world, const Identified& event);
void on(World& world, const PodRepaired& event);
void on(World& world, const VolumeRepaired& event);
void on(World& world, const MachineRepaired& event);

}  // namespace nines::models::people
