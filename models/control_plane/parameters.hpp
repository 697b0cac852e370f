// Timers of API servers, of the controllers' leases, and of what stands in front of the API servers. Values: profile
// `control-plane`, after the Kubernetes fact sheet, sections 4 and 6.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::control_plane {

// clang-format off
#define NINES_CONTROL_PLANE_PARAMETERS(X) \
  X(Law, apiserver_start, "apiserver.start", "from container start until an API server answers, its store in reach") \
  X(Duration, store_timeout, "apiserver.store_timeout", "an API server that starts and cannot reach its store exits after this") \
  X(Duration, liveness_period, "apiserver.liveness.period", "period of an API server's liveness probe, which includes its store") \
  X(Count, liveness_failures, "apiserver.liveness.failures", "failed liveness probes in a row after which the kubelet restarts an API server") \
  X(Law, controller_start, "leader_election.start", "from container start until a controller manager or scheduler tries to get its lease") \
  X(Duration, lease_duration, "leader-elect-lease-duration", "silence of the holder after which another one takes its lease") \
  X(Duration, renew_deadline, "leader-elect-renew-deadline", "a holder that could not renew for so long exits") \
  X(Duration, retry_period, "leader-elect-retry-period", "between two renewals of the holder, and between two tries of the others") \
  X(Ratio, retry_jitter, "leader_election.jitter", "share by which a try of the others comes later, at most") \
  X(Law, cache_sync, "leader_election.cache_sync", "from the lease until its holder acts: it lists what there is first") \
  X(Duration, health_interval, "load_balancer.health_check.interval", "period of the load balancer's health check of an API server") \
  X(Duration, health_timeout, "load_balancer.health_check.timeout", "silence after which such a check has failed") \
  X(Count, unhealthy_threshold, "load_balancer.health_check.unhealthy_threshold", "failed checks after which no request goes to an API server") \
  X(Count, healthy_threshold, "load_balancer.health_check.healthy_threshold", "passed checks after which requests go to it again") \
  X(Duration, address_lease, "virtual_ip.lease", "silence of the machine that has the virtual address after which another one takes it") \
  X(Duration, address_retry, "virtual_ip.retry", "between two renewals of that machine, and between two tries of the others") \
  X(Law, restore_kubelets, "control_plane.restore.kubelets", "from a restored backup until the kubelets have been restarted of machines that joined after it was made") \
  X(Law, upgrade_step, "kubeadm.upgrade.component", "of an upgrade by kubeadm: from a component that is Ready again to the restart of the next one on the same master") \
  X(Law, upgrade_next, "kubeadm.upgrade.next_master", "of such an upgrade: from one master that is done to the first restart on the next one, and from its beginning to the first")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_CONTROL_PLANE_PARAMETERS);

}  // namespace nines::models::control_plane
