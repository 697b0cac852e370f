// Kinds of volume: how fast, how durable, and where a pod with one may start.
#include <catch2/catch.hpp>

#include "models/volume_speed.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace infrastructure_volume_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double mib = 0x1p20, gib = 0x1p30, tib = 0x1p40;

VolumeSpeed speed(VolumeKind kind, double size, double throughput = 0) {
  return speed_of({kind, {size}, {throughput}, 0}, aws_parameters());
}

/// Every pod of the seed's design has a volume of this kind.
Topology on(VolumeKind kind) {
  Topology topology = small_topology();
  without_changes(topology);
  topology.people.on_call = 0;
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.kind = kind;
  return topology;
}

std::size_t losses(VolumeKind kind, double& per_year) {
  const Plan plan = build_plan(on(kind), 1);
  std::size_t count = 0;
  for (const FaultSource& source : plan.faults) {
    if (source.verb != Verb::volume_loss) continue;
    ++count;
    per_year = source.rate.per_year();
  }
  return count;
}

}  // namespace

TEST_CASE("volumes: speed by kind and size, as AWS' tables have it", "[infrastructure][oracle]") {
  CHECK(speed(VolumeKind::gp3, 1000 * gib, 125 * mib).sustained.bytes_per_s == 125 * mib);
  CHECK(speed(VolumeKind::gp3, 1000 * gib, 125 * mib).burst.rate.bytes_per_s == 0);
  // st1: 1 TiB bursts for 1 TiB / (250 - 40) MiB/s = 4,993 s; from 12.5 TiB on the baseline is the most there is.
  const auto one = speed(VolumeKind::st1, tib);
  CHECK(one.sustained.bytes_per_s == 40 * mib);
  CHECK(one.burst.rate.bytes_per_s == 250 * mib);
  const double above = one.burst.rate.bytes_per_s - one.sustained.bytes_per_s;
  CHECK(one.burst.bucket.count / above == Approx(4993.2).epsilon(1e-4));
  CHECK(speed(VolumeKind::st1, 4 * tib).burst.rate.bytes_per_s == 500 * mib);
  CHECK(speed(VolumeKind::st1, 16 * tib).sustained.bytes_per_s == 500 * mib);
  CHECK(speed(VolumeKind::st1, 16 * tib).burst.rate.bytes_per_s == 0);
  // gp2: 100 IOPS at least, 3 per GiB, of 256 KiB; from 334 GiB on 250 MiB/s for ever.
  CHECK(speed(VolumeKind::gp2, 10 * gib).sustained.bytes_per_s == 25 * mib);
  CHECK(speed(VolumeKind::gp2, 10 * gib).burst.rate.bytes_per_s == 128 * mib);
  CHECK(speed(VolumeKind::gp2, 200 * gib).sustained.bytes_per_s == 150 * mib);
  CHECK(speed(VolumeKind::gp2, 200 * gib).burst.rate.bytes_per_s == 250 * mib);
  CHECK(speed(VolumeKind::gp2, 334 * gib).sustained.bytes_per_s == 250 * mib);
  CHECK(speed(VolumeKind::gp2, 334 * gib).burst.rate.bytes_per_s == 0);
}

TEST_CASE("volumes: durability by kind", "[infrastructure]") {
  double per_year = 0;
  CHECK(losses(VolumeKind::gp3, per_year) == 6);
  CHECK(per_year == Approx(0.002));
  CHECK(losses(VolumeKind::st1, per_year) == 6);
  CHECK(per_year == Approx(0.002));
  CHECK(losses(VolumeKind::io2, per_year) == 6);
  CHECK(per_year == Approx(1e-5));
  CHECK(losses(VolumeKind::efs, per_year) == 0);
}

TEST_CASE("volumes: a pod on EFS starts in another zone, without the six minutes of a volume", "[infrastructure]") {
  const auto play = [](VolumeKind kind, Verb verb, const char* target) {
    Topology topology = on(kind);
    topology.node_groups[0].nodes_per_zone = 2;
    const Lab lab(topology);
    World world = lab.prepare({action(0_s, verb, target, 10_h)}, 1);
    run_until(world, origin + 100_s);
    act(world, Verb::delete_pod, "kafka/broker-1");
    run_until(world, origin + 1_h);
    return first(world, "k8s.pod_started", "kafka/broker-1");
  };
  const Plan plan = build_plan(on(VolumeKind::gp3), 1);
  const auto efs = play(VolumeKind::efs, Verb::zone_power_loss, "us-west-2b");
  REQUIRE(efs);
  CHECK(*efs < 160);  // deletion at 100 s, creation, scheduling, image, start
  CHECK_FALSE(play(VolumeKind::gp3, Verb::zone_power_loss, "us-west-2b"));
  const auto moved = play(VolumeKind::efs, Verb::node_crash, "kafka-nodes-us-west-2b-0");
  const auto attached = play(VolumeKind::gp3, Verb::node_crash, "kafka-nodes-us-west-2b-0");
  REQUIRE((moved && attached));
  CHECK(*moved < 160);
  CHECK(*attached > 100 + 360);
}

}  // namespace infrastructure_volume_test
