// A small sweep of black boxes, the command as a process that can be killed, results files as text: for tests of sweeps
// that are interrupted, shared among processes and put together again.
#pragma once

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/places.hpp"

namespace nines::experiments::testing {

namespace fs = std::filesystem;
using Environment = std::map<std::string, std::string>;
using Seconds = std::chrono::duration<double>;

inline std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void spill(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
}

/// A directory of its own, removed at the end.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "nines-sweep-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  [[nodiscard]] std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

struct Outcome {
  int code = -1;  ///< exit code; -1: ended by a signal
  int signal = 0;
  std::string out;
  std::string err;
};

/// The command at work. Variables of batch systems that the tests themselves may run under are taken away.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const Environment& environment = {},
                   const std::string& program = tests::nines_binary()) {
    std::vector<std::string> words{program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    const std::string out = scratch_ / "out";
    const std::string err = scratch_ / "err";
    pid_ = ::fork();
    if (pid_ != 0) return;
    for (const char* name : {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_STEP",
                             "SLURM_ARRAY_TASK_COUNT", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"}) {
      ::unsetenv(name);
    }
    for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
    constexpr int readable = 0600;
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, readable), STDOUT_FILENO);
    ::dup2(::open(err.c_str(), O_WRONLY | O_CREAT, readable), STDERR_FILENO);
    ::execv(program.c_str(), argv.data());
    std::_Exit(127);
  }
  ~Process() {
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  Process(const Process&) = delete;

  void send(int signal) const { ::kill(pid_, signal); }

  Outcome wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0,
            slurp(scratch_ / "out"), slurp(scratch_ / "err")};
  }

 private:
  Scratch scratch_;
  ::pid_t pid_ = 0;
};

inline Outcome nines_command(const std::vector<std::string>& arguments, const Environment& environment = {}) {
  return Process(arguments, environment).wait();
}

/// A line as a shell takes it.
inline Outcome shell(const std::string& line) { return Process({"-c", line}, {}, "/bin/bash").wait(); }

/// A command line that is wrong, and what its message says.
struct WrongUsage {
  const char* arguments;
  const char* says;
};

inline void check_refused(const WrongUsage& usage) {
  const Outcome outcome = shell(nines::tests::nines_binary() + " " + usage.arguments);
  INFO(usage.arguments << "\n" << outcome.err);
  CHECK(outcome.code == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.find(usage.says) != std::string::npos);
  CHECK(outcome.err.find("terminate") == std::string::npos);
}

/// Starts the command and sends the signal after the delay. Signal 0 in the outcome: it had ended before.
inline Outcome interrupted(const std::vector<std::string>& arguments, Seconds delay, int signal = SIGKILL) {
  Process process(arguments);
  std::this_thread::sleep_for(delay);
  process.send(signal);
  return process.wait();
}

/// 54 designs, a third of them impossible (what ages cannot stand by), several rungs, two ways to be good.
inline std::string shop_file(const std::string& name) {
  return slurp(fs::path(tests::source_file("tests/experiments/shop")) / name);
}

struct Closed {
  void operator()(sqlite3* handle) const { sqlite3_close(handle); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

/// All tables with all their rows, in order, but for wall times.
inline std::string tables_text(const std::string& path) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  const std::unique_ptr<sqlite3, Closed> database(handle);
  const auto rows = [&](const std::string& sql) {
    sqlite3_stmt* raw = nullptr;
    REQUIRE(sqlite3_prepare_v2(handle, sql.c_str(), -1, &raw, nullptr) == SQLITE_OK);
    const std::unique_ptr<sqlite3_stmt, Closed> statement(raw);
    std::vector<std::vector<std::string>> all;
    int code = sqlite3_step(raw);
    for (; code == SQLITE_ROW; code = sqlite3_step(raw)) {
      std::vector<std::string>& row = all.emplace_back();
      for (int column = 0; column < sqlite3_column_count(raw); ++column) {
        // SQLite's own text of a number is rounded.
        const int type = sqlite3_column_type(raw, column);
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, column));
        row.push_back(type == SQLITE_FLOAT  ? fmt::format("{}", sqlite3_column_double(raw, column))
                      : type == SQLITE_NULL ? "NULL"
                                            : std::string(text));
      }
    }
    REQUIRE(code == SQLITE_DONE);
    return all;
  };
  CHECK(rows("PRAGMA integrity_check").at(0).at(0) == "ok");
  std::string text;
  for (const auto& table : rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")) {
    std::string columns;
    for (const auto& column : rows(fmt::format("SELECT name FROM pragma_table_info('{}')", table[0]))) {
      if (column[0] != "wall_s") columns += (columns.empty() ? "" : ", ") + column[0];
    }
    text += fmt::format("{} ({})\n", table[0], columns);
    for (const auto& row : rows(fmt::format("SELECT {0} FROM {1} ORDER BY {0}", columns, table[0]))) {
      text += fmt::format("  {}\n", fmt::join(row, " | "));
    }
  }
  return text;
}

/// What a complete sweep says: in both exports and in its file.
struct Answer {
  std::string csv;
  std::string json;
  std::string tables;
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// The sweep in a directory of its own.
class Shop {
 public:
  Shop() {
    spill(scratch_ / "shop.json", shop_file("shop.json"));
    spill(scratch_ / "sweep.json", shop_file("sweep.json"));
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return scratch_ / name; }

  /// Plays, or goes on with, what is in the results file.
  [[nodiscard]] std::vector<std::string> command(const std::string& results,
                                                 const std::vector<std::string>& further = {}) const {
    std::vector<std::string> words{"sweep",  scratch_ / "sweep.json", "--results", scratch_ / results, "--threads", "1",
                                   "--quiet"};
    words.insert(words.end(), further.begin(), further.end());
    return words;
  }

  /// Completes the sweep if it is not complete.
  [[nodiscard]] Answer answer(const std::string& results) const {
    const Outcome csv = nines_command(command(results, {"--format", "csv"}));
    const Outcome json = nines_command(command(results, {"--format", "json"}));
    INFO(csv.err << json.err);
    CHECK(csv.code == 0);
    CHECK(json.code == 0);
    return {csv.out, json.out, tables_text(scratch_ / results)};
  }

 private:
  Scratch scratch_;
};

/// Of the sweep played at one go; and how long that takes.
struct Reference {
  Answer answer;
  Seconds length{};
};
inline const Reference& reference() {
  static const Reference found = [] {
    const Shop shop;
    const auto begin = std::chrono::steady_clock::now();
    const Outcome outcome = nines_command(shop.command("whole.sqlite"));
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    const Seconds length = std::chrono::steady_clock::now() - begin;
    return Reference{shop.answer("whole.sqlite"), length};
  }();
  return found;
}

}  // namespace nines::experiments::testing
