// What Patroni does in a turn of its loop: a pure machine, without clock, network and draws.
//
// Only who holds the leader's key may run a primary. A leader renews the key each turn; one that cannot reach the store
// steps down before the key runs out, unless failsafe mode lets it go on because it reaches all members. A member
// without leader stands for election if it lacks no more than maximum_lag_on_failover of what the leader reported, sees
// no primary and nobody who has more. In synchronous mode only those that /sync names stand. Source: Patroni 4
// patroni/ha.py (_run_cycle, process_healthy_cluster, process_unhealthy_cluster, is_healthiest_node,
// _handle_dcs_error, recover, _process_multisync_replication).
#pragma once

#include <cstdint>

namespace nines::models::postgresql::patroni {

enum class Holder : std::uint8_t { nobody, self, other };

/// What one member sees in its turn.
struct View {
  bool store = true;  ///< the store of the key answers
  Holder holder = Holder::nobody;
  bool data = true;            ///< its data directory is there
  bool busy = false;           ///< its server starts, recovers, is promoted, rewound, copied or stopped
  bool overdue = false;        ///< it has recovered for longer than primary_start_timeout
  bool rival = false;          ///< another member could take over
  bool primary = false;        ///< its server is a primary
  bool superseded = false;     ///< another timeline than its own is the last
  bool excluded = false;       ///< synchronous mode, and /sync does not name it
  bool lagging = false;        ///< it lacks more than maximum_lag_on_failover
  bool primary_alive = false;  ///< another member answers as a primary
  bool ahead = false;          ///< another member answers that has more
  bool sync_changes = false;   ///< the standbys that commits wait for are not those that there are
  bool all_answer = false;     ///< failsafe mode, and every other member has acknowledged
};

enum class Decision : std::uint8_t {
  nothing,
  renew,         ///< goes on as it is, with the key
  go_on,         ///< goes on without the store: failsafe mode
  promote,       ///< has the key and makes its server the primary
  stand,         ///< takes the key if nobody else does
  step_down,     ///< the store is away: a fast stop, and a start as a standby
  demote,        ///< another has the key: an immediate stop, and a start as a standby
  release,       ///< gives the key up
  change_syncs,  ///< renews, and changes whom commits wait for
};

Decision decide(const View& view);

}  // namespace nines::models::postgresql::patroni
