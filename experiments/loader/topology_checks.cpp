#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/service_report.hpp"
#include "experiments/loader/topology_reader.hpp"
#include "models/service/kind.hpp"

namespace nines::loader {

namespace {

using models::Topology;

constexpr double gib = 0x1p30;

/// What is left of a machine while pods are placed.
struct Room {
  double cpu = 0;
  double memory = 0;
  double disk = 0;
};

class TopologyChecker {
 public:
  TopologyChecker(const TopologyInput& input, const Topology& topology) : input_(input), topology_(topology) {}

  void check() {
    check_names();
    check_components(input_, topology_);
    check_zones();
    check_counts();
    for (std::size_t i = 0; i < topology_.services.size(); ++i) {
      ServiceReport report(input_, i);
      topology_.services[i].kind->check(report, topology_, topology_.services[i]);
    }
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) check_room(i);
  }

 private:
  void report(const std::string& pointer, std::string message) {
    input_.problems->add(input_.document->problem(pointer, std::move(message)));
  }

  /// Zones, groups, services, components, shocks and the operator share one space of names: scenarios and traces refer
  /// to them by name only.
  void check_names() {
    std::map<std::string, std::string> owner;
    const auto add = [&](const std::string& name, const std::string& pointer) {
      const auto [found, fresh] = owner.emplace(name, pointer);
      if (!fresh) report(pointer, fmt::format("the name '{}' is taken by {}.", name, found->second));
    };
    for (std::size_t i = 0; i < topology_.zones.size(); ++i) add(topology_.zones[i], fmt::format("/zones/{}", i));
    for (std::size_t i = 0; i < topology_.services.size(); ++i)
      add(topology_.services[i].name, fmt::format("/services/{}/name", i));
    for (std::size_t i = 0; i < topology_.components.size(); ++i)
      add(topology_.components[i].name, fmt::format("/components/{}/name", i));
    for (std::size_t i = 0; i < topology_.shocks.size(); ++i)
      add(topology_.shocks[i].name, fmt::format("/shocks/{}/name", i));
    for (std::size_t i = 0; i < topology_.node_groups.size(); ++i) {
      // A group may be called like its service: it is never the target of the same verb.
      const auto found = owner.find(topology_.node_groups[i].name);
      if (found == owner.end() || !found->second.starts_with("/services/"))
        add(topology_.node_groups[i].name, fmt::format("/node_groups/{}/name", i));
    }
    if (!topology_.operator_.name.empty()) add(topology_.operator_.name, "/platform/operator/name");
  }

  void check_zones() {
    if (!topology_.managed_control_plane) return;
    for (std::size_t i = 0; i < topology_.zones.size(); ++i) {
      if (!topology_.zones[i].starts_with(topology_.region))
        report(fmt::format("/zones/{}", i),
               fmt::format("zone '{}' is not in region '{}'.", topology_.zones[i], topology_.region));
    }
  }

  static std::int64_t nodes(const models::NodeGroupSpec& group) {
    return group.nodes_per_zone * static_cast<std::int64_t>(group.zones.size());
  }

  void check_counts() {
    std::int64_t machines = 0;
    for (const models::NodeGroupSpec& group : topology_.node_groups) machines += nodes(group);
    if (machines > most_nodes)
      report("/node_groups", fmt::format("expected at most {} machines, got {}.", most_nodes, machines));
    std::int64_t processes = 1;
    for (const models::ServiceSpec& service : topology_.services) {
      for (const models::PoolSpec& pool : service.pools) processes += pool.replicas;
    }
    if (processes > most_processes)
      report("/services", fmt::format("expected at most {} processes, got {}.", most_processes, processes));
  }

  /// Places the pods of a group: those of one pool on different machines, roomiest machine first.
  void check_room(std::size_t index) {
    const models::NodeGroupSpec& group = topology_.node_groups[index];
    std::vector<Room> rooms(static_cast<std::size_t>(nodes(group)),
                            Room{group.instance.vcpu, group.instance.memory.count, group.instance.local_disk.count});
    for (std::size_t s = 0; s < topology_.services.size(); ++s) {
      const models::ServiceSpec& service = topology_.services[s];
      for (std::size_t p = 0; p < service.pools.size(); ++p) {
        if (service.pools[p].node_group == group.name)
          place(service.pools[p], group, rooms, fmt::format("/services/{}/pools/{}", s, p));
      }
    }
  }

  void place(const models::PoolSpec& pool, const models::NodeGroupSpec& group, std::vector<Room>& rooms,
             const std::string& at) {
    if (pool.replicas > static_cast<std::int64_t>(rooms.size()))
      return report(at + "/replicas", fmt::format("expected at most one pod a machine: node group '{}' has {}, got {}.",
                                                  group.name, rooms.size(), pool.replicas));
    const double disk = pool.storage.kind == models::VolumeKind::nvme ? pool.storage.size.count : 0;
    std::stable_sort(rooms.begin(), rooms.end(), [](const Room& a, const Room& b) { return a.memory > b.memory; });
    std::int64_t left = pool.replicas;
    for (Room& room : rooms) {
      if (left == 0) break;
      if (room.cpu < pool.cpu || room.memory < pool.memory.count || room.disk < disk) continue;
      room.cpu -= pool.cpu;
      room.memory -= pool.memory.count;
      room.disk -= disk;
      --left;
    }
    if (left > 0)
      report(at, fmt::format("{} of {} pods ({:g} cpu, {:g} GiB{}) do not fit on the {} machines of node group '{}' "
                             "({}: {:g} vcpu, {:g} GiB).",
                             left, pool.replicas, pool.cpu, pool.memory.count / gib, disk > 0 ? ", local disk" : "",
                             rooms.size(), group.name, group.instance.name, group.instance.vcpu,
                             group.instance.memory.count / gib));
  }

  const TopologyInput& input_;
  const Topology& topology_;
};

}  // namespace

void check_topology(const TopologyInput& input, const Topology& topology) { TopologyChecker(input, topology).check(); }

}  // namespace nines::loader
