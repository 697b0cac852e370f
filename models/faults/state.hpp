// Faults and operations: what is on, what is still to come.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/scenario.hpp"
#include "sim/event_queue.hpp"

namespace nines::models::faults {

/// A fault of the network that is on.
struct Ongoing {
  std::uint32_t id = 0;
  Verb verb = Verb::partition;  ///< partition or zone_isolation
  ComponentId component = 0;
  ZoneId zone;                                 ///< isolation
  std::vector<infrastructure::Address> side;   ///< partition; of an isolation the zone's places
  std::vector<infrastructure::Address> other;  ///< partition
  bool one_way = false;
  bool ends = false;  ///< by itself
  sim::TimerId timer;
};

struct State {
  /// Scenarios armed so far; immutable and shared between copies of the world.
  std::vector<std::shared_ptr<const std::vector<Action>>> scripts;
  std::vector<Ongoing> ongoing;
  std::uint32_t ongoing_so_far = 0;
  std::uint32_t actions_left = 0;            ///< of the scripts, not yet done
  std::uint32_t actions_without_target = 0;  ///< done when what they name did not exist, such as a leader
  std::vector<sim::TimerId> clocks;          ///< next fault by source; empty while all clocks stand still
  std::vector<std::uint8_t> running;         ///< by source: whether its clock runs
};

}  // namespace nines::models::faults
