// The exported platform as SimGrid reads it.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <simgrid/s4u.hpp>

#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/simgrid_platform.hpp"
#include "tests/places.hpp"
#include "tests/simgrid/in_child.hpp"

namespace platform_test {

using namespace nines;

namespace {

/// What SimGrid says about a platform; gathered in a child process, for an engine is one a process.
struct Report {
  std::size_t hosts = 0;
  std::size_t links = 0;
  std::size_t disks = 0;
  double cores = 0;
  double within_zone_s = 0;
  double between_zones_s = 0;
  double up_bytes_per_s = 0;
  double disk_bytes_per_s = 0;
};

Report load_in_simgrid(const std::string& path, const std::array<std::string, 3>& hosts) {
  return tests::in_child([&] {
    std::string name = "test";
    std::array<char*, 2> arguments{name.data(), nullptr};
    int count = 1;
    auto* engine = simgrid::s4u::Engine::get_instance(&count, arguments.data());
    engine->load_platform(path);
    engine->seal_platform();
    Report report;
    report.hosts = engine->get_host_count();
    report.links = engine->get_link_count();
    for (const auto* host : engine->get_all_hosts()) report.disks += host->get_disks().size();
    const auto* first = engine->host_by_name(hosts[0]);
    report.cores = first->get_core_count();
    report.disk_bytes_per_s = first->get_disks().empty() ? 0 : first->get_disks().front()->get_read_bandwidth();
    const auto latency = [&](const std::string& to) {
      std::vector<simgrid::s4u::Link*> links;
      double sum = 0;
      first->route_to(engine->host_by_name(to), links, &sum);
      return sum;
    };
    report.within_zone_s = latency(hosts[1]);
    report.between_zones_s = latency(hosts[2]);
    report.up_bytes_per_s = engine->link_by_name(hosts[0] + "/up")->get_bandwidth();
    return report;
  });
}

}  // namespace

TEST_CASE("SimGrid loads an exported topology and finds what the plan says", "[simgrid]") {
  const auto loaded = loader::load_topology(tests::source_file("topologies/kafka-eks.json"));
  const models::Plan plan = models::build_plan(loaded.topology, 1);
  const std::string path = fmt::format("simgrid-platform-{}.xml", getpid());
  std::ofstream(path) << experiments::simgrid_platform(plan);

  const models::NodeId first = plan.processes[models::ProcessId::of(0)].node;
  const models::NodePlan& node = plan.nodes[first];
  models::NodeId neighbour;
  models::NodeId stranger;
  for (const models::NodeId other : plan.nodes.ids()) {
    if (other == first) continue;
    (plan.nodes[other].zone == node.zone ? neighbour : stranger) = other;
  }
  REQUIRE(neighbour.exists());
  REQUIRE(stranger.exists());
  const auto name = [&](models::NodeId id) { return std::string(plan.name(plan.nodes[id].component)); };
  const Report report = load_in_simgrid(path, {name(first), name(neighbour), name(stranger)});
  std::remove(path.c_str());

  const models::InstanceType& type = plan.topology.node_groups[node.group].instance;
  CHECK(report.hosts == plan.nodes.size());
  CHECK(report.disks == plan.volumes.size());
  CHECK(report.links >= 2 * (plan.nodes.size() + plan.zones.size()));
  CHECK(report.cores == type.vcpu);
  CHECK(report.up_bytes_per_s == Approx(type.network.bytes_per_s).epsilon(1e-12));
  CHECK(report.within_zone_s == Approx(plan.infra().rtt_intra_zone.to_seconds() / 2).epsilon(1e-12));
  CHECK(report.between_zones_s == Approx(plan.infra().rtt_inter_zone.to_seconds() / 2).epsilon(1e-12));
  CHECK(report.disk_bytes_per_s > 0);
}

}  // namespace platform_test
