// What is wrong with a file about Kafka with ZooKeeper is one clear error with its place; a setting that such a cluster
// does not read is warned of, and no assumption of its answers.
#include <algorithm>
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "models/kafka/spec.hpp"
#include "tests/experiments/loader_support.hpp"

namespace kafka_zookeeper_file_test {

using namespace nines::loader;
using namespace nines::loader::testing;

TEST_CASE("a file about Kafka with ZooKeeper that cannot be is told why", "[kafka][kafka-zookeeper][loader]") {
  struct Wrong {
    const char* from;
    const char* to;
    const char* message;
  };
  const std::vector<Wrong> table{
      {R"("zookeeper": "zookeeper",)", R"("zookeeper": "zookeper",)", "/services/0/zookeeper"},
      {R"("zookeeper": "zookeeper",)", R"("zookeeper": "zookeper",)", "'zookeper'"},
      {R"("zookeeper": "zookeeper",)", R"("zookeeper": "kafka",)", "/services/0/zookeeper"},
      {R"("zookeeper": "zookeeper",)", "", "expected a pool with role 'controller', got none"},
      {R"("version": "3.6")", R"("version": "4.0")", "Kafka 4.0 has no ZooKeeper any more (KIP-500)"},
      {R"("roles": ["broker"])", R"("roles": ["broker", "controller"])", "expected no pool with role 'controller'"},
      {R"("min.insync.replicas": 2)", R"("min.insync.replicas": 2, "zookeeper.session.timeout.ms": 0)",
       "expected a value > 0, got 0"},
      {R"("min.insync.replicas": 2)", R"("min.insync.replicas": 2, "zookeeper.session.timeout": 9000)",
       "zookeeper.session.timeout.ms"}};
  const std::string good = read_file(source_file("topologies/kafka-zookeeper-hosts.json"));
  REQUIRE(error_of([&] { (void)load_topology_text("in.json", good); }) == "");
  for (const Wrong& wrong : table) {
    const std::string text = replaced(good, wrong.from, wrong.to);
    INFO(wrong.from << " -> " << wrong.to);
    CHECK_THAT(error_of([&] { (void)load_topology_text("in.json", text); }), Catch::Contains(wrong.message));
  }
}

TEST_CASE("of a broker's settings only those that its cluster reads are assumptions",
          "[kafka][kafka-zookeeper][loader]") {
  const auto assumes = [](const LoadedTopology& loaded, std::string_view key) {
    return std::any_of(loaded.assumptions.begin(), loaded.assumptions.end(),
                       [&](const Assumption& assumption) { return assumption.key == key; });
  };
  const LoadedTopology with = load_topology(source_file("topologies/kafka-zookeeper-hosts.json"));
  const LoadedTopology without = load_topology(source_file("topologies/kafka-hosts.json"));
  for (const char* key : {"zookeeper.session.timeout.ms", "kafka.zookeeper.partition_read",
                          "controlled.shutdown.max.retries", "leader.imbalance.per.broker.percentage"}) {
    CHECK(assumes(with, key));
    CHECK_FALSE(assumes(without, key));
  }
  for (const char* key : {"broker.session.timeout.ms", "controller.quorum.fetch.timeout.ms", "kafka.activation"}) {
    CHECK_FALSE(assumes(with, key));
    CHECK(assumes(without, key));
  }
  CHECK(assumes(with, "replica.lag.time.max.ms"));
}

TEST_CASE("the ensemble's limits of sessions and the time to get one follow what is given",
          "[kafka][kafka-zookeeper][loader]") {
  const std::string good = read_file(source_file("topologies/kafka-zookeeper-hosts.json"));
  const auto with = [&](const char* keys) {
    return load_topology_text("in.json", replaced(good, R"("min.insync.replicas": 2)", keys));
  };
  const auto connection = [](const LoadedTopology& loaded) {
    return nines::models::kafka::spec_of(loaded.topology.services[0]).parameters.zk_connection_timeout.to_seconds();
  };
  CHECK(connection(with(R"("min.insync.replicas": 2)")) == Approx(18));
  CHECK(connection(with(R"("min.insync.replicas": 2, "zookeeper.session.timeout.ms": 30000)")) == Approx(30));
  CHECK(connection(with(R"("zookeeper.session.timeout.ms": 30000, "zookeeper.connection.timeout.ms": 6000)")) ==
        Approx(6));
  const auto warned = [](const LoadedTopology& loaded) {
    return std::any_of(loaded.warnings.begin(), loaded.warnings.end(), [](const std::string& warning) {
      return warning.find("grants 40 s instead of 90 s") != std::string::npos;
    });
  };
  CHECK_FALSE(warned(with(R"("min.insync.replicas": 2)")));
  CHECK(warned(with(R"("min.insync.replicas": 2, "zookeeper.session.timeout.ms": 90000)")));
}

}  // namespace kafka_zookeeper_file_test
