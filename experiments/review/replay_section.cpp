// A replay on a page: what was expected, outages with their phases, lanes of states, every event with its cause.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "experiments/report/text.hpp"
#include "experiments/review/sections.hpp"

namespace nines::experiments::review {

namespace {

/// Time as people look at an outage: linear for a minute, logarithmic from there.
class Axis {
 public:
  explicit Axis(double end) : all_(stretched(std::max(end, least_s))) {}
  [[nodiscard]] double place(double at) const { return std::clamp(stretched(std::max(0.0, at)) / all_, 0.0, 1.0); }
  [[nodiscard]] std::string heading(double end) const {
    return all_ > 1 ? fmt::format("0 to 60 s, then logarithmic to {}", duration_text(end))
                    : fmt::format("0 to {}", duration_text(end));
  }

 private:
  static constexpr double minute_s = 60;
  static constexpr double least_s = 1e-3;
  static double stretched(double at) { return at <= minute_s ? at / minute_s : 1 + std::log(at / minute_s); }
  double all_;
};

/// A state from a time to a time, seconds.
struct Span {
  std::string state;
  double from = 0;
  double to = 0;
};

void add_expectations(Document& document, const Value& played) {
  for (const Value& expectation : played["expectations"].items()) {
    const std::string verdict = text_at(expectation, "verdict");
    const Tone tone = verdict == "met" ? Tone::good : verdict == "missed" ? Tone::bad : Tone::open;
    document.blocks.emplace_back(
        Verdict{tone,
                verdict == "met"      ? "AS EXPECTED"
                : verdict == "missed" ? "NOT AS EXPECTED"
                                      : "OPEN",
                fmt::format("{} (met by {:.4g} % of the runs; {})", expectation["text"].text(),
                            expectation["met_fraction"].number() * 100, expectation["worst"].text())});
  }
}

void add_outages(Document& document, const Value& run) {
  Table table{"Outages, and the phases that they pass",
              {{"SLI"}, {"from", true}, {"length", true}, {"passed in"}, {"longest wait set by", false, true}}};
  table.drawing_heading = "phases";
  table.drawing_at = 3;
  const std::vector<Value> outages = run["outages"].items();
  double longest = 0;
  for (const Value& outage : outages) longest = std::max(longest, outage["duration_s"].number());
  constexpr int colours = 8;
  for (const Value& outage : outages) {
    std::vector<Mark> marks;
    std::string words;
    double at = 0;
    for (const auto& [phase, length] : outage["phases_s"].members()) {
      const double seconds = length.number();
      if (seconds <= 0 || longest <= 0) continue;
      const auto known = std::find(table.series.begin(), table.series.end(), phase);
      const int series = std::min(static_cast<int>(known - table.series.begin()), colours - 1);
      if (known == table.series.end() && series < colours) table.series.push_back(phase);
      marks.push_back({Mark::Shape::bar, at / longest, (at + seconds) / longest, series});
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ", phase, duration_text(seconds));
      at += seconds;
    }
    table.drawings.push_back(std::move(marks));
    table.rows.push_back({sli_of_row(outage), duration_text(outage["start_s"].number()),
                          duration_text(outage["duration_s"].number()) + (outage["censored"].flag() ? " and on" : ""),
                          words, outage["dominant_parameter"].text()});
  }
  if (table.series.size() > static_cast<std::size_t>(colours)) {
    table.series.resize(static_cast<std::size_t>(colours));
    table.series.back() = "others";
  }
  if (table.rows.empty()) {
    document.blocks.emplace_back(Paragraph{"No SLI was out."});
  } else {
    document.blocks.emplace_back(std::move(table));
  }
}

/// What a lane was first in is drawn as a line, everything else as a bar.
void add_lane(Table& table, const std::string& kind, const std::string& name, const std::vector<Span>& spans,
              const Axis& axis) {
  constexpr int colours = 7;
  std::vector<Mark> marks;
  std::vector<std::string> states;
  std::string words;
  for (const Span& span : spans) {
    const auto known = std::find(states.begin(), states.end(), span.state);
    const int number = static_cast<int>(known - states.begin());
    if (known == states.end()) states.push_back(span.state);
    const bool usual = number == 0;
    if (span.to > span.from)
      marks.push_back({usual ? Mark::Shape::range : Mark::Shape::bar, axis.place(span.from), axis.place(span.to),
                       usual ? colours : (number - 1) % colours});
    constexpr std::size_t longest = 160;
    if (words.size() < longest)
      words += words.empty() ? span.state : fmt::format("; from {} {}", duration_text(span.from), span.state);
  }
  table.drawings.push_back(std::move(marks));
  table.rows.push_back({name, kind, words});
}

/// "holds" and "out", of each SLI that was out.
std::map<std::string, std::vector<Span>> slis_of(const Value& run, double end) {
  std::map<std::string, std::vector<Span>> slis;
  for (const Value& outage : run["outages"].items()) {
    std::vector<Span>& spans = slis[sli_of_row(outage)];
    const double from = outage["start_s"].number();
    spans.push_back({"holds", spans.empty() ? 0 : spans.back().to, from});
    spans.push_back({"out", from, from + outage["duration_s"].number()});
  }
  for (auto& [name, spans] : slis)
    if (spans.back().to < end) spans.push_back({"holds", spans.back().to, end});
  return slis;
}

void add_lanes(Document& document, const Value& run, const Axis& axis, double end) {
  const auto lanes = run.find("lanes");
  if (!lanes) return;
  Table table{"What was in which state: a line is how it was at the start, a bar is anything else",
              {{"name"}, {"kind"}, {"states"}}};
  table.lanes = true;
  table.drawing_heading = axis.heading(end);
  for (const auto& [name, spans] : slis_of(run, end)) add_lane(table, "SLI", name, spans, axis);
  for (const Value& lane : lanes->items()) {
    std::vector<Span> spans;
    for (const Value& span : lane["spans"].items())
      spans.push_back({span["state"].text(), span["from_s"].number(), span["to_s"].number()});
    if (!spans.empty()) add_lane(table, lane["kind"].text(), lane["name"].text(), spans, axis);
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

std::string changes_of(const Value& line) {
  const auto state = line.find("state");
  if (!state) return "";
  constexpr std::size_t most = 4;
  std::string text;
  const std::vector<Value> changes = state->items();
  for (std::size_t i = 0; i < changes.size() && i < most; ++i)
    text += fmt::format("{}{}: {} {} -> {}", text.empty() ? "" : "; ", changes[i]["component"].text(),
                        changes[i]["what"].text(), changes[i]["before"].text(), changes[i]["after"].text());
  if (changes.size() > most) text += fmt::format("; and {} more", changes.size() - most);
  return text;
}

/// Lines that nothing hangs on are left out; what came from one comes from what that one came from.
void add_events(Document& document, const Value& run, const Axis& axis) {
  const auto timeline = run.find("timeline");
  if (!timeline) return;
  constexpr std::size_t most_lines = 1500;
  const std::vector<Value> lines = timeline->items();
  Events events;
  std::vector<std::optional<std::size_t>> kept(lines.size());
  std::size_t folded = 0;
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Value& line = lines[i];
    const double at = line["at_s"].number();
    std::optional<std::size_t> from;
    std::string after;
    if (const auto cause = line.find("cause")) {
      if (cause->whole() >= i) cause->refuse("the number of a line before this one");
      from = kept[cause->whole()];
      after = duration_text(at - lines[cause->whole()]["at_s"].number());
    }
    const auto noise = line.find("noise");
    const bool full = events.lines.size() >= most_lines;
    if (full || (noise && noise->flag())) {
      kept[i] = from;
      ++(full ? beyond : folded);
      continue;
    }
    kept[i] = events.lines.size();
    events.lines.push_back({fmt::format("{:.3f} s", at), after, line["component"].text(), text_at(line, "text"),
                            changes_of(line), text_at(line, "set_by"), from, axis.place(at)});
  }
  if (events.lines.empty()) return;
  events.caption = "Every event and what it came from";
  if (folded > 0)
    events.caption += fmt::format("; {} left out: polls, repetitions, internal parts", counted(folded, "line"));
  if (beyond > 0) events.caption += fmt::format("; the last {} are beyond what a page holds", beyond);
  document.blocks.emplace_back(std::move(events));
}

/// Milestones over runs: where half and nine tenths of them lie.
void add_milestones(Document& document, const Value& played) {
  const std::vector<Value> list = played["summary"]["milestones"].items();
  double end = 0;
  for (const Value& milestone : list) end = std::max(end, number_at(milestone, "p95_s").value_or(0));
  const Axis axis(end);
  Table table{"First time of each milestone over the runs: 5 to 95 %, quartiles and median",
              {{"milestone"}, {"runs", true}, {"p5", true}, {"median", true}, {"p95", true}, {"longest", true}}};
  table.drawing_heading = axis.heading(end);
  for (const Value& milestone : list) {
    const auto text = [&](std::string_view key) { return duration_or_dash(number_at(milestone, key)); };
    std::vector<Mark> marks;
    const auto p5 = number_at(milestone, "p5_s");
    const auto p95 = number_at(milestone, "p95_s");
    if (p5 && p95) {
      const double median = axis.place(number_at(milestone, "p50_s").value_or(*p5));
      marks.push_back({Mark::Shape::range, axis.place(*p5), axis.place(*p95), 4});
      marks.push_back({Mark::Shape::bar, axis.place(number_at(milestone, "p25_s").value_or(*p5)),
                       axis.place(number_at(milestone, "p75_s").value_or(*p95)), 4});
      marks.push_back({Mark::Shape::line, median, median, 0});
    }
    table.drawings.push_back(std::move(marks));
    table.rows.push_back({milestone["name"].text(), fmt::format("{}", milestone["n"].whole()), text("p5_s"),
                          text("p50_s"), text("p95_s"), text("max_s")});
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

void add_outage_summary(Document& document, const Value& played, std::size_t runs) {
  Table table{fmt::format("Outages over {}", counted(runs, "run")),
              {{"SLI"}, {"outages", true}, {"mean", true}, {"median", true}, {"p95", true}, {"longest", true}}};
  for (const Value& outage : played["summary"]["outages"].items()) {
    const auto text = [&](std::string_view key) { return duration_or_dash(number_at(outage, key)); };
    table.rows.push_back({sli_of_row(outage), fmt::format("{}", outage["n"].whole()), text("mean_s"), text("p50_s"),
                          text("p95_s"), text("max_s")});
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

void add_played(Document& document, const Value& played) {
  const std::vector<Value> runs = played["runs"].items();
  if (runs.empty()) played.refuse("a replay with a run");
  add_expectations(document, played);
  if (runs.size() == 1) {
    const double end = runs.front()["end_s"].number();
    const Axis axis(end);
    add_outages(document, runs.front());
    add_lanes(document, runs.front(), axis, end);
    add_events(document, runs.front(), axis);
  } else {
    add_outage_summary(document, played, runs.size());
    add_milestones(document, played);
  }
  Table losses{"Acknowledged records lost", {{"service"}, {"mean of a run", true}, {"most", true}, {"because"}}};
  for (const Value& loss : played["summary"]["data_loss"].items())
    losses.rows.push_back({loss["service"].text(), number_text(loss["mean_records"].number()),
                           number_text(loss["max_records"].number()), loss["rule"].text()});
  if (!losses.rows.empty()) document.blocks.emplace_back(std::move(losses));
}

}  // namespace

void add_replay(Document& document, const Value& result) {
  const std::string title = fmt::format("{} on {}", result["scenario"].text(), result["topology"].text());
  if (document.title.empty()) {
    document.title = title;
    document.subtitle = fmt::format("What happens second by second, and why; seed {}", result["seed"].whole());
  } else {
    document.blocks.emplace_back(Heading{title});
  }
  document.blocks.emplace_back(Heading{"What happens"});
  add_played(document, result);
  if (const auto fork = result.find("fork")) {
    document.blocks.emplace_back(
        Heading{fmt::format("What happens if it is changed after {}", duration_text((*fork)["at_s"].number()))});
    for (const std::string& set : (*fork)["set"].texts()) document.blocks.emplace_back(Command{"--set " + set});
    add_played(document, *fork);
  }
  add_limits(document, result);
  document.blocks.emplace_back(Heading{"How this was made"});
  Bullets facts{{made_by(result)}};
  add_hashes(facts, result);
  document.blocks.emplace_back(std::move(facts));
}

}  // namespace nines::experiments::review
