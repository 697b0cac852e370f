#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/command/deliver.hpp"
#include "experiments/compare/compare_output.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/text.hpp"

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
  std::vector<std::string> topologies;          ///< as the user named them
  std::vector<std::vector<std::string>> edits;  ///< of variants
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
  designs.topologies.push_back(topology);
  designs.edits.push_back(edits);
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

int run_compare(const CompareCommand& command, const DeliverComparison& deliver) {
  const auto begin = std::chrono::steady_clock::now();
  const Designs designs = load(command);
  CompareReport report;
  report.labels = designs.labels;
  report.topologies = designs.topologies;
  report.edits = designs.edits;
  report.seed = command.common.seed;
  report.options.precision = command.precision;
  report.options.target = target_of(command, designs);
  report.options.max_incidents = command.max_incidents;
  report.options.risk = command.risk;
  report.options.threads = command.common.threads;
  report.options.independent = command.independent;
  if (command.common.check)
    designs.inputs.front()->loaded.warnings.push_back(
        option_warning("--check", "compare has nothing to check, and passes. nines assess --check checks an SLA."));
  std::vector<const models::Plan*> plans;
  std::vector<std::string> warnings;
  for (const auto& input : designs.inputs) {
    report.inputs.push_back(input.get());
    warnings.insert(warnings.end(), input->loaded.warnings.begin(), input->loaded.warnings.end());
    plans.push_back(&input->plan);
  }
  show_warnings(warnings);
  if (command.common.dry_run) {
    write_text(command.common.output, fmt::format("{}: valid. Would compare {} by {} in up to {} incidents, seed {}.\n",
                                                  escape::visible(fmt::format("{}", fmt::join(designs.labels, ", "))),
                                                  counted(plans.size(), "design"), report.options.target,
                                                  command.max_incidents, command.common.seed));
    return exit_code::done;
  }
  check_output(command.common.output);
  report.command = &command;
  const Interruptible interruptible(
      "nines: interrupted. A comparison keeps nothing: the same command begins anew. A coarser answer comes sooner: "
      "--precision 0.3.");
  Progress progress(!command.common.quiet);
  progress.show("planning ...");
  report.options.progress = [&](std::uint64_t incidents, double half_width) {
    Advance at{"", static_cast<double>(incidents), std::nullopt, true, "incidents", ""};
    const double lacking = half_width / command.precision;
    // What is known to a part of the first design may be known well enough as a part of the difference.
    at.of = std::min(static_cast<double>(command.max_incidents), std::max(1.0, lacking * lacking) * at.done);
    at.also = fmt::format("differences known to {:.2g} % of the first design", half_width * 100);
    progress.show(at);
  };
  const Comparison result =
      naming(fmt::format("{}", fmt::join(command.topologies, ", ")), [&] { return compare(plans, report.options); });
  report.result = &result;
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  progress.clear();
  deliver(report);
  write_times(command.common, report.wall_s, static_cast<double>(result.events));
  return exit_code::done;
}

int run_compare(const CompareCommand& command) {
  return run_compare(command, [&](const CompareReport& report) {
    write_result(command.common, render(report, command.common.format));
  });
}

}  // namespace nines::experiments
