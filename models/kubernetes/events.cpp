// Which component each event of the platform is about.
#include "models/kubernetes/events.hpp"

#include "models/plan.hpp"

namespace nines::models::kubernetes {

namespace {

ComponentId of(const Plan& plan, NodeId node) { return plan.nodes[node].component; }
ComponentId of(const Plan& plan, ZoneId zone) { return plan.zones[zone].component; }
ComponentId of(const Plan& plan, VolumeId volume) { return plan.volumes[volume].component; }
ComponentId of(const Plan& plan, ProcessId process) { return plan.processes[process].component; }
ComponentId of(const Plan& plan, WorkloadId workload) { return plan.workloads[workload].component; }

}  // namespace

#define NINES_SUBJECT(E, member) \
  ComponentId subject(const Plan& plan, const E& event) { return of(plan, event.member); }
NINES_SUBJECT(NodeUnknown, node)
NINES_SUBJECT(NodeReady, node)
NINES_SUBJECT(NodeNotReady, node)
NINES_SUBJECT(NodeTaintPass, zone)
NINES_SUBJECT(NodeTainted, node)
NINES_SUBJECT(NodeTaintWasted, node)
NINES_SUBJECT(NodeUntainted, node)
NINES_SUBJECT(NodeRepairDue, node)
NINES_SUBJECT(NodeObjectDeleted, node)
NINES_SUBJECT(PodEvicted, process)
NINES_SUBJECT(PodStuck, process)
NINES_SUBJECT(PodCollected, process)
NINES_SUBJECT(PodRemoved, process)
NINES_SUBJECT(PodCreated, process)
NINES_SUBJECT(PodUnschedulable, process)
NINES_SUBJECT(PodFindsNoMachine, process)
NINES_SUBJECT(PodFarFromVolume, process)
NINES_SUBJECT(PodLimitReached, process)
NINES_SUBJECT(PodFindsNoRoom, process)
NINES_SUBJECT(PodKeptApart, process)
NINES_SUBJECT(PodSkewed, process)
NINES_SUBJECT(PodPreempted, process)
NINES_SUBJECT(PodScheduled, process)
NINES_SUBJECT(PodStarted, process)
NINES_SUBJECT(ImagePullFailed, process)
NINES_SUBJECT(ContainerRestarted, process)
NINES_SUBJECT(BrokenContainerExited, process)
NINES_SUBJECT(ReadinessProbed, process)
NINES_SUBJECT(PodReady, process)
NINES_SUBJECT(StopTimeoutEnded, process)
NINES_SUBJECT(GracePeriodEnded, process)
NINES_SUBJECT(VolumeUnmounted, volume)
NINES_SUBJECT(VolumeReleased, volume)
NINES_SUBJECT(VolumeForceDetached, volume)
NINES_SUBJECT(VolumeDetached, volume)
NINES_SUBJECT(VolumeAttached, volume)
NINES_SUBJECT(VolumeAttachHangs, volume)
NINES_SUBJECT(FileSystemGrown, volume)
NINES_SUBJECT(PodForgotten, process)
NINES_SUBJECT(PodComesBack, process)
NINES_SUBJECT(NodeForgotten, node)
NINES_SUBJECT(NodeRegistered, node)
NINES_SUBJECT(VolumeForgotten, volume)
NINES_SUBJECT(VolumeMounted, process)
NINES_SUBJECT(NodeLaunched, node)
NINES_SUBJECT(NodeProvisioned, node)
NINES_SUBJECT(ProvisioningFailed, node)
NINES_SUBJECT(NoticeHeard, node)
NINES_SUBJECT(SpotIsBack, node)
NINES_SUBJECT(DrainStep, node)
NINES_SUBJECT(OperatorReconciled, workload)
NINES_SUBJECT(RollStep, workload)
NINES_SUBJECT(PodRolled, process)
NINES_SUBJECT(RollFinished, workload)
NINES_SUBJECT(RollStalled, workload)
NINES_SUBJECT(DiskChecked, node)
NINES_SUBJECT(ImagesRemoved, node)
NINES_SUBJECT(DiskPressureOver, node)
NINES_SUBJECT(ShutdownHeard, node)
NINES_SUBJECT(ShutdownStep, node)
NINES_SUBJECT(PodFailed, process)
NINES_SUBJECT(RollbackWaits, process)
NINES_SUBJECT(PodUpdated, process)
NINES_SUBJECT(StartupProbed, process)
NINES_SUBJECT(ReadinessLost, process)
NINES_SUBJECT(MemoryChecked, node)
NINES_SUBJECT(PodEvictedByKubelet, process)
NINES_SUBJECT(PressureOver, node)
NINES_SUBJECT(KilledForMemory, process)
NINES_SUBJECT(LivenessFailed, process)
NINES_SUBJECT(StartupFailed, process)
NINES_SUBJECT(PreStopEnded, process)
NINES_SUBJECT(MetricsScraped, workload)
NINES_SUBJECT(ReplicasReviewed, workload)
NINES_SUBJECT(ReplicasRaised, workload)
NINES_SUBJECT(ReplicasLowered, workload)
NINES_SUBJECT(MetricsMissing, workload)
NINES_SUBJECT(MachineUnneeded, node)
NINES_SUBJECT(FargateJoined, process)
NINES_SUBJECT(FargateRefused, process)
NINES_SUBJECT(EvictionRefused, process)
NINES_SUBJECT(NodeUpdateStep, node)
NINES_SUBJECT(NodeUpdateFailed, process)
NINES_SUBJECT(NodeUpdateFinished, node)
NINES_SUBJECT(JobBegins, workload)
NINES_SUBJECT(JobStep, workload)
NINES_SUBJECT(JobDeadline, workload)
NINES_SUBJECT(JobSucceeded, workload)
NINES_SUBJECT(JobFailed, workload)
NINES_SUBJECT(PodSucceeded, process)
NINES_SUBJECT(PodVolumesFull, process)
NINES_SUBJECT(ClaimDeleted, volume)
NINES_SUBJECT(ClaimProvisioned, volume)
NINES_SUBJECT(GroupRebalances, node)
NINES_SUBJECT(MachineInExcess, node)
NINES_SUBJECT(OrderMoved, node)
#undef NINES_SUBJECT

namespace {

/// What stands for a node group: the first of its machines' slots.
ComponentId of_group(const Plan& plan, std::uint16_t group) {
  for (const NodePlan& node : plan.nodes) {
    if (node.group == group) return node.component;
  }
  return 0;
}

}  // namespace

#define NINES_GROUP_SUBJECT(E) \
  ComponentId subject(const Plan& plan, const E& event) { return of_group(plan, event.group); }
NINES_GROUP_SUBJECT(GroupsScanned)
NINES_GROUP_SUBJECT(GroupGrows)
NINES_GROUP_SUBJECT(GroupLeftAlone)
NINES_GROUP_SUBJECT(AutoscalerStops)
NINES_GROUP_SUBJECT(ZonesCompared)
#undef NINES_GROUP_SUBJECT

}  // namespace nines::models::kubernetes
