// The page that text for people is laid out on: how wide it is, whether it may be coloured, and how lines are broken.
//
// Results for programs (JSON, CSV, files of other tools) know no page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nines::experiments {

struct Page {
  static constexpr std::size_t usual_width = 80;
  static constexpr std::size_t least_width = 40;
  std::size_t width = usual_width;  ///< columns of the longest line
  bool colour = false;
};

/// The page in force. The command sets it once, before it says anything; without that it is 80 columns, no colour.
const Page& page();
void set_page(const Page& page);

/// Columns that text takes on a terminal: wide characters (CJK, emoji) take two, combining ones and colours none.
std::size_t display_width(std::string_view text);

/// Lines of at most `width` columns, broken at blanks; the lines after the first begin with `hang` blanks. A number
/// stays with its unit, and a word that is longer than a line alone on one.
std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t hang = 0);

/// Breaks every line that is too long for the page. What follows hangs below the text: behind "- ", or behind a label
/// that two blanks or more set apart.
std::string fitted(std::string_view text, std::size_t width);
inline std::string fitted(std::string_view text) { return fitted(text, page().width); }

/// One or more lines: the text behind the prefix, and below itself where the page ends.
std::string hanging(std::string_view prefix, std::string_view text);
/// A cell of a row that goes on behind it: filled up to `width`; a longer one has a line of its own, and what follows
/// begins below with `indent + width` blanks.
std::string left_cell(std::string_view text, std::size_t width, std::size_t indent);

/// Before a command that the user may run next.
inline constexpr std::string_view command_label = "Next: ";
/// A command to copy, behind a label of its own. Too long for the page, it is broken as a shell reads it.
std::string command_text(std::string_view label, const std::vector<std::string>& words);

/// What a colour says; a word always says it too.
enum class Tone : std::uint8_t { good, bad, open };
/// The text in colour, if the page may have any.
std::string painted(Tone tone, std::string_view text);

}  // namespace nines::experiments
