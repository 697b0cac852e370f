// Probes of a kubelet: whether a container has started, whether its pod is ready, and whether it must be restarted.
//
// A service declares what its manifest declares (`ServiceSpec::probes`); what that leaves out are Kubernetes' defaults
// (parameters `probe.*`). A container without readiness probe is Ready as soon as it runs. A service that says nothing
// of probes is probed for readiness after each start, with the platform's `pod.readiness_delay` and
// `pod.readiness_period`, and never again.
//
// Each probe is asked on a grid of its own: first the initial delay and up to a period after the container's start, for
// a probe worker has its own phase; readiness and liveness not before the startup probe has passed. All of them ask the
// server the same question: does the process run, and is its server ready? A process that stands still is met by
// silence, so each failure takes the time-out; a server that does not listen refuses at once. So what hangs at a random
// moment is found after U(0, period) + (failures - 1) period + time-out. After one success all failures are forgotten.
// A failed readiness probe takes the pod out of Ready, until it passes again; a failed liveness or startup probe has
// the container stopped (preStop hook, SIGTERM, grace period) and started again in place. Nothing is asked in health: a
// failure or a success that changes nothing is no event. Source: kubernetes/kubernetes pkg/kubelet/prober/worker.go and
// prober_manager.go, core/v1 defaults.go; kubernetes.io documentation, liveness, readiness and startup probes;
// Kubernetes sheet, section 4.
//
// Left out: successThreshold above 1 (of readiness), probes that ask for something else than the server serves, answers
// that are late but come, servers that stop being ready while their process runs, terminationGracePeriodSeconds of a
// probe.
#pragma once

#include "models/ids.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::kubernetes {

/// A container runs from now on: its probes begin. REQUIRES: its process runs, and its server has not been told yet.
void probes_begin(World& world, ProcessId process);
/// Its process stands still, or goes on.
void answers_changed(World& world, ProcessId process);

}  // namespace nines::models::kubernetes
