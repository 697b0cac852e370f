#include "models/postgresql/fields.hpp"

#include <fmt/format.h>

#include "models/postgresql/inert_keys.hpp"
#include "models/postgresql/plan.hpp"
#include "models/service/kind.hpp"
#include "models/topology.hpp"

namespace nines::models::postgresql {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_writes_per_s = 1e6;

/// Without Patroni nobody reads its settings.
bool reads_parameter(const ServiceSpec& service, std::string_view key) {
  return spec_of(service).failover == Failover::patroni || !key.starts_with("patroni.");
}

constexpr service::ParameterGroup server_group = held_by_service<&Spec::parameters>({
    .name = "postgresql server",
    .read_by = "servers and Patroni",
    .held_by = "the service",
    .timings = "postgresql.",
    .inert = &inert_keys,
    .reads = &reads_parameter,
});
constexpr service::ParameterGroup client_group = service::client_parameters<Spec, ClientSpec>("postgresql client");

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    into<&ClientSpec::discovery>(
        choice_of("discovery", required,
                  "fixed: the first server; label: a Service that leads to the primary; multi-host: one host after the "
                  "other until one takes writes (target_session_attrs=read-write); any-host: until one answers",
                  discovery_names, "a way to find the server")),
    config_of({"config", config, optional, "how it tries again, by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"postgresql_client", "a place from which the service is used", client_rows,
                                   "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required, "write: a commit; read: from the server that the client talks to",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"postgresql_sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::writes_per_s>(real("writes_per_s", required, "transactions of all clients", {0, most_writes_per_s})),
    into<&Spec::write_size>(
        above_zero({"write_size", bytes, required, "WAL of a transaction, without full-page writes"})),
};
constexpr ObjectSpec load_object{"postgresql_load", "writes of all clients", load_rows, "a PostgreSQL service's load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::version>({"version", version, required, "major version of the server"}),
    into<&Spec::failover>(choice_of("failover", optional,
                                    "who replaces a lost primary: none (people), or patroni by a key in a store",
                                    failover_names, "a way to fail over")),
    into<&Spec::dcs>(
        {"dcs", name, optional,
         "the service that holds the key of Patroni, of a kind that keeps objects; left out: the API of Kubernetes"}),
    into<&Spec::commit>(
        choice_of("synchronous_commit", optional, "what a commit waits for", commit_names, "a synchronous_commit")),
    into<&Spec::synchronous_standbys>(
        whole("synchronous_standbys", optional,
              "standbys that a commit waits for: ANY n (*) in synchronous_standby_names; with Patroni its "
              "synchronous_mode with as many nodes; 0: asynchronous replication",
              0, most_servers)),
    into<&Spec::stops>(
        choice_of("stops", optional,
                  "what SIGTERM makes of a server: fast ends sessions (STOPSIGNAL SIGINT of the official "
                  "image, charts, Patroni), smart waits for clients until it is killed",
                  stops_names, "a way to stop")),
    config_of({"config", config, optional, "settings of servers and of Patroni by their names"}, parameter_groups[0]),
    same_struct<Spec>({"load", object, required, "writes of all clients"}, load_object),
    into<&Spec::database>(above_zero({"database", bytes, required, "size of the database: what a base backup copies"})),
    into<&Spec::hot_set>({"hot_set", bytes, optional,
                          "pages that are written again and again: each of them is written whole after a checkpoint"}),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the service is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

void check_store(service::Report& report, const Topology& topology, const Spec& spec) {
  const std::string& at = report.at();
  if (spec.failover != Failover::patroni) {
    if (!spec.dcs.empty()) report.problem(at + "/dcs", "Only Patroni has a store: expected failover patroni.");
    return;
  }
  if (spec.dcs.empty()) {
    if (!topology.has_kubernetes())
      report.problem(at, "Patroni needs a store for its key: without Kubernetes expected dcs, the name of a service.");
    return;
  }
  std::vector<std::string> stores;
  for (const ServiceSpec& other : topology.services) {
    if (other.kind != nullptr && other.kind->holds_objects) stores.push_back(other.name);
  }
  report.check_known(at + "/dcs", spec.dcs, stores, "store");
}

void check_patroni(service::Report& report, const Spec& spec) {
  const Parameters& p = spec.parameters;
  const std::string& at = report.at();
  if (p.loop_wait + p.retry_timeout * 2 <= p.ttl) return;
  report.problem(
      report.place_or_owner(at, "patroni.ttl"),
      fmt::format("patroni.ttl ({:g} s) must be at least patroni.loop_wait and twice patroni.retry_timeout ({:g} s): a "
                  "leader would be replaced before it steps down.",
                  p.ttl.to_seconds(), (p.loop_wait + p.retry_timeout * 2).to_seconds()));
}

void check_positive(service::Report& report, const Parameters& p) {
  const auto positive = [&](bool is, std::string_view key) {
    if (!is) report.problem(report.place_or_owner(report.at(), key), fmt::format("{} must be above 0.", key));
  };
  positive(p.checkpoint_timeout > Duration(), "checkpoint_timeout");
  positive(p.max_wal_size.count > 0, "max_wal_size");
  positive(p.sender_timeout > Duration(), "wal_sender_timeout");
  positive(p.receiver_timeout > Duration(), "wal_receiver_timeout");
  positive(p.retry_interval > Duration(), "wal_retrieve_retry_interval");
  positive(p.replay_rate.bytes_per_s > 0, "postgresql.replay_rate");
  positive(p.backup_rate.bytes_per_s > 0, "postgresql.basebackup_rate");
  positive(p.page.count > 0, "postgresql.page_size");
  positive(p.loop_wait > Duration(), "patroni.loop_wait");
  positive(p.retry_timeout > Duration(), "patroni.retry_timeout");
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[2] = {server_group, client_group};

constinit const ObjectSpec service_fields{"postgresql_service", "PostgreSQL: one server, or a primary with standbys",
                                          service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  service::check_clients(report, topology, spec.clients, spec.slis);
  check_store(report, topology, spec);
  if (spec.failover == Failover::patroni) check_patroni(report, spec);
  check_positive(report, spec.parameters);
  std::int64_t servers = 0;
  for (const PoolSpec& pool : service.pools) servers += pool.replicas;
  if (servers > most_servers) {
    report.problem(at + "/pools", fmt::format("At most {} servers, not {}.", most_servers, servers));
  }
  if (spec.synchronous_standbys >= servers && spec.synchronous_standbys > 0) {
    const bool for_ever = spec.synchronous() && (spec.failover == Failover::none || spec.parameters.strict);
    if (for_ever) {
      report.problem(at + "/synchronous_standbys",
                     fmt::format("{} of {} servers have {} standbys: commits would wait for ever.",
                                 spec.synchronous_standbys, servers, servers - 1));
    }
  }
  if (spec.synchronous_standbys > 0 && !spec.synchronous()) {
    report.warn(
        at + "/synchronous_standbys",
        fmt::format("With synchronous_commit {} commits wait for no standby: synchronous_standbys does nothing.",
                    commit_names[static_cast<std::size_t>(spec.commit)]));
  }
  const Parameters& p = spec.parameters;
  if (spec.hot_set.count > spec.database.count)
    report.problem(at + "/hot_set", "expected no more than the size of the database.");
  if (p.max_wal_size.count <= 0 || p.checkpoint_timeout <= Duration() || p.page.count <= 0) return;
  const WalLoad load = wal_load(spec);
  const Duration interval = checkpoint_interval(load, p.checkpoint_timeout, p.max_wal_size.count, p.completion_target);
  const double rate = spec.writes_per_s * wal_per_write(load, interval);
  if (rate >= p.replay_rate.bytes_per_s && p.replay_rate.bytes_per_s > 0) {
    report.problem(
        report.place_or_owner(at, "postgresql.replay_rate"),
        fmt::format("Clients write {:.1f} MB/s of WAL, full pages included, and a server replays {:.1f} MB/s: "
                    "a standby would never catch up.",
                    rate / 1e6, p.replay_rate.bytes_per_s / 1e6));
  }
}

}  // namespace nines::models::postgresql
