#include "models/measurement/story.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/world.hpp"

namespace nines::models::measurement {

namespace {

std::vector<sim::CauseId> chain_to(const World& world, sim::CauseId last) {
  std::vector<sim::CauseId> chain;
  for (sim::CauseId id = last; world.trace.holds(id); id = world.trace.at(id).parent) chain.push_back(id);
  std::reverse(chain.begin(), chain.end());
  return chain;
}

/// What set the delay before the record.
std::string_view parameter_of(const sim::TraceRecord& record) {
  return record.set_by != nullptr ? *record.set_by : event_info(record.kind).parameter;
}

std::string_view phase_name(const sim::EventInfo& info) { return info.phase.empty() ? "other" : info.phase; }

}  // namespace

Story tell(const World& world, const Outage& outage, sim::Time until) {
  Story story;
  const bool over = outage.end != sim::Time::never();
  const sim::Time end = over ? outage.end : until;
  story.chain = chain_to(world, over ? outage.closed : outage.opened);
  const std::vector<sim::CauseId> opening = chain_to(world, outage.opened);
  if (!opening.empty()) story.root = opening.front();

  sim::Time at = outage.start;
  sim::Duration longest;
  for (const sim::CauseId id : story.chain) {
    const sim::TraceRecord& record = world.trace.at(id);
    const sim::Time reached = std::min(record.at, end);
    if (reached <= at) continue;
    const sim::EventInfo& info = event_info(record.kind);
    const std::string_view parameter = parameter_of(record);
    story.phases.push_back({phase_name(info), parameter, reached - at});
    if (!parameter.empty() && reached - at > longest) {
      longest = reached - at;
      story.dominant_parameter = parameter;
    }
    at = reached;
  }
  if (at < end) story.phases.push_back({over ? "other" : "unresolved", "", end - at});
  return story;
}

std::string describe(const World& world, sim::CauseId id) {
  const sim::TraceRecord& record = world.trace.at(id);
  return fmt::format("{}: {}", world.plan->name(record.component), event_info(record.kind).summary);
}

}  // namespace nines::models::measurement
