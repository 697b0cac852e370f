// The kubelet: containers on its machine, and what it does without and with the API server.
//
// It restarts exited containers in place, with back-off, also when the API server is out of reach; it starts newly
// bound pods, stops deleted ones and reports unmounted volumes only when it reaches it. It reports a pod Ready when a
// probe has passed (probes.hpp).
//
// When the operating system shuts down, systemd stops the kubelet and the scopes of all containers together: SIGTERM,
// and SIGKILL after its own stop time-out, whatever the pods' grace periods; the network stays until the scopes are
// gone (kubernetes issue 77873; systemd.scope). Source: kubernetes/kubernetes
// pkg/kubelet/kuberuntime (doBackOff), client-go/util/flowcontrol/backoff.go, kubernetes.io documentation,
// pod-lifecycle and node-shutdown; Kubernetes sheet, sections 1.3 and 4.
//
// Probes are in probes.hpp, a kubelet that ends its pods before its machine shuts down in node_shutdown.hpp. Left out:
// what a kubelet that hangs does not do on its machine (it restarts and probes there all the same), and the seconds a
// kubelet needs to notice that the API server is back.
#pragma once

#include "models/ids.hpp"
#include "models/kubernetes/parameters.hpp"
#include "models/kubernetes/state.hpp"
#include "models/process.hpp"

namespace nines::models::kubernetes {

/// Restart back-off of one container (client-go Backoff.Next and IsInBackOffSince). An exit `ran_for` after the last
/// restart waits `backoff`, which then doubles up to the longest wait; one that ran longer than the reset time starts
/// afresh. A zero `backoff` means no restart yet: the first one is immediate.
Duration restart_wait(Duration& backoff, Duration ran_for, const Parameters& parameters);

/// Whether an API server answers the machine.
bool reaches_control_plane(const World& world, NodeId node);

/// Whether its kubelet may connect anew: an API server answers, and its certificate has not expired. Those that are
/// connected stay so.
bool may_join(const World& world, NodeId node);

/// Whoever connects to the API servers now trusts their certificate.
bool takes_connections(const World& world);

/// Whether packets pass between a machine that is new in the zone and the API servers, both ways, and it trusts their
/// certificate: what cuts other machines off does not concern it, and for API servers that are away its kubelet waits.
bool zone_may_join(const World& world, ZoneId zone);

/// It runs, or has been told to stop and still does.
inline bool alive(Container container) { return container == Container::running || container == Container::stopping; }
/// The container exists, started or not, on the machine that holds the slot now.
bool container_on(const World& world, ProcessId process, NodeId node);
/// Takes the next step towards the running container of a bound pod: volume, image, network, start. Does nothing if a
/// step is under way or the pod cannot go on; whoever removes the obstacle calls again.
void continue_start(World& world, ProcessId process);
/// The wait before the container's next start is over, and the back-off forgotten. Does nothing if it does not wait.
void restart_now(World& world, ProcessId process);
/// Takes the next step of every bound pod that waits.
void wake_waiting(World& world);
/// The kubelet has heard that the pod is deleted: SIGTERM, grace period, unmount, then the object may go.
void stop_pod(World& world, ProcessId process);
/// The kubelet has heard that the pod object is gone: SIGKILL, unmount.
void kill_pod(World& world, ProcessId process);
/// The container is gone without further ado, and with it its timers; steps of another pod object of that name go on.
void drop_container(World& world, ProcessId process);
/// The same of one that still runs, with its process; a machine that shuts down waits for it no longer.
void end_leftover(World& world, ProcessId process);
/// Ends a process on a running machine: `ProcessState`, its service, and everyone in contact with it.
void end_process(World& world, ProcessId process, Ending ending);
/// The image of the process, as a bit of `NodeState::images`.
std::uint32_t image_bit(const World& world, ProcessId process);
/// The kubelet ends the pod's container before its machine shuts down, with so much time between SIGTERM and SIGKILL.
/// REQUIRES: the container is on the machine that holds its slot.
void end_for_shutdown(World& world, ProcessId process, Duration grace);
/// The kubelet is gone, and what it knew.
void stop_kubelet(World& world, NodeId node);
/// What runs on the machine gets SIGTERM, and SIGKILL at the machine's stop time-out; what does not run yet never will.
void stop_containers_of(World& world, NodeId node);
/// Ends what still runs on a machine that is given up.
void kill_containers_of(World& world, NodeId node);
/// Container and machine agree with the API server again: starts what is bound, stops what is deleted, reports volumes.
void sync_kubelet(World& world, NodeId node);

}  // namespace nines::models::kubernetes
