// What is known of the control plane that EKS runs. Values: profile `control-plane`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::eks {

// clang-format off
#define NINES_EKS_PARAMETERS(X) \
  X(Law, zone_failover, "eks.zone_failover", "from the loss of a zone until requests succeed again: its store elects a leader, dead API servers leave the load balancer") \
  X(Duration, renew_deadline, "eks.renew_deadline", "interruption of the API servers from which controllers lose their leases") \
  X(Law, controllers_resume, "eks.controllers_resume", "from the return of the API servers until controllers that had lost their leases act again") \
  X(Law, upgrade_length, "eks.upgrade.length", "from the request for the next version until its API servers stand beside the old ones, and have been checked") \
  X(Ratio, upgrade_failure, "eks.upgrade.failure_share", "share of upgrades whose API servers fail their checks: they are removed, and nothing changes") \
  X(Law, upgrade_interruption, "eks.upgrade.interruption", "interruption of the API when the new servers take the place of the old ones, and the store another leader") \
  X(Law, upgrade_takeover, "eks.upgrade.takeover", "from then until the controllers of the new version have the leases of the old ones, and act")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_EKS_PARAMETERS);

}  // namespace nines::models::eks
