// What every form of an assessment says beside its figures.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/estimate/warm_up.hpp"
#include "experiments/report/text.hpp"
#include "models/alerts/alerts.hpp"
#include "models/selector.hpp"
#include "sim/math.hpp"

namespace nines::experiments {

const models::measurement::SliPlan& plan_of(const AssessReport& report, const SliResult& sli) {
  return report.plan->slis[sli.index];
}
const std::string& service_of(const AssessReport& report, const SliResult& sli) {
  return report.plan->services[plan_of(report, sli).service].name;
}

double credit_usd(const AssessReport& report, const SlaResult& sla) {
  return sla.expected_credit_share * report.result->bill.usd();
}

namespace {

/// Faults so rare that the simulated years hold only a few of them.
std::string hardly_seen(const AssessReport& report) {
  constexpr double few = 5;
  std::map<std::string_view, double> expected;
  for (const models::FaultSource& source : report.plan->faults) {
    if (source.dormant) continue;  // as much as the machine or pod is there
    expected[models::verb_info(source.verb).name] += source.rate.per_year() * report.result->years;
  }
  std::string text;
  for (const auto& [name, count] : expected) {
    if (count < few) text += fmt::format("{}{} (about {})", text.empty() ? "" : ", ", name, number_text(count, 2));
  }
  return text;
}

}  // namespace

namespace {

std::string name_of(const AssessReport& report, const SliResult& sli) { return sli_name(*report.plan, sli.index); }

/// Alerts that fire in health, and journeys of too many parts.
void warn_of_useless_rules(const AssessReport& report, std::vector<std::string>& warnings) {
  const models::Plan& plan = *report.plan;
  for (const std::size_t rule : models::alerts::firing_in_health(plan))
    warnings.push_back(fmt::format("Alert '{}' fires while all is well: it tells nobody anything.",
                                   plan.topology.monitoring->rules[rule].name));
  for (const models::structure::Requirement& requirement : plan.structures.requirements) {
    const auto leaves = std::count_if(requirement.nodes.begin(), requirement.nodes.end(), [](const auto& node) {
      return node.kind != models::structure::Node::Kind::at_least;
    });
    if (leaves > 1 && requirement.parts.empty() && plan.hosts())
      warnings.push_back(fmt::format("Of {} nobody can say whose downtime it is: it has more than {} parts.",
                                     sli_name(plan, requirement.sli), models::structure::most_parts));
  }
}

void warn_of_precision(const AssessReport& report, std::vector<std::string>& warnings) {
  const Assessment& result = *report.result;
  if (result.precise || result.method == Method::exact) return;
  const std::string reached = result.reached ? fmt::format("{:.2g} %", *result.reached * 100) : "unknown size";
  const std::string sli = name_of(report, result.slis[report.options.target]);
  warnings.push_back(
      result.method == Method::timeline
          ? fmt::format(
                "{:.0f} simulated years reached a relative half-width of {} for {}, not the {:.3g} % asked for; "
                "raise --max-years.",
                result.years, reached, sli, report.options.precision * 100)
          : fmt::format("{} incidents reached a relative half-width of {} for {}, not the {:.3g} % asked for; raise "
                        "--max-incidents.",
                        result.incidents, reached, sli, report.options.precision * 100));
}

void warn_of_the_unseen(const AssessReport& report, std::vector<std::string>& warnings) {
  const Assessment& result = *report.result;
  if (result.method == Method::timeline) {
    if (!warm_up(*report.plan, sim::year).steady) {
      warnings.push_back(fmt::format(
          "Something here is never repaired, so there is no steady state: figures are of the first {:.3g} years of a "
          "system that starts whole.",
          result.years / static_cast<double>(std::max<std::size_t>(1, result.replications))));
    }
    if (const std::string rare = hardly_seen(report); !rare.empty()) {
      warnings.push_back(
          fmt::format("In {:.0f} years some faults hardly occur, so the intervals do not cover what they do: {}.",
                      result.years, rare));
    }
  }
  double longest = 0;
  bool unseen = false;
  for (const SliResult& sli : result.slis) {
    longest = std::max(longest, sli.longest_s);
    unseen = unseen || !sli.unavailability.value;
  }
  if (!unseen) return;
  const bool as_seen = result.method == Method::timeline && longest > 0;
  warnings.push_back(fmt::format(
      "Upper bounds of SLIs never seen out take an outage to last {}.",
      as_seen ? fmt::format("as long as the longest one of the others ({})", duration_text(longest)) : "a day"));
}

void warn_of_alarms(const AssessReport& report, std::vector<std::string>& warnings) {
  for (const SliResult& sli : report.result->slis) {
    if (sli.alarms.empty()) continue;
    warnings.push_back(
        fmt::format("The interval of {} is not to be trusted: {}.", name_of(report, sli), fmt::join(sli.alarms, "; ")));
  }
  if (report.result->censored_per_year > 0) {
    warnings.push_back(fmt::format(
        "{} incidents a year are ended by nothing that is modelled; each counts as down for 30 days where it is.",
        number_text(report.result->censored_per_year, 2)));
  }
}

}  // namespace

namespace {

/// What is not in an exact answer, and what its windows start with.
void say_what_is_exact(const AssessReport& report, std::vector<std::string>& warnings) {
  const Assessment& result = *report.result;
  for (const SliResult& sli : result.slis) {
    for (const std::string& remark : sli.remarks)
      warnings.push_back(fmt::format("{}: {}", name_of(report, sli), remark));
    if (!sli.sla || !sli.sla->breach_from_whole || !sli.sla->breach_probability.value) continue;
    constexpr double visible = 0.01;
    const double steady = *sli.sla->breach_probability.value;
    const double whole = *sli.sla->breach_from_whole;
    if (std::abs(whole - steady) <= visible * steady) continue;
    warnings.push_back(
        fmt::format("{}: a window of the SLA begins at any time, so perhaps in an outage; one that begins "
                    "with every unit whole is breached with probability {:.3g} in place of {:.3g}.",
                    name_of(report, sli), whole, steady));
  }
  for (std::size_t sli = 0; sli < result.fitted.size(); ++sli) {
    const FittedLaws& fitted = result.fitted[sli];
    if (fitted.laws.empty()) continue;
    const std::string effect =
        fitted.unavailability_within > 0
            ? fmt::format("several fits give the unavailability to {:.1g} %", fitted.unavailability_within * 100)
            : "unavailability and frequency of outages depend on means only and are exact";
    warnings.push_back(fmt::format("{}: phases were fitted to {}; {}.", name_of(report, result.slis[sli]),
                                   fmt::join(fitted.laws, "; "), effect));
  }
  if (result.method == Method::exact && result.budget_from.empty() && !report.options.mission_only) {
    warnings.push_back(
        "The exact method does not divide the downtime by fault; --method auto adds that from a short run of "
        "incidents.");
  }
}

}  // namespace

std::vector<std::string> warnings_of(const AssessReport& report) {
  std::vector<std::string> warnings(report.input->warnings.begin(), report.input->warnings.end());
  const Assessment& result = *report.result;
  warn_of_precision(report, warnings);
  warn_of_alarms(report, warnings);
  say_what_is_exact(report, warnings);
  if (!report.options.mission_only) warn_of_the_unseen(report, warnings);
  warn_of_useless_rules(report, warnings);
  const bool sla =
      std::any_of(result.slis.begin(), result.slis.end(), [](const SliResult& sli) { return sli.sla.has_value(); });
  if (sla && report.plan->hosts()) {
    warnings.push_back("Expected credits take the monthly bill of this topology as the charge.");
  }
  return warnings;
}

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::meets: return "meets";
    case Verdict::breaches: return "breaches";
    case Verdict::open: break;
  }
  return "open";
}

std::string_view category_name(models::Category category) {
  switch (category) {
    case models::Category::component: return "component";
    case models::Category::planned: return "planned";
    case models::Category::change: return "change";
    case models::Category::human: break;
  }
  return "human";
}

double year_breach(const SlaResult& sla, double window_breach) {
  const double windows = seconds(sim::year) / seconds(sla.spec.window);
  return -sim::expm1(windows * sim::log1p(-std::min(window_breach, 1 - 1e-15)));
}

std::string_view method_name(Method method) {
  switch (method) {
    case Method::incidents: return "incidents";
    case Method::timeline: return "timeline";
    case Method::automatic: return "auto";
    case Method::exact: break;
  }
  return "exact";
}

std::string method_reason(const AssessReport& report) {
  const std::string& reason = report.result->method_reason;
  return reason.empty() ? "asked for by --method" : reason;
}

}  // namespace nines::experiments
