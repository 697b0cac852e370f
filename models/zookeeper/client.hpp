// Clients of ZooKeeper and their sessions.
//
// A client is connected to one server, which takes its pings; the leader lets its session expire when none has come for
// the session's time-out, rounded up to its next tick (ExpiryQueue). A client that is disconnected goes round the
// servers in an order of its own, and learns what has become of its session only from one that serves (zookeeper.md
// section 3; ClientCnxn, ClientCnxnSocketNIO.cleanup, StaticHostProvider.next).
#pragma once

#include "models/zookeeper/ensemble.hpp"

namespace nines::models::zookeeper {

/// Servers, leader or connections have changed: who is connected, whose pings arrive, whose requests are answered.
void look_at_clients(Context& c);

/// The process of another service that has client `first`, and the one behind it, begins to ask for a session; or ends
/// its session in order.
void open_session(Context& c, std::uint16_t first);
void close_session(Context& c, std::uint16_t first);
service::SessionView session_of(const Context& c, std::uint16_t first);

/// A client goes round the servers in an order of its own (StaticHostProvider).
void shuffle(Context& c, std::uint16_t client);

/// A new leader gives every session its whole time-out again.
void restart_sessions(Context& c, Position leader);

/// Without a request a client sends a ping after this (ClientCnxn.SendThread.run).
Duration ping_interval(const Context& c, std::uint16_t client);

}  // namespace nines::models::zookeeper
