// Data servers inside the world: their lives, replication, what is lost. And what all files of the room share.
//
// Replication is a stream of bytes. A replica that is connected has all of it but what its master has written within
// `redis.replication.delay` and half a round trip; one that comes back gets what it lacks from its master's backlog if
// their streams have a common past and the backlog still holds it (PSYNC2, redis src/replication.c
// masterTryPartialResynchronization), and everything otherwise.
#pragma once

#include "models/process.hpp"
#include "models/redis/events.hpp"
#include "models/redis/plan.hpp"
#include "models/redis/state.hpp"
#include "models/world.hpp"

namespace nines::models::redis {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] sim::Time now() const { return world.now; }
  [[nodiscard]] Number servers() const { return static_cast<Number>(state.servers.size()); }
  [[nodiscard]] Number sentinels() const { return static_cast<Number>(state.sentinels.size()); }
  [[nodiscard]] Server& server(Number number) const { return state.servers[number]; }
  [[nodiscard]] Watch& watch(Number number) const { return state.sentinels[number]; }
  [[nodiscard]] ProcessId server_process(Number number) const { return plan.servers[number]; }
  [[nodiscard]] ProcessId sentinel_process(Number number) const { return plan.sentinels[number]; }
  [[nodiscard]] ComponentId component(ProcessId process) const { return world.plan->processes[process].component; }
  [[nodiscard]] bool clustered() const { return spec.mode == Mode::cluster; }
};

/// Whose data a server has, or would take: a replica of a cluster may go over to another master.
inline Number shard_of(const Context& c, Number server) {
  return c.clustered() ? c.state.nodes.shard_of[server] : Number{0};
}

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// Its process runs and answers, if only with -LOADING.
bool answers(const Context& c, Number server);
/// Data of a master, in memory: of one that was emptied what was written since; a byte of one that has none.
double data_of(const Context& c, Number server);
/// It has its data and serves.
bool serves(const Context& c, Number server);
/// What a request of another process to a server meets.
Contact contact_of(const Context& c, ProcessId from, Number server);
bool reaches(const Context& c, Number from, Number to);
/// A message from one process to another, one way, with what conditions add.
Duration one_way(const Context& c, ProcessId from, ProcessId to);
/// What a replica that is connected lacks of what its master has written: that of so long.
Duration behind(const Context& c, Number replica);
/// What it has of its stream.
double offset(const Context& c, Number server);
/// Replicas that its master counts: for min-replicas-to-write.
std::int64_t good_replicas(const Context& c, Number master);
/// It is a master that takes writes of clients.
bool takes_writes(const Context& c, Number server);

/// Writes since the last call are in the streams.
void grow(Context& c);
/// Looks at everything that depends on who reaches whom: links, Sentinels, the bus, clients.
void settle(Context& c);

/// REPLICAOF: `master` nobody makes it a master.
void replicate(Context& c, Number server, Number master);
/// The same without looking at what follows: a replica becomes master; a server replicates another one.
void promote(Context& c, Number server);
void follow(Context& c, Number server, Number master);
/// Connections between replicas and masters are looked at.
void look_at_links(Context& c);

/// What a replica copied from its master is there, or broke off.
void copy_ended(Context& c, const fabric::Ending& ending);

void server_started(Context& c, Number server);
void server_died(Context& c, Number server);
void server_terminating(Context& c, Number server);
/// The same, after what is done before it stops by itself: replicas get everything, the snapshot is written.
void server_stops(Context& c, Number server);

}  // namespace nines::models::redis
