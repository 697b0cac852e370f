#include <fmt/format.h>

#include <algorithm>

#include "experiments/assess_output.hpp"
#include "experiments/text.hpp"
#include "models/structure/cut_sets.hpp"

namespace nines::experiments {

namespace {

constexpr double minutes_per_year = 8760.0 * 60;

std::string percent(double share, int digits = 3) { return number_text(share * 100, digits) + " %"; }

std::string label(const AssessReport& report, const SliResult& sli) {
  return fmt::format("{}/{}", service_of(report, sli), plan_of(report, sli).name);
}

std::string head_text(const AssessReport& report) {
  const models::Plan& plan = *report.plan;
  const Assessment& result = *report.result;
  return fmt::format(
      "{}: {}\n{}: {}, {}, {}.\nSimulated {:.0f} years of faults and planned work ({} incidents, {} events), seed "
      "{}.\n",
      plan.topology.name, plan.topology.title, plan.topology.region, counted(plan.zones.size(), "zone"),
      counted(plan.nodes.size(), "node"), counted(plan.processes.size(), "pod"), result.years, result.incidents,
      result.events, plan.seed);
}

std::string breach_text(const SlaResult& sla) {
  const sim::Estimate& breach = sla.breach_probability;
  if (breach.value && breach.ci95) {
    return fmt::format("breached in {} of windows ({} to {})", percent(*breach.value, 2),
                       percent(breach.ci95->lower, 2), percent(breach.ci95->upper, 2));
  }
  if (breach.upper95)
    return fmt::format("no breach in {} windows (at most {})", sla.windows.value_or(0), percent(*breach.upper95, 2));
  return fmt::format("breached in each of {} windows (at least {})", sla.windows.value_or(0),
                     percent(breach.lower95.value_or(0), 2));
}

std::string sla_text(const AssessReport& report) {
  std::string text;
  for (const SliResult& sli : report.result->slis) {
    if (!sli.sla) continue;
    std::string verdict(verdict_name(sli.sla->verdict));
    std::transform(verdict.begin(), verdict.end(), verdict.begin(),
                   [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    text += fmt::format("  {:<8}  {} {} % in {:.0f} h: {}; credit ${:.2f} a month\n", verdict, label(report, sli),
                        sli.sla->spec.target * 100, seconds(sli.sla->spec.window) / 3600, breach_text(*sli.sla),
                        credit_usd(report, *sli.sla));
  }
  if (text.empty()) return text;
  return fmt::format("\nSLA (met if at most {} of windows may breach it)\n", percent(report.options.risk)) + text;
}

std::string availability_cell(const SliResult& sli) {
  if (sli.unavailability.value) return availability_text(*sli.unavailability.value);
  return "not seen out, > " + availability_text(sli.unavailability.upper95.value_or(1));
}

std::string interval_cell(const sim::Estimate& minutes) {
  if (minutes.ci95) return fmt::format("{} to {}", number_text(minutes.ci95->lower), number_text(minutes.ci95->upper));
  return minutes.upper95 ? "< " + number_text(*minutes.upper95) : "";
}

std::string duration_cell(const std::optional<double>& value) { return value ? duration_text(*value) : "-"; }
std::string number_cell(const std::optional<double>& value) { return value ? number_text(*value) : "-"; }

std::string request_cell(const SliResult& sli) {
  if (sli.request_unavailability.value) return availability_text(*sli.request_unavailability.value);
  return "> " + availability_text(sli.request_unavailability.upper95.value_or(1));
}

std::string slis_text(const AssessReport& report) {
  using Align = TextTable::Align;
  TextTable table({"SLI", "availability", "down min/yr", "95 % interval", "without planned work", "requests served"},
                  {Align::left, Align::left, Align::right, Align::right, Align::right, Align::left});
  for (const SliResult& sli : report.result->slis) {
    const sim::Estimate minutes = sim::scaled(sli.unavailability, minutes_per_year);
    table.add({label(report, sli), availability_cell(sli), number_cell(minutes.value), interval_cell(minutes),
               sli.outages > 0 ? number_text(sli.without_planned * minutes_per_year) : "-", request_cell(sli)});
  }
  return "\nWhat clients see\n" + table.text();
}

std::string recovery_text(const AssessReport& report) {
  using Align = TextTable::Align;
  TextTable table(
      {"SLI", "outages/yr", "mean", "p50", "p95", "p99", "never ended", "records lost/yr"},
      {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right});
  for (const SliResult& sli : report.result->slis) {
    const RecoveryTime& recovery = sli.recovery;
    table.add({label(report, sli), number_cell(sli.outages_per_year.value), duration_cell(recovery.mean),
               duration_cell(recovery.p50), duration_cell(recovery.p95), duration_cell(recovery.p99),
               recovery.censored_share > 0 ? percent(recovery.censored_share, 2) : "none",
               sli.loss.records_per_year.value ? number_text(*sli.loss.records_per_year.value) : "none seen"});
  }
  return "\nHow long an outage lasts, what is lost\n" + table.text();
}

/// Rows of one fault over all its targets.
struct FaultSum {
  std::string fault;
  std::size_t targets = 0;
  double rate = 0;
  std::uint64_t outages = 0;
  double share = 0;
  double length = 0;
  std::map<std::string, double> phases;
  std::map<std::string, double> parameters;
};

std::vector<FaultSum> sums_of(const Assessment& result, std::size_t sli) {
  std::vector<FaultSum> sums;
  for (const BudgetRow& row : result.budget) {
    if (row.sli != sli || row.outages == 0) continue;
    auto sum = std::find_if(sums.begin(), sums.end(), [&](const FaultSum& other) { return other.fault == row.fault; });
    if (sum == sums.end()) sum = sums.insert(sums.end(), FaultSum{row.fault, 0, 0, 0, 0, 0, {}, {}});
    ++sum->targets;
    sum->rate += row.rate_per_year;
    sum->outages += row.outages;
    sum->share += row.downtime_share;
    const double weight = row.mean_outage_s.value_or(0) * static_cast<double>(row.outages);
    sum->length += weight;
    for (const auto& [name, length] : row.phases_s) sum->phases[name] += length * static_cast<double>(row.outages);
    sum->parameters[row.dominant_parameter] += weight;
  }
  std::stable_sort(sums.begin(), sums.end(), [](const FaultSum& a, const FaultSum& b) { return a.share > b.share; });
  return sums;
}

std::string largest_of(const std::map<std::string, double>& parts) {
  std::string name;
  double most = 0;
  for (const auto& [part, size] : parts) {
    if (size > most) name = part;
    most = std::max(most, size);
  }
  return name.empty() ? "-" : name;
}

std::string phases_text(const FaultSum& sum) {
  std::vector<std::pair<double, std::string>> parts;
  for (const auto& [name, length] : sum.phases) parts.emplace_back(-length, name);
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (std::size_t at = 0; at < std::min<std::size_t>(3, parts.size()); ++at) {
    text += fmt::format("{}{} {:.0f} %", at == 0 ? "" : ", ", parts[at].second, -parts[at].first / sum.length * 100);
  }
  return text.empty() ? "-" : text;
}

std::string budget_text(const AssessReport& report, std::size_t index) {
  using Align = TextTable::Align;
  TextTable table(
      {"share", "fault", "targets", "faults/yr", "outages seen", "mean outage", "spent in", "set by"},
      {Align::right, Align::left, Align::right, Align::right, Align::right, Align::right, Align::left, Align::left});
  for (const FaultSum& sum : sums_of(*report.result, index)) {
    table.add({fmt::format("{:.1f} %", sum.share * 100), sum.fault, fmt::format("{}", sum.targets),
               number_text(sum.rate), fmt::format("{}", sum.outages),
               duration_text(sum.length / static_cast<double>(sum.outages)), phases_text(sum),
               largest_of(sum.parameters)});
  }
  if (table.empty()) return "";
  return fmt::format("\nWhere the downtime of {} comes from\n", label(report, report.result->slis[index])) +
         table.text();
}

/// What must be lost together, from the structure: the other half of a failure-mode table, without times.
std::string cut_sets_text(const AssessReport& report, std::size_t index) {
  namespace structure = models::structure;
  using Align = TextTable::Align;
  constexpr std::size_t most_rows = 8;
  const SliResult& sli = report.result->slis[index];
  const structure::CutSets cuts = structure::minimal_cut_sets(*report.plan, sli.index);
  const auto groups = structure::grouped(*report.plan, cuts);
  if (groups.empty()) return "";
  TextTable table({"parts", "sets", "lost together"}, {Align::right, Align::right, Align::left});
  bool order_matters = false;
  for (std::size_t at = 0; at < std::min(most_rows, groups.size()); ++at) {
    const structure::CutGroup& group = groups[at];
    order_matters = order_matters || group.order_matters;
    table.add({fmt::format("{}", group.order), fmt::format("{}", group.count),
               group.text + (group.order_matters ? " (*)" : "")});
  }
  const std::size_t single = structure::single_points_of_failure(cuts).size();
  std::string text =
      fmt::format("\nWhat takes {} down if lost together, by structure: {}\n", label(report, sli),
                  single == 0 ? "no single point of failure" : counted(single, "single point") + " of failure") +
      table.text();
  if (groups.size() > most_rows) text += fmt::format("  {} more kinds of sets\n", groups.size() - most_rows);
  if (order_matters) text += "  (*) if the controllers have lost their majority by the time a replica is lost\n";
  text += cuts.complete ? fmt::format("  sets of up to {} parts\n", cuts.order)
                        : fmt::format("  of more than {} parts some sets are missing\n", cuts.certain);
  return text;
}

/// The first SLI of each service; the others are in the JSON.
std::string budgets_text(const AssessReport& report) {
  std::string text;
  std::size_t service = static_cast<std::size_t>(-1);
  for (std::size_t sli = 0; sli < report.result->slis.size(); ++sli) {
    const std::size_t of = plan_of(report, report.result->slis[sli]).service;
    if (of == service) continue;
    service = of;
    text += budget_text(report, sli) + cut_sets_text(report, sli);
  }
  return text;
}

std::string cost_text(const AssessReport& report) {
  using Align = TextTable::Align;
  const models::economics::Bill& bill = report.result->bill;
  TextTable table({"item", "a month"}, {Align::left, Align::right});
  for (const auto& item : bill.items) table.add({item.name, money_text(item.cents)});
  table.add({"total", money_text(bill.cents())});
  return fmt::format("\nCost: {} a month ({}, list prices of {})\n", money_text(bill.cents()),
                     report.plan->topology.region, report.plan->topology.price_date) +
         table.text() + fmt::format("  not included: {}\n", fmt::join(models::economics::not_included(), "; "));
}

/// The sourced numbers that set most of the downtime.
std::string assumptions_text(const AssessReport& report) {
  using Align = TextTable::Align;
  std::map<std::string, double> weights;
  for (const BudgetRow& row : report.result->budget) weights[row.dominant_parameter] += row.downtime_share;
  TextTable table({"parameter", "value", "plausible range", "from"},
                  {Align::left, Align::left, Align::left, Align::left});
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [name, weight] : weights) order.emplace_back(-weight, name);
  std::sort(order.begin(), order.end());
  for (const auto& [weight, name] : order) {
    const auto& all = report.input->assumptions;
    const auto known = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.key == name; });
    if (known == all.end()) continue;
    table.add(
        {known->key, known->text, fmt::format("{} to {} {}", known->low, known->high, known->unit), known->origin});
  }
  if (table.empty()) return "";
  return fmt::format("\nNumbers that set most of this ({} in all: nines explain KEY {}, or --format json)\n",
                     report.input->assumptions.size(), report.topology_path) +
         table.text();
}

std::string list_text(std::string_view title, const auto& lines) {
  std::string text = fmt::format("\n{}\n", title);
  for (const auto& line : lines) text += fmt::format("  - {}\n", line);
  return text;
}

}  // namespace

std::string assess_text(const AssessReport& report) {
  std::string text = head_text(report) + sla_text(report) + slis_text(report) + recovery_text(report) +
                     budgets_text(report) + cost_text(report) + assumptions_text(report);
  if (!report.input->notes.empty()) text += list_text("The topology's author assumes", report.input->notes);
  text += list_text("Not modelled: what these cause comes on top", not_modelled());
  text += list_text("Read this too", warnings_of(report));
  text += fmt::format("\n{:.1f} s, {:.2g} events/s\nNext: nines replay {} zone-outage\n", report.wall_s,
                      report.wall_s > 0 ? static_cast<double>(report.result->events) / report.wall_s : 0,
                      report.topology_path);
  return text;
}

}  // namespace nines::experiments
