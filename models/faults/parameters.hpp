// Changes and human errors: how often, how many of them go wrong, and in which way. Values: profile `changes`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::faults {

// clang-format off
#define NINES_CHANGE_PARAMETERS(X) \
  X(Rate, planned_restart_rate, "planned.restart.rate", "rolling restarts of each service per year where the file names no 'operations': changes, releases, certificates; 0: none") \
  X(Rate, planned_replacement_rate, "planned.replacement.rate", "replacements per year of each machine that something provisions, where the file names no 'operations': new images, versions of Kubernetes; 0: none") \
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
  X(Rate, broken_role_rate, "change.role.rate", "times per year and service with 'credentials' that a change breaks the role which gives them; 0: never") \
  X(Rate, space_quota_rate, "change.space_quota.rate", "times per year that the database of a service with a quota reaches it unnoticed; 0: never") \
  X(Rate, removed_apis_rate, "change.removed_apis.rate", "times per year that the control plane is upgraded to a release without APIs that manifests or operators still use; 0: never") \
  X(Rate, data_deletion_rate, "data.deletion.rate", "times per year that somebody deletes the data of a service with 'backups'; 0: never") \
  X(Rate, data_corruption_rate, "data.corruption.rate", "times per year that a release or a person writes what is wrong into the data of a service with 'backups'; 0: never") \
  X(Law, corruption_notice, "data.corruption.notice", "from the moment that data are corrupted until somebody has noticed") \
  X(Law, restore_work, "data.restore.work", "work of people on a restore beside the copying: decision, a place for the data, checks, clients let back") \
  X(Bandwidth, restore_rate, "data.restore.rate", "at which a backup is copied back") \
  X(Ratio, restore_failure, "data.restore.failure_probability", "probability that a backup which nobody tests cannot be restored") \
  X(Ratio, restore_failure_tested, "data.restore.failure_probability_tested", "probability that a backup cannot be restored, of those that somebody restores regularly") \
  X(Duration, data_history, "data.history", "how far back data reach that no backup brings back: so much of writes is lost with them") \
  X(Rate, certificate_rate, "change.certificate.rate", "times per year that a certificate of one service runs out unnoticed; 0: never") \
  X(Law, certificate_reconnect, "change.certificate.reconnect", "from the end of a certificate until clients have to connect anew: their restarts, idle connections closed")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_CHANGE_PARAMETERS);

}  // namespace nines::models::faults
