#include "experiments/report/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "experiments/report/escape.hpp"
#include "experiments/report/text.hpp"

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

void write_output(const std::string& path, std::string_view result) {
  OutputStream out(path);
  out.write(escape::output(result, (path.empty() || path == "-") && page().colour));
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

void write_text(const std::string& path, std::string_view text) { write_output(path, fitted(text)); }

namespace {

/// COLUMNS, if it is a number of columns.
std::optional<std::size_t> asked_width() {
  const char* value = std::getenv("COLUMNS");
  if (value == nullptr) return std::nullopt;
  const std::string_view text(value);
  std::size_t width = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), width);
  constexpr std::size_t most = 10'000;
  if (error != std::errc() || end != text.data() + text.size() || width == 0) return std::nullopt;
  return std::min(width, most);
}

std::optional<std::size_t> terminal_width(int file) {
  winsize size{};
  if (::isatty(file) != 1 || ::ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

bool colour_allowed(bool no_colour) {
  if (no_colour || set("NO_COLOR")) return false;
  if (set("FORCE_COLOR")) return true;
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

}  // namespace

Page output_page(bool no_colour) {
  Page page;
  const auto asked = asked_width();
  page.width = asked ? *asked : terminal_width(STDOUT_FILENO).value_or(Page::usual_width);
  page.colour = colour_allowed(no_colour);
  return page;
}

void write_message(std::string_view text) {
  const auto asked = asked_width();
  const auto width = asked ? asked : terminal_width(STDERR_FILENO);
  const std::string line = escape::output(text, false) + "\n";
  // Nobody is left to be told of what cannot be written here.
  write_all(STDERR_FILENO, width ? fitted(line, std::max(*width, Page::least_width)) : line);
}

// ---- progress ----

namespace {

/// Below this a rate is mostly noise.
constexpr double least_seconds = 0.5;
constexpr std::chrono::minutes between_log_lines{1};
constexpr std::chrono::milliseconds between_renewals{100};

/// "42,000"
std::string count_text(double value) {
  std::string digits = fmt::format("{:.0f}", value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

std::string rate_text(double value) { return value >= 10 ? count_text(value) : number_text(value, 2); }

std::string rest_text(double seconds) {
  constexpr double hour = 3600;
  constexpr double minute = 60;
  if (seconds < minute) return fmt::format("{:.0f} s", std::max(1.0, seconds));
  if (seconds < hour) return fmt::format("{:.0f} min", seconds / minute);
  return fmt::format("{:.1f} h", seconds / hour);
}

}  // namespace

std::string advance_text(const Advance& at, std::optional<double> per_second) {
  std::string text = at.doing.empty() ? "" : at.doing + ": ";
  text += count_text(at.done);
  if (at.of) text += fmt::format(" of {}{}", at.about ? "about " : "", count_text(*at.of));
  text += " " + at.unit;
  if (per_second && *per_second > 0) {
    text += fmt::format(", {}/s", rate_text(*per_second));
    if (at.of && *at.of > at.done) text += fmt::format(", {} left", rest_text((*at.of - at.done) / *per_second));
  }
  return at.also.empty() ? text : text + "; " + at.also;
}

Progress::Progress(bool wanted) : wanted_(wanted), terminal_(::isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (shown_) write_all(STDERR_FILENO, "\r\033[K");
  shown_ = false;
}

void Progress::show(std::string_view text) {
  if (!wanted_) return;
  if (terminal_) {
    shown_ = true;
    last_ = Clock::now();
    // A line that the terminal breaks could not be taken back.
    const std::size_t width = terminal_width(STDERR_FILENO).value_or(Page::usual_width);
    std::string line = escape::visible(text);
    while (display_width(line) >= width) line.pop_back();
    write_all(STDERR_FILENO, fmt::format("\r\033[K{}", line));
    return;
  }
  const auto now = Clock::now();
  if (now - last_ < between_log_lines) return;
  last_ = now;
  write_all(STDERR_FILENO, fmt::format("{}\n", escape::visible(text)));
}

void Progress::show(const Advance& at) {
  const auto now = Clock::now();
  if (terminal_ && seen_ && at.doing == doing_ && now - last_ < between_renewals) return;
  if (!seen_ || at.doing != doing_) {
    seen_ = true;
    doing_ = at.doing;
    since_ = now;
    before_ = at.done;
  }
  // What was there before this run, or before it was looked at, says nothing of the rate.
  const double seconds = std::chrono::duration<double>(now - since_).count();
  const bool known = seconds >= least_seconds && at.done > before_;
  show(advance_text(at, known ? std::optional((at.done - before_) / seconds) : std::nullopt));
}

// ---- Ctrl-C ----

namespace {

/// Read by the handler, so never freed while it is in force.
std::atomic<const std::string*> kept{nullptr};

/// Whoever ends a group of processes may send a second signal at once (timeout does): it does not cut the words short.
std::atomic_flag saying = ATOMIC_FLAG_INIT;

extern "C" void say_and_end(int signal) {
  if (saying.test_and_set()) return;
  if (const std::string* text = kept.load(); text != nullptr) {
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text->data(), text->size());
  }
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
  ::raise(signal);
}

}  // namespace

Interruptible::Interruptible(std::string what_is_kept) {
  std::string text = what_is_kept + "\n";
  const auto width = asked_width();
  const auto of_terminal = width ? width : terminal_width(STDERR_FILENO);
  if (of_terminal) text = fitted(text, std::max(*of_terminal, Page::least_width));
  // On a terminal the line of progress goes first.
  kept = new std::string((::isatty(STDERR_FILENO) == 1 ? "\r\033[K" : "") + text);
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_IGN) continue;
    struct sigaction action {};
    action.sa_handler = say_and_end;
    ::sigaction(signal, &action, nullptr);
  }
}

Interruptible::~Interruptible() {
  for (const int signal : {SIGINT, SIGTERM}) {
    struct sigaction before {};
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler == say_and_end) std::signal(signal, SIG_DFL);
  }
  delete kept.exchange(nullptr);
}

}  // namespace nines::experiments
