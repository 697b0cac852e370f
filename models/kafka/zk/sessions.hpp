// What the parts of this folder ask of a broker's session with ZooKeeper.
#pragma once

#include "models/kafka/zk/control.hpp"

namespace nines::models::kafka::zk {

inline Broker& broker_of(const Context& c, Position broker) { return c.state.zk.brokers[broker]; }
service::SessionView session_of(const Context& c, Position broker);
/// It has registered, and its data plane runs or is about to.
bool takes_part(const Context& c, Position broker);
/// The process of who has made /controller runs, in the session in which it did, and its writes are done.
bool gets_on(const Context& c);

/// Brokers try to become the controller, if there is none.
void stand_for_controller(Context& c);
/// It has become the controller: it begins to read.
void begin_term(Context& c, Position broker);
/// It is the controller no more.
void end_term(Context& c);
/// The controller gets on with its queue, or stands still.
void advance(Context& c);
/// The controller compares who is registered with whom it knows. REQUIRES: it acts.
void look_at_registrations(Context& c);
/// The controller takes note of changed registrations after a watch's way.
void tell_controller(Context& c);
void push(Context& c, Task task, Position broker, bool found = false);
/// Requests that did not get through are sent again.
void resend(Context& c);

}  // namespace nines::models::kafka::zk
