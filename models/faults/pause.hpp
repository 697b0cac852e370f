// Processes that stand still and go on: SIGSTOP by a person, and pauses that come by themselves.
//
// A pause is what garbage collection, a disk that does not answer or a virtual machine that is held or moved does to a
// server: it answers nothing and notices nothing, its connections stay open, and after a while it goes on where it was,
// with all its timers expired. One that is longer than a session time-out makes the others take it for dead.
//
// A process stands still as long as either holds it: SIGCONT does not end a pause, and the end of a pause does not undo
// a SIGSTOP. Whatever ends the process ends both. SIGTERM reaches it when it goes on, SIGKILL at once.
//
// Left out: processes of one machine that pause together, pauses that come in rows, kubelets that stand still with
// their machine, liveness probes that kill a server for it (Strimzi's only looks for the process), pauses while logs
// are closed (the process ends on time).
#pragma once

#include <optional>

#include "models/ids.hpp"
#include "models/units.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::faults {

/// These return false, and change nothing, if there is no such process or it is in no state for it: one that stands
/// still does not pause, only what is stopped is continued.
bool stop_process(World& world, ProcessId process);
bool continue_process(World& world, ProcessId process);
/// Without `duration` the profile's law is drawn.
bool pause_process(World& world, ProcessId process, std::optional<Duration> duration);

}  // namespace nines::models::faults
