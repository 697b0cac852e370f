// Rows of a results file that were not changed since they were written: a checksum in each, and counts where rows could
// be missing. A file is taken whole or refused whole.
#pragma once

#include <string>
#include <string_view>

#include "experiments/sweep/database.hpp"

namespace nines::experiments {

/// Tables whose rows end with a column `checksum`.
inline constexpr const char* sealed_tables[] = {"sweep", "point", "run", "estimate", "batch", "decision", "standing"};
/// A column that two runs of the same input differ in, so that no checksum covers it.
inline constexpr std::string_view unsealed_column = "wall_s";

/// What a results file of this sweep holds at most.
struct SealLimits {
  std::size_t points = 0;
  std::size_t figures = 0;
  int rungs = 0;
  int confirmation_rung = 0;
};

/// A file that is no results file of this layout, or that was damaged or changed by hand.
struct DamagedFile : DatabaseError {
  using DatabaseError::DatabaseError;
};

/// Gives statements the function checksum(table, value, ...).
void add_checksum(Database& database);

/// "INSERT INTO table VALUES (?1, ..., checksum('table', ?1, ...))" for so many values; `how`: INSERT, INSERT OR
/// IGNORE. `unsealed`: number of the value that the checksum leaves out, from 1; 0: none.
std::string sealed_insert(std::string_view how, std::string_view table, int values, int unsealed = 0);

/// Throws DamagedFile unless the tables are those of `model` (others may stand beside them, triggers may not), those
/// without checksums hold what `model`'s hold, every row has its checksum, none is missing and all numbers are in
/// their ranges. REQUIRES: add_checksum of both.
void check_seals(Database& database, Database& model, const SealLimits& limits);

}  // namespace nines::experiments
