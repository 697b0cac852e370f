// etcd's own flags, and the timings of its code that no flag sets. Keys with etcd's names are those of the server.
// Values by version: profile `etcd`, after the Raft and etcd fact sheet, sections 1 and 4.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::etcd {

// clang-format off
#define NINES_ETCD_PARAMETERS(X) \
  X(Duration, heartbeat_interval, "heartbeat-interval", "length of a tick: a leader sends heartbeats at each") \
  X(Duration, election_timeout, "election-timeout", "silence of the leader, counted in ticks, from which a member may stand for election: it waits for once to twice as many ticks") \
  X(bool, pre_vote, "pre-vote", "a member asks whether it would win before it raises the term (false in 3.4, true from 3.5)") \
  X(bool, check_quorum, "etcd.check_quorum", "a leader that has not heard a majority for an election time-out steps down") \
  X(bool, tick_advance, "initial-election-tick-advance", "a member that starts beside others skips all but two ticks of its first election time-out") \
  X(Count, snapshot_count, "snapshot-count", "committed entries after which a member writes a snapshot and compacts its log") \
  X(Count, catch_up_entries, "etcd.catch_up_entries", "entries that stay in the log behind a snapshot for followers that are behind") \
  X(Duration, request_timeout, "etcd.request_timeout", "a server gives a request up after this and two election time-outs") \
  X(Law, fsync, "etcd.wal_fsync", "durable write of a member's log") \
  X(Law, start, "etcd.start", "from container start until the member answers its peers: log and database are read") \
  X(Law, replacement, "etcd.member_replacement", "from the start of a member whose data are gone until somebody has removed and added it") \
  X(Law, restore, "etcd.restore", "from when it is clear that a majority has lost its data until people have restored a backup") \
  X(Duration, backup_interval, "etcd.backup_interval", "time between two backups: what a restore brings back is up to so old")

#define NINES_ETCD_CLIENT_PARAMETERS(X) \
  X(Duration, attempt_timeout, "etcd.client.command_timeout", "a client gives an attempt up after this; 0: it waits for the server's own time-out") \
  X(Duration, retry_wait, "etcd.client.retry_wait", "wait before the next attempt, at the next endpoint if the last did not answer")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_ETCD_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_ETCD_CLIENT_PARAMETERS);

}  // namespace nines::models::etcd
