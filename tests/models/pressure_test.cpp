// Evictions by a kubelet that runs short of memory or disk (kubernetes.io documentation, node-pressure eviction).
// Constant laws: what they leave is exact but for the phase of the kubelet's looks.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "tests/models/control_plane_topology.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace pressure_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

WorkloadSpec workload(const Topology& topology, std::string name, double memory, std::int64_t priority = 0) {
  WorkloadSpec spec;
  spec.name = std::move(name);
  spec.node_group = topology.node_groups[0].name;
  spec.replicas = 1;
  spec.cpu = 0.1;
  spec.memory = {memory};
  spec.placement.priority = priority;
  return spec;
}

/// One machine for all pods, or two.
Topology design(std::int64_t machines, const std::vector<WorkloadSpec>& workloads) {
  Topology topology = small_topology();
  without_changes(topology);
  without_rates(topology.infrastructure);
  topology.services.clear();
  topology.operations.clear();
  topology.zones.resize(1);
  NodeGroupSpec& group = topology.node_groups[0];
  group.zones.resize(1);
  group.nodes_per_zone = machines;
  group.provisioner = Provisioner::none;
  topology.workloads = workloads;
  kubernetes::Parameters& k = topology.kubernetes;
  k.pod_schedule = Law::constant(50_ms);
  k.pod_start = Law::constant(3_s);
  k.image_pull = Law::constant(5_s);
  return topology;
}

std::vector<WorkloadSpec> pods(std::initializer_list<std::tuple<const char*, double, std::int64_t>> list) {
  const Topology topology = small_topology();
  std::vector<WorkloadSpec> all;
  for (const auto& [name, memory, priority] : list) all.push_back(workload(topology, name, memory, priority));
  return all;
}

/// Pods in the order in which the kubelet has ended them.
std::vector<std::string> evicted(const World& world) {
  std::vector<std::string> names;
  for (const auto& record : world.trace.records()) {
    if (event_info(record.kind).name == "k8s.pod_evicted_by_kubelet")
      names.emplace_back(world.plan->name(record.component));
  }
  return names;
}

}  // namespace

TEST_CASE("memory pressure: the pod that grows goes first among those that request memory", "[kubernetes][oracle]") {
  const Lab lab(design(2, pods({{"a", 1e9, 0}, {"b", 1e9, 0}})));
  const Sampled seen = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::memory_pressure, "b")}, run, 20_min);
    CHECK(evicted(world) == std::vector<std::string>{"b"});
    const double looked = *first(world, "k8s.memory_pressure");
    CHECK(*first(world, "k8s.pod_evicted_by_kubelet") == looked);
    // Created anew at once; it requests memory, so the taint does not keep it away.
    CHECK(*first(world, "k8s.pod_started", "b") == Approx(looked + 0.05 + 3).margin(5.1));
    CHECK(*first(world, "k8s.memory_pressure_over") == Approx(looked + 300));
    CHECK(healthy(world));
    return looked;
  });
  CHECK(agrees(seen, 5));  // the kubelet looks every 10 s
  CHECK(seen.highest <= 10);
}

TEST_CASE("memory pressure: pods without a request and of lower priority go before it", "[kubernetes][oracle]") {
  const Lab lab(design(1, pods({{"grows", 1e9, 10}, {"frugal", 1e9, 0}, {"greedy", 0, 20}, {"best-effort", 0, 0}})));
  const World world = lab.play({action(0_s, Verb::memory_pressure, "grows")}, 3, 60_s);
  // `frugal` keeps to its request, `greedy` exceeds it and is more important than what grows.
  CHECK(evicted(world) == std::vector<std::string>{"best-effort", "grows"});
  const double first_look = *first(world, "k8s.memory_pressure");
  CHECK(*first(world, "k8s.pod_evicted_by_kubelet", "grows") == Approx(first_look + 10));
}

TEST_CASE("memory pressure: what requests nothing waits until the condition is over", "[kubernetes][oracle]") {
  const Lab lab(design(1, pods({{"grows", 1e9, 10}, {"best-effort", 0, 0}})));
  const World world = lab.play({action(0_s, Verb::memory_pressure, "grows")}, 3, 20_min);
  const double over = *first(world, "k8s.memory_pressure_over");
  CHECK(over == Approx(*first(world, "k8s.pod_evicted_by_kubelet", "grows") + 300));
  CHECK(*first(world, "k8s.pod_started", "best-effort") > over);
  CHECK(*first(world, "k8s.pod_started", "grows") < over);
  CHECK(healthy(world));
}

TEST_CASE("memory pressure: nobody is evicted for what has ended before the kubelet looks", "[kubernetes]") {
  const Lab lab(design(2, pods({{"a", 1e9, 0}})));
  std::size_t spared = 0;
  for (std::uint64_t run = 0; run < 50; ++run) {
    const World world =
        lab.play({action(0_s, Verb::memory_pressure, "a"), action(2_s, Verb::process_kill, "a")}, run, 10_min);
    const bool looked = first(world, "k8s.pod_evicted_by_kubelet").has_value();
    if (!looked) ++spared;
    CHECK(count(world, "k8s.memory_pressure_over") == (looked ? 1 : 0));
    CHECK(healthy(world));
  }
  CHECK(spared > 20);  // 80 % of the first looks come later
  CHECK(spared < 50);
}

TEST_CASE("memory pressure goes with the machine", "[kubernetes]") {
  const Lab lab(design(2, pods({{"a", 1e9, 0}, {"b", 0, 0}})));
  const std::string machine(lab.plan().name(lab.plan().nodes[lab.plan().processes[ProcessId::of(0)].node].component));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world =
        lab.play({action(0_s, Verb::memory_pressure, "a"), action(1_s, Verb::node_crash, machine, 60_s)}, run, 1_h);
    CHECK(healthy(world));
  }
}

TEST_CASE("memory pressure: what no eviction may end the kernel kills, and the kubelet starts it again",
          "[kubernetes]") {
  Topology topology = small_topology();
  without_changes(topology);
  without_rates(topology.infrastructure);
  topology.services.clear();
  topology.workloads.clear();
  const Lab lab(with_masters(topology, {.masters = 1}));
  const World world = lab.play({action(0_s, Verb::memory_pressure, "control-plane/apiserver-0")}, 1, 1_h);
  CHECK(count(world, "k8s.killed_for_memory") == 1);
  CHECK(evicted(world).empty());
  CHECK(healthy(world));
}

TEST_CASE("disk pressure: the pod that fills the disk goes, and nothing comes for five minutes",
          "[kubernetes][oracle]") {
  const Lab lab(design(1, pods({{"a", 1e9, 0}, {"b", 1e9, 0}})));
  const Sampled seen = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::disk_pressure, "b")}, run, 20_min);
    CHECK(evicted(world) == std::vector<std::string>{"b"});
    const double looked = *first(world, "k8s.disk_pressure");
    CHECK(*first(world, "k8s.disk_pressure_over") == Approx(looked + 300));
    CHECK(*first(world, "k8s.pod_started", "b") > looked + 300);
    CHECK(healthy(world));
    return looked;
  });
  CHECK(agrees(seen, 5));  // the kubelet looks every 10 s
  CHECK(seen.highest <= 10);
}

TEST_CASE("disk pressure: another machine takes the pod at once, and pulls its image", "[kubernetes][oracle]") {
  const Lab lab(design(2, pods({{"a", 1e9, 0}, {"b", 1e9, 0}})));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::disk_pressure, "b")}, run, 20_min);
    const double looked = *first(world, "k8s.disk_pressure");
    CHECK(*first(world, "k8s.pod_started", "b") == Approx(looked + 0.05 + 3).margin(5.1));
    CHECK(healthy(world));
  }
}

TEST_CASE("disk pressure: priority comes first, whoever fills the disk", "[kubernetes][oracle]") {
  const Lab lab(design(1, pods({{"fills", 1e9, 10}, {"low", 1e9, 0}, {"high", 1e9, 20}})));
  const World world = lab.play({action(0_s, Verb::disk_pressure, "fills")}, 3, 60_s);
  // rankDiskPressureFunc: all exceed their request of none, then priority, then what they use.
  CHECK(evicted(world) == std::vector<std::string>{"low", "fills"});
}

TEST_CASE("disk pressure: what belongs to no pod stays until a person has made room", "[kubernetes][oracle]") {
  Topology topology = design(1, pods({{"a", 1e9, 0}, {"b", 1e9, 5}}));
  for (Law* law :
       {&topology.people.notice, &topology.people.engage, &topology.people.identify, &topology.people.repair_disk})
    *law = Law::constant(10_min);
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::disk_pressure, "b", Variant::machine)}, 3, 3_h);
  CHECK(evicted(world) == std::vector<std::string>{"a", "b"});
  const double looked = *first(world, "k8s.disk_pressure");
  const double cleaned = *first(world, "people.disk_cleaned");
  CHECK(cleaned == Approx(looked + 4 * 600));
  CHECK(*first(world, "k8s.disk_pressure_over") == Approx(cleaned + 300));
  CHECK(*first(world, "k8s.pod_started", "a") > cleaned + 300);
  CHECK(healthy(world));
}

TEST_CASE("disk pressure: it outlasts a reboot, and goes with the machine", "[kubernetes]") {
  Topology topology = design(2, pods({{"a", 1e9, 0}}));
  topology.people.on_call = 0;
  topology.node_groups[0].provisioner = Provisioner::karpenter;
  const Lab lab(topology);
  const std::string machine(lab.plan().name(lab.plan().nodes[lab.plan().processes[ProcessId::of(0)].node].component));
  const World again = lab.play(
      {action(0_s, Verb::disk_pressure, "a", Variant::machine), action(60_s, Verb::node_reboot, machine, 60_s)}, 1,
      30_min);
  CHECK(first(again, "k8s.disk_pressure", {}, 120));
  CHECK_FALSE(healthy(again));
  const World replaced = lab.play({action(0_s, Verb::disk_pressure, "a", Variant::machine),
                                   action(60_s, Verb::drain, machine, Variant::evict_first)},
                                  1, 6_h);
  CHECK(healthy(replaced));
}

}  // namespace pressure_test
