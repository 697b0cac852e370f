#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "models/components/build_plan.hpp"
#include "models/fabric/layout.hpp"
#include "models/faults/sources.hpp"
#include "models/namer.hpp"
#include "models/placement.hpp"
#include "models/plan.hpp"
#include "models/service/kind.hpp"
#include "sim/random.hpp"

namespace nines::models {

namespace {

class Builder {
 public:
  Builder(Topology topology, std::uint64_t seed) {
    plan_.topology = std::move(topology);
    plan_.seed = seed;
  }

  Plan build() {
    add_zones();
    for (std::size_t i = 0; i < plan_.topology.node_groups.size(); ++i) add_group(i);
    add_network();
    add_processes();
    for (const ServiceId id : plan_.services.ids()) plan_.services[id].kind->build(plan_, namer_, id);
    const std::size_t first_black_box = plan_.components.size();
    components::build(plan_, namer_);
    const std::size_t end_of_black_boxes = plan_.components.size();
    plan_.structures.of_sli.assign(plan_.slis.size(), -1);
    plan_.structures.readers.resize(plan_.slis.size());
    for (const ServiceId id : plan_.services.ids()) plan_.services[id].kind->connect(plan_, id);
    check_sizes();
    plan_.layout = fabric::add_resources(plan_.idle_fabric, plan_);
    plan_.faults = faults::enumerate_faults(plan_);
    for (std::size_t source = 0; source < plan_.faults.size(); ++source) {
      if (plan_.faults[source].verb != Verb::component_fail) continue;
      const components::UnitId unit{plan_.faults[source].index};
      plan_.black_boxes.units[unit].source = static_cast<std::uint32_t>(source);
    }
    name_streams(first_black_box, end_of_black_boxes);
    return std::move(plan_);
  }

 private:
  // ---- machines ----

  void add_zones() {
    for (const std::string& name : plan_.topology.zones) plan_.zones.add({namer_.add(name, "zone"), {}});
  }

  [[nodiscard]] ZoneId zone_named(std::string_view name, std::string_view group) const {
    const auto& names = plan_.topology.zones;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return ZoneId::of(static_cast<std::size_t>(found - names.begin()));
    throw std::invalid_argument(fmt::format("node group '{}' names zone '{}', which does not exist", group, name));
  }

  void add_group(std::size_t index) {
    const NodeGroupSpec& group = plan_.topology.node_groups[index];
    for (const std::string& zone_name : group.zones) {
      const ZoneId zone = zone_named(zone_name, group.name);
      for (std::int64_t i = 0; i < group.nodes_per_zone; ++i) {
        NodePlan node = node_of(group, index, zone);
        node.component = namer_.add(fmt::format("{}-{}-{}", group.name, zone_name, i), "node");
        plan_.zones[zone].nodes.push_back(plan_.nodes.add(node));
      }
    }
  }

  static NodePlan node_of(const NodeGroupSpec& group, std::size_t index, ZoneId zone) {
    NodePlan node;
    node.zone = zone;
    node.group = static_cast<std::uint16_t>(index);
    node.capacity = group.capacity;
    node.provisioner = group.provisioner;
    node.interruption_queue = group.interruption_queue;
    node.local_disk = group.instance.local_disk.count > 0;
    // Simplified automatic recovery works for instances without instance store only (AWS sheet section 2).
    node.auto_recovery = group.auto_recovery && !node.local_disk;
    node.status_checks = group.provisioner == Provisioner::asg && group.repair != MachineRepair::none;
    node.node_repair = group.repair == MachineRepair::node_repair;
    node.launch_first = group.replacement == Replacement::launch_first;
    if (group.capacity == Capacity::spot) node.spot_reclaim = group.instance.spot_reclaim;
    return node;
  }

  // ---- network: machine - zone fabric - backbone ----

  void add_network() {
    infrastructure::Network& network = plan_.network;
    std::vector<std::pair<std::size_t, std::size_t>> edges;
    const auto link = [&](infrastructure::Endpoint a, infrastructure::Endpoint b) {
      edges.emplace_back(a, b);
      edges.emplace_back(b, a);
    };
    std::size_t endpoints = 0;
    network.backbone = static_cast<infrastructure::Endpoint>(endpoints++);
    for (std::size_t i = 0; i < plan_.zones.size(); ++i) {
      network.zone_fabric.push_back(static_cast<infrastructure::Endpoint>(endpoints++));
      link(network.zone_fabric.back(), network.backbone);
    }
    for (const NodePlan& node : plan_.nodes) {
      network.node_endpoint.push_back(static_cast<infrastructure::Endpoint>(endpoints++));
      link(network.node_endpoint.back(), network.zone_fabric[node.zone.value]);
    }
    network.graph = infrastructure::Graph(boost::edges_are_unsorted_multi_pass, edges.begin(), edges.end(), endpoints);
    for (const infrastructure::Endpoint fabric : network.zone_fabric) {
      network.zone_uplinks.push_back(edge_index(fabric, network.backbone));
      network.zone_uplinks.push_back(edge_index(network.backbone, fabric));
    }
  }

  [[nodiscard]] std::size_t edge_index(std::size_t from, std::size_t to) const {
    const infrastructure::Graph& graph = plan_.network.graph;
    return boost::get(boost::edge_index, graph, boost::edge(from, to, graph).first);
  }

  // ---- pods ----

  void add_processes() {
    InitialScheduler scheduler(plan_);
    std::uint32_t family = 0;
    for (const ServiceSpec& spec : plan_.topology.services) {
      ServicePlan service;
      service.component = namer_.add(spec.name, "service");
      service.name = spec.name;
      service.kind = spec.kind;
      const ServiceId id = plan_.services.add(std::move(service));
      for (std::size_t pool = 0; pool < spec.pools.size(); ++pool) add_pool(id, spec, pool, scheduler, family++);
    }
    add_operator();
  }

  void add_pool(ServiceId id, const ServiceSpec& spec, std::size_t index, InitialScheduler& scheduler,
                std::uint32_t family) {
    const PoolSpec& pool = spec.pools[index];
    for (std::int64_t i = 0; i < pool.replicas; ++i) {
      const std::size_t number = plan_.services[id].members.size();
      const std::string name = fmt::format("{}/{}", spec.name, spec.kind->member_name(spec, pool, number));
      ProcessPlan process;
      process.service = id;
      process.roles = pool.roles;
      process.pool = static_cast<std::uint16_t>(index);
      process.node = scheduler.place({name, group_named(pool.node_group), family, pool.cpu, pool.memory});
      process.component = namer_.add(name, "process");
      process.volume = add_volume(pool, name, process.node, ProcessId::of(plan_.processes.size()));
      plan_.services[id].members.push_back(plan_.processes.add(process));
    }
  }

  [[nodiscard]] std::uint16_t group_named(std::string_view name) const {
    const auto& groups = plan_.topology.node_groups;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].name == name) return static_cast<std::uint16_t>(i);
    }
    throw std::invalid_argument(fmt::format("node group '{}' does not exist", name));
  }

  VolumeId add_volume(const PoolSpec& pool, const std::string& owner_name, NodeId node, ProcessId owner) {
    const InstanceType& type = plan_.topology.node_groups[plan_.nodes[node].group].instance;
    const bool local = pool.storage.kind == VolumeKind::nvme;
    if (local && pool.storage.size > type.local_disk) {
      throw std::invalid_argument(fmt::format("{} needs a local disk of {:.0f} GiB, but {} has {:.0f} GiB", owner_name,
                                              pool.storage.size.count / (1 << 30), type.name,
                                              type.local_disk.count / (1 << 30)));
    }
    // A machine's path to network volumes is a limit of its own (models/fabric/layout.hpp).
    const Bandwidth path = local ? type.local_disk_rate : std::max(type.ebs, type.ebs_burst.rate);
    const bool limited = pool.storage.throughput.bytes_per_s > 0;
    VolumePlan volume;
    volume.component = namer_.add(owner_name + "/data", "volume");
    volume.kind = pool.storage.kind;
    volume.zone = plan_.nodes[node].zone;
    if (local) volume.node = node;
    volume.owner = owner;
    volume.size = pool.storage.size;
    volume.throughput = !limited ? path : local ? std::min(pool.storage.throughput, path) : pool.storage.throughput;
    return plan_.volumes.add(volume);
  }

  void add_operator() {
    const OperatorSpec& spec = plan_.topology.operator_;
    if (spec.name.empty()) return;
    const std::uint16_t group = group_named(spec.node_group);
    for (const NodeId node : plan_.nodes.ids()) {
      if (plan_.nodes[node].group != group) continue;
      ProcessPlan process;
      process.component = namer_.add(spec.name, "operator");
      process.node = node;
      plan_.operator_process = plan_.processes.add(process);
      return;
    }
    throw std::invalid_argument(fmt::format("node group '{}' of the operator has no machines", spec.node_group));
  }

  // ---- names and streams ----

  void check_sizes() const {
    constexpr std::size_t limit = std::numeric_limits<std::uint16_t>::max();
    const std::size_t resources =
        3 * plan_.nodes.size() + plan_.volumes.size() + 2 * plan_.zones.size() + 2 * plan_.processes.size();
    if (resources >= limit || plan_.processes.size() >= limit ||
        plan_.services.size() > std::numeric_limits<std::uint8_t>::max() ||
        plan_.black_boxes.units.size() >= limit || plan_.slis.size() >= limit) {
      throw std::invalid_argument("the topology has more parts than this simulator can number");
    }
  }

  void name_streams(std::size_t first_black_box, std::size_t end_of_black_boxes) {
    std::vector<PurposeRange> ranges(plan_.components.size(), platform_purposes);
    std::fill(ranges.begin() + static_cast<std::ptrdiff_t>(first_black_box),
              ranges.begin() + static_cast<std::ptrdiff_t>(end_of_black_boxes), black_box_purposes);
    for (const NodePlan& node : plan_.nodes) ranges[node.component] = node_purposes;
    for (const ServiceId id : plan_.services.ids()) plan_.services[id].kind->purposes(plan_, id, ranges);
    for (std::size_t i = 0; i < plan_.components.size(); ++i) {
      const PurposeRange range = ranges[i];
      plan_.first_purposes.push_back(static_cast<Purpose>(range.first));
      plan_.stream_origins.push_back(static_cast<std::uint32_t>(plan_.stream_keys.size() - range.first));
      for (std::size_t purpose = range.first; purpose < range.first + range.count; ++purpose) {
        plan_.stream_keys.push_back(sim::stream_key(plan_.seed, plan_.components[i], purpose_names[purpose]));
      }
    }
  }

  Plan plan_;
  Namer namer_{plan_};
};

}  // namespace

ComponentId Namer::add(std::string name, std::string_view kind) {
  if (taken_.contains(name)) name = fmt::format("{} ({})", name, kind);
  if (!taken_.insert(name).second) throw std::invalid_argument(fmt::format("two things are called '{}'", name));
  plan_.components.push_back(std::move(name));
  return static_cast<ComponentId>(plan_.components.size() - 1);
}

Plan build_plan(Topology topology, std::uint64_t seed) { return Builder(std::move(topology), seed).build(); }

}  // namespace nines::models
