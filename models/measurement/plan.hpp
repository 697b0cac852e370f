// SLIs as results list them, whatever kind of service they belong to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/ids.hpp"
#include "models/measurement/spec.hpp"

namespace nines::models::measurement {

using models::SliIndex;

struct SliPlan {
  ComponentId component = 0;
  ServiceId service;
  std::uint16_t spec = 0;  ///< position among the SLIs of its service
  std::string name;
  Duration deadline;  ///< interruptions no longer than this are latency, not outages
  std::optional<SlaSpec> sla;
  /// Its clients lose what had been acknowledged after replication (records_all of a loss).
  bool counts_replicated_losses = false;
  /// Its clients lose what one process had acknowledged before it was replicated (records_one).
  bool counts_unreplicated_losses = false;
  std::uint32_t partitions = 1;                    ///< in its scope; 1 of what has none
  std::uint32_t tolerated_down = 0;                ///< it holds while at most this many of them are down
  std::vector<std::uint32_t> group_partitions{1};  ///< of each group that goes up and down as one
};

}  // namespace nines::models::measurement
