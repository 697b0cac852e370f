// PostgreSQL as a topology file says it: one server, or a primary with streaming standbys.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/measurement/spec.hpp"
#include "models/postgresql/parameters.hpp"
#include "models/service/spec.hpp"

namespace nines::models::postgresql {

/// Who replaces a primary that is gone: people, or Patroni by a key in a store.
enum class Failover : std::uint8_t { none, patroni };
inline constexpr std::array<std::string_view, 2> failover_names{"none", "patroni"};

/// What a commit waits for: PostgreSQL's synchronous_commit. `local` and `off` do not wait for standbys.
enum class Commit : std::uint8_t { off, local, remote_write, on, remote_apply };
inline constexpr std::array<std::string_view, 5> commit_names{"off", "local", "remote-write", "on", "remote-apply"};

/// What SIGTERM makes of a server: a fast shutdown ends sessions; a smart one waits until clients leave, and none does.
enum class Stops : std::uint8_t { fast, smart };
inline constexpr std::array<std::string_view, 2> stops_names{"fast", "smart"};

/// How a client finds the server that it talks to.
enum class Discovery : std::uint8_t {
  fixed,       ///< always the first server
  label,       ///< a Service that leads to the primary
  multi_host,  ///< one host after the other until one takes writes (libpq target_session_attrs=read-write)
  any_host,    ///< one host after the other until one answers (target_session_attrs=any)
};
inline constexpr std::array<std::string_view, 4> discovery_names{"fixed", "label", "multi-host", "any-host"};

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
  Discovery discovery = Discovery::fixed;
  ClientParameters parameters;
};

enum class SliKind : std::uint8_t { write, read };
inline constexpr std::array<std::string_view, 2> sli_kind_names{"write", "read"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::write;
  std::string client;
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string version;
  Failover failover = Failover::none;
  std::string dcs;  ///< the service that holds Patroni's key; empty: the API of Kubernetes
  Commit commit = Commit::on;
  Stops stops = Stops::fast;
  std::int64_t synchronous_standbys = 0;  ///< that a commit waits for; 0: none
  Parameters parameters;
  double writes_per_s = 0;
  Bytes write_size;  ///< in the WAL, without full-page writes
  Bytes database;
  Bytes hot_set;  ///< pages that are written again and again
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;

  /// Commits wait for standbys.
  [[nodiscard]] bool synchronous() const { return synchronous_standbys > 0 && commit >= Commit::remote_write; }
};

/// REQUIRES: the service is of kind postgresql.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::postgresql
