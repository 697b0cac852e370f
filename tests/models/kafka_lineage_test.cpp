// Acknowledged records survive as long as one replica that was in every ISR never failed.
#include <catch2/catch.hpp>

#include "models/mutation.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace kafka_lineage_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Versions of Kafka, min.insync.replicas 1 and 2, controllers apart and on the brokers' processes.
Topology variant(std::size_t number) {
  Topology topology = small_topology();
  kafka::Spec& kafka = kafka_spec(topology);
  for (kafka::TopicSpec& topic : kafka.topics) {
    topic.partitions = 3;
    topic.acks_one_share = 0;
    topic.min_insync_replicas = number % 2 == 0 ? 2 : 1;
  }
  kafka.parameters.offsets_partitions = 3;
  kafka::BrokerParameters& p = kafka.parameters;
  p.strict_min_isr = number % 8 >= 2;
  if (number % 8 >= 4) {  // 4.0
    p.fence_check_divisor = 8;
    p.fence_gap = 10_ms;
    p.pre_vote = true;
    p.rebalance_periodic = true;
  }
  if (number % 8 >= 6) {  // 4.1
    p.eligible_leader_replicas = true;
    p.watermark_waits_for_fetch = false;
  }
  if (number >= 8) {
    topology.services[0].pools.resize(1);
    topology.services[0].pools[0].roles |= kafka::role_bit(kafka::Role::controller);
  }
  // Back within seconds, so that returns overlap with what is decided about them.
  p.process_start = Law::constant(1_s);
  p.metadata_catch_up = Law::constant(100_ms);
  topology.infrastructure.node_crash_downtime = Law::constant(20_s);
  return topology;
}
constexpr std::size_t variants = 16;

/// Faults that stop something on the first two machines, and the controllers of the third: its broker never fails.
std::vector<Action> random_schedule(const Plan& plan, Dice& dice) {
  const kafka::ServicePlan& service = kafka_plan(plan);
  std::vector<std::string> brokers;
  for (std::size_t i = 0; i < 2; ++i) brokers.emplace_back(plan.name(plan.processes[service.brokers[i]].component));
  std::vector<std::string> victims = brokers;
  for (const ProcessId voter : service.controllers) {
    const std::string name(plan.name(plan.processes[voter].component));
    if (voter != service.brokers[2]) victims.push_back(name);
  }
  std::vector<Action> script;
  const std::size_t faults = 2 + dice.below(5);
  for (std::size_t i = 0; i < faults; ++i) {
    const Duration at = Duration::from_seconds(dice.uniform() * (dice.uniform() < 0.5 ? 3 : 60));
    const Duration length = Duration::from_seconds(1 + dice.uniform() * 40);
    switch (dice.below(6)) {
      case 0: script.push_back(action(at, Verb::process_terminate, dice.pick(victims))); break;
      case 1:
      case 2: script.push_back(action(at, Verb::node_crash, dice.pick(brokers), length)); break;
      case 3: script.push_back(action(at, Verb::volume_loss, dice.pick(brokers))); break;
      default: script.push_back(action(at, Verb::process_kill, dice.pick(victims))); break;
    }
  }
  std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  const Duration first = script.front().at;
  for (Action& step : script) step.at = step.at - first;
  return script;
}

/// Schedules in which records acknowledged with acks=all were lost.
std::uint64_t losing(std::uint64_t first, std::uint64_t schedules) {
  std::vector<std::unique_ptr<Lab>> labs;
  for (std::size_t number = 0; number < variants; ++number) labs.push_back(std::make_unique<Lab>(variant(number)));
  std::uint64_t lost = 0;
  for (std::uint64_t schedule = first; schedule < first + schedules; ++schedule) {
    const Lab& lab = *labs[schedule % variants];
    Dice dice(schedule);
    const World world = lab.play(random_schedule(lab.plan(), dice), schedule, 400_s);
    for (const measurement::Loss& loss : world.measurement.losses) {
      if (loss.records_all <= 1e-3) continue;
      UNSCOPED_INFO("schedule " << schedule << " at " << (loss.at - origin).to_seconds() << " s: " << loss.rule);
      ++lost;
      break;
    }
  }
  return lost;
}

struct Broken {
  explicit Broken(Mutation mutation) { active_mutation = mutation; }
  ~Broken() { active_mutation = Mutation::none; }
};

}  // namespace

TEST_CASE("no acks=all record is lost while a member of the ISR never fails", "[kafka][invariants]") {
  CHECK(losing(0, 1600) == 0);
}

TEST_CASE("no acks=all record is lost while a member of the ISR never fails, 100,000 schedules",
          "[kafka][invariants][slow]") {
  CHECK(losing(1'000'000, 100'000) == 0);
}

TEST_CASE("two machines crash in a row while the third broker stays: nothing is lost", "[kafka]") {
  // As reported from the field: each machine carries a controller too, so the quorum is away meanwhile.
  Topology topology = small_topology();
  kafka::BrokerParameters& p = kafka_spec(topology).parameters;
  p.metadata_catch_up = Law::constant(50_ms);
  p.metadata_apply = p.first_leadership =
      Law::constant(0_s);  // all brokers act at one moment: who is first is not luck
  const Lab lab(topology);
  const auto losing_runs = [&] {
    std::size_t losing = 0;
    for (std::uint64_t run = 0; run < 300; ++run) {
      const World world = lab.play({action(0_s, Verb::node_crash, "kafka/broker-0", 60_s),
                                    action(1_s, Verb::node_crash, "kafka/broker-1", 61_s)},
                                   run, 400_s);
      const auto& losses = world.measurement.losses;
      losing += std::any_of(losses.begin(), losses.end(), [](const auto& loss) { return loss.records_all > 1e-3; });
    }
    return losing;
  };
  CHECK(losing_runs() == 0);
  // A broker that acts on what was decided about its process before takes the lineage over with a truncated log.
  const Broken broken(Mutation::image_of_the_past);
  CHECK(losing_runs() > 0);
}

}  // namespace kafka_lineage_test
