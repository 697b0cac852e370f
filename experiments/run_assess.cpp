#include <fmt/format.h>

#include <chrono>
#include <stdexcept>

#include "experiments/assess_output.hpp"
#include "experiments/commands.hpp"
#include "experiments/inputs.hpp"
#include "experiments/output.hpp"

namespace nines::experiments {

namespace {

void check_options(const AssessCommand& command, const models::Plan& plan) {
  if (command.method != "timeline") {
    throw std::invalid_argument(fmt::format(
        "--method {}: this version estimates by simulated timelines only (--method timeline)", command.method));
  }
  if (command.max_years < command.years) {
    throw std::invalid_argument("--max-years is less than the --years of one replication");
  }
  const sim::Duration span = sim::Duration::from_seconds(command.years * seconds(sim::year));
  for (const models::measurement::SliPlan& sli : plan.slis) {
    if (!sli.sla || sli.sla->window <= span) continue;
    throw std::invalid_argument(fmt::format("--years {}: shorter than the SLA window of {}/{}", command.years,
                                            plan.services[sli.service].name, sli.name));
  }
}

std::string dry_text(const AssessCommand& command, const Input& input) {
  return fmt::format(
      "{}: valid. {} nodes, {} pods, {} fault clocks, {} parameters.\nWould simulate replications of {} year(s) up to "
      "{} years, or until the first SLI's unavailability is known to {} %; seed {}.\n",
      input.plan.topology.name, input.plan.nodes.size(), input.plan.processes.size(), input.plan.faults.size(),
      input.loaded.assumptions.size(), command.years, command.max_years, command.precision * 100, command.common.seed);
}

std::string render(const AssessReport& report, const std::string& format) {
  if (format == "json") return json_text(assess_json(report));
  return format == "csv" ? assess_csv(report) : assess_text(report);
}

/// Every SLA met: done; one breached: missed; else nobody can tell yet.
int check_code(const Assessment& result) {
  int code = exit_code::done;
  for (const SliResult& sli : result.slis) {
    if (!sli.sla) continue;
    if (sli.sla->verdict == Verdict::breaches) return exit_code::missed;
    if (sli.sla->verdict == Verdict::open) code = exit_code::inconclusive;
  }
  return code;
}

}  // namespace

int run_assess(const AssessCommand& command) {
  const auto begin = std::chrono::steady_clock::now();
  const Input input = load_input(topology_path(command.topology), command.common.sets, command.common);
  check_options(command, input.plan);
  if (command.common.dry_run) {
    write_output(command.common.output, dry_text(command, input));
    return exit_code::done;
  }
  AssessReport report{&input.loaded, &input.plan, nullptr, {}, command.topology, 0};
  report.options = {command.precision, command.years, command.max_years, command.risk, command.common.threads, {}};
  Progress progress(!command.common.quiet);
  progress.show("simulating ...");
  report.options.progress = [&](std::size_t replications, std::optional<double> reached) {
    progress.show(fmt::format("{} of at most {:.0f} replications, +-{} of {:.0f} %", replications,
                              command.max_years / command.years,
                              reached ? fmt::format("{:.1f} %", *reached * 100) : "?", command.precision * 100));
  };
  const Assessment result = assess(input.plan, report.options);
  report.result = &result;
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  progress.clear();
  write_output(command.common.output, render(report, command.common.format));
  return command.common.check ? check_code(result) : exit_code::done;
}

}  // namespace nines::experiments
