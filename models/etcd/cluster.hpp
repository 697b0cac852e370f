// An etcd cluster inside the world: drives the pure machines of models/etcd/raft with clocks, disks, network and draws.
//
// What happens to a cluster is told in three steps: `grow` (clients' writes up to now are in the logs), then inputs by
// `tell`, then `settle`: who hears the leader, whose ticks are events, what clients see.
//
// A ticker and the disk share one thread in etcd: while a write is on its way a member takes messages, but neither
// ticks nor answers (etcdserver/raft.go start; Raft and etcd sheet, section 2.1).
#pragma once

#include "models/etcd/events.hpp"
#include "models/etcd/plan.hpp"
#include "models/etcd/state.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::etcd {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] sim::Time now() const { return world.now; }
  [[nodiscard]] std::size_t size() const { return state.members.size(); }
  [[nodiscard]] ProcessId process(Position member) const { return world.plan->services[service].members[member]; }
  [[nodiscard]] ComponentId component(Position member) const {
    return world.plan->processes[process(member)].component;
  }
  [[nodiscard]] Member& member(Position position) const { return state.members[position]; }
  [[nodiscard]] Duration tick() const { return parameters.heartbeat_interval; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// Its server has started and its process runs.
bool runs(const Context& c, Position member);
/// Requests from one member to another are answered.
bool reaches(const Context& c, Position from, Position to);
/// From one member to another, one way.
Duration one_way(const Context& c, Position from, Position to);
/// A write of its waits for a volume that hangs: it neither commits nor answers.
bool hangs(const Context& c, Position member);
/// That its volume makes each of its writes longer.
Duration write_longer(const Context& c, Position member);
/// Voters that follow the leader of the cluster, itself included, are a majority, and it has committed an entry of its
/// own term: it can commit, and knows what is committed.
bool leader_acts(const Context& c);

/// Entries that clients have written since the last call.
void grow(Context& c);
/// Hands an input to a member whose clock is up to date afterwards, and carries its output out.
void tell(Context& c, Position member, const raft::Input& input);
/// Looks who hears the leader now, whose ticks are events, and what clients see.
void settle(Context& c);

/// Its process stands still, or goes on: nothing is lost.
void stand_still(Context& c, Position member);
void go_on(Context& c, Position member);
/// A fork has other time-outs: what was drawn keeps its place within the range.
void rules_changed(Context& c);
/// Volumes or paths are better or worse: writes that hung go on, those to come take longer.
void conditions_changed(Context& c);
/// Nothing of what it had under way is left.
void forget_work(Context& c, Position member);

}  // namespace nines::models::etcd
