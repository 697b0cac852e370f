// An HTTP service inside the world.
#pragma once

#include "models/http/events.hpp"
#include "models/http/plan.hpp"
#include "models/http/state.hpp"
#include "models/world.hpp"

namespace nines::models::http {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  State& state;

  [[nodiscard]] std::size_t size() const { return state.servers.size(); }
  [[nodiscard]] ProcessId process(std::size_t server) const { return world.plan->services[service].members[server]; }
  /// Its controller does not want it now.
  [[nodiscard]] bool parked(std::size_t server) const { return world.kubernetes.pods[process(server)].parked; }
  [[nodiscard]] ComponentId component(std::size_t server) const {
    return world.plan->processes[process(server)].component;
  }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// Something that routing or clients go by has changed: rotation follows, and SLIs are told.
void look(Context& c);

}  // namespace nines::models::http
