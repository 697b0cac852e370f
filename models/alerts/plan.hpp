// Alerting rules with what they watch resolved.
#pragma once

#include <optional>
#include <vector>

#include "models/ids.hpp"
#include "models/units.hpp"

namespace nines::models::alerts {

struct RulePlan {
  ComponentId component = 0;
  ServiceId service;            ///< of a metric
  std::optional<SliIndex> sli;  ///< fires while it is out; else it watches a metric
  std::size_t metric = 0;       ///< of the service's kind
  bool below = false;
  double threshold = 0;
  Duration hold;
};

struct AlertPlan {
  bool monitored = false;               ///< people are told by rules; else by a law of its own (people.notice)
  ComponentId component = 0;            ///< of monitoring
  std::optional<SliIndex> works_while;  ///< none: it never fails
  std::vector<RulePlan> rules;
};

}  // namespace nines::models::alerts
