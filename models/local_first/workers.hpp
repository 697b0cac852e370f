// Workers inside the world: what they take, what they send, and what goes with them.
//
// Work waits in a queue, so those that take any share all of it. What a worker has taken is in its file before it says
// so; at each turn it sends what it has not sent, if the central service answers it. A process that ends loses nothing.
// A machine that loses its power takes the commits since SQLite's last checkpoint with it, unless each is made durable
// (SQLite documentation, PRAGMA synchronous, write-ahead logging). Whoever loses the file loses what was not sent: a
// pod without volume whenever it is created anew.
#pragma once

#include "models/local_first/events.hpp"
#include "models/local_first/plan.hpp"
#include "models/local_first/state.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::local_first {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] Time now() const { return world.now; }
  [[nodiscard]] Number workers() const { return static_cast<Number>(state.workers.size()); }
  [[nodiscard]] Worker& worker(Number number) const { return state.workers[number]; }
  [[nodiscard]] ProcessId process(Number number) const { return world.plan->services[service].members[number]; }
  [[nodiscard]] ComponentId component(Number number) const { return world.plan->processes[process(number)].component; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// It takes work.
bool accepts(const Context& c, Number worker);
/// Rows that it has taken and not sent.
double unsent(const Context& c, Number worker);

/// Looks at everything that depends on who runs, and whether the central service answers.
void settle(Context& c);

void worker_started(Context& c, Number worker);
void worker_died(Context& c, Number worker);
void worker_terminating(Context& c, Number worker);

}  // namespace nines::models::local_first
