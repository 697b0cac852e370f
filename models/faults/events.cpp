#include "models/faults/events.hpp"

#include "models/plan.hpp"

namespace nines::models::faults {

ComponentId subject(const Plan& plan, const ActionDue& event) {
  (void)plan;
  (void)event;
  return 0;  // never seen: the event leaves no record
}
ComponentId subject(const Plan& plan, const FaultArrives& event) { return plan.faults[event.source].target; }
ComponentId subject(const Plan& plan, const RollingRestartStarted& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const BadRolloutStarted& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const UpgradeFails& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const WrongCommandGiven& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const CertificateExpired& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const ClientsReconnect& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan&, const Partitioned& event) { return event.component; }
ComponentId subject(const Plan&, const Healed& event) { return event.component; }
ComponentId subject(const Plan&, const FaultEnds& event) { return event.component; }
ComponentId subject(const Plan& plan, const DiskSlowed& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan& plan, const VolumeStalled& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan&, const NetworkSlowed& event) { return event.component; }
ComponentId subject(const Plan&, const PacketsLost& event) { return event.component; }
ComponentId subject(const Plan& plan, const CpuStarved& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const ClockJumped& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan&, const ConditionEnds& event) { return event.component; }
ComponentId subject(const Plan&, const UsualAgain& event) { return event.component; }
ComponentId subject(const Plan& plan, const CapacityShort& event) { return plan.capacity_pools[event.pool].component; }
ComponentId subject(const Plan& plan, const ProcessKilled& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const ProcessStopped& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const ProcessContinued& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const ProcessPaused& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const PauseEnded& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const ProcessTerminated& event) {
  return plan.processes[event.process].component;
}
ComponentId subject(const Plan& plan, const NodeCrashed& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeRebooted& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeLost& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const ZonePowerLost& event) { return plan.zones[event.zone].component; }
ComponentId subject(const Plan& plan, const ZoneIsolated& event) { return plan.zones[event.zone].component; }
ComponentId subject(const Plan& plan, const VolumeLost& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan& plan, const VolumeWillStick& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan& plan, const PluginFailed& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan&, const RegionApiStopped& event) { return event.component; }
ComponentId subject(const Plan&, const KeyServiceStopped& event) { return event.component; }
ComponentId subject(const Plan&, const TokenServiceStopped& event) { return event.component; }
ComponentId subject(const Plan& plan, const MemoryGrows& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const DiskFills& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const ApisRemoved& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const KubeletHangs& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const SpaceQuotaReached& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const RoleBroken& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const PolicyApplied& event) {
  return plan.services[ServiceId::of(event.service)].component;
}
ComponentId subject(const Plan& plan, const ControlPlaneStopped& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const ServiceStopped& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const ProcessEmptied& event) { return plan.processes[event.process].component; }
ComponentId subject(const Plan& plan, const DataDamaged& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const LoadChanged& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const MetricsStopped& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const SpotReclaimed& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const DrainStarted& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const NodeUpdateStarted& event) { return plan.nodes[event.node].component; }
ComponentId subject(const Plan& plan, const ControlPlaneUpgraded& event) {
  return plan.services[ServiceId{event.service}].component;
}
ComponentId subject(const Plan& plan, const VolumeChanged& event) { return plan.volumes[event.volume].component; }
ComponentId subject(const Plan& plan, const PodDeletedByForce& event) {
  return plan.processes[event.process].component;
}
ComponentId subject(const Plan& plan, const OutOfServiceTainted& event) { return plan.nodes[event.node].component; }

}  // namespace nines::models::faults
