// Timings of workers that write to a file of their own and send it on later. Values: profile `local-first`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::local_first {

// clang-format off
#define NINES_LOCAL_FIRST_PARAMETERS(X) \
  X(Duration, interval, "local_first.sync_interval", "a worker sends what it has not sent yet so often") \
  X(Count, send_rate, "local_first.send_rate", "rows per second that one worker sends when it has many") \
  X(bool, flush, "local_first.flush_on_stop", "a worker that gets SIGTERM sends what it has before it ends") \
  X(Law, start, "local_first.start", "from the start of the process until the worker takes work") \
  X(Count, autocheckpoint, "wal_autocheckpoint", "pages in SQLite's WAL at which a commit also checkpoints, and so makes durable what is in it") \
  X(Ratio, pages_per_row, "local_first.pages_per_row", "pages that a row puts into SQLite's WAL") \
  X(Duration, writeback, "local_first.writeback", "from a commit to the moment when the kernel has written it, and all later ones, to the disk by itself")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_LOCAL_FIRST_PARAMETERS);

}  // namespace nines::models::local_first
