// Events of RabbitMQ. Nodes and queues go by number, clients' accesses by their position in the service's plan.
#pragma once

#include "models/rabbitmq/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::rabbitmq {

using sim::EventInfo;

struct NodeBooted {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.booted", "recover", "rabbitmq.boot",
                                  "a broker has started and looks for the others"};
};
struct ListenersOpened {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.listens", "recover", "rabbitmq.recovery",
                                  "a broker has recovered its queues and opens its listeners"};
};
struct LoadingGivenUp {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.boot_given_up", "recover", "mnesia_table_loading_retry_timeout",
                                  "a node that waits for the others gives up, and exits", true};
};
struct PauseChecked {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.pause_checked", "recover", "rabbitmq.ping_period",
                                  "a paused node finds that it may go on"};
};
struct RestartDue {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.restarts", "act", "rabbitmq.broker_stop",
                                  "a node that a partition made untrusted starts its broker anew"};
};
struct BrokerStops {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.broker_stops", "act", "rabbitmq.broker_stop",
                                  "a node that was told to end has stopped its broker, and replicas after it"};
};
struct NodeExits {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.exits", "act", "rabbitmq.drain",
                                  "a node has stopped its broker, and exits"};
};
struct NetTick {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.net_tick", "detect", "net_ticktime",
                                  "a node has heard nothing of another for net_ticktime, and closes their connection"};
};
struct ConnectionClosed {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.connection_closed", "detect", "rabbitmq.connection_teardown",
                                  "a node sees its connection to another closed"};
};
struct SilencePoll {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.poll", "detect", "raft.adaptive_failure_detector.poll_interval",
                                  "a node looks whether another has fallen silent"};
};
struct PingDue {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.ping", "recover", "rabbitmq.ping_period",
                                  "a node finds another again, and they connect"};
};
struct UntrustedRestarted {
  std::uint16_t service;
  static constexpr EventInfo info{"rabbitmq.partition_repaired", "person", "rabbitmq.partition_repair",
                                  "an operator restarts the side of a partition that he trusts less", true};
};
struct BootForced {
  std::uint16_t service;
  static constexpr EventInfo info{"rabbitmq.boot_forced", "person", "rabbitmq.forced_boot",
                                  "an operator lets a node start that waits for others in vain", true};
};
struct ReplicaTimer {
  std::uint16_t service;
  Number queue;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.election_timer", "decide", "",
                                  "a replica has waited for its leader for long enough"};
};
struct LeaderTick {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.queue_tick", "catch-up", "quorum_tick_interval",
                                  "a leader sends again what others lack"};
};
struct PacketArrived {
  std::uint16_t service;
  std::uint16_t packet;
  static constexpr EventInfo info{"rabbitmq.message", "decide", "rabbitmq.message_handling",
                                  "a message between replicas arrives"};
};
struct VoteWritten {
  std::uint16_t service;
  Number queue;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.vote_written", "decide", "rabbitmq.wal_fsync",
                                  "a replica has its term and vote on the disk"};
};
struct LogWritten {
  std::uint16_t service;
  Number queue;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"rabbitmq.log_written", "catch-up", "rabbitmq.wal_fsync",
                                  "a replica has entries on the disk"};
};
struct ReplicaReplaced {
  std::uint16_t service;
  Number queue;
  static constexpr EventInfo info{"rabbitmq.replica_replaced", "person", "rabbitmq.partition_repair",
                                  "an operator adds replicas anew whose disks were lost", true};
};
struct MirrorSynced {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.mirror_synced", "catch-up", "rabbitmq.mirror_sync_rate",
                                  "a mirror has all of its queue", true};
};
struct StreamStep {
  std::uint16_t service;
  Number queue;
  static constexpr EventInfo info{"rabbitmq.stream_step", "decide", "rabbitmq.message_handling",
                                  "the coordinator of streams has stopped or started members of one"};
};
struct StreamCaughtUp {
  std::uint16_t service;
  Number queue;
  static constexpr EventInfo info{"rabbitmq.stream_caught_up", "catch-up", "rabbitmq.stream.catch_up_rate",
                                  "a replica of a stream has what it lacked"};
};
struct BacklogTurns {
  std::uint16_t service;
  static constexpr EventInfo info{"rabbitmq.backlog", "catch-up", "", "what waits in queues reaches a limit"};
};
struct MemoryLooked {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.memory_looked", "detect", "rabbitmq.memory_check_interval",
                                  "a node looks at its memory"};
};
struct DiskLooked {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.disk_looked", "detect", "rabbitmq.disk_check_interval",
                                  "a node looks at its disk"};
};
struct AttemptDue {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.connects", "reconnect", "rabbitmq.client.recovery_interval",
                                  "a client tries to connect"};
};
struct ChannelFull {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.channel_full", "detect", "quorum_commands_soft_limit",
                                  "a connection stops to read: as many messages as may wait for a queue do", true};
};
struct DroppedCounted {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.dropped_counted", "", "",
                                  "what a publisher without confirms has sent to nobody is counted"};
};
struct FirstAccepted {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.first_accepted", "reconnect", "",
                                  "what a client publishes without confirms is taken again", true};
};
struct ConfirmTimeout {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.confirm_timeout", "reconnect", "rabbitmq.client.confirm_timeout",
                                  "a publisher has waited for confirms for too long, and closes its connection"};
};
struct OperationAnswered {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.answered", "reconnect", "rabbitmq.message_handling",
                                  "a client gets confirms or deliveries again"};
};
struct ConsumerGivenUp {
  std::uint16_t service;
  Number queue;
  std::uint32_t held;
  static constexpr EventInfo info{"rabbitmq.consumer_given_up", "detect", "rabbitmq.client.heartbeat",
                                  "a consumer that is not heard is given up, with what it holds"};
};
struct ConsumerNodeGivenUp {
  std::uint16_t service;
  Number queue;
  std::uint32_t held;
  static constexpr EventInfo info{"rabbitmq.consumer_node_given_up", "detect", "consumer_disconnected_timeout",
                                  "a queue waits no longer for the node of a consumer, and takes back what it holds"};
};
struct ConsumerLookedAt {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.consumer_looked_at", "detect", "consumer_timeout",
                                  "a channel, or its queue, looks how long a consumer has held its messages"};
};
struct ConnectionResumes {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.connection_resumes", "recover", "network.tcp.rto_min",
                                  "what waited on a connection is sent again, and gets through"};
};
struct AutohealMessage {
  std::uint16_t service;
  Number from;
  Number to;
  NodeSet losers;
  autoheal::Kind kind;
  static constexpr EventInfo info{"rabbitmq.autoheal_message", "act", "rabbitmq.message_handling",
                                  "nodes agree on who restarts after a partition"};
};
// ---- only noted ----
struct AutohealRequested {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.autoheal_requested", "decide", "",
                                  "a node that sees a partition, and all nodes, asks the first to decide"};
};
struct ConsumerTimedOut {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.consumer_timeout", "detect", "consumer_timeout",
                                  "a consumer has held a message for too long", true};
};
struct ConsumerActivated {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.consumer_activated", "act", "",
                                  "the next consumer of a queue with a single active one becomes the active one", true};
};
struct Redelivered {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.redelivered", "", "",
                                  "what a consumer held comes back to its queue, and is delivered again", true};
};
struct DeliveryLimitReached {
  std::uint16_t service;
  Number queue;
  static constexpr EventInfo info{"rabbitmq.delivery_limit", "", "",
                                  "messages whose delivery failed too often are dropped or dead-lettered", true};
};
struct NodeDown {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.node_down", "detect", "net_ticktime", "a node takes another for down",
                                  true};
};
struct NodeDownCutOff {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.node_down_cut_off", "detect", "net_ticktime",
                                  "a node that reaches no majority takes another for down", true};
};
struct NodeSilent {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.silent", "detect", "raft.adaptive_failure_detector.poll_interval",
                                  "the detector of quorum queues finds that a node has fallen silent", true};
};
struct LeaderSuspected {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.suspected", "decide", "",
                                  "the first replica asks whether it would be elected", true};
};
struct ElectionAgain {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.asks_again", "decide", "",
                                  "a replica asks again whether it would be elected"};
};
struct LeaderElected {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.leader", "decide", "rabbitmq.message_handling",
                                  "a replica of a quorum queue is elected leader", true};
};
struct LeaderSteppedDown {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.stepped_down", "decide", "", "a leader hears of a newer one", true};
};
struct FirstConfirm {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.first_confirm", "reconnect", "", "a client gets confirms again", true};
};
struct FirstConfirmCutOff {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.first_confirm_cut_off", "reconnect", "",
                                  "a client of a node that had lost the majority gets confirms again", true};
};
struct FirstDelivery {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.first_delivery", "reconnect", "", "a client gets deliveries again", true};
};
struct Blocked {
  std::uint16_t service;
  std::uint16_t access;
  static constexpr EventInfo info{"rabbitmq.blocked", "", "", "a publisher is blocked by an alarm", true};
};
struct NodePaused {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.paused", "act", "rabbitmq.broker_stop",
                                  "a node pauses: it stops its broker", true};
};
struct NodeCaughtUp {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.caught_up", "catch-up", "",
                                  "all replicas and mirrors of a node that came back have what the others have", true};
};
/// At ListenersOpened; of a node that went on as it was, when its replicas follow their leaders again.
struct NodeRejoined {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.rejoined", "recover", "rabbitmq.recovery",
                                  "a node's broker listens again, or follows its queues' leaders after silence", true};
};
struct NodesMet {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.contact", "recover", "rabbitmq.ping_period", "two nodes connect again",
                                  true};
};
struct PartitionFound {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{
      "rabbitmq.partitioned", "recover", "",
      "two nodes meet again that had taken each other for down: the metadata are partitioned", true};
};
struct PartitionPartial {
  std::uint16_t service;
  Number node;
  Number peer;
  static constexpr EventInfo info{"rabbitmq.partial_partition", "detect", "",
                                  "a node has lost one that another still reaches", true};
};
/// About the winner.
struct AutohealDecided {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.autoheal", "decide", "",
                                  "the first node has chosen who wins, by what it has been told: the others restart",
                                  true};
};
struct MirrorPromoted {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.promoted", "act", "", "a mirror becomes master of its queue", true};
};
struct StreamWriterStarted {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.stream_writer", "decide", "rabbitmq.message_handling",
                                  "a replica of a stream has become its writer", true};
};
struct QueueDown {
  std::uint16_t service;
  Number queue;
  static constexpr EventInfo info{"rabbitmq.queue_down", "", "", "a queue has no process: its node is down", true};
};
struct MemoryAlarm {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.memory_alarm", "", "", "a node's memory alarm blocks all publishers", true};
};
struct DiskAlarm {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.disk_alarm", "", "", "a node's disk alarm blocks all publishers", true};
};
struct AlarmCleared {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"rabbitmq.alarm_cleared", "recover", "", "a node's alarm is over", true};
};
struct MirrorWaitedFor {
  std::uint16_t service;
  Number queue;
  Number node;
  static constexpr EventInfo info{"rabbitmq.mirror_dropped", "detect", "net_ticktime",
                                  "a master drops a mirror that it has waited for", true};
};

// One a line: in rows the formatter takes them apart differently from run to run.
// clang-format off
#define NINES_RABBITMQ_NODE_EVENTS(X) \
  X(NodeBooted) \
  X(LoadingGivenUp) \
  X(ListenersOpened) \
  X(PauseChecked) \
  X(RestartDue) \
  X(BrokerStops) \
  X(NodeExits) \
  X(NetTick) \
  X(ConnectionResumes) \
  X(AutohealRequested) \
  X(ConnectionClosed) \
  X(SilencePoll) \
  X(PingDue) \
  X(ReplicaTimer) \
  X(VoteWritten) \
  X(LogWritten) \
  X(MemoryLooked) \
  X(DiskLooked) \
  X(NodeDown) \
  X(NodeDownCutOff) \
  X(NodeSilent) \
  X(LeaderSuspected) \
  X(ElectionAgain) \
  X(LeaderElected) \
  X(LeaderSteppedDown) \
  X(NodePaused) \
  X(NodeCaughtUp) \
  X(NodeRejoined) \
  X(NodesMet) \
  X(PartitionFound) \
  X(PartitionPartial) \
  X(AutohealDecided) \
  X(MirrorPromoted) \
  X(MemoryAlarm) \
  X(DiskAlarm) \
  X(AlarmCleared) \
  X(MirrorWaitedFor) \
  X(StreamWriterStarted)
#define NINES_RABBITMQ_QUEUE_EVENTS(X) \
  X(LeaderTick) \
  X(ReplicaReplaced) \
  X(MirrorSynced) \
  X(QueueDown) \
  X(ConsumerGivenUp) \
  X(ConsumerNodeGivenUp) \
  X(DeliveryLimitReached) \
  X(StreamStep) \
  X(StreamCaughtUp)
#define NINES_RABBITMQ_ACCESS_EVENTS(X) \
  X(AttemptDue) \
  X(ChannelFull) \
  X(DroppedCounted) \
  X(FirstAccepted) \
  X(ConfirmTimeout) \
  X(OperationAnswered) \
  X(FirstConfirm) \
  X(FirstConfirmCutOff) \
  X(FirstDelivery) \
  X(Blocked) \
  X(ConsumerLookedAt) \
  X(ConsumerTimedOut) \
  X(Redelivered) \
  X(ConsumerActivated)
#define NINES_RABBITMQ_SERVICE_EVENTS(X) \
  X(UntrustedRestarted) \
  X(AutohealMessage) \
  X(BootForced) \
  X(PacketArrived) \
  X(BacklogTurns)
// clang-format on
#define NINES_RABBITMQ_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_RABBITMQ_NODE_EVENTS(NINES_RABBITMQ_SUBJECT)
NINES_RABBITMQ_QUEUE_EVENTS(NINES_RABBITMQ_SUBJECT)
NINES_RABBITMQ_ACCESS_EVENTS(NINES_RABBITMQ_SUBJECT)
NINES_RABBITMQ_SERVICE_EVENTS(NINES_RABBITMQ_SUBJECT)
#undef NINES_RABBITMQ_SUBJECT

void on(World& world, const NodeBooted& event);
void on(World& world, const ListenersOpened& event);
void on(World& world, const LoadingGivenUp& event);
void on(World& world, const PauseChecked& event);
void on(World& world, const RestartDue& event);
void on(World& world, const BrokerStops& event);
void on(World& world, const NodeExits& event);
void on(World& world, const NetTick& event);
void on(World& world, const ConnectionClosed& event);
void on(World& world, const SilencePoll& event);
void on(World& world, const PingDue& event);
void on(World& world, const UntrustedRestarted& event);
void on(World& world, const BootForced& event);
void on(World& world, const ReplicaTimer& event);
void on(World& world, const LeaderTick& event);
void on(World& world, const PacketArrived& event);
void on(World& world, const VoteWritten& event);
void on(World& world, const LogWritten& event);
void on(World& world, const ReplicaReplaced& event);
void on(World& world, const MirrorSynced& event);
void on(World& world, const BacklogTurns& event);
void on(World& world, const MemoryLooked& event);
void on(World& world, const DiskLooked& event);
void on(World& world, const AttemptDue& event);
void on(World& world, const ConfirmTimeout& event);
void on(World& world, const ChannelFull& event);
void on(World& world, const DroppedCounted& event);
void on(World& world, const OperationAnswered& event);
void on(World& world, const ConnectionResumes& event);
void on(World& world, const AutohealMessage& event);
void on(World& world, const ConsumerGivenUp& event);
void on(World& world, const ConsumerNodeGivenUp& event);
void on(World& world, const ConsumerLookedAt& event);
void on(World& world, const StreamStep& event);
void on(World& world, const StreamCaughtUp& event);

}  // namespace nines::models::rabbitmq

#define NINES_ROOM rabbitmq
#define NINES_ROOM_EVENTS "models/rabbitmq/events.def"
#include "models/number_events.hpp"
