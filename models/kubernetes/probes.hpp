// Probes of a kubelet: whether a container has started, whether its pod is ready, and whether it must be restarted.
//
// A service declares what its manifest declares (`ServiceSpec::probes`); what that leaves out are Kubernetes' defaults
// (parameters `probe.*`). A container without readiness probe is Ready as soon as it runs. A service that says nothing
// of probes is probed for readiness after each start, with the platform's `pod.readiness_delay` and
// `pod.readiness_period`, and never again.
//
// Each probe is asked on a grid of its own: first the initial delay and up to a period after the container's start, for
// a probe worker has its own phase; readiness and liveness not before the startup probe has passed. A probe asks one of
// four things (`ProbeAsks`):
//   - served: does the process run, is its server ready, and does it answer within the probe's time-out? An overloaded
//     server lets a probe wait in its queue like any request;
//   - process: is the process there? A port that accepts connections says no more: a process that stands still passes,
//     for the kernel answers for it;
//   - answers: does the server say anything? A command that ends with 0 on an error reply (redis-cli without -e) passes
//     while the server loads its data, or turns all away;
//   - dependency: does some pod of another service answer, too? So liveness restarts every server when that service is
//     away, and readiness takes all of them out at once.
// A process that stands still is met by
// silence, so each failure takes the time-out; a server that does not listen refuses at once. So what hangs at a random
// moment is found after U(0, period) + (failures - 1) period + time-out. After one success all failures are forgotten.
// A failed readiness probe takes the pod out of Ready, until it passes again; a failed liveness or startup probe has
// the container stopped (preStop hook, SIGTERM, grace period) and started again in place. Nothing is asked in health: a
// failure or a success that changes nothing is no event. Source: kubernetes/kubernetes pkg/kubelet/prober/worker.go and
// prober_manager.go, core/v1 defaults.go; kubernetes.io documentation, liveness, readiness and startup probes;
// Kubernetes sheet, section 4.
//
// Left out: successThreshold above 1 (of readiness), a dependency that answers too late, requests that a full queue
// refuses by chance (a probe is taken all the same), servers whose kind does not tell that they stop being ready while their process runs (RabbitMQ and HTTP tell),
// terminationGracePeriodSeconds of a probe.
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
