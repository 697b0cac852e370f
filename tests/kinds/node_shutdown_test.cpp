// Graceful node shutdown. Source: kubernetes/kubernetes pkg/kubelet/nodeshutdown/nodeshutdown_manager.go;
// pkg/controller/statefulset/stateful_set_control.go; kubernetes.io documentation, node shutdown.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/world_actions.hpp"

namespace node_shutdown_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

const std::string server = "web/server-0";

/// Servers stop within 200 ms of their SIGTERM; a new one is bound after 50 ms and started 4 s later.
Topology web(Controller controller, Duration grace, Duration critical = {}) {
  HttpSettings settings;
  settings.controller = controller;
  Topology topology = http_topology(settings);
  topology.node_groups[0].shutdown_grace = grace;
  topology.node_groups[0].shutdown_grace_critical = critical;
  topology.people.on_call = 0;
  return topology;
}

std::string machine_of(const Plan& plan, std::string_view process) {
  return std::string(plan.name(plan.nodes[plan.processes[process_named(plan, process)].node].component));
}

World reboot(const Lab& lab, std::vector<Action> before = {}, Duration length = 30_min) {
  before.push_back(action(before.empty() ? 0_s : 1_s, Verb::node_reboot, machine_of(lab.plan(), server), 10_min));
  return lab.play(before, 1, length);
}

}  // namespace

TEST_CASE("shutdown: by default a kubelet hears nothing of it, and its pods wait for the machine", "[shutdown]") {
  const Lab lab(web(Controller::deployment, 0_s));
  const World world = reboot(lab, {}, 9_min);
  CHECK(count(world, "k8s.shutdown_heard") == 0);
  CHECK(count(world, "k8s.pod_failed") == 0);
  // Its replacement comes by lease, taint and toleration.
  CHECK(*first(world, "k8s.pod_created", server) > 300);
}

TEST_CASE("shutdown: a pod that stops in time has Failed, and its controller replaces it at once",
          "[shutdown][oracle]") {
  for (const Controller controller : {Controller::deployment, Controller::stateful_set}) {
    const Lab lab(web(controller, 30_s, 10_s));
    const World world = reboot(lab);
    CHECK(*first(world, "k8s.shutdown_heard") == 0);
    CHECK(*first(world, "k8s.pod_failed", server) == Approx(0.2));
    CHECK(*first(world, "k8s.pod_created", server) == Approx(0.2));
    CHECK(*first(world, "k8s.pod_started", server) == Approx(0.2 + 0.05 + 4));
    CHECK(count(world, "k8s.evicted") == 0);
    CHECK(count(world, "k8s.pod_stuck") == 0);
    CHECK(healthy(world));
  }
}

TEST_CASE("shutdown: its node is NotReady at once, and takes no pods", "[shutdown]") {
  const Lab lab(web(Controller::deployment, 30_s));
  World world = lab.prepare({action(0_s, Verb::node_reboot, machine_of(lab.plan(), server), 10_min)}, 1);
  pass(world, 1_s);
  const NodeId node = lab.plan().processes[process_named(lab.plan(), server)].node;
  CHECK_FALSE(world.kubernetes.nodes[node].ready);
}

TEST_CASE("shutdown: a pod that does not stop gets SIGKILL when the time of its group is over", "[shutdown][oracle]") {
  // 30 s less 10 s of the critical pods are less than its own grace period of 30 s.
  const Lab lab(web(Controller::deployment, 30_s, 10_s));
  const World hung = reboot(lab, {action(0_s, Verb::process_stop, server)});
  CHECK(*first(hung, "k8s.pod_failed", server) == Approx(1 + 20));
  // Its own grace period is shorter than what the shutdown leaves it.
  Topology patient = web(Controller::deployment, 90_s);
  const Lab own(patient);
  const World short_of_all = reboot(own, {action(0_s, Verb::process_stop, server)});
  CHECK(*first(short_of_all, "k8s.pod_failed", server) == Approx(1 + own.plan().kube().termination_grace.to_seconds()));
}

TEST_CASE("shutdown: the machine goes down when its pods have ended", "[shutdown]") {
  Topology topology = web(Controller::deployment, 90_s);
  topology.infrastructure.node_shutdown = Law::constant(7_s);
  const Lab lab(topology);
  const World world = reboot(lab);
  CHECK(*first(world, "infra.node_down") == Approx(0.2 + 7));
}

TEST_CASE("shutdown: what is not reported as Failed stays as after a loss of power", "[shutdown]") {
  // Nobody hears that it has Failed: its kubelet does not reach the API server.
  const Lab lab(web(Controller::stateful_set, 30_s, 10_s));
  const World world =
      reboot(lab, {action(0_s, Verb::partition, machine_of(lab.plan(), server), 1_h, "control-plane")}, 9_min);
  CHECK(count(world, "k8s.pod_failed") == 0);
  CHECK(world.kubernetes.pods[process_named(lab.plan(), server)].object != kubernetes::PodObject::gone);
}

TEST_CASE("shutdown: a Spot machine that nobody drains hands its pods on when it is taken", "[shutdown]") {
  for (const bool graceful : {false, true}) {
    Topology topology = web(Controller::deployment, graceful ? 30_s : 0_s);
    NodeGroupSpec& group = topology.node_groups[0];
    group.capacity = Capacity::spot;
    group.interruption = Interruption::none;
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::spot_reclaim, machine_of(lab.plan(), server))}, 1, 10_min);
    const double created = *first(world, "k8s.pod_created", server);
    CHECK((created < 125) == graceful);
  }
}

TEST_CASE("shutdown: a preStop hook ends with its machine", "[shutdown][oracle]") {
  HttpSettings settings;
  settings.pre_stop = 100_s;
  Topology topology = http_topology(settings);
  topology.kubernetes.termination_grace = 200_s;
  topology.people.on_call = 0;
  NodeGroupSpec& group = topology.node_groups[0];
  group.capacity = Capacity::spot;
  group.interruption = Interruption::none;
  const Lab lab(topology);
  // The hook would sleep from 60 to 160 s; the machine is taken at 120 s, and its containers get SIGTERM then.
  const World world = lab.play(
      {action(0_s, Verb::spot_reclaim, machine_of(lab.plan(), server)), action(60_s, Verb::delete_pod, server)}, 1,
      10_min);
  CHECK(*first(world, "http.server_stopped", server) == Approx(120 + 0.2));
  CHECK(count(world, "k8s.pre_stop_ended") == 0);
}

TEST_CASE("shutdown: a kubelet that does not hear of it is noticed", "[shutdown][mutations]") {
  active_mutation = Mutation::shutdown_unheard;
  const Lab lab(web(Controller::deployment, 30_s));
  const World world = reboot(lab, {}, 4_min);
  active_mutation = Mutation::none;
  CHECK(count(world, "k8s.pod_failed") == 0);
}

TEST_CASE("shutdown: whatever happens, the cluster comes to rest", "[shutdown][invariants]") {
  for (const Controller controller : {Controller::deployment, Controller::stateful_set, Controller::daemon_set}) {
    HttpSettings settings;
    settings.controller = controller;
    if (controller == Controller::daemon_set) settings.machines_a_zone = 1;
    Topology topology = http_topology(settings);
    topology.node_groups[0].shutdown_grace = 40_s;
    topology.node_groups[0].shutdown_grace_critical = 10_s;
    topology.people.on_call = 1;
    const Lab lab(topology);
    for (std::uint64_t run = 0; run < 40; ++run) {
      Dice dice(run);
      std::vector<Action> script;
      for (int i = 0; i < 7; ++i) {
        const Duration at = Duration::seconds(static_cast<std::int64_t>(dice.below(900)));
        const std::string pod = "web/server-" + std::to_string(dice.below(3));
        const Duration length = Duration::seconds(static_cast<std::int64_t>(dice.below(400)) + 1);
        switch (dice.below(7)) {
          case 0: script.push_back(action(at, Verb::node_reboot, pod, length)); break;
          case 1: script.push_back(action(at, Verb::node_crash, pod, length)); break;
          case 2: script.push_back(action(at, Verb::process_pause, pod, length)); break;
          case 3: script.push_back(action(at, Verb::node_loss, pod)); break;
          case 4:
            script.push_back(
                action(at, Verb::disk_pressure, pod, dice.below(2) == 0 ? Variant::pod : Variant::machine));
            break;
          case 5: script.push_back(action(at, Verb::delete_pod, pod)); break;
          default: script.push_back(action(at, Verb::partition, pod, length, "control-plane"));
        }
      }
      std::ranges::stable_sort(script, {}, &Action::at);
      const World world = lab.play(script, run, 96_h);
      INFO("controller " << static_cast<int>(controller) << " run " << run);
      CHECK(healthy(world));
    }
  }
}

}  // namespace node_shutdown_test
