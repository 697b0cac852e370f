// Checkpoints and what a crash has to replay: closed forms, without clock, network and draws.
//
// A checkpoint begins checkpoint_timeout after the last one began, or once the WAL since then reaches
// max_wal_size / (1 + checkpoint_completion_target) (xlog.c CalculateCheckpointSegments, checkpointer.c). Its redo
// point is where it begins; the control file names it only when it is done, after checkpoint_completion_target of the
// interval (xlog.c CreateCheckPoint). So a crash within an interval replays the interval so far, and the whole one
// before as well if the checkpoint was not done.
#pragma once

#include "sim/time.hpp"

namespace nines::models::postgresql {

using sim::Duration;

/// What is written.
struct WalLoad {
  double writes_per_s = 0;
  double write_bytes = 0;      ///< of a write, without full pages
  double pages_per_write = 0;  ///< pages that a write changes
  double hot_pages = 0;        ///< pages among which they are, each as likely as the other
  double page_bytes = 0;       ///< 0: no full-page writes
};

/// Bytes of WAL in the first `seconds` after a checkpoint began: the first change of each page writes it whole, and of
/// N pages N (1 - exp(-m / N)) are changed by m changes.
double wal_since_checkpoint(const WalLoad& load, double seconds);

/// From the beginning of a checkpoint to that of the next.
Duration checkpoint_interval(const WalLoad& load, Duration timeout, double max_wal_bytes, double completion_target);

/// Bytes of WAL per write, over a whole interval; the size of a write if nothing is written.
double wal_per_write(const WalLoad& load, Duration interval);

/// Bytes of WAL that a crash replays, `since` after the first checkpoint of this life began, which was done at once:
/// what was written since the last one began, and in the whole interval before if that is not done. In the long run the
/// time of writing is uniform on [target, 1 + target) of the interval.
double replayed(const WalLoad& load, Duration since, Duration interval, double completion_target);

}  // namespace nines::models::postgresql
