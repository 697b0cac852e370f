// Changes and human errors: how often, how many of them go wrong, and in which way. Values: profile `changes`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::faults {

// clang-format off
#define NINES_CHANGE_PARAMETERS(X) \
  X(Rate, rollout_rate, "change.rollout.rate", "changes of one service's configuration or image per year that the operator rolls out; 0: none goes wrong") \
  X(Ratio, rollout_failure_share, "change.rollout.failure_share", "share of these changes that break the service's pods") \
  X(Ratio, rollout_passes_share, "change.rollout.passes_share", "share of broken rollouts that readiness probes pass: the roll goes on and clients are refused") \
  X(Rate, upgrade_rate, "change.upgrade.rate", "version upgrades of one service per year; 0: none goes wrong") \
  X(Ratio, upgrade_failure_share, "change.upgrade.failure_share", "share of upgrades with which a pod does not come up") \
  X(Law, broken_start, "change.broken_start", "from the start of a container with a broken revision until it exits") \
  X(Rate, command_rate, "change.command.rate", "commands of people per year and service that delete or stop the wrong thing; 0: none") \
  X(Ratio, command_pod_share, "change.command.pod_share", "share of wrong commands that delete one pod") \
  X(Ratio, command_service_share, "change.command.service_share", "share of the other wrong commands that scale the service to zero; the rest terminates a machine") \
  X(Rate, network_policy_rate, "change.network_policy.rate", "times per year and service that a person applies a NetworkPolicy which cuts its pods off; 0: never") \
  X(Rate, space_quota_rate, "change.space_quota.rate", "times per year that the database of a service with a quota reaches it unnoticed; 0: never") \
  X(Rate, removed_apis_rate, "change.removed_apis.rate", "times per year that the control plane is upgraded to a release without APIs that manifests or operators still use; 0: never") \
  X(Rate, certificate_rate, "change.certificate.rate", "times per year that a certificate of one service runs out unnoticed; 0: never") \
  X(Law, certificate_reconnect, "change.certificate.reconnect", "from the end of a certificate until clients have to connect anew: their restarts, idle connections closed")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_CHANGE_PARAMETERS);

}  // namespace nines::models::faults
