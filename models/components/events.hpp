// Events of black boxes.
#pragma once

#include "models/components/plan.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::components {

using sim::EventInfo;

// clang-format off
// ---- causes; each is noted when it happens ----
struct UnitFailed {
  UnitId unit;
  static constexpr EventInfo info{"fault.component_fail", "", "", "component fails", true};
};
struct ShockStruck {
  ShockId shock;
  static constexpr EventInfo info{"fault.shock", "", "", "a common cause strikes", true};
};

// ---- recovery ----
struct SwitchoverDone {
  BoxId box;
  static constexpr EventInfo info{"component.switched_over", "act", "component.standby.switchover", "a standby has taken over", true};
};
struct InspectionDone {
  CrewId crew;
  std::uint16_t position;
  static constexpr EventInfo info{"component.inspected", "detect", "crew.inspection", "the crew has found what failed"};
};
struct RepairInterrupted {
  UnitId unit;
  static constexpr EventInfo info{"component.repair_interrupted", "", "", "the crew leaves the repair for a more urgent one"};
};
struct UnitRepaired {
  UnitId unit;
  static constexpr EventInfo info{"component.repaired", "recover", "component.repair", "repair is done", true};
};
struct StagePassed {
  UnitId unit;
  static constexpr EventInfo info{"component.stage_passed", "catch-up", "component.stages", "a phase after the repair is over"};
};
// clang-format on

ComponentId subject(const Plan& plan, const UnitFailed& event);
ComponentId subject(const Plan& plan, const ShockStruck& event);
ComponentId subject(const Plan& plan, const SwitchoverDone& event);
ComponentId subject(const Plan& plan, const InspectionDone& event);
ComponentId subject(const Plan& plan, const RepairInterrupted& event);
ComponentId subject(const Plan& plan, const UnitRepaired& event);
ComponentId subject(const Plan& plan, const StagePassed& event);

void on(World& world, const SwitchoverDone& event);
void on(World& world, const InspectionDone& event);
void on(World& world, const UnitRepaired& event);
void on(World& world, const StagePassed& event);

}  // namespace nines::models::components

#define NINES_ROOM components
#define NINES_ROOM_EVENTS "models/components/events.def"
#include "models/number_events.hpp"
