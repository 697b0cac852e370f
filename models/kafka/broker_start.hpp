// A broker's way from a started process to a serving member, and what a fast restart waits for.
//
// It registers before it loads logs; a registration is refused while the old session is valid; log recovery runs while
// it is fenced, so all its partitions wait for its slowest log. K39 BrokerServer, BrokerLifecycleManager,
// ClusterControlManager.registerBroker; Kafka sheet sections 3 and 6.
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// A container of the service started.
void member_started(Context& c, ProcessId process);
/// A member's process is gone.
void member_died(Context& c, ProcessId process);
/// The broker asks the controller for a registration now. REQUIRES: phase registering.
void try_to_register(Context& c, Position broker);
/// It begins to load its logs: the end of that is LogsLoaded.
void begin_loading(Context& c, Position broker);
/// A request of the broker reached the active controller after it had been out of contact.
void controller_reached(Context& c, Position broker);
/// The broker's volume or CPU gives more or less than before: if it loads its logs, that goes on at another pace, or
/// stands still.
void loading_conditions_changed(Context& c, Position broker);
/// The broker runs, registered and unfenced.
bool broker_healthy(const Context& c, Position broker);

}  // namespace nines::models::kafka
