#include "tests/fuzz/checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

namespace nines::fuzz {

namespace {

/// Of UTF-8 by its definition; the length is 0 where it is none.
std::pair<char32_t, std::size_t> decode(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead >> 5U == 6 ? 2 : lead >> 4U == 14 ? 3 : lead >> 3U == 30 ? 4 : 0;
  if (length == 0 || length > text.size()) return {0, 0};
  char32_t code = length == 1 ? lead : lead & ((1U << (7 - length)) - 1);
  for (std::size_t i = 1; i < length; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if (next >> 6U != 2) return {0, 0};
    code = code * 64 + (next & 63U);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >> 11U == 0x1B;
  return code < least[length] || surrogate || code > 0x10FFFF ? std::pair<char32_t, std::size_t>{0, 0}
                                                              : std::pair{code, length};
}

bool is_number(const std::string& text) {
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' && text.find_first_of("xXnNiIpP") == std::string::npos;
}

std::optional<std::string> in_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded()) return "the JSON cannot be read";
  return std::nullopt;
}

}  // namespace

std::optional<std::string> deceiving(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto [code, length] = decode(text.substr(at));
    if (length == 0) return fmt::format("byte {} is no UTF-8", at);
    const bool line_end = code == '\n' || (code == '\r' && text.substr(at).starts_with("\r\n"));
    const bool control = (code < 32 && !line_end) || (code >= 127 && code < 160);
    const bool turns = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0x200E ||
                       code == 0x200F || code == 0x061C;
    const bool breaks = code == 0x2028 || code == 0x2029;
    const bool invisible = (code >= 0x200B && code <= 0x200D) || code == 0x2060 || code == 0xFEFF || code == 0xAD ||
                           (code >= 0xE0000 && code <= 0xE007F);
    if (control || turns || breaks || invisible)
      return fmt::format("byte {} begins U+{:04X}", at, static_cast<unsigned>(code));
    at += length;
  }
  return std::nullopt;
}

std::optional<std::string> formula(std::string_view csv) {
  std::string cell;
  bool quoted = false;
  const auto judge = [&]() -> bool {
    const std::size_t begin = cell.find_first_not_of(' ');
    return begin != std::string::npos && std::string_view("=+-@\t\r").find(cell[begin]) != std::string_view::npos &&
           !is_number(cell);
  };
  for (std::size_t at = 0; at <= csv.size(); ++at) {
    const char c = at < csv.size() ? csv[at] : '\n';
    if (quoted) {
      if (c != '"') {
        cell += c;
      } else if (at + 1 < csv.size() && csv[at + 1] == '"') {
        cell += c;
        ++at;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',' || c == '\n') {
      if (c == '\n' && !cell.empty() && cell.back() == '\r') cell.pop_back();
      if (judge()) return fmt::format("the cell {} is a formula", cell);
      cell.clear();
    } else {
      cell += c;
    }
  }
  return std::nullopt;
}

std::optional<std::string> wrong(const Outcome& outcome, const Expected& expected, const Bounds& bounds) {
  constexpr int most_code = 3;
  constexpr int bad_input = 2;
  constexpr std::ptrdiff_t most_lines = 22;
  for (const char* sign : {"Sanitizer", "runtime error:", "Assertion", "terminate called"}) {
    if (outcome.err.find(sign) != std::string::npos) return fmt::format("standard error says {}", sign);
  }
  if (outcome.late) return fmt::format("it took more than {} s", bounds.seconds);
  if (outcome.signal != 0) return fmt::format("it was ended by signal {}", outcome.signal);
  if (outcome.code < 0 || outcome.code > most_code) return fmt::format("its exit code is {}", outcome.code);
  if (outcome.memory_mb > bounds.memory_mb) return fmt::format("it took {} MB", outcome.memory_mb);
  if (const auto what = deceiving(outcome.err)) return "standard error: " + *what;
  if (const auto what = deceiving(outcome.out)) return "standard output: " + *what;
  if (outcome.code == bad_input) {
    if (!outcome.out.empty()) return "it refused its input and printed results";
    if (outcome.err.empty()) return "it refused its input and said nothing";
    if (std::count(outcome.err.begin(), outcome.err.end(), '\n') > most_lines) return "its message is a wall";
    if (outcome.err.find("error:") == std::string::npos) return "its message is no error";
    // What an option asks for and the file cannot give is told of the option.
    const bool of_option = outcome.err.starts_with("nines: error: --");
    if (!expected.file.empty() && !of_option && outcome.err.find(expected.file) == std::string::npos)
      return fmt::format("its message does not name {}", expected.file);
    return std::nullopt;
  }
  if (expected.format == "json" && !outcome.out.empty() && outcome.out.front() == '{') return in_json(outcome.out);
  if (expected.format == "csv") return formula(outcome.out);
  return std::nullopt;
}

}  // namespace nines::fuzz
