// Sweep files: which designs, and what is asked of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/document.hpp"

namespace nines::loader {

/// One value of a parameter: edits of the topology, or another topology.
struct SweepLevel {
  std::string label;             ///< as results show it
  std::optional<double> number;  ///< if all values of the parameter are numbers in one unit
  std::string topology;
  std::vector<Override> sets;
};

/// A continuous parameter: a number between two ends, in a unit.
struct SweepRange {
  std::string pointer;
  double from = 0;
  double to = 0;
  std::string unit;  ///< "": a plain number
  bool logarithmic = false;
  bool whole = false;
  std::int64_t steps = 0;  ///< values of a grid, ends included
};

struct SweepParameter {
  std::string name;
  bool given = false;              ///< not ours to choose: designs compete with those that share its value
  std::vector<SweepLevel> levels;  ///< empty with a range
  std::optional<SweepRange> range;
  std::string unit;  ///< of its numbers, where all values are numbers; "": none
};

/// "min_isr <= rf": points that do not satisfy it are left out. The right side is a parameter or a number.
struct SweepCondition {
  std::string text;
  std::size_t left = 0;  ///< index of a parameter
  std::string comparison;
  std::optional<std::size_t> right;
  double number = 0;
};

/// What is measured of a point. Less is better, always.
enum class FigureKind : std::uint8_t {
  unavailability,
  request_unavailability,
  downtime_minutes_per_year,
  outages_per_year,
  mean_outage_s,
  p95_outage_s,
  losses_per_year,
  records_lost_per_year,
  breach_probability,
  cost_usd_per_month,
  operator_hours_per_month,
  failovers_per_year,  ///< servers taken for dead
};

struct FigureSpec {
  FigureKind kind = FigureKind::unavailability;
  std::string sli;    ///< "service/sli"; empty of costs
  std::string fault;  ///< only incidents that this fault began; empty: all
  /// "downtime_minutes_per_year kafka/write node-crash"
  [[nodiscard]] std::string name() const;
  friend bool operator==(const FigureSpec&, const FigureSpec&) = default;
};

/// A figure that must not exceed a limit.
struct SweepRequirement {
  std::size_t figure = 0;  ///< index into Sweep::figures
  double at_most = 0;
};
/// A figure to make small. Differences below `indifference` (relative) decide nothing.
struct SweepObjective {
  std::size_t figure = 0;
  double indifference = 0;
};

enum class SweepDesign : std::uint8_t { grid, list, latin_hypercube, sobol };

struct Sweep {
  std::string name;
  std::string title;
  std::vector<std::string> notes;
  std::string topology;  ///< as written: a path, from the sweep file or from here, or the name of a shipped one
  std::vector<Override> sets;
  std::vector<SweepParameter> parameters;
  SweepDesign design = SweepDesign::grid;
  std::int64_t count = 0;                        ///< of samples
  std::vector<std::vector<std::size_t>> listed;  ///< levels by point and parameter
  std::vector<SweepCondition> where;
  std::vector<FigureSpec> figures;
  std::size_t asked = 0;  ///< of `figures` the file names so many; behind them come losses of their SLIs
  std::vector<SweepRequirement> require;
  std::vector<SweepObjective> objectives;  ///< the first one names the winner
  double precision = 0.1;                  ///< relative half-width of the objectives of those on the front
  double risk = 0.05;                    ///< probability that a design was eliminated wrongly, the whole sweep through
  std::int64_t max_incidents = 500'000;  ///< played for one point, at most
  std::string file;
  std::string hash;  ///< of the document
  std::string text;  ///< the document, compact
};

/// Most points of a sweep.
inline constexpr std::int64_t most_points = 1'000'000;
inline constexpr std::int64_t most_levels = 10'000;  ///< values of a parameter

/// Reads and checks a sweep file. Whether pointers exist depends on the topologies and is not checked here.
/// Throws InputError with all problems found.
Sweep load_sweep(const std::string& path);
Sweep load_sweep_text(const std::string& file, std::string_view text);

/// Unit for people: "", "min/yr", "USD a month" ...
std::string_view figure_unit(FigureKind kind);

}  // namespace nines::loader
