// What holds a server up or ends it: its one thread in a fork or in a write to a disk that hangs, and the memory that
// it needs while a child sends its data.
//
// Rules: redis 7.0 src/aof.c flushAppendOnlyFile (everysec: a write is postponed while an fsync runs, two seconds at
// most, and then waits for it with everything else; always: each turn of the event loop waits for its own fsync),
// src/rdb.c and src/replication.c (the child that sends everything shares memory with the server: a page that is
// written meanwhile is copied), redis.io documentation, latency and administration. The kernel kills what takes more
// than its container may: a SIGKILL, which the kubelet answers with a restart.
#pragma once

#include "models/redis/server.hpp"

namespace nines::models::redis {

inline bool stands_still(const Context& c, Number number) { return c.server(number).forking || c.server(number).hangs; }
/// What its disk adds to each command: `appendfsync always` waits for it.
Duration disk_adds(const Context& c, Number server);
/// Disks begin to hang, or go on.
void look_at_disks(Context& c);
/// Its data are there, but its disk hangs: it goes on when that is over.
bool waits_for_disk(Context& c, Number server);
/// A server forks. Nothing if that is shorter than anybody waits.
void fork_stands_still(Context& c, Number server);
/// What a master keeps for its replicas, and what its child has it copy, grow beyond what it may take at some time, or
/// no longer.
void look_at_memory(Context& c, Number master);

}  // namespace nines::models::redis
