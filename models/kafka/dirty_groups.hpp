// Dirty groups: partition groups about which something changed since the last look, and which have to be looked at.
//
// What a look at a group does (`replication_changed`, `clients_changed`) follows from
//   1. the brokers of its replicas: whether they serve; for followers also whether they are active and whom they reach,
//      for clients whether they reach them;
//   2. the group itself: who leads by whose knowledge, the leader's ISR, who is in step, the clients' routes;
//   3. what it has begun: a follower whose fetch is delayed, an ISR change that is wanted, a client in trouble.
// A second look with the same 1 and 2 finds nothing to do, but for 3, which depends on the time. So 1 is compared with
// what was seen last (and only for replicas whose part in the group can depend on it), whoever changes 2 says so, and
// for 3 a timer looks again: of the broker that fetches, of the ISR change, of the client. While an ISR change is
// wanted that cannot be asked for, the group keeps its place in the set. The build for tests examines at every look
// that the groups left out would have had nothing to do.
#pragma once

#include "models/kafka/conditions.hpp"

namespace nines::models::kafka {

/// Nothing has been seen yet: everything is looked at next. For a new world, and for one that gets another plan.
void see_all_anew(Context& c);
/// Something about the group itself changed or is about to.
void group_changed(Context& c, GroupId group);
/// The broker's phase or its standing with the controller has changed.
void broker_changed(Context& c, Position broker);
/// Reads anew which brokers serve and are active. Call at the beginning of a look.
void see_brokers(Context& c);
/// Reads anew who reaches whom. Call after any change of processes, machines or links.
void see_contacts(Context& c);

/// What a client's request to a broker meets, as last read by `see_contacts`.
inline Contact client_contact(const Context& c, ClientId client, Position broker) {
  return c.state.client_contacts[broker * c.plan.clients.size() + client.value];
}
/// The same for a follower's fetch: from what was seen of both, while nothing is cut off on the network. REQUIRES: two
/// brokers.
inline Contact fetch_contact(const Context& c, Position follower, Position leader) {
  const infrastructure::Reachability& network = c.world.infrastructure.reachability;
  if (!network.reaches.empty() || network.pods_blocked) {
    return data_contact(c, follower, leader);
  }
  const SeenProcess& from = c.state.seen[follower];
  const SeenProcess& to = c.state.seen[leader];
  if (from.denied || to.denied) return Contact::silence;
  if (!from.sends || from.answer == Contact::silence) return Contact::silence;  // gone, or it hangs (conditions.hpp)
  const bool handshake_fails = from.handshakes == Handshakes::fail || to.handshakes == Handshakes::fail;
  return to.answer == Contact::ok && handshake_fails ? Contact::reset : to.answer;
}

/// Whether what was seen of the brokers is what is; for checks while probing (models/coverage.hpp).
bool sees_truly(const Context& c);

}  // namespace nines::models::kafka
