#include "experiments/sweep/sweep_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/text.hpp"

namespace nines::experiments {

namespace {

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
    case FigureKind::breach_probability: return number_text(value * 100, 2) + " %";
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

/// Half-width of the interval relative to the value, in percent.
std::string width_text(const FigureResult& result) {
  if (!result.value || !result.ci95) return "";
  const double half = (result.ci95->upper - result.ci95->lower) / 2 / *result.value * 100;
  return half < 0.05 ? "" : fmt::format(" +-{} %", number_text(half, half < 10 ? 2 : 3));
}

std::string settings_text(const SweepReport& report, const SweepReport::Row& row) {
  return settings_text(report.sweep, *row.point, "  ");
}

// ---- what happened to a point ----

std::string reason(const SweepReport& report, const SweepReport::Row& row) {
  if (row.status == "impossible") return row.record.problem;
  if (!row.decision) return "";
  const Decision& decision = *row.decision;
  const FigureSpec& figure = report.sweep.figures[decision.figure];
  if (decision.fate == Fate::misses) {
    return fmt::format("{} exceeds its limit by at least {}", figure.name(), number_text(decision.bound));
  }
  if (decision.fate == Fate::beaten) {
    return fmt::format("point {} is no worse in any objective, and {} is at least {} better", *decision.by,
                       figure.name(), number_text(std::max(0.0, decision.bound)));
  }
  return "";
}

std::size_t count(const SweepReport& report, std::string_view status) {
  return static_cast<std::size_t>(
      std::count_if(report.rows.begin(), report.rows.end(), [&](const auto& row) { return row.status == status; }));
}

// ---- text ----

std::string head_text(const SweepReport& report) {
  std::uint64_t incidents = 0;
  int rungs = 0;
  for (const auto& [key, result] : report.results) {
    incidents += result.incidents;
    if (key.second != confirmation_rung) rungs = std::max(rungs, key.second + 1);
  }
  std::string text = fmt::format("{}: {}\n", report.sweep.name, report.sweep.title);
  text += fmt::format(
      "{}{}, {} incidents in {}, seed {}.\n", counted(report.rows.size(), "design"),
      count(report, "impossible") > 0 ? fmt::format(" ({} of them impossible)", count(report, "impossible")) : "",
      incidents, counted(static_cast<std::size_t>(rungs), "rung"), report.identity.seed);
  return text;
}

std::string figures_of(const SweepReport& report, const PointResult& result, const std::string& indent) {
  std::string text;
  for (std::size_t i = 0; i < report.sweep.figures.size(); ++i) {
    const FigureSpec& figure = report.sweep.figures[i];
    std::string limit;
    for (const loader::SweepRequirement& requirement : report.sweep.require) {
      if (requirement.figure == i) limit = fmt::format(" (at most {})", value_text(figure, requirement.at_most));
    }
    text += fmt::format("{}{}: {}{}{}\n", indent, heading(figure), cell_text(figure, result.figures[i]),
                        width_text(result.figures[i]), limit);
  }
  return text;
}

std::string winner_text(const SweepReport& report, const SweepReport::Race& race) {
  if (!report.complete) return "";
  const std::string given = race.given.empty() ? "" : " given " + race.given;
  const std::string objective = heading(report.sweep.figures[report.sweep.objectives.front().figure]);
  if (race.front.empty()) return fmt::format("\nNo design is known to meet all requirements{}.\n", given);
  const SweepReport::Row& row = report.rows[race.front.front()];
  std::string text = fmt::format("\nBest by {}{}{}: point {}\n  {}\n", objective,
                                 report.sweep.require.empty() ? "" : " of those that meet all requirements", given,
                                 row.point->index, settings_text(report, row));
  if (row.confirmed != nullptr) {
    text += "  estimated again with fresh seeds:\n" + figures_of(report, *row.confirmed, "    ");
    for (const loader::SweepRequirement& requirement : report.sweep.require) {
      const FigureResult& figure = row.confirmed->figures[requirement.figure];
      if (figure.upper() && *figure.upper() <= requirement.at_most) continue;
      text += fmt::format("  With fresh seeds it is not sure any more that it meets the limit of {}.\n",
                          report.sweep.figures[requirement.figure].name());
    }
  }
  return text;
}

std::string table_text(const SweepReport& report, const std::vector<std::size_t>& points, std::size_t most) {
  using Align = TextTable::Align;
  std::vector<std::string> header{"point"};
  std::vector<Align> align{Align::right};
  for (const FigureSpec& figure : report.sweep.figures) {
    header.push_back(heading(figure));
    header.emplace_back("");
    align.push_back(Align::right);
    align.push_back(Align::left);
  }
  header.emplace_back("settings");
  align.push_back(Align::left);
  TextTable table(header, align);
  for (std::size_t i = 0; i < std::min(most, points.size()); ++i) {
    const SweepReport::Row& row = report.rows[points[i]];
    std::vector<std::string> cells{fmt::format("{}", row.point->index)};
    for (std::size_t f = 0; f < report.sweep.figures.size(); ++f) {
      cells.push_back(cell_text(report.sweep.figures[f], row.last->figures[f]));
      cells.push_back(width_text(row.last->figures[f]));
    }
    cells.push_back(settings_text(report, row));
    table.add(std::move(cells));
  }
  std::string text = table.text();
  if (points.size() > most) text += fmt::format("  and {} more (--format csv has all)\n", points.size() - most);
  return text;
}

std::vector<std::size_t> with_status(const SweepReport& report, std::string_view status) {
  std::vector<std::size_t> points;
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    if (report.rows[i].status == status) points.push_back(i);
  }
  const std::size_t first = report.sweep.objectives.front().figure;
  std::stable_sort(points.begin(), points.end(), [&](std::size_t a, std::size_t b) {
    const auto value = [&](std::size_t at) {
      return report.rows[at].last != nullptr ? report.rows[at].last->figures[first].value.value_or(0) : 0;
    };
    return value(a) < value(b);
  });
  return points;
}

std::string eliminated_text(const SweepReport& report) {
  using Align = TextTable::Align;
  const std::size_t out = count(report, "misses") + count(report, "beaten");
  if (out == 0) return "";
  TextTable table({"after rung", "exceed a requirement", "are beaten", "left"},
                  {Align::right, Align::right, Align::right, Align::right});
  std::size_t left = report.rows.size() - count(report, "impossible");
  for (int rung = 0; rung < most_rungs && left > 0; ++rung) {
    std::size_t misses = 0;
    std::size_t beaten = 0;
    std::size_t played = 0;
    for (const SweepReport::Row& row : report.rows) {
      if (row.last != nullptr && row.last->rung >= rung) ++played;
      if (!row.decision || row.last == nullptr || row.decision->rung != rung) continue;
      misses += row.status == "misses" && row.decision->fate == Fate::misses ? 1 : 0;
      beaten += row.status == "beaten" ? 1 : 0;
    }
    if (played == 0) break;
    left -= misses + beaten;
    table.add({fmt::format("{}", rung), fmt::format("{}", misses), fmt::format("{}", beaten), fmt::format("{}", left)});
  }
  return "\nOut of the race\n" + table.text();
}

// ---- one objective over the other ----

struct Spot {
  double x = 0;
  double y = 0;
  const SweepReport::Row* row = nullptr;
};

struct Axes {
  const FigureSpec* x = nullptr;
  const FigureSpec* y = nullptr;
  std::vector<Spot> spots;
  double x_low = 0, x_high = 1, y_low = 0, y_high = 1;
};

/// Nines count equally; everything else is linear.
double scaled(const FigureSpec& figure, double value) {
  return is_unavailability(figure.kind) ? -std::log10(value) : value;
}

std::optional<Axes> axes_of(const SweepReport& report) {
  if (report.sweep.objectives.size() < 2) return std::nullopt;
  Axes axes;
  const std::size_t fx = report.sweep.objectives[0].figure;
  const std::size_t fy = report.sweep.objectives[1].figure;
  axes.x = &report.sweep.figures[fx];
  axes.y = &report.sweep.figures[fy];
  for (const SweepReport::Row& row : report.rows) {
    if (row.last == nullptr) continue;
    const auto& x = row.last->figures[fx].value;
    const auto& y = row.last->figures[fy].value;
    if (!x || !y || (is_unavailability(axes.x->kind) && *x <= 0) || (is_unavailability(axes.y->kind) && *y <= 0)) {
      continue;
    }
    axes.spots.push_back({scaled(*axes.x, *x), scaled(*axes.y, *y), &row});
  }
  if (axes.spots.empty()) return std::nullopt;
  const auto ends = [&](double Spot::*member, double& low, double& high) {
    low = high = axes.spots.front().*member;
    for (const Spot& spot : axes.spots) {
      low = std::min(low, spot.*member);
      high = std::max(high, spot.*member);
    }
    // What differs in the last digits only is one value.
    constexpr double told_apart = 1e-6;
    const bool apart = high - low > told_apart * std::max(std::abs(low), std::abs(high));
    const double room = apart ? (high - low) * 0.04 : std::max(1e-9, std::abs(high) * 0.05);
    low = low >= 0 ? std::max(0.0, low - room) : low - room;
    high += room;
  };
  ends(&Spot::x, axes.x_low, axes.x_high);
  ends(&Spot::y, axes.y_low, axes.y_high);
  return axes;
}

int importance(const std::string& status) {
  if (status == "winner") return 4;
  if (status == "front") return 3;
  if (status == "close") return 2;
  return status == "unresolved" || status == "racing" ? 1 : 0;
}

std::string tick_text(const FigureSpec& figure, double at) {
  if (is_unavailability(figure.kind)) return fmt::format("{:.3g} nines", at);
  if (figure.kind == FigureKind::cost_usd_per_month && at == std::round(at)) {
    const std::string cents = money_text(std::llround(at * 100));
    return cents.substr(0, cents.size() - 3);
  }
  return value_text(figure, at);
}

/// Some four to nine multiples of 1, 2 or 5 times a power of ten.
std::vector<double> round_numbers(double low, double high) {
  const double rough = (high - low) / 5;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = power;
  for (const double factor : {2.0, 5.0, 10.0}) {
    if (step < rough) step = factor * power;
  }
  std::vector<double> numbers;
  constexpr int most = 12;  // rounding aside no more than nine
  const double first = std::ceil(low / step);
  for (int i = 0; i < most && (first + i) * step <= high; ++i) numbers.push_back((first + i) * step);
  return numbers;
}

std::string plot_text(const SweepReport& report) {
  const auto axes = axes_of(report);
  if (!axes || axes->spots.size() < 3) return "";
  constexpr int columns = 72;
  constexpr int lines = 18;
  std::vector<std::string> canvas(lines, std::string(columns, ' '));
  std::vector<std::vector<int>> top(lines, std::vector<int>(columns, -1));
  constexpr std::string_view marks = ".?o#W";
  for (const Spot& spot : axes->spots) {
    const auto column = static_cast<std::size_t>((spot.x - axes->x_low) / (axes->x_high - axes->x_low) * (columns - 1));
    double up = (spot.y - axes->y_low) / (axes->y_high - axes->y_low);
    // More nines are up; less of anything else is up too.
    if (is_unavailability(axes->y->kind)) up = 1 - up;
    const auto line = static_cast<std::size_t>(up * (lines - 1));
    const int rank = importance(spot.row->status);
    if (rank < top[line][column]) continue;
    top[line][column] = rank;
    canvas[line][column] = marks[static_cast<std::size_t>(rank)];
  }
  std::string text = fmt::format("\n{} over {} (W best, # front, o not told apart from it, . out)\n", heading(*axes->y),
                                 heading(*axes->x));
  const bool nines = is_unavailability(axes->y->kind);
  for (int line = 0; line < lines; ++line) {
    std::string label;
    if (line == 0) label = tick_text(*axes->y, nines ? axes->y_high : axes->y_low);
    if (line == lines - 1) label = tick_text(*axes->y, nines ? axes->y_low : axes->y_high);
    std::string row = canvas[static_cast<std::size_t>(line)];
    row.erase(row.find_last_not_of(' ') + 1);
    text += fmt::format("  {:>12} |{}\n", label, row);
  }
  const std::string low = tick_text(*axes->x, axes->x_low);
  const std::string high = tick_text(*axes->x, axes->x_high);
  text += fmt::format("  {:>12} +{:-<{}}\n", "", "", columns);
  text += fmt::format("  {:>12}  {}{:>{}}\n", "", low, high, columns - static_cast<int>(low.size()));
  return text;
}

// ---- JSON ----

Json settings_json(const loader::Sweep& sweep, const SweepPoint& point) {
  Json settings = Json::object();
  for (std::size_t i = 0; i < point.labels.size(); ++i) settings[sweep.parameters[i].name] = point.labels[i];
  return settings;
}

Json figures_json(const loader::Sweep& sweep, const PointResult& result) {
  Json figures = Json::object();
  for (std::size_t i = 0; i < result.figures.size(); ++i) {
    const FigureResult& figure = result.figures[i];
    Json json = {{"estimate", or_null(figure.value)},
                 {"ci95", figure.ci95 ? Json::array({figure.ci95->lower, figure.ci95->upper}) : Json(nullptr)}};
    if (figure.upper95) json["upper95_if_unseen"] = *figure.upper95;
    figures[sweep.figures[i].name()] = std::move(json);
  }
  return figures;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += c;
  }
  return out;
}

}  // namespace

SweepReport::SweepReport(const loader::Sweep& of, const std::vector<SweepPoint>& points,
                         const SweepIdentity& identity_of, SweepStore& store)
    : sweep(of), identity(identity_of), results(store.results()) {
  complete = store.get("complete").has_value();
  played_s = store.wall_s();
  const auto records = store.records();
  const auto decisions = store.decisions();
  const auto standings = store.standings();
  for (const SweepPoint& point : points) {
    Row& row = rows.emplace_back();
    row.point = &point;
    row.status = "racing";
    if (const auto found = records.find(point.index); found != records.end()) {
      row.record = found->second;
      if (!found->second.problem.empty()) row.status = "impossible";
    }
    for (int rung = 0; rung < most_rungs; ++rung) {
      if (const auto found = results.find({point.index, rung}); found != results.end()) row.last = &found->second;
    }
    if (const auto found = results.find({point.index, confirmation_rung}); found != results.end()) {
      row.confirmed = &found->second;
    }
    if (const auto found = decisions.find(point.index); found != decisions.end()) {
      row.decision = found->second;
      if (found->second.fate == Fate::misses || found->second.fate == Fate::beaten) {
        row.status = fate_name(found->second.fate);
      }
    }
    if (const auto found = standings.find(point.index); found != standings.end() && row.status == "racing") {
      row.status = found->second == Standing::out ? "misses" : standing_name(found->second);
    }
  }
  std::map<std::string, std::size_t> known;
  for (const Row& row : rows) {
    const std::string given = given_of(sweep, *row.point);
    if (known.emplace(given, races.size()).second) races.push_back({given, {}});
  }
  for (const char* status : {"winner", "front"}) {
    for (const std::size_t point : with_status(*this, status)) {
      races[known.at(given_of(sweep, points[point]))].front.push_back(point);
    }
  }
}

std::string sweep_text(const SweepReport& report) {
  constexpr std::size_t most_rows = 20;
  std::string text = head_text(report);
  if (!report.complete) {
    text += fmt::format("Not complete: {} still in the race. Run it again to go on.\n",
                        counted(count(report, "racing"), "design"));
  }
  for (const SweepReport::Race& race : report.races) {
    text += winner_text(report, race);
    if (race.front.size() < 2) continue;
    text += "\nFront: better in one objective, worse in another\n" + table_text(report, race.front, most_rows);
  }
  if (const auto close = with_status(report, "close"); !close.empty()) {
    text += "\nNot told apart from the front\n" + table_text(report, close, most_rows / 2);
  }
  if (const auto open = with_status(report, "unresolved"); !open.empty()) {
    text += "\nNot known whether they meet the requirements (raise max_incidents)\n" +
            table_text(report, open, most_rows / 2);
  }
  text += plot_text(report) + eliminated_text(report);
  if (count(report, "impossible") > 0) {
    for (const SweepReport::Row& row : report.rows) {
      if (row.status != "impossible") continue;
      text +=
          fmt::format("\nImpossible: {}, such as point {} ({}): {}\n", counted(count(report, "impossible"), "design"),
                      row.point->index, settings_text(report, row), row.record.problem);
      break;
    }
  }
  if (!report.sweep.notes.empty()) {
    text += "\nThe sweep's author assumes\n";
    for (const std::string& note : report.sweep.notes) text += fmt::format("  - {}\n", note);
  }
  return text + fmt::format("\n{} computed, {} reused; {:.1f} s ({:.1f} s of processor time for all results)\n",
                            counted(report.computed, "result"), report.reused, report.wall_s, report.played_s);
}

std::string sweep_csv(const SweepReport& report) {
  std::vector<std::string> header{"point"};
  for (const loader::SweepParameter& parameter : report.sweep.parameters) header.push_back(parameter.name);
  for (const char* name : {"status", "rung", "incidents"}) header.emplace_back(name);
  for (const char* prefix : {"", "confirmed "}) {
    for (const FigureSpec& figure : report.sweep.figures) {
      header.push_back(prefix + figure.name());
      header.push_back(prefix + figure.name() + " ci95_low");
      header.push_back(prefix + figure.name() + " ci95_high");
      header.push_back(prefix + figure.name() + " upper95_if_unseen");
    }
  }
  for (const char* name : {"beaten_by", "by_figure", "worse_by", "at_least", "input_hash", "profile_hash", "problem"}) {
    header.emplace_back(name);
  }
  std::string text = csv_line(header);
  const auto cell = [](const std::optional<double>& value) { return value ? csv_number(*value) : std::string(); };
  for (const SweepReport::Row& row : report.rows) {
    std::vector<std::string> cells{fmt::format("{}", row.point->index)};
    cells.insert(cells.end(), row.point->labels.begin(), row.point->labels.end());
    cells.push_back(row.status);
    cells.push_back(row.last != nullptr ? fmt::format("{}", row.last->rung) : "");
    cells.push_back(row.last != nullptr ? fmt::format("{}", row.last->incidents) : "");
    for (const PointResult* result : {row.last, row.confirmed}) {
      for (std::size_t i = 0; i < report.sweep.figures.size(); ++i) {
        if (result == nullptr) {
          cells.insert(cells.end(), 4, "");
          continue;
        }
        const FigureResult& figure = result->figures[i];
        cells.push_back(cell(figure.value));
        cells.push_back(figure.ci95 ? csv_number(figure.ci95->lower) : "");
        cells.push_back(figure.ci95 ? csv_number(figure.ci95->upper) : "");
        cells.push_back(cell(figure.upper95));
      }
    }
    const bool out = row.decision && (row.decision->fate == Fate::misses || row.decision->fate == Fate::beaten);
    cells.push_back(out && row.decision->by ? fmt::format("{}", *row.decision->by) : "");
    cells.push_back(out ? report.sweep.figures[row.decision->figure].name() : "");
    cells.push_back(out ? csv_number(row.decision->value) : "");
    cells.push_back(out ? csv_number(row.decision->bound) : "");
    cells.push_back(row.record.input_hash);
    cells.push_back(row.record.profile_hash);
    cells.push_back(row.record.problem);
    text += csv_line(cells);
  }
  return text;
}

Json point_json(const loader::Sweep& sweep, const SweepPoint& point, const PointResult& result) {
  return {{"point", point.index},
          {"settings", settings_json(sweep, point)},
          {"rung", result.rung},
          {"blocks", result.blocks},
          {"incidents", result.incidents},
          {"events", result.events},
          {"figures", figures_json(sweep, result)}};
}

Json sweep_json(const SweepReport& report) {
  Json points = Json::array();
  for (const SweepReport::Row& row : report.rows) {
    Json json = {
        {"point", row.point->index}, {"settings", settings_json(report.sweep, *row.point)}, {"status", row.status}};
    if (row.last != nullptr) {
      json["rung"] = row.last->rung;
      json["incidents"] = row.last->incidents;
      json["figures"] = figures_json(report.sweep, *row.last);
    } else {
      json["figures"] = Json::object();
    }
    if (row.confirmed != nullptr) json["confirmed"] = figures_json(report.sweep, *row.confirmed);
    if (row.decision && (row.decision->fate == Fate::misses || row.decision->fate == Fate::beaten)) {
      if (row.decision->by) json["beaten_by"] = *row.decision->by;
      json["by_figure"] = report.sweep.figures[row.decision->figure].name();
      json["worse_by"] = row.decision->value;
      json["at_least"] = row.decision->bound;
    }
    if (const std::string why = reason(report, row); !why.empty()) json["reason"] = why;
    if (!row.record.input_hash.empty()) {
      json["input_hash"] = row.record.input_hash;
      json["profile_hash"] = row.record.profile_hash;
    }
    if (!row.record.problem.empty()) json["problem"] = row.record.problem;
    points.push_back(std::move(json));
  }
  Json front = Json::array();
  Json races = Json::array();
  for (const SweepReport::Race& race : report.races) {
    for (const std::size_t point : race.front) front.push_back(point);
    const bool won = !race.front.empty() && report.rows[race.front.front()].status == "winner";
    races.push_back(
        {{"given", race.given}, {"winner", won ? Json(race.front.front()) : Json(nullptr)}, {"front", race.front}});
  }
  return {{"schema", "nines/sweep-result/1"},
          {"version", report.identity.version},
          {"sweep", report.sweep.name},
          {"title", report.sweep.title},
          {"sweep_hash", report.identity.sweep_hash},
          {"inputs_hash", report.identity.inputs_hash},
          {"seed", report.identity.seed},
          {"complete", report.complete},
          {"winner", races.size() == 1 ? races[0]["winner"] : Json(nullptr)},
          {"front", std::move(front)},
          {"races", std::move(races)},
          {"points", std::move(points)},
          {"notes", report.sweep.notes}};
}

std::string sweep_svg(const SweepReport& report) {
  const auto axes = axes_of(report);
  if (!axes) throw std::invalid_argument("--plot needs a sweep with two objectives and at least one result of both");
  constexpr double width = 860, height = 520, left = 110, right = 40, top = 56, bottom = 60;
  const auto px = [&](double x) {
    return left + (x - axes->x_low) / (axes->x_high - axes->x_low) * (width - left - right);
  };
  const bool nines = is_unavailability(axes->y->kind);
  const auto py = [&](double y) {
    const double up = (y - axes->y_low) / (axes->y_high - axes->y_low);
    return top + (nines ? 1 - up : up) * (height - top - bottom);
  };
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
      "font-family=\"sans-serif\" font-size=\"13\">\n<title>{2}</title>\n<rect width=\"100%\" height=\"100%\" "
      "fill=\"#ffffff\"/>\n<text x=\"16\" y=\"24\" font-size=\"15\">{2}</text>\n",
      width, height, escaped(report.sweep.title));
  for (const double x : round_numbers(axes->x_low, axes->x_high)) {
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#dddddd\"/><text x=\"{0:.1f}\" "
        "y=\"{3:.1f}\" text-anchor=\"middle\">{4}</text>\n",
        px(x), top, height - bottom, height - bottom + 20, escaped(tick_text(*axes->x, x)));
  }
  for (const double y : round_numbers(axes->y_low, axes->y_high)) {
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" stroke=\"#dddddd\"/><text x=\"{3:.1f}\" "
        "y=\"{4:.1f}\" text-anchor=\"end\">{5}</text>\n",
        left, py(y), width - right, left - 8, py(y) + 4, escaped(tick_text(*axes->y, y)));
  }
  svg += fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n", (left + width - right) / 2,
                     height - 14, escaped(heading(*axes->x)));
  svg += fmt::format(
      "<text x=\"16\" y=\"{0:.1f}\" text-anchor=\"middle\" transform=\"rotate(-90 16 {0:.1f})\">{1}</text>\n",
      (top + height - bottom) / 2, escaped(heading(*axes->y)));
  for (const SweepReport::Race& race : report.races) {
    std::vector<Spot> joined;
    for (const Spot& spot : axes->spots) {
      if (std::find(race.front.begin(), race.front.end(), spot.row->point->index) != race.front.end()) {
        joined.push_back(spot);
      }
    }
    std::sort(joined.begin(), joined.end(), [](const Spot& a, const Spot& b) { return a.x < b.x; });
    std::string path;
    for (const Spot& spot : joined) path += fmt::format("{:.1f},{:.1f} ", px(spot.x), py(spot.y));
    svg += fmt::format("<polyline points=\"{}\" fill=\"none\" stroke=\"#D55E00\" stroke-width=\"1.5\"/>\n", path);
  }
  std::vector<Spot> order = axes->spots;
  std::stable_sort(order.begin(), order.end(),
                   [](const Spot& a, const Spot& b) { return importance(a.row->status) < importance(b.row->status); });
  constexpr const char* colours[] = {"#999999", "#E69F00", "#56B4E9", "#D55E00", "#000000"};
  for (const Spot& spot : order) {
    const int rank = importance(spot.row->status);
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" fill=\"{}\"><title>{}</title></circle>\n",
                       px(spot.x), py(spot.y), rank >= 3 ? 5 : 3, colours[rank],
                       escaped(fmt::format("point {} ({}): {}", spot.row->point->index, spot.row->status,
                                           settings_text(report, *spot.row))));
  }
  constexpr std::pair<const char*, const char*> legend[] = {
      {"best", "#000000"}, {"front", "#D55E00"}, {"not told apart", "#56B4E9"}, {"out", "#999999"}};
  double x = left;
  for (const auto& [name, colour] : legend) {
    svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"42\" r=\"5\" fill=\"{}\"/><text x=\"{:.1f}\" y=\"46\">{}</text>\n",
                       x, colour, x + 10, name);
    x += 120;
  }
  return svg + "</svg>\n";
}

}  // namespace nines::experiments
