// One Kafka service as the rest of the system sees it.
#pragma once

#include <vector>

#include "models/kafka/context.hpp"

namespace nines::models::kafka {

/// A healthy service at time zero: preferred leaders lead, everybody in sync; nothing is drawn yet.
void initialise(World& world, Service service);
/// Draws the active controller and all phases. REQUIRES: initialised, and nothing else happened.
void draw_phases(World& world, Service service);
/// The world got another plan: what was concluded from the old one is looked at again.
void plan_changed(World& world, Service service);
/// Re-examines every contact of the service, in the order controllers, sessions, metadata, replicas, clients.
void contacts_changed(World& world, Service service);
/// Its store answers otherwise than before.
void answers_changed(World& world, Service service);
/// Volumes, machines or paths give less than before, or more again.
void conditions_changed(World& world, Service service);
/// Readiness: a broker's state is RUNNING; a controller's port listens (Strimzi probes).
bool ready(const Context& c, ProcessId process);
/// Strimzi KafkaAvailability and KafkaQuorumCheck (Kafka sheet section 8).
bool may_restart(const Context& c, ProcessId process);
/// Strimzi KafkaRoller: controllers before brokers, the active controller last among controllers.
std::vector<ProcessId> restart_order(const Context& c);
/// Everybody up, in sync and served, and no return of leadership is due.
bool healthy(const Context& c);

}  // namespace nines::models::kafka
