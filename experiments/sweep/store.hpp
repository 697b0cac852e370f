// The results of a sweep in one SQLite file: what was asked, what each point is, what it showed, what was decided.
//
// Every row is a function of sweep and seed, but for wall times; a row is there whole or not at all. So a file that was
// cut off at any moment holds nothing wrong, and files of different shards are joined row by row. Every row has a
// checksum: a file that was damaged, or changed by hand, is refused whole.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "experiments/sweep/database.hpp"
#include "experiments/sweep/points.hpp"
#include "experiments/sweep/race.hpp"

namespace nines::experiments {

/// The rung of the last estimate, with fresh seeds, of those on the front.
inline constexpr int confirmation_rung = 100;

/// What tells one sweep's results from another's.
struct SweepIdentity {
  std::string version;
  std::string build;  ///< of the program: results are the same bytes for one build alone
  std::string sweep_hash;
  std::string inputs_hash;  ///< of base topologies and profiles
  std::uint64_t seed = 1;
  std::string options;  ///< that change results: profile, faults left out
};

/// A point as it was found when it was first loaded.
struct PointRecord {
  std::size_t point = 0;
  std::string topology;  ///< name in the file
  std::string input_hash;
  std::string profile_hash;
  std::string problem;  ///< why it cannot exist; empty if it can
};

class SweepStore {
 public:
  /// Makes the file, or checks that an existing one is of the same sweep. Throws DatabaseError, also
  /// for a damaged file, and std::invalid_argument for a file of another sweep.
  SweepStore(const std::string& path, const loader::Sweep& sweep, const SweepIdentity& identity,
             const std::vector<SweepPoint>& points);
  /// An empty one that is never a file; messages name it by `path`.
  static SweepStore in_memory(const std::string& path, const loader::Sweep& sweep, const SweepIdentity& identity,
                              const std::vector<SweepPoint>& points);
  /// A copy in memory of an existing file: what was decided can be taken further without writing to it.
  static SweepStore copy_of(const std::string& path, const loader::Sweep& sweep, const SweepIdentity& identity,
                            const std::vector<SweepPoint>& points);

  [[nodiscard]] const std::string& path() const { return database_.path(); }

  void set(const std::string& key, const std::string& value);
  [[nodiscard]] std::optional<std::string> get(const std::string& key);

  /// Points as they were played, those that cannot exist without a result; all in one transaction. What is there
  /// already stays: another process may play the same.
  void add(const std::vector<std::pair<PointRecord, std::optional<PointResult>>>& results);
  void add(const std::vector<Decision>& decisions, int rung);
  void add(const Ranking& ranking);

  [[nodiscard]] std::map<std::size_t, PointRecord> records();
  /// By point and rung.
  [[nodiscard]] std::map<std::pair<std::size_t, int>, PointResult> results();
  [[nodiscard]] std::set<std::pair<std::size_t, int>> played();
  /// By point: the last decision.
  [[nodiscard]] std::map<std::size_t, Decision> decisions();
  /// Rungs after which was decided.
  [[nodiscard]] int decided_rungs();
  [[nodiscard]] std::map<std::size_t, Standing> standings();
  [[nodiscard]] double wall_s();

  /// Takes over points and results of another file of the same sweep, which stays as it is. Returns how many results
  /// were new. Throws DatabaseError for a damaged file and std::invalid_argument for one of another sweep, or if a
  /// result differs from the one here.
  std::size_t merge(const std::string& path);

 private:
  SweepStore(Database database, const loader::Sweep& sweep, const SweepIdentity& identity,
             const std::vector<SweepPoint>& points);
  static void make_tables(Database& database, const loader::Sweep& sweep);
  static void set(Database& database, const std::string& key, const std::string& value);
  static void describe(Database& database, const loader::Sweep& sweep, const SweepIdentity& identity,
                       const std::vector<SweepPoint>& points);
  void make_model(const loader::Sweep& sweep, const SweepIdentity& identity, const std::vector<SweepPoint>& points);
  void check(const SweepIdentity& identity);
  /// That the other file is of the same sweep.
  void check_same(Database& other);
  /// That no row is missing or was changed. REQUIRES: add_checksum of the database.
  void check_whole(Database& database);
  [[nodiscard]] std::int64_t rows_of(std::string_view table);
  /// From the attached database `shard`, read from the path.
  std::size_t take_over(const std::string& path);
  void insert(const PointRecord& record);
  void insert(const PointResult& result);

  Database database_;
  std::size_t figures_;
  std::size_t points_ = 0;
  std::unique_ptr<Database> model_;  ///< a new results file of this sweep, in memory
};

/// Names of standings and fates as results have them.
std::string_view standing_name(Standing standing);
std::string_view fate_name(Fate fate);

}  // namespace nines::experiments
