#include "models/rabbitmq/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "models/rabbitmq/delivery.hpp"
#include "models/rabbitmq/inert_keys.hpp"
#include "models/rabbitmq/plan.hpp"
#include "models/service/clients.hpp"
#include "models/topology.hpp"

namespace nines::models::rabbitmq {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;
constexpr double most_messages_per_s = 1e7;
constexpr std::int64_t most_queues = 300;
constexpr std::size_t most_queue_rows = 100;
constexpr std::size_t most_listed = 16;

constexpr service::ParameterGroup node_group = held_by_service<&Spec::parameters>({
    .name = "rabbitmq node",
    .read_by = "nodes",
    .held_by = "the service",
    .timings = "rabbitmq.",
    .inert = &inert_keys,
});
constexpr service::ParameterGroup client_group = service::client_parameters<Spec, ClientSpec>("rabbitmq client");

constexpr FieldSpec queue_rows[] = {
    into<&QueueSpec::name>({"name", name, required, "name of the queue, or of these queues"}),
    into<&QueueSpec::type>(choice_of("type", required,
                                     "quorum; classic: on one node; mirrored: classic with mirrors, up to 3.13; "
                                     "stream",
                                     queue_type_names, "a type of queue")),
    into<&QueueSpec::count>(whole("count", optional, "number of queues like this; their leaders are spread", 1, 300)),
    into<&QueueSpec::leader>(
        whole("leader", optional, "number of the node that leads the first of them at the beginning", 0, 15)),
    into<&QueueSpec::replicas>(
        whole("replicas", optional,
              "of a quorum queue (default: 3), of a mirrored one or a stream (default: one on each node)", 1, 15)),
    into<&QueueSpec::persistent>(
        {"persistent", boolean, optional, "of a classic queue: it is durable, and its messages are persistent"}),
    into<&QueueSpec::on_failure>(choice_of("promote_on_failure", optional,
                                           "ha-promote-on-failure: whether a mirror that lacks messages becomes master",
                                           promote_names, "a rule of promotion")),
    into<&QueueSpec::on_shutdown>(choice_of("promote_on_shutdown", optional,
                                            "ha-promote-on-shutdown: the same after an orderly stop of the master",
                                            promote_names, "a rule of promotion")),
    into<&QueueSpec::sync>(choice_of("sync_mode", optional,
                                     "ha-sync-mode: whether a mirror that joins copies the queue", sync_mode_names,
                                     "a mode")),
    into<&QueueSpec::publish_per_s>(
        real("publish_per_s", required, "messages published to each queue", {0, most_messages_per_s})),
    into<&QueueSpec::consume_per_s>(real("consume_per_s", optional,
                                         "messages that consumers of each queue can take (0: as many as come)",
                                         {0, most_messages_per_s})),
    into<&QueueSpec::message_size>(above_zero({"message_size", bytes, required, "size of a message"})),
    into<&QueueSpec::delivery_limit>(whole(
        "delivery_limit", optional,
        "x-delivery-limit of a quorum queue: deliveries of a message that may fail (default: as the version has it)", 0,
        1'000'000)),
    into<&QueueSpec::dead_letter>({"dead_letter", boolean, optional,
                                   "what reaches the delivery limit is dead-lettered; otherwise it is dropped"}),
    into<&QueueSpec::single_active>({"single_active_consumer", boolean, optional,
                                     "x-single-active-consumer of a quorum queue or a classic one: one consumer gets "
                                     "everything, and the next takes "
                                     "over when the queue hears that it is gone"}),
    into<&QueueSpec::max_length>(
        above_zero({"max_length", bytes, optional,
                    "of a stream: x-max-length-bytes, what each replica keeps whoever has read it"})),
};
constexpr ObjectSpec queue_object{"rabbitmq_queue", "a queue, or queues that are alike", queue_rows, "a queue"};

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    into<&ClientSpec::endpoint>(choice_of(
        "connects", required,
        "any-ready: a Service over all ready nodes; in-turn: one node after the other; fixed: always the same node",
        endpoint_names, "a way to connect")),
    into<&ClientSpec::node>(whole("node", optional, "number of the node (fixed), or of the first (in-turn)", 0, 15)),
    into<&ClientSpec::acknowledge>(choice_of("acknowledges", optional,
                                             "as a consumer: manual, or automatic: what is sent counts as consumed",
                                             acknowledge_names, "a mode")),
    into<&ClientSpec::prefetch>(whole(
        "prefetch", optional, "basic.qos: messages that a consumer may hold unacknowledged (0: any number)", 0, 65535)),
    config_of({"config", config, optional, "how it connects again, by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"rabbitmq_client", "a place from which the service is used", client_rows,
                                   "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>(service::sli_name_row),
    into<&SliSpec::kind>(choice_of("kind", required,
                                   "publish: confirmed; accept: taken from a publisher without confirms, and perhaps "
                                   "lost; deliver; lag: what waits is consumed within most_lag_s",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::queue>({"queue", name, optional, "name of its queue or queues; default: all of the service"}),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::most_lag>(time_s("most_lag_s", optional,
                                    "of lag: how long what waits may take to be published at the queue's rate",
                                    31'536'000)),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"rabbitmq_sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::version>({"version", version, required, "minor version of the server"}),
    into<&Spec::deployment>(choice_of("deployed_by", optional,
                                      "whose defaults hold: by-hand (the server's), operator (pause_minority, a disk "
                                      "limit, checks before a pod ends), chart (Bitnami: autoheal)",
                                      deployment_names, "a way to deploy")),
    into<&Spec::handling>(
        choice_of("cluster_partition_handling", optional, "what nodes do about a partition", handling_names, "a mode")),
    into<&Spec::preferred>({"pause_if_all_down_nodes", texts, optional, "of pause_if_all_down: names of nodes"}),
    into<&Spec::recover>(choice_of("pause_if_all_down_recover", optional,
                                   "of pause_if_all_down: what follows if its nodes were on both sides", recover_names,
                                   "a mode")),
    into<&Spec::store>(
        choice_of("metadata_store", optional, "where metadata are: mnesia or khepri", store_names, "a store")),
    config_of({"config", config, optional, "settings of nodes by their names"}, parameter_groups[0]),
    into<&Spec::disk_used>({"disk_used", bytes, optional, "used on each node's volume by anything but messages"}),
    list_of<&Spec::queues>({"queues", objects, required, "queues with what is published to them"}, queue_object,
                           "queue", most_queue_rows),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the service is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

std::int64_t nodes_of(const ServiceSpec& service) {
  std::int64_t count = 0;
  for (const PoolSpec& pool : service.pools) count += pool.replicas;
  return count;
}

std::vector<std::string> node_names(std::int64_t nodes) {
  std::vector<std::string> names;
  for (std::int64_t i = 0; i < nodes; ++i) names.push_back(fmt::format("node-{}", i));
  return names;
}

/// Whether the SLI is of a consumer of the queue.
bool reads(const SliSpec& sli, const QueueSpec& queue) {
  return sli.kind == SliKind::deliver && (sli.queue.empty() || sli.queue == queue.name);
}

void check_single_active(service::Report& report, const Spec& spec, const QueueSpec& queue, const std::string& at) {
  if (!queue.single_active) return;
  if (queue.type != QueueType::quorum && queue.type != QueueType::classic)
    report.problem(
        at + "/single_active_consumer",
        "Of single active consumers those of quorum queues and of classic queues without mirrors are modelled.");
  const auto is_read = [&](const SliSpec& sli) { return reads(sli, queue); };
  if (std::none_of(spec.slis.begin(), spec.slis.end(), is_read))
    report.warn(at + "/single_active_consumer",
                "Without an SLI of kind deliver the queue has no consumer that could be active: this changes nothing.");
}

void check_queues(service::Report& report, const Spec& spec, std::int64_t nodes) {
  std::int64_t queues = 0;
  for (std::size_t i = 0; i < spec.queues.size(); ++i) {
    const QueueSpec& queue = spec.queues[i];
    const std::string at = fmt::format("{}/queues/{}", report.at(), i);
    queues += queue.count;
    if (queue.type == QueueType::mirrored && !spec.parameters.mirroring)
      report.problem(at + "/type", fmt::format("RabbitMQ {} has no mirrored queues.", spec.version));
    if (queue.leader >= nodes)
      report.problem(at + "/leader",
                     fmt::format("There is no node {}: nodes count from 0 to {}.", queue.leader, nodes - 1));
    if (queue.replicas > nodes)
      report.problem(at + "/replicas",
                     fmt::format("{} replicas need as many nodes; there are {}.", queue.replicas, nodes));
    if (queue.type == QueueType::classic && queue.replicas > 1)
      report.problem(at + "/replicas", "A classic queue without mirrors is on one node.");
    if (queue.consume_per_s > 0 && queue.publish_per_s > queue.consume_per_s)
      report.problem(at + "/publish_per_s",
                     fmt::format("More is published than the {:g} messages/s that consumers take: the queue grows "
                                 "without end, and there is no health to begin from.",
                                 queue.consume_per_s));
    if (queue.type != QueueType::quorum && (queue.delivery_limit != limit_by_version || queue.dead_letter))
      report.problem(at + (queue.dead_letter ? "/dead_letter" : "/delivery_limit"),
                     "Only a quorum queue has a delivery limit.");
    if ((queue.type == QueueType::stream) != (queue.max_length.count > 0))
      report.problem(at + (queue.type == QueueType::stream ? "" : "/max_length"),
                     queue.type == QueueType::stream
                         ? "A stream needs max_length: without retention it fills its disks."
                         : "Only a stream keeps messages that were consumed: max_length is of streams.");
    check_single_active(report, spec, queue, at);
    const std::int64_t members = queue.replicas == 0 ? spec.parameters.quorum_size : queue.replicas;
    if (queue.type == QueueType::quorum && spec.deployment == Deployment::operates && nodes > 1 && members == 1)
      report.warn(at + (queue.replicas == 0 ? "/type" : "/replicas"),
                  "A quorum queue of one member in a cluster of several nodes: before its node's pod ends, the cluster "
                  "operator's check waits for "
                  "one replica more than a majority, which there never is. The pod stays Terminating until its grace "
                  "period has passed (pod.termination_grace_period), at each roll and drain.");
    const bool has_streams = std::any_of(spec.queues.begin(), spec.queues.end(),
                                         [](const QueueSpec& other) { return other.type == QueueType::stream; });
    if (has_streams && queue.name == coordinator_name)
      report.problem(at + "/name", "The coordinator of streams has this name.");
    const bool read =
        std::any_of(spec.slis.begin(), spec.slis.end(), [&](const SliSpec& sli) { return reads(sli, queue); });
    if (queue.type == QueueType::stream && read && queue.replicas > 0 && queue.replicas < nodes)
      report.problem(
          at + "/replicas",
          "A consumer reads the replica on the node that it is connected to: a stream that is consumed needs "
          "one on each node.");
    for (std::size_t j = 0; j < i; ++j) {
      if (spec.queues[j].name == queue.name) report.problem(at + "/name", "Another queue has this name.");
    }
  }
  if (queues > most_queues)
    report.problem(report.at() + "/queues", fmt::format("At most {} queues, not {}.", most_queues, queues));
  if (spec.queues.empty()) report.problem(report.at() + "/queues", "RabbitMQ needs a queue.");
}

/// Consumers of a queue must keep up in health, each with what its prefetch lets it hold.
void check_prefetch(service::Report& report, const Spec& spec) {
  const Duration each = spec.parameters.residence;
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    if (spec.clients[i].acknowledge == Acknowledge::automatic && spec.clients[i].prefetch > 0)
      report.warn(fmt::format("{}/clients/{}/prefetch", report.at(), i),
                  "With automatic acknowledgement prefetch has no effect.");
  }
  for (std::size_t i = 0; i < spec.queues.size(); ++i) {
    const QueueSpec& queue = spec.queues[i];
    constexpr double no_limit = std::numeric_limits<double>::infinity();
    const auto consumers =
        std::count_if(spec.slis.begin(), spec.slis.end(), [&](const SliSpec& sli) { return reads(sli, queue); });
    // Of single active consumers the slowest may be the one.
    double most = consumers > 0 && !queue.single_active ? 0 : no_limit;
    for (const SliSpec& sli : spec.slis) {
      const std::size_t client = service::client_named(spec.clients, sli.client);
      if (!reads(sli, queue) || client >= spec.clients.size()) continue;
      const double share = queue.single_active ? 1 : static_cast<double>(consumers);
      const double capacity = queue.consume_per_s > 0 ? queue.consume_per_s / share : no_limit;
      const double its = delivery::pace(
          {spec.clients[client].acknowledge == Acknowledge::automatic, spec.clients[client].prefetch}, capacity, each);
      most = queue.single_active ? std::min(most, its) : most + its;
    }
    const bool by_capacity = queue.consume_per_s > 0 && queue.publish_per_s > queue.consume_per_s;
    constexpr double rounding = 1e-9;  // `most` is a sum of shares
    if (queue.publish_per_s <= most * (1 + rounding) || by_capacity) continue;
    report.problem(fmt::format("{}/queues/{}/publish_per_s", report.at(), i),
                   fmt::format("More is published than the {:g} messages/s that consumers take with their prefetch, "
                               "each held for {:g} s (rabbitmq.residence): the queue grows without end.",
                               most, each.to_seconds()));
  }
}

void check_handling(service::Report& report, const Spec& spec, std::int64_t nodes) {
  const std::string at = report.at();
  const bool given = report.given(at + "/cluster_partition_handling");
  if (given && spec.khepri && spec.handling != Handling::ignore) {
    report.warn(at + "/cluster_partition_handling",
                "With metadata in Khepri no node pauses or is restarted after a partition: this changes nothing.");
  }
  const bool by_list = spec.handling == Handling::pause_if_all_down;
  if (by_list == spec.preferred.empty()) {
    report.problem(at + (by_list ? "/cluster_partition_handling" : "/pause_if_all_down_nodes"),
                   "pause_if_all_down and pause_if_all_down_nodes need each other.");
  }
  const std::vector<std::string> names = node_names(nodes);
  for (std::size_t i = 0; i < spec.preferred.size(); ++i)
    report.check_known(fmt::format("{}/pause_if_all_down_nodes/{}", at, i), spec.preferred[i], names, "node");
  const bool pauses = !spec.khepri && spec.handling == Handling::pause_minority;
  if (pauses && nodes == 2)
    report.warn(given ? at + "/cluster_partition_handling" : at + "/pools",
                "With pause_minority each of two nodes stops when the other does: two are worse than one.");
}

}  // namespace

constinit const service::ParameterGroup parameter_groups[2] = {node_group, client_group};

constinit const ObjectSpec service_fields{"rabbitmq_service", "RabbitMQ: nodes of a cluster with their queues",
                                          service_rows};

void resolve(service::Report& report, ServiceSpec& service) {
  Spec& spec = service.own.as<Spec>();
  const Parameters& p = spec.parameters;
  spec.khepri = spec.store == Store::khepri || (spec.store == Store::by_version && p.khepri);
  if (spec.handling == Handling::by_deployment) {
    constexpr std::array<Handling, 3> defaults{Handling::ignore, Handling::pause_minority, Handling::autoheal};
    spec.handling = p.partition_modes ? defaults[static_cast<std::size_t>(spec.deployment)] : Handling::ignore;
  }
  const bool operates = spec.deployment == Deployment::operates;
  const std::string absolute = report.place_of(report.at(), "disk_free_limit.absolute");
  const std::string relative = report.place_of(report.at(), "disk_free_limit.relative");
  spec.limit_by = operates && absolute.empty() ? LimitBy::operates : LimitBy::absolute;
  if (relative.empty() || p.disk_free_relative <= 0) return;
  if (operates || !absolute.empty()) {
    report.warn(relative, fmt::format("disk_free_limit.absolute takes precedence{}: this changes nothing.",
                                      absolute.empty() ? ", and the cluster operator sets it" : ""));
    return;
  }
  spec.limit_by = LimitBy::relative;
}

void check(service::Report& report, const Topology& topology, const ServiceSpec& service) {
  const Spec& spec = spec_of(service);
  const std::string& at = report.at();
  service::check_clients(report, topology, spec.clients, spec.slis);
  const std::int64_t nodes = nodes_of(service);
  if (nodes < 1) return report.problem(at + "/pools", "RabbitMQ needs a node.");
  if (nodes > static_cast<std::int64_t>(most_listed) - 1)
    return report.problem(at + "/pools", fmt::format("At most {} nodes, not {}.", most_listed - 1, nodes));
  check_queues(report, spec, nodes);
  check_prefetch(report, spec);
  check_handling(report, spec, nodes);
  if (spec.store == Store::mnesia && !spec.parameters.partition_modes)
    report.problem(at + "/metadata_store", fmt::format("RabbitMQ {} keeps metadata in Khepri only.", spec.version));
  for (std::size_t i = 0; i < spec.clients.size(); ++i) {
    if (spec.clients[i].node >= nodes)
      report.problem(fmt::format("{}/clients/{}/node", at, i),
                     fmt::format("There is no node {}: nodes count from 0 to {}.", spec.clients[i].node, nodes - 1));
  }
  std::vector<std::string> queues;
  for (const QueueSpec& queue : spec.queues) queues.push_back(queue.name);
  for (std::size_t i = 0; i < spec.slis.size(); ++i) {
    const SliSpec& sli = spec.slis[i];
    const std::string place = fmt::format("{}/slis/{}", at, i);
    if (!sli.queue.empty()) report.check_known(place + "/queue", sli.queue, queues, "queue");
    const auto idle = [&](const QueueSpec& queue) {
      return queue.publish_per_s <= 0 && (sli.queue.empty() || sli.queue == queue.name);
    };
    if (sli.kind == SliKind::accept && std::any_of(spec.queues.begin(), spec.queues.end(), idle))
      report.problem(place + "/kind",
                     "An SLI of kind accept is of queues to which something is published (publish_per_s above 0).");
    if ((sli.kind == SliKind::lag) != (sli.most_lag > Duration()))
      report.problem(place + "/kind", "most_lag_s belongs to an SLI of kind lag, and to no other.");
  }
  const auto positive = [&](Duration value, std::string_view key) {
    if (value > Duration()) return;
    report.problem(report.place_or_owner(at, key), fmt::format("{} must be above 0.", key));
  };
  positive(spec.parameters.net_ticktime, "net_ticktime");
  positive(spec.parameters.net_setuptime, "net_setuptime");
  positive(spec.parameters.poll_interval, "raft.adaptive_failure_detector.poll_interval");
  positive(spec.parameters.ping_period, "rabbitmq.ping_period");
  positive(spec.parameters.table_retry, "mnesia_table_loading_retry_timeout");
  positive(spec.parameters.queue_tick, "quorum_tick_interval");
  positive(spec.parameters.residence, "rabbitmq.residence");
  positive(spec.parameters.writeback, "rabbitmq.stream.writeback");
  positive(spec.parameters.memory_check, "rabbitmq.memory_check_interval");
  positive(spec.parameters.disk_check, "rabbitmq.disk_check_interval");
}

}  // namespace nines::models::rabbitmq
