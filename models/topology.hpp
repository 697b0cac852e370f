// What exists, as a topology file says it: plain values with names, every quantity resolved from file and profiles.
// The loader fills it; `build_plan` turns it into the immutable plan. It reads no file itself.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/components/spec.hpp"
#include "models/economics/parameters.hpp"
#include "models/faults/parameters.hpp"
#include "models/infrastructure/parameters.hpp"
#include "models/kafka/parameters.hpp"
#include "models/kubernetes/parameters.hpp"
#include "models/people/parameters.hpp"
#include "models/scenario.hpp"
#include "models/structure/spec.hpp"
#include "models/units.hpp"

namespace nines::models {

/// Bandwidth above the sustained one while credit lasts, a token bucket that full use empties and rest fills.
struct Burst {
  Bandwidth rate;  ///< 0: none
  Bytes bucket;    ///< bytes above the sustained bandwidth that a full bucket is good for
};

/// A machine type of the catalogue (profile `instance-types`).
struct InstanceType {
  std::string name;
  double vcpu = 0;
  Bytes memory;
  Bandwidth network;  ///< sustained network bandwidth
  Bandwidth ebs;      ///< sustained bandwidth to network volumes
  Burst network_burst;
  Burst ebs_burst;
  Bytes local_disk;  ///< instance store; 0 if none
  Bandwidth local_disk_rate;
  Money on_demand_hour;  ///< in the topology's region
  Money spot_hour;
  Rate spot_reclaim;  ///< reclaims of one Spot instance
};

enum class Capacity : std::uint8_t { on_demand, spot };
enum class Provisioner : std::uint8_t { karpenter, asg, none };

/// Who replaces a machine that fails without being lost.
enum class MachineRepair : std::uint8_t {
  provider,     ///< an Auto Scaling group those that fail their status checks; else nobody
  node_repair,  ///< also Karpenter's or EKS' node repair, those whose Node is not Ready for long
  none,         ///< nobody: health checks are suspended
};

/// In which order planned work replaces a machine.
enum class Replacement : std::uint8_t { launch_first, evict_first };

/// Machines of one type, `nodes_per_zone` in each of `zones`.
struct NodeGroupSpec {
  std::string name;
  InstanceType instance;
  std::vector<std::string> zones;
  std::int64_t nodes_per_zone = 1;
  Capacity capacity = Capacity::on_demand;
  Provisioner provisioner = Provisioner::karpenter;
  bool interruption_queue = true;  ///< Spot notices and failed status checks reach the provisioner
  bool auto_recovery = true;       ///< the provider restarts the instance on other hardware after a host loss
  MachineRepair repair = MachineRepair::provider;
  Replacement replacement = Replacement::launch_first;
};

enum class VolumeKind : std::uint8_t { gp3, nvme };

/// Where the data of a lost network volume come from: all from the other replicas, or the old part from a snapshot.
enum class Restore : std::uint8_t { peers, snapshot };

struct StorageSpec {
  VolumeKind kind = VolumeKind::gp3;
  Bytes size;
  Bandwidth throughput;
  std::int64_t iops = 0;
  Restore restore = Restore::peers;
};

/// Pods of one kind: a Strimzi KafkaNodePool.
struct PoolSpec {
  std::string name;
  bool broker = false;
  bool controller = false;
  std::int64_t replicas = 0;
  std::string node_group;
  double cpu = 0;
  Bytes memory;
  StorageSpec storage;
};

/// Value of a topic's `leader.` or `follower.replication.throttled.replicas`. A throttle's rate holds for these
/// replicas only; without a list it holds for none (apache/kafka 3.9 ReplicationQuotaManager.isThrottled).
struct ThrottledReplicas {
  bool all = false;                                       ///< "*"
  std::set<std::pair<std::size_t, std::size_t>> members;  ///< partition and node id of the broker

  [[nodiscard]] bool holds(std::size_t partition, std::size_t node) const {
    return all || members.contains({partition, node});
  }
  [[nodiscard]] bool empty() const { return !all && members.empty(); }
};

struct TopicSpec {
  std::string name;
  std::int64_t partitions = 0;
  std::int64_t replication_factor = 0;
  std::int64_t min_insync_replicas =
      0;  ///< already the effective value: the topic's or the cluster's, at most the factor
  bool unclean_leader_election = false;
  ThrottledReplicas throttled_followers;
  ThrottledReplicas throttled_leaders;
  double records_per_s = 0;  ///< produced to the whole topic
  Bytes record_size;
  double acks_one_share = 0;   ///< share of records produced with acks=1; the rest with acks=all
  double consumer_fanout = 1;  ///< times each record is read
  Bytes stored_per_partition;  ///< what retention keeps: a fresh replica copies it
};

/// Where a client runs and how long it is willing to wait.
struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone's name, or "region": spread over all zones that the backbone reaches
  kafka::ClientParameters parameters;
};

enum class SliKind : std::uint8_t { write, write_acks1, read, visible };
enum class SliScope : std::uint8_t { all, any, share };

struct CreditTier {
  double below = 0;   ///< availability below which the tier applies
  double credit = 0;  ///< share of the monthly charge
};

struct SlaSpec {
  double target = 0;  ///< availability, in (0, 1)
  Duration window;    ///< 730 h: a month
  std::vector<CreditTier> credits;
};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::write;
  std::string client;
  SliScope scope = SliScope::all;
  double share = 1;   ///< with scope `share`: part of the partitions that must work
  Duration deadline;  ///< interruptions no longer than this are latency, not outages
  std::optional<SlaSpec> sla;
};

struct KafkaSpec {
  std::string name;
  std::string version;  ///< "3.6", "3.9", "4.0" or "4.1"
  kafka::BrokerParameters parameters;
  std::vector<PoolSpec> pools;
  bool rack_aware = true;
  std::int64_t max_unavailable = 1;  ///< of the disruption budget over all pods
  std::vector<TopicSpec> topics;
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// An SLI of a composite service: it holds while what it requires works.
struct CompositeSliSpec {
  std::string name;
  structure::RequirementSpec requirement;
  Duration deadline;  ///< interruptions no longer than this are latency, not outages
  std::optional<SlaSpec> sla;
};

/// A service that is nothing but a structure over parts: black boxes and SLIs of other services.
struct CompositeSpec {
  std::string name;
  std::vector<CompositeSliSpec> slis;
};

/// The operator's deployment; pods that it owns are created again only while it runs.
struct OperatorSpec {
  std::string name;
  std::string node_group;
};

/// Planned work that happens by itself in `assess`.
struct OperationSpec {
  std::string verb;  ///< "rolling-restart" or "drain"
  std::string target;
  Rate rate;
  Variant variant = Variant::drawn;  ///< one of `verb_variants` of the verb
};

struct Topology {
  std::string name;
  std::string title;
  std::string region;
  std::vector<std::string> zones;
  std::string kubernetes_version;
  bool managed_control_plane = true;
  OperatorSpec operator_;
  std::vector<NodeGroupSpec> node_groups;
  std::vector<KafkaSpec> services;
  std::vector<components::ComponentSpec> components;
  std::vector<components::CrewSpec> crews;
  std::vector<components::ShockSpec> shocks;
  std::vector<CompositeSpec> composites;
  std::vector<OperationSpec> operations;
  std::vector<std::string> without_faults;  ///< verbs that no clock starts
  infrastructure::Parameters infrastructure;
  kubernetes::Parameters kubernetes;
  people::Parameters people;
  faults::Parameters changes;
  economics::Prices prices;
  std::string price_date;
};

}  // namespace nines::models
