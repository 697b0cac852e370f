// What the backups of a design are worth against people, in closed form: how much of writes a restore loses, how long
// it takes, and when nothing is left to restore (models/faults/data_damage.hpp).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/report/json_text.hpp"
#include "models/plan.hpp"

namespace nines::experiments {

/// Of deleted data, but for `too_late`.
struct BackupWorth {
  const models::BackupSpec* backup = nullptr;
  /// Writes that are lost, in s: half a period, and a period for each backup that cannot be restored. None: there is no
  /// backup.
  std::optional<double> mean_rpo_s;
  double mean_rto_s = 0;    ///< from the deletion until clients are let back
  double nothing_left = 1;  ///< probability that none of the backups that are kept can be restored
  double too_late = 1;      ///< probability that corruption is noticed when no backup from before it is kept
};

BackupWorth worth_of(const models::Topology& topology, const models::BackupSpec& backup);

/// A table; empty if the design says nothing of backups.
std::string backups_text(const models::Topology& topology);
Json backups_json(const models::Topology& topology);

}  // namespace nines::experiments
