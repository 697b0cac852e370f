#include "models/components/build_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "models/alerts/alerts.hpp"
#include "models/capacity_pools.hpp"
#include "models/fabric/layout.hpp"
#include "models/faults/sources.hpp"
#include "models/kubernetes/group_scaling.hpp"
#include "models/kubernetes/pod_limit.hpp"
#include "models/kubernetes/rollout.hpp"
#include "models/namer.hpp"
#include "models/plan.hpp"
#include "models/resting_layout.hpp"
#include "models/scheduling.hpp"
#include "models/service/kind.hpp"
#include "models/volume_speed.hpp"
#include "sim/random.hpp"
#include "sim/time_units.hpp"

namespace nines::models {

namespace {

class Builder {
 public:
  Builder(Topology topology, std::uint64_t seed) {
    plan_.topology = std::move(topology);
    plan_.seed = seed;
    for (NodeGroupSpec& group : plan_.topology.node_groups)
      group.spare_per_zone = kubernetes::spare_places(plan_.topology, group);
  }

  /// Everything is to begin where the layout has it. Else it is where the scheduler puts it in a new cluster.
  void begin_with(const Layout& layout, const Plan& base) {
    layout_ = &layout;
    base_ = &base;
  }

  Plan build() {
    add_machines();
    add_network();
    add_processes();
    for (const ServiceId id : plan_.services.ids()) {
      const service::Kind& kind = *plan_.services[id].kind;
      kind.build(plan_, namer_, id);
      if (kind.looks_at_touched) plan_.looking_at_touched.push_back(id);
    }
    const std::size_t first_black_box = plan_.components.size();
    components::build(plan_, namer_);
    const std::size_t end_of_black_boxes = plan_.components.size();
    plan_.structures.of_sli.assign(plan_.slis.size(), -1);
    plan_.structures.readers.resize(plan_.slis.size());
    for (const ServiceId id : plan_.services.ids()) plan_.services[id].kind->connect(plan_, id);
    add_capacity_pools(plan_, namer_);
    alerts::build(plan_, namer_);
    check_sizes();
    plan_.layout = fabric::add_resources(plan_.idle_fabric, plan_);
    plan_.faults = base_ != nullptr ? base_->faults : faults::enumerate_faults(plan_);
    for (std::size_t source = 0; source < plan_.faults.size(); ++source) {
      if (plan_.faults[source].verb != Verb::component_fail) continue;
      const auto unit = components::UnitId::of(plan_.faults[source].index);
      plan_.black_boxes.units[unit].source = static_cast<std::uint32_t>(source);
    }
    name_streams(first_black_box, end_of_black_boxes);
    return std::move(plan_);
  }

  /// As much as it takes to know where pods go.
  void place() {
    add_machines();
    add_processes();
  }

 private:
  // ---- machines ----

  void add_machines() {
    add_zones();
    for (std::size_t i = 0; i < plan_.topology.node_groups.size(); ++i) add_group(i);
  }

  void add_zones() {
    for (const std::string& name : plan_.topology.zones) plan_.zones.add({namer_.add(name, "zone"), {}, 0});
  }

  [[nodiscard]] ZoneId zone_named(std::string_view name, std::string_view group) const {
    const auto& names = plan_.topology.zones;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found != names.end()) return ZoneId::of(static_cast<std::size_t>(found - names.begin()));
    throw std::invalid_argument(fmt::format("node group '{}' names zone '{}', which does not exist", group, name));
  }

  void add_group(std::size_t index) {
    const NodeGroupSpec& group = plan_.topology.node_groups[index];
    for (std::size_t place = 0; place < group.zones.size(); ++place) {
      const std::string& zone_name = group.zones[place];
      const ZoneId zone = zone_named(zone_name, group.name);
      for (std::int64_t i = 0; i < group.slots_per_zone(); ++i) {
        NodePlan node = node_of(plan_.topology, index, zone);
        node.parked = layout_ != nullptr ? layout_->machine[plan_.nodes.size()] == 0 : i >= group.machines_in(place);
        node.component = namer_.add(fmt::format("{}-{}-{}", group.name, zone_name, i), "node");
        plan_.zones[zone].nodes.push_back(plan_.nodes.add(node));
      }
    }
  }

  static NodePlan node_of(const Topology& topology, std::size_t index, ZoneId zone) {
    const NodeGroupSpec& group = topology.node_groups[index];
    NodePlan node;
    node.zone = zone;
    node.group = static_cast<std::uint16_t>(index);
    node.provisioner = group.provisioner;
    node.interruption = group.interruption;
    node.capacity_rebalancing = group.capacity_rebalancing;
    node.local_disk = group.instance.local_disk.count > 0;
    node.kubelet = topology.has_kubernetes();
    if (node.kubelet) node.volumes = group.max_volumes.value_or(topology.infrastructure.volume_limit);
    const bool fargate = group.provisioner == Provisioner::fargate;
    if (node.kubelet) node.pods = kubernetes::pod_limit(topology, group) - kubernetes::system_pods(topology);
    if (fargate) node.pods = 1;
    if (group.expire_after) node.expiry = {1 / (group.expire_after->to_seconds() / sim::seconds_per_hour)};
    // Simplified automatic recovery works for instances without instance store only (AWS sheet section 2).
    node.auto_recovery = group.auto_recovery && !node.local_disk;
    node.status_checks = group.provisioner == Provisioner::asg && group.repair != MachineRepair::none;
    node.node_repair = group.repair == MachineRepair::node_repair;
    node.launch_first = group.replacement == Replacement::launch_first;
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
    plan_.starts_on.assign(plan_.nodes.size(), {});
    places_.emplace(plan_);
    for (const ServiceSpec& spec : plan_.topology.services) {
      ServicePlan service;
      service.component = namer_.add(spec.name, "service");
      service.name = spec.name;
      service.kind = spec.kind;
      const ServiceId id = plan_.services.add(std::move(service));
      if (spec.kind->runs_platform) plan_.control_plane = id;
      if (const auto part = spec.kind->part(spec)) plan_.parts[static_cast<std::size_t>(*part)] = id;
      for (std::size_t pool = 0; pool < spec.pools.size(); ++pool) add_pool(id, spec, pool);
    }
    for (const WorkloadSpec& spec : plan_.topology.workloads) add_workload(spec);
    find_owners();
    for (const NodeId node : plan_.nodes.ids()) {
      if (plan_.nodes[node].kubelet && !plan_.vacant(node)) ++plan_.zones[plan_.nodes[node].zone].kubelets;
    }
    for (const ServiceId id : plan_.services.ids()) {
      if (plan_.spec(id).job) place_jobs(id);
      if (asks_others(plan_.spec(id))) plan_.asking.push_back(id);
    }
  }

  static bool asks_others(const ServiceSpec& spec) {
    if (!spec.probes) return false;
    return std::ranges::any_of(std::array{&ProbesSpec::startup, &ProbesSpec::readiness, &ProbesSpec::liveness},
                               [&](auto which) {
                                 const std::optional<ProbeSpec>& probe = *spec.probes.*which;
                                 return probe && probe->asks == ProbeAsks::dependency;
                               });
  }

  // ---- Jobs ----

  /// The process whose component has that name; none if there is none.
  [[nodiscard]] ProcessId process_named(std::string_view name) const {
    for (const ProcessId process : plan_.processes.ids()) {
      if (plan_.name(plan_.processes[process].component) == name) return process;
    }
    return ProcessId::none();
  }

  /// Finds the claims that its pods mount, and the machine where each would be put in health.
  void place_jobs(ServiceId id) {
    const JobSpec& job = *plan_.spec(id).job;
    const std::uint16_t group = group_named(plan_.spec(id).pools.front().node_group);
    const ProcessId host = job.claim.empty() ? ProcessId::none() : process_named(job.claim);
    if (!job.claim.empty() && (!host.exists() || !plan_.processes[host].volume.exists()))
      throw std::invalid_argument(fmt::format("no process '{}' has a volume", job.claim));
    for (const ProcessId process : plan_.services[id].members) {
      if (host.exists()) {
        const VolumeId claim = plan_.processes[host].volume;
        plan_.processes[process].claim = claim;
        plan_.volumes[claim].guests.push_back(process);
      }
      move_to(process, place_of_job(process, group, host, job));
    }
  }

  /// A Job's pod is chosen a machine anew each time that it runs: until then any that the layout has will do.
  [[nodiscard]] NodeId place_in_layout(ProcessId process, std::uint16_t group, ProcessId host) const {
    if (host.exists()) return plan_.processes[host].node;
    const NodeId its = layout_->place[process.value];
    if (layout_->machine[its.value] != 0) return its;
    for (const NodeId node : plan_.nodes.ids()) {
      if (plan_.nodes[node].group == group && layout_->machine[node.value] != 0) return node;
    }
    return its;
  }

  NodeId place_of_job(ProcessId process, std::uint16_t group, ProcessId host, const JobSpec& job) {
    if (layout_ != nullptr) return place_in_layout(process, group, host);
    const std::string name(plan_.name(plan_.processes[process].component));
    if (host.exists() && job.beside_claim) {
      const NodeId node = plan_.processes[host].node;
      if (plan_.nodes[node].group != group)
        throw NoPlace(plan_, process,
                      fmt::format("{} is to be beside {}, whose machine is of another node group", name, job.claim));
      return node;
    }
    const ZoneId only = host.exists() ? plan_.nodes[plan_.processes[host].node].zone : ZoneId::none();
    const Choice choice = places_->choose(process, group, false, only);
    if (!choice.place) throw NoPlace(plan_, process, name, group, choice.refusal);
    const NodeId node = choice.place->node;
    if (host.exists() && node != plan_.processes[host].node)
      throw NoPlace(plan_, process,
                    fmt::format("the scheduler puts {} on {}, while the volume that it mounts is attached to {}, the "
                                "machine of {}: it waits there for good (Multi-Attach error), and no run ever ends. "
                                "Say \"beside_claim\": true (podAffinity), or a node group where it finds no other "
                                "machine in that zone",
                                name, plan_.name(plan_.nodes[node].component),
                                plan_.name(plan_.nodes[plan_.processes[host].node].component), job.claim));
    return node;
  }

  void move_to(ProcessId process, NodeId node) {
    std::vector<ProcessId>& before = plan_.starts_on[plan_.processes[process].node];
    std::erase(before, process);
    plan_.processes[process].node = node;
    std::vector<ProcessId>& now = plan_.starts_on[node];
    now.insert(std::lower_bound(now.begin(), now.end(), process), process);
  }

  /// A claim that gets its volume before its pod is scheduled: the zone goes by its name and number, over the zones of
  /// the whole cluster (kubernetes-csi/external-provisioner pkg/controller/topology.go, getPVCNameHashAndIndexOffset).
  /// Of a StatefulSet's claim ClaimName-StatefulSetName-Id only what follows the last dash of its set's name counts.
  [[nodiscard]] ZoneId zone_of_claim(const std::string& claim, std::int64_t ordinal) const {
    const std::string name = claim.substr(claim.rfind('-') + 1);
    constexpr std::uint32_t basis = 2'166'136'261;
    constexpr std::uint32_t prime = 16'777'619;
    std::uint32_t hash = basis;
    for (const char c : name) hash = (hash * prime) ^ static_cast<unsigned char>(c);
    std::vector<std::size_t> zones(plan_.zones.size());
    std::iota(zones.begin(), zones.end(), std::size_t{0});
    std::sort(zones.begin(), zones.end(),
              [&](std::size_t a, std::size_t b) { return plan_.topology.zones[a] < plan_.topology.zones[b]; });
    return ZoneId::of(zones[(hash + static_cast<std::size_t>(ordinal)) % zones.size()]);
  }

  /// The workload that the pool's pods belong to: its own if it says so, else that of the service.
  WorkloadId workload_of(ServiceId id, const ServiceSpec& spec, const PoolSpec& pool) {
    if (!pool.controller) {
      for (const WorkloadId known : plan_.services[id].workloads) {
        if (plan_.workloads[known].component == plan_.services[id].component) return known;
      }
    }
    WorkloadPlan workload;
    workload.service = id;
    workload.name = pool.controller ? fmt::format("{}/{}", spec.name, pool.name) : spec.name;
    workload.component = pool.controller ? namer_.add(workload.name, "workload") : plan_.services[id].component;
    workload.controller = pool.controller.value_or(spec.controller);
    workload.surges = workload.controller == Controller::deployment && spec.kind->parks;
    workload.management = pool.controller ? pool.management : spec.management;
    workload.budget = pool.controller ? pool.budget : spec.budget;
    workload.evicts_unhealthy = pool.controller ? pool.evicts_unhealthy : spec.evicts_unhealthy;
    workload.job = spec.job;
    const WorkloadId added = plan_.workloads.add(std::move(workload));
    plan_.services[id].workloads.push_back(added);
    return added;
  }

  void add_pool(ServiceId id, const ServiceSpec& spec, std::size_t index) {
    const PoolSpec& pool = spec.pools[index];
    const WorkloadId workload = workload_of(id, spec, pool);
    plan_.workloads[workload].autoscaler = pool.autoscaler;
    const std::int64_t most = spec.job ? spec.job->parallelism * spec.job->places : pool.most_replicas();
    const std::int64_t beside = plan_.workloads[workload].surges ? kubernetes::places_beside(plan_.kube(), most) : 0;
    for (std::int64_t i = 0; i < most + beside; ++i) {
      const std::size_t number = plan_.services[id].members.size();
      const std::string name = fmt::format("{}/{}", spec.name, spec.kind->member_name(spec, pool, number));
      ProcessPlan process;
      process.workload = workload;
      process.service = id;
      process.roles = pool.roles;
      process.pool = static_cast<std::uint16_t>(index);
      process.parked = spec.job || i >= pool.replicas;
      const bool immediate = pool.storage.size.count > 0 && pool.storage.binding == Binding::immediate;
      const ZoneId only =
          immediate ? zone_of_claim(fmt::format("data-{}-{}", spec.name, pool.name), i) : ZoneId::none();
      const ProcessId added = place(process, name, group_named(pool.node_group), false, only);
      plan_.processes[added].component = namer_.add(name, "process");
      if (pool.storage.size.count > 0)
        plan_.processes[added].volume = add_volume(pool, name, plan_.processes[added].node, added);
      plan_.services[id].members.push_back(added);
      plan_.workloads[workload].pods.push_back(added);
    }
  }

  ProcessId place(const ProcessPlan& process, std::string_view name, std::uint16_t group, bool first_machine = false,
                  ZoneId only = ZoneId::none()) {
    const ProcessId added = plan_.processes.add(process);
    if (process.parked) {
      const NodeId node = any_machine(group);
      plan_.processes[added].node = node;
      plan_.starts_on[node].push_back(added);  // near it, should it ever go there
      return added;
    }
    Choice choice = places_->choose(added, group, first_machine, only);
    if (layout_ != nullptr) choice.place = Placement{layout_->place[added.value], 0};
    if (!choice.place && only.exists())
      throw NoPlace(plan_, added,
                    fmt::format("the claim of {} gets its volume in zone {} before the pod is scheduled "
                                "(volumeBindingMode Immediate), where no machine of node group '{}' takes it: it can "
                                "never be placed. Say binding WaitForFirstConsumer",
                                name, plan_.topology.zones[only.value], plan_.topology.node_groups[group].name));
    if (!choice.place) throw NoPlace(plan_, added, name, group, choice.refusal);
    const NodeId node = choice.place->node;
    plan_.processes[added].node = node;
    plan_.starts_on[node].push_back(added);
    places_->put(added, node);
    if (plan_.on_fargate(node)) plan_.nodes[node].pod = added;
    return added;
  }

  [[nodiscard]] NodeId any_machine(std::uint16_t group) const {
    for (const NodeId node : plan_.nodes.ids()) {
      if (plan_.nodes[node].group == group) return node;
    }
    return NodeId::none();
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
    const VolumeHome home = rules_of(pool.storage.kind).home;
    const bool tied = home == VolumeHome::machine;
    const bool local = pool.storage.kind == VolumeKind::nvme;
    const VolumeSpeed speed = speed_of(pool.storage, plan_.infra());
    // A machine's path to network volumes is a limit of its own (models/fabric/layout.hpp).
    const Bandwidth path = local ? type.local_disk_rate : std::max(type.ebs, type.ebs_burst.rate);
    const bool limited = speed.sustained.bytes_per_s > 0;
    VolumePlan volume;
    volume.component = namer_.add(owner_name + "/data", "volume");
    volume.kind = pool.storage.kind;
    if (home != VolumeHome::region) volume.zone = plan_.nodes[node].zone;
    if (tied) volume.node = node;
    volume.owner = owner;
    volume.size = pool.storage.size;
    volume.throughput = !limited ? path : local ? std::min(speed.sustained, path) : speed.sustained;
    volume.burst = speed.burst;
    volume.encrypted = pool.storage.encrypted;
    if (home == VolumeHome::zone)
      volume.loss_rate = volume.kind == VolumeKind::io2 ? plan_.infra().io2_loss_rate : plan_.infra().volume_loss_rate;
    return plan_.volumes.add(volume);
  }

  // ---- pods without service ----

  void add_workload(const WorkloadSpec& spec) {
    WorkloadPlan workload;
    workload.name = spec.name;
    workload.controller = spec.controller;
    workload.budget = spec.budget;
    workload.cpu = spec.cpu;
    workload.memory = spec.memory;
    workload.placement = spec.placement;
    const WorkloadId id = plan_.workloads.add(std::move(workload));
    const std::uint16_t group = group_named(spec.node_group);
    for (std::int64_t i = 0; i < spec.replicas; ++i) {
      const std::string name = spec.replicas == 1 ? spec.name : fmt::format("{}-{}", spec.name, i);
      ProcessPlan process;
      process.workload = id;
      process.component = namer_.add(name, "workload");
      const bool requests = spec.cpu > 0 || spec.memory.count > 0 || spec.replicas > 1;
      plan_.workloads[id].pods.push_back(place(process, name, group, !requests));
    }
    plan_.workloads[id].component = spec.replicas == 1 ? plan_.processes[plan_.workloads[id].pods.front()].component
                                                       : namer_.add(spec.name, "workload");
  }

  /// Sets that an operator creates, and the operator that does.
  void find_owners() {
    for (std::size_t i = 0; i < plan_.topology.workloads.size(); ++i) {
      const WorkloadId owner = WorkloadId::of(plan_.workloads.size() - plan_.topology.workloads.size() + i);
      const std::vector<std::string>& operated = plan_.topology.workloads[i].operates;
      for (const WorkloadId id : plan_.workloads.ids()) {
        WorkloadPlan& set = plan_.workloads[id];
        if (!set.service.exists() || !set.rules().owned) continue;
        if (std::find(operated.begin(), operated.end(), plan_.services[set.service].name) == operated.end()) continue;
        set.owner = owner;
        plan_.workloads[owner].owned.push_back(id);
      }
    }
  }

  // ---- names and streams ----

  void check_sizes() const {
    // Processes, volumes and resources are numbered by 32 bits, places on the network by 16.
    constexpr std::size_t limit = std::numeric_limits<std::uint16_t>::max();
    constexpr std::size_t most_processes = std::numeric_limits<std::uint32_t>::max() / 4;
    const std::size_t places = 1 + plan_.zones.size() + plan_.nodes.size();
    if (places >= limit || plan_.processes.size() >= most_processes ||
        plan_.services.size() > std::numeric_limits<std::uint8_t>::max() || plan_.black_boxes.units.size() >= limit ||
        plan_.slis.size() >= limit) {
      throw std::invalid_argument("the topology has more parts than this simulator can number");
    }
  }

  void name_streams(std::size_t first_black_box, std::size_t end_of_black_boxes) {
    std::vector<PurposeRange> ranges(plan_.components.size(), platform_purposes);
    std::fill(ranges.begin() + static_cast<std::ptrdiff_t>(first_black_box),
              ranges.begin() + static_cast<std::ptrdiff_t>(end_of_black_boxes), black_box_purposes);
    for (const NodePlan& node : plan_.nodes) ranges[node.component] = node_purposes;
    for (const ProcessPlan& process : plan_.processes) {
      if (!process.service.exists()) ranges[process.component] = stateless_purposes;
    }
    for (const CapacityPool& pool : plan_.capacity_pools) ranges[pool.component] = capacity_pool_purposes;
    for (const ServiceId id : plan_.services.ids()) plan_.services[id].kind->purposes(plan_, id, ranges);
    for (std::size_t i = 0; i < plan_.components.size(); ++i) {
      const PurposeRange range = ranges[i];
      const auto add = [&](std::size_t purpose) {
        plan_.stream_keys.push_back(sim::stream_key(plan_.seed, plan_.components[i], purpose_names[purpose]));
      };
      plan_.selection_streams.push_back(static_cast<std::uint32_t>(plan_.stream_keys.size()));
      add(static_cast<std::size_t>(Purpose::selection));
      plan_.stream_origins.push_back(static_cast<std::uint32_t>(plan_.stream_keys.size() - range.first));
      for (std::size_t purpose = range.first; purpose < range.first + range.count; ++purpose) add(purpose);
    }
    plan_.selection_streams.push_back(static_cast<std::uint32_t>(plan_.stream_keys.size()));
  }

  const Layout* layout_ = nullptr;
  const Plan* base_ = nullptr;
  Plan plan_;
  Namer namer_{plan_};
  std::optional<FirstPlaces> places_;
};

}  // namespace

ComponentId Namer::add(std::string name, std::string_view kind) {
  if (taken_.contains(name)) name = fmt::format("{} ({})", name, kind);
  if (!taken_.insert(name).second) throw std::invalid_argument(fmt::format("two things are called '{}'", name));
  plan_.components.push_back(std::move(name));
  return static_cast<ComponentId>(plan_.components.size() - 1);
}

measurement::SliPlan& add_sli(Plan& plan, Namer& namer, ServiceId service, std::size_t position,
                              const std::string& name, Duration deadline, const std::optional<SlaSpec>& sla) {
  measurement::SliPlan& added = plan.slis.emplace_back();
  added.component = namer.add(fmt::format("{}/{}", plan.services[service].name, name), "sli");
  added.service = service;
  added.spec = static_cast<std::uint16_t>(position);
  added.name = name;
  added.deadline = deadline;
  added.sla = sla;
  return added;
}

void check_placement(const Topology& topology) { Builder(topology, 0).place(); }

Plan build_plan(Topology topology, std::uint64_t seed) { return Builder(std::move(topology), seed).build(); }

Plan with_layout(const Plan& plan, const Layout& layout) {
  Builder builder(plan.topology, plan.seed);
  builder.begin_with(layout, plan);
  Plan begun = builder.build();
  for (const ServiceId id : begun.services.ids()) {
    if (!layout.roles[id.value].empty()) begun.services[id].kind->begin_with(begun, id, layout.roles[id.value]);
  }
  return begun;
}

}  // namespace nines::models
