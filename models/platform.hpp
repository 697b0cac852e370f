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
/// Gives an instance back to the provider (drained, taken, found dead): its Node object will go. If anything still runs
/// on it, its operating system shuts down first.
void terminate_node(World& world, NodeId node);
/// A container of a machine that shuts down has ended: the machine is off when none is left.
void container_ended(World& world, NodeId node);
/// Machines and links changed: status checks of machines begin to fail, or pass again.
void examine_status_checks(World& world);
}  // namespace infrastructure

namespace kubernetes {
/// The machine stopped answering: power, crash, loss. Containers on it are gone; the API server has not noticed.
void node_stopped(World& world, NodeId node);
/// The machine's operating system shuts down: its kubelet is gone at once, its containers get SIGTERM.
void node_stopping(World& world, NodeId node);
/// A container's process is on the machine that holds the slot now.
bool runs_container(const World& world, NodeId node);
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
/// The process stood still and goes on: a SIGTERM that came meanwhile reaches it; the operator takes its work up again.
void process_continued(World& world, ProcessId process);
/// kubectl delete pod --force --grace-period=0.
void delete_pod_by_force(World& world, ProcessId process);
/// node.kubernetes.io/out-of-service=nodeshutdown:NoExecute.
void taint_out_of_service(World& world, NodeId node);
/// Evicts the machine's pods within the disruption budget and replaces the machine; with `launch_first` nothing is
/// evicted before its replacement is there.
void drain(World& world, NodeId node, bool launch_first);
/// The operator restarts every pod of the service in its order with its checks.
void start_rolling_restart(World& world, std::size_t service);
/// The operator rolls a revision of the service out that is broken for all its pods, or for `only` if that exists.
void roll_out_broken(World& world, std::size_t service, Defect defect, ProcessId only);
/// The revision before is in force again, and the operator rolls the pods that run the broken one.
void roll_back(World& world, std::size_t service);
/// A person has mended what kept pods from running the revision: they start at once.
void accept_revision(World& world, std::size_t service);
/// A person deletes the pod; the operator creates it anew.
void delete_pod(World& world, ProcessId process);
/// Every pod of the service is deleted and none is created until it is scaled up again.
void scale_to_zero(World& world, std::size_t service);
void scale_up(World& world, std::size_t service);
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
/// When kubelets will have forgotten the restarts that would make the next ones wait.
sim::Time forgets_at(const World& world);
}  // namespace kubernetes

namespace people {
/// What only a person can mend; of a service whose member the process is, from `bad_rollout` on.
enum class Repair : std::uint8_t {
  stuck_pod,
  lost_volume,
  stuck_attachment,
  dead_node,
  bad_rollout,
  failed_upgrade,
  expired_certificate,
  wrong_command,
};
/// Someone will notice that `process`'s pod, volume or machine needs repair. One open job per (repair, process).
void ask_for_repair(World& world, Repair repair, ProcessId process);
/// The trouble ended by itself.
void withdraw(World& world, Repair repair, ProcessId process);
bool healthy(const World& world);
}  // namespace people

namespace faults {
/// Another machine has the slot: what cut its predecessor off is none of its business.
void machine_replaced(World& world, NodeId node);
/// No fault that ends by itself is still on, no change or slip still to be mended.
bool healthy(const World& world);
/// The broken revision that `process` runs is seen for the first time: alarms go off.
void defect_shows(World& world, ProcessId process);
/// What a process that starts now can do with its service's certificate.
Handshakes handshakes_of_new_process(const World& world, ProcessId process);
/// People have rolled the change back; repaired the pod that could not run it; renewed the certificate; undone the
/// command. `process` is of the service.
void change_rolled_back(World& world, ProcessId process);
void upgrade_repaired(World& world, ProcessId process);
void certificate_renewed(World& world, ProcessId process);
void command_undone(World& world, ProcessId process);
}  // namespace faults

}  // namespace nines::models
