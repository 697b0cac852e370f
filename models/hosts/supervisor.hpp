// A machine's supervisor (systemd): runs processes without a kubelet. It starts a process again when it ends, after a
// fixed wait; it gives one up that starts too often; the machine's boot starts all of them. A process belongs to its
// machine: what runs there runs on the machine that replaces it too, as its image or its configuration management says.
//
// Source: systemd.service(5): Restart=, RestartSec=, TimeoutStopSec=; systemd.unit(5): StartLimitIntervalSec=,
// StartLimitBurst=; systemd's src/basic/ratelimit.c: a window begins with the first start after the last one is over,
// and starts beyond the burst are refused until it ends.
//
// Left out: RestartSteps (systemd 254), watchdogs, dependencies between units, slow boots of a unit.
#pragma once

#include "models/hosts/parameters.hpp"
#include "models/hosts/state.hpp"
#include "models/ids.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::hosts {

/// Counts a start against the limit. Returns whether it may be made.
bool count_start(UnitState& unit, sim::Time now, const Parameters& parameters);

}  // namespace nines::models::hosts
