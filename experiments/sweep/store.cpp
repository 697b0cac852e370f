#include "experiments/sweep/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "experiments/report/escape.hpp"
#include "experiments/sweep/sampling_json.hpp"
#include "experiments/sweep/seal.hpp"

namespace nines::experiments {

namespace {

constexpr int layout = 2;

constexpr std::array<std::string_view, 5> standing_names{"winner", "front", "close", "unresolved", "out"};
constexpr std::array<std::string_view, 4> fate_names{"precise", "open", "misses", "beaten"};

/// Comments stay in the file: `.schema` in the sqlite3 shell shows them.
constexpr const char* tables = R"sql(
CREATE TABLE sweep (          -- what was asked, by whom it can be remade
  key TEXT PRIMARY KEY,       -- version, build, sweep_hash, inputs_hash, seed, options, sweep (the file), sampling, complete
  value TEXT NOT NULL,
  checksum INTEGER NOT NULL   -- here and below: of the row, so that a damaged file is known as such
) STRICT, WITHOUT ROWID;
CREATE TABLE figure (         -- what is measured; less is better
  figure INTEGER PRIMARY KEY,
  name TEXT NOT NULL,         -- kind, service/sli, fault; views call its columns so
  unit TEXT NOT NULL,
  at_most REAL,               -- limit, if it is required
  objective INTEGER           -- position among the objectives, if it is one
) STRICT;
CREATE TABLE parameter (      -- what the points differ in
  parameter TEXT PRIMARY KEY,
  unit TEXT NOT NULL,         -- of its numbers; '' if they have none, or if it is text
  given INTEGER NOT NULL      -- 1: not ours to choose; designs compete with those that share its value
) STRICT, WITHOUT ROWID;
CREATE TABLE setting (        -- what a point is: the value of each parameter
  point INTEGER NOT NULL,
  parameter TEXT NOT NULL,
  value ANY NOT NULL,         -- a number where the parameter has numbers, else text
  PRIMARY KEY (point, parameter)
) STRICT, WITHOUT ROWID;
CREATE TABLE point (          -- as it was loaded
  point INTEGER PRIMARY KEY,
  topology TEXT NOT NULL,
  input_hash TEXT NOT NULL,
  profile_hash TEXT NOT NULL,
  problem TEXT NOT NULL,      -- why it cannot exist; '' if it can
  checksum INTEGER NOT NULL
) STRICT;
CREATE TABLE run (            -- a point at a rung: done, whole
  point INTEGER NOT NULL,
  rung INTEGER NOT NULL,      -- from 0; 100: the last estimate, with fresh seeds
  blocks INTEGER NOT NULL,
  incidents INTEGER NOT NULL,
  events INTEGER NOT NULL,
  batches INTEGER NOT NULL,   -- rows of it in the table batch
  wall_s REAL NOT NULL,       -- the only column that differs between two runs
  checksum INTEGER NOT NULL,
  PRIMARY KEY (point, rung)
) STRICT, WITHOUT ROWID;
CREATE TABLE estimate (       -- a figure of a point at a rung
  point INTEGER NOT NULL,
  rung INTEGER NOT NULL,
  figure INTEGER NOT NULL REFERENCES figure,
  value REAL,                 -- NULL: never seen
  ci95_low REAL,
  ci95_high REAL,
  upper95_if_unseen REAL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (point, rung, figure)
) STRICT, WITHOUT ROWID;
CREATE TABLE batch (          -- sum(weight * reward) / sum(weight * length) is the figure; batch k of all points has the
  point INTEGER NOT NULL,     -- same faults, so points are compared batch by batch
  rung INTEGER NOT NULL,
  figure INTEGER NOT NULL REFERENCES figure,
  batch INTEGER NOT NULL,
  weight REAL NOT NULL,
  reward REAL NOT NULL,
  length REAL NOT NULL,
  checksum INTEGER NOT NULL,
  PRIMARY KEY (point, rung, figure, batch)
) STRICT, WITHOUT ROWID;
CREATE TABLE decision (       -- after a rung
  point INTEGER NOT NULL,
  after_rung INTEGER NOT NULL,
  rung INTEGER NOT NULL,      -- the last at which the point was played
  fate TEXT NOT NULL,         -- precise, open; misses, beaten: out
  by_point INTEGER,           -- that beats it
  figure INTEGER,             -- that it misses, or by which it is surest beaten
  value REAL,                 -- how much worse than the limit or than that point
  bound REAL,                 -- at least, surely
  checksum INTEGER NOT NULL,
  PRIMARY KEY (point, after_rung)
) STRICT, WITHOUT ROWID;
CREATE TABLE standing (       -- in the end, of points that were never out
  point INTEGER PRIMARY KEY,
  standing TEXT NOT NULL,     -- winner, front, close, unresolved, out
  checksum INTEGER NOT NULL
) STRICT;
CREATE VIEW latest AS         -- the best known estimate of each figure of each point
  SELECT e.point, f.name AS figure, e.value, e.ci95_low, e.ci95_high, e.upper95_if_unseen, e.rung, f.unit
  FROM estimate e JOIN figure f USING (figure)
  WHERE e.rung = (SELECT max(rung) FROM run r WHERE r.point = e.point AND r.rung < 100);
CREATE VIEW front AS          -- those that nobody beats, with their settings
  SELECT s.point, s.standing, l.figure, l.value, l.ci95_low, l.ci95_high, l.unit,
         (SELECT group_concat(parameter || '=' || value, ' ') FROM setting WHERE point = s.point) AS settings
  FROM standing s JOIN latest l USING (point) WHERE s.standing IN ('winner', 'front');
)sql";

/// A name as SQL has it.
/// One row a design, one column for each parameter and figure: what a table of another program is made of.
std::string wide_view(const loader::Sweep& sweep) {
  std::string sql = R"sql(
CREATE VIEW wide AS           -- one row a point: its status, the value of each parameter, the best known figures
  WITH best AS (SELECT s.point, (SELECT max(rung) FROM run r WHERE r.point = s.point AND r.rung < 100) AS rung
                FROM (SELECT DISTINCT point FROM setting) s)
  SELECT b.point,
    CASE WHEN coalesce((SELECT problem FROM point p WHERE p.point = b.point), '') <> '' THEN 'impossible'
         WHEN (SELECT fate FROM decision d WHERE d.point = b.point ORDER BY after_rung DESC LIMIT 1)
              IN ('misses', 'beaten')
         THEN (SELECT fate FROM decision d WHERE d.point = b.point ORDER BY after_rung DESC LIMIT 1)
         ELSE coalesce((SELECT CASE standing WHEN 'out' THEN 'misses' ELSE standing END FROM standing s
                        WHERE s.point = b.point), 'racing') END AS status)sql";
  std::set<std::string> taken{"point", "status", "rung", "incidents"};
  const auto column = [&](const std::string& name, const std::string& select) {
    // SQL's names do not heed case.
    const auto lower = [](std::string text) {
      for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      return text;
    };
    std::string unique = name;
    while (!taken.insert(lower(unique)).second) unique += "_";
    sql += fmt::format(",\n    ({}) AS {}", select, escape::sql_name(unique));
  };
  for (const loader::SweepParameter& parameter : sweep.parameters) {
    column(parameter.name, fmt::format("SELECT value FROM setting s WHERE s.point = b.point AND s.parameter = {}",
                                       escape::sql_text(parameter.name)));
  }
  for (std::size_t i = 0; i < sweep.figures.size(); ++i) {
    for (const auto& [suffix, source] :
         {std::pair("", "value"), std::pair(" ci95_low", "ci95_low"), std::pair(" ci95_high", "ci95_high"),
          std::pair(" upper95_if_unseen", "upper95_if_unseen")}) {
      column(sweep.figures[i].name() + suffix,
             fmt::format("SELECT {} FROM estimate e WHERE e.point = b.point AND e.rung = b.rung AND e.figure = {}",
                         source, i));
    }
  }
  return sql + R"sql(,
    b.rung, (SELECT incidents FROM run r WHERE r.point = b.point AND r.rung = b.rung) AS incidents
  FROM best b ORDER BY b.point;
)sql";
}

Cell whole(std::uint64_t value) { return static_cast<std::int64_t>(value); }
Cell whole(int value) { return static_cast<std::int64_t>(value); }

/// Tables that any layout has had.
bool is_ours(Database& database) {
  Statement find(database,
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('sweep', 'point', 'run')");
  constexpr std::int64_t tables_asked = 3;
  return find.next() && find.integer(0) == tables_asked;
}

/// The other file under the name `shard`, as long as this lives.
class Attached {
 public:
  Attached(Database& database, const std::string& path) : database_(database) {
    Statement(database_, "ATTACH DATABASE ? AS shard").run({file_name(path)});
  }
  ~Attached() {
    try {
      database_.execute("DETACH DATABASE shard");
    } catch (const DatabaseError&) {
      // What went wrong before is told already.
    }
  }
  Attached(const Attached&) = delete;

 private:
  Database& database_;
};

template <std::size_t n>
std::size_t index_of(const std::array<std::string_view, n>& names, const std::string& name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

std::string_view standing_name(Standing standing) { return standing_names[static_cast<std::size_t>(standing)]; }
std::string_view fate_name(Fate fate) { return fate_names[static_cast<std::size_t>(fate)]; }

SweepStore::SweepStore(const std::string& path, const loader::Sweep& sweep, const SweepIdentity& identity,
                       const std::vector<SweepPoint>& points)
    : SweepStore(Database(path, Database::Mode::create), sweep, identity, points) {}

SweepStore SweepStore::in_memory(const std::string& path, const loader::Sweep& sweep, const SweepIdentity& identity,
                                 const std::vector<SweepPoint>& points) {
  return {Database(path, Database::Mode::memory), sweep, identity, points};
}

SweepStore SweepStore::copy_of(const std::string& path, const loader::Sweep& sweep, const SweepIdentity& identity,
                               const std::vector<SweepPoint>& points) {
  return {Database::copy_of(path), sweep, identity, points};
}

SweepStore::SweepStore(Database database, const loader::Sweep& sweep, const SweepIdentity& identity,
                       const std::vector<SweepPoint>& points)
    : database_(std::move(database)), figures_(sweep.figures.size()) {
  const std::string& path = database_.path();
  // A rollback journal, as a write-ahead log needs memory that all processes share: file systems of clusters have none.
  database_.execute("PRAGMA journal_mode = DELETE; PRAGMA synchronous = NORMAL;");
  add_checksum(database_);
  Transaction transaction(database_);
  Statement version(database_, "PRAGMA user_version");
  const std::int64_t found = version.next() ? version.integer(0) : 0;
  while (version.next()) {
  }
  if (found == 0) {
    Statement tables_there(database_, "SELECT count(*) FROM sqlite_master");
    tables_there.next();
    if (tables_there.integer(0) > 0) {
      throw std::invalid_argument(fmt::format("{}: a database, but not of a sweep", path));
    }
    make_tables(database_, sweep);
    describe(database_, sweep, identity, points);
  } else if (found != layout) {
    throw std::invalid_argument(fmt::format("{}: written by another version of this program (layout {})", path, found));
  } else {
    // Whose it is comes first: a file of another sweep is not damaged.
    if (!is_ours(database_)) throw std::invalid_argument(fmt::format("{}: a database, but not of a sweep", path));
    check(identity);
  }
  transaction.commit();
  make_model(sweep, identity, points);
  if (found != 0) check_whole(database_);
}

void SweepStore::make_model(const loader::Sweep& sweep, const SweepIdentity& identity,
                            const std::vector<SweepPoint>& points) {
  model_ = std::make_unique<Database>(":memory:", Database::Mode::memory);
  add_checksum(*model_);
  make_tables(*model_, sweep);
  describe(*model_, sweep, identity, points);
  points_ = points.size();
}

void SweepStore::check_whole(Database& database) {
  // Seen as of one moment.
  Transaction transaction(database, Transaction::Kind::reading);
  check_seals(database, *model_, {points_, figures_, most_rungs, confirmation_rung});
  const auto refuse = [&](std::string_view what) {
    throw DamagedFile(fmt::format("{}: a damaged results file: {}", database.path(), what));
  };
  const auto value = [&](const char* key) -> std::optional<std::string> {
    Statement find(database, "SELECT value FROM sweep WHERE key = ?");
    find.bind({std::string(key)});
    if (!find.next()) return std::nullopt;
    return find.text(0);
  };
  const std::string rungs = value("decided_rungs").value_or("0");
  if (rungs.size() != 1 || rungs[0] < '0' || rungs[0] - '0' > most_rungs) refuse("it is decided after no known rung");
  if (const auto sampling = value("sampling")) {
    try {
      static_cast<void>(sampling_from(*sampling));
    } catch (const std::invalid_argument& error) {
      refuse(error.what());
    }
  }
  Statement fate(database, "SELECT fate FROM decision");
  while (fate.next()) {
    if (index_of(fate_names, fate.text(0)) == fate_names.size()) refuse("it knows another fate");
  }
  Statement standing(database, "SELECT standing FROM standing");
  while (standing.next()) {
    if (index_of(standing_names, standing.text(0)) == standing_names.size()) refuse("it knows another standing");
  }
}

void SweepStore::make_tables(Database& database, const loader::Sweep& sweep) {
  database.execute(tables);
  database.execute(wide_view(sweep));
  database.execute(fmt::format("PRAGMA user_version = {}", layout));
}

void SweepStore::set(Database& database, const std::string& key, const std::string& value) {
  Statement(database, sealed_insert("INSERT OR REPLACE", "sweep", 2)).run({key, value});
}

void SweepStore::describe(Database& database, const loader::Sweep& sweep, const SweepIdentity& identity,
                          const std::vector<SweepPoint>& points) {
  set(database, "version", identity.version);
  set(database, "build", identity.build);
  set(database, "sweep_hash", identity.sweep_hash);
  set(database, "inputs_hash", identity.inputs_hash);
  set(database, "seed", std::to_string(identity.seed));
  set(database, "options", identity.options);
  set(database, "sweep", sweep.text);
  Statement figure(database, "INSERT INTO figure VALUES (?, ?, ?, ?, ?)");
  for (std::size_t i = 0; i < sweep.figures.size(); ++i) {
    std::vector<Cell> row{whole(i), sweep.figures[i].name(), std::string(loader::figure_unit(sweep.figures[i].kind)),
                          Cell(), Cell()};
    for (const loader::SweepRequirement& requirement : sweep.require) {
      if (requirement.figure == i) row[3] = requirement.at_most;
    }
    for (std::size_t j = 0; j < sweep.objectives.size(); ++j) {
      if (sweep.objectives[j].figure == i) row[4] = whole(j);
    }
    figure.run(row);
  }
  // A column of whole numbers is one of integers.
  std::vector<bool> integers(sweep.parameters.size(), true);
  for (const SweepPoint& point : points) {
    for (std::size_t i = 0; i < point.numbers.size(); ++i) {
      constexpr double exact = 9e15;
      const double number = point.numbers[i].value_or(0);
      integers[i] = integers[i] && std::abs(number) < exact && number == std::floor(number);
    }
  }
  Statement parameter(database, "INSERT INTO parameter VALUES (?, ?, ?)");
  for (const loader::SweepParameter& entry : sweep.parameters) {
    parameter.run({entry.name, entry.unit, whole(entry.given ? 1 : 0)});
  }
  Statement setting(database, "INSERT INTO setting VALUES (?, ?, ?)");
  for (const SweepPoint& point : points) {
    for (std::size_t i = 0; i < point.labels.size(); ++i) {
      const auto& number = point.numbers[i];
      setting.run({whole(point.index), sweep.parameters[i].name,
                   !number       ? Cell(point.labels[i])
                   : integers[i] ? Cell(static_cast<std::int64_t>(*number))
                                 : Cell(*number)});
    }
  }
}

void SweepStore::check(const SweepIdentity& identity) {
  const auto expect = [&](const std::string& key, const std::string& value, std::string_view what) {
    const std::string found = get(key).value_or("");
    if (found == value) return;
    throw std::invalid_argument(
        fmt::format("{}: holds results of {} ({} there, {} now): name another file with --results, or remove this one",
                    database_.path(), what, found.empty() ? "nothing" : found, value.empty() ? "nothing" : value));
  };
  expect("sweep_hash", identity.sweep_hash, "another sweep, or of this one before it was changed");
  expect("inputs_hash", identity.inputs_hash, "other topologies or profiles");
  expect("seed", std::to_string(identity.seed), "another seed");
  expect("options", identity.options, "other options");
  expect("version", identity.version, "another version of this program");
  expect("build", identity.build, "another build of this program");
}

void SweepStore::set(const std::string& key, const std::string& value) { set(database_, key, value); }

std::optional<std::string> SweepStore::get(const std::string& key) {
  Statement find(database_, "SELECT value FROM sweep WHERE key = ?");
  find.bind({key});
  if (!find.next()) return std::nullopt;
  return find.text(0);
}

void SweepStore::insert(const PointRecord& record) {
  Statement(database_, sealed_insert("INSERT OR IGNORE", "point", 5))
      .run({whole(record.point), record.topology, record.input_hash, record.profile_hash, record.problem});
}

void SweepStore::insert(const PointResult& result) {
  const Cell point = whole(result.point);
  const Cell rung = whole(result.rung);
  std::size_t batches = 0;
  for (const FigureResult& figure : result.figures) batches += figure.batches.size();
  constexpr int columns = 7;  // the last: wall_s
  Statement(database_, sealed_insert("INSERT OR IGNORE", "run", columns, columns))
      .run({point, rung, whole(result.blocks), whole(result.incidents), whole(result.events), whole(batches),
            result.wall_s});
  if (database_.changes() == 0) return;
  Statement estimate(database_, sealed_insert("INSERT", "estimate", 7));
  Statement batch(database_, sealed_insert("INSERT", "batch", 7));
  for (std::size_t i = 0; i < result.figures.size(); ++i) {
    const FigureResult& figure = result.figures[i];
    estimate.run({point, rung, whole(i), cell(figure.value), figure.ci95 ? Cell(figure.ci95->lower) : Cell(),
                  figure.ci95 ? Cell(figure.ci95->upper) : Cell(), cell(figure.upper95)});
    for (std::size_t k = 0; k < figure.batches.size(); ++k) {
      const sim::Batch& part = figure.batches[k];
      batch.run({point, rung, whole(i), whole(k), part.weight, part.reward, part.length});
    }
  }
}

void SweepStore::add(const std::vector<std::pair<PointRecord, std::optional<PointResult>>>& results) {
  Transaction transaction(database_);
  for (const auto& [record, result] : results) {
    insert(record);
    if (result) insert(*result);
  }
  transaction.commit();
}

void SweepStore::add(const std::vector<Decision>& decisions, int rung) {
  Transaction transaction(database_);
  // Another process may have decided and gone on meanwhile.
  if (decided_rungs() != rung) return;
  Statement insert(database_, sealed_insert("INSERT OR REPLACE", "decision", 8));
  for (const Decision& decision : decisions) {
    const bool out = decision.fate == Fate::misses || decision.fate == Fate::beaten;
    insert.run({whole(decision.point), whole(rung), whole(decision.rung), std::string(fate_name(decision.fate)),
                decision.by ? whole(*decision.by) : Cell(), out ? whole(decision.figure) : Cell(),
                out ? Cell(decision.value) : Cell(), out ? Cell(decision.bound) : Cell()});
  }
  // Also where nothing was left to decide.
  set("decided_rungs", std::to_string(rung + 1));
  set("decisions", std::to_string(rows_of("decision")));
  transaction.commit();
}

void SweepStore::add(const Ranking& ranking) {
  Transaction transaction(database_);
  database_.execute("DELETE FROM standing");
  Statement insert(database_, sealed_insert("INSERT", "standing", 2));
  for (const auto& [point, standing] : ranking.standings) {
    insert.run({whole(point), std::string(standing_name(standing))});
  }
  set("standings", std::to_string(rows_of("standing")));
  transaction.commit();
}

std::int64_t SweepStore::rows_of(std::string_view table) {
  Statement select(database_, fmt::format("SELECT count(*) FROM {}", table));
  return select.next() ? select.integer(0) : 0;
}

std::map<std::size_t, PointRecord> SweepStore::records() {
  std::map<std::size_t, PointRecord> result;
  Statement select(database_, "SELECT point, topology, input_hash, profile_hash, problem FROM point");
  while (select.next()) {
    PointRecord record{static_cast<std::size_t>(select.integer(0)), select.text(1), select.text(2), select.text(3),
                       select.text(4)};
    result.emplace(record.point, std::move(record));
  }
  return result;
}

std::set<std::pair<std::size_t, int>> SweepStore::played() {
  std::set<std::pair<std::size_t, int>> result;
  Statement select(database_, "SELECT point, rung FROM run");
  while (select.next()) {
    result.emplace(static_cast<std::size_t>(select.integer(0)), static_cast<int>(select.integer(1)));
  }
  return result;
}

std::map<std::pair<std::size_t, int>, PointResult> SweepStore::results() {
  std::map<std::pair<std::size_t, int>, PointResult> all;
  const auto key = [](const Statement& row) {
    return std::pair(static_cast<std::size_t>(row.integer(0)), static_cast<int>(row.integer(1)));
  };
  Statement run(database_, "SELECT point, rung, blocks, incidents, events, wall_s FROM run");
  while (run.next()) {
    PointResult& result = all[key(run)];
    std::tie(result.point, result.rung) = key(run);
    result.blocks = static_cast<std::uint64_t>(run.integer(2));
    result.incidents = static_cast<std::uint64_t>(run.integer(3));
    result.events = static_cast<std::uint64_t>(run.integer(4));
    result.wall_s = run.real(5);
    result.figures.resize(figures_);
  }
  Statement estimate(database_,
                     "SELECT point, rung, figure, value, ci95_low, ci95_high, upper95_if_unseen FROM estimate");
  while (estimate.next()) {
    FigureResult& figure = all[key(estimate)].figures.at(static_cast<std::size_t>(estimate.integer(2)));
    figure.value = estimate.maybe(3);
    if (!estimate.null(4) && !estimate.null(5)) figure.ci95 = sim::Interval{estimate.real(4), estimate.real(5)};
    figure.upper95 = estimate.maybe(6);
  }
  Statement batch(database_, "SELECT point, rung, figure, weight, reward, length FROM batch ORDER BY 1, 2, 3, batch");
  while (batch.next()) {
    all[key(batch)]
        .figures.at(static_cast<std::size_t>(batch.integer(2)))
        .batches.push_back({batch.real(3), batch.real(4), batch.real(5)});
  }
  return all;
}

std::map<std::size_t, Decision> SweepStore::decisions() {
  std::map<std::size_t, Decision> result;
  Statement select(database_,
                   "SELECT point, rung, fate, by_point, figure, value, bound FROM decision ORDER BY point, after_rung");
  while (select.next()) {
    Decision decision;
    decision.point = static_cast<std::size_t>(select.integer(0));
    decision.rung = static_cast<int>(select.integer(1));
    decision.fate = static_cast<Fate>(index_of(fate_names, select.text(2)));
    if (!select.null(3)) decision.by = static_cast<std::size_t>(select.integer(3));
    decision.figure = static_cast<std::size_t>(select.integer(4));
    decision.value = select.real(5);
    decision.bound = select.real(6);
    result[decision.point] = decision;
  }
  return result;
}

int SweepStore::decided_rungs() { return std::stoi(get("decided_rungs").value_or("0")); }

std::map<std::size_t, Standing> SweepStore::standings() {
  std::map<std::size_t, Standing> result;
  Statement select(database_, "SELECT point, standing FROM standing");
  while (select.next()) {
    result[static_cast<std::size_t>(select.integer(0))] =
        static_cast<Standing>(index_of(standing_names, select.text(1)));
  }
  return result;
}

double SweepStore::wall_s() {
  Statement select(database_, "SELECT coalesce(sum(wall_s), 0) FROM run");
  select.next();
  return select.real(0);
}

std::size_t SweepStore::merge(const std::string& path) {
  {
    Database other(path, Database::Mode::existing);
    Statement version(other, "PRAGMA user_version");
    const std::int64_t found = version.next() ? version.integer(0) : 0;
    Statement tables_there(other, "SELECT count(*) FROM sqlite_schema");
    // Its process was ended before it had begun.
    if (found == 0 && tables_there.next() && tables_there.integer(0) == 0) return 0;
    if (found != layout || !is_ours(other)) throw std::invalid_argument(path + ": no results file of a sweep");
    check_same(other);
    add_checksum(other);
    check_whole(other);
  }
  const Attached attached(database_, path);
  return take_over(path);
}

void SweepStore::check_same(Database& other) {
  for (const char* key : {"sweep_hash", "inputs_hash", "seed", "options", "version", "build"}) {
    Statement find(other, "SELECT value FROM sweep WHERE key = ?");
    find.bind({std::string(key)});
    const std::optional<std::string> its = find.next() ? std::optional(find.text(0)) : std::nullopt;
    if (its == get(key)) continue;
    throw std::invalid_argument(
        fmt::format("{}: its {} differs from that of {}: shards of another sweep", other.path(), key, path()));
  }
}

std::size_t SweepStore::take_over(const std::string& path) {
  Transaction transaction(database_);
  const auto its = [&](const char* key) -> std::optional<std::string> {
    Statement find(database_, "SELECT value FROM shard.sweep WHERE key = ?");
    find.bind({std::string(key)});
    if (!find.next()) return std::nullopt;
    return find.text(0);
  };
  // Without a plan of the blocks it has no results either.
  const auto sampling = its("sampling");
  if (!sampling) return 0;
  if (!get("sampling")) set("sampling", *sampling);
  if (get("sampling") != sampling) {
    throw std::invalid_argument(
        fmt::format("{}: its sampling differs from that of {}: shards of another sweep", path, database_.path()));
  }
  for (const std::string_view table : {"point", "run", "estimate", "batch"}) {
    const std::string_view key = table == "point"      ? "point"
                                 : table == "run"      ? "point, rung"
                                 : table == "estimate" ? "point, rung, figure"
                                                       : "point, rung, figure, batch";
    Statement differs(database_, fmt::format("SELECT s.point FROM shard.{0} s JOIN main.{0} m USING ({1}) WHERE "
                                             "s.checksum <> m.checksum LIMIT 1",
                                             table, key));
    if (!differs.next()) continue;
    throw std::invalid_argument(
        fmt::format("{}: its result of point {} differs from that in {}", path, differs.integer(0), database_.path()));
  }
  std::size_t fresh = 0;
  for (const char* table : {"point", "run", "estimate", "batch"}) {
    database_.execute(fmt::format("INSERT OR IGNORE INTO main.{0} SELECT * FROM shard.{0}", table));
    if (std::string_view(table) == "run") fresh = static_cast<std::size_t>(database_.changes());
  }
  transaction.commit();
  return fresh;
}

}  // namespace nines::experiments
