// Voters that nobody hears: they cost no events, and come back as if they had stood for election all the while.
#include "models/platform.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace kafka_quorum_sleep_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

TEST_CASE("a voter that nobody hears for an hour sleeps, and stands within its usual cycle once it is heard",
          "[kafka][quorum]") {
  const Lab lab(small_topology());
  const auto wait = sample(2000, [&](std::uint64_t run) {
    const World world =
        lab.play({action(0_s, Verb::partition, "kafka/controller-3", 1_h, "all(kafka/controllers)")}, run, 3700_s);
    CHECK(count(world, "kafka.quorum_timeout") < 100);
    CHECK(services::healthy(world));
    return std::optional(first(world, "kafka.quorum_timeout", "kafka/controller-3", 3600).value_or(-1) - 3600);
  });
  // A cycle C is a time-out, uniform on 1 to 2 s, and a wait of 1 s (99 of 100 times; the mean of all is 0.995 s).
  // Seen at a moment that has nothing to do with it, E[C^2] / 2 E[C] of it is left.
  CHECK(wait.size == 2000);
  CHECK(wait.lowest >= 0);
  CHECK(wait.highest <= 3);
  CHECK(agrees(wait, (2.495 * 2.495 + 1.0 / 12) / (2 * 2.495)));
}

TEST_CASE("voters without a certificate that anybody renews do not stand for election for ever", "[kafka][quorum]") {
  Topology topology = small_topology();
  topology.people.on_call = 0;
  const Lab lab(topology);
  const World world = lab.play(
      {action(0_s, Verb::expired_certificate, "kafka"), action(100_s, Verb::process_kill, "kafka/controller-3"),
       action(200_s, Verb::process_kill, "kafka/controller-4")},
      1, 240_h);
  CHECK(count(world, "kafka.quorum_timeout") < 200);
  CHECK_FALSE(services::healthy(world));
}

}  // namespace kafka_quorum_sleep_test
