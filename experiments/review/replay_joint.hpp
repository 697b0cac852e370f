// One play, or two that part at a fork, as one sequence of events and one set of lanes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiments/review/document.hpp"
#include "experiments/review/value.hpp"

namespace nines::experiments::review {

/// A line of the timeline of one play, or the same line of both.
struct JointLine {
  Events::Side side = Events::Side::both;
  Value line;
  std::optional<std::size_t> cause;  ///< index of a joint line before this one
  /// Of a line of one play: the other has the same later (more than 0) or sooner. Nothing if nobody can say which.
  std::optional<double> moved_s{};
  bool alone = false;  ///< and in the other play it does not happen at all
  bool noise = false;
};

struct JointReplay {
  std::vector<JointLine> lines;  ///< by time; of one instant in the order of the plays
  std::vector<Events::Lane> lanes;
  double end_s = 0;
};

/// `fork`: the run with the change, or none. A line is of both if the same happens to the same component at the same
/// time for the same reason. Throws loader::InputError for what is no such run.
JointReplay join(const Value& run, const std::optional<Value>& fork);

/// From when to when the two plays of a lane are in different states, seconds; empty where they are never, or there is
/// one play only. What only one of them still plays does not count.
std::vector<std::pair<double, double>> differences(const Events::Lane& lane);

}  // namespace nines::experiments::review
