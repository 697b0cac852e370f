// Topologies of black boxes made by hand, for tests of their semantics.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "models/components/markov_model.hpp"
#include "models/plan.hpp"
#include "tests/models/service_parts.hpp"

namespace nines::models::testing {

inline Duration of_hours(double hours) {
  constexpr double seconds_per_hour = 3600;
  return Duration::from_seconds(hours * seconds_per_hour);
}
inline Law exponential_hours(double mean) { return Law::exponential(of_hours(mean)); }

/// A box that fails `rate` times per hour and unit and is repaired in exponential time.
inline components::ComponentSpec box(std::string name, std::int64_t count, double rate, double repair_hours,
                                     std::string crew = {}) {
  components::ComponentSpec spec;
  spec.name = std::move(name);
  spec.count = count;
  spec.failure_rate = {rate};
  spec.repair = exponential_hours(repair_hours);
  spec.crew = std::move(crew);
  return spec;
}

inline structure::RequirementSpec part(std::string name) { return {std::move(name), 1, {}}; }
inline structure::RequirementSpec at_least(std::int64_t needed, std::vector<structure::RequirementSpec> of) {
  return {"", needed, std::move(of)};
}

/// One composite service "system" with one SLI "works".
inline Topology boxes_topology(std::vector<components::ComponentSpec> boxes, structure::RequirementSpec requirement) {
  Topology topology;
  topology.name = "boxes";
  topology.components = std::move(boxes);
  topology.services.push_back(composite_service("system", {{"works", std::move(requirement), {}, {}}}));
  return topology;
}

/// The exact solution of a topology's first SLI.
inline components::ExactSli solve(const Topology& topology) {
  return components::solve_exactly(build_plan(topology, 1), 0);
}

}  // namespace nines::models::testing
