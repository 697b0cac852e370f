// A cluster of 5,001 machines and 150,000 pods loads, and what happens to one machine of it costs looks at what is on
// it. Work is counted, not timed.
#include "tests/experiments/large_cluster.hpp"

#include <catch2/catch.hpp>

#include "experiments/estimate/incident.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/health.hpp"
#include "models/literal_walks.hpp"

namespace large_cluster_test {

using namespace nines;
using namespace nines::experiments;

namespace {

struct Work {
  std::uint64_t looks = 0;
  std::uint64_t events = 0;
};

/// A mean over ten incidents of the verb, each of another machine.
Work work_of(const models::Plan& plan, IncidentPlayer& player, models::Verb verb) {
  Work work;
  std::uint64_t played = 0;
  for (std::uint32_t source = 0; source < plan.faults.size() && played < 10; ++source) {
    if (plan.faults[source].verb != verb) continue;
    const Strike strike{source, incident_start, 0, {}};
    const std::uint64_t before = models::looks_taken;
    work.events += player.play(played++, std::span(&strike, 1)).events;
    work.looks += models::looks_taken - before;
    CHECK(models::healthy(player.world()));
  }
  return {work.looks / played, work.events / played};
}

models::Plan plan_of(int nodes) {
  return models::build_plan(
      loader::load_topology_text("cluster.json", experiments::testing::large_cluster({nodes})).topology, 1);
}

}  // namespace

TEST_CASE("5,001 machines and 150,000 pods: one machine costs what it costs among 51", "[large][slow]") {
  const models::Plan small = plan_of(51);
  const models::Plan large = plan_of(5001);
  REQUIRE(large.nodes.size() == 5001);
  REQUIRE(large.processes.size() > 150'000);
  IncidentPlayer in_small(small);
  IncidentPlayer in_large(large);
  for (const models::Verb verb : {models::Verb::node_crash, models::Verb::node_loss, models::Verb::drain}) {
    const Work few = work_of(small, in_small, verb);
    const Work many = work_of(large, in_large, verb);
    INFO("looks " << few.looks << " and " << many.looks << ", events " << few.events << " and " << many.events);
    CHECK(many.events < 2 * few.events);
    // The scheduler compares classes of machines, of which there are more; a walk over all pods would be 150,000 looks.
    CHECK(many.looks < 150'000);
  }
}

}  // namespace large_cluster_test
