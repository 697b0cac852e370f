#include "experiments/command/inputs.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "experiments/estimate/assess_output.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/data_files.hpp"
#include "models/selector.hpp"

namespace nines::experiments {

namespace {

namespace fs = std::filesystem;

/// The shipped entry called `argument`, with or without ".json".
std::string shipped(const std::string& argument, const std::vector<loader::NamedEntry>& entries,
                    std::string_view what) {
  const std::string name = argument.ends_with(".json") ? argument.substr(0, argument.size() - 5) : argument;
  std::vector<std::string_view> names;
  for (const loader::NamedEntry& entry : entries) {
    if (entry.name == name) return entry.path;
    names.push_back(entry.name);
  }
  throw loader::InputError({loader::Problem{
      argument, 0, 0, "",
      fmt::format("no such file, and no shipped {0} of that name.{1} See nines list {2}.", what,
                  loader::did_you_mean(name, names), what == "topology" ? "topologies" : fmt::format("{}s", what))}});
}

/// Verbs behind names of faults and categories.
std::vector<std::string> left_out(const std::vector<std::string>& names) {
  std::vector<std::string> verbs;
  for (const std::string& name : names) {
    const std::size_t before = verbs.size();
    for (const models::VerbInfo& verb : models::verbs) {
      if (verb.name == name || category_name(verb.category) == name) verbs.emplace_back(verb.name);
    }
    if (verbs.size() > before) continue;
    std::vector<std::string_view> known{"component", "planned", "change", "human"};
    for (const models::VerbInfo& verb : models::verbs) known.push_back(verb.name);
    throw std::invalid_argument(fmt::format("--without-fault {}: no such fault.{} See nines list faults.", name,
                                            loader::did_you_mean(name, known)));
  }
  return verbs;
}

bool is_file(const std::string& argument) {
  std::error_code error;
  return argument == "-" || fs::exists(argument, error);
}

}  // namespace

fs::path scenario_directory() { return loader::scenarios_directory(); }

fs::path sweep_directory() { return loader::sweeps_directory(); }

std::string topology_path(const std::string& argument) {
  return is_file(argument) ? argument : shipped(argument, loader::list_topologies(), "topology");
}

std::string scenario_path(const std::string& argument) {
  return is_file(argument) ? argument
                           : shipped(argument, loader::list_scenarios(scenario_directory().string()), "scenario");
}

std::string sweep_path(const std::string& argument) {
  return is_file(argument) ? argument : shipped(argument, loader::list_sweeps(sweep_directory().string()), "sweep");
}

Input load_input(const std::string& path, const std::vector<std::string>& sets, const CommonOptions& options) {
  std::vector<loader::Override> edits;
  for (const std::string& set : sets) edits.push_back(loader::parse_override(set));
  return load_input(path, edits, options);
}

Input load_input(const std::string& path, const std::vector<loader::Override>& edits, const CommonOptions& options) {
  loader::LoadOptions load;
  load.profile = options.profile;
  load.prices = options.prices;
  Input input{loader::load_topology(path, edits, load), {}};
  input.loaded.topology.without_faults = left_out(options.without_faults);
  try {
    input.plan = models::build_plan(input.loaded.topology, options.seed);
  } catch (const std::invalid_argument& error) {
    throw loader::ImpossibleInput({loader::Problem{path, 0, 0, "", error.what()}});
  }
  return input;
}

void check_targets(const models::Plan& plan, const loader::Scenario& scenario, const std::string& path) {
  loader::Problems problems;
  std::optional<loader::Document> document;
  const auto together = models::check_together(plan, scenario.actions);
  for (const models::Action& action : scenario.actions) {
    auto trouble = models::check_target(plan, action);
    const auto number = static_cast<std::size_t>(&action - scenario.actions.data());
    if (!trouble && together && together->first == number) trouble = together->second;
    if (!trouble) continue;
    if (path == "-") {
      problems.add({path, 0, 0, "", *trouble});
      continue;
    }
    // The actions were sorted; find this one again where its author put it.
    if (!document) document = loader::Document::read(path);
    const loader::Json& actions = document->root()["actions"];
    for (std::size_t at = 0; at < actions.size(); ++at) {
      if (actions[at].value("target", "") != action.target || actions[at].value("from", "") != action.from) continue;
      problems.add(document->problem(fmt::format("/actions/{}/target", at), *trouble));
      break;
    }
  }
  problems.throw_if_any();
}

}  // namespace nines::experiments
