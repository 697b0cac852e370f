// The plan: everything about a topology that does not change while the simulation runs. Built once by `build_plan`,
// shared by all replications and threads, never modified.
#pragma once

#include <array>
#include <cassert>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "models/alerts/plan.hpp"
#include "models/components/plan.hpp"
#include "models/fabric/layout.hpp"
#include "models/fabric/max_min.hpp"
#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/measurement/plan.hpp"
#include "models/platform_part.hpp"
#include "models/purpose.hpp"
#include "models/scenario.hpp"
#include "models/service/plan.hpp"
#include "models/structure/plan.hpp"
#include "models/topology.hpp"
#include "models/workload.hpp"

namespace nines::models {

struct ZonePlan {
  ComponentId component = 0;
  std::vector<NodeId> nodes;
  std::uint32_t kubelets = 0;  ///< how many of them are nodes of the Kubernetes cluster
};

/// Machines of one type in one zone that the provider gives on one condition: all of them run short together.
struct CapacityPool {
  ComponentId component = 0;
  std::string type;
  ZoneId zone;
  Capacity capacity = Capacity::on_demand;
  double vcpu = 0;  ///< of one machine
  Money hour;       ///< of one machine
  Rate storms;      ///< how often the provider needs its Spot machines back first, and perhaps those of other pools
  Rate hits;        ///< how often it needs them back, wherever the shortage begins
};

struct NodePlan {
  ComponentId component = 0;
  ZoneId zone;
  std::uint16_t group = 0;  ///< index into Topology::node_groups
  /// Where its machines come from, in the order in which a provisioner asks. Its machine in health is of the first one.
  /// None of a bare host, which nobody launches.
  std::vector<CapacityPoolId> offerings;
  Provisioner provisioner = Provisioner::karpenter;
  Interruption interruption = Interruption::queue;
  bool capacity_rebalancing = false;
  bool auto_recovery = true;
  bool status_checks = false;  ///< its group replaces it if it fails them
  bool node_repair = false;
  bool launch_first = true;  ///< how planned work replaces it if nobody says
  bool local_disk = false;
  bool kubelet = true;                                              ///< it is a node of a Kubernetes cluster
  bool parked = false;                                              ///< no machine in health: pods have to ask for one
  std::int64_t pods = std::numeric_limits<std::int64_t>::max();     ///< that it may have beside those of the system
  std::int64_t volumes = std::numeric_limits<std::int64_t>::max();  ///< network volumes that it can have attached
  ProcessId pod;        ///< of a slot of Fargate: whose machine it has in health; none of one that is vacant then
  Rate expiry;          ///< how often its provisioner gives its machine up for its age
  Rate spot_reclaim;    ///< by itself, not for its pool's capacity
  Ratio storm_hit = 0;  ///< probability that a storm of its Spot pool takes it
};

struct VolumePlan {
  ComponentId component = 0;
  VolumeKind kind = VolumeKind::gp3;
  ZoneId zone;  ///< a network volume can be attached in this zone only; none of what any zone can mount
  NodeId node;  ///< of a local disk: the machine whose life it shares; else none
  ProcessId owner;
  Bytes size;
  Bandwidth throughput;             ///< sustained
  Burst burst;                      ///< of kinds that have credit
  Rate loss_rate;                   ///< 0 of what is lost with its machine, or never
  bool encrypted = false;           ///< attached only if the key service answers
  std::vector<ProcessId> guests{};  ///< other processes whose pods mount it: ascending
};

/// A pod and its main container.
struct ProcessPlan {
  ComponentId component = 0;
  WorkloadId workload;
  ServiceId service;  ///< whose member it is; none of what only others need, such as an operator
  Roles roles = 0;    ///< of its service's kind
  std::uint16_t pool = 0;
  NodeId node;          ///< where the scheduler put it at the start; of one that is parked some machine of its group
  VolumeId volume;      ///< none of what stores nothing
  VolumeId claim;       ///< the volume of another process that its pod mounts; none: it mounts its own, if any
  bool parked = false;  ///< there in health only as a place: for a pod that an autoscaler or a rolling update adds
};

/// A source of initiating faults or planned operations: a clock of one component. A Poisson clock, unless the component
/// ages.
struct FaultSource {
  Verb verb = Verb::process_kill;
  Variant variant = Variant::drawn;  ///< the form it always takes, of a verb that has several
  ComponentId target = 0;
  std::uint32_t index = 0;  ///< process, node, zone, volume, service, unit or shock, by the verb's target kind
  Rate rate;                ///< of an ageing component 1 / mean life
  Purpose age = Purpose::process_crash_age;
  bool planned = false;
  bool ageing = false;
  bool dormant = false;           ///< what it strikes is parked in health: it begins no incident
  std::uint16_t fault_class = 0;  ///< sources that do the same to things that are alike share one
};

struct Plan {
  Topology topology;
  std::uint64_t seed = 1;

  std::vector<std::string> components;  ///< names by ComponentId; unique
  Table<ZoneId, ZonePlan> zones;
  Table<NodeId, NodePlan> nodes;
  Table<CapacityPoolId, CapacityPool> capacity_pools;  ///< those that some node group uses
  Table<VolumeId, VolumePlan> volumes;
  Table<ProcessId, ProcessPlan> processes;
  Table<WorkloadId, WorkloadPlan> workloads;        ///< those of services first, in their order
  Table<NodeId, std::vector<ProcessId>> starts_on;  ///< processes that are there at the start, ascending
  infrastructure::Network network;
  Table<ServiceId, ServicePlan> services;     ///< of every kind, as in `topology.services`
  std::vector<ServiceId> asking;              ///< services with a probe that asks another service
  std::vector<ServiceId> looking_at_touched;  ///< whose kinds look only at what was touched (`Kind::looks_at_touched`)
  ServiceId control_plane;                    ///< that runs the Kubernetes cluster; none if nothing is known of it
  std::array<ServiceId, platform_parts> parts;  ///< by PlatformPart: the service that plays it; none: it never fails
  std::vector<measurement::SliPlan> slis;       ///< of every service, service by service
  components::BlackBoxes black_boxes;
  structure::Structures structures;
  alerts::AlertPlan alerts;
  fabric::MaxMin idle_fabric;  ///< every resource, no flow: what a world's fabric is a copy of
  fabric::Layout layout;       ///< of `idle_fabric`
  std::vector<FaultSource> faults;
  std::vector<std::uint64_t> stream_keys;     ///< of all components, one after the other
  std::vector<std::uint32_t> stream_origins;  ///< by component: where purpose number 0 would be, modulo 2^32
  /// By component: its stream for `selection`, before those for all that it can draw for; and the end of the last ones.
  std::vector<std::uint32_t> selection_streams;

  [[nodiscard]] std::string_view name(ComponentId component) const { return components[component]; }
  /// The service of that name; none if there is none.
  [[nodiscard]] ServiceId service_named(std::string_view wanted) const {
    for (const ServiceId id : services.ids()) {
      if (services[id].name == wanted) return id;
    }
    return ServiceId::none();
  }
  /// The service that plays the part; none if it never fails.
  [[nodiscard]] ServiceId player(PlatformPart part) const { return parts[static_cast<std::size_t>(part)]; }
  /// REQUIRES: the process is the member of a service.
  [[nodiscard]] const ServicePlan& service_of(ProcessId process) const { return services[processes[process].service]; }
  [[nodiscard]] const ServiceSpec& spec(ServiceId service) const { return topology.services[service.value]; }
  [[nodiscard]] const WorkloadPlan& workload_of(ProcessId process) const {
    return workloads[processes[process].workload];
  }
  [[nodiscard]] const ControllerRules& rules_of(ProcessId process) const { return workload_of(process).rules(); }
  /// The volume that the process's pod mounts: its own, or another one's; none if it mounts none.
  [[nodiscard]] VolumeId mounted_by(ProcessId process) const {
    const ProcessPlan& its = processes[process];
    return its.volume.exists() ? its.volume : its.claim;
  }
  /// What the pod of a service's process is made after.
  [[nodiscard]] const PoolSpec& pool_of(ProcessId process) const {
    return spec(processes[process].service).pools[processes[process].pool];
  }
  [[nodiscard]] const PlacementSpec& placement_of(ProcessId process) const {
    return processes[process].service.exists() ? pool_of(process).placement : workload_of(process).placement;
  }
  /// Whether a machine in the slot can use the volume, as far as places go.
  [[nodiscard]] bool in_reach(VolumeId volume, NodeId node) const {
    const VolumePlan& at = volumes[volume];
    if (at.node.exists()) return at.node == node;
    return !at.zone.exists() || at.zone == nodes[node].zone;
  }
  /// Whether anything runs on machines, with a platform and people that look after it.
  [[nodiscard]] bool hosts() const { return !processes.empty(); }
  /// Whether there is a Kubernetes cluster.
  [[nodiscard]] bool has_kubernetes() const { return hosts() && topology.has_kubernetes(); }
  /// REQUIRES: the component can draw for it.
  [[nodiscard]] std::size_t stream(ComponentId component, Purpose purpose) const {
    if (purpose == Purpose::selection) return selection_streams[component];
    const std::uint32_t stream = stream_origins[component] + static_cast<std::uint32_t>(purpose);
    assert(stream > selection_streams[component] && stream < selection_streams[component + 1]);
    return stream;
  }
  /// Machines of the slot are Fargate's.
  [[nodiscard]] bool on_fargate(NodeId node) const { return nodes[node].provisioner == Provisioner::fargate; }
  /// No machine is in the slot in health.
  [[nodiscard]] bool vacant(NodeId node) const {
    return nodes[node].parked || (on_fargate(node) && !nodes[node].pod.exists());
  }
  [[nodiscard]] const infrastructure::Parameters& infra() const { return topology.infrastructure; }
  [[nodiscard]] const kubernetes::Parameters& kube() const { return topology.kubernetes; }
};

/// Places pods, assigns partitions, enumerates faults, names streams.
/// REQUIRES: a topology that the loader has checked. Throws std::invalid_argument on one that cannot exist.
Plan build_plan(Topology topology, std::uint64_t seed);

}  // namespace nines::models
