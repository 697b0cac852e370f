// Designs compared under the same faults, and single changes of a design, on a page.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/report/text.hpp"
#include "experiments/review/sections.hpp"

namespace nines::experiments::review {

namespace {

std::string money_difference(const sim::Estimate& usd) {
  constexpr double visible = 0.5;
  if (!usd.value || std::abs(*usd.value) < visible) return "the same";
  return (*usd.value > 0 ? "+" : "-") + money(std::abs(*usd.value));
}

char letter(std::size_t design) { return static_cast<char>('A' + design % 26); }

/// The figures of one design for the SLI that was compared.
struct Design {
  std::string label;
  sim::Estimate unavailability;
  sim::Estimate minutes;
  double usd = 0;
  std::string verdict;
};

Design design_of(const Value& value, const std::string& target) {
  Design design;
  design.label = value["label"].text();
  design.usd = value["cost"]["monthly_usd"].number();
  for (const Value& service : value["services"].items()) {
    for (const Value& sli : service["slis"].items()) {
      if (service["name"].text() + "/" + sli["name"].text() != target) continue;
      design.unavailability = sli["unavailability"].estimate();
      design.minutes = sli["downtime_minutes_per_year"].estimate();
      if (const auto sla = sli.find("sla")) design.verdict = (*sla)["verdict"].text();
    }
  }
  return design;
}

void add_cost_against_nines(Document& document, const std::vector<Design>& designs, const std::string& target) {
  Scatter scatter;
  for (std::size_t i = 0; i < designs.size(); ++i) {
    if (!designs[i].minutes.value || *designs[i].minutes.value <= 0 || designs[i].usd <= 0) return;
    Scatter::Point point{
        designs[i].usd, *designs[i].minutes.value, std::nullopt, std::nullopt, std::string(1, letter(i)), false, 0};
    if (designs[i].minutes.ci95 && designs[i].minutes.ci95->lower > 0) {
      point.low = designs[i].minutes.ci95->lower;
      point.high = designs[i].minutes.ci95->upper;
    }
    scatter.points.push_back(std::move(point));
  }
  if (scatter.points.size() < 2) return;
  scatter.title = "Cost against downtime";
  scatter.summary = fmt::format("Downtime of {} over the monthly bill of each design; higher is better.", target);
  scatter.x_heading = "$ a month";
  scatter.y_heading = "down min/yr";
  scatter.y_log = true;
  scatter.y_down = true;
  document.blocks.emplace_back(std::move(scatter));
}

/// "This change saves 0.4 min/yr (0.3 to 0.5) and costs $120 a month more."
std::string sentence(const std::string& name, const sim::Estimate& down, const sim::Estimate& usd) {
  std::string text = name;
  const bool same = down.value && *down.value == 0 && (!down.ci95 || (down.ci95->lower == 0 && down.ci95->upper == 0));
  const bool told = down.ci95 && (down.ci95->lower > 0 || down.ci95->upper < 0);
  if (same || !down.value) {
    text += " changes nothing of the downtime";
  } else if (!told) {
    text += fmt::format(" is not told apart in downtime (it differs by less than {} min/yr)",
                        number_text(std::max(std::abs(down.ci95 ? down.ci95->lower : *down.value),
                                             std::abs(down.ci95 ? down.ci95->upper : *down.value)),
                                    2));
  } else {
    const double low = std::min(std::abs(down.ci95->lower), std::abs(down.ci95->upper));
    const double high = std::max(std::abs(down.ci95->lower), std::abs(down.ci95->upper));
    text += fmt::format(" {} {} min/yr ({} to {})", *down.value < 0 ? "saves" : "costs",
                        number_text(std::abs(*down.value)), number_text(low), number_text(high));
  }
  constexpr double visible = 0.5;
  if (!usd.value || std::abs(*usd.value) < visible) return text + " and costs the same.";
  return text + fmt::format(" and {} {} a month.", *usd.value < 0 ? "saves" : "costs", money(std::abs(*usd.value)));
}

std::optional<Value> sli_of(const Value& difference, const std::string& target) {
  for (const Value& sli : difference["slis"].items())
    if (sli_of_row(sli) == target) return sli;
  return std::nullopt;
}

/// What the second design does to the SLI that was compared, and to the bill.
struct Change {
  sim::Estimate down;
  sim::Estimate usd;
};

Change change_of(const Value& comparison) {
  const std::vector<Value> differences = comparison["differences"].items();
  if (differences.empty()) comparison.refuse("a comparison of two designs");
  const auto sli = sli_of(differences.front(), comparison["target"].text());
  if (!sli) comparison.refuse("differences of the SLI that is its target");
  return {(*sli)["downtime_minutes_per_year"].estimate(), differences.front()["cost_usd_per_month"].estimate()};
}

}  // namespace

std::string change_sentence(const Value& comparison) {
  const Change change = change_of(comparison);
  return sentence("This change", change.down, change.usd);
}

bool surely_worse(const Value& comparison) {
  const Change change = change_of(comparison);
  return change.down.ci95 && change.down.ci95->lower > 0;
}

Document change(const Value& comparison) {
  Document document;
  document.title = change_sentence(comparison);
  document.subtitle = fmt::format("The same faults on both, by {}.", comparison["target"].text());
  add_comparison(document, comparison);
  return document;
}

void add_comparison(Document& document, const Value& result) {
  const std::string target = result["target"].text();
  std::vector<Design> designs;
  for (const Value& design : result["designs"].items()) designs.push_back(design_of(design, target));
  const std::vector<Value> differences = result["differences"].items();
  if (designs.size() != differences.size() + 1) result.refuse("a comparison of each design with the first one");
  std::string names;
  for (const Design& design : designs) names += (names.empty() ? "" : " or ") + design.label;
  if (document.title.empty()) {
    document.title = names + "?";
    document.subtitle = fmt::format("{} under the same faults, by {}", counted(designs.size(), "design"), target);
  } else {
    document.blocks.emplace_back(Paragraph{names});
  }
  for (std::size_t i = 0; i < differences.size(); ++i) {
    const auto sli = sli_of(differences[i], target);
    if (!sli) result.refuse("differences of the SLI that is its target");
    const sim::Estimate down = (*sli)["downtime_minutes_per_year"].estimate();
    const bool told = down.ci95 && (down.ci95->lower > 0 || down.ci95->upper < 0);
    const Tone tone = !told || !down.value ? Tone::open : *down.value < 0 ? Tone::good : Tone::bad;
    document.blocks.emplace_back(
        Verdict{tone,
                !told || !down.value ? "NO DIFFERENCE TOLD"
                : *down.value < 0    ? "BETTER"
                                     : "WORSE",
                sentence(designs[i + 1].label, down, differences[i]["cost_usd_per_month"].estimate())});
    if (!differences[i]["precise"].flag())
      document.blocks.emplace_back(
          Paragraph{"This difference is not known as well as was asked for: more incidents make it sharper."});
  }
  Table table{fmt::format("The designs, by {}", target),
              {{"label"},
               {"design"},
               {"availability"},
               {"down min/yr", true},
               {"against A", true},
               {"a month", true},
               {"against A", true},
               {"SLA"}}};
  for (std::size_t i = 0; i < designs.size(); ++i) {
    const Design& design = designs[i];
    std::string down = "";
    std::string usd = "";
    if (i > 0) {
      down = difference_text((*sli_of(differences[i - 1], target))["downtime_minutes_per_year"].estimate(), "");
      usd = money_difference(differences[i - 1]["cost_usd_per_month"].estimate());
    }
    table.rows.push_back({std::string(1, letter(i)), design.label, availability_text(design.unavailability),
                          interval_text(design.minutes), down, money(design.usd), usd,
                          design.verdict.empty() ? "no target" : design.verdict});
  }
  document.blocks.emplace_back(std::move(table));
  add_cost_against_nines(document, designs, target);
  for (std::size_t i = 0; i < differences.size(); ++i) {
    Table faults{fmt::format("Which faults make the difference between A and {}", letter(i + 1)),
                 {{"fault"},
                  {"A down min/yr", true},
                  {fmt::format("{} down min/yr", letter(i + 1)), true},
                  {"difference", true}}};
    double most = 0;
    for (const Value& fault : differences[i]["faults"].items())
      most = std::max(most, std::abs(fault["difference"].estimate().value.value_or(0)));
    for (const Value& fault : differences[i]["faults"].items()) {
      const sim::Estimate difference = fault["difference"].estimate();
      const double value = difference.value.value_or(0);
      constexpr double visible = 1e-3;
      if (most <= 0 || std::abs(value) < visible * most) continue;
      const sim::Interval minutes = fault["downtime_minutes_per_year"].interval();
      // Left of the middle: less downtime.
      faults.drawings.push_back(
          {{Mark::Shape::line, 0.5, 0.5, 7}, {Mark::Shape::bar, 0.5, 0.5 + value / most / 2, value < 0 ? 2 : 3}});
      faults.rows.push_back({fault["fault"].text(), number_text(minutes.lower), number_text(minutes.upper),
                             difference_text(difference, "")});
    }
    faults.drawing_heading = "less | more downtime";
    if (!faults.rows.empty()) document.blocks.emplace_back(std::move(faults));
  }
  add_limits(document, result);
  document.blocks.emplace_back(Heading{"How this was made"});
  document.blocks.emplace_back(
      Bullets{{fmt::format("{}, {:.0f} incidents", made_by(result), result["run"]["incidents"].number())}});
}

void add_advice(Document& document, const Value& result) {
  const std::string target = result["target"].text();
  const Value base = result["base"];
  if (document.title.empty()) {
    document.title = fmt::format("What to change first in {}", result["topology"].text());
    document.subtitle = fmt::format("single changes under the same faults, by {}", target);
  }
  document.blocks.emplace_back(Heading{"What to change first"});
  const auto usd = number_at(base, "cost_usd_per_month");
  document.blocks.emplace_back(
      Paragraph{fmt::format("As it is, {} is down {} min a year{}. Each change by itself, under the same faults; two "
                            "together may give more or "
                            "less than their sum.",
                            target, interval_text(base["downtime_minutes_per_year"].estimate()),
                            usd ? fmt::format(" for {} a month", money(*usd)) : "")});
  Table table{"Single changes that surely help, most for the money first",
              {{"change"}, {"down min/yr", true}, {"a month", true}, {"SLA"}, {"how", false, true}}};
  Table harms{"What harms", {{"change"}, {"down min/yr", true}, {"a month", true}}};
  Scatter scatter;
  const double now = base["downtime_minutes_per_year"].estimate().value.value_or(0);
  if (usd && now > 0) scatter.points.push_back({*usd, now, std::nullopt, std::nullopt, "as it is", false, 3});
  double most = 0;
  for (const Value& change : result["changes"].items())
    if (change["effect"].text() == "helps" && !change["what_if"].flag())
      most = std::max(most, std::abs(change["downtime_minutes_per_year"].estimate().value.value_or(0)));
  for (const Value& change : result["changes"].items()) {
    const std::string effect = change["effect"].text();
    const sim::Estimate down = change["downtime_minutes_per_year"].estimate();
    const auto cost = change.find("cost_usd_per_month");
    const std::string price = cost ? money_difference(cost->estimate()) : "no price";
    if (effect == "harms") harms.rows.push_back({change["title"].text(), difference_text(down, ""), price});
    if (effect != "helps" || change["what_if"].flag()) continue;
    std::string how;
    for (const std::string& set : change["set"].texts()) how += (how.empty() ? "" : " ") + set;
    if (most > 0)
      table.drawings.push_back({{Mark::Shape::bar, 0, std::abs(down.value.value_or(0)) / most, 2}});
    else
      table.drawings.emplace_back();
    table.rows.push_back({change["title"].text(), difference_text(down, ""), price,
                          text_at(change, "verdict").empty() ? "no target" : text_at(change, "verdict"), how});
    if (usd && cost && cost->estimate().value && now + down.value.value_or(0) > 0)
      scatter.points.push_back({*usd + *cost->estimate().value, now + down.value.value_or(0), std::nullopt,
                                std::nullopt, change["name"].text(), false, 0});
  }
  table.drawing_heading = "downtime saved";
  if (table.rows.empty()) {
    document.blocks.emplace_back(Paragraph{"No single change of the catalogue surely helps."});
  } else {
    document.blocks.emplace_back(std::move(table));
  }
  constexpr std::size_t too_many = 14;
  if (scatter.points.size() > 1) {
    if (scatter.points.size() > too_many)
      for (Scatter::Point& point : scatter.points)
        if (point.series == 0) point.label.clear();
    scatter.title = "Cost against downtime";
    scatter.summary =
        fmt::format("Downtime of {} over the monthly bill, of the design and each change; higher is better.", target);
    scatter.x_heading = "$ a month";
    scatter.y_heading = "down min/yr";
    scatter.y_log = true;
    scatter.y_down = true;
    document.blocks.emplace_back(std::move(scatter));
  }
  if (!harms.rows.empty()) document.blocks.emplace_back(std::move(harms));
}

}  // namespace nines::experiments::review
