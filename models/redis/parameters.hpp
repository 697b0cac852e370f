// Settings of Redis servers, Sentinels and clusters, and the timings of their code that no setting changes. Keys with
// the names of redis.conf and sentinel.conf are those of the servers. Values: profile `redis`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::redis {

// clang-format off
#define NINES_REDIS_PARAMETERS(X) \
  X(Duration, down_after, "down-after-milliseconds", "a server or Sentinel that has not answered for so long is subjectively down") \
  X(Duration, failover_timeout, "failover-timeout", "a failover's steps are given up after this; the next attempt at the same master begins twice as long after the last") \
  X(Count, parallel_syncs, "parallel-syncs", "replicas that are told of a new master at a time") \
  X(Count, quorum, "redis.sentinel.quorum", "Sentinels that must take the master for down before one of them begins a failover (last argument of sentinel monitor)") \
  X(Count, sentinel_hz, "redis.sentinel.hz", "least ticks per second of a Sentinel; after each tick it draws from once to not quite twice as many") \
  X(Duration, ping_period, "redis.sentinel.ping_period", "time between two pings to a server or Sentinel, if down-after is not shorter") \
  X(Duration, info_period, "redis.sentinel.info_period", "time between two INFO commands to a server") \
  X(Duration, watch_period, "redis.sentinel.watch_period", "the same, to replicas while their master is objectively down or they have lost it") \
  X(Duration, hello_period, "redis.sentinel.hello_period", "time between two announcements of a Sentinel; four of them without news must pass before a server that says it is master is made a replica") \
  X(Duration, ask_period, "redis.sentinel.ask_period", "time between two questions to another Sentinel about a master that is down") \
  X(Duration, sentinel_election_timeout, "redis.sentinel.election_timeout", "a Sentinel that is not elected gives up after this, or after failover-timeout if that is shorter") \
  X(Duration, desync, "redis.sentinel.desync", "most that is added at random to the beginning of a failover from which its time-outs count") \
  X(Duration, reconf_timeout, "redis.sentinel.reconf_timeout", "a replica that does not show its new master after this is taken as told") \
  X(Duration, min_link_age, "redis.sentinel.min_link_age", "a Sentinel closes a connection without answers only if it is older than this") \
  X(Duration, tilt_trigger, "redis.sentinel.tilt_trigger", "two ticks further apart than this put a Sentinel into TILT: it looks on and does nothing") \
  X(Duration, tilt_period, "redis.sentinel.tilt_period", "how long TILT lasts") \
  X(Duration, hand_over_wait, "redis.sentinel.hand_over_wait", "stops: hands-over: a master's pod that is to end waits so long at most until Sentinels have replaced it") \
  X(Duration, hand_over_poll, "redis.sentinel.hand_over_poll", "it asks a Sentinel so often whether they have") \
  X(Count, min_replicas, "min-replicas-to-write", "a master refuses writes while fewer replicas than this acknowledge (0: never)") \
  X(Duration, max_lag, "min-replicas-max-lag", "a replica counts for min-replicas-to-write if its last acknowledgement is no older than this") \
  X(Duration, repl_timeout, "repl-timeout", "a replica that hears nothing of its master for so long takes the link for down") \
  X(Duration, repl_ping_period, "repl-ping-replica-period", "time between two pings of a master to its replicas; in a cluster it is added to the age at which a replica may still stand for election") \
  X(Bytes, backlog, "repl-backlog-size", "what a master keeps of its stream for replicas that come back: if they lack more, they get everything") \
  X(Duration, diskless_delay, "repl-diskless-sync-delay", "a master waits so long for further replicas before it sends everything") \
  X(Bytes, buffer_hard, "redis.replica_buffer.hard", "client-output-buffer-limit replica: a replica for which more than this waits is cut off") \
  X(Bytes, buffer_soft, "redis.replica_buffer.soft", "the same, if it is more than this for redis.replica_buffer.soft_period") \
  X(Duration, buffer_soft_period, "redis.replica_buffer.soft_period", "third number of client-output-buffer-limit replica") \
  X(Duration, cron_period, "redis.replication.cron_period", "servers look after replication so often: a replica acknowledges, and tries again to connect") \
  X(Count, handshake_trips, "redis.replication.handshake_trips", "round trips before a replica is connected: TCP, its REPLCONF, PSYNC") \
  X(Duration, replication_delay, "redis.replication.delay", "from a write's answer until the replica has it, beside half a round trip") \
  X(Duration, server_cron, "redis.server_cron", "a server looks so often whether it was told to end (SIGTERM), and whether its replicas have everything then") \
  X(Duration, shutdown_timeout, "shutdown-timeout", "a master that was told to end takes no more writes and waits so long at most until its replicas have everything (0: it ends at once)") \
  X(Duration, save_interval, "redis.save_interval", "time between two snapshots (RDB) under the service's load: the save point that is met first") \
  X(bool, stop_writes, "stop-writes-on-bgsave-error", "a server whose last snapshot failed refuses writes (-MISCONF) until one succeeds") \
  X(Duration, save_retry, "redis.bgsave_retry_delay", "after a snapshot that failed the next is tried so much later") \
  X(Duration, fsync_interval, "redis.aof_fsync_interval", "appendfsync everysec: age of the oldest write that is not on the disk") \
  X(Duration, postpone, "redis.aof_postpone", "appendfsync everysec: writes go on for so long while an fsync does not end; then the server stands still until it has") \
  X(Bytes, max_memory, "maxmemory", "most that data may take in a server's memory (0: no limit)") \
  X(Bytes, memory_limit, "redis.memory_limit", "memory limit of a server's container: the kernel kills one that takes more (0: none)") \
  X(Bytes, copied_per_write, "redis.copied_per_write", "memory that the kernel copies for a write while a child of the server sends or saves its data") \
  X(Duration, fork_pause, "redis.fork_pause", "a server that forks stands still so long for each GiB of its data") \
  X(Law, start, "redis.start", "from container start until a server begins to load its data, or a Sentinel to act") \
  X(Bandwidth, load_rate, "redis.load_rate", "data that a server loads per second, from its disk or its master's snapshot; bytes of memory") \
  X(Bandwidth, serialise_rate, "redis.serialise_rate", "data that a master serialises per second for a replica; bytes of memory") \
  X(Law, relabel, "redis.relabel", "from when another server is master until whoever keeps the label for clients (an operator, a side-car) has moved it and endpoints follow") \
  X(Law, readmit, "redis.readmit", "addresses that change with pods: from when a server or Sentinel is back under another address until an operator or a person has seen to whom that leaves without it") \
  X(Duration, node_timeout, "cluster-node-timeout", "a cluster node that does not answer a ping for so long may have failed (PFAIL)") \
  X(bool, full_coverage, "cluster-require-full-coverage", "the whole cluster refuses requests while any slot has no master") \
  X(Count, validity_factor, "cluster-replica-validity-factor", "a replica whose link has been down for more than so many node time-outs does not stand for election (0: it always does)") \
  X(bool, migrates, "cluster-allow-replica-migration", "a replica of the master that has most goes over to a master that has none left") \
  X(Count, migration_barrier, "cluster-migration-barrier", "it does so only if more working replicas than this are with its master") \
  X(Duration, migration_delay, "redis.cluster.migration_delay", "and once that master has had none for so long") \
  X(Duration, cluster_cron, "redis.cluster.cron_period", "a cluster node looks at the others so often") \
  X(Duration, election_fixed, "redis.cluster.election_delay", "fixed part of the wait of a replica before it stands for election") \
  X(Duration, election_random, "redis.cluster.election_jitter", "most that is added to it at random") \
  X(Duration, manual_failover_timeout, "redis.cluster.manual_failover_timeout", "a replica that is to take over has so long to get what its master has") \
  X(Duration, rank_delay, "redis.cluster.rank_delay", "that much more for each replica of the same master that has more of its data") \
  X(bool, scaled_delay, "redis.cluster.delay_by_timeout", "both parts of the wait are at most the thirtieth of the node time-out (Valkey 9)") \
  X(Duration, writable_delay, "redis.cluster.writable_delay", "a master that has started serves no sooner than this")

#define NINES_REDIS_CLIENT_PARAMETERS(X) \
  X(Duration, attempt_timeout, "redis.client.command_timeout", "a client gives an attempt up after this without an answer") \
  X(Duration, retry_wait, "redis.client.retry_wait", "wait before the next attempt") \
  X(Duration, retry_most, "redis.client.retry_most", "the wait before the next attempt doubles with each that fails, up to this; no longer than redis.client.retry_wait: it stays the same") \
  X(Duration, refresh_period, "redis.client.refresh_period", "refresh periodic: time between two refreshes of what a client of a cluster knows of it") \
  X(Count, refresh_reconnects, "redis.client.refresh_reconnects", "refresh adaptive: from this attempt to connect anew on each asks for a refresh") \
  X(Duration, refresh_interval, "redis.client.refresh_least_interval", "refresh adaptive: after a refresh was asked for none is for so long, whatever came of it") \
  X(Duration, reconnect_most, "redis.client.reconnect_most", "discovery cluster, unless refresh on-failure: longest wait between two attempts to connect anew; the first is 1 ms, and each doubles") \
  X(Duration, connect_timeout, "redis.client.connect_timeout", "discovery cluster, unless refresh on-failure: an attempt to connect that meets silence has failed after this, and a refresh waits so long for nodes that are silent") \
  X(bool, validates_membership, "redis.client.validates_membership", "the same: MOVED to an address that the client's map does not have is refused (validateClusterNodeMembership)") \
  X(Duration, silent_link, "redis.client.silent_link_timeout", "the same: a connection over which nothing comes any more is given up after this, and then made anew") \
  X(Duration, dns_ttl, "redis.client.dns_ttl", "discovery dns: a client goes by an answer for so long") \
  X(Law, restart, "redis.client.restart", "a client that cannot find by itself who would serve it: until people have restarted it")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_REDIS_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_REDIS_CLIENT_PARAMETERS);

}  // namespace nines::models::redis
