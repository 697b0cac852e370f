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

/// A change of a service that went wrong and is still to be mended.
enum class Change : std::uint8_t { none, bad_rollout, failed_upgrade };

/// What changes and people's slips did to one service.
struct ServiceState {
  Change change = Change::none;
  bool change_shown = false;  ///< a pod has shown its defect: people hear of it
  bool certificate_expired = false;
  bool scaled_to_zero = false;   ///< by a wrong command
  sim::TimerId reconnect_timer;  ///< pending ClientsReconnect
};

struct State {
  std::vector<ServiceState> services;  ///< by service
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
