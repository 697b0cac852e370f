#include "experiments/assess_output.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "experiments/text.hpp"
#include "experiments/version.hpp"

namespace nines::experiments {

namespace {

constexpr double minutes_per_year = 8760.0 * 60;
constexpr double hours_per_year = 8760;

const models::KafkaSpec& service_of(const AssessReport& report, const SliResult& sli) {
  return report.plan->topology.services[report.plan->kafka[sli.service].index];
}
const models::SliSpec& spec_of(const AssessReport& report, const SliResult& sli) {
  return service_of(report, sli).slis[report.plan->kafka[sli.service].slis[sli.sli].spec];
}

Json interval_json(const std::optional<sim::Interval>& interval) {
  return interval ? Json::array({interval->lower, interval->upper}) : Json(nullptr);
}

/// `{"estimate": .., "ci95": ..}`
Json estimate_json(const sim::Estimate& estimate) {
  return {{"estimate", or_null(estimate.value)}, {"ci95", interval_json(estimate.ci95)}};
}

// ---- derived figures: each from the estimate that the result holds ----

sim::Estimate complement(const sim::Estimate& estimate) {
  sim::Estimate result;
  if (estimate.value) result.value = 1 - *estimate.value;
  if (estimate.ci95) result.ci95 = sim::Interval{1 - estimate.ci95->upper, 1 - estimate.ci95->lower};
  if (estimate.upper95) result.lower95 = 1 - *estimate.upper95;
  return result;
}

/// Up time between outages, from outages per year and share of time down.
sim::Estimate mttf_of(const SliResult& sli) {
  sim::Estimate result;
  const double up_h = hours_per_year * (1 - sli.unavailability.value.value_or(0));
  const sim::Estimate& rate = sli.outages_per_year;
  if (rate.value && *rate.value > 0) result.value = up_h / *rate.value;
  if (rate.ci95 && rate.ci95->lower > 0) result.ci95 = sim::Interval{up_h / rate.ci95->upper, up_h / rate.ci95->lower};
  if (rate.upper95) result.lower95 = up_h / *rate.upper95;
  return result;
}

double credit_usd(const AssessReport& report, const SlaResult& sla) {
  return sla.expected_credit_share * report.result->bill.usd();
}

// ---- JSON ----

Json client_json(const AssessReport& report, const SliResult& sli) {
  const models::SliSpec& spec = spec_of(report, sli);
  Json client = {{"name", spec.client}};
  for (const models::ClientSpec& candidate : service_of(report, sli).clients) {
    if (candidate.name != spec.client) continue;
    client["place"] = candidate.place;
    client["request_timeout_s"] = seconds(candidate.parameters.request_timeout);
    client["delivery_timeout_s"] = seconds(candidate.parameters.delivery_timeout);
  }
  constexpr std::string_view scopes[] = {"all", "any", "share"};
  client["scope"] = scopes[static_cast<std::size_t>(spec.scope)];
  if (spec.scope == models::SliScope::share) client["share"] = spec.share;
  client["deadline_s"] = seconds(spec.deadline);
  return client;
}

Json unavailability_json(const SliResult& sli) {
  Json json = estimate_json(sli.unavailability);
  json["credible95"] = nullptr;
  json["upper95_if_unseen"] = or_null(sli.unavailability.upper95);
  json["without_planned"] = sli.outages > 0 ? Json(sli.without_planned) : Json(nullptr);
  return json;
}

Json availability_json(const sim::Estimate& unavailability) {
  Json json = estimate_json(complement(unavailability));
  json["credible95"] = nullptr;
  return json;
}

Json recovery_json(const RecoveryTime& recovery) {
  return {{"mean", or_null(recovery.mean)},
          {"p50", or_null(recovery.p50)},
          {"p95", or_null(recovery.p95)},
          {"p99", or_null(recovery.p99)},
          {"censored_share", recovery.seen > 0 ? Json(recovery.censored_share) : Json(nullptr)}};
}

Json loss_json(const DataLoss& loss) {
  return {{"events_per_year", or_null(loss.events_per_year.value)},
          {"records_per_year", or_null(loss.records_per_year.value)},
          {"seconds_p95", or_null(loss.seconds_p95)},
          {"events_per_year_upper95_if_unseen", or_null(loss.events_per_year.upper95)}};
}

Json sla_json(const AssessReport& report, const SlaResult& sla) {
  Json breach = estimate_json(sla.breach_probability);
  breach["credible95"] = nullptr;
  breach["upper95_if_unseen"] = or_null(sla.breach_probability.upper95);
  return {{"target", sla.spec.target},
          {"window_h", seconds(sla.spec.window) / 3600},
          {"windows", sla.windows},
          {"risk", report.options.risk},
          {"breach_probability", breach},
          {"expected_credit_usd_per_month", credit_usd(report, sla)},
          {"verdict", verdict_name(sla.verdict)}};
}

Json sli_json(const AssessReport& report, const SliResult& sli) {
  Json json = {{"name", spec_of(report, sli).name},
               {"client", client_json(report, sli)},
               {"availability", availability_json(sli.unavailability)},
               {"unavailability", unavailability_json(sli)},
               {"request_availability", availability_json(sli.request_unavailability)},
               {"downtime_minutes_per_year", estimate_json(sim::scaled(sli.unavailability, minutes_per_year))},
               {"outages_per_year", estimate_json(sli.outages_per_year)},
               {"outages_seen", sli.outages},
               {"mttf_h", estimate_json(mttf_of(sli))},
               {"recovery_time_s", recovery_json(sli.recovery)},
               {"data_loss", loss_json(sli.loss)}};
  if (sli.sla) json["sla"] = sla_json(report, *sli.sla);
  return json;
}

Json services_json(const AssessReport& report) {
  Json services = Json::array();
  for (std::size_t service = 0; service < report.plan->kafka.size(); ++service) {
    Json slis = Json::array();
    for (const SliResult& sli : report.result->slis) {
      if (sli.service == service) slis.push_back(sli_json(report, sli));
    }
    const std::string& name = report.plan->topology.services[report.plan->kafka[service].index].name;
    services.push_back({{"name", name}, {"slis", std::move(slis)}});
  }
  return services;
}

double usd(std::int64_t cents) { return static_cast<double>(cents) / 100; }

Json cost_json(const AssessReport& report) {
  const models::economics::Bill& bill = report.result->bill;
  Json items = Json::array();
  for (const auto& item : bill.items) items.push_back({{"name", item.name}, {"monthly_usd", usd(item.cents)}});
  return {{"monthly_usd", bill.usd()},
          {"region", report.plan->topology.region},
          {"price_date", report.plan->topology.price_date},
          {"items", std::move(items)},
          {"not_included", models::economics::not_included()}};
}

Json budget_json(const AssessReport& report) {
  Json rows = Json::array();
  for (const BudgetRow& row : report.result->budget) {
    const SliResult& sli = report.result->slis[row.sli];
    Json phases = Json::object();
    for (const auto& [name, length] : row.phases_s) phases[name] = length;
    rows.push_back({{"service", service_of(report, sli).name},
                    {"sli", spec_of(report, sli).name},
                    {"fault", row.fault},
                    {"target", row.target},
                    {"planned", row.planned},
                    {"rate_per_year", row.rate_per_year},
                    {"outages_seen", row.outages},
                    {"mean_outage_s", or_null(row.mean_outage_s)},
                    {"p95_outage_s", or_null(row.p95_outage_s)},
                    {"phases_s", std::move(phases)},
                    {"dominant_parameter", row.dominant_parameter},
                    {"downtime_share", row.downtime_share},
                    {"loss_share", row.loss_share}});
  }
  return rows;
}

Json assumption_json(const loader::Assumption& assumption) {
  Json json = {{"parameter", assumption.key},
               {"value", assumption.boolean ? Json(assumption.value != 0) : Json(assumption.value)},
               {"unit", assumption.unit},
               {"range", assumption.boolean ? Json(nullptr) : Json::array({assumption.low, assumption.high})},
               {"source", assumption.source},
               {"origin", assumption.origin}};
  if (!assumption.law.empty()) json["law"] = assumption.law;
  if (!assumption.service.empty()) json["service"] = assumption.service;
  if (!assumption.client.empty()) json["client"] = assumption.client;
  return json;
}

// ---- words ----

std::vector<std::string> warnings_of(const AssessReport& report) {
  std::vector<std::string> warnings(report.input->warnings.begin(), report.input->warnings.end());
  const Assessment& result = *report.result;
  warnings.push_back(
      "Intervals cover sampling error only: the ranges of the inputs are not propagated, credible intervals are "
      "absent.");
  if (!result.precise) {
    warnings.push_back(fmt::format(
        "{:.0f} simulated years reached a relative half-width of {} for the first SLI, not the {:.0f} % asked for; "
        "raise --max-years.",
        result.years, result.reached ? fmt::format("{:.0f} %", *result.reached * 100) : "unknown size",
        report.options.precision * 100));
  }
  double longest = 0;
  bool unseen = false;
  for (const SliResult& sli : result.slis) {
    longest = std::max(longest, sli.longest_s);
    unseen = unseen || sli.outages == 0;
  }
  if (unseen) {
    warnings.push_back(fmt::format(
        "Upper bounds of SLIs never seen out take an outage to last {}.",
        longest > 0 ? fmt::format("as long as the longest one of the others ({})", duration_text(longest)) : "a day"));
  }
  const bool sla =
      std::any_of(result.slis.begin(), result.slis.end(), [](const SliResult& sli) { return sli.sla.has_value(); });
  if (sla) warnings.push_back("Expected credits take the monthly bill of this topology as the charge.");
  return warnings;
}

std::string percent(double share, int digits = 3) { return number_text(share * 100, digits) + " %"; }

std::string label(const AssessReport& report, const SliResult& sli) {
  return fmt::format("{}/{}", service_of(report, sli).name, spec_of(report, sli).name);
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
    return fmt::format("no breach in {} windows (at most {})", sla.windows, percent(*breach.upper95, 2));
  return fmt::format("breached in each of {} windows (at least {})", sla.windows,
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

std::string slis_text(const AssessReport& report) {
  using Align = TextTable::Align;
  TextTable table({"SLI", "availability", "down min/yr", "95 % interval", "outages/yr", "mean", "p50", "p95",
                   "never ended", "records lost/yr"},
                  {Align::left, Align::left, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right, Align::right});
  for (const SliResult& sli : report.result->slis) {
    const sim::Estimate minutes = sim::scaled(sli.unavailability, minutes_per_year);
    table.add({label(report, sli), availability_cell(sli), number_cell(minutes.value), interval_cell(minutes),
               number_cell(sli.outages_per_year.value), duration_cell(sli.recovery.mean),
               duration_cell(sli.recovery.p50), duration_cell(sli.recovery.p95),
               sli.recovery.censored_share > 0 ? percent(sli.recovery.censored_share, 2) : "-",
               sli.loss.records_per_year.value ? number_text(*sli.loss.records_per_year.value) : "none seen"});
  }
  return "\nWhat clients see\n" + table.text();
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

/// The first SLI of each service; the others are in the JSON.
std::string budgets_text(const AssessReport& report) {
  std::string text;
  std::size_t service = static_cast<std::size_t>(-1);
  for (std::size_t sli = 0; sli < report.result->slis.size(); ++sli) {
    if (report.result->slis[sli].service == service) continue;
    service = report.result->slis[sli].service;
    text += budget_text(report, sli);
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

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::meets: return "meets";
    case Verdict::breaches: return "breaches";
    case Verdict::open: break;
  }
  return "open";
}

const std::vector<std::string_view>& not_modelled() {
  static const std::vector<std::string_view> list{
      "outages of a region's control planes (EC2, EBS, EKS APIs) and of the whole region",
      "changes that go wrong: bad rollout, wrong command, expired certificate, failed upgrade",
      "grey faults: slow disks, lossy links, overloaded machines, memory pressure",
      "bandwidth shared between catch-up, clients and other flows beyond each machine's own limits",
      "rebalances of consumer groups and their rejoin after a coordinator moves",
      "transactions, idempotent producers' fencing, tiered storage, quotas",
      "full disks, retention running out, growth of the load over time",
      "bugs of the broker, of the operator and of Kubernetes, except as process crashes",
      "name resolution, load balancers and gateways in front of clients",
  };
  return list;
}

Json assess_json(const AssessReport& report) {
  Json assumptions = Json::array();
  for (const loader::Assumption& assumption : report.input->assumptions) {
    assumptions.push_back(assumption_json(assumption));
  }
  const Assessment& result = *report.result;
  return {{"schema", "nines/assessment/1"},
          {"version", version()},
          {"topology", report.plan->topology.name},
          {"hashes", {{"topology", report.input->input_hash}, {"profiles", report.input->profile_hash}}},
          {"seed", report.plan->seed},
          {"method", "timeline"},
          {"services", services_json(report)},
          {"cost", cost_json(report)},
          {"budget", budget_json(report)},
          {"assumptions", std::move(assumptions)},
          {"notes", report.input->notes},
          {"not_modelled", not_modelled()},
          {"warnings", warnings_of(report)},
          {"run",
           {{"incidents", result.incidents},
            {"events", result.events},
            {"replications", result.replications},
            {"years", result.years},
            {"relative_half_width", or_null(result.reached)},
            {"wall_s", report.wall_s}}}};
}

std::string assess_text(const AssessReport& report) {
  std::string text = head_text(report) + sla_text(report) + slis_text(report) + budgets_text(report) +
                     cost_text(report) + assumptions_text(report);
  if (!report.input->notes.empty()) text += list_text("The topology's author assumes", report.input->notes);
  text += list_text("Not modelled: what these cause comes on top", not_modelled());
  text += list_text("Read this too", warnings_of(report));
  text += fmt::format("\n{:.1f} s, {:.2g} events/s\nNext: nines replay {} zone-outage\n", report.wall_s,
                      report.wall_s > 0 ? static_cast<double>(report.result->events) / report.wall_s : 0,
                      report.topology_path);
  return text;
}

std::string assess_csv(const AssessReport& report) {
  std::string text =
      csv_line({"service", "sli", "unavailability", "ci95_low", "ci95_high", "upper95_if_unseen", "without_planned",
                "outages_per_year", "recovery_mean_s", "recovery_p50_s", "recovery_p95_s", "recovery_p99_s",
                "censored_share", "records_lost_per_year", "sla_target", "breach_probability", "verdict"});
  const auto cell = [](const std::optional<double>& value) { return value ? csv_number(*value) : std::string(); };
  for (const SliResult& sli : report.result->slis) {
    const auto& ci = sli.unavailability.ci95;
    text += csv_line({service_of(report, sli).name, spec_of(report, sli).name, cell(sli.unavailability.value),
                      ci ? csv_number(ci->lower) : "", ci ? csv_number(ci->upper) : "",
                      cell(sli.unavailability.upper95), csv_number(sli.without_planned),
                      cell(sli.outages_per_year.value), cell(sli.recovery.mean), cell(sli.recovery.p50),
                      cell(sli.recovery.p95), cell(sli.recovery.p99), csv_number(sli.recovery.censored_share),
                      cell(sli.loss.records_per_year.value), sli.sla ? csv_number(sli.sla->spec.target) : "",
                      sli.sla ? cell(sli.sla->breach_probability.value) : "",
                      sli.sla ? std::string(verdict_name(sli.sla->verdict)) : ""});
  }
  return text;
}

}  // namespace nines::experiments
