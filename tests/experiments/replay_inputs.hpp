// Shipped designs as values, for tests of what runs on them.
#pragma once

#include <string>
#include <vector>

#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/plan.hpp"
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
  models::infrastructure::Parameters& p = topology.infrastructure;
  for (models::Rate* rate :
       {&p.process_crash_rate, &p.process_pause_rate, &p.node_crash_rate, &p.node_loss_rate, &p.node_retirement_rate,
        &p.zone_power_loss_rate, &p.zone_isolation_rate, &p.volume_loss_rate}) {
    *rate = {};
  }
  models::faults::Parameters& changes = topology.changes;
  changes.rollout_rate = changes.upgrade_rate = changes.command_rate = changes.certificate_rate = models::Rate{};
  topology.operations.clear();
  return topology;
}

}  // namespace nines::experiments::testing
