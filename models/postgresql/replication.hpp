// Standbys: how they hang on to their primary, what they lack, and how one is made out of what parted from it.
//
// A standby whose connection breaks tries again each wal_retrieve_retry_interval. What it lacks it gets from the
// primary's WAL, at no more than it replays; if the primary no longer has it, or its own WAL has gone another way, it
// is rewound or copied anew. Source: PostgreSQL src/backend/replication/walreceiver.c, walsender.c, xlog.c KeepLogSeg;
// pg_rewind and pg_basebackup in its manual; Patroni postgresql/rewind.py.
#pragma once

#include "models/postgresql/server.hpp"

namespace nines::models::postgresql {

/// As many standbys get the primary's WAL as its commits wait for.
bool enough_standbys(const Context& c, Number primary);
/// WAL of the primary that clients have been told is committed.
double acknowledged_by(const Context& c, Number primary);
/// The standby gets what the primary writes, without silence between them.
bool streams_to(const Context& c, Number primary, Number standby);

void look_at_links(Context& c);
/// What it has got stays; what its primary writes from now on does not reach it.
void disconnect(Context& c, Number standby);
/// Its machine is gone: its standbys hear nothing more.
void silence_standbys(Context& c, Number primary);
/// People let a server be copied that waits for them. False if none does.
bool let_copy(Context& c, Number number);
/// All others turn to a new primary at once.
void follow_new_primary(Context& c, Number primary);
/// What a server copied from its primary is there, or broke off.
void copy_ended(Context& c, const fabric::Ending& ending);

}  // namespace nines::models::postgresql
