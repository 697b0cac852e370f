// Events that start incidents: faults and operations. Each is noted when it happens and is the root of what follows.
#pragma once

#include "models/ids.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::faults {

using sim::EventInfo;

// clang-format off

// ---- what makes faults happen; these leave no record ----
struct ActionDue {
  std::uint16_t script;
  std::uint16_t action;
  static constexpr EventInfo info{"fault.action_due", "", "", "a step of the scenario is due"};
};
struct FaultArrives {
  std::uint32_t source;
  static constexpr EventInfo info{"fault.arrives", "", "", "a fault clock runs out"};
};

// ---- causes ----
struct ProcessKilled {
  ProcessId process;
  static constexpr EventInfo info{"fault.process_kill", "", "", "process killed: gone at once, its host answers with resets"};
};
struct ProcessStopped {
  ProcessId process;
  static constexpr EventInfo info{"fault.process_stop", "", "", "process stopped: it answers nothing"};
};
struct ProcessContinued {
  ProcessId process;
  static constexpr EventInfo info{"fault.process_continue", "", "", "stopped process goes on"};
};
struct ProcessPaused {
  ProcessId process;
  static constexpr EventInfo info{"fault.process_pause", "", "", "process stands still for a while: it answers nothing"};
};
struct ProcessTerminated {
  ProcessId process;
  static constexpr EventInfo info{"fault.process_terminate", "", "", "process told to stop in order"};
};
struct NodeCrashed {
  NodeId node;
  static constexpr EventInfo info{"fault.node_crash", "", "", "machine hangs; it will reboot"};
};
struct NodeRebooted {
  NodeId node;
  static constexpr EventInfo info{"fault.node_reboot", "", "", "machine reboots in order"};
};
struct NodeLost {
  NodeId node;
  static constexpr EventInfo info{"fault.node_loss", "", "", "machine's host dies"};
};
struct ZonePowerLost {
  ZoneId zone;
  static constexpr EventInfo info{"fault.zone_power_loss", "", "", "zone loses power"};
};
struct ZoneIsolated {
  ZoneId zone;
  static constexpr EventInfo info{"fault.zone_isolation", "", "", "zone cut from the rest of the region"};
};
struct VolumeLost {
  VolumeId volume;
  static constexpr EventInfo info{"fault.volume_loss", "", "", "volume lost with its data"};
};
struct VolumeWillStick {
  VolumeId volume;
  static constexpr EventInfo info{"fault.volume_stuck", "", "", "the volume's next attachment will hang"};
};
struct SpotReclaimed {
  NodeId node;
  static constexpr EventInfo info{"fault.spot_reclaim", "", "", "provider gives notice that it takes the Spot instance back"};
};
struct DrainStarted {
  NodeId node;
  static constexpr EventInfo info{"fault.drain", "", "", "machine is drained"};
};
struct PodDeletedByForce {
  ProcessId process;
  static constexpr EventInfo info{"fault.delete_pod", "", "", "a person deletes the pod object by force"};
};
struct OutOfServiceTainted {
  NodeId node;
  static constexpr EventInfo info{"fault.out_of_service_taint", "", "", "a person marks the node out of service"};
};
struct BadRolloutStarted {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.bad_rollout", "", "", "operator rolls a broken configuration or image out"};
};
struct UpgradeFails {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.failed_upgrade", "", "", "operator rolls a new version out that one pod cannot run"};
};
struct WrongCommandGiven {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.wrong_command", "", "", "a person deletes or stops the wrong thing"};
};
struct CertificateExpired {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.expired_certificate", "", "", "certificate expires: no new TLS connection succeeds"};
};
struct RollingRestartStarted {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.rolling_restart", "", "", "operator restarts every pod of the service"};
};
struct Partitioned {
  ComponentId component;  ///< a member of the cut-off side
  static constexpr EventInfo info{"fault.partition", "", "", "packets between two sides are dropped"};
};
struct Healed {
  ComponentId component;
  static constexpr EventInfo info{"fault.heal", "", "", "partitions, isolations and bad links that touch the target end"};
};
struct DiskSlowed {
  VolumeId volume;
  static constexpr EventInfo info{"fault.disk_slow", "", "", "volume gives a part of its throughput"};
};
struct VolumeStalled {
  VolumeId volume;
  static constexpr EventInfo info{"fault.volume_stalled", "", "", "every access to the volume hangs"};
};
struct NetworkSlowed {
  ComponentId component;  ///< something on the side that is hit
  static constexpr EventInfo info{"fault.network_slow", "", "", "network slows down: less bandwidth, or packets that take longer"};
};
struct PacketsLost {
  ComponentId component;
  static constexpr EventInfo info{"fault.packet_loss", "", "", "packets get lost here and there: TCP sends them again"};
};
struct CpuStarved {
  NodeId node;
  static constexpr EventInfo info{"fault.cpu_starved", "", "", "what runs on the machine gets a part of the CPU it would use"};
};
struct ClockJumped {
  NodeId node;
  static constexpr EventInfo info{"fault.clock_jump", "", "", "machine's wall clock jumps forward"};
};
struct ControlPlaneStopped {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.control_plane_outage", "", "", "the provider's control plane takes no requests"};
};
struct ServiceStopped {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.service_outage", "", "", "a service that the provider runs answers nobody"};
};
struct RegionApiStopped {
  ComponentId component;
  static constexpr EventInfo info{"fault.region_api_outage", "", "", "the region's control plane starts no machine and attaches no volume"};
};
struct PluginFailed {
  NodeId node;
  static constexpr EventInfo info{"fault.node_not_ready", "", "", "machine's network plugin or container runtime fails: no pod starts there"};
};
struct CapacityShort {
  CapacityPoolId pool;
  static constexpr EventInfo info{"fault.capacity_shortage", "", "", "provider runs short of machines of one type in one zone"};
};
struct DiskFills {
  ProcessId process;
  static constexpr EventInfo info{"fault.disk_pressure", "", "", "pod, or something else on its machine, fills the machine's disk"};
};
struct ApisRemoved {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.removed_apis", "", "", "control plane is upgraded to a release without APIs that are still used"};
};
struct SpaceQuotaReached {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.space_quota", "", "", "database is at its quota, or the disk is full: writes are refused, or soon will be"};
};
struct MemoryGrows {
  ProcessId process;
  static constexpr EventInfo info{"fault.memory_pressure", "", "", "pod takes memory until its machine runs short of it"};
};
struct KeyServiceStopped {
  ComponentId component;
  static constexpr EventInfo info{"fault.kms_outage", "", "", "the region's key service answers nobody"};
};
struct TokenServiceStopped {
  ComponentId component;
  static constexpr EventInfo info{"fault.credentials_outage", "", "", "the region's token service answers nobody"};
};
struct PolicyApplied {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.network_policy", "", "", "a person denies all traffic to and from the pods"};
};
struct RoleBroken {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.broken_role", "", "",
                                  "a change breaks the role by which the service's pods get credentials"};
};
struct KubeletHangs {
  NodeId node;
  static constexpr EventInfo info{"fault.kubelet_stop", "", "", "kubelet hangs: no lease, no report; what runs goes on"};
};

struct NodeUpdateStarted {
  NodeId node;
  static constexpr EventInfo info{"fault.node_update", "", "", "every machine of the node group is to be replaced by one of a new image"};
};

struct ControlPlaneUpgraded {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.control_plane_upgrade", "", "", "the control plane is to get the next version"};
};
struct VolumeChanged {
  VolumeId volume;
  static constexpr EventInfo info{"fault.volume_modify", "", "", "somebody asks the provider to change a volume"};
};

// ---- what follows ----
struct ClientsReconnect {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.clients_reconnect", "propagate", "change.certificate.reconnect", "clients have to connect anew and are refused", true};
};

// ---- ends ----
struct PauseEnded {
  ProcessId process;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"fault.pause_ended", "recover", "process.pause.duration", "paused process goes on", true};
};
struct FaultEnds {
  std::uint32_t id;
  ComponentId component;
  static constexpr EventInfo info{"fault.ends", "recover", "zone.isolation.duration", "what was cut off is in reach again", true};
};
struct ConditionEnds {
  std::uint32_t id;
  ComponentId component;
  static constexpr EventInfo info{"fault.condition_ends", "recover", "", "what was degraded works as before", true};
};
struct DataDamaged {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.delete_data", "", "", "people or a release delete or corrupt data: replicas follow at once", true};
};
struct ProcessEmptied {
  ProcessId process;
  static constexpr EventInfo info{"fault.reassign_partitions", "", "", "people have what a process keeps moved to others", true};
};
struct LoadChanged {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.load_changes", "", "", "clients send more or fewer requests than before", true};
};
struct MetricsStopped {
  std::uint16_t service;
  static constexpr EventInfo info{"fault.metrics_stop", "", "", "metrics of a service's pods are missing, or wrong", true};
};
struct UsualAgain {
  std::uint32_t id;
  ComponentId component;
  static constexpr EventInfo info{"fault.usual_again", "recover", "", "load or metrics of a service are as usual again", true};
};
// clang-format on

ComponentId subject(const Plan& plan, const UsualAgain& event);
ComponentId subject(const Plan& plan, const DataDamaged& event);
ComponentId subject(const Plan& plan, const LoadChanged& event);
ComponentId subject(const Plan& plan, const MetricsStopped& event);
ComponentId subject(const Plan& plan, const ActionDue& event);
ComponentId subject(const Plan& plan, const FaultArrives& event);
ComponentId subject(const Plan& plan, const BadRolloutStarted& event);
ComponentId subject(const Plan& plan, const UpgradeFails& event);
ComponentId subject(const Plan& plan, const WrongCommandGiven& event);
ComponentId subject(const Plan& plan, const CertificateExpired& event);
ComponentId subject(const Plan& plan, const ClientsReconnect& event);
ComponentId subject(const Plan& plan, const RollingRestartStarted& event);
ComponentId subject(const Plan& plan, const Partitioned& event);
ComponentId subject(const Plan& plan, const Healed& event);
ComponentId subject(const Plan& plan, const FaultEnds& event);
ComponentId subject(const Plan& plan, const DiskSlowed& event);
ComponentId subject(const Plan& plan, const VolumeStalled& event);
ComponentId subject(const Plan& plan, const NetworkSlowed& event);
ComponentId subject(const Plan& plan, const PacketsLost& event);
ComponentId subject(const Plan& plan, const CpuStarved& event);
ComponentId subject(const Plan& plan, const ClockJumped& event);
ComponentId subject(const Plan& plan, const ConditionEnds& event);
ComponentId subject(const Plan& plan, const ControlPlaneStopped& event);
ComponentId subject(const Plan& plan, const ServiceStopped& event);
ComponentId subject(const Plan& plan, const RegionApiStopped& event);
ComponentId subject(const Plan& plan, const PluginFailed& event);
ComponentId subject(const Plan& plan, const CapacityShort& event);
ComponentId subject(const Plan& plan, const SpaceQuotaReached& event);
ComponentId subject(const Plan& plan, const MemoryGrows& event);
ComponentId subject(const Plan& plan, const DiskFills& event);
ComponentId subject(const Plan& plan, const ApisRemoved& event);
ComponentId subject(const Plan& plan, const KeyServiceStopped& event);
ComponentId subject(const Plan& plan, const TokenServiceStopped& event);
ComponentId subject(const Plan& plan, const PolicyApplied& event);
ComponentId subject(const Plan& plan, const RoleBroken& event);
ComponentId subject(const Plan& plan, const KubeletHangs& event);
ComponentId subject(const Plan& plan, const ProcessKilled& event);
ComponentId subject(const Plan& plan, const ProcessStopped& event);
ComponentId subject(const Plan& plan, const ProcessContinued& event);
ComponentId subject(const Plan& plan, const ProcessPaused& event);
ComponentId subject(const Plan& plan, const PauseEnded& event);
ComponentId subject(const Plan& plan, const ProcessTerminated& event);
ComponentId subject(const Plan& plan, const NodeCrashed& event);
ComponentId subject(const Plan& plan, const NodeRebooted& event);
ComponentId subject(const Plan& plan, const NodeLost& event);
ComponentId subject(const Plan& plan, const ZonePowerLost& event);
ComponentId subject(const Plan& plan, const ZoneIsolated& event);
ComponentId subject(const Plan& plan, const VolumeLost& event);
ComponentId subject(const Plan& plan, const VolumeWillStick& event);
ComponentId subject(const Plan& plan, const SpotReclaimed& event);
ComponentId subject(const Plan& plan, const DrainStarted& event);
ComponentId subject(const Plan& plan, const NodeUpdateStarted& event);
ComponentId subject(const Plan& plan, const ControlPlaneUpgraded& event);
ComponentId subject(const Plan& plan, const VolumeChanged& event);
ComponentId subject(const Plan& plan, const ProcessEmptied& event);
ComponentId subject(const Plan& plan, const PodDeletedByForce& event);
ComponentId subject(const Plan& plan, const OutOfServiceTainted& event);

void on(World& world, const ActionDue& event);
void on(World& world, const FaultArrives& event);
void on(World& world, const FaultEnds& event);
void on(World& world, const ConditionEnds& event);
void on(World& world, const UsualAgain& event);
void on(World& world, const PauseEnded& event);
void on(World& world, const ClientsReconnect& event);

}  // namespace nines::models::faults

#define NINES_ROOM faults
#define NINES_ROOM_EVENTS "models/faults/events.def"
#include "models/number_events.hpp"
