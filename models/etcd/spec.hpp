// An etcd cluster as a topology file says it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/etcd/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::etcd {

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
  ClientParameters parameters;
};

enum class SliKind : std::uint8_t { write, read, serializable_read };
inline constexpr std::array<std::string_view, 3> sli_kind_names{"write", "read", "serializable-read"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::write;
  std::string client;
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string version;
  Parameters parameters;
  double writes_per_s = 0;  ///< entries that clients add to the log
  Bytes write_size;
  Bytes database;  ///< what a snapshot holds
  Bytes quota;     ///< of the database (quota-backend-bytes); 0: not given, and then growth is not either
  /// Net, by which the database grows until people make room: what compaction leaves, and what no defragmentation has
  /// given back.
  Bytes growth_per_day;
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is of kind etcd.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::etcd
