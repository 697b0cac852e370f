#include "experiments/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "sim/math.hpp"

namespace nines::experiments {

namespace {

constexpr double ln10 = 2.302585092994045684;

/// Decimals that show `digits` significant ones of `value`.
int decimals_for(double value, int digits) {
  double limit = 1;
  int decimals = digits - 1;
  const double size = value < 0 ? -value : value;
  while (size >= limit * 10 && decimals > 0) {
    limit *= 10;
    --decimals;
  }
  while (size > 0 && size < limit && decimals < 12) {
    limit /= 10;
    ++decimals;
  }
  return decimals;
}

std::string two_units(std::int64_t whole, std::int64_t base, std::string_view large, std::string_view small) {
  return fmt::format("{} {} {:02} {}", whole / base, large, whole % base, small);
}

}  // namespace

std::string duration_text(double seconds) {
  if (seconds < 0) return "-" + duration_text(-seconds);
  if (seconds == 0) return "0 s";
  if (seconds < 0.9995) return fmt::format("{:.{}f} ms", seconds * 1e3, seconds < 0.00995 ? 1 : 0);
  if (seconds < 99.95) return fmt::format("{:.{}f} s", seconds, seconds < 9.995 ? 2 : 1);
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole < 3600) return two_units(whole, 60, "m", "s");
  const auto minutes = static_cast<std::int64_t>(seconds / 60 + 0.5);
  if (minutes < 48 * 60) return two_units(minutes, 60, "h", "m");
  return two_units(static_cast<std::int64_t>(seconds / 3600 + 0.5), 24, "d", "h");
}

std::string seconds_text(sim::Duration duration) {
  const std::int64_t count = duration.count();
  const std::int64_t ms = (count + (count < 0 ? -500'000 : 500'000)) / 1'000'000;
  return fmt::format("{}{}.{:03}", ms < 0 ? "-" : "", std::abs(ms) / 1000, std::abs(ms) % 1000);
}

std::string number_text(double value, int digits) {
  if (value == 0) return "0";
  const double size = value < 0 ? -value : value;
  if (size >= 1e9 || size < 1e-6) return fmt::format("{:.{}e}", value, digits - 1);
  return fmt::format("{:.{}f}", value, decimals_for(value, digits));
}

std::string percent_text(double share, int digits) { return number_text(share * 100, digits) + " %"; }

std::string money_text(std::int64_t cents) {
  std::string whole = fmt::format("{}", std::abs(cents) / 100);
  for (std::size_t at = whole.size(); at > 3;) whole.insert(at -= 3, 1, ',');
  return fmt::format("{}${}.{:02}", cents < 0 ? "-" : "", whole, std::abs(cents) % 100);
}

double nines_of(double unavailability) {
  const double nines = -sim::log(unavailability) / ln10;
  return static_cast<double>(static_cast<std::int64_t>(nines * 10 + 1e-9)) / 10;
}

namespace {

/// Decimals of a percentage beyond which it is told by what it lacks.
constexpr int most_decimals = 12;

double log10(double x) { return sim::log(x) / ln10; }

std::string availability_text(double unavailability, int decimals) {
  const double nines = nines_of(unavailability);
  if (decimals > most_decimals) return fmt::format("1 - {:.1e} ({:.1f} nines)", unavailability, nines);
  return fmt::format("{:.{}f} % ({:.1f} nines)", (1 - unavailability) * 100, decimals, nines);
}

int decimals_of(double unavailability) { return std::max(static_cast<int>(nines_of(unavailability)), 2); }

/// At least this: rounded down.
std::string bound_text(double unavailability) {
  // A bound of nothing would be a promise that no sample can give.
  if (unavailability >= 1 || unavailability <= 0) return "not known";
  const int decimals = decimals_of(unavailability);
  if (decimals > most_decimals) return "> " + availability_text(unavailability, decimals);
  const double unit = sim::exp(-ln10 * decimals) / 100;
  return "> " + availability_text(std::min(1.0, std::ceil(unavailability / unit - 1e-6) * unit), decimals);
}

}  // namespace

std::string availability_text(double unavailability) {
  if (unavailability <= 0) return "100 %";
  return availability_text(unavailability, decimals_of(unavailability));
}

std::string availability_text(const sim::Estimate& unavailability) {
  constexpr double order_of_magnitude = 10;
  const auto& ci = unavailability.ci95;
  if (!unavailability.value) return bound_text(unavailability.upper95.value_or(1));
  if (!ci || *unavailability.value <= 0) return availability_text(*unavailability.value);
  if (ci->upper > order_of_magnitude * ci->lower) return bound_text(ci->upper);
  if (ci->upper <= ci->lower) return availability_text(*unavailability.value);
  // The last digit is of the size of the interval, and no figure reads as 100 %.
  const int supported = static_cast<int>(std::ceil(-log10((ci->upper - ci->lower) * 100)));
  const int needed = static_cast<int>(std::ceil(-log10(*unavailability.value * 100)));
  const int decimals = std::max({std::min(decimals_of(*unavailability.value), supported), needed, 0});
  return availability_text(*unavailability.value, decimals);
}

std::string counted(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string list_text(std::string_view heading, const std::vector<std::string>& lines) {
  if (lines.empty()) return "";
  std::string text = fmt::format("\n{}\n", heading);
  for (const std::string& line : lines) text += fmt::format("  - {}\n", escape::visible(line));
  return text;
}

TextTable::TextTable(std::vector<std::string> header, std::vector<Align> align)
    : header_(std::move(header)), align_(std::move(align)) {}

void TextTable::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = escape::visible(cell);
  rows_.push_back(std::move(row));
}

namespace {

constexpr std::size_t gap = 2;
/// Numbers with a word or two are not made narrower than this.
constexpr std::size_t narrow_number = 18;
constexpr std::size_t narrow_name = 20;
/// Blanks before what follows in a cell of text.
constexpr std::size_t cell_hang = 2;

std::size_t longest_word(std::string_view text) {
  std::size_t longest = 0;
  for (const std::string& line : wrapped(text, 1)) longest = std::max(longest, display_width(line));
  return longest;
}

}  // namespace

TextTable::Need TextTable::need_of(std::size_t column) const {
  const bool text = align_[column] == Align::left;
  std::size_t word = 0;
  Need need;
  need.heading = display_width(header_[column]);
  for (const auto& row : rows_) {
    if (column >= row.size()) continue;
    const std::size_t size = display_width(row[column]);
    // A cell that is broken hangs.
    const std::size_t longest = longest_word(row[column]);
    word = std::max(word, longest + (text && longest < size ? cell_hang : 0));
    need.cells = std::max(need.cells, size);
  }
  need.least = std::min(need.cells, std::max(word, text ? least_text_ : narrow_number));
  // A long name has a line of its own.
  if (column == 0 && text) need.least = std::min(need.least, std::max(narrow_name, page().width / 3));
  const std::size_t heading = longest_word(header_[column]);
  need.least = std::max(need.least, heading);
  need.cells = std::max(need.cells, heading);
  need.heading = std::max(need.heading, need.cells);
  return need;
}

std::size_t TextTable::least_width(const Columns& columns) const {
  std::size_t width = columns.empty() ? 0 : gap * (columns.size() - 1);
  for (const std::size_t column : columns) width += need_of(column).least;
  return width;
}

std::string TextTable::block(const Columns& columns, std::size_t indent, std::size_t width) const {
  std::vector<std::size_t> widths;
  std::vector<Need> needs;
  for (const std::size_t column : columns) {
    needs.push_back(need_of(column));
    widths.push_back(needs.back().least);
  }
  // What is over goes where the least of it makes a column whole: cells first, then headings.
  std::size_t spare = width - std::min(width, least_width(columns));
  for (std::size_t Need::*wanted : {&Need::cells, &Need::heading}) {
    std::vector<std::size_t> order(columns.size());
    for (std::size_t at = 0; at < order.size(); ++at) order[at] = at;
    const auto lacks = [&](std::size_t at) { return needs[at].*wanted - std::min(widths[at], needs[at].*wanted); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return lacks(a) < lacks(b); });
    for (const std::size_t at : order) {
      const std::size_t more = std::min(spare, lacks(at));
      widths[at] += more;
      spare -= more;
    }
  }
  std::string text;
  const auto line = [&](const std::vector<std::string>& row, bool heading) {
    std::vector<std::vector<std::string>> cells;
    std::size_t height = 1;
    for (std::size_t at = 0; at < columns.size(); ++at) {
      const bool text_cell = align_[columns[at]] == Align::left && !heading;
      const std::string& cell = columns[at] < row.size() ? row[columns[at]] : std::string();
      cells.push_back(display_width(cell) <= widths[at] ? std::vector<std::string>{cell}
                                                        : wrapped(cell, widths[at], text_cell ? cell_hang : 0));
      height = std::max(height, cells.back().size());
    }
    if (std::any_of(cells[0].begin(), cells[0].end(),
                    [&](const std::string& part) { return display_width(part) > widths[0]; })) {
      text += std::string(indent, ' ') + row[columns[0]] + '\n';
      cells[0] = {""};
      height = 1;
      for (const auto& cell : cells) height = std::max(height, cell.size());
    }
    for (std::size_t part = 0; part < height; ++part) {
      std::string out(indent, ' ');
      for (std::size_t at = 0; at < columns.size(); ++at) {
        if (at > 0) out.append(gap, ' ');
        // Headings stand upon their columns.
        const std::size_t above = heading ? height - cells[at].size() : 0;
        const std::string cell = part >= above && part - above < cells[at].size() ? cells[at][part - above] : "";
        const std::string blanks(widths[at] - std::min(widths[at], display_width(cell)), ' ');
        out += align_[columns[at]] == Align::right ? blanks + cell : cell + blanks;
      }
      out.erase(out.find_last_not_of(' ') + 1);
      text += out + '\n';
    }
  };
  line(header_, true);
  for (const auto& row : rows_) line(row, false);
  return text;
}

std::string TextTable::list(const Columns& columns, std::size_t indent) const {
  std::string text;
  for (const auto& row : rows_) {
    for (std::size_t at = 0; at < columns.size() && columns[at] < row.size(); ++at) {
      const std::size_t column = columns[at];
      if (row[column].empty()) continue;
      const std::string name = at == 0 || header_[column].empty() ? "" : header_[column] + ": ";
      text += fitted(std::string(indent + (at == 0 ? 0 : gap), ' ') + name + row[column] + '\n');
    }
  }
  return text;
}

std::string TextTable::text(std::size_t indent) const {
  const std::size_t width = page().width - std::min(page().width, indent);
  Columns columns;
  for (std::size_t column = 0; column < header_.size(); ++column) columns.push_back(column);
  std::vector<std::string> left_out;
  for (const std::string& heading : dispensable_) {
    if (least_width(columns) <= width) break;
    if (std::erase_if(columns, [&](std::size_t column) { return header_[column] == heading; }) > 0) {
      left_out.push_back(heading);
    }
  }
  const std::string note =
      left_out.empty()
          ? ""
          : fitted(fmt::format("{}(no room here for: {})\n", std::string(indent, ' '), fmt::join(left_out, ", ")));
  if (least_width(columns) <= width) return block(columns, indent, width) + note;
  std::vector<Columns> parts;
  const Columns keys(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(std::min(keys_, columns.size())));
  for (std::size_t at = keys.size(); at < columns.size(); ++at) {
    Columns longer = parts.empty() ? keys : parts.back();
    longer.push_back(columns[at]);
    if (!parts.empty() && least_width(longer) <= width) {
      parts.back() = longer;
      continue;
    }
    parts.push_back(keys);
    parts.back().push_back(columns[at]);
    if (least_width(parts.back()) > width) return list(columns, indent) + note;
  }
  std::string text;
  for (const Columns& part : parts) text += (text.empty() ? "" : "\n") + block(part, indent, width);
  return text + note;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end) return std::nullopt;
  return number;
}

std::string csv_line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t at = 0; at < cells.size(); ++at) {
    if (at > 0) line += ',';
    line += escape::csv(cells[at]);
  }
  return line + "\r\n";
}

std::string csv_number(double value) { return value - value == 0 ? fmt::format("{}", value) : ""; }

}  // namespace nines::experiments
