#include "experiments/sweep/seal.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <vector>

#include "experiments/report/escape.hpp"
#include "sim/random.hpp"

namespace nines::experiments {

namespace {

/// Type and length go in too, so that 1, 1.0 and "1" differ, and "a", "b" from "ab".
std::uint64_t with(std::uint64_t hash, sqlite3_value* value) {
  const int type = sqlite3_value_type(value);
  std::string bytes;
  const auto put = [&](const void* data, std::size_t size) { bytes.append(static_cast<const char*>(data), size); };
  if (type == SQLITE_INTEGER) {
    const sqlite3_int64 whole = sqlite3_value_int64(value);
    put(&whole, sizeof whole);
  } else if (type == SQLITE_FLOAT) {
    const double real = sqlite3_value_double(value);
    put(&real, sizeof real);
  } else if (type != SQLITE_NULL) {
    const void* data = type == SQLITE_TEXT ? sqlite3_value_text(value) : sqlite3_value_blob(value);
    const auto size = static_cast<std::size_t>(sqlite3_value_bytes(value));
    if (size > 0) put(data, size);
  }
  return sim::fnv1a(bytes, sim::fnv1a(fmt::format("{} {} ", type, bytes.size()), hash));
}

void checksum(sqlite3_context* context, int count, sqlite3_value** values) {
  std::uint64_t hash = sim::fnv1a("row");
  for (int i = 0; i < count; ++i) hash = with(hash, values[i]);
  sqlite3_result_int64(context, static_cast<sqlite3_int64>(hash));
}

[[noreturn]] void refuse(const Database& database, std::string_view why) {
  throw DamagedFile(fmt::format("{}: a damaged results file: {}; restore it from a copy, or remove it and play again",
                                database.path(), why));
}

struct Column {
  std::string name;
  std::string type;
};

std::vector<Column> columns_of(Database& database, const std::string& table) {
  std::vector<Column> columns;
  Statement select(database, "SELECT name, type FROM pragma_table_info(?)");
  select.bind({table});
  while (select.next()) columns.push_back({select.text(0), select.text(1)});
  return columns;
}

/// Tables and views as they were made.
std::map<std::string, std::string> definitions(Database& database) {
  std::map<std::string, std::string> all;
  Statement select(database, "SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema");
  while (select.next()) all.emplace(select.text(0), select.text(1));
  return all;
}

void check_definitions(Database& database, Database& model) {
  const auto found = definitions(database);
  for (const auto& [name, sql] : definitions(model)) {
    const auto at = found.find(name);
    if (at == found.end()) refuse(database, fmt::format("it has no {}", name));
    if (at->second != sql) refuse(database, fmt::format("its {} is another one", name));
  }
  // Either would change what writing does.
  for (const auto& [name, sql] : found) {
    if (name.starts_with("trigger ") || sql.starts_with("CREATE UNIQUE"))
      refuse(database, fmt::format("somebody has added a {}", name));
  }
}

/// Those that follow from the sweep's file alone.
std::vector<std::string> described_tables(Database& model) {
  std::vector<std::string> tables;
  Statement select(model, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  while (select.next()) {
    const std::string name = select.text(0);
    const bool sealed = std::find(std::begin(sealed_tables), std::end(sealed_tables), name) != std::end(sealed_tables);
    if (!sealed && !name.starts_with("sqlite_")) tables.push_back(name);
  }
  return tables;
}

void check_described(Database& database, Database& model, const std::string& table) {
  std::string names;
  for (const Column& column : columns_of(model, table)) {
    names += (names.empty() ? "" : ", ") + escape::sql_name(column.name);
  }
  const std::string sql = fmt::format("SELECT {} FROM {} ORDER BY {}", names, escape::sql_name(table), names);
  Statement here(database, sql);
  Statement there(model, sql);
  const int count = static_cast<int>(columns_of(model, table).size());
  for (;;) {
    const bool more = here.next();
    if (there.next() != more) refuse(database, fmt::format("rows of its table '{}' are missing or too many", table));
    if (!more) return;
    for (int column = 0; column < count; ++column) {
      if (here.text(column) != there.text(column) || here.null(column) != there.null(column))
        refuse(database, fmt::format("a row of its table '{}' was changed", table));
    }
  }
}

void check_rows(Database& database, const std::string& table) {
  std::string names = fmt::format("'{}'", table);
  for (const Column& column : columns_of(database, table)) {
    if (column.name != "checksum" && column.name != unsealed_column) names += ", " + escape::sql_name(column.name);
  }
  Statement changed(database, fmt::format("SELECT 1 FROM {} WHERE checksum IS NOT checksum({}) LIMIT 1",
                                          escape::sql_name(table), names));
  if (changed.next()) refuse(database, fmt::format("a row of its table '{}' was changed", table));
}

}  // namespace

void add_checksum(Database& database) {
  // "Innocuous" is what a results file's own views may call; none does.
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  constexpr int any_number = -1;
  if (sqlite3_create_function_v2(database.handle(), "checksum", any_number, flags, nullptr, checksum, nullptr, nullptr,
                                 nullptr) != SQLITE_OK) {
    database.fail("results file");
  }
}

std::string sealed_insert(std::string_view how, std::string_view table, int values, int unsealed) {
  std::string all;
  std::string sealed;
  for (int i = 1; i <= values; ++i) {
    all += fmt::format("?{}, ", i);
    if (i != unsealed) sealed += fmt::format(", ?{}", i);
  }
  return fmt::format("{} INTO {} VALUES ({}checksum('{}'{}))", how, table, all, table, sealed);
}

void check_seals(Database& database, Database& model, const SealLimits& limits) {
  check_definitions(database, model);
  {
    // Keys out of order hide rows without an error.
    Statement sound(database, "PRAGMA quick_check(1)");
    if (!sound.next() || sound.text(0) != "ok") refuse(database, "its pages do not fit together");
  }
  for (const std::string& table : described_tables(model)) check_described(database, model, table);
  for (const char* table : sealed_tables) check_rows(database, table);
  const std::string point = fmt::format("BETWEEN 0 AND {}", static_cast<std::int64_t>(limits.points) - 1);
  const std::string figure = fmt::format("BETWEEN 0 AND {}", static_cast<std::int64_t>(limits.figures) - 1);
  const std::string rung =
      fmt::format("rung NOT BETWEEN 0 AND {} AND rung <> {}", limits.rungs - 1, limits.confirmation_rung);
  const std::pair<std::string, const char*> conditions[] = {
      {"point WHERE point NOT " + point, "it has points that the sweep has not"},
      {fmt::format("run WHERE point NOT IN (SELECT point FROM point) OR ({}) OR incidents < 0 OR events < 0", rung),
       "it has results of points or rungs that the sweep has not"},
      {fmt::format("run r WHERE {} <> (SELECT count(*) FROM estimate e WHERE e.point = r.point AND e.rung = r.rung)",
                   limits.figures),
       "estimates are missing"},
      {"run r WHERE batches <> (SELECT count(*) FROM batch b WHERE b.point = r.point AND b.rung = r.rung)",
       "batches are missing"},
      {fmt::format("estimate e WHERE figure NOT {} OR NOT EXISTS (SELECT 1 FROM run r WHERE r.point = e.point AND "
                   "r.rung = e.rung)",
                   figure),
       "it has estimates of figures or results that it has not"},
      {fmt::format("batch b WHERE figure NOT {} OR NOT EXISTS (SELECT 1 FROM run r WHERE r.point = b.point AND "
                   "r.rung = b.rung)",
                   figure),
       "it has batches of figures or results that it has not"},
      {fmt::format("decision WHERE point NOT {0} OR by_point NOT {0} OR figure NOT {1} OR after_rung NOT BETWEEN 0 AND "
                   "{2} OR rung NOT BETWEEN 0 AND {2}",
                   point, figure, limits.rungs - 1),
       "it has decisions of points that the sweep has not"},
      {"standing WHERE point NOT " + point, "it has standings of points that the sweep has not"},
      {"(SELECT coalesce((SELECT value FROM sweep WHERE key = 'decisions'), '0') AS told, (SELECT count(*) FROM "
       "decision) AS held) WHERE told <> CAST(held AS TEXT)",
       "decisions are missing"},
      {"(SELECT coalesce((SELECT value FROM sweep WHERE key = 'standings'), '0') AS told, (SELECT count(*) FROM "
       "standing) AS held) WHERE told <> CAST(held AS TEXT)",
       "standings are missing"},
      {"decision WHERE after_rung >= coalesce((SELECT CAST(value AS INTEGER) FROM sweep WHERE key = 'decided_rungs'), "
       "0)",
       "it has decisions after rungs that are not decided"},
      {"run WHERE NOT EXISTS (SELECT 1 FROM sweep WHERE key = 'sampling')", "the plan of its samples is missing"},
  };
  for (const auto& [condition, why] : conditions) {
    Statement wrong(database, fmt::format("SELECT 1 FROM {} LIMIT 1", condition));
    if (wrong.next()) refuse(database, why);
  }
}

}  // namespace nines::experiments
