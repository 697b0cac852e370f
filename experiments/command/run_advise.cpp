#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>

#include "experiments/advise/advise_output.hpp"
#include "experiments/command/commands.hpp"
#include "experiments/command/deliver.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/output.hpp"
#include "experiments/report/text.hpp"

namespace nines::experiments {

namespace {

/// Designs that are played together; each takes memory and a turn of incidents.
constexpr std::size_t most_variants = 400;

std::string target_name(const std::string& name, const models::Plan& plan) {
  const std::vector<std::string> known = sli_names(plan);
  if (name.empty()) return known.front();
  if (std::find(known.begin(), known.end(), name) != known.end()) return name;
  const std::vector<std::string_view> views(known.begin(), known.end());
  throw std::invalid_argument(fmt::format("--sli {}: the topology has no such SLI (it has {}).{}", name,
                                          loader::one_of(views), loader::did_you_mean(name, views)));
}

void check_names(const std::vector<std::string>& only) {
  const std::vector<std::string> known = names_of_changes(catalogue_path());
  const std::vector<std::string_view> views(known.begin(), known.end());
  for (const std::string& name : only) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw std::invalid_argument(
        fmt::format("--change {}: the catalogue has no such change.{}", name, loader::did_you_mean(name, views)));
  }
}

/// The first line of what is wrong, without the place in a file.
std::string reason_of(const std::exception& error) {
  std::string text = error.what();
  text = text.substr(0, text.find('\n'));
  const std::size_t found = text.find("error: ");
  return found == std::string::npos ? text : text.substr(found + 7);
}

struct Candidates {
  std::vector<Variant> variants;
  std::vector<Impossible> impossible;
};

Candidates candidates_of(const AdviseCommand& command, const std::string& path, const Input& base,
                         const std::string& target) {
  Candidates result;
  std::set<std::string> seen{base.loaded.input_hash};
  for (Change& change : changes_of(catalogue_path(), path, command.common.sets, command.common, base.loaded)) {
    const auto& only = command.changes;
    if (!only.empty() && std::find(only.begin(), only.end(), change.name) == only.end()) continue;
    std::vector<std::string> sets = command.common.sets;
    sets.insert(sets.end(), change.sets.begin(), change.sets.end());
    try {
      auto input = std::make_unique<Input>(load_input(path, sets, command.common));
      if (!seen.insert(input->loaded.input_hash).second) continue;  // the same by another name
      if (!sli_named(input->plan, target)) throw std::invalid_argument("it has no SLI " + target);
      if (input->plan.faults.empty()) throw std::invalid_argument("nothing could fail in it");
      result.variants.push_back({std::move(change), std::move(input)});
    } catch (const std::exception& error) {
      if (dynamic_cast<const loader::InputError*>(&error) == nullptr &&
          dynamic_cast<const std::invalid_argument*>(&error) == nullptr) {
        throw;
      }
      result.impossible.push_back({std::move(change), reason_of(error)});
    }
  }
  return result;
}

std::string render(const AdviseReport& report, const std::string& format) {
  if (format == "json") return json_text(advise_json(report));
  return format == "csv" ? advise_csv(report) : advise_text(report);
}

/// Throws std::invalid_argument if there is nothing to try, or too much.
void check_candidates(const Candidates& candidates) {
  if (candidates.variants.empty()) {
    throw std::invalid_argument(candidates.impossible.empty()
                                    ? "no change of the catalogue has anything to change in this topology"
                                    : fmt::format("none of the changes can be made in this topology: {}",
                                                  candidates.impossible.front().reason));
  }
  if (candidates.variants.size() > most_variants) {
    throw std::invalid_argument(
        fmt::format("{} can be made here, more than the {} that are tried at once: choose with --change",
                    counted(candidates.variants.size(), "change"), most_variants));
  }
}

}  // namespace

int run_advise(const AdviseCommand& command, const DeliverAdvice& deliver) {
  const auto begin = std::chrono::steady_clock::now();
  const std::string path = topology_path(command.topology);
  if (path == "-") throw std::invalid_argument("advise reads the topology once for each change: give a file, not -");
  if (command.common.check) {
    throw std::invalid_argument("advise has nothing to check: nines assess --check tells whether a target is met");
  }
  check_names(command.changes);
  const Input base = load_input(path, command.common.sets, command.common);
  show_warnings(base.loaded.warnings);
  AdviseReport report;
  report.options.target = target_name(command.sli, base.plan);
  const Candidates candidates = candidates_of(command, path, base, report.options.target);
  naming(path, [&] { check_candidates(candidates); });
  if (command.common.dry_run) {
    std::string text = fmt::format("{}: valid. Would try {} by {} in up to {} incidents, seed {}:\n",
                                   base.plan.topology.name, counted(candidates.variants.size(), "single change"),
                                   report.options.target, command.max_incidents, command.common.seed);
    for (const Variant& variant : candidates.variants) {
      text += fmt::format("  {}: {}\n", variant.change.name, variant.change.title);
    }
    write_text(command.common.output, text);
    return exit_code::done;
  }
  report.base = &base;
  report.variants = &candidates.variants;
  report.impossible = &candidates.impossible;
  report.options.precision = command.precision;
  report.options.max_incidents = command.max_incidents;
  report.options.risk = command.risk;
  report.options.threads = command.common.threads;
  report.options.may_solve = command.method == "auto";
  report.topology_path = command.topology;
  report.command = &command.common;
  Progress progress(!command.common.quiet);
  progress.show(fmt::format("{} to try ...", counted(candidates.variants.size(), "change")));
  report.options.progress = [&](std::uint64_t incidents, double half_width) {
    progress.show(fmt::format("{} incidents of at most {}, differences known to {:.2g} % of the design's downtime",
                              incidents, command.max_incidents, half_width * 100));
  };
  const AdviceResult result = naming(path, [&] { return advise(base, candidates.variants, report.options); });
  report.result = &result;
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  progress.clear();
  deliver(report);
  return exit_code::done;
}

int run_advise(const AdviseCommand& command) {
  return run_advise(command, [&](const AdviseReport& report) {
    write_result(command.common, render(report, command.common.format));
  });
}

}  // namespace nines::experiments
