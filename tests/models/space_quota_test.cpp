// A database at its quota: etcd takes no writes until people have made room (etcd documentation, maintenance). Constant
// laws: what they leave is exact.
#include <catch2/catch.hpp>

#include "tests/models/control_plane_topology.hpp"
#include "tests/models/lab.hpp"

namespace space_quota_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Noticed after 60 s, at work after 30 s, cause known after 100 s, room made after 200 s.
Topology mended_in_390_s(Topology topology) {
  people::Parameters& p = topology.people;
  p.on_call = 1;
  p.notice = Law::constant(60_s);
  p.engage = Law::constant(30_s);
  p.identify = Law::constant(100_s);
  p.repair_space = Law::constant(200_s);
  return topology;
}

}  // namespace

TEST_CASE("etcd at its quota refuses writes and answers reads until people have made room", "[etcd][oracle]") {
  const Lab lab(mended_in_390_s(etcd_topology()));
  const World world = lab.play({action(0_s, Verb::space_quota, "etcd")}, 1, 10_min);
  const auto found = outages(world, "write");
  REQUIRE(found.size() == 1);
  CHECK(found[0].first == Approx(0).margin(1e-9));
  CHECK(first(world, "people.space_made").value_or(-1) == Approx(390));
  // The client tries again every 100 ms at least.
  CHECK(found[0].second == Approx(390).margin(0.2));
  CHECK(downtime(world, "read") == 0);
  CHECK(downtime(world, "serializable-read") == 0);
  CHECK_FALSE(first(world, "etcd.new_leader"));
}

TEST_CASE("etcd at its quota as often as its database grows full", "[etcd][oracle]") {
  // O18: 2 GiB less 200 MiB at 1 MiB a minute are full after 1848 min.
  Topology topology = etcd_topology();
  etcd::Spec& spec = topology.services[0].own.as<etcd::Spec>();
  spec.database = {200.0 * 0x1p20};
  spec.quota = {2 * 0x1p30};
  spec.growth_per_day = {1440.0 * 0x1p20};
  topology.changes.space_quota_rate = Rate{0.001};
  const Lab lab(topology);
  double per_hour = 0;
  for (const FaultSource& source : lab.plan().faults)
    per_hour += source.verb == Verb::space_quota ? source.rate.per_hour : 0;
  CHECK(per_hour == Approx(60.0 / 1848 + 0.001));
}

TEST_CASE("etcd at its quota stays there if nobody is on call, and a second alarm changes nothing", "[etcd]") {
  Topology topology = etcd_topology();
  topology.people.on_call = 0;
  const Lab lab(topology);
  const World world =
      lab.play({action(0_s, Verb::space_quota, "etcd"), action(5_s, Verb::space_quota, "etcd")}, 1, 1_h);
  CHECK(downtime(world, "write") == Approx(3600));
  CHECK(count(world, "fault.space_quota") == 1);
}

TEST_CASE("etcd at its quota: API servers live and answer reads, and no controller keeps its lease",
          "[etcd][control-plane][oracle]") {
  Topology topology = small_topology();
  topology.services.clear();
  topology.workloads.clear();
  const Lab lab(mended_in_390_s(with_masters(topology, {})));
  const World world = lab.play({action(0_s, Verb::space_quota, "etcd")}, 1, 20_min);
  CHECK(downtime(world, "api-read") == 0);
  const auto writes = outages(world, "api-write");
  REQUIRE(writes.size() == 1);
  CHECK(writes[0].second == Approx(390).margin(1));
  CHECK(count(world, "control_plane.server_exits") == 0);  // their probes read only
  CHECK(downtime(world, "controllers") > 390 - 15);
}

}  // namespace space_quota_test
