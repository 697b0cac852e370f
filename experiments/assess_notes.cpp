// What every form of an assessment says beside its figures.
#include <fmt/format.h>

#include <algorithm>

#include "experiments/assess_output.hpp"
#include "experiments/text.hpp"
#include "models/selector.hpp"

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
    expected[models::verb_info(source.verb).name] += source.rate.per_year() * report.result->years;
  }
  std::string text;
  for (const auto& [name, count] : expected) {
    if (count < few) text += fmt::format("{}{} (about {})", text.empty() ? "" : ", ", name, number_text(count, 2));
  }
  return text;
}

}  // namespace

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
  if (const std::string rare = hardly_seen(report); !rare.empty()) {
    warnings.push_back(
        fmt::format("In {:.0f} years some faults hardly occur, so the intervals do not cover what they do: {}.",
                    result.years, rare));
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
      "changes of the platform that go wrong, roll backs that fail, defects that show only later or under load",
      "deleted or corrupted data: wrong commands here stop pods and machines, and leave network volumes alone",
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

}  // namespace nines::experiments
