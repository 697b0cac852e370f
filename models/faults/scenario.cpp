#include "models/faults/scenario.hpp"

#include "models/faults/apply.hpp"
#include "models/faults/events.hpp"
#include "models/world.hpp"

namespace nines::models::faults {

void schedule_actions(World& world, const std::vector<Action>& actions, sim::Time origin) {
  const auto script = static_cast<std::uint16_t>(world.faults.scripts.size());
  world.faults.scripts.push_back(std::make_shared<const std::vector<Action>>(actions));
  world.faults.actions_left += static_cast<std::uint32_t>(actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) {
    world.schedule(origin + actions[i].at, ActionDue{script, static_cast<std::uint16_t>(i)}, sim::Priority::fault);
  }
}

void on(World& world, const ActionDue& event) {
  // The action's own event is the root of its chain, so this one leaves no record.
  world.trace.retract(world.trace.current());
  const CauseScope root(world, sim::no_cause);
  --world.faults.actions_left;
  const std::vector<ResolvedAction> resolved = resolve(world, (*world.faults.scripts[event.script])[event.action]);
  bool had_effect = false;
  for (const ResolvedAction& action : resolved) had_effect = apply(world, action) || had_effect;
  if (!had_effect) ++world.faults.actions_without_target;
}

}  // namespace nines::models::faults
