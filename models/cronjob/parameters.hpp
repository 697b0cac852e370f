// Timings of the runs of a CronJob. Values: profile `cronjob`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::cronjob {

// clang-format off
#define NINES_CRONJOB_PARAMETERS(X) \
  X(Law, run, "cronjob.run", "work of one pod of a run, from the start of its container to its end with 0") \
  X(Duration, give_up, "cronjob.give_up", "how long a pod tries a service that it needs and that does not answer, before it ends with an error")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_CRONJOB_PARAMETERS);

}  // namespace nines::models::cronjob
