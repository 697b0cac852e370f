#include "experiments/estimate/attribution.hpp"

#include <algorithm>

namespace nines::experiments {

Occurrence origin_of(const models::World& world, sim::CauseId cause) {
  sim::CauseId root = cause;
  while (world.trace.holds(world.trace.at(root).parent)) root = world.trace.at(root).parent;
  const sim::TraceRecord& record = world.trace.at(root);
  return {{record.kind, record.component}, root};
}

std::string fault_name(sim::EventKind kind) {
  constexpr std::string_view prefix = "fault.";
  std::string name(models::event_info(kind).name);
  if (!name.starts_with(prefix)) return name;
  name.erase(0, prefix.size());
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

}  // namespace nines::experiments
