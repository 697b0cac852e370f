// What publishers and consumers see: each keeps a connection to one node, and gets confirms or deliveries of a queue
// over it.
//
// Rules: RabbitMQ sheet, section 8; RabbitMQ Java client (automatic recovery), rabbit_fifo_client.erl.
#pragma once

#include "models/rabbitmq/nodes.hpp"

namespace nines::models::rabbitmq {

void begin_accesses(Context& c);
/// Nodes, queues or alarms have changed: whose operations are answered now?
void look_at_accesses(Context& c);
/// So many seconds have passed for publishers without confirms: what they hold, and what was dropped.
void grow_unconfirmed(Context& c, double seconds);
/// SLIs of kind deliver of queues with a single active consumer, once it is known who that is.
void look_at_single_active(Context& c);
/// Lag SLIs, once it is known what waits and what comes back.
void look_at_lags(Context& c);
/// A node that reaches no majority has lost another: what channels there had sent is gone with the connection.
void channels_cut_off(Context& c, Number node);
/// Of an SLI of kind lag: what may wait.
double most_backlog(const Context& c, std::uint16_t access);
/// A consumer's channel is closed by its node: it subscribes anew as after a lost connection.
void close_channel(Context& c, std::uint16_t access);
/// A queue cancels the consumer (basic.cancel): over the same connection its client subscribes anew after its wait.
void cancel_consumer(Context& c, std::uint16_t access);
/// Connections of clients to the node.
std::int64_t connections_to(const Context& c, Number node);

}  // namespace nines::models::rabbitmq
