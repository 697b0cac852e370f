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
#include <utility>

#include "experiments/escape.hpp"

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
  throw OutputError(fmt::format("cannot write {}: {}", escape::visible(what), std::strerror(error)));
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

void write_in_place(const std::string& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) fail(path, errno);
  const int error = write_all(file, text);
  ::close(file);
  if (error != 0 && error != EPIPE) fail(path, error);
}

}  // namespace

void open_closed_streams() {
  // Reading from the one, writing to the others fails as it did.
  constexpr std::pair<int, int> streams[] = {
      {STDIN_FILENO, O_WRONLY}, {STDOUT_FILENO, O_RDONLY}, {STDERR_FILENO, O_WRONLY}};
  for (const auto& [file, mode] : streams) {
    // The lowest number that is free is this one, as those below are open by now.
    if (::fcntl(file, F_GETFD) < 0 && errno == EBADF && ::open("/dev/null", mode) < 0) return;
  }
}

void write_message(std::string_view text) { write_all(STDERR_FILENO, escape::output(text, false) + "\n"); }

void write_output(const std::string& path, std::string_view result) {
  const bool to_stdout = path.empty() || path == "-";
  const std::string text = escape::output(result, to_stdout && colour_allowed());
  if (to_stdout) {
    const int error = write_all(STDOUT_FILENO, text);
    if (error != 0 && error != EPIPE) fail("standard output", error);
    return;
  }
  if (is_special(path)) return write_in_place(path, text);
  const std::string partial = fmt::format("{}.{}.tmp", path, ::getpid());
  const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail(path, errno);
  int error = write_all(file, text);
  if (error == 0 && ::fsync(file) != 0) error = errno;
  ::close(file);
  if (error == 0 && std::rename(partial.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(partial.c_str());
    fail(path, error);
  }
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
  write_all(STDERR_FILENO, fmt::format("\r\033[K{}", escape::visible(text)));
}

}  // namespace nines::experiments
