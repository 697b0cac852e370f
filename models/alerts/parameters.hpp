// How monitoring turns what it reads into alarms. Values: profile `alerts`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::alerts {

// clang-format off
#define NINES_ALERT_PARAMETERS(X) \
  X(Duration, scrape_interval, "alerts.scrape_interval", "from one reading of a target's figures to the next (Prometheus: scrape_interval)") \
  X(Duration, evaluation_interval, "alerts.evaluation_interval", "from one evaluation of the rules to the next (Prometheus: evaluation_interval)") \
  X(Duration, group_wait, "alerts.group_wait", "from an alert that fires until its notification is sent (Alertmanager: group_wait)")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_ALERT_PARAMETERS);

}  // namespace nines::models::alerts
