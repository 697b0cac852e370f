// The seam between machines and the platform on them: what infrastructure tells Kubernetes, and what Kubernetes, people
// and scenarios ask of infrastructure.
#pragma once

#include <boost/container/small_vector.hpp>
#include <optional>

#include "models/process.hpp"
#include "models/units.hpp"

namespace nines::models {

namespace infrastructure {
/// Whether the machine runs: powered, booted, not lost.
bool node_up(const World& world, NodeId node);
/// Whether a network volume's zone has power and the volume is not lost.
bool volume_usable(const World& world, VolumeId volume);
/// A machine of the group can be launched in the zone now (power on; capacity is the pools').
bool zone_can_launch(const World& world, ZoneId zone);
/// A replacement machine from `pool` takes over the slot: empty local disk, running kubelet. Ends the previous machine
/// for good.
void replace_node(World& world, NodeId node, CapacityPoolId pool);
/// The provider starts machines, and attaches and detaches volumes.
bool provider_acts(const World& world);
/// It attaches this volume: an encrypted one needs the key service too (AWS documentation, EBS encryption: the key of
/// the volume is decrypted when it is attached).
bool can_attach(const World& world, VolumeId volume);
/// The region's token service answers: pods get and renew temporary credentials.
bool gives_credentials(const World& world);
/// Nothing can be launched in the pool now.
bool is_short(const World& world, CapacityPoolId pool);
/// The first of the slot's pools that has a machine to give; none if all are short.
CapacityPoolId pool_with_capacity(const World& world, NodeId node);
/// Whether the account may run one more machine of the pool.
bool quota_allows(const World& world, CapacityPoolId pool);
/// The slot is Spot, and its machine was launched on demand for want of Spot.
bool on_fallback(const World& world, NodeId node);
/// When no pool is short of capacity any more.
sim::Time forgets_at(const World& world);
/// A new, empty volume takes the place of a lost one.
void replace_volume(World& world, VolumeId volume);
/// Gives an instance back to the provider (drained, taken, found dead): its Node object will go. If anything still runs
/// on it, its operating system shuts down first.
void terminate_node(World& world, NodeId node);
/// A container of a machine that shuts down has ended: the machine is off when none is left.
void container_ended(World& world, NodeId node);
/// The process would use so many processors of its machine from now on, if it could (credits.hpp).
void uses_cpu(World& world, ProcessId process, double processors);
/// Share of what is wanted of its processors that a machine gives: less than 1 of a burstable one without credit.
double credit_share(const World& world, NodeId node);
/// So many machines more are rented for the slot from now on, from that pool (meter.hpp); none: not from a provider.
void rents(World& world, NodeId node, CapacityPoolId pool, int machines);
/// Something beside machines costs so much more by the hour from now on, or so much once.
void bills(World& world, double usd_per_h);
void bills_once(World& world, double usd);
/// A volume stays with the provider that nobody knows any more.
void bills_orphan(World& world, VolumeId volume);
/// The pool that the slot's machine is from; none of a bare host.
CapacityPoolId rented_from(const World& world, NodeId node);
/// When the account may launch one more machine, which it does then: now, while it has tokens left.
sim::Time take_launch_token(World& world);
/// Machines and links changed: status checks of machines begin to fail, or pass again.
void examine_status_checks(World& world);
}  // namespace infrastructure

namespace hosts {
/// Whether a supervisor runs the process, without a kubelet. Then what follows is told to it by the calls of
/// `kubernetes`.
bool supervised(const Plan& plan, ProcessId process);
void process_killed(World& world, ProcessId process);
void process_exited(World& world, ProcessId process, Ending ending);
void terminate_process(World& world, ProcessId process);
void process_continued(World& world, ProcessId process);
/// A person starts a process that its supervisor had given up.
void start_by_person(World& world, ProcessId process);
/// What kept the process from running is mended.
void restart_now(World& world, ProcessId process);
/// A process that a supervisor runs is on the machine.
bool runs_process(const World& world, NodeId node);
/// The machine's operating system shuts down: its processes get SIGTERM.
void machine_stopping(World& world, NodeId node);
/// The machine stopped. Its processes have been ended.
void machine_stopped(World& world, NodeId node);
/// It will not come back by itself.
void machine_lost(World& world, NodeId node);
/// The machine, or another one in its slot, is up: its boot starts the processes that belong there.
void machine_started(World& world, NodeId node);
/// Every process is active.
bool healthy(const World& world);
/// When supervisors will have forgotten the starts that they count.
sim::Time forgets_at(const World& world);
}  // namespace hosts

namespace fabric {
/// Gives every volume and every machine's network what is left of its capacity now (infrastructure/conditions.hpp).
void apply_conditions(World& world);
}  // namespace fabric

namespace kubernetes {
using Pods = boost::container::small_vector<ProcessId, 32>;
/// Processes that are, or were last, on a machine of the slot, pods that are bound to one, and containers there:
/// ascending. Others may be among them: whoever asks looks at each (kubernetes/attention.hpp).
Pods near(const World& world, NodeId node);
struct ControlPlane;
/// What of the control plane works has changed: kubelets and controllers feel it.
void control_plane_changed(World& world, const ControlPlane& now);
/// The provider acts again: launches and attachments that waited for it go on.
void provider_resumes(World& world);
/// An API server takes what people and controllers ask for.
bool api_serves(const World& world);
/// The pod's process takes memory until its machine runs short of it.
void memory_grows(World& world, ProcessId process);
/// The pod's process fills its machine's disk; or something that belongs to no pod does, until a person has seen to it.
void disk_fills(World& world, ProcessId process);
void machine_disk_fills(World& world, ProcessId process);
void disk_cleaned(World& world, ProcessId process);
/// A release of the control plane removed APIs that manifests and operators still use: nothing can be rolled out, and
/// operators stop; until a person has moved them to the new ones.
void apis_removed(World& world);
void apis_migrated(World& world, ProcessId process);
/// The kubelet of the machine reports that no pod can start there, for want of its network plugin or its container
/// runtime; or that they can again. What runs goes on.
void plugin_fails(World& world, NodeId node);
void plugin_works(World& world, NodeId node);
/// The kubelet of the machine stops to report anything, or goes on.
void kubelet_hangs(World& world, NodeId node, bool hangs);
/// The machine stopped answering: power, crash, loss. Containers on it are gone; the API server has not noticed.
void node_stopped(World& world, NodeId node);
/// The machine's operating system shuts down: its kubelet is gone at once, its containers get SIGTERM.
void node_stopping(World& world, NodeId node);
/// A container's process is on the machine that holds the slot now.
bool runs_container(const World& world, NodeId node);
/// The same machine is up again with a running kubelet: lease renewed, containers of its pods start again, pods that
/// were being deleted are let go.
void node_started(World& world, NodeId node);
/// It will not come back by itself, and nobody launches another: people see to what belongs to it.
void machine_lost(World& world, NodeId node);
/// The instance is terminated for good: the cloud controller will delete its Node object.
void node_terminated(World& world, NodeId node);
/// The kubelet's path to the control plane changed (isolation, partition): leases stop or resume while pods run on.
void node_reachability_changed(World& world);
/// Spot notice: whoever listens drains the machine; Karpenter launches the replacement in parallel.
void node_notice(World& world, NodeId node, Duration until_stop);
/// The machine is at elevated risk: its Auto Scaling group launches a replacement, and drains it when that is up.
void rebalance(World& world, NodeId node);
/// A container's process was killed on a running machine: kubelet will restart it in place.
void process_killed(World& world, ProcessId process);
/// SIGTERM to the container, grace period running; afterwards it is started again in place.
void terminate_process(World& world, ProcessId process);
/// The process stands still: its probes will fail.
void process_stands_still(World& world, ProcessId process);
/// The process stood still and goes on: a SIGTERM that came meanwhile reaches it; an operator takes its work up again.
void process_continued(World& world, ProcessId process);
/// kubectl delete pod --force --grace-period=0.
void delete_pod_by_force(World& world, ProcessId process);
/// node.kubernetes.io/out-of-service=nodeshutdown:NoExecute.
void taint_out_of_service(World& world, NodeId node);
/// Evicts the machine's pods within the disruption budget and replaces the machine; with `launch_first` nothing is
/// evicted before its replacement is there.
void drain(World& world, NodeId node, bool launch_first);
/// Replaces every machine of the machine's node group. False if that is going on already.
bool update_nodes(World& world, NodeId node);
/// What a machine of the slot costs an hour, which is Fargate's, in USD.
double fargate_hour(const Plan& plan, NodeId slot);
/// Of a slot that a pod on Fargate has in health, the one where its machine is now; none if it has none. Of others the
/// slot itself.
NodeId machine_now(const World& world, NodeId slot);
/// Every pod of the service is restarted by its workload's controller, in that one's order with its checks.
void start_rolling_restart(World& world, ServiceId service);
/// Its controllers roll a revision of the service out that is broken for all its pods, or for `only` if that exists.
void roll_out_broken(World& world, ServiceId service, Defect defect, ProcessId only);
/// The revision before is in force again, and is rolled out to the pods that run the broken one.
void roll_back(World& world, ServiceId service);
/// The roll of the pod's workload is undone: pods that it started beside the old ones go.
void undo_roll(World& world, ProcessId process);
/// A person has mended what kept pods from running the revision: they start at once.
void accept_revision(World& world, ServiceId service);
/// A person deletes the pod; its controller creates it anew.
void delete_pod(World& world, ProcessId process);
/// Every pod of the service is deleted and none is created until it is scaled up again.
void scale_to_zero(World& world, ServiceId service);
void scale_up(World& world, ServiceId service);
/// What clients of the service send, or which of its pods answer, has changed: its autoscaler takes note.
void demand_changed(World& world, ServiceId service);
/// The service's autoscaler gets no metrics, of all pods or of the share `extent` of them, or an external metric of 0.
void metrics_fail(World& world, ServiceId service, bool zero, std::optional<double> extent);
void metrics_work(World& world, ServiceId service);
/// The volume's attachment hangs from its next attach on.
void stick_volume(World& world, VolumeId volume, Duration duration);
/// A fresh volume replaced a lost one: its pod is created anew.
void volume_replaced(World& world, VolumeId volume);
/// The hanging attachment of the volume goes on: a person has freed it.
void free_stuck_attachment(World& world, VolumeId volume);
/// The slot's group may launch a machine in the place of this one in another zone.
bool replaced_elsewhere(const World& world, NodeId node);
/// A replacement machine has joined the slot: a provisioner or a person launched it.
void take_over(World& world, NodeId node);
/// The store of the API servers has been restored from a backup of that age; whoever did it restarts kubelets after a
/// while.
void objects_restored(World& world, Duration age, Duration until_restarted);
/// The provider has made a volume larger: its file system is extended where it is mounted.
void volume_grew(World& world, VolumeId volume);
/// Volumes or machines became usable again: pods that wait for them look anew.
void wake_waiting(World& world);
/// The process's last container was on the machine that holds its slot now, not on a predecessor, and not on a
/// successor that shares the slot during a drain.
bool on_current_machine(const World& world, ProcessId process);
/// Whether the API server sees the pod as Ready. None if its kubelet has fallen silent and the node controller has not
/// noticed: what was seen last still counts.
std::optional<bool> seen_ready(const World& world, ProcessId process);
/// A Job of the workload begins in one of its places (models/kubernetes/job.hpp). REQUIRES: none is there.
void begin_job(World& world, WorkloadId workload, std::uint32_t place);
/// It is deleted, and its pods with it.
void delete_job(World& world, WorkloadId workload, std::uint32_t place);
/// The pods of a Job that began in health run already, and have to succeed. REQUIRES: all is in health.
void job_runs_already(World& world, WorkloadId workload, std::uint32_t place);
bool job_active(const World& world, WorkloadId workload, std::uint32_t place);
/// Its pods are being given up, and its end has not been told.
bool job_ending(const World& world, WorkloadId workload, std::uint32_t place);
/// The container's program has done what the Job is for, and exits with 0.
void process_succeeded(World& world, ProcessId process);
/// What the process's server answers probes has changed, or how long it takes.
void answers_otherwise(World& world, ProcessId process);
/// A service of which probes ask on behalf of others may answer otherwise.
void dependencies_changed(World& world);
/// The claim of the process's volume is deleted, and its pod.
void delete_claim(World& world, ProcessId process);
/// A person has bound the process's retained volume to its new claim.
void bind_retained(World& world, ProcessId process);
/// Every pod runs, every node Ready, nothing terminating, attaching, draining or rolling.
bool healthy(const World& world);
/// When kubelets will have forgotten the restarts that would make the next ones wait.
sim::Time forgets_at(const World& world);
}  // namespace kubernetes

namespace alerts {
/// Something has happened: what it means for every rule.
void look(World& world);
/// Whether somebody has been told by an alert that still fires: who looks for a cause sees everything else.
bool somebody_looks(const World& world);
/// No reading, evaluation or notification is due that anything hangs on.
bool healthy(const World& world);
}  // namespace alerts

namespace people {
/// An alert has told somebody: of every repair that nobody had noticed yet. Returns how many those were.
std::uint32_t told(World& world);
/// What only a person can mend; of a service whose member the process is, from `bad_rollout` on. `by_hand`: its kind
/// says what is to be done (services::hand_work), and does it.
enum class Repair : std::uint8_t {
  stuck_pod,
  lost_volume,
  stuck_attachment,
  dead_node,
  stopped_unit,
  bad_rollout,
  failed_upgrade,
  expired_certificate,
  wrong_command,
  space_quota,
  network_policy,
  stuck_roll,
  full_disk,
  removed_apis,
  overload,
  retained_volume,
  deleted_data,
  corrupted_data,
  broken_role,
  by_hand,
};
/// Someone will notice that `process`'s pod, volume or machine needs repair. One open job per (repair, process).
void ask_for_repair(World& world, Repair repair, ProcessId process);
/// The trouble ended by itself.
void withdraw(World& world, Repair repair, ProcessId process);
bool healthy(const World& world);
}  // namespace people

namespace faults {
/// Another machine has the slot: what cut its predecessor off, or slowed it down, is none of its business.
void machine_replaced(World& world, NodeId node);
/// A new volume has taken the place of a lost one.
void volume_replaced(World& world, VolumeId volume);
/// People have moved manifests and operators away from the APIs that a release removed.
void apis_migrated(World& world, ProcessId process);
/// What clients of the service send, as a multiple of what the topology says.
double load_factor(const World& world, ServiceId service);
/// An outage of the provider's control plane is on.
bool control_plane_out(const World& world, ServiceId service);
/// A service that the provider runs answers nobody.
bool service_out(const World& world, ServiceId service);
/// No fault that ends by itself is still on, no change or human error still to be mended.
bool healthy(const World& world);
/// The broken revision that `process` runs is seen for the first time: alarms go off.
void defect_shows(World& world, ProcessId process);
/// A roll of the process's workload has exceeded its progress deadline: of a change that has not shown otherwise people
/// hear now. False if no change is under way.
bool roll_stalls(World& world, ProcessId process);
/// What a process that starts now can do with its service's certificate.
Handshakes handshakes_of_new_process(const World& world, ProcessId process);
/// People have rolled the change back; repaired the pod that could not run it; renewed the certificate; undone the
/// command. `process` is of the service.
void change_rolled_back(World& world, ProcessId process);
void upgrade_repaired(World& world, ProcessId process);
void certificate_renewed(World& world, ProcessId process);
void command_undone(World& world, ProcessId process);
/// The same of the database's quota, and of the policy.
void space_made(World& world, ProcessId process);
void policy_withdrawn(World& world, ProcessId process);
/// The database of the service is at its quota: it takes no writes.
bool out_of_space(const World& world, ServiceId service);
/// Pods of the service get and renew temporary credentials: the token service answers, and their role is in order.
bool gives_credentials(const World& world, ServiceId service);
/// A pod of the service lacks credentials: if its role is broken people hear of it.
void role_shows(World& world, ServiceId service);
void role_restored(World& world, ProcessId process);
/// A NetworkPolicy cuts the pods of the process's service off.
bool denied(const World& world, ProcessId process);
/// The data of the process's service are gone, or being restored: it turns clients away.
bool data_away(const World& world, ProcessId process);
/// People begin to restore them: how long copying takes, attempts that fail included. Then they are done.
Duration begin_restore(World& world, ProcessId process);
void data_restored(World& world, ProcessId process);
}  // namespace faults

}  // namespace nines::models
