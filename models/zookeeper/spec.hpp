// A ZooKeeper ensemble as a topology file says it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"
#include "models/zookeeper/parameters.hpp"

namespace nines::models::zookeeper {

struct ClientSpec {
  std::string name;
  std::string place;         ///< a zone, or "region"
  Duration session_timeout;  ///< that it asks for
  ClientParameters parameters;
};

enum class SliKind : std::uint8_t { write, read, session };
inline constexpr std::array<std::string_view, 3> sli_kind_names{"write", "read", "session"};

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
  double writes_per_s = 0;  ///< transactions of all clients
  Bytes write_size;
  Bytes database;  ///< what a snapshot holds
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is of kind zookeeper.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::zookeeper
