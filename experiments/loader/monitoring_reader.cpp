#include "experiments/loader/monitoring_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "experiments/loader/fields.hpp"
#include "experiments/loader/service_reader.hpp"
#include "models/service/kind.hpp"

namespace nines::loader {

namespace {

constexpr std::size_t most_rules = 100;

/// "service/metric" of every service.
std::vector<std::string> metric_names(const models::Topology& topology) {
  std::vector<std::string> names;
  for (const models::ServiceSpec& service : topology.services) {
    for (const models::service::Metric& metric : service.kind->metrics())
      names.push_back(fmt::format("{}/{}", service.name, metric.name));
  }
  return names;
}

/// What a rule can watch.
struct Watchable {
  std::vector<std::string> slis;
  std::vector<std::string> all;  ///< metrics before SLIs
};

void read_rule(const Value& value, const Watchable& known, const std::string& works_while,
               models::alerts::RuleSpec& rule) {
  const Object object(value, alert_fields(), "an alert");
  object.read("name", read_name, rule.name);
  double hold_s = 0;
  if (object.number("for_s", hold_s)) rule.hold = models::Duration::from_seconds(hold_s);
  const bool above = object.number("above", rule.threshold);
  rule.below = object.number("below", rule.threshold);
  if (!object.read("watches", read_text, rule.watches)) return;
  if (!works_while.empty() && rule.watches == works_while)
    object.at("watches").warn(
        fmt::format("monitoring is away while '{}' is out: this alert can never fire.", rule.watches));
  if (std::find(known.slis.begin(), known.slis.end(), rule.watches) != known.slis.end()) {
    for (const std::string_view field : {"above", "below"}) {
      if (object.has(field))
        object.at(field).report_key(fmt::format("'{}' is an SLI: its alert fires while it is out.", rule.watches));
    }
    return;
  }
  if (!check_known(object.at("watches"), rule.watches, known.all, "metric or SLI")) return;
  if (above == rule.below)
    object.value().report(fmt::format("an alert on '{}' needs one of 'above' and 'below'.", rule.watches));
}

}  // namespace

void read_monitoring(const Value& value, models::Topology& topology) {
  const Object object(value, monitoring_fields(), "monitoring");
  models::alerts::MonitoringSpec& spec = topology.monitoring.emplace();
  Watchable known;
  for (const models::ServiceSpec& service : topology.services) {
    for (std::string& sli : qualified_slis(service)) known.slis.push_back(std::move(sli));
  }
  known.all = metric_names(topology);
  known.all.insert(known.all.end(), known.slis.begin(), known.slis.end());
  if (object.read("works_while", read_text, spec.works_while) &&
      !check_known(object.at("works_while"), spec.works_while, known.slis, "SLI"))
    spec.works_while.clear();
  std::vector<std::pair<std::string, Value>> names;
  for (const Value& element : object.elements("alerts", most_rules, true)) {
    models::alerts::RuleSpec& rule = spec.rules.emplace_back();
    read_rule(element, known, spec.works_while, rule);
    if (!rule.name.empty()) names.emplace_back(rule.name, element);
  }
  report_duplicates(names, "alert");
}

}  // namespace nines::loader
