// Machines that come in another place than those that they replace, of groups without `scaling`: in another zone, or
// beside one that hangs.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "models/health.hpp"
#include "models/infrastructure/capacity.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/pod_lifecycle.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/process.hpp"
#include "models/selector.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/world_actions.hpp"

namespace other_zone_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Machines in three zones, with pods of which no two are on one machine. Launches take 90 s and fail in shortages
/// only.
Topology fixed(Provisioner provisioner, std::int64_t machines_a_zone = 1, std::int64_t pods = 3) {
  HttpSettings settings;
  settings.machines_a_zone = machines_a_zone;
  settings.servers = pods;
  Topology topology = http_topology(settings);
  topology.node_groups[0].provisioner = provisioner;
  infrastructure::Parameters& i = topology.infrastructure;
  i.node_provision_asg = i.node_provision_karpenter = Law::constant(90_s);
  i.node_loss_notice = Law::constant(60_s);
  i.capacity_failure_probability = 0;
  i.capacity_spread = 0;
  topology.kubernetes.karpenter_batch = Law::constant(1_s);
  topology.people.on_call = 0;
  return topology;
}

std::string node_of_zone(const Topology& topology, std::size_t zone, std::int64_t place = 0) {
  return topology.node_groups[0].name + "-" + topology.zones[zone] + "-" + std::to_string(place);
}

std::vector<std::int64_t> up_by_zone(const World& world) {
  std::vector<std::int64_t> counts(world.plan->zones.size(), 0);
  for (const NodeId node : world.plan->nodes.ids())
    counts[world.plan->nodes[node].zone.value] += infrastructure::node_up(world, node);
  return counts;
}

std::int64_t running(const World& world) {
  std::int64_t count = 0;
  for (const ProcessId process : world.plan->processes.ids())
    count += world.processes[process].status == ProcessState::Status::running;
  return count;
}

class Broken {
 public:
  explicit Broken(Mutation mutation) { active_mutation = mutation; }
  ~Broken() { active_mutation = Mutation::none; }
};

std::vector<Action> lost_without_capacity(const Topology& topology, Duration shortage) {
  return {action(0_s, Verb::capacity_shortage, node_of_zone(topology, 0), shortage),
          action(0_s, Verb::node_loss, node_of_zone(topology, 0))};
}

}  // namespace

TEST_CASE("other zone: an Auto Scaling group launches there, and comes back when its zone has machines",
          "[elastic][oracle]") {
  const Topology topology = fixed(Provisioner::asg);
  const Lab lab(topology);
  World world = lab.prepare(lost_without_capacity(topology, 2_h), 1);
  run_until(world, origin + 1_h);
  // The loss is heard after 60 s, and the machine comes 90 s later.
  CHECK(*first(world, "k8s.order_moved") == Approx(60));
  CHECK(*first(world, "k8s.node_provisioned") == Approx(150));
  CHECK(up_by_zone(world)[0] == 0);
  CHECK(running(world) == 3);
  CHECK_FALSE(healthy(world));  // it is not even yet
  const double even = topology.infrastructure.rebalance_period.to_seconds();
  run_until(world, origin + 4_h);
  const double launched = *first(world, "k8s.group_rebalances");
  CHECK(launched >= 7200);
  CHECK(launched <= 7200 + even);
  // What is too much goes when the new machine is in service.
  CHECK(*first(world, "k8s.machine_in_excess") == Approx(launched + 90));
  CHECK(up_by_zone(world) == std::vector<std::int64_t>{1, 1, 1});
  CHECK(running(world) == 3);
  CHECK(healthy(world));
  const Broken broken(Mutation::machine_stays_in_zone);
  world = lab.prepare(lost_without_capacity(topology, 2_h), 1);
  run_until(world, origin + 1_h);
  CHECK(running(world) == 2);
}

namespace {

/// Machines of the group that are there and stay, or are on their way.
std::int64_t there_or_ordered(const World& world) {
  std::int64_t machines = 0;
  for (const NodeId node : world.plan->nodes.ids()) {
    const kubernetes::NodeState& state = world.kubernetes.nodes[node];
    machines += state.gone ? state.ordered : !state.scaled_in;
  }
  return machines;
}

}  // namespace

TEST_CASE("other zone: no pod that waits makes an Auto Scaling group launch beyond its size", "[elastic]") {
  // The pod of the zone that is lost may run in no other one.
  Topology topology = fixed(Provisioner::asg, 2);
  topology.services[0].pools[0].placement.anti_affinity = AntiAffinity::zone;
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::capacity_shortage, node_of_zone(topology, 0), 4_h),
                             action(0_s, Verb::node_loss, node_of_zone(topology, 0, 0)),
                             action(0_s, Verb::node_loss, node_of_zone(topology, 0, 1))},
                            1);
  while (step(world, origin + 239_min)) REQUIRE(there_or_ordered(world) <= 6);
  CHECK(running(world) == 2);
  while (step(world, origin + 8_h)) REQUIRE(there_or_ordered(world) <= 7);  // one more while it rebalances
  CHECK(up_by_zone(world) == std::vector<std::int64_t>{2, 2, 2});
  CHECK(running(world) == 3);
  CHECK(healthy(world));
}

TEST_CASE("other zone: a drain that a budget refuses makes nobody drain a second machine", "[elastic]") {
  Topology topology = fixed(Provisioner::asg, 2, 6);
  topology.services[0].budget = DisruptionBudget::at_most(0);
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::capacity_shortage, node_of_zone(topology, 0), 1_h),
                             action(0_s, Verb::node_loss, node_of_zone(topology, 0, 0)),
                             action(0_s, Verb::node_loss, node_of_zone(topology, 0, 1))},
                            1);
  while (step(world, origin + 6_h)) REQUIRE(there_or_ordered(world) <= 7);
  CHECK(count(world, "k8s.eviction_refused") > 0);
  CHECK(count(world, "k8s.machine_in_excess") == 2);  // one for each that is launched where it was lost
  CHECK(up_by_zone(world) == std::vector<std::int64_t>{2, 2, 2});
  CHECK(running(world) == 6);
  CHECK(healthy(world));
}

TEST_CASE("other zone: a large Auto Scaling group moves a tenth of its machines at a time", "[elastic]") {
  const Topology topology = fixed(Provisioner::asg, 10);
  const Lab lab(topology);
  std::vector<Action> script{action(0_s, Verb::capacity_shortage, node_of_zone(topology, 0), 2_h)};
  for (std::int64_t place = 0; place < 10; ++place)
    script.push_back(action(0_s, Verb::node_loss, node_of_zone(topology, 0, place)));
  World world = lab.prepare(script, 1);
  run_until(world, origin + 119_min);
  REQUIRE(up_by_zone(world) == std::vector<std::int64_t>{0, 15, 15});
  std::int64_t most = 0;
  while (step(world, origin + 165_min)) most = std::max(most, there_or_ordered(world));
  // Three at a time, every ten minutes: the tenth comes with the fourth comparison.
  CHECK(most == 33);
  CHECK(up_by_zone(world) == std::vector<std::int64_t>{10, 10, 10});
  CHECK(healthy(world));
}

TEST_CASE("other zone: where nobody drains them machines in excess go at once", "[elastic]") {
  Topology topology = fixed(Provisioner::asg, 2, 6);
  topology.services[0].budget = DisruptionBudget::at_most(0);
  topology.platform = PlatformKind::kubeadm;
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::capacity_shortage, node_of_zone(topology, 0), 1_h),
                             action(0_s, Verb::node_loss, node_of_zone(topology, 0, 0)),
                             action(0_s, Verb::node_loss, node_of_zone(topology, 0, 1))},
                            1);
  run_until(world, origin + 6_h);
  CHECK(count(world, "k8s.machine_in_excess") == 2);
  CHECK(count(world, "k8s.eviction_refused") == 0);
  CHECK(up_by_zone(world) == std::vector<std::int64_t>{2, 2, 2});
  CHECK(running(world) == 6);
}

TEST_CASE("other zone: pods that are to be spread get machines in different zones", "[elastic]") {
  for (const bool spread : {true, false}) {
    INFO(spread);
    Topology topology = fixed(Provisioner::karpenter, 2);
    PlacementSpec& placement = topology.services[0].pools[0].placement;
    if (spread) {
      placement.spread = {SpreadSpec{}};
    } else {
      placement.anti_affinity = AntiAffinity::zone;
    }
    const Lab lab(topology);
    // Both machines of a zone are lost; in another one the machine of the pod, and the other hangs and keeps its place:
    // that zone has no fewer than the first one as soon as its first machine is ordered.
    NodeId host;
    for (const ProcessPlan& process : lab.plan().processes) {
      if (lab.plan().nodes[process.node].zone == ZoneId::of(1)) host = process.node;
    }
    REQUIRE(host.exists());
    const std::string lost{lab.plan().name(lab.plan().nodes[host].component)};
    const std::string first_place = node_of_zone(topology, 1, 0);
    const std::string hangs = lost == first_place ? node_of_zone(topology, 1, 1) : first_place;
    World world = lab.prepare(
        {action(0_s, Verb::node_crash, hangs, 2_h), action(60_s, Verb::node_loss, node_of_zone(topology, 0, 0)),
         action(60_s, Verb::node_loss, node_of_zone(topology, 0, 1)), action(60_s, Verb::node_loss, lost)},
        1);
    run_until(world, origin + 30_min);
    CHECK(running(world) == 3);
    CHECK(count(world, "k8s.node_provisioned") == 2);
    CHECK(up_by_zone(world) == std::vector<std::int64_t>{1, 1, 2});
  }
}

TEST_CASE("other zone: a place where no machine can be is no target", "[elastic][selector]") {
  const Lab lab(fixed(Provisioner::asg));
  const Topology& topology = lab.plan().topology;
  const auto problem = [&](std::int64_t place) {
    return check_target(lab.plan(), action(0_s, Verb::node_loss, node_of_zone(topology, 0, place)));
  };
  CHECK_FALSE(problem(0));
  REQUIRE(problem(1));
  CHECK_THAT(*problem(1), Catch::Contains("has no machine in health"));
}

TEST_CASE("other zone: Karpenter launches where the pod may run", "[elastic][oracle]") {
  const Topology topology = fixed(Provisioner::karpenter);
  const Lab lab(topology);
  World world = lab.prepare(lost_without_capacity(topology, 2_h), 1);
  run_until(world, origin + 1_h);
  const double ordered = *first(world, "k8s.group_grows");
  CHECK(*first(world, "k8s.node_provisioned") == Approx(ordered + 91));
  CHECK(up_by_zone(world)[0] == 0);
  CHECK(running(world) == 3);
  run_until(world, origin + 2_h + 1_h);
  CHECK(up_by_zone(world)[0] == 0);  // nothing brings it back
  CHECK(healthy(world));
  // A pod that keeps apart from those of the other zones has to wait.
  Topology apart = topology;
  apart.services[0].pools[0].placement.anti_affinity = AntiAffinity::zone;
  const Lab bound(apart);
  World waits = bound.prepare(lost_without_capacity(apart, 2_h), 1);
  run_until(waits, origin + 119_min);
  CHECK(running(waits) == 2);
  run_until(waits, origin + 3_h);
  CHECK(up_by_zone(waits) == std::vector<std::int64_t>{1, 1, 1});
  CHECK(running(waits) == 3);
}

TEST_CASE("other zone: a zone without power is left by groups whose pods may run elsewhere", "[elastic]") {
  for (const Provisioner provisioner : {Provisioner::asg, Provisioner::karpenter}) {
    const Topology topology = fixed(provisioner);
    const Lab lab(topology);
    World world = lab.prepare({action(0_s, Verb::zone_power_loss, topology.zones[0], 3_h)}, 1);
    run_until(world, origin + 1_h);
    CHECK(running(world) == 3);
    run_until(world, origin + 9_h);
    CHECK(healthy(world));
    CHECK(running(world) == 3);
    const std::vector<std::int64_t> counts = up_by_zone(world);
    CHECK(counts[0] + counts[1] + counts[2] == 3);
    if (provisioner == Provisioner::asg) CHECK(counts[0] == 1);
  }
}

TEST_CASE("other zone: a reclaimed Spot machine's successor comes where there is one", "[elastic][capacity]") {
  Topology topology = fixed(Provisioner::karpenter);
  topology.node_groups[0].capacity = Capacity::spot;
  topology.kubernetes.queue_delay = Law::constant(0_s);
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::capacity_shortage, node_of_zone(topology, 0), 2_h),
                             action(0_s, Verb::spot_reclaim, node_of_zone(topology, 0))},
                            1);
  run_until(world, origin + 10_min);
  CHECK(running(world) == 3);
  CHECK(up_by_zone(world)[0] == 0);
  CHECK(*first(world, "k8s.node_provisioned") < 240);
}

TEST_CASE("other zone: the successor of a drained machine comes where Karpenter would put its pods",
          "[elastic][oracle]") {
  // Karpenter simulates where the machine's pods would go without it (pkg/controllers/disruption/helpers.go,
  // SimulateScheduling; pkg/controllers/provisioning/provisioner.go, pods of nodes that are being deleted).
  for (const Variant variant : {Variant::launch_first, Variant::evict_first}) {
    INFO(variant_name(variant));
    const Topology topology = fixed(Provisioner::karpenter);
    const Lab lab(topology);
    std::vector<Action> script = lost_without_capacity(topology, 2_h);
    script.push_back(action(4_h, Verb::drain, node_of_zone(topology, 1)));
    script.back().variant = variant;
    World world = lab.prepare(script, 1);
    run_until(world, origin + 4_h - 1_s);
    REQUIRE(up_by_zone(world) == std::vector<std::int64_t>{0, 2, 1});
    run_until(world, origin + 4_h + 92_s);
    // Who launches first takes nothing away before the machine is there.
    CHECK(count(world, "k8s.node_provisioned") == 2);
    CHECK(up_by_zone(world)[0] == 1);
    CHECK(running(world) == (variant == Variant::launch_first ? 3 : 2));
    run_until(world, origin + 5_h);
    CHECK(up_by_zone(world) == std::vector<std::int64_t>{1, 1, 1});
    CHECK(running(world) == 3);
    CHECK(healthy(world));
  }
}

TEST_CASE("other zone: the spread of pods decides before the number of machines", "[elastic][oracle]") {
  // A preference counts like a demand as long as it can be met
  // (pkg/controllers/provisioning/scheduling/preferences.go).
  for (const bool spread : {false, true}) {
    INFO(spread);
    Topology topology = fixed(Provisioner::karpenter, 2);
    if (spread) topology.services[0].pools[0].placement.spread = {{Domain::zone, 1, Unsatisfiable::schedule_anyway}};
    const Lab lab(topology);
    // A zone is left by its pod, and its machines come back: two machines without a pod there, two with pods in another
    // zone, of which one is drained.
    std::vector<Action> script = {action(0_s, Verb::node_crash, node_of_zone(topology, 1, 0), 1_h),
                                  action(0_s, Verb::node_crash, node_of_zone(topology, 1, 1), 1_h)};
    World world = lab.prepare(script, 1);
    run_until(world, origin + 3_h);
    REQUIRE(running(world) == 3);
    REQUIRE(up_by_zone(world) == std::vector<std::int64_t>{2, 2, 2});
    const auto pods_in = [&](std::size_t zone) {
      return std::ranges::count_if(world.kubernetes.pods, [&](const kubernetes::PodState& pod) {
        return pod.object == kubernetes::PodObject::bound && lab.plan().nodes[pod.node].zone == ZoneId::of(zone);
      });
    };
    REQUIRE(pods_in(1) == 0);
    const std::size_t full = pods_in(0) == 2 ? 0 : 2;
    script.push_back(action(4_h, Verb::drain, node_of_zone(topology, full)));
    world = lab.prepare(script, 1);
    run_until(world, origin + 4_h + 10_min);
    CHECK(up_by_zone(world)[1] == (spread ? 3 : 2));
    CHECK(running(world) == 3);
  }
}

TEST_CASE("other zone: the last of three zones takes the machines of all", "[elastic]") {
  for (const Provisioner provisioner : {Provisioner::asg, Provisioner::karpenter}) {
    const Topology topology = fixed(provisioner, 2, 6);
    const Lab lab(topology);
    World world = lab.prepare({action(0_s, Verb::zone_power_loss, topology.zones[0], 5_h),
                               action(1_min, Verb::zone_power_loss, topology.zones[1], 5_h)},
                              1);
    run_until(world, origin + 2_h);
    CHECK(up_by_zone(world) == std::vector<std::int64_t>{0, 0, 6});
    CHECK(running(world) == 6);
  }
}

namespace {

std::int64_t on_demand(const World& world) {
  std::int64_t machines = 0;
  for (const NodeId node : world.plan->nodes.ids()) {
    const CapacityPoolId pool = infrastructure::pool_of(world, node);
    machines +=
        infrastructure::node_up(world, node) && world.plan->capacity_pools[pool].capacity == Capacity::on_demand;
  }
  return machines;
}

}  // namespace

TEST_CASE("other zone: machines of a mixed group are replaced by machines of their sort", "[elastic][capacity]") {
  Topology topology = fixed(Provisioner::asg, 2, 6);
  topology.node_groups[0].capacity = Capacity::spot;
  topology.node_groups[0].on_demand_base = 2;
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::zone_power_loss, topology.zones[0], 5_h)}, 1);
  REQUIRE(on_demand(world) == 2);
  run_until(world, origin + 2_h);
  CHECK(up_by_zone(world) == std::vector<std::int64_t>{0, 3, 3});
  CHECK(on_demand(world) == 2);
  CHECK(running(world) == 6);
  run_until(world, origin + 12_h);
  CHECK(up_by_zone(world) == std::vector<std::int64_t>{2, 2, 2});
  CHECK(on_demand(world) == 2);
  CHECK(healthy(world));
}

TEST_CASE("other zone: an Auto Scaling group with an autoscaler gives up machines in a zone without power",
          "[elastic]") {
  Topology topology = fixed(Provisioner::asg);
  topology.node_groups[0].scaling = GroupScaling{3, 3, 6};
  const Lab lab(topology);
  World world = lab.prepare({action(0_s, Verb::zone_power_loss, topology.zones[0], 5_h)}, 1);
  run_until(world, origin + 2_h);
  CHECK(world.kubernetes.nodes[NodeId::of(0)].gone);
  CHECK(running(world) == 3);
  run_until(world, origin + 9_h);
  CHECK(up_by_zone(world)[0] == 0);  // its autoscaler has put the pods elsewhere
  CHECK(running(world) == 3);
  CHECK(healthy(world));
}

TEST_CASE("hanging machine: Karpenter launches beside it, and takes the empty one away when it is back",
          "[elastic][oracle]") {
  const Topology topology = fixed(Provisioner::karpenter);
  const Lab lab(topology);
  const NodeId hung = NodeId::of(0);
  REQUIRE(lab.plan().name(lab.plan().nodes[hung].component) == node_of_zone(topology, 0));
  World world = lab.prepare({action(0_s, Verb::node_crash, node_of_zone(topology, 0), 1_h)}, 1);
  run_until(world, origin + 50_min);
  CHECK(running(world) == 3);
  CHECK(world.kubernetes.nodes[hung].object);
  CHECK_FALSE(world.kubernetes.nodes[hung].gone);
  CHECK(world.kubernetes.nodes[hung].machine == 0);
  run_until(world, origin + 3_h);
  // Three are needed: the one that came back has no pod, and goes.
  CHECK(*first(world, "k8s.machine_unneeded") >=
        3600 + (topology.kubernetes.consolidate_after + topology.kubernetes.consolidation_period).to_seconds());
  CHECK(world.kubernetes.nodes[hung].gone);
  CHECK(running(world) == 3);
  CHECK(healthy(world));
}

TEST_CASE("hanging machine: a volume stays on it until it is detached by force", "[elastic][oracle]") {
  Topology topology = small_topology();
  without_changes(topology);
  without_rates(topology.infrastructure);
  topology.infrastructure.capacity_failure_probability = 0;
  topology.infrastructure.volume_stuck_probability = 0;
  const Lab lab(topology);
  const std::string broker = "kafka/broker-0";
  std::size_t moved = 0;
  for (std::uint64_t run = 0; run < 8; ++run) {
    INFO("run " << run);
    World world = lab.prepare({action(0_s, Verb::node_crash, broker, 10_h)}, run);
    ProcessId found;
    for (const ProcessId each : lab.plan().processes.ids()) {
      if (lab.plan().name(lab.plan().processes[each].component) == broker) found = each;
    }
    REQUIRE(found.exists());
    const VolumeId volume = lab.plan().processes[found].volume;
    const NodeId before = lab.plan().processes[found].node;
    run_until(world, origin + 9_h);
    const auto removed = first(world, "k8s.pod_removed", broker);
    if (!removed) continue;  // nobody has come in time
    ++moved;
    const auto detached = first(world, "k8s.volume_force_detached", {}, *removed);
    REQUIRE(detached);
    CHECK(*detached >= *removed + 360);
    CHECK(world.kubernetes.pods[found].node != before);
    CHECK(world.kubernetes.volumes[volume].node == world.kubernetes.pods[found].node);
    CHECK(lab.plan().nodes[world.kubernetes.pods[found].node].zone == lab.plan().nodes[before].zone);
    CHECK(world.kubernetes.nodes[before].machine == 0);
    CHECK_FALSE(world.kubernetes.nodes[before].gone);
    CHECK(world.processes[found].status == ProcessState::Status::running);
  }
  CHECK(moved >= 4);
}

TEST_CASE("other zone: random schedules end with every pod on a machine and no machine too many",
          "[elastic][invariants]") {
  const Lab asg(fixed(Provisioner::asg));
  const Lab karpenter(fixed(Provisioner::karpenter));
  for (std::uint64_t run = 0; run < 120; ++run) {
    INFO("run " << run);
    const bool balanced = run % 2 == 0;
    const Lab& lab = balanced ? asg : karpenter;
    Dice dice(run);
    std::vector<Action> script;
    for (std::size_t i = 0; i < 7; ++i) {
      const std::string zone = lab.plan().topology.zones[dice.below(3)];
      const Duration at = Duration::from_seconds(dice.uniform() * 4000);
      const Duration lasts = Duration::from_seconds(60 + dice.uniform() * 3600);
      switch (dice.below(6)) {
        case 0: script.push_back(action(at, Verb::zone_isolation, zone, lasts)); break;
        case 1: script.push_back(action(at, Verb::node_loss, "random(web)")); break;
        case 2: script.push_back(action(at, Verb::node_crash, "random(web)", lasts)); break;
        case 3: script.push_back(action(at, Verb::zone_power_loss, zone, lasts)); break;
        case 4: script.push_back(action(at, Verb::capacity_shortage, "all(" + zone + ")", lasts)); break;
        default: script.push_back(action(at, Verb::drain, "random(web)")); break;
      }
    }
    World world = lab.prepare(script, run);
    while (step(world, origin + 100_h)) {
      if (world.faults.actions_left == 0 && healthy(world)) break;
    }
    CHECK(healthy(world));
    CHECK(running(world) == 3);
    const std::vector<std::int64_t> counts = up_by_zone(world);
    CHECK(counts[0] + counts[1] + counts[2] == 3);
    if (balanced) CHECK(counts == std::vector<std::int64_t>{1, 1, 1});
  }
}

}  // namespace other_zone_test
