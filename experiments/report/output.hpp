// Where results go: standard output, or a file that appears complete or not at all.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "experiments/report/page.hpp"

namespace nines::experiments {

/// A result that could not be written: a wrong path, a full disk.
struct OutputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Writes to `path` under another name first, then renames; "-" or "" is standard output. A reader that has gone
/// (closed pipe) is no error. What a terminal might obey is made visible, colours on a terminal aside. Throws
/// OutputError.
void write_output(const std::string& path, std::string_view result);

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

/// Standard streams that the caller has closed are taken, so that no file is opened in their place and written to by
/// mistake. Before anything is opened.
void open_closed_streams();

/// Text for people: laid out for the page. Every text result goes through here, every one for programs does not.
void write_text(const std::string& path, std::string_view text);

/// A message for people on standard error, with a line end; broken to its width where that is a terminal or COLUMNS is
/// set, else one message a line, as logs and `grep` like it.
void write_message(std::string_view text);

/// The page of standard output: COLUMNS if it is a number, else the terminal's width, else 80 columns. Colour for a
/// terminal whose TERM is not "dumb", unless NO_COLOR is set; FORCE_COLOR asks for it anywhere.
Page output_page(bool no_colour);

/// What a long run has done and what is left of it.
struct Advance {
  std::string doing;         ///< a part of the run, with a rate of its own: "rung 2"; may be empty
  double done = 0;           ///< since the beginning of this part
  std::optional<double> of;  ///< how many there will be, if anybody knows
  bool about = false;        ///< `of` is an estimate
  std::string unit;          ///< plural of what is counted: "incidents"
  std::string also;          ///< whatever else there is to say
};

/// "rung 1: 42,000 of 90,000 incidents, 12,000/s, 4 s left; ..." without what is not known.
std::string advance_text(const Advance& at, std::optional<double> per_second);

/// How far a run is, on standard error: on a terminal a line that renews itself, elsewhere a line a minute.
class Progress {
 public:
  explicit Progress(bool wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  void show(std::string_view text);
  void show(const Advance& at);
  void clear();

 private:
  using Clock = std::chrono::steady_clock;
  bool wanted_ = false;
  bool terminal_ = false;
  bool shown_ = false;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;  ///< of what was shown
  /// When, and with how much done, the present kind of work was first seen.
  bool seen_ = false;
  std::string doing_;
  Clock::time_point since_ = begin_;
  double before_ = 0;
};

/// What Ctrl-C (SIGINT, SIGTERM) ends: says what is kept and how to go on, then ends the process by the same signal, so
/// that shells see 130 or 143. A signal that was ignored when the command began stays ignored.
class Interruptible {
 public:
  explicit Interruptible(std::string what_is_kept);
  ~Interruptible();
  Interruptible(const Interruptible&) = delete;
};

}  // namespace nines::experiments
