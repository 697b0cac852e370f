#include "models/measurement/cause_chain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/world.hpp"

namespace nines::models::measurement {

namespace {

std::vector<sim::CauseId> chain_to(const World& world, sim::CauseId last) {
  std::size_t length = 0;
  for (sim::CauseId id = last; world.trace.holds(id); id = world.trace.at(id).parent) ++length;
  std::vector<sim::CauseId> chain(length);
  for (sim::CauseId id = last; length > 0; id = world.trace.at(id).parent) chain[--length] = id;
  return chain;
}

/// First of the chain to `last`; `no_cause` if the trace does not hold it.
sim::CauseId root_of(const World& world, sim::CauseId last) {
  sim::CauseId root = sim::no_cause;
  for (sim::CauseId id = last; world.trace.holds(id); id = world.trace.at(id).parent) root = id;
  return root;
}

/// What set the delay before the record.
std::string_view parameter_of(const sim::TraceRecord& record) {
  return record.set_by != nullptr ? *record.set_by : event_info(record.kind).parameter;
}

std::string_view phase_name(const sim::EventInfo& info) { return info.phase.empty() ? "other" : info.phase; }

}  // namespace

CauseChain explain(const World& world, const Outage& outage, sim::Time until) {
  CauseChain causes;
  const bool over = outage.end != sim::Time::never();
  const sim::Time end = over ? outage.end : until;
  causes.chain = chain_to(world, over ? outage.closed : outage.opened);
  causes.root = root_of(world, outage.opened);

  sim::Time at = outage.start;
  sim::Duration longest;
  for (const sim::CauseId id : causes.chain) {
    const sim::TraceRecord& record = world.trace.at(id);
    const sim::Time reached = std::min(record.at, end);
    if (reached <= at) continue;
    const sim::EventInfo& info = event_info(record.kind);
    const std::string_view parameter = parameter_of(record);
    causes.phases.push_back({phase_name(info), parameter, reached - at});
    if (!parameter.empty() && reached - at > longest) {
      longest = reached - at;
      causes.dominant_parameter = parameter;
    }
    at = reached;
  }
  if (at < end) causes.phases.push_back({over ? "other" : "unresolved", "", end - at});
  return causes;
}

std::string describe(const World& world, sim::CauseId id) {
  const sim::TraceRecord& record = world.trace.at(id);
  return fmt::format("{}: {}", world.plan->name(record.component), event_info(record.kind).summary);
}

}  // namespace nines::models::measurement
