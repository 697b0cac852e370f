// The results of a sweep as text for people, as CSV and JSON for programs, as a picture.
#pragma once

#include <string>
#include <vector>

#include "experiments/report/json_text.hpp"
#include "experiments/sweep/sweep.hpp"

namespace nines::experiments {

/// Everything the results file holds, read once.
struct SweepReport {
  SweepReport(const loader::Sweep& sweep, const std::vector<SweepPoint>& points, const SweepIdentity& identity,
              SweepStore& store);

  struct Row {
    const SweepPoint* point = nullptr;
    std::string status;  ///< winner, front, close, unresolved, misses, beaten, impossible, racing
    PointRecord record;
    std::optional<Decision> decision;
    const PointResult* last = nullptr;       ///< the best known result
    const PointResult* confirmed = nullptr;  ///< with fresh seeds
  };

  const loader::Sweep& sweep;
  SweepIdentity identity;
  bool complete = false;
  std::map<std::pair<std::size_t, int>, PointResult> results;
  std::vector<Row> rows;  ///< by point
  /// One race for every combination of given parameters.
  struct Race {
    std::string given;               ///< "a=1, b=2"; empty without given parameters
    std::vector<std::size_t> front;  ///< the winner first, then by the first objective
  };
  std::vector<Race> races;   ///< in the order of their first points
  double played_s = 0;       ///< of all results, threads added up
  double wall_s = 0;         ///< of this run
  std::size_t computed = 0;  ///< results of this run
  std::size_t reused = 0;    ///< that were there before
  /// What is being played, while the sweep is not complete.
  struct Ahead {
    std::string rung;      ///< "rung 2"
    std::size_t done = 0;  ///< designs of it
    std::size_t of = 0;
  } ahead;
  SweepBoundary boundary;  ///< what is left out, and was warned of
};

std::string sweep_text(const SweepReport& report);
std::string sweep_csv(const SweepReport& report);
Json sweep_json(const SweepReport& report);
/// One objective over the other, on a scale on which nines are equally far apart where it is an unavailability. An SVG
/// file by itself. REQUIRES: two objectives.
std::string sweep_svg(const SweepReport& report);

/// A result by itself, as `nines sweep --point` prints it.
Json point_json(const loader::Sweep& sweep, const SweepPoint& point, const PointResult& result);

}  // namespace nines::experiments
