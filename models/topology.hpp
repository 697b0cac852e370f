// What exists, as a topology file says it: plain values with names, every quantity resolved from file and profiles.
// The loader fills it; `build_plan` turns it into the immutable plan. It reads no file itself.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "models/alerts/parameters.hpp"
#include "models/alerts/spec.hpp"
#include "models/components/spec.hpp"
#include "models/economics/parameters.hpp"
#include "models/faults/parameters.hpp"
#include "models/hosts/parameters.hpp"
#include "models/infrastructure/parameters.hpp"
#include "models/kubernetes/parameters.hpp"
#include "models/people/parameters.hpp"
#include "models/scenario.hpp"
#include "models/service/spec.hpp"
#include "models/units.hpp"
#include "models/workload.hpp"

namespace nines::models {

/// Bandwidth above the sustained one while credit lasts, a token bucket that full use empties and rest fills.
struct Burst {
  Bandwidth rate;  ///< 0: none
  Bytes bucket;    ///< bytes above the sustained bandwidth that a full bucket is good for
};

/// A machine type of the catalogue (profile `instance-types`), or what a bare host has.
struct InstanceType {
  std::string name;
  double vcpu = 0;
  Bytes memory;
  Bandwidth network;  ///< sustained network bandwidth
  Bandwidth ebs;      ///< sustained bandwidth to network volumes
  Burst network_burst;
  Burst ebs_burst;
  Ratio cpu_baseline = 0;       ///< burstable types: share of its processors that it may use for good; 0: all of them
  std::int64_t interfaces = 0;  ///< network interfaces (ENIs) that it can have; 0: not known
  std::int64_t addresses = 0;   ///< IPv4 addresses of each of them
  Bytes local_disk;             ///< instance store; 0 if none
  Bandwidth local_disk_rate;
  Money on_demand_hour;  ///< in the topology's region
  Money spot_hour;
  Rate spot_reclaim;  ///< reclaims of one Spot instance
};

enum class Capacity : std::uint8_t { on_demand, spot };
/// `fargate`: each pod has a machine of its own, for as long as the pod exists (models/kubernetes/fargate.hpp).
enum class Provisioner : std::uint8_t { karpenter, asg, none, fargate };

/// Who hears that the provider takes a machine back.
enum class Interruption : std::uint8_t {
  queue,    ///< by events: Karpenter (SQS), which drains and launches; a termination handler elsewhere, which drains
  handler,  ///< a termination handler on the machine, which polls its metadata and drains
  none,
};

/// By what a fleet chooses among Spot pools.
enum class Allocation : std::uint8_t { lowest_price, capacity_optimized, price_capacity_optimized };

/// Who replaces a machine that fails without being lost.
enum class MachineRepair : std::uint8_t {
  provider,     ///< an Auto Scaling group those that fail their status checks; else nobody
  node_repair,  ///< also Karpenter's or EKS' node repair, those whose Node is not Ready for long
  none,         ///< nobody: health checks are suspended
};

/// In which order planned work replaces a machine.
enum class Replacement : std::uint8_t { launch_first, evict_first };

/// How many machines a group has that grows and shrinks: the limits of an Auto Scaling group with a Cluster Autoscaler,
/// or those of Karpenter.
struct GroupScaling {
  std::int64_t min = 0;
  std::int64_t desired = 1;  ///< in health, over the zones in turn
  std::int64_t max = 1;
};

/// Machines of one size, `nodes_per_zone` in each of `zones`, or as many as `scaling` says.
struct NodeGroupSpec {
  std::string name;
  InstanceType instance;
  std::vector<InstanceType> alternatives;  ///< further types, none smaller: machines of them count as `instance`'s size
  std::vector<std::string> zones;
  std::int64_t nodes_per_zone = 1;
  Capacity capacity = Capacity::on_demand;
  Provisioner provisioner = Provisioner::karpenter;
  Allocation allocation = Allocation::price_capacity_optimized;  ///< of Spot, where there are alternatives
  bool on_demand_fallback = false;        ///< Karpenter: launches on demand while no Spot pool has capacity
  std::int64_t on_demand_base = 0;        ///< Auto Scaling group on Spot: so many of its machines are on demand
  std::int64_t on_demand_percentage = 0;  ///< and this share of the others, in percent
  bool capacity_rebalancing = false;      ///< Auto Scaling group: acts on rebalance recommendations of Spot machines
  Interruption interruption = Interruption::queue;
  bool auto_recovery = true;  ///< the provider restarts the instance on other hardware after a host loss
  MachineRepair repair = MachineRepair::provider;
  Replacement replacement = Replacement::launch_first;
  std::optional<Duration> expire_after{};       ///< Karpenter: age at which it gives a machine up (expireAfter)
  std::optional<Duration> termination_grace{};  ///< Karpenter: a drain's end by force (terminationGracePeriod)
  bool force_update = false;                    ///< managed node group: its update deletes what does not leave in time
  bool bare = false;  ///< hosts of no provider's type: no price, and what the file does not limit is unlimited
  std::optional<std::int64_t> max_volumes{};  ///< network volumes of a machine (--volume-attach-limit of the driver)
  Bytes root_volume{};                        ///< of a machine, for the bill; 0: the file does not say
  std::optional<std::int64_t> max_pods{};     ///< of the kubelet (maxPods), if it is not what the platform makes of it
  std::optional<GroupScaling> scaling{};
  Duration shutdown_grace;           ///< kubelet: shutdownGracePeriod; zero: it hears of no shutdown
  Duration shutdown_grace_critical;  ///< the part of it that is left to critical pods (shutdownGracePeriodCriticalPods)
  bool unlimited_credits = true;     ///< burstable types: the provider lends and bills credits that are used up
  /// Without `scaling`: places in each zone beside those of the machines in health, for machines that come while a lost
  /// one keeps its place or in another zone's stead (kubernetes::spare_places). `build_plan` sets it.
  std::int64_t spare_per_zone = 0;

  /// Places for machines in each zone: any zone may have to take all that there can be.
  [[nodiscard]] std::int64_t slots_per_zone() const { return scaling ? scaling->max : nodes_per_zone + spare_per_zone; }
  /// Places for machines in all zones.
  [[nodiscard]] std::int64_t slots() const { return slots_per_zone() * static_cast<std::int64_t>(zones.size()); }
  /// Machines in health of the zone with that number among the group's.
  [[nodiscard]] std::int64_t machines_in(std::size_t zone) const {
    if (!scaling) return nodes_per_zone;
    const auto all = static_cast<std::int64_t>(zones.size());
    return scaling->desired / all + (static_cast<std::int64_t>(zone) < scaling->desired % all ? 1 : 0);
  }
  /// Machines in health.
  [[nodiscard]] std::int64_t machines() const {
    return scaling ? scaling->desired : nodes_per_zone * static_cast<std::int64_t>(zones.size());
  }
};

/// What runs pods: a Kubernetes cluster whose control plane the provider runs, one with own masters, or nothing but
/// machines.
enum class PlatformKind : std::uint8_t { eks, kubeadm, none };

/// What the account may run of each sort, in vCPUs; infinite: whatever the provider has.
struct VcpuQuota {
  double on_demand = std::numeric_limits<double>::infinity();
  double spot = std::numeric_limits<double>::infinity();
};

/// Planned work that happens by itself in `assess`.
struct OperationSpec {
  std::string verb;  ///< "rolling-restart", "drain", "node-update" or "control-plane-upgrade"
  std::string target;
  Rate rate;
  Variant variant = Variant::drawn;  ///< one of `verb_variants` of the verb
  bool by_default = false;           ///< the file names no operations: the rate is the profile's (planned_rate)
};

/// How the data of a service are saved against people: deletions, releases that write what is wrong.
struct BackupSpec {
  std::string service;
  Duration every;       ///< between two backups; zero: there is none
  Duration retention;   ///< how long each is kept
  Bytes size{};         ///< of what a restore copies
  bool tested = false;  ///< somebody restores one regularly
};

struct Topology {
  std::string name;
  std::string title;
  std::string region;
  std::vector<std::string> zones;
  std::string kubernetes_version;
  PlatformKind platform = PlatformKind::eks;
  bool prefix_delegation = false;       ///< the VPC CNI gives interfaces prefixes of 16 addresses
  std::int64_t nat_gateways = 0;        ///< for the bill; 0: the file does not say
  bool zones_named = true;              ///< else all is in one place of which nothing is known
  std::vector<WorkloadSpec> workloads;  ///< pods without service, such as operators
  std::vector<NodeGroupSpec> node_groups;
  VcpuQuota quota;
  std::vector<ServiceSpec> services;  ///< in the order of the file, of every kind
  std::vector<components::ComponentSpec> components;
  std::vector<components::CrewSpec> crews;
  std::vector<components::ShockSpec> shocks;
  std::vector<OperationSpec> operations;
  std::vector<BackupSpec> backups;                   ///< at most one of each service
  std::optional<alerts::MonitoringSpec> monitoring;  ///< none: people notice by a law of their own
  std::vector<std::string> without_faults;           ///< verbs that no clock starts
  infrastructure::Parameters infrastructure;
  kubernetes::Parameters kubernetes;
  hosts::Parameters hosts;
  people::Parameters people;
  alerts::Parameters alerting;
  faults::Parameters changes;
  economics::Prices prices;
  std::string price_date;

  [[nodiscard]] bool managed_control_plane() const { return platform == PlatformKind::eks; }
  [[nodiscard]] bool has_kubernetes() const { return platform != PlatformKind::none; }
  /// Some machine is of a provider, who rents it.
  [[nodiscard]] bool rents_machines() const {
    for (const NodeGroupSpec& group : node_groups) {
      if (!group.bare) return true;
    }
    return false;
  }
};

/// How often an operation is done.
inline Rate planned_rate(const Topology& topology, const OperationSpec& operation) {
  if (!operation.by_default) return operation.rate;
  return operation.verb == "rolling-restart" ? topology.changes.planned_restart_rate
                                             : topology.changes.planned_replacement_rate;
}

}  // namespace nines::models
