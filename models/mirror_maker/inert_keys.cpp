// Names: MirrorMaker 2 and Connect of Kafka 3.6 to 4.2 (MirrorConnectorConfig and its descendants, DistributedConfig,
// WorkerConfig).
#include "models/mirror_maker/inert_keys.hpp"

#include <string_view>

namespace nines::models::mirror_maker {

namespace {

using Reason = service::InertKeys::Reason;

// clang-format off
constexpr std::string_view keys_names[] = {
    "acls.enabled", "admin.timeout.ms", "bootstrap.servers", "checkpoints.topic.replication.factor", "client.id",
    "clusters", "config.properties.blacklist", "config.properties.exclude", "config.property.filter.class",
    "config.providers", "config.storage.replication.factor", "config.storage.topic", "connect.bootstrap.servers",
    "connect.client.id", "connect.config.providers", "connect.config.storage.replication.factor",
    "connect.config.storage.topic", "connect.connections.max.idle.ms",
    "connect.connector.client.config.override.policy", "connect.exactly.once.source.support", "connect.group.id",
    "connect.header.converter", "connect.inter.worker.key.generation.algorithm", "connect.inter.worker.key.ttl.ms",
    "connect.inter.worker.signature.algorithm", "connect.inter.worker.verification.algorithms", "connect.key.converter",
    "connect.listeners", "connect.metadata.max.age.ms", "connect.offset.flush.timeout.ms",
    "connect.offset.storage.partitions", "connect.offset.storage.replication.factor", "connect.offset.storage.topic",
    "connect.plugin.discovery", "connect.plugin.path", "connect.protocol", "connect.reconnect.backoff.max.ms",
    "connect.reconnect.backoff.ms", "connect.request.timeout.ms", "connect.rest.advertised.host.name",
    "connect.rest.advertised.listener", "connect.rest.advertised.port", "connect.rest.host.name", "connect.rest.port",
    "connect.retry.backoff.ms", "connect.security.protocol", "connect.status.storage.partitions",
    "connect.status.storage.replication.factor", "connect.status.storage.topic",
    "connect.task.shutdown.graceful.timeout.ms", "connect.topic.creation.enable", "connect.value.converter",
    "connect.worker.sync.timeout.ms", "connect.worker.unsync.backoff.ms", "connector.class",
    "consumer.auto.offset.reset", "consumer.poll.timeout.ms", "consumer.request.timeout.ms",
    "dedicated.mode.enable.internal.rest", "emit.checkpoints.enabled", "emit.heartbeats.enabled",
    "emit.heartbeats.interval.seconds", "emit.offset-syncs.enabled", "enable.idempotence", "enabled",
    "exactly.once.source.support", "exactly.once.support", "forwarding.admin.class", "group.filter.class", "group.id",
    "groups", "groups.blacklist", "groups.exclude", "header.converter", "heartbeats.replication.policy.separator",
    "heartbeats.topic.replication.factor", "key.converter", "listeners", "metric.reporters", "metrics.num.samples",
    "name", "offset-syncs.topic.location", "offset-syncs.topic.replication.factor", "offset.flush.timeout.ms",
    "offset.lag.max", "offset.storage.partitions", "offset.storage.replication.factor", "offset.storage.topic",
    "offset.translate.epochs", "plugin.discovery", "plugin.path", "provenance.headers", "refresh.groups.enabled",
    "refresh.groups.interval.seconds", "refresh.topics.enabled", "refresh.topics.interval.seconds",
    "replication.factor", "replication.policy.class", "replication.policy.internal.topic.separator.enabled",
    "replication.policy.separator", "rest.advertised.host.name", "rest.advertised.listener", "rest.advertised.port",
    "source.cluster.alias", "status.storage.partitions", "status.storage.replication.factor", "status.storage.topic",
    "sync.group.offsets.enabled", "sync.topic.acls.enabled", "sync.topic.acls.interval.seconds",
    "sync.topic.configs.enabled", "sync.topic.configs.interval.seconds", "target.cluster.alias", "task.assigned.groups",
    "task.assigned.partitions", "task.shutdown.graceful.timeout.ms", "tasks.max", "topic.creation.default.partitions",
    "topic.creation.default.replication.factor", "topic.creation.enable", "topic.filter.class",
    "topic.tracking.allow.reset", "topic.tracking.refresh", "topics", "topics.blacklist", "topics.exclude",
    "topics.regex", "transforms", "use.defaults.from", "use.incremental.alter.configs", "value.converter",
    "worker.sync.timeout.ms", "worker.unsync.backoff.ms",
};
constexpr std::string_view keys_beginnings[] = {
    "admin.", "connect.admin.", "connect.consumer.", "connect.producer.", "connect.sasl.", "connect.ssl.", "consumer.",
    "header.converter.", "key.converter.", "producer.", "sasl.", "security.", "source.", "ssl.", "target.",
    "transforms.", "value.converter.",
};
constexpr Reason keys_reasons[] = {
    {"", "no mechanism of this model goes by it"},
    {"acls", "who may connect is not modelled"},
    {"admin.", "clients have the timings of 'source_client' and 'target_client'"},
    {"bootstrap", "'source' and 'target' say where"},
    {"config.", "Connect's own topics, and those of MirrorMaker, are not modelled"},
    {"connect.", "of Connect its group and what it notes of its work are modelled"},
    {"connector.class", "workers run the source connector; 'checkpoint_connector' says whether there is the other"},
    {"consumer.", "clients have the timings of 'source_client' and 'target_client'"},
    {"emit.checkpoints.enabled", "'checkpoint_connector' says it"},
    {"emit.heartbeats", "heartbeats are no records of clients"},
    {"exactly.once", "a record that is copied twice counts as copied"},
    {"group.", "all groups are copied, or none"},
    {"groups", "all groups are copied, or none"},
    {"heartbeats.", "Connect's own topics, and those of MirrorMaker, are not modelled"},
    {"offset-syncs", "Connect's own topics, and those of MirrorMaker, are not modelled"},
    {"offset.lag.max", "positions are translated exactly"},
    {"offset.s", "Connect's own topics, and those of MirrorMaker, are not modelled"},
    {"producer.", "clients have the timings of 'source_client' and 'target_client'"},
    {"refresh.", "no topic, partition or group is new"},
    {"replication.policy.", "the target has the topic under the same name or as source.topic, and 'topics' says which"},
    {"sasl.", "who may connect is not modelled"},
    {"security.", "who may connect is not modelled"},
    {"source.", "'source' and 'target' say where"},
    {"ssl.", "who may connect is not modelled"},
    {"sync.group.offsets.enabled", "'sync_group_offsets' says it"},
    {"sync.topic.", "who may read, and the settings of copies, are not modelled"},
    {"target.", "'source' and 'target' say where"},
    {"tasks.max", "'tasks_max' says it"},
    {"topic.", "the target has the topic under the same name or as source.topic, and 'topics' says which"},
    {"topics", "the target has the topic under the same name or as source.topic, and 'topics' says which"},
};
// clang-format on

}  // namespace

constinit const service::InertKeys inert_keys{keys_names, keys_beginnings, keys_reasons};

}  // namespace nines::models::mirror_maker
