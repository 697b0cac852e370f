// SQLite, as little of it as a results file needs.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace nines::experiments {

/// A results file that cannot be opened, read or written.
struct DatabaseError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A value of a column; monostate is NULL.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;
inline Cell cell(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }

/// What SQLite takes for the name of that file, also where it has a meaning of its own such as ":memory:".
std::string file_name(const std::string& path);

class Database;

/// A prepared statement. Bound parameters count from 1, columns from 0.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  /// Runs once with the values; REQUIRES: it returns no rows.
  void run(const std::vector<Cell>& values);
  void bind(const std::vector<Cell>& values);
  /// Steps to the next row. False at the end, after which it can be bound again.
  bool next();
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bool null(int column) const;
  [[nodiscard]] std::optional<double> maybe(int column) const {
    return null(column) ? std::nullopt : std::optional(real(column));
  }

 private:
  struct Finish {
    void operator()(sqlite3_stmt* statement) const;
  };
  Database& database_;
  std::unique_ptr<sqlite3_stmt, Finish> statement_;
};

class Database {
 public:
  enum class Mode : std::uint8_t { existing, create, memory };
  /// Opens the file, which is made if it is not there and may be; in memory the path is only its name in messages.
  /// Throws DatabaseError.
  Database(const std::string& path, Mode mode);
  /// A copy in memory; writing to it leaves the file as it is.
  static Database copy_of(const std::string& path);
  void execute(const std::string& sql);
  [[nodiscard]] sqlite3* handle() const { return handle_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Rows that the last statement changed.
  [[nodiscard]] int changes() const;
  [[noreturn]] void fail(std::string_view what) const;

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  std::string path_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// All or nothing: rolls back unless committed.
class Transaction {
 public:
  enum class Kind : std::uint8_t { writing, reading };
  explicit Transaction(Database& database, Kind kind = Kind::writing) : database_(database) {
    database_.execute(kind == Kind::writing ? "BEGIN IMMEDIATE" : "BEGIN");
  }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace nines::experiments
