// Quorum queues inside the world: drives the machines of models/rabbitmq/ra with clocks, disks, network and draws.
//
// A replica that is `level` has its leader's log and gets entries as they come, without events. Whoever is not gets its
// messages one by one.
#pragma once

#include "models/rabbitmq/nodes.hpp"

namespace nines::models::rabbitmq {

ra::Node healthy_replica(const Context& c, Number queue, Number node);

/// A broker has started: its replicas begin with what is on their disks.
void replicas_started(Context& c, Number node);
/// It has ended.
void replicas_ended(Context& c, Number node);
/// A node has lost its connection to another; the detector finds that another is silent, or is heard again.
void replicas_lost_node(Context& c, Number node, Number peer);
void replicas_hear(Context& c, Number node, Number peer, bool silent);
/// Packets between two nodes that waited for their path go on, or are gone with the connection.
void packets_go_on(Context& c, Number from, Number to);
void packets_are_lost(Context& c, Number from, Number to);
/// A process goes on that stood still: its timers run out.
void replicas_go_on(Context& c, Number node);
/// Who leads, who is level, who needs ticks.
void look_at_quorum(Context& c, Number queue);
/// Entries that clients wrote while `seconds` passed, and consumers' answers.
void grow_log(Context& c, Number queue, double seconds);
/// What a channel on the node is told: the leader confirms what it sends.
bool quorum_serves(const Context& c, Number queue, Number node);
/// A commit takes so long, from a channel on the node and back; drawn.
Duration quorum_round(Context& c, Number queue, Number node);
/// The channel's first messages are taken by a leader that cannot commit.
void publish_in_vain(Context& c, Number queue, Number node);
bool quorum_at_rest(const Context& c, Number queue);
/// All replicas on the node have what their leaders have.
bool replicas_level(const Context& c, Number node);
/// All replicas on the node lead their queues, or follow who does.
bool replicas_follow(const Context& c, Number node);
/// With this node gone some quorum queue would have no more than its bare majority left, or less.
bool is_quorum_critical(const Context& c, Number node);

}  // namespace nines::models::rabbitmq
