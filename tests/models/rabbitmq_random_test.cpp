// What holds whatever happens to RabbitMQ: random schedules of faults in a world.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/rabbitmq/nodes.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/process_faults.hpp"
#include "tests/models/rabbitmq_topology.hpp"

namespace rabbitmq_random_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

constexpr ProcessFaults mix{0.7, 0.3, 0.3, 0.2};

constexpr rabbitmq::Handling handlings[] = {rabbitmq::Handling::ignore, rabbitmq::Handling::pause_minority,
                                            rabbitmq::Handling::autoheal};

/// What is not as in health, for messages.
std::string ailments(const World& world) {
  const auto& state = rabbitmq::state_of(world.services[ServiceId::of(0)]);
  std::string text = models::kubernetes::healthy(world) ? "" : "platform; ";
  for (std::size_t i = 0; i < state.nodes.size(); ++i) {
    const rabbitmq::Node& node = state.nodes[i];
    text += "node " + std::to_string(i) + " stage " + std::to_string(static_cast<int>(node.stage)) +
            (node.listens ? "" : " deaf") + (node.behind ? " behind" : "") + (node.frozen ? " frozen" : "") +
            (node.leaving ? " leaving" : "") + (node.waits_for_all ? " waits for all" : "") + " saw " +
            std::to_string(node.saw_end) + "; ";
  }
  for (std::size_t i = 0; i < state.links.size(); ++i) {
    const rabbitmq::Link& link = state.links[i];
    if (i / state.nodes.size() == i % state.nodes.size()) continue;
    if (link.up && !link.suspected && !link.partitioned) continue;
    text += "link " + std::to_string(i / state.nodes.size()) + "-" + std::to_string(i % state.nodes.size()) +
            (link.up ? "" : " down") + (link.suspected ? " suspected" : "") + (link.partitioned ? " partitioned" : "") +
            "; ";
  }
  for (const rabbitmq::Queue& queue : state.queues) {
    text += "leader " + std::to_string(queue.leader) + (queue.serves ? "; " : " does not serve; ");
    for (const rabbitmq::Replica& replica : queue.replicas) {
      const rabbitmq::ra::Node& its = replica.machine;
      text += "replica role " + std::to_string(static_cast<int>(its.role)) + " condition " +
              std::to_string(static_cast<int>(its.condition)) + " timer " +
              std::to_string(static_cast<int>(its.timer)) + " term " + std::to_string(its.term) + " follows " +
              std::to_string(its.lead) + " commit " + std::to_string(its.commit) + " applied " +
              std::to_string(its.applied) + " last " + std::to_string(its.log.last().index) +
              (replica.level ? "" : " not level") + (replica.kept ? " kept" : "") +
              (replica.syncing ? " syncing" : "") + (replica.dormant ? " dormant" : "") + "; ";
    }
  }
  for (const rabbitmq::Access& access : state.accesses) text += access.holds ? "" : "a client is not served; ";
  return text;
}

struct Count {
  std::size_t failovers = 0;
  double lost = 0;
};
Count play(std::uint64_t schedules, rabbitmq::QueueType type, bool khepri, Duration length = 600_s, int faults = 5) {
  Count total;
  // A lab for each way to handle partitions, of three nodes and of five.
  for (std::uint64_t lab_number = 0; lab_number < 6; ++lab_number) {
    RabbitSettings settings;
    settings.type = type;
    settings.khepri = khepri;
    settings.nodes = lab_number % 2 == 0 ? 3 : 5;
    settings.handling = handlings[lab_number / 2];
    settings.restart = 2_s;
    settings.publishers_everywhere = lab_number % 2 == 0;
    Topology topology = rabbitmq_topology(settings);
    topology.services[0].own.as<rabbitmq::Spec>().parameters.partition_repair = Law::constant(60_s);
    topology.services[0].own.as<rabbitmq::Spec>().parameters.forced_boot = Law::constant(60_s);
    const Lab lab(std::move(topology));
    std::vector<std::string> nodes;
    for (std::int64_t node = 0; node < settings.nodes; ++node) nodes.push_back("rabbitmq/node-" + std::to_string(node));
    for (std::uint64_t number = lab_number; number < schedules; number += 6) {
      Dice dice(number);
      const World world = lab.play(random_faults(dice, nodes, length, faults, mix), number, length * 3 + 700_s);
      INFO("schedule " << number);
      // No term has two leaders.
      if (type == rabbitmq::QueueType::quorum) check_one_subject_each(world, "rabbitmq.leader");
      if (!models::healthy(world)) FAIL_CHECK(ailments(world));
      total.failovers += world.measurement.failovers;
      for (const measurement::Loss& loss : world.measurement.losses) {
        total.lost += loss.records_all + loss.records_one;
        CHECK(loss.records_all + loss.records_one > 0);
      }
    }
  }
  return total;
}

}  // namespace

TEST_CASE("quorum queues under random faults lose nothing, and all is well in the end", "[rabbitmq]") {
  const Count total = play(90, rabbitmq::QueueType::quorum, false);
  CHECK(total.lost == 0);
  CHECK(total.failovers > 60);
}

TEST_CASE("the same with Khepri", "[rabbitmq]") {
  const Count total = play(48, rabbitmq::QueueType::quorum, true);
  CHECK(total.lost == 0);
  CHECK(total.failovers > 30);
}

TEST_CASE("mirrored queues under random faults: all is well in the end, and what the rules allow to be lost is",
          "[rabbitmq]") {
  const Count total = play(90, rabbitmq::QueueType::mirrored, false);
  CHECK(total.lost > 0);
  CHECK(total.failovers > 30);
}

TEST_CASE("quorum queues under a hundred thousand random schedules lose nothing", "[rabbitmq][slow]") {
  CHECK(play(100'000, rabbitmq::QueueType::quorum, false).lost == 0);
}

TEST_CASE("mirrored queues under a hundred thousand short random schedules: all is well in the end",
          "[rabbitmq][slow]") {
  const Count total = play(100'000, rabbitmq::QueueType::mirrored, false, 200_s, 3);
  CHECK(total.lost > 0);
  CHECK(total.failovers > 20'000);
}

TEST_CASE("a fork of a world with RabbitMQ plays on as the original", "[rabbitmq]") {
  const Lab lab(rabbitmq_topology());
  World world = lab.play({action(0_s, Verb::process_stop, "leader(rabbitmq)")}, 1, 6_s);
  World fork = world;
  run_until(world, origin + 80_s);
  run_until(fork, origin + 80_s);
  CHECK(world.events == fork.events);
  REQUIRE(world.trace.records().size() == fork.trace.records().size());
  for (std::size_t i = 0; i < world.trace.records().size(); ++i) {
    CHECK(world.trace.records()[i].at == fork.trace.records()[i].at);
    CHECK(world.trace.records()[i].kind == fork.trace.records()[i].kind);
  }
}

}  // namespace rabbitmq_random_test
