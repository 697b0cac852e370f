#include "experiments/compare/compare_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "experiments/report/version.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

Json delta_json(const Delta& delta) {
  return {{"estimate", delta.value}, {"ci95", Json::array({delta.ci95.lower, delta.ci95.upper})}};
}

const SliResult* find(const CompareReport& report, std::size_t design, const SliDelta& of) {
  const models::Plan& plan = report.inputs[design]->plan;
  for (const SliResult& sli : report.result->designs[design].slis) {
    const auto& spec = plan.slis[sli.index];
    if (spec.name == of.sli && plan.services[spec.service].name == of.service) return &sli;
  }
  return nullptr;
}

const SliDelta& target_of(const CompareReport& report, const Difference& difference) {
  for (const SliDelta& sli : difference.slis) {
    if (sli.service + "/" + sli.sli == report.options.target) return sli;
  }
  return difference.slis.front();
}

// ---- text ----

/// "-0.41 (-0.45 to -0.37)"; "the same" where the two differ by less than anybody can see beside `size`.
std::string delta_text(const Delta& delta, double size, const std::function<std::string(double)>& number) {
  constexpr double visible = 1e-3;
  if (std::max(std::abs(delta.ci95.lower), std::abs(delta.ci95.upper)) <= visible * size) return "the same";
  const auto with_sign = [&](double value) { return value > 0 ? "+" + number(value) : number(value); };
  const std::string interval = fmt::format("({} to {})", with_sign(delta.ci95.lower), with_sign(delta.ci95.upper));
  return delta.told() ? with_sign(delta.value) + " " + interval : "not told " + interval;
}

std::string plain(double value) { return number_text(value); }

std::string money(double usd) { return money_text(static_cast<std::int64_t>(std::lround(usd * 100))); }

/// A line a design; what it is only where that differs from those before.
std::string designs_text(const CompareReport& report) {
  std::string text;
  std::vector<std::string> titles;
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    const std::string& title = report.inputs[i]->plan.topology.title;
    const bool fresh = std::find(titles.begin(), titles.end(), title) == titles.end();
    titles.push_back(title);
    text += fmt::format("  {}  {}, {} a month{}{}\n", static_cast<char>('A' + i % 26),
                        escape::visible(report.labels[i]), money_text(report.result->designs[i].bill.cents()),
                        fresh ? ": " : "", fresh ? escape::visible(title) : "");
  }
  return text;
}

/// One sentence a design: what an architect would say in a review.
std::string verdict_text(const CompareReport& report, std::size_t i) {
  const Difference& difference = report.result->differences[i - 1];
  const SliDelta& target = target_of(report, difference);
  const Delta& down = target.downtime_minutes_per_year;
  const char name = static_cast<char>('A' + i % 26);
  const double first = find(report, 0, target)->unavailability.value.value_or(0) * sim::minutes_per_year;
  std::string text;
  if (down.ci95.lower == 0 && down.ci95.upper == 0) {
    text = fmt::format("{} is out exactly when A is", name);
  } else if (!down.told()) {
    text = fmt::format("{} and A are not told apart: they differ by less than {} min/yr", name,
                       plain(std::max(-down.ci95.lower, down.ci95.upper)));
  } else {
    text = fmt::format("{} is out {} min/yr {} than A ({} to {})", name, plain(std::abs(down.value)),
                       down.value < 0 ? "less" : "more",
                       plain(std::min(std::abs(down.ci95.lower), std::abs(down.ci95.upper))),
                       plain(std::max(std::abs(down.ci95.lower), std::abs(down.ci95.upper))));
    if (first > 0) text += fmt::format(", {} % of A's", number_text(100 * std::abs(down.value) / first, 2));
  }
  const double usd = difference.cost_usd_per_month.value;
  text += std::abs(usd) < 0.5 ? "; costs the same"
                              : fmt::format("; costs {} a month {}", money(std::abs(usd)), usd < 0 ? "less" : "more");
  if (target.losses_per_year.told()) {
    text += fmt::format("; loses records {} often", target.losses_per_year.value < 0 ? "less" : "more");
  }
  if (down.told() && !difference.faults.empty()) text += fmt::format("; mostly by {}", difference.faults.front().fault);
  return "  " + text + "\n";
}

/// One figure of an SLI, design below design.
void add_figure(TextTable& table, std::string_view figure, const std::vector<std::array<std::string, 3>>& rows) {
  bool first = true;
  for (const auto& [design, value, against] : rows) {
    table.add({first ? std::string(figure) : "", design, value, against});
    first = false;
  }
}

std::string sli_text(const CompareReport& report, const SliDelta& of) {
  using Align = TextTable::Align;
  TextTable table({"figure", "design", "value", "against A (95 %)"},
                  {Align::left, Align::left, Align::left, Align::left});
  table.keys(2);
  std::vector<std::array<std::string, 3>> availability, down, outages, mean, p95, lost;
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    const SliResult* sli = find(report, i, of);
    if (sli == nullptr) continue;
    const SliDelta* delta = nullptr;
    if (i > 0) {
      for (const SliDelta& candidate : report.result->differences[i - 1].slis) {
        if (candidate.service == of.service && candidate.sli == of.sli) delta = &candidate;
      }
    }
    const auto duration = [](const std::optional<double>& s) { return s ? duration_text(*s) : std::string("-"); };
    const sim::Estimate minutes = sim::scaled(sli->unavailability, sim::minutes_per_year);
    const std::string sampling =
        minutes.ci95 ? fmt::format(" ({} to {})", plain(minutes.ci95->lower), plain(minutes.ci95->upper)) : "";
    const auto against = [&](const Delta SliDelta::*member, const std::optional<double>& size) {
      return delta != nullptr ? delta_text(delta->*member, size.value_or(0), plain) : std::string();
    };
    const std::string name(1, static_cast<char>('A' + i % 26));
    availability.push_back({name, availability_text(sli->unavailability), ""});
    down.push_back({name, minutes.value ? plain(*minutes.value) + sampling : "-",
                    against(&SliDelta::downtime_minutes_per_year, minutes.value)});
    outages.push_back({name, sli->outages_per_year.value ? plain(*sli->outages_per_year.value) : "-",
                       against(&SliDelta::outages_per_year, sli->outages_per_year.value)});
    mean.push_back({name, duration(sli->recovery.mean),
                    delta != nullptr && delta->mean_outage_s
                        ? delta_text(*delta->mean_outage_s, sli->recovery.mean.value_or(0), duration_text)
                        : ""});
    p95.push_back({name, duration(sli->recovery.p95), ""});
    lost.push_back({name, loss_text(sli->loss.records_per_year),
                    against(&SliDelta::records_lost_per_year, sli->loss.records_per_year.value)});
  }
  add_figure(table, "availability", availability);
  add_figure(table, "down min/yr (95 %)", down);
  add_figure(table, "outages/yr", outages);
  add_figure(table, "mean outage", mean);
  add_figure(table, "p95 outage", p95);
  add_figure(table, "records lost/yr", lost);
  return fmt::format("\n{}/{}\n", of.service, of.sli) + table.text();
}

std::string faults_text(const CompareReport& report, std::size_t i) {
  using Align = TextTable::Align;
  constexpr std::size_t most_rows = 8;
  const char name = static_cast<char>('A' + i % 26);
  const Difference& difference = report.result->differences[i - 1];
  TextTable table({"fault", "A faults/yr", fmt::format("{} faults/yr", name), "A down min/yr",
                   fmt::format("{} down min/yr", name), fmt::format("{} - A (95 %)", name)},
                  {Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  std::size_t same = 0;
  std::size_t shown = 0;
  for (const FaultDelta& fault : difference.faults) {
    const std::string difference_text = delta_text(fault.minutes, fault.minutes_first, plain);
    if (difference_text == "the same") {
      ++same;
      continue;
    }
    if (shown++ >= most_rows) continue;
    table.add({fault.fault, plain(fault.rate_first), plain(fault.rate_this), plain(fault.minutes_first),
               plain(fault.minutes_this), difference_text});
  }
  if (table.empty()) return "";
  return fmt::format("\nWhich faults make the difference between A and {} ({})\n", name, report.options.target) +
         table.text() + (shown > most_rows ? fmt::format("  {} more\n", shown - most_rows) : "") +
         (same > 0 ? fmt::format("  {} with no difference to speak of\n", counted(same, "fault")) : "");
}

/// What is not told apart wants more incidents; else the design that is out least is looked at by itself.
std::string next_text(const CompareReport& report) {
  if (report.command == nullptr) return "";
  const Comparison& result = *report.result;
  const bool precise = std::all_of(result.differences.begin(), result.differences.end(),
                                   [](const Difference& difference) { return difference.precise; });
  CommonOptions inputs = report.command->common;
  if (!precise) {
    constexpr std::uint64_t more = 4;
    std::vector<std::string> words = command_words("compare", report.command->topologies, inputs);
    for (const std::string& variant : report.command->variants) words.insert(words.end(), {"--variant", variant});
    if (!report.command->sli.empty()) words.insert(words.end(), {"--sli", report.command->sli});
    words.insert(words.end(), {"--max-incidents", fmt::format("{}", report.options.max_incidents * more)});
    return "\n" + command_text("Next: ", words);
  }
  std::size_t best = 0;
  double most_saved = 0;
  for (std::size_t i = 1; i < report.labels.size(); ++i) {
    const Delta& down = target_of(report, result.differences[i - 1]).downtime_minutes_per_year;
    if (!down.told() || down.value >= most_saved) continue;
    best = i;
    most_saved = down.value;
  }
  inputs.sets.insert(inputs.sets.end(), report.edits[best].begin(), report.edits[best].end());
  return fmt::format("\n{} is out least; whether it meets its SLA, whatever the inputs are:\n",
                     static_cast<char>('A' + best % 26)) +
         command_text("Next: ", command_words("assess", {report.topologies[best]}, inputs));
}

}  // namespace

namespace {

/// What the designs leave out, each once.
std::vector<LeftOut> left_out_of(const CompareReport& report) {
  std::vector<const models::Plan*> plans;
  for (const Input* input : report.inputs) plans.push_back(&input->plan);
  return left_out(plans);
}

/// What was said when the designs were read, each once.
std::vector<std::string> warnings_of_inputs(const CompareReport& report) {
  std::vector<std::string> list;
  for (const Input* input : report.inputs) {
    for (const std::string& line : input->loaded.warnings) {
      if (std::find(list.begin(), list.end(), line) == list.end()) list.push_back(line);
    }
  }
  return list;
}

}  // namespace

std::string compare_text(const CompareReport& report) {
  const Comparison& result = *report.result;
  std::string text =
      fmt::format("{} designs under the same faults: {} incidents in {} blocks, {} to plan them, seed {}.\n",
                  report.labels.size(), result.incidents, result.blocks, result.planning, report.seed);
  if (report.options.independent) {
    text =
        fmt::format("{} designs, each under faults of its own: {} incidents in {} blocks, {} to plan them, seed {}.\n",
                    report.labels.size(), result.incidents, result.blocks, result.planning, report.seed);
  }
  text += designs_text(report) + "\n";
  for (std::size_t i = 1; i < report.labels.size(); ++i) text += verdict_text(report, i);
  for (const SliDelta& sli : result.differences.front().slis) text += sli_text(report, sli);
  for (std::size_t i = 1; i < report.labels.size(); ++i) text += faults_text(report, i);
  text += "\n";
  for (std::size_t i = 1; i < report.labels.size(); ++i) {
    const Difference& difference = result.differences[i - 1];
    const char name = static_cast<char>('A' + i % 26);
    if (!report.options.independent) {
      constexpr double most = 1000;
      text += fmt::format("{} - A: without common faults this interval would take {} times the incidents.\n", name,
                          difference.saving > most ? "over 1000" : number_text(difference.saving, 2));
    }
    if (!difference.precise) {
      text += fmt::format("{} - A is not yet known to {:.3g} % of it or of A: raise --max-incidents.\n", name,
                          report.options.precision * 100);
    }
  }
  text += boundary_text(left_out_of(report));
  return text + list_text("Read this too", warnings_of_inputs(report)) + next_text(report);
}

Json compare_json(const CompareReport& report) {
  const Comparison& result = *report.result;
  Json designs = Json::array();
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    const Input& input = *report.inputs[i];
    AssessReport assess{&input.loaded, &input.plan, &result.designs[i], nullptr, {}, "", 0};
    assess.options.risk = report.options.risk;
    const Json whole = assess_json(assess);
    designs.push_back({{"label", report.labels[i]},
                       {"topology", whole["topology"]},
                       {"hashes", whole["hashes"]},
                       {"services", whole["services"]},
                       {"cost", whole["cost"]},
                       {"incidents", result.designs[i].incidents}});
  }
  Json differences = Json::array();
  for (std::size_t i = 1; i < report.labels.size(); ++i) {
    const Difference& difference = result.differences[i - 1];
    Json slis = Json::array();
    for (const SliDelta& sli : difference.slis) {
      slis.push_back({{"service", sli.service},
                      {"sli", sli.sli},
                      {"downtime_minutes_per_year", delta_json(sli.downtime_minutes_per_year)},
                      {"outages_per_year", delta_json(sli.outages_per_year)},
                      {"mean_outage_s", sli.mean_outage_s ? delta_json(*sli.mean_outage_s) : Json(nullptr)},
                      {"losses_per_year", delta_json(sli.losses_per_year)},
                      {"records_lost_per_year", delta_json(sli.records_lost_per_year)}});
    }
    Json faults = Json::array();
    for (const FaultDelta& fault : difference.faults) {
      faults.push_back({{"fault", fault.fault},
                        {"rate_per_year", Json::array({fault.rate_first, fault.rate_this})},
                        {"downtime_minutes_per_year", Json::array({fault.minutes_first, fault.minutes_this})},
                        {"difference", delta_json(fault.minutes)}});
    }
    differences.push_back({{"from", report.labels[0]},
                           {"to", report.labels[i]},
                           {"slis", std::move(slis)},
                           {"cost_usd_per_month", delta_json(difference.cost_usd_per_month)},
                           {"faults", std::move(faults)},
                           {"precise", difference.precise},
                           {"incidents_saved_factor", difference.saving}});
  }
  Json run = {{"incidents", result.incidents},
              {"planning_incidents", result.planning},
              {"blocks", result.blocks},
              {"events", result.events}};
  if (report.command != nullptr && report.command->common.timing) run["wall_s"] = report.wall_s;
  return {{"schema", "nines/comparison/1"},
          {"version", version()},
          {"seed", report.seed},
          {"target", report.options.target},
          {"paired", !report.options.independent},
          {"designs", std::move(designs)},
          {"differences", std::move(differences)},
          {"not_modelled", left_out_lines(left_out_of(report))},
          {"left_out", left_out_json(left_out_of(report))},
          {"warnings", warnings_of_inputs(report)},
          {"run", std::move(run)}};
}

std::string compare_csv(const CompareReport& report) {
  std::string text =
      csv_line({"from", "to", "service", "sli", "figure", "first", "this", "difference", "ci95_low", "ci95_high"});
  for (std::size_t i = 1; i < report.labels.size(); ++i) {
    const Difference& difference = report.result->differences[i - 1];
    const auto line = [&](const SliDelta* sli, std::string_view figure, std::optional<double> first,
                          std::optional<double> second, const Delta& delta) {
      const auto cell = [](const std::optional<double>& value) { return value ? csv_number(*value) : std::string(); };
      text += csv_line({report.labels[0], report.labels[i], sli != nullptr ? sli->service : "",
                        sli != nullptr ? sli->sli : "", std::string(figure), cell(first), cell(second),
                        csv_number(delta.value), csv_number(delta.ci95.lower), csv_number(delta.ci95.upper)});
    };
    for (const SliDelta& sli : difference.slis) {
      const SliResult& a = *find(report, 0, sli);
      const SliResult& b = *find(report, i, sli);
      const auto minutes = [](const SliResult& of) {
        return sim::scaled(of.unavailability, sim::minutes_per_year).value;
      };
      line(&sli, "downtime_minutes_per_year", minutes(a), minutes(b), sli.downtime_minutes_per_year);
      line(&sli, "outages_per_year", a.outages_per_year.value, b.outages_per_year.value, sli.outages_per_year);
      if (sli.mean_outage_s) line(&sli, "mean_outage_s", a.recovery.mean, b.recovery.mean, *sli.mean_outage_s);
      line(&sli, "losses_per_year", a.loss.events_per_year.value, b.loss.events_per_year.value, sli.losses_per_year);
      line(&sli, "records_lost_per_year", a.loss.records_per_year.value, b.loss.records_per_year.value,
           sli.records_lost_per_year);
    }
    line(nullptr, "cost_usd_per_month", report.result->designs[0].bill.usd(), report.result->designs[i].bill.usd(),
         difference.cost_usd_per_month);
  }
  return text;
}

}  // namespace nines::experiments
