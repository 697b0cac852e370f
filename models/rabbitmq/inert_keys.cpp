// Names: rabbitmq.conf of RabbitMQ 3.10 to 4.3 (rabbit.schema), raft.* and cluster_formation.* of its plug-ins.
#include "models/rabbitmq/inert_keys.hpp"

#include <string_view>

namespace nines::models::rabbitmq {

namespace {

using Reason = service::InertKeys::Reason;

// clang-format off
constexpr std::string_view keys_names[] = {
    "anonymous_login_pass", "anonymous_login_user", "auth_backends.1", "auth_backends.2", "background_gc_enabled",
    "background_gc_target_interval", "channel_max", "channel_max_per_node", "channel_operation_timeout",
    "channel_tick_interval", "cluster_formation.discovery_retry_interval", "cluster_formation.discovery_retry_limit",
    "cluster_formation.node_cleanup.interval", "cluster_formation.node_cleanup.only_log_warning",
    "cluster_formation.node_type", "cluster_formation.peer_discovery_backend",
    "cluster_formation.target_cluster_size_hint", "cluster_keepalive_interval", "cluster_name",
    "cluster_partition_handling", "collect_statistics", "collect_statistics_interval", "connection_max",
    "credit_flow_default_credit", "default_pass", "default_permissions.configure", "default_permissions.read",
    "default_permissions.write", "default_queue_type", "default_user", "default_user_tags.administrator",
    "default_vhost", "delegate_count", "deprecated_features.permit.classic_queue_mirroring",
    "deprecated_features.permit.global_qos", "deprecated_features.permit.management_metrics_collection",
    "deprecated_features.permit.transient_nonexcl_queues", "disk_free_limit.mem_relative",
    "disk_monitor_failure_retries", "disk_monitor_failure_retry_interval", "distribution.listener.interface",
    "distribution.listener.port_range.max", "distribution.listener.port_range.min", "erlang.K", "fhc_read_buffering",
    "fhc_write_buffering", "frame_max", "handshake_timeout", "heartbeat", "initial_frame_max",
    "kernel.inet_default_connect_options", "lazy_queue_explicit_gc_run_operation_threshold", "listeners.ssl.default",
    "listeners.tcp.default", "load_definitions", "loopback_users.guest", "max_message_size", "maximum_channel_max",
    "memory_monitor_interval", "message_store_shutdown_timeout", "metadata_store.khepri.default_timeout",
    "mirroring_flow_control", "mirroring_sync_batch_size", "mirroring_sync_max_throughput",
    "msg_store_credit_disc_bound", "msg_store_file_size_limit", "node_tags", "num_acceptors.ssl", "num_acceptors.tcp",
    "password_hashing_module", "permissions.configure", "product.name", "product.version", "proxy_protocol",
    "queue_explicit_gc_run_operation_threshold", "queue_index_embed_msgs_below", "queue_index_max_journal_entries",
    "queue_leader_locator", "queue_master_locator", "quorum_cluster_size", "quorum_queue.compute_checksums",
    "quorum_queue.continuous_membership_reconciliation.auto_remove",
    "quorum_queue.continuous_membership_reconciliation.enabled",
    "quorum_queue.continuous_membership_reconciliation.interval",
    "quorum_queue.continuous_membership_reconciliation.target_group_size", "quorum_queue.initial_cluster_size",
    "raft.data_dir", "raft.segment_max_entries", "raft.wal_compute_checksums", "raft.wal_hibernate_after",
    "raft.wal_max_batch_size", "raft.wal_max_entries", "raft.wal_max_size_bytes", "reverse_dns_lookups",
    "socket_writer.gc_threshold", "ssl_allow_poodle_attack", "ssl_handshake_timeout", "stream.initial_credits",
    "stream.read_ahead", "tcp_listen_options.backlog", "tcp_listen_options.exit_on_close",
    "tcp_listen_options.keepalive", "tcp_listen_options.linger.on", "tcp_listen_options.linger.timeout",
    "tcp_listen_options.nodelay", "tcp_listen_options.recbuf", "tcp_listen_options.sndbuf",
    "total_memory_available_override_value", "vm_memory_calculation_strategy", "vm_memory_high_watermark.absolute",
    "vm_memory_high_watermark_paging_ratio",
};
constexpr std::string_view keys_beginnings[] = {
    "auth_", "cluster_formation.", "cluster_partition_handling.", "default_policies.", "default_users.", "definitions.",
    "kernel.", "limits.", "listeners.", "log.", "loopback_users.", "management.", "message_interceptors.", "mqtt.",
    "prometheus.", "shovel.", "ssl_options.", "statistics.", "stomp.", "stream.", "tcp_listen_options.", "vhost.",
    "web_mqtt.", "web_stomp.",
};
constexpr Reason keys_reasons[] = {
    {"", "no mechanism of this model goes by it"},
    {"anonymous", "who may connect is not modelled"},
    {"auth_", "who may connect is not modelled"},
    {"channel_max", "no limit of connections and channels is reached"},
    {"channel_tick_interval", "'rabbitmq.channel_tick_interval' says it"},
    {"cluster_formation.", "pools say who the nodes are, and they know each other"},
    {"cluster_partition_handling", "the field 'cluster_partition_handling' of the service says it"},
    {"collect_", "files, ports, addresses and log messages are not modelled"},
    {"connection_max", "no limit of connections and channels is reached"},
    {"default_", "who may connect is not modelled"},
    {"default_queue_type", "each queue says its type"},
    {"definitions.", "'queues' says them"},
    {"frame_max", "frames are not modelled"},
    {"handshake_timeout", "a handshake ends in its time"},
    {"heartbeat", "the clients' own time-outs say it"},
    {"listeners.", "files, ports, addresses and log messages are not modelled"},
    {"load_definitions", "'queues' says them"},
    {"log.", "files, ports, addresses and log messages are not modelled"},
    {"loopback", "who may connect is not modelled"},
    {"management.", "files, ports, addresses and log messages are not modelled"},
    {"mirroring_", "queues copy at the rate of this model"},
    {"msg_store", "the message store is not modelled"},
    {"prometheus.", "files, ports, addresses and log messages are not modelled"},
    {"queue_leader_locator", "leaders are spread, or where 'leader' puts them"},
    {"queue_master_locator", "leaders are spread, or where 'leader' puts them"},
    {"quorum_cluster_size", "'replicas' of the queues says it"},
    {"quorum_queue.", "'replicas' of the queues says it"},
    {"raft.", "segments and batches of the log are not modelled"},
    {"ssl", "who may connect is not modelled"},
    {"tcp_listen", "files, ports, addresses and log messages are not modelled"},
    {"total_memory", "the pool's memory says it"},
    {"vm_memory", "'vm_memory_high_watermark.relative' says it"},
};
// clang-format on

}  // namespace

constinit const service::InertKeys inert_keys{keys_names, keys_beginnings, keys_reasons};

}  // namespace nines::models::rabbitmq
