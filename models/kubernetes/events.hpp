// Events of the platform. A pod goes by its process, and carries the incarnation of the object it was meant for.
#pragma once

#include "models/ids.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::kubernetes {

using sim::EventInfo;

// ---- node lifecycle ----
struct NodeUnknown {
  NodeId node;
  static constexpr EventInfo info{"k8s.node_unknown", "detect", "controller_manager.node_monitor_grace_period",
                                  "node controller has seen no lease renewal for the grace period", true};
};
struct NodeReady {
  NodeId node;
  static constexpr EventInfo info{"k8s.node_ready", "recover", "kubelet.node_status_period",
                                  "kubelet reports its node Ready again", true};
};
struct NodeNotReady {
  NodeId node;
  static constexpr EventInfo info{"k8s.node_not_ready", "detect", "kubelet.node_status_period",
                                  "kubelet reports that its node is not Ready: no pod can start there", true};
};
struct NodeTaintPass {
  ZoneId zone;  ///< the first whose node made the pass matter; the pass looks at all
  static constexpr EventInfo info{"k8s.taint_pass", "decide", "controller_manager.node_monitor_period",
                                  "node controller re-examines zones and queues taints"};
};
struct NodeTainted {
  NodeId node;
  static constexpr EventInfo info{"k8s.taint_no_execute", "decide", "controller_manager.node_eviction_rate",
                                  "unreachable:NoExecute set: tolerations start to run", true};
};
struct NodeTaintWasted {
  NodeId node;
  static constexpr EventInfo info{"k8s.taint_wasted", "decide", "controller_manager.stale_node_probability",
                                  "tainting loop finds the node Ready in its cache: the zone's token is wasted"};
};
struct NodeUntainted {
  NodeId node;
  static constexpr EventInfo info{"k8s.taints_lifted", "recover", "controller_manager.node_monitor_period",
                                  "node controller finds the node Ready and lifts its taints", true};
};
struct NodeRepairDue {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"k8s.node_repair", "decide", "node_repair.toleration",
                                  "node repair gives a machine up that was not Ready for too long", true};
};
struct NodeObjectDeleted {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"k8s.node_deleted", "decide", "cloud_controller.node_monitor_period",
                                  "Node object of a terminated instance deleted", true};
};

// ---- pods ----
struct PodEvicted {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.evicted", "decide", "pod.toleration_unreachable",
                                  "pod deleted: its toleration of the taint ran out", true};
};
struct PodStuck {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_stuck", "decide", "",
                                  "pod stays Terminating: its kubelet cannot confirm the deletion", true};
};
struct PodCollected {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.pod_collected", "act", "controller_manager.podgc_quarantine",
                                  "pod garbage collector removes the pod object by force", true};
};
struct PodRemoved {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_removed", "act", "", "pod object is gone"};
};
struct PodCreated {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.pod_created", "act", "operator.react", "pod object created anew", true};
};
struct PodUnschedulable {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_unschedulable", "act", "", "no machine fits the pod: it is Pending", true};
};
// Why: what the machines fail that come furthest through the scheduler's filters (models/scheduling.hpp).
struct PodFindsNoMachine {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pending.no_machine", "act", "",
                                  "no machine of its node group takes pods: gone, not Ready or tainted", true};
};
struct PodFarFromVolume {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pending.volume", "act", "",
                                  "its volume is elsewhere than the machines that take pods", true};
};
struct PodLimitReached {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pending.pod_limit", "act", "",
                                  "machines that would do have as many pods as they may have", true};
};
struct PodVolumesFull {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pending.volumes", "act", "",
                                  "machines that would do have as many network volumes as they can have", true};
};
struct PodFindsNoRoom {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pending.no_room", "act", "",
                                  "machines that would do have no room for its requests", true};
};
struct PodKeptApart {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pending.anti_affinity", "act", "",
                                  "machines that would do have a pod that it keeps apart from", true};
};
struct PodSkewed {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pending.topology_spread", "act", "",
                                  "on machines that would do its pool would be spread too unevenly", true};
};
struct PodPreempted {
  ProcessId process;
  static constexpr EventInfo info{"k8s.preempted", "act", "", "pod deleted: one of higher priority needs its machine",
                                  true};
};
struct PodScheduled {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.pod_scheduled", "act", "scheduler.bind",
                                  "scheduler has looked for a machine for the pod"};
};
struct PodStarted {
  ProcessId process;
  std::uint32_t incarnation;
  bool pull_was_longer = false;  ///< than the start itself: the pull of the image set the delay
  static constexpr EventInfo info{"k8s.pod_started", "act", "kubelet.pod_start", "pod's container started", true};
};
struct ImagePullFailed {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.image_pull_failed", "", "",
                                  "kubelet cannot pull the image of the pod's revision"};
};
struct ContainerRestarted {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.container_restarted", "act", "kubelet.container_restart",
                                  "kubelet starts the container again in place", true};
};
struct BrokenContainerExited {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.broken_container_exited", "detect", "change.broken_start",
                                  "the container exits: it cannot run with its revision", true};
};
struct ReadinessProbed {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.readiness_probe", "act", "pod.readiness_period",
                                  "kubelet probes whether a container that started is ready"};
};
struct PodReady {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_ready", "act", "pod.readiness_period",
                                  "kubelet reports the pod Ready: its readiness probe passed", true};
};
struct StartupProbed {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.startup_probe", "act", "probe.period",
                                  "kubelet probes whether a container that started has begun its work"};
};
struct ReadinessLost {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.pod_unready", "detect", "probe.period",
                                  "kubelet reports the pod not Ready: its readiness probe failed too often", true};
};
struct LivenessFailed {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.liveness_failed", "detect", "probe.period",
                                  "kubelet restarts the container: its liveness probe failed too often", true};
};
struct StartupFailed {
  ProcessId process;
  static constexpr EventInfo info{"k8s.startup_failed", "detect", "probe.period",
                                  "kubelet restarts the container: its startup probe failed too often", true};
};
struct PreStopEnded {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.pre_stop_ended", "act", "", "the container's preStop hook is done: SIGTERM"};
};
struct StopTimeoutEnded {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.stop_timeout_ended", "act", "node.stop_timeout",
                                  "SIGKILL: the container did not stop in time for its machine to go down", true};
};
struct GracePeriodEnded {
  ProcessId process;
  std::uint32_t incarnation;  ///< of the process
  static constexpr EventInfo info{"k8s.grace_period_ended", "act", "pod.termination_grace_period",
                                  "SIGKILL: the container did not stop in time", true};
};

// ---- volumes ----
struct VolumeUnmounted {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.volume_unmounted", "act", "kubelet.volume_unmount",
                                  "kubelet has unmounted the volume"};
};
struct VolumeReleased {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.volume_released", "act", "kubelet.node_status_period",
                                  "kubelet's node status no longer names the volume in use", true};
};
struct VolumeForceDetached {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.volume_force_detached", "act", "controller_manager.max_wait_for_unmount",
                                  "volume of a dead node is detached without its kubelet's word", true};
};
struct VolumeDetached {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.volume_detached", "act", "ebs.detach", "provider has detached the volume", true};
};
struct VolumeAttached {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.volume_attached", "act", "ebs.attach", "provider has attached the volume", true};
};
struct VolumeAttachHangs {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.volume_attach_hangs", "act", "ebs.attach.stuck_probability",
                                  "the attachment does not finish", true};
};
struct VolumeMounted {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.volume_mounted", "act", "kubelet.volume_mount",
                                  "kubelet has mounted the volume"};
};
struct FileSystemGrown {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.file_system_grown", "act", "kubelet.volume_expand",
                                  "kubelet has extended the volume's file system to its new size", true};
};

// ---- a restored store ----
struct PodForgotten {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_forgotten", "", "",
                                  "the restored backup is older than the pod: the API servers do not know it", true};
};
struct PodComesBack {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_comes_back", "", "",
                                  "the restored backup has the pod as it was before it was deleted or bound", true};
};
struct NodeForgotten {
  NodeId node;
  static constexpr EventInfo info{"k8s.node_forgotten", "", "",
                                  "the machine has joined after the backup was made: it has no Node object", true};
};
struct NodeRegistered {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"k8s.node_registered", "person", "control_plane.restore.kubelets",
                                  "its kubelet has been restarted, and registers the machine again", true};
};
struct VolumeForgotten {
  VolumeId volume;
  static constexpr EventInfo info{
      "k8s.volume_forgotten", "", "",
      "the volume was made after the backup: it stays with the provider, unknown and billed", true};
};

// ---- machines ----
struct NodeLaunched {
  NodeId node;
  static constexpr EventInfo info{"k8s.node_launched", "act", "karpenter.batch",
                                  "provisioner asks the provider for a machine", true};
};
struct NodeProvisioned {
  NodeId node;
  static constexpr EventInfo info{"k8s.node_provisioned", "act", "node.provision.karpenter",
                                  "replacement machine has joined the cluster", true};
};
struct ProvisioningFailed {
  NodeId node;
  static constexpr EventInfo info{"k8s.provisioning_failed", "act", "node.provision.retry",
                                  "provider has no machine to give", true};
};
struct NoticeHeard {
  NodeId node;
  std::uint32_t machine;
  sim::Time until;  ///< the provider takes the machine then
  static constexpr EventInfo info{"k8s.notice_heard", "detect", "interruption.queue_delay",
                                  "a provisioner or termination handler hears of the Spot notice", true};
};
struct SpotIsBack {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"k8s.spot_is_back", "decide", "spot.shortage.duration",
                                  "Karpenter replaces a machine on demand by a Spot machine, which is cheaper", true};
};
struct DrainStep {
  NodeId node;
  static constexpr EventInfo info{"k8s.drain", "act", "eviction.retry",
                                  "a drain goes on: pods are evicted as far as the disruption budget lets it"};
};

struct FargateJoined {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"k8s.fargate_joined", "act", "fargate.launch",
                                  "Fargate's machine for the pod has joined the cluster", true};
};
struct FargateRefused {
  ProcessId process;
  static constexpr EventInfo info{"k8s.fargate_refused", "act", "fargate.retry",
                                  "Fargate has no capacity for the pod at this try: it stays Pending", true};
};
struct EvictionRefused {
  ProcessId process;
  static constexpr EventInfo info{"k8s.eviction_refused", "decide", "",
                                  "a disruption budget refuses the pod's eviction, for which a drain waits", true};
};

// ---- Jobs ----
struct JobBegins {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.job_begins", "act", "", "a Job is created", true};
};
struct JobStep {
  WorkloadId workload;
  std::uint32_t place;
  static constexpr EventInfo info{"k8s.job_step", "decide", "job.backoff.first",
                                  "the back-off of a Job after a failure is over"};
};
struct JobDeadline {
  WorkloadId workload;
  std::uint32_t place;
  static constexpr EventInfo info{"k8s.job_deadline", "decide", "",
                                  "a Job has reached its deadline (activeDeadlineSeconds)", true};
};
struct JobSucceeded {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.job_succeeded", "recover", "",
                                  "as many pods of a Job as it wants have succeeded", true};
};
struct JobFailed {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.job_failed", "decide", "",
                                  "a Job gives up: more failures than it bears, or its deadline", true};
};
struct PodSucceeded {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_succeeded", "act", "", "a pod of a Job has done its work, and ends", true};
};

// ---- claims ----
struct ClaimDeleted {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.claim_deleted", "act", "", "the claim is gone, and its volume released", true};
};
struct ClaimProvisioned {
  VolumeId volume;
  static constexpr EventInfo info{"k8s.claim_provisioned", "act", "ebs.create", "the new claim has a new, empty volume",
                                  true};
};

// ---- updates of node groups ----
struct NodeUpdateStep {
  std::uint16_t group;
  NodeId node;  ///< one of the group's, for whoever reads of it
  static constexpr EventInfo info{"k8s.node_update_step", "act", "node_update.wait",
                                  "the update of the node group goes on to the next machine"};
};
struct NodeUpdateFailed {
  ProcessId process;
  static constexpr EventInfo info{
      "k8s.node_update_failed", "decide", "node_update.eviction_timeout",
      "the update of a managed node group fails (PodEvictionFailure): this pod did not leave", true};
};
struct NodeUpdateFinished {
  NodeId node;
  static constexpr EventInfo info{"k8s.node_update_finished", "act", "", "every machine of the node group is new",
                                  true};
};

// ---- operator ----
struct OperatorReconciled {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.operator_reconciled", "act", "operator.reconcile_period",
                                  "operator takes a roll up that it had to give up"};
};
struct RollStep {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.roll_step", "act", "pod.readiness_period",
                                  "operator looks after its rolling restart"};
};
struct PodRolled {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_rolled", "act", "", "operator deletes the pod to restart it", true};
};
struct PodUpdated {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_updated", "act", "", "controller deletes the pod for its rolling update",
                                  true};
};
struct RollbackWaits {
  ProcessId process;
  static constexpr EventInfo info{"k8s.rollback_waits", "decide", "",
                                  "StatefulSet waits for the broken pod: the good revision comes when it is deleted",
                                  true};
};
struct MemoryChecked {
  NodeId node;
  static constexpr EventInfo info{"k8s.memory_pressure", "detect", "kubelet.eviction_period",
                                  "kubelet finds less memory left than its threshold", true};
};
struct PodEvictedByKubelet {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_evicted_by_kubelet", "act", "",
                                  "kubelet ends a pod at once to get memory or disk back", true};
};
struct KilledForMemory {
  ProcessId process;
  static constexpr EventInfo info{"k8s.killed_for_memory", "act", "",
                                  "kernel kills a process that no eviction could end", true};
};
struct PressureOver {
  NodeId node;
  static constexpr EventInfo info{"k8s.memory_pressure_over", "recover", "kubelet.eviction_pressure_transition",
                                  "the node's condition ends: every pod may be scheduled there again", true};
};
struct DiskChecked {
  NodeId node;
  static constexpr EventInfo info{"k8s.disk_pressure", "detect", "kubelet.eviction_period",
                                  "kubelet finds less disk left than its threshold", true};
};
struct ImagesRemoved {
  NodeId node;
  static constexpr EventInfo info{"k8s.images_removed", "act", "",
                                  "kubelet removes the images that no container on the machine uses"};
};
struct DiskPressureOver {
  NodeId node;
  static constexpr EventInfo info{"k8s.disk_pressure_over", "recover", "kubelet.eviction_pressure_transition",
                                  "the node's condition ends: pods may be scheduled there again", true};
};
struct ShutdownHeard {
  NodeId node;
  static constexpr EventInfo info{"k8s.shutdown_heard", "detect", "",
                                  "kubelet holds the shutdown of its machine up, and ends its pods", true};
};
struct ShutdownStep {
  NodeId node;
  std::uint32_t machine;
  static constexpr EventInfo info{"k8s.shutdown_step", "act", "",
                                  "the time of the pods that a kubelet ends before a shutdown is over"};
};
struct PodFailed {
  ProcessId process;
  static constexpr EventInfo info{"k8s.pod_failed", "act", "",
                                  "pod has Failed: its kubelet has ended it before its machine shuts down", true};
};
struct RollStalled {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.roll_stalled", "detect", "deployment.progress_deadline",
                                  "Deployment has not got on for its progress deadline: people are told", true};
};
struct RollFinished {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.roll_finished", "act", "", "rolling restart is done", true};
};

struct MetricsScraped {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.metrics_scraped", "detect", "metrics_server.resolution",
                                  "metrics server reads what the pods of a workload use"};
};
struct ReplicasReviewed {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.replicas_reviewed", "decide", "hpa.sync_period",
                                  "HorizontalPodAutoscaler compares use and target"};
};
struct ReplicasRaised {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.replicas_raised", "decide", "hpa.sync_period",
                                  "HorizontalPodAutoscaler wants more pods", true};
};
struct ReplicasLowered {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.replicas_lowered", "decide", "hpa.downscale_stabilization",
                                  "HorizontalPodAutoscaler wants fewer pods", true};
};
struct MetricsMissing {
  WorkloadId workload;
  static constexpr EventInfo info{"k8s.metrics_missing", "decide", "hpa.sync_period",
                                  "HorizontalPodAutoscaler has no metrics: it does nothing", true};
};
struct GroupsScanned {
  std::uint16_t group;
  static constexpr EventInfo info{"k8s.groups_scanned", "decide", "cluster_autoscaler.scan_interval",
                                  "node groups that grow and shrink are looked at"};
};
struct GroupGrows {
  std::uint16_t group;
  static constexpr EventInfo info{"k8s.group_grows", "decide", "cluster_autoscaler.scan_interval",
                                  "machines are ordered for pods that fit nowhere", true};
};
struct GroupLeftAlone {
  std::uint16_t group;
  static constexpr EventInfo info{"k8s.group_left_alone", "decide", "cluster_autoscaler.max_node_provision_time",
                                  "Cluster Autoscaler gives an order up: the machine has not come", true};
};
struct AutoscalerStops {
  std::uint16_t group;
  static constexpr EventInfo info{"k8s.autoscaler_stops", "decide", "cluster_autoscaler.scan_interval",
                                  "Cluster Autoscaler does nothing: too many nodes are not Ready", true};
};
struct ZonesCompared {
  std::uint16_t group;
  static constexpr EventInfo info{"k8s.zones_compared", "decide", "asg.rebalance.period",
                                  "Auto Scaling group compares its zones"};
};
struct GroupRebalances {
  NodeId node;
  static constexpr EventInfo info{"k8s.group_rebalances", "decide", "asg.rebalance.period",
                                  "Auto Scaling group launches a machine in the zone that has fewest", true};
};
struct MachineInExcess {
  NodeId node;
  static constexpr EventInfo info{"k8s.machine_in_excess", "decide", "asg.rebalance.period",
                                  "Auto Scaling group gives a machine of the zone back that has most", true};
};
struct OrderMoved {
  NodeId node;
  static constexpr EventInfo info{"k8s.order_moved", "decide", "",
                                  "a replacement is launched in another zone, for its own has no machine to give",
                                  true};
};
struct MachineUnneeded {
  NodeId node;
  static constexpr EventInfo info{"k8s.machine_unneeded", "decide", "cluster_autoscaler.scale_down_unneeded_time",
                                  "autoscaler drains a machine that it can do without, and gives it back", true};
};

// clang-format off
#define NINES_KUBERNETES_SUBJECTS(X) \
  X(NodeUnknown) X(NodeReady) X(NodeNotReady) X(NodeTaintPass) X(NodeTainted) X(NodeTaintWasted) X(NodeUntainted) \
  X(NodeRepairDue) X(ReadinessProbed) X(PodReady) X(StopTimeoutEnded) X(VolumeReleased) X(NodeObjectDeleted) \
  X(PodEvicted) X(PodStuck) X(PodCollected) X(PodRemoved) X(PodCreated) X(PodUnschedulable) X(PodScheduled) \
  X(PodFindsNoMachine) X(PodFarFromVolume) X(PodLimitReached) X(PodFindsNoRoom) X(PodKeptApart) X(PodSkewed) \
  X(PodPreempted) \
  X(PodStarted) X(ImagePullFailed) X(ContainerRestarted) X(BrokenContainerExited) X(GracePeriodEnded) X(VolumeUnmounted) \
  X(VolumeForceDetached) X(VolumeDetached) X(VolumeAttached) X(VolumeAttachHangs) X(VolumeMounted) X(FileSystemGrown) \
  X(PodForgotten) X(PodComesBack) X(NodeForgotten) X(NodeRegistered) X(VolumeForgotten) \
  X(NodeLaunched) X(NodeProvisioned) X(ProvisioningFailed) X(NoticeHeard) X(SpotIsBack) X(DrainStep) \
  X(OperatorReconciled) X(RollStep) X(PodRolled) X(RollFinished) X(RollStalled) X(RollbackWaits) \
  X(DiskChecked) X(ImagesRemoved) X(DiskPressureOver) X(ShutdownHeard) X(ShutdownStep) X(PodFailed) X(PodUpdated) \
  X(StartupProbed) X(ReadinessLost) X(LivenessFailed) X(StartupFailed) X(PreStopEnded) \
  X(MemoryChecked) X(PodEvictedByKubelet) X(PressureOver) X(KilledForMemory) \
  X(MetricsScraped) X(ReplicasReviewed) X(ReplicasRaised) X(ReplicasLowered) X(MetricsMissing) \
  X(GroupsScanned) X(GroupGrows) X(GroupLeftAlone) X(AutoscalerStops) X(MachineUnneeded) \
  X(FargateJoined) X(FargateRefused) X(EvictionRefused) X(NodeUpdateStep) X(NodeUpdateFailed) X(NodeUpdateFinished) \
  X(JobBegins) X(JobStep) X(JobDeadline) X(JobSucceeded) X(JobFailed) X(PodSucceeded) X(PodVolumesFull) \
  X(ClaimDeleted) X(ClaimProvisioned) X(ZonesCompared) X(GroupRebalances) X(MachineInExcess) X(OrderMoved)
// clang-format on
#define NINES_KUBERNETES_SUBJECT(E) ComponentId subject(const Plan& plan, const E& event);
NINES_KUBERNETES_SUBJECTS(NINES_KUBERNETES_SUBJECT)
#undef NINES_KUBERNETES_SUBJECT

void on(World& world, const NodeUnknown& event);
void on(World& world, const NodeReady& event);
void on(World& world, const NodeNotReady& event);
void on(World& world, const NodeTaintPass& event);
void on(World& world, const NodeTainted& event);
void on(World& world, const NodeTaintWasted& event);
void on(World& world, const NodeRepairDue& event);
void on(World& world, const NodeObjectDeleted& event);
void on(World& world, const PodEvicted& event);
void on(World& world, const PodCollected& event);
void on(World& world, const PodCreated& event);
void on(World& world, const PodScheduled& event);
void on(World& world, const PodStarted& event);
void on(World& world, const ImagePullFailed& event);
void on(World& world, const ContainerRestarted& event);
void on(World& world, const BrokenContainerExited& event);
void on(World& world, const ReadinessProbed& event);
void on(World& world, const StartupProbed& event);
void on(World& world, const ReadinessLost& event);
void on(World& world, const LivenessFailed& event);
void on(World& world, const MemoryChecked& event);
void on(World& world, const PressureOver& event);
void on(World& world, const DiskChecked& event);
void on(World& world, const DiskPressureOver& event);
void on(World& world, const ShutdownStep& event);
void on(World& world, const PreStopEnded& event);
void on(World& world, const StopTimeoutEnded& event);
void on(World& world, const GracePeriodEnded& event);
void on(World& world, const VolumeUnmounted& event);
void on(World& world, const VolumeReleased& event);
void on(World& world, const VolumeForceDetached& event);
void on(World& world, const VolumeDetached& event);
void on(World& world, const VolumeAttached& event);
void on(World& world, const VolumeMounted& event);
void on(World& world, const FileSystemGrown& event);
void on(World& world, const NodeRegistered& event);
void on(World& world, const NodeLaunched& event);
void on(World& world, const NodeProvisioned& event);
void on(World& world, const NoticeHeard& event);
void on(World& world, const SpotIsBack& event);
void on(World& world, const DrainStep& event);
void on(World& world, const FargateJoined& event);
void on(World& world, const NodeUpdateStep& event);
void on(World& world, const OperatorReconciled& event);
void on(World& world, const RollStep& event);
void on(World& world, const RollStalled& event);
void on(World& world, const MetricsScraped& event);
void on(World& world, const ReplicasReviewed& event);
void on(World& world, const GroupsScanned& event);
void on(World& world, const ZonesCompared& event);
void on(World& world, const JobStep& event);
void on(World& world, const JobDeadline& event);
void on(World& world, const ClaimProvisioned& event);

/// A platform in health at the world's time: every pod bound where the plan put it; nothing is drawn yet.
/// REQUIRES: the plan of `world` is set.
void initialise(World& world);
/// Draws the phases of everything periodic. REQUIRES: initialised, and nothing else happened.
void draw_phases(World& world);

}  // namespace nines::models::kubernetes

#define NINES_ROOM kubernetes
#define NINES_ROOM_EVENTS "models/kubernetes/events.def"
#include "models/number_events.hpp"
