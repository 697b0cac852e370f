// Queues that send to one consumer at a time (x-single-active-consumer): who is the active one, and who is next.
//
// Consumers are in the order in which they subscribed. The first that the queue does not take for lost is the active
// one, and stays it: nothing hands its place back to who had it before. A queue hears that a consumer is gone as it
// hears of what consumers hold (consumers.hpp). A quorum queue that has lost the connection to a consumer's node takes
// it for suspected, keeps its place, and activates another at once, from 4.3 on after consumer_disconnected_timeout; a
// classic one forgets it. A consumer that connects anew before its former channel has ended for the queue waits behind
// itself.
//
// Rules: rabbitmq-server rabbit_fifo.erl activate_next_consumer, {down, Pid, noconnection}, sort_waiting;
// rabbit_amqqueue_process.erl new_single_active_consumer_after_channel_down. Left out: priorities of consumers.
#pragma once

#include "models/rabbitmq/nodes.hpp"

namespace nines::models::rabbitmq {

/// In health: all consumers have subscribed, in the order of the file.
void begin_subscriptions(Context& c);
/// Who has subscribed, and who is the active one now? After look_at_held.
void look_at_subscriptions(Context& c);
/// The consumer's subscription over its present channel; none if it has none.
Subscription* subscription_of(const Context& c, std::uint16_t access);
/// It ends that subscription itself, or its queue does.
void unsubscribe(Context& c, std::uint16_t access);
/// All of them have gone with the queue.
void forget_subscriptions(Context& c, Number queue);
/// The node has closed the channel: with it ends what the consumer holds over it.
void channel_ended(Queue& queue, Subscription& subscription);
/// Whether the queue sends to that consumer, and it is served: any that is served, or the active one alone.
bool is_sent_to(const Context& c, std::uint16_t access);
/// Somebody gets what is in a queue with a single active consumer.
bool is_delivered(const Context& c, Number queue);
/// Nobody who has subscribed to such a queue is gone or suspected.
bool subscriptions_at_rest(const Context& c, Number queue);

}  // namespace nines::models::rabbitmq
