// What clients of a stateless service see, step by step.
#include <catch2/catch.hpp>
#include <cmath>
#include <set>

#include "experiments/estimate/assess.hpp"
#include "models/health.hpp"
#include "models/kubernetes/drain.hpp"
#include "models/process.hpp"
#include "tests/kinds/http_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"

namespace http_service_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

const std::string server = "web/server-0";

std::string machine_of(const Lab& lab, std::size_t position = 0) {
  const Plan& plan = lab.plan();
  return std::string(
      plan.name(plan.nodes[plan.processes[plan.services[ServiceId::of(0)].members[position]].node].component));
}

ProbeSpec probe(std::int64_t period, std::int64_t failures, std::int64_t timeout, std::int64_t delay = 0) {
  return {
      Duration::seconds(delay), Duration::seconds(period), Duration::seconds(timeout), failures, ProbeAsks::served, {}};
}

/// Grace period 40 s (Kubernetes 1.31), without the jitter of leases and without waits that are drawn.
Topology exact(HttpSettings settings) {
  Topology topology = http_topology(settings);
  topology.kubernetes.kubelet_jitter = 0;
  topology.kubernetes.taint_delay = Law::constant(100_ms);
  return topology;
}

}  // namespace

// ---- a dead machine (Kubernetes sheet, section 3.1) ----

TEST_CASE("http: a dead machine fails a third of the requests until its pod is out of rotation", "[http][oracle]") {
  const Lab lab(exact({}));
  const std::string node = machine_of(lab);
  const auto dies = [&](std::uint64_t run) { return lab.play({action(0_s, Verb::node_crash, node, 1_h)}, run, 100_s); };
  const Sampled healed = sample(600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = dies(run);
    const auto found = outages(world, "request");
    REQUIRE(found.size() == 1);
    CHECK(found[0].first == Approx(0).margin(1e-9));
    CHECK(found[0].second == Approx(*first(world, "http.out_of_rotation", server)));
    CHECK(*first(world, "http.out_of_rotation", server) == Approx(*first(world, "k8s.node_unknown", node) + 1));
    return found[0].second;
  });
  CHECK(agrees(healed, 38.5));  // min, typ, max of the sheet with 1 s of propagation: 31, 38.5, 46
  CHECK(healed.lowest >= 31);
  CHECK(healed.highest <= 46);
}

TEST_CASE("http: with a grace period of 50 s traffic heals 10 s later", "[http][oracle]") {
  Topology topology = exact({});
  topology.kubernetes.node_monitor_grace_period = 50_s;
  const Lab lab(topology);
  const std::string node = machine_of(lab);
  CHECK(agrees(sample(600,
                      [&](std::uint64_t run) -> std::optional<double> {
                        return downtime(lab.play({action(0_s, Verb::node_crash, node, 1_h)}, run, 100_s), "request");
                      }),
               48.5));
}

TEST_CASE("http: its pod serves elsewhere after some 360 s", "[http][oracle]") {
  HttpSettings settings;
  settings.probes.readiness = probe(10, 3, 1);
  const Lab lab(exact(settings));
  const std::string node = machine_of(lab);
  const Sampled back = sample(400, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::node_crash, node, 1_h)}, run, 10_min);
    const double unknown = *first(world, "k8s.node_unknown", node);
    const double evicted = *first(world, "k8s.evicted", server);
    CHECK(evicted == Approx(unknown + 5 + 0.1 + 300));
    const double started = *first(world, "k8s.pod_started", server);
    CHECK(started == Approx(evicted + 0.05 + 4));
    const double ready = *first(world, "k8s.pod_ready", server);
    CHECK(ready >= started + 1);
    CHECK(ready <= started + 11);
    CHECK(*first(world, "http.in_rotation", server) == Approx(ready + 1));
    CHECK(world.processes[ProcessId::of(0)].node != lab.plan().processes[ProcessId::of(0)].node);
    return *first(world, "http.in_rotation", server);
  });
  // Readiness: a phase of U(0, 10) s; a tenth of them finds the server not started and waits for the next.
  CHECK(agrees(back, 37.5 + 5.1 + 300 + 4.05 + 5 + 1 + 1));
  CHECK(back.lowest > 336);
  CHECK(back.highest < 372);
}

TEST_CASE("http: retries turn the third of a dead server into (1/3)^3, and a tolerance judges it", "[http][oracle]") {
  for (const auto& [retries, tolerance, fails] : {std::tuple{0, 0.34, false}, std::tuple{0, 0.33, true},
                                                  std::tuple{2, 0.0371, false}, std::tuple{2, 0.037, true}}) {
    HttpSettings settings;
    settings.retries = retries;
    settings.tolerance = tolerance;
    const Lab lab(exact(settings));
    const World world = lab.play({action(0_s, Verb::node_crash, machine_of(lab), 1_h)}, 1, 100_s);
    CHECK(outages(world, "request").empty() != fails);
  }
}

// ---- capacity ----

TEST_CASE("http: capacity is short from the death of a machine until its pod is back", "[http]") {
  HttpSettings settings;
  settings.requests_per_s = 300;
  settings.tolerance = 0.35;
  settings.capacity_per_pod = 140;
  const Lab tight(exact(settings));
  const World world = tight.play({action(0_s, Verb::node_crash, machine_of(tight), 1_h)}, 1, 10_min);
  CHECK(downtime(world, "capacity") == Approx(*first(world, "http.server_up", server)));
  // 280 of 300 requests are taken: the requests of those that tolerate a third go on.
  CHECK(downtime(world, "request") == Approx(0));
  settings.capacity_per_pod = 150;
  const Lab enough(exact(settings));
  CHECK(downtime(enough.play({action(0_s, Verb::node_crash, machine_of(enough), 1_h)}, 1, 10_min), "capacity") ==
        Approx(0));
}

TEST_CASE("http: a starved machine's server takes its share of the capacity", "[http]") {
  HttpSettings settings;
  settings.requests_per_s = 300;
  settings.capacity_per_pod = 101;
  const Lab lab(exact(settings));
  const World world = lab.play({action(0_s, Verb::cpu_starved, machine_of(lab), 60_s)}, 1, 5_min);
  CHECK(downtime(world, "capacity") == Approx(60));
}

// ---- deletion: SIGTERM and endpoints race ----

TEST_CASE("http: a deleted pod refuses requests until routing has followed, unless a preStop hook covers it",
          "[http]") {
  for (const Duration pre_stop : {0_s, 500_ms, 2_s}) {
    HttpSettings settings;
    settings.pre_stop = pre_stop;
    settings.probes.readiness = probe(1, 3, 1);
    const Lab lab(exact(settings));
    const World world = lab.play({action(0_s, Verb::drain, machine_of(lab), Variant::evict_first)}, 1, 20_min);
    const double refused = std::max(0.0, 1 - pre_stop.to_seconds());
    CHECK(downtime(world, "request") == Approx(refused));
    CHECK(*first(world, "http.server_stopped", server) == Approx(pre_stop.to_seconds() + 0.2));
    CHECK(healthy(world));
  }
}

TEST_CASE("http: a drain that a budget keeps waiting names the pod, once", "[http][kubernetes]") {
  for (const std::int64_t budget : {0, 1}) {
    Topology topology = exact({});
    topology.services[0].budget = DisruptionBudget::at_most(budget);
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::drain, machine_of(lab), Variant::evict_first)}, 1, 1_h);
    CHECK(count(world, "k8s.eviction_refused") == (budget == 0 ? 1 : 0));
    CHECK(first(world, "k8s.eviction_refused", server).has_value() == (budget == 0));
    CHECK(healthy(world) == (budget == 1));
  }
}

TEST_CASE("http: a preStop hook longer than the grace period ends in SIGKILL", "[http]") {
  HttpSettings settings;
  settings.pre_stop = 60_s;
  const Lab lab(exact(settings));
  const World world = lab.play({action(0_s, Verb::drain, machine_of(lab), Variant::evict_first)}, 1, 20_min);
  CHECK(*first(world, "k8s.grace_period_ended", server) == Approx(30));
  CHECK(count(world, "http.server_stopped") == 0);
  CHECK(healthy(world));
}

TEST_CASE("http: without readiness probe a pod gets requests before its server has started", "[http]") {
  for (const bool probed : {false, true}) {
    HttpSettings settings;
    if (probed) settings.probes.readiness = probe(1, 3, 1);
    Topology topology = exact(settings);
    topology.services[0].own.as<http::Spec>().parameters.start = Law::constant(5_s);
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::process_kill, server)}, 1, 2_min);
    // Refused until routing has followed the death: 1 s. The container runs again after 1 s and is listed 1 s later;
    // its server starts 4 s after that.
    const auto found = outages(world, "request");
    REQUIRE(found.size() == (probed ? 1 : 2));
    CHECK(found[0].second == Approx(1));
    if (!probed) CHECK(found[1].second == Approx(4));
  }
}

// ---- probes ----

TEST_CASE("probes: a hang is found by liveness after U(0, P) + (F - 1) P + time-out, and the container restarted",
          "[http][kubernetes][oracle]") {
  HttpSettings settings;
  settings.probes.liveness = probe(5, 3, 1);
  const Lab lab(exact(settings));
  const Sampled found = sample(600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_stop, server)}, run, 5_min);
    const double failed = *first(world, "k8s.liveness_failed", server);
    CHECK(*first(world, "k8s.grace_period_ended", server) == Approx(failed + 30));  // SIGTERM waits with the process
    CHECK(*first(world, "k8s.container_restarted", server) == Approx(failed + 31));
    CHECK(count(world, "k8s.liveness_failed") == 1);
    CHECK(healthy(world));
    return failed;
  });
  CHECK(agrees(found, 13.5));
  CHECK(found.lowest >= 11);
  CHECK(found.highest <= 16);
}

TEST_CASE("probes: a hang takes the pod out of Ready by the same law, and it is back when it passes again",
          "[http][kubernetes][oracle]") {
  HttpSettings settings;
  settings.probes.readiness = ProbeSpec{};  // Kubernetes' defaults: 10 s, 3 failures, 1 s
  const Lab lab(exact(settings));
  const Sampled found = sample(400, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_pause, server, 100_s)}, run, 5_min);
    const double lost = *first(world, "k8s.pod_unready", server);
    CHECK(downtime(world, "request") == Approx(lost + 1));
    const double ready = *first(world, "k8s.pod_ready", server);
    // On the same grid: failures end 1 s after a tick.
    CHECK(std::remainder(ready - (lost - 1), 10) == Approx(0).margin(1e-6));
    CHECK(ready >= 100);
    CHECK(ready <= 110);
    CHECK(count(world, "k8s.container_restarted") == 0);
    CHECK(healthy(world));
    return lost;
  });
  CHECK(agrees(found, 26));
  CHECK(found.lowest >= 21);
  CHECK(found.highest <= 31);
}

TEST_CASE("probes: what goes on before enough failures is never noticed", "[http][kubernetes]") {
  HttpSettings settings;
  settings.probes.readiness = settings.probes.liveness = probe(10, 3, 1);
  const Lab lab(exact(settings));
  for (std::uint64_t run = 0; run < 50; ++run) {
    const World world = lab.play(
        {action(0_s, Verb::process_pause, server, 20_s), action(40_s, Verb::process_pause, server, 20_s)}, run, 5_min);
    CHECK(count(world, "k8s.pod_unready") + count(world, "k8s.liveness_failed") == 0);
    CHECK(downtime(world, "request") == Approx(40));
  }
}

TEST_CASE("probes: without any a hang is found by nobody", "[http][kubernetes]") {
  const Lab lab(exact({}));
  CHECK(downtime(lab.play({action(0_s, Verb::process_stop, server)}, 1, 1_h), "request") == Approx(3600));
}

TEST_CASE("probes: liveness restarts a slow start for ever, unless a startup probe holds it back",
          "[http][kubernetes]") {
  for (const bool held : {false, true}) {
    HttpSettings settings;
    settings.probes.readiness = settings.probes.liveness = probe(5, 3, 1);
    if (held) settings.probes.startup = probe(5, 30, 1);
    Topology topology = exact(settings);
    topology.services[0].own.as<http::Spec>().parameters.start = Law::constant(60_s);
    const Lab lab(topology);
    const World world = lab.play({action(0_s, Verb::process_kill, server)}, 1, 20_min);
    CHECK((count(world, "k8s.liveness_failed") > 3) != held);
    CHECK(healthy(world) == held);
    if (!held) continue;
    // The first startup probe after the start, then readiness within another period.
    const double up = *first(world, "http.server_up", server), ready = *first(world, "k8s.pod_ready", server);
    CHECK(ready >= up);
    CHECK(ready <= up + 10);
  }
}

TEST_CASE("probes: a startup probe that fails too often restarts the container", "[http][kubernetes]") {
  HttpSettings settings;
  settings.probes.startup = probe(5, 3, 1);
  Topology topology = exact(settings);
  topology.services[0].own.as<http::Spec>().parameters.start = Law::constant(60_s);
  const Lab lab(topology);
  const Sampled failed = sample(300, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_kill, server)}, run, 40_s);
    return *first(world, "k8s.startup_failed", server) - *first(world, "k8s.container_restarted", server);
  });
  CHECK(agrees(failed, 2.5 + 10));
}

TEST_CASE("probes: a revision that serves errors passes them, and clients fail", "[http][kubernetes]") {
  HttpSettings settings;
  settings.probes.readiness = settings.probes.liveness = probe(10, 3, 1);
  const Lab lab(exact(settings));
  const World world = lab.play({action(0_s, Verb::bad_rollout, "web", Variant::passes)}, 1, 10_min);
  CHECK(count(world, "k8s.liveness_failed") == 0);
  for (const ProcessId process : lab.plan().processes.ids())
    CHECK((world.kubernetes.pods[process].parked || kubernetes::pod_ready(world, process)));
  CHECK(downtime(world, "request") > 300);
}

// ---- load balancers ----

TEST_CASE("http: a load balancer finds a dead pod by itself, sooner than the node controller", "[http][oracle]") {
  HttpSettings settings;
  settings.frontend = http::Frontend::nlb;
  Topology topology = exact(settings);
  topology.kubernetes.node_monitor_grace_period = 50_s;
  const Lab lab(topology);
  const std::string node = machine_of(lab);
  const Sampled healed = sample(600, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::node_crash, node, 1_h)}, run, 100_s);
    CHECK(downtime(world, "request") == Approx(*first(world, "http.target_unhealthy", server)));
    return downtime(world, "request");
  });
  CHECK(agrees(healed, 5 + 2 * 10 + 4));  // U(0, interval) + (threshold - 1) interval + time-out
  CHECK(healed.lowest >= 24);
  CHECK(healed.highest <= 34);
}

TEST_CASE("http: checks that go on are judged by the threshold of now", "[http][oracle]") {
  HttpSettings settings;
  settings.frontend = http::Frontend::nlb;
  Topology topology = exact(settings);
  topology.kubernetes.node_monitor_grace_period = 60_s;
  const Lab lab(topology);
  const auto found = [](const World& world) { return *first(world, "http.target_unhealthy", server); };
  for (const auto& [threshold, fork_at] : {std::pair{2, 1_s}, {4, 1_s}, {1, 12_s}, {5, 23_s}}) {
    Topology other = topology;
    other.services[0].own.as<http::Spec>().parameters.nlb_unhealthy = threshold;
    const Lab changed(other);
    for (std::uint64_t run = 0; run < 30; ++run) {
      World world = lab.prepare({action(0_s, Verb::node_crash, machine_of(lab), 1_h)}, run);
      run_until(world, origin + fork_at);
      World fork = world;
      change_plan(fork, changed.plan());
      run_until(world, origin + 55_s);
      run_until(fork, origin + 55_s);
      // Checks begin at `begins` and every 10 s from then on, and end 4 s later; three had to fail.
      const double begins = found(world) - 4 - 2 * 10;
      // One that is under way when the threshold changes counts.
      const double left = std::ceil((fork_at.to_seconds() - 4 - begins) / 10);
      CHECK(found(fork) == Approx(begins + 10 * std::max(threshold - 1.0, left) + 4));
    }
  }
}

TEST_CASE("http: a new target needs registration and one check, an old one two successes", "[http][oracle]") {
  HttpSettings settings;
  settings.frontend = http::Frontend::alb;
  const Lab lab(exact(settings));
  const Sampled returned = sample(300, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_pause, server, 100_s)}, run, 5_min);
    return *first(world, "http.target_healthy", server) - 100;
  });
  CHECK(agrees(returned, 5 + 10));
  const Sampled fresh = sample(300, [&](std::uint64_t run) -> std::optional<double> {
    const World world =
        lab.play({action(0_s, Verb::process_kill, server), action(0_s, Verb::process_kill, server)}, run, 5_min);
    // Dead for 1 s: it is no target for 3 s only if nobody lists it again meanwhile. A drained one is registered anew.
    return downtime(world, "request");
  });
  CHECK(agrees(fresh, 2));  // 1 s until the container runs, 1 s until its server does: back before it was deregistered
  const World drained = lab.play({action(0_s, Verb::drain, machine_of(lab), Variant::evict_first)}, 3, 5_min);
  const double listed = *first(drained, "http.in_rotation", server);
  const double checked = *first(drained, "http.target_healthy", server, listed);
  CHECK(listed == Approx(*first(drained, "k8s.pod_ready", server) + 5));
  CHECK(checked >= listed);
  CHECK(checked <= listed + 10);
}

TEST_CASE("http: a load balancer without any healthy target sends requests to all of them", "[http]") {
  HttpSettings settings;
  settings.frontend = http::Frontend::nlb;
  const Lab lab(exact(settings));
  std::vector<Action> script;
  for (const char* each : {"web/server-0", "web/server-1", "web/server-2"})
    script.push_back(action(0_s, Verb::process_pause, each, 100_s));
  const World world = lab.play(script, 1, 5_min);
  CHECK(count(world, "http.target_unhealthy") == 3);
  CHECK(downtime(world, "request") == Approx(100));  // not until health checks have seen them twice
}

TEST_CASE("http: behind instance targets a machine without pod fails its share too", "[http]") {
  HttpSettings settings;
  settings.frontend = http::Frontend::nlb;
  settings.target = http::Target::instance;
  settings.tolerance = 0.16;
  const Lab lab(exact(settings));
  std::set<std::string> with_pod;
  for (std::size_t i = 0; i < 3; ++i) with_pod.insert(machine_of(lab, i));
  std::string empty;
  for (const NodeId node : lab.plan().nodes.ids()) {
    const std::string name(lab.plan().name(lab.plan().nodes[node].component));
    if (!with_pod.contains(name) && !lab.plan().vacant(node)) empty = name;
  }
  const World world = lab.play({action(0_s, Verb::node_crash, empty, 1_h)}, 1, 10_min);
  CHECK(downtime(world, "request") == Approx(*first(world, "http.target_unhealthy", empty)));  // 1/6 > 0.16
  settings.tolerance = 0.17;
  const Lab tolerant(exact(settings));
  CHECK(downtime(tolerant.play({action(0_s, Verb::node_crash, empty, 1_h)}, 1, 10_min), "request") == Approx(0));
}

// ---- rollouts ----

TEST_CASE("http: a rollout of 10 servers keeps at least 8 of them, and never has more than 10", "[http][kubernetes]") {
  HttpSettings settings;
  settings.servers = 10;
  settings.machines_a_zone = 4;
  settings.probes.readiness = probe(10, 3, 1, 10);
  settings.pre_stop = 5_s;
  const Lab lab(exact(settings));
  World world = lab.prepare({action(0_s, Verb::rolling_restart, "web")}, 1);
  std::ptrdiff_t least = 10;
  while (step(world, origin + 1_h)) {
    std::ptrdiff_t ready = 0;
    for (const ProcessId process : lab.plan().processes.ids()) ready += kubernetes::pod_ready(world, process) ? 1 : 0;
    least = std::min(least, ready);
  }
  CHECK(least == 8);
  CHECK(count(world, "k8s.roll_finished") == 1);
  CHECK(count(world, "k8s.pod_updated") == 10);
  CHECK(downtime(world, "request") == Approx(0));
  CHECK(healthy(world));
}

// ---- without Kubernetes ----

TEST_CASE("http: on hosts a supervisor restarts a server, and a load balancer checks it", "[http]") {
  HttpSettings settings;
  settings.controller = Controller::supervisor;
  settings.frontend = http::Frontend::nlb;
  Topology topology = exact(settings);
  topology.platform = PlatformKind::none;
  topology.node_groups[0].bare = true;
  topology.node_groups[0].provisioner = Provisioner::none;
  topology.hosts.restarts = true;
  topology.hosts.restart_wait = 100_ms;
  topology.hosts.stop_timeout = 90_s;
  const Lab lab(topology);
  const World killed = lab.play({action(0_s, Verb::process_kill, server)}, 1, 5_min);
  CHECK(downtime(killed, "request") == Approx(1.1));
  const World dead = lab.play({action(0_s, Verb::node_crash, machine_of(lab), 10_min)}, 1, 20_min);
  CHECK(downtime(dead, "request") == Approx(*first(dead, "http.target_unhealthy", server)));
  CHECK(healthy(dead));
}

// ---- availability ----

TEST_CASE("http: two of three servers with exponential failures are as available as the binomial law says",
          "[http][oracle]") {
  HttpSettings settings;
  settings.frontend = http::Frontend::none;
  settings.tolerance = 0.5;  // holds while at most one of three servers is away
  Topology topology = exact(settings);
  constexpr double failures_per_year = 365;
  const Duration away = 30_min;
  topology.infrastructure.process_crash_rate = Rate::per_year(failures_per_year);
  topology.kubernetes.restart_backoff_first = topology.kubernetes.restart_backoff_max = 0_s;
  topology.kubernetes.container_restart = Law::constant(1_ms);
  topology.services[0].own.as<http::Spec>().parameters.start = Law::exponential(away);
  const Plan plan = build_plan(topology, 1);
  experiments::AssessOptions options;
  options.precision = 0.02;
  options.max_incidents = 200'000;
  const experiments::Assessment result = experiments::assess_by_incidents(plan, options);
  // Each server is a two-state Markov chain, for a crash while it starts draws its exponential start anew; they are
  // independent.
  const double load = failures_per_year / 8760 * away.to_seconds() / 3600;
  const double u = load / (1 + load);
  const double truth = 3 * u * u - 2 * u * u * u;
  const sim::Estimate& found = result.slis.at(0).unavailability;
  REQUIRE((found.value && found.ci95));
  // 5.5 standard errors: false-alarm rate 4e-8.
  CHECK(std::abs(*found.value - truth) < 5.5 / 1.96 * (found.ci95->upper - found.ci95->lower) / 2);
  CHECK(found.ci95->upper - found.ci95->lower < 0.06 * truth);
}

// ---- invariants ----

TEST_CASE("http: whatever strikes, it recovers, and a run is the same run again", "[http]") {
  for (std::uint64_t schedule = 0; schedule < 60; ++schedule) {
    Dice dice(schedule);
    HttpSettings settings;
    settings.frontend = dice.pick<http::Frontend>(
        {http::Frontend::none, http::Frontend::cluster_ip, http::Frontend::nlb, http::Frontend::alb});
    settings.target = dice.below(2) == 0 ? http::Target::ip : http::Target::instance;
    settings.controller = dice.pick<Controller>({Controller::deployment, Controller::stateful_set});
    settings.requests_per_s = dice.below(2) == 0 ? 0 : 100;
    settings.capacity_per_pod = 60;
    settings.retries_add_load = settings.requests_per_s > 0 && dice.below(2) == 0;
    settings.retries = settings.retries_add_load ? static_cast<std::int64_t>(dice.below(4)) : 0;
    settings.queue_per_pod = settings.retries_add_load && dice.below(2) == 0 ? 200 : 0;
    settings.probes.liveness = probe(5, 3, 1);
    if (dice.below(2) == 0) settings.probes.readiness = probe(10, 3, 1);
    if (dice.below(2) == 0) settings.probes.startup = probe(3, 30, 1);
    settings.pre_stop = Duration::seconds(static_cast<std::int64_t>(dice.below(3) * 10));
    const Lab lab(http_topology(settings));
    std::vector<Action> script;
    for (int i = 0; i < 6; ++i) {
      const Duration at = Duration::from_seconds(dice.uniform() * 300);
      const Duration length = Duration::from_seconds(1 + dice.uniform() * 200);
      const std::size_t which = dice.below(3);
      const std::string process = "web/server-" + std::to_string(which);
      switch (dice.below(8)) {
        case 0: script.push_back(action(at, Verb::process_kill, process)); break;
        case 1: script.push_back(action(at, Verb::process_pause, process, length)); break;
        case 2: script.push_back(action(at, Verb::node_crash, machine_of(lab, which), length)); break;
        case 3: script.push_back(action(at, Verb::node_reboot, machine_of(lab, which), length)); break;
        case 4: script.push_back(action(at, Verb::rolling_restart, "web")); break;
        case 5: script.push_back(action(at, Verb::zone_isolation, lab.plan().topology.zones[which], length)); break;
        case 6: script.push_back(action(at, Verb::process_stop, process)); break;
        default: script.push_back(action(at, Verb::delete_pod, process)); break;
      }
    }
    INFO(schedule);
    // People may have to undo a roll that waits for a machine.
    const World world = lab.play(script, schedule, 24_h);
    CHECK(healthy(world));
    const World again = lab.play(script, schedule, 24_h);
    CHECK(again.events == world.events);
    CHECK(downtime(again, "request") == downtime(world, "request"));
  }
}

}  // namespace http_service_test
