#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/backups.hpp"
#include "experiments/estimate/headline.hpp"
#include "experiments/estimate/incident_recipe.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/report/text.hpp"
#include "experiments/report/version.hpp"
#include "models/service/kind.hpp"
#include "models/structure/cut_sets.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

Json interval_json(const std::optional<sim::Interval>& interval) {
  return interval ? Json::array({interval->lower, interval->upper}) : Json(nullptr);
}

/// `{"estimate": .., "ci95": ..}`
Json estimate_json(const sim::Estimate& estimate) {
  return {{"estimate", or_null(estimate.value)}, {"ci95", interval_json(estimate.ci95)}};
}

// ---- derived figures: each from the estimate that the result holds ----

sim::Estimate complement(const sim::Estimate& estimate) {
  // What is lacking may be less than a double tells from 1: only 0 makes 1.
  const auto rest = [](double share) { return share > 0 ? std::min(1 - share, std::nextafter(1.0, 0.0)) : 1 - share; };
  sim::Estimate result;
  if (estimate.value) result.value = rest(*estimate.value);
  if (estimate.ci95) result.ci95 = sim::Interval{rest(estimate.ci95->upper), rest(estimate.ci95->lower)};
  if (estimate.upper95) result.lower95 = 1 - *estimate.upper95;
  return result;
}

Json client_json(const AssessReport& report, const SliResult& sli) {
  const models::measurement::SliPlan& plan = plan_of(report, sli);
  Json client = {{"name", nullptr}};
  const models::service::Kind& kind = *report.plan->services[plan.service].kind;
  for (const models::service::Fact& fact :
       kind.sli_facts(*report.plan, static_cast<models::measurement::SliIndex>(sli.index))) {
    Json& into = client[std::string(fact.key)];
    if (const auto* duration = std::get_if<models::Duration>(&fact.value)) into = seconds(*duration);
    if (const auto* number = std::get_if<double>(&fact.value)) into = *number;
    if (const auto* text = std::get_if<std::string>(&fact.value)) into = *text;
  }
  return client;
}

/// Input uncertainty of an SLI; nothing if it was not asked.
const SliUncertainty* uncertainty_of(const AssessReport& report, const SliResult& sli) {
  return report.uncertainty == nullptr ? nullptr : &report.uncertainty->slis[sli.index];
}

Json unavailability_json(const AssessReport& report, const SliResult& sli) {
  Json json = estimate_json(sli.unavailability);
  const SliUncertainty* open = uncertainty_of(report, sli);
  json["credible95"] = open != nullptr ? interval_json(open->unavailability) : Json(nullptr);
  json["upper95_if_unseen"] = or_null(sli.unavailability.upper95);
  const bool seen = sli.unavailability.value.has_value();
  json["without_planned"] = seen ? Json(sli.without_planned) : Json(nullptr);
  json["without_changes_and_people"] = seen ? Json(sli.without_people) : Json(nullptr);
  return json;
}

Json availability_json(const sim::Estimate& unavailability, const std::optional<sim::Interval>& credible) {
  Json json = estimate_json(complement(unavailability));
  json["credible95"] = credible ? Json::array({1 - credible->upper, 1 - credible->lower}) : Json(nullptr);
  return json;
}

/// [share of outages, seconds that so many do not exceed, its 95 % interval or twice null]
Json curve_json(const std::vector<QuantilePoint>& curve) {
  Json points = Json::array();
  for (const QuantilePoint& point : curve) {
    points.push_back({point.share, point.value, point.ci95 ? Json(point.ci95->lower) : Json(nullptr),
                      point.ci95 ? Json(point.ci95->upper) : Json(nullptr)});
  }
  return points;
}

Json recovery_json(const RecoveryTime& recovery) {
  return {{"mean", or_null(recovery.mean)},
          {"p50", or_null(recovery.p50)},
          {"p95", or_null(recovery.p95)},
          {"p99", or_null(recovery.p99)},
          {"p50_ci95", interval_json(recovery.p50_ci95)},
          {"p95_ci95", interval_json(recovery.p95_ci95)},
          {"p99_ci95", interval_json(recovery.p99_ci95)},
          {"quantiles", curve_json(recovery.curve)},
          {"censored_share", recovery.seen > 0 ? Json(recovery.censored_share) : Json(nullptr)}};
}

Json loss_json(const DataLoss& loss) {
  // Of what surely comes less than once in a million years there is no yearly figure, only a bound.
  const bool beyond = loss_known(loss) == LossKnown::beyond;
  const auto& records = loss.records_per_year;
  std::optional<double> bound = records.upper95;
  if (beyond && records.ci95) bound = records.ci95->upper;
  if (loss.events_per_year.value) {
    if (const auto most = most_losses_per_year(loss); !bound && most && records.value) {
      bound = *most / *loss.events_per_year.value * *records.value;
    }
  }
  return {{"events_per_year", or_null(loss.events_per_year.value)},
          {"records_per_year", beyond ? Json(nullptr) : or_null(records.value)},
          {"records_per_year_upper95", or_null(bound)},
          {"records_p50", or_null(loss.records_p50)},
          {"records_p95", or_null(loss.records_p95)},
          {"seconds_p50", or_null(loss.seconds_p50)},
          {"events_per_year_ci95", interval_json(loss.events_per_year.ci95)},
          {"records_per_year_ci95", beyond ? Json(nullptr) : interval_json(records.ci95)},
          {"seconds_p95", or_null(loss.seconds_p95)},
          {"events_per_year_upper95_if_unseen", or_null(loss.events_per_year.upper95)}};
}

Json sla_json(const AssessReport& report, const SliResult& sli, const SliUncertainty* open) {
  const SlaResult& sla = *sli.sla;
  Json breach = estimate_json(sla.breach_probability);
  breach["credible95"] = open != nullptr ? interval_json(open->breach_probability) : Json(nullptr);
  breach["upper95_if_unseen"] = or_null(sla.breach_probability.upper95);
  return {{"target", sla.spec.target},
          {"window_h", seconds(sla.spec.window) / 3600},
          {"windows", sla.windows ? Json(*sla.windows) : Json(nullptr)},
          {"risk", report.options.risk},
          {"breach_probability", breach},
          {"breach_probability_from_whole", or_null(sla.breach_from_whole)},
          {"breach_probability_year",
           sla.breach_probability.value ? Json(year_breach(sla, *sla.breach_probability.value)) : Json(nullptr)},
          {"expected_credit_usd_per_month", credit_usd(report, sla)},
          {"verdict", verdict_name(sla.verdict)},
          {"text", sla_sentence(report, sli)}};
}

/// The downtime of a month: how likely it exceeds so many minutes.
Json month_json(const SliResult& sli) {
  Json points = Json::array();
  for (const DowntimePoint& point : sli.month) {
    Json exceeded = estimate_json(point.exceeded);
    exceeded["upper95_if_unseen"] = or_null(point.exceeded.upper95);
    points.push_back(
        {{"minutes", point.minutes}, {"allowed", point.allowed}, {"exceeded_probability", std::move(exceeded)}});
  }
  return points;
}

Json parts_json(const SliResult& sli) {
  Json rows = Json::array();
  for (const PartShare& part : sli.parts) {
    const double all = sli.unavailability.value.value_or(0);
    rows.push_back(
        {{"part", part.part},
         {"downtime_minutes_per_year", estimate_json(sim::scaled(part.unavailability, sim::minutes_per_year))},
         {"share", all > 0 ? Json(part.unavailability.value.value_or(0) / all) : Json(nullptr)}});
  }
  return rows;
}

Json alerts_json(const AssessReport& report) {
  Json rows = Json::array();
  for (const AlertResult& alert : report.result->alerts) {
    rows.push_back({{"name", alert.name},
                    {"told_per_year", estimate_json(alert.told_per_year)},
                    {"helped_per_year", estimate_json(alert.helped_per_year)},
                    {"mean_after_s", or_null(alert.mean_after_s)}});
  }
  return rows;
}

Json sli_json(const AssessReport& report, const SliResult& sli) {
  const SliUncertainty* open = uncertainty_of(report, sli);
  Json json = {
      {"name", plan_of(report, sli).name},
      {"client", client_json(report, sli)},
      {"availability",
       availability_json(sli.unavailability, open != nullptr ? open->unavailability : std::optional<sim::Interval>())},
      {"unavailability", unavailability_json(report, sli)},
      {"request_availability", availability_json(sli.request_unavailability, std::nullopt)},
      {"downtime_minutes_per_year", estimate_json(sim::scaled(sli.unavailability, sim::minutes_per_year))},
      {"outages_per_year", estimate_json(sli.outages_per_year)},
      {"outages_seen", sli.outages},
      {"mttf_h", estimate_json(sli.mttf_h)},
      {"mtbf_h", estimate_json(sli.mtbf_h)},
      {"recovery_time_s", recovery_json(sli.recovery)},
      {"month_downtime", month_json(sli)},
      {"data_loss", loss_json(sli.loss)},
      {"alarms", sli.alarms},
      {"remarks", sli.remarks}};
  if (!sli.parts.empty()) json["parts"] = parts_json(sli);
  if (sli.sla) json["sla"] = sla_json(report, sli, open);
  if (sli.mission_failure) {
    json["mission"] = {{"hours", report.options.mission_h}, {"failure_probability", *sli.mission_failure}};
  }
  return json;
}

Json services_json(const AssessReport& report) {
  Json services = Json::array();
  for (const models::ServiceId service : report.plan->services.ids()) {
    Json slis = Json::array();
    for (const SliResult& sli : report.result->slis) {
      if (plan_of(report, sli).service == service) slis.push_back(sli_json(report, sli));
    }
    services.push_back({{"name", report.plan->services[service].name}, {"slis", std::move(slis)}});
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
          {"price_source", report.input->price_source},
          {"not_included", not_billed(*report.plan)}};
}

Json budget_json(const AssessReport& report) {
  Json rows = Json::array();
  for (const BudgetRow& row : report.result->budget) {
    const SliResult& sli = report.result->slis[row.sli];
    Json phases = Json::object();
    for (const auto& [name, length] : row.phases_s) phases[name] = length;
    rows.push_back({{"service", service_of(report, sli)},
                    {"sli", plan_of(report, sli).name},
                    {"fault", row.fault},
                    {"target", row.target},
                    {"planned", row.category == models::Category::planned},
                    {"category", category_name(row.category)},
                    {"rate_per_year", row.rate_per_year},
                    {"outages_per_year", row.outages_per_year},
                    {"outages_seen", row.outages},
                    {"with_another_fault_share", row.with_others_share},
                    {"mean_outage_s", or_null(row.mean_outage_s)},
                    {"p95_outage_s", or_null(row.p95_outage_s)},
                    {"phases_s", std::move(phases)},
                    {"dominant_parameter", row.dominant_parameter},
                    {"downtime_share", row.downtime_share},
                    {"loss_share", row.loss_share}});
  }
  return rows;
}

Json budget_from_json(const Assessment& result) {
  if (!result.budget_from.empty()) return result.budget_from;
  return result.budget.empty() ? Json(nullptr) : Json(method_name(result.method));
}

Json fitted_json(const AssessReport& report) {
  Json rows = Json::array();
  const Assessment& result = *report.result;
  for (std::size_t sli = 0; sli < result.fitted.size(); ++sli) {
    if (result.fitted[sli].laws.empty()) continue;
    rows.push_back({{"service", service_of(report, result.slis[sli])},
                    {"sli", plan_of(report, result.slis[sli]).name},
                    {"laws", result.fitted[sli].laws},
                    {"unavailability_within", result.fitted[sli].unavailability_within}});
  }
  return rows;
}

Json cross_check_json(const AssessReport& report) {
  const Assessment& result = *report.result;
  if (!result.cross_check) return nullptr;
  Json slis = Json::array();
  for (std::size_t sli = 0; sli < result.slis.size(); ++sli) {
    const CrossCheck::Sli& check = result.cross_check->slis[sli];
    slis.push_back(
        {{"service", service_of(report, result.slis[sli])},
         {"sli", plan_of(report, result.slis[sli]).name},
         {"unavailability", {{"estimate", or_null(check.estimate.value)}, {"interval", interval_json(check.interval)}}},
         {"holds_exact", check.holds_exact}});
  }
  return {{"method", "incidents"},
          {"incidents", result.cross_check->incidents},
          {"confidence", CrossCheck::confidence},
          {"slis", std::move(slis)}};
}

Json uncertainty_json(const AssessReport& report) {
  if (report.uncertainty == nullptr) return nullptr;
  const Uncertainty& open = *report.uncertainty;
  Json effects = Json::array();
  for (const InputEffect& effect : open.effects) {
    const loader::Assumption& input = report.input->assumptions[effect.assumption];
    Json json = {{"parameter", input.key},
                 {"range", Json::array({effect.low, effect.high})},
                 {"unit", input.unit},
                 {"unavailability", Json::array({effect.unavailability_at_low, effect.unavailability_at_high})},
                 {"sobol_first", effect.sobol_first}};
    if (!input.service.empty()) json["service"] = input.service;
    if (!input.client.empty()) json["client"] = input.client;
    effects.push_back(std::move(json));
  }
  const SliResult& target = report.result->slis[report.options.target];
  return {{"sli", sli_name(*report.plan, target.index)},
          {"inputs", open.inputs},
          {"draws", open.draws},
          {"impossible_draws", open.impossible},
          {"noise_share", open.noise_share},
          {"tornado", std::move(effects)}};
}

/// Minimal cut sets of each SLI, those that are alike in one row. Figures are first order and of parts that fail
/// independently: void where `couplings` says why.
Json cut_sets_json(const AssessReport& report) {
  namespace structure = models::structure;
  Json slis = Json::array();
  for (const SliResult& sli : report.result->slis) {
    const structure::CutSets cuts = structure::minimal_cut_sets(*report.plan, sli.index);
    Json single = Json::array();
    for (const models::ComponentId part : structure::single_points_of_failure(cuts)) {
      single.push_back(report.plan->name(part));
    }
    Json groups = Json::array();
    for (const structure::CutGroup& group : structure::grouped(*report.plan, cuts)) {
      groups.push_back(
          {{"lost_together", group.text},
           {"parts", group.order},
           {"sets", group.count},
           {"order_matters", group.order_matters},
           {"unavailability", group.estimate ? Json(std::min(1.0, group.estimate->unavailability)) : Json(nullptr)},
           {"times_per_year", group.estimate ? Json(group.estimate->per_year) : Json(nullptr)}});
    }
    slis.push_back({{"service", service_of(report, sli)},
                    {"sli", plan_of(report, sli).name},
                    {"single_points_of_failure", std::move(single)},
                    {"groups", std::move(groups)},
                    {"couplings", structure::couplings(*report.plan, cuts)},
                    {"order", cuts.order},
                    {"complete", cuts.complete},
                    {"complete_up_to", cuts.certain}});
  }
  return slis;
}

Json chance_json(const sim::Estimate& breach) {
  Json json = estimate_json(breach);
  json["upper95_if_unseen"] = or_null(breach.upper95);
  return json;
}

/// What is asked first, by SLI.
Json headline_json(const AssessReport& report) {
  Json rows = Json::array();
  if (report.options.mission_only) return rows;
  for (const Headline& headline : headlines(*report.plan, *report.result)) {
    const SliResult& sli = report.result->slis[headline.sli];
    const DataLoss& loss = sli.loss;
    Json longest = nullptr;
    if (headline.longest) {
      longest = {{"fault", headline.longest->fault},
                 {"p95_s", or_null(headline.longest->p95_s)},
                 {"outages_per_year", headline.longest->outages_per_year},
                 {"never_ends", headline.longest->never_ends}};
    }
    Json lossiest = nullptr;
    if (headline.lossiest) {
      lossiest = {{"fault", headline.lossiest->fault},
                  {"records_p95", or_null(headline.lossiest->records_p95)},
                  {"losses_per_year", headline.lossiest->losses_per_year}};
    }
    Json rpo = nullptr;
    if (headline.holds_data) {
      rpo = {{"losses_per_year", or_null(loss.events_per_year.value)},
             {"losses_per_year_upper95", or_null(most_losses_per_year(loss))},
             {"losses_seen", loss.events_per_year.observations},
             {"incidents_watched", report.result->incidents},
             {"records_p50", or_null(loss.records_p50)},
             {"records_p95", or_null(loss.records_p95)},
             {"seconds_p50", or_null(loss.seconds_p50)},
             {"seconds_p95", or_null(loss.seconds_p95)},
             {"worst_fault", std::move(lossiest)}};
    }
    const HeadlineWords words = headline_words(report, headline);
    Json breach = nullptr;
    if (sli.sla) {
      breach = {{"target", sli.sla->spec.target},
                {"month", chance_json(sli.breach.month)},
                {"year", chance_json(sli.breach.year)}};
    }
    rows.push_back({{"service", service_of(report, sli)},
                    {"sli", plan_of(report, sli).name},
                    {"rto",
                     {{"p50_s", or_null(sli.recovery.p50)},
                      {"p95_s", or_null(sli.recovery.p95)},
                      {"worst_fault", std::move(longest)}}},
                    {"rpo", std::move(rpo)},
                    {"breach_probability", std::move(breach)},
                    {"single_points_of_failure", headline.single_points},
                    {"text", {{"rto", words.rto}, {"rpo", words.rpo}, {"breach", words.breach}}}});
  }
  return rows;
}

/// Incidents that can be played again.
Json worst_json(const AssessReport& report) {
  Json rows = Json::array();
  for (const WorstIncident& entry : report.result->worst) {
    const SliResult& sli = report.result->slis[entry.sli];
    Json faults = Json::array();
    for (const Strike& strike : entry.recipe.strikes) {
      faults.push_back(
          {{"fault", source_name(*report.plan, strike.source)}, {"at_s", seconds(strike.at - incident_start)}});
    }
    rows.push_back({{"by", entry.by == WorstIncident::By::downtime ? "downtime" : "loss"},
                    {"service", service_of(report, sli)},
                    {"sli", plan_of(report, sli).name},
                    {"downtime_s", entry.downtime_s},
                    {"records_lost", entry.records_lost},
                    {"never_ended", entry.never_ended},
                    {"length_s", entry.length_s},
                    {"per_year", entry.per_year},
                    {"as_bad_per_year", entry.as_bad_per_year},
                    {"faults", std::move(faults)},
                    {"incident", incident_word(entry.recipe, incident_fingerprint(*report.input, *report.plan))},
                    {"command", incident_command(report, entry.recipe)}});
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

}  // namespace

Json assess_json(const AssessReport& report) {
  Json assumptions = Json::array();
  for (const loader::Assumption& assumption : report.input->assumptions) {
    assumptions.push_back(assumption_json(assumption));
  }
  const Assessment& result = *report.result;
  Json json = {{"schema", "nines/assessment/1"},
               {"version", version()},
               {"topology", report.plan->topology.name},
               {"title", report.plan->topology.title},
               {"command", report.words.empty() ? Json(nullptr) : Json(command_line(report.words))},
               {"hashes", {{"topology", report.input->input_hash}, {"profiles", report.input->profile_hash}}},
               {"seed", report.plan->seed},
               {"method", method_name(result.method)},
               {"method_reason", method_reason(report)},
               {"headline", headline_json(report)},
               {"fitted_laws", fitted_json(report)},
               {"cross_check", cross_check_json(report)},
               {"services", services_json(report)},
               {"cost", cost_json(report)},
               {"layout", layout_json(*report.plan)},
               {"budget", budget_json(report)},
               {"budget_from", budget_from_json(result)},
               {"worst_incidents", worst_json(report)},
               {"uncertainty", uncertainty_json(report)},
               {"cut_sets", cut_sets_json(report)},
               {"assumptions", std::move(assumptions)},
               {"notes", report.input->notes},
               {"not_modelled", left_out_lines(left_out(*report.plan))},
               {"left_out", left_out_json(left_out(*report.plan))},
               {"warnings", warnings_of(report)},
               {"run",
                {{"incidents", result.incidents},
                 {"events", result.events},
                 {"replications", result.replications},
                 {"years", result.years},
                 {"warm_up_h", result.warm_up_h},
                 {"further_faults", result.depth},
                 {"initiating_faults_per_year", result.incidents_per_year},
                 {"failovers_per_year", estimate_json(result.failovers_per_year)},
                 {"mean_incident_s", result.mean_incident_s},
                 {"never_ending_incidents_per_year", result.censored_per_year},
                 {"precise", result.precise},
                 {"relative_half_width", or_null(result.reached)}}}};
  if (!report.plan->topology.backups.empty()) json["backups"] = backups_json(report.plan->topology);
  if (!result.alerts.empty()) json["alerts"] = alerts_json(report);
  // Only some protocols deliver again; of others nothing is said.
  if (result.redelivered_per_year.observations > 0)
    json["run"]["redelivered_per_year"] = estimate_json(result.redelivered_per_year);
  if (report.command != nullptr && report.command->timing) json["run"]["wall_s"] = report.wall_s;
  return json;
}

std::string assess_csv(const AssessReport& report) {
  std::string text = csv_line({"service",
                               "sli",
                               "unavailability",
                               "ci95_low",
                               "ci95_high",
                               "upper95_if_unseen",
                               "without_planned",
                               "outages_per_year",
                               "recovery_mean_s",
                               "recovery_p50_s",
                               "recovery_p95_s",
                               "recovery_p99_s",
                               "censored_share",
                               "records_lost_per_year",
                               "sla_target",
                               "breach_probability",
                               "verdict",
                               "mttf_h",
                               "mtbf_h",
                               "mission_h",
                               "mission_failure_probability",
                               "method",
                               "breach_month",
                               "breach_year"});
  const auto cell = [](const std::optional<double>& value) { return value ? csv_number(*value) : std::string(); };
  for (const SliResult& sli : report.result->slis) {
    const auto& ci = sli.unavailability.ci95;
    text += csv_line({service_of(report, sli),
                      plan_of(report, sli).name,
                      cell(sli.unavailability.value),
                      ci ? csv_number(ci->lower) : "",
                      ci ? csv_number(ci->upper) : "",
                      cell(sli.unavailability.upper95),
                      sli.unavailability.value ? csv_number(sli.without_planned) : "",
                      cell(sli.outages_per_year.value),
                      cell(sli.recovery.mean),
                      cell(sli.recovery.p50),
                      cell(sli.recovery.p95),
                      cell(sli.recovery.p99),
                      csv_number(sli.recovery.censored_share),
                      loss_known(sli.loss) == LossKnown::beyond ? "" : cell(sli.loss.records_per_year.value),
                      sli.sla ? csv_number(sli.sla->spec.target) : "",
                      sli.sla ? cell(sli.sla->breach_probability.value) : "",
                      sli.sla ? std::string(verdict_name(sli.sla->verdict)) : "",
                      cell(sli.mttf_h.value),
                      cell(sli.mtbf_h.value),
                      sli.mission_failure ? csv_number(report.options.mission_h) : "",
                      cell(sli.mission_failure),
                      std::string(method_name(report.result->method)),
                      cell(sli.breach.month.value),
                      cell(sli.breach.year.value)});
  }
  return text;
}

}  // namespace nines::experiments
