// How a supervisor looks after the processes of a machine without Kubernetes. Values: profile `hosts`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::hosts {

// clang-format off
#define NINES_HOSTS_PARAMETERS(X) \
  X(bool, restarts, "supervisor.restart", "the supervisor starts a process again whenever it ends (systemd: Restart=always); else a person does") \
  X(Duration, restart_wait, "supervisor.restart_wait", "from the end of a process until its supervisor starts it again (systemd: RestartSec)") \
  X(Count, start_limit_burst, "supervisor.start_limit.burst", "starts within the interval after which the supervisor gives a process up (systemd: StartLimitBurst); a person starts it then") \
  X(Duration, start_limit_interval, "supervisor.start_limit.interval", "interval over which starts are counted (systemd: StartLimitIntervalSec); 0: no limit") \
  X(Duration, stop_timeout, "supervisor.stop_timeout", "from SIGTERM to SIGKILL of a process that its supervisor stops, also when the machine shuts down (systemd: TimeoutStopSec)")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_HOSTS_PARAMETERS);

}  // namespace nines::models::hosts
