#include "models/zookeeper/fields.hpp"

#include <fmt/format.h>

#include "models/topology.hpp"
#include "models/zookeeper/plan.hpp"

namespace nines::models::zookeeper {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_writes_per_s = 1e6;
constexpr double most_session_s = 86'400;

// ZooKeeper 3.8 QuorumPeerConfig.parseProperties and the administrator's guide.
constexpr std::string_view inert_names[] = {
    "4lw.commands.whitelist",
    "admin.enableServer",
    "admin.serverPort",
    "authProvider.sasl",
    "autopurge.purgeInterval",
    "autopurge.snapRetainCount",
    "clientPort",
    "clientPortAddress",
    "clientPortListenBacklog",
    "cnxTimeout",
    "dataDir",
    "dataLogDir",
    "electionAlg",
    "fsync.warningthresholdms",
    "globalOutstandingLimit",
    "jute.maxbuffer",
    "leaderServes",
    "localSessionsEnabled",
    "localSessionsUpgradingEnabled",
    "maxClientCnxns",
    "metricsProvider.className",
    "peerType",
    "portUnification",
    "preAllocSize",
    "quorumListenOnAllIPs",
    "reconfigEnabled",
    "secureClientPort",
    "snapshot.trust.empty",
    "sslQuorum",
    "sslQuorumReloadCertFiles",
    "standaloneEnabled",
    "syncEnabled",
    "tcpKeepAlive",
};
constexpr std::string_view inert_beginnings[] = {"metricsProvider.", "server.", "ssl."};
constexpr service::InertKeys::Reason inert_reasons[] = {
    {"", "it names files, ports and limits that are not modelled"},
    {"cnxTimeout",
     "connections to other servers are opened beside each other, so that one that hangs holds up nobody (3.5.8 and "
     "3.6.1 on)"},
    {"leaderServes", "the leader takes clients, as by default"},
    {"localSessions", "every session is the whole ensemble's"},
    {"server.", "pools say who the servers are"},
    {"tcpKeepAlive", "a connection that is silent ends by its own time-outs"},
};
constexpr service::InertKeys inert_keys{inert_names, inert_beginnings, inert_reasons};

constexpr service::ParameterGroup server_group = held_by_service<&Spec::parameters>({
    .name = "zookeeper server",
    .read_by = "servers",
    .held_by = "the service",
    .timings = "zookeeper.",
    .inert = &inert_keys,
});
constexpr service::ParameterGroup client_group = service::client_parameters<Spec, ClientSpec>("zookeeper client");

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    into<&ClientSpec::session_timeout>(time_s("session_timeout_s", required,
                                              "session time-out that it asks for; granted within "
                                              "minSessionTimeout and maxSessionTimeout",
                                              most_session_s, true)),
    config_of({"config", config, optional, "how it keeps its session, by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"zookeeper_client", "a place from which the ensemble is used, with one session",
                                   client_rows, "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "write; read: from its server, possibly old; session: its session lives, and with "
                                   "it its ephemeral nodes",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"zookeeper_sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::writes_per_s>(
        real("writes_per_s", required, "transactions that clients add to the log", {0, most_writes_per_s})),
    into<&Spec::write_size>(above_zero({"write_size", bytes, required, "size of a transaction"})),
};
constexpr ObjectSpec load_object{"zookeeper_load", "writes of all clients", load_rows, "a ZooKeeper ensemble's load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::version>({"version", version, required, "minor version of the server"}),
    config_of({"config", config, optional, "the servers' zoo.cfg, by its keys"}, parameter_groups[0]),
    same_struct<Spec>({"load", object, required, "writes of all clients"}, load_object),
    into<&Spec::database>(above_zero({"database", bytes, required, "size of the database: what a snapshot holds"})),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the ensemble is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

}  // namespace

constinit const service::ParameterGroup parameter_groups[2] = {server_group, client_group};

constinit const ObjectSpec service_fields{"zookeeper_service", "a ZooKeeper ensemble", service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const Parameters& p = spec.parameters;
  const std::string& at = report.at();
  service::check_clients(report, topology, spec.clients, spec.slis);
  std::int64_t servers = 0;
  for (const PoolSpec& pool : service.pools) servers += pool.replicas;
  constexpr std::int64_t most = 9;
  if (servers > most) {
    report.problem(at + "/pools", fmt::format("A ZooKeeper ensemble has at most {} servers that vote, not {}: more are "
                                              "slower and survive no more in practice.",
                                              most, servers));
  }
  if (servers > 1 && servers % 2 == 0) {
    report.warn(at + "/pools", fmt::format("{} servers survive as many failures as {}, and need one more to agree.",
                                           servers, servers - 1));
  }
  const auto where = [&](std::string_view key) { return report.place_or_owner(at, key); };
  const auto positive = [&](std::string_view key, bool holds) {
    if (!holds) report.problem(where(key), fmt::format("{} must be above 0.", key));
  };
  // The servers count in milliseconds.
  const auto at_least = [&](std::string_view key, Duration value, std::int64_t ms) {
    if (value < Duration::milliseconds(ms))
      report.problem(where(key), fmt::format("{} must be at least {} ms.", key, ms));
  };
  at_least("tickTime", p.tick_time, 2);
  at_least("fastleader.minNotificationInterval", p.min_notification, 1);
  positive("initLimit", p.init_limit > 0);
  positive("syncLimit", p.sync_limit > 0);
  positive("snapCount", p.snap_count > 0);
  positive("zookeeper.replay_rate", p.replay_rate > 0);
  positive("zookeeper.scan_rate", p.scan_rate > 0);
  positive("zookeeper.connect_tries", p.connect_tries > 0);
  // ZooKeeperServer and QuorumPeerConfig refuse it.
  if (session_limits(p).least > session_limits(p).most) {
    report.problem(where("minSessionTimeout"),
                   "minSessionTimeout must not be above maxSessionTimeout: ZooKeeper does not start.");
  }
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    const Duration wanted = spec.clients[i].session_timeout;
    const Duration got = granted(p, wanted);
    const ClientParameters& its = spec.clients[i].parameters;
    if (its.read_share <= 0)
      report.problem(fmt::format("{}/clients/{}", at, i), "zookeeper.client.read_share must be above 0.");
    if (got == wanted || p.tick_time <= Duration()) continue;
    report.warn(fmt::format("{}/clients/{}/session_timeout_s", at, i),
                fmt::format("the servers grant {} s instead of {} s: minSessionTimeout and maxSessionTimeout, by "
                            "default 2 and 20 ticks.",
                            got.to_seconds(), wanted.to_seconds()));
  }
}

}  // namespace nines::models::zookeeper
