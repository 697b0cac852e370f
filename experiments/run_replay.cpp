#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "experiments/commands.hpp"
#include "experiments/inputs.hpp"
#include "experiments/output.hpp"
#include "experiments/replay_output.hpp"

namespace nines::experiments {

namespace {

std::string dry_text(const ReplayCommand& command, const Input& input, const loader::Scenario& scenario) {
  return fmt::format("{} on {}: valid. {} actions, {} expectations.\nWould play {} run(s), seed {}.\n", scenario.name,
                     input.plan.topology.name, scenario.actions.size(), scenario.expectations.size(), command.runs,
                     command.common.seed);
}

std::string render(const ReplayReport& report, const std::string& format) {
  if (format == "json") return json_text(replay_json(report));
  return format == "csv" ? replay_csv(report) : replay_text(report);
}

/// With a fork, the edits belong to it alone.
std::optional<Input> load_fork(const ReplayCommand& command, const std::string& path, const models::Plan& base) {
  if (!command.fork_at_s) return std::nullopt;
  if (command.common.sets.empty()) throw std::invalid_argument("--fork-at needs --set: what is different from then on");
  Input fork = load_input(path, command.common.sets, command.common);
  if (const auto trouble = check_fork(base, fork.plan)) throw std::invalid_argument("--fork-at: " + *trouble);
  return fork;
}

void check_expected_slis(const models::Plan& plan, const loader::Scenario& scenario, const std::string& path) {
  std::vector<std::string> known;
  for (const models::KafkaSpec& service : plan.topology.services) {
    for (const models::SliSpec& sli : service.slis) known.push_back(service.name + "/" + sli.name);
  }
  const std::vector<std::string_view> names(known.begin(), known.end());
  for (const loader::Expectation& expectation : scenario.expectations) {
    const auto* outage = std::get_if<loader::OutageExpectation>(&expectation.check);
    const auto* count = std::get_if<loader::CountExpectation>(&expectation.check);
    if (outage == nullptr && count == nullptr) continue;
    const loader::SliName& sli = outage != nullptr ? outage->sli : count->sli;
    const std::string name = sli.service + "/" + sli.sli;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw loader::InputError({loader::Problem{path, 0, 0, "",
                                              fmt::format("expectation about '{}', which the topology does not have.{}",
                                                          name, loader::did_you_mean(name, names))}});
  }
}

int check_code(const Played& played) {
  const bool met = std::all_of(played.expectations.begin(), played.expectations.end(),
                               [](const ExpectationResult& result) { return result.met(); });
  return met ? exit_code::done : exit_code::missed;
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
  check_expected_slis(input.plan, scenario, script);
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
  const Replay result = replay(input.plan, scenario, options);
  ReplayReport report{&input.loaded, &input.plan,         &scenario,        &result,
                      options,       command.common.sets, command.topology, command.scenario};
  report.colour = !command.common.no_colour && command.common.output.empty() && colour_allowed();
  write_output(command.common.output, render(report, command.common.format));
  return command.common.check ? check_code(result.fork ? *result.fork : result.base) : exit_code::done;
}

}  // namespace nines::experiments
