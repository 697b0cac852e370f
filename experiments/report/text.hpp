// How numbers and tables look to people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/statistics.hpp"
#include "sim/time.hpp"

namespace nines::experiments {

/// "12 ms", "9.41 s", "2 m 14 s", "3 h 05 m", "2 d 4 h".
std::string duration_text(double seconds);
/// "412.300": seconds with milliseconds, for columns.
std::string seconds_text(sim::Duration duration);
/// About `digits` significant digits, without exponent where people would not write one.
std::string number_text(double value, int digits = 3);
/// "12.3 %" of a share in [0, 1], with about `digits` significant digits.
std::string percent_text(double share, int digits = 3);
/// "$1,234.56"
std::string money_text(std::int64_t cents);
/// "99.9973 %" with as many digits as the nines need, then "(4.6 nines)"; "1 - 3.2e-19 (18.5 nines)" where a percentage
/// would read 100. `unavailability` in [0, 1]; only 0, which nothing but a proof gives, is "100 %".
std::string availability_text(double unavailability);
/// The same with no more digits than the interval supports; what is known to no order of magnitude, or was not seen, as
/// a bound: "> 99.99 % (4.0 nines)", rounded down; "not known" without one.
std::string availability_text(const sim::Estimate& unavailability);
/// -log10, with one decimal rounded down.
double nines_of(double unavailability);
/// "1 run", "2 runs"
std::string counted(std::size_t count, std::string_view noun);
/// Lines under a heading, made visible; nothing if there are none.
std::string list_text(std::string_view heading, const std::vector<std::string>& lines);

/// Rows of cells under a header, for the page in force. What the page is too narrow for is given up in this order:
/// headings on one line; text cells on one line, and long names beside the rest; columns that `leave_out` names, with a
/// note; then the columns that are left continue below, each part with the first `keys` columns; and where not even
/// that fits, every row becomes a list.
class TextTable {
 public:
  enum class Align { left, right };
  TextTable(std::vector<std::string> header, std::vector<Align> align);
  void add(std::vector<std::string> row);
  /// How many of the first columns say what a row is about.
  void keys(std::size_t count) { keys_ = count; }
  /// Headings of columns that may go, the first one first.
  void leave_out(std::vector<std::string> headings) { dispensable_ = std::move(headings); }
  /// Columns of display that cells of text take at least, if they have so much to say.
  void text_at_least(std::size_t width) { least_text_ = width; }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  /// Every line begins with `indent` blanks.
  [[nodiscard]] std::string text(std::size_t indent = 2) const;

 private:
  using Columns = std::vector<std::size_t>;
  /// Columns of display that a column takes at least, and if nothing of it is broken.
  struct Need {
    std::size_t least = 0;
    std::size_t cells = 0;
    std::size_t heading = 0;
  };
  [[nodiscard]] Need need_of(std::size_t column) const;
  [[nodiscard]] std::size_t least_width(const Columns& columns) const;
  [[nodiscard]] std::string block(const Columns& columns, std::size_t indent, std::size_t width) const;
  [[nodiscard]] std::string list(const Columns& columns, std::size_t indent) const;

  std::vector<std::string> header_;
  std::vector<Align> align_;
  std::vector<std::vector<std::string>> rows_;
  std::size_t keys_ = 1;
  std::size_t least_text_ = 20;
  std::vector<std::string> dispensable_;
};

/// A text that is nothing but a whole number which 64 bits hold.
std::optional<std::uint64_t> whole_number(std::string_view text);

/// One record of a CSV file (RFC 4180) with its line end.
std::string csv_line(const std::vector<std::string>& cells);
/// A number for CSV: shortest that round-trips.
std::string csv_number(double value);

}  // namespace nines::experiments
