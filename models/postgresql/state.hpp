// What changes in a PostgreSQL service. Values only: copying it forks the service.
//
// In health nothing of it is an event: checkpoints and the leader's renewals are arithmetic on grids, and a member's
// turns are events only while it would do something else than go on.
#pragma once

#include <optional>
#include <vector>

#include "models/fabric/fabric.hpp"
#include "models/postgresql/plan.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::postgresql {

enum class Phase : std::uint8_t {
  down,        ///< no process
  starting,    ///< its process starts
  recovering,  ///< replays its WAL after a crash
  up,          ///< serves, if it has data
  promoting,   ///< a standby that becomes the primary: it serves reads
  stopping,    ///< writes its shutdown checkpoint
  rewinding,   ///< pg_rewind
  copying,     ///< gets a base backup
};

/// How a standby stands to its primary.
enum class Connection : std::uint8_t {
  down,
  catches_up,  ///< gets what was written while it was away
  streams,     ///< gets each write
};

/// WAL with a past in common: a promotion begins a new one.
struct Timeline {
  std::uint32_t parent = 0;
  double begins = 0;  ///< bytes of WAL up to which it is its parent's
};

struct Server {
  Phase phase = Phase::up;
  bool primary = false;  ///< takes writes once it is up
  bool has_data = true;
  bool clean = false;     ///< its last end was a shutdown checkpoint: nothing to replay
  bool leaving = false;   ///< got SIGTERM, and waits until no commit waits for it
  bool restarts = false;  ///< stopping: its server alone, to come back as a standby
  bool frozen = false;    ///< its process stands still
  bool awaited = false;   ///< people are to see to it, and have not yet
  bool seen_to = false;   ///< people let it be copied
  bool slot = true;       ///< its slot is there, where standbys have slots
  std::uint32_t life = 0;
  std::uint32_t timeline = 0;
  double wal = 0;                                                    ///< bytes that it has
  double replay = 0;                                                 ///< bytes that its next start replays
  double anchor_wal = 0;                                             ///< at `anchor`
  sim::Time anchor;                                                  ///< its first checkpoint of this life
  sim::Time loop;                                                    ///< a turn of its Patroni
  sim::Time turned = sim::Time::zero() - sim::Duration::seconds(1);  ///< its last turn that was an event
  sim::Time recovering_since;
  sim::Time absent_since = sim::Time::never();  ///< its Patroni takes no turns with the store
  std::optional<sim::Duration> rest;            ///< frozen: what is left until life_timer
  double rate_at_death = 0;
  Connection connection = Connection::down;
  Number upstream = nobody;  ///< whom it is, or was last, connected to
  std::uint32_t upstream_life = 0;
  sim::Time silent_since = sim::Time::never();  ///< it is connected, and nothing comes
  bool dropped = false;                         ///< its primary has ended the connection, and it does not know
  fabric::FlowId flow;
  sim::TimerId life_timer;
  sim::TimerId link_timer;
  sim::TimerId receiver_timer;
  sim::TimerId sender_timer;
  sim::TimerId turn_timer;
  sim::TimerId store_timer;  ///< the store does not answer in this turn
  sim::TimerId race_timer;   ///< it asks the others for their state
  sim::TimerId leave_timer;  ///< leaving: it waits no longer
};

/// The leader's key in Patroni's store.
struct Key {
  Number holder = 0;
  bool renewed = true;   ///< at each turn of the holder
  sim::Time renewed_at;  ///< the last time, if it no longer is
  double reported = 0;   ///< WAL that the leader reported then
  ProcessId granted_by;  ///< the store's leader since the key was renewed last, or its lease begun anew
  sim::TimerId expiry;
};

/// What a request meets.
enum class Meets : std::uint8_t {
  served,
  refused,  ///< an error at once: nobody listens, starting up, read-only
  hangs,    ///< the connection lives and no answer comes: a commit that waits, a process that stands still
  lost,     ///< no packet comes back
};

/// What a client does about one SLI.
struct Access {
  bool holds = true;
  Number target = 0;
  std::uint32_t life = 0;  ///< of the target that its connection is with
  bool connected = true;
  Meets meets = Meets::served;  ///< its present attempt
  sim::Time since;              ///< its present attempt began
  sim::TimerId timer;
};

/// What people have to do about a service that nobody else mends.
enum class Errand : std::uint8_t {
  none,
  promote,  ///< the primary is gone, and nothing replaces it
  restore,  ///< all data are: a backup
};

struct State {
  std::vector<Server> servers;
  std::vector<Timeline> timelines;
  Number chief = 0;         ///< who was made primary last
  double acknowledged = 0;  ///< WAL of which clients know, on the chief's timeline
  std::uint64_t syncs = 0;  ///< Patroni's /sync: standbys that commits wait for, as bits
  Key key;
  Number labelled = 0;  ///< to whom the Service of the primary leads
  sim::TimerId relabel_timer;
  Errand errand = Errand::none;  ///< what people are to do about the primary
  Number errand_about = 0;       ///< the primary
  std::vector<double> rates;     ///< bytes of WAL per second that clients write there
  sim::Time grown_at;            ///< they are in the WAL up to then
  std::vector<Access> accesses;  ///< by SLI of the plan
  std::uint8_t told = 0;         ///< what users were told of last
  Number told_chief = 0;
};

/// REQUIRES: the service is of kind postgresql.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::postgresql
