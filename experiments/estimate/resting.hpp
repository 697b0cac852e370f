// The layouts in which incidents begin: those in which a cluster that has run for long is well.
//
// A design may be well in many layouts (models/resting_layout.hpp), and an incident leaves the next one to the one that
// follows. Then health is no single state, and incidents that all begin as in a new cluster are not those of the long
// run. By renewal theory it is enough to begin them in the layouts of the stationary law: faults are Poisson, so the
// first one of a time of health finds the layout that health has at an arbitrary instant (PASTA; Wolff, Operations
// Research 30, 1982), weighed by how much there is for it to strike. That law is sampled: one world is played with all
// its clocks, and after a warm-up looked at once a month; layouts of months in which something is under way are left
// out. All randomness of it has a name of its own, so that nothing depends on threads.
//
// What it misses: months of one play are a sample, whose error is in no interval (a tenth of what drift adds, about);
// layouts of designs that are hardly ever well, or take too many events, are those of a new cluster.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/resting_layout.hpp"

namespace nines::experiments {

class Resting {
 public:
  /// One that always begins like a new cluster.
  static std::shared_ptr<const Resting> new_cluster();
  /// Plays the design, if its layouts can drift.
  static std::shared_ptr<const Resting> of(const models::Plan& plan);

  /// Whether incidents begin otherwise than in a new cluster.
  [[nodiscard]] bool drifts() const { return !layouts_.empty(); }
  [[nodiscard]] const std::vector<models::Layout>& layouts() const { return layouts_; }
  /// Share of the time of health in which what the source strikes is there.
  [[nodiscard]] double exposure(const models::FaultSource& source) const;
  /// The layout in which an incident begins with the source, at u in (0, 1); none: that of a new cluster.
  [[nodiscard]] std::optional<std::size_t> draw(const models::FaultSource& source, double u) const;
  /// An hour of health, beyond that of a new cluster.
  [[nodiscard]] double rented_usd_per_h(const models::Plan& plan) const;

 private:
  std::vector<models::Layout> layouts_;  ///< ascending; none: as in a new cluster
  std::vector<double> shares_;           ///< of months
};

}  // namespace nines::experiments
