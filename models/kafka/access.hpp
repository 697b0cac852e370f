// Kafka's own parts of topology, plan and world, for whoever knows that a service is one.
#pragma once

#include "models/kafka/plan.hpp"
#include "models/kafka/state.hpp"
#include "models/world.hpp"

namespace nines::models::kafka {

/// REQUIRES of all of them: the service is of kind kafka.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}
inline const State& state_of(const World& world, ServiceId service) { return world.services[service].as<State>(); }
inline State& state_of(World& world, ServiceId service) { return world.services[service].as<State>(); }

}  // namespace nines::models::kafka
