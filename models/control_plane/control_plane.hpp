// A control plane inside the world: what its parts can do now, and what follows for the platform and for clients.
//
// Whatever changed, `settle` looks at all of it: API servers and their store, what stands in front of them, the two
// leases, and at last what kubelets, controllers and clients have of it. Nothing ticks in health: probes, renewals and
// health checks are arithmetic until one of them fails.
#pragma once

#include "models/control_plane/events.hpp"
#include "models/control_plane/plan.hpp"
#include "models/control_plane/state.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::control_plane {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] sim::Time now() const { return world.now; }
  [[nodiscard]] ProcessId process(Position member) const { return world.plan->services[service].members[member]; }
  [[nodiscard]] ComponentId component(Position member) const {
    return world.plan->processes[process(member)].component;
  }
  [[nodiscard]] ComponentId component() const { return world.plan->services[service].component; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// The process runs, and its program is through with its start.
bool up(const Context& c, Position member);

/// Something has changed.
void settle(Context& c);

/// The program of a member is through with its start, by ServerUp or CandidateUp.
template <class E>
void member_up(World& world, const E& event) {
  Context c = context(world, ServiceId{event.service});
  Member& member = c.state.members[event.member];
  world.stale = member.life != event.life || member.started;
  if (world.stale) return;
  member.started = true;
  settle(c);
}

}  // namespace nines::models::control_plane
