// Fargate and planned replacement of machines, under a stateless HTTP service. With constant laws times are exact.
#include "models/kubernetes/fargate.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "models/economics/cost.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/kubernetes/node_update.hpp"
#include "models/platform.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/world_actions.hpp"

namespace fargate_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double gib = 0x1p30;
const std::string server = "web/server-0";

Topology exact(const HttpSettings& settings = {}) {
  Topology topology = http_topology(settings);
  topology.kubernetes.kubelet_jitter = 0;
  topology.kubernetes.taint_delay = Law::constant(100_ms);
  topology.kubernetes.karpenter_batch = Law::constant(1_s);
  topology.infrastructure.node_provision_karpenter = Law::constant(55_s);
  topology.infrastructure.node_provision_asg = Law::constant(150_s);
  topology.infrastructure.capacity_failure_probability = 0;
  topology.infrastructure.volume_stuck_probability = 0;
  topology.people.on_call = 0;
  return topology;
}

/// Launches take 42 s and fail in shortages only.
Topology on_fargate(const HttpSettings& settings = {}) {
  Topology topology = exact(settings);
  topology.kubernetes.fargate_launch = Law::constant(42_s);
  NodeGroupSpec& group = topology.node_groups[0];
  group.provisioner = Provisioner::fargate;
  group.interruption = Interruption::none;
  group.auto_recovery = false;
  group.replacement = Replacement::evict_first;
  group.instance.name = "fargate";
  group.instance.vcpu = group.instance.memory.count = std::numeric_limits<double>::infinity();
  group.nodes_per_zone = settings.servers;
  topology.services[0].pools[0].cpu = 2;
  topology.services[0].pools[0].memory = {7936 * 0x1p20};
  return topology;
}

Topology managed(Provisioner provisioner, const HttpSettings& settings = {}) {
  Topology topology = exact(settings);
  topology.node_groups[0].provisioner = provisioner;
  topology.node_groups[0].interruption = Interruption::none;
  return topology;
}

std::string zone_of(const World& world, ProcessId process) {
  const NodeId node = world.processes[process].node;
  return std::string(world.plan->name(world.plan->zones[world.plan->nodes[node].zone].component));
}

std::string machine_of(const Lab& lab, std::size_t position = 0) {
  const Plan& plan = lab.plan();
  return std::string(
      plan.name(plan.nodes[plan.processes[plan.services[ServiceId::of(0)].members[position]].node].component));
}

/// Machines in slots of Fargate.
std::size_t machines(const World& world) {
  std::size_t all = 0;
  for (const kubernetes::NodeState& node : world.kubernetes.nodes) all += node.gone ? 0 : 1;
  return all;
}

std::vector<double> times(const World& world, std::string_view event) {
  std::vector<double> all;
  for (double from = 0;;) {
    const auto found = first(world, event, {}, from);
    if (!found) return all;
    all.push_back(*found);
    from = *found + 1e-9;
  }
}

}  // namespace

// ---- sizes and prices (Amazon EKS user guide, fargate-pod-configuration) ----

TEST_CASE("fargate: a pod gets the smallest size that has room for it and 256 MB more", "[fargate][oracle]") {
  const auto size = [](double cpu, double memory_gib) {
    const kubernetes::FargateSize found = kubernetes::fargate_size(cpu, memory_gib * gib);
    return std::pair(found.vcpu, found.memory_gb);
  };
  CHECK(size(0, 0) == std::pair(0.25, 0.5));
  CHECK(size(0.25, 0.25) == std::pair(0.25, 0.5));
  CHECK(size(0.25, 0.26) == std::pair(0.25, 1.0));
  CHECK(size(0.3, 0.5) == std::pair(0.5, 1.0));
  CHECK(size(1, 8) == std::pair(2.0, 9.0));  // the guide's own example
  CHECK(size(2, 7.75) == std::pair(2.0, 8.0));
  CHECK(size(5, 10) == std::pair(8.0, 16.0));
  CHECK(size(8, 17) == std::pair(8.0, 20.0));
  CHECK(size(16, 119.75) == std::pair(16.0, 120.0));
  CHECK(size(16, 119.76).first == 0);
  CHECK(size(16.5, 1).first == 0);
}

TEST_CASE("fargate: two vCPU and 8 GB cost a fifth more than an m5.large", "[fargate][oracle]") {
  Topology topology = on_fargate();
  topology.prices.fargate_vcpu_hour = {0.04048};
  topology.prices.fargate_gb_hour = {0.004445};
  const economics::Bill bill = economics::monthly_bill(Lab(topology).plan(), 0);
  std::int64_t cents = 0;
  for (const auto& item : bill.items) cents += item.name.find("Fargate") == std::string::npos ? 0 : item.cents;
  // 2 x 0.04048 + 8 x 0.004445 = 0.11652 an hour; 730 h and three pods. An m5.large is 0.096: +21.4 %.
  CHECK(static_cast<double>(cents) / 100 == Approx(3 * 730 * 0.11652).margin(0.01));
  CHECK(static_cast<double>(cents) / 100 / (3 * 730) == Approx(0.096 * 1.214).epsilon(0.001));
}

// ---- launches ----

TEST_CASE("fargate: a new pod has a new machine, and the old one goes with the old pod", "[fargate][oracle]") {
  const Lab lab(on_fargate());
  CHECK(machines(lab.prepare({}, 1)) == 3);
  const World world = lab.play({action(0_s, Verb::delete_pod, server)}, 1, 5_min);
  CHECK(*first(world, "k8s.fargate_joined", server) == Approx(0.05 + 42));
  CHECK(*first(world, "k8s.pod_started", server) == Approx(0.05 + 42 + 4 + 6));  // a new machine has no image
  CHECK(kubernetes::healthy(world));
  CHECK(machines(world) == 3);
  const ProcessId process = process_named(lab.plan(), server);
  const NodeId home = lab.plan().processes[process].node;
  const NodeId now = world.kubernetes.pods[process].node;
  CHECK((world.kubernetes.nodes[home].gone || world.kubernetes.nodes[home].machine > 0));
  CHECK(kubernetes::machine_now(world, home) == now);
}

TEST_CASE("fargate: a dead machine is Kubernetes' business, and the pod comes back on another", "[fargate][oracle]") {
  const Lab lab(on_fargate());
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::node_loss, server)}, run, 15_min);
    const double unknown = *first(world, "k8s.node_unknown");
    CHECK((unknown >= 30 && unknown <= 45));
    CHECK(*first(world, "k8s.evicted", server) == Approx(unknown + 5.1 + 300));
    CHECK(*first(world, "k8s.pod_started", server) == Approx(unknown + 5.1 + 300 + 0.05 + 42 + 10));
    CHECK(kubernetes::healthy(world));
    CHECK(machines(world) == 3);
  }
}

TEST_CASE("fargate: a try that finds no capacity leaves the pod Pending until the next", "[fargate][oracle]") {
  const Lab lab(on_fargate());
  std::vector<Action> script;
  for (const std::string zone : {"us-west-2a", "us-west-2b", "us-west-2c"})
    script.push_back(action(0_s, Verb::capacity_shortage, "fargate/" + zone + "/on-demand", 10_min));
  script.push_back(action(0_s, Verb::delete_pod, server));
  const World world = lab.play(script, 1, 20_min);
  CHECK(count(world, "k8s.fargate_refused") == 10);  // at 0.05, 60.05, ... 540.05 s
  CHECK(*first(world, "k8s.fargate_joined", server) == Approx(600.05 + 42));
  // One zone short: whoever drew it comes to the next zone after one wait.
  std::size_t refused = 0;
  constexpr std::uint64_t runs = 300;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const World one = lab.play({script[0], script[3]}, run, 10_min);
    const std::size_t times = count(one, "k8s.fargate_refused");
    CHECK(times <= 1);
    refused += times;
    CHECK(*first(one, "k8s.fargate_joined", server) == Approx(0.05 + 42 + 60.0 * static_cast<double>(times)));
    CHECK(zone_of(one, process_named(lab.plan(), server)) != "us-west-2a");
  }
  // A third of the draws. 100 of 300 in the mean, standard deviation 8.2: 5.5 of them are missed once in 2 x 10^7.
  CHECK(std::abs(static_cast<double>(refused) - 100.0) < 45);
}

TEST_CASE("fargate: with two zones the loss of one brings every pod into the other", "[fargate]") {
  HttpSettings settings;
  settings.servers = 6;
  Topology topology = on_fargate(settings);
  topology.node_groups[0].zones = {"us-west-2a", "us-west-2b"};
  topology.infrastructure.capacity_spread = 0;
  const Lab lab(topology);
  std::size_t before = 0;
  for (const ProcessId process : lab.plan().processes.ids())
    before += zone_of(lab.prepare({}, 1), process) == "us-west-2b" ? 1 : 0;
  CHECK(before == 3);
  const World world = lab.play({action(0_s, Verb::zone_power_loss, "us-west-2b", 2_h)}, 1, 1_h);
  for (const ProcessId process : lab.plan().processes.ids()) {
    if (world.kubernetes.pods[process].parked) continue;
    CHECK(zone_of(world, process) == "us-west-2a");
    CHECK(world.processes[process].status == ProcessState::Status::running);
  }
  CHECK(kubernetes::healthy(lab.play({action(0_s, Verb::zone_power_loss, "us-west-2b", 2_h)}, 1, 4_h)));
}

// ---- patches (Amazon EKS user guide, fargate-pod-patching) ----

TEST_CASE("fargate: a patch evicts within the budget, and deletes three days later what it kept", "[fargate][oracle]") {
  for (const std::int64_t budget : {1, 0}) {
    Topology topology = on_fargate();
    topology.services[0].budget = DisruptionBudget::at_most(budget);
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::drain, server)}, 1, 80_h);
    CHECK(count(world, "k8s.eviction_refused") == (budget == 0 ? 1 : 0));
    CHECK(*first(world, "k8s.pod_removed", server) == Approx(budget == 0 ? 72 * 3600.0 : 0).margin(1));
    CHECK(kubernetes::healthy(world));
    CHECK(machines(world) == 3);
  }
}

TEST_CASE("fargate: an update patches every pod, one after the other", "[fargate]") {
  HttpSettings settings;
  settings.servers = 6;
  Topology topology = on_fargate(settings);
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::node_update, server)}, 1, 80_h);
  CHECK(count(world, "k8s.node_update_finished") == 1);
  for (const ProcessId process : lab.plan().processes.ids())
    CHECK((world.kubernetes.pods[process].parked || world.kubernetes.pods[process].incarnation > 0));
  CHECK(kubernetes::healthy(world));
}

// ---- managed node groups (Amazon EKS user guide, managed-node-update-behavior) ----

TEST_CASE("node update: a managed group replaces machine by machine, a minute apart", "[node-update][oracle]") {
  const Lab lab(managed(Provisioner::asg));
  const World world = lab.play({action(0_s, Verb::node_update, machine_of(lab))}, 1, 3_h);
  const std::vector<double> joined = times(world, "k8s.node_provisioned");
  REQUIRE(joined.size() == 6);
  CHECK(joined[0] == Approx(150));
  for (std::size_t i = 1; i < joined.size(); ++i) CHECK(joined[i] >= joined[i - 1] + 60 + 150 - 1e-6);
  CHECK(count(world, "k8s.node_update_finished") == 1);
  CHECK(count(world, "k8s.node_update_failed") == 0);
  CHECK(kubernetes::healthy(world));
  for (const NodeId node : lab.plan().nodes.ids())
    CHECK(world.kubernetes.nodes[node].machine == (lab.plan().vacant(node) ? 0 : 1));
}

TEST_CASE("node update: a budget that refuses for 15 minutes ends it, with the pod's name, unless it is forced",
          "[node-update][oracle]") {
  for (const bool forced : {false, true}) {
    Topology topology = managed(Provisioner::asg);
    topology.services[0].budget = DisruptionBudget::at_most(0);
    topology.node_groups[0].force_update = forced;
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::node_update, machine_of(lab))}, 1, 5_h);
    INFO(forced);
    CHECK(count(world, "k8s.node_update_failed") == (forced ? 0 : 1));
    if (forced) {
      CHECK(count(world, "k8s.node_update_finished") == 1);
      CHECK(*first(world, "k8s.pod_removed") == Approx(150 + 900).margin(6 * 210));
    } else {
      const auto failed = first(world, "k8s.node_update_failed");
      // It comes to the first machine that has a pod after `done` empty ones, each 150 s and a minute's wait.
      REQUIRE(failed);
      const double done = (*failed - 150 - 900) / 210;
      CHECK(done == Approx(std::round(done)).margin(1e-6));
      CHECK(count(world, "k8s.pod_removed") == 0);
      for (const ProcessId process : lab.plan().processes.ids()) CHECK(world.kubernetes.pods[process].incarnation == 0);
    }
    CHECK(kubernetes::healthy(world));
  }
}

// ---- Karpenter (documentation, disruption) ----

TEST_CASE("karpenter: a budget of 10 % of 19 nodes, one not Ready, lets one go (K25)", "[node-update][oracle]") {
  CHECK(kubernetes::nodes_allowed(19, 0.1, 0, 1) == 1);
  CHECK(kubernetes::nodes_allowed(20, 0.1, 0, 0) == 2);
  CHECK(kubernetes::nodes_allowed(21, 0.1, 0, 0) == 3);
  CHECK(kubernetes::nodes_allowed(20, 0.1, 2, 1) == 0);
  CHECK(kubernetes::nodes_allowed(3, 0.1, 0, 0) == 1);
  CHECK(kubernetes::nodes_allowed(30, 0.1, 0, 0) == 3);
}

TEST_CASE("karpenter: drift replaces every node, never more at once than the budget lets it", "[node-update]") {
  HttpSettings settings;
  settings.machines_a_zone = 7;
  settings.servers = 12;
  const Lab lab(managed(Provisioner::karpenter, settings));
  World world = lab.prepare({action(0_s, Verb::node_update, machine_of(lab))}, 1);
  std::size_t most = 0;
  const sim::Time end = world.now + 4_h;
  while (step(world, end)) {
    std::size_t draining = 0;
    for (const kubernetes::NodeState& node : world.kubernetes.nodes) draining += node.draining ? 1 : 0;
    most = std::max(most, draining);
  }
  CHECK(most == 3);  // ceil(21 x 0.1)
  for (const NodeId node : lab.plan().nodes.ids())
    CHECK(world.kubernetes.nodes[node].machine == (lab.plan().vacant(node) ? 0 : 1));
  CHECK(count(world, "k8s.node_update_finished") == 1);
  CHECK(kubernetes::healthy(world));
}

TEST_CASE("karpenter: drift passes over nodes whose pods may not leave, unless there is a terminationGracePeriod",
          "[node-update]") {
  for (const bool grace : {false, true}) {
    Topology topology = managed(Provisioner::karpenter);
    topology.services[0].budget = DisruptionBudget::at_most(0);
    if (grace) topology.node_groups[0].termination_grace = 10_min;
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::node_update, machine_of(lab))}, 1, 6_h);
    INFO(grace);
    std::size_t renewed = 0;
    for (const kubernetes::NodeState& node : world.kubernetes.nodes) renewed += node.machine;
    CHECK(renewed == (grace ? 6 : 3));  // three of six have no pod
    CHECK(count(world, "k8s.node_update_finished") == (grace ? 1 : 0));
    CHECK((count(world, "k8s.pod_removed") > 0) == grace);
  }
}

TEST_CASE("karpenter: a drain with a terminationGracePeriod deletes a pod's grace period before its end",
          "[node-update][oracle]") {
  Topology topology = managed(Provisioner::karpenter);
  topology.services[0].budget = DisruptionBudget::at_most(0);
  topology.node_groups[0].termination_grace = 10_min;
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::drain, machine_of(lab), Variant::evict_first)}, 1, 1_h);
  CHECK(*first(world, "k8s.pod_removed") == Approx(600 - 30));
  CHECK(kubernetes::healthy(world));
}

TEST_CASE("karpenter: nodes expire at their age on average, drained at once from 1.0 on", "[node-update][oracle]") {
  for (const bool forceful : {true, false}) {
    Topology topology = managed(Provisioner::karpenter);
    topology.node_groups[0].expire_after = 720_h;
    topology.kubernetes.karpenter_expiry_forceful = forceful;
    const Lab lab(topology);
    std::size_t sources = 0;
    for (const FaultSource& source : lab.plan().faults) {
      if (source.age != Purpose::node_expiry_age || source.dormant) continue;
      ++sources;
      CHECK(source.verb == Verb::drain);
      CHECK(source.variant == (forceful ? Variant::evict_first : Variant::launch_first));
      CHECK(1 / source.rate.per_hour == Approx(720));
    }
    CHECK(sources == 6);
  }
}

// ---- rollouts ----

TEST_CASE("a rolling update waits until pods have been Ready for minReadySeconds", "[rollout][oracle]") {
  HttpSettings settings;
  settings.servers = 4;
  Topology topology = exact(settings);
  const auto span = [](const Topology& of) {
    const Lab lab(of);
    const World world = lab.play({action(0_s, Verb::rolling_restart, "web")}, 1, 1_h);
    CHECK(kubernetes::healthy(world));
    return *first(world, "k8s.roll_finished");
  };
  const double without = span(topology);
  topology.kubernetes.min_ready = 100_s;
  // Of 4 pods one more and one fewer at a time: two of the new ones come at once, and then the other two.
  CHECK(span(topology) == Approx(without + 2 * 100).margin(1e-6));
}

TEST_CASE("a rolling update keeps maxUnavailable, rounded down, and one if it starts none beside",
          "[rollout][oracle]") {
  const auto limit = [](std::int64_t servers, double share, double surge) {
    HttpSettings settings;
    settings.servers = servers;
    settings.machines_a_zone = servers;
    Topology topology = exact(settings);
    topology.kubernetes.deployment_max_unavailable = share;
    topology.kubernetes.deployment_max_surge = surge;
    const Lab lab(topology);
    World world = lab.prepare({action(0_s, Verb::rolling_restart, "web")}, 1);
    std::int64_t most = 0;
    const sim::Time end = world.now + 1_h;
    while (step(world, end)) {
      std::int64_t ready = 0;
      for (const ProcessId process : lab.plan().processes.ids()) ready += kubernetes::pod_ready(world, process) ? 1 : 0;
      most = std::max(most, servers - ready);
    }
    CHECK(kubernetes::healthy(world));
    return most;
  };
  CHECK(limit(10, 0.25, 0.25) == 2);  // K17: at least 8 of 10 are available
  CHECK(limit(10, 0.3, 0.25) == 3);
  CHECK(limit(3, 0.25, 0.25) == 0);
  CHECK(limit(10, 0, 0.25) == 0);
  CHECK(limit(10, 0.25, 0) == 2);
  CHECK(limit(3, 0.25, 0) == 1);
  CHECK(limit(10, 0, 0) == 1);
}

// ---- under random schedules ----

TEST_CASE("fargate: whatever happens, every pod ends with a machine of its own", "[fargate][invariants]") {
  for (const std::size_t zones : {std::size_t{1}, std::size_t{2}, std::size_t{3}}) {
    HttpSettings settings;
    settings.servers = 4;
    Topology topology = on_fargate(settings);
    NodeGroupSpec& group = topology.node_groups[0];
    group.zones.resize(zones);
    group.nodes_per_zone = zones > 1 ? settings.servers : 2 * settings.servers;
    topology.kubernetes.fargate_failure_probability = 0.2;
    topology.people.on_call = 1;
    const Lab lab(topology);
    for (std::uint64_t run = 0; run < 60; ++run) {
      Dice dice(run);
      std::vector<Action> script;
      for (int i = 0; i < 8; ++i) {
        const Duration at = Duration::seconds(static_cast<std::int64_t>(dice.below(3600)));
        const std::string pod = "web/server-" + std::to_string(dice.below(4));
        const std::string zone = group.zones[dice.below(zones)];
        switch (dice.below(9)) {
          case 0: script.push_back(action(at, Verb::node_loss, pod)); break;
          case 1:
            script.push_back(
                action(at, Verb::node_crash, pod, Duration::seconds(static_cast<std::int64_t>(dice.below(900)) + 1)));
            break;
          case 2: script.push_back(action(at, Verb::delete_pod, pod)); break;
          case 3: script.push_back(action(at, Verb::drain, pod)); break;
          case 4: script.push_back(action(at, Verb::node_update, pod)); break;
          case 5:
            script.push_back(action(at, Verb::zone_power_loss, zone,
                                    Duration::seconds(static_cast<std::int64_t>(dice.below(1800)) + 1)));
            break;
          case 6:
            script.push_back(action(at, Verb::zone_isolation, zone,
                                    Duration::seconds(static_cast<std::int64_t>(dice.below(900)) + 1)));
            break;
          case 7: script.push_back(action(at, Verb::rolling_restart, "web")); break;
          default: script.push_back(action(at, Verb::node_reboot, pod)); break;
        }
      }
      std::sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
      const Duration first_at = script.front().at;
      for (Action& step : script) step.at = step.at - first_at;
      const World world = lab.play(script, run, 200_h);
      INFO("zones " << zones << " run " << run);
      CHECK(kubernetes::healthy(world));
      CHECK(machines(world) == 4);
      for (const ProcessId process : lab.plan().processes.ids()) {
        if (world.kubernetes.pods[process].parked) continue;
        CHECK(world.processes[process].status == ProcessState::Status::running);
        const kubernetes::PodState& pod = world.kubernetes.pods[process];
        CHECK(world.kubernetes.nodes[pod.node].machine == pod.machine);
        CHECK_FALSE(world.kubernetes.nodes[pod.node].gone);
      }
    }
  }
}

}  // namespace fargate_test
