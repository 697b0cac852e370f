#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/replay/replay_output.hpp"
#include "experiments/report/boundary.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "models/measurement/unasked.hpp"

namespace nines::experiments {

namespace {

using Align = TextTable::Align;

// ---- tables ----

std::string ending_text(const ReplayRun& run) {
  switch (run.ending) {
    case RunEnd::healthy: return fmt::format("Healthy again after {} s", seconds_text(run.end));
    case RunEnd::healthy_at_limit: return fmt::format("Healthy at the end, after {} s", seconds_text(run.end));
    case RunEnd::limit: return fmt::format("Not healthy at the limit of {} s", seconds_text(run.end));
    case RunEnd::nothing_pending: break;
  }
  return fmt::format("Not healthy, and nothing more can happen after {} s", seconds_text(run.end));
}

std::string milestones_text(const Played& played) {
  if (played.milestones.empty()) return "";
  if (played.count == 1) {
    TextTable table({"milestone", "first at s", "component"}, {Align::left, Align::right, Align::left});
    std::vector<std::string> seen;
    for (const Milestone& milestone : played.runs.front().milestones) {
      if (std::find(seen.begin(), seen.end(), milestone.name) != seen.end()) continue;
      seen.push_back(milestone.name);
      table.add({milestone.name, seconds_text(milestone.at), milestone.component});
    }
    return "\nMilestones\n" + table.text();
  }
  TextTable table({"milestone, first in a run (s)", "runs", "mean", "p5", "p25", "p50", "p75", "p95", "max"},
                  {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right});
  for (const auto& [name, s] : played.milestones) {
    std::vector<std::string> row{name, fmt::format("{}", s.n)};
    for (const double value : {s.mean, s.p5, s.p25, s.p50, s.p75, s.p95, s.max})
      row.push_back(fmt::format("{:.3f}", value));
    table.add(std::move(row));
  }
  return "\nMilestones\n" + table.text();
}

std::string outage_table(const Played& played) {
  TextTable table({"outages (s)", "seen", "not over", "runs without", "mean", "p5", "p50", "p95", "max"},
                  {Align::left, Align::right, Align::right, Align::right, Align::right, Align::right, Align::right,
                   Align::right, Align::right});
  for (const OutageSummary& summary : played.outages) {
    std::vector<std::string> row{summary.service + "/" + summary.sli, fmt::format("{}", summary.outages),
                                 fmt::format("{}", summary.censored), fmt::format("{}", summary.runs_without)};
    for (double Spread::*field : {&Spread::mean, &Spread::p5, &Spread::p50, &Spread::p95, &Spread::max}) {
      row.push_back(summary.length ? fmt::format("{:.3f}", (*summary.length).*field) : "-");
    }
    table.add(std::move(row));
  }
  return "\nOutages\n" + table.text();
}

std::string losses_of(const Played& played, bool unasked, std::string_view title) {
  TextTable table({"service", "runs", "mean records", "most records", "most seconds", "because"},
                  {Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  bool any = false;
  for (const LossSummary& loss : played.losses) {
    if (models::measurement::is_unasked(loss.rule) != unasked) continue;
    any = true;
    table.add({loss.service, fmt::format("{}", loss.runs), number_text(loss.mean_records),
               number_text(loss.max_records), number_text(loss.max_seconds), loss.rule});
  }
  return any ? fmt::format("\n{}\n{}", title, table.text()) : std::string();
}

/// What no client asked to be told of was never acknowledged, and is lost all the same.
std::string losses_text(const Played& played) {
  if (played.losses.empty()) return "\nNo acknowledged record was lost.\n";
  return losses_of(played, false, "Records lost") +
         losses_of(played, true, "Records lost for which no confirm had been asked");
}

std::string cost_text(const Played& played) {
  constexpr double a_cent = 0.01;
  const double mean = played.mean_usd_beyond_health;
  if (std::abs(mean) < a_cent && std::abs(played.max_usd_beyond_health) < a_cent) return "";
  const std::string what = "\nMachines, CPU credits and volumes cost";
  const char* than = mean < 0 ? "less" : "more";
  if (played.count == 1) return fmt::format("{} ${:.2f} {} than in health until then.\n", what, std::abs(mean), than);
  return fmt::format("{} ${:.2f} {} than in health in the mean; the most beyond it ${:.2f}.\n", what, std::abs(mean),
                     than, std::max(0.0, played.max_usd_beyond_health));
}

std::string expectations_text(const Played& played) {
  if (played.expectations.empty()) return "";
  std::string text = "\nExpectations\n";
  for (const ExpectationResult& result : played.expectations) {
    const Tone tone = result.met() ? Tone::good : result.open() ? Tone::open : Tone::bad;
    const char* verdict = result.met() ? "PASS" : result.open() ? "OPEN" : "FAIL";
    text += fmt::format("  {}  {}", painted(tone, verdict), escape::visible(result.text));
    if (played.count > 1) text += fmt::format(" (in {:.1f} % of runs)", result.met_fraction * 100);
    text += fmt::format("; {}{}\n", played.count > 1 ? "worst: " : "", escape::visible(result.worst));
  }
  return text;
}

std::string warnings_text(const ReplayReport& report) {
  std::vector<std::string> lines;
  const std::size_t lost = report.result->base.runs_without_target;
  if (lost > 0)
    lines.push_back(fmt::format("in {} an action found nothing to act on when it was due", counted(lost, "run")));
  lines.insert(lines.end(), report.input->warnings.begin(), report.input->warnings.end());
  return list_text("Read this too", lines);
}

std::string played_text(const ReplayReport& report, const Played& played) {
  std::string text;
  if (played.count == 1) {
    const ReplayRun& run = played.runs.front();
    text += timeline_text(run, report.detail) + outages_text(run) + "\n" + ending_text(run) + ".\n";
  } else {
    text += outage_table(played);
  }
  return text + milestones_text(played) + losses_text(played) + cost_text(played) + expectations_text(played);
}

std::string difference_text(const Replay& result) {
  TextTable table({"mean downtime a run (s)", "as it is", "changed", "difference"},
                  {Align::left, Align::right, Align::right, Align::right});
  for (std::size_t i = 0; i < result.base.outages.size(); ++i) {
    const OutageSummary& sli = result.base.outages[i];
    const double before = sli.mean_downtime_s;
    const double after = result.fork->outages[i].mean_downtime_s;
    table.add({sli.service + "/" + sli.sli, fmt::format("{:.3f}", before), fmt::format("{:.3f}", after),
               fmt::format("{:+.3f}", after - before)});
  }
  return "\nWhat the change makes of it\n" + table.text();
}

std::string actions_text(const loader::Scenario& scenario) {
  std::string text;
  for (const models::Action& action : scenario.actions) {
    text += fmt::format("  at {} s: {} {}{}\n", seconds_text(action.at),
                        models::verbs[static_cast<std::size_t>(action.verb)].name, action.target,
                        action.duration ? fmt::format(" for {}", duration_text(seconds(*action.duration))) : "");
  }
  return text;
}

/// "1000 runs"; one that was asked for by its number.
std::string runs_text(const ReplayReport& report) {
  const std::vector<ReplayRun>& runs = report.result->base.runs;
  if (runs.size() == 1 && runs.front().run > 0) return fmt::format("run {} alone", runs.front().run);
  return counted(report.result->base.count, "run");
}

/// An outage worth a further look.
bool was_out(const Played& played) {
  return std::any_of(played.outages.begin(), played.outages.end(),
                     [](const OutageSummary& sli) { return sli.outages > 0; });
}

/// What sets the longest wait of the longest outage.
std::string longest_wait(const Played& played) {
  const ReplayOutage* longest = nullptr;
  for (const ReplayRun& run : played.runs) {
    for (const ReplayOutage& outage : run.outages) {
      if (longest == nullptr || longest->length < outage.length) longest = &outage;
    }
  }
  return longest == nullptr ? "" : longest->dominant_parameter;
}

std::string next_text(const ReplayReport& report) {
  CommonOptions inputs = report.command != nullptr ? *report.command : CommonOptions();
  const auto next = [](const std::string& reason, const std::vector<std::string>& words) {
    return "\n" + reason + "\n" + command_text("Next: ", words);
  };
  if (report.scenario_path.empty())
    return next("What to change first:", command_words("advise", {report.topology_path}, inputs));
  const Played& base = report.result->base;
  if (report.result->fork) {
    std::vector<std::string> words = command_words("compare", {report.topology_path}, {});
    words.insert(words.end(), {"--variant", fmt::format("{}", fmt::join(report.sets, ";"))});
    return next("This was one outage; what the change is worth over all faults:", words);
  }
  const bool missed = std::any_of(base.expectations.begin(), base.expectations.end(),
                                  [](const ExpectationResult& result) { return !result.met() && !result.open(); });
  const std::string wait = longest_wait(base);
  const bool known = std::any_of(report.input->assumptions.begin(), report.input->assumptions.end(),
                                 [&](const loader::Assumption& entry) { return entry.key == wait; });
  if (missed && known) {
    inputs.seed = 1;
    return next("What sets the longest wait:", command_words("explain", {wait, report.topology_path}, inputs));
  }
  if (base.count == 1) {
    std::vector<std::string> words = command_words("replay", {report.topology_path, report.scenario_path}, inputs);
    words.insert(words.end(), {"--runs", "1000"});
    return next(was_out(base) ? "This was one run; how the outages vary with its phases:"
                              : "No outage in this run; whether others have one:",
                words);
  }
  return next("How often this comes, beside all else that fails:",
              command_words("assess", {report.topology_path}, inputs));
}

/// What is not modelled; shown is also why a fault of the scenario changes nothing, where a kind's list names it so.
std::vector<LeftOut> missing_of(const ReplayReport& report) {
  std::vector<LeftOut> missing = left_out(*report.plan);
  for (const models::Action& action : report.scenario->actions) {
    const std::string inert =
        fmt::format("fault {} changes nothing here", models::verbs[static_cast<std::size_t>(action.verb)].name);
    for (LeftOut& item : missing) item.of_design = item.of_design || item.text.find(inert) != std::string::npos;
  }
  return missing;
}

}  // namespace

std::string replay_text(const ReplayReport& report) {
  const Replay& result = *report.result;
  std::string text = fmt::format("{} on {}: {}\n{}{}, seed {}\n", report.scenario->name, report.plan->topology.name,
                                 escape::visible(report.scenario->title), actions_text(*report.scenario),
                                 runs_text(report), report.plan->seed);
  text += played_text(report, result.base);
  if (result.fork) {
    text += fmt::format("\n---- from {} s on with {} ----\n", seconds_text(*report.options.fork_at),
                        escape::visible(fmt::format("{}", fmt::join(report.sets, ", "))));
    text += played_text(report, *result.fork) + difference_text(result);
  }
  return text + boundary_text(missing_of(report)) + warnings_text(report) + next_text(report);
}

}  // namespace nines::experiments
