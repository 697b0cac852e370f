// Rules of controllers and of supervisors, on a kind that is simple enough to know what follows from them.
#include <list>
#include <set>

#include "experiments/command/commands.hpp"
#include "experiments/estimate/assess.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/report/boundary.hpp"
#include "models/faults/possible.hpp"
#include "models/health.hpp"
#include "models/kubernetes/rollout.hpp"
#include "models/platform.hpp"
#include "models/selector.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/experiments/sweep_support.hpp"
#include "tests/kinds/pair/pair.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

using namespace nines;
using namespace nines::models;
using namespace nines::sim::literals;
using experiments::Json;
using experiments::testing::Scratch;
using experiments::testing::slurp;
using experiments::testing::spill;
using loader::testing::error_of;
using models::testing::act;
using models::testing::action;
using models::testing::count;
using models::testing::first;
using models::testing::Lab;
using models::testing::process_named;
using tests::source_file;

namespace {

ServiceSpec pair_service(std::string name, Controller controller) {
  PoolSpec pool;
  pool.name = "server";
  pool.roles = role_bit(0);
  pool.replicas = 2;
  pool.node_group = "kafka-nodes";
  pool.cpu = 1;
  pool.memory = {1e9};
  ServiceSpec service;
  service.name = std::move(name);
  service.kind = service::find_kind("pair");
  service.controller = controller;
  service.pools = {pool};
  service.own = sim::Value::of(pair::Spec{10_min, 2_s, "app-" + service.name, "region", {}, {}});
  return service;
}

/// Three machines, one a zone, with one pair on them; waits of the platform that are drawn are constant, nobody is on
/// call, nothing fails by itself.
Topology pair_on(Controller controller) {
  service::add_kind(pair::kind);
  Topology topology = models::testing::small_topology();
  models::testing::without_changes(topology);
  topology.people.on_call = 0;
  topology.services = {pair_service("pair", controller)};
  topology.operations.clear();
  topology.workloads.clear();
  kubernetes::Parameters& p = topology.kubernetes;
  p.pod_schedule = Law::constant(1_s);
  p.pod_start = Law::constant(3_s);
  p.operator_react = Law::constant(2_s);
  p.container_restart = Law::constant(1_s);
  p.readiness_delay = 0_s;
  return topology;
}

WorkloadSpec operator_of(std::string name, std::string service) {
  WorkloadSpec spec;
  spec.name = std::move(name);
  spec.node_group = "kafka-nodes";
  spec.operates = {std::move(service)};
  return spec;
}

bool runs(const World& world, std::string_view process) {
  return world.processes[process_named(*world.plan, process)].status == ProcessState::Status::running;
}

const kubernetes::PodState& pod(const World& world, std::string_view process) {
  return world.kubernetes.pods[process_named(*world.plan, process)];
}

std::string machine_of(const Plan& plan, std::string_view process) {
  return std::string(plan.name(plan.nodes[plan.processes[process_named(plan, process)].node].component));
}

/// Hosts of one pair under supervisors, without Kubernetes.
Topology pair_on_hosts() {
  Topology topology = pair_on(Controller::supervisor);
  topology.platform = PlatformKind::none;
  topology.workloads.clear();
  NodeGroupSpec& group = topology.node_groups[0];
  group.bare = true;
  group.provisioner = Provisioner::none;
  group.auto_recovery = false;
  return topology;
}

}  // namespace

// ---- the same silent machine under each controller ----

TEST_CASE("workload: a Deployment's pod of a silent node serves elsewhere after toleration, bind and start",
          "[workload]") {
  const Lab lab(pair_on(Controller::deployment));
  const std::string node = machine_of(lab.plan(), "pair/server-0");
  const World world = lab.play({action(0_s, Verb::node_crash, node, 2_h)}, 1, 30_min);
  const auto tainted = first(world, "k8s.taint_no_execute", node);
  const auto started = first(world, "k8s.pod_started", "pair/server-0");
  REQUIRE((tainted && started));
  // Lease grace 40 s up to a monitor pass and a tainting loop more; then the toleration, and no wait for the old pod.
  CHECK((*tainted > 30 && *tainted < 60));
  const double toleration = lab.plan().kube().toleration.to_seconds();
  CHECK(*started - *tainted == Approx(toleration + 1 + 3));
  CHECK(world.processes[process_named(lab.plan(), "pair/server-0")].node !=
        lab.plan().processes[process_named(lab.plan(), "pair/server-0")].node);
  CHECK(count(world, "k8s.pod_stuck") == 0);
}

TEST_CASE("workload: where a Deployment's pod goes when its machine is silent, or why it does not", "[workload]") {
  std::list<Lab> labs;  // worlds point into them
  const auto play = [&](const PlacementSpec& placement, std::int64_t zones) {
    Topology topology = pair_on(Controller::deployment);
    NodeGroupSpec& group = topology.node_groups[0];
    group.provisioner = Provisioner::none;
    group.auto_recovery = false;
    topology.zones.resize(static_cast<std::size_t>(zones));
    group.zones = topology.zones;
    topology.services[0].pools[0].placement = placement;
    const Lab& lab = labs.emplace_back(topology);
    return lab.play({action(0_s, Verb::node_crash, machine_of(lab.plan(), "pair/server-0"), 2_h)}, 1, 30_min);
  };
  const auto why = [](const World& world, std::string_view reason) {
    return !runs(world, "pair/server-0") && count(world, "k8s.pending." + std::string(reason)) > 0;
  };
  const SpreadSpec strict{Domain::zone, 1, Unsatisfiable::do_not_schedule};
  const SpreadSpec soft{Domain::zone, 1, Unsatisfiable::schedule_anyway};
  using enum AntiAffinity;
  // As many pods as machines: a replacement has to wait for its machine.
  CHECK(why(play({host, {}, {}}, 2), "anti_affinity"));
  CHECK(why(play({zone, {}, {}}, 2), "anti_affinity"));
  CHECK(runs(play({preferred, {}, {}}, 2), "pair/server-0"));
  CHECK(runs(play({none, {}, {}}, 2), "pair/server-0"));
  CHECK(runs(play({host, {}, {}}, 3), "pair/server-0"));
  // The silent machine's zone is still a domain, with no pod that stays: two in the other one would be too many.
  CHECK(why(play({none, {}, {strict}}, 2), "topology_spread"));
  CHECK(runs(play({none, {}, {soft}}, 2), "pair/server-0"));
  CHECK(runs(play({none, {}, {strict}}, 3), "pair/server-0"));
}

TEST_CASE("workload: a pod waits for any machine if none is Ready", "[workload]") {
  Topology topology = pair_on(Controller::deployment);
  topology.node_groups[0].provisioner = Provisioner::none;
  topology.node_groups[0].auto_recovery = false;
  const Lab lab(topology);
  std::vector<Action> script;
  for (const NodePlan& node : lab.plan().nodes)
    script.push_back(action(0_s, Verb::node_crash, std::string(lab.plan().name(node.component)), 2_h));
  script.push_back(action(100_s, Verb::delete_pod, "pair/server-0"));
  CHECK(count(lab.play(script, 1, 10_min), "k8s.pending.no_machine") > 0);
}

TEST_CASE("workload: a machine that is full of pods takes no further one", "[workload]") {
  Topology topology = pair_on(Controller::deployment);
  topology.node_groups[0].provisioner = Provisioner::none;
  topology.node_groups[0].auto_recovery = false;
  topology.node_groups[0].max_pods = topology.kubernetes.eks_system_pods + 1;
  WorkloadSpec filler;
  filler.name = "filler";
  filler.node_group = "kafka-nodes";
  filler.cpu = 1;
  topology.workloads = {filler};
  const Lab lab(topology);
  const std::string node = machine_of(lab.plan(), "pair/server-0");
  const World world = lab.play({action(0_s, Verb::node_crash, node, 2_h)}, 1, 30_min);
  CHECK(count(world, "k8s.pending.pod_limit") > 0);
  CHECK_FALSE(runs(world, "pair/server-0"));
}

TEST_CASE("workload: a pod of higher priority makes as few pods leave as it must", "[workload]") {
  Topology topology = pair_on(Controller::deployment);
  NodeGroupSpec& group = topology.node_groups[0];
  group.provisioner = Provisioner::none;
  group.auto_recovery = false;
  topology.services[0].pools[0].cpu = 10;
  topology.services[0].pools[0].placement.priority = 100;
  const auto filler = [&](std::string name, double cpu, std::int64_t priority) {
    WorkloadSpec spec;
    spec.name = std::move(name);
    spec.node_group = "kafka-nodes";
    spec.cpu = cpu;
    spec.placement.priority = priority;
    return spec;
  };
  // On the machine without a server 2 + 4 + 7 of 16 processors are taken; the other one has 6 to spare.
  topology.workloads = {filler("small", 2, 3), filler("high", 4, 2), filler("low", 7, 1)};
  std::list<Lab> labs;  // worlds point into them
  const auto play = [&] {
    const Lab& lab = labs.emplace_back(topology);
    return lab.play({action(0_s, Verb::node_crash, machine_of(lab.plan(), "pair/server-0"), 2_h)}, 1, 30_min);
  };
  const World world = play();
  CHECK(count(world, "k8s.preempted") == 1);
  const auto preempted = first(world, "k8s.preempted", "low");
  const auto started = first(world, "k8s.pod_started", "pair/server-0");
  REQUIRE((preempted && started));
  CHECK(*started > *preempted);
  CHECK(*started < *preempted + 60);
  CHECK(runs(world, "high"));
  CHECK(runs(world, "small"));
  CHECK_FALSE(runs(world, "low"));
  CHECK(first(world, "k8s.pending.no_room", "low").has_value());
  // Nobody makes way for its like.
  topology.services[0].pools[0].placement.priority = 1;
  CHECK(count(play(), "k8s.preempted") == 0);
}

TEST_CASE("workload: a StatefulSet's pod of a silent node stays Terminating until a person acts", "[workload]") {
  for (const Controller controller : {Controller::stateful_set, Controller::operator_set}) {
    const Lab lab(pair_on(controller));
    const std::string node = machine_of(lab.plan(), "pair/server-0");
    World world = lab.play({action(0_s, Verb::node_crash, node, 2_h)}, 1, 1_h);
    CHECK(count(world, "k8s.pod_stuck") == 1);
    CHECK(pod(world, "pair/server-0").object == kubernetes::PodObject::terminating);
    CHECK_FALSE(runs(world, "pair/server-0"));
    act(world, Verb::out_of_service_taint, node);
    models::testing::pass(world, 10_min);
    CHECK(runs(world, "pair/server-0"));
  }
}

TEST_CASE("workload: a DaemonSet's pod is never evicted, and is there when its machine is back", "[workload]") {
  Topology topology = pair_on(Controller::daemon_set);
  topology.node_groups[0].zones.resize(2);
  const Lab lab(topology);
  const std::string node = machine_of(lab.plan(), "pair/server-0");
  const World world = lab.play({action(0_s, Verb::node_crash, node, 30_min)}, 1, 1_h);
  CHECK(count(world, "k8s.taint_no_execute") == 1);
  CHECK(count(world, "k8s.evicted") == 0);
  CHECK(first(world, "k8s.pod_started", "pair/server-0").value_or(0) > 1800);
  CHECK(runs(world, "pair/server-0"));
}

TEST_CASE("workload: a drain leaves a DaemonSet's pod alone until the machine goes, and the successor has it",
          "[workload]") {
  Topology topology = pair_on(Controller::daemon_set);
  topology.node_groups[0].zones.resize(2);
  topology.node_groups[0].provisioner = Provisioner::asg;
  const Lab lab(topology);
  const std::string node = machine_of(lab.plan(), "pair/server-0");
  const World world = lab.play({action(0_s, Verb::drain, node, Variant::evict_first)}, 1, 1_h);
  CHECK(count(world, "k8s.evicted") == 0);
  const NodeId id = lab.plan().processes[process_named(lab.plan(), "pair/server-0")].node;
  CHECK(world.kubernetes.nodes[id].machine == 1);
  CHECK(pod(world, "pair/server-0").machine == 1);
  CHECK(runs(world, "pair/server-0"));
  CHECK(healthy(world));
}

TEST_CASE("workload: a static pod comes back without the API server, a StatefulSet's does not", "[workload]") {
  for (const Controller controller : {Controller::static_pod, Controller::stateful_set}) {
    Topology topology = pair_on(controller);
    topology.node_groups[0].zones.resize(2);
    const Lab lab(topology);
    const std::string node = machine_of(lab.plan(), "pair/server-0");
    World world = lab.play(
        {action(0_s, Verb::partition, node, 1_h, "control-plane"), action(1_s, Verb::node_reboot, node, 1_min)}, 1,
        10_min);
    CHECK(runs(world, "pair/server-0") == (controller == Controller::static_pod));
    models::testing::pass(world, 2_h);
    CHECK(runs(world, "pair/server-0"));
  }
}

// ---- operators ----

TEST_CASE("workload: an operator that stands still stops its own sets only", "[workload]") {
  Topology topology = pair_on(Controller::operator_set);
  topology.services.push_back(pair_service("other", Controller::operator_set));
  topology.workloads = {operator_of("first", "pair"), operator_of("second", "other")};
  const Lab lab(topology);
  World world = lab.play({action(0_s, Verb::process_stop, "first"), action(1_s, Verb::delete_pod, "pair/server-0"),
                          action(1_s, Verb::delete_pod, "other/server-0")},
                         1, 10_min);
  CHECK_FALSE(runs(world, "pair/server-0"));
  CHECK(runs(world, "other/server-0"));
  act(world, Verb::process_continue, "first");
  models::testing::pass(world, 1_min);
  CHECK(runs(world, "pair/server-0"));
}

TEST_CASE("workload: an operator of two pods works while one of them does", "[workload]") {
  Topology topology = pair_on(Controller::operator_set);
  topology.workloads = {operator_of("first", "pair")};
  topology.workloads[0].replicas = 2;
  const Lab lab(topology);
  World world =
      lab.play({action(0_s, Verb::process_stop, "first-0"), action(1_s, Verb::delete_pod, "pair/server-0")}, 1, 1_min);
  CHECK(runs(world, "pair/server-0"));
  act(world, Verb::process_stop, "first-1");
  act(world, Verb::delete_pod, "pair/server-0");
  models::testing::pass(world, 10_min);
  CHECK_FALSE(runs(world, "pair/server-0"));
}

// ---- budgets ----

TEST_CASE("workload: each workload has its own disruption budget", "[workload]") {
  // Two pools of one server each on one machine: with one budget of 0 only the other pool's pod is evicted.
  Topology topology = pair_on(Controller::stateful_set);
  topology.node_groups[0].zones.resize(1);
  topology.node_groups[0].provisioner = Provisioner::none;
  ServiceSpec& service = topology.services[0];
  service.pools[0].replicas = 1;
  service.pools.push_back(service.pools[0]);
  service.pools[1].name = "second";
  for (PoolSpec& pool : service.pools) pool.controller = Controller::stateful_set;
  service.pools[0].budget = DisruptionBudget::at_most(0);
  service.pools[1].budget = DisruptionBudget::at_most(1);
  const Lab lab(topology);
  REQUIRE(lab.plan().workloads.size() == 2);
  const World world = lab.prepare({}, 1);
  World drained = world;
  kubernetes::drain(drained, NodeId::of(0), false);
  CHECK(pod(drained, "pair/server-0").object == kubernetes::PodObject::bound);
  CHECK(pod(drained, "pair/server-1").object != kubernetes::PodObject::bound);
  // Without a budget nothing is refused.
  service.pools[0].budget.reset();
  const Lab free(topology);
  World all = free.prepare({}, 1);
  kubernetes::drain(all, NodeId::of(0), false);
  CHECK(pod(all, "pair/server-0").object != kubernetes::PodObject::bound);
}

// ---- StatefulSets and Deployments: order, rolls, roll backs ----

TEST_CASE("workload: an ordered StatefulSet creates no pod while a lower one is not Ready, a parallel one does",
          "[workload]") {
  for (const PodManagement management : {PodManagement::ordered_ready, PodManagement::parallel}) {
    Topology topology = pair_on(Controller::stateful_set);
    topology.services[0].management = management;
    const Lab lab(topology);
    const std::string node = machine_of(lab.plan(), "pair/server-0");
    World world = lab.play(
        {action(0_s, Verb::node_crash, node, 1_h), action(10_min, Verb::delete_pod, "pair/server-1")}, 1, 50_min);
    CHECK(runs(world, "pair/server-1") == (management == PodManagement::parallel));
    models::testing::pass(world, 1_h);
    CHECK(runs(world, "pair/server-1"));
  }
}

TEST_CASE("workload: a StatefulSet rolls from the highest ordinal, each when the one before is Ready", "[workload]") {
  const Lab lab(pair_on(Controller::stateful_set));
  const World world = lab.play({action(0_s, Verb::rolling_restart, "pair")}, 1, 30_min);
  const auto second = first(world, "k8s.pod_updated", "pair/server-1");
  const auto ready = first(world, "k8s.pod_ready", "pair/server-1");
  const auto next = first(world, "k8s.pod_updated", "pair/server-0");
  REQUIRE((second && ready && next));
  CHECK(*second == Approx(0));
  CHECK(*ready > *second);
  CHECK(*next == Approx(*ready));
  CHECK(count(world, "k8s.roll_finished") == 1);
  CHECK(healthy(world));
}

TEST_CASE("workload: after a roll back an ordered StatefulSet waits for the broken pod until a person deletes it",
          "[workload]") {
  for (const PodManagement management : {PodManagement::ordered_ready, PodManagement::parallel}) {
    Topology topology = pair_on(Controller::stateful_set);
    topology.services[0].management = management;
    topology.people = models::testing::small_topology().people;
    for (Law* law : {&topology.people.notice, &topology.people.engage, &topology.people.identify,
                     &topology.people.identify_change, &topology.people.repair_pod, &topology.people.repair_rollback})
      *law = Law::constant(1_min);
    topology.changes.broken_start = Law::constant(1_s);
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::bad_rollout, "pair", Variant::stops)}, 1, 2_h);
    const auto back = first(world, "people.rolled_back");
    REQUIRE(back);
    const bool ordered = management == PodManagement::ordered_ready;
    CHECK(count(world, "k8s.rollback_waits") == (ordered ? 1 : 0));
    const auto good = first(world, "k8s.pod_created", "pair/server-1", *back);
    REQUIRE(good);
    // Noticed, engaged, identified, deleted: four minutes more.
    CHECK(*good - *back == Approx(ordered ? 240 : 0).margin(1e-6));
    CHECK(count(world, "k8s.pod_updated") == (ordered ? 1 : 2));
    CHECK(healthy(world));
  }
}

TEST_CASE("workload: a Deployment rolls a quarter of its pods at a time, at least one", "[workload]") {
  const Lab lab(pair_on(Controller::deployment));
  CHECK(kubernetes::roll_limit(initial_world(lab.plan(), 1), WorkloadId::of(0)) == 1);
  const World world = lab.play({action(0_s, Verb::rolling_restart, "pair")}, 1, 30_min);
  const auto ready = first(world, "k8s.pod_ready", "pair/server-0");
  const auto next = first(world, "k8s.pod_updated", "pair/server-1");
  REQUIRE((ready && next));
  CHECK(*next == Approx(*ready));
  CHECK(count(world, "k8s.roll_finished") == 1);
}

TEST_CASE("workload: a Deployment's broken revision stops at its limit, and a roll back mends it", "[workload]") {
  Topology topology = pair_on(Controller::deployment);
  topology.people = models::testing::small_topology().people;
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::bad_rollout, "pair", Variant::stops)}, 1, 12_h);
  CHECK(count(world, "k8s.pod_updated") == 2);  // the broken one, out and back
  CHECK(count(world, "people.rolled_back") == 1);
  CHECK(runs(world, "pair/server-0"));
  CHECK(healthy(world));
}

// ---- supervisors ----

TEST_CASE("supervisor: a process is started again after its wait, on the same machine", "[workload]") {
  const Lab lab(pair_on_hosts());
  const World world = lab.play({action(0_s, Verb::process_kill, "pair/server-0")}, 1, 1_min);
  CHECK(first(world, "host.restarted", "pair/server-0") == Approx(0.1));
  const auto outages = models::testing::outages(world, "answers");
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].second == Approx(0.1 + 2));  // the wait, and the server's start
  CHECK(healthy(world));
  CHECK(world.trace.records().size() > 0);
  for (const sim::TraceRecord& record : world.trace.records())
    CHECK_FALSE(std::string_view(event_info(record.kind).name).starts_with("k8s."));
}

TEST_CASE("supervisor: boot starts processes, and a machine that is lost is a person's business", "[workload]") {
  Topology topology = pair_on_hosts();
  const Lab lab(topology);
  const std::string node = machine_of(lab.plan(), "pair/server-0");
  const World crashed = lab.play({action(0_s, Verb::node_crash, node, 5_min)}, 1, 10_min);
  CHECK(first(crashed, "host.booted", "pair/server-0") == Approx(300));
  CHECK(runs(crashed, "pair/server-0"));
  const World lost = lab.play({action(0_s, Verb::node_loss, node)}, 1, 24_h);
  CHECK_FALSE(runs(lost, "pair/server-0"));  // nobody is on call
  topology.people = models::testing::small_topology().people;
  const Lab staffed(topology);
  const World mended = staffed.play({action(0_s, Verb::node_loss, node)}, 1, 48_h);
  CHECK(count(mended, "people.machine_repaired") == 1);
  CHECK(runs(mended, "pair/server-0"));
  CHECK(healthy(mended));
}

TEST_CASE("supervisor: SIGTERM, and SIGKILL of a process that stands still when its time-out ends", "[workload]") {
  const Lab lab(pair_on_hosts());
  const World stopped = lab.play({action(0_s, Verb::process_terminate, "pair/server-0")}, 1, 1_min);
  CHECK(first(stopped, "host.restarted", "pair/server-0") == Approx(0.1));
  const World hung = lab.play(
      {action(0_s, Verb::process_stop, "pair/server-0"), action(1_s, Verb::process_terminate, "pair/server-0")}, 1,
      3_min);
  CHECK(first(hung, "host.stop_timeout_ended", "pair/server-0") == Approx(1 + 90));
  CHECK(runs(hung, "pair/server-0"));
}

TEST_CASE("supervisor: gives a process up that starts too often, and a person starts it", "[workload]") {
  Topology topology = pair_on_hosts();
  std::vector<Action> kills;
  for (int i = 0; i < 6; ++i) kills.push_back(action(1_s * i, Verb::process_kill, "pair/server-0"));
  const Lab lab(topology);
  const World alone = lab.play(kills, 1, 10_h);
  CHECK(count(alone, "host.restarted") == 6);  // the sixth is refused
  CHECK(first(alone, "host.given_up") == Approx(5.1));
  CHECK_FALSE(runs(alone, "pair/server-0"));
  kills.pop_back();
  CHECK(runs(lab.play(kills, 1, 10_h), "pair/server-0"));
  topology.people = models::testing::small_topology().people;
  kills.push_back(action(5_s, Verb::process_kill, "pair/server-0"));
  const Lab staffed(topology);
  const World mended = staffed.play(kills, 1, 48_h);
  CHECK(count(mended, "people.unit_started") == 1);
  CHECK(healthy(mended));
}

TEST_CASE("supervisor: without Restart= a person starts what has ended", "[workload]") {
  Topology topology = pair_on_hosts();
  topology.hosts.restarts = false;
  topology.people = models::testing::small_topology().people;
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::process_kill, "pair/server-0")}, 1, 48_h);
  CHECK(count(world, "host.restarted") == 0);
  CHECK(count(world, "people.unit_started") == 1);
  CHECK(runs(world, "pair/server-0"));
}

TEST_CASE("supervisor: unavailability is the rate of kills times wait and start", "[workload]") {
  Topology topology = pair_on_hosts();
  infrastructure::Parameters& p = topology.infrastructure;
  for (Rate* rate : {&p.process_pause_rate, &p.node_crash_rate, &p.node_loss_rate, &p.node_retirement_rate,
                     &p.zone_power_loss_rate, &p.zone_isolation_rate, &p.volume_loss_rate}) {
    *rate = {};
  }
  constexpr double kills_per_year = 12;
  p.process_crash_rate = Rate::per_year(kills_per_year);
  topology.hosts.restart_wait = 8_s;
  const Plan plan = build_plan(topology, 1);
  experiments::AssessOptions options;
  options.precision = 0.01;
  options.max_incidents = 50'000;
  const experiments::Assessment result = experiments::assess_by_incidents(plan, options);
  const double truth = kills_per_year * 10 / (8760 * 3600.0);
  const sim::Estimate& found = result.slis.at(0).unavailability;
  REQUIRE((found.value && found.ci95));
  // 5.5 standard errors miss 4 times in 10^8; kills during a restart change about 1 in 10^5.
  CHECK(std::abs(*found.value - truth) < 5.5 / 1.96 * (found.ci95->upper - found.ci95->lower) / 2 + 1e-3 * truth);
}

TEST_CASE("hosts: verbs that nothing there carries out are one clear error", "[workload]") {
  const Plan plan = build_plan(pair_on_hosts(), 1);
  const std::string node = machine_of(plan, "pair/server-0");
  using Case = std::tuple<Verb, std::string, std::string>;
  for (const auto& [verb, target, text] :
       {Case{Verb::drain, node, "is no node of a Kubernetes cluster"},
        Case{Verb::out_of_service_taint, node, "is no node of a Kubernetes cluster"},
        Case{Verb::spot_reclaim, node, "no provider that could take it back"},
        Case{Verb::delete_pod, "pair/server-0", "its machine's supervisor"},
        Case{Verb::rolling_restart, "pair", "no controller restarts the processes of 'pair'"},
        Case{Verb::bad_rollout, "pair", "no controller restarts the processes of 'pair'"},
        Case{Verb::wrong_command, "pair", "no controller creates processes of 'pair'"}}) {
    const auto problem = check_target(plan, action(0_s, verb, target));
    REQUIRE(problem);
    CHECK_THAT(*problem, Catch::Contains(text));
  }
  CHECK_FALSE(check_target(plan, action(0_s, Verb::process_kill, "pair/server-0")));
  // Nor does a clock start them.
  std::set<Verb> started;
  for (const FaultSource& source : plan.faults) started.insert(source.verb);
  for (const Verb verb : {Verb::drain, Verb::bad_rollout, Verb::wrong_command, Verb::failed_upgrade})
    CHECK_FALSE(started.contains(verb));
}

// ---- files ----

namespace {

/// A pair with nothing else in its file.
Json hosts_file() {
  return {
      {"schema", "nines/topology/1"},
      {"name", "alone"},
      {"services", Json::array({{{"name", "pair"},
                                 {"kind", "pair"},
                                 {"pools", Json::array({{{"name", "server"}, {"roles", {"server"}}, {"replicas", 2}}})},
                                 {"timeout_s", 3},
                                 {"start_s", 20},
                                 {"client", "app"},
                                 {"place", "region"},
                                 {"deadline_s", 0},
                                 {"sla", {{"target", 0.999}, {"window_h", 730}}}}})}};
}

/// What a verb wrote as JSON to its output file.
template <class Run, class Command>
Json answer(const Scratch& scratch, Run run, Command command) {
  command.common.format = "json";
  command.common.quiet = true;
  command.common.output = scratch / "answer.json";
  REQUIRE(run(command) == experiments::exit_code::done);
  return Json::parse(slurp(command.common.output));
}

}  // namespace

TEST_CASE("hosts: every verb answers about a file with nothing but a service", "[workload]") {
  using namespace nines::experiments;
  models::service::add_kind(models::pair::kind);
  const Scratch scratch;
  spill(scratch / "pair.json", hosts_file().dump(2));
  using Case = std::tuple<std::string, std::string, std::string, std::string>;
  for (const auto& [topology, server, sli, place] :
       {Case{scratch / "pair.json", "pair/server-0", "pair/answers", "/services/pair/timeout_s"},
        Case{source_file("topologies/kafka-hosts.json"), "kafka/node-0", "kafka/write",
             "/overrides/supervisor.restart_wait"}}) {
    AssessCommand assess;
    assess.topology = topology;
    assess.max_incidents = 3000;
    assess.draws = 4;
    assess.worst = 2;
    const Json assessed = answer(scratch, run_assess, assess);
    CHECK(assessed["services"][0]["slis"][0]["unavailability"]["estimate"].get<double>() > 0);
    const std::string text = assessed.dump();
    CHECK(text.find("hosts without 'instance_type' have no price") != std::string::npos);
    CHECK(text.find("Kubernetes: there is none here") != std::string::npos);
    CHECK(text.find("supervisor.restart_wait") != std::string::npos);
    CHECK(text.find("kubelet.") == std::string::npos);

    Json steps = Json::array();
    double at = 0;
    for (const char* verb : {"process-kill", "process-stop", "process-continue", "process-terminate", "process-pause",
                             "node-crash", "node-reboot", "node-loss"}) {
      steps.push_back({{"at_s", at}, {"do", verb}, {"target", server}});
      at += 600;
    }
    spill(scratch / "all.json",
          Json{{"schema", "nines/scenario/1"}, {"name", "all"}, {"title", "one after the other"}, {"actions", steps}}
              .dump());
    ReplayCommand replayed;
    replayed.topology = topology;
    replayed.scenario = scratch / "all.json";
    const std::string played = answer(scratch, run_replay, replayed).dump();
    CHECK(played.find("host.restarted") != std::string::npos);
    CHECK(played.find("host.booted") != std::string::npos);
    CHECK(played.find("k8s.") == std::string::npos);

    CompareCommand compared;
    compared.topologies = {topology};
    compared.variants = {place + (place.starts_with("/overrides") ? "=\"9 s\"" : "=1")};
    compared.max_incidents = 5'000;
    CHECK(answer(scratch, run_compare, compared).dump().find(sli) != std::string::npos);

    const Json values = place.starts_with("/overrides") ? Json{"1 s", "9 s"} : Json{1, 3};
    const Json sweep_file = {{"schema", "nines/sweep/1"},
                             {"name", "waits"},
                             {"title", "how long"},
                             {"topology", topology},
                             {"parameters", Json::array({{{"name", "wait"}, {"at", place}, {"values", values}}})},
                             {"max_incidents", 5000},
                             {"objectives", Json::array({{{"figure", "downtime_minutes_per_year"}, {"sli", sli}}})}};
    spill(scratch / "sweep.json", sweep_file.dump(2));
    std::filesystem::remove(scratch / "results.sqlite");
    SweepCommand swept;
    swept.sweep = scratch / "sweep.json";
    swept.results = scratch / "results.sqlite";
    CHECK(answer(scratch, run_sweep, swept).dump().find("wait") != std::string::npos);
  }
}

TEST_CASE("workload: files that no controller can carry out are refused", "[workload]") {
  models::service::add_kind(models::pair::kind);
  const auto error = [](const Json& file) {
    return error_of([&] { loader::load_topology_text("w.json", file.dump(2)); });
  };
  Json file = Json::parse(slurp(source_file("topologies/kafka-eks.json")));
  Json without = file;
  without["platform"].erase("operator");
  CHECK_THAT(error(without), Catch::Contains("/services/0: no operator creates the pods of 'kafka'"));
  Json set = without;
  set["services"][0]["controller"] = "statefulset";
  CHECK(loader::load_topology_text("w.json", set.dump(2)).topology.services[0].controller == Controller::stateful_set);
  Json two = without;
  two["platform"]["workloads"] =
      Json::array({{{"name", "a"}, {"controller", "deployment"}, {"node_group", "core"}, {"operates", {"kafka"}}},
                   {{"name", "b"}, {"controller", "deployment"}, {"node_group", "core"}, {"operates", {"kafak"}}}});
  CHECK_THAT(error(two), Catch::Contains("/platform/workloads/1/operates/0") && Catch::Contains("'kafka'"));
  two["platform"]["workloads"][1]["operates"] = {"kafka"};
  CHECK_THAT(error(two), Catch::Contains("2 workloads operate 'kafka'"));
  Json bare = file;
  bare["services"][0]["controller"] = "supervisor";
  CHECK_THAT(error(bare), Catch::Contains("processes beside the pods of a Kubernetes node are not modelled"));
  Json daemons = file;
  daemons["services"][0]["controller"] = "daemonset";
  CHECK_THAT(error(daemons),
             Catch::Contains("nothing evicts the pods of a daemonset") && Catch::Contains("have its own disks only"));
  Json none = file;
  none["platform"]["kind"] = "none";
  CHECK_THAT(error(none), Catch::Contains("/platform/operator") && Catch::Contains("has no Kubernetes"));
  for (const auto& [field, value] : {std::pair("anti_affinity", Json("none")),
                                     std::pair("topology_spread", Json::array()), std::pair("priority", Json(1))}) {
    Json placed = hosts_file();
    placed["services"][0]["pools"][0][field] = value;
    CHECK_THAT(error(placed), Catch::Contains("without Kubernetes nobody looks for a machine"));
  }
  Json deployment = file;
  deployment["services"][0]["controller"] = "deployment";
  CHECK_THAT(error(deployment), Catch::Contains("pods of a Deployment share one claim"));
  Json alone = hosts_file();
  alone["services"][0]["controller"] = "statefulset";
  CHECK_THAT(error(alone), Catch::Contains("there is no Kubernetes here"));
  alone = hosts_file();
  alone["operations"] = Json::array({{{"do", "rolling-restart"}, {"target", "pair"}, {"rate", "1/yr"}}});
  CHECK_THAT(error(alone), Catch::Contains("nobody plans work here"));
}
