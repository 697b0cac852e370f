// Planned work on what everything stands on: upgrades of control planes, changes of volumes, a restored store.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/infrastructure/meter.hpp"
#include "models/infrastructure/volume.hpp"
#include "models/platform.hpp"
#include "tests/models/control_plane_topology.hpp"
#include "tests/models/lab.hpp"

namespace platform_operations_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

Topology workers() {
  Topology topology = small_topology();
  topology.services.clear();
  topology.operations.clear();
  without_changes(topology);
  without_rates(topology.infrastructure);
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
  return topology;
}

Topology kafka() {
  Topology topology = small_topology();
  without_changes(topology);
  without_rates(topology.infrastructure);
  topology.operations.clear();
  topology.infrastructure.modify_failure = 0;
  return topology;
}

Action modify(Duration at, double factor, Variant variant = Variant::speed) {
  Action step = action(at, Verb::volume_modify, "kafka/broker-1", variant);
  step.factor = factor;
  return step;
}

double speed(const World& world) { return infrastructure::volume_speed(world, VolumeId::of(1)); }

std::string node_of(const World& world, std::string_view process) {
  for (const ProcessId id : world.plan->processes.ids()) {
    if (world.plan->name(world.plan->processes[id].component) == process)
      return std::string(world.plan->name(world.plan->nodes[world.processes[id].node].component));
  }
  return {};
}

}  // namespace

// ---- EKS ----

TEST_CASE("EKS upgrade: the API is away for the swap, controllers until they have the leases", "[upgrade][oracle]") {
  const Lab lab(with_eks(workers()));
  const World world =
      lab.play({action(0_s, Verb::control_plane_upgrade, "control-plane", Variant::succeeds)}, 1, 30_min);
  CHECK(*first(world, "eks.servers_checked") == Approx(600));
  CHECK(*first(world, "eks.servers_swapped") == Approx(602));
  CHECK(*first(world, "eks.controllers_act") == Approx(620));
  CHECK(downtime(world, "api-write") == Approx(2));
  CHECK(downtime(world, "controllers") == Approx(20));
  CHECK(world.kubernetes.control_plane.managers_so_far == 1);
  CHECK(count(world, "k8s.node_unknown") == 0);
  CHECK(healthy(world));
}

TEST_CASE("EKS upgrade: API servers that fail their checks are removed, and nobody notices", "[upgrade]") {
  const Lab lab(with_eks(workers()));
  const World world =
      lab.play({action(0_s, Verb::control_plane_upgrade, "control-plane", Variant::rolled_back)}, 1, 30_min);
  CHECK(count(world, "eks.upgrade_rolled_back") == 1);
  CHECK(count(world, "eks.api_lost") == 0);
  CHECK(downtime(world, "controllers") == Approx(0).margin(1e-9));
  CHECK(healthy(world));
}

TEST_CASE("EKS upgrade: an outage on top is outlived, whenever it comes", "[upgrade]") {
  const Lab lab(with_eks(workers()));
  for (const std::int64_t at : {300, 599, 601, 610, 619, 650}) {
    INFO(at);
    const World world = lab.play({action(0_s, Verb::control_plane_upgrade, "control-plane", Variant::succeeds),
                                  action(Duration::seconds(at), Verb::control_plane_outage, "control-plane", 5_min)},
                                 1, 2_h);
    CHECK(healthy(world));
    CHECK(world.kubernetes.control_plane.managers);
    CHECK(downtime(world, "api-write") < 303);
  }
}

TEST_CASE("EKS upgrade: a share of them is rolled back", "[upgrade][oracle]") {
  Topology topology = with_eks(workers());
  topology.services.back().own.as<eks::Spec>().parameters.upgrade_failure = 0.3;
  const Lab lab(topology);
  const Sampled back = sample(4000, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({action(0_s, Verb::control_plane_upgrade, "control-plane")}, run, 11_min);
    return static_cast<double>(count(world, "eks.upgrade_rolled_back"));
  });
  CHECK(std::abs(back.mean - 0.3) < 5.5 * back.error);
}

// ---- masters of one's own ----

TEST_CASE("kubeadm upgrade: a master after the other, the member before the API server", "[upgrade]") {
  const Lab lab(with_masters(workers()));
  const World world = lab.play({action(0_s, Verb::control_plane_upgrade, "control-plane")}, 1, 2_h);
  CHECK(count(world, "control_plane.upgrade_step") == 12);
  CHECK(count(world, "control_plane.upgrade_finished") == 1);
  // Wait of five minutes before each master; between components 30 s after the last one is back.
  const double finished = *first(world, "control_plane.upgrade_finished");
  CHECK(finished > 3 * 300 + 9 * 30);
  CHECK(finished < 3 * 300 + 9 * 30 + 12 * 40);
  CHECK(downtime(world, "api-read") <= downtime(world, "api-write"));
  CHECK(healthy(world));
}

TEST_CASE("kubeadm upgrade: the only master is away while its parts start", "[upgrade]") {
  const Lab lab(with_masters(workers(), {.masters = 1}));
  const World world = lab.play({action(0_s, Verb::control_plane_upgrade, "control-plane")}, 1, 2_h);
  CHECK(count(world, "control_plane.upgrade_finished") == 1);
  const double out = downtime(world, "api-write");
  CHECK(out > 8);    // the API server's own start
  CHECK(out < 120);  // and that of the member
  CHECK(count(world, "k8s.evicted") == 0);
  CHECK(healthy(world));
}

// ---- volumes ----

TEST_CASE("volume: a new throughput comes after hours, in proportion to the size", "[volume][oracle]") {
  const Lab lab(kafka());
  const World world = lab.play({modify(0_s, 2)}, 1, 12_h);
  CHECK(*first(world, "infra.volume_optimizes") == Approx(5));
  // 1,000 GiB of 6 hours a TiB.
  CHECK(*first(world, "infra.volume_modified") == Approx(5 + 6 * 3600.0 * 1000 / 1024));
  CHECK(speed(world) == Approx(2));
  const World meanwhile = lab.play({modify(0_s, 2)}, 1, 1_h);
  CHECK(speed(meanwhile) == Approx(1));
  CHECK_FALSE(healthy(meanwhile));
  const World slower = lab.play({modify(0_s, 0.5)}, 1, 1_h);
  CHECK(speed(slower) == Approx(0.5));
}

TEST_CASE("volume: one change at a time, four within a day", "[volume][oracle]") {
  Topology topology = kafka();
  topology.infrastructure.modify_optimize = Law::constant(1_h);
  const Lab lab(topology);
  // Each takes 5 s and some 59 min; the second, half an hour later, meets the first.
  const World two = lab.play({modify(0_s, 2), modify(30_min, 2), modify(70_min, 2)}, 1, 3_h);
  CHECK(count(two, "infra.volume_change_refused") == 1);
  CHECK(count(two, "infra.volume_modified") == 2);
  CHECK(speed(two) == Approx(4));
  std::vector<Action> many;
  for (int i = 0; i < 6; ++i) many.push_back(modify(2_h * i, 1.1));
  many.push_back(modify(24_h + 1_s, 1.1));  // the first is no longer counted
  const World day = lab.play(many, 1, 27_h);
  CHECK(count(day, "infra.volume_change_refused") == 2);
  CHECK(count(day, "infra.volume_modified") == 5);
  // The rule until 2026: one, and then six hours.
  topology.infrastructure.modify_most = 1;
  topology.infrastructure.modify_window = 6_h;
  const Lab old(topology);
  const World before = old.play({modify(0_s, 2), modify(5_h, 2), modify(6_h + 1_s, 2)}, 1, 9_h);
  CHECK(count(before, "infra.volume_change_refused") == 1);
  CHECK(speed(before) == Approx(4));
}

TEST_CASE("volume: a change that fails leaves it as it was, and can be tried again", "[volume]") {
  const Lab lab(kafka());
  const World world = lab.play({modify(0_s, 2, Variant::fails), modify(1_min, 2)}, 1, 12_h);
  CHECK(count(world, "infra.volume_change_failed") == 1);
  CHECK(*first(world, "infra.volume_modified") > 60);
  CHECK(speed(world) == Approx(2));
}

TEST_CASE("volume: a larger one has its file system extended once it is optimizing", "[volume][oracle]") {
  const Lab lab(kafka());
  const World world = lab.play({modify(0_s, 2, Variant::size)}, 1, 24_h);
  CHECK(*first(world, "k8s.file_system_grown") == Approx(5 + 10));
  CHECK(speed(world) == Approx(1));
  CHECK(healthy(world));
  // On a machine that is away it waits for the pod.
  const World later =
      lab.play({action(0_s, Verb::node_crash, "kafka/broker-1", 100_s), modify(1_s, 2, Variant::size)}, 1, 24_h);
  CHECK(*first(later, "k8s.file_system_grown") > 100);
  CHECK(healthy(later));
}

TEST_CASE("volume: a new one in its place is as the plan has it", "[volume]") {
  const Lab lab(kafka());
  const World world = lab.play({modify(0_s, 2), action(10_h, Verb::volume_loss, "kafka/broker-1")}, 1, 72_h);
  CHECK(speed(world) == Approx(1));
  CHECK(healthy(world));
}

TEST_CASE("volume: twice the throughput halves the time of a rebuild", "[volume][oracle]") {
  Topology topology = kafka();
  topology.infrastructure.modify_optimize = Law::constant(10_min);
  const Lab lab(topology);
  const auto rebuilt = [&](const std::vector<Action>& before) {
    std::vector<Action> script = before;
    script.push_back(action(1_h, Verb::volume_loss, "kafka/broker-1"));
    const World world = lab.play(script, 1, 72_h);
    REQUIRE(healthy(world));
    return world;
  };
  // The volume that is lost is replaced by one as planned: only those that send are faster, and they do not bind.
  CHECK(count(rebuilt({modify(0_s, 2)}), "infra.volume_modified") == 1);
}

// ---- a restored store ----

namespace {

Topology one_master() {
  Topology topology = with_masters(workers(), {.masters = 1, .provisioner = Provisioner::asg});
  topology.people.on_call = 3;
  for (ServiceSpec& service : topology.services) {
    if (service.name == "etcd") service.own.as<etcd::Spec>().parameters.backup_interval = 6_h;
  }
  return topology;
}

/// The master's machine is lost for good, and its disk with it.
std::vector<Action> master_lost(Duration at, std::vector<Action> script) {
  script.push_back(action(at, Verb::node_loss, "masters-us-west-2a-0"));
  return script;
}

}  // namespace

TEST_CASE("restore: pods that are older than the backup stay, younger ones are the ones before", "[restore]") {
  const Lab lab(one_master());
  std::size_t forgotten = 0;
  std::size_t runs = 0;
  for (std::uint64_t run = 0; run < 60; ++run) {
    INFO(run);
    const World world = lab.play(master_lost(2_min, {action(0_s, Verb::delete_pod, "web-0")}), run, 24_h);
    const auto restored = first(world, "etcd.restored");
    REQUIRE(restored);
    REQUIRE(world.measurement.losses.size() == 1);
    const double age = world.measurement.losses[0].seconds;
    // Made anew at 0 s: unknown to a backup that was made before.
    const bool older = *restored - age < 0;
    forgotten += count(world, "k8s.pod_forgotten") + count(world, "k8s.pod_comes_back") > 0 ? 1 : 0;
    CHECK((count(world, "k8s.pod_forgotten") + count(world, "k8s.pod_comes_back") > 0) == older);
    runs += older ? 1 : 0;
    CHECK(healthy(world));
  }
  CHECK(runs > 0);
  CHECK(runs < 60);
  CHECK(forgotten == runs);
}

TEST_CASE("restore: a machine that joined after the backup has no Node object until its kubelet is restarted",
          "[restore]") {
  Topology topology = one_master();
  topology.node_groups[0].provisioner = Provisioner::asg;
  topology.infrastructure.node_provision_asg = Law::constant(2_min);
  topology.infrastructure.node_auto_recovery = Law::constant(30_h);
  for (ServiceSpec& service : topology.services) {
    if (service.name == "etcd") service.own.as<etcd::Spec>().parameters.backup_interval = 24_h;
  }
  const Lab lab(topology);
  std::size_t seen = 0;
  for (std::uint64_t run = 0; run < 12; ++run) {
    INFO(run);
    const World start = lab.prepare({}, run);
    const std::string lost = node_of(start, "web-0");
    const World world = lab.play(master_lost(1_h, {action(0_s, Verb::node_loss, lost)}), run, 48_h);
    const auto restored = first(world, "etcd.restored");
    REQUIRE(restored);
    if (count(world, "k8s.node_forgotten") == 0) continue;
    ++seen;
    CHECK(*first(world, "k8s.node_registered", lost) >= *restored + 300 - 1e-6);
    CHECK(healthy(world));
  }
  CHECK(seen > 0);
}

TEST_CASE("restore: a volume that is younger than the backup stays with the provider, and is billed",
          "[restore][meter][oracle]") {
  Topology topology = with_masters(kafka(), {.masters = 1, .provisioner = Provisioner::asg});
  topology.people.on_call = 3;
  topology.prices.gp3_gib_month = {0.08};
  topology.prices.hours_per_month = 730;
  topology.people.orphan_volume = Duration::seconds(730LL * 3600);
  for (NodeGroupSpec& group : topology.node_groups) group.instance.on_demand_hour = {0};
  for (ServiceSpec& service : topology.services) {
    if (service.name == "etcd") service.own.as<etcd::Spec>().parameters.backup_interval = 24_h;
  }
  const Lab lab(topology);
  std::size_t seen = 0;
  for (std::uint64_t run = 0; run < 12; ++run) {
    INFO(run);
    // Somebody makes another volume within hours; the backup is of before it in most runs.
    const World world = lab.play(master_lost(6_h, {action(0_s, Verb::volume_loss, "kafka/broker-0")}), run, 60_h);
    REQUIRE(first(world, "etcd.restored"));
    const std::size_t forgotten = count(world, "k8s.volume_forgotten");
    REQUIRE(forgotten <= 1);
    seen += forgotten;
    // Billed at once, for as long as it stays: a month.
    const double month = forgotten > 0 ? 1000 * 0.08 : 0;
    CHECK(infrastructure::metered_usd(world) == Approx(month).margin(1e-9));
  }
  CHECK(seen > 0);
}

TEST_CASE("restore: three masters keep their store, and nothing is forgotten", "[restore]") {
  Topology topology = with_masters(workers(), {.provisioner = Provisioner::asg});
  const Lab lab(topology);
  const World world = lab.play(master_lost(2_min, {action(0_s, Verb::delete_pod, "web-0")}), 1, 24_h);
  CHECK(count(world, "etcd.restored") == 0);
  CHECK(count(world, "k8s.pod_forgotten") == 0);
  CHECK(healthy(world));
}

}  // namespace platform_operations_test
