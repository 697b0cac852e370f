// What a replay shows of the state of replicated services: who leads, who is in sync, in which epoch, before and after
// each event that changes it.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "models/service/kind.hpp"
#include "models/world.hpp"

namespace nines::experiments {

/// One thing that an event changed, as text.
struct StateChange {
  std::string component;  ///< the partitions, or the service of a controller
  std::string what;       ///< "leader", "epoch", "ISR", "controller"
  std::string before;
  std::string after;
  bool internal = false;  ///< of partitions that no SLI looks at
};

/// Looks at a world after each event. A value: a fork of the world goes on with a copy.
class StateWatch {
 public:
  explicit StateWatch(const models::World& world);
  /// What changed since the last look is put down to the newest record since then about the same thing, else to the
  /// event itself, which is the first of them.
  void look(const models::World& world);
  /// What the event of a record changed.
  [[nodiscard]] const std::vector<StateChange>& changes(sim::CauseId record) const;

 private:
  /// Of each service what its kind shows.
  [[nodiscard]] static std::vector<std::vector<models::service::Shown>> read(const models::World& world);
  void put(const models::World& world, models::ComponentId component, StateChange change);

  std::vector<std::vector<models::service::Shown>> last_;
  sim::CauseId seen_;  ///< records below it were there at the last look
  std::unordered_map<sim::CauseId, std::vector<StateChange>> changes_;
};

}  // namespace nines::experiments
