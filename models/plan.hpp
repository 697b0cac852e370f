// The plan: everything about a topology that does not change while the simulation runs. Built once by `build_plan`,
// shared by all replications and threads, never modified.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <vector>

#include "models/components/plan.hpp"
#include "models/fabric/layout.hpp"
#include "models/fabric/max_min.hpp"
#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/measurement/plan.hpp"
#include "models/purpose.hpp"
#include "models/scenario.hpp"
#include "models/service/plan.hpp"
#include "models/structure/plan.hpp"
#include "models/topology.hpp"

namespace nines::models {

struct ZonePlan {
  ComponentId component = 0;
  std::vector<NodeId> nodes;
};

struct NodePlan {
  ComponentId component = 0;
  ZoneId zone;
  std::uint16_t group = 0;  ///< index into Topology::node_groups
  Capacity capacity = Capacity::on_demand;
  Provisioner provisioner = Provisioner::karpenter;
  bool interruption_queue = true;
  bool auto_recovery = true;
  bool status_checks = false;  ///< its group replaces it if it fails them
  bool node_repair = false;
  bool launch_first = true;  ///< how planned work replaces it if nobody says
  bool local_disk = false;
  Rate spot_reclaim;
};

struct VolumePlan {
  ComponentId component = 0;
  VolumeKind kind = VolumeKind::gp3;
  ZoneId zone;  ///< a network volume can be attached in this zone only
  NodeId node;  ///< of a local disk: the machine whose life it shares; else none
  ProcessId owner;
  Bytes size;
  Bandwidth throughput;
};

/// A pod and its main container.
struct ProcessPlan {
  ComponentId component = 0;
  ServiceId service;  ///< whose member it is; none of what only the platform needs, such as the operator
  Roles roles = 0;    ///< of its service's kind
  std::uint16_t pool = 0;
  NodeId node;      ///< where the scheduler put it at the start
  VolumeId volume;  ///< none of what stores nothing
};

/// A source of initiating faults or planned operations: a clock of one component. A Poisson clock, unless the component
/// ages.
struct FaultSource {
  Verb verb = Verb::process_kill;
  Variant variant = Variant::drawn;  ///< the form it always takes, of a verb that has several
  ComponentId target = 0;
  std::uint16_t index = 0;  ///< process, node, zone, volume, service, unit or shock, by the verb's target kind
  Rate rate;                ///< of an ageing component 1 / mean life
  Purpose age = Purpose::process_crash_age;
  bool planned = false;
  bool ageing = false;
  std::uint16_t family = 0;  ///< sources that do the same to things that are alike share one
};

struct Plan {
  Topology topology;
  std::uint64_t seed = 1;

  std::vector<std::string> components;  ///< names by ComponentId; unique
  Table<ZoneId, ZonePlan> zones;
  Table<NodeId, NodePlan> nodes;
  Table<VolumeId, VolumePlan> volumes;
  Table<ProcessId, ProcessPlan> processes;
  ProcessId operator_process;  ///< none if the topology has no operator
  infrastructure::Network network;
  Table<ServiceId, ServicePlan> services;  ///< of every kind, as in `topology.services`
  std::vector<measurement::SliPlan> slis;  ///< of every service, service by service
  components::BlackBoxes black_boxes;
  structure::Structures structures;
  fabric::MaxMin idle_fabric;  ///< every resource, no flow: what a world's fabric is a copy of
  fabric::Layout layout;       ///< of `idle_fabric`
  std::vector<FaultSource> faults;
  std::vector<std::uint64_t> stream_keys;     ///< of all components, one after the other
  std::vector<std::uint32_t> stream_origins;  ///< by component: where purpose number 0 would be, modulo 2^32
  std::vector<Purpose> first_purposes;        ///< by component: of those that it can draw for

  [[nodiscard]] std::string_view name(ComponentId component) const { return components[component]; }
  /// REQUIRES: the process is the member of a service.
  [[nodiscard]] const ServicePlan& service_of(ProcessId process) const { return services[processes[process].service]; }
  [[nodiscard]] const ServiceSpec& spec(ServiceId service) const { return topology.services[service.value]; }
  /// What the pod of a service's process is made after.
  [[nodiscard]] const PoolSpec& pool_of(ProcessId process) const {
    return spec(processes[process].service).pools[processes[process].pool];
  }
  /// Whether anything runs on machines, with a platform and people that look after it.
  [[nodiscard]] bool hosts() const { return !processes.empty(); }
  [[nodiscard]] std::size_t stream(ComponentId component, Purpose purpose) const {
    assert(purpose >= first_purposes[component]);
    return stream_origins[component] + static_cast<std::uint32_t>(purpose);
  }
  [[nodiscard]] const infrastructure::Parameters& infra() const { return topology.infrastructure; }
  [[nodiscard]] const kubernetes::Parameters& kube() const { return topology.kubernetes; }
};

/// Places pods, assigns partitions, enumerates faults, names streams.
/// REQUIRES: a topology that the loader has checked. Throws std::invalid_argument on one that cannot exist.
Plan build_plan(Topology topology, std::uint64_t seed);

}  // namespace nines::models
