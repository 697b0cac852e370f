#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/command/deliver.hpp"
#include "experiments/command/inputs.hpp"
#include "experiments/estimate/incident_recipe.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/replay/replay_output.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/junit.hpp"
#include "experiments/report/output.hpp"
#include "models/faults/possible.hpp"

namespace nines::experiments {

namespace {

std::string dry_text(const ReplayCommand& command, const Input& input, const loader::Scenario& scenario) {
  return fmt::format("{} on {}: valid. {} actions, {} expectations.\nWould play {} run(s), seed {}.\n", scenario.name,
                     input.plan.topology.name, scenario.actions.size(), scenario.expectations.size(), command.runs,
                     command.common.seed);
}

/// Each expectation as a test; with a fork, of the fork, as --check has it.
std::vector<JUnitCase> checks_of(const ReplayReport& report) {
  std::vector<JUnitCase> cases;
  const Played& played = report.result->fork ? *report.result->fork : report.result->base;
  for (const ExpectationResult& result : played.expectations) {
    cases.push_back({report.scenario->name, result.text,
                     result.met()    ? JUnitCase::Outcome::passed
                     : result.open() ? JUnitCase::Outcome::cannot_tell
                                     : JUnitCase::Outcome::failed,
                     fmt::format("met by {:g} % of the runs, {:g} % wanted; {}", result.met_fraction * 100,
                                 result.fraction * 100, result.worst)});
  }
  return cases;
}

/// Runs that text and JSON hold in full.
constexpr std::size_t most_runs_in_json = 1000;

/// Plays, and writes the runs as they come. `play` fills the report's result, which is of the caller, by the report's
/// options.
void play_and_write(const ReplayCommand& command, ReplayReport& report, const std::function<void()>& play) {
  const std::string& format = command.common.format;
  if (format == "text" || format == "json" || format == "junit" || format == "trace" || format == "html") {
    report.options.keep = most_runs_in_json;
    play();
    write_result(command.common, format == "json"    ? json_text(replay_json(report))
                                 : format == "html"  ? html_page("the replay", replay_json(report))
                                 : format == "trace" ? replay_trace(report)
                                 : format == "junit" ? junit(report.plan->topology.name, checks_of(report))
                                                     : replay_text(report));
    return;
  }
  const bool lines = format == "jsonl";
  const auto row = lines ? replay_jsonl_run : replay_csv_run;
  OutputStream out(command.common.output);
  out.write(lines ? replay_jsonl_head(report) : replay_csv_head());
  report.options.keep = 0;
  report.options.each = [&](const ReplayRun& base, const ReplayRun* fork) {
    out.write(row("base", base));
    if (fork != nullptr) out.write(row("fork", *fork));
  };
  play();
  if (lines) out.write(replay_jsonl_summary(report));
  out.commit();
}

/// With a fork, the edits belong to it alone.
std::optional<Input> load_fork(const ReplayCommand& command, const std::string& path, const models::Plan& base) {
  if (!command.fork_at_s) return std::nullopt;
  if (command.common.sets.empty()) throw std::invalid_argument("--fork-at needs --set: what is different from then on");
  Input fork = load_input(path, command.common.sets, command.common);
  if (const auto trouble = check_fork(base, fork.plan)) throw std::invalid_argument("--fork-at: " + *trouble);
  return fork;
}

/// Events that must occur in each run for the expectation to be met.
std::vector<std::string> wanted(const loader::Expectation& expectation) {
  if (const auto* milestone = std::get_if<loader::MilestoneExpectation>(&expectation.check))
    return {milestone->milestone};
  if (const auto* order = std::get_if<loader::OrderExpectation>(&expectation.check)) return order->milestones;
  return {};
}

[[noreturn]] void report_unknown(const std::string& path, std::string_view what, const std::string& name,
                                 const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  throw loader::InputError({loader::Problem{path, 0, 0, "",
                                            fmt::format("expectation about {}'{}', which the topology does not have.{}",
                                                        what, name, loader::did_you_mean(name, names))}});
}

}  // namespace

/// Expectations are about services of any kind.
void check_expected(const models::Plan& plan, const loader::Scenario& scenario, const std::string& path) {
  std::vector<std::string> services;
  for (const auto& service : plan.services) services.push_back(service.name);
  const std::vector<std::string> slis = sli_names(plan);
  const auto holds = [](const std::vector<std::string>& known, const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  for (const loader::Expectation& expectation : scenario.expectations) {
    for (const std::string& event : wanted(expectation)) {
      if (expectation.fraction <= 0 || models::faults::can_happen(plan, event)) continue;
      throw loader::InputError({loader::Problem{
          path, 0, 0, "",
          fmt::format(
              "expects '{}' ({}), which cannot happen here: this topology has nothing that does it. 'nines list "
              "scenarios TOPOLOGY' names scenarios that it can be played with.",
              event, expectation.text)}});
    }
    if (const auto* loss = std::get_if<loader::DataLossExpectation>(&expectation.check)) {
      if (!holds(services, loss->service)) report_unknown(path, "the data of ", loss->service, services);
    }
    const auto* outage = std::get_if<loader::OutageExpectation>(&expectation.check);
    const auto* count = std::get_if<loader::CountExpectation>(&expectation.check);
    if (outage == nullptr && count == nullptr) continue;
    const loader::SliName& sli = outage != nullptr ? outage->sli : count->sli;
    const std::string name = sli.service + "/" + sli.sli;
    if (!holds(slis, name)) report_unknown(path, "", name, slis);
  }
}

namespace {

/// All expectations met: done; one missed: missed; else outages that still run leave it open.
int check_code(const Played& played) {
  int code = exit_code::done;
  for (const ExpectationResult& result : played.expectations) {
    if (result.met()) continue;
    if (!result.open()) return exit_code::missed;
    code = exit_code::inconclusive;
  }
  return code;
}

/// SimGrid's engine is one a process and cannot be copied.
std::unique_ptr<models::fabric::Fabric> make_fabric(const ReplayCommand& command) {
  if (command.fabric == "native") return nullptr;
  if (command.make_simgrid == nullptr)
    throw std::invalid_argument(
        "--fabric simgrid: this build is without SimGrid (install SimGrid 3.32 and build again)");
  if (command.runs > 1 && !command.run)
    throw std::invalid_argument(
        "--fabric simgrid: plays one run only, for SimGrid's engine is one a process; leave --runs out");
  if (command.fork_at_s)
    throw std::invalid_argument("--fabric simgrid: cannot go with --fork-at, for SimGrid's engine cannot be copied");
  return command.make_simgrid();
}

/// What an incident of an assessment is told as: a script of its faults, without expectations.
loader::Scenario scenario_of(const models::Plan& plan, const IncidentRecipe& recipe, const std::string& word) {
  loader::Scenario scenario;
  scenario.name = "incident " + word;
  scenario.title = "an incident of the assessment, its faults at their times and with its randomness";
  for (const Strike& strike : recipe.strikes) {
    const models::FaultSource& source = plan.faults[strike.source];
    models::Action action;
    action.at = strike.at - incident_start;
    action.verb = source.verb;
    action.variant = source.variant;
    action.target = plan.name(source.target);
    scenario.actions.push_back(std::move(action));
  }
  return scenario;
}

void refuse_with_incident(const ReplayCommand& command) {
  const auto refuse = [](std::string_view what) {
    throw std::invalid_argument(fmt::format("--incident plays one incident as it was: leave {} out", what));
  };
  if (!command.scenario.empty()) refuse("SCENARIO");
  if (command.runs > 1) refuse("--runs");
  if (command.run) refuse("--run");
  if (command.until_s) refuse("--until");
  if (command.fork_at_s) refuse("--fork-at");
  if (command.fabric != "native") refuse("--fabric");
}

int run_incident(const ReplayCommand& command) {
  refuse_with_incident(command);
  const Input input = load_input(topology_path(command.topology), command.common.sets, command.common);
  const IncidentRecipe recipe =
      incident_of(command.incident, incident_fingerprint(input.loaded, input.plan), input.plan);
  const loader::Scenario scenario = scenario_of(input.plan, recipe, command.incident);
  if (command.common.dry_run) {
    write_text(command.common.output, dry_text(command, input, scenario));
    return exit_code::done;
  }
  check_output(command.common.output);
  Replay result;
  ReplayReport report{&input.loaded, &input.plan, &scenario, &result, {}, {}, command.topology, "", &command.common};
  report.detail = command.detail;
  play_and_write(command, report, [&] {
    result = replay_incident(input.plan, recipe);
    if (report.options.each) report.options.each(result.base.runs.front(), nullptr);
  });
  return exit_code::done;
}

}  // namespace

int run_replay(const ReplayCommand& command) {
  if (command.common.format == "trace" && (command.runs > 1 && !command.run))
    throw std::invalid_argument("--format trace: of one run only; leave --runs out, or choose one of them with --run");
  if (command.common.format == "trace" && command.fork_at_s)
    throw std::invalid_argument("--format trace: not with --fork-at; play both by themselves");
  if (!command.incident.empty()) return run_incident(command);
  if (command.run && command.runs > 1 && *command.run >= command.runs) {
    throw std::invalid_argument(
        fmt::format("--run {}: --runs {} has runs 0 to {}", *command.run, command.runs, command.runs - 1));
  }
  const std::unique_ptr<models::fabric::Fabric> fabric = make_fabric(command);
  const std::string path = topology_path(command.topology);
  Input input = load_input(path, command.fork_at_s ? std::vector<std::string>{} : command.common.sets, command.common);
  const std::string script = scenario_path(command.scenario);
  const loader::Scenario scenario = loader::load_scenario(script);
  check_targets(input.plan, scenario, script);
  check_expected(input.plan, scenario, script);
  const std::optional<Input> fork = load_fork(command, path, input.plan);
  if (command.common.check && scenario.expectations.empty())
    input.loaded.warnings.push_back(option_warning("--check",
                                                   "the scenario expects nothing: there is nothing to check, "
                                                   "and it passes. Give it an 'expect'."));
  if (fork) {
    auto& warnings = input.loaded.warnings;
    warnings.insert(warnings.end(), fork->loaded.warnings.begin(), fork->loaded.warnings.end());
  }
  show_warnings(input.loaded.warnings);
  if (command.common.dry_run) {
    write_text(command.common.output, dry_text(command, input, scenario));
    return exit_code::done;
  }
  ReplayOptions options;
  options.fabric = fabric.get();
  options.runs = command.run ? 1 : command.runs;
  options.first_run = command.run.value_or(0);
  options.threads = fabric ? 1 : command.common.threads;
  if (command.until_s) options.until = sim::Duration::from_seconds(*command.until_s);
  if (fork) {
    options.fork_at = sim::Duration::from_seconds(*command.fork_at_s);
    options.fork = &fork->plan;
    if (const sim::Duration end = longest(scenario, options); *options.fork_at >= end)
      throw std::invalid_argument(
          fmt::format("--fork-at {:g}: the run ends after {:g} s", *command.fork_at_s, end.to_seconds()));
  }
  check_output(command.common.output);
  const Interruptible interruptible(
      command.common.output.empty()
          ? "nines: interrupted. A replay keeps nothing: the same command plays it anew, with the same randomness."
          : fmt::format(
                "nines: interrupted. {} is as it was: the same command plays it anew, with the same randomness.",
                command.common.output));
  Progress progress(!command.common.quiet && command.runs > 1);
  options.progress = [&](std::size_t done) {
    progress.show(Advance{"", static_cast<double>(done), static_cast<double>(command.runs), false, "runs", ""});
  };
  Replay result;
  ReplayReport report{&input.loaded,       &input.plan,      &scenario,        &result,        options,
                      command.common.sets, command.topology, command.scenario, &command.common};
  report.detail = command.detail;
  play_and_write(command, report, [&] {
    result = naming(script, [&] { return replay(input.plan, scenario, report.options); });
    progress.clear();
  });
  return command.common.check ? check_code(result.fork ? *result.fork : result.base) : exit_code::done;
}

}  // namespace nines::experiments
