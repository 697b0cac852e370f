#include "experiments/report/page.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "experiments/report/escape.hpp"

namespace nines::experiments {

namespace {

Page the_page;

/// Columns that a text is given where it hangs behind something, on the narrowest page.
constexpr std::size_t least_text = 20;

struct Range {
  char32_t first;
  char32_t last;
};

// Unicode 15: characters of East Asian width W and F, and pictures that terminals draw as wide.
constexpr Range wide[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},   {0x23f0, 0x23f0},
    {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267f, 0x267f},
    {0x2693, 0x2693},   {0x26a1, 0x26a1},   {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},
    {0x26ce, 0x26ce},   {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},   {0x2728, 0x2728},
    {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},   {0x2757, 0x2757},   {0x2795, 0x2797},
    {0x27b0, 0x27b0},   {0x27bf, 0x27bf},   {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},
    {0x2e80, 0x303e},   {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe10, 0xfe19},   {0xfe30, 0xfe6f},
    {0xff01, 0xff60},   {0xffe0, 0xffe6},   {0x16fe0, 0x18cff}, {0x1aff0, 0x1b2ff}, {0x1f004, 0x1f004},
    {0x1f0cf, 0x1f0cf}, {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335},
    {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3}, {0x1f3e0, 0x1f3f0},
    {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440}, {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d},
    {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567}, {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4},
    {0x1f5fb, 0x1f64f}, {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6d7},
    {0x1f6dc, 0x1f6df}, {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7eb}, {0x1f7f0, 0x1f7f0},
    {0x1f90c, 0x1f93a}, {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

// Marks that are drawn upon the character before them, joiners, selectors, and the rest of Korean syllables.
constexpr Range without_width[] = {
    {0x0300, 0x036f},   {0x0483, 0x0489},   {0x0591, 0x05bd},   {0x05bf, 0x05bf}, {0x05c1, 0x05c2}, {0x05c4, 0x05c5},
    {0x0610, 0x061a},   {0x064b, 0x065f},   {0x0670, 0x0670},   {0x06d6, 0x06dc}, {0x06df, 0x06e4}, {0x0900, 0x0902},
    {0x093c, 0x093c},   {0x0941, 0x0948},   {0x094d, 0x094d},   {0x0e31, 0x0e31}, {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},
    {0x1160, 0x11ff},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},   {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064},
    {0x20d0, 0x20ff},   {0x302a, 0x302d},   {0x3099, 0x309a},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
    {0x1f3fb, 0x1f3ff}, {0xe0001, 0xe007f}, {0xe0100, 0xe01ef},
};

template <std::size_t n>
bool holds(const Range (&ranges)[n], char32_t character) {
  const auto* found = std::upper_bound(std::begin(ranges), std::end(ranges), character,
                                       [](char32_t value, const Range& range) { return value < range.first; });
  return found != std::begin(ranges) && character <= std::prev(found)->last;
}

/// The character at the head of the text, which is shortened by it. A broken sequence counts byte by byte.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned char lead = byte(0);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xc0 ? 0
                             : lead < 0xe0 ? 2
                             : lead < 0xf0 ? 3
                             : lead < 0xf8 ? 4
                                           : 0;
  char32_t value = length < 2 ? lead : lead & (0x7fU >> length);
  bool whole = length > 0 && length <= text.size();
  for (std::size_t at = 1; whole && at < length; ++at) {
    whole = (byte(at) & 0xc0U) == 0x80U;
    value = value << 6U | (byte(at) & 0x3fU);
  }
  text.remove_prefix(whole ? length : 1);
  constexpr char32_t replacement = 0xfffd;
  return whole ? value : replacement;
}

/// Takes a colour ("ESC [ ... m") off the head of the text.
bool take_colour(std::string_view& text) {
  if (!text.starts_with("\033[")) return false;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  if (end == std::string_view::npos || text[end] != 'm') return false;
  text.remove_prefix(end + 1);
  return true;
}

std::size_t leading_blanks(std::string_view text) { return std::min(text.find_first_not_of(' '), text.size()); }

/// A unit that a line must not begin with.
bool is_unit(std::string_view word) {
  while (!word.empty() && std::string_view(",;.:)").find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  constexpr std::array<std::string_view, 17> units{"%",      "ms",      "s",      "m",    "h",      "d",
                                                   "yr",     "min",     "min/yr", "/yr",  "GB",     "GiB",
                                                   "events", "designs", "runs",   "pods", "h/month"};
  return std::find(units.begin(), units.end(), word) != units.end();
}

bool ends_in_digit(std::string_view word) { return !word.empty() && word.back() >= '0' && word.back() <= '9'; }

/// Where the first word ends: at a blank; an endless list of parts may be broken behind one.
std::size_t word_end(std::string_view text) {
  constexpr std::size_t endless = 24;
  const std::size_t end = std::min(text.find(' '), text.size());
  if (end <= endless) return end;
  // Scripts of wide characters have no blanks: a line may end between any two of them.
  std::string_view rest = text.substr(0, end);
  for (std::size_t columns = 0; !rest.empty();) {
    if (take_colour(rest)) continue;
    const std::size_t at = end - rest.size();
    const char32_t character = take_character(rest);
    if (columns >= endless && holds(wide, character)) return at;
    columns += holds(without_width, character) ? 0 : holds(wide, character) ? 2 : 1;
  }
  std::size_t part = text.substr(0, end).find_last_of("+,", endless);
  if (part == std::string_view::npos) part = text.substr(0, end).find_first_of("+,", endless);
  return part == std::string_view::npos ? end : part + 1;
}

/// Words with the blanks before each; a unit belongs to the number before it.
std::vector<std::pair<std::size_t, std::string>> words_of(std::string_view text) {
  std::vector<std::pair<std::size_t, std::string>> words;
  while (!text.empty()) {
    const std::size_t blanks = leading_blanks(text);
    text.remove_prefix(blanks);
    if (text.empty()) break;
    const std::string_view word = text.substr(0, word_end(text));
    text.remove_prefix(word.size());
    if (!words.empty() && blanks == 1 && ends_in_digit(words.back().second) && is_unit(word)) {
      words.back().second += ' ';
      words.back().second += word;
    } else {
      words.emplace_back(blanks, word);
    }
  }
  return words;
}

/// Where what follows a first line begins.
std::size_t hang_of(std::string_view line, std::size_t width) {
  const std::size_t indent = leading_blanks(line);
  const std::string_view text = line.substr(indent);
  if (text.starts_with("- ")) return indent + 2;
  if (text.starts_with("(*) ")) return indent + 4;
  // A label: what two blanks set apart, where enough of the line is left.
  const std::size_t gap = text.find("  ");
  if (gap != std::string_view::npos) {
    const std::size_t begin = text.find_first_not_of(' ', gap);
    if (begin != std::string_view::npos) {
      const std::size_t hang = indent + display_width(text.substr(0, begin));
      if (hang + least_text <= width) return hang;
    }
  }
  return indent + (indent > 0 ? 0 : 2);
}

}  // namespace

const Page& page() { return the_page; }
void set_page(const Page& page) {
  the_page = page;
  the_page.width = std::max(the_page.width, Page::least_width);
}

std::size_t display_width(std::string_view text) {
  std::size_t columns = 0;
  while (!text.empty()) {
    if (take_colour(text)) continue;
    const char32_t character = take_character(text);
    if (holds(without_width, character)) continue;
    columns += holds(wide, character) ? 2 : 1;
  }
  return columns;
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width, std::size_t hang) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t filled = 0;
  bool empty = true;
  for (const auto& [blanks, word] : words_of(text)) {
    const std::size_t size = display_width(word);
    if (!empty && filled + blanks + size > width) {
      lines.push_back(std::move(line));
      line = std::string(hang, ' ');
      filled = hang;
      empty = true;
    }
    // A first line keeps its indentation.
    if (!empty || lines.empty()) {
      line.append(blanks, ' ');
      filled += blanks;
    }
    line += word;
    filled += size;
    empty = false;
  }
  lines.push_back(std::move(line));
  return lines;
}

std::string fitted(std::string_view text, std::size_t width) {
  std::string out;
  // A command is broken as a shell reads it, or not at all (command_text).
  bool command = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const bool ended = end < text.size();
    text.remove_prefix(ended ? end + 1 : end);
    command = line.starts_with(command_label) || (command && out.ends_with(" \\\n"));
    if (command || display_width(line) <= width) {
      out += line;
    } else {
      const std::vector<std::string> lines = wrapped(line, width, hang_of(line, width));
      for (std::size_t at = 0; at < lines.size(); ++at) {
        if (at > 0) out += '\n';
        out += lines[at];
      }
    }
    if (ended) out += '\n';
  }
  return out;
}

std::string hanging(std::string_view prefix, std::string_view text) {
  const std::string_view last = prefix.substr(prefix.rfind('\n') + 1);
  // Where the prefix leaves no room, what follows hangs at the right of the page.
  const std::size_t hang = std::min(display_width(last), page().width - least_text);
  const std::vector<std::string> lines = wrapped(text, page().width - hang);
  std::string out(prefix);
  bool first = display_width(last) <= hang;
  if (!first) out.erase(out.find_last_not_of(' ') + 1);
  for (const std::string& line : lines) {
    if (!first) out += '\n' + std::string(hang, ' ');
    out += line;
    first = false;
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + '\n';
}

std::string left_cell(std::string_view text, std::size_t width, std::size_t indent) {
  const std::size_t size = display_width(text);
  if (size <= width) return std::string(text) + std::string(width - size, ' ');
  return std::string(text) + '\n' + std::string(indent + width, ' ');
}

std::string command_text(std::string_view label, const std::vector<std::string>& words) {
  constexpr std::string_view continuation = " \\";
  std::string text(label);
  std::size_t filled = display_width(label);
  const std::size_t hang = leading_blanks(label) + 4;
  bool first = true;
  for (std::size_t at = 0; at < words.size(); ++at) {
    std::string word = escape::shell(words[at]);
    // An option stays with its value.
    if (words[at].starts_with("--") && at + 1 < words.size() && !words[at + 1].starts_with("--")) {
      const std::string both = word + " " + escape::shell(words[at + 1]);
      if (hang + display_width(both) + continuation.size() <= page().width) {
        word = both;
        ++at;
      }
    }
    const std::size_t size = display_width(word);
    const std::size_t room = at + 1 < words.size() ? continuation.size() : 0;
    if (!first && filled + 1 + size + room > page().width && filled > hang) {
      text += continuation;
      text += '\n' + std::string(hang, ' ');
      filled = hang;
    } else if (!first) {
      text += ' ';
      ++filled;
    }
    text += word;
    filled += size;
    first = false;
  }
  return text + "\n";
}

std::string painted(Tone tone, std::string_view text) {
  if (!the_page.colour) return std::string(text);
  constexpr const char* codes[] = {"\033[32m", "\033[31m", "\033[33m"};
  return codes[static_cast<std::size_t>(tone)] + std::string(text) + "\033[0m";
}

}  // namespace nines::experiments
