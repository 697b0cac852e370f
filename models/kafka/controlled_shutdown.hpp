// Orderly stop of a broker: leaderships handed over, the others told, logs closed.
//
// The broker polls at once, after 50 ms, then each heartbeat interval; it may go when it leads nothing and every other
// active broker has reported the metadata that moved its leaderships. K39 BrokerHeartbeatManager; Kafka sheet
// section 3. Without consent it waits for kafka.shutdown_timeout, then closes its logs and exits all the same, cleanly:
// the controller fences it when its session runs out (K39 BrokerServer.shutdown, KafkaBroker.shutdown; seen in
// KAFKA-19905).
#pragma once

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// SIGTERM to a member's process.
void member_terminating(Context& c, ProcessId process);
/// The broker takes no requests any more, and closes its logs; then its process exits.
void close_broker(Context& c, Position broker);

}  // namespace nines::models::kafka
