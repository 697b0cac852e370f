// Services and their SLIs as results list them, whatever kind of service they belong to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/ids.hpp"
#include "models/topology.hpp"

namespace nines::models::measurement {

/// Position of an SLI in `Plan::slis`.
using SliIndex = std::uint16_t;

enum class ServiceKind : std::uint8_t { kafka, composite };

struct ServicePlan {
  ComponentId component = 0;
  std::string name;
  ServiceKind kind = ServiceKind::kafka;
  std::uint16_t index = 0;  ///< position among the services of its kind, in topology and plan
};

struct SliPlan {
  ComponentId component = 0;
  std::uint16_t service = 0;  ///< position in Plan::services
  std::uint16_t spec = 0;     ///< position among the SLIs of its service
  std::string name;
  Duration deadline;  ///< interruptions no longer than this are latency, not outages
  std::optional<SlaSpec> sla;
  std::uint32_t partitions = 1;                    ///< in its scope; 1 of what has none
  std::uint32_t tolerated_down = 0;                ///< it holds while at most this many of them are down
  std::vector<std::uint32_t> group_partitions{1};  ///< of each group that goes up and down as one
};

}  // namespace nines::models::measurement
