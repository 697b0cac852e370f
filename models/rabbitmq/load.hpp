// What waits in queues, the memory and disk that it takes, the alarms that this sets off, and what is lost.
//
// Rules: RabbitMQ sheet, section 7; rabbit_alarm.erl, rabbit_disk_monitor.erl, vm_memory_monitor.erl.
#pragma once

#include "models/rabbitmq/nodes.hpp"
#include "models/service/kind.hpp"

namespace nines::models::rabbitmq {

/// Messages in a queue: those that consumers do not take, and those that have just come.
double content(const Context& c, Number queue);
/// What waits in the queue now, consumers' unacknowledged ones included, and how it changes.
service::Reading waiting(const Context& c, Number queue);
/// Consumers that the queue serves.
std::size_t consumers_served(const Context& c, Number queue);
/// Bytes.
double memory_used(const Context& c, Number node);
double disk_used(const Context& c, Number node);
/// Rates of all queues as clients and consumers are now.
void set_rates(Context& c);
/// When does what waits reach a limit?
void look_at_alarms(Context& c);
/// Records that had been confirmed and are gone. `replicated`: after replication.
void lose(Context& c, Number queue, double messages, std::string_view rule, bool replicated);

}  // namespace nines::models::rabbitmq
