// A control plane on masters of its own: who acts, who answers, and what the platform does meanwhile. Constant laws:
// what they leave is exact to the nanosecond. Means are held at 5.5 standard errors (false-alarm rate 4e-8 a
// comparison).
#include <catch2/catch.hpp>
#include <random>

#include "models/control_plane/leader_election.hpp"
#include "models/mutation.hpp"
#include "models/platform.hpp"
#include "models/selector.hpp"
#include "tests/models/control_plane_topology.hpp"
#include "tests/models/lab.hpp"

namespace control_plane_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using control_plane::EndpointKind;

namespace {

const std::string manager_lease = "leader(control-plane/controller-managers)";

/// Machines that carry a Deployment of three and nothing else; nobody is on call.
Topology workers() {
  Topology topology = small_topology();
  topology.services.clear();
  topology.node_groups[0].nodes_per_zone = 2;
  topology.node_groups[0].provisioner = Provisioner::none;
  WorkloadSpec web;
  web.name = "web";
  web.node_group = topology.node_groups[0].name;
  web.replicas = 3;
  web.cpu = 1;
  topology.workloads = {web};
  kubernetes::Parameters& k = topology.kubernetes;
  k.container_restart = Law::constant(1_s);
  k.pod_start = Law::constant(3_s);
  k.image_pull = Law::constant(5_s);
  k.kubelet_jitter = 0;
  topology.people.on_call = 0;
  return topology;
}

Topology design(const ControlPlaneSettings& settings = {}) { return with_masters(workers(), settings); }

std::string node_of(const World& world, std::string_view process) {
  for (const ProcessId id : world.plan->processes.ids()) {
    if (world.plan->name(world.plan->processes[id].component) == process)
      return std::string(world.plan->name(world.plan->nodes[world.processes[id].node].component));
  }
  return {};
}

std::string master(char zone) { return std::string("masters-us-west-2") + zone + "-0"; }

/// client-go's loops, try by try: the holder dies at a random moment; when has another one the lease?
double literal_takeover(std::mt19937_64& dice, int others, double lease = 15) {
  const auto uniform = [&](double low, double high) { return std::uniform_real_distribution<>(low, high)(dice); };
  const double age = uniform(0, 2);  // of the last renewal, at the death
  double first = 1e9;
  for (int i = 0; i < others; ++i) {
    double at = -1000 + uniform(0, 4.4);  // long before the death, so that the phase of its tries is forgotten
    double seen_renewal = -1e9, seen_at = at;
    while (true) {
      at += 2 + uniform(0, 2.4);
      // The holder renews every 2 s up to its last renewal.
      const double renewal = -age + 2 * std::min(0.0, std::floor((at + age) / 2));
      if (renewal > seen_renewal + 1e-9) {
        seen_renewal = renewal;
        seen_at = at;
      } else if (at >= seen_at + lease) {
        break;
      }
    }
    first = std::min(first, at);
  }
  return first;
}

}  // namespace

TEST_CASE("the lease of a dead controller manager is taken as client-go's loops would", "[control-plane][oracle]") {
  for (const int others : {1, 2}) {
    const Lab lab(design());
    constexpr std::size_t runs = 3000;
    std::vector<Action> script{action(0_s, Verb::process_stop, manager_lease)};
    if (others == 1)  // one of the other two stands still all the time
      script.insert(script.begin(), action(0_s, Verb::process_stop, "follower(control-plane/controller-managers)"));
    const Sampled simulated = sample(runs, [&](std::uint64_t run) {
      const World world = lab.play(script, run, 60_s);
      return first(world, "control_plane.lease_taken");
    });
    std::mt19937_64 dice(7);
    const Sampled literal = sample(20'000, [&](std::uint64_t) { return literal_takeover(dice, others); });
    INFO(others << " others: simulated " << simulated.mean << " +- " << simulated.error << ", literal " << literal.mean
                << " +- " << literal.error);
    CHECK(simulated.size == runs);
    CHECK(std::abs(simulated.mean - literal.mean) < 5.5 * std::hypot(simulated.error, literal.error));
    CHECK(simulated.error < 0.018 * simulated.mean);
    CHECK(simulated.lowest >= 13);
    CHECK(simulated.highest <= 23.8);
  }
}

TEST_CASE("a single master that comes back waits for the lease of its own former self", "[control-plane][oracle]") {
  const Lab lab(design({.masters = 1, .endpoint = EndpointKind::first_server}));
  for (std::uint64_t run = 0; run < 50; ++run) {
    const World world = lab.play({action(0_s, Verb::node_crash, master('a'), 300_s)}, run, 600_s);
    const double api = first(world, "control_plane.api_back").value();
    const double taken = first(world, "control_plane.lease_taken").value();
    CHECK(api > 308);
    // Its first look at the record comes with the first try, and the lease's whole duration after that.
    CHECK(taken >= api + 15);
    CHECK(taken <= api + 4.4 + 15 + 4.4);
  }
}

TEST_CASE("a silent API server is in the rotation until so many checks have failed", "[control-plane][oracle]") {
  const Lab lab(design());
  const Sampled out = sample(2000, [&](std::uint64_t run) {
    const World world = lab.play({action(0_s, Verb::node_crash, master('b'), 3000_s)}, run, 200_s);
    return std::optional(downtime(world, "api-write"));
  });
  INFO(out.mean << " +- " << out.error);
  CHECK(agrees(out, 30));  // U(0, 10), two intervals, the time-out of the last
  CHECK(out.lowest >= 25);
  CHECK(out.highest <= 35);
}

TEST_CASE("checks of API servers that go on are judged by the threshold of now", "[control-plane][oracle]") {
  const Lab lab(design());
  Topology other = design();
  other.services.back().own.as<control_plane::Spec>().parameters.unhealthy_threshold = 2;
  const Lab changed(other);
  for (std::uint64_t run = 0; run < 20; ++run) {
    World world = lab.prepare({action(0_s, Verb::node_crash, master('b'), 3000_s)}, run);
    run_until(world, origin + 1_s);
    World fork = world;
    change_plan(fork, changed.plan());
    run_until(world, origin + 60_s);
    run_until(fork, origin + 60_s);
    CHECK(*first(fork, "control_plane.back_end_marked") == Approx(*first(world, "control_plane.back_end_marked") - 10));
  }
}

// kube-vip elects the address' holder by client-go's leader election (kube-vip documentation, architecture).
TEST_CASE("a virtual address moves as client-go's loops would move it", "[control-plane][oracle]") {
  for (const Duration lease : {15_s, 5_s}) {
    Topology topology = design({.endpoint = EndpointKind::virtual_ip});
    topology.services.back().own.as<control_plane::Spec>().parameters.address_lease = lease;
    const Lab lab(topology);
    const Sampled moved = sample(1500, [&](std::uint64_t run) -> std::optional<double> {
      const World world = lab.play({action(0_s, Verb::node_crash, master('c'), 3000_s)}, run, 100_s);
      const bool had_it = count(world, "control_plane.address_taken") > 0;
      // etcd may have lost its leader beside.
      if (!had_it) CHECK(downtime(world, "api-write") < 6);
      return had_it ? first(world, "control_plane.address_taken") : std::nullopt;
    });
    CHECK(moved.size > 400);  // one in three
    std::mt19937_64 dice(7);
    const Sampled literal =
        sample(20'000, [&](std::uint64_t) { return literal_takeover(dice, 2, lease.to_seconds()); });
    INFO(moved.mean << " +- " << moved.error << ", literal " << literal.mean << " +- " << literal.error);
    CHECK(std::abs(moved.mean - literal.mean) < 5.5 * std::hypot(moved.error, literal.error));
    CHECK(5.5 * moved.error < 0.1 * moved.mean);
    // The holder's last renewal was at most one period ago, and a try sees it up to 4.4 s late.
    CHECK(moved.lowest >= lease.to_seconds() - 2);
    CHECK(moved.highest <= lease.to_seconds() + 8.8);
    CHECK(moved.highest > moved.lowest + 2);
  }
}

TEST_CASE("two of three masters lost: old reads go on until the kubelet kills the last API server", "[control-plane]") {
  Topology topology = design();
  topology.services.back().own.as<control_plane::Spec>().health_check = control_plane::HealthCheck::port;
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world =
        lab.play({action(0_s, Verb::node_loss, master('a')), action(0_s, Verb::node_loss, master('b'))}, run, 65_s);
    const auto reads = outages(world, "api-read");
    REQUIRE(reads.size() == 1);
    CHECK(reads[0].first + reads[0].second < 35);  // the dead ones leave the rotation, and the third answers
    const auto writes = outages(world, "api-write");
    REQUIRE(writes.size() == 1);
    CHECK(writes[0].second == 65);
    CHECK_FALSE(world.kubernetes.control_plane.managers);
    CHECK_FALSE(world.kubernetes.control_plane.scheduler);
  }
}

TEST_CASE("without a control plane pods run and restart in place, and nothing moves", "[control-plane]") {
  const Lab lab(design({.masters = 1, .endpoint = EndpointKind::first_server}));
  for (std::uint64_t run = 0; run < 20; ++run) {
    World world = lab.prepare({}, run);
    const std::string worker = node_of(world, "web-0");
    world = lab.play({action(0_s, Verb::node_crash, master('a'), 3600_s), action(10_s, Verb::process_kill, "web-1"),
                      action(10_s, Verb::node_crash, worker, 7200_s)},
                     run, 3600_s);
    CHECK(first(world, "k8s.container_restarted", "web-1") == 11);
    CHECK(count(world, "k8s.node_unknown") == 0);
    CHECK(count(world, "k8s.pod_created") == 0);
    CHECK(node_of(world, "web-0") == worker);
    // Who takes over has seen nothing: the silence of the worker counts from then on.
    world =
        lab.play({action(0_s, Verb::node_crash, master('a'), 3600_s), action(10_s, Verb::node_crash, worker, 7200_s)},
                 run, 4400_s);
    const double acts = first(world, "control_plane.controllers_act", {}, 3600).value();
    const double unknown = first(world, "k8s.node_unknown", worker).value();
    CHECK(unknown >= acts + 40 - 5);
    CHECK(unknown <= acts + 40 + 15);
    CHECK(first(world, "k8s.pod_created", "web-0").value() >= unknown + 300);
    CHECK(node_of(world, "web-0") != worker);
  }
}

TEST_CASE("K23: controller manager and worker lost together: detection begins anew", "[control-plane][oracle]") {
  const Lab lab(design());
  const Sampled alone = sample(1500, [&](std::uint64_t run) {
    World world = lab.prepare({}, run);
    world = lab.play({action(0_s, Verb::node_crash, "kafka-nodes-us-west-2b-0", 7200_s)}, run, 200_s);
    return first(world, "k8s.node_unknown", "kafka-nodes-us-west-2b-0");
  });
  std::size_t later = 0;
  const Sampled together = sample(1500, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::process_kill, manager_lease),
                                  action(0_s, Verb::node_crash, "kafka-nodes-us-west-2b-0", 7200_s)},
                                 run, 200_s);
    const double acts = first(world, "control_plane.controllers_act").value();
    const double unknown = first(world, "k8s.node_unknown", "kafka-nodes-us-west-2b-0").value();
    later += unknown >= acts + 40 ? 1 : 0;
    return unknown - acts;
  });
  INFO(alone.mean << ", " << together.mean);
  CHECK(agrees(alone, 37.5));
  CHECK(later == together.size);
  // The first pass sees it as it is, and the first pass at least the grace period later finds it silent: U(0, 5).
  CHECK(agrees(together, 42.5));
}

/// One master and so many workers in one place; a Deployment of two.
Topology one_place(std::int64_t machines) {
  Topology topology = workers();
  topology.node_groups[0].zones = {"us-west-2a"};
  topology.node_groups[0].nodes_per_zone = machines;
  topology.workloads[0].replicas = 2;
  return with_masters(topology, {.masters = 1, .endpoint = EndpointKind::first_server});
}

std::vector<Action> workers_lost(std::int64_t count) {
  std::vector<Action> script;
  for (std::int64_t i = 0; i < count; ++i)
    script.push_back(action(0_s, Verb::node_crash, "kafka-nodes-us-west-2a-" + std::to_string(i), 2_h));
  return script;
}

TEST_CASE("K10: one master and two workers, both lost: evicted at the normal rate, and no place for what replaces them",
          "[control-plane][oracle]") {
  const Lab lab(one_place(2));
  for (std::uint64_t run = 0; run < 50; ++run) {
    const World world = lab.play(workers_lost(2), run, 1_h);
    CHECK(count(world, "k8s.taint_no_execute") == 2);  // two not Ready of three are no partial disruption
    CHECK(count(world, "k8s.evicted") == 2);
    CHECK(count(world, "k8s.pod_created") == 2);
    CHECK(count(world, "k8s.pending.no_machine") == 2);  // the master's taint
    CHECK(count(world, "k8s.pod_started") == 0);
    const double first_taint = first(world, "k8s.taint_no_execute").value();
    CHECK(first(world, "k8s.taint_no_execute", {}, first_taint + 1).value() >= first_taint + 10 - 1e-6);
  }
}

TEST_CASE("K11: one master and four workers, three lost: eviction stops, and the fourth stays idle",
          "[control-plane][oracle]") {
  const Lab lab(one_place(4));
  std::size_t tainted = 0;
  for (std::uint64_t run = 0; run < 200; ++run) {
    const World world = lab.play(workers_lost(3), run, 1_h);
    REQUIRE(count(world, "k8s.node_unknown") == 3);
    // Three not Ready of five, the master counts: 0.6. One is tainted if its pass came before the third was Unknown.
    CHECK(count(world, "k8s.taint_no_execute") <= 1);
    CHECK(count(world, "k8s.evicted") <= 2);
    if (count(world, "k8s.taint_no_execute") == 0) CHECK(count(world, "k8s.evicted") == 0);
    tainted += count(world, "k8s.taint_no_execute");
  }
  CHECK(tainted < 100);
}

TEST_CASE("K24: masters that are away independently take the control plane as often as the binomial law says",
          "[control-plane][oracle]") {
  constexpr double q = 0.005;
  const Lab lab(design());
  double away_too_many = 0;
  for (unsigned away = 0; away < 8; ++away) {
    std::vector<Action> script{action(0_s, Verb::heal, "all(zones)")};
    double share = 1;
    for (unsigned i = 0; i < 3; ++i) {
      const bool gone = (away >> i & 1U) != 0;
      share *= gone ? q : 1 - q;
      if (gone) script.push_back(action(0_s, Verb::node_crash, master(static_cast<char>('a' + i)), 1_h));
    }
    const auto out = outages(lab.play(script, away, 300_s), "api-write");
    if (!out.empty() && out.back().first + out.back().second > 299.99) away_too_many += share;
  }
  CHECK(away_too_many == Approx(3 * q * q - 2 * q * q * q).epsilon(1e-9));  // 7.475e-5
}

TEST_CASE("an interruption shorter than the renew deadline costs no lease", "[control-plane]") {
  const Lab lab(design({.masters = 1, .endpoint = EndpointKind::first_server}));
  for (std::uint64_t run = 0; run < 20; ++run) {
    // The API server stands still: its clients see silence.
    World world = lab.play({action(0_s, Verb::process_pause, "control-plane/apiserver-0", 7_s)}, run, 60_s);
    CHECK(count(world, "control_plane.lease_taken") == 0);
    CHECK(count(world, "k8s.container_restarted") == 0);
    CHECK(downtime(world, "controllers") == 7);
    world = lab.play({action(0_s, Verb::process_pause, "control-plane/apiserver-0", 30_s)}, run, 120_s);
    CHECK(count(world, "control_plane.lease_taken") == 2);
    CHECK(count(world, "k8s.container_restarted") == 2);
  }
}

// kubectl connects anew with each call, and kubeadm's leaf certificates end together: the servers' and admin.conf's
// (kubernetes.io, certificate management with kubeadm: one year).
TEST_CASE("with the certificate of the control plane every call fails at once, until somebody renews it",
          "[control-plane]") {
  Topology topology = design();
  topology.people = small_topology().people;
  topology.people.on_call = 1;
  topology.changes.certificate_reconnect = Law::constant(10_h);  // no connection is kept by whom it concerns
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 30; ++run) {
    const World world = lab.play({action(60_s, Verb::expired_certificate, "control-plane")}, run, 20 * 3600_s);
    const std::optional<double> renewed = first(world, "people.certificate_renewed");
    REQUIRE(renewed.has_value());
    for (const std::string_view sli : {"api-write", "api-read"}) {
      const auto found = outages(world, sli);
      REQUIRE_FALSE(found.empty());
      CHECK(found.front().first == Approx(60));
      CHECK(found.front().first + found.front().second == Approx(*renewed));
    }
  }
}

TEST_CASE("an expired certificate of the control plane stops controllers at once and keeps out who connects anew",
          "[control-plane]") {
  Topology topology = design();
  topology.changes.certificate_reconnect = Law::constant(10_h);
  const Lab alone(topology);
  const std::string worker = node_of(alone.prepare({}, 1), "web-0");
  const std::vector<Action> script{action(0_s, Verb::expired_certificate, "control-plane"),
                                   action(60_s, Verb::node_crash, worker, 120_s)};
  const auto connected = [&](const World& world, bool of_worker) {
    for (const NodeId node : world.plan->nodes.ids()) {
      const bool is_worker = world.plan->name(world.plan->nodes[node].component) == worker;
      if (is_worker == of_worker && !world.kubernetes.nodes[node].answering) return false;
    }
    return true;
  };
  World world = alone.play(script, 1, 1_h);
  CHECK(downtime(world, "controllers") == 3600);
  CHECK(count(world, "control_plane.lease_lost") == 2);
  CHECK(*first(world, "control_plane.lease_lost") <= 10);
  CHECK(count(world, "control_plane.lease_taken") == 0);
  CHECK(downtime(world, "api-write") == 3600);
  CHECK_FALSE(connected(world, true));
  CHECK(connected(world, false));
  // Noticed, engaged, identified, renewed: ten minutes each.
  topology.people = small_topology().people;
  for (Law* law : {&topology.people.notice, &topology.people.engage, &topology.people.identify_change,
                   &topology.people.repair_certificate})
    *law = Law::constant(10_min);
  const Lab staffed(topology);
  world = staffed.play(script, 1, 1_h);
  CHECK(*first(world, "people.certificate_renewed") == 2400);
  CHECK(downtime(world, "controllers") > 2400);
  CHECK(downtime(world, "controllers") < 2400 + 30);
  CHECK(connected(world, true));
}

TEST_CASE("a roll to static pods takes one at a time, and needs no API server", "[control-plane]") {
  for (const std::int64_t masters : {std::int64_t{1}, std::int64_t{3}}) {
    const Lab lab(design({.masters = masters}));
    for (std::uint64_t run = 0; run < 10; ++run) {
      World world = lab.prepare({action(0_s, Verb::rolling_restart, "control-plane")}, run);
      const std::vector<ProcessId>& members = lab.plan().services[lab.plan().control_plane].members;
      while (step(world, origin + 3600_s)) {
        const auto down = std::count_if(members.begin(), members.end(), [&](ProcessId process) {
          return world.processes[process].status != ProcessState::Status::running;
        });
        if (down > 1) {
          // Besides the one that is rolled, who could not renew its lease meanwhile.
          CHECK(count(world, "control_plane.lease_lost") > 0);
        }
      }
      CHECK(count(world, "k8s.pod_updated") == static_cast<std::size_t>(3 * masters));
      CHECK(count(world, "k8s.roll_finished") == 1);
      CHECK(world.kubernetes.control_plane.api);
      CHECK(kubernetes::healthy(world));
    }
  }
}

TEST_CASE("EKS: the loss of a zone is felt for the failover, the loss of two until one is back", "[control-plane]") {
  const Lab lab(with_eks(workers()));
  const World one = lab.play({action(0_s, Verb::zone_power_loss, "us-west-2a", 1800_s)}, 1, 3000_s);
  CHECK(outages(one, "api-write") == std::vector{std::pair(0.0, 6.0)});
  CHECK(outages(one, "controllers") == std::vector{std::pair(0.0, 6.0)});  // leases are renewed in time
  const World two = lab.play({action(0_s, Verb::zone_power_loss, "us-west-2a", 1800_s),
                              action(100_s, Verb::zone_isolation, "us-west-2b", 200_s)},
                             1, 3000_s);
  CHECK(outages(two, "api-read") == std::vector{std::pair(0.0, 6.0), std::pair(100.0, 200.0)});
  CHECK(outages(two, "controllers") == std::vector{std::pair(0.0, 6.0), std::pair(100.0, 208.0)});
}

TEST_CASE("EKS away: pods run on, nobody is evicted, and silence counts from the return", "[control-plane][oracle]") {
  const Lab lab(with_eks(workers()));
  for (std::uint64_t run = 0; run < 20; ++run) {
    World world = lab.play({action(0_s, Verb::control_plane_outage, "control-plane", 1200_s)}, run, 4000_s);
    CHECK(outages(world, "api-write") == std::vector{std::pair(0.0, 1200.0)});
    CHECK(outages(world, "controllers") == std::vector{std::pair(0.0, 1208.0)});
    CHECK(count(world, "k8s.node_unknown") == 0);
    CHECK(count(world, "k8s.evicted") == 0);
    CHECK(kubernetes::healthy(world));
    const std::string worker = node_of(lab.prepare({}, run), "web-0");
    world = lab.play({action(0_s, Verb::control_plane_outage, "control-plane", 1200_s),
                      action(60_s, Verb::node_crash, worker, 7200_s)},
                     run, 4000_s);
    const double unknown = first(world, "k8s.node_unknown", worker).value();
    CHECK(unknown >= 1208 + 40);
    CHECK(unknown <= 1208 + 45);
  }
}

TEST_CASE("control plane: people rebuild a master that stays away, and are not needed for one that comes back",
          "[control-plane][people]") {
  Topology topology = design({.masters = 1});
  topology.people.on_call = 1;
  topology.people.notice = Law::constant(5_min);
  topology.people.engage = Law::constant(10_min);
  topology.people.identify = Law::constant(20_min);
  topology.people.repair_master = Law::constant(45_min);
  const Lab lab(topology);
  const World away = lab.play({action(0_s, Verb::node_crash, master('a'), 24_h * 7)}, 1, 24_h);
  CHECK(first(away, "people.machine_repaired").value_or(-1) == Approx(80 * 60));
  const World back = lab.play({action(0_s, Verb::node_crash, master('a'), 4_min)}, 1, 24_h);
  CHECK(count(back, "people.noticed") == 0);
  CHECK(count(back, "people.machine_repaired") == 0);
}

// ---- what people do to it ----

TEST_CASE("a drain of a master that nothing replaces is refused, for it would do nothing", "[control-plane]") {
  const Lab lab(design());
  const auto problem = check_target(lab.plan(), action(0_s, Verb::drain, master('a'), Variant::evict_first));
  REQUIRE(problem);
  CHECK_THAT(*problem, Catch::Contains("static pods and DaemonSets stay"));
  // Its pods leave a worker; and whoever launches masters replaces one.
  CHECK_FALSE(check_target(lab.plan(), action(0_s, Verb::drain, node_of(lab.prepare({}, 1), "web-0"), Variant::drawn)));
  const Lab launched(design({.provisioner = Provisioner::asg}));
  CHECK_FALSE(check_target(launched.plan(), action(0_s, Verb::drain, master('a'), Variant::evict_first)));
  for (const FaultSource& source : lab.plan().faults) {
    const bool drains = source.verb == Verb::drain;
    CHECK_FALSE((drains && lab.plan().nodes[NodeId{source.index}].group == 1));
  }
}

TEST_CASE("a wrong command terminates a master, which people build anew", "[control-plane]") {
  Topology topology = workers();
  topology.people = small_topology().people;
  const Lab lab(with_masters(topology, {.masters = 1}));
  const auto problem = check_target(lab.plan(), action(0_s, Verb::wrong_command, "control-plane", Variant::service));
  REQUIRE(problem);
  CHECK_THAT(*problem, Catch::Contains("can only terminate a machine"));
  for (const Variant variant : {Variant::machine, Variant::drawn}) {
    const World world = lab.play({action(0_s, Verb::wrong_command, "control-plane", variant)}, 1, 48_h);
    CHECK(count(world, "people.machine_repaired") == 1);
    CHECK(downtime(world, "api-write") > 600);
  }
  std::size_t sources = 0;
  for (const FaultSource& source : lab.plan().faults) {
    const bool here = source.verb == Verb::wrong_command && lab.plan().name(source.target) == "control-plane";
    if (here) CHECK(source.variant == Variant::machine);
    sources += here;
  }
  CHECK(sources == (topology.changes.command_rate.per_hour > 0 ? 1 : 0));
}

TEST_CASE("removed APIs: an operator does nothing, and nothing is rolled out, until people have moved both",
          "[control-plane]") {
  Topology topology = small_topology();
  for (Law* law : {&topology.people.notice, &topology.people.engage, &topology.people.identify_change,
                   &topology.people.repair_upgrade})
    *law = Law::constant(5_min);
  const Lab lab(with_masters(topology));
  const std::vector<Action> script{action(0_s, Verb::removed_apis, "control-plane"),
                                   action(60_s, Verb::delete_pod, "kafka/broker-0"),
                                   action(120_s, Verb::rolling_restart, "kafka"),
                                   action(180_s, Verb::drain, node_of(lab.prepare({}, 1), "kafka/broker-1"))};
  const World world = lab.play(script, 1, 6_h);
  const double moved = *first(world, "people.apis_migrated");
  CHECK(moved == Approx(1200));
  CHECK(*first(world, "k8s.pod_created", "kafka/broker-0") > moved);
  CHECK(count(world, "fault.rolling_restart") == 0);  // no matches for kind
  CHECK(count(world, "fault.drain") == 1);            // nodes and evictions are still there
  // Another one finds nobody to ask while the first is on; and what runs goes on.
  CHECK(downtime(world, "produce") == 0);
  active_mutation = Mutation::apis_always_there;
  const World always = lab.play(script, 1, 20_min - 1_s);
  active_mutation = Mutation::none;
  CHECK(first(always, "k8s.pod_created", "kafka/broker-0").has_value());
}

}  // namespace control_plane_test
