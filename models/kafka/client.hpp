// The client's clock: what an application sees of leaders that die, move, hang or refuse.
//
// A closed connection is an error at once and starts retries with back-off; a silent host is noticed only when a
// request times out; NOT_LEADER and NOT_ENOUGH_REPLICAS are retried. Retries are arithmetic: only the one that gets
// through is an event. Rules: K39 producer and consumer, KIP-580, KIP-951; Kafka sheet section 5.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Re-examines every client's routes and SLIs, and the rates at which leaders accept. Call after every change that a
/// client could notice.
void clients_changed(Context& c);
/// Whether a look at the group's clients would find nothing to do, now and until something changes.
bool clients_at_rest(const Context& c, GroupId group);
/// Share of the load that goes to a group's replica `slot` now.
double routed_share(const Context& c, GroupId group, Slot slot);
/// No client is in trouble.
bool clients_healthy(const Context& c);

}  // namespace nines::models::kafka
