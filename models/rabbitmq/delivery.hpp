// What a queue and its consumers know of messages that were sent and are not acknowledged, without clock, network and
// draws. Messages are amounts: those that came back as often are one batch.
//
// Rules: rabbitmq-server rabbit_queue_consumers.erl (prefetch, requeue when a channel ends), rabbit_fifo_v3.erl and
// rabbit_fifo_v7.erl return_one, return_all (3.10 to 4.2), rabbit_fifo.erl return_all (4.3); RabbitMQ sheet, section 6.
#pragma once

#include <cstdint>
#include <vector>

#include "models/units.hpp"

namespace nines::models::rabbitmq::delivery {

/// Messages that follow each other and whose delivery has failed as often.
struct Batch {
  double messages = 0;
  std::int64_t failed = 0;
};
using Batches = std::vector<Batch>;
double total(const Batches& batches);

/// How a consumer subscribed.
struct Terms {
  bool automatic = false;     ///< what is sent counts as consumed, and prefetch as none
  std::int64_t prefetch = 0;  ///< messages that it may hold unacknowledged; 0: as many as there are
};

/// How the queue counts.
struct Rules {
  std::int64_t limit = -1;             ///< x-delivery-limit: deliveries that may fail; negative: any number
  bool counts = false;                 ///< a quorum queue counts deliveries that failed
  bool lost_connections_count = true;  ///< also when it has lost the consumer's node (up to 4.2)
};

/// Why a consumer's messages come back.
enum class End : std::uint8_t {
  channel,   ///< its channel has ended
  node,      ///< the queue has lost the connection to its node
  released,  ///< it held one for too long, and the queue took them back (4.3)
  requeued,  ///< the queue began anew and knows of no consumer: a classic one that recovered, or a promoted mirror
};

/// What has come back and goes out again before anything else. What has never been sent is not in it.
struct Line {
  Batches returned;
};

/// What a consumer can take per second: with a prefetch no more than that within the time it holds each.
double pace(const Terms& terms, double capacity_per_s, Duration holds_each);

/// Messages that are sent and unacknowledged (with automatic acknowledgement: sent and not worked on) of a consumer
/// that takes `per_s` and holds each for `holds_each`, while `waiting` more are there for it.
double outstanding(const Terms& terms, double per_s, Duration holds_each, double waiting);

/// The next messages are sent: those that came back first.
Batches send(Line& line, double messages);
/// The same, and acknowledged.
void settle(Line& line, double messages);
/// A consumer that was not heard goes on with what it holds.
void keep(Line& line, const Batches& held);

struct Returned {
  double again = 0;    ///< sent once more, flagged as redelivered
  double dropped = 0;  ///< over the delivery limit: dead-lettered, or gone
};
/// What a consumer held comes back.
Returned give_back(const Rules& rules, Line& line, const Batches& held, End end);

}  // namespace nines::models::rabbitmq::delivery
