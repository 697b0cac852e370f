#include "experiments/replay/replay_state.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nines::experiments {

using models::service::Shown;

StateWatch::StateWatch(const models::World& world)
    : last_(read(world)), seen_(world.trace.first_id() + static_cast<sim::CauseId>(world.trace.records().size())) {}

std::vector<std::vector<Shown>> StateWatch::read(const models::World& world) {
  std::vector<std::vector<Shown>> services;
  for (const models::ServiceId service : world.plan->services.ids()) {
    world.plan->services[service].kind->show(world, service, services.emplace_back());
  }
  return services;
}

void StateWatch::look(const models::World& world) {
  const models::Plan& plan = *world.plan;
  std::vector<std::vector<Shown>> now = read(world);
  for (const models::ServiceId service : plan.services.ids()) {
    const std::vector<Shown>& before = last_[service.value];
    const std::vector<Shown>& after = now[service.value];
    for (std::size_t at = 0; at < after.size(); ++at) {
      if (before[at].value == after[at].value) continue;
      const auto text = [&](const Shown& shown) {
        return plan.services[service].kind->shown_text(plan, service, shown);
      };
      put(world, after[at].about,
          {std::string(plan.name(after[at].name)), std::string(after[at].what), text(before[at]), text(after[at]),
           after[at].internal});
    }
  }
  last_ = std::move(now);
  seen_ = world.trace.first_id() + static_cast<sim::CauseId>(world.trace.records().size());
}

void StateWatch::put(const models::World& world, models::ComponentId component, StateChange change) {
  const auto& records = world.trace.records();
  if (records.empty()) return;
  const sim::CauseId first = world.trace.first_id();
  const sim::CauseId newest = first + static_cast<sim::CauseId>(records.size() - 1);
  // The event of this look comes first among its records.
  sim::CauseId about = std::clamp(seen_, first, newest);
  for (sim::CauseId id = about; id <= newest; ++id) {
    if (world.trace.at(id).component == component) about = id;
  }
  changes_[about].push_back(std::move(change));
}

const std::vector<StateChange>& StateWatch::changes(sim::CauseId record) const {
  static const std::vector<StateChange> none;
  const auto found = changes_.find(record);
  return found == changes_.end() ? none : found->second;
}

}  // namespace nines::experiments
