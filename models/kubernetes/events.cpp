// Which component each event of the platform is about.
#include "models/kubernetes/events.hpp"

#include "models/plan.hpp"

namespace nines::models::kubernetes {

namespace {

ComponentId of(const Plan& plan, NodeId node) { return plan.nodes[node].component; }
ComponentId of(const Plan& plan, ZoneId zone) { return plan.zones[zone].component; }
ComponentId of(const Plan& plan, VolumeId volume) { return plan.volumes[volume].component; }
ComponentId of(const Plan& plan, ProcessId process) { return plan.processes[process].component; }
ComponentId of(const Plan& plan, std::uint16_t service) { return plan.services[ServiceId::of(service)].component; }

}  // namespace

#define NINES_SUBJECT(E, member) \
  ComponentId subject(const Plan& plan, const E& event) { return of(plan, event.member); }
NINES_SUBJECT(NodeUnknown, node)
NINES_SUBJECT(NodeReady, node)
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
NINES_SUBJECT(PodScheduled, process)
NINES_SUBJECT(PodStarted, process)
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
NINES_SUBJECT(VolumeMounted, process)
NINES_SUBJECT(NodeLaunched, node)
NINES_SUBJECT(NodeProvisioned, node)
NINES_SUBJECT(ProvisioningFailed, node)
NINES_SUBJECT(DrainStep, node)
NINES_SUBJECT(OperatorReconciled, service)
NINES_SUBJECT(RollStep, service)
NINES_SUBJECT(PodRolled, process)
NINES_SUBJECT(RollFinished, service)
#undef NINES_SUBJECT

}  // namespace nines::models::kubernetes
