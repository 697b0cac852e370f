// Redis as a topology file says it: replication alone, replication under Sentinels, or a cluster.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/measurement/spec.hpp"
#include "models/redis/parameters.hpp"
#include "models/service/spec.hpp"

namespace nines::models::redis {

/// Who replaces a master that is gone: nobody, Sentinels, the other masters of a cluster.
enum class Mode : std::uint8_t { replication, sentinel, cluster };
inline constexpr std::array<std::string_view, 3> mode_names{"replication", "sentinel", "cluster"};

/// What is on a server's disk.
enum class Persistence : std::uint8_t {
  none,
  snapshots,
  aof_everysec,
  aof_always,
  aof_no,  ///< appendfsync no: the kernel writes back when it likes
};
inline constexpr std::array<std::string_view, 5> persistence_names{"none", "snapshots", "aof-everysec", "aof-always",
                                                                   "aof-no"};

/// Whom a server that starts takes for the master.
enum class Starts : std::uint8_t {
  as_configured,  ///< as its configuration file says, which Sentinels rewrite
  asks_sentinel,  ///< its start script asks a Sentinel (Bitnami's chart)
};
inline constexpr std::array<std::string_view, 2> starts_names{"as-configured", "asks-sentinel"};

/// How a master's pod ends.
enum class Stops : std::uint8_t {
  by_signal,   ///< as the server does: it is missed, and replaced
  hands_over,  ///< an operator, or a hook, has a replica take over first (CLUSTER FAILOVER, SENTINEL FAILOVER)
};
inline constexpr std::array<std::string_view, 2> stops_names{"by-signal", "hands-over"};

/// What a server whose data take `maxmemory` does about a write.
enum class Eviction : std::uint8_t {
  refuses,  ///< noeviction; volatile-* where no key has a time to live: -OOM
  evicts,   ///< allkeys-*: others go
};
inline constexpr std::array<std::string_view, 2> eviction_names{"noeviction", "allkeys"};

/// How servers and Sentinels name each other (sentinel announce-hostnames, cluster-announce-ip).
enum class Announces : std::uint8_t {
  hostnames,  ///< by names that stay, or on machines: whoever comes back is who it was
  addresses,  ///< by addresses: a pod that is created anew is somebody else
};
inline constexpr std::array<std::string_view, 2> announces_names{"hostnames", "addresses"};

/// How a client finds the server that it talks to.
enum class Discovery : std::uint8_t {
  sentinel,   ///< asks one Sentinel after the other when it must connect
  label,      ///< a Service over the server that bears the master's label
  any_ready,  ///< a Service over all servers: any that is ready
  fixed,      ///< always the first server
  probe,      ///< tries one server after the other
  cluster,    ///< a cluster: as ClientSpec::refresh says
  dns,        ///< a name whose record follows the master's label, and whose answers it keeps
};
inline constexpr std::array<std::string_view, 7> discovery_names{"sentinel", "label",   "any-ready", "fixed",
                                                                 "probe",    "cluster", "dns"};

/// When a client of a cluster learns anew which node has what. MOVED is followed by all of them.
enum class Refresh : std::uint8_t {
  on_failure,             ///< it asks one node after the other as soon as a request fails (ioredis, redis-py)
  adaptive,               ///< after some attempts to connect, and after MOVED (Lettuce; from 7.0 on as it comes)
  periodic,               ///< all the time (Lettuce, enablePeriodicRefresh)
  adaptive_and_periodic,  ///< both
  never,                  ///< it goes by what it knew when it was started (Lettuce up to 6.8 as it comes)
};
inline constexpr std::array<std::string_view, 5> refresh_names{"on-failure", "adaptive", "periodic",
                                                               "adaptive-and-periodic", "never"};

/// Where a client of a cluster asks when none of the nodes that it knows answers.
enum class Seeds : std::uint8_t {
  names,      ///< a Service, or names that stay: they lead to whoever is there
  addresses,  ///< those of the pods as they were when it was started
};
inline constexpr std::array<std::string_view, 2> seeds_names{"names", "addresses"};

/// How long a client goes by an answer of DNS.
enum class Resolves : std::uint8_t {
  after_ttl,   ///< redis.client.dns_ttl, in a cache that others keep filled: it may have just been asked
  once,        ///< for ever (networkaddress.cache.ttl -1 of a JVM)
  when_asked,  ///< redis.client.dns_ttl, in a cache of its own: from the first attempt after a loss on
};
inline constexpr std::array<std::string_view, 3> resolves_names{"after-ttl", "once", "when-asked"};

/// redis.conf; 0: it is never promoted by Sentinels.
inline constexpr std::int64_t default_priority = 100;

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
  Discovery discovery = Discovery::sentinel;
  ClientParameters parameters;
  Refresh refresh = Refresh::on_failure;    ///< of `cluster`
  Seeds seeds = Seeds::names;               ///< of `cluster`
  Resolves resolves = Resolves::after_ttl;  ///< of `dns`
};

enum class SliKind : std::uint8_t {
  write,
  read,
  fresh_read,  ///< and what is read lacks nothing that was acknowledged longer ago than the SLI's bound
};
inline constexpr std::array<std::string_view, 3> sli_kind_names{"write", "read", "fresh-read"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::write;
  std::string client;
  Duration deadline;
  Duration oldest;  ///< of fresh_read
  std::optional<SlaSpec> sla;
};

/// One pair of `save`: a snapshot is taken when so many changes have come and the last is so old.
struct SavePoint {
  Duration after;
  std::int64_t changes = 1;
};

/// replica-priority of one server, where it is not that of all others.
struct PrioritySpec {
  std::int64_t server = 0;
  std::int64_t priority = default_priority;
};

struct Spec {
  std::string version;
  Mode mode = Mode::sentinel;
  Persistence persistence = Persistence::none;
  Starts starts = Starts::as_configured;
  Stops stops = Stops::by_signal;
  Eviction eviction = Eviction::refuses;
  Announces announces = Announces::hostnames;
  std::vector<PrioritySpec> priorities;
  std::vector<SavePoint> save;  ///< of snapshots; empty: redis.save_interval says how often
  std::int64_t masters = 1;     ///< of a cluster: servers 0 .. masters - 1 begin as masters
  Parameters parameters;
  double writes_per_s = 0;
  Bytes write_size;
  Bytes dataset;  ///< of one master, in memory
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// REQUIRES: the service is of kind redis.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

/// Data at `maxmemory` stop writes.
inline bool fills_memory(const Spec& spec) {
  return spec.parameters.max_memory.count > 0 && spec.eviction == Eviction::refuses;
}
/// A full disk stops writes: each is written down, or a snapshot fails.
inline bool fills_disk(const Spec& spec) {
  if (spec.persistence == Persistence::snapshots) return spec.parameters.stop_writes;
  return spec.persistence != Persistence::none;
}

}  // namespace nines::models::redis
