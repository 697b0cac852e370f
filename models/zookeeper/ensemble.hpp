// A ZooKeeper ensemble inside the world: drives the pure machines of models/zookeeper/zab with clocks, disks, network
// and draws.
//
// What happens to an ensemble is told in three steps: `grow` (clients' writes up to now are in the histories), then
// inputs by `tell`, then `settle`: who hears whom, which time-outs run, what clients see.
//
// TCP holds what cannot be delivered: a message to a server that no path leads to waits until the path is back, or
// until either process is gone. A process that ends closes its connections, and others see that; a machine that is
// gone, a cut path and a process that stands still are silence, which only time-outs end.
#pragma once

#include "models/process.hpp"
#include "models/world.hpp"
#include "models/zookeeper/events.hpp"
#include "models/zookeeper/plan.hpp"
#include "models/zookeeper/state.hpp"

namespace nines::models::zookeeper {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] sim::Time now() const { return world.now; }
  [[nodiscard]] Position size() const { return static_cast<Position>(state.servers.size()); }
  [[nodiscard]] ProcessId process(Position server) const { return world.plan->services[service].members[server]; }
  [[nodiscard]] ComponentId component(Position server) const {
    return world.plan->processes[process(server)].component;
  }
  [[nodiscard]] Server& server(Position position) const { return state.servers[position]; }
  [[nodiscard]] Duration tick() const { return parameters.tick_time; }
  /// Between two pings of a leader.
  [[nodiscard]] Duration half_tick() const { return parameters.tick_time / 2; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// It has read its data, and its process runs.
bool runs(const Context& c, Position server);
/// What a message from one server to another meets: a server that has not read its data resets it.
Contact between(const Context& c, Position from, Position to);
/// From one server to another, one way.
Duration one_way(const Context& c, Position from, Position to);
/// Writes of clients reach its disk: it is not stalled.
bool writes(const Context& c, Position server);
/// That its volume makes each of its writes longer.
Duration write_longer(const Context& c, Position server);
/// It serves clients as leader or follower.
bool serves(const Context& c, Position server);
/// It is the leader, or follows it and hears it.
bool in_quorum(const Context& c, Position server);
/// The last ping of the leader at or before `at`, on the grid of its half ticks.
sim::Time ping_before(const Context& c, Position leader, sim::Time at);

/// Transactions that clients have written since the last call.
void grow(Context& c);
/// Hands an input to a server, and carries its output out.
void tell(Context& c, Position server, const zab::Input& input);
/// Looks who hears whom now, which time-outs run, and what clients see.
void settle(Context& c);

void server_started(Context& c, Position server);
/// SIGTERM.
void server_terminating(Context& c, Position server);
void server_died(Context& c, Position server);
/// Processes, machines or paths have changed.
void contacts_changed(Context& c);
/// Volumes or paths are better or worse.
void conditions_changed(Context& c);

}  // namespace nines::models::zookeeper
