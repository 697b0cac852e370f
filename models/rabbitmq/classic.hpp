// Classic queues, with mirrors and without: one process, on one node, that others may copy.
//
// Rules: RabbitMQ sheet, section 6; rabbitmq-server 3.12 rabbit_mirror_queue_misc.erl, rabbit_mirror_queue_slave.erl.
#pragma once

#include "models/rabbitmq/nodes.hpp"

namespace nines::models::rabbitmq {

void begin_classic(Context& c, Number queue);
/// A broker has started, and has loaded the tables of the others.
void copies_started(Context& c, Number node);
/// It has ended; `clean`: by an orderly stop.
void copies_ended(Context& c, Number node, bool clean);
/// A broker has found that another is gone, or its connection to it.
void copies_lost_node(Context& c, Number node, Number peer);
/// Mirrors that must join do; of two masters that share their tables one gives up.
void look_at_classic(Context& c, Number queue);
/// When the next mirror that lacks something has it: copied, or because what it lacks has been consumed.
void look_at_sync(Context& c, Number queue);
/// The master that a channel on the node talks to; nobody if there is none that answers.
Number master_for(const Context& c, Number queue, Number node);
/// The queue's process on the node runs, and is its master.
bool is_master_of(const Context& c, Number queue, Number node);
bool classic_confirms(const Context& c, Number queue, Number node);
bool classic_delivers(const Context& c, Number queue, Number node);
/// What a channel on the node sends to the queue reaches nobody: no process of it runs as far as the node knows. Over a
/// connection that is merely silent it waits.
bool classic_drops(const Context& c, Number queue, Number node);
bool classic_at_rest(const Context& c, Number queue);
bool copies_synced(const Context& c, Number node);
/// Some mirrored queue's master is on the node, and no mirror of it has everything.
bool has_unsynced_master(const Context& c, Number node);

}  // namespace nines::models::rabbitmq
