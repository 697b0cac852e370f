#include "experiments/review/replay_joint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <map>

namespace nines::experiments::review {

namespace {

using Side = Events::Side;
using Index = std::optional<std::size_t>;

/// The timeline of a run, with its causes checked.
struct Timeline {
  std::vector<Value> lines;
  std::vector<double> at;
  std::vector<std::string> what;  ///< event and component
  std::vector<Index> cause;
  std::vector<bool> noise;

  explicit Timeline(const Value& run) {
    const auto timeline = run.find("timeline");
    if (!timeline) return;
    lines = timeline->items();
    for (std::size_t i = 0; i < lines.size(); ++i) {
      at.push_back(lines[i]["at_s"].number());
      what.push_back(lines[i]["event"].text() + '\n' + lines[i]["component"].text());
      cause.emplace_back();
      if (const auto from = lines[i].find("cause")) {
        if (from->whole() >= i) from->refuse("the number of a line before this one");
        cause.back() = from->whole();
      }
      const auto folded = lines[i].find("noise");
      noise.push_back(folded && folded->flag());
    }
  }
};

/// Of each line of `fork` the line of `base` that is the same.
std::vector<Index> matches(const Timeline& base, const Timeline& fork) {
  std::map<std::pair<double, std::string>, std::deque<std::size_t>> open;
  for (std::size_t i = 0; i < base.lines.size(); ++i) open[{base.at[i], base.what[i]}].push_back(i);
  std::vector<Index> match(fork.lines.size());
  for (std::size_t i = 0; i < fork.lines.size(); ++i) {
    const auto found = open.find({fork.at[i], fork.what[i]});
    if (found == open.end()) continue;
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    const std::size_t cause = fork.cause[i] ? match[*fork.cause[i]].value_or(none) : none;
    if (fork.cause[i] && cause == none) continue;
    const auto same = std::find_if(found->second.begin(), found->second.end(),
                                   [&](std::size_t other) { return base.cause[other].value_or(none) == cause; });
    if (same == found->second.end()) continue;
    match[i] = *same;
    found->second.erase(same);
  }
  return match;
}

/// What happens once in each of the plays alone is the same, sooner or later.
void tell_moves(std::vector<JointLine>& lines) {
  std::map<std::string, std::pair<std::vector<std::size_t>, std::vector<std::size_t>>> apart;
  std::map<std::string, bool> shared;
  const auto what = [&](std::size_t i) {
    return lines[i].line["event"].text() + '\n' + lines[i].line["component"].text();
  };
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].side == Side::both) shared[what(i)] = true;
    if (lines[i].side == Side::as_it_is) apart[what(i)].first.push_back(i);
    if (lines[i].side == Side::changed) apart[what(i)].second.push_back(i);
  }
  for (const auto& [name, sides] : apart) {
    const auto& [base, fork] = sides;
    for (const auto* side : {&base, &fork}) {
      const bool none = (side == &base ? fork : base).empty() && !shared[name];
      for (const std::size_t i : *side) lines[i].alone = none;
    }
    if (base.size() != 1 || fork.size() != 1) continue;
    const double later = lines[fork.front()].line["at_s"].number() - lines[base.front()].line["at_s"].number();
    lines[base.front()].moved_s = later;
    lines[fork.front()].moved_s = -later;
  }
}

std::vector<Events::Span> spans_of(const Value& lane, const std::vector<std::size_t>& joint) {
  std::vector<Events::Span> spans;
  for (const Value& span : lane["spans"].items()) {
    Index cause;
    if (const auto from = span.find("cause")) {
      if (from->whole() >= joint.size()) from->refuse("the number of a line of the timeline");
      cause = joint[from->whole()];
    }
    spans.push_back({span["state"].text(), span["from_s"].number(), span["to_s"].number(), cause});
  }
  return spans;
}

using Lanes = std::vector<Events::Lane>;

/// The line about an SLI at a time, in the joint numbering.
Index line_about(const Timeline& timeline, const std::string& sli, double at, const std::vector<std::size_t>& joint) {
  constexpr double instant = 1e-6;  // a length is a difference of times
  for (std::size_t i = 0; i < timeline.lines.size(); ++i) {
    if (std::abs(timeline.at[i] - at) < instant && timeline.what[i].ends_with('\n' + sli)) return joint[i];
  }
  return std::nullopt;
}

Lanes lanes_of(const Value& run, const Timeline& timeline, const std::vector<std::size_t>& joint) {
  Lanes lanes;
  const auto list = run.find("lanes");
  if (!list) return lanes;
  // "holds" and "out", of each SLI that was out.
  const double end = run["end_s"].number();
  std::map<std::string, std::vector<Events::Span>> slis;
  for (const Value& outage : run["outages"].items()) {
    const std::string name = sli_of_row(outage);
    std::vector<Events::Span>& spans = slis[name];
    const double from = outage["start_s"].number();
    const Index before = spans.empty() ? Index() : line_about(timeline, name, spans.back().to, joint);
    spans.push_back({"holds", spans.empty() ? 0 : spans.back().to, from, before});
    spans.push_back({"out", from, from + outage["duration_s"].number(), line_about(timeline, name, from, joint)});
  }
  for (auto& [name, spans] : slis) {
    if (spans.back().to < end)
      spans.push_back({"holds", spans.back().to, end, line_about(timeline, name, spans.back().to, joint)});
    lanes.push_back({"SLI", name, "", spans});
  }
  for (const Value& lane : list->items()) {
    std::vector<Events::Span> spans = spans_of(lane, joint);
    if (!spans.empty()) lanes.push_back({lane["kind"].text(), lane["name"].text(), text_at(lane, "zone"), spans});
  }
  return lanes;
}

bool same(const std::vector<Events::Span>& a, const std::vector<Events::Span>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Events::Span& x, const Events::Span& y) {
    return x.state == y.state && x.from == y.from && x.to == y.to;
  });
}

/// A lane that only the other play has changed: as it was at the start all the time.
std::vector<Events::Span> unchanged(const std::vector<Events::Span>& other, double end) {
  return {{other.front().state, 0, end}};
}

/// Lanes of both, those of one kind beside each other.
Lanes join_lanes(Lanes base, const Lanes& fork, double base_end, double fork_end) {
  std::vector<bool> told(fork.size(), false);
  for (Events::Lane& lane : base) {
    const auto other = std::find_if(fork.begin(), fork.end(), [&](const Events::Lane& its) {
      return its.kind == lane.kind && its.name == lane.name;
    });
    if (other == fork.end()) {
      lane.changed = unchanged(lane.spans, fork_end);
      continue;
    }
    told[static_cast<std::size_t>(other - fork.begin())] = true;
    if (!same(lane.spans, other->spans)) lane.changed = other->spans;
  }
  for (std::size_t i = 0; i < fork.size(); ++i) {
    if (told[i]) continue;
    Events::Lane lane = fork[i];
    lane.changed = lane.spans;
    lane.spans = unchanged(lane.spans, base_end);
    const auto last = std::find_if(base.rbegin(), base.rend(), [&](const auto& its) { return its.kind == lane.kind; });
    base.insert(last == base.rend() ? base.end() : last.base(), std::move(lane));
  }
  return base;
}

}  // namespace

JointReplay join(const Value& run, const std::optional<Value>& fork) {
  const Timeline base(run);
  const Timeline other = fork ? Timeline(*fork) : Timeline(run);
  const std::vector<Index> match = fork ? matches(base, other) : std::vector<Index>();
  struct Place {
    double at;
    std::size_t after;  ///< of what only the changed play has: the last line of the other before it, and one
    std::size_t number;
    Side side;
  };
  std::vector<Place> places;
  std::vector<bool> shared(base.lines.size(), !fork);
  for (const Index& its : match)
    if (its) shared[*its] = true;
  for (std::size_t i = 0; i < base.lines.size(); ++i)
    places.push_back({base.at[i], i, i, shared[i] ? Side::both : Side::as_it_is});
  std::size_t before = 0;
  for (std::size_t i = 0; i < match.size(); ++i) {
    if (match[i]) before = std::max(before, *match[i]);
    if (!match[i]) places.push_back({other.at[i], before, i, Side::changed});
  }
  std::stable_sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    if (a.at != b.at) return a.at < b.at;
    if (a.after != b.after) return a.after < b.after;
    const bool x = a.side == Side::changed;
    const bool y = b.side == Side::changed;
    return x != y ? y : a.number < b.number;
  });
  // Causes come first in either play, so they have their places when they are asked for.
  std::vector<std::size_t> of_base(base.lines.size());
  std::vector<std::size_t> of_fork(match.size());
  for (std::size_t at = 0; at < places.size(); ++at)
    (places[at].side == Side::changed ? of_fork : of_base)[places[at].number] = at;
  for (std::size_t i = 0; i < match.size(); ++i)
    if (match[i]) of_fork[i] = of_base[*match[i]];
  std::vector<bool> loud(places.size(), false);
  for (std::size_t i = 0; i < base.lines.size(); ++i) loud[of_base[i]] = loud[of_base[i]] || !base.noise[i];
  for (std::size_t i = 0; i < match.size(); ++i) loud[of_fork[i]] = loud[of_fork[i]] || !other.noise[i];
  JointReplay joint;
  for (std::size_t at = 0; at < places.size(); ++at) {
    const Place& place = places[at];
    const bool changed = place.side == Side::changed;
    const Index cause = (changed ? other : base).cause[place.number];
    JointLine line{place.side, (changed ? other : base).lines[place.number], {}};
    if (cause) line.cause = (changed ? of_fork : of_base)[*cause];
    line.noise = !loud[at];
    joint.lines.push_back(std::move(line));
  }
  if (fork) tell_moves(joint.lines);
  joint.end_s = run["end_s"].number();
  joint.lanes = lanes_of(run, base, of_base);
  if (fork) {
    const double fork_end = (*fork)["end_s"].number();
    joint.lanes = join_lanes(std::move(joint.lanes), lanes_of(*fork, other, of_fork), joint.end_s, fork_end);
    joint.end_s = std::max(joint.end_s, fork_end);
  }
  return joint;
}

std::vector<std::pair<double, double>> differences(const Events::Lane& lane) {
  std::vector<std::pair<double, double>> found;
  if (!lane.changed) return found;
  const auto add = [&](double from, double to) {
    if (!found.empty() && found.back().second == from) {
      found.back().second = to;
    } else {
      found.emplace_back(from, to);
    }
  };
  for (const Events::Span& a : lane.spans) {
    for (const Events::Span& b : *lane.changed) {
      const double from = std::max(a.from, b.from);
      const double to = std::min(a.to, b.to);
      if (from < to && a.state != b.state) add(from, to);
    }
  }
  return found;
}

}  // namespace nines::experiments::review
