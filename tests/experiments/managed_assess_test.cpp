// Services that the provider runs under assess: exact oracles, and designs that cannot be.
#include <catch2/catch.hpp>

#include "experiments/estimate/assess.hpp"
#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/experiments/sweep_support.hpp"
#include "tests/models/managed_topology.hpp"

namespace managed_assess_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::sim::literals;
using experiments::testing::slurp;
using loader::testing::error_of;
using loader::testing::replaced;
using models::testing::managed_spec;
using models::testing::managed_topology;
using models::testing::ManagedSettings;
using tests::source_file;

namespace {

constexpr double losses_per_year = 12;

sim::Estimate unavailability(models::Topology topology) {
  topology.infrastructure.node_loss_rate = models::Rate::per_year(losses_per_year);
  const models::Plan plan = models::build_plan(std::move(topology), 1);
  AssessOptions options;
  options.precision = 0.02;
  options.max_incidents = 20'000;
  return assess_by_incidents(plan, options).slis.at(0).unavailability;
}

/// Half of a 95 % interval is 1.96 standard errors; 5.5 of them miss 4 times in 10^8. An error of 10 % would be seen.
void check(const sim::Estimate& found, double truth) {
  REQUIRE((found.value && found.ci95));
  const double width = found.ci95->upper - found.ci95->lower;
  CHECK(std::abs(*found.value - truth) < 5.5 / 1.96 * width / 2 + 1e-3 * truth);
  CHECK(5.5 / 1.96 * width / 2 < 0.1 * truth);
}

}  // namespace

TEST_CASE("managed: a single node is away for its replacement and start over its mean life: two states", "[managed]") {
  ManagedSettings settings;
  settings.mode = models::managed::Mode::single;
  settings.nodes = 1;
  models::Topology topology = managed_topology(settings);
  managed_spec(topology).parameters.cache_replacement = models::Law::uniform(200_s, 400_s);
  const double away = (300 + 60) / (8760 * 3600.0) * losses_per_year;
  check(unavailability(topology), away / (1 + away));
}

TEST_CASE("managed: a single node's loss of records is the rate of its failures times what it holds", "[managed]") {
  ManagedSettings settings;
  settings.mode = models::managed::Mode::single;
  settings.nodes = 1;
  models::Topology topology = managed_topology(settings);
  topology.infrastructure.node_loss_rate = models::Rate::per_year(losses_per_year);
  const models::Plan plan = models::build_plan(std::move(topology), 1);
  AssessOptions options;
  options.precision = 0.02;
  options.max_incidents = 20'000;
  const SliResult write = assess_by_incidents(plan, options).slis.at(0);
  // While it is away it cannot be lost again: four parts in a hundred thousand.
  constexpr double held = 5'000;
  CHECK(*write.loss.events_per_year.value == Approx(losses_per_year).epsilon(1e-3));
  CHECK(*write.loss.records_per_year.value == Approx(losses_per_year * held).epsilon(1e-3));
}

TEST_CASE("managed: with a replica an outage is the rate of primaries that are lost times the phases", "[managed]") {
  const double failover = 20 + 10 + 15;
  // Losses of another node before the first is back leave nobody to promote: three parts in a thousand.
  check(unavailability(managed_topology()), losses_per_year * failover / (8760 * 3600.0));
}

TEST_CASE("managed: a file that cannot be says where, and what could", "[managed]") {
  const auto file = [](std::string_view design) {
    return slurp(source_file("topologies/" + std::string(design) + ".json"));
  };
  const auto error = [&](std::string_view design, const std::string& from, const std::string& to) {
    const std::string text = replaced(file(design), from, to);
    return error_of([&] { loader::load_topology_text("managed.json", text); });
  };
  CHECK_THAT(error("managed-msk", "\"msk\"", "\"mks\""), Catch::Contains("msk"));
  CHECK_THAT(error("managed-msk", "\"cluster\"", "\"single\""), Catch::Contains("no mode single"));
  CHECK_THAT(error("managed-msk", "kafka.m5.large\"", "mq.m5.large\""), Catch::Contains("no type of msk"));
  CHECK_THAT(error("managed-msk", "kafka.m5.large\"", "kafka.m7g.large\""), Catch::Contains("node_usd_per_h"));
  CHECK(error("managed-msk", "\"kafka.m5.large\"", "\"kafka.m7g.large\", \"node_usd_per_h\": 0.2").empty());
  CHECK_THAT(error("managed-msk", "\"members\"", "\"dns\""), Catch::Contains("cannot follow by dns"));
  CHECK_THAT(error("managed-msk", "\"replication_factor\": 3", "\"replication_factor\": 4"),
             Catch::Contains("4 replicas need as many brokers"));
  CHECK_THAT(error("managed-msk", "\"replicas\": 3", "\"replicas\": 0"), Catch::Contains("replicas"));
  CHECK_THAT(error("managed-amazon-mq", "\"queues\": \"mirrored\"", "\"queues\": \"quorum\""),
             Catch::Contains("backlog"));
  CHECK_THAT(error("managed-amazon-mq", "\"storage\": \"20GiB\"", "\"shards\": 2"), Catch::Contains("shards"));
  CHECK_THAT(error("managed-elasticache", "\"dataset\": \"200MB\",", ""), Catch::Contains("missing field 'dataset'"));
  CHECK_THAT(error("managed-msk", "\"storage\":", "\"dataset\": \"1GB\", \"storage\":"),
             Catch::Contains("Only ElastiCache has this"));
  CHECK_THAT(error("managed-elasticache", "\"replicated\"", "\"active-standby\""), Catch::Contains("no mode"));
  CHECK_THAT(error("managed-elasticache-cluster", "\"shards\": 3", "\"shards\": 4"), Catch::Contains("evenly"));
}

}  // namespace managed_assess_test
