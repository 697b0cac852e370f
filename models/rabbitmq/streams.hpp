// Streams: a log with a writer and replicas that read it (osiris), and the coordinator that says who writes.
//
// The coordinator is one Ra cluster of all nodes (a quorum queue without messages: the last of the plan's queues). Its
// leader monitors the members of every stream. When the writer ends, or the connection to its node (so a silent writer
// is found at the net tick, unless the coordinator's own leader is lost with it and the new one sees it at once), all
// members are stopped; as soon as a majority has said what it has, the one with most becomes writer of a new epoch, and
// then the others start as its replicas, without what it lacks. Each of these steps is a command of the coordinator.
//
// A publish is confirmed when a majority has written it, to the page cache: nobody waits for a disk. A power loss of a
// majority at once takes what had not been written back.
//
// Rules: rabbitmq-server v3.12 rabbit_stream_coordinator.erl (update_stream0, evaluate_stream, select_leader,
// maybe_sleep), rabbit_stream_queue.erl (local members, resend_all); rabbitmq/osiris osiris_writer.erl; RabbitMQ sheet,
// section 6.
#pragma once

#include "models/rabbitmq/nodes.hpp"

namespace nines::models::rabbitmq {

/// Messages that a stream's retention keeps: who has none of it gets so many, and no more can be lost.
double kept(const Context& c, Number queue);
void begin_stream(Context& c, Number queue);
/// A broker has ended; `power_loss`: with its machine's page cache.
void members_ended(Context& c, Number node, bool power_loss);
/// A broker has started; on a disk that is empty it has nothing.
void members_started(Context& c, Number node);
/// What the coordinator sees, and does next. After look_at_quorum of the coordinator.
void look_at_stream(Context& c, Number queue);
/// Messages confirmed since the last call are on the members that follow; others come closer.
void grow_stream(Context& c, Number queue, double seconds);
/// A channel on the node gets confirms.
bool stream_confirms(const Context& c, Number queue, Number node);
/// What a channel on the node sends without asking for confirms reaches no writer: its process has ended, or the nodes
/// are not connected.
bool stream_drops(const Context& c, Number queue, Number node);
/// A consumer on the node gets what is confirmed: it reads the member there.
bool stream_delivers(const Context& c, Number queue, Number node);
/// From a publish on the node to its confirm; drawn.
Duration stream_round(Context& c, Number queue, Number node);
bool stream_at_rest(const Context& c, Number queue);
/// Without the node a stream would be left without a majority of its members (rabbit_stream_queue,
/// list_with_minimum_quorum).
bool is_stream_critical(const Context& c, Number node);
/// Members on the node run and have everything.
bool members_level(const Context& c, Number node);

}  // namespace nines::models::rabbitmq
