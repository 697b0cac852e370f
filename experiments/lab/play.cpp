#include "experiments/lab/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "experiments/estimate/sli_names.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/loader/reader.hpp"
#include "experiments/report/json_text.hpp"
#include "models/selector.hpp"
#include "sim/time_units.hpp"

namespace nines::experiments {

namespace {

namespace fs = std::filesystem;
using loader::InputError;
using loader::Lab;
using loader::LabFigure;
using loader::LabFigureKind;
using loader::LabPrediction;
using loader::LabRun;

[[noreturn]] void lab_problem(const Lab& lab, const std::string& pointer, std::string message) {
  throw InputError({lab.document->problem(pointer, std::move(message))});
}

// ---- inputs ----

/// The shipped file of that name in the first directory that has it.
std::string shipped_file(const Lab& lab, const loader::LabInput& input, const std::vector<fs::path>& directories,
                         std::string_view what) {
  for (const fs::path& directory : directories) {
    const fs::path path = directory / (input.name + ".json");
    if (fs::is_regular_file(path)) return path.string();
  }
  std::vector<std::string> names;
  for (const fs::path& directory : directories) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(directory, error))
      if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  const std::vector<std::string_view> views(names.begin(), names.end());
  lab_problem(
      lab, input.pointer,
      fmt::format("no shipped {} is called '{}'.{}", what, input.name, loader::did_you_mean(input.name, views)));
}

/// What is wrong with an input, where the lab says it. What a shipped file says by itself keeps its place.
template <class Work>
auto at_its_place(const Lab& lab, const loader::LabInput& input, const std::vector<loader::LabEdit>& sets,
                  const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const InputError& error) {
    constexpr std::string_view of_edit = "--set ";
    loader::Problems problems;
    for (const loader::Problem& problem : error.problems()) {
      const auto edit = std::find_if(sets.begin(), sets.end(), [&](const loader::LabEdit& known) {
        return problem.file == std::string(of_edit) + known.edit.pointer;
      });
      if (edit != sets.end())
        problems.add(lab.document->problem(edit->pointer, problem.message));
      else if (input.name.empty())
        problems.add(lab.document->problem(input.pointer + problem.pointer, problem.message));
      else
        problems.add(problem);
    }
    problems.throw_if_any();
    throw;
  }
}

loader::LoadedTopology topology_of(const Lab& lab, const LabRun& run, const std::vector<loader::LabEdit>& sets) {
  std::vector<loader::Override> edits;
  for (const loader::LabEdit& set : sets) edits.push_back(set.edit);
  return at_its_place(lab, run.topology, sets, [&] {
    if (run.topology.name.empty()) return loader::load_topology_text(lab.document->file(), run.topology.text, edits);
    const fs::path designs = loader::topologies_directory();
    return loader::load_topology(shipped_file(lab, run.topology, {designs, designs / "benchmarks"}, "topology"), edits);
  });
}

models::Plan plan_of(const Lab& lab, const LabRun& run, const loader::LoadedTopology& loaded, std::uint64_t seed) {
  try {
    return models::build_plan(loaded.topology, seed);
  } catch (const std::invalid_argument& error) {
    lab_problem(lab, run.topology.pointer, error.what());
  }
}

loader::Scenario scenario_of_lab(const Lab& lab, const LabRun& run, const models::Plan& plan) {
  loader::Scenario scenario = at_its_place(lab, run.scenario, {}, [&] {
    if (run.scenario.name.empty()) return loader::load_scenario_text(lab.document->file(), run.scenario.text);
    return loader::load_scenario(shipped_file(lab, run.scenario, {loader::scenarios_directory()}, "scenario"));
  });
  for (const models::Action& action : scenario.actions) {
    if (const auto trouble = models::check_target(plan, action)) lab_problem(lab, run.scenario.pointer, *trouble);
  }
  if (const auto trouble = models::check_together(plan, scenario.actions))
    lab_problem(lab, run.scenario.pointer, trouble->second);
  // What shipped scenarios expect of their own designs is no part of a lab.
  scenario.expectations.clear();
  return scenario;
}

// ---- figures ----

double figure_of_run(const ReplayRun& run, const LabFigure& figure) {
  double sum = 0;
  switch (figure.kind) {
    case LabFigureKind::milestones:
      for (const Milestone& milestone : run.milestones) sum += milestone.name == figure.milestone ? 1 : 0;
      break;
    case LabFigureKind::milestone_share:
      for (const Milestone& milestone : run.milestones)
        if (milestone.name == figure.milestone) return 1;
      break;
    case LabFigureKind::outage_s:
      for (const ReplayOutage& outage : run.outages)
        if (outage.service + "/" + outage.sli == figure.sli) sum += seconds(outage.length);
      break;
    case LabFigureKind::outages:
    case LabFigureKind::outage_share:
      for (const ReplayOutage& outage : run.outages) sum += outage.service + "/" + outage.sli == figure.sli ? 1 : 0;
      if (figure.kind == LabFigureKind::outage_share) sum = std::min(sum, 1.0);
      break;
    default:
      for (const ReplayLoss& loss : run.losses)
        if (loss.service == figure.service) sum += loss.records();
      if (figure.kind == LabFigureKind::loss_share) sum = sum > 0 ? 1 : 0;
  }
  return sum;
}

double of_all(const std::vector<double>& values, LabFigure::Of of) {
  if (of == LabFigure::Of::min) return *std::min_element(values.begin(), values.end());
  const Spread spread = spread_of(values);
  switch (of) {
    case LabFigure::Of::p5: return spread.p5;
    case LabFigure::Of::p50: return spread.p50;
    case LabFigure::Of::p95: return spread.p95;
    case LabFigure::Of::max: return spread.max;
    default: return spread.mean;
  }
}

void check_subject(const Lab& lab, const models::Plan& plan, const LabFigure& figure) {
  if (!figure.sli.empty() && !sli_named(plan, figure.sli))
    lab_problem(lab, figure.pointer, loader::no_such("SLI", figure.sli, sli_names(plan)));
  if (figure.service.empty()) return;
  std::vector<std::string> services;
  for (const auto& service : plan.services) services.push_back(service.name);
  if (std::find(services.begin(), services.end(), figure.service) == services.end())
    lab_problem(lab, figure.pointer, loader::no_such("service", figure.service, services));
}

double assessed_figure(const Lab& lab, const LabPlay& play, const LabFigure& figure) {
  const SliResult& sli = play.assessment->slis.at(*sli_named(play.plan, figure.sli));
  const auto value_of = [&](const sim::Estimate& estimate) {
    // Nothing was seen: the figure is too small for so many incidents.
    if (!estimate.value)
      lab_problem(lab, figure.pointer, "the assessment saw too little to tell; give it more 'max_incidents'.");
    return *estimate.value;
  };
  switch (figure.kind) {
    case LabFigureKind::availability: return 1 - value_of(sli.unavailability);
    case LabFigureKind::downtime_minutes_per_year: return value_of(sli.unavailability) * sim::minutes_per_year;
    case LabFigureKind::outages_per_year: return value_of(sli.outages_per_year);
    case LabFigureKind::unavailability: return value_of(sli.unavailability);
    default: break;
  }
  if (!sli.sla) lab_problem(lab, figure.pointer, "this SLI has no 'sla'.");
  if (figure.kind == LabFigureKind::credit_share) return sli.sla->expected_credit_share;
  return value_of(figure.kind == LabFigureKind::breach_window  ? sli.sla->breach_probability
                  : figure.kind == LabFigureKind::breach_month ? sli.breach.month
                                                               : sli.breach.year);
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? "" : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// Seconds of a unit of time; nothing of others.
std::optional<double> seconds_of_unit(std::string_view unit) {
  constexpr std::array<std::pair<std::string_view, double>, 4> units{
      {{"ms", 0.001}, {"s", 1}, {"min", 60}, {"h", 3600}}};
  for (const auto& [name, length] : units)
    if (name == unit) return length;
  return std::nullopt;
}

}  // namespace

std::unique_ptr<LabPlay> play_lab(const Lab& lab, const LabRun& run, const LabFigure& truth, std::uint64_t seed,
                                  std::size_t threads) {
  auto play = std::make_unique<LabPlay>();
  play->run = &run;
  play->loaded = topology_of(lab, run, run.sets);
  play->plan = plan_of(lab, run, play->loaded, seed);
  check_subject(lab, play->plan, truth);
  if (!run.scenario.given()) {
    AssessOptions options;
    options.method = Method::automatic;
    options.precision = run.precision;
    options.max_incidents = run.max_incidents;
    options.check_incidents = 1'000;
    options.target = *sli_named(play->plan, truth.sli);
    options.threads = threads;
    try {
      play->assessment = assess(play->plan, options);
    } catch (const std::invalid_argument& error) {
      lab_problem(lab, run.pointer, error.what());
    }
    return play;
  }
  play->scenario = scenario_of_lab(lab, run, play->plan);
  play->options.runs = run.runs;
  play->options.threads = threads;
  if (run.until_s) play->options.until = sim::Duration::from_seconds(*run.until_s);
  if (run.fork_at_s) {
    std::vector<loader::LabEdit> sets = run.sets;
    sets.insert(sets.end(), run.fork_sets.begin(), run.fork_sets.end());
    play->fork_loaded = topology_of(lab, run, sets);
    play->fork_plan = plan_of(lab, run, *play->fork_loaded, seed);
    if (const auto trouble = check_fork(play->plan, *play->fork_plan)) lab_problem(lab, run.pointer, *trouble);
    play->options.fork_at = sim::Duration::from_seconds(*run.fork_at_s);
    play->options.fork = &*play->fork_plan;
    if (*play->options.fork_at >= longest(play->scenario, play->options))
      lab_problem(lab, run.pointer, "the run ends before 'fork_at_s'.");
  }
  try {
    play->replay = replay(play->plan, play->scenario, play->options);
  } catch (const std::invalid_argument& error) {
    lab_problem(lab, run.pointer, error.what());
  }
  return play;
}

std::vector<double> lab_figures(const LabPlay& play, const LabFigure& figure) {
  std::vector<double> values;
  if (play.assessment) return values;
  for (const ReplayRun& run : play.played().runs) {
    if (figure.kind != LabFigureKind::milestone_s) {
      values.push_back(figure_of_run(run, figure) * figure.times);
      continue;
    }
    const auto first = std::find_if(run.milestones.begin(), run.milestones.end(),
                                    [&](const Milestone& milestone) { return milestone.name == figure.milestone; });
    if (first != run.milestones.end()) values.push_back(seconds(first->at) * figure.times);
  }
  return values;
}

double lab_figure(const Lab& lab, const LabPlay& play, const LabFigure& figure) {
  check_subject(lab, play.plan, figure);
  if (play.assessment) return assessed_figure(lab, play, figure) * figure.times;
  const std::vector<double> values = lab_figures(play, figure);
  if (values.empty()) {
    std::vector<std::string> known;
    for (const auto& [name, spread] : play.played().milestones) known.push_back(name);
    const std::vector<std::string_view> views(known.begin(), known.end());
    lab_problem(lab, figure.pointer,
                fmt::format("the milestone '{}' occurs in no run.{}", figure.milestone,
                            loader::did_you_mean(figure.milestone, views)));
  }
  return of_all(values, figure.of);
}

std::size_t right_option(const Lab& lab, const LabPrediction& prediction, double truth) {
  const auto found = std::find_if(prediction.options.begin(), prediction.options.end(),
                                  [&](const loader::LabOption& option) { return option.holds(truth); });
  if (found == prediction.options.end())
    lab_problem(lab, prediction.pointer + "/options", fmt::format("the run gave {}, which is in no option.", truth));
  return static_cast<std::size_t>(found - prediction.options.begin());
}

std::string answers_taken(const LabPrediction& prediction) {
  if (!prediction.choice())
    return prediction.unit.empty() ? "a number" : fmt::format("a number (of {})", prediction.unit);
  std::vector<std::string> letters;
  for (std::size_t i = 0; i < prediction.options.size(); ++i) letters.emplace_back(1, static_cast<char>('a' + i));
  const std::vector<std::string_view> views(letters.begin(), letters.end());
  return loader::one_of(views);
}

std::optional<LabAnswer> parse_answer(const LabPrediction& prediction, const std::string& given) {
  const std::string text = trimmed(given);
  LabAnswer answer;
  if (prediction.choice()) {
    if (text.size() != 1) return std::nullopt;
    const char letter = static_cast<char>(text[0] >= 'A' && text[0] <= 'Z' ? text[0] - 'A' + 'a' : text[0]);
    if (letter < 'a' || letter >= static_cast<char>('a' + prediction.options.size())) return std::nullopt;
    answer.option = static_cast<std::size_t>(letter - 'a');
    return answer;
  }
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, answer.number);
  if (error != std::errc{} || !std::isfinite(answer.number)) return std::nullopt;
  const std::string unit = trimmed(std::string(rest, end));
  if (unit.empty() || unit == prediction.unit) return answer;
  const auto given_unit = seconds_of_unit(unit);
  const auto wanted = seconds_of_unit(prediction.unit);
  if (!given_unit || !wanted) return std::nullopt;
  answer.number *= *given_unit / *wanted;
  return answer;
}

bool is_right(const Lab& lab, const LabPrediction& prediction, double truth, const LabAnswer& answer) {
  if (prediction.choice()) return right_option(lab, prediction, truth) == answer.option;
  // A number typed to the edge of the tolerance is inside, however it is rounded.
  constexpr double rounding = 1e-9;
  return std::abs(answer.number - truth) <= prediction.margin(truth) * (1 + rounding) + rounding;
}

std::vector<LabHeld> statements_of(const Lab& lab, const LabPlay& play, bool what_if) {
  std::vector<LabHeld> held;
  for (const loader::LabStatement& statement : lab.holds) {
    if (statement.what_if == what_if) held.push_back({&statement, lab_figure(lab, play, statement.figure)});
  }
  return held;
}

LabSession::LabSession(Lab lab, std::uint64_t seed, std::size_t threads)
    : lab_(std::move(lab)), seed_(seed), threads_(threads) {}

const LabPlay& LabSession::run() {
  if (!run_) run_ = play_lab(lab_, lab_.run, lab_.truth, seed_, threads_);
  return *run_;
}

const LabPlay& LabSession::what_if() {
  if (!what_if_) what_if_ = play_lab(lab_, lab_.what_if.run, lab_.what_if.truth, seed_, threads_);
  return *what_if_;
}

void LabSession::forget() {
  run_.reset();
  what_if_.reset();
}

double LabSession::truth() { return lab_figure(lab_, run(), lab_.truth); }

double LabSession::what_if_truth() { return lab_figure(lab_, what_if(), lab_.what_if.truth); }

}  // namespace nines::experiments
