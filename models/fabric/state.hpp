// The fabric's part of the world, and how models use it.
#pragma once

#include "models/fabric/max_min.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::fabric {

struct State {
  MaxMin native;
  /// Another implementation in its place, for replays; not owned. A world that has one must not be forked: SimGrid
  /// cannot be copied.
  Fabric* engine = nullptr;
  sim::TimerId timer;
  std::vector<Ending> endings;  ///< scratch of the event that delivers them
  [[nodiscard]] Fabric& in_use() { return engine != nullptr ? *engine : native; }
};

/// A batch of changes at one instant: shares are worked out when it goes out of scope.
///
///     fabric::Changes fabric(world);
///     flow = fabric->start(world.now, {.route = route, .bytes = missing, .owner = fabric::owner(process)});
class Changes {
 public:
  explicit Changes(World& world) : world_(world) {}
  /// Sets the world's timer to the fabric's next change.
  ~Changes();
  Changes(const Changes&) = delete;
  Changes& operator=(const Changes&) = delete;
  Fabric* operator->();

 private:
  World& world_;
};

}  // namespace nines::models::fabric
