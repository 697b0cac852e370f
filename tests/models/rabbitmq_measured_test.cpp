// Held against a real RabbitMQ: 3.10.8 on Erlang 25, three nodes on one machine, data in memory (RabbitMQ sheet,
// section 4). The simulation has documented defaults and a round trip of 0.2 ms.
//
// A median agrees within 10 %, a 5th or 95th percentile within 20 %; or the measured figure lies within the middle 98 %
// of what as many simulated trials give.
#include <catch2/catch.hpp>

#include "tests/models/lab.hpp"
#include "tests/models/measured.hpp"
#include "tests/models/rabbitmq_topology.hpp"

namespace rabbitmq_measured_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double median_tolerance = 0.1;
constexpr double tail_tolerance = 0.2;

Sample milestone(const std::vector<World>& worlds, const char* name) {
  Sample sample;
  for (const World& world : worlds) {
    const std::optional<double> at = first(world, name);
    REQUIRE(at);
    sample.push_back(*at * 1e3);
  }
  return sample;
}

}  // namespace

// 52 leaders of a quorum queue of three replicas killed; sorted trials in ms after the signal.
TEST_CASE("measured: SIGKILL of the leader of a quorum queue", "[rabbitmq][measured]") {
  const Lab lab(rabbitmq_topology());
  std::vector<World> worlds;
  for (std::uint64_t run = 0; run < 1'000; ++run)
    worlds.push_back(lab.play({action(0_s, Verb::process_kill, "leader(rabbitmq)")}, run, 2_s));
  compare("a node misses it", milestone(worlds, "rabbitmq.node_down"),
          {7.4,  8.2,  9.0,  9.4,  10.0, 10.2, 10.7, 10.7, 10.9, 11.0, 11.2, 11.4, 11.8, 11.8, 12.3, 12.6, 13.0, 13.0,
           13.0, 13.1, 14.3, 14.5, 14.6, 14.8, 14.8, 14.8, 15.9, 16.2, 16.6, 16.9, 17.3, 18.3, 18.6, 18.9, 19.0, 19.2,
           19.2, 19.4, 19.6, 19.9, 20.0, 20.3, 20.6, 20.6, 20.7, 20.9, 22.9, 23.3, 24.0, 24.9, 25.8, 26.0},
          median_tolerance, tail_tolerance);
  compare("the first replica asks for votes", milestone(worlds, "rabbitmq.suspected"),
          {139, 140, 140, 147, 166, 167, 167, 167, 167, 169, 176, 176, 178, 181, 186, 208, 228, 249,
           251, 262, 265, 273, 277, 277, 278, 282, 284, 286, 292, 293, 296, 299, 304, 309, 311, 334,
           343, 373, 381, 390, 404, 408, 416, 444, 446, 485, 486, 488, 492, 523, 528, 543},
          median_tolerance, tail_tolerance);
  compare("elected", milestone(worlds, "rabbitmq.leader"),
          {142, 146, 149, 157, 171, 172, 172, 174, 174, 176, 182, 186, 187, 194, 195, 217, 238, 254,
           259, 269, 275, 277, 282, 285, 286, 291, 294, 295, 299, 300, 304, 304, 310, 317, 317, 343,
           348, 381, 383, 398, 410, 418, 427, 447, 459, 488, 492, 492, 500, 526, 536, 552},
          median_tolerance, tail_tolerance);
  compare("confirmed again", milestone(worlds, "rabbitmq.first_confirm"),
          {143, 147, 152, 159, 174, 176, 176, 177, 181, 184, 186, 188, 188, 195, 196, 218, 245, 261,
           265, 276, 277, 281, 289, 290, 291, 296, 297, 297, 302, 304, 304, 309, 312, 320, 324, 344,
           355, 388, 390, 399, 417, 425, 433, 453, 459, 497, 499, 501, 505, 533, 538, 557},
          median_tolerance, tail_tolerance);
}

// From the start of the same node.
TEST_CASE("measured: a node of RabbitMQ starts again", "[rabbitmq][measured]") {
  RabbitSettings settings;
  Topology topology = rabbitmq_topology(settings);
  topology.services[0].own.as<rabbitmq::Spec>().parameters.boot = rabbitmq_parameters().boot;
  const Lab lab(std::move(topology));
  Sample up;
  Sample caught_up;
  for (std::uint64_t run = 0; run < 1'000; ++run) {
    const World world = lab.play({action(0_s, Verb::process_kill, "leader(rabbitmq)")}, run, 30_s);
    const double started = first(world, "k8s.container_restarted").value();
    up.push_back((first(world, "rabbitmq.rejoined").value() - started) * 1e3);
    caught_up.push_back((first(world, "rabbitmq.caught_up").value() - started) * 1e3);
  }
  compare("its broker runs", up,
          {3037, 3208, 3248, 3411, 4202, 4498, 4773, 5132, 5606, 5779, 5822, 5846, 5965, 5985, 6011, 6076, 6109, 6114,
           6142, 6153, 6163, 6164, 6211, 6228, 6232, 6273, 6278, 6335, 6341, 6342, 6388, 6447, 6486, 6489, 6584, 6593,
           6650, 6771, 6830, 6951, 6951, 7051, 7188, 7235, 7284, 7339, 7370, 7405, 7430, 8304, 8663, 8942},
          median_tolerance, tail_tolerance);
  compare("its replica has everything", caught_up,
          {3266, 3397, 3620, 3641, 4540, 4623, 4883, 5237, 5650, 5966, 6006, 6014, 6139, 6147, 6158, 6206, 6233, 6240,
           6251, 6261, 6279, 6360, 6417, 6425, 6496, 6501, 6502, 6530, 6553, 6577, 6604, 6638, 6656, 6669, 6674, 6802,
           6907, 7015, 7136, 7189, 7248, 7285, 7298, 7374, 7384, 7429, 7434, 7595, 7619, 8643, 8986, 9006},
          median_tolerance, tail_tolerance);
}

}  // namespace rabbitmq_measured_test
