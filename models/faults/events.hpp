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
  std::uint16_t source;
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
  static constexpr EventInfo info{"fault.heal", "", "", "partitions and isolations that touch the target end"};
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
  static constexpr EventInfo info{"fault.ends", "recover", "zone.isolation.duration", "packets pass again", true};
};
// clang-format on

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
ComponentId subject(const Plan& plan, const PodDeletedByForce& event);
ComponentId subject(const Plan& plan, const OutOfServiceTainted& event);

void on(World& world, const ActionDue& event);
void on(World& world, const FaultArrives& event);
void on(World& world, const FaultEnds& event);
void on(World& world, const PauseEnded& event);
void on(World& world, const ClientsReconnect& event);

}  // namespace nines::models::faults

#define NINES_ROOM faults
#define NINES_ROOM_EVENTS "models/faults/events.def"
#include "models/number_events.hpp"
