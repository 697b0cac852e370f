#include "experiments/report/escape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace nines::escape {

namespace {

constexpr std::uint32_t delete_character = 0x7F;
constexpr std::uint32_t first_beyond_ascii = 0x80;
constexpr std::uint32_t last_of_two_bytes = 0x7FF;
constexpr std::uint32_t first_of_four_bytes = 0x10000;

/// One character of UTF-8, or one byte that is none.
struct Character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool valid = false;
};

Character character_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const std::uint32_t first = byte(at);
  const Character none{first, 1, false};
  if (first < first_beyond_ascii) return {first, 1, true};
  const std::size_t bytes = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + bytes > text.size()) return none;
  std::uint32_t code = first & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const std::uint32_t next = byte(at + i);
    if ((next & 0xC0U) != 0x80U) return none;
    code = code << 6U | (next & 0x3FU);
  }
  const bool overlong = (bytes == 3 && code <= last_of_two_bytes) || (bytes == 4 && code < first_of_four_bytes);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF) return none;
  return {code, bytes, true};
}

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Beyond ASCII: C1, what is invisible or turns text around (Unicode's categories Cf, Zl, Zp but for visible signs),
/// fillers, and what is no character.
constexpr std::array<Range, 22> dangerous_ranges{{
    {0x80, 0x9F},       {0xAD, 0xAD},        {0x034F, 0x034F},   {0x061C, 0x061C},   {0x070F, 0x070F},
    {0x115F, 0x1160},   {0x17B4, 0x17B5},    {0x180E, 0x180E},   {0x200B, 0x200F},   {0x2028, 0x202E},
    {0x2060, 0x206F},   {0x3164, 0x3164},    {0xFDD0, 0xFDEF},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},
    {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},    {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF}, {0xFFFFE, 0x10FFFF},
}};

bool is_dangerous(const Character& character) {
  if (!character.valid || character.code < ' ' || character.code == delete_character) return true;
  if (character.code < first_beyond_ascii) return false;
  return std::any_of(dangerous_ranges.begin(), dangerous_ranges.end(),
                     [&](const Range& range) { return character.code >= range.first && character.code <= range.last; });
}

std::string shown(const Character& character) {
  switch (character.code) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  if (!character.valid || character.code < first_beyond_ascii) return fmt::format("\\x{:02x}", character.code);
  return character.code < first_of_four_bytes ? fmt::format("\\u{:04x}", character.code)
                                              : fmt::format("\\U{:08x}", character.code);
}

/// Bytes of a sequence that sets colours, 0 if none begins here.
std::size_t colour_at(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("\033[")) return 0;
  const std::size_t end = text.find_first_not_of("0123456789;", at + 2);
  return end != std::string_view::npos && text[end] == 'm' ? end + 1 - at : 0;
}

/// JSON's grammar of numbers, with a sign: what a spreadsheet reads as a number and nothing else.
bool is_number(std::string_view text) {
  std::size_t at = text.starts_with('-') || text.starts_with('+') ? 1 : 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at > begin;
  };
  if (!digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

/// Whether a spreadsheet may take what begins here for a formula, blanks aside; in some languages it does so of the
/// wide forms, and of what follows a semicolon.
bool begins_formula(std::string_view text) {
  const std::size_t at = text.find_first_not_of(' ');
  if (at == std::string_view::npos) return false;
  constexpr std::array<std::string_view, 10> signs{"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
  const std::string_view rest = text.substr(at);
  return std::any_of(signs.begin(), signs.end(), [&](std::string_view sign) { return rest.starts_with(sign); });
}

}  // namespace

std::string visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    out += is_dangerous(character) ? shown(character) : std::string(text.substr(at, character.bytes));
    at += character.bytes;
  }
  return out;
}

std::string visible(std::string_view text, std::size_t most) {
  if (text.size() <= most) return visible(text);
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return visible(text.substr(0, end > 0 ? end : most)) + "...";
}

std::string output(std::string_view text, bool colours) {
  const auto harmless = [](char c) { return (c >= ' ' && c < static_cast<char>(delete_character)) || c == '\n'; };
  std::size_t at = 0;
  while (at < text.size() && harmless(text[at])) ++at;
  std::string out(text.substr(0, at));
  out.reserve(text.size());
  while (at < text.size()) {
    if (const std::size_t bytes = colours ? colour_at(text, at) : 0; bytes > 0) {
      out += text.substr(at, bytes);
      at += bytes;
      continue;
    }
    const Character character = character_at(text, at);
    const bool line_end = text[at] == '\n' || text.substr(at).starts_with("\r\n");
    out += is_dangerous(character) && !line_end ? shown(character) : std::string(text.substr(at, character.bytes));
    at += character.bytes;
  }
  return out;
}

std::string csv(std::string_view cell) {
  if (is_number(cell)) return std::string(cell);
  const std::string shown_cell = visible(cell);
  std::string text;
  bool quoted = false;
  bool at_begin = begins_formula(cell);
  for (std::size_t at = 0; at < shown_cell.size(); ++at) {
    const char c = shown_cell[at];
    if (at_begin) text += '\'';
    quoted = quoted || at_begin || c == ',' || c == ';' || c == '"' || c == '\'';
    text += c;
    if (c == '"') text += c;
    // A spreadsheet that separates cells by semicolons knows nothing of the quotes around this one.
    at_begin = c == ';' && begins_formula(std::string_view(shown_cell).substr(at + 1));
  }
  return quoted ? '"' + text + '"' : text;
}

std::string markup(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string json(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    const std::uint32_t code = character.code;
    const std::string_view bytes = text.substr(at, character.bytes);
    at += character.bytes;
    switch (code) {
      case '"': out += "\\\""; continue;
      case '\\': out += "\\\\"; continue;
      case '\b': out += "\\b"; continue;
      case '\f': out += "\\f"; continue;
      case '\n': out += "\\n"; continue;
      case '\r': out += "\\r"; continue;
      case '\t': out += "\\t"; continue;
      default: break;
    }
    if (!character.valid) {
      out += "\uFFFD";
    } else if (!is_dangerous(character)) {
      out += bytes;
    } else if (code < first_of_four_bytes) {
      out += fmt::format("\\u{:04x}", code);
    } else {
      const std::uint32_t rest = code - first_of_four_bytes;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (rest >> 10U), 0xDC00 + (rest & 0x3FFU));
    }
  }
  return out + '"';
}

namespace {

/// Between quotes, which are doubled within. A statement ends at a NUL, whatever is quoted: there is none.
std::string sql_quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == '\0') continue;
    if (c == quote) out += quote;
    out += c;
  }
  return out + quote;
}

}  // namespace

std::string sql_name(std::string_view name) { return sql_quoted(name, '"'); }

std::string sql_text(std::string_view text) { return sql_quoted(text, '\''); }

std::string shell(std::string_view word) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,+@%=";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
  bool controls = false;
  for (std::size_t at = 0; at < word.size();) {
    const Character character = character_at(word, at);
    controls = controls || is_dangerous(character);
    at += character.bytes;
  }
  std::string out = controls ? "$'" : "'";
  for (std::size_t at = 0; at < word.size();) {
    const Character character = character_at(word, at);
    const std::string_view bytes = word.substr(at, character.bytes);
    at += character.bytes;
    if (controls && is_dangerous(character)) {
      for (const char c : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else if (controls && (character.code == '\'' || character.code == '\\')) {
      out += fmt::format("\\{}", bytes);
    } else {
      out += character.code == '\'' ? std::string_view("'\\''") : bytes;
    }
  }
  return out + '\'';
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const Character character = character_at(text, at);
    if (!character.valid) return false;
    at += character.bytes;
  }
  return true;
}

}  // namespace nines::escape
