#include "models/redis/fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "models/redis/inert_keys.hpp"
#include "models/redis/plan.hpp"
#include "models/topology.hpp"

namespace nines::models::redis {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_writes_per_s = 1e7;
constexpr std::int64_t most_servers = 60;
constexpr std::int64_t most_sentinels = 20;

constexpr service::ParameterGroup server_group = held_by_service<&Spec::parameters>({
    .name = "redis server",
    .read_by = "servers and Sentinels",
    .held_by = "the service",
    .timings = "redis.",
    .inert = &inert_keys,
});
constexpr service::ParameterGroup client_group = service::client_parameters<Spec, ClientSpec>("redis client");

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    into<&ClientSpec::discovery>(choice_of(
        "discovery", required,
        "sentinel: asks Sentinels; label: a Service over the server with the master's label; any-ready: a Service over "
        "all ready servers; fixed: the first server; probe: one server after the other; cluster: follows redirections; "
        "dns: a name that leads to the master's address, and whose answers the client keeps",
        discovery_names, "a way to find the server")),
    into<&ClientSpec::refresh>(choice_of(
        "refresh", optional,
        "of discovery cluster, when it learns anew which node has what: on-failure (it asks when a request fails: "
        "ioredis, redis-py), adaptive (after attempts to connect, or MOVED: Lettuce from 7.0 on), periodic, "
        "adaptive-and-periodic (Lettuce where it is told so), never (Lettuce up to 6.8 where it is not)",
        refresh_names, "a way to refresh")),
    into<&ClientSpec::seeds>(choice_of(
        "seeds", optional,
        "of discovery cluster, where it asks when nobody whom it knows answers: names (that stay) or addresses (of the "
        "first pods)",
        seeds_names, "a sort of seeds")),
    into<&ClientSpec::resolves>(choice_of("resolves", optional,
                                          "of discovery dns: after-ttl, or once (a JVM with networkaddress.cache.ttl "
                                          "-1)",
                                          resolves_names, "a way to resolve")),
    config_of({"config", config, optional, "how it tries again, by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"redis_client", "a place from which the service is used", client_rows, "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "write; read: from the server that the client talks to; fresh-read: and what it "
                                   "reads is no older than oldest_s",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::oldest>(time_s(
        "oldest_s", optional, "of fresh-read: writes that were acknowledged longer ago are not missing", 31'536'000)),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"redis_sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec priority_rows[] = {
    into<&PrioritySpec::server>(whole("server", required, "number of the server", 0, most_servers - 1)),
    into<&PrioritySpec::priority>(whole("priority", required, "the least is promoted first; 0: never", 0, 1'000'000)),
};
constexpr ObjectSpec priority_object{"redis_priority", "replica-priority of one server", priority_rows, "a priority"};

constexpr FieldSpec save_rows[] = {
    into<&SavePoint::after>(time_s("after_s", required, "since the last snapshot", 31'536'000)),
    into<&SavePoint::changes>(whole("changes", required, "writes since then", 1, 1'000'000'000)),
};
constexpr ObjectSpec save_object{"redis_save", "one pair of redis.conf's save", save_rows, "a save point"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::writes_per_s>(real("writes_per_s", required, "writes that clients send", {0, most_writes_per_s})),
    into<&Spec::write_size>(above_zero({"write_size", bytes, required, "size of a write in the replication stream"})),
};
constexpr ObjectSpec load_object{"redis_load", "writes of all clients", load_rows, "a Redis service's load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::version>({"version", version, required, "minor version of the server"}),
    into<&Spec::mode>(choice_of("mode", required,
                                "who replaces a lost master: replication (nobody), sentinel, or cluster", mode_names,
                                "a mode")),
    into<&Spec::persistence>(choice_of("persistence", required,
                                       "what is on disk: none, snapshots (RDB), aof-everysec, aof-always, aof-no (of "
                                       "appendfsync)",
                                       persistence_names, "a persistence")),
    into<&Spec::starts>(choice_of("starts", optional,
                                  "whom a server that starts follows: as-configured (its file, which Sentinels "
                                  "rewrite), or asks-sentinel (its start script asks)",
                                  starts_names, "a way to start")),
    into<&Spec::stops>(
        choice_of("stops", optional,
                  "how a master's pod ends: by-signal, or hands-over (an operator or a hook has a replica take over "
                  "first, by CLUSTER FAILOVER or, as Bitnami's chart, by SENTINEL FAILOVER)",
                  stops_names, "a way to stop")),
    into<&Spec::eviction>(choice_of("eviction", optional,
                                    "maxmemory-policy: noeviction (writes are refused at maxmemory; so do volatile-* "
                                    "policies where no key has a time to live), allkeys (others go)",
                                    eviction_names, "a policy")),
    into<&Spec::announces>(choice_of("announces", optional,
                                     "how servers and Sentinels name each other: hostnames, or addresses, which change "
                                     "with a pod that is created anew",
                                     announces_names, "a way to announce")),
    list_of<&Spec::priorities>(
        {"replica_priorities", objects, optional, "replica-priority of servers that have another one than 100"},
        priority_object, "priority", most_servers),
    list_of<&Spec::save>({"save", objects, optional,
                          "save of redis.conf: a snapshot is taken when all of any pair has passed (default: each "
                          "redis.save_interval)"},
                         save_object, "save point", 20),
    into<&Spec::masters>(whole("masters", optional, "of a cluster: how many of its servers begin as masters", 1, 30)),
    config_of({"config", config, optional, "settings of servers and Sentinels by their names"}, parameter_groups[0]),
    same_struct<Spec>({"load", object, required, "writes of all clients"}, load_object),
    into<&Spec::dataset>(above_zero({"dataset", bytes, required, "data of one master, in memory"})),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the service is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

struct Counts {
  std::int64_t servers = 0;
  std::int64_t sentinels = 0;
};
Counts counts_of(const ServiceSpec& service) {
  Counts counts;
  for (const PoolSpec& pool : service.pools) {
    if (plays(pool.roles, server_role)) counts.servers += pool.replicas;
    if (plays(pool.roles, sentinel_role)) counts.sentinels += pool.replicas;
  }
  return counts;
}

void check_clients_find(service::Report& report, const Spec& spec) {
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    const Discovery discovery = spec.clients[i].discovery;
    const std::string client = fmt::format("{}/clients/{}", report.at(), i);
    for (const std::string_view field : {"/refresh", "/seeds"}) {
      if (discovery != Discovery::cluster && report.given(client + std::string(field)))
        report.problem(client + std::string(field), "Only a client of a cluster (discovery cluster) has this.");
    }
    if (discovery != Discovery::dns && report.given(client + "/resolves"))
      report.problem(client + "/resolves", "Only a client that goes by a name (discovery dns) has this.");
    const bool suits =
        spec.mode == Mode::cluster
            ? discovery == Discovery::cluster
            : discovery != Discovery::cluster && (discovery != Discovery::sentinel || spec.mode == Mode::sentinel);
    if (suits) continue;
    report.problem(
        fmt::format("{}/clients/{}/discovery", report.at(), i),
        fmt::format("Clients of mode {} cannot find a server by {}.", mode_names[static_cast<std::size_t>(spec.mode)],
                    discovery_names[static_cast<std::size_t>(discovery)]));
  }
}

/// Settings of clients within which their attempts are worked out.
void check_client_settings(service::Report& report, const ClientSpec& client) {
  const ClientParameters& p = client.parameters;
  const auto wrong = [&](std::string_view key, const std::string& text) {
    report.problem(report.place_or_owner(report.at(), key), fmt::format("{} must be {}.", key, text));
  };
  const bool periodic = client.refresh == Refresh::periodic || client.refresh == Refresh::adaptive_and_periodic;
  const bool adaptive = client.refresh == Refresh::adaptive || client.refresh == Refresh::adaptive_and_periodic;
  if (periodic && p.refresh_period <= Duration()) wrong("redis.client.refresh_period", "above 0");
  constexpr Duration day = Duration::seconds(86'400);
  if (p.reconnect_most > day) wrong("redis.client.reconnect_most", "a day at most");
  if (!adaptive) return;
  constexpr Count most_attempts = 1000;
  if (p.refresh_reconnects < 1 || p.refresh_reconnects > most_attempts)
    wrong("redis.client.refresh_reconnects", fmt::format("from 1 to {}", most_attempts));
  constexpr Duration least_rest = Duration::milliseconds(100);
  if (p.refresh_interval < least_rest)
    wrong("redis.client.refresh_least_interval", fmt::format("{:g} s at least", least_rest.to_seconds()));
}

/// What the data need against what there is.
void check_memory(service::Report& report, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  const double most = spec.parameters.max_memory.count;
  const double limit = spec.parameters.memory_limit.count;
  if (most > 0 && spec.dataset.count >= most && spec.eviction == Eviction::refuses) {
    report.problem(at + "/dataset", fmt::format("Data of {:.0f} MB leave nothing of a maxmemory of {:.0f} MB: with "
                                                "noeviction no write is taken.",
                                                spec.dataset.count / 1e6, most / 1e6));
  }
  if (limit <= 0) return;
  const double data = most > 0 ? std::min(most, spec.dataset.count) : spec.dataset.count;
  if (data + spec.parameters.backlog.count >= limit) {
    report.problem(at + "/dataset",
                   fmt::format("Data and backlog of {:.0f} MB do not fit a memory limit of {:.0f} MB: every server is "
                               "killed as soon as it has loaded them.",
                               (data + spec.parameters.backlog.count) / 1e6, limit / 1e6));
    return;
  }
  const double seconds =
      spec.parameters.serialise_rate.bytes_per_s > 0 ? data / spec.parameters.serialise_rate.bytes_per_s : 0;
  const auto masters = static_cast<double>(spec.mode == Mode::cluster ? spec.masters : 1);
  const double copies = std::min(data, spec.writes_per_s / masters * seconds * spec.parameters.copied_per_write.count);
  if (data + spec.parameters.backlog.count + copies >= limit) {
    report.warn(at + "/dataset",
                fmt::format("A master that sends or saves {:.0f} MB copies {:.0f} MB of it under its writes, which a "
                            "memory limit of {:.0f} MB does not hold: it is killed by its own snapshots and resyncs. "
                            "Only resyncs are played.",
                            data / 1e6, copies / 1e6, limit / 1e6));
  }
}

void check_sentinels(service::Report& report, const ServiceSpec& service, const Counts& counts) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  if (spec.mode != Mode::sentinel) {
    if (counts.sentinels > 0) report.problem(at + "/pools", "Only mode sentinel has Sentinels.");
    return;
  }
  if (counts.sentinels == 0) return report.problem(at + "/pools", "Mode sentinel needs a pool with role sentinel.");
  const std::int64_t quorum = spec.parameters.quorum;
  const std::string place = report.place_or_owner(at, "redis.sentinel.quorum");
  if (quorum > counts.sentinels) {
    report.warn(place,
                fmt::format("{} Sentinels can never agree that a master is down if {} must: there is no failover.",
                            counts.sentinels, quorum));
  } else if (counts.sentinels == 2) {
    report.warn(at + "/pools",
                "Both of two Sentinels must live to elect a leader: to lose one is to lose failover. Three survive one "
                "loss.");
  }
}

void check_priorities(service::Report& report, const Spec& spec, const Counts& counts) {
  if (!spec.priorities.empty() && spec.mode != Mode::sentinel)
    report.problem(report.at() + "/replica_priorities", "Only Sentinels go by replica-priority.");
  for (std::size_t i = 0; i < spec.priorities.size(); ++i) {
    const std::int64_t server = spec.priorities[i].server;
    const std::string place = fmt::format("{}/replica_priorities/{}/server", report.at(), i);
    if (server >= counts.servers)
      report.problem(place, fmt::format("There is no server {}: the last is {}.", server, counts.servers - 1));
    for (std::size_t j = 0; j < i; ++j) {
      if (spec.priorities[j].server == server)
        report.problem(place, fmt::format("Server {} has a priority already.", server));
    }
  }
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[2] = {server_group, client_group};

constinit const ObjectSpec service_fields{"redis_service", "Redis with replicas, Sentinels or as a cluster",
                                          service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  service::check_clients(report, topology, spec.clients, spec.slis);
  check_clients_find(report, spec);
  const Counts counts = counts_of(service);
  if (counts.servers == 0) return report.problem(at + "/pools", "Redis needs a pool with role server.");
  if (counts.servers > most_servers || counts.sentinels > most_sentinels) {
    report.problem(at + "/pools", fmt::format("At most {} servers and {} Sentinels, not {} and {}.", most_servers,
                                              most_sentinels, counts.servers, counts.sentinels));
  }
  check_sentinels(report, service, counts);
  if (spec.mode != Mode::sentinel && spec.starts == Starts::asks_sentinel)
    report.problem(at + "/starts", "There is no Sentinel to ask: only mode sentinel has them.");
  if (spec.mode == Mode::cluster && spec.masters > counts.servers) {
    report.problem(at + "/masters",
                   fmt::format("{} masters need as many servers; there are {}.", spec.masters, counts.servers));
  }
  if (spec.mode != Mode::cluster && spec.masters != 1)
    report.problem(at + "/masters", "Only mode cluster has several masters.");
  if (spec.mode == Mode::replication && spec.stops == Stops::hands_over)
    report.problem(at + "/stops", "Nobody can be asked for a hand-over: only Sentinels and nodes of a cluster do it.");
  check_priorities(report, spec, counts);
  if (!spec.save.empty() && spec.persistence != Persistence::snapshots)
    report.problem(at + "/save",
                   "Only persistence snapshots takes snapshots that matter: with an append-only file a "
                   "server starts from that.");
  if (!spec.save.empty() && !report.place_of(at, "redis.save_interval").empty())
    report.problem(report.place_of(at, "redis.save_interval"), "'save' says how often snapshots are taken: say one.");
  for (const ClientSpec& client : spec.clients) {
    if (client.discovery == Discovery::cluster) check_client_settings(report, client);
  }
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    if ((sli.kind == SliKind::fresh_read) != (sli.oldest > Duration()))
      report.problem(fmt::format("{}/slis/{}/kind", at, i),
                     "oldest_s above 0 belongs to an SLI of kind fresh-read, and to no other.");
  }
  check_memory(report, service);
  const auto positive = [&](Duration value, std::string_view key) {
    if (value > Duration()) return;
    report.problem(report.place_or_owner(at, key), fmt::format("{} must be above 0.", key));
  };
  positive(spec.parameters.down_after, "down-after-milliseconds");
  positive(spec.parameters.failover_timeout, "failover-timeout");
  positive(spec.parameters.node_timeout, "cluster-node-timeout");
  positive(spec.parameters.cluster_cron, "redis.cluster.cron_period");
  constexpr Duration shortest_cron = Duration::milliseconds(2);  // CONFIG_MAX_HZ
  if (spec.parameters.server_cron < shortest_cron) {
    report.problem(report.place_or_owner(at, "redis.server_cron"),
                   fmt::format("redis.server_cron must be {:g} s at least (hz 500).", shortest_cron.to_seconds()));
  }
  const std::string stop_writes = report.place_of(at, "stop-writes-on-bgsave-error");
  if (!stop_writes.empty() && spec.persistence != Persistence::snapshots) {
    report.warn(stop_writes,
                "stop-writes-on-bgsave-error changes nothing here: only persistence snapshots takes snapshots, and a "
                "server that cannot write its append-only file refuses writes whatever it says.");
  }
}

}  // namespace nines::models::redis
