// Brokers that take turns as the controller, with their metadata in ZooKeeper (Kafka up to 3.9).
//
// A broker keeps a session with ZooKeeper and registers in it: /brokers/ids/N is there as long as the session lives,
// which ZooKeeper ends by its own clock. One that restarts faster finds the node of the process before, and exits
// (KafkaZkClient.checkedEphemeralCreate). Who creates /controller first is the controller, until its session ends; each
// counts the epoch up in the same transaction, and its writes are checked against that, so that one which does not yet
// know of its end changes nothing, and brokers refuse requests of an older epoch than they have heard
// (registerControllerAndIncrementControllerEpoch, KafkaController.elect, ReplicaManager.becomeLeaderOrFollower).
//
// A new controller reads the state of every partition before it acts. All its work is done by one thread, one event
// after the other, and partition by partition in ZooKeeper: read, then written. While it is disconnected it stands
// still. Requests then go to each broker from a thread of its own (ControllerChannelManager): a broker that does not
// answer holds up nobody else.
//
// Source: apache/kafka 3.6 and 3.9 core: KafkaController, PartitionStateMachine, ReplicaStateMachine, Election,
// ControllerChannelManager, KafkaZkClient, ZooKeeperClient, KafkaServer. Leaders change ISRs by AlterPartition, through
// the controller (KIP-497, inter.broker.protocol.version 2.7 on); before that they wrote them themselves.
#pragma once

#include "models/kafka/context.hpp"
#include "models/service/session.hpp"

namespace nines::models::kafka::zk {

/// A healthy cluster; nothing is drawn yet.
void initialise_control(Context& c);
/// Who is the controller.
void draw_controller(Context& c);

/// The active controller can change what is in ZooKeeper.
bool can_decide(const Context& c);
/// Requests of the broker reach the active controller.
bool reaches_active(const Context& c, Position broker);
/// From a leader's AlterPartition until its answer: the way, the controller's queue, a write.
Duration isr_change_delay(Context& c, GroupId group);
/// Sends the decisions since the last call, if any, to all brokers that the controller takes for alive.
void send_decisions(Context& c);
/// Processes, paths, or what ZooKeeper answers have changed.
void control_changed(Context& c);
/// A broker's session with ZooKeeper.
void session_changed(Context& c, Position broker, std::uint32_t session, service::SessionNews news);

/// The broker's process has started; its logs are loaded; it is gone.
void start_broker(Context& c, Position broker);
void logs_loaded(Context& c, Position broker);
void broker_died(Context& c, Position broker);
/// SIGTERM to a serving broker: it asks the controller a few times, then closes. REQUIRES: phase stopping.
void begin_shutdown(Context& c, Position broker);
/// Its logs are closed: its session ends, and it exits.
void logs_closed(Context& c, Position broker);

/// Too many partitions of some broker are led by others (leader.imbalance.per.broker.percentage).
bool imbalanced(const Context& c);
/// The check is due: leaders return.
void rebalance(Context& c);

/// A controller acts and has nothing to do, and all brokers are registered.
bool control_healthy(const Context& c);

}  // namespace nines::models::kafka::zk
