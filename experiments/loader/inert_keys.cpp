// Names: Apache Kafka documentation, generated configuration tables of 3.6 to 4.1 (apache/kafka-site 36 to 41), and
// keys that the sources define without documenting them.
#include "experiments/loader/inert_keys.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace nines::loader {

namespace {

// clang-format off
constexpr std::string_view broker_keys[] = {
    "add.partitions.to.txn.retry.backoff.max.ms", "add.partitions.to.txn.retry.backoff.ms", "advertised.listeners",
    "alter.config.policy.class.name", "alter.log.dirs.replication.quota.window.num",
    "alter.log.dirs.replication.quota.window.size.seconds", "authorizer.class.name", "auto.create.topics.enable",
    "auto.include.jmx.reporter", "background.threads", "broker.id", "broker.id.generation.enable", "broker.rack",
    "client.quota.callback.class", "compression.gzip.level", "compression.lz4.level", "compression.type",
    "compression.zstd.level", "config.providers", "connection.failed.authentication.delay.ms",
    "connections.max.idle.ms", "connections.max.reauth.ms", "control.plane.listener.name",
    "controlled.shutdown.max.retries", "controlled.shutdown.retry.backoff.ms", "controller.listener.names",
    "controller.performance.always.log.threshold.ms", "controller.performance.sample.period.ms",
    "controller.quorum.auto.join.enable", "controller.quorum.bootstrap.servers", "controller.quorum.voters",
    "controller.quota.window.num", "controller.quota.window.size.seconds", "controller.socket.timeout.ms",
    "create.topic.policy.class.name", "default.replication.factor", "delegation.token.expiry.check.interval.ms",
    "delegation.token.expiry.time.ms", "delegation.token.master.key", "delegation.token.max.lifetime.ms",
    "delegation.token.secret.key", "delete.records.purgatory.purge.interval.requests", "delete.topic.enable",
    "early.start.listeners", "eligible.leader.replicas.enable", "fetch.max.bytes",
    "fetch.purgatory.purge.interval.requests", "group.consumer.assignors", "group.consumer.heartbeat.interval.ms",
    "group.consumer.max.heartbeat.interval.ms", "group.consumer.max.session.timeout.ms", "group.consumer.max.size",
    "group.consumer.migration.policy", "group.consumer.min.heartbeat.interval.ms",
    "group.consumer.min.session.timeout.ms", "group.consumer.regex.refresh.interval.ms",
    "group.consumer.session.timeout.ms", "group.coordinator.append.linger.ms", "group.coordinator.new.enable",
    "group.coordinator.rebalance.protocols", "group.coordinator.threads", "group.initial.rebalance.delay.ms",
    "group.max.session.timeout.ms", "group.max.size", "group.min.session.timeout.ms", "group.share.assignors",
    "group.share.delivery.count.limit", "group.share.enable", "group.share.heartbeat.interval.ms",
    "group.share.max.groups", "group.share.max.heartbeat.interval.ms", "group.share.max.record.lock.duration.ms",
    "group.share.max.session.timeout.ms", "group.share.max.share.sessions", "group.share.max.size",
    "group.share.min.heartbeat.interval.ms", "group.share.min.record.lock.duration.ms",
    "group.share.min.session.timeout.ms", "group.share.partition.max.record.locks", "group.share.persister.class.name",
    "group.share.record.lock.duration.ms", "group.share.session.timeout.ms", "group.streams.heartbeat.interval.ms",
    "group.streams.max.heartbeat.interval.ms", "group.streams.max.session.timeout.ms", "group.streams.max.size",
    "group.streams.max.standby.replicas", "group.streams.min.heartbeat.interval.ms",
    "group.streams.min.session.timeout.ms", "group.streams.num.standby.replicas", "group.streams.session.timeout.ms",
    "inter.broker.listener.name", "inter.broker.protocol.version", "kafka.metrics.polling.interval.secs",
    "kafka.metrics.reporters", "leader.imbalance.per.broker.percentage", "listener.security.protocol.map", "listeners",
    "log.cleaner.backoff.ms", "log.cleaner.dedupe.buffer.size", "log.cleaner.delete.retention.ms", "log.cleaner.enable",
    "log.cleaner.io.buffer.load.factor", "log.cleaner.io.buffer.size", "log.cleaner.io.max.bytes.per.second",
    "log.cleaner.max.compaction.lag.ms", "log.cleaner.min.cleanable.ratio", "log.cleaner.min.compaction.lag.ms",
    "log.cleaner.threads", "log.cleanup.policy", "log.dir", "log.dir.failure.timeout.ms", "log.dirs",
    "log.flush.interval.messages", "log.flush.interval.ms", "log.flush.scheduler.interval.ms",
    "log.flush.start.offset.checkpoint.interval.ms", "log.index.interval.bytes", "log.index.size.max.bytes",
    "log.initial.task.delay.ms", "log.local.retention.bytes", "log.local.retention.ms",
    "log.message.downconversion.enable", "log.message.format.version", "log.message.timestamp.after.max.ms",
    "log.message.timestamp.before.max.ms", "log.message.timestamp.difference.max.ms", "log.message.timestamp.type",
    "log.preallocate", "log.retention.bytes", "log.retention.check.interval.ms", "log.retention.hours",
    "log.retention.minutes", "log.retention.ms", "log.roll.hours", "log.roll.jitter.hours", "log.roll.jitter.ms",
    "log.roll.ms", "log.segment.delete.delay.ms", "max.connection.creation.rate", "max.connections",
    "max.connections.per.ip", "max.connections.per.ip.overrides", "max.incremental.fetch.session.cache.slots",
    "max.request.partition.size.limit", "message.max.bytes", "metadata.log.dir",
    "metadata.log.max.record.bytes.between.snapshots", "metadata.log.max.snapshot.interval.ms",
    "metadata.log.segment.bytes", "metadata.log.segment.ms", "metadata.max.retention.bytes",
    "metadata.max.retention.ms", "metric.reporters", "metrics.num.samples", "metrics.recording.level",
    "metrics.sample.window.ms", "node.id", "num.io.threads", "num.network.threads", "num.partitions",
    "num.replica.alter.log.dirs.threads", "offset.metadata.max.bytes", "offsets.commit.required.acks",
    "offsets.commit.timeout.ms", "offsets.load.buffer.size", "offsets.retention.check.interval.ms",
    "offsets.retention.minutes", "offsets.topic.compression.codec", "offsets.topic.segment.bytes",
    "password.encoder.cipher.algorithm", "password.encoder.iterations", "password.encoder.key.length",
    "password.encoder.keyfactory.algorithm", "password.encoder.old.secret", "password.encoder.secret",
    "principal.builder.class", "process.roles", "producer.id.expiration.ms",
    "producer.purgatory.purge.interval.requests", "queued.max.request.bytes", "queued.max.requests", "quota.window.num",
    "quota.window.size.seconds", "remote.fetch.max.wait.ms", "remote.list.offsets.request.timeout.ms",
    "remote.log.index.file.cache.total.size.bytes", "remote.log.manager.copier.thread.pool.size",
    "remote.log.manager.copy.max.bytes.per.second", "remote.log.manager.copy.quota.window.num",
    "remote.log.manager.copy.quota.window.size.seconds", "remote.log.manager.expiration.thread.pool.size",
    "remote.log.manager.fetch.max.bytes.per.second", "remote.log.manager.fetch.quota.window.num",
    "remote.log.manager.fetch.quota.window.size.seconds", "remote.log.manager.follower.thread.pool.size",
    "remote.log.manager.task.interval.ms", "remote.log.manager.thread.pool.size",
    "remote.log.metadata.custom.metadata.max.bytes", "remote.log.metadata.manager.class.name",
    "remote.log.metadata.manager.class.path", "remote.log.metadata.manager.impl.prefix",
    "remote.log.metadata.manager.listener.name", "remote.log.reader.max.pending.tasks", "remote.log.reader.threads",
    "remote.log.storage.manager.class.name", "remote.log.storage.manager.class.path",
    "remote.log.storage.manager.impl.prefix", "remote.log.storage.system.enable",
    "replica.alter.log.dirs.io.max.bytes.per.second", "replica.fetch.max.bytes", "replica.fetch.min.bytes",
    "replica.fetch.response.max.bytes", "replica.high.watermark.checkpoint.interval.ms", "replica.selector.class",
    "replica.socket.receive.buffer.bytes", "replication.quota.window.num", "replication.quota.window.size.seconds",
    "reserved.broker.max.id", "sasl.client.callback.handler.class", "sasl.enabled.mechanisms", "sasl.jaas.config",
    "sasl.kerberos.kinit.cmd", "sasl.kerberos.min.time.before.relogin", "sasl.kerberos.principal.to.local.rules",
    "sasl.kerberos.service.name", "sasl.kerberos.ticket.renew.jitter", "sasl.kerberos.ticket.renew.window.factor",
    "sasl.login.callback.handler.class", "sasl.login.class", "sasl.login.connect.timeout.ms",
    "sasl.login.read.timeout.ms", "sasl.login.refresh.buffer.seconds", "sasl.login.refresh.min.period.seconds",
    "sasl.login.refresh.window.factor", "sasl.login.refresh.window.jitter", "sasl.login.retry.backoff.max.ms",
    "sasl.login.retry.backoff.ms", "sasl.mechanism.controller.protocol", "sasl.mechanism.inter.broker.protocol",
    "sasl.oauthbearer.assertion.algorithm", "sasl.oauthbearer.assertion.claim.aud",
    "sasl.oauthbearer.assertion.claim.exp.seconds", "sasl.oauthbearer.assertion.claim.iss",
    "sasl.oauthbearer.assertion.claim.jti.include", "sasl.oauthbearer.assertion.claim.nbf.seconds",
    "sasl.oauthbearer.assertion.claim.sub", "sasl.oauthbearer.assertion.file",
    "sasl.oauthbearer.assertion.private.key.file", "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.template.file", "sasl.oauthbearer.client.credentials.client.id",
    "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.clock.skew.seconds",
    "sasl.oauthbearer.expected.audience", "sasl.oauthbearer.expected.issuer", "sasl.oauthbearer.header.urlencode",
    "sasl.oauthbearer.jwks.endpoint.refresh.ms", "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", "sasl.oauthbearer.jwks.endpoint.url",
    "sasl.oauthbearer.jwt.retriever.class", "sasl.oauthbearer.jwt.validator.class", "sasl.oauthbearer.scope",
    "sasl.oauthbearer.scope.claim.name", "sasl.oauthbearer.sub.claim.name", "sasl.oauthbearer.token.endpoint.url",
    "sasl.server.callback.handler.class", "sasl.server.max.receive.size", "security.inter.broker.protocol",
    "security.providers", "share.coordinator.append.linger.ms", "share.coordinator.cold.partition.snapshot.interval.ms",
    "share.coordinator.load.buffer.size", "share.coordinator.snapshot.update.records.per.snapshot",
    "share.coordinator.state.topic.compression.codec", "share.coordinator.state.topic.min.isr",
    "share.coordinator.state.topic.num.partitions", "share.coordinator.state.topic.prune.interval.ms",
    "share.coordinator.state.topic.replication.factor", "share.coordinator.state.topic.segment.bytes",
    "share.coordinator.threads", "share.coordinator.write.timeout.ms", "share.fetch.purgatory.purge.interval.requests",
    "socket.connection.setup.timeout.max.ms", "socket.connection.setup.timeout.ms", "socket.listen.backlog.size",
    "socket.receive.buffer.bytes", "socket.request.max.bytes", "socket.send.buffer.bytes", "ssl.allow.dn.changes",
    "ssl.allow.san.changes", "ssl.cipher.suites", "ssl.client.auth", "ssl.enabled.protocols",
    "ssl.endpoint.identification.algorithm", "ssl.engine.factory.class", "ssl.key.password", "ssl.keymanager.algorithm",
    "ssl.keystore.certificate.chain", "ssl.keystore.key", "ssl.keystore.location", "ssl.keystore.password",
    "ssl.keystore.type", "ssl.principal.mapping.rules", "ssl.protocol", "ssl.provider",
    "ssl.secure.random.implementation", "ssl.trustmanager.algorithm", "ssl.truststore.certificates",
    "ssl.truststore.location", "ssl.truststore.password", "ssl.truststore.type", "telemetry.max.bytes",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms", "transaction.max.timeout.ms",
    "transaction.partition.verification.enable", "transaction.remove.expired.transaction.cleanup.interval.ms",
    "transaction.state.log.load.buffer.size", "transaction.state.log.min.isr", "transaction.state.log.num.partitions",
    "transaction.state.log.replication.factor", "transaction.state.log.segment.bytes",
    "transaction.two.phase.commit.enable", "transactional.id.expiration.ms", "unclean.leader.election.interval.ms",
    "zookeeper.clientCnxnSocket", "zookeeper.connect", "zookeeper.connection.timeout.ms",
    "zookeeper.max.in.flight.requests", "zookeeper.metadata.migration.enable", "zookeeper.session.timeout.ms",
    "zookeeper.set.acl", "zookeeper.ssl.cipher.suites", "zookeeper.ssl.client.enable", "zookeeper.ssl.crl.enable",
    "zookeeper.ssl.enabled.protocols", "zookeeper.ssl.endpoint.identification.algorithm",
    "zookeeper.ssl.keystore.location", "zookeeper.ssl.keystore.password", "zookeeper.ssl.keystore.type",
    "zookeeper.ssl.ocsp.enable", "zookeeper.ssl.protocol", "zookeeper.ssl.truststore.location",
    "zookeeper.ssl.truststore.password", "zookeeper.ssl.truststore.type",
};

constexpr std::string_view topic_keys[] = {
    "cleanup.policy", "compression.gzip.level", "compression.lz4.level", "compression.type", "compression.zstd.level",
    "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms", "index.interval.bytes",
    "local.retention.bytes", "local.retention.ms", "max.compaction.lag.ms", "max.message.bytes",
    "message.downconversion.enable", "message.format.version", "message.timestamp.after.max.ms",
    "message.timestamp.before.max.ms", "message.timestamp.difference.max.ms", "message.timestamp.type",
    "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "preallocate", "remote.log.copy.disable",
    "remote.log.delete.on.disable", "remote.storage.enable", "retention.bytes", "retention.ms", "segment.bytes",
    "segment.index.bytes", "segment.jitter.ms", "segment.ms",
};

constexpr std::string_view client_keys[] = {
    "acks", "allow.auto.create.topics", "auto.commit.interval.ms", "auto.include.jmx.reporter", "auto.offset.reset",
    "batch.size", "bootstrap.servers", "check.crcs", "client.dns.lookup", "client.id", "client.rack",
    "compression.gzip.level", "compression.lz4.level", "compression.type", "compression.zstd.level", "config.providers",
    "connections.max.idle.ms", "default.api.timeout.ms", "enable.auto.commit", "enable.idempotence",
    "enable.metrics.push", "exclude.internal.topics", "fetch.max.bytes", "fetch.max.wait.ms", "fetch.min.bytes",
    "group.id", "group.instance.id", "group.protocol", "group.remote.assignor", "heartbeat.interval.ms",
    "interceptor.classes", "isolation.level", "key.deserializer", "key.serializer", "max.partition.fetch.bytes",
    "max.poll.interval.ms", "max.poll.records", "max.request.size", "metadata.max.idle.ms",
    "metadata.recovery.rebootstrap.trigger.ms", "metadata.recovery.strategy", "metric.reporters", "metrics.num.samples",
    "metrics.recording.level", "metrics.sample.window.ms", "partition.assignment.strategy",
    "partitioner.adaptive.partitioning.enable", "partitioner.availability.timeout.ms", "partitioner.class",
    "partitioner.ignore.keys", "receive.buffer.bytes", "reconnect.backoff.max.ms", "reconnect.backoff.ms", "retries",
    "sasl.client.callback.handler.class", "sasl.jaas.config", "sasl.kerberos.kinit.cmd",
    "sasl.kerberos.min.time.before.relogin", "sasl.kerberos.service.name", "sasl.kerberos.ticket.renew.jitter",
    "sasl.kerberos.ticket.renew.window.factor", "sasl.login.callback.handler.class", "sasl.login.class",
    "sasl.login.connect.timeout.ms", "sasl.login.read.timeout.ms", "sasl.login.refresh.buffer.seconds",
    "sasl.login.refresh.min.period.seconds", "sasl.login.refresh.window.factor", "sasl.login.refresh.window.jitter",
    "sasl.login.retry.backoff.max.ms", "sasl.login.retry.backoff.ms", "sasl.mechanism",
    "sasl.oauthbearer.assertion.algorithm", "sasl.oauthbearer.assertion.claim.aud",
    "sasl.oauthbearer.assertion.claim.exp.seconds", "sasl.oauthbearer.assertion.claim.iss",
    "sasl.oauthbearer.assertion.claim.jti.include", "sasl.oauthbearer.assertion.claim.nbf.seconds",
    "sasl.oauthbearer.assertion.claim.sub", "sasl.oauthbearer.assertion.file",
    "sasl.oauthbearer.assertion.private.key.file", "sasl.oauthbearer.assertion.private.key.passphrase",
    "sasl.oauthbearer.assertion.template.file", "sasl.oauthbearer.client.credentials.client.id",
    "sasl.oauthbearer.client.credentials.client.secret", "sasl.oauthbearer.clock.skew.seconds",
    "sasl.oauthbearer.expected.audience", "sasl.oauthbearer.expected.issuer", "sasl.oauthbearer.header.urlencode",
    "sasl.oauthbearer.jwks.endpoint.refresh.ms", "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", "sasl.oauthbearer.jwks.endpoint.url",
    "sasl.oauthbearer.jwt.retriever.class", "sasl.oauthbearer.jwt.validator.class", "sasl.oauthbearer.scope",
    "sasl.oauthbearer.scope.claim.name", "sasl.oauthbearer.sub.claim.name", "sasl.oauthbearer.token.endpoint.url",
    "security.protocol", "security.providers", "send.buffer.bytes", "session.timeout.ms", "share.acknowledgement.mode",
    "socket.connection.setup.timeout.max.ms", "socket.connection.setup.timeout.ms", "ssl.cipher.suites",
    "ssl.enabled.protocols", "ssl.endpoint.identification.algorithm", "ssl.engine.factory.class", "ssl.key.password",
    "ssl.keymanager.algorithm", "ssl.keystore.certificate.chain", "ssl.keystore.key", "ssl.keystore.location",
    "ssl.keystore.password", "ssl.keystore.type", "ssl.protocol", "ssl.provider", "ssl.secure.random.implementation",
    "ssl.trustmanager.algorithm", "ssl.truststore.certificates", "ssl.truststore.location", "ssl.truststore.password",
    "ssl.truststore.type", "transaction.timeout.ms", "transaction.two.phase.commit.enable", "transactional.id",
    "value.deserializer", "value.serializer",
};
// clang-format on

/// Beginnings of keys whose rest is free.
constexpr std::string_view open_beginnings[] = {"listener.name.", "config.providers.", "rsm.config.", "rlmm.config.",
                                                "cruise.control."};

/// Why the keys that begin so change nothing. The longest beginning that fits counts.
struct Reason {
  std::string_view beginning;
  std::string_view text;
};

constexpr std::string_view placement = "every topic here states its own partitions and replication factor";
constexpr std::string_view retention = "what retention keeps of a topic is its 'stored_per_partition'";
constexpr std::string_view sizes = "load is fluid here: requests and batches have no size of their own";
constexpr std::string_view compression = "records are as large as 'record_size' says, compressed or not";
constexpr std::string_view request_path =
    "threads, queues, buffers and connections of the request path are not modelled";
constexpr std::string_view security = "authentication, encryption and authorisation are not modelled";
constexpr std::string_view addresses = "names, places, roles and addresses come from pools and node groups";
constexpr std::string_view directories = "a broker has one volume, its pool's 'storage'";
constexpr std::string_view groups = "groups of consumers, their commits and rebalances are not modelled";
constexpr std::string_view transactions = "transactions and idempotent producers are not modelled";
constexpr std::string_view tiered = "tiered storage is not modelled";
constexpr std::string_view quotas =
    "quotas are not modelled; catch-up is limited by ....replication.throttled.rate and "
    "the topics' lists of throttled replicas";
constexpr std::string_view metrics = "metrics are not modelled";
constexpr std::string_view zookeeper = "the cluster runs KRaft, where nothing reads settings of ZooKeeper's time";
constexpr std::string_view metadata_log = "segments and snapshots of the metadata log are not modelled";
constexpr std::string_view by_version = "behaviour follows the field 'version'";
constexpr std::string_view flushing =
    "written records reach the disk as the kernel writes them back (linux.writeback.age), never by Kafka's own "
    "flushes; "
    "with these a power loss loses less than the figures say";
constexpr std::string_view deletion = "topics and records are never deleted here";
constexpr std::string_view leaders_only = "consumers read from leaders only";
constexpr std::string_view no_mechanism = "no mechanism that it sets is modelled";

constexpr Reason broker_reasons[] = {
    {"", no_mechanism},
    {"add.partitions.to.txn.", transactions},
    {"advertised.", addresses},
    {"alter.config.policy.", security},
    {"alter.log.dirs.", directories},
    {"authorizer.", security},
    {"auto.create.topics.", placement},
    {"auto.include.jmx.", metrics},
    {"background.threads", request_path},
    {"broker.id", addresses},
    {"broker.rack", "'rack_aware' and the zones of the pools' machines say it"},
    {"client.quota.", quotas},
    {"compression.", compression},
    {"config.providers", "values are read as they stand"},
    {"connection", request_path},
    {"connection.failed.", security},
    {"connections.max.reauth.", security},
    {"control.plane.", zookeeper},
    {"controlled.shutdown.",
     "in KRaft a broker asks for its stop by heartbeats, which are repeated by their own clock"},
    {"controller.listener.", addresses},
    {"controller.performance.", metrics},
    {"controller.quorum.auto.join.", "the voters are the controllers of the pools"},
    {"controller.quorum.bootstrap.", addresses},
    {"controller.quorum.voters", addresses},
    {"controller.quota.", quotas},
    {"controller.socket.timeout.", "in KRaft the controller sends nothing to brokers: they fetch"},
    {"create.topic.policy.", placement},
    {"cruise.control.", metrics},
    {"default.replication.factor", placement},
    {"delegation.token.", security},
    {"delete.", deletion},
    {"delete.records.", request_path},
    {"early.start.listeners", addresses},
    {"eligible.leader.replicas.enable",
     "whether eligible leader replicas are kept follows from 'version'; set kafka.eligible_leader_replicas under "
     "/overrides"},
    {"fetch.", sizes},
    {"group.", groups},
    {"group.share.", "share groups are not modelled"},
    {"group.streams.", groups},
    {"inter.broker.listener.", addresses},
    {"inter.broker.protocol.", by_version},
    {"kafka.metrics.", metrics},
    {"leader.imbalance.per.broker.", "KRaft's check moves every leader back, whatever the share"},
    {"listener", addresses},
    {"log.cleaner.", retention},
    {"log.cleanup.", retention},
    {"log.dir", directories},
    {"log.flush.", flushing},
    {"log.index.", sizes},
    {"log.initial.task.", retention},
    {"log.local.", tiered},
    {"log.message.", sizes},
    {"log.message.format.", by_version},
    {"log.preallocate", sizes},
    {"log.retention.", retention},
    {"log.roll.", "segments are rolled by size alone (log.segment.bytes)"},
    {"log.segment.delete.", retention},
    {"max.connection", request_path},
    {"max.incremental.fetch.", request_path},
    {"max.request.partition.", sizes},
    {"message.max.", sizes},
    {"metadata.log.", metadata_log},
    {"metadata.max.", metadata_log},
    {"metric", metrics},
    {"node.id", addresses},
    {"num.io.", request_path},
    {"num.network.", request_path},
    {"num.partitions", placement},
    {"num.replica.alter.", directories},
    {"offset", groups},
    {"password.", security},
    {"principal.", security},
    {"process.roles", "the roles of a pool say it"},
    {"producer.id.", transactions},
    {"producer.purgatory.", request_path},
    {"queued.", request_path},
    {"quota.", quotas},
    {"remote.", tiered},
    {"replica.alter.", directories},
    {"replica.fetch.", sizes},
    {"replica.high.watermark.", "the high watermark is not lost with its checkpoint"},
    {"replica.selector.", leaders_only},
    {"replica.socket.receive.", request_path},
    {"replication.quota.", quotas},
    {"reserved.broker.", addresses},
    {"rlmm.", tiered},
    {"rsm.", tiered},
    {"sasl.", security},
    {"security.", security},
    {"share.", "share groups are not modelled"},
    {"socket.", request_path},
    {"ssl.", security},
    {"telemetry.", metrics},
    {"transaction", transactions},
    {"unclean.leader.election.interval.", "an unclean election comes with the fencing that leaves no other leader"},
    {"zookeeper.", zookeeper},
};

constexpr Reason topic_reasons[] = {
    {"", no_mechanism},
    {"cleanup.", retention},
    {"compression.", compression},
    {"delete.retention.", retention},
    {"file.delete.", retention},
    {"flush.", flushing},
    {"index.", sizes},
    {"local.", tiered},
    {"max.compaction.", retention},
    {"max.message.", sizes},
    {"message.", sizes},
    {"message.format.", by_version},
    {"min.c", retention},
    {"preallocate", sizes},
    {"remote.", tiered},
    {"retention.", retention},
    {"segment.", "segments are rolled by size alone, the brokers' log.segment.bytes"},
};

constexpr Reason client_reasons[] = {
    {"", no_mechanism},
    {"acks", "'acks_one_share' of a topic's load says how much is produced with acks=1, the rest is with acks=all"},
    {"allow.auto.", placement},
    {"auto.", groups},
    {"auto.include.jmx.", metrics},
    {"batch.size", sizes},
    {"bootstrap.", "a client knows all brokers"},
    {"check.crcs", sizes},
    {"client.dns.", "name resolution is not modelled"},
    {"client.id", addresses},
    {"client.rack", leaders_only},
    {"compression.", compression},
    {"config.providers", "values are read as they stand"},
    {"connections.", request_path},
    {"default.api.timeout.", groups},
    {"enable.auto.", groups},
    {"enable.idempotence", transactions},
    {"enable.metrics.", metrics},
    {"exclude.internal.", groups},
    {"fetch.", sizes},
    {"group.", groups},
    {"heartbeat.", groups},
    {"interceptor.", sizes},
    {"isolation.", transactions},
    {"key.", sizes},
    {"max.partition.fetch.", sizes},
    {"max.poll.", groups},
    {"max.request.", sizes},
    {"metadata.max.idle.", "a producer never forgets its topics"},
    {"metadata.recovery.", "a client knows all brokers"},
    {"metric", metrics},
    {"partition", "a topic's load is spread evenly over its partitions"},
    {"partition.assignment.", groups},
    {"receive.", request_path},
    {"reconnect.",
     "waits between connection attempts are not modelled: retry.backoff.ms and kafka.client_disconnect_notice "
     "set when a client asks again"},
    {"retries", "a client retries until delivery.timeout.ms"},
    {"sasl.", security},
    {"security.", security},
    {"send.", request_path},
    {"session.", groups},
    {"share.", "share groups are not modelled"},
    {"socket.", request_path},
    {"ssl.", security},
    {"transaction", transactions},
    {"value.", sizes},
};

std::span<const Reason> reasons_of(KeyOwner owner) {
  switch (owner) {
    case KeyOwner::broker: return broker_reasons;
    case KeyOwner::topic: return topic_reasons;
    case KeyOwner::client: break;
  }
  return client_reasons;
}

bool is_inert(KeyOwner owner, std::string_view key) {
  const std::span<const std::string_view> keys = inert_keys(owner);
  if (std::binary_search(keys.begin(), keys.end(), key)) return true;
  const std::span<const std::string_view> open = inert_beginnings(owner);
  return std::any_of(open.begin(), open.end(), [&](std::string_view beginning) {
    return key.starts_with(beginning) && key.size() > beginning.size();
  });
}

}  // namespace

std::span<const std::string_view> inert_keys(KeyOwner owner) {
  switch (owner) {
    case KeyOwner::broker: return broker_keys;
    case KeyOwner::topic: return topic_keys;
    case KeyOwner::client: break;
  }
  return client_keys;
}

std::span<const std::string_view> inert_beginnings(KeyOwner owner) {
  const std::span<const std::string_view> all = open_beginnings;
  return owner == KeyOwner::topic ? all.first(0) : all;
}

std::string_view inert_reason(KeyOwner owner, std::string_view key) {
  if (!is_inert(owner, key)) return {};
  const Reason* best = nullptr;
  for (const Reason& reason : reasons_of(owner)) {
    const bool longer = best == nullptr || reason.beginning.size() > best->beginning.size();
    if (longer && key.starts_with(reason.beginning)) best = &reason;
  }
  return best->text;
}

bool take_inert(const Value& member, KeyOwner owner, std::string_view key) {
  const std::string_view reason = inert_reason(owner, key);
  if (reason.empty()) return false;
  if (member.json().is_structured() || member.json().is_null())
    member.expected("a string, a number, true or false");
  else
    member.warn_key(fmt::format(
        "Kafka reads this key, but it changes nothing in this model: {}. Remove it to be rid of this.", reason));
  return true;
}

std::vector<FieldSpec> with_inert(std::span<const FieldSpec> fields, KeyOwner owner) {
  std::vector<FieldSpec> all(fields.begin(), fields.end());
  for (const std::string_view key : inert_keys(owner)) all.push_back({key, Shape::ignored, false, "not read"});
  return all;
}

}  // namespace nines::loader
