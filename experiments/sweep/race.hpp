// Racing: which points go on to the next rung, and why the others do not.
//
// Rungs. Every possible point is played at rung 0 with few blocks, the survivors at rung 1 with four times as many, and
// so on; a rung begins afresh with its first blocks, so that a result is a function of point and rung alone. All points
// play the same blocks, so differences between them are far sharper than the points themselves.
// A point is eliminated if it surely exceeds a requirement, or if another one that surely meets all of them is surely
// no worse in any objective (up to the objective's indifference) and better, or earlier in the order, in one. "Surely":
// one-sided bounds (Student's t) whose risks add up to the sweep's risk over all points and rungs. A point that is
// eliminated keeps what eliminated it. A survivor whose objectives are known precisely enough stays in the race; it is
// played on only while it is ahead and others are open, because it takes both for a sharp difference. Points that
// differ in a parameter that is given run in different races.
#pragma once

#include <string>
#include <vector>

#include "experiments/sweep/figures.hpp"

namespace nines::experiments {

enum class Fate : std::uint8_t {
  precise,  ///< in the race, known well enough
  open,     ///< in the race, to be played at the next rung
  misses,   ///< eliminated: exceeds a requirement
  beaten,   ///< eliminated: another point is better
};

struct Decision {
  std::size_t point = 0;
  int rung = 0;  ///< the last that it was played at
  Fate fate = Fate::open;
  std::optional<std::size_t> by;  ///< point that beats it
  std::size_t figure = 0;         ///< that it misses, or by which it is beaten most surely; index into Sweep::figures
  double value = 0;               ///< of that figure: how much worse it is than the limit, or than the other point
  double bound = 0;               ///< and how much at least, surely
};

/// Blocks and batches of a rung.
struct Rung {
  std::uint64_t blocks = 0;
  std::size_t batches = 0;
};
inline constexpr int most_rungs = 8;
Rung rung_at(int rung);
/// The rung after which points are played no further: the first whose incidents would exceed the sweep's limit, or the
/// last of all. `incidents_of_a_block` is what a block takes at most.
int last_rung(const loader::Sweep& sweep, double incidents_of_a_block);

/// Every point that is still in a race, with its result at the last rung it was played at and before.
struct Contender {
  std::size_t point = 0;
  std::vector<const PointResult*> results;  ///< by rung, from 0 on
  [[nodiscard]] const PointResult& last() const { return *results.back(); }
};

/// Decides after a rung. Contenders in the order of points. `points`: how many the sweep has, to share the risk.
/// Without racing nobody is eliminated.
std::vector<Decision> decide(const loader::Sweep& sweep, std::size_t points, int rung, bool last,
                             const std::vector<Contender>& contenders, bool racing);

/// Where a point stands in the end.
enum class Standing : std::uint8_t {
  winner,      ///< least in the first objective of those that meet all requirements
  front,       ///< no other is as good in all objectives, up to what is indifferent
  close,       ///< not told apart from the front
  unresolved,  ///< whether it meets a requirement is not known
  eliminated,  ///< stored as "out"
};

struct Ranking {
  std::vector<std::pair<std::size_t, Standing>> standings;  ///< of contenders, in their order
  std::vector<std::size_t> front;                           ///< by the first objective; the winner first
};
Ranking rank(const loader::Sweep& sweep, const std::vector<Contender>& contenders);

}  // namespace nines::experiments
