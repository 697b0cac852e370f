#include "experiments/sweep/sweep_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/report/text.hpp"

namespace nines::experiments {

using loader::FigureKind;
using loader::FigureSpec;

bool is_unavailability(FigureKind kind) {
  return kind == FigureKind::unavailability || kind == FigureKind::request_unavailability;
}

std::string value_text(const FigureSpec& figure, double value) {
  switch (figure.kind) {
    case FigureKind::unavailability:
    case FigureKind::request_unavailability: return value > 0 ? availability_text(value) : "not seen out";
    case FigureKind::cost_usd_per_month: return money_text(std::llround(value * 100));
    case FigureKind::mean_outage_s:
    case FigureKind::p95_outage_s: return duration_text(value);
    case FigureKind::breach_probability: return percent_text(value, 2);
    default: return number_text(value);
  }
}

std::string heading(const FigureSpec& figure) {
  std::string what;
  switch (figure.kind) {
    case FigureKind::unavailability: what = "availability"; break;
    case FigureKind::request_unavailability: what = "requests served"; break;
    case FigureKind::downtime_minutes_per_year: what = "down min/yr"; break;
    case FigureKind::outages_per_year: what = "outages/yr"; break;
    case FigureKind::mean_outage_s: what = "mean outage"; break;
    case FigureKind::p95_outage_s: what = "p95 outage"; break;
    case FigureKind::losses_per_year: what = "losses/yr"; break;
    case FigureKind::records_lost_per_year: what = "records lost/yr"; break;
    case FigureKind::breach_probability: what = "windows breached"; break;
    case FigureKind::cost_usd_per_month: what = "a month"; break;
    case FigureKind::failovers_per_year: what = "fail-overs/yr"; break;
    case FigureKind::operator_hours_per_month: what = "operator h/month"; break;
  }
  if (!figure.sli.empty()) what += " " + figure.sli;
  if (!figure.fault.empty()) what += " by " + figure.fault;
  return what;
}

std::string cell_text(const FigureSpec& figure, const FigureResult& result) {
  if (!result.value) return result.upper95 ? "< " + value_text(figure, *result.upper95) : "not seen";
  return value_text(figure, *result.value);
}

std::string losses_text(const loader::Sweep& sweep, const PointResult& result) {
  std::string text;
  for (std::size_t i = 0; i < sweep.figures.size() && i < result.figures.size(); ++i) {
    const FigureSpec& figure = sweep.figures[i];
    const auto& value = result.figures[i].value;
    if (figure.kind != FigureKind::losses_per_year || !value || *value <= 0) continue;
    text += fmt::format("{}{}/yr, {}", text.empty() ? "" : "; ", number_text(*value, 2), figure.sli);
  }
  return text;
}

int importance(const std::string& status) {
  if (status == "winner") return 4;
  if (status == "front") return 3;
  if (status == "close") return 2;
  return status == "unresolved" || status == "racing" ? 1 : 0;
}

namespace {

/// Nines count equally; what lies far apart is told by its logarithm; everything else is linear.
double scaled(const FigureSpec& figure, bool log, double value) {
  if (is_unavailability(figure.kind)) return -std::log10(value);
  return log ? std::log10(value) : value;
}

std::optional<sim::Interval> scaled(const FigureSpec& figure, bool log, const std::optional<sim::Interval>& ci95) {
  if (!ci95 || ((log || is_unavailability(figure.kind)) && ci95->lower <= 0)) return std::nullopt;
  const double a = scaled(figure, log, ci95->lower);
  const double b = scaled(figure, log, ci95->upper);
  return sim::Interval{std::min(a, b), std::max(a, b)};
}

/// Whether a linear axis would press most values into a corner.
bool far_apart(const std::vector<const SweepReport::Row*>& rows, const FigureSpec& figure, std::size_t index) {
  constexpr double far = 30;
  if (is_unavailability(figure.kind)) return false;
  double low = *rows.front()->last->figures[index].value;
  double high = low;
  for (const SweepReport::Row* row : rows) {
    low = std::min(low, *row->last->figures[index].value);
    high = std::max(high, *row->last->figures[index].value);
  }
  return low > 0 && high > far * low;
}

/// Ends of an axis around the values; a limit that is not far off belongs to it.
void set_ends(const std::vector<Spot>& spots, double Spot::*member, double& low, double& high,
              std::optional<double>& limit, bool log) {
  low = high = spots.front().*member;
  for (const Spot& spot : spots) {
    low = std::min(low, spot.*member);
    high = std::max(high, spot.*member);
  }
  const double length = high - low;
  if (limit && (*limit < low - length || *limit > high + length)) limit.reset();
  if (limit) {
    low = std::min(low, *limit);
    high = std::max(high, *limit);
  }
  // Beside nothing to tell apart, a twentieth of the value on each side.
  constexpr double nothing = 1e-9;
  const double size = std::max(std::abs(low), std::abs(high));
  const double room = high - low > nothing * size ? (high - low) * 0.06 : std::max(nothing, size * 0.05);
  low = low >= 0 && !log ? std::max(0.0, low - room) : low - room;
  high += room;
}

}  // namespace

std::optional<Axes> axes_of(const SweepReport& report) {
  if (report.sweep.objectives.size() < 2) return std::nullopt;
  Axes axes;
  const std::size_t fx = report.sweep.objectives[0].figure;
  const std::size_t fy = report.sweep.objectives[1].figure;
  axes.x = &report.sweep.figures[fx];
  axes.y = &report.sweep.figures[fy];
  std::vector<const SweepReport::Row*> shown;
  for (const SweepReport::Row& row : report.rows) {
    if (row.last == nullptr) continue;
    const auto& x = row.last->figures[fx].value;
    const auto& y = row.last->figures[fy].value;
    if (!x || !y || (is_unavailability(axes.x->kind) && *x <= 0) || (is_unavailability(axes.y->kind) && *y <= 0)) {
      continue;
    }
    shown.push_back(&row);
  }
  if (shown.empty()) return std::nullopt;
  axes.x_log = far_apart(shown, *axes.x, fx);
  axes.y_log = far_apart(shown, *axes.y, fy);
  for (const SweepReport::Row* row : shown) {
    const FigureResult& x = row->last->figures[fx];
    const FigureResult& y = row->last->figures[fy];
    axes.spots.push_back({scaled(*axes.x, axes.x_log, *x.value), scaled(*axes.y, axes.y_log, *y.value),
                          scaled(*axes.x, axes.x_log, x.ci95), scaled(*axes.y, axes.y_log, y.ci95), row});
  }
  for (const loader::SweepRequirement& requirement : report.sweep.require) {
    if (requirement.at_most <= 0) continue;
    if (requirement.figure == fx) axes.x_limit = scaled(*axes.x, axes.x_log, requirement.at_most);
    if (requirement.figure == fy) axes.y_limit = scaled(*axes.y, axes.y_log, requirement.at_most);
  }
  set_ends(axes.spots, &Spot::x, axes.x_low, axes.x_high, axes.x_limit, axes.x_log);
  set_ends(axes.spots, &Spot::y, axes.y_low, axes.y_high, axes.y_limit, axes.y_log);
  return axes;
}

std::string axis_text(const FigureSpec& figure, bool log) { return heading(figure) + (log ? ", logarithmic" : ""); }

std::string tick_text(const FigureSpec& figure, bool log, double at, double step) {
  if (log) {
    const double value = std::pow(10, at);
    return figure.kind == FigureKind::cost_usd_per_month ? tick_text(figure, false, value, value / 10)
                                                         : value_text(figure, value);
  }
  const auto decimals = [](double size) {
    constexpr double most = 12;
    return size > 0 ? static_cast<int>(std::clamp(std::ceil(-std::log10(size) - 1e-9), 0.0, most)) : 0;
  };
  if (is_unavailability(figure.kind)) return fmt::format("{:.{}f} nines", at, decimals(step));
  if (figure.kind == FigureKind::cost_usd_per_month) {
    const std::string cents = money_text(std::llround(at * 100));
    return step >= 1 ? cents.substr(0, cents.size() - 3) : cents;
  }
  if (figure.kind == FigureKind::breach_probability) return fmt::format("{:.{}f} %", at * 100, decimals(step * 100));
  if (figure.kind == FigureKind::mean_outage_s || figure.kind == FigureKind::p95_outage_s) {
    return fmt::format("{:.{}f} s", at, decimals(step));
  }
  return fmt::format("{:.{}f}", at, decimals(step));
}

}  // namespace nines::experiments
