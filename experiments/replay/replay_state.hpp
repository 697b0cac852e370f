// What a replay shows of the state of replicated services: who leads, who is in sync, in which epoch, before and after
// each event that changes it.
#pragma once

#include <map>
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

/// A state of one thing for some time: of a zone, machine, pod, volume, or of what a service shows.
struct LaneSpan {
  sim::Time from;
  sim::Time to;
  std::string state;
  sim::CauseId record = sim::no_cause;  ///< that began it; none of what was there at the start
};

struct Lane {
  std::string kind;  ///< "zone", "machine", "pod", "volume", or the word of the service: "leader"
  std::string name;
  std::string zone;             ///< of machines and pods as they stand in health; else empty
  std::vector<LaneSpan> spans;  ///< one after the other
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
  /// Everything whose state changed, until `end`: zones first, then machines, pods, volumes, services. Of clusters with
  /// more than `most_watched` machines, pods and volumes only what services show.
  [[nodiscard]] std::vector<Lane> lanes(const models::World& world, sim::Time end) const;
  static constexpr std::size_t most_watched = 2000;

 private:
  /// Of each service what its kind shows.
  [[nodiscard]] static std::vector<std::vector<models::service::Shown>> read(const models::World& world);
  void put(const models::World& world, models::ComponentId component, StateChange change);
  /// The newest record since the last look about a component, else the event of this look.
  [[nodiscard]] sim::CauseId record_about(const models::World& world, models::ComponentId component) const;
  void look_at_platform(const models::World& world);

  /// A change of a lane.
  struct Turn {
    sim::Time at;
    sim::CauseId record = sim::no_cause;
    std::string before;
    std::string after;
  };
  using ServiceTurns = std::map<std::pair<std::string, std::string>, std::vector<Turn>>;  ///< by what and name
  /// From what the events changed.
  [[nodiscard]] ServiceTurns service_turns(const models::World& world) const;

  std::vector<std::uint8_t> platform_;  ///< states of zones, machines, pods, volumes; empty where they are too many
  std::map<std::size_t, std::vector<Turn>> platform_turns_;  ///< by place in `platform_`
  std::vector<std::vector<models::service::Shown>> last_;
  sim::CauseId seen_;  ///< records below it were there at the last look
  std::unordered_map<sim::CauseId, std::vector<StateChange>> changes_;
};

}  // namespace nines::experiments
