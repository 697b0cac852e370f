// A group of readers inside the world: who is in it, who reads what, and what waits to be read.
//
// The coordinator is the leader of one partition of __consumer_offsets. It hears members by heartbeats; one that it has
// not heard for a session time-out is out. Then, and whenever somebody comes or leaves, the group rebalances: members
// learn of it at their next heartbeat and join again, and when all have, partitions are dealt out anew. Whoever has not
// joined holds the others up, at most for max.poll.interval.ms; a process that was killed and is back counts as one of
// these, for it joins under a new name. A new coordinator knows the members and gives each a whole session time-out.
// Rules: K4 ClassicGroup and GroupMetadataManager (as K39 GroupCoordinator), AbstractCoordinator, ConsumerCoordinator;
// Connect's IncrementalCooperativeAssignor.
//
// What waits to be read is a fluid, partition by partition: records come as the source takes them, and a member works
// its partitions off at a rate that they share evenly. What nobody reads for a time s at rate w is caught up in
// w s / (c - w) at rate c.
#pragma once

#include "models/consumer_group/events.hpp"
#include "models/consumer_group/plan.hpp"
#include "models/consumer_group/state.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::consumer_group {

using sim::Time;

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Rules& rules;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] Time now() const { return world.now; }
  [[nodiscard]] Number members() const { return static_cast<Number>(state.members.size()); }
  [[nodiscard]] Member& member(Number number) const { return state.members[number]; }
  [[nodiscard]] ProcessId process(Number number) const { return world.plan->services[service].members[number]; }
  [[nodiscard]] ComponentId component(Number number) const { return world.plan->processes[process(number)].component; }
  [[nodiscard]] ComponentId itself() const { return world.plan->services[service].component; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// Everybody is in the group and reads; nothing is drawn yet.
void initialise(World& world, ServiceId service);
void draw_phases(Context& c);

/// Looks at everything that depends on who runs, who is reached, and what other services answer.
void settle(Context& c);

void member_started(Context& c, Number member);
void member_died(Context& c, Number member);
void member_terminating(Context& c, Number member);

/// Records that wait to be read now, and by how many that grows per second.
double lag(const Context& c);
double lag_growth(const Context& c);
/// Age of the oldest of them.
Duration age(const Context& c);
/// Seconds by which that grows per second until something changes.
double age_growth(const Context& c);
/// Members that the coordinator lists, processes that came back counted twice.
std::size_t listed(const Context& c);
/// Nothing is left to recover.
bool healthy(const Context& c);

}  // namespace nines::models::consumer_group
