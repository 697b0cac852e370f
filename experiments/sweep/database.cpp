#include "experiments/sweep/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <filesystem>

namespace nines::experiments {

namespace {

/// How long to wait for another process that writes the same file.
constexpr int patience_ms = 60'000;
constexpr std::uintmax_t page_unit = 512;

}  // namespace

void Statement::Finish::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
void Database::Close::operator()(sqlite3* handle) const { sqlite3_close(handle); }

std::string file_name(const std::string& path) { return path.starts_with(':') ? "./" + path : path; }

Database::Database(const std::string& path, Mode mode) : path_(path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (mode != Mode::memory && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
      status.type() != std::filesystem::file_type::character) {
    throw DatabaseError(fmt::format("{}: no results file of a sweep: no regular file", path));
  }
  // SQLite fills up the last page of a file that was cut off, and takes very short ones for empty. With a journal it
  // restores the file itself.
  const auto size = std::filesystem::file_size(path, error);
  if (mode != Mode::memory && !error && size % page_unit != 0 && !std::filesystem::exists(path + "-journal")) {
    throw DatabaseError(fmt::format("{}: no results file of a sweep, or cut off: it has {} bytes", path, size));
  }
  sqlite3* handle = nullptr;
  // Also to read: what a killed writer left half done is taken back by whoever opens the file next.
  const int flags = SQLITE_OPEN_READWRITE | (mode == Mode::existing ? 0 : SQLITE_OPEN_CREATE);
  const std::string name = mode == Mode::memory ? ":memory:" : file_name(path);
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_FULLMUTEX, nullptr);
  handle_.reset(handle);
  if (code != SQLITE_OK) fail("cannot be opened");
  sqlite3_busy_timeout(handle, patience_ms);
  // The file may come from anywhere: what its views and triggers call is not to be trusted, nor are its cells' sizes.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  execute("PRAGMA cell_size_check = ON");
}

Database Database::copy_of(const std::string& path) {
  const Database file(path, Mode::existing);
  Database copy(path, Mode::memory);
  sqlite3_backup* backup = sqlite3_backup_init(copy.handle(), "main", file.handle(), "main");
  if (backup == nullptr) copy.fail("results file");
  sqlite3_backup_step(backup, -1);
  if (sqlite3_backup_finish(backup) != SQLITE_OK) copy.fail("results file");
  return copy;
}

int Database::changes() const { return sqlite3_changes(handle_.get()); }

void Database::fail(std::string_view what) const {
  const int code = handle_ ? sqlite3_errcode(handle_.get()) : SQLITE_NOMEM;
  if (code == SQLITE_NOTADB) what = "no results file of a sweep";
  if (code == SQLITE_CORRUPT) what = "a damaged results file";
  if (code == SQLITE_BUSY) what = "another process has been writing to it for a minute";
  throw DatabaseError(
      fmt::format("{}: {}: {}", path_, what, handle_ ? sqlite3_errmsg(handle_.get()) : "out of memory"));
}

void Database::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("results file");
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database.handle(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) !=
      SQLITE_OK) {
    database.fail("results file");
  }
  statement_.reset(statement);
}

void Statement::bind(const std::vector<Cell>& values) {
  sqlite3_stmt* statement = statement_.get();
  sqlite3_reset(statement);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const int at = static_cast<int>(i) + 1;
    int code = SQLITE_OK;
    if (const auto* whole = std::get_if<std::int64_t>(&values[i])) {
      code = sqlite3_bind_int64(statement, at, *whole);
    } else if (const auto* real = std::get_if<double>(&values[i])) {
      code = sqlite3_bind_double(statement, at, *real);
    } else if (const auto* text = std::get_if<std::string>(&values[i])) {
      code = sqlite3_bind_text(statement, at, text->data(), static_cast<int>(text->size()), SQLITE_TRANSIENT);
    } else {
      code = sqlite3_bind_null(statement, at);
    }
    if (code != SQLITE_OK) database_.fail("results file");
  }
}

bool Statement::next() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) database_.fail("results file");
  sqlite3_reset(statement_.get());
  return false;
}

void Statement::run(const std::vector<Cell>& values) {
  bind(values);
  next();
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double Statement::real(int column) const { return sqlite3_column_double(statement_.get(), column); }
bool Statement::null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
std::string Statement::text(int column) const {
  const auto* text = sqlite3_column_text(statement_.get(), column);
  if (text == nullptr) return "";
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Transaction::~Transaction() {
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() {
  database_.execute("COMMIT");
  open_ = false;
}

}  // namespace nines::experiments
