// Many designs on a page: the best, the front, and a table of all that sorts.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "experiments/report/text.hpp"
#include "experiments/review/sections.hpp"

namespace nines::experiments::review {

namespace {

std::string settings_text(const Value& point) {
  std::string text;
  for (const auto& [name, label] : point["settings"].members())
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, label.shown());
  return text;
}

int importance(const std::string& status) {
  if (status == "winner") return 0;
  if (status == "front") return 1;
  if (status == "misses" || status == "beaten" || status == "impossible") return 3;
  return 2;
}

constexpr const char* names_of_series[] = {"best", "front", "not told apart", "out of the race"};

/// Figures of all points, in the order of the first that has any.
std::vector<std::string> figures_of(const std::vector<Value>& points) {
  std::vector<std::string> names;
  for (const Value& point : points) {
    for (const auto& [name, figure] : point["figures"].members()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    if (!names.empty()) break;
  }
  return names;
}

std::optional<sim::Estimate> figure_of(const Value& point, const std::string& name) {
  const auto figure = point["figures"].find(name);
  return figure ? std::optional(figure->estimate()) : std::nullopt;
}

bool is_share_down(const std::string& name) { return name.find("unavailability") != std::string::npos; }

std::string cell(const Value& point, const std::string& name) {
  const auto figure = figure_of(point, name);
  if (!figure) return "-";
  if (figure->value && !is_share_down(name) && figure->ci95 && figure->ci95->lower == figure->ci95->upper)
    return number_text(*figure->value, 5);
  return interval_text(*figure);
}

void add_front(Document& document, const Value& result, const std::vector<Value>& points) {
  const auto named = result.find("objectives");
  const std::vector<std::string> objectives = named ? named->texts() : std::vector<std::string>{};
  if (objectives.size() < 2) return;
  // Nines stand upright: what is bought is over what it costs.
  const bool swap = is_share_down(objectives[1]);
  const std::string& x = objectives[swap ? 0 : 1];
  const std::string& y = objectives[swap ? 1 : 0];
  Scatter scatter;
  bool positive = true;
  for (const Value& point : points) {
    const auto cost = figure_of(point, x);
    const auto down = figure_of(point, y);
    if (!cost || !down || !cost->value || !down->value) continue;
    positive = positive && *down->value > 0 && (!down->ci95 || down->ci95->lower > 0);
    const int series = importance(point["status"].text());
    Scatter::Point spot{*cost->value, *down->value, std::nullopt, std::nullopt, "", series < 2, series};
    if (down->ci95) {
      spot.low = down->ci95->lower;
      spot.high = down->ci95->upper;
    }
    if (series == 0) spot.label = fmt::format("point {}", point["point"].whole());
    scatter.points.push_back(std::move(spot));
  }
  if (scatter.points.size() < 2) return;
  // What matters is drawn last, above the rest.
  std::stable_sort(scatter.points.begin(), scatter.points.end(),
                   [](const auto& a, const auto& b) { return a.series > b.series; });
  scatter.title = fmt::format("{} over {}", y, x);
  scatter.y_down = is_share_down(y);
  if (const auto required = result.find("require")) {
    for (const Value& requirement : required->items())
      if (requirement["figure"].text() == y) scatter.y_limit = requirement["at_most"].number();
    positive = positive && scatter.y_limit.value_or(1) > 0;
  }
  scatter.summary = fmt::format("{} over {}, of {}; the line joins the front; {} and further left is better.{}", y, x,
                                counted(scatter.points.size(), "design"), scatter.y_down ? "higher" : "lower",
                                scatter.y_limit ? " The broken line is what is required." : "");
  scatter.x_heading = x;
  scatter.y_heading = y;
  scatter.y_log = positive;
  scatter.series.assign(std::begin(names_of_series), std::end(names_of_series));
  document.blocks.emplace_back(std::move(scatter));
}

}  // namespace

void add_sweep(Document& document, const Value& result) {
  const std::vector<Value> points = result["points"].items();
  const std::vector<std::string> figures = figures_of(points);
  if (document.title.empty()) {
    document.title = result["sweep"].text();
    document.subtitle = result["title"].text();
  } else {
    document.blocks.emplace_back(Heading{result["title"].text()});
  }
  if (!result["complete"].flag())
    document.blocks.emplace_back(
        Verdict{Tone::open, "NOT COMPLETE", "Designs are still in the race: what follows may still change."});
  const auto at = [&](std::uint64_t index) -> const Value* {
    for (const Value& point : points)
      if (point["point"].whole() == index) return &point;
    return nullptr;
  };
  for (const Value& race : result["races"].items()) {
    const std::string given = race["given"].text();
    const std::string of = given.empty() ? "" : fmt::format(" (given {})", given);
    const auto winner = race.find("winner");
    const Value* best = winner ? at(winner->whole()) : nullptr;
    if (best == nullptr) {
      document.blocks.emplace_back(
          Verdict{Tone::open, "NO WINNER", fmt::format("No design is known to meet all requirements{}.", of)});
      continue;
    }
    std::string values;
    for (const std::string& figure : figures) values += fmt::format("; {} {}", figure, cell(*best, figure));
    document.blocks.emplace_back(Verdict{
        Tone::good, "BEST", fmt::format("point {}{}: {}{}", winner->whole(), of, settings_text(*best), values)});
  }
  add_front(document, result, points);
  Table table{fmt::format("All {}", counted(points.size(), "design")), {{"point", true}, {"status"}}};
  table.sortable = true;
  for (const std::string& figure : figures) table.columns.push_back({figure, true});
  table.columns.push_back({"settings"});
  table.columns.push_back({"why"});
  std::vector<const Value*> order;
  for (const Value& point : points) order.push_back(&point);
  std::stable_sort(order.begin(), order.end(), [](const Value* a, const Value* b) {
    return importance((*a)["status"].text()) < importance((*b)["status"].text());
  });
  for (const Value* point : order) {
    std::vector<std::string> cells{fmt::format("{}", (*point)["point"].whole()), (*point)["status"].text()};
    for (const std::string& figure : figures) cells.push_back(cell(*point, figure));
    cells.push_back(settings_text(*point));
    cells.push_back(text_at(*point, "reason"));
    table.rows.push_back(std::move(cells));
  }
  document.blocks.emplace_back(std::move(table));
  if (const std::vector<std::string> notes = result["notes"].texts(); !notes.empty())
    document.blocks.emplace_back(Bullets{notes});
  add_limits(document, result);
  document.blocks.emplace_back(Heading{"How this was made"});
  document.blocks.emplace_back(Bullets{{made_by(result), fmt::format("sweep {}, inputs {}", result["sweep_hash"].text(),
                                                                     result["inputs_hash"].text())}});
}

}  // namespace nines::experiments::review
