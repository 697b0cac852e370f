// The client's clock: what an application sees of leaders that die, move, hang or refuse.
//
// A closed connection is an error at once; a silent host is noticed only when a request times out; NOT_LEADER and
// NOT_ENOUGH_REPLICAS are retried. Who leads instead a client learns from metadata: one request at a time serves all
// its partitions, repeated with back-off while it shows nothing new. A broker answers the requests of one connection in
// their order, so what waits for replicas holds up everything behind it: acks=all writes to other partitions of that
// broker, and the metadata request, which goes out as soon as one stall is over. Rules: K39 Sender, NetworkClient,
// Metadata, SocketServer.Processor, KIP-580, KIP-951; Kafka sheet sections 5 and 15.
//
// Retries are arithmetic: only the one that gets through is an event.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Re-examines every client's routes and SLIs, and the rates at which leaders accept. Call after every change that a
/// client could notice.
void clients_changed(Context& c);
/// Whether a look at the group's clients would find nothing to do, now and until something changes.
bool clients_at_rest(const Context& c, GroupId group);
/// Share of what is produced with each kind of acknowledgement that goes to a group's replica `slot` now, and is not
/// held up on its way.
struct RoutedShares {
  double all = 0;
  double one = 0;
};
RoutedShares routed_shares(const Context& c, GroupId group, Slot slot);
/// The slot, behind which nobody leads, is to hold a replica of another broker: a client that still sends to the broker
/// of the past has lost its leader, or does so when its request times out.
void forget_slot(Context& c, GroupId group, Slot slot);
/// No client is in trouble.
bool clients_healthy(const Context& c);

}  // namespace nines::models::kafka
