// Where pods go: filters and scores of the scheduler against worked examples and against a literal reading of the
// rules, at the start and later.
#include "models/scheduling.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "models/kubernetes/pod_limit.hpp"
#include "models/plan.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace scheduling_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double gib = 0x1p30;

/// Brokers and controllers over `machines` machines in each of three zones.
Topology kafka_on(std::int64_t machines, std::int64_t brokers, AntiAffinity affinity,
                  std::vector<std::string> across = {}) {
  Topology topology = small_topology();
  topology.node_groups[0].nodes_per_zone = machines;
  PoolSpec& pool = topology.services[0].pools[0];
  pool.replicas = brokers;
  pool.placement = {affinity, std::move(across), {}};
  return topology;
}

/// Pods of a pool by machine, or by zone.
std::multiset<std::size_t> counts(const Plan& plan, std::size_t pool, bool by_zone = false) {
  std::map<std::size_t, std::size_t> found;
  for (const NodeId node : plan.nodes.ids()) {
    if (!plan.vacant(node)) found[by_zone ? plan.nodes[node].zone.value : node.value] += 0;
  }
  for (const ProcessPlan& process : plan.processes) {
    if (!process.service.exists() || process.pool != pool) continue;
    ++found[by_zone ? plan.nodes[process.node].zone.value : process.node.value];
  }
  std::multiset<std::size_t> sizes;
  for (const auto& [where, count] : found) sizes.insert(count);
  return sizes;
}

std::multiset<std::size_t> placed(const Topology& topology, bool by_zone = false) {
  return counts(build_plan(topology, 1), 0, by_zone);
}

std::optional<Refusal> refused(const Topology& topology) {
  try {
    build_plan(topology, 1);
  } catch (const NoPlace& found) {
    return found.refusal;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("anti-affinity at the start: what is demanded holds, what is preferred gives way", "[scheduling]") {
  using Sizes = std::multiset<std::size_t>;
  using enum AntiAffinity;
  CHECK(placed(kafka_on(2, 6, host)) == Sizes{1, 1, 1, 1, 1, 1});
  CHECK(refused(kafka_on(2, 7, host)) == Refusal::kept_apart);
  CHECK(placed(kafka_on(2, 3, zone), true) == Sizes{1, 1, 1});
  CHECK(refused(kafka_on(2, 4, zone)) == Refusal::kept_apart);
  CHECK(placed(kafka_on(2, 6, preferred)) == Sizes{1, 1, 1, 1, 1, 1});
  // Two pods of 58 GiB have room on 128 GiB, a third one has not.
  CHECK(placed(kafka_on(2, 7, preferred)) == Sizes{1, 1, 1, 1, 1, 2});
  CHECK(placed(kafka_on(2, 12, none)) == Sizes{2, 2, 2, 2, 2, 2});
  CHECK(refused(kafka_on(2, 13, none)) == Refusal::room);
}

TEST_CASE("the published manifest keeps brokers and controllers apart: six machines", "[scheduling]") {
  const auto shares = [](const Plan& plan) {
    std::set<NodeId> used;
    for (const ProcessPlan& process : plan.processes) {
      if (process.service.exists()) used.insert(process.node);
    }
    return used.size() < members(plan).size();
  };
  CHECK(shares(build_plan(kafka_on(2, 3, AntiAffinity::host, {}), 1)) == false);
  CHECK(shares(build_plan(kafka_on(1, 3, AntiAffinity::host, {}), 1)));
  // One side says it, and it holds for both.
  CHECK_FALSE(shares(build_plan(kafka_on(2, 3, AntiAffinity::host, {"controller"}), 1)));
  CHECK(refused(kafka_on(1, 3, AntiAffinity::host, {"controller"})) == Refusal::kept_apart);
  Topology other_way = kafka_on(1, 3, AntiAffinity::host);
  other_way.services[0].pools[1].placement.across = {"broker"};
  CHECK(refused(other_way) == Refusal::kept_apart);
}

TEST_CASE("topology spread at the start: no zone has more than maxSkew above the least", "[scheduling]") {
  using Sizes = std::multiset<std::size_t>;
  Topology topology = kafka_on(4, 7, AntiAffinity::none);
  SECTION("zones") {
    topology.services[0].pools[0].placement.spread = {{Domain::zone, 1, Unsatisfiable::do_not_schedule}};
    CHECK(placed(topology, true) == Sizes{2, 2, 3});
  }
  SECTION("machines") {
    topology.node_groups[0].nodes_per_zone = 2;
    topology.services[0].pools[0].placement.spread = {{Domain::host, 1, Unsatisfiable::do_not_schedule}};
    CHECK(placed(topology) == Sizes{1, 1, 1, 1, 1, 2});
  }
}

TEST_CASE("K21: pods that a machine may have", "[kubernetes][oracle]") {
  Topology topology = small_topology();
  NodeGroupSpec group = topology.node_groups[0];
  const auto limit = [&](double vcpu, std::int64_t interfaces, std::int64_t addresses) {
    group.instance.vcpu = vcpu;
    group.instance.interfaces = interfaces;
    group.instance.addresses = addresses;
    return kubernetes::pod_limit(topology, group);
  };
  CHECK(limit(2, 2, 2) == 4);       // t3.micro
  CHECK(limit(2, 3, 4) == 11);      // t3.small
  CHECK(limit(2, 3, 6) == 17);      // t3.medium
  CHECK(limit(2, 3, 12) == 35);     // t3.large
  CHECK(limit(2, 2, 10) == 20);     // m4.large
  CHECK(limit(2, 3, 10) == 29);     // m5.large
  CHECK(limit(8, 4, 15) == 58);     // m5.2xlarge
  CHECK(limit(16, 8, 30) == 234);   // r8g.4xlarge
  CHECK(limit(72, 15, 50) == 737);  // c5n.18xlarge
  CHECK(limit(2, 0, 0) == 110);     // not known: the kubelet's own
  topology.prefix_delegation = true;
  CHECK(limit(2, 3, 10) == 110);  // 434
  CHECK(limit(2, 2, 2) == 34);    // t3.micro
  CHECK(limit(72, 15, 50) == 250);
  group.max_pods = 20;
  CHECK(limit(72, 15, 50) == 20);
  group.max_pods.reset();
  topology.platform = PlatformKind::kubeadm;
  CHECK(limit(72, 15, 50) == 110);
  CHECK(kubernetes::system_pods(topology) == 3);
}

TEST_CASE("a machine has no more pods than it may have, those of the system among them", "[scheduling]") {
  Topology topology = kafka_on(1, 3, AntiAffinity::host);
  topology.node_groups[0].max_pods = 4 + 2;
  CHECK(refused(topology) == Refusal::pod_limit);  // broker, controller and on one of the machines the operator
  topology.node_groups[0].max_pods = 4 + 3;
  CHECK(refused(topology) == std::nullopt);
}

// ---- against a literal reading ----

namespace {

/// A plan of one group of machines and two pools of one service, by hand.
struct Cluster {
  Plan plan;
  struct Bound {
    ProcessId process;
    NodeId node;
    bool leaving;
  };
  std::vector<Bound> bound;
  std::vector<char> open;
  ProcessId pod;
};

PlacementSpec random_placement(Dice& dice, const std::string& other) {
  PlacementSpec placement;
  placement.anti_affinity = static_cast<AntiAffinity>(dice.below(4));
  if (dice.below(3) == 0) placement.across = {other};
  for (std::size_t left = dice.below(3); left > 0; --left)
    placement.spread.push_back({static_cast<Domain>(dice.below(2)), 1 + static_cast<std::int64_t>(dice.below(2)),
                                static_cast<Unsatisfiable>(dice.below(2))});
  return placement;
}

/// Machines of 4 cpu and 8 GiB, and a service of two pools, "a" and "b", each as `fill` makes it.
template <class Fill>
void add_two_pools(Plan& plan, const Fill& fill) {
  NodeGroupSpec group;
  group.instance.vcpu = 4;
  group.instance.memory = {8 * gib};
  plan.topology.node_groups = {group};
  ServiceSpec service;
  for (const char* name : {"a", "b"}) {
    PoolSpec& pool = service.pools.emplace_back();
    pool.name = name;
    fill(pool);
  }
  plan.topology.services = {service};
  plan.workloads.add({});
  plan.services.add({});
}

ProcessId add_pod(Plan& plan, std::size_t pool) {
  ProcessPlan process;
  process.workload = WorkloadId::of(0);
  process.service = ServiceId::of(0);
  process.pool = static_cast<std::uint16_t>(pool);
  return plan.processes.add(process);
}

Cluster random_cluster(std::uint64_t number) {
  Dice dice(number);
  Cluster cluster;
  Plan& plan = cluster.plan;
  add_two_pools(plan, [&](PoolSpec& pool) {
    pool.cpu = 0.5 + static_cast<double>(dice.below(3));
    pool.memory = {gib * static_cast<double>(1 + dice.below(3))};
    pool.placement = random_placement(dice, pool.name == "a" ? "b" : "a");
  });
  const std::size_t zones = 1 + dice.below(3);
  for (std::size_t zone = 0; zone < zones; ++zone) plan.zones.add({});
  const std::size_t nodes = 1 + dice.below(6);
  for (std::size_t node = 0; node < nodes; ++node) {
    NodePlan slot;
    slot.zone = ZoneId::of(dice.below(zones));
    slot.pods = 1 + static_cast<std::int64_t>(dice.below(4));
    plan.nodes.add(slot);
    cluster.open.push_back(dice.below(4) != 0);
  }
  for (std::size_t pods = dice.below(8); pods > 0; --pods) {
    const ProcessId pod = add_pod(plan, dice.below(2));
    cluster.bound.push_back({pod, NodeId::of(dice.below(nodes)), dice.below(4) == 0});
  }
  cluster.pod = add_pod(plan, dice.below(2));
  return cluster;
}

const PoolSpec& pool_of(const Cluster& cluster, ProcessId process) { return cluster.plan.pool_of(process); }

bool same_domain(const Cluster& cluster, Domain domain, NodeId a, NodeId b) {
  return domain == Domain::host ? a == b : cluster.plan.nodes[a].zone == cluster.plan.nodes[b].zone;
}

/// `who` demands that no pod like `other` is in its domain, the machine or the zone.
bool forbids(const Cluster& cluster, ProcessId who, NodeId at, ProcessId other, NodeId there) {
  const PoolSpec& pool = pool_of(cluster, who);
  const std::string& name = pool_of(cluster, other).name;
  const auto& across = pool.placement.across;
  if (pool.name != name && std::find(across.begin(), across.end(), name) == across.end()) return false;
  if (pool.placement.anti_affinity == AntiAffinity::host) return same_domain(cluster, Domain::host, at, there);
  return pool.placement.anti_affinity == AntiAffinity::zone && same_domain(cluster, Domain::zone, at, there);
}

std::int64_t alike_in(const Cluster& cluster, Domain domain, NodeId at) {
  return std::count_if(cluster.bound.begin(), cluster.bound.end(), [&](const Cluster::Bound& other) {
    return !other.leaving && pool_of(cluster, other.process).name == pool_of(cluster, cluster.pod).name &&
           same_domain(cluster, domain, at, other.node);
  });
}

/// Why the machine does not do, by the rules as the documentation says them.
std::optional<Refusal> literally(const Cluster& cluster, NodeId node) {
  if (!cluster.open[node.value]) return Refusal::closed;
  double cpu = pool_of(cluster, cluster.pod).cpu;
  double memory = pool_of(cluster, cluster.pod).memory.count;
  std::int64_t pods = 1;
  for (const Cluster::Bound& other : cluster.bound) {
    if (other.node != node) continue;
    cpu += pool_of(cluster, other.process).cpu;
    memory += pool_of(cluster, other.process).memory.count;
    ++pods;
  }
  if (pods > cluster.plan.nodes[node].pods) return Refusal::pod_limit;
  if (cpu > 4 || memory > 8 * gib) return Refusal::room;
  for (const Cluster::Bound& other : cluster.bound) {
    if (forbids(cluster, cluster.pod, node, other.process, other.node) ||
        forbids(cluster, other.process, other.node, cluster.pod, node))
      return Refusal::kept_apart;
  }
  for (const SpreadSpec& spread : pool_of(cluster, cluster.pod).placement.spread) {
    if (spread.unsatisfiable == Unsatisfiable::schedule_anyway) continue;
    std::int64_t least = 1000;
    for (const NodeId other : cluster.plan.nodes.ids())
      least = std::min(least, alike_in(cluster, spread.topology, other));
    if (alike_in(cluster, spread.topology, node) + 1 - least > spread.max_skew) return Refusal::skew;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a pod goes where the rules, read literally, let it, in random clusters", "[scheduling]") {
  std::map<std::optional<Refusal>, std::size_t> seen;
  for (std::uint64_t number = 0; number < 4000; ++number) {
    const Cluster cluster = random_cluster(number);
    Scheduling scheduling(cluster.plan, cluster.pod);
    for (const NodeId node : cluster.plan.nodes.ids())
      scheduling.add({node, 0}, cluster.open[node.value] ? std::nullopt : std::optional(Refusal::closed));
    for (const Cluster::Bound& other : cluster.bound) scheduling.count(other.process, {other.node, 0}, other.leaving);
    const Choice choice = scheduling.choose();
    std::optional<Refusal> furthest = Refusal::closed;
    bool fits = false;
    for (const NodeId node : cluster.plan.nodes.ids()) {
      const std::optional<Refusal> why = literally(cluster, node);
      fits = fits || !why;
      if (why) furthest = std::max(furthest, why);
    }
    INFO("cluster " << number);
    REQUIRE(choice.place.has_value() == fits);
    if (fits)
      REQUIRE_FALSE(literally(cluster, choice.place->node));
    else
      REQUIRE(choice.refusal == furthest);
    ++seen[fits ? std::nullopt : furthest];
  }
  CHECK(seen.size() == 6);  // each outcome but a volume elsewhere, which this cluster has not
  for (const auto& [why, times] : seen) CHECK(times > 20);
}

// ---- scores ----

namespace {

/// Three machines of 4 cpu and 8 GiB in two zones (a, a, b), pods of two pools with 1 cpu and 2 GiB.
Cluster three_machines() {
  Cluster cluster;
  Plan& plan = cluster.plan;
  add_two_pools(plan, [](PoolSpec& pool) {
    pool.cpu = 1;
    pool.memory = {2 * gib};
    pool.placement.anti_affinity = AntiAffinity::none;
  });
  plan.zones.add({});
  plan.zones.add({});
  for (const std::size_t zone : {0, 0, 1}) {
    NodePlan node;
    node.zone = ZoneId::of(zone);
    plan.nodes.add(node);
  }
  cluster.open = {1, 1, 1};
  return cluster;
}

ProcessId add_pod(Cluster& cluster, std::uint16_t pool, std::optional<std::size_t> node = {}) {
  const ProcessId id = add_pod(cluster.plan, pool);
  if (node) cluster.bound.push_back({id, NodeId::of(*node), false});
  return id;
}

std::size_t chosen(Cluster& cluster) {
  Scheduling scheduling(cluster.plan, add_pod(cluster, 0));
  for (const NodeId node : cluster.plan.nodes.ids()) scheduling.add(Placement{node, 0});
  for (const Cluster::Bound& other : cluster.bound) scheduling.count(other.process, {other.node, 0}, other.leaving);
  return scheduling.choose().place->node.value;
}

}  // namespace

TEST_CASE("scores: the emptiest machine wins, unless its zone or itself has pods of the pool", "[scheduling]") {
  Cluster cluster = three_machines();
  CHECK(chosen(cluster) == 0);  // all alike: the first
  // A foreign pod on machine 0: 1 and 2 have more free. LeastAllocated 50 of 0, 75 of the others.
  add_pod(cluster, 1, 0);
  CHECK(chosen(cluster) == 1);
  // A pod of the pool on 1: zone a counts one, so machine 2 of zone b is best.
  add_pod(cluster, 0, 1);
  CHECK(chosen(cluster) == 2);
  // One in each zone: machine 0 has none of the pool, if but half of it is free. Spread by default constraints:
  // counts over zones 1, 1 and over machines 0, 1, 1, weights log(2 + 2) and log(3 + 2).
  // Scores: 0: 1.386 + 2 + 4 = 7.4 -> 7; 1, 2: 1.386 + 2 + 1.609 + 4 = 9.0 -> 9. Normalised: 100, 77, 77.
  add_pod(cluster, 0, 2);
  CHECK(chosen(cluster) == 0);
  // Three foreign pods fill it up: 2 x 100 + 0 + 100 < 2 x 77 + 50 + 100.
  add_pod(cluster, 1, 0);
  add_pod(cluster, 1, 0);
  CHECK(chosen(cluster) == 1);
}

TEST_CASE("scores: preferred anti-affinity outweighs the free machine that default spreading would give way to",
          "[scheduling]") {
  Cluster cluster = three_machines();
  for (const std::size_t node : {1, 2}) add_pod(cluster, 0, node);
  for (int i = 0; i < 3; ++i) add_pod(cluster, 1, 0);
  CHECK(chosen(cluster) == 1);
  cluster.plan.topology.services[0].pools[0].placement.anti_affinity = AntiAffinity::preferred;
  CHECK(chosen(cluster) == 0);
}

TEST_CASE("scores: own constraints take the place of the default ones", "[scheduling]") {
  Cluster cluster = three_machines();
  add_pod(cluster, 0, 0);
  CHECK(chosen(cluster) == 2);  // zone a has one of the pool
  cluster.plan.topology.services[0].pools[0].placement.spread = {{Domain::host, 1, Unsatisfiable::schedule_anyway}};
  CHECK(chosen(cluster) == 1);  // only machines count: 1 is as good as 2, and comes first
}

// ---- later ----

TEST_CASE("a pending pod says that no machine in its volume's zone takes it", "[scheduling]") {
  Topology topology = kafka_on(1, 3, AntiAffinity::host);
  without_changes(topology);
  topology.people.on_call = 0;
  topology.node_groups[0].provisioner = Provisioner::none;
  topology.node_groups[0].auto_recovery = false;
  const Lab lab(topology);
  Action cause = action(0_s, Verb::zone_power_loss, "us-west-2b", 10_h);
  cause.extent = 1;
  World world = lab.prepare({cause}, 1);
  run_until(world, origin + 60_s);
  act(world, Verb::delete_pod, "kafka/broker-1");
  run_until(world, origin + 300_s);
  CHECK(first(world, "k8s.pod_unschedulable", "kafka/broker-1").has_value());
  CHECK(first(world, "k8s.pending.volume", "kafka/broker-1").has_value());
}

}  // namespace scheduling_test
