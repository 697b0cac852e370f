// Faults and operations: what is on, what is still to come.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/infrastructure/state.hpp"
#include "models/scenario.hpp"
#include "sim/event_queue.hpp"

namespace nines::models::faults {

/// A fault that is on: of the network, or one that degrades something.
struct Ongoing {
  std::uint32_t id = 0;
  Verb verb = Verb::partition;
  ComponentId component = 0;
  ZoneId zone;                                 ///< isolation
  std::vector<infrastructure::Address> side;   ///< partition; of an isolation the zone's places
  std::vector<infrastructure::Address> other;  ///< partition
  infrastructure::Degradation condition;       ///< of what degrades; its sides are the two above
  bool one_way = false;
  ServiceId service;               ///< whose load or metrics
  double factor = 1;               ///< of the load
  bool zero = false;               ///< the metrics say 0, and are not missing
  std::optional<double> extent{};  ///< share of the pods whose metrics are missing; none: all at once
  bool ends = false;               ///< by itself
  sim::TimerId timer;
};

/// A change of a service that went wrong and is still to be mended.
enum class Change : std::uint8_t { none, bad_rollout, failed_upgrade };

/// Data that people or a release deleted or corrupted, and that nobody has restored yet.
struct Damage {
  sim::Time at;
  bool deleted = false;         ///< and not corrupted
  bool away = false;            ///< clients are turned away
  sim::Time restoring_since;    ///< once people are at it
  std::optional<sim::Time> to;  ///< the backup that will have been restored; none: no usable one is left
  /// Of deleted data: they had been corrupted then, and nobody had restored them.
  std::optional<sim::Time> corrupted_before;
};

/// What changes and human errors did to one service.
struct ServiceState {
  Change change = Change::none;
  bool change_shown = false;  ///< a pod has shown its defect: people hear of it
  bool certificate_expired = false;
  bool scaled_to_zero = false;  ///< by a wrong command
  bool out_of_space = false;    ///< its database is at its quota
  bool denied = false;          ///< a NetworkPolicy cuts its pods off
  bool role_broken = false;     ///< its pods get no credentials
  std::optional<Damage> damage;
  sim::TimerId reconnect_timer;  ///< pending ClientsReconnect
};

/// What share of its failure rate a unit of a black box has from a moment on.
struct Exposure {
  std::uint16_t unit = 0;
  sim::Time from;
  double share = 0;  ///< 1 serving, the dormant factor standing by, 0 failed or behind a switchover
  sim::Time born;    ///< of a life that began here; else it is the one it had at the start
  bool born_here = false;
};

/// For estimators that choose when and how faults strike. What is chosen against the odds is made good by a weight.
struct Forcing {
  bool records = false;               ///< exposures are written down
  std::vector<Exposure> exposures;    ///< changes, in order of time
  std::vector<std::uint32_t> latest;  ///< by unit: its last entry among them, counted from 1; 0: none
  bool bends = false;  ///< rare outcomes of the fault that strikes now are drawn more often than they are
  int longer = 0;      ///< repairs that begin with it are drawn longer: weighed by powers of their length
  double weight = 1;   ///< probability over that with which they were drawn, of all so far
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
  Forcing forcing;
};

}  // namespace nines::models::faults
