// One scenario played over random phases: what happens, how long each SLI is out and why, what is lost.
//
// Times count from the first action. A run lasts until the time that is given; without one it ends when everything is
// healthy again, when nothing more can happen, or after a day. Results do not depend on the number of threads.
#pragma once

#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiments/estimate/assess.hpp"
#include "experiments/loader/scenario_file.hpp"
#include "experiments/replay/replay_state.hpp"
#include "models/plan.hpp"
#include "models/world.hpp"

namespace nines::experiments {

struct ReplayRun;

struct ReplayOptions {
  std::size_t runs = 1;
  std::size_t first_run = 0;  ///< number of the first of them: runs 7 and 8 are the same whatever else is played
  std::size_t threads = 1;
  std::optional<sim::Duration> until;    ///< else the scenario's, else until all is well
  std::optional<sim::Duration> fork_at;  ///< from here on with the plan `fork`
  const models::Plan* fork = nullptr;
  /// Runs that the result holds in full. Of the others only sums stay, so that memory does not grow with `runs`.
  std::size_t keep = std::numeric_limits<std::size_t>::max();
  /// Told of every run, in order: with the plan as it is, and with the changed one (null without a fork).
  std::function<void(const ReplayRun& base, const ReplayRun* fork)> each;
  /// Shares bandwidth in place of the native fabric; fresh, for one run without fork; not owned.
  models::fabric::Fabric* fabric = nullptr;
  /// Told now and then how many are done; one call at a time.
  std::function<void(std::size_t)> progress;
};

/// A link of an outage's cause chain, or a line of the timeline.
struct Happening {
  sim::Duration at;
  std::string event;  ///< "kafka.fenced"
  std::string component;
  std::string summary;
  std::string phase;                   ///< of an outage that passes here: "detect"; empty of what begins something
  std::string set_by;                  ///< key of the parameter that set the wait before it; may be empty
  std::size_t depth = 0;               ///< number of causes before it in the trace
  std::optional<std::size_t> cause{};  ///< of a timeline only: the line that it follows from
  std::vector<StateChange> state;      ///< what it changed; of a timeline only
  /// Nothing that is told hangs on it: a poll, a repetition, an internal partition. Of a timeline only.
  bool noise = false;
};

/// A state of one thing for some time, and the line of the timeline that began it.
struct ReplaySpan {
  sim::Duration from;
  sim::Duration to;
  std::string state;
  std::optional<std::size_t> cause;
};

struct ReplayLane {
  std::string kind;
  std::string name;
  std::string zone;  ///< empty: of no one zone
  std::vector<ReplaySpan> spans;
};

struct ReplayOutage {
  std::string service;
  std::string sli;
  sim::Duration start;
  sim::Duration length;
  bool censored = false;  ///< still out when the run ended
  bool endless = false;   ///< and nothing that is due ends it, as far as the slowest recovery could take (warm_up.hpp)
  std::vector<Happening> chain;
  std::vector<std::pair<std::string, sim::Duration>> phases;  ///< by first occurrence; lengths add up to the outage's
  std::string dominant_parameter;
};

struct Milestone {
  std::string name;
  sim::Duration at;
  std::string component;
};

struct ReplayLoss {
  std::string service;
  std::string topic;
  std::string rule;
  double records_all = 0;
  double records_one = 0;
  double records_any = 0;
  double seconds = 0;
  [[nodiscard]] double records() const { return records_all + records_one + records_any; }
};

/// Why a run ended.
enum class RunEnd { healthy, healthy_at_limit, limit, nothing_pending };

struct ReplayRun {
  std::size_t run = 0;
  std::vector<ReplayOutage> outages;  ///< by start
  std::vector<Milestone> milestones;  ///< by time
  std::vector<ReplayLoss> losses;
  std::vector<Happening> timeline;  ///< of the first run only; in full, noise marked
  std::vector<ReplayLane> lanes;    ///< the same: everything whose state changed
  RunEnd ending = RunEnd::healthy;
  sim::Duration end;
  std::uint32_t actions_without_target = 0;
  std::uint64_t events = 0;
  double usd_beyond_health = 0;  ///< what machines, credits and volumes cost beyond those in health, until the end
};

/// How many numbers lie from an edge up to the next one; the last edge belongs to the last of them.
struct Histogram {
  std::vector<double> edges;  ///< ascending, one more than counts; of numbers that are all alike the same twice
  std::vector<std::size_t> counts;
};
/// As many parts as the sample bears (Rice: twice its cube root), 40 at most, equally
/// wide; each larger than the one before in the same ratio where the numbers go over more than a minute and two
/// decades. REQUIRES: a sample that is not empty.
Histogram histogram_of(const std::vector<double>& sample);

struct Spread {
  std::size_t n = 0;
  double mean = 0;
  double p5 = 0;
  double p25 = 0;
  double p50 = 0;
  double p75 = 0;
  double p95 = 0;
  double max = 0;
  Histogram histogram;
};
/// REQUIRES: a sample that is not empty.
Spread spread_of(std::vector<double> sample);

/// Numbers of which number, mean and maximum are those of all, quantiles and histogram those of the first 100,000: runs
/// come in no order of size.
class Sample {
 public:
  void add(double value);
  [[nodiscard]] bool empty() const { return count_ == 0; }
  /// REQUIRES: not empty.
  [[nodiscard]] Spread spread() const;

 private:
  std::vector<double> first_;
  std::size_t count_ = 0;
  double sum_ = 0;
  double max_ = 0;
};

struct OutageSummary {
  std::string service;
  std::string sli;
  std::size_t outages = 0;
  std::size_t censored = 0;  ///< not in `length`
  std::size_t runs_without = 0;
  double mean_downtime_s = 0;  ///< of a run
  std::optional<Spread> length;
};
struct LossSummary {
  std::string service;
  std::string rule;
  std::size_t runs = 0;     ///< in which something was lost
  double mean_records = 0;  ///< over all runs
  double max_records = 0;
  double max_seconds = 0;
};

struct ExpectationResult {
  std::string text;
  double fraction = 1;  ///< that must meet it
  double met_fraction = 0;
  double open_fraction = 0;  ///< of which nobody can tell: an outage still ran at the end
  std::string worst;         ///< the run that is furthest from, or nearest to, not meeting it
  [[nodiscard]] bool met() const { return met_fraction >= fraction; }
  /// Neither met nor missed: it depends on how outages go on that still ran.
  [[nodiscard]] bool open() const { return !met() && met_fraction + open_fraction >= fraction; }
};

/// Holds runs against expectations, one after the other.
class Expectations {
 public:
  explicit Expectations(const std::vector<loader::Expectation>& expectations);
  void add(const ReplayRun& run);
  [[nodiscard]] std::vector<ExpectationResult> results() const;

 private:
  struct Tally {
    std::size_t met = 0;
    std::size_t open = 0;
    std::optional<double> least;  ///< margin to the nearest bound
    std::size_t worst_run = 0;
    std::string worst;
  };
  const std::vector<loader::Expectation>& expectations_;
  std::vector<Tally> tallies_;
  std::size_t runs_ = 0;
};

/// All runs of one plan.
struct Played {
  std::vector<ReplayRun> runs;                             ///< the first ones, as many as were to be kept
  std::size_t count = 0;                                   ///< runs played
  std::size_t runs_without_target = 0;                     ///< in which an action found nothing to act on
  std::vector<std::pair<std::string, Spread>> milestones;  ///< first occurrence in a run; by mean time
  std::vector<OutageSummary> outages;                      ///< one an SLI, in their order
  std::vector<LossSummary> losses;
  double mean_usd_beyond_health = 0;  ///< of a run
  double max_usd_beyond_health = 0;
  std::vector<ExpectationResult> expectations;
};

struct Replay {
  Played base;
  std::optional<Played> fork;  ///< the same runs from `fork_at` on with the other plan
  /// By SLI, with a fork: a run's downtime in s with the other plan less that without.
  std::vector<Spread> differences;
};

/// REQUIRES: runs, threads >= 1; with `fabric` one run and no fork; every action has a target in `plan`; if `fork_at`
/// is set, `fork` passes check_fork. Throws TooMuchWork (work_limit.hpp) if a run would take too many events.
Replay replay(const models::Plan& plan, const loader::Scenario& scenario, const ReplayOptions& options);

/// One incident of an assessment, played again to the nanosecond, as a single run. REQUIRES: `recipe` is of `plan`.
Replay replay_incident(const models::Plan& plan, const IncidentRecipe& recipe);

/// How long a run may last: the time given, else the scenario's, else a day.
sim::Duration longest(const loader::Scenario& scenario, const ReplayOptions& options);
/// Why a world of `base` cannot play on with `other`; nothing if it can: the same things under the same names.
std::optional<std::string> check_fork(const models::Plan& base, const models::Plan& other);

/// Evaluates expectations over runs.
std::vector<ExpectationResult> evaluate(const std::vector<loader::Expectation>& expectations,
                                        const std::vector<ReplayRun>& runs);

}  // namespace nines::experiments
