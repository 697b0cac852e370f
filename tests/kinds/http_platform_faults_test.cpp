// Temporary credentials that nobody renews, a NetworkPolicy that denies everything, a kubelet that hangs: what clients
// of a stateless service see.
#include <catch2/catch.hpp>

#include "models/faults/possible.hpp"
#include "models/health.hpp"
#include "models/kubernetes/drain.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/world_actions.hpp"

namespace http_platform_faults_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Credentials of an hour, renewed 5 min before they expire.
Topology with_credentials(HttpSettings settings = {}) {
  Topology topology = http_topology(settings);
  auto& spec = topology.services[0].own.as<http::Spec>();
  spec.credentials = topology.services[0].asks_for_credentials = true;
  spec.parameters.credentials_lifetime = 1_h;
  spec.parameters.credentials_refresh = 5_min;
  return topology;
}

}  // namespace

TEST_CASE("credentials: each server fails when what it has expires, uniformly over their life", "[http][oracle]") {
  const Lab lab(with_credentials());
  const Sampled expired = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::credentials_outage, "region", 2_h)}, run, 3_h);
    CHECK(count(world, "http.credentials_expired") == 3);
    const auto found = outages(world, "request");
    REQUIRE(found.size() == 1);
    CHECK(found[0].first >= 300);
    CHECK(found[0].first <= 3600);
    // The next request after the end brings credentials.
    CHECK(found[0].first + found[0].second == Approx(7200));
    CHECK(healthy(world));
    return found[0].first;
  });
  // The least of three that are uniform between 300 s and 3600 s.
  CHECK(agrees(expired, 300 + 3300.0 / 4));
}

TEST_CASE("credentials: an outage that is shorter than what is left is not noticed", "[http][oracle]") {
  const Lab lab(with_credentials());
  for (std::uint64_t run = 0; run < 100; ++run) {
    const World world = lab.play({action(0_s, Verb::credentials_outage, "region", 299_s)}, run, 2_h);
    CHECK(downtime(world, "request") == 0);
    CHECK(count(world, "http.credentials_expired") == 0);
  }
}

TEST_CASE("credentials: a server that starts meanwhile has none", "[http]") {
  const Lab lab(with_credentials());
  const World world = lab.play(
      {action(0_s, Verb::credentials_outage, "region", 200_s), action(10_s, Verb::process_kill, "web/server-0")}, 1,
      1_h);
  const auto found = outages(world, "request");
  REQUIRE(found.size() >= 1);
  CHECK(found.back().first + found.back().second == Approx(200));
  CHECK(healthy(world));
}

TEST_CASE("broken role: servers fail one by one until people, told by the first, have rolled it back",
          "[http][oracle]") {
  Topology topology = with_credentials();
  people::Parameters& people = topology.people;
  people.on_call = 1;
  people.notice = Law::constant(1_min);
  people.engage = Law::constant(2_min);
  people.identify_change = Law::constant(3_min);
  people.repair_rollback = Law::constant(4_min);
  const Lab lab(topology);
  const Sampled expired = sample(1600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::broken_role, "web")}, run, 4_h);
    const double shown = *first(world, "http.credentials_expired");
    CHECK(*first(world, "people.role_restored") == Approx(shown + 600));
    const auto found = outages(world, "request");
    REQUIRE(found.size() == 1);
    CHECK(found[0].second == Approx(600));
    CHECK(healthy(world));
    return shown;
  });
  CHECK(agrees(expired, 300 + 3300.0 / 4));
  // A service without credentials has no role.
  CHECK_FALSE(faults::why_impossible(lab.plan(), Verb::broken_role, Variant::drawn, 0));
  const Lab plain(http_topology());
  CHECK(faults::why_impossible(plain.plan(), Verb::broken_role, Variant::drawn, 0));
}

TEST_CASE("credentials: a service without any does not notice", "[http]") {
  Topology topology = http_topology();
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::credentials_outage, "region", 2_h)}, 1, 3_h);
  CHECK(downtime(world, "request") == 0);
}

TEST_CASE("network policy: everything is denied until who applied it takes it back", "[http][oracle]") {
  Topology topology = http_topology();
  topology.people.on_call = 1;
  topology.people.notice_command = Law::constant(2_min);
  topology.people.repair_command = Law::constant(4_min);
  const Lab lab(topology);
  const World world =
      lab.play({action(0_s, Verb::network_policy, "web"), action(60_s, Verb::process_kill, "web/server-0")}, 1, 1_h);
  const auto found = outages(world, "request");
  REQUIRE(found.size() == 1);
  CHECK(found[0].first == Approx(0).margin(1e-9));
  CHECK(found[0].second == Approx(360));
  CHECK(first(world, "people.policy_withdrawn").value_or(-1) == Approx(360));
  CHECK(count(world, "k8s.evicted") == 0);  // the kubelet's probes pass
  CHECK(healthy(world));
}

TEST_CASE("a kubelet that hangs: its pod is replaced although it serves, and no request fails", "[http][oracle]") {
  Topology topology = http_topology();
  topology.kubernetes.kubelet_jitter = 0;
  topology.kubernetes.node_monitor_grace_period = 40_s;
  const Lab lab(topology);
  const Plan& plan = lab.plan();
  const std::string machine(
      plan.name(plan.nodes[plan.processes[plan.services[ServiceId::of(0)].members[0]].node].component));
  const Sampled unknown = sample(300, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::kubelet_stop, machine, 20_min)}, run, 1_h);
    CHECK(downtime(world, "request") == 0);
    CHECK(first(world, "k8s.evicted", "web/server-0").value_or(0) > 300);
    CHECK(first(world, "k8s.node_ready", machine).value_or(0) >= 1200);
    CHECK(healthy(world));
    return *first(world, "k8s.node_unknown", machine);
  });
  CHECK(agrees(unknown, 37.5));  // Kubernetes sheet, K1
}

TEST_CASE("budget: pods that run and are not Ready hold a drain up, unless AlwaysAllow lets them go",
          "[http][budget]") {
  // Two of three servers hang, with a budget of one: one Ready pod is fewer than the two that it wants.
  HttpSettings settings;
  settings.probes.readiness = ProbeSpec{};
  Topology topology = http_topology(settings);
  topology.kubernetes.probe_period = 10_s;
  topology.kubernetes.probe_timeout = 1_s;
  topology.kubernetes.probe_failures = 3;
  for (const bool always : {false, true}) {
    topology.services[0].evicts_unhealthy = always;
    const Lab lab(topology);
    World world = lab.play(
        {action(0_s, Verb::process_stop, "web/server-0"), action(0_s, Verb::process_stop, "web/server-1")}, 1, 2_min);
    const ProcessId hung = process_named(lab.plan(), "web/server-0");
    REQUIRE_FALSE(kubernetes::pod_ready(world, hung));
    kubernetes::drain(world, world.kubernetes.pods[hung].node, false);
    CHECK((count(world, "k8s.eviction_refused") == 0) == always);
    CHECK((world.kubernetes.pods[hung].object == kubernetes::PodObject::bound) != always);
    // A pod that is Ready is refused by either: the budget is used up.
    const ProcessId serves = process_named(lab.plan(), "web/server-2");
    kubernetes::drain(world, world.kubernetes.pods[serves].node, false);
    CHECK(world.kubernetes.pods[serves].object == kubernetes::PodObject::bound);
  }
}

TEST_CASE("budget: one that wants no pod lets those that are not Ready go while another one is", "[http][budget]") {
  HttpSettings settings;
  settings.probes.readiness = ProbeSpec{};
  Topology topology = http_topology(settings);
  topology.services[0].budget = DisruptionBudget::at_most(3);
  const Lab lab(topology);
  for (const bool all : {true, false}) {
    std::vector<Action> script{action(0_s, Verb::process_stop, "web/server-0"),
                               action(0_s, Verb::process_stop, "web/server-1")};
    if (all) script.push_back(action(0_s, Verb::process_stop, "web/server-2"));
    World world = lab.play(script, 1, 2_min);
    const ProcessId hung = process_named(lab.plan(), "web/server-0");
    REQUIRE_FALSE(kubernetes::pod_ready(world, hung));
    kubernetes::drain(world, world.kubernetes.pods[hung].node, false);
    CHECK((world.kubernetes.pods[hung].object == kubernetes::PodObject::bound) == all);
  }
}

TEST_CASE("budget: a pod whose container waits for its next start is asked for", "[http][budget]") {
  Topology topology = http_topology();
  topology.kubernetes.container_restart = Law::constant(10_min);
  topology.services[0].budget = DisruptionBudget::at_most(1);
  const Lab lab(topology);
  World world = lab.play(
      {action(0_s, Verb::process_kill, "web/server-0"), action(0_s, Verb::process_kill, "web/server-1")}, 1, 1_min);
  const ProcessId waits = process_named(lab.plan(), "web/server-0");
  REQUIRE(world.kubernetes.pods[waits].container == kubernetes::Container::waiting);
  kubernetes::drain(world, world.kubernetes.pods[waits].node, false);
  CHECK(world.kubernetes.pods[waits].object == kubernetes::PodObject::bound);
  CHECK(count(world, "k8s.eviction_refused") == 1);
}

}  // namespace http_platform_faults_test
