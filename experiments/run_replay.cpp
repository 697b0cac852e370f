#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "experiments/commands.hpp"
#include "experiments/inputs.hpp"
#include "experiments/output.hpp"
#include "experiments/replay_output.hpp"
#include "experiments/sli_names.hpp"

namespace nines::experiments {

namespace {

std::string dry_text(const ReplayCommand& command, const Input& input, const loader::Scenario& scenario) {
  return fmt::format("{} on {}: valid. {} actions, {} expectations.\nWould play {} run(s), seed {}.\n", scenario.name,
                     input.plan.topology.name, scenario.actions.size(), scenario.expectations.size(), command.runs,
                     command.common.seed);
}

/// Runs that text and JSON hold in full.
constexpr std::size_t most_runs_in_json = 1000;

/// Plays, and writes the runs as they come. The report's result is of the caller.
void play_and_write(const ReplayCommand& command, ReplayReport& report, Replay& result) {
  const auto play = [&] { result = replay(*report.plan, *report.scenario, report.options); };
  const std::string& format = command.common.format;
  if (format == "text" || format == "json") {
    report.options.keep = most_runs_in_json;
    play();
    write_output(command.common.output, format == "json" ? json_text(replay_json(report)) : replay_text(report));
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

[[noreturn]] void report_unknown(const std::string& path, std::string_view what, const std::string& name,
                                 const std::vector<std::string>& known) {
  const std::vector<std::string_view> names(known.begin(), known.end());
  throw loader::InputError({loader::Problem{path, 0, 0, "",
                                            fmt::format("expectation about {}'{}', which the topology does not have.{}",
                                                        what, name, loader::did_you_mean(name, names))}});
}

/// Expectations are about services of any kind.
void check_expected(const models::Plan& plan, const loader::Scenario& scenario, const std::string& path) {
  std::vector<std::string> services;
  for (const auto& service : plan.services) services.push_back(service.name);
  const std::vector<std::string> slis = sli_names(plan);
  const auto holds = [](const std::vector<std::string>& known, const std::string& name) {
    return std::find(known.begin(), known.end(), name) != known.end();
  };
  for (const loader::Expectation& expectation : scenario.expectations) {
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
  if (command.runs > 1)
    throw std::invalid_argument(
        "--fabric simgrid: plays one run only, for SimGrid's engine is one a process; leave --runs out");
  if (command.fork_at_s)
    throw std::invalid_argument("--fabric simgrid: cannot go with --fork-at, for SimGrid's engine cannot be copied");
  return command.make_simgrid();
}

}  // namespace

int run_replay(const ReplayCommand& command) {
  const std::unique_ptr<models::fabric::Fabric> fabric = make_fabric(command);
  const std::string path = topology_path(command.topology);
  const Input input =
      load_input(path, command.fork_at_s ? std::vector<std::string>{} : command.common.sets, command.common);
  const std::string script = scenario_path(command.scenario);
  const loader::Scenario scenario = loader::load_scenario(script);
  check_targets(input.plan, scenario, script);
  check_expected(input.plan, scenario, script);
  const std::optional<Input> fork = load_fork(command, path, input.plan);
  if (command.common.dry_run) {
    write_output(command.common.output, dry_text(command, input, scenario));
    return exit_code::done;
  }
  ReplayOptions options;
  options.fabric = fabric.get();
  options.runs = command.runs;
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
  Replay result;
  ReplayReport report{&input.loaded, &input.plan,         &scenario,        &result,
                      options,       command.common.sets, command.topology, command.scenario};
  report.colour = !command.common.no_colour && command.common.output.empty() && colour_allowed();
  play_and_write(command, report, result);
  return command.common.check ? check_code(result.fork ? *result.fork : result.base) : exit_code::done;
}

}  // namespace nines::experiments
