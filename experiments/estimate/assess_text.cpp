#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/backups.hpp"
#include "experiments/estimate/headline.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "models/service/kind.hpp"
#include "models/structure/cut_sets.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

std::string label(const AssessReport& report, const SliResult& sli) { return sli_name(*report.plan, sli.index); }

/// Machines and pods that are there in health: a slot may have none.
std::size_t machines_in_health(const models::Plan& plan) {
  std::size_t count = 0;
  for (const models::NodeId node : plan.nodes.ids()) count += plan.vacant(node) ? 0 : 1;
  return count;
}
std::size_t pods_in_health(const models::Plan& plan) {
  return static_cast<std::size_t>(
      std::ranges::count_if(plan.processes, [](const models::ProcessPlan& process) { return !process.parked; }));
}

std::string size_text(const models::Plan& plan) {
  std::vector<std::string> parts;
  if (!plan.topology.region.empty()) parts.push_back(plan.topology.region);
  const auto add = [&](std::size_t count, std::string_view what) {
    if (count > 0) parts.push_back(counted(count, what));
  };
  add(plan.zones.size(), "zone");
  add(machines_in_health(plan), "node");
  add(pods_in_health(plan), plan.has_kubernetes() ? "pod" : "server");
  add(plan.black_boxes.units.size(), "black-box unit");
  const bool grows = machines_in_health(plan) < plan.nodes.size() || pods_in_health(plan) < plan.processes.size();
  return fmt::format("{}{}", fmt::join(parts, ", "), grows ? " in health" : "");
}

/// Replications start healthy and are watched when they have forgotten it.
std::string warm_up_text(const Assessment& result) {
  if (result.warm_up_h <= 0) return "";
  return fmt::format(", {} replications each after a warm-up of {}", result.replications,
                     duration_text(result.warm_up_h * 3600));
}

std::string how_text(const AssessReport& report) {
  const Assessment& result = *report.result;
  switch (result.method) {
    case Method::timeline:
      return fmt::format("Simulated {:.0f} years of faults and planned work ({} incidents, {} events){}, seed {}.",
                         result.years, result.incidents, result.events, warm_up_text(result), report.plan->seed);
    case Method::incidents:
      return fmt::format(
          "{} initiating faults a year, {} until all is well again; {} incidents played with up to {} forced further "
          "{}, seed {}.",
          number_text(result.incidents_per_year), duration_text(result.mean_incident_s), result.incidents, result.depth,
          result.depth == 1 ? "fault" : "faults", report.plan->seed);
    case Method::automatic:
    case Method::exact: break;
  }
  return "Solved as a Markov chain: figures are exact, not sampled.";
}

/// Why this method, if the command chose it, and what the incidents say of an exact answer.
std::string choice_text(const AssessReport& report) {
  const Assessment& result = *report.result;
  if (result.method_reason.empty()) return "";
  std::string text = fmt::format("Method {}: {}\n", method_name(result.method), result.method_reason);
  if (!result.cross_check) return text;
  std::size_t held = 0;
  for (const CrossCheck::Sli& sli : result.cross_check->slis) held += sli.holds_exact ? 1U : 0U;
  const CrossCheck::Sli& target = result.cross_check->slis[report.options.target];
  return text +
         fmt::format(
             "Cross-check by {} incidents: {} of {} exact unavailabilities lie inside their {} % intervals ({}: {} "
             "to {} min/yr).\n",
             result.cross_check->incidents, held, result.cross_check->slis.size(), CrossCheck::confidence * 100,
             label(report, result.slis[report.options.target]),
             number_text(target.interval.lower * sim::minutes_per_year),
             number_text(target.interval.upper * sim::minutes_per_year));
}

/// Probability of an outage within the mission: all there is where nothing else was asked.
std::string mission_text(const AssessReport& report) {
  using Align = TextTable::Align;
  if (report.options.mission_h <= 0) return "";
  TextTable table({"SLI", "probability of an outage"}, {Align::left, Align::right});
  for (const SliResult& sli : report.result->slis) {
    if (sli.mission_failure) table.add({label(report, sli), fmt::format("{:.6g}", *sli.mission_failure)});
  }
  return fmt::format("\nWithin {:g} h of every unit whole\n", report.options.mission_h) + table.text();
}

/// What the file did not name and is planned all the same.
std::string planned_text(const models::Topology& topology) {
  const auto of = [&](bool restarts) {
    return std::ranges::any_of(topology.operations, [&](const models::OperationSpec& operation) {
      return operation.by_default && (operation.verb == "rolling-restart") == restarts &&
             models::planned_rate(topology, operation).per_hour > 0;
    });
  };
  std::vector<std::string> parts;
  if (of(true))
    parts.push_back(fmt::format("each service restarted {}/yr",
                                number_text(topology.changes.planned_restart_rate.per_hour * sim::hours_per_year)));
  if (of(false))
    parts.push_back(fmt::format("machines replaced {}/yr",
                                number_text(topology.changes.planned_replacement_rate.per_hour * sim::hours_per_year)));
  if (parts.empty()) return "";
  return fmt::format("Planned work by default, since the file names no 'operations': {}.\n", fmt::join(parts, ", "));
}

std::string head_text(const AssessReport& report) {
  const models::Plan& plan = *report.plan;
  return fmt::format("{}: {}\n{}.\n{}\n{}{}", plan.topology.name, escape::visible(plan.topology.title), size_text(plan),
                     how_text(report), planned_text(plan.topology), choice_text(report));
}

/// "0.060 % of windows breach it (sampling, 95 %: 0.057 % to 0.064 %)"
std::string breach_text(const SlaResult& sla) {
  const sim::Estimate& breach = sla.breach_probability;
  if (breach.value && breach.ci95) {
    if (breach.ci95->upper < beyond_belief) return "fewer than 0.0000001 % of windows breach it";
    return fmt::format("{} of windows breach it (sampling, 95 %: {} to {})", percent_text(*breach.value, 2),
                       percent_text(breach.ci95->lower, 2), percent_text(breach.ci95->upper, 2));
  }
  if (breach.value) return fmt::format("{} of windows breach it", percent_text(*breach.value, 3));
  if (breach.upper95 && !sla.windows)
    return fmt::format("at most {} of windows breach it", percent_text(*breach.upper95, 2));
  if (breach.upper95)
    return fmt::format("none of {} windows breached it (at most {} do)", sla.windows.value_or(0),
                       percent_text(*breach.upper95, 2));
  return fmt::format("each of {} windows breached it (at least {} do)", sla.windows.value_or(0),
                     percent_text(breach.lower95.value_or(0), 2));
}

Tone tone_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::meets: return Tone::good;
    case Verdict::breaches: return Tone::bad;
    case Verdict::open: break;
  }
  return Tone::open;
}

std::string sla_text(const AssessReport& report) {
  std::string text;
  for (const SliResult& sli : report.result->slis) {
    if (!sli.sla) continue;
    std::string verdict(verdict_name(sli.sla->verdict));
    std::transform(verdict.begin(), verdict.end(), verdict.begin(),
                   [](char c) { return static_cast<char>(c - 'a' + 'A'); });
    text += fmt::format("  {}{}  {}, {:.10g} % in {:.0f} h: {}. Credit ${:.2f} a month.\n",
                        painted(tone_of(sli.sla->verdict), verdict), std::string(8 - verdict.size(), ' '),
                        label(report, sli), sli.sla->spec.target * 100, seconds(sli.sla->spec.window) / 3600,
                        sla_sentence(report, sli), credit_usd(report, *sli.sla));
  }
  if (text.empty()) return text;
  return fmt::format("\nSLA (met if at most {} of windows may breach it)\n", percent_text(report.options.risk)) + text;
}

std::string availability_cell(const SliResult& sli) {
  const std::string text = availability_text(sli.unavailability);
  return sli.unavailability.value || sli.outages > 0 ? text : "not seen out, " + text;
}

std::string interval_cell(const sim::Estimate& minutes) {
  if (minutes.ci95 && minutes.ci95->lower == minutes.ci95->upper) return "exact";
  if (minutes.ci95) return fmt::format("{} to {}", number_text(minutes.ci95->lower), number_text(minutes.ci95->upper));
  return minutes.upper95 ? "< " + number_text(*minutes.upper95) : "";
}

std::string duration_cell(const std::optional<double>& value) { return value ? duration_text(*value) : "-"; }
std::string long_text(double hours) {
  if (hours >= sim::hours_per_year) return number_text(hours / sim::hours_per_year) + " yr";
  return duration_text(hours * sim::seconds_per_hour);
}
/// Hours as a duration, or its lower bound.
std::string hours_cell(const sim::Estimate& hours) {
  if (hours.value) return long_text(*hours.value);
  return hours.lower95 ? "> " + long_text(*hours.lower95) : "-";
}
std::string number_cell(const std::optional<double>& value) { return value ? number_text(*value) : "-"; }

std::string request_cell(const SliResult& sli) { return availability_text(sli.request_unavailability); }

std::string credible_cell(const AssessReport& report, const SliResult& sli) {
  if (report.uncertainty == nullptr) return "-";
  const auto& credible = report.uncertainty->slis[sli.index].unavailability;
  if (!credible) return "-";
  return fmt::format("{} to {}", number_text(credible->lower * sim::minutes_per_year, 2),
                     number_text(credible->upper * sim::minutes_per_year, 2));
}

std::string slis_text(const AssessReport& report) {
  using Align = TextTable::Align;
  TextTable table(
      {"SLI", "availability", "down min/yr", "input uncertainty", "sampling, 95 %", "without planned work",
       "without changes, people", "requests served"},
      {Align::left, Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::left});
  for (const SliResult& sli : report.result->slis) {
    const sim::Estimate minutes = sim::scaled(sli.unavailability, sim::minutes_per_year);
    const bool seen = sli.unavailability.value.has_value();
    table.add({label(report, sli), availability_cell(sli), number_cell(minutes.value), credible_cell(report, sli),
               interval_cell(minutes), seen ? number_text(sli.without_planned * sim::minutes_per_year) : "-",
               seen ? number_text(sli.without_people * sim::minutes_per_year) : "-", request_cell(sli)});
  }
  return "\nWhat clients see\n" + table.text();
}

/// A rate of losses below once in a million years, or of few incidents, is a bound.
std::string losses_cell(const DataLoss& loss) {
  const LossKnown known = loss_known(loss);
  if (known == LossKnown::beyond) return "< 10^-6";
  const auto most = most_losses_per_year(loss);
  return known == LossKnown::few && most ? "< " + number_text(*most, 2) : loss_text(loss.events_per_year);
}

std::string recovery_text(const AssessReport& report) {
  using Align = TextTable::Align;
  TextTable table({"SLI", "outages/yr", "mean", "p50", "p95", "p99", "never ended", "first after", "one every",
                   "losses/yr", "records lost/yr"},
                  {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right, Align::right, Align::right});
  for (const SliResult& sli : report.result->slis) {
    const RecoveryTime& recovery = sli.recovery;
    table.add({label(report, sli), number_cell(sli.outages_per_year.value), duration_cell(recovery.mean),
               duration_cell(recovery.p50), duration_cell(recovery.p95), duration_cell(recovery.p99),
               recovery.censored_share > 0 ? percent_text(recovery.censored_share, 2) : "none", hours_cell(sli.mttf_h),
               hours_cell(sli.mtbf_h), losses_cell(sli.loss), records_text(sli.loss)});
  }
  return "\nHow long an outage lasts, what is lost\n" + table.text();
}

/// How stale consumers are that go on in a copy of what they read, once for each service that says so.
std::string positions_text(const AssessReport& report) {
  std::string text;
  const models::Plan& plan = *report.plan;
  for (const models::ServiceId id : plan.services.ids()) {
    const models::ServicePlan& service = plan.services[id];
    const auto first = std::ranges::find_if(report.result->slis,
                                            [&](const SliResult& sli) { return plan.slis[sli.index].service == id; });
    if (first == report.result->slis.end()) continue;
    std::optional<double> mean;
    std::optional<double> most;
    bool lost = false;
    for (const auto& fact : service.kind->sli_facts(plan, static_cast<models::measurement::SliIndex>(first->index))) {
      const auto* duration = std::get_if<models::Duration>(&fact.value);
      if (fact.key == "group_offsets_behind_mean_s" && duration != nullptr) mean = seconds(*duration);
      if (fact.key == "group_offsets_behind_most_s" && duration != nullptr) most = seconds(*duration);
      if (fact.key == "group_offsets") lost = true;
    }
    if (mean && most)
      text += fmt::format("  {}: behind their positions by {} in the mean, {} at most: that they read again\n",
                          service.name, duration_text(*mean), duration_text(*most));
    if (lost) text += fmt::format("  {}: their positions are not copied: they begin anew\n", service.name);
  }
  return text.empty() ? text : "\nConsumers that go on in the copy\n" + text;
}

/// Rows of one fault over all its targets.
struct FaultSum {
  std::string fault;
  std::size_t targets = 0;
  double rate = 0;
  double outages = 0;  ///< a year
  double share = 0;
  double with_others = 0;  ///< part of the share that took a further fault
  double length = 0;
  std::map<std::string, double> phases;
  std::map<std::string, double> parameters;
};

std::vector<FaultSum> sums_of(const Assessment& result, std::size_t sli) {
  std::vector<FaultSum> sums;
  for (const BudgetRow& row : result.budget) {
    if (row.sli != sli || row.outages_per_year <= 0) continue;
    auto sum = std::find_if(sums.begin(), sums.end(), [&](const FaultSum& other) { return other.fault == row.fault; });
    if (sum == sums.end()) sum = sums.insert(sums.end(), FaultSum{row.fault, 0, 0, 0, 0, 0, 0, {}, {}});
    ++sum->targets;
    sum->rate += row.rate_per_year;
    sum->outages += row.outages_per_year;
    sum->share += row.downtime_share;
    sum->with_others += row.downtime_share * row.with_others_share;
    const double weight = row.mean_outage_s.value_or(0) * row.outages_per_year;
    sum->length += weight;
    for (const auto& [name, length] : row.phases_s) sum->phases[name] += length * row.outages_per_year;
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
  // The longest, and what is long enough beside it; the JSON has all.
  constexpr double visible = 0.05;
  std::string text;
  for (const auto& [length, name] : parts) {
    if (!text.empty() && -length < visible * sum.length) break;
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "" : ", ", name, -length / sum.length * 100);
  }
  return text.empty() ? "-" : text;
}

std::string budget_text(const AssessReport& report, std::size_t index) {
  using Align = TextTable::Align;
  TextTable table(
      {"share", "fault", "targets", "faults/yr", "outages/yr", "mean outage", "with another", "spent in", "set by"},
      {Align::right, Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::left,
       Align::left});
  table.keys(2);
  table.leave_out({"with another", "targets"});
  for (const FaultSum& sum : sums_of(*report.result, index)) {
    table.add({fmt::format("{:.1f} %", sum.share * 100), sum.fault, fmt::format("{}", sum.targets),
               number_text(sum.rate), number_text(sum.outages), duration_text(sum.length / sum.outages),
               sum.with_others > 0 ? fmt::format("{:.0f} %", sum.with_others / sum.share * 100) : "-", phases_text(sum),
               largest_of(sum.parameters)});
  }
  if (table.empty()) return "";
  const std::string& from = report.result->budget_from;
  return fmt::format("\nWhere the downtime of {} comes from{}\n", label(report, report.result->slis[index]),
                     from.empty() ? "" : fmt::format(" ({})", from)) +
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
  models::ServiceId service;
  for (std::size_t sli = 0; sli < report.result->slis.size(); ++sli) {
    const models::ServiceId of = plan_of(report, report.result->slis[sli]).service;
    if (of == service) continue;
    service = of;
    text += budget_text(report, sli) + cut_sets_text(report, sli);
  }
  return text;
}

std::string cost_text(const AssessReport& report) {
  using Align = TextTable::Align;
  const models::economics::Bill& bill = report.result->bill;
  if (report.plan->topology.node_groups.empty()) return "";
  TextTable table({"item", "a month"}, {Align::left, Align::right});
  for (const auto& item : bill.items) table.add({item.name, money_text(item.cents)});
  table.add({"total", money_text(bill.cents())});
  const std::string& region = report.plan->topology.region;
  const std::string prices =
      region.empty() ? ""
                     : fmt::format(" ({}, {})", escape::visible(region), escape::visible(report.input->price_source));
  return fmt::format("\nCost: {} a month{}\n", money_text(bill.cents()), prices) + table.text() +
         fmt::format("  not included: {}\n", fmt::join(not_billed(*report.plan), "; "));
}

/// Ends of a range with their unit; shares have none.
std::string range_text(double low, double high, std::string_view unit) {
  return fmt::format("{:.4g} to {:.4g}{}{}", low, high, unit == "1" ? "" : " ", unit == "1" ? "" : unit);
}

/// Inputs moved one by one over their ranges.
std::string tornado_text(const AssessReport& report) {
  using Align = TextTable::Align;
  if (report.uncertainty == nullptr || report.uncertainty->effects.empty()) return "";
  const Uncertainty& open = *report.uncertainty;
  TextTable table({"input", "range", "down min/yr at its ends", "explains alone"},
                  {Align::left, Align::left, Align::right, Align::right});
  for (const InputEffect& effect : open.effects) {
    const loader::Assumption& input = report.input->assumptions[effect.assumption];
    table.add({input.key, range_text(effect.low, effect.high, input.unit),
               fmt::format("{} to {}", number_text(effect.unavailability_at_low * sim::minutes_per_year),
                           number_text(effect.unavailability_at_high * sim::minutes_per_year)),
               fmt::format("{:.0f} %", effect.sobol_first * 100)});
  }
  return fmt::format("\nWhich inputs leave {} open ({} of them drawn within their ranges, {} times together)\n",
                     label(report, report.result->slis[report.options.target]), open.inputs, open.draws) +
         table.text();
}

/// The sourced numbers that set most of the downtime.
std::string assumptions_text(const AssessReport& report) {
  using Align = TextTable::Align;
  std::map<std::string, double> weights;
  for (const BudgetRow& row : report.result->budget) weights[row.dominant_parameter] += row.downtime_share;
  TextTable table({"parameter", "value", "plausible range", "from"},
                  {Align::left, Align::left, Align::left, Align::left});
  table.leave_out({"from"});
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [name, weight] : weights) order.emplace_back(-weight, name);
  std::sort(order.begin(), order.end());
  for (const auto& [weight, name] : order) {
    const auto& all = report.input->assumptions;
    const auto known =
        std::find_if(all.begin(), all.end(), [&, &name = name](const auto& entry) { return entry.key == name; });
    if (known == all.end()) continue;
    table.add({known->key, known->text,
               known->low == known->high ? "as it is set" : range_text(known->low, known->high, known->unit),
               known->origin});
  }
  if (table.empty()) return "";
  return fmt::format("\nNumbers that set most of this ({} in all: nines explain KEY {}, or --format json)\n",
                     report.input->assumptions.size(), escape::shell(report.topology_path)) +
         table.text();
}

}  // namespace

std::string loss_text(const sim::Estimate& a_year) {
  if (!a_year.value) return a_year.upper95 ? "none seen, < " + number_text(*a_year.upper95, 2) : "none seen";
  const bool known = a_year.ci95 && (a_year.ci95->upper - a_year.ci95->lower) / 2 < 0.5 * *a_year.value;
  return known ? number_text(*a_year.value, 2) : "about " + number_text(*a_year.value, 1);
}

std::string sla_sentence(const AssessReport& report, const SliResult& sli) {
  std::string inputs;
  if (report.uncertainty != nullptr && report.uncertainty->slis[sli.index].breach_probability) {
    const sim::Interval& credible = *report.uncertainty->slis[sli.index].breach_probability;
    inputs = fmt::format("; {} to {} with the inputs anywhere in their ranges", percent_text(credible.lower, 2),
                         percent_text(credible.upper, 2));
  }
  return breach_text(*sli.sla) + inputs;
}

namespace {

/// "99.2 %" of months; "> 99.9999 %" where nothing beyond was seen.
std::string within_text(const sim::Estimate& exceeded) {
  // Nines are counted from the top: what is left is what has digits.
  const auto share = [](double beyond) {
    const double within = (1 - beyond) * 100;
    for (int digits = 1; digits < 9; ++digits) {
      const double step = std::pow(10.0, -digits);
      if (beyond * 100 >= step || beyond >= 0.1) return fmt::format("{:.{}f} %", within, digits);
    }
    return std::string("> 99.99999999 %");
  };
  if (exceeded.value) return share(*exceeded.value);
  return exceeded.upper95 && *exceeded.upper95 < 1 ? "> " + share(*exceeded.upper95) : "-";
}

/// Share of months that are down for no more than so long.
std::string months_text(const AssessReport& report) {
  constexpr double told[] = {0, 1, 10, 60, 300};
  TextTable table({"SLI", "none", "1 min", "10 min", "1 h", "5 h", "what is promised"},
                  {TextTable::Align::left, TextTable::Align::right, TextTable::Align::right, TextTable::Align::right,
                   TextTable::Align::right, TextTable::Align::right, TextTable::Align::right});
  bool any = false;
  for (const SliResult& sli : report.result->slis) {
    if (sli.month.empty()) continue;
    any = true;
    std::vector<std::string> row{label(report, sli)};
    const auto at = [&](const auto& is) {
      const auto point = std::find_if(sli.month.begin(), sli.month.end(), is);
      return point == sli.month.end() ? std::string("-") : within_text(point->exceeded);
    };
    for (const double minutes : told)
      row.push_back(at([&](const DowntimePoint& point) { return point.minutes == minutes; }));
    row.push_back(at([](const DowntimePoint& point) { return point.allowed; }));
    table.add(row);
  }
  return any ? "\nMonths (730 h) with no more downtime than\n" + table.text(2) : "";
}

}  // namespace

namespace {

/// Of composites: which part answers for how much of the downtime.
std::string parts_text(const AssessReport& report) {
  using Align = TextTable::Align;
  TextTable table({"SLI", "part", "share", "down min/yr", "sampling, 95 %"},
                  {Align::left, Align::left, Align::right, Align::right, Align::right});
  for (const SliResult& sli : report.result->slis) {
    if (!sli.unavailability.value || *sli.unavailability.value <= 0) continue;
    std::vector<const PartShare*> order;
    for (const PartShare& part : sli.parts) order.push_back(&part);
    std::stable_sort(order.begin(), order.end(), [](const PartShare* a, const PartShare* b) {
      return a->unavailability.value.value_or(0) > b->unavailability.value.value_or(0);
    });
    for (const PartShare* part : order) {
      const sim::Estimate minutes = sim::scaled(part->unavailability, sim::minutes_per_year);
      const double share = part->unavailability.value.value_or(0) / *sli.unavailability.value;
      table.add({part == order.front() ? label(report, sli) : "", part->part, percent_text(share, 2),
                 minutes.value ? number_text(*minutes.value) : "not seen", interval_cell(minutes)});
    }
  }
  if (table.empty()) return "";
  return "\nWhose downtime it is (where several parts are down at once, each that matters has its share)\n" +
         table.text();
}

/// What each alert tells people, and how much of it they did not know.
std::string alerts_text(const AssessReport& report) {
  using Align = TextTable::Align;
  TextTable table({"alert", "tells people/yr", "of use/yr", "in vain", "after"},
                  {Align::left, Align::right, Align::right, Align::right, Align::right});
  std::vector<std::string> useless;
  for (const AlertResult& alert : report.result->alerts) {
    const double told = alert.told_per_year.value.value_or(0);
    const double helped = alert.helped_per_year.value.value_or(0);
    if (helped <= 0) useless.push_back(alert.name);
    table.add({alert.name, told > 0 ? number_text(told, 2) : "not seen to fire",
               helped > 0 ? number_text(helped, 2) : "-",
               told > 0 ? fmt::format("{:.3g} %", std::clamp(1 - helped / told, 0.0, 1.0) * 100) : "-",
               alert.mean_after_s ? duration_text(*alert.mean_after_s) : "-"});
  }
  if (table.empty()) return "";
  std::string text =
      "\nWhat alerts are good for (in vain: nobody is needed, or somebody knows already)\n" + table.text();
  if (!useless.empty()) text += fmt::format("  of no use in any incident seen: {}\n", fmt::join(useless, ", "));
  return text;
}

}  // namespace

std::string assess_text(const AssessReport& report) {
  const bool long_run = !report.options.mission_only;
  std::string text = head_text(report) + mission_text(report) + (long_run ? headline_text(report) : "") +
                     sla_text(report) +
                     (long_run ? slis_text(report) + recovery_text(report) + positions_text(report) +
                                     months_text(report) + parts_text(report)
                               : "") +
                     budgets_text(report) + alerts_text(report) + backups_text(report.plan->topology) +
                     worst_incidents_text(report) + tornado_text(report) + cost_text(report) + assumptions_text(report);
  text += list_text("The topology's author assumes", report.input->notes);
  text += boundary_text(left_out(*report.plan), true);
  return text + list_text("Read this too", warnings_of(report)) + next_text(report);
}

}  // namespace nines::experiments
