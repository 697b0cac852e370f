// The plan: everything about a topology that does not change while the simulation runs. Built once by `build_plan`,
// shared by all replications and threads, never modified.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/kafka/plan.hpp"
#include "models/measurement/plan.hpp"
#include "models/purpose.hpp"
#include "models/scenario.hpp"
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
  std::int8_t service = -1;  ///< index into Plan::kafka; -1: the operator
  NodeId node;               ///< where the scheduler put it at the start
  VolumeId volume;           ///< none for the operator
  bool broker = false;
  bool controller = false;
  std::uint16_t pool = 0;
};

/// A source of initiating faults or planned operations: a Poisson clock of one component.
struct FaultSource {
  Verb verb = Verb::process_kill;
  ComponentId target = 0;
  std::uint16_t index = 0;  ///< process, node, zone, volume or service, by the verb's target kind
  Rate rate;
  Purpose age = Purpose::process_crash_age;
  bool planned = false;
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
  std::vector<measurement::ServicePlan> services;  ///< of every kind
  std::vector<measurement::SliPlan> slis;          ///< of every service, service by service
  std::vector<kafka::ServicePlan> kafka;
  std::vector<FaultSource> faults;
  std::vector<std::uint64_t> stream_keys;  ///< by component x purpose

  [[nodiscard]] std::string_view name(ComponentId component) const { return components[component]; }
  [[nodiscard]] std::size_t stream(ComponentId component, Purpose purpose) const {
    return component * purpose_names.size() + static_cast<std::size_t>(purpose);
  }
  [[nodiscard]] const infrastructure::Parameters& infra() const { return topology.infrastructure; }
  [[nodiscard]] const kubernetes::Parameters& kube() const { return topology.kubernetes; }
};

/// Places pods, assigns partitions, enumerates faults, names streams.
/// REQUIRES: a topology that the loader has checked. Throws std::invalid_argument on one that cannot exist.
Plan build_plan(Topology topology, std::uint64_t seed);

}  // namespace nines::models
