#include "models/kafka/fields.hpp"

#include "models/kafka/checks.hpp"
#include "models/kafka/inert_keys.hpp"
#include "models/kafka/plan.hpp"
#include "models/kafka/zk/names.hpp"

namespace nines::models::kafka {

namespace {

using namespace service::rows;
using service::FieldSpec;
using service::held_by_elements;
using service::held_by_service;
using service::ObjectSpec;
using enum service::Shape;

constexpr bool required = true;
constexpr bool optional = false;

/// What a topic does is looked at topic by topic; those that are alike can be one with the partitions of all.
constexpr std::size_t most_topics = 1'000;
constexpr double most_records_per_s = 1e9;
constexpr double most_fanout = 1'000;
constexpr std::int64_t most_min_isr = 1'000;

// ---- parameters ---------------------------------------------------------------------------------------------------

constexpr service::ParameterGroup broker_group = held_by_service<&Spec::parameters>({
    .name = "kafka broker",
    .read_by = "brokers",
    .held_by = "the service",
    .timings = "kafka.",
    .inert = &inert_broker_keys,
    .reads = &reads_parameter,
});
constexpr service::ParameterGroup client_group =
    held_by_elements<&Spec::clients, &ClientSpec::name, &ClientSpec::parameters>({
        .name = "kafka client",
        .read_by = "clients",
        .held_by = "a client",
        .timings = "kafka.",
        .inert = &inert_client_keys,
        .list = "clients",
    });

constexpr service::ParameterGroup cruise_control_group = held_by_service<&Spec::cruise>({
    .name = "Cruise Control",
    .read_by = "Cruise Control",
    .held_by = "the service",
    .inert = &inert_cruise_control_keys,
    .reads =
        [](const ServiceSpec& service, std::string_view key) {
          const Spec& spec = spec_of(service);
          // Where these two are not set, others count instead (`resolve`), and they are no assumptions.
          if (key == "broker.failure.detection.interval.ms" && spec.cruise.detection_interval <= Duration())
            return false;
          if (key == "self.healing.broker.failure.enabled" && !spec.cruise.heals) return false;
          return spec.cruise_control;
        },
});

// ---- fields -------------------------------------------------------------------------------------------------------

constexpr FieldSpec load_rows[] = {
    into<&TopicSpec::records_per_s>(
        real("records_per_s", required, "records produced per second to the whole topic", {0, most_records_per_s})),
    into<&TopicSpec::record_size>(above_zero({"record_size", bytes, required, "size of a record"})),
    into<&TopicSpec::acks_one_share>(
        part("acks_one_share", required, "share of records produced with acks=1; the rest with acks=all")),
    into<&TopicSpec::consumer_fanout>(real("consumer_fanout", required, "times each record is read", {0, most_fanout})),
};
constexpr ObjectSpec load_object{"load", "traffic of a topic", load_rows, "a topic's load"};

constexpr FieldSpec topic_config_rows[] = {
    // 0, where the topic does not say: resolved when the broker's value is known.
    into<&TopicSpec::min_insync_replicas>(
        whole("min.insync.replicas", optional, "replicas that must be in sync for acks=all", 1, most_min_isr)),
    into<&TopicSpec::unclean_leader_election>({"unclean.leader.election.enable", boolean, optional,
                                               "a replica outside the ISR may lead when no other can; loses records"}),
    into<&TopicSpec::throttled_followers, &ThrottledReplicas::text>(
        {"follower.replication.throttled.replicas", text, optional,
         "replicas whose catch-up follower.replication.throttled.rate limits: \"*\" or \"partition:broker, ...\" "
         "with the number in the broker's name; without it none"}),
    into<&TopicSpec::throttled_leaders, &ThrottledReplicas::text>(
        {"leader.replication.throttled.replicas", text, optional,
         "replicas that leader.replication.throttled.rate limits as leaders of others that catch up: \"*\" or "
         "\"partition:broker, ...\"; without it none"}),
};
constexpr ObjectSpec topic_config_object{"topic_config", "topic configuration", topic_config_rows,
                                         "a topic's configuration", &inert_topic_keys};

constexpr FieldSpec topic_rows[] = {
    into<&TopicSpec::name>({"name", name, required, "name of the topic"}),
    into<&TopicSpec::partitions>(whole("partitions", required, "number of partitions", 1, most_partitions)),
    into<&TopicSpec::replication_factor>(whole("replication_factor", required, "replicas of each partition", 1,
                                               static_cast<std::int64_t>(replica_limit))),
    same_struct<TopicSpec>({"config", object, optional, "topic configuration by its own keys"}, topic_config_object),
    same_struct<TopicSpec>({"load", object, required, "traffic of the whole topic"}, load_object),
    into<&TopicSpec::stored_per_partition>(
        {"stored_per_partition", bytes, required,
         "what retention keeps: a fresh replica has to copy it, and it is what can be lost"}),
};
constexpr ObjectSpec topic_object{"topic", "a topic", topic_rows, "a topic"};

constexpr FieldSpec client_rows[] = {
    into<&ClientSpec::name>(service::client_name_row),
    into<&ClientSpec::place>(service::client_place_row),
    config_of({"config", config, optional, "client configuration by its own keys"}, parameter_groups[1]),
};
constexpr ObjectSpec client_object{"client", "a place from which the service is used", client_rows, "a client"};

constexpr FieldSpec sli_rows[] = {
    into<&SliSpec::name>({"name", name, required, "name of the SLI; one of its kinds, or any with 'kind'"}),
    into<&SliSpec::kind>(choice_of("kind", optional,
                                   "write: acks=all; write-acks1; read; visible: to a consumer (default: the name)",
                                   sli_kind_names, "a kind of SLI")),
    into<&SliSpec::client>(service::sli_client_row),
    into<&SliSpec::scope>(choice_of("scope", required, "partitions that must work: all, any, or a share of them",
                                    sli_scope_names, "a scope")),
    into<&SliSpec::share>(
        real("share", optional, "with scope share: part of the partitions, in (0, 1)", {0, 1, true, true})),
    into<&SliSpec::deadline>(service::sli_deadline_row),
    into<&SliSpec::sla>(service::sla_row),
};
constexpr ObjectSpec sli_object{"sli", "a condition over time as a client sees it", sli_rows, "an SLI"};

constexpr FieldSpec service_rows[] = {
    into<&Spec::version>({"version", version, required, "minor version of the server"}),
    config_of({"config", config, optional, "server configuration by its own keys"}, parameter_groups[0]),
    into<&Spec::store>({zk::names::field, name, optional,
                        "the service that holds the metadata, up to 3.9: then brokers take turns as the controller, "
                        "and no pool has the role; left out: KRaft"}),
    config_of(
        {"cruise_control", config, optional,
         "Cruise Control's configuration by its own keys; with neither a key nor self_healing_notifier there is none. "
         "Of what it does, the healing of brokers that are gone is modelled"},
        parameter_groups[2]),
    into<&Spec::notifier_heals>({"self_healing_notifier", boolean, optional,
                                 "anomaly.notifier.class is SelfHealingNotifier; by default it is NoopNotifier, which "
                                 "never heals"}),
    into<&Spec::rack_aware>({"rack_aware", boolean, required, "replicas of a partition are spread over zones"}),
    list_of<&Spec::topics>({"topics", objects, required, "topics with their load"}, topic_object, "topic", most_topics),
    list_of<&Spec::clients>({"clients", objects, required, "places from which the service is used"}, client_object,
                            "client", service::most_clients),
    list_of<&Spec::slis>({"slis", objects, required, "what is measured"}, sli_object, "SLI", service::most_slis),
};
static_assert(service::describes<Spec>(service_rows));

}  // namespace

constinit const service::ParameterGroup parameter_groups[3] = {broker_group, client_group, cruise_control_group};

constinit const ObjectSpec service_fields{"kafka_service", "a Kafka cluster", service_rows};

}  // namespace nines::models::kafka
