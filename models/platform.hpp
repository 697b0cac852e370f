// The seam between machines and the platform on them: what infrastructure tells Kubernetes, and what Kubernetes, people
// and scenarios ask of infrastructure.
#pragma once

#include "models/process.hpp"
#include "models/units.hpp"

namespace nines::models {

namespace infrastructure {
/// Whether the machine runs: powered, booted, not lost.
bool node_up(const World& world, NodeId node);
/// Whether a network volume's zone has power and the volume is not lost.
bool volume_usable(const World& world, VolumeId volume);
/// A machine of the group can be launched in the zone now (power on; capacity is drawn by the provisioner).
bool zone_can_launch(const World& world, ZoneId zone);
/// A replacement machine takes over the slot: empty local disk, running kubelet. Ends the previous machine for good.
void replace_node(World& world, NodeId node);
/// A new, empty volume takes the place of a lost one.
void replace_volume(World& world, VolumeId volume);
/// Gives an instance back to the provider (drained, or found dead): its Node object will go.
void terminate_node(World& world, NodeId node);
}  // namespace infrastructure

namespace kubernetes {
/// The machine stopped answering: power, crash, loss. Containers on it are gone; the API server has not noticed.
void node_stopped(World& world, NodeId node);
/// The same machine is up again with a running kubelet: lease renewed, containers of its pods start again, pods that
/// were being deleted are let go.
void node_started(World& world, NodeId node);
/// The instance is terminated for good: the cloud controller will delete its Node object.
void node_terminated(World& world, NodeId node);
/// The kubelet's path to the control plane changed (isolation, partition): leases stop or resume while pods run on.
void node_reachability_changed(World& world);
/// Spot notice or retirement: taint, drain, launch the replacement in parallel if the provisioner listens.
void node_notice(World& world, NodeId node, Duration until_stop);
/// A container's process was killed on a running machine: kubelet will restart it in place.
void process_killed(World& world, ProcessId process);
/// SIGTERM to the container, grace period running; afterwards it is started again in place.
void terminate_process(World& world, ProcessId process);
/// kubectl delete pod --force --grace-period=0.
void delete_pod_by_force(World& world, ProcessId process);
/// node.kubernetes.io/out-of-service=nodeshutdown:NoExecute.
void taint_out_of_service(World& world, NodeId node);
/// Evicts the machine's pods within the disruption budget, then replaces the machine.
void drain(World& world, NodeId node);
/// The operator restarts every pod of the service in its order with its checks.
void start_rolling_restart(World& world, std::size_t service);
/// The volume's attachment hangs from its next attach on.
void stick_volume(World& world, VolumeId volume, Duration duration);
/// A fresh volume replaced a lost one: its pod is created anew.
void volume_replaced(World& world, VolumeId volume);
/// The hanging attachment of the volume goes on: a person has freed it.
void free_stuck_attachment(World& world, VolumeId volume);
/// A replacement machine has joined the slot: a provisioner or a person launched it.
void take_over(World& world, NodeId node);
/// Volumes or machines became usable again: pods that wait for them look anew.
void wake_waiting(World& world);
/// The process's last container was on the machine that holds its slot now, not on a predecessor, and not on a
/// successor that shares the slot during a drain.
bool on_current_machine(const World& world, ProcessId process);
/// Every pod runs, every node Ready, nothing terminating, attaching, draining or rolling.
bool healthy(const World& world);
}  // namespace kubernetes

namespace people {
/// What only a person can mend.
enum class Repair : std::uint8_t { stuck_pod, lost_volume, stuck_attachment, dead_node };
/// Someone will notice that `process`'s pod, volume or machine needs repair. One open job per (repair, process).
void ask_for_repair(World& world, Repair repair, ProcessId process);
/// The trouble ended by itself.
void withdraw(World& world, Repair repair, ProcessId process);
bool healthy(const World& world);
}  // namespace people

namespace faults {
bool healthy(const World& world);  ///< no fault that ends by itself is still on
}  // namespace faults

}  // namespace nines::models
