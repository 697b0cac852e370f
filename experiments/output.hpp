// Where results go: standard output, or a file that appears complete or not at all.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace nines::experiments {

/// A result that could not be written: a wrong path, a full disk.
struct OutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes to `path` under another name first, then renames; "-" or "" is standard output. A reader that has gone
/// (closed pipe) is no error. What a terminal might obey is made visible, colours on a terminal aside. Throws
/// OutputError.
void write_output(const std::string& path, std::string_view result);

/// A line, or several, on standard error, made visible likewise. If it cannot be written nothing else is different.
void write_message(std::string_view text);

/// Standard streams that the caller has closed are taken, so that no file is opened in their place and written to by
/// mistake. Before anything is opened.
void open_closed_streams();

/// Whether text on standard output may be coloured: terminal, NO_COLOR, FORCE_COLOR, TERM=dumb.
bool colour_allowed();

/// One line on standard error that renews itself; silent unless standard error is a terminal.
class Progress {
 public:
  explicit Progress(bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  void show(std::string_view text);
  void clear();

 private:
  bool active_ = false;
  bool shown_ = false;
};

}  // namespace nines::experiments
