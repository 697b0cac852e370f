// Replays of catch-up on SimGrid's engine against the native fabric.
#include <catch2/catch.hpp>

#include "experiments/loader/scenario_file.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/replay.hpp"
#include "models/fabric/simgrid/simgrid_fabric.hpp"
#include "tests/places.hpp"
#include "tests/simgrid/in_child.hpp"

namespace catch_up_test {

using namespace nines;

namespace {

using tests::source_file;

struct Play {
  const char* topology;
  const char* scenario;
  std::vector<loader::Override> sets;
};

/// When the last broker had caught up, in seconds after the first action.
double catch_up_end(const Play& play, models::fabric::Fabric* fabric) {
  const auto loaded =
      loader::load_topology(source_file(std::string("topologies/") + play.topology + ".json"), play.sets);
  const models::Plan plan = models::build_plan(loaded.topology, 1);
  const loader::Scenario scenario =
      loader::load_scenario(source_file(std::string("experiments/scenarios/") + play.scenario + ".json"));
  experiments::ReplayOptions options;
  options.fabric = fabric;
  double end = -1;
  const experiments::Replay result = experiments::replay(plan, scenario, options);
  for (const experiments::Milestone& milestone : result.base.runs.at(0).milestones) {
    if (milestone.name == "kafka.caught_up") end = milestone.at.to_seconds();
  }
  return end;
}

double on_simgrid(const Play& play) {
  return tests::in_child([&] {
    const auto engine = models::fabric::make_simgrid_fabric(models::fabric::SimGridModel::max_min);
    return catch_up_end(play, engine.get());
  });
}

}  // namespace

TEST_CASE("catch-up ends at the same time on SimGrid", "[simgrid]") {
  for (const Play& play :
       {Play{"kafka-eks", "node-loss", {}}, Play{"kafka-eks", "volume-loss", {}},
        Play{"kafka-eks-nvme", "node-loss", {}}, Play{"kafka-eks", "two-brokers-in-turn", {}},
        Play{"kafka-eks",
             "volume-loss",
             {{"/services/kafka/config/follower.replication.throttled.rate", "50000000"},
              {"/services/kafka/topics/my-topic/config/follower.replication.throttled.replicas", "*"}}}}) {
    INFO(play.topology << " " << play.scenario);
    const double native = catch_up_end(play, nullptr);
    CHECK(native > 0);
    CHECK(on_simgrid(play) == Approx(native).epsilon(1e-6));
  }
}

}  // namespace catch_up_test
