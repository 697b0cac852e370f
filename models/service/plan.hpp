// A service in the plan: what every service has, and what its kind alone knows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ids.hpp"
#include "sim/value.hpp"

namespace nines::models {

namespace service {
struct Kind;
}

struct ServicePlan {
  ComponentId component = 0;
  std::string name;
  const service::Kind* kind = nullptr;
  std::vector<ProcessId> members;  ///< all its processes, in the order of their numbers; none without processes
  sim::Value own;                  ///< the kind's own part; empty if it has none
};

}  // namespace nines::models
