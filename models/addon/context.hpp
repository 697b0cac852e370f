// An add-on inside the world.
#pragma once

#include "models/addon/events.hpp"
#include "models/addon/plan.hpp"
#include "models/addon/state.hpp"
#include "models/world.hpp"

namespace nines::models::addon {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  State& state;

  [[nodiscard]] std::size_t size() const { return state.pods.size(); }
  [[nodiscard]] ProcessId process(Position pod) const { return world.plan->services[service].members[pod]; }
  [[nodiscard]] ComponentId component(Position pod) const { return world.plan->processes[process(pod)].component; }
  [[nodiscard]] ComponentId component() const { return world.plan->services[service].component; }
  /// The pod object of now among those of its name.
  [[nodiscard]] std::uint32_t pod_of(Position pod) const { return world.kubernetes.pods[process(pod)].incarnation; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// The pod's program works.
bool works(const Context& c, Position pod);
/// Pods, machines or rules have changed: everything that follows from them does.
void settle(Context& c);

}  // namespace nines::models::addon
