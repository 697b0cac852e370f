// A lab is played: its run or its what-if, what of it is the truth, and whether an answer is right.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/assess.hpp"
#include "experiments/loader/lab_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/replay.hpp"
#include "models/plan.hpp"

namespace nines::experiments {

/// A lab's play with all that it needs; it stays where it is, for plans are pointed to.
struct LabPlay {
  const loader::LabRun* run = nullptr;
  loader::LoadedTopology loaded;
  models::Plan plan;
  std::optional<loader::LoadedTopology> fork_loaded;
  std::optional<models::Plan> fork_plan;
  loader::Scenario scenario;
  ReplayOptions options;
  Replay replay;                         ///< of a run with a scenario
  std::optional<Assessment> assessment;  ///< of one without

  /// What figures are read from: the runs with the change, if there is a fork.
  [[nodiscard]] const Played& played() const { return replay.fork ? *replay.fork : replay.base; }
};

/// Plays `run` of `lab`. The result does not depend on `threads`. Throws loader::InputError, which names the place in
/// the lab's file, for topologies, edits and scenarios that are wrong.
std::unique_ptr<LabPlay> play_lab(const loader::Lab& lab, const loader::LabRun& run, const loader::LabFigure& truth,
                                  std::uint64_t seed, std::size_t threads);

/// The figure, in the unit of the question. Throws loader::InputError if the play has none: a milestone that never
/// occurs, an SLI that does not exist.
double lab_figure(const loader::Lab& lab, const LabPlay& play, const loader::LabFigure& figure);
/// Its value in each run of a replay that has one; empty of an assessment.
std::vector<double> lab_figures(const LabPlay& play, const loader::LabFigure& figure);

/// The option that holds the truth. Throws loader::InputError if none does. REQUIRES: a choice.
std::size_t right_option(const loader::Lab& lab, const loader::LabPrediction& prediction, double truth);

/// An answer: an option's index, or a number in the question's unit.
struct LabAnswer {
  std::size_t option = 0;
  double number = 0;
};
/// "b", or "1.5", "1.5 s", "1500 ms", "2 %". Nothing if it is no answer to the question.
std::optional<LabAnswer> parse_answer(const loader::LabPrediction& prediction, const std::string& text);
/// What an answer has to be: "a, b or c", "a number of s".
std::string answers_taken(const loader::LabPrediction& prediction);
bool is_right(const loader::Lab& lab, const loader::LabPrediction& prediction, double truth, const LabAnswer& answer);

/// Whether a statement of the explanation holds, and its figure.
struct LabHeld {
  const loader::LabStatement* statement = nullptr;
  double figure = 0;
  [[nodiscard]] bool held() const { return statement->bounds.holds(figure); }
};
/// Statements about the run, or about the what-if.
std::vector<LabHeld> statements_of(const loader::Lab& lab, const LabPlay& play, bool what_if);

/// A lab with its seed and what was played of it so far; each play at most once.
class LabSession {
 public:
  LabSession(loader::Lab lab, std::uint64_t seed, std::size_t threads);
  LabSession(const LabSession&) = delete;  // its plays point into its lab
  [[nodiscard]] const loader::Lab& lab() const { return lab_; }
  [[nodiscard]] std::uint64_t seed() const { return seed_; }
  const LabPlay& run();
  const LabPlay& what_if();
  double truth();
  double what_if_truth();
  /// Frees the plays: of many sessions only the truths are wanted.
  void forget();

 private:
  loader::Lab lab_;
  std::uint64_t seed_;
  std::size_t threads_;
  std::unique_ptr<LabPlay> run_;
  std::unique_ptr<LabPlay> what_if_;
};

}  // namespace nines::experiments
