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
/// (closed pipe) is no error. Throws OutputError.
void write_output(const std::string& path, std::string_view text);

/// Throws OutputError if `path` surely cannot be written: asked before hours of work are done for it.
void check_output(const std::string& path);

/// The same as write_output for what is not held in memory as a whole: written as it comes, and under its name only
/// once it is complete.
class OutputStream {
 public:
  explicit OutputStream(const std::string& path);
  ~OutputStream();
  OutputStream(const OutputStream&) = delete;
  void write(std::string_view text);
  void commit();

 private:
  void flush();

  std::string path_;
  std::string partial_;  ///< name until commit(); empty: written in place
  std::string waiting_;
  int file_ = -1;
};

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
