#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "experiments/commands.hpp"
#include "experiments/compare_output.hpp"
#include "experiments/output.hpp"
#include "experiments/sli_names.hpp"
#include "experiments/text.hpp"

namespace nines::experiments {

namespace {

/// "/a=1;/b=2": edits of one variant. A ";" that no "/" follows belongs to a value.
std::vector<std::string> edits_of(const std::string& variant) {
  std::vector<std::string> edits;
  std::size_t begin = 0;
  while (begin < variant.size()) {
    const std::size_t end = std::min(variant.find(";/", begin), variant.size());
    edits.push_back(variant.substr(begin, end - begin));
    begin = end + 1;
  }
  return edits;
}

/// What must be said before anything is played.
struct Designs {
  std::vector<std::unique_ptr<Input>> inputs;
  std::vector<std::string> labels;
};

void add(Designs& designs, const std::string& topology, const std::vector<std::string>& edits,
         const CompareCommand& command, const std::string& suffix) {
  std::vector<std::string> sets = command.common.sets;
  sets.insert(sets.end(), edits.begin(), edits.end());
  designs.inputs.push_back(std::make_unique<Input>(load_input(topology_path(topology), sets, command.common)));
  std::string label = designs.inputs.back()->plan.topology.name;
  if (!suffix.empty()) label += " with " + suffix;
  const auto same = std::count(designs.labels.begin(), designs.labels.end(), label);
  if (same > 0) label += fmt::format(" ({})", same + 1);
  designs.labels.push_back(label);
}

Designs load(const CompareCommand& command) {
  if (command.topologies.empty()) throw std::invalid_argument("compare: TOPOLOGY is missing: two designs or more");
  if (command.topologies.size() + command.variants.size() < 2) {
    throw std::invalid_argument(
        "compare needs two designs: name a second topology, or give --variant '/pointer=value'");
  }
  constexpr std::size_t most_designs = 26;
  if (command.topologies.size() + command.variants.size() > most_designs) {
    throw std::invalid_argument(
        fmt::format("compare takes up to {} designs; for more there is nines sweep", most_designs));
  }
  Designs designs;
  for (const std::string& topology : command.topologies) add(designs, topology, {}, command, "");
  for (const std::string& variant : command.variants) {
    const std::vector<std::string> edits = edits_of(variant);
    if (edits.empty()) throw std::invalid_argument("--variant is empty: expected '/json/pointer=value'");
    add(designs, command.topologies.front(), edits, command, fmt::format("{}", fmt::join(edits, ", ")));
  }
  return designs;
}

/// The SLI that all designs have and the user means.
std::string target_of(const CompareCommand& command, const Designs& designs) {
  std::vector<std::string> common = sli_names(designs.inputs.front()->plan);
  for (const auto& input : designs.inputs) {
    const std::vector<std::string> its = sli_names(input->plan);
    std::erase_if(common,
                  [&](const std::string& name) { return std::find(its.begin(), its.end(), name) == its.end(); });
  }
  if (common.empty()) throw std::invalid_argument("the designs have no SLI in common: nothing to compare");
  if (command.sli.empty()) return common.front();
  if (std::find(common.begin(), common.end(), command.sli) != common.end()) return command.sli;
  const std::vector<std::string_view> views(common.begin(), common.end());
  throw std::invalid_argument(fmt::format("--sli {}: not an SLI of every design (they share {}).{}", command.sli,
                                          loader::one_of(views), loader::did_you_mean(command.sli, views)));
}

std::string render(const CompareReport& report, const std::string& format) {
  if (format == "json") return json_text(compare_json(report));
  return format == "csv" ? compare_csv(report) : compare_text(report);
}

}  // namespace

int run_compare(const CompareCommand& command) {
  const auto begin = std::chrono::steady_clock::now();
  const Designs designs = load(command);
  CompareReport report;
  report.labels = designs.labels;
  report.seed = command.common.seed;
  report.options.precision = command.precision;
  report.options.target = target_of(command, designs);
  report.options.max_incidents = command.max_incidents;
  report.options.risk = command.risk;
  report.options.threads = command.common.threads;
  report.options.independent = command.independent;
  std::vector<const models::Plan*> plans;
  for (const auto& input : designs.inputs) {
    report.inputs.push_back(input.get());
    plans.push_back(&input->plan);
  }
  if (command.common.dry_run) {
    write_output(command.common.output,
                 fmt::format("{}: valid. Would compare {} by {} in up to {} incidents, seed {}.\n",
                             fmt::join(designs.labels, ", "), counted(plans.size(), "design"), report.options.target,
                             command.max_incidents, command.common.seed));
    return exit_code::done;
  }
  check_output(command.common.output);
  Progress progress(!command.common.quiet);
  progress.show("planning ...");
  report.options.progress = [&](std::uint64_t incidents, double half_width) {
    progress.show(
        fmt::format("{} incidents, differences known to {:.2g} % of the first design", incidents, half_width * 100));
  };
  const Comparison result = compare(plans, report.options);
  report.result = &result;
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  progress.clear();
  write_output(command.common.output, render(report, command.common.format));
  return exit_code::done;
}

}  // namespace nines::experiments
