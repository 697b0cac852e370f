// Files that a command names: topologies, scenarios and sweeps, by path or by the name of a shipped one.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include "experiments/command/commands.hpp"
#include "experiments/loader/document.hpp"
#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/plan.hpp"

namespace nines::experiments {

/// Directories of shipped scenarios and sweeps.
std::filesystem::path scenario_directory();
std::filesystem::path sweep_directory();
/// `argument` if it names a file or stdin, else the shipped file of that name. Throws loader::InputError with the
/// nearest name.
std::string topology_path(const std::string& argument);
std::string scenario_path(const std::string& argument);
std::string sweep_path(const std::string& argument);

/// How large a kept result may be: larger than what people write by hand.
loader::DocumentLimits result_limits();

struct Input {
  loader::LoadedTopology loaded;
  models::Plan plan;
};
/// Loads, applies the edits, builds the plan. Throws loader::InputError.
Input load_input(const std::string& path, const std::vector<loader::Override>& edits, const CommonOptions& options);
/// The same with edits as `--set` has them.
Input load_input(const std::string& path, const std::vector<std::string>& sets, const CommonOptions& options);

/// What `work` finds wrong with an input (std::invalid_argument) as loader::InputError that names the input; what it
/// finds wrong with an option, which begins with "--", as it is.
template <class Work>
auto naming(const std::string& path, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::invalid_argument& error) {
    const std::string message = error.what();
    if (message.starts_with("--")) throw;
    throw loader::InputError({loader::Problem{path, 0, 0, "", message}});
  }
}
/// Throws loader::InputError if an action of the scenario, read from `path`, can never find its target.
void check_targets(const models::Plan& plan, const loader::Scenario& scenario, const std::string& path);
/// The same if an expectation is about a service or an SLI that the plan does not have.
void check_expected(const models::Plan& plan, const loader::Scenario& scenario, const std::string& path);

}  // namespace nines::experiments
