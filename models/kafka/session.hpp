// The controller's clock: who has sent a heartbeat lately.
//
// A heartbeat between a healthy broker and a live controller changes nothing, so it is no event. Each broker keeps the
// grid of its heartbeats; when contact is lost the grid tells the last one that arrived, and from it the instant at
// which the session will run out. Rules: K39 BrokerHeartbeatManager, BrokerLifecycleManager; Kafka sheet sections 1, 3.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// Pure arithmetic of the fence check: first instant at which a controller notices that a session with its last contact
/// at `last_contact` is stale. `check_period` zero: exactly at expiry (up to 3.9); else at the checks `checks` (4.0).
sim::Time fence_check_at(sim::Time last_contact, sim::Duration session_timeout, bool periodic, const sim::Grid& checks);

/// The grid of a broker's heartbeats, and of its lag checks of the partitions that it leads.
sim::Grid heartbeats_of(const Context& c, Position broker);
sim::Grid isr_checks_of(const Context& c, Position broker);

/// Re-examines which brokers reach the active controller. Call after any change of processes, links or the controller.
void sessions_changed(Context& c);
/// A new active controller grants every broker a fresh session (K39 ClusterControlManager.activate).
void restart_sessions(Context& c);
/// Counts the silence of one broker from its last contact on. REQUIRES: out of contact.
void restart_session(Context& c, Position broker);
/// The active controller is gone; nobody counts sessions until there is another.
void forget_sessions(Context& c);
/// Fences a broker: it loses its leaderships and leaves ISRs. REQUIRES: the controller can commit.
void fence(Context& c, Position broker);
/// Whether a broker's requests reach the active controller now.
bool reaches_controller(const Context& c, Position broker);
/// Whether the controller holds a valid session for the broker (K39 BrokerHeartbeatManager.hasValidSession).
bool session_valid(const Context& c, Position broker);
/// Starts the heartbeat grid of a broker whose request has just been answered.
void in_contact_from_now(Context& c, Position broker);

}  // namespace nines::models::kafka
