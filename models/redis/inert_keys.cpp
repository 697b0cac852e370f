// Names: redis.conf and sentinel.conf of Redis 6.2 to 8 and Valkey 7.2 to 9.
#include "models/redis/inert_keys.hpp"

#include <string_view>

namespace nines::models::redis {

namespace {

using Reason = service::InertKeys::Reason;

// clang-format off
constexpr std::string_view keys_names[] = {
    "acl-pubsub-default", "aclfile", "acllog-max-len", "active-defrag-cycle-max", "active-defrag-cycle-min",
    "active-defrag-ignore-bytes", "active-defrag-max-scan-fields", "active-defrag-threshold-lower",
    "active-defrag-threshold-upper", "active-expire-effort", "activedefrag", "activerehashing", "always-show-logo",
    "announce-hostnames", "announce-ip", "announce-port", "aof-disable-auto-gc", "aof-load-truncated",
    "aof-rewrite-incremental-fsync", "aof-timestamp-enabled", "aof-use-rdb-preamble", "aof_rewrite_cpulist",
    "appenddirname", "appendfilename", "appendfsync", "appendonly", "auth-pass", "auth-user",
    "auto-aof-rewrite-min-size", "auto-aof-rewrite-percentage", "bgsave_cpulist", "bind", "bind-source-addr",
    "bio_cpulist", "busy-reply-threshold", "client-output-buffer-limit", "client-query-buffer-limit",
    "client-reconfig-script", "cluster-allow-pubsubshard-when-down", "cluster-allow-reads-when-down",
    "cluster-announce-bus-port", "cluster-announce-hostname", "cluster-announce-human-nodename", "cluster-announce-ip",
    "cluster-announce-port", "cluster-announce-tls-port", "cluster-config-file", "cluster-enabled",
    "cluster-link-sendbuf-limit", "cluster-port", "cluster-preferred-endpoint-type", "cluster-replica-no-failover",
    "crash-log-enabled", "crash-memcheck-enabled", "daemonize", "databases", "dbfilename", "deny-scripts-reconfig",
    "dir", "disable-thp", "dynamic-hz", "enable-debug-command", "enable-module-command", "enable-protected-configs",
    "hash-max-listpack-entries", "hash-max-listpack-value", "hash-max-ziplist-entries", "hash-max-ziplist-value",
    "hide-user-data-from-log", "hll-sparse-max-bytes", "hz", "ignore-warnings", "include", "io-threads",
    "io-threads-do-reads", "jemalloc-bg-thread", "known-replica", "known-sentinel", "latency-monitor-threshold",
    "latency-tracking", "latency-tracking-info-percentiles", "lazyfree-lazy-eviction", "lazyfree-lazy-expire",
    "lazyfree-lazy-server-del", "lazyfree-lazy-user-del", "lazyfree-lazy-user-flush", "leader-epoch", "lfu-decay-time",
    "lfu-log-factor", "list-compress-depth", "list-max-listpack-size", "list-max-ziplist-size", "loadmodule",
    "locale-collate", "logfile", "loglevel", "lua-time-limit", "master-reboot-down-after-period", "masterauth",
    "masteruser", "max-new-connections-per-cycle", "max-new-tls-connections-per-cycle", "maxclients",
    "maxmemory-clients", "maxmemory-eviction-tenacity", "maxmemory-policy", "maxmemory-samples", "monitor", "myid",
    "no-appendfsync-on-rewrite", "notification-script", "notify-keyspace-events", "oom-score-adj",
    "oom-score-adj-values", "pidfile", "port", "proc-title-template", "propagation-error-behavior", "protected-mode",
    "proto-max-bulk-len", "rdb-del-sync-files", "rdb-save-incremental-fsync", "rdbchecksum", "rdbcompression",
    "rename-command", "repl-backlog-ttl", "repl-disable-tcp-nodelay", "repl-diskless-load", "repl-diskless-sync",
    "repl-diskless-sync-max-replicas", "repl-diskless-sync-period", "replica-announce-ip", "replica-announce-port",
    "replica-announced", "replica-ignore-disk-write-errors", "replica-ignore-maxmemory", "replica-lazy-flush",
    "replica-priority", "replica-read-only", "replica-serve-stale-data", "replicaof", "requirepass",
    "resolve-hostnames", "sanitize-dump-payload", "save", "sentinel", "sentinel-pass", "sentinel-user",
    "server_cpulist", "set-max-intset-entries", "set-max-listpack-entries", "set-max-listpack-value", "set-proc-title",
    "shutdown-on-sigint", "shutdown-on-sigterm", "slave-priority", "slave-read-only",
    "slave-serve-stale-data", "slaveof", "slowlog-log-slower-than", "slowlog-max-len", "socket-mark-id",
    "stream-node-max-bytes", "stream-node-max-entries", "supervised", "syslog-enabled", "syslog-facility",
    "syslog-ident", "tcp-backlog", "tcp-keepalive", "timeout", "tracking-table-max-keys", "unixsocket",
    "unixsocketperm", "user", "watchdog-period", "zset-max-listpack-entries", "zset-max-listpack-value",
    "zset-max-ziplist-entries", "zset-max-ziplist-value",
};
constexpr std::string_view keys_beginnings[] = {
    "hash-", "search-", "tls-",
};
constexpr Reason keys_reasons[] = {
    {"", "no mechanism of this model goes by it"},
    {"acl", "who may connect is not modelled"},
    {"active", "memory and the time of one command are not modelled"},
    {"announce", "files, ports, addresses and log messages are not modelled"},
    {"aof", "files are read as they were written"},
    {"appendfilename", "files, ports, addresses and log messages are not modelled"},
    {"appendfsync", "the field 'persistence' of the service says it"},
    {"appendonly", "the field 'persistence' of the service says it"},
    {"auth-", "who may connect is not modelled"},
    {"auto-aof", "rewrites of the file are not modelled"},
    {"bind", "files, ports, addresses and log messages are not modelled"},
    {"client-output-buffer-limit", "'redis.replica_buffer.hard', '.soft' and '.soft_period' say what may wait for a replica"},
    {"cluster-announce", "files, ports, addresses and log messages are not modelled"},
    {"cluster-enabled", "the mode of the service says it"},
    {"cluster-replica-no-failover", "each replica may take over"},
    {"dir", "files, ports, addresses and log messages are not modelled"},
    {"hash-", "memory and the time of one command are not modelled"},
    {"hz", "'redis.server_cron' says how often a server looks at itself"},
    {"lazyfree", "memory and the time of one command are not modelled"},
    {"lfu", "memory and the time of one command are not modelled"},
    {"list-", "memory and the time of one command are not modelled"},
    {"log", "files, ports, addresses and log messages are not modelled"},
    {"masterauth", "who may connect is not modelled"},
    {"maxclients", "no limit of connections is reached"},
    {"maxmemory-policy", "the field 'eviction' of the service says it"},
    {"monitor", "pools say who the servers are"},
    {"port", "files, ports, addresses and log messages are not modelled"},
    {"protected-mode", "who may connect is not modelled"},
    {"repl-diskless-load", "a replica loads in the time of its law"},
    {"replica-announce", "files, ports, addresses and log messages are not modelled"},
    {"replica-priority", "all replicas are as good as each other"},
    {"replicaof", "pools say who the servers are"},
    {"requirepass", "who may connect is not modelled"},
    {"save", "the field 'save' of the service says it"},
    {"sentinel", "who may connect is not modelled"},
    {"set-", "memory and the time of one command are not modelled"},
    {"slave-priority", "all replicas are as good as each other"},
    {"slaveof", "pools say who the servers are"},
    {"slowlog", "files, ports, addresses and log messages are not modelled"},
    {"syslog", "files, ports, addresses and log messages are not modelled"},
    {"tls-", "who may connect is not modelled"},
    {"user", "who may connect is not modelled"},
    {"zset", "memory and the time of one command are not modelled"},
};
// clang-format on

}  // namespace

constinit const service::InertKeys inert_keys{keys_names, keys_beginnings, keys_reasons};

}  // namespace nines::models::redis
