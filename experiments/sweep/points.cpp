#include "experiments/sweep/points.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/random/sobol.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "sim/math.hpp"
#include "sim/random.hpp"

namespace nines::experiments {

namespace {

using loader::Sweep;
using loader::SweepDesign;
using loader::SweepLevel;
using loader::SweepParameter;
using loader::SweepRange;

/// Digits of numbers that samples make: enough for any parameter, few enough to read.
constexpr int digits = 6;

/// The value at u in [0, 1] of a range, as JSON.
SweepLevel at(const SweepRange& range, double u) {
  double value = range.from + u * (range.to - range.from);
  if (range.logarithmic) value = range.from * sim::exp(u * sim::log(range.to / range.from));
  if (range.whole) value = std::floor(value + 0.5);
  value = std::clamp(value, range.from, range.to);
  const std::string number = fmt::format("{:.{}g}", value, digits);
  SweepLevel level;
  level.label = number + range.unit;
  level.number = std::stod(number);
  nlohmann::json json;
  if (!range.unit.empty())
    json = level.label;
  else if (range.whole)
    json = static_cast<std::int64_t>(value);
  else
    json = std::stod(number);
  level.sets.push_back({range.pointer, json.dump()});
  return level;
}

class Enumerator {
 public:
  Enumerator(const Sweep& sweep, std::uint64_t seed) : sweep_(sweep), seed_(seed) {}

  std::vector<SweepPoint> run() {
    switch (sweep_.design) {
      case SweepDesign::grid: grid(); break;
      case SweepDesign::list: list(); break;
      case SweepDesign::latin_hypercube: latin_hypercube(); break;
      case SweepDesign::sobol: sobol(); break;
    }
    return std::move(points_);
  }

 private:
  [[nodiscard]] static std::size_t size(const SweepParameter& parameter) {
    return parameter.range ? static_cast<std::size_t>(parameter.range->steps) : parameter.levels.size();
  }
  [[nodiscard]] static SweepLevel level(const SweepParameter& parameter, std::size_t index) {
    if (!parameter.range) return parameter.levels[index];
    return at(*parameter.range, static_cast<double>(index) / static_cast<double>(parameter.range->steps - 1));
  }
  /// At u in [0, 1).
  [[nodiscard]] static SweepLevel sampled(const SweepParameter& parameter, double u) {
    if (parameter.range) return at(*parameter.range, u);
    const auto count = static_cast<double>(parameter.levels.size());
    return parameter.levels[std::min(static_cast<std::size_t>(u * count), parameter.levels.size() - 1)];
  }

  void grid() {
    std::vector<std::size_t> index(sweep_.parameters.size(), 0);
    for (;;) {
      std::vector<SweepLevel> levels;
      for (std::size_t i = 0; i < index.size(); ++i) levels.push_back(level(sweep_.parameters[i], index[i]));
      add(levels);
      std::size_t turn = index.size();
      while (turn > 0 && ++index[turn - 1] == size(sweep_.parameters[turn - 1])) index[--turn] = 0;
      if (turn == 0) return;
    }
  }

  void list() {
    for (const std::vector<std::size_t>& chosen : sweep_.listed) {
      std::vector<SweepLevel> levels;
      for (std::size_t i = 0; i < chosen.size(); ++i) levels.push_back(sweep_.parameters[i].levels[chosen[i]]);
      add(levels);
    }
  }

  void latin_hypercube() {
    const auto count = static_cast<std::size_t>(sweep_.count);
    std::vector<std::vector<double>> positions;
    for (const SweepParameter& parameter : sweep_.parameters) {
      const std::uint64_t key = sim::stream_key(seed_, parameter.name, "latin hypercube");
      std::vector<std::size_t> order(count);
      std::iota(order.begin(), order.end(), std::size_t{0});
      for (std::size_t last = count; last > 1; --last) {
        const double u = sim::to_unit(sim::random_bits(key, last, 0));
        std::swap(order[last - 1], order[static_cast<std::size_t>(u * static_cast<double>(last))]);
      }
      std::vector<double>& position = positions.emplace_back();
      for (std::size_t i = 0; i < count; ++i) {
        const double inside = sim::to_unit(sim::random_bits(key, i, 1));
        position.push_back((static_cast<double>(order[i]) + inside) / static_cast<double>(count));
      }
    }
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<SweepLevel> levels;
      for (std::size_t p = 0; p < positions.size(); ++p)
        levels.push_back(sampled(sweep_.parameters[p], positions[p][i]));
      add(levels);
    }
  }

  void sobol() {
    boost::random::sobol engine(sweep_.parameters.size());
    std::vector<double> shift;
    for (const SweepParameter& parameter : sweep_.parameters) {
      shift.push_back(sim::to_unit(sim::random_bits(sim::stream_key(seed_, parameter.name, "sobol shift"), 0, 0)));
    }
    for (std::int64_t i = 0; i < sweep_.count; ++i) {
      std::vector<SweepLevel> levels;
      for (std::size_t p = 0; p < shift.size(); ++p) {
        // The engine leaves the first point of the sequence out, which is 0; without it nothing is evenly spread.
        const double u = (i == 0 ? 0 : sim::to_unit(engine())) + shift[p];
        levels.push_back(sampled(sweep_.parameters[p], u - std::floor(u)));
      }
      add(levels);
    }
  }

  void add(const std::vector<SweepLevel>& levels) {
    SweepPoint point;
    point.topology = sweep_.topology;
    point.sets = sweep_.sets;
    for (const SweepLevel& level : levels) {
      if (!level.topology.empty()) point.topology = level.topology;
      point.sets.insert(point.sets.end(), level.sets.begin(), level.sets.end());
      point.labels.push_back(level.label);
      point.numbers.push_back(level.number);
    }
    if (!satisfies(point)) return;
    point.index = points_.size();
    points_.push_back(std::move(point));
  }

  static double number_of(const std::string& label) {
    try {
      return std::stod(label);
    } catch (const std::exception&) {
      return std::nan("");  // compares false with everything
    }
  }

  [[nodiscard]] bool satisfies(const SweepPoint& point) const {
    return std::all_of(sweep_.where.begin(), sweep_.where.end(), [&](const loader::SweepCondition& condition) {
      const std::string& left = point.labels[condition.left];
      const double a = number_of(left);
      const double b = condition.right ? number_of(point.labels[*condition.right]) : condition.number;
      if (condition.comparison == "<") return a < b;
      if (condition.comparison == "<=") return a <= b;
      if (condition.comparison == ">") return a > b;
      if (condition.comparison == ">=") return a >= b;
      const bool equal = condition.right ? left == point.labels[*condition.right] : a == b;
      return equal == (condition.comparison == "==");
    });
  }

  const Sweep& sweep_;
  std::uint64_t seed_;
  std::vector<SweepPoint> points_;
};

}  // namespace

namespace {

template <class Wanted>
std::string joined(const Sweep& sweep, const SweepPoint& point, std::string_view separator, const Wanted& wanted) {
  std::string text;
  for (std::size_t i = 0; i < point.labels.size(); ++i) {
    if (!wanted(sweep.parameters[i])) continue;
    text += fmt::format("{}{}={}", text.empty() ? "" : separator, sweep.parameters[i].name, point.labels[i]);
  }
  return text;
}

}  // namespace

std::string settings_text(const Sweep& sweep, const SweepPoint& point, std::string_view separator) {
  return joined(sweep, point, separator, [](const SweepParameter&) { return true; });
}

std::string given_of(const Sweep& sweep, const SweepPoint& point) {
  return joined(sweep, point, ", ", [](const SweepParameter& parameter) { return parameter.given; });
}

std::vector<SweepPoint> enumerate_points(const Sweep& sweep, std::uint64_t seed) {
  return Enumerator(sweep, seed).run();
}

}  // namespace nines::experiments
