// One run in full, for people: the timeline with what each event changed, and the outages with their cause chains.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "experiments/replay/replay_output.hpp"
#include "experiments/report/escape.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"

namespace nines::experiments {

namespace {

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
  std::vector<const Happening*> all;

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
std::vector<TimelineLine> lines_of(const std::vector<Happening>& timeline, bool detail) {
  std::vector<TimelineLine> lines;
  std::size_t instant = 0;
  for (const Happening& entry : timeline) {
    if (entry.noise && !detail) continue;
    if (!lines.empty() && !same_instant(*lines.back().first, entry)) instant = lines.size();
    const auto known = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(instant), lines.end(),
                                    [&](const TimelineLine& line) { return alike(*line.first, entry); });
    TimelineLine& line = known == lines.end() ? lines.emplace_back() : *known;
    if (line.first == nullptr) line.first = &entry;
    line.last = &entry;
    line.all.push_back(&entry);
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
      result.back().all.insert(result.back().all.end(), line.all.begin(), line.all.end());
      ++result.back().instants;
    } else {
      result.push_back(line);
    }
  }
  return result;
}

std::string component_text(const TimelineLine& line) {
  constexpr std::size_t widest = 44;  // the same on every page, so that the same parts are told
  const std::string folder(folder_of(line.first->component));
  std::string all = fmt::format("{}{}", folder, fmt::join(line.parts, ", "));
  if (line.parts.size() == 1 || all.size() <= widest) return all;
  if (folder.empty()) return fmt::format("{} and {} more", line.parts.front(), line.parts.size() - 1);
  return fmt::format("{} of {}", line.parts.size(), folder.substr(0, folder.size() - 1));
}

/// Columns of the components of a table of happenings: what the widest takes, but not so many that little is left for
/// what happened.
std::size_t component_width(std::size_t widest) { return std::min(widest, page().width / 3); }

std::string repeat_text(const TimelineLine& line) {
  if (line.instants == 1) return "";
  return fmt::format(" ({} times until {} s)", line.instants, seconds_text(line.last->at));
}

/// ", at most 3300" of numbers that were higher between the first change and the last; else nothing.
std::string peak_text(const std::vector<const StateChange*>& changes, const StateChange& first,
                      const StateChange& last) {
  const auto number = [](const std::string& text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
  };
  std::optional<std::uint64_t> most = number(first.before);
  for (const StateChange* change : changes) {
    if (change->what != first.what) continue;
    const auto value = number(change->after);
    if (!value || !most) return "";
    most = std::max(*most, *value);
  }
  const bool between = most && *most != number(first.before) && *most != number(last.after);
  return between ? fmt::format(", at most {}", *most) : "";
}

/// "leader 1 -> 0, epoch 1 -> 2, ISR {0,1,2} -> {0,2}"; of what moves on in many steps first and last, unless asked for
/// all: "attempts/s 600 -> 1800 in 11 steps, at most 3300".
std::string changes_text(const Happening& entry, const std::string& component, bool detail) {
  constexpr std::ptrdiff_t few = 3;
  std::vector<const StateChange*> its;
  for (const StateChange& change : entry.state) {
    if (change.component == component && (!change.internal || detail)) its.push_back(&change);
  }
  std::vector<std::string> parts;
  std::vector<std::string_view> told;
  for (const StateChange* change : its) {
    const auto alike = [&](const StateChange* other) { return other->what == change->what; };
    const auto steps = std::count_if(its.begin(), its.end(), alike);
    if (detail || steps <= few) {
      parts.push_back(fmt::format("{} {} -> {}", change->what, change->before, change->after));
      continue;
    }
    if (std::find(told.begin(), told.end(), change->what) != told.end()) continue;
    told.push_back(change->what);
    const StateChange& last = **std::find_if(its.rbegin(), its.rend(), alike);
    parts.push_back(fmt::format("{} {} -> {} in {} steps{}", change->what, change->before, last.after, steps,
                                peak_text(its, *change, last)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

/// What the happenings of a line changed: one line for all parts to which the same happened.
std::string state_text(const TimelineLine& line, std::size_t column, bool detail) {
  constexpr std::size_t most = 6;
  std::vector<std::pair<std::string, std::vector<std::string>>> changes;  // text, components
  for (const Happening* entry : line.all) {
    for (const StateChange& change : entry->state) {
      const std::string text = changes_text(*entry, change.component, detail);
      if (text.empty()) continue;
      const auto same =
          std::find_if(changes.begin(), changes.end(), [&](const auto& known) { return known.first == text; });
      auto& parts = (same == changes.end() ? changes.emplace_back(text, std::vector<std::string>{}) : *same).second;
      if (std::find(parts.begin(), parts.end(), change.component) == parts.end()) parts.push_back(change.component);
    }
  }
  std::string text;
  const std::string indent(column, ' ');
  for (std::size_t at = 0; at < changes.size(); ++at) {
    if (at == most && !detail) {
      text += hanging(indent + "= ", fmt::format("{} more such changes (--detail)", changes.size() - at));
      break;
    }
    const auto& [change, parts] = changes[at];
    std::string of = parts.front();
    for (std::size_t part = 1; part < parts.size() && part < 3; ++part) of += fmt::format(", {}", leaf_of(parts[part]));
    if (parts.size() > 3) of += fmt::format(" and {} more", parts.size() - 3);
    text += hanging(indent + "= ", fmt::format("{}: {}", of, change));
  }
  return text;
}

}  // namespace

std::string timeline_text(const ReplayRun& run, bool detail) {
  const std::vector<TimelineLine> lines = without_repeats(lines_of(run.timeline, detail));
  std::size_t widest = 0;
  std::size_t time = 0;
  for (const TimelineLine& line : lines) {
    widest = std::max(widest, display_width(component_text(line)));
    time = std::max(time, seconds_text(line.first->at).size());
  }
  const std::size_t width = component_width(widest);
  std::string text =
      "\nTimeline (seconds from the first action; indented: caused by what is above; = what it changed)\n";
  for (const TimelineLine& line : lines) {
    const std::size_t deepest = page().width / 10;
    const std::string indent(std::min(line.first->depth, deepest), ' ');
    const std::string at = fmt::format("  {:>{}}  ", seconds_text(line.first->at), time);
    text += hanging(at + left_cell(component_text(line), width, at.size()) + "  " + indent,
                    line.first->summary + repeat_text(line));
    text += state_text(line, at.size(), detail);
  }
  const auto folded = static_cast<std::size_t>(
      std::count_if(run.timeline.begin(), run.timeline.end(), [](const Happening& entry) { return entry.noise; }));
  if (folded > 0 && !detail) {
    text += hanging("  ", fmt::format("{} folded: polls, repetitions and internal partitions (--detail shows them)",
                                      counted(folded, "event")));
  }
  return text;
}

namespace {

// ---- outages ----

/// How often the link is repeated right after it.
std::size_t repeats_of(const std::vector<Happening>& chain, std::size_t at) {
  std::size_t end = at + 1;
  while (end < chain.size() && alike(chain[at], chain[end]) && chain[at].component == chain[end].component) ++end;
  return end - at - 1;
}

std::string chain_text(const ReplayOutage& outage) {
  std::string text;
  const std::vector<Happening>& chain = outage.chain;
  std::size_t widest = 0;
  std::size_t time = 0;
  for (const Happening& link : chain) {
    widest = std::max(widest, display_width(link.component));
    time = std::max(time, seconds_text(link.at).size());
  }
  const std::size_t width = component_width(widest);
  for (std::size_t at = 0; at < chain.size(); ++at) {
    const std::size_t repeats = repeats_of(chain, at);
    const sim::Duration after = at == 0 ? sim::Duration() : chain[at].at - chain[at - 1].at;
    const std::string when = fmt::format("    {:>{}}  {:>{}}  ", seconds_text(chain[at].at), time,
                                         at == 0 ? "" : "+" + seconds_text(after), time + 1);
    const std::string again =
        repeats == 0 ? "" : fmt::format(" ({} times until {} s)", repeats + 1, seconds_text(chain[at + repeats].at));
    text += hanging(when + left_cell(chain[at].component, width, when.size()) + "  ", chain[at].summary + again);
    at += repeats;
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

std::string_view why_open(RunEnd ending) {
  return ending == RunEnd::nothing_pending ? "not over, and nothing that is modelled will end it"
                                           : "not over when the replay reached its limit";
}

/// Whether the two are one event to those who look on: the same time, passed in the same way.
bool together(const ReplayOutage& a, const ReplayOutage& b) {
  return a.start == b.start && a.length == b.length && a.phases == b.phases && a.censored == b.censored &&
         a.dominant_parameter == b.dominant_parameter;
}

/// Outages of one block are told by the first one.
std::string outage_text(const std::vector<const ReplayOutage*>& block, RunEnd ending) {
  const ReplayOutage& outage = *block.front();
  const double length = seconds(outage.length);
  std::vector<std::string> names;
  for (const ReplayOutage* member : block) names.push_back(member->service + "/" + member->sli);
  std::string text =
      "\n" +
      hanging("  ", fmt::format("{}: out for {} s{} from {} s{}", fmt::join(names, ", "), seconds_text(outage.length),
                                length < 60 ? "" : " (" + duration_text(length) + ")", seconds_text(outage.start),
                                outage.censored ? fmt::format(", {}", why_open(ending)) : ""));
  text += phases_text(outage);
  if (!outage.dominant_parameter.empty())
    text += fmt::format("    longest wait set by {}\n", outage.dominant_parameter);
  return text;
}

}  // namespace

std::string outages_text(const ReplayRun& run) {
  if (run.outages.empty()) return "\nNo SLI was out.\n";
  std::vector<std::vector<const ReplayOutage*>> blocks;
  for (const ReplayOutage& outage : run.outages) {
    const auto same =
        std::find_if(blocks.begin(), blocks.end(), [&](const auto& block) { return together(*block.front(), outage); });
    (same == blocks.end() ? blocks.emplace_back() : *same).push_back(&outage);
  }
  std::string text = "\nOutages\n";
  const ReplayOutage* told = nullptr;
  for (const auto& block : blocks) {
    text += outage_text(block, run.ending);
    const ReplayOutage& outage = *block.front();
    const bool same = told != nullptr && told->chain.size() == outage.chain.size() && !outage.chain.empty() &&
                      std::equal(told->chain.begin(), told->chain.end() - 1, outage.chain.begin(),
                                 [](const Happening& a, const Happening& b) {
                                   return a.at == b.at && a.event == b.event && a.component == b.component;
                                 });
    text += same ? fmt::format("    by the same chain as {}/{}\n", told->service, told->sli) : chain_text(outage);
    if (!same) told = &outage;
  }
  return text;
}

}  // namespace nines::experiments
