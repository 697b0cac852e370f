// What supervisors do.
#pragma once

#include "models/ids.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::hosts {

using sim::EventInfo;

struct UnitRestarted {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process that ended
  static constexpr EventInfo info{"host.restarted", "act", "supervisor.restart_wait",
                                  "the wait is over: supervisor starts the process again, unless it may not", true};
};
struct UnitKilled {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"host.stop_timeout_ended", "act", "supervisor.stop_timeout",
                                  "SIGKILL: the process did not stop in time", true};
};
struct UnitBooted {
  ProcessId process;
  static constexpr EventInfo info{"host.booted", "act", "", "the machine's boot starts the process", true};
};
struct UnitGivenUp {
  ProcessId process;
  static constexpr EventInfo info{"host.given_up", "decide", "supervisor.start_limit.burst",
                                  "supervisor gives the process up: too many starts in a short time", true};
};
struct UnitStoppedForGood {
  ProcessId process;
  static constexpr EventInfo info{"host.stopped", "decide", "supervisor.restart",
                                  "the process ended, and its supervisor does not start it again", true};
};

ComponentId subject(const Plan& plan, const UnitRestarted& event);
ComponentId subject(const Plan& plan, const UnitKilled& event);
ComponentId subject(const Plan& plan, const UnitBooted& event);
ComponentId subject(const Plan& plan, const UnitGivenUp& event);
ComponentId subject(const Plan& plan, const UnitStoppedForGood& event);

void on(World& world, const UnitRestarted& event);
void on(World& world, const UnitKilled& event);

/// Every process runs. REQUIRES: the plan of `world` is set.
void initialise(World& world);

}  // namespace nines::models::hosts

#define NINES_ROOM hosts
#define NINES_ROOM_EVENTS "models/hosts/events.def"
#include "models/number_events.hpp"
