#include "experiments/sweep/race.hpp"

#include <algorithm>

#include "sim/math.hpp"

namespace nines::experiments {

namespace {

using loader::Sweep;
using loader::SweepObjective;
using loader::SweepRequirement;

constexpr std::uint64_t first_blocks = 16;
constexpr std::uint64_t growth = 4;
constexpr std::size_t most_batches = 32;
/// Rare and long outages hardly show in the first rungs: nothing counts as known before this one.
constexpr int least_known_rung = 2;

/// What is known of a requirement.
enum class Known : std::uint8_t { met, missed, unknown };

/// One-sided bounds of a figure at a risk. Of a figure without batches the 95 % interval is stretched on the log scale.
struct Bounds {
  double least = 0;
  std::optional<double> most;
};

Bounds bounds_of(const FigureResult& figure, double risk) {
  Bounds bounds{0, figure.upper()};
  if (!figure.value || !figure.ci95) return bounds;
  if (figure.batches.empty()) {
    const double stretch = sim::normal_quantile(1 - risk) / sim::normal_quantile(sim::two_sided);
    bounds.least = *figure.value * sim::pow(figure.ci95->lower / *figure.value, stretch);
    bounds.most = *figure.value * sim::pow(figure.ci95->upper / *figure.value, stretch);
    return bounds;
  }
  // Against a system that shows nothing, ever.
  std::vector<sim::Batch> nothing;
  for (const sim::Batch& batch : figure.batches) nothing.push_back({batch.weight, 0, 1});
  bounds.least = -sim::paired_difference(figure.batches, nothing).upper(risk);
  bounds.most = sim::paired_difference(nothing, figure.batches).upper(risk);
  return bounds;
}

Known known(const FigureResult& figure, const SweepRequirement& requirement, double risk) {
  const Bounds bounds = bounds_of(figure, risk);
  if (bounds.least > requirement.at_most) return Known::missed;
  return bounds.most && *bounds.most <= requirement.at_most ? Known::met : Known::unknown;
}

double value_of(const PointResult& result, std::size_t figure) { return result.figures[figure].value.value_or(0); }

/// Less in the first objective in which they differ; else earlier.
bool before(const Sweep& sweep, const std::vector<Contender>& contenders, std::size_t a, std::size_t b) {
  for (const SweepObjective& objective : sweep.objectives) {
    const double x = value_of(contenders[a].last(), objective.figure);
    const double y = value_of(contenders[b].last(), objective.figure);
    if (x != y) return x < y;
  }
  return a < b;
}

/// Two contenders can be compared at the last rung that both have been played at.
struct Pair {
  const PointResult* a;
  const PointResult* b;
};
Pair common(const Contender& a, const Contender& b) {
  const std::size_t rung = std::min(a.results.size(), b.results.size()) - 1;
  return {a.results[rung], b.results[rung]};
}

class Decider {
 public:
  Decider(const Sweep& sweep, std::size_t points, int rung, bool last, const std::vector<Contender>& contenders,
          bool racing)
      : sweep_(sweep),
        rung_(rung),
        last_(last),
        racing_(racing),
        risk_(sweep.risk / (static_cast<double>(points) * most_rungs)),
        contenders_(contenders) {}

  std::vector<Decision> run() {
    for (const Contender& contender : contenders_) decisions_.push_back(alone(contender));
    if (!racing_) return decisions_;
    // Only those that surely meet everything may beat others; the cheapest first, so that a beaten point names a
    // point that is still in the race.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < contenders_.size(); ++i) {
      if (decisions_[i].fate == Fate::misses) continue;
      order.push_back(i);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return before(sweep_, contenders_, a, b); });
    std::vector<std::size_t> standing;
    for (const std::size_t i : order) {
      if (!beaten(i, standing)) standing.push_back(i);
    }
    // A point that came later may beat an earlier one that it ties with in the first objective.
    for (const std::size_t i : standing) beaten(i, standing);
    keep_up(standing);
    return decisions_;
  }

 private:
  [[nodiscard]] bool meets_all(std::size_t i) const {
    return std::all_of(sweep_.require.begin(), sweep_.require.end(), [&](const SweepRequirement& requirement) {
      return known(contenders_[i].last().figures[requirement.figure], requirement, risk_) == Known::met;
    });
  }

  /// While others are played on, those that look best are too, however well they are known: it takes both for a sharp
  /// difference.
  void keep_up(const std::vector<std::size_t>& standing) {
    const auto open = [&](std::size_t i) { return decisions_[i].fate == Fate::open; };
    if (std::none_of(standing.begin(), standing.end(), open)) return;
    for (const std::size_t i : standing) {
      if (decisions_[i].fate != Fate::precise || decisions_[i].rung != rung_) continue;
      const bool ahead = std::none_of(standing.begin(), standing.end(), [&](std::size_t other) {
        return decisions_[other].fate != Fate::beaten && looks_better(other, i);
      });
      if (ahead) decisions_[i].fate = Fate::open;
    }
  }

  [[nodiscard]] bool looks_better(std::size_t a, std::size_t b) const {
    bool better = false;
    for (const SweepObjective& objective : sweep_.objectives) {
      const double x = value_of(contenders_[a].last(), objective.figure);
      const double y = value_of(contenders_[b].last(), objective.figure);
      if (x > y) return false;
      better = better || x < y;
    }
    return better;
  }

  [[nodiscard]] Decision alone(const Contender& contender) const {
    Decision decision{contender.point, contender.last().rung, Fate::precise, {}, 0, 0, 0};
    bool decided = true;
    for (const SweepRequirement& requirement : sweep_.require) {
      const FigureResult& figure = contender.last().figures[requirement.figure];
      const Known now = known(figure, requirement, risk_);
      if (now == Known::unknown) decided = false;
      if (now != Known::missed || !racing_) continue;
      decision.fate = Fate::misses;
      decision.figure = requirement.figure;
      decision.value = figure.value.value_or(0) - requirement.at_most;
      decision.bound = bounds_of(figure, risk_).least - requirement.at_most;
      return decision;
    }
    const bool fresh = contender.last().rung == rung_;
    if (!last_ && fresh && !(decided && precise(contender.last()))) decision.fate = Fate::open;
    return decision;
  }

  [[nodiscard]] bool precise(const PointResult& result) const {
    return result.rung >= least_known_rung &&
           std::all_of(sweep_.objectives.begin(), sweep_.objectives.end(), [&](const SweepObjective& objective) {
             const FigureResult& figure = result.figures[objective.figure];
             if (!figure.value || !figure.ci95) return false;
             return (figure.ci95->upper - figure.ci95->lower) / 2 <= sweep_.precision * *figure.value;
           });
  }

  /// Whether one of `others` beats the point; says so in its decision.
  bool beaten(std::size_t i, const std::vector<std::size_t>& others) {
    if (decisions_[i].fate == Fate::beaten) return true;
    for (const std::size_t other : others) {
      if (other == i || decisions_[other].fate == Fate::beaten || decisions_[other].fate == Fate::misses) continue;
      if (beats(other, i)) return true;
    }
    return false;
  }

  bool beats(std::size_t winner, std::size_t loser) {
    const Pair pair = common(contenders_[winner], contenders_[loser]);
    bool better = winner < loser;  // of two alike the first stays
    bool told = false;
    Decision found = decisions_[loser];
    double surest = 0;
    for (const SweepObjective& objective : sweep_.objectives) {
      const FigureResult& mine = pair.a->figures[objective.figure];
      const FigureResult& its = pair.b->figures[objective.figure];
      // Nobody knows how bad what was never seen may be.
      if (!mine.value || !its.value) return false;
      const double slack = objective.indifference * *its.value;
      const sim::Difference difference = sim::paired_difference(its.batches, mine.batches);
      const double worst = difference.upper(risk_);
      if (worst > slack) return false;
      if (worst < -slack) better = true;
      const double certainty = -worst / *its.value;
      if (!told || certainty > surest) {
        told = true;
        surest = certainty;
        found.figure = objective.figure;
        found.value = -difference.value;
        found.bound = -worst;
      }
    }
    if (!better || !meets_all(winner)) return false;
    found.fate = Fate::beaten;
    found.by = contenders_[winner].point;
    decisions_[loser] = found;
    return true;
  }

  const Sweep& sweep_;
  int rung_;
  bool last_;
  bool racing_;
  double risk_;
  const std::vector<Contender>& contenders_;
  std::vector<Decision> decisions_;
};

}  // namespace

Rung rung_at(int rung) {
  Rung result{first_blocks, 0};
  for (int i = 0; i < rung; ++i) result.blocks *= growth;
  result.batches = std::min<std::size_t>(most_batches, result.blocks);
  return result;
}

int last_rung(const Sweep& sweep, double incidents_of_a_block) {
  int rung = 0;
  while (rung + 1 < most_rungs && static_cast<double>(rung_at(rung + 1).blocks) * incidents_of_a_block <=
                                      static_cast<double>(sweep.max_incidents)) {
    ++rung;
  }
  return rung;
}

std::vector<Decision> decide(const Sweep& sweep, std::size_t points, int rung, bool last,
                             const std::vector<Contender>& contenders, bool racing) {
  return Decider(sweep, points, rung, last, contenders, racing).run();
}

Ranking rank(const Sweep& sweep, const std::vector<Contender>& contenders) {
  Ranking result;
  constexpr double usual_risk = 0.025;
  std::vector<Standing> standing(contenders.size(), Standing::front);
  const auto value = [&](std::size_t i, const SweepObjective& objective) {
    return value_of(contenders[i].last(), objective.figure);
  };
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    for (const SweepRequirement& requirement : sweep.require) {
      const Known now = known(contenders[i].last().figures[requirement.figure], requirement, usual_risk);
      if (now == Known::missed) standing[i] = Standing::eliminated;
      if (now == Known::unknown && standing[i] != Standing::eliminated) standing[i] = Standing::unresolved;
    }
  }
  // By estimates, the least in the first objective first: what is no worse than that by more than anybody cares is
  // enough to keep a point off the front.
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < contenders.size(); ++i) {
    if (standing[i] == Standing::front) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return before(sweep, contenders, a, b); });
  const auto covers = [&](std::size_t a, std::size_t b) {
    return std::all_of(sweep.objectives.begin(), sweep.objectives.end(), [&](const SweepObjective& objective) {
      return value(a, objective) <= value(b, objective) * (1 + objective.indifference);
    });
  };
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const bool covered = std::any_of(front.begin(), front.end(), [&](std::size_t other) { return covers(other, i); });
    if (covered) {
      standing[i] = Standing::close;
    } else {
      front.push_back(i);
    }
  }
  if (!front.empty()) {
    standing[front.front()] = Standing::winner;
  }
  for (const std::size_t i : front) result.front.push_back(contenders[i].point);
  for (std::size_t i = 0; i < contenders.size(); ++i) result.standings.emplace_back(contenders[i].point, standing[i]);
  return result;
}

}  // namespace nines::experiments
