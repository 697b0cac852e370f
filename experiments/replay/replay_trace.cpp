// A run for a viewer of traces: what happened where, and what came of what.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "experiments/replay/replay_output.hpp"

namespace nines::experiments {

namespace {

/// What a viewer shows of an event that takes no time: long enough to be hit by a mouse, microseconds.
constexpr double visible_us = 1000;

double microseconds(sim::Duration at) { return static_cast<double>(at.count()) / 1000; }

/// "kafka/broker-0" stands under "kafka".
std::string group_of(const std::string& component) { return component.substr(0, component.find('/')); }

/// Numbers of groups and lanes in the order of their first appearance; the viewer is told their names.
class Lanes {
 public:
  struct Place {
    std::size_t pid = 0;
    std::size_t tid = 0;
  };

  Place place(const std::string& group, const std::string& lane, Json& events) {
    const auto [process, new_group] = groups_.try_emplace(group, groups_.size() + 1);
    if (new_group) events.push_back(named("process_name", {process->second, 0}, group));
    const auto [thread, fresh] = lanes_.try_emplace({group, lane}, lanes_.size() + 1);
    const Place place{process->second, thread->second};
    if (fresh) events.push_back(named("thread_name", place, lane));
    return place;
  }

 private:
  static Json named(const char* what, Place place, const std::string& name) {
    return {{"ph", "M"}, {"name", what}, {"pid", place.pid}, {"tid", place.tid}, {"args", {{"name", name}}}};
  }

  std::map<std::string, std::size_t> groups_;
  std::map<std::pair<std::string, std::string>, std::size_t> lanes_;
};

Json slice(const std::string& name, const char* category, Lanes::Place place, double from, double length) {
  return {{"ph", "X"},     {"name", name},     {"cat", category}, {"ts", from},
          {"dur", length}, {"pid", place.pid}, {"tid", place.tid}};
}

void add_outages(const ReplayRun& run, Lanes& lanes, Json& events) {
  for (const ReplayOutage& outage : run.outages) {
    const Lanes::Place place = lanes.place("SLIs", outage.service + "/" + outage.sli, events);
    const double from = microseconds(outage.start);
    Json whole = slice("out", "outage", place, from, std::max(microseconds(outage.length), 1.0));
    whole["args"] = {{"longest wait set by", outage.dominant_parameter},
                     {"ended", outage.censored ? "not in this run" : "yes"}};
    events.push_back(std::move(whole));
    double at = from;
    for (const auto& [phase, length] : outage.phases) {
      if (length.count() <= 0) continue;
      events.push_back(slice(phase, "phase", place, at, microseconds(length)));
      at += microseconds(length);
    }
  }
}

std::string changes_text(const Happening& entry) {
  std::string text;
  for (const StateChange& change : entry.state)
    text += fmt::format("{}{}: {} {} -> {}", text.empty() ? "" : "; ", change.component, change.what, change.before,
                        change.after);
  return text;
}

/// Slices of a lane must lie within each other or apart: those of one instant begin together, each shorter than the one
/// before, and end before the next instant.
std::vector<double> lengths_of(const std::vector<Happening>& timeline) {
  std::map<std::string, std::vector<std::size_t>> by_lane;
  for (std::size_t i = 0; i < timeline.size(); ++i) by_lane[timeline[i].component].push_back(i);
  std::vector<double> lengths(timeline.size(), visible_us);
  for (const auto& [lane, entries] : by_lane) {
    for (std::size_t begin = 0; begin < entries.size();) {
      std::size_t end = begin;
      while (end < entries.size() && timeline[entries[end]].at == timeline[entries[begin]].at) ++end;
      double room = visible_us;
      if (end < entries.size())
        room = std::min(room, microseconds(timeline[entries[end]].at - timeline[entries[begin]].at));
      const auto many = static_cast<double>(end - begin);
      for (std::size_t i = begin; i < end; ++i)
        lengths[entries[i]] = room * (many - static_cast<double>(i - begin)) / many;
      begin = end;
    }
  }
  return lengths;
}

void add_timeline(const std::vector<Happening>& timeline, Lanes& lanes, Json& events) {
  const std::vector<double> lengths = lengths_of(timeline);
  std::vector<Lanes::Place> places;
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    const Happening& entry = timeline[i];
    places.push_back(lanes.place(group_of(entry.component), entry.component, events));
    Json event = slice(entry.summary, "event", places.back(), microseconds(entry.at), lengths[i]);
    event["args"] = {{"event", entry.event}};
    if (!entry.set_by.empty()) event["args"]["wait set by"] = entry.set_by;
    if (!entry.state.empty()) event["args"]["changed"] = changes_text(entry);
    events.push_back(std::move(event));
  }
  for (std::size_t i = 0; i < timeline.size(); ++i) {
    if (!timeline[i].cause) continue;
    const auto arrow = [&](const char* end, std::size_t of) {
      return Json{{"ph", end},
                  {"name", "cause"},
                  {"cat", "cause"},
                  {"id", i},
                  {"ts", microseconds(timeline[of].at)},
                  {"pid", places[of].pid},
                  {"tid", places[of].tid}};
    };
    events.push_back(arrow("s", *timeline[i].cause));
    Json effect = arrow("f", i);
    effect["bp"] = "e";  // binds to the slice that it stands in
    events.push_back(std::move(effect));
  }
}

}  // namespace

std::string replay_trace(const ReplayReport& report) {
  Json events = Json::array();
  Lanes lanes;
  const ReplayRun& run = report.result->base.runs.front();
  add_outages(run, lanes, events);
  add_timeline(run.timeline, lanes, events);
  return Json{{"traceEvents", std::move(events)},
              {"displayTimeUnit", "ms"},
              {"otherData",
               {{"topology", report.plan->topology.name},
                {"scenario", report.scenario->name},
                {"run", fmt::format("{}", run.run)},
                {"seed", fmt::format("{}", report.plan->seed)}}}}
             .dump(-1, ' ', false, Json::error_handler_t::replace) +
         "\n";
}

}  // namespace nines::experiments
