// Lab files: a question about a cluster that fails, a prediction, the play that answers it, and why.
//
// What differs between students are the values of a variant, which stand as "{name}" in texts and for numbers. A seed
// chooses the variant; a lab is always that of one variant.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/loader/document.hpp"
#include "experiments/loader/scenario_file.hpp"

namespace nines::loader {

inline constexpr std::int64_t most_labs = 999;
/// Runs of a lab's replay: it is to answer at once.
inline constexpr std::int64_t most_lab_runs = 2'000;
inline constexpr std::size_t least_options = 2;
inline constexpr std::size_t most_options = 5;

/// What is read from a play. The first eight are of replays, the others of assessments.
enum class LabFigureKind : std::uint8_t {
  milestone_s,      ///< first occurrence in a run, s from the first action; runs without it do not count
  milestones,       ///< occurrences in a run
  milestone_share,  ///< of the runs: those in which it occurs
  outage_s,         ///< total downtime of the SLI in a run
  outages,          ///< their number in a run
  outage_share,     ///< of the runs: those with an outage of the SLI
  records_lost,     ///< acknowledged records of the service, in a run
  loss_share,       ///< of the runs: those that lose any
  availability,
  unavailability,
  downtime_minutes_per_year,
  outages_per_year,
  breach_window,  ///< chance that a window of the SLA misses its target
  breach_month,   ///< the same of a month
  breach_year,    ///< the same of a year as one window
  credit_share,   ///< of a window's charge that is paid back, mean
};

struct LabFigure {
  /// Of the runs of a replay.
  enum class Of : std::uint8_t { mean, min, p5, p50, p95, max };
  LabFigureKind kind = LabFigureKind::outage_s;
  std::string milestone;
  std::string sli;  ///< "service/sli"
  std::string service;
  Of of = Of::mean;
  double times = 1;     ///< factor to the unit of the question
  std::string pointer;  ///< where it stands
  [[nodiscard]] bool of_assessment() const { return kind >= LabFigureKind::availability; }
  /// "p50 of milestone_s etcd.new_leader"
  [[nodiscard]] std::string name() const;
};

struct LabOption {
  std::string text;
  Bounds bounds;  ///< of the truth with which it is the right one: from min on, below max
  std::string hint;
  std::size_t place = 0;  ///< in the file: every seed shows the options in another order
  [[nodiscard]] bool holds(double truth) const {
    return !(bounds.min && truth < *bounds.min) && !(bounds.max && truth >= *bounds.max);
  }
};

/// A choice if it has options, else a number. The intervals of options meet end to end and cover all numbers, so that
/// exactly one is right, whatever was played.
struct LabPrediction {
  std::vector<LabOption> options;
  std::string unit;
  double tolerance = 0;  ///< relative
  double within = 0;     ///< absolute
  std::string hint;
  std::string pointer;
  [[nodiscard]] bool choice() const { return !options.empty(); }
  /// How far a number may be from the truth and be right.
  [[nodiscard]] double margin(double truth) const;
};

/// A topology or a scenario: a shipped one by its name, or a whole one.
struct LabInput {
  std::string name;
  std::string text;     ///< JSON, without a name
  std::string pointer;  ///< where it stands
  [[nodiscard]] bool given() const { return !name.empty() || !text.empty(); }
};

/// An edit of the topology, and where it stands.
struct LabEdit {
  Override edit;
  std::string pointer;
};

struct LabRun {
  LabInput topology;
  std::vector<LabEdit> sets;
  LabInput scenario;  ///< not given: assess
  std::size_t runs = 1;
  std::optional<double> until_s;
  std::optional<double> fork_at_s;
  std::vector<LabEdit> fork_sets;  ///< in force from the fork on
  double precision = 0.05;
  std::uint64_t max_incidents = 20'000;
  std::string pointer;
};

/// What must hold of a play: a number of the explanation.
struct LabStatement {
  std::string text;
  bool what_if = false;
  LabFigure figure;
  Bounds bounds;
  std::string by;  ///< how the bounds were found
};

struct LabWhatIf {
  std::string question;
  LabPrediction predict;
  LabRun run;  ///< complete
  LabFigure truth;
  std::vector<std::string> why;
};

struct Lab {
  std::int64_t number = 0;
  std::string name;
  std::string title;
  std::string level;
  std::vector<std::string> about;
  std::string question;
  LabPrediction predict;
  LabRun run;
  LabFigure truth;
  std::vector<std::string> why;
  std::vector<std::string> sources;
  std::vector<LabStatement> holds;
  LabWhatIf what_if;
  std::size_t variants = 1;
  std::size_t variant = 0;  ///< which of them this is
  Json values;              ///< its values, an object
  std::string hash;         ///< of the document
  /// To name the place of what is found wrong later.
  std::shared_ptr<const Document> document;
};

/// Reads and checks a lab file, for a student's seed. Whether its topologies and scenarios are right shows when it is
/// played. Throws InputError with all problems found.
Lab load_lab(const std::string& path, std::uint64_t seed);
Lab load_lab_text(const std::string& file, std::string_view text, std::uint64_t seed);

}  // namespace nines::loader
