// What a scenario's author expects, held against the runs.
#include <fmt/format.h>

#include <algorithm>

#include "experiments/replay/replay.hpp"
#include "experiments/report/json_text.hpp"
#include "experiments/report/text.hpp"

namespace nines::experiments {

namespace {

using namespace loader;

/// How a run does: `margin` is the distance to the nearest bound, negative outside. `open`: nobody can tell yet, for an
/// outage still runs.
struct Outcome {
  bool met = false;
  double margin = 0;
  std::string seen;
  bool open = false;
};

constexpr double far = 1e300;

double margin_of(const Bounds& bounds, double value) {
  double margin = far;
  if (bounds.min) margin = std::min(margin, value - *bounds.min);
  if (bounds.max) margin = std::min(margin, *bounds.max - value);
  return margin;
}

Outcome within(const Bounds& bounds, double value, std::string seen) {
  return {bounds.holds(value), margin_of(bounds, value), std::move(seen)};
}

std::optional<sim::Duration> first(const ReplayRun& run, const std::string& milestone) {
  for (const Milestone& entry : run.milestones) {
    if (entry.name == milestone) return entry.at;
  }
  return std::nullopt;
}

struct Evaluator {
  const ReplayRun& run;

  [[nodiscard]] bool about(const ReplayOutage& outage, const SliName& name) const {
    return outage.service == name.service && outage.sli == name.sli;
  }

  /// Downtime of at least `so_far`: nobody knows how long it will have lasted, or nothing is left that could end it.
  [[nodiscard]] static Outcome unfinished(const Bounds& bounds, sim::Duration so_far, bool never_ends) {
    const bool enough = never_ends || !bounds.min || seconds(so_far) >= *bounds.min;
    Outcome outcome;
    outcome.seen = seconds_text(so_far) + (never_ends ? " s, and nothing can end it" : " s, not over");
    outcome.met = enough && !bounds.max;
    outcome.open = !outcome.met && !never_ends && !(bounds.max && seconds(so_far) > *bounds.max);
    outcome.margin = outcome.met ? far : outcome.open ? -far / 2 : -far;
    return outcome;
  }

  Outcome operator()(const OutageExpectation& check) const {
    sim::Duration total;
    bool open = false;
    bool endless = false;
    for (const ReplayOutage& outage : run.outages) {
      if (!about(outage, check.sli)) continue;
      total += outage.length;
      open = open || outage.censored;
      endless = endless || outage.endless;
    }
    if (!open) return within(check.outage_s, seconds(total), seconds_text(total) + " s");
    return unfinished(check.outage_s, total, endless);
  }
  Outcome operator()(const CountExpectation& check) const {
    const auto count = static_cast<std::size_t>(std::count_if(
        run.outages.begin(), run.outages.end(), [&](const ReplayOutage& outage) { return about(outage, check.sli); }));
    return within(check.count, static_cast<double>(count), counted(count, "outage"));
  }
  Outcome operator()(const MilestoneExpectation& check) const {
    const auto at = first(run, check.milestone);
    if (!at) return {false, -far, "not seen"};
    return within(check.at_s, seconds(*at), "at " + seconds_text(*at) + " s");
  }
  Outcome operator()(const AbsentExpectation& check) const {
    const auto at = first(run, check.milestone);
    if (at) return {false, -1, "seen at " + seconds_text(*at) + " s"};
    return {true, 1, "not seen"};
  }
  Outcome operator()(const OrderExpectation& check) const {
    std::optional<sim::Duration> before;
    for (const std::string& name : check.milestones) {
      const auto at = first(run, name);
      if (!at) return {false, -2, name + " not seen"};
      if (before && *at < *before) return {false, -1, fmt::format("{} at {} s, too early", name, seconds_text(*at))};
      before = at;
    }
    return {true, 1, "in order"};
  }
  Outcome operator()(const DataLossExpectation& check) const {
    double records = 0;
    for (const ReplayLoss& loss : run.losses) {
      if (loss.service == check.service) records += loss.records();
    }
    return within(check.records, records, number_text(records, 4) + " records");
  }
};

}  // namespace

Expectations::Expectations(const std::vector<Expectation>& expectations)
    : expectations_(expectations), tallies_(expectations.size()) {}

void Expectations::add(const ReplayRun& run) {
  ++runs_;
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    Tally& tally = tallies_[i];
    const Outcome outcome = std::visit(Evaluator{run}, expectations_[i].check);
    if (outcome.met) ++tally.met;
    if (outcome.open) ++tally.open;
    if (tally.least && outcome.margin >= *tally.least) continue;
    tally.least = outcome.margin;
    tally.worst_run = run.run;
    tally.worst = outcome.seen;
  }
}

std::vector<ExpectationResult> Expectations::results() const {
  std::vector<ExpectationResult> results;
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const Tally& tally = tallies_[i];
    ExpectationResult& result = results.emplace_back();
    result.text = expectations_[i].text;
    result.fraction = expectations_[i].fraction;
    result.worst = runs_ == 1 ? tally.worst : fmt::format("run {}: {}", tally.worst_run, tally.worst);
    result.met_fraction = static_cast<double>(tally.met) / static_cast<double>(runs_);
    result.open_fraction = static_cast<double>(tally.open) / static_cast<double>(runs_);
  }
  return results;
}

std::vector<ExpectationResult> evaluate(const std::vector<Expectation>& expectations,
                                        const std::vector<ReplayRun>& runs) {
  Expectations judged(expectations);
  for (const ReplayRun& run : runs) judged.add(run);
  return judged.results();
}

}  // namespace nines::experiments
