// Servers inside the world: their lives, their WAL, what is lost. And what all files of the room share.
//
// WAL is a stream of bytes. A primary that ends in a crash replays what was written since the redo point of its last
// checkpoint that was done (checkpoint.hpp). What it had acknowledged and its successor lacks is lost; with
// synchronous_commit off a crash also loses what the WAL writer had not written (PostgreSQL manual, asynchronous
// commit: at most three times wal_writer_delay).
#pragma once

#include "models/postgresql/events.hpp"
#include "models/postgresql/plan.hpp"
#include "models/postgresql/state.hpp"
#include "models/process.hpp"
#include "models/world.hpp"

namespace nines::models::postgresql {

struct Context {
  World& world;
  ServiceId service;
  const ServicePlan& plan;
  const Spec& spec;
  const Parameters& parameters;
  State& state;

  [[nodiscard]] sim::Time now() const { return world.now; }
  [[nodiscard]] Number servers() const { return static_cast<Number>(state.servers.size()); }
  [[nodiscard]] Server& server(Number number) const { return state.servers[number]; }
  [[nodiscard]] ProcessId process(Number number) const { return world.plan->services[service].members[number]; }
  [[nodiscard]] ComponentId component(Number number) const { return world.plan->processes[process(number)].component; }
  [[nodiscard]] ComponentId itself() const { return world.plan->services[service].component; }
  [[nodiscard]] bool by_patroni() const { return spec.failover == Failover::patroni; }
};

Context context(World& world, ServiceId service);
/// The same for questions only.
const Context view(const World& world, ServiceId service);

/// Its process runs and does not stand still.
bool awake(const Context& c, Number server);
/// Its volume takes data: one that is lost does not until people have replaced it.
bool disk_works(const Context& c, Number server);
/// It serves: reads at least.
bool serves(const Context& c, Number server);
/// It serves as the primary; whether commits are answered is another question.
bool is_primary(const Context& c, Number server);
/// The primary's commits are answered: its volume works, and the standbys that they wait for get them.
bool commits(const Context& c, Number server);
/// What a request of another process to a server meets; nobody listens while it starts.
Contact contact_of(const Context& c, ProcessId from, Number server);
bool reaches(const Context& c, Number from, Number to);
/// A message from one server to another, one way, with what conditions add.
Duration one_way(const Context& c, Number from, Number to);
/// What it has of the WAL.
double position(const Context& c, Number server);
/// Up to where its WAL is that of the timeline; less than its position if they have parted.
double common(const Context& c, Number server, std::uint32_t timeline);

/// Writes since the last call are in the WAL, and acknowledged as far as commits wait for nobody.
void grow(Context& c);
/// Looks at everything that depends on who reaches whom: standbys, Patroni or people, clients.
void settle(Context& c);

void server_started(Context& c, Number server);
void server_died(Context& c, Number server);
void server_terminating(Context& c, Number server);
/// Its process stands still, or goes on: what it does meanwhile waits.
void look_at_process(Context& c, Number server);
/// A server that got SIGTERM ends now. REQUIRES: its process does not stand still.
void begin_stop(Context& c, Number server);
/// Its server is stopped, and comes back as a standby. `fast`: with a shutdown checkpoint; else it recovers first.
void demote(Context& c, Number server, bool fast);
/// A standby begins to become the primary.
void begin_promotion(Context& c, Number server);

/// Acknowledged bytes that are gone.
void lose(Context& c, double bytes, std::string_view rule, bool replicated);

inline constexpr std::string_view rule_lag =
    "asynchronous replication: the promoted standby lacked what its primary had acknowledged";
inline constexpr std::string_view rule_synchronous =
    "the standbys that commits had waited for are gone: the promoted one lacked what was acknowledged";
inline constexpr std::string_view rule_writer =
    "synchronous_commit off: what the WAL writer had not written when the primary crashed";
inline constexpr std::string_view rule_backup = "all data lost: restored from a backup";

}  // namespace nines::models::postgresql
