// No parameter that only brokers with ZooKeeper read is decoration: changing any one of them changes what happens in
// some play.
#include <catch2/catch.hpp>

#include "models/kafka/checks.hpp"
#include "tests/models/kafka_zookeeper_topology.hpp"
#include "tests/models/lab.hpp"

namespace kafka_zookeeper_sensitivity_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

struct Play {
  std::vector<Action> script;
  Duration length;
  Duration start;  ///< of ZooKeeper's servers
};

std::vector<Play> plays() {
  const std::string controller = "leader(kafka/controllers)";
  const std::string other = "follower(kafka/controllers)";
  const std::string servers = "all(zookeeper/servers)";
  const auto kill = [](Duration at, const std::string& target) { return action(at, Verb::process_kill, target); };
  const auto stop = [](Duration at, const std::string& target) { return action(at, Verb::process_terminate, target); };
  std::vector<Play> all;
  all.push_back({{kill(0_s, controller)}, 400_s, 2_s});
  all.push_back({{kill(0_s, other)}, 400_s, 2_s});
  // A stop that nobody answers, because the controller is dead, or cut off.
  all.push_back({{kill(0_s, controller), stop(100_ms, other)}, 60_s, 2_s});
  for (const char* broker : {"kafka/broker-0", "kafka/broker-1", "kafka/broker-2"})
    all.push_back({{action(0_s, Verb::partition, broker, 100_s, "all(kafka/brokers)"), stop(1_s, broker)}, 120_s, 2_s});
  // Requests to a broker that is cut off, or refuses them.
  for (const Duration length : {10_s, 45_s, 100_s}) {
    all.push_back({{action(0_s, Verb::partition, "kafka/broker-1", length, "kafka/broker-2"),
                    action(0_s, Verb::partition, "kafka/broker-1", length, "kafka/broker-0"), kill(1_s, other)},
                   200_s,
                   2_s});
  }
  // A controller that asks for an answer while it has much to do is asked again.
  all.push_back({{kill(0_s, other), stop(12_s, controller)}, 90_s, 2_s});
  // No quorum: a broker that starts gets no session; brokers go round the servers.
  all.push_back({{kill(0_s, servers), kill(1_s, "kafka/broker-0")}, 200_s, 90_s});
  all.push_back({{action(0_s, Verb::partition, "kafka/broker-0", 60_s, servers)}, 120_s, 2_s});
  return all;
}

void scale(Duration& value, double by) { value = sim::scaled(value, by); }
void scale(Law& value, double by) { value = value.times(by); }
void scale(Count& value, double by) { value = static_cast<Count>(static_cast<double>(value) * by); }
void scale(Bandwidth& value, double by) { value.bytes_per_s *= by; }
void scale(Ratio& value, double by) { value = value * by; }
void scale(Rate& value, double by) { value.per_hour *= by; }
void scale(Bytes& value, double by) { value.count *= by; }
void scale(Money& value, double by) { value.usd *= by; }
void scale(bool& value, double) { value = !value; }

/// A hash of what happens in all plays with parameter `only` scaled.
std::uint64_t fingerprint(std::size_t only, double by) {
  std::uint64_t hash = 1469598103934665603ULL;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
  for (const Play& its : plays()) {
    ZooKeeperSettings settings;
    settings.parameters.start = Law::constant(its.start);
    Topology topology = kafka_zookeeper_topology(settings);
    kafka::Spec& spec = kafka_spec(topology);
    make_certain(spec.parameters);
    for (kafka::TopicSpec& topic : spec.topics) topic.stored_per_partition = {1e6};
    const auto rows = kafka::BrokerParameters::table();
    if (only < rows.size()) std::visit([&](auto field) { scale(spec.parameters.*field, by); }, rows[only].field);
    const Lab lab(std::move(topology));
    const World world = lab.play(its.script, 1, its.length);
    for (const sim::TraceRecord& record : world.trace.records()) {
      mix(static_cast<std::uint64_t>(record.at.count()));
      mix(record.kind);
      mix(record.component);
    }
  }
  return hash;
}

}  // namespace

TEST_CASE("every parameter of brokers with ZooKeeper alone changes what happens", "[kafka][kafka-zookeeper]") {
  Topology with = kafka_zookeeper_topology();
  Topology without = small_topology();
  const auto rows = kafka::BrokerParameters::table();
  const std::uint64_t usual = fingerprint(rows.size(), 1);
  std::size_t checked = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::string_view key = rows[i].key;
    if (!kafka::reads_parameter(with.services[0], key) || kafka::reads_parameter(without.services[0], key)) continue;
    ++checked;
    bool moves = false;
    for (const double by : {2.0, 0.5, 5.0, 20.0}) moves = moves || fingerprint(i, by) != usual;
    INFO(key);
    CHECK(moves);
  }
  CHECK(checked == 17);
}

}  // namespace kafka_zookeeper_sensitivity_test
