// Machines and zones: lives, nesting, extents, what a disk keeps.
#include "models/infrastructure/zone.hpp"
#include "models/platform.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace infrastructure_machines_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using infrastructure::Life;

namespace {

Topology constant_times() {
  Topology topology = small_topology();
  infrastructure::Parameters& p = topology.infrastructure;
  p.node_boot = Law::constant(60_s);
  p.node_shutdown = Law::constant(5_s);
  p.node_auto_recovery = Law::constant(8_min);
  p.node_loss_notice = Law::constant(3_min);
  return topology;
}

/// Brokers on machines with instance store.
Topology on_local_disks() {
  Topology topology = constant_times();
  topology.node_groups[0].instance.local_disk = {4e12};
  topology.node_groups[0].instance.local_disk_rate = {2e9};
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.kind = VolumeKind::nvme;
  return topology;
}

Action power_loss(std::string zone, Duration duration, std::optional<double> extent = {}) {
  Action action;
  action.verb = Verb::zone_power_loss;
  action.target = std::move(zone);
  action.duration = duration;
  action.extent = extent;
  return action;
}

struct Bench {
  Plan plan;
  World world;
  ProcessId broker;
  NodeId node;

  explicit Bench(Topology topology, std::uint64_t run = 0)
      : plan(build_plan(std::move(topology), 1)), world(initial_world(plan, run)) {
    broker = process_named(plan, "kafka/broker-0");
    node = plan.processes[broker].node;
  }
  Life life() const { return world.infrastructure.nodes[node].life; }
  const ProcessState& process() const { return world.processes[broker]; }
};

}  // namespace

TEST_CASE("a crash loses memory, a reboot does not", "[infrastructure]") {
  Bench crash(constant_times());
  CHECK(act(crash.world, Verb::node_crash, "kafka/broker-0", 100_s) == 1);
  CHECK(crash.life() == Life::crashed);
  CHECK(crash.process().status == ProcessState::Status::absent);
  CHECK(crash.process().ending == Ending::power_loss);
  CHECK(act(crash.world, Verb::node_crash, "kafka/broker-0", 10_s) == 0);  // it is down already
  pass(crash.world, 99_s);
  CHECK(crash.life() == Life::crashed);
  pass(crash.world, 1_s);
  CHECK(crash.life() == Life::up);
  CHECK(faults::healthy(crash.world));

  Bench reboot(constant_times());
  act(reboot.world, Verb::node_reboot, "kafka/broker-0");
  CHECK(reboot.life() == Life::stopping);
  CHECK(reboot.process().status == ProcessState::Status::running);  // it has got SIGTERM, and the network is up
  CHECK(contact(reboot.world, process_named(reboot.plan, "kafka/broker-1"), reboot.broker) == Contact::ok);
  while (reboot.process().status == ProcessState::Status::running) pass(reboot.world, 100_ms);
  CHECK(reboot.process().ending == Ending::clean);
  CHECK(contact(reboot.world, process_named(reboot.plan, "kafka/broker-1"), reboot.broker) == Contact::reset);
  pass(reboot.world, 30_s);
  CHECK(reboot.life() == Life::rebooting);
  CHECK(contact(reboot.world, process_named(reboot.plan, "kafka/broker-1"), reboot.broker) == Contact::silence);
  CHECK_FALSE(reboot.process().disk_lost);
  pass(reboot.world, 60_s);
  CHECK(reboot.life() == Life::up);
}

TEST_CASE("a process that had crashed loses its page cache with the machine", "[infrastructure]") {
  Bench bench(constant_times());
  act(bench.world, Verb::process_kill, "kafka/broker-0");
  CHECK(bench.process().ending == Ending::crash);
  act(bench.world, Verb::node_crash, "kafka/broker-0", 100_s);
  CHECK(bench.process().ending == Ending::power_loss);
}

TEST_CASE("a lost host: automatic recovery, the provisioner, or nobody", "[infrastructure]") {
  Topology topology = constant_times();
  SECTION("the provisioner hears first and gives the instance back") {
    Bench bench(topology);
    act(bench.world, Verb::node_loss, "kafka/broker-0");
    CHECK(act(bench.world, Verb::node_loss, "kafka/broker-0") == 0);
    pass(bench.world, 179_s);
    CHECK(bench.life() == Life::lost);
    pass(bench.world, 1_s);
    CHECK(bench.life() == Life::terminated);
    pass(bench.world, 8_min);
    CHECK(bench.life() != Life::lost);  // replaced or still empty; the recovery was forgotten
  }
  SECTION("without an interruption queue it recovers on other hardware") {
    topology.node_groups[0].interruption = Interruption::none;
    Bench bench(topology);
    act(bench.world, Verb::node_loss, "kafka/broker-0");
    pass(bench.world, 8_min);
    CHECK(bench.life() == Life::up);
    CHECK_FALSE(bench.process().disk_lost);
  }
  SECTION("nobody does anything about it") {
    topology.node_groups[0].interruption = Interruption::none;
    topology.node_groups[0].auto_recovery = false;
    topology.people.on_call = 0;
    Bench bench(topology);
    act(bench.world, Verb::node_loss, "kafka/broker-0");
    CHECK(faults::healthy(bench.world));  // no fault that ends by itself
    pass(bench.world, 48_h);
    CHECK(bench.life() == Life::lost);
    CHECK_FALSE(kubernetes::healthy(bench.world));
  }
}

TEST_CASE("instance store survives crash and power loss, and goes with the host", "[infrastructure]") {
  Bench crash(on_local_disks());
  CHECK_FALSE(crash.plan.nodes[crash.node].auto_recovery);
  act(crash.world, Verb::node_crash, "kafka/broker-0", 100_s);
  CHECK_FALSE(crash.process().disk_lost);

  Bench power(on_local_disks());
  act(power.world, power_loss("us-west-2a", 10_min));
  pass(power.world, 15_min);
  CHECK(power.life() == Life::up);
  CHECK_FALSE(power.process().disk_lost);

  Bench loss(on_local_disks());
  act(loss.world, Verb::node_loss, "kafka/broker-0");
  CHECK(loss.process().disk_lost);

  Bench network(constant_times());
  act(network.world, Verb::node_loss, "kafka/broker-0");
  CHECK_FALSE(network.process().disk_lost);
}

TEST_CASE("zone power: all machines of the zone, and nothing can start there meanwhile", "[infrastructure]") {
  Bench bench(constant_times());
  const ZoneId zone = bench.plan.nodes[bench.node].zone;
  act(bench.world, power_loss("us-west-2a", 10_min));
  CHECK(bench.life() == Life::powerless);
  CHECK_FALSE(infrastructure::zone_can_launch(bench.world, zone));
  CHECK_FALSE(infrastructure::volume_usable(bench.world, bench.plan.processes[bench.broker].volume));
  for (const NodeId other : bench.plan.nodes.ids()) {
    if (other != bench.node) CHECK(infrastructure::node_up(bench.world, other) != bench.plan.vacant(other));
  }
  pass(bench.world, 10_min);
  CHECK(bench.life() == Life::booting);
  CHECK(infrastructure::zone_can_launch(bench.world, zone));
  pass(bench.world, 60_s);
  CHECK(bench.life() == Life::up);
}

TEST_CASE("overlapping outages nest", "[infrastructure]") {
  Bench bench(constant_times());
  act(bench.world, power_loss("us-west-2a", 10_min));
  pass(bench.world, 5_min);
  act(bench.world, power_loss("us-west-2a", 10_min));
  pass(bench.world, 6_min);  // the first is over
  CHECK(bench.life() == Life::powerless);
  CHECK(bench.world.infrastructure.nodes[bench.node].power_cuts == 1);
  pass(bench.world, 4_min);
  CHECK(bench.life() == Life::booting);
  // a third one while it boots: the boot is forgotten
  act(bench.world, power_loss("us-west-2a", 10_min));
  CHECK(bench.life() == Life::powerless);
  pass(bench.world, 2_min);
  CHECK(bench.life() == Life::powerless);
  pass(bench.world, 10_min);
  CHECK(bench.life() == Life::up);
  CHECK(bench.world.infrastructure.outages.empty());
}

TEST_CASE("a crash during an outage, and an outage during a crash", "[infrastructure]") {
  Bench bench(constant_times());
  act(bench.world, Verb::node_crash, "kafka/broker-0", 2_min);
  act(bench.world, power_loss("us-west-2a", 10_min));
  CHECK(bench.life() == Life::powerless);
  pass(bench.world, 3_min);  // the crash would be over
  CHECK(bench.life() == Life::powerless);
  CHECK(act(bench.world, Verb::node_crash, "kafka/broker-0", 2_min) == 0);
  act(bench.world, Verb::node_loss, "kafka/broker-0");
  CHECK(bench.life() == Life::lost);
}

TEST_CASE("partial outages hit each machine with the extent's probability, and extents share their draws",
          "[infrastructure]") {
  Topology topology = small_topology();
  topology.node_groups[0].nodes_per_zone = 8;
  const Plan plan = build_plan(topology, 1);
  const ZoneId zone = ZoneId::of(0);
  constexpr std::uint64_t runs = 4000;
  double hits = 0, dark = 0;
  for (std::uint64_t run = 0; run < runs; ++run) {
    World small = initial_world(plan, run), large = initial_world(plan, run);
    const infrastructure::Outage a = infrastructure::draw_outage(small, zone, 0.3);
    const infrastructure::Outage b = infrastructure::draw_outage(large, zone, 0.6);
    hits += static_cast<double>(a.hits.size());
    dark += a.dark ? 1 : 0;
    REQUIRE(a.hits.size() <= b.hits.size());
    for (const auto& hit : a.hits) {
      REQUIRE(std::any_of(b.hits.begin(), b.hits.end(), [&](const auto& other) { return other.node == hit.node; }));
    }
  }
  // Binomial, 5.5 standard deviations: false-alarm rate 4e-8 each.
  const double n = 8.0 * runs;
  CHECK(std::abs(hits / n - 0.3) < 5.5 * std::sqrt(0.3 * 0.7 / n));
  CHECK(std::abs(dark / runs - 0.3) < 5.5 * std::sqrt(0.3 * 0.7 / runs));
}

TEST_CASE("a Spot instance goes after its notice, unless it is gone before", "[infrastructure]") {
  Topology topology = constant_times();
  topology.node_groups[0].capacity = Capacity::spot;
  topology.node_groups[0].interruption = Interruption::none;
  Bench bench(topology);
  CHECK(act(bench.world, Verb::spot_reclaim, "kafka/broker-0") == 1);
  CHECK(act(bench.world, Verb::spot_reclaim, "kafka/broker-0") == 0);
  CHECK_FALSE(faults::healthy(bench.world));
  pass(bench.world, 119_s);
  CHECK(bench.life() == Life::up);
  pass(bench.world, 1_s);
  CHECK(bench.life() == Life::stopping);  // its operating system is told, as by any termination
  CHECK(bench.process().status == ProcessState::Status::running);
  pass(bench.world, 60_s);
  CHECK(bench.life() == Life::terminated);
  CHECK(bench.process().status == ProcessState::Status::absent);
  CHECK(bench.process().ending == Ending::clean);
  CHECK(contact(bench.world, process_named(bench.plan, "kafka/broker-1"), bench.broker) == Contact::silence);
}

TEST_CASE("a machine that shuts down loses power, or its host, meanwhile", "[infrastructure]") {
  Bench power(constant_times());
  act(power.world, Verb::node_reboot, "kafka/broker-0");
  act(power.world, power_loss("us-west-2a", 10_min));
  CHECK(power.life() == Life::powerless);
  CHECK(power.process().ending == Ending::power_loss);
  pass(power.world, 11_min);
  CHECK(power.life() == Life::up);

  Bench host(constant_times());
  act(host.world, Verb::node_reboot, "kafka/broker-0");
  CHECK(act(host.world, Verb::node_reboot, "kafka/broker-0") == 0);
  CHECK(act(host.world, Verb::node_loss, "kafka/broker-0") == 1);
  CHECK(host.life() == Life::lost);
  CHECK(host.process().status == ProcessState::Status::absent);

  Topology topology = constant_times();
  topology.node_groups[0].capacity = Capacity::spot;
  topology.node_groups[0].interruption = Interruption::none;
  Bench taken(topology);
  act(taken.world, Verb::spot_reclaim, "kafka/broker-0");
  pass(taken.world, 121_s);
  act(taken.world, power_loss("us-west-2a", 10_min));
  CHECK(taken.life() == Life::terminated);  // the provider does not boot it again
}

TEST_CASE("a reboot of given length counts its shutdown", "[infrastructure]") {
  Topology topology = constant_times();
  topology.infrastructure.node_shutdown = Law::constant(50_s);
  Bench longer(topology), shorter(topology);
  act(longer.world, Verb::node_reboot, "kafka/broker-0", 180_s);
  pass(longer.world, 179_s);
  CHECK(longer.life() == Life::rebooting);
  pass(longer.world, 1_s);
  CHECK(longer.life() == Life::up);
  act(shorter.world, Verb::node_reboot, "kafka/broker-0", 10_s);
  pass(shorter.world, 49_s);
  CHECK(shorter.life() == Life::stopping);
  pass(shorter.world, 30_s);
  CHECK(shorter.life() == Life::up);  // as soon as it has shut down
}

TEST_CASE("a lost volume fails until a person has replaced it", "[infrastructure]") {
  Bench bench(constant_times());
  const VolumeId volume = bench.plan.processes[bench.broker].volume;
  CHECK(act(bench.world, Verb::volume_loss, "kafka/broker-0") == 1);
  CHECK(act(bench.world, Verb::volume_loss, "kafka/broker-0/data") == 0);
  CHECK_FALSE(infrastructure::volume_usable(bench.world, volume));
  CHECK(bench.process().disk_lost);
  CHECK(bench.process().status == ProcessState::Status::absent);
  CHECK_FALSE(people::healthy(bench.world));
  pass(bench.world, 48_h);
  CHECK(infrastructure::volume_usable(bench.world, volume));
  CHECK(people::healthy(bench.world));
  CHECK(bench.process().status == ProcessState::Status::running);
}

}  // namespace infrastructure_machines_test
