// How long a quorum queue takes no writes when its nodes crash independently (RabbitMQ sheet, oracle case 15).
#include <catch2/catch.hpp>
#include <string>

#include "models/health.hpp"
#include "models/rabbitmq/nodes.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/rabbitmq_topology.hpp"

namespace rabbitmq_availability_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

constexpr double back_s = 300;

/// A publisher that is elsewhere at once when its own node goes, so that only the queue keeps it waiting.
Topology queue_of_three() {
  RabbitSettings settings;
  settings.restart = Duration::from_seconds(back_s);
  settings.consumers = false;
  Topology topology = rabbitmq_topology(settings);
  auto& spec = topology.services[0].own.as<rabbitmq::Spec>();
  spec.parameters.broker_start = Law::constant(Duration());
  spec.clients[0].endpoint = rabbitmq::Endpoint::any_ready;
  spec.clients[0].parameters.recovery_interval = 1_ms;
  return topology;
}

std::string node(std::size_t number) { return "rabbitmq/node-" + std::to_string(number); }

}  // namespace

// Each node crashes once a month (lambda) and is back after 5 min (r). Only the leader's crash is felt: lambda times
// 0.30 s of fail-over; and two of three are away 3 (lambda r)^2 of the time. Here by hand what estimators do: what a
// crash costs, and what a second one costs that comes while the first node is away.
TEST_CASE("oracle 15: a queue of three loses 0.30 s a month to fail-over and 0.10 s to lost majorities",
          "[rabbitmq][oracle]") {
  const Lab lab(queue_of_three());
  constexpr double month_s = 43'800 * 60.0;
  constexpr double rate = 1 / month_s;
  const Sampled leads = sample(700, [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::process_kill, "leader(rabbitmq/orders)")}, run, 30_s);
    return downtime(world, "publish");
  });
  // 0.1 s and the least of two U(0, 0.5) s; 7 to 25 ms until the others know, and an election.
  CHECK(agrees(leads, 0.267 + 0.016 + 0.010));
  for (std::uint64_t run = 0; run < 20; ++run)
    CHECK(downtime(lab.play({action(0_s, Verb::process_kill, "follower(rabbitmq/orders)")}, run, 30_s), "publish") ==
          0);

  // Seconds for which two are away, by when the second goes: every pair alike.
  constexpr std::size_t moments = 25;
  double both = 0;
  for (std::size_t i = 0; i < moments; ++i) {
    const double second = (static_cast<double>(i) + 0.5) / moments * back_s;
    for (std::size_t pair = 0; pair < 6; ++pair) {
      const std::size_t one = pair / 2;
      const std::size_t other = (one + 1 + pair % 2) % 3;
      const World world = lab.play({action(0_s, Verb::process_kill, node(one)),
                                    action(Duration::from_seconds(second), Verb::process_kill, node(other))},
                                   i * 6 + pair, 800_s);
      CHECK(models::healthy(world));
      const double out = downtime(world, "publish");
      CHECK(out > back_s - second - 1);
      both += (out - leads.mean / 3) / (moments * 6);
    }
  }
  // What has a majority again elects: some seconds at most.
  CHECK(both == Approx(back_s / 2).epsilon(0.05));

  const double failovers = rate * leads.mean;
  const double lost = 3 * rate * 2 * rate * back_s * both;
  CHECK(failovers * month_s == Approx(0.30).epsilon(0.07));
  CHECK(lost * month_s == Approx(0.10).epsilon(0.07));
  CHECK(failovers + lost == Approx(rate * 0.293 + 3 * rate * back_s * rate * back_s).epsilon(0.07));
}

}  // namespace rabbitmq_availability_test
