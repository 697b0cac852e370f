// Kafka whose metadata is in ZooKeeper, over random schedules of faults of both: what must hold at every step.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "models/health.hpp"
#include "models/measurement/cause_chain.hpp"
#include "tests/models/ailments.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/kafka_zookeeper_topology.hpp"
#include "tests/models/lab.hpp"

namespace kafka_zookeeper_random_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

Topology design() {
  ZooKeeperSettings settings;
  add_costs(settings.parameters);
  Topology topology = kafka_zookeeper_topology(settings);
  for (kafka::TopicSpec& topic : kafka_spec(topology).topics) {
    topic.partitions = 3;
    topic.stored_per_partition = {1e6};  // a broker is back before its session has ended
  }
  kafka_spec(topology).parameters.process_start = Law::constant(3_s);
  kafka_spec(topology).parameters.offsets_partitions = 3;
  return topology;
}

std::vector<Action> random_schedule(const Plan& plan, Dice& dice) {
  std::vector<std::string> brokers;
  std::vector<std::string> servers;
  for (const ProcessId member : members(plan)) brokers.emplace_back(plan.name(plan.processes[member].component));
  for (const ProcessId member : plan.services[ServiceId::of(1)].members)
    servers.emplace_back(plan.name(plan.processes[member].component));
  std::vector<std::string> zones;
  for (const ZonePlan& zone : plan.zones) zones.emplace_back(plan.name(zone.component));
  std::vector<Action> script;
  const std::size_t faults = 3 + dice.below(4);
  for (std::size_t i = 0; i < faults; ++i) {
    const Duration at = Duration::from_seconds(i < 3 ? dice.uniform() * 30 : dice.uniform() * 400);
    const Duration length = Duration::from_seconds(2 + dice.uniform() * 60);
    const bool of_store = dice.uniform() < 0.35;
    const std::string target = dice.uniform() < 0.3
                                   ? of_store ? "leader(zookeeper/servers)" : "leader(kafka/controllers)"
                                   : dice.pick(of_store ? servers : brokers);
    switch (dice.below(8)) {
      case 0:
      case 1: script.push_back(action(at, Verb::process_kill, target)); break;
      case 2: script.push_back(action(at, Verb::process_pause, target, length)); break;
      case 3: script.push_back(action(at, Verb::process_terminate, target)); break;
      case 4: script.push_back(action(at, Verb::partition, target, length, dice.pick(brokers))); break;
      case 5:
        script.push_back(action(at, Verb::partition, dice.pick(brokers), length, "all(zookeeper/servers)"));
        break;
      case 6: script.push_back(action(at, Verb::zone_isolation, dice.pick(zones), length)); break;
      default: script.push_back(action(at, Verb::rolling_restart, of_store ? "zookeeper" : "kafka")); break;
    }
  }
  std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  const Duration first = script.front().at;
  for (Action& step : script) step.at = step.at - first;
  return script;
}

class Invariants {
 public:
  explicit Invariants(const World& world) : world_(world) {}

  /// Call after every step.
  void check() {
    const kafka::State& state = kafka_state(world_);
    const kafka::zk::State& zk = state.zk;
    // Epochs only grow, and of one epoch there is one controller.
    demand(zk.epoch >= epoch_, "the epoch of controllers goes back");
    epoch_ = zk.epoch;
    if (zk.holder != kafka::nobody) {
      const auto [entry, fresh] = holders_.emplace(zk.epoch, zk.holder);
      demand(fresh || entry->second == zk.holder, "two controllers of one epoch");
    }
    // Who acts holds /controller, and its session lives.
    demand(state.active == kafka::nobody || state.active == zk.holder, "another acts than who holds /controller");
    // Nothing is decided while the controller cannot write: records stay as they were.
    if (state.version != version_) {
      demand(state.active != kafka::nobody, "a decision without a controller");
      version_ = state.version;
    }
    for (const GroupId id : kafka_plan(*world_.plan).groups.ids()) {
      const kafka::PartitionRecord& record = state.groups[id].record;
      demand(record.isr != 0, "an empty ISR");
      std::uint32_t& epoch = leader_epochs_[id.value];
      demand(record.epoch >= epoch, "a leader epoch goes back");
      epoch = record.epoch;
    }
    // A registration is in a session that its ensemble still has.
    for (kafka::Position broker = 0; broker < zk.brokers.size(); ++broker) {
      if (!zk.brokers[broker].registered) continue;
      demand(has_session(broker, zk.brokers[broker].session), "a registration outlives its session");
    }
  }

 private:
  /// Catch's own macros cost too much for each step.
  static void demand(bool holds, const char* otherwise) {
    if (!holds) FAIL(otherwise);
  }

  [[nodiscard]] bool has_session(kafka::Position broker, std::uint32_t session) const {
    const std::uint16_t first = kafka_plan(*world_.plan).sessions[broker];
    const zookeeper::State& ensemble = ensemble_state(world_);
    return std::any_of(&ensemble.clients[first], &ensemble.clients[first] + 2,
                       [&](const zookeeper::Client& client) { return client.alive && client.session == session; });
  }

  const World& world_;
  std::uint32_t epoch_ = 0;
  std::uint32_t version_ = 0;
  std::map<std::uint32_t, kafka::Position> holders_;
  std::map<std::uint16_t, std::uint32_t> leader_epochs_;
};

void play_schedules(std::uint64_t first, std::uint64_t schedules) {
  const Lab lab(design());
  std::size_t controllers = 0;
  std::size_t expired = 0;
  std::size_t refused = 0;
  for (std::uint64_t schedule = first; schedule < first + schedules; ++schedule) {
    INFO("schedule " << schedule);
    Dice dice(schedule);
    const std::vector<Action> script = random_schedule(lab.plan(), dice);
    World world = lab.prepare(script, schedule);
    Invariants invariants(world);
    while (step(world, origin + 48_h) && !(world.now > origin + 500_s && everything_healthy(world))) invariants.check();
    // Replication factor 3, two in sync, unclean elections off, and no disk or power is lost: nothing may be.
    for (const measurement::Loss& loss : world.measurement.losses) CHECK(loss.records_all <= 1e-3);
    for (const measurement::Outage& outage : world.measurement.outages) {
      const measurement::CauseChain causes = measurement::explain(world, outage, world.now);
      REQUIRE(causes.root != sim::no_cause);
      const std::string_view root = event_info(world.trace.at(causes.root).kind).name;
      INFO("root " << root);
      CHECK(root.substr(0, 6) == "fault.");
    }
    if (!everything_healthy(world)) FAIL_CHECK(ailments(world));
    controllers += count(world, "kafka.controller_created");
    expired += count(world, "kafka.registration_gone");
    refused += count(world, "kafka.registration_refused");
  }
  // What is to be held happens.
  CHECK(controllers > schedules);
  CHECK(expired > schedules);
  CHECK(refused > schedules / 4);
}

}  // namespace

TEST_CASE("kafka with zookeeper: invariants hold over random schedules", "[kafka][kafka-zookeeper][invariants]") {
  play_schedules(0, 250);
}

TEST_CASE("kafka with zookeeper: invariants hold over 50,000 random schedules",
          "[kafka][kafka-zookeeper][invariants][slow]") {
  play_schedules(1'000'000, 50'000);
}

}  // namespace kafka_zookeeper_random_test
