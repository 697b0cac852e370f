#include "models/managed/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "models/service/clients.hpp"
#include "models/topology.hpp"

namespace nines::models::managed {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_writes_per_s = 1e7;
/// Nodes of one cluster without a raised limit. Source: ElastiCache user guide, Replication.
constexpr std::int64_t most_nodes = 90;
constexpr double most_usd_per_h = 1e4;
/// Backups are kept for 35 days at most (ElastiCache user guide, Snapshots: SnapshotRetentionLimit).
constexpr double most_between_snapshots_s = 35 * 86'400.0;

constexpr service::ParameterGroup service_group = service::held_by_service<&Spec::parameters>({
    .name = "managed service",
    .read_by = "services that the provider runs",
    .held_by = "the service",
});
constexpr service::ParameterGroup client_group = service::client_parameters<Spec, ClientSpec>("managed client");

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    into<&ClientSpec::follows>(choice_of(
        "follows", required,
        "dns: the name of the endpoint; balancer: a load balancer over all nodes; members: it knows the nodes and asks "
        "them who leads (cluster-aware client, list of brokers)",
        follows_names, "a way to the leader")),
    config_of({"config", config, optional, "how it tries again, by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"managed_client", "a place from which the service is used", client_rows, "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "write (acknowledged or confirmed), read (reads, deliveries), control (changes of "
                                   "the service itself are taken)",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"managed_sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec load_rows[] = {
    into<&Spec::writes_per_s>(
        real("writes_per_s", required, "writes or messages that clients send", {0, most_writes_per_s})),
    into<&Spec::write_size>(above_zero({"write_size", bytes, required, "size of one of them"})),
};
constexpr ObjectSpec load_object{"managed_load", "what all clients send", load_rows, "a managed service's load"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::product>(
        choice_of("product", required, "elasticache, msk or amazon-mq", product_names, "a product of the provider")),
    into<&Spec::mode>(choice_of(
        "mode", required,
        "single; replicated (ElastiCache, cluster mode disabled); cluster (ElastiCache with shards, MSK, RabbitMQ's "
        "three nodes); active-standby (ActiveMQ)",
        mode_names, "a mode")),
    into<&Spec::node_type>({"node_type", text, required,
                            "type of its nodes, which has the price: cache.r6g.large, cache.t3.medium, kafka.m5.large, "
                            "mq.m5.large; another one with node_usd_per_h"}),
    into<&Spec::node_usd_per_h>(
        real("node_usd_per_h", optional,
             "price of a node an hour: of a type whose price is in no profile, or in place of it",
             {0, most_usd_per_h, true})),
    into<&Spec::shards>(whole("shards", optional, "of a cache in cluster mode", 1, most_nodes)),
    into<&Spec::automatic_failover>({"automatic_failover", boolean, optional,
                                     "of a cache with replicas: Multi-AZ, a replica takes a lost primary's place "
                                     "(default true)"}),
    into<&Spec::durability>(choice_of("durability", optional,
                                      "of a cache: none (default), or writes are in a log in several zones, "
                                      "synchronous or asynchronous",
                                      durability_names, "a durability")),
    into<&Spec::dataset>(
        above_zero({"dataset", bytes, optional, "of a cache: data of one primary; required of a cache"})),
    into<&Spec::snapshot_every>(time_s("snapshot_every_s", optional,
                                       "of a cache: between two snapshots, of which people restore the last one when "
                                       "all nodes of a shard are lost. Without it there is none",
                                       most_between_snapshots_s, true)),
    into<&Spec::queues>(choice_of("queues", optional, "of a RabbitMQ cluster: mirrored (default) or quorum",
                                  queues_names, "a kind of queue")),
    into<&Spec::backlog>({"backlog", bytes, optional, "messages that wait in mirrored queues"}),
    into<&Spec::copies>(whole("replication_factor", optional, "of topics of MSK (default 3)", 1, 10)),
    into<&Spec::in_sync>(whole("min_insync_replicas", optional, "of topics of MSK (default 2)", 1, 10)),
    into<&Spec::storage>({"storage", bytes, optional, "of each broker; what an active and a standby one share"}),
    config_of({"config", config, optional, "phases and prices by their keys"}, parameter_groups[0]),
    same_struct<Spec>({"load", object, required, "what all clients send"}, load_object),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the service is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

std::int64_t nodes_of(const ServiceSpec& service) {
  std::int64_t nodes = 0;
  for (const PoolSpec& pool : service.pools) nodes += pool.replicas;
  return nodes;
}

std::string_view word_of(Product product) { return product_names[static_cast<std::size_t>(product)]; }
std::string_view word_of(Mode mode) { return mode_names[static_cast<std::size_t>(mode)]; }

bool has_mode(Product product, Mode mode) {
  switch (product) {
    case Product::elasticache: return mode != Mode::active_standby;
    case Product::msk: return mode == Mode::cluster;
    case Product::amazon_mq: return mode != Mode::replicated;
  }
  return false;
}

/// How many nodes a mode has.
void check_nodes(service::Report& report, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::int64_t nodes = nodes_of(service);
  const std::string at = report.at() + "/pools";
  if (nodes > most_nodes) return report.problem(at, fmt::format("At most {} nodes, not {}.", most_nodes, nodes));
  if (nodes < 1) return report.problem(at, "A service needs a node.");
  if (spec.mode == Mode::single && nodes != 1)
    report.problem(at, fmt::format("Mode single has 1 node, not {}.", nodes));
  if (spec.mode == Mode::replicated && (nodes < 2 || nodes > 6))
    report.problem(at, fmt::format("A primary has 1 to 5 replicas: expected 2 to 6 nodes, not {}.", nodes));
  if (spec.mode == Mode::active_standby && nodes != 2)
    report.problem(at, fmt::format("An active broker has one standby: expected 2 nodes, not {}.", nodes));
  if (needs_majority(spec) && nodes != 3)
    report.problem(at, fmt::format("A RabbitMQ cluster of Amazon MQ has 3 nodes, not {}.", nodes));
  if (spec.product == Product::elasticache && spec.mode == Mode::cluster && nodes % spec.shards != 0)
    report.problem(report.at() + "/shards",
                   fmt::format("{} nodes cannot be shared evenly by {} shards.", nodes, spec.shards));
  if (all_lead(spec) && spec.copies > nodes)
    report.problem(report.at() + "/replication_factor",
                   fmt::format("{} replicas need as many brokers; there are {}.", spec.copies, nodes));
}

/// Fields that another product, or another mode, has.
void check_fields(service::Report& report, const Spec& spec) {
  const bool cache = spec.product == Product::elasticache;
  const bool mirrored = needs_majority(spec) && spec.queues == Queues::mirrored;
  const auto only = [&](std::string_view field, bool fits, std::string_view whose) {
    const std::string at = fmt::format("{}/{}", report.at(), field);
    if (!fits && report.given(at)) report.problem_at_key(at, fmt::format("Only {} this: remove the field.", whose));
  };
  only("shards", cache && spec.mode == Mode::cluster, "ElastiCache in cluster mode has");
  only("automatic_failover", cache && spec.mode == Mode::replicated,
       "ElastiCache in mode replicated has (in cluster mode a replica always takes over)");
  only("durability", cache && spec.mode == Mode::cluster, "ElastiCache in cluster mode has");
  only("dataset", cache, "ElastiCache has");
  only("snapshot_every_s", cache && holds_all(spec), "ElastiCache without durability has");
  only("queues", needs_majority(spec), "a RabbitMQ cluster of Amazon MQ has");
  only("backlog", mirrored, "a RabbitMQ cluster of Amazon MQ with mirrored queues has");
  only("replication_factor", all_lead(spec), "MSK has");
  only("min_insync_replicas", all_lead(spec), "MSK has");
  only("storage", !cache, "brokers have");
  if (!cache && spec.storage.count <= 0)
    report.problem(report.at(), "missing field 'storage': the provider charges a broker's storage.");
  if (cache && spec.dataset.count <= 0)
    report.problem(report.at(), "missing field 'dataset': data of one primary, which are gone with the last node.");
}

bool can_follow(const Spec& spec, Follows follows) {
  switch (follows) {
    case Follows::balancer: return needs_majority(spec);
    case Follows::dns:
      return !all_lead(spec) && !needs_majority(spec) &&
             !(spec.product == Product::elasticache && spec.mode == Mode::cluster) && spec.mode != Mode::active_standby;
    case Follows::members: return !needs_majority(spec) && spec.mode != Mode::single;
  }
  return false;
}

/// A type of the product, whose price somebody knows.
void check_type(service::Report& report, const Spec& spec) {
  const std::string at = report.at() + "/node_type";
  const std::string_view prefix = type_prefix(spec.product);
  if (spec.product == Product::msk && std::string_view(spec.node_type).starts_with("express."))
    return report.problem(
        at, fmt::format("{} is of MSK Express, which is not modelled: give a standard broker's type.", spec.node_type));
  if (!std::string_view(spec.node_type).starts_with(prefix) || spec.node_type.size() == prefix.size())
    return report.problem(at, fmt::format("{} is no type of {}.", spec.node_type, word_of(spec.product)));
  if (known_type(spec) || spec.node_usd_per_h > 0) return;
  std::vector<std::string_view> known;
  for (const std::string_view type : node_type_names) {
    if (type.starts_with(prefix)) known.push_back(type);
  }
  report.problem(at, fmt::format("no profile has the price of {}: give node_usd_per_h, or expected {}.", spec.node_type,
                                 fmt::join(known, " or ")));
}

/// Keys of another product do nothing here.
void warn_of_keys(service::Report& report, const Spec& spec) {
  for (const Parameter<Parameters>& row : Parameters::table()) {
    const std::size_t dot = row.key.find('.');
    const std::string_view owner = row.key.substr(0, dot);
    const std::string at = fmt::format("{}/config/{}", report.at(), row.key);
    if (owner == "managed" || owner == word_of(spec.product) || !report.given(at)) continue;
    report.warn(at, fmt::format("This is of {}: it changes nothing of {}.", owner, word_of(spec.product)));
  }
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[2] = {service_group, client_group};

constinit const ObjectSpec service_fields{"managed_service", "ElastiCache, MSK or Amazon MQ: the provider runs it",
                                          service_rows};

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  service::check_clients(report, topology, spec.clients, spec.slis);
  if (topology.has_kubernetes())
    report.problem(at + "/kind",
                   "The nodes of a service that the provider runs are on machines of the provider's, which run no pods "
                   "of this cluster: give it a topology of its own, with platform.kind 'none'.");
  if (!has_mode(spec.product, spec.mode))
    return report.problem(at + "/mode", fmt::format("{} has no mode {}.", word_of(spec.product), word_of(spec.mode)));
  check_type(report, spec);
  check_nodes(report, service);
  check_fields(report, spec);
  if (all_lead(spec) && spec.in_sync > spec.copies)
    report.problem(at + "/min_insync_replicas",
                   fmt::format("{} replicas cannot have {} in sync.", spec.copies, spec.in_sync));
  else if (all_lead(spec) && spec.in_sync == spec.copies && report.given(at + "/min_insync_replicas"))
    report.warn(at + "/min_insync_replicas",
                "With as many in sync as there are replicas, writes stop whenever one broker is away, in every "
                "maintenance too.");
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    if (can_follow(spec, spec.clients[i].follows)) continue;
    report.problem(fmt::format("{}/clients/{}/follows", at, i),
                   fmt::format("Clients of {} in mode {} cannot follow by {}.", word_of(spec.product),
                               word_of(spec.mode), follows_names[static_cast<std::size_t>(spec.clients[i].follows)]));
  }
  if (synchronises(spec) && spec.parameters.queue_sync.bytes_per_s <= 0)
    report.problem(report.place_or_owner(at, "amazon-mq.sync_rate"), "amazon-mq.sync_rate must be above 0.");
  warn_of_keys(report, spec);
}

}  // namespace nines::models::managed
