// Who makes a standby the primary: Patroni (patroni.hpp) with its store, or people.
//
// The key is renewed at the turns of its holder, which are a grid; when they end, it runs out a `patroni.ttl` after the
// last of them. In etcd that is a lease, whose end wakes all members at once, and which does not run out while etcd has
// no leader; in the API of Kubernetes each member judges by its own clock, in its next turn. Source: Patroni
// dcs/etcd3.py, dcs/kubernetes.py; etcd server/lease/lessor.go.
#pragma once

#include "models/postgresql/server.hpp"

namespace nines::models::postgresql {

/// Its Patroni takes a turn now, for its server's state has changed.
void wake_patroni(Context& c, Number server);
/// The key's renewal, and which members' turns are events.
void look_at_patroni(Context& c);
/// Which members' Patroni reaches the store, and so renews its key there.
void look_at_members(Context& c);
/// When the key of a member that is absent runs out; never if it is not, or is one as long as its pod (Kubernetes).
sim::Time member_expires(const Context& c, Number server);
/// Whether people have to see to the primary: without an operator, or if no member may become it by Patroni's rules; or
/// to restore a backup, for all data are lost. They hear of it as of every repair.
void look_at_people(Context& c);
/// What people are to do about the server, and that they have done it: false if it cannot be done yet.
HandWork hand_work(const Context& c, Number number);
bool done_by_hand(Context& c, Number number);
/// A leader that has stopped gives its key up.
void release_key(Context& c, Number server);
/// Patroni has to take the standby out of what commits wait for before it may end.
bool waited_for(const Context& c, Number standby);
/// Whom commits are to wait for, as bits.
std::uint64_t wanted_syncs(const Context& c, Number primary);

/// Other services that ask hear of what has changed.
void tell_users(Context& c);

}  // namespace nines::models::postgresql
