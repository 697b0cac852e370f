// What a file about Kafka says of replicas that are moved: keys of a real cruisecontrol.properties are taken, and what
// could never be healed or moved is warned of.
#include <algorithm>
#include <catch2/catch.hpp>

#include "experiments/loader/topology_file.hpp"
#include "models/kafka/spec.hpp"
#include "tests/experiments/loader_support.hpp"

namespace kafka_moves_file_test {

using namespace nines::loader;
using namespace nines::loader::testing;

namespace {

constexpr std::string_view healing = R"("self.healing.enabled": true, "default.replication.throttle": 50000000)";

LoadedTopology with(std::string_view settings) {
  const std::string good = read_file(source_file("topologies/kafka-cruise-control-hosts.json"));
  return load_topology_text("in.json", replaced(good, healing, settings));
}

bool warned(const LoadedTopology& loaded, std::string_view part) {
  return std::any_of(loaded.warnings.begin(), loaded.warnings.end(),
                     [&](const std::string& warning) { return warning.find(part) != std::string::npos; });
}

const nines::models::kafka::CruiseControlParameters& cruise_of(const LoadedTopology& loaded) {
  return nines::models::kafka::spec_of(loaded.topology.services[0]).cruise;
}

}  // namespace

TEST_CASE("keys of a real Cruise Control are taken and the narrower one counts", "[kafka][loader]") {
  CHECK(with(healing).warnings.empty());
  CHECK(cruise_of(with(healing)).heals);
  CHECK_FALSE(cruise_of(with(R"("self.healing.enabled": true, "self.healing.broker.failure.enabled": false)")).heals);
  CHECK(cruise_of(with(R"("self.healing.broker.failure.enabled": true)")).heals);
  const auto interval = [](std::string_view settings) {
    return cruise_of(with(settings)).detection_interval.to_seconds();
  };
  CHECK(interval(healing) == Approx(300));
  CHECK(interval(R"("anomaly.detection.interval.ms": 60000)") == Approx(60));
  CHECK(interval(R"("anomaly.detection.interval.ms": 60000, "broker.failure.detection.interval.ms": 30000)") ==
        Approx(30));
  const LoadedTopology inert =
      with(R"("self.healing.enabled": true, "num.concurrent.partition.movements.per.broker": 5)");
  CHECK(warned(inert, "all replicas of a broker are moved at the same time"));
}

TEST_CASE("a throttle that live records take up is warned of", "[kafka][loader]") {
  // 0.5 MB/s of three replicas on four brokers: 375 kB/s into each, a third of that into each other one.
  CHECK(warned(with(R"("self.healing.enabled": true, "default.replication.throttle": 120000)"), "a move never ends"));
  CHECK_FALSE(
      warned(with(R"("self.healing.enabled": true, "default.replication.throttle": 130000)"), "a move never ends"));
}

}  // namespace kafka_moves_file_test
