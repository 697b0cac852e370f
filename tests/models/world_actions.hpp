// Scenario steps done at once, for tests of single mechanisms.
#pragma once

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "models/faults/apply.hpp"
#include "models/selector.hpp"
#include "models/world.hpp"

namespace nines::models::testing {

/// Does an action now, as a root of its own. Returns the number of targets on which it had an effect.
inline std::size_t act(World& world, Action action) {
  REQUIRE_FALSE(check_target(*world.plan, action));
  const CauseScope root(world, sim::no_cause);
  std::size_t effects = 0;
  for (const ResolvedAction& resolved : resolve(world, action)) effects += faults::apply(world, resolved) ? 1 : 0;
  return effects;
}

inline std::size_t act(World& world, Verb verb, std::string target, std::optional<Duration> duration = {}) {
  Action action;
  action.verb = verb;
  action.target = std::move(target);
  action.duration = duration;
  return act(world, action);
}

inline ProcessId process_named(const Plan& plan, std::string_view name) {
  for (const ProcessId process : plan.processes.ids()) {
    if (plan.name(plan.processes[process].component) == name) return process;
  }
  FAIL("no process " << name);
  return {};
}

inline void pass(World& world, Duration duration) { run_until(world, world.now + duration); }

}  // namespace nines::models::testing
