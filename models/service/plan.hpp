// A service in the plan: what every service has, and what its kind alone knows.
#pragma once

#include <algorithm>
#include <cstddef>
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
  std::vector<ProcessId> members;     ///< all its processes, in the order of their numbers; none without processes
  std::vector<WorkloadId> workloads;  ///< what its processes belong to, in order
  std::vector<ServiceId> users;       ///< services that ask its processes, and hear when their answers change
  sim::Value own;                     ///< the kind's own part; empty if it has none

  /// Position of one of its processes among `members`. REQUIRES: it is one.
  [[nodiscard]] std::size_t position_of(ProcessId process) const {
    return static_cast<std::size_t>(std::lower_bound(members.begin(), members.end(), process) - members.begin());
  }
  /// All its processes in their order, but for the one at `position`, which is last; if there is none, in their order.
  [[nodiscard]] std::vector<ProcessId> with_last(std::size_t position) const {
    std::vector<ProcessId> order = members;
    if (position < order.size())
      std::rotate(order.begin() + static_cast<std::ptrdiff_t>(position),
                  order.begin() + static_cast<std::ptrdiff_t>(position) + 1, order.end());
    return order;
  }
};

}  // namespace nines::models
