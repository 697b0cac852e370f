// Events of Kafka. Every one carries its service; brokers and voters go by position in the service's plan.
#pragma once

#include "models/kafka/state.hpp"
#include "models/kafka/zk/events.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::kafka {

using sim::EventInfo;
// ---- controller sessions ----
struct RegistrationAttempt {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.registration_attempt", "recover", "kafka.heartbeat_retry_backoff",
                                  "broker asks for registration"};
};
struct BrokerRegistered {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.broker_registered", "recover", "",
                                  "controller accepts the broker's registration", true};
};
struct SessionExpired {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.session_expired", "detect", "broker.session.timeout.ms",
                                  "no heartbeat within the session time-out"};
};
struct BrokerFenced {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.fenced", "detect", "broker.session.timeout.ms", "controller fences the broker",
                                  true};
};
struct BrokerUnfenced {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.unfenced", "recover", "", "controller lets the broker take part", true};
};
struct HeartbeatResumed {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.heartbeat_resumed", "recover", "kafka.heartbeat_retry_backoff",
                                  "broker reaches the active controller again"};
};

// ---- a broker's start and stop ----
struct ProcessUp {
  Service service;
  bool voter;  ///< the controller role of the process starts; else the broker role
  Position position;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.process_up", "recover", "kafka.process_start", "server process has started",
                                  true};
};
struct MetadataCaughtUp {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.metadata_caught_up", "recover", "kafka.metadata_catch_up",
                                  "broker has replayed the metadata log"};
};
struct LogsLoaded {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.logs_loaded", "recover", "", "broker has loaded or recovered its logs", true};
};
struct ShutdownPoll {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.shutdown_poll", "act", "broker.heartbeat.interval.ms",
                                  "stopping broker asks whether it may go"};
};
struct LogsClosed {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  static constexpr EventInfo info{"kafka.logs_closed", "act", "", "broker has closed its logs and exits", true};
};

// ---- controller quorum ----
struct QuorumTimer {
  Service service;
  Position voter;
  static constexpr EventInfo info{"kafka.quorum_timeout", "detect", "controller.quorum.fetch.timeout.ms",
                                  "a voter's timer runs out"};
};
struct VoteRequested {
  Service service;
  bool pre;
  std::uint8_t from;
  std::uint8_t to;
  std::uint32_t epoch;
  std::uint32_t log_version;
  static constexpr EventInfo info{"kafka.vote_requested", "decide", "kafka.vote_write", "a candidate asks for a vote"};
};
struct VoteAnswered {
  Service service;
  bool pre;
  bool granted;
  std::uint8_t from;
  std::uint8_t to;
  std::uint32_t epoch;
  static constexpr EventInfo info{"kafka.vote_answered", "decide", "kafka.vote_write", "a voter answers a candidate"};
};
/// Noted once; what it does then is not played until it is heard again.
struct VoterUnheard {
  Service service;
  Position voter;
  static constexpr EventInfo info{"kafka.voter_unheard", "", "",
                                  "nobody hears the voter: it goes on standing for election, every few seconds", true};
};
struct ControllerElected {
  Service service;
  Position voter;
  static constexpr EventInfo info{"kafka.controller_elected", "decide", "controller.quorum.election.timeout.ms",
                                  "a majority elects a controller", true};
};
struct ControllerActive {
  Service service;
  Position voter;
  std::uint32_t epoch;
  static constexpr EventInfo info{"kafka.controller_active", "decide", "kafka.activation",
                                  "the new controller has committed a record and acts; every session starts afresh",
                                  true};
};
struct ControllerResigned {
  Service service;
  Position voter;
  std::uint32_t epoch;
  static constexpr EventInfo info{"kafka.controller_resigned", "detect", "controller.quorum.fetch.timeout.ms",
                                  "a leader that hears no majority resigns", true};
};

// ---- partitions ----
struct LeaderElected {
  Service service;
  GroupId group;
  static constexpr EventInfo info{"kafka.new_leader", "decide", "", "controller moves the leadership of partitions",
                                  true};
};
struct PartitionOffline {
  Service service;
  GroupId group;
  static constexpr EventInfo info{"kafka.partition_offline", "decide", "",
                                  "no eligible replica: partitions have no leader", true};
};
struct MetadataApplied {
  Service service;
  Position broker;
  std::uint32_t incarnation;
  std::uint32_t version;
  static constexpr EventInfo info{"kafka.metadata_applied", "propagate", "metadata.max.idle.interval.ms",
                                  "a broker acts on the controller's decision", true};
};
struct IsrExpiryCheck {
  Service service;
  GroupId group;
  Slot slot;
  std::uint32_t epoch;
  static constexpr EventInfo info{"kafka.isr_lag_expired", "detect", "replica.lag.time.max.ms",
                                  "leader finds a follower out of sync"};
};
struct IsrShrunk {
  Service service;
  GroupId group;
  static constexpr EventInfo info{"kafka.isr_shrunk", "act", "replica.lag.time.max.ms", "a replica leaves the ISR",
                                  true};
};
struct IsrExpanded {
  Service service;
  GroupId group;
  static constexpr EventInfo info{"kafka.isr_expanded", "catch-up", "", "a replica joins the ISR", true};
};
struct IsrUpdateDue {
  Service service;
  GroupId group;
  std::uint32_t epoch;
  static constexpr EventInfo info{"kafka.isr_update", "act", "controller.quorum.append.linger.ms",
                                  "the controller commits a leader's AlterPartition"};
};
struct FetchResumed {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.fetch_resumed", "recover", "replica.fetch.backoff.ms",
                                  "followers on a broker fetch again"};
};
struct PairCaughtUp {
  Service service;
  Position to;
  Position from;
  Throttles throttles;
  static constexpr EventInfo info{"kafka.pair_caught_up", "catch-up", "kafka.replication_latency",
                                  "a broker's replicas have all that one leader had"};
};
/// Noted with the last of these.
struct CatchUpDone {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.caught_up", "catch-up", "", "all replicas of a broker have caught up", true};
};
/// A replica in the ISR has fallen so far behind that acknowledgements come later than clients wait.
struct AcksLate {
  Service service;
  Slot slot;
  GroupId group;
  static constexpr EventInfo info{"kafka.acks_late", "", "",
                                  "acknowledgements come later than the deadline: a replica cannot keep up", true};
};
/// A leader cannot write what is produced to it: records wait at their producers for longer than these do.
struct LeaderLate {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.leader_late", "", "",
                                  "acknowledgements come later than the deadline: the leader cannot keep up", true};
};
struct PreferredLeaderCheck {
  Service service;
  std::uint32_t epoch;
  static constexpr EventInfo info{"kafka.leader_imbalance_check", "act", "leader.imbalance.check.interval.seconds",
                                  "the controller looks for partitions that their preferred replica does not lead"};
};
struct PreferredLeadersElected {
  Service service;
  static constexpr EventInfo info{"kafka.preferred_leaders", "act", "leader.imbalance.check.interval.seconds",
                                  "leadership returns to preferred replicas", true};
};
struct RecordsLost {
  Service service;
  GroupId group;
  static constexpr EventInfo info{"kafka.records_lost", "", "", "acknowledged records are gone", true};
};

// ---- clients ----
// ---- replicas that are moved ----
struct ReassignmentBegun {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.reassignment_begun", "", "",
                                  "all replicas of a broker are to be moved to others", true};
};
/// Noted with the partitions that stay.
struct ReplicasStay {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.replicas_stay", "", "",
                                  "no broker that lives can take some replicas of a broker: they stay", true};
};
struct ReassignmentRefused {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.reassignment_refused", "", "",
                                  "nothing is moved: no controller decides, another reassignment is under way, or "
                                  "nothing of the broker has a place",
                                  true};
};
struct ReassignmentDone {
  Service service;
  static constexpr EventInfo info{"kafka.reassigned", "catch-up", "kafka.reassignment_throttle",
                                  "all replicas that were to be moved are in sync where they are now", true};
};
struct BrokerFailureLook {
  Service service;
  static constexpr EventInfo info{"kafka.broker_failure_look", "decide", "broker.failure.self.healing.threshold.ms",
                                  "Cruise Control looks which brokers live"};
};
struct MovesLook {
  Service service;
  static constexpr EventInfo info{"kafka.moves_look", "decide", "execution.progress.check.interval.ms",
                                  "Cruise Control looks which partitions have been moved"};
};
struct BrokerFailureFound {
  Service service;
  Position broker;
  static constexpr EventInfo info{"kafka.broker_failure_found", "detect", "anomaly.detection.interval.ms",
                                  "Cruise Control finds that a broker with replicas is gone", true};
};
struct BrokerFailureAlert {
  Service service;
  static constexpr EventInfo info{"kafka.broker_failure_alert", "detect", "broker.failure.alert.threshold.ms",
                                  "Cruise Control tells people that a broker is gone", true};
};
struct HealingStopped {
  Service service;
  static constexpr EventInfo info{"kafka.healing_stopped", "", "",
                                  "a broker is gone that was to have replicas: Cruise Control takes its moves back",
                                  true};
};
struct SelfHealingFailed {
  Service service;
  static constexpr EventInfo info{"kafka.self_healing_failed", "", "",
                                  "Cruise Control cannot heal: too many brokers are gone, or no rack has room", true};
};
// ---- clients ----
struct ClientRetry {
  Service service;
  bool rejected;  ///< retry after NOT_ENOUGH_REPLICAS; else after a lost leader
  std::uint16_t client;
  GroupId group;
  static constexpr EventInfo info{"kafka.client_retry", "reconnect", "retry.backoff.max.ms",
                                  "a client's retry gets through", true};
};
/// A metadata request shows a client who leads what it had lost.
struct ClientRefreshed {
  Service service;
  std::uint16_t client;
  static constexpr EventInfo info{"kafka.client_refresh", "reconnect", "retry.backoff.max.ms",
                                  "a client's metadata request shows it the new leaders", true};
};
/// The same, of a request that could go out only when a stalled connection was free again.
struct ClientFreed {
  Service service;
  std::uint16_t client;
  static constexpr EventInfo info{
      "kafka.client_freed", "reconnect", "kafka.client_metadata_answer",
      "the stall is over; the client's metadata request goes out and shows it the new leaders", true};
};
struct ClientTimedOut {
  Service service;
  std::uint16_t client;
  static constexpr EventInfo info{"kafka.client_timeout", "reconnect", "request.timeout.ms",
                                  "a request to a silent host times out; the client finds the new leader", true};
};
struct ClientMetadataRefresh {
  Service service;
  std::uint16_t client;
  GroupId group;
  static constexpr EventInfo info{"kafka.client_metadata_refresh", "reconnect", "metadata.max.age.ms",
                                  "a client's periodic refresh shows it the new leader"};
};

// One a line: in rows the formatter takes them apart differently from run to run.
// clang-format off
#define NINES_KAFKA_SUBJECTS(X) \
  X(RegistrationAttempt) \
  X(BrokerRegistered) \
  X(SessionExpired) \
  X(BrokerFenced) \
  X(BrokerUnfenced) \
  X(HeartbeatResumed) \
  X(ProcessUp) \
  X(MetadataCaughtUp) \
  X(LogsLoaded) \
  X(ShutdownPoll) \
  X(LogsClosed) \
  X(QuorumTimer) \
  X(VoteRequested) \
  X(VoteAnswered) \
  X(VoterUnheard) \
  X(ControllerElected) \
  X(ControllerActive) \
  X(ControllerResigned) \
  X(LeaderElected) \
  X(PartitionOffline) \
  X(MetadataApplied) \
  X(IsrExpiryCheck) \
  X(IsrShrunk) \
  X(IsrExpanded) \
  X(IsrUpdateDue) \
  X(FetchResumed) \
  X(PairCaughtUp) \
  X(CatchUpDone) \
  X(AcksLate) \
  X(LeaderLate) \
  X(PreferredLeaderCheck) \
  X(PreferredLeadersElected) \
  X(RecordsLost) \
  X(ReassignmentBegun) \
  X(ReplicasStay) \
  X(ReassignmentRefused) \
  X(HealingStopped) \
  X(ReassignmentDone) \
  X(BrokerFailureLook) \
  X(MovesLook) \
  X(BrokerFailureFound) \
  X(BrokerFailureAlert) \
  X(SelfHealingFailed) \
  X(ClientRetry) \
  X(ClientRefreshed) \
  X(ClientFreed) \
  X(ClientTimedOut) \
  X(ClientMetadataRefresh) \
  X(ConnectionTimedOut) \
  X(RegistrationTried) \
  X(RegistrationMade) \
  X(RegistrationRefused) \
  X(RegistrationGone) \
  X(RegistrationsSeen) \
  X(ControllerTried) \
  X(ControllerCreated) \
  X(ControllerGone) \
  X(JobDone) \
  X(ControllerReady) \
  X(BrokerRemoved) \
  X(BrokerJoined) \
  X(ControlRequestArrived) \
  X(ShutdownTried)
// clang-format on
#define NINES_KAFKA_SUBJECT(E) ComponentId subject(const Plan& plan, const E& event);
NINES_KAFKA_SUBJECTS(NINES_KAFKA_SUBJECT)
#undef NINES_KAFKA_SUBJECT

void on(World& world, const RegistrationAttempt& event);
void on(World& world, const SessionExpired& event);
void on(World& world, const BrokerUnfenced& event);
void on(World& world, const HeartbeatResumed& event);
void on(World& world, const ProcessUp& event);
void on(World& world, const MetadataCaughtUp& event);
void on(World& world, const LogsLoaded& event);
void on(World& world, const ShutdownPoll& event);
void on(World& world, const LogsClosed& event);
void on(World& world, const QuorumTimer& event);
void on(World& world, const VoteRequested& event);
void on(World& world, const VoteAnswered& event);
void on(World& world, const ControllerActive& event);
void on(World& world, const ControllerResigned& event);
void on(World& world, const MetadataApplied& event);
void on(World& world, const IsrExpiryCheck& event);
void on(World& world, const IsrUpdateDue& event);
void on(World& world, const FetchResumed& event);
void on(World& world, const PairCaughtUp& event);
void on(World& world, const AcksLate& event);
void on(World& world, const LeaderLate& event);
void on(World& world, const PreferredLeaderCheck& event);
void on(World& world, const BrokerFailureLook& event);
void on(World& world, const MovesLook& event);
void on(World& world, const ClientRetry& event);
void on(World& world, const ClientRefreshed& event);
void on(World& world, const ClientFreed& event);
void on(World& world, const ClientTimedOut& event);
void on(World& world, const ClientMetadataRefresh& event);
void on(World& world, const ConnectionTimedOut& event);
void on(World& world, const RegistrationTried& event);
void on(World& world, const RegistrationsSeen& event);
void on(World& world, const ControllerTried& event);
void on(World& world, const JobDone& event);
void on(World& world, const ControlRequestArrived& event);
void on(World& world, const ShutdownTried& event);

}  // namespace nines::models::kafka

#define NINES_ROOM kafka
#define NINES_ROOM_EVENTS "models/kafka/events.def"
#include "models/number_events.hpp"
