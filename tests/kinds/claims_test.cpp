// Claims: deleted ones by their reclaim policy, those bound before their pod is scheduled, and how many a machine has.
#include <catch2/catch.hpp>
#include <set>

#include "models/kubernetes/volume_attach.hpp"
#include "models/platform.hpp"
#include "models/scheduling.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace claims_test {

using namespace nines;
using namespace nines::models;
using namespace nines::sim::literals;
using models::testing::action;
using models::testing::count;
using models::testing::first;
using models::testing::Lab;
using models::testing::small_topology;

namespace {

/// The small design with that policy, in which nothing happens by itself.
Topology with(Reclaim reclaim) {
  Topology topology = small_topology();
  models::testing::without_changes(topology);
  for (PoolSpec& pool : topology.services.front().pools) pool.storage.reclaim = reclaim;
  return topology;
}

std::string refusal_of(Topology topology) {
  try {
    build_plan(std::move(topology), 1);
  } catch (const NoPlace& found) {
    return found.what();
  }
  return {};
}

}  // namespace

// kubernetes.io documentation, persistent volumes: reclaimPolicy Delete removes the volume with its claim, Retain
// leaves it to be bound by hand; the finalizer pvc-protection keeps the claim as long as a pod uses it.
TEST_CASE("claims: with reclaim Delete a deleted claim takes the data along, with Retain a person binds the volume",
          "[claims]") {
  const std::vector<Action> mistake{action(0_s, Verb::wrong_command, "kafka", Variant::claim)};
  const Lab removes(with(Reclaim::remove));
  const World gone = removes.play(mistake, 1, 2_h);
  REQUIRE(first(gone, "k8s.claim_deleted"));
  REQUIRE(first(gone, "k8s.claim_provisioned"));
  CHECK(*first(gone, "k8s.claim_deleted") > 0);  // its pod stops first
  CHECK(*first(gone, "k8s.claim_provisioned") - *first(gone, "k8s.claim_deleted") < 10);
  CHECK(count(gone, "people.volume_bound") == 0);
  const Lab retains(with(Reclaim::retain));
  const World kept = retains.play(mistake, 1, 2_h);
  REQUIRE(first(kept, "k8s.claim_deleted"));
  REQUIRE(first(kept, "people.volume_bound"));
  CHECK(count(kept, "k8s.claim_provisioned") == 0);
  CHECK(*first(kept, "people.volume_bound") > *first(kept, "k8s.claim_deleted") + 60);
  // Both come back; the one with an empty disk.
  for (const World* world : {&gone, &kept}) {
    for (const ProcessId process : world->plan->processes.ids())
      CHECK(world->processes[process].status == ProcessState::Status::running);
    CHECK(kubernetes::healthy(*world));
  }
  // The others have what was replicated.
  for (const measurement::Loss& loss : gone.measurement.losses) CHECK(loss.records_all == 0);
}

// kubernetes-csi/external-provisioner pkg/controller/topology.go: consecutive ordinals go to consecutive zones.
TEST_CASE("claims: bound at once, volumes go over the zones of the cluster, and not with the machines", "[claims]") {
  Topology topology = with(Reclaim::remove);
  for (PoolSpec& pool : topology.services.front().pools) pool.storage.binding = Binding::immediate;
  const Plan plan = build_plan(topology, 1);
  std::set<std::size_t> zones;
  for (const ProcessId process : plan.processes.ids()) {
    const VolumeId volume = plan.processes[process].volume;
    if (!volume.exists() || plan.processes[process].pool != 0) continue;
    CHECK(plan.volumes[volume].zone == plan.nodes[plan.processes[process].node].zone);
    zones.insert(plan.volumes[volume].zone.value);
  }
  CHECK(zones.size() == 3);
  // A group in one zone of three gets claims that it can never take.
  Topology one = topology;
  NodeGroupSpec far = one.node_groups.front();
  far.name = "far";
  far.nodes_per_zone = 6;
  far.zones = {one.zones.front()};
  one.node_groups.push_back(far);
  for (PoolSpec& pool : one.services.front().pools) pool.node_group = "far";
  CHECK(refusal_of(one).find("it can never be placed") != std::string::npos);
  for (PoolSpec& pool : one.services.front().pools) pool.storage.binding = Binding::first_consumer;
  CHECK(refusal_of(one).empty());
}

TEST_CASE("claims: a machine takes no more network volumes than it can have attached", "[claims]") {
  Topology topology = with(Reclaim::remove);
  PoolSpec& pool = topology.services.front().pools.front();
  for (PoolSpec& each : topology.services.front().pools) {
    each.placement.anti_affinity = AntiAffinity::none;
    each.placement.across.clear();
    each.cpu = 0.1;
    each.memory = {1e9};
  }
  const auto pods = static_cast<std::int64_t>(build_plan(topology, 1).volumes.size());
  const std::int64_t machines = topology.node_groups.front().machines();
  REQUIRE(pods > machines);
  NodeGroupSpec& group = topology.node_groups.front();
  group.max_volumes = (pods + machines - 1) / machines;
  CHECK(refusal_of(topology).empty());
  group.max_volumes = (pods - 1) / machines;
  CHECK(refusal_of(topology).find("has as many network volumes as it can have attached") != std::string::npos);
  group.max_volumes.reset();
  topology.infrastructure.volume_limit = (pods - 1) / machines;
  CHECK_FALSE(refusal_of(topology).empty());
  pool.storage.kind = VolumeKind::efs;  // which nothing attaches
  for (PoolSpec& each : topology.services.front().pools) each.storage.kind = VolumeKind::efs;
  CHECK(refusal_of(topology).empty());
}

}  // namespace claims_test
