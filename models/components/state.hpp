// What changes in black boxes. Indices and values only: copying it forks them.
#pragma once

#include <cstdint>
#include <vector>

#include "models/components/plan.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::components {

enum class Phase : std::uint8_t {
  whole,
  held,     ///< failed; its repair waits for the switchover
  waiting,  ///< for the crew
  repairing,
  stage,  ///< a phase after the repair
  dead,   ///< failed, and nobody repairs it
};

struct UnitState {
  Phase phase = Phase::whole;
  std::uint8_t stage = 0;     ///< while in one
  bool active = true;         ///< whole and serving, as opposed to standing by
  std::uint32_t failure = 0;  ///< number of its last failure: repairs are taken up in this order
  sim::TimerId timer;         ///< of repair or stage
  bool masked = false;        ///< kept only of boxes whose units catch up after a mask
  bool interrupted = false;   ///< while waiting: its repair had begun, and goes on
  Duration left;              ///< of the repair, if interrupted
  /// Of a unit whose failure law is not exponential: when the life began that it now lives. Before time zero it is
  /// still the life it had at the start.
  sim::Time born;
  bool born_here = false;
};

struct BoxState {
  std::uint16_t active = 0;   ///< units that serve, if the box does
  std::uint16_t working = 0;  ///< units that a requirement counts: active, not masked, no switchover on
  std::uint16_t failed = 0;   ///< units that are not whole
  bool switching = false;
  UnitId switched;  ///< the failed unit whose repair waits meanwhile
};

struct CrewState {
  std::uint16_t busy = 0;                 ///< members at work
  std::vector<sim::TimerId> inspections;  ///< by position in CrewPlan::boxes
};

struct State {
  Table<BoxId, BoxState> boxes;
  Table<UnitId, UnitState> units;
  Table<CrewId, CrewState> crews;
  std::uint32_t failures_so_far = 0;
  std::uint32_t not_whole = 0;  ///< units failed and switchovers on, over all boxes
};

}  // namespace nines::models::components
