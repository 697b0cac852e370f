// A service as a topology file says it: what every service has, and what its kind alone knows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/ids.hpp"
#include "models/units.hpp"
#include "models/workload.hpp"
#include "sim/value.hpp"

namespace nines::models {

namespace service {
struct Kind;
}

/// `root`: a machine's own gp3 volume, which is gone when the instance is terminated.
enum class VolumeKind : std::uint8_t { gp3, nvme, gp2, io2, st1, efs, root };

/// Where a volume can be used.
enum class VolumeHome : std::uint8_t {
  machine,  ///< inside one, whose life it shares
  zone,     ///< attached to one machine of its zone at a time
  region,   ///< mounted by any machine, as a network file system
};

/// What sets one kind of volume apart from the others. Source: AWS documentation of EBS volume types, instance store
/// and EFS.
struct VolumeRules {
  VolumeKind kind;
  std::string_view name;  ///< in files
  VolumeHome home;
  bool ebs;  ///< over the machine's path to EBS, and with snapshots
};

// clang-format off
inline constexpr std::array volume_rules{
    VolumeRules{VolumeKind::gp3,  "gp3",  VolumeHome::zone,    true},
    VolumeRules{VolumeKind::nvme, "nvme", VolumeHome::machine, false},
    VolumeRules{VolumeKind::gp2,  "gp2",  VolumeHome::zone,    true},
    VolumeRules{VolumeKind::io2,  "io2",  VolumeHome::zone,    true},
    VolumeRules{VolumeKind::st1,  "st1",  VolumeHome::zone,    true},
    VolumeRules{VolumeKind::efs,  "efs",  VolumeHome::region,  false},
    VolumeRules{VolumeKind::root, "root", VolumeHome::machine, true},
};
// clang-format on

constexpr const VolumeRules& rules_of(VolumeKind kind) { return volume_rules[static_cast<std::size_t>(kind)]; }

/// Where the data of a lost network volume come from: all from the other replicas, or the old part from a snapshot.
enum class Restore : std::uint8_t { peers, snapshot };

/// When a claim gets its volume (volumeBindingMode).
enum class Binding : std::uint8_t {
  first_consumer,  ///< in the zone of the machine that its pod was scheduled to
  immediate,       ///< before that: in a zone that goes by the claim's name
};

/// What becomes of a volume whose claim is deleted (persistentVolumeReclaimPolicy).
enum class Reclaim : std::uint8_t {
  remove,  ///< Delete: it goes too
  retain,  ///< it stays until a person has bound it to the new claim
};

struct StorageSpec {
  VolumeKind kind = VolumeKind::gp3;
  Bytes size;
  Bandwidth throughput;  ///< provisioned; 0 of kinds whose size says it (models/volume_speed.hpp)
  std::int64_t iops = 0;
  Restore restore = Restore::peers;
  bool encrypted = false;  ///< with a key of the region's key service
  Binding binding = Binding::first_consumer;
  Reclaim reclaim = Reclaim::remove;
};

/// Which roles of its kind a pod plays: bit `i` stands for `Kind::roles[i]`.
using Roles = std::uint8_t;
constexpr bool plays(Roles roles, std::size_t role) { return (roles >> role & 1U) != 0; }
constexpr Roles role_bit(std::size_t role) { return static_cast<Roles>(1U << role); }

/// Pods of one kind, such as a Strimzi KafkaNodePool.
struct PoolSpec {
  std::string name;
  Roles roles = 0;
  std::int64_t replicas = 0;
  std::string node_group;
  double cpu = 0;
  Bytes memory;
  StorageSpec storage;  ///< size 0: none
  /// Who runs its pods, if it is another controller than that of the rest of the service: they are a workload then.
  std::optional<Controller> controller{};
  PodManagement management = PodManagement::ordered_ready;
  std::optional<DisruptionBudget> budget{};  ///< of its own, with `controller`
  bool evicts_unhealthy = false;             ///< the same: its unhealthyPodEvictionPolicy is AlwaysAllow
  PlacementSpec placement{};
  std::optional<AutoscalerSpec> autoscaler{};  ///< `replicas` is then what it keeps in health

  /// Pods that there can be.
  [[nodiscard]] std::int64_t most_replicas() const { return autoscaler ? autoscaler->max : replicas; }
};

/// What a probe asks.
enum class ProbeAsks : std::uint8_t {
  served,      ///< whether the server is ready, and answers in time
  process,     ///< whether its process is there: a port that accepts connections
  answers,     ///< whether the server says anything at all, be it an error
  dependency,  ///< another service, on the server's behalf
};

/// A probe as a manifest says it. What it leaves out is as Kubernetes' defaults have it (parameters `probe.*`).
struct ProbeSpec {
  std::optional<Duration> initial_delay{};
  std::optional<Duration> period{};
  std::optional<Duration> timeout{};
  std::optional<std::int64_t> failure_threshold{};
  ProbeAsks asks = ProbeAsks::served;
  std::string dependency;  ///< the service that it asks, of `ProbeAsks::dependency`
};
/// The probes of a container; each that is not there is never asked.
struct ProbesSpec {
  std::optional<ProbeSpec> startup{};
  std::optional<ProbeSpec> readiness{};
  std::optional<ProbeSpec> liveness{};
};

struct ServiceSpec {
  std::string name;
  const service::Kind* kind = nullptr;                          ///< never null once it has been read
  std::optional<DisruptionBudget> budget = DisruptionBudget{};  ///< over all pods; none: no budget
  bool evicts_unhealthy = false;                                ///< its unhealthyPodEvictionPolicy is AlwaysAllow
  Controller controller = Controller::operator_set;
  PodManagement management = PodManagement::ordered_ready;
  std::optional<ProbesSpec> probes{};  ///< none: readiness is probed after a start alone, as `pod.readiness_*` say
  Duration pre_stop;                   ///< its containers sleep so long before they get SIGTERM from their kubelet
  bool asks_for_credentials = false;   ///< its processes need temporary credentials of the region's token service
  std::vector<PoolSpec> pools;         ///< none of a service without processes
  std::optional<JobSpec> job{};        ///< of controller `job`; its kind fills it
  sim::Value own;                      ///< the kind's own part
};

}  // namespace nines::models
