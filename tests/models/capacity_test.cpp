// Pools of capacity: what storms, shortages, fallbacks and quotas do, against closed forms. A shortage lasts to the
// latest end that any storm so far has, as the busy time of a queue with infinitely many servers:
// P(short) = 1 - exp(-rate x mean length).
// Means are held at 5.5 standard errors (false-alarm rate 4e-8 a comparison); with constant laws the rest is exact.
#include "models/infrastructure/capacity.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "models/capacity_pools.hpp"
#include "models/economics/cost.hpp"
#include "models/faults/clocks.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace capacity_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

const std::string node_a = "kafka-nodes-us-west-2a-0", node_b = "kafka-nodes-us-west-2b-0";
const std::string broker_b = "kafka/broker-1";

/// Launches take 55 s with Karpenter and 150 s without, and fail in shortages only; notices are heard at once.
Topology exact(Topology topology) {
  infrastructure::Parameters& i = topology.infrastructure;
  i.node_provision_karpenter = Law::constant(55_s);
  i.node_provision_asg = Law::constant(150_s);
  i.capacity_failure_probability = 0;
  i.volume_stuck_probability = 0;
  topology.kubernetes.karpenter_batch = Law::constant(1_s);
  topology.kubernetes.queue_delay = topology.kubernetes.handler_delay = Law::constant(0_s);
  topology.people.on_call = 0;
  return topology;
}

Topology spot_design() {
  Topology topology = exact(small_topology());
  topology.node_groups[0].capacity = Capacity::spot;
  return topology;
}

Topology asg_design() {
  Topology topology = spot_design();
  topology.node_groups[0].provisioner = Provisioner::asg;
  topology.node_groups[0].interruption = Interruption::none;
  return topology;
}

/// A type of the same size with a price and a rate of its own.
InstanceType another(std::string name, double price, double reclaims_per_hour) {
  InstanceType type = r8g_4xlarge();
  type.name = std::move(name);
  type.spot_hour = {price};
  type.on_demand_hour = {2 * price};
  type.spot_reclaim = {reclaims_per_hour};
  return type;
}

/// Machines of one zone in an Auto Scaling group without Kubernetes, which nothing but storms strikes: notices,
/// shutdowns and launches take next to nothing.
Topology bare_market(std::int64_t machines, double reclaims_per_hour, Duration shortage) {
  Topology topology = asg_design();
  topology.platform = PlatformKind::none;
  topology.workloads.clear();
  ServiceSpec& service = topology.services[0];
  service.controller = Controller::supervisor;
  for (PoolSpec& pool : service.pools) {
    pool.storage.kind = VolumeKind::nvme;
    pool.replicas = 1;
  }
  kafka_spec(topology).topics.resize(1);
  kafka_spec(topology).topics[0].replication_factor = 1;
  kafka_spec(topology).topics[0].min_insync_replicas = 1;
  kafka_spec(topology).parameters.offsets_replication = 1;
  kafka_spec(topology).parameters.min_insync_replicas = 1;
  NodeGroupSpec& group = topology.node_groups[0];
  group.zones = {"us-west-2a"};
  group.nodes_per_zone = machines;
  group.instance.local_disk = {4e12};
  group.instance.local_disk_rate = {1e9};
  group.instance.spot_reclaim = {reclaims_per_hour};
  infrastructure::Parameters& i = topology.infrastructure;
  i.spot_pool_share = i.spot_capacity_share = 1;
  i.spot_price_capacity_optimized = 1;
  i.spot_shortage_duration = Law::constant(shortage);
  i.spot_notice = 0_s;
  i.node_stop_timeout = 1_s;
  i.node_shutdown = Law::constant(0_s);
  i.capacity_retry = 1_s;
  return topology;
}

/// Share of `length` in which no machine is up, with the clocks of storms alone; counted after a warm-up.
double share_without_machines(const Plan& plan, std::uint64_t run, Duration length) {
  World world = initial_world(plan, run);
  std::vector<std::uint32_t> storms;
  for (std::uint32_t source = 0; source < plan.faults.size(); ++source) {
    if (plan.faults[source].verb == Verb::capacity_shortage) storms.push_back(source);
  }
  faults::start_fault_clocks(world, storms);
  run_until(world, sim::Time::zero() + 1000_h);
  const auto none_up = [&] {
    for (const NodeId node : plan.nodes.ids()) {
      if (infrastructure::node_up(world, node)) return false;
    }
    return true;
  };
  const sim::Time end = world.now + length;
  Duration down;
  for (bool was_down = none_up(); world.now < end; was_down = none_up()) {
    const sim::Time before = world.now;
    if (!step(world, end)) run_until(world, end);
    if (was_down) down += world.now - before;
  }
  return down.to_seconds() / length.to_seconds();
}

class Broken {
 public:
  explicit Broken(Mutation mutation) { active_mutation = mutation; }
  ~Broken() { active_mutation = Mutation::none; }
};

std::vector<Action> storm_over_b(Duration length) {
  return {action(0_s, Verb::capacity_shortage, node_b, length), action(0_s, Verb::spot_reclaim, node_b)};
}

CapacityPoolId pool_named(const Plan& plan, std::string_view name) {
  for (const CapacityPoolId pool : plan.capacity_pools.ids()) {
    if (plan.name(plan.capacity_pools[pool].component) == name) return pool;
  }
  FAIL("no pool " << name);
  return {};
}

}  // namespace

TEST_CASE("what a new machine was waited for is named after its own provisioner", "[capacity][set-by]") {
  for (const bool group : {true, false}) {
    const Lab lab(group ? asg_design() : spot_design());
    const World world = lab.play({action(0_s, Verb::node_loss, node_b)}, 1, 3600_s);
    std::size_t found = 0;
    for (const sim::TraceRecord& record : world.trace.records()) {
      const sim::EventInfo& info = event_info(record.kind);
      const std::string_view by = record.set_by != nullptr ? *record.set_by : info.parameter;
      if (info.name == "k8s.node_launched") found += by == (group ? "node.provision.retry" : "karpenter.batch");
      if (info.name == "k8s.node_provisioned")
        found += by == (group ? "node.provision.asg" : "node.provision.karpenter");
    }
    CHECK(found == 2);
  }
}

TEST_CASE("a group in one Spot pool is without capacity as an alternating renewal process says", "[capacity][oracle]") {
  constexpr double rate = 1.0 / 40;
  constexpr double shortage = 10;
  const Plan plan = build_plan(bare_market(3, rate, 10_h), 1);
  REQUIRE(plan.capacity_pools.size() == 1);
  // Up until the next storm; down for the busy time that it begins, and a launch.
  const double busy = std::expm1(rate * shortage) / rate;
  const double launch = 150.0 / 3600;
  const double expected = (busy + launch) / (1 / rate + busy + launch);
  const Sampled seen =
      sample(60, [&](std::uint64_t run) -> std::optional<double> { return share_without_machines(plan, run, 6000_h); });
  INFO(seen.mean << " +- " << seen.error << ", expected " << expected);
  CHECK(agrees(seen, expected));
  // Without shortages the group would be away for launches alone.
  const Broken broken(Mutation::capacity_never_short);
  CHECK_FALSE(agrees(
      sample(20, [&](std::uint64_t run) -> std::optional<double> { return share_without_machines(plan, run, 6000_h); }),
      expected));
}

// Storms begin with each of two pools s times an hour and come to the other one with probability q, so that each pool
// is struck h = s (1 + q) times. Short for L after each: neither is with exp(-2 s L), a given one is not with exp(-h
// L).
TEST_CASE("with two pools a machine is away while both are short: by chance or together", "[capacity][oracle]") {
  constexpr double rate = 1.0 / 25;
  Topology topology = bare_market(1, rate, 10_h);
  InstanceType second = another("second", 1, rate);
  second.local_disk = {4e12};
  topology.node_groups[0].alternatives = {second};
  topology.infrastructure.node_provision_asg = Law::constant(1_s);
  for (const double q : {0.0, 0.5}) {
    topology.infrastructure.capacity_type_spread = q;
    const Plan plan = build_plan(topology, 1);
    REQUIRE(plan.capacity_pools.size() == 2);
    const double both = 1 - 2 * std::exp(-rate * 10) + std::exp(-2 * rate / (1 + q) * 10);
    const Sampled seen = sample(
        60, [&](std::uint64_t run) -> std::optional<double> { return share_without_machines(plan, run, 8000_h); });
    INFO("q " << q << ": " << seen.mean << " +- " << seen.error << ", expected " << both);
    CHECK(agrees(seen, both));
  }
}

TEST_CASE("however storms spread, every pool has as many as its type's reclaims say", "[capacity]") {
  Topology topology = asg_design();
  topology.node_groups[0].alternatives = {another("often", 0.1, 1.0 / 500), another("seldom", 0.9, 1.0 / 90'000)};
  for (const double zones : {0.0, 0.4}) {
    for (const double types : {0.0, 0.2, 0.5}) {
      infrastructure::Parameters& i = topology.infrastructure;
      i.capacity_spread = zones;
      i.capacity_type_spread = types;
      const Plan plan = build_plan(topology, 1);
      REQUIRE(plan.capacity_pools.size() == 9);
      for (const CapacityPool& pool : plan.capacity_pools) {
        double come = pool.storms.per_hour;
        for (const CapacityPool& other : plan.capacity_pools) {
          const double spread = spread_of_storm(i, other, pool);
          CHECK((spread >= 0 && spread <= 1));
          come += other.storms.per_hour * spread;
        }
        CHECK(come == Approx(pool.hits.per_hour).epsilon(1e-9));
      }
    }
  }
}

// With z zones and k types that are alike each pool's storms are h / (1 + (z - 1) p + (k - 1) q), also where p + q > 1
// and the pools could not share their shortages so by chance.
TEST_CASE("pools that are alike begin alike many storms however strongly they share them", "[capacity][oracle]") {
  Topology topology = asg_design();
  const double rate = topology.node_groups[0].instance.spot_reclaim.per_hour;
  topology.node_groups[0].alternatives = {another("second", 1, rate), another("third", 1, rate)};
  for (const double zones : {0.1, 0.4, 0.7, 1.0}) {
    for (const double types : {0.0, 0.3, 0.6, 1.0}) {
      INFO(zones << ", " << types);
      topology.infrastructure.capacity_spread = zones;
      topology.infrastructure.capacity_type_spread = types;
      const Plan plan = build_plan(topology, 1);
      REQUIRE(plan.capacity_pools.size() == 9);
      for (const CapacityPool& pool : plan.capacity_pools)
        CHECK(pool.storms.per_hour == Approx(pool.hits.per_hour / (1 + 2 * zones + 2 * types)).epsilon(1e-9));
    }
  }
}

TEST_CASE("a Spot instance is reclaimed as often as its type is, whatever the size of its group", "[capacity]") {
  for (const std::int64_t machines : {1, 4}) {
    Topology topology = spot_design();
    topology.node_groups[0].nodes_per_zone = machines;
    const Plan plan = build_plan(topology, 1);
    CHECK(plan.capacity_pools.size() == 3);
    for (const NodePlan& node : plan.nodes) {
      const CapacityPool& pool = plan.capacity_pools[node.offerings.front()];
      const double storms = pool.storms.per_hour * (1 + 2 * topology.infrastructure.capacity_spread);
      CHECK(node.spot_reclaim.per_hour + storms * node.storm_hit == Approx(1.0 / 2047));
    }
  }
}

TEST_CASE("a storm spreads to the type's pools in other zones with the profile's probability", "[capacity]") {
  Topology topology = spot_design();
  topology.infrastructure.spot_pool_share = 1;
  const Plan plan = build_plan(topology, 1);
  const auto storm = std::find_if(plan.faults.begin(), plan.faults.end(),
                                  [](const FaultSource& source) { return source.verb == Verb::capacity_shortage; });
  REQUIRE(storm != plan.faults.end());
  constexpr int runs = 4000;
  double elsewhere = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    World world = initial_world(plan, run);
    CHECK(faults::strike(world, *storm));
    int struck = 0;
    for (const CapacityPoolId pool : plan.capacity_pools.ids()) struck += infrastructure::is_short(world, pool);
    int noticed = 0;
    for (const NodeId node : plan.nodes.ids()) noticed += world.infrastructure.nodes[node].reclaim_pending;
    REQUIRE(struck == noticed);  // one machine a pool
    REQUIRE(infrastructure::is_short(world, CapacityPoolId::of(storm->index)));
    elsewhere += struck - 1;
  }
  // Binomial, 5.5 standard deviations: false-alarm rate 4e-8; 10 % of 0.3 would be six of them.
  constexpr double n = 2.0 * runs;
  CHECK(std::abs(elsewhere / n - 0.3) < 5.5 * std::sqrt(0.3 * 0.7 / n));
}

TEST_CASE("the allocation strategy orders the pools and multiplies what storms take", "[capacity]") {
  Topology topology = asg_design();
  topology.node_groups[0].alternatives = {another("cheap", 0.1, 1.0 / 500), another("calm", 0.9, 1.0 / 9000)};
  double taken_per_hour = 0;
  const auto first = [&](Allocation allocation) {
    topology.node_groups[0].allocation = allocation;
    const Plan plan = build_plan(topology, 1);
    const NodePlan& node = *plan.nodes.begin();
    const CapacityPool& pool = plan.capacity_pools[node.offerings.front()];
    CHECK(node.offerings.size() == 3);
    const infrastructure::Parameters& i = topology.infrastructure;
    taken_per_hour = pool.hits.per_hour * node.storm_hit / i.spot_capacity_share;
    return pool.type;
  };
  CHECK(first(Allocation::lowest_price) == "cheap");
  CHECK(taken_per_hour == Approx(1.5 / 500));
  CHECK(first(Allocation::capacity_optimized) == "calm");
  CHECK(taken_per_hour == Approx(0.5 / 9000));
  // Ranks by price and by reclaims: r8g 1 + 1, cheap 0 + 2, calm 2 + 0. Of equals the first in the file.
  CHECK(first(Allocation::price_capacity_optimized) == "r8g.4xlarge");
  CHECK(taken_per_hour == Approx(0.7 / 2047));
}

TEST_CASE("while its pool is short no launch succeeds, and the first that can comes at once", "[capacity]") {
  const Lab lab(spot_design());
  for (std::uint64_t run = 0; run < 10; ++run) {
    const World world = lab.play(storm_over_b(4_h), run, 6_h);
    // Karpenter asks at 1 s, and every 3 min from then on: the first of these after four hours is at 14,401 s.
    CHECK(count(world, "k8s.provisioning_failed") == 1);
    CHECK(first(world, "k8s.node_provisioned", node_b).value_or(0) == Approx(4 * 3600 + 1 + 55).margin(1e-6));
    CHECK(kubernetes::healthy(world));
    CHECK(faults::healthy(world));
  }
  const Broken broken(Mutation::capacity_never_short);
  CHECK(first(lab.play(storm_over_b(4_h), 0, 6_h), "k8s.node_provisioned", node_b).value_or(0) == Approx(56));
}

TEST_CASE("an Auto Scaling group asks its other pool at once, and is there until its own has capacity", "[capacity]") {
  Topology topology = asg_design();
  topology.node_groups[0].alternatives = {another("second", 0.9, 1.0 / 2047)};
  const Lab lab(topology);
  const World world = lab.play(storm_over_b(4_h), 1, 1_h);
  const double terminated = first(world, "infra.node_down", node_b).value_or(0);
  CHECK(terminated > 120);
  CHECK(first(world, "k8s.node_provisioned", node_b).value_or(0) == Approx(terminated + 150).margin(1e-6));
  const NodeId slot = world.plan->processes[process_named(lab.plan(), broker_b)].node;
  CHECK(infrastructure::pool_of(world, slot) == pool_named(lab.plan(), "second/us-west-2b/spot"));
  const World later = lab.play(storm_over_b(4_h), 1, 5_h);
  CHECK(infrastructure::pool_of(later, slot) == pool_named(lab.plan(), "r8g.4xlarge/us-west-2b/spot"));
  CHECK(faults::healthy(later));
}

TEST_CASE("Karpenter falls back to on demand for the time of a launch, and comes back to Spot", "[capacity]") {
  Topology topology = spot_design();
  topology.node_groups[0].on_demand_fallback = true;
  const Lab lab(topology);
  const World world = lab.play(storm_over_b(4_h), 1, 1_h);
  const NodeId slot = lab.plan().processes[process_named(lab.plan(), broker_b)].node;
  CHECK(first(world, "k8s.node_provisioned", node_b).value_or(0) == Approx(1 + 55).margin(1e-6));
  CHECK(count(world, "k8s.provisioning_failed") == 0);
  CHECK(infrastructure::on_fallback(world, slot));
  CHECK_FALSE(faults::healthy(world));  // it is not over
  // It is no Spot machine: the provider does not take it back.
  World struck = world;
  for (const FaultSource& source : lab.plan().faults) {
    if (source.verb == Verb::spot_reclaim && source.index == slot.value) CHECK_FALSE(faults::strike(struck, source));
  }
  const World later = lab.play(storm_over_b(4_h), 1, 5_h);
  const double back = first(later, "k8s.spot_is_back", node_b).value_or(0);
  CHECK(back >= 4 * 3600);
  CHECK(back < 4 * 3600 + 180);
  // The Spot machine is there before the one on demand is drained.
  CHECK(first(later, "k8s.node_provisioned", node_b, back).value_or(0) == Approx(back + 1 + 55).margin(1e-6));
  CHECK(first(later, "k8s.pod_removed", broker_b, back).value_or(0) > back + 56);
  CHECK_FALSE(infrastructure::on_fallback(later, slot));
  CHECK(kubernetes::healthy(later));
  CHECK(faults::healthy(later));
}

TEST_CASE("who hears of a notice drains, and only Karpenter's queue launches", "[capacity]") {
  const auto play = [](Provisioner provisioner, Interruption interruption) {
    Topology topology = spot_design();
    topology.node_groups[0].provisioner = provisioner;
    topology.node_groups[0].interruption = interruption;
    topology.node_groups[0].nodes_per_zone = 2;  // an evicted pod has somewhere to go
    const Lab lab(topology);
    return lab.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 119_s);
  };
  for (const Provisioner provisioner : {Provisioner::karpenter, Provisioner::asg}) {
    for (const Interruption interruption : {Interruption::queue, Interruption::handler, Interruption::none}) {
      const World world = play(provisioner, interruption);
      INFO(static_cast<int>(provisioner) << " " << static_cast<int>(interruption));
      CHECK((first(world, "k8s.pod_removed", broker_b).value_or(1e9) < 120) == (interruption != Interruption::none));
      const bool launches = provisioner == Provisioner::karpenter && interruption == Interruption::queue;
      CHECK((count(world, "k8s.node_launched") > 0) == launches);
    }
  }
}

TEST_CASE("a termination handler's machine stays cordoned until the provider takes it", "[capacity]") {
  for (const Provisioner provisioner : {Provisioner::asg, Provisioner::none}) {
    Topology topology = asg_design();
    topology.node_groups[0].provisioner = provisioner;
    topology.node_groups[0].interruption = Interruption::handler;
    topology.node_groups[0].nodes_per_zone = 2;
    const Lab lab(topology);
    const World early = lab.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 110_s);
    const NodeId slot = lab.plan().processes[process_named(lab.plan(), broker_b)].node;
    CHECK(early.kubernetes.nodes[slot].cordoned);
    CHECK(early.kubernetes.pods[process_named(lab.plan(), broker_b)].node != slot);
    const World late = lab.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 1_h);
    CHECK((count(late, "k8s.node_provisioned") == 1) == (provisioner == Provisioner::asg));
    CHECK(kubernetes::healthy(late));
  }
}

TEST_CASE("capacity rebalancing has the replacement up before the notice, if the recommendation comes before",
          "[capacity]") {
  Topology topology = asg_design();
  topology.node_groups[0].capacity_rebalancing = true;
  topology.infrastructure.spot_rebalance_lead = Law::constant(30_min);
  topology.infrastructure.spot_rebalance_probability = 1;
  const Lab warned(topology);
  const World world = warned.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 1_h);
  CHECK(first(world, "k8s.node_provisioned", node_b).value_or(0) == Approx(150).margin(1e-6));
  CHECK(first(world, "k8s.pod_removed", broker_b).value_or(0) > 150);
  CHECK(count(world, "infra.node_noticed") == 0);  // the machine is gone by then
  CHECK(count(world, "infra.node_reclaimed") == 0);
  CHECK(kubernetes::healthy(world));
  // While its pool is short the replacement does not come, and the notice does.
  const World short_of = warned.play(storm_over_b(4_h), 1, 1_h);
  CHECK(first(short_of, "infra.node_noticed", node_b).value_or(0) == Approx(1800).margin(1e-6));
  CHECK(first(short_of, "infra.node_reclaimed", node_b).value_or(0) == Approx(1920).margin(1e-6));
  CHECK(count(short_of, "k8s.node_provisioned") == 0);
  topology.infrastructure.spot_rebalance_probability = 0;
  const Lab with_the_notice(topology);
  CHECK(first(with_the_notice.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 1_h), "infra.node_reclaimed", node_b)
            .value_or(0) == Approx(120).margin(1e-6));
}

// Amazon EKS user guide, managed node groups, capacity types: at a two-minute notice EKS begins to drain, whether or
// not the replacement is Ready. An Auto Scaling group of one's own knows no pods.
TEST_CASE("a managed node group drains at the Spot notice, a group without a handler never", "[capacity]") {
  Topology topology = asg_design();
  NodeGroupSpec& group = topology.node_groups[0];
  group.capacity_rebalancing = true;
  topology.infrastructure.spot_rebalance_lead = Law::constant(60_s);
  topology.infrastructure.spot_rebalance_probability = 1;
  for (const bool managed : {true, false}) {
    group.interruption = managed ? Interruption::queue : Interruption::none;
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 1_h);
    // The replacement takes 150 s, and the notice comes after 60.
    CHECK(first(world, "infra.node_noticed", node_b).value_or(0) == Approx(60).margin(1e-6));
    const double evicted = first(world, "k8s.pod_removed", broker_b).value_or(1e9);
    CHECK((evicted < 150) == managed);
    CHECK(first(world, "k8s.notice_heard").has_value() == managed);
  }
  // Recommended long before: with nobody to drain, the old machine is ended when the new one is up.
  topology.infrastructure.spot_rebalance_lead = Law::constant(30_min);
  group.interruption = Interruption::none;
  topology.services[0].budget = DisruptionBudget::at_most(0);  // no eviction is granted
  const Lab undrained(topology);
  const World ended = undrained.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 1_h);
  CHECK(count(ended, "k8s.eviction_refused") == 0);
  CHECK(count(ended, "infra.node_noticed") == 0);
  CHECK(first(ended, "k8s.node_provisioned", node_b).value_or(0) == Approx(150).margin(1e-6));
  CHECK(kubernetes::healthy(ended));
  group.interruption = Interruption::queue;
  const Lab drained(topology);
  CHECK(count(drained.play({action(0_s, Verb::spot_reclaim, node_b)}, 1, 1_h), "k8s.eviction_refused") > 0);
}

// k8s.io/cloud-provider, controllers/nodelifecycle: InstanceExists asks the provider, and an error deletes nothing.
TEST_CASE("while the provider takes no calls the Node of a lost machine stays, and its pods wait for their toleration",
          "[capacity]") {
  Topology topology = exact(small_topology());
  topology.node_groups[0].provisioner = Provisioner::asg;
  topology.node_groups[0].auto_recovery = false;
  const Lab lab(topology);
  const World usual = lab.play({action(10_s, Verb::node_loss, node_b)}, 1, 3_h);
  const World away =
      lab.play({action(0_s, Verb::region_api_outage, "region", 3600_s), action(10_s, Verb::node_loss, node_b)}, 1, 3_h);
  CHECK(first(usual, "k8s.node_deleted", node_b).value_or(1e9) < 1000);
  CHECK(first(away, "k8s.node_deleted", node_b).value_or(0) >= 3600);
  CHECK(first(away, "infra.node_loss_reported", node_b).value_or(0) >= 3600);
  const double tainted = first(away, "k8s.taint_no_execute", node_b).value_or(1e9);
  CHECK(tainted < 70);
  CHECK(first(away, "k8s.evicted", broker_b).value_or(0) == Approx(tainted + 300).margin(1));
  CHECK(first(away, "k8s.node_provisioned").value_or(0) >= 3600 + 150);
  CHECK(kubernetes::healthy(away));
}

TEST_CASE("a replacement beyond the account's quota waits until something is given back", "[capacity]") {
  Topology topology = exact(small_topology());
  topology.quota.on_demand = 48;  // the three machines that there are
  const Lab full(topology);
  const World stuck = full.play({action(0_s, Verb::drain, node_b, Variant::launch_first)}, 1, 2_h);
  CHECK(count(stuck, "k8s.node_provisioned") == 0);
  CHECK_FALSE(kubernetes::healthy(stuck));
  // Without a machine more the old one has to go first. Here the budget lets both of its pods go.
  topology.services[0].budget = DisruptionBudget::at_most(2);
  const Lab patient(topology);
  const World in_turn = patient.play({action(0_s, Verb::drain, node_b, Variant::evict_first)}, 1, 2_h);
  const double emptied = first(in_turn, "k8s.volume_detached", broker_b + "/data").value_or(1e9);
  CHECK(count(in_turn, "k8s.provisioning_failed") == 1);  // no attempt is made before something is given back
  CHECK(first(in_turn, "k8s.node_provisioned", node_b).value_or(0) > emptied + 55);
  CHECK(kubernetes::healthy(in_turn));
  topology.quota.on_demand = 64;
  const Lab roomy(topology);
  const World moved = roomy.play({action(0_s, Verb::drain, node_b, Variant::launch_first)}, 1, 2_h);
  CHECK(first(moved, "k8s.node_provisioned", node_b).value_or(0) == Approx(56).margin(1e-6));
  CHECK(kubernetes::healthy(moved));
}

TEST_CASE("a mixed group has its base and its share on demand, spread over zones, and is billed so", "[capacity]") {
  Topology topology = asg_design();
  NodeGroupSpec& group = topology.node_groups[0];
  group.nodes_per_zone = 3;
  group.on_demand_base = 2;
  group.on_demand_percentage = 25;  // of seven: two, rounded up
  const Plan plan = build_plan(topology, 1);
  std::map<std::string, int> by_zone;
  for (const NodePlan& node : plan.nodes) {
    const CapacityPool& pool = plan.capacity_pools[node.offerings.front()];
    if (pool.capacity == Capacity::on_demand && !node.parked)
      ++by_zone[std::string(plan.name(plan.zones[node.zone].component))];
    CHECK(node.offerings.size() == 1);  // neither sort stands in for the other
  }
  CHECK(by_zone == std::map<std::string, int>{{"us-west-2a", 2}, {"us-west-2b", 1}, {"us-west-2c", 1}});
  const economics::Bill bill = economics::monthly_bill(plan, 0);
  const auto cents = [&](std::string_view name) -> std::int64_t {
    for (const economics::Item& item : bill.items) {
      if (item.name == name) return item.cents;
    }
    return 0;
  };
  CHECK(cents("4 x r8g.4xlarge on demand (node group kafka-nodes)") == std::llround(4 * 0.94256 * 730 * 100));
  CHECK(cents("5 x r8g.4xlarge Spot (node group kafka-nodes)") == std::llround(5 * 0.94256 * 0.35 * 730 * 100));
}

TEST_CASE("the loss of a zone leaves types in the others short with the profile's probability", "[capacity]") {
  Topology topology = exact(small_topology());
  topology.infrastructure.zone_loss_shortage_duration = Law::constant(3_h);
  const Plan plan = build_plan(topology, 1);
  Action loss;
  loss.verb = Verb::zone_power_loss;
  loss.target = "us-west-2a";
  loss.duration = 10_min;
  constexpr int runs = 2000;
  int shortages = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    World world = initial_world(plan, run);
    act(world, loss);
    int here = 0;
    for (const CapacityPoolId pool : plan.capacity_pools.ids()) here += infrastructure::is_short(world, pool);
    CHECK_FALSE(infrastructure::is_short(world, pool_named(plan, "r8g.4xlarge/us-west-2a/on-demand")));
    CHECK(infrastructure::forgets_at(world) == world.now + (here > 0 ? 3_h : 0_s));
    shortages += here;
  }
  // Binomial, 5.5 standard deviations: false-alarm rate 4e-8; 10 % of 0.3 would be four of them more.
  constexpr double n = 2.0 * runs;
  CHECK(std::abs(shortages / n - 0.3) < 5.5 * std::sqrt(0.3 * 0.7 / n));
  loss.extent = 1e-9;  // nearly nothing is hit: machines can be launched here, and nobody comes to the others
  World world = initial_world(plan, 0);
  act(world, loss);
  CHECK(infrastructure::forgets_at(world) == world.now);
}

// ---- the account's launch rate ----

TEST_CASE("launches beyond the account's tokens wait for a refill each", "[capacity][oracle]") {
  // Two tokens, and one more a minute: of six machines lost at once the first two are launched, the others one by one.
  Topology topology = exact(small_topology());
  topology.infrastructure.launch_bucket = 2;
  topology.infrastructure.launch_rate = {60};
  topology.infrastructure.node_loss_notice = Law::constant(1_s);
  topology.infrastructure.node_auto_recovery = Law::constant(100_h);
  topology.node_groups[0].nodes_per_zone = 2;
  topology.node_groups[0].auto_recovery = false;
  topology.node_groups[0].provisioner = Provisioner::asg;
  topology.node_groups[0].interruption = Interruption::none;
  const Lab lab(topology);
  std::vector<Action> script;
  for (const NodePlan& node : lab.plan().nodes)
    script.push_back(action(0_s, Verb::node_loss, std::string(lab.plan().name(node.component))));
  const World world = lab.play(script, 1, 2_h);
  std::vector<double> came;
  for (const auto& record : world.trace.records()) {
    if (event_info(record.kind).name == "k8s.node_provisioned") came.push_back((record.at - origin).to_seconds());
  }
  REQUIRE(came.size() >= 6);
  for (std::size_t i = 0; i < 6; ++i)
    CHECK(came[i] - came[0] == Approx(60 * static_cast<double>(i < 2 ? 0 : i - 1)).margin(1e-6));
}

}  // namespace capacity_test
