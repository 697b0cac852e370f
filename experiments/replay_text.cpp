#include <fmt/format.h>

#include <algorithm>

#include "experiments/replay_output.hpp"
#include "experiments/text.hpp"

namespace nines::experiments {

namespace {

using Align = TextTable::Align;

// ---- the timeline ----

/// "kafka/my-topic/0+3" -> "kafka/my-topic/" and "0+3"
std::string_view folder_of(std::string_view component) { return component.substr(0, component.rfind('/') + 1); }
std::string_view leaf_of(std::string_view component) { return component.substr(component.rfind('/') + 1); }

/// One line: happenings of one instant that differ only in which part of one thing they are about, and later ones that
/// repeat it with nothing else in between.
struct TimelineLine {
  const Happening* first = nullptr;
  const Happening* last = nullptr;
  std::size_t instants = 1;
  std::vector<std::string_view> parts;  ///< different components, without their folder

  void add_part(const Happening& entry) {
    const std::string_view part = leaf_of(entry.component);
    if (std::find(parts.begin(), parts.end(), part) == parts.end()) parts.push_back(part);
  }
};

bool same_instant(const Happening& a, const Happening& b) { return seconds_text(a.at) == seconds_text(b.at); }

bool alike(const Happening& a, const Happening& b) {
  return a.event == b.event && folder_of(a.component) == folder_of(b.component);
}

/// The order among different happenings of an instant is that of first appearance.
std::vector<TimelineLine> lines_of(const std::vector<Happening>& timeline) {
  std::vector<TimelineLine> lines;
  std::size_t instant = 0;
  for (const Happening& entry : timeline) {
    if (!lines.empty() && !same_instant(*lines.back().first, entry)) instant = lines.size();
    const auto known = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(instant), lines.end(),
                                    [&](const TimelineLine& line) { return alike(*line.first, entry); });
    TimelineLine& line = known == lines.end() ? lines.emplace_back() : *known;
    if (line.first == nullptr) line.first = &entry;
    line.last = &entry;
    line.add_part(entry);
  }
  return lines;
}

/// Joins lines that say the same again, later.
std::vector<TimelineLine> without_repeats(const std::vector<TimelineLine>& lines) {
  std::vector<TimelineLine> result;
  for (const TimelineLine& line : lines) {
    if (!result.empty() && alike(*result.back().first, *line.first) && result.back().parts == line.parts) {
      result.back().last = line.last;
      ++result.back().instants;
    } else {
      result.push_back(line);
    }
  }
  return result;
}

std::string component_text(const TimelineLine& line) {
  constexpr std::size_t widest = 44;
  const std::string folder(folder_of(line.first->component));
  std::string all = fmt::format("{}{}", folder, fmt::join(line.parts, ", "));
  if (line.parts.size() == 1 || all.size() <= widest) return all;
  return fmt::format("{} of {}", line.parts.size(), folder.substr(0, folder.size() - 1));
}

std::string repeat_text(const TimelineLine& line) {
  if (line.instants == 1) return "";
  return fmt::format(" ({} times until {} s)", line.instants, seconds_text(line.last->at));
}

std::string timeline_text(const ReplayRun& run) {
  const std::vector<TimelineLine> lines = without_repeats(lines_of(run.timeline));
  std::size_t width = 0;
  for (const TimelineLine& line : lines) width = std::max(width, component_text(line).size());
  std::string text = "\nTimeline (seconds from the first action; indented: caused by what is above)\n";
  for (const TimelineLine& line : lines) {
    constexpr std::size_t deepest = 12;
    const std::string indent(std::min(line.first->depth, deepest), ' ');
    text += fmt::format("  {:>12}  {:<{}}  {}{}{}\n", seconds_text(line.first->at), component_text(line), width, indent,
                        line.first->summary, repeat_text(line));
  }
  return text;
}

// ---- outages ----

std::string chain_text(const ReplayOutage& outage) {
  std::string text;
  const std::vector<Happening>& chain = outage.chain;
  std::size_t width = 0;
  for (const Happening& link : chain) width = std::max(width, link.component.size());
  for (std::size_t at = 0; at < chain.size(); ++at) {
    const sim::Duration after = at == 0 ? sim::Duration() : chain[at].at - chain[at - 1].at;
    text += fmt::format("    {:>12}  {:>11}  {:<{}}  {}\n", seconds_text(chain[at].at),
                        at == 0 ? "" : "+" + seconds_text(after), chain[at].component, width, chain[at].summary);
  }
  return text;
}

/// Bars side by side; rounded at their ends, so the printed lengths add up to the printed total.
std::string phases_text(const ReplayOutage& outage) {
  constexpr std::int64_t bar_width = 40;
  constexpr std::int64_t ms = 1'000'000;
  std::string text;
  sim::Duration passed;
  const auto rounded = [](sim::Duration d) { return (d.count() + ms / 2) / ms; };
  const auto column = [&](sim::Duration d) {
    return outage.length.count() == 0
               ? 0
               : static_cast<std::int64_t>(seconds(d) / seconds(outage.length) * bar_width + 0.5);
  };
  for (const auto& [name, length] : outage.phases) {
    const sim::Duration until = passed + length;
    const sim::Duration shown = sim::Duration::milliseconds(rounded(until) - rounded(passed));
    const auto from = static_cast<std::size_t>(column(passed));
    const auto to = static_cast<std::size_t>(column(until));
    text += fmt::format("    {:<10}  {:>11} s  |{}{}{}|\n", name, seconds_text(shown), std::string(from, ' '),
                        std::string(to - from, '#'), std::string(static_cast<std::size_t>(bar_width) - to, ' '));
    passed = until;
  }
  return text;
}

std::string_view why_open(Ending ending) {
  return ending == Ending::nothing_pending ? "not over, and nothing that is modelled will end it"
                                           : "not over when the replay reached its limit";
}

std::string outage_text(const ReplayOutage& outage, Ending ending) {
  const double length = seconds(outage.length);
  std::string text =
      fmt::format("\n  {}/{}: out for {} s{} from {} s{}\n", outage.service, outage.sli, seconds_text(outage.length),
                  length < 60 ? "" : " (" + duration_text(length) + ")", seconds_text(outage.start),
                  outage.censored ? fmt::format(", {}", why_open(ending)) : "");
  text += phases_text(outage);
  if (!outage.dominant_parameter.empty())
    text += fmt::format("    longest wait set by {}\n", outage.dominant_parameter);
  return text;
}

std::string outages_text(const ReplayRun& run) {
  if (run.outages.empty()) return "\nNo SLI was out.\n";
  std::string text = "\nOutages\n";
  const ReplayOutage* told = nullptr;
  for (const ReplayOutage& outage : run.outages) {
    text += outage_text(outage, run.ending);
    const bool same = told != nullptr && told->chain.size() == outage.chain.size() &&
                      std::equal(told->chain.begin(), told->chain.end() - 1, outage.chain.begin(),
                                 [](const Happening& a, const Happening& b) {
                                   return a.at == b.at && a.event == b.event && a.component == b.component;
                                 });
    text += same ? fmt::format("    by the same chain as {}/{}\n", told->service, told->sli) : chain_text(outage);
    if (!same) told = &outage;
  }
  return text;
}

// ---- tables ----

std::string ending_text(const ReplayRun& run) {
  switch (run.ending) {
    case Ending::healthy: return fmt::format("Healthy again after {} s", seconds_text(run.end));
    case Ending::healthy_at_limit: return fmt::format("Healthy at the end, after {} s", seconds_text(run.end));
    case Ending::limit: return fmt::format("Not healthy at the limit of {} s", seconds_text(run.end));
    case Ending::nothing_pending: break;
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

std::string losses_text(const Played& played) {
  if (played.losses.empty()) return "\nNo acknowledged record was lost.\n";
  TextTable table({"service", "runs", "mean records", "most records", "most seconds", "because"},
                  {Align::left, Align::right, Align::right, Align::right, Align::right, Align::left});
  for (const LossSummary& loss : played.losses) {
    table.add({loss.service, fmt::format("{}", loss.runs), number_text(loss.mean_records),
               number_text(loss.max_records), number_text(loss.max_seconds), loss.rule});
  }
  return "\nAcknowledged records lost\n" + table.text();
}

std::string expectations_text(const Played& played, bool colour) {
  if (played.expectations.empty()) return "";
  std::string text = "\nExpectations\n";
  for (const ExpectationResult& result : played.expectations) {
    const char* paint = !colour ? "" : result.met() ? "\033[32m" : result.open() ? "\033[33m" : "\033[31m";
    const char* verdict = result.met() ? "PASS" : result.open() ? "OPEN" : "FAIL";
    text += fmt::format("  {}{}{}  {}", paint, verdict, colour ? "\033[0m" : "", result.text);
    if (played.count > 1) text += fmt::format(" (in {:.1f} % of runs)", result.met_fraction * 100);
    text += fmt::format("; {}{}\n", played.count > 1 ? "worst: " : "", result.worst);
  }
  return text;
}

std::string warnings_text(const ReplayReport& report) {
  std::string text;
  const std::size_t lost = report.result->base.runs_without_target;
  if (lost > 0) {
    text += fmt::format("  - in {} an action found nothing to act on when it was due\n", counted(lost, "run"));
  }
  for (const std::string& warning : report.input->warnings) text += fmt::format("  - {}\n", warning);
  return text.empty() ? text : "\nRead this too\n" + text;
}

std::string played_text(const ReplayReport& report, const Played& played) {
  std::string text;
  if (played.count == 1) {
    const ReplayRun& run = played.runs.front();
    text += timeline_text(run) + outages_text(run) + "\n" + ending_text(run) + ".\n";
  } else {
    text += outage_table(played);
  }
  return text + milestones_text(played) + losses_text(played) + expectations_text(played, report.colour);
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

std::string next_text(const ReplayReport& report) {
  if (report.result->base.count == 1) {
    return fmt::format("\nNext: nines replay {} {} --runs 1000\n", report.topology_path, report.scenario_path);
  }
  return fmt::format("\nNext: nines assess {}\n", report.topology_path);
}

}  // namespace

std::string replay_text(const ReplayReport& report) {
  const Replay& result = *report.result;
  std::string text = fmt::format("{} on {}: {}\n{}{}, seed {}\n", report.scenario->name, report.plan->topology.name,
                                 report.scenario->title, actions_text(*report.scenario),
                                 counted(result.base.count, "run"), report.plan->seed);
  text += played_text(report, result.base);
  if (result.fork) {
    text += fmt::format("\n---- from {} s on with {} ----\n", seconds_text(*report.options.fork_at),
                        fmt::join(report.sets, ", "));
    text += played_text(report, *result.fork) + difference_text(result);
  }
  return text + warnings_text(report) + next_text(report);
}

}  // namespace nines::experiments
