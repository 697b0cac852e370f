// What must hold of every run, whatever it was given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/fuzz/child.hpp"

namespace nines::fuzz {

/// The first character that a terminal, an editor or a reader could be deceived by: controls but for line ends, marks
/// of direction, invisible ones, bytes that are no UTF-8. Written without regard to how the command makes them visible.
std::optional<std::string> deceiving(std::string_view text);

/// The first cell of a CSV text that a spreadsheet takes for a formula.
std::optional<std::string> formula(std::string_view csv);

struct Expected {
  std::string file;    ///< that a refusal must name; "": any message will do
  std::string format;  ///< json, csv, text
};

/// What is wrong with the outcome; nothing if all is as it should be.
std::optional<std::string> wrong(const Outcome& outcome, const Expected& expected, const Bounds& bounds);

}  // namespace nines::fuzz
