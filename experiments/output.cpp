#include "experiments/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace nines::experiments {

namespace {

/// Returns errno of what failed, 0 if all was written.
int write_all(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

[[noreturn]] void fail(std::string_view what, int error) {
  throw OutputError(fmt::format("cannot write {}: {}", what, std::strerror(error)));
}

bool set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

/// A device or pipe is written in place; renaming over it would replace it.
bool is_special(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return !error && std::filesystem::exists(status) && !std::filesystem::is_regular_file(status);
}

}  // namespace

void write_output(const std::string& path, std::string_view text) {
  OutputStream out(path);
  out.write(text);
  out.commit();
}

void check_output(const std::string& path) {
  if (path.empty() || path == "-") return;
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::is_directory(path, error)) fail(path, EISDIR);
  if (is_special(path)) {
    if (::access(path.c_str(), W_OK) != 0) fail(path, errno);
    return;
  }
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : fs::path(".");
  if (::access(folder.c_str(), F_OK) != 0) fail(path, errno);
  if (!fs::is_directory(folder, error)) fail(path, ENOTDIR);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) fail(path, errno);
}

OutputStream::OutputStream(const std::string& path) : path_(path) {
  if (path.empty() || path == "-") {
    path_ = "standard output";
    file_ = STDOUT_FILENO;
  } else if (is_special(path)) {
    file_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    partial_ = fmt::format("{}.{}.tmp", path, ::getpid());
    file_ = ::open(partial_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  }
  if (file_ < 0) fail(path, errno);
}

OutputStream::~OutputStream() {
  if (file_ >= 0 && file_ != STDOUT_FILENO) ::close(file_);
  if (!partial_.empty()) ::unlink(partial_.c_str());
}

void OutputStream::write(std::string_view text) {
  constexpr std::size_t enough = 1 << 16;
  waiting_ += text;
  if (waiting_.size() >= enough) flush();
}

void OutputStream::flush() {
  const int error = write_all(file_, waiting_);
  waiting_.clear();
  // A reader that has gone is no error.
  if (error != 0 && (error != EPIPE || !partial_.empty())) fail(path_, error);
}

void OutputStream::commit() {
  flush();
  if (file_ == STDOUT_FILENO) return;
  int error = !partial_.empty() && ::fsync(file_) != 0 ? errno : 0;
  ::close(file_);
  file_ = -1;
  if (partial_.empty()) return;
  if (error == 0 && std::rename(partial_.c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0) fail(path_, error);
  partial_.clear();
}

bool colour_allowed() {
  if (set("NO_COLOR")) return false;
  if (set("FORCE_COLOR")) return true;
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

Progress::Progress(bool wanted) : active_(wanted && ::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_) write_all(STDERR_FILENO, "\r\033[K");
  shown_ = false;
}

void Progress::show(std::string_view text) {
  if (!active_) return;
  shown_ = true;
  write_all(STDERR_FILENO, fmt::format("\r\033[K{}", text));
}

}  // namespace nines::experiments
