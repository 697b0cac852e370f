// The simulator's table of contents: every event there is, by mechanism. The order numbers them.
//
// Forward declarations suffice: a mechanism schedules its events without including any other. Each event defines
// `static constexpr sim::EventInfo info`, `ComponentId subject(const Plan&, const E&)` (found by its namespace) and, if
// it is ever scheduled rather than only noted, `void on(World&, const E&)`.
#pragma once

#include "sim/event.hpp"

// clang-format off
#define NINES_EVENTS(X) \
  /* faults and operations: what starts an incident */ \
  X(faults, ActionDue) X(faults, FaultArrives) X(faults, FaultEnds) X(faults, ProcessKilled) X(faults, ProcessStopped) \
  X(faults, ProcessContinued) X(faults, ProcessPaused) X(faults, PauseEnded) X(faults, ProcessTerminated) X(faults, NodeCrashed) X(faults, NodeRebooted) \
  X(faults, NodeLost) X(faults, ZonePowerLost) X(faults, ZoneIsolated) X(faults, Partitioned) X(faults, Healed) \
  X(faults, VolumeLost) X(faults, VolumeWillStick) X(faults, SpotReclaimed) X(faults, RollingRestartStarted) X(faults, DrainStarted) \
  X(faults, PodDeletedByForce) X(faults, OutOfServiceTainted) \
  X(faults, BadRolloutStarted) X(faults, UpgradeFails) X(faults, WrongCommandGiven) X(faults, CertificateExpired) X(faults, ClientsReconnect) \
  /* black boxes */ \
  X(components, UnitFailed) X(components, ShockStruck) X(components, SwitchoverDone) X(components, InspectionDone) X(components, RepairInterrupted) X(components, UnitRepaired) X(components, StagePassed) \
  /* infrastructure */ \
  X(infrastructure, ZonePowerRestored) X(infrastructure, NodeDown) X(infrastructure, NodeImpaired) X(infrastructure, NodeBooted) X(infrastructure, NodeUpAgain) X(infrastructure, NodeReclaimed) \
  X(infrastructure, NodeRecovered) X(infrastructure, NodeLossReported) \
  /* kubernetes */ \
  X(kubernetes, NodeUnknown) X(kubernetes, NodeReady) X(kubernetes, NodeTaintPass) X(kubernetes, NodeTainted) X(kubernetes, NodeTaintWasted) X(kubernetes, NodeUntainted) X(kubernetes, NodeRepairDue) X(kubernetes, PodEvicted) X(kubernetes, PodStuck) \
  X(kubernetes, NodeObjectDeleted) X(kubernetes, PodCollected) X(kubernetes, PodRemoved) X(kubernetes, PodCreated) X(kubernetes, PodUnschedulable) X(kubernetes, PodScheduled) X(kubernetes, PodStarted) \
  X(kubernetes, ContainerRestarted) X(kubernetes, BrokenContainerExited) X(kubernetes, ReadinessProbed) X(kubernetes, PodReady) X(kubernetes, StopTimeoutEnded) X(kubernetes, GracePeriodEnded) X(kubernetes, VolumeUnmounted) X(kubernetes, VolumeReleased) X(kubernetes, VolumeForceDetached) X(kubernetes, VolumeDetached) \
  X(kubernetes, VolumeAttached) X(kubernetes, VolumeAttachHangs) X(kubernetes, VolumeMounted) X(kubernetes, NodeLaunched) X(kubernetes, NodeProvisioned) X(kubernetes, ProvisioningFailed) \
  X(kubernetes, OperatorReconciled) X(kubernetes, RollStep) X(kubernetes, PodRolled) X(kubernetes, RollFinished) X(kubernetes, DrainStep) \
  /* people */ \
  X(people, Noticed) X(people, Engaged) X(people, Identified) X(people, PodRepaired) X(people, VolumeRepaired) X(people, MachineRepaired) \
  X(people, CommandNoticed) X(people, ChangeIdentified) X(people, RolledBack) X(people, UpgradeRepaired) X(people, CertificateRenewed) X(people, CommandUndone) \
  /* kafka: controller sessions */ \
  X(kafka, RegistrationAttempt) X(kafka, BrokerRegistered) X(kafka, SessionExpired) X(kafka, BrokerFenced) X(kafka, BrokerUnfenced) X(kafka, HeartbeatResumed) \
  /* kafka: a broker's start and stop */ \
  X(kafka, ProcessUp) X(kafka, MetadataCaughtUp) X(kafka, LogsLoaded) X(kafka, ShutdownPoll) X(kafka, LogsClosed) \
  /* kafka: controller quorum */ \
  X(kafka, QuorumTimer) X(kafka, VoteRequested) X(kafka, VoteAnswered) X(kafka, VoterUnheard) X(kafka, ControllerElected) X(kafka, ControllerActive) X(kafka, ControllerResigned) \
  /* kafka: partitions */ \
  X(kafka, LeaderElected) X(kafka, PartitionOffline) X(kafka, MetadataApplied) X(kafka, IsrExpiryCheck) X(kafka, IsrShrunk) X(kafka, IsrExpanded) X(kafka, IsrUpdateDue) \
  X(kafka, FetchResumed) X(kafka, PairCaughtUp) X(kafka, CatchUpDone) X(kafka, PreferredLeaderCheck) X(kafka, PreferredLeadersElected) X(kafka, RecordsLost) \
  /* kafka: clients */ \
  X(kafka, ClientRetry) X(kafka, ClientRefreshed) X(kafka, ClientFreed) X(kafka, ClientTimedOut) X(kafka, ClientMetadataRefresh) \
  /* shared bandwidth */ \
  X(fabric, FabricDue) X(fabric, FlowDone) X(fabric, FlowBroken) \
  /* what the user sees */ \
  X(measurement, ServiceLost) X(measurement, ServiceRestored)
// clang-format on

#define NINES_FORWARD_DECLARE(space, name) \
  namespace nines::models::space {         \
  struct name;                             \
  }
NINES_EVENTS(NINES_FORWARD_DECLARE)
#undef NINES_FORWARD_DECLARE

namespace nines::models {
namespace detail {
struct EndOfList;
#define NINES_LIST_ENTRY(space, name) space::name,
using AllEvents = sim::EventList<NINES_EVENTS(NINES_LIST_ENTRY) EndOfList>;
#undef NINES_LIST_ENTRY
}  // namespace detail

/// Number of event type `E` in the table of contents.
template <class E>
constexpr sim::EventKind kind_of = detail::AllEvents::kind_of<E>();

inline constexpr std::size_t event_kinds = detail::AllEvents::size - 1;

}  // namespace nines::models
