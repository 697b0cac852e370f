#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "experiments/command/commands.hpp"
#include "experiments/command/deliver.hpp"
#include "experiments/command/inputs.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/sla.hpp"
#include "experiments/estimate/sli_names.hpp"
#include "experiments/estimate/uncertainty.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "experiments/report/junit.hpp"
#include "experiments/report/output.hpp"

namespace nines::experiments {

namespace {

void check_options(const AssessCommand& command, const models::Plan& plan) {
  const bool mission = command.mission_h > 0;
  if (mission && command.method != "exact" && command.method != "auto") {
    throw std::invalid_argument("--mission-h asks what only --method exact answers");
  }
  if ((command.method == "exact" || mission) && plan.hosts()) {
    throw std::invalid_argument(
        "--method exact solves black boxes only; this topology has services with protocols of their own. Use --method "
        "incidents.");
  }
  if (command.worst > 0 && (command.method == "timeline" || command.method == "exact" || mission)) {
    throw std::invalid_argument("--worst names incidents that were played: use --method incidents");
  }
  if (command.method != "timeline") return;
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

/// Index of the SLI that the user names as service/sli; of the first one if it names none.
std::size_t target_index(const std::string& name, const models::Plan& plan) {
  const std::vector<std::string> known = sli_names(plan);
  if (name.empty()) return 0;
  const auto found = std::find(known.begin(), known.end(), name);
  if (found != known.end()) return static_cast<std::size_t>(found - known.begin());
  const std::vector<std::string_view> views(known.begin(), known.end());
  throw std::invalid_argument(fmt::format("--sli {}: the topology has no such SLI (it has {}).{}", name,
                                          loader::one_of(views), loader::did_you_mean(name, views)));
}

AssessOptions options_of(const AssessCommand& command, const models::Plan& plan) {
  AssessOptions options;
  options.method = command.method == "timeline"    ? Method::timeline
                   : command.method == "exact"     ? Method::exact
                   : command.method == "incidents" ? Method::incidents
                                                   : Method::automatic;
  options.precision = command.precision;
  options.target = target_index(command.sli, plan);
  options.forcing = command.forcing == "balanced" ? Forcing::balanced : Forcing::proportional;
  options.max_incidents = command.max_incidents;
  options.years = command.years;
  options.max_years = command.max_years;
  options.risk = command.risk;
  options.mission_h = command.mission_h;
  options.worst = command.worst;
  options.mission_only = command.mission_h > 0;
  options.threads = command.common.threads;
  return options;
}

/// The whole command: what the answer depends on, and nothing else.
std::vector<std::string> words_of(const AssessCommand& command) {
  const AssessCommand usual;
  std::vector<std::string> words = command_words("assess", {command.topology}, command.common);
  const auto add = [&](std::string_view option, const auto& value, const auto& unless) {
    if (value != unless) words.insert(words.end(), {std::string(option), fmt::format("{}", value)});
  };
  add("--method", command.method, usual.method);
  add("--sli", command.sli, usual.sli);
  add("--further-faults", command.forcing, usual.forcing);
  add("--max-incidents", command.max_incidents, usual.max_incidents);
  add("--precision", command.precision, usual.precision);
  add("--years", command.years, usual.years);
  add("--max-years", command.max_years, usual.max_years);
  add("--risk", command.risk, usual.risk);
  add("--draws", command.draws, usual.draws);
  add("--draw-incidents", command.draw_incidents, usual.draw_incidents);
  add("--mission-h", command.mission_h, usual.mission_h);
  add("--worst", command.worst, usual.worst);
  return words;
}

/// Options that do nothing with the others, or nothing here.
/// Whether years are simulated: as asked for, or because there are too many parts for incidents.
bool goes_by_years(const AssessCommand& command, const models::Plan& plan) {
  return command.method == "timeline" || (command.method == "auto" && too_many_places_for_incidents(plan));
}

std::vector<std::string> warnings_of_options(const AssessCommand& command, const models::Plan& plan) {
  const AssessCommand usual;
  std::vector<std::string> list;
  const auto warn = [&](std::string_view option, std::string_view message) {
    list.push_back(option_warning(option, message));
  };
  const bool timeline = command.method == "timeline";
  const bool promised =
      std::any_of(plan.slis.begin(), plan.slis.end(), [](const auto& sli) { return sli.sla.has_value(); });
  if (command.common.check && !promised)
    warn("--check", "no SLI has an 'sla': there is nothing to check, and it passes. Give one to an SLI.");
  if (!goes_by_years(command, plan) && (command.years != usual.years || command.max_years != usual.max_years))
    warn("--years, --max-years", "these act with --method timeline only.");
  if (timeline && (command.draws != usual.draws || command.draw_incidents != usual.draw_incidents))
    warn("--draws, --draw-incidents", "these do nothing with --method timeline.");
  if (timeline && (command.max_incidents != usual.max_incidents || command.forcing != usual.forcing))
    warn("--max-incidents, --further-faults", "these do nothing with --method timeline.");
  if (!timeline && command.draws == 0 && command.mission_h <= 0)
    warn("--draws 0", "every input is taken as exact: what its range leaves open is in no interval and in no verdict.");
  if (timeline && promised)
    warn("--method timeline",
         "every input is taken as exact: what its range leaves open is in no interval and in no "
         "verdict. --method incidents draws them.");
  return list;
}

std::string work_text(const AssessCommand& command, const Input& input) {
  const std::string incidents = fmt::format("play up to {} incidents", command.max_incidents);
  if (goes_by_years(command, input.plan)) {
    const double most = command.method == "timeline"
                            ? command.max_years
                            : most_years_of_the_largest(command.years, command.max_years, AssessCommand().max_years);
    return fmt::format("simulate replications of {} year(s) up to {} years", command.years, most);
  }
  if (command.method == "exact") return "solve it exactly";
  if (command.method == "auto" && !input.plan.hosts()) {
    return fmt::format("solve it exactly if it is small and its laws have phases, else {}", incidents);
  }
  return incidents;
}

/// In health: not those that a roll or an autoscaler may add.
template <class Plans>
std::size_t in_health(const Plans& plans) {
  return static_cast<std::size_t>(std::ranges::count_if(plans, [](const auto& its) { return !its.parked; }));
}

std::string dry_text(const AssessCommand& command, const Input& input) {
  return fmt::format(
      "{}: valid. {} nodes, {} pods, {} black-box units, {} fault clocks, {} parameters.\nWould {}{}; seed {}.\n",
      input.plan.topology.name, in_health(input.plan.nodes), in_health(input.plan.processes),
      input.plan.black_boxes.units.size(), input.plan.faults.size(), input.loaded.assumptions.size(),
      work_text(command, input),
      command.method == "exact"
          ? ""
          : fmt::format(", or until the unavailability is known to {:.4g} %", command.precision * 100),
      command.common.seed);
}

/// A verdict that the inputs leave open is open, however well the figure is known.
void judge_by_inputs(Assessment& result, const Uncertainty& open, double risk) {
  for (SliResult& sli : result.slis) {
    const auto& credible = open.slis[sli.index].breach_probability;
    // An alarm has opened it already.
    if (!sli.sla || !credible || !sli.sla->breach_probability.ci95 || sli.sla->verdict == Verdict::open) continue;
    sim::Estimate both = sli.sla->breach_probability;
    both.ci95->lower = std::min(both.ci95->lower, credible->lower);
    both.ci95->upper = std::max(both.ci95->upper, credible->upper);
    sli.sla->verdict = verdict_of(both, risk);
  }
}

/// What is done, and by the square of what is lacking about how much there will be.
Advance advance_of(const AssessCommand& command, const models::Plan& plan, std::size_t done,
                   std::optional<double> reached) {
  const bool timeline = goes_by_years(command, plan);
  Advance at;
  at.done = static_cast<double>(done);
  at.unit = timeline ? "replications" : "incidents";
  const double most = timeline ? command.max_years / command.years : static_cast<double>(command.max_incidents);
  if (reached) {
    const double lacking = std::max(1.0, *reached / command.precision);
    at.of = std::min(most, std::max(at.done, at.done * lacking * lacking));
    at.about = true;
  }
  at.also = fmt::format("known to {}, wanted {:.3g} %", reached ? fmt::format("{:.2g} %", *reached * 100) : "?",
                        command.precision * 100);
  return at;
}

/// Each promise as a test.
std::vector<JUnitCase> checks_of(const AssessReport& report) {
  std::vector<JUnitCase> cases;
  for (const SliResult& sli : report.result->slis) {
    if (!sli.sla) continue;
    JUnitCase& its = cases.emplace_back();
    its.group = service_of(report, sli);
    its.name = fmt::format("{} {:.10g} % in {:.0f} h", sli_name(*report.plan, sli.index), sli.sla->spec.target * 100,
                           seconds(sli.sla->spec.window) / 3600);
    its.outcome = sli.sla->verdict == Verdict::meets      ? JUnitCase::Outcome::passed
                  : sli.sla->verdict == Verdict::breaches ? JUnitCase::Outcome::failed
                                                          : JUnitCase::Outcome::cannot_tell;
    its.message = sla_sentence(report, sli);
  }
  return cases;
}

std::string render(const AssessReport& report, const std::string& format) {
  if (format == "json") return json_text(assess_json(report));
  if (format == "junit") return junit(report.plan->topology.name, checks_of(report));
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

int run_assess(const AssessCommand& command, const DeliverAssessment& deliver) {
  const auto begin = std::chrono::steady_clock::now();
  Input input = load_input(topology_path(command.topology), command.common.sets, command.common);
  check_options(command, input.plan);
  for (std::string& warning : warnings_of_options(command, input.plan))
    input.loaded.warnings.push_back(std::move(warning));
  show_warnings(input.loaded.warnings);
  if (command.common.dry_run) {
    write_text(command.common.output, dry_text(command, input));
    return exit_code::done;
  }
  check_output(command.common.output);
  AssessReport report{&input.loaded, &input.plan, nullptr, nullptr, {}, command.topology, 0, &command.common};
  report.options = options_of(command, input.plan);
  report.words = words_of(command);
  const Interruptible interruptible(
      "nines: interrupted. An assessment keeps nothing: the same command begins anew. A coarser answer comes sooner: "
      "--precision 0.2, --draws 0.");
  Progress progress(!command.common.quiet);
  progress.show("simulating ...");
  report.options.progress = [&](std::size_t done, std::optional<double> reached) {
    progress.show(advance_of(command, input.plan, done, reached));
  };
  const std::string path = topology_path(command.topology);
  Assessment result = naming(path, [&] { return assess(input.plan, report.options); });
  report.result = &result;
  Uncertainty open;
  if (result.method != Method::timeline && command.draws > 0 && !report.options.mission_only) {
    UncertaintyOptions options;
    options.draws = command.draws;
    options.incidents = command.draw_incidents;
    options.threads = command.common.threads;
    options.progress = [&](std::size_t done, std::size_t of) {
      progress.show(Advance{"inputs within their ranges", static_cast<double>(done), static_cast<double>(of), false,
                            "draws", ""});
    };
    open = naming(path, [&] { return propagate(input.loaded, input.plan, result, report.options, options); });
    if (open.draws > 0 || result.method == Method::incidents) report.uncertainty = &open;
    judge_by_inputs(result, open, command.risk);
  }
  report.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  progress.clear();
  deliver(report);
  write_times(command.common, report.wall_s, static_cast<double>(result.events));
  return command.common.check ? check_code(result) : exit_code::done;
}

int run_assess(const AssessCommand& command) {
  return run_assess(command, [&](const AssessReport& report) {
    write_result(command.common, render(report, command.common.format));
  });
}

}  // namespace nines::experiments
