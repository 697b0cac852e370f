// Shipped designs as values, for tests of what runs on them.
#pragma once

#include <string>
#include <vector>

#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/plan.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/places.hpp"

namespace nines::experiments::testing {

using tests::source_file;

inline loader::LoadedTopology shipped(const std::string& name, const std::vector<loader::Override>& sets = {}) {
  return loader::load_topology(source_file("topologies/" + name + ".json"), sets);
}

inline models::Plan plan_of(const std::string& name, const std::vector<loader::Override>& sets = {}) {
  return models::build_plan(shipped(name, sets).topology, 1);
}

inline loader::Scenario scenario(const std::string& name) {
  return loader::load_scenario(source_file("experiments/scenarios/" + name + ".json"));
}

/// No fault and no operation ever starts by itself.
inline models::Topology without_faults(models::Topology topology) {
  models::testing::without_rates(topology.infrastructure);
  models::testing::without_rates(topology.changes);
  topology.operations.clear();
  return topology;
}

}  // namespace nines::experiments::testing
