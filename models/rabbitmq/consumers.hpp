// What consumers hold unacknowledged, and what becomes of it when they or their channels, nodes or queues are lost:
// delivery.hpp with connections and time.
//
// While a consumer is served, what it holds follows from its rate, and is no state. It becomes state when it is served
// no longer, until it goes on over the same connection, or its queue hears that its channel has ended.
//
// Rules: rabbitmq-server rabbit_fifo*.erl ({down, Pid, noconnection}, handle_down), rabbit_amqqueue_process.erl
// handle_ch_down, rabbit_channel.erl (consumer_timeout at ticks), rabbit_heartbeat.erl; RabbitMQ sheet, sections 6, 8.
#pragma once

#include <optional>

#include "models/rabbitmq/nodes.hpp"

namespace nines::models::rabbitmq {

/// A consumer is served no longer: what it holds is set apart. Before it connects anew or its channel changes.
void consumer_stops(Context& c, std::uint16_t access);
/// It is served again: over the same connection it goes on with what it holds.
void consumer_goes_on(Context& c, std::uint16_t access);
/// Its queue begins to send to it what waits.
void sends_to(Context& c, std::uint16_t access);
/// Its connection is gone for it; its node may not have heard.
void consumer_ends(Context& c, std::uint16_t access);
/// Its node hears nothing of it any more: it closes the connection after two to three heartbeats. Or hears it again.
void consumer_falls_silent(Context& c, std::uint16_t access);
void consumer_is_heard(Context& c, std::uint16_t access);
/// A classic queue's process began anew, from its disk or as a promoted mirror: nothing is acknowledged.
void requeue_all(Context& c, Number queue);
/// What consumers of the queue hold has gone with the queue.
void forget_held(Context& c, Number queue);
/// Which queues hear now that consumers of theirs are gone?
void look_at_held(Context& c);
/// Whether the queue's process can say who its consumers are.
bool knows_consumers(const Context& c, Number queue);
/// Why its queue gives a consumer up now; nothing if it does not.
std::optional<delivery::End> given_up(Context& c, Number queue, Subscriber& subscriber);
/// The queue sends so many messages of its backlog to a consumer that is not served.
void send_in_vain(Context& c, Number queue, const Subscriber& subscriber, double messages);
/// When does a consumer hold a message for too long?
void look_at_consumer_timeouts(Context& c);

/// Messages that were sent to consumers that are not served.
double held_messages(const Queue& queue);
/// Since when the oldest of them waits; never() if there are none.
sim::Time held_since(const Queue& queue);
/// Messages that lost consumers hold and nobody works on: they wait as those of the backlog do.
double held_waiting(const Queue& queue);
/// How the consumer of that access subscribed.
delivery::Terms terms_of(const Context& c, std::uint16_t access);

}  // namespace nines::models::rabbitmq
