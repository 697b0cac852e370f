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
  CHECK(cruise_of(with(healing)).broker_movements == 5);
  CHECK(cruise_of(with(R"("self.healing.enabled": true, "num.concurrent.partition.movements.per.broker": 10)"))
            .broker_movements == 10);
  const LoadedTopology inert = with(R"("self.healing.enabled": true, "max.num.cluster.movements": 1000)");
  CHECK(warned(inert, "of moves of any kind only those of partitions between brokers are modelled"));
  const auto error = [](std::string_view settings) { return error_of([&] { (void)with(settings); }); };
  CHECK_THAT(error(R"("self.healing.enabled": true, "num.concurrent.partition.movements.per.broker": 0)"),
             Catch::Contains("expected a value > 0"));
  CHECK_THAT(error(R"("self.healing.enabled": true, "execution.progress.check.interval.ms": 0)"),
             Catch::Contains("expected a value > 0"));
}

TEST_CASE("a throttle that live records take up is warned of", "[kafka][loader]") {
  // 0.5 MB/s of three replicas on four brokers: 375 kB/s into each, a third of that into each other one.
  CHECK(warned(with(R"("self.healing.enabled": true, "default.replication.throttle": 120000)"), "a move never ends"));
  CHECK_FALSE(
      warned(with(R"("self.healing.enabled": true, "default.replication.throttle": 130000)"), "a move never ends"));
}

TEST_CASE("people's throttle that live records take up is warned of too", "[kafka][loader]") {
  const std::string good = source_file("topologies/kafka-cruise-control-hosts.json");
  const auto at = [&](const char* throttle) {
    return load_topology(good, std::vector<Override>{{"/overrides/kafka.reassignment_throttle", throttle}});
  };
  CHECK(warned(at("120000B/s"), "/overrides/kafka.reassignment_throttle"));
  CHECK(warned(at("120000B/s"), "a move never ends"));
  CHECK_FALSE(warned(at("130000B/s"), "a move never ends"));
}

TEST_CASE("healing that no rack could take is warned of, and healing under Strimzi", "[kafka][loader]") {
  const std::string hosts = source_file("topologies/kafka-cruise-control-hosts.json");
  // Four brokers in one zone: with racks there is one for three replicas.
  CHECK(warned(load_topology(hosts, std::vector<Override>{{"/services/kafka/rack_aware", "true"}}),
               "nothing is healed (RackAwareGoal)"));
  CHECK_FALSE(warned(load_topology(hosts), "RackAwareGoal"));
  const std::string strimzi = source_file("topologies/kafka-eks.json");
  const LoadedTopology healed = load_topology(
      strimzi, std::vector<Override>{{"/services/kafka/cruise_control", R"({"self.healing.enabled": true})"},
                                     {"/services/kafka/self_healing_notifier", "true"}});
  CHECK(warned(healed, "Strimzi takes no key that begins with self.healing."));
  CHECK(warned(healed, "there is no broker that could take its replicas"));
  CHECK_FALSE(warned(load_topology(strimzi), "Strimzi takes no key"));
}

}  // namespace kafka_moves_file_test
