// The fabric inside the world: its timer, its endings in the trace, forks.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/fabric/events.hpp"
#include "models/fabric/layout.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace fabric_world_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;

namespace {

/// A broker's 10 GB over a link of 1 GB/s, with 600 MB/s of live load in the way.
fabric::FlowId start_catch_up(World& world, fabric::ResourceId link) {
  fabric::Changes fabric(world);
  fabric->start(world.now, {.route = {link}, .cap = {6e8}});
  return fabric->start(
      world.now,
      {.route = {link}, .bytes = {1e10}, .owner = fabric::owner(ProcessId::of(0)), .cause = world.trace.current()});
}

}  // namespace

TEST_CASE("a flow in the world ends on time, noted under its owner's name", "[fabric]") {
  const Lab lab(small_topology());
  World world = lab.prepare({}, 0);
  const auto link = world.fabric.native.add({{1e9}});
  const sim::Time start = world.now;
  start_catch_up(world, link);
  run_until(world, start + Duration::seconds(10));
  World fork = world;
  {
    // Before: 500 MB/s each. In the fork the link doubles half way, and the live load takes no more than its 600 MB/s.
    fabric::Changes fabric(fork);
    fabric->set_capacity(fork.now, link, {2e9});
  }
  run_until(world, start + Duration::seconds(60));
  run_until(fork, start + Duration::seconds(60));
  const auto ended = [&](const World& in) {
    for (const auto& record : in.trace.records()) {
      if (event_info(record.kind).name != "fabric.flow_done") continue;
      CHECK(lab.plan().name(record.component) == lab.plan().name(lab.plan().processes[ProcessId::of(0)].component));
      return (record.at - start).to_seconds();
    }
    return -1.0;
  };
  CHECK(ended(world) == 20);
  CHECK(ended(fork) == Approx(10 + 5e9 / 1.4e9).epsilon(1e-9));
}

TEST_CASE("a link that breaks ends flows in the world at once", "[fabric]") {
  const Lab lab(small_topology());
  World world = lab.prepare({}, 0);
  const auto link = world.fabric.native.add({{1e9}});
  const sim::Time start = world.now;
  const fabric::FlowId flow = start_catch_up(world, link);
  run_until(world, start + Duration::seconds(3));
  {
    fabric::Changes fabric(world);
    fabric->set_condition(world.now, link, fabric::Condition::breaks);
  }
  run_until(world, start + Duration::seconds(4));
  CHECK_FALSE(world.fabric.native.running(flow));
  CHECK(count(world, "fabric.flow_broken") >= 1);
}

TEST_CASE("a plan's bandwidth as a fabric: the slowest thing on the way sets the pace", "[fabric]") {
  const Lab lab(small_topology());
  const Plan& plan = lab.plan();
  fabric::MaxMin shares;
  const fabric::Layout layout = fabric::add_resources(shares, plan);
  const VolumeId from = plan.processes[ProcessId::of(0)].volume;
  const VolumeId to = plan.processes[ProcessId::of(1)].volume;
  const NodeId sender = plan.processes[ProcessId::of(0)].node;
  const NodeId receiver = plan.processes[ProcessId::of(1)].node;
  fabric::Route route = fabric::disk_route(layout, plan, sender, from);
  route.add(fabric::network_route(layout, plan, sender, receiver));
  route.add(fabric::disk_route(layout, plan, receiver, to, 2));
  CHECK(shares.latency(route) == plan.infra().rtt_inter_zone / 2);
  const fabric::FlowId flow = shares.start(sim::Time::zero(), {.route = route, .bytes = {1e9}});
  const InstanceType& type = plan.topology.node_groups[plan.nodes[sender].group].instance;
  const double expected =
      std::min({plan.volumes[from].throughput.bytes_per_s, plan.volumes[to].throughput.bytes_per_s / 2,
                type.network.bytes_per_s, type.ebs.bytes_per_s / 2});
  CHECK(shares.rate(flow).bytes_per_s == Approx(expected).epsilon(1e-12));
}

}  // namespace fabric_world_test
