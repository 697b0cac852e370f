#include "experiments/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/escape.hpp"
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

TextTable::TextTable(std::vector<std::string> header, std::vector<Align> align)
    : header_(std::move(header)), align_(std::move(align)) {}

void TextTable::add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = escape::visible(cell);
  rows_.push_back(std::move(row));
}

std::string TextTable::text(std::size_t indent) const {
  std::vector<std::size_t> widths;
  for (const std::string& cell : header_) widths.push_back(cell.size());
  for (const auto& row : rows_) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  std::string text;
  const auto line = [&](const std::vector<std::string>& row) {
    std::string out(indent, ' ');
    for (std::size_t column = 0; column < row.size(); ++column) {
      if (column > 0) out += "  ";
      const std::string blanks(widths[column] - row[column].size(), ' ');
      out += align_[column] == Align::right ? blanks + row[column] : row[column] + blanks;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    text += out + '\n';
  };
  line(header_);
  for (const auto& row : rows_) line(row);
  return text;
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
