// Kafka with ZooKeeper in a world: kafka/broker-0 to -2 and zookeeper/server-0 to -2, one topic.
//
//   world [partitions=1] [seed=1] [run=0]   begins; costs of brokers' code are constant, those of ZooKeeper's are none
//
// `at` and `run` as in tests/transcripts/world_handler.hpp.
#include <catch2/catch.hpp>

#include "tests/models/kafka_zookeeper_topology.hpp"
#include "tests/transcripts/world_handler.hpp"

namespace kafka_zookeeper_handler {

namespace {

using namespace nines::models;
using namespace nines::tests::transcripts;

class KafkaZooKeeperWorld : public WorldHandler {
 public:
  KafkaZooKeeperWorld() {
    command("world", [this](Arguments& a) { return begin(a); });
  }

 private:
  std::string begin(Arguments& a) {
    Topology design = testing::kafka_zookeeper_topology();
    kafka::Spec& spec = kafka_spec(design);
    testing::make_certain(spec.parameters);
    spec.topics.resize(1);
    spec.topics[0].partitions = std::stoi(a.option("partitions").value_or("1"));
    spec.parameters.offsets_partitions = 0;
    testing::without_changes(design);
    design.people.on_call = 0;
    const auto number = [&](const char* key, const char* otherwise) {
      return static_cast<std::uint64_t>(std::stoul(a.option(key).value_or(otherwise)));
    };
    const std::uint64_t seed = number("seed", "1");
    begin_with(std::move(design), seed, number("run", "0"));
    return "";
  }
};

NINES_TRANSCRIPTS("kafka_zookeeper", KafkaZooKeeperWorld);

}  // namespace

}  // namespace kafka_zookeeper_handler
