// A service as a topology file says it: what every service has, and what its kind alone knows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "models/ids.hpp"
#include "models/units.hpp"
#include "sim/value.hpp"

namespace nines::models {

namespace service {
struct Kind;
}

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
  StorageSpec storage;
};

struct ServiceSpec {
  std::string name;
  const service::Kind* kind = nullptr;  ///< never null once it has been read
  std::int64_t max_unavailable = 1;     ///< of the disruption budget over all pods
  std::vector<PoolSpec> pools;          ///< none of a service without processes
  sim::Value own;                       ///< the kind's own part
};

}  // namespace nines::models
