#include "experiments/sweep/sweep_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "experiments/sweep/sweep_words.hpp"

namespace nines::experiments {

namespace {

using loader::FigureKind;
using loader::FigureSpec;

/// Half-width of the interval relative to the value, in percent.
std::string width_text(const FigureResult& result) {
  if (!result.value || !result.ci95) return "";
  const double half = (result.ci95->upper - result.ci95->lower) / 2 / *result.value * 100;
  return half < 0.05 ? "" : fmt::format(" +-{} %", number_text(half, half < 10 ? 2 : 3));
}

std::string settings_text(const SweepReport& report, const SweepReport::Row& row) {
  return escape::visible(settings_text(report.sweep, *row.point, "  "));
}

// ---- what happened to a point ----

std::string reason(const SweepReport& report, const SweepReport::Row& row) {
  if (row.status == "impossible") return escape::visible(row.record.problem);
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
  std::string text = fmt::format("{}: {}\n", report.sweep.name, escape::visible(report.sweep.title));
  text += fmt::format(
      "{}{}, {} incidents in {}, seed {}.\n", counted(report.rows.size(), "design"),
      count(report, "impossible") > 0 ? fmt::format(" ({} of them impossible)", count(report, "impossible")) : "",
      incidents, counted(static_cast<std::size_t>(rungs), "rung"), report.identity.seed);
  return text;
}

/// The same where no column or line of its own says it.
std::string losses_not_asked(const loader::Sweep& sweep, const PointResult& result) {
  const auto asked = sweep.figures.begin() + static_cast<std::ptrdiff_t>(sweep.asked);
  const bool told = std::any_of(sweep.figures.begin(), asked,
                                [](const FigureSpec& figure) { return figure.kind == FigureKind::losses_per_year; });
  return told ? "" : losses_text(sweep, result);
}

std::string figures_of(const SweepReport& report, const PointResult& result, const std::string& indent) {
  std::string text;
  for (std::size_t i = 0; i < report.sweep.asked; ++i) {
    const FigureSpec& figure = report.sweep.figures[i];
    std::string limit;
    for (const loader::SweepRequirement& requirement : report.sweep.require) {
      if (requirement.figure == i) limit = fmt::format(" (at most {})", value_text(figure, requirement.at_most));
    }
    text += fmt::format("{}{}: {}{}{}\n", indent, heading(figure), cell_text(figure, result.figures[i]),
                        width_text(result.figures[i]), limit);
  }
  if (const std::string losses = losses_not_asked(report.sweep, result); !losses.empty()) {
    text += fmt::format("{}{}: {}\n", indent, painted(Tone::bad, "loses acknowledged records"), losses);
  }
  return text;
}

/// Of a sweep that is still played, or was interrupted: how far it is.
std::string so_far_text(const SweepReport& report) {
  const std::size_t out = count(report, "misses") + count(report, "beaten");
  std::string text = fmt::format("Not complete: {} eliminated, {} in the race", counted(out, "design"),
                                 report.rows.size() - out - count(report, "impossible"));
  if (report.ahead.of > 0) {
    text += fmt::format("; {}: {} of {} played", report.ahead.rung, report.ahead.done, report.ahead.of);
  }
  return text + ". What follows may still change.\n";
}

std::string winner_text(const SweepReport& report, const SweepReport::Race& race) {
  if (!report.complete && race.front.empty()) return "";
  const std::string given = race.given.empty() ? "" : " given " + escape::visible(race.given);
  const std::string objective = heading(report.sweep.figures[report.sweep.objectives.front().figure]);
  if (race.front.empty()) return fmt::format("\nNo design is known to meet all requirements{}.\n", given);
  const SweepReport::Row& row = report.rows[race.front.front()];
  std::string text = fmt::format("\nBest {}by {}{}{}: point {}\n  {}\n", report.complete ? "" : "so far ", objective,
                                 report.sweep.require.empty() ? "" : " of those that meet all requirements", given,
                                 row.point->index, settings_text(report, row));
  if (row.confirmed == nullptr && row.last != nullptr) text += figures_of(report, *row.last, "    ");
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
  const std::size_t shown = std::min(most, points.size());
  const auto losses_of = [&](std::size_t i) {
    const SweepReport::Row& row = report.rows[points[i]];
    return row.last != nullptr ? losses_not_asked(report.sweep, *row.last) : "";
  };
  bool losing = false;
  for (std::size_t i = 0; i < shown; ++i) losing = losing || !losses_of(i).empty();
  std::vector<std::string> header{"point"};
  std::vector<Align> align{Align::right};
  const auto beside_price = [&](std::size_t figure) {
    return losing && report.sweep.figures[figure].kind == FigureKind::cost_usd_per_month;
  };
  bool told = false;
  for (std::size_t f = 0; f < report.sweep.asked; ++f) {
    header.push_back(heading(report.sweep.figures[f]));
    align.push_back(Align::right);
    if (!beside_price(f)) continue;
    told = true;
    header.emplace_back("loses records");
    align.push_back(Align::left);
  }
  if (losing && !told) {
    header.emplace_back("loses records");
    align.push_back(Align::left);
  }
  header.emplace_back("settings");
  align.push_back(Align::left);
  TextTable table(header, align);
  for (std::size_t i = 0; i < shown; ++i) {
    const SweepReport::Row& row = report.rows[points[i]];
    const std::string losses = losses_of(i).empty() ? "none seen" : losses_of(i);
    std::vector<std::string> cells{fmt::format("{}", row.point->index)};
    for (std::size_t f = 0; f < report.sweep.asked; ++f) {
      cells.push_back(row.last == nullptr ? "-"
                                          : cell_text(report.sweep.figures[f], row.last->figures[f]) +
                                                width_text(row.last->figures[f]));
      if (beside_price(f)) cells.push_back(losses);
    }
    if (losing && !told) cells.push_back(losses);
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

std::string plot_text(const SweepReport& report) {
  const auto axes = axes_of(report);
  if (!axes || axes->spots.size() < 3) return "";
  constexpr std::size_t margin = 16;
  constexpr std::size_t widest = 100;
  constexpr int lines = 18;
  const auto columns = static_cast<int>(std::min(page().width - margin, widest));
  std::vector<std::string> canvas(lines, std::string(static_cast<std::size_t>(columns), ' '));
  std::vector<std::vector<int>> top(lines, std::vector<int>(static_cast<std::size_t>(columns), -1));
  const bool nines = is_unavailability(axes->y->kind);
  const auto column_of = [&](double x) {
    return static_cast<std::size_t>((x - axes->x_low) / (axes->x_high - axes->x_low) * (columns - 1));
  };
  const auto line_of = [&](double y) {
    const double up = (y - axes->y_low) / (axes->y_high - axes->y_low);
    // More nines are up; less of anything else is up too.
    return static_cast<std::size_t>((nines ? 1 - up : up) * (lines - 1));
  };
  if (axes->y_limit) canvas[line_of(*axes->y_limit)].assign(static_cast<std::size_t>(columns), '-');
  if (axes->x_limit) {
    for (std::string& line : canvas) line[column_of(*axes->x_limit)] = '|';
  }
  constexpr std::string_view marks = ".?o#W";
  for (const Spot& spot : axes->spots) {
    const int rank = importance(spot.row->status);
    int& shown = top[line_of(spot.y)][column_of(spot.x)];
    if (rank < shown) continue;
    shown = rank;
    canvas[line_of(spot.y)][column_of(spot.x)] = marks[static_cast<std::size_t>(rank)];
  }
  std::string text = fmt::format("\n{} over {} (W best, # front, o not told apart from it, . eliminated{}{})\n",
                                 axis_text(*axes->y, axes->y_log), axis_text(*axes->x, axes->x_log),
                                 axes->y_limit ? ", --- limit" : "", axes->x_limit ? ", | limit" : "");
  const double y_step = (axes->y_high - axes->y_low) / lines;
  const double x_step = (axes->x_high - axes->x_low) / 10;
  for (int line = 0; line < lines; ++line) {
    std::string label;
    if (line == 0) label = tick_text(*axes->y, axes->y_log, nines ? axes->y_high : axes->y_low, y_step);
    if (line == lines - 1) label = tick_text(*axes->y, axes->y_log, nines ? axes->y_low : axes->y_high, y_step);
    std::string row = canvas[static_cast<std::size_t>(line)];
    row.erase(row.find_last_not_of(' ') + 1);
    text += fmt::format("  {:>12} |{}\n", label, row);
  }
  const std::string low = tick_text(*axes->x, axes->x_log, axes->x_low, x_step);
  const std::string high = tick_text(*axes->x, axes->x_log, axes->x_high, x_step);
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
      row.status = found->second == Standing::eliminated ? "misses" : standing_name(found->second);
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
  if (!report.complete) text += so_far_text(report);
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
                      row.point->index, settings_text(report, row), escape::visible(row.record.problem));
      break;
    }
  }
  return text + list_text("The sweep's author assumes", report.sweep.notes) + boundary_text(report.boundary.left_out) +
         list_text("Read this too", report.boundary.warnings);
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
  Json objectives = Json::array();
  for (const loader::SweepObjective& objective : report.sweep.objectives)
    objectives.push_back(report.sweep.figures[objective.figure].name());
  Json required = Json::array();
  for (const loader::SweepRequirement& requirement : report.sweep.require)
    required.push_back({{"figure", report.sweep.figures[requirement.figure].name()}, {"at_most", requirement.at_most}});
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
          {"objectives", std::move(objectives)},
          {"require", std::move(required)},
          {"winner", races.size() == 1 ? races[0]["winner"] : Json(nullptr)},
          {"front", std::move(front)},
          {"races", std::move(races)},
          {"points", std::move(points)},
          {"notes", report.sweep.notes},
          {"not_modelled", left_out_lines(report.boundary.left_out)},
          {"left_out", left_out_json(report.boundary.left_out)},
          {"warnings", report.boundary.warnings}};
}

}  // namespace nines::experiments
