// What changes about the processes that a supervisor runs.
#pragma once

#include <cstdint>

#include "models/ids.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::hosts {

/// A process as its machine's supervisor sees it (systemd: a service unit).
struct UnitState {
  enum class Status : std::uint8_t {
    active,    ///< the process runs, or stands still
    stopping,  ///< it got SIGTERM
    waiting,   ///< it ended, and is started again after a while
    given_up,  ///< nothing but a person or the next boot starts it
    off,       ///< its machine does not run
  };
  Status status = Status::active;
  std::uint32_t starts = 0;       ///< counted against the limit since `counting_since`
  sim::Time counting_since;       ///< meaningful if `starts` is above 0
  bool reported = false;          ///< a person was asked to start it
  bool machine_reported = false;  ///< a person was asked for a machine
  sim::TimerId timer;             ///< pending UnitStarted or UnitKilled
};

/// Has no elements of a topology without such processes.
struct State {
  UndoableTable<ProcessId, UnitState> units;  ///< of all processes; those that a kubelet runs have no use for theirs

  void freeze() { units.freeze(); }
};

}  // namespace nines::models::hosts
