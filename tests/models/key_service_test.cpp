// Encrypted volumes while the key service answers nobody: what is attached goes on, nothing is attached.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace key_service_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

Topology design(bool encrypted) {
  Topology topology = small_topology();
  without_changes(topology);
  without_rates(topology.infrastructure);
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.encrypted = encrypted;
  return topology;
}

const std::string broker = "kafka/broker-1";

}  // namespace

TEST_CASE("key service: a broker whose machine is replaced waits for it, the others serve", "[volume][oracle]") {
  const std::vector<Action> script{action(0_s, Verb::kms_outage, "region", 3_h), action(60_s, Verb::node_loss, broker)};
  for (const bool encrypted : {false, true}) {
    const Lab lab(design(encrypted));
    const World world = lab.play(script, 1, 5_h);
    const double attached = first(world, "k8s.volume_attached", broker + "/data").value_or(-1);
    INFO(encrypted);
    CHECK(attached > (encrypted ? 3 * 3600 : 60));
    CHECK(attached < (encrypted ? 3 * 3600 + 60 : 3600));
    CHECK(downtime(world, "write") < 60);
    CHECK(healthy(world));
  }
}

TEST_CASE("key service: volumes that are attached, and a restart in place, do not notice", "[volume][oracle]") {
  const Lab lab(design(true));
  const World world =
      lab.play({action(0_s, Verb::kms_outage, "region", 3_h), action(60_s, Verb::process_terminate, broker)}, 1, 2_h);
  CHECK(count(world, "k8s.volume_attached") == 0);
  CHECK(world.processes[ProcessId::of(1)].status == ProcessState::Status::running);
}

TEST_CASE("key service: a detachment needs no key", "[volume]") {
  const Lab lab(design(true));
  const World world =
      lab.play({action(0_s, Verb::kms_outage, "region", 3_h), action(60_s, Verb::drain, broker)}, 1, 2_h);
  CHECK(first(world, "k8s.volume_detached", broker + "/data").value_or(1e9) < 3600);
  CHECK_FALSE(first(world, "k8s.volume_attached", broker + "/data"));
}

}  // namespace key_service_test
