// A replay on a page: what was expected, outages with their phases, lanes of states, every event with its cause.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "experiments/report/text.hpp"
#include "experiments/review/replay_joint.hpp"
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

/// What was expected and what came, of one play.
void add_verdicts(Document& document, const Value& played, const std::string& which) {
  for (const Value& expectation : played["expectations"].items()) {
    const std::string verdict = text_at(expectation, "verdict");
    const Tone tone = verdict == "met" ? Tone::good : verdict == "missed" ? Tone::bad : Tone::open;
    document.blocks.emplace_back(
        Verdict{tone,
                verdict == "met"      ? "AS EXPECTED"
                : verdict == "missed" ? "NOT AS EXPECTED"
                                      : "OPEN",
                fmt::format("{}{} ({})", which, expectation["text"].text(), expectation["worst"].text())});
  }
}

/// Of many runs: by how many of them each is met, and how many it wants.
void add_expectation_table(Document& document, const std::vector<std::pair<std::string, Value>>& plays) {
  Table table{
      "Expectations: the share of the runs that meet each; the mark is the share that must",
      {{"expectation"}, {"verdict"}, {"met by", true}, {"open", true}, {"wanted", true}, {"nearest to its limit"}}};
  table.drawing_heading = "0 to 100 %";
  table.drawing_at = 3;
  const bool sides = plays.size() > 1;
  if (sides) table.columns.insert(table.columns.begin() + 1, {"in"}), ++table.drawing_at;
  const auto percent = [](double share) { return fmt::format("{:.4g} %", share * 100); };
  for (const auto& [which, played] : plays) {
    for (const Value& expectation : played["expectations"].items()) {
      const double met = expectation["met_fraction"].number();
      const double open = number_at(expectation, "open_fraction").value_or(0);
      const double wanted = number_at(expectation, "fraction").value_or(1);
      const std::string verdict = text_at(expectation, "verdict");
      table.drawings.push_back({{Mark::Shape::bar, 0, met, verdict == "missed" ? 3 : 2},
                                {Mark::Shape::range, met, std::min(1.0, met + open), 7},
                                {Mark::Shape::line, std::min(wanted, 0.996), std::min(wanted, 0.996), 0}});
      std::vector<std::string> row{expectation["text"].text(),
                                   verdict == "met"      ? "as expected"
                                   : verdict == "missed" ? "not as expected"
                                                         : "open",
                                   percent(met),
                                   percent(open),
                                   percent(wanted),
                                   expectation["worst"].text()};
      if (sides) row.insert(row.begin() + 1, which);
      table.rows.push_back(std::move(row));
    }
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

/// An outage of one play, or the same one of both.
struct JointOutage {
  Value outage;
  Events::Side side = Events::Side::both;
};

bool same_outage(const Value& a, const Value& b) {
  const auto phases = [](const Value& outage) {
    std::vector<std::pair<std::string, double>> all;
    for (const auto& [name, length] : outage["phases_s"].members()) all.emplace_back(name, length.number());
    return all;
  };
  return a["start_s"].number() == b["start_s"].number() && a["duration_s"].number() == b["duration_s"].number() &&
         a["censored"].flag() == b["censored"].flag() && phases(a) == phases(b);
}

/// SLI by SLI, those of the play as it is first.
std::vector<JointOutage> joint_outages(const Value& run, const std::optional<Value>& fork) {
  std::vector<JointOutage> all;
  const std::vector<Value> base = run["outages"].items();
  const std::vector<Value> other = fork ? (*fork)["outages"].items() : std::vector<Value>();
  std::vector<std::string> slis;
  for (const auto* list : {&base, &other}) {
    for (const Value& outage : *list) {
      const std::string name = sli_of_row(outage);
      if (std::find(slis.begin(), slis.end(), name) == slis.end()) slis.push_back(name);
    }
  }
  for (const std::string& sli : slis) {
    const auto in = [&](const std::vector<Value>& list, const Value& outage) {
      return std::any_of(list.begin(), list.end(),
                         [&](const Value& its) { return sli_of_row(its) == sli && same_outage(its, outage); });
    };
    for (const Value& outage : base) {
      if (sli_of_row(outage) == sli)
        all.push_back({outage, !fork || in(other, outage) ? Events::Side::both : Events::Side::as_it_is});
    }
    for (const Value& outage : other) {
      if (sli_of_row(outage) == sli && !in(base, outage)) all.push_back({outage, Events::Side::changed});
    }
  }
  return all;
}

void add_outages(Document& document, const std::vector<JointOutage>& outages, bool sides) {
  Table table{"Outages, and the phases that they pass",
              {{"SLI"}, {"from", true}, {"length", true}, {"passed in"}, {"longest wait set by", false, true}}};
  table.drawing_heading = "phases";
  table.drawing_at = 3;
  if (sides) table.columns.insert(table.columns.begin() + 1, {"in"}), ++table.drawing_at;
  double longest = 0;
  for (const JointOutage& its : outages) longest = std::max(longest, its.outage["duration_s"].number());
  constexpr int colours = 8;
  for (const auto& [outage, side] : outages) {
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
    std::vector<std::string> row{
        sli_of_row(outage), duration_text(outage["start_s"].number()),
        duration_text(outage["duration_s"].number()) + (outage["censored"].flag() ? " and on" : ""), words,
        outage["dominant_parameter"].text()};
    if (sides) row.insert(row.begin() + 1, std::string(side_text(side)));
    table.rows.push_back(std::move(row));
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

/// How long each SLI is out in either play, in all.
void add_downtime(Document& document, const std::vector<JointOutage>& outages) {
  struct Sum {
    double base = 0;
    double fork = 0;
    bool open = false;
  };
  std::vector<std::pair<std::string, Sum>> sums;
  for (const auto& [outage, side] : outages) {
    const std::string name = sli_of_row(outage);
    auto found = std::find_if(sums.begin(), sums.end(), [&](const auto& its) { return its.first == name; });
    if (found == sums.end()) found = sums.insert(sums.end(), {name, {}});
    const double length = outage["duration_s"].number();
    if (side != Events::Side::changed) found->second.base += length;
    if (side != Events::Side::as_it_is) found->second.fork += length;
    found->second.open = found->second.open || outage["censored"].flag();
  }
  if (sums.empty()) return;
  Table table{"Downtime of this run, as it is and with the change",
              {{"SLI"}, {"as it is", true}, {"with the change", true}, {"difference", true}}};
  for (const auto& [name, sum] : sums) {
    const double difference = sum.fork - sum.base;
    table.rows.push_back({name, duration_text(sum.base), duration_text(sum.fork),
                          sum.open          ? "not known: an outage is not over"
                          : difference == 0 ? "the same"
                                            : fmt::format("{} {}", duration_text(std::abs(difference)),
                                                          difference < 0 ? "less" : "more")});
  }
  document.blocks.emplace_back(std::move(table));
}

/// What a lane was first in is drawn as a line, everything else as a bar.
void add_lane(Table& table, const Events::Lane& lane, const std::vector<Events::Span>& spans, const Axis& axis,
              const std::optional<Events::Side>& side) {
  constexpr int colours = 7;
  std::vector<Mark> marks;
  std::vector<std::string> states;
  std::string words;
  for (const Events::Span& span : spans) {
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
  std::vector<std::string> row{lane.name, lane.kind, words};
  if (side) {
    double differs = 0;
    for (const auto& [from, to] : differences(lane)) {
      if (*side != Events::Side::both) marks.push_back({Mark::Shape::differs, axis.place(from), axis.place(to)});
      differs += to - from;
    }
    row.insert(row.begin() + 1, std::string(side_text(*side)));
    row.push_back(*side == Events::Side::both ? "" : duration_text(differs));
  }
  table.drawings.push_back(std::move(marks));
  table.rows.push_back(std::move(row));
}

void add_lanes(Document& document, const JointReplay& joint, const Axis& axis, bool sides) {
  Table table{"What was in which state: a line is how it was at the start, a bar is anything else",
              {{"name"}, {"kind"}, {"states"}}};
  table.lanes = true;
  table.drawing_heading = axis.heading(joint.end_s);
  if (sides) {
    table.caption += "; a strip below marks where the two plays differ";
    table.columns.insert(table.columns.begin() + 1, {"in"});
    table.columns.push_back({"differs for", true});
    table.drawing_at = 2;
  }
  for (const Events::Lane& lane : joint.lanes) {
    if (!sides) add_lane(table, lane, lane.spans, axis, std::nullopt);
    if (sides && !lane.changed) add_lane(table, lane, lane.spans, axis, Events::Side::both);
    if (lane.changed) {
      add_lane(table, lane, lane.spans, axis, Events::Side::as_it_is);
      add_lane(table, lane, *lane.changed, axis, Events::Side::changed);
    }
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

/// Lanes whose changes no event names by itself.
bool told_by_lane(const std::string& kind) {
  constexpr std::string_view kinds[] = {"SLI", "zone", "machine", "pod", "volume"};
  return std::find(std::begin(kinds), std::end(kinds), kind) != std::end(kinds);
}

/// "broker-1: not running -> running": what services showed, and lanes that another state begins in.
std::string changes_of(const JointLine& line, std::size_t number, const std::vector<Events::Lane>& lanes) {
  constexpr std::size_t most = 4;
  std::vector<std::string> all;
  const auto add = [&](std::string text) {
    if (std::find(all.begin(), all.end(), text) == all.end()) all.push_back(std::move(text));
  };
  if (const auto state = line.line.find("state")) {
    for (const Value& change : state->items())
      add(fmt::format("{}: {} {} -> {}", change["component"].text(), change["what"].text(), change["before"].text(),
                      change["after"].text()));
  }
  for (const Events::Lane& lane : lanes) {
    // What services show has been told above, by its own words.
    if (!told_by_lane(lane.kind)) continue;
    for (const auto* spans : {&lane.spans, lane.changed ? &*lane.changed : &lane.spans}) {
      for (std::size_t i = 1; i < spans->size(); ++i) {
        if ((*spans)[i].cause == number)
          add(fmt::format("{}: {} -> {}", lane.name, (*spans)[i - 1].state, (*spans)[i].state));
      }
    }
  }
  std::string text;
  for (std::size_t i = 0; i < all.size() && i < most; ++i) text += (text.empty() ? "" : "; ") + all[i];
  if (all.size() > most) text += fmt::format("; and {} more", all.size() - most);
  return text;
}

/// Beside the other play.
std::string moved_text(const JointLine& line) {
  if (line.side == Events::Side::both) return "";
  const std::string_view other =
      side_text(line.side == Events::Side::changed ? Events::Side::as_it_is : Events::Side::changed);
  if (line.alone) return fmt::format("not {}", other);
  if (!line.moved_s) return "";
  if (*line.moved_s == 0) return fmt::format("{} for another reason", other);
  return fmt::format("{} {} {}", other, duration_text(std::abs(*line.moved_s)), *line.moved_s > 0 ? "later" : "sooner");
}

/// Lines that nothing hangs on are left out; what came from one comes from what that one came from.
void add_events(Document& document, JointReplay joint, const Axis& axis, const std::optional<double>& fork_s) {
  constexpr std::size_t most_lines = 1500;
  Events events;
  std::vector<std::optional<std::size_t>> kept(joint.lines.size());
  std::size_t folded = 0;
  std::size_t beyond = 0;
  for (std::size_t i = 0; i < joint.lines.size(); ++i) {
    const JointLine& its = joint.lines[i];
    const double at = its.line["at_s"].number();
    std::optional<std::size_t> from;
    std::string after;
    if (its.cause) {
      from = kept[*its.cause];
      after = duration_text(at - joint.lines[*its.cause].line["at_s"].number());
    }
    const bool full = events.lines.size() >= most_lines;
    if (full || its.noise) {
      kept[i] = from;
      ++(full ? beyond : folded);
      continue;
    }
    kept[i] = events.lines.size();
    std::string changed = changes_of(its, i, joint.lanes);
    events.lines.push_back({fmt::format("{:.3f} s", at), after, its.line["component"].text(), text_at(its.line, "text"),
                            std::move(changed), text_at(its.line, "set_by"), from, axis.place(at), at, its.side,
                            moved_text(its)});
  }
  if (events.lines.empty()) return;
  for (Events::Lane& lane : joint.lanes) {
    for (auto* spans : {&lane.spans, lane.changed ? &*lane.changed : nullptr}) {
      if (spans == nullptr) continue;
      for (Events::Span& span : *spans)
        if (span.cause) span.cause = kept[*span.cause];
    }
  }
  events.lanes = std::move(joint.lanes);
  events.end_s = joint.end_s;
  events.fork_s = fork_s;
  events.caption = "Every event and what it came from";
  if (folded > 0)
    events.caption += fmt::format("; {} left out: polls, repetitions, internal parts", counted(folded, "line"));
  if (beyond > 0) events.caption += fmt::format("; the last {} are beyond what a page holds", beyond);
  document.blocks.emplace_back(std::move(events));
}

/// How often a figure had which value, as columns from its least to its greatest one: as high as they are dense, the
/// highest one full; with the median. Each on its own scale: times of a second and of a day stand in one table.
std::vector<Mark> histogram(const Value& of, int series) {
  std::vector<Mark> marks;
  const auto found = of.find("histogram");
  if (!found) return marks;
  std::vector<double> edges;
  for (const Value& edge : (*found)["edges_s"].items()) edges.push_back(edge.number());
  std::vector<double> counts;
  for (const Value& count : (*found)["counts"].items()) counts.push_back(count.number());
  if (counts.empty() || edges.size() != counts.size() + 1) found->refuse("a histogram with one edge more than counts");
  const double most = *std::max_element(counts.begin(), counts.end());
  // All alike: one column in the middle.
  const bool alike = edges.front() == edges.back();
  const double wide = alike ? 0.01 : 1.0 / static_cast<double>(counts.size());
  const double begin = alike ? 0.495 : 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double from = begin + static_cast<double>(i) * wide;
    if (counts[i] > 0 && most > 0) marks.push_back({Mark::Shape::column, from, from + wide, series, counts[i] / most});
  }
  const auto median = number_at(of, "p50_s");
  if (!median || alike) return marks;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (*median > edges[i + 1] && i + 1 < counts.size()) continue;
    const double breadth = edges[i + 1] - edges[i];
    const double within = breadth > 0 ? std::clamp((*median - edges[i]) / breadth, 0.0, 1.0) : 0.5;
    const double at = begin + (static_cast<double>(i) + within) * wide;
    marks.push_back({Mark::Shape::line, at, at, 0});
    break;
  }
  return marks;
}

/// A row of quantiles with its drawing.
void add_spread_row(Table& table, std::vector<std::string> names, const Value& spread, int series) {
  for (const char* key : {"p5_s", "p25_s", "p50_s", "p75_s", "p95_s", "max_s"})
    names.push_back(duration_or_dash(number_at(spread, key)));
  table.drawings.push_back(histogram(spread, series));
  table.rows.push_back(std::move(names));
}

using Plays = std::vector<std::pair<std::string, Value>>;  ///< one, or as it is and with the change

Table spread_table(std::string caption, Column first, bool sides) {
  Table table{std::move(caption), {std::move(first)}};
  if (sides) table.columns.push_back({"in"});
  for (const char* heading : {"n", "p5", "p25", "median", "p75", "p95", "longest"})
    table.columns.push_back({heading, true});
  table.drawing_heading = "shortest to longest";
  table.drawing_at = sides ? 2 : 1;
  table.tall = true;
  return table;
}

/// When milestones come, over runs: the density of each, with its quantiles.
void add_milestones(Document& document, const Plays& plays) {
  const bool sides = plays.size() > 1;
  Table table =
      spread_table("When each milestone first comes, over the runs: how dense, with the median, and quantiles",
                   {"milestone"}, sides);
  std::vector<std::string> told;
  for (const auto& [which, played] : plays) {
    for (const Value& milestone : played["summary"]["milestones"].items()) {
      const std::string name = milestone["name"].text();
      if (std::find(told.begin(), told.end(), name) != told.end()) continue;
      told.push_back(name);
      for (std::size_t play = 0; play < plays.size(); ++play) {
        for (const Value& other : plays[play].second["summary"]["milestones"].items()) {
          if (other["name"].text() != name) continue;
          std::vector<std::string> row{name};
          if (sides) row.push_back(plays[play].first);
          row.push_back(fmt::format("{}", other["n"].whole()));
          add_spread_row(table, std::move(row), other, play == 0 ? 4 : 1);
        }
      }
    }
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

void add_outage_summary(Document& document, const Plays& plays, std::size_t runs) {
  const bool sides = plays.size() > 1;
  Table table =
      spread_table(fmt::format("How long outages last that ended, over {}: how dense, with the median, and quantiles",
                               counted(runs, "run")),
                   {"SLI"}, sides);
  table.columns.push_back({"mean", true});
  table.columns.push_back({"not over", true});
  table.columns.push_back({"runs without", true});
  const std::vector<Value> first = plays.front().second["summary"]["outages"].items();
  for (std::size_t sli = 0; sli < first.size(); ++sli) {
    for (std::size_t play = 0; play < plays.size(); ++play) {
      const std::vector<Value> list = plays[play].second["summary"]["outages"].items();
      if (sli >= list.size()) continue;
      std::vector<std::string> row{sli_of_row(list[sli])};
      if (sides) row.push_back(plays[play].first);
      row.push_back(fmt::format("{}", list[sli]["n"].whole()));
      add_spread_row(table, std::move(row), list[sli], play == 0 ? 4 : 1);
      table.rows.back().push_back(duration_or_dash(number_at(list[sli], "mean_s")));
      table.rows.back().push_back(fmt::format("{}", number_at(list[sli], "censored").value_or(0)));
      table.rows.back().push_back(fmt::format("{}", number_at(list[sli], "runs_without").value_or(0)));
    }
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

/// Downtime of a run with the change less that without, run by run.
void add_differences(Document& document, const Value& fork) {
  const auto list = fork.find("downtime_difference_s");
  if (!list) return;
  const auto signed_text = [](const std::optional<double>& seconds) {
    if (!seconds) return std::string("-");
    if (*seconds == 0) return std::string("0");
    return (*seconds > 0 ? "+" : "-") + duration_text(std::abs(*seconds));
  };
  Table table{"Downtime of a run with the change less that as it is, run by run under the same draws",
              {{"SLI"}, {"runs", true}, {"mean", true}, {"p5", true}, {"median", true}, {"p95", true}}};
  for (const Value& row : list->items()) {
    table.rows.push_back({sli_of_row(row), fmt::format("{}", row["n"].whole()), signed_text(number_at(row, "mean_s")),
                          signed_text(number_at(row, "p5_s")), signed_text(number_at(row, "p50_s")),
                          signed_text(number_at(row, "p95_s"))});
  }
  if (!table.rows.empty()) document.blocks.emplace_back(std::move(table));
}

void add_losses(Document& document, const Plays& plays) {
  const bool sides = plays.size() > 1;
  Table losses{"Records lost", {{"service"}, {"mean of a run", true}, {"most", true}, {"because"}}};
  if (sides) losses.columns.insert(losses.columns.begin() + 1, {"in"});
  for (const auto& [which, played] : plays) {
    for (const Value& loss : played["summary"]["data_loss"].items()) {
      std::vector<std::string> row{loss["service"].text(), number_text(loss["mean_records"].number()),
                                   number_text(loss["max_records"].number()), loss["rule"].text()};
      if (sides) row.insert(row.begin() + 1, which);
      losses.rows.push_back(std::move(row));
    }
  }
  if (!losses.rows.empty()) document.blocks.emplace_back(std::move(losses));
}

void add_single(Document& document, const Plays& plays, const std::optional<double>& fork_s) {
  const bool sides = plays.size() > 1;
  const Value run = plays.front().second["runs"].items().front();
  std::optional<Value> fork;
  if (sides) fork = plays.back().second["runs"].items().front();
  for (const auto& [which, played] : plays) add_verdicts(document, played, sides ? which + ": " : "");
  const std::vector<JointOutage> outages = joint_outages(run, fork);
  if (sides) add_downtime(document, outages);
  add_outages(document, outages, sides);
  JointReplay joint = join(run, fork);
  const Axis axis(joint.end_s);
  add_lanes(document, joint, axis, sides);
  add_events(document, std::move(joint), axis, fork_s);
}

void add_played(Document& document, const Plays& plays, const std::optional<double>& fork_s) {
  std::size_t runs = 0;
  for (const auto& [which, played] : plays) {
    const std::size_t its = played["runs"].items().size();
    if (its == 0) played.refuse("a replay with a run");
    runs = std::max(runs, its);
  }
  if (runs == 1) {
    add_single(document, plays, fork_s);
  } else {
    runs = static_cast<std::size_t>(number_at(plays.front().second, "runs_played").value_or(static_cast<double>(runs)));
    add_expectation_table(document, plays);
    add_outage_summary(document, plays, runs);
    if (plays.size() > 1) add_differences(document, plays.back().second);
    add_milestones(document, plays);
  }
  add_losses(document, plays);
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
  Plays plays{{std::string(side_text(Events::Side::as_it_is)), result}};
  std::optional<double> fork_s;
  if (const auto fork = result.find("fork")) {
    fork_s = (*fork)["at_s"].number();
    document.blocks.emplace_back(Heading{"What is changed"});
    document.blocks.emplace_back(Paragraph{
        fmt::format("After {} the same run goes on twice: as it is, and with the change.", duration_text(*fork_s))});
    for (const std::string& set : (*fork)["set"].texts()) document.blocks.emplace_back(Command{"--set " + set});
    plays.emplace_back(side_text(Events::Side::changed), *fork);
  }
  document.blocks.emplace_back(Heading{"What happens"});
  add_played(document, plays, fork_s);
  add_limits(document, result);
  document.blocks.emplace_back(Heading{"How this was made"});
  Bullets facts{{made_by(result)}};
  add_hashes(facts, result);
  document.blocks.emplace_back(std::move(facts));
}

}  // namespace nines::experiments::review
