// Plays a sweep: point after point, rung after rung, in one process or in shards, from where it was interrupted.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "experiments/command/inputs.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/sweep/shard.hpp"
#include "experiments/sweep/store.hpp"

namespace nines::experiments {

struct SweepProgress {
  int rung = 0;
  std::size_t done = 0;    ///< of this rung, in the results file
  std::size_t points = 0;  ///< of this rung
};

struct SweepOptions {
  CommonOptions common;
  bool racing = true;  ///< false: every point is played until it is known precisely enough
  std::function<void(const SweepProgress&)> progress;
};

/// What is to be played next.
struct Work {
  int rung = 0;
  std::vector<std::size_t> points;  ///< missing ones
  std::vector<std::size_t> all;     ///< of this rung, in order
  /// Of the last estimate: the rung whose blocks a point takes as many as.
  std::map<std::size_t, int> as_many_as;
  [[nodiscard]] bool complete() const { return points.empty(); }
  /// Which of so many shards plays a point of this rung. They take turns, so that each has its part of every rung.
  [[nodiscard]] std::size_t shard_of(std::size_t point, std::size_t count) const;
};

/// What is said of all designs of a sweep together.
struct SweepBoundary {
  std::vector<LeftOut> left_out;
  std::vector<std::string> warnings;
};

class SweepRunner {
 public:
  /// Throws loader::InputError for points that no design can be made of.
  SweepRunner(const loader::Sweep& sweep, const SweepOptions& options);

  [[nodiscard]] const std::vector<SweepPoint>& points() const { return points_; }
  [[nodiscard]] const SweepIdentity& identity() const { return identity_; }

  /// Tries every value of every parameter once, so that slips show before the first hour is over.
  void check() const;
  /// What the designs leave out, and what reading them warned of, each once: of the points that `check` tries.
  [[nodiscard]] SweepBoundary boundary() const;

  /// Decides what can be decided and says what is to be played next; nothing if the sweep is complete.
  Work advance(SweepStore& store) const;
  /// Ranks those that are in the race by what is known so far, for whoever wants to look before the end.
  void rank_so_far(SweepStore& store) const;
  /// What the topology of a point can be named by, from here.
  [[nodiscard]] std::string topology_of(const SweepPoint& point) const;
  /// Plays the work and puts the results into the store as they come. Returns how many points were played.
  std::size_t play(SweepStore& store, const Work& work) const;
  /// The share of the work that a shard does.
  [[nodiscard]] static Work part_of(const Work& work, const Shard& shard);
  /// Makes sure that the store has the plan of the blocks.
  void plan_blocks(SweepStore& store) const;

  /// One result by itself. Throws loader::InputError if the point cannot exist.
  [[nodiscard]] PointResult remake(SweepStore& store, std::size_t point, int rung) const;

 private:
  [[nodiscard]] Input load(const SweepPoint& point) const;
  /// Points that show a value for the first time.
  [[nodiscard]] std::vector<std::size_t> first_points() const;
  [[nodiscard]] PointResult play(const Input& input, const JointSampling& sampling, std::size_t point, const Rung& rung,
                                 int number) const;
  /// Results of rungs below `rungs` alone: shards of later ones may have been merged before.
  /// By race: points that share all given parameters.
  [[nodiscard]] std::vector<std::vector<Contender>> contenders(
      const std::map<std::pair<std::size_t, int>, PointResult>& results,
      const std::map<std::size_t, Decision>& decisions, int rungs) const;

  const loader::Sweep& sweep_;
  SweepOptions options_;
  std::vector<SweepPoint> points_;
  std::map<std::string, std::string> paths_;  ///< of topologies, by what the sweep calls them
  SweepIdentity identity_;
};

}  // namespace nines::experiments
