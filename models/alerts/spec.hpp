// Alerting rules as a topology file says them.
#pragma once

#include <string>
#include <vector>

#include "models/units.hpp"

namespace nines::models::alerts {

/// It fires once what it watches has been beyond its threshold for a time.
struct RuleSpec {
  std::string name;
  std::string watches;   ///< "service/metric", or "service/sli": then it fires while that one is out
  bool below = false;    ///< of a metric: it fires below the threshold, not above
  double threshold = 0;  ///< of a metric; exclusive
  Duration hold;         ///< so long it must have been so (Prometheus: `for`)
};

struct MonitoringSpec {
  std::string works_while;  ///< "service/sli" that must hold for monitoring to read and alarm; empty: it never fails
  std::vector<RuleSpec> rules;
};

}  // namespace nines::models::alerts
