// Kafka's own configuration keys, and the timings of its code that no key sets. Keys with a Kafka name are those of the
// server or client configuration. Values by version: profile `kafka`, after the Kafka fact sheet, sections 1 to 6.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::kafka {

// clang-format off
#define NINES_KAFKA_BROKER_PARAMETERS(X) \
  X(Duration, heartbeat_interval, "broker.heartbeat.interval.ms", "wait of a broker between a heartbeat's answer and the next heartbeat") \
  X(Duration, session_timeout, "broker.session.timeout.ms", "silence after which the controller fences a broker") \
  X(Duration, registration_timeout, "initial.broker.registration.timeout.ms", "a broker that could not register for this long exits") \
  X(Duration, quorum_fetch_timeout, "controller.quorum.fetch.timeout.ms", "silence of the leader after which a voter stands for election") \
  X(Duration, quorum_election_timeout, "controller.quorum.election.timeout.ms", "a candidate waits between once and twice this long for votes") \
  X(Duration, quorum_election_backoff_max, "controller.quorum.election.backoff.max.ms", "longest wait before a lost election is repeated") \
  X(Duration, quorum_append_linger, "controller.quorum.append.linger.ms", "the controller collects records this long before it appends them") \
  X(Duration, quorum_request_timeout, "controller.quorum.request.timeout.ms", "time-out of requests between voters, and of brokers' metadata fetches") \
  X(Duration, quorum_retry_backoff, "controller.quorum.retry.backoff.ms", "wait before a failed quorum request is sent again") \
  X(Duration, metadata_idle_interval, "metadata.max.idle.interval.ms", "the active controller appends a no-op record at least this often") \
  X(Duration, replica_lag_time_max, "replica.lag.time.max.ms", "a follower that has not caught up for this long leaves the ISR") \
  X(Duration, replica_fetch_backoff, "replica.fetch.backoff.ms", "wait before a failed follower fetch is repeated") \
  X(Duration, replica_fetch_wait_max, "replica.fetch.wait.max.ms", "a leader without new records answers a follower's fetch after this long") \
  X(Duration, replica_socket_timeout, "replica.socket.timeout.ms", "a follower gives a fetch that its leader does not answer up after this long") \
  X(Count, replica_fetchers, "num.replica.fetchers", "fetch threads of a follower per source broker") \
  X(Count, min_insync_replicas, "min.insync.replicas", "replicas that must be in sync for acks=all, where the topic does not say") \
  X(bool, unclean_leader_election, "unclean.leader.election.enable", "a replica outside the ISR may lead when no other can; loses records") \
  X(bool, auto_leader_rebalance, "auto.leader.rebalance.enable", "leadership returns to preferred replicas") \
  X(Duration, leader_imbalance_interval, "leader.imbalance.check.interval.seconds", "period of the preferred-leader check") \
  X(bool, controlled_shutdown, "controlled.shutdown.enable", "a stopping broker hands its leaderships over first") \
  X(Count, recovery_threads, "num.recovery.threads.per.data.dir", "threads that check logs after an unclean stop and flush them in an orderly one, per directory") \
  X(Bytes, segment_bytes, "log.segment.bytes", "size of a log segment; half a segment per partition is re-read after an unclean stop") \
  X(Duration, flush_checkpoint_interval, "log.flush.offset.checkpoint.interval.ms", "period of the recovery-point checkpoint") \
  X(Bandwidth, follower_throttle, "follower.replication.throttled.rate", "limit of the catch-up traffic into a broker, for replicas on the topics' lists; 0 means unlimited") \
  X(Bandwidth, leader_throttle, "leader.replication.throttled.rate", "limit of the catch-up traffic out of a broker, for replicas on the topics' lists; 0 means unlimited") \
  X(Count, offsets_partitions, "offsets.topic.num.partitions", "partitions of __consumer_offsets") \
  X(Count, offsets_replication, "offsets.topic.replication.factor", "replicas of each partition of __consumer_offsets") \
  X(Count, fence_check_divisor, "kafka.fence_check_divisor", "stale sessions are looked for every session time-out / this; 0: exactly at expiry (before 4.0)") \
  X(Duration, fence_gap, "kafka.fence_gap", "the next stale broker is fenced this long after the previous one") \
  X(bool, pre_vote, "kafka.pre_vote", "voters ask for pre-votes before they raise the epoch (KIP-996, 4.0)") \
  X(bool, resign_without_quorum, "kafka.resign_without_quorum", "a leader that hears no majority for 1.5 fetch time-outs resigns (KAFKA-15489, 3.7)") \
  X(bool, watermark_waits_for_fetch, "kafka.watermark_waits_for_fetch", "brokers see a committed record only with the answer to their next metadata fetch (until KIP-1166, 4.1)") \
  X(bool, strict_min_isr, "kafka.strict_min_isr", "the high watermark stands still below min.insync.replicas (KAFKA-15583, 3.7)") \
  X(bool, eligible_leader_replicas, "kafka.eligible_leader_replicas", "the controller keeps an ELR set (KIP-966)") \
  X(bool, rebalance_periodic, "kafka.rebalance_periodic", "the preferred-leader check runs periodically (4.0) instead of once, one interval after an imbalance began") \
  X(bool, new_leader_in_error, "kafka.new_leader_in_error", "NOT_LEADER answers carry the new leader (KIP-951, 3.7)") \
  X(Duration, heartbeat_retry_backoff, "kafka.heartbeat_retry_backoff", "first wait after a failed heartbeat or registration, doubled each time up to the session time-out") \
  X(Ratio, heartbeat_retry_jitter, "kafka.heartbeat_retry_jitter", "relative spread of those waits") \
  X(Duration, shutdown_poll, "kafka.shutdown_poll", "second poll of a controlled shutdown; later ones come at the heartbeat interval") \
  X(Law, fsync, "kafka.fsync", "durable write of a few hundred bytes on the metadata volume") \
  X(Law, quorum_handling, "kafka.quorum_handling", "from the arrival of a message between voters until its receiver has handled it") \
  X(Law, vote_write, "kafka.vote_write", "a voter writes its vote to its quorum state file, beside the durable write itself") \
  X(Law, activation, "kafka.activation", "from the election of a controller until it acts, beside durable writes and round trips") \
  X(Duration, timer_skew, "kafka.timer_skew", "standard deviation of the lateness of a voter's timer") \
  X(Law, process_start, "kafka.process_start", "from container start until the process registers (JVM, plug-ins)") \
  X(Law, metadata_catch_up, "kafka.metadata_catch_up", "from registration until the broker has replayed the metadata log") \
  X(Law, metadata_apply, "kafka.metadata_apply", "from the answer that shows a decision to a broker until the broker has acted on it") \
  X(Law, first_leadership, "kafka.first_leadership", "the same of the first leadership of a broker after its start, in addition: its code is still cold") \
  X(Law, fetcher_start, "kafka.fetcher_start", "from a broker's action on a decision until its fetchers have been changed after it") \
  X(Law, fetcher_connect, "kafka.fetcher_connect", "first connection of a new fetcher, in addition") \
  X(Law, log_load, "kafka.log_load", "start of a broker's logs beside what each log and segment costs: directories and checkpoints") \
  X(Duration, log_open, "kafka.log_open", "opening of one log at the start of a broker, beside its segments") \
  X(Duration, segment_load, "kafka.segment_load", "opening of one segment at the start of a broker; threads do not speed it up") \
  X(Duration, segment_recovery, "kafka.segment_recovery", "after an unclean stop, one segment that is read again, beside its bytes: indexes, producer state") \
  X(Law, clean_close, "kafka.clean_close", "orderly end of a broker beside what each log costs") \
  X(Duration, log_close, "kafka.log_close", "flush and close of one log in an orderly stop") \
  X(Duration, shutdown_timeout, "kafka.shutdown_timeout", "a stopping broker waits this long for the controller's consent, then closes its logs and exits") \
  X(Bandwidth, crc_scan_rate, "kafka.crc_scan_rate", "bytes that one thread checks per second in log recovery; the disk may be slower") \
  X(Bandwidth, fetcher_rate, "kafka.fetcher_rate", "throughput of one replica fetch thread") \
  X(Duration, replication_latency, "kafka.replication_latency", "age of the newest record on a follower in step with its leader") \
  X(Bandwidth, reassignment_throttle, "kafka.reassignment_throttle", "limit within which people move replicas to other brokers, into and out of each (kafka-reassign-partitions --throttle); 0 means unlimited") \
  X(bool, reassignment_awaits_all, "kafka.reassignment_awaits_all", "a move ends only when all replicas that stay are in sync, not only the new one (KAFKA-15665, 3.8)") \
  X(Duration, zk_session_timeout, "zookeeper.session.timeout.ms", "session time-out that a broker asks ZooKeeper for: a broker that is silent is taken for dead after it") \
  X(Duration, zk_connection_timeout, "zookeeper.connection.timeout.ms", "a broker that starts and gets no session within this exits") \
  X(Duration, controller_socket_timeout, "controller.socket.timeout.ms", "with ZooKeeper: a connection between the controller and a broker that nobody answers is given up after this") \
  X(Count, controlled_shutdown_tries, "controlled.shutdown.max.retries", "with ZooKeeper: a stopping broker asks the controller so often, then exits all the same") \
  X(Duration, controlled_shutdown_backoff, "controlled.shutdown.retry.backoff.ms", "with ZooKeeper: wait before it asks again") \
  X(Count, leader_imbalance_percentage, "leader.imbalance.per.broker.percentage", "with ZooKeeper: leaders return to a broker when more than this share of the partitions that it should lead is led by others") \
  X(Duration, zk_partition_read, "kafka.zookeeper.partition_read", "a controller reads the state of one partition from ZooKeeper, among many") \
  X(Duration, zk_partition_write, "kafka.zookeeper.partition_write", "it writes the state of one partition, among many") \
  X(Law, zk_reaction, "kafka.zookeeper.reaction", "from a change in ZooKeeper until the controller's thread in a broker acts on it, beside the way") \
  X(Law, zk_controller_start, "kafka.zookeeper.controller_start", "a new controller registers its watches and reads brokers and topics, beside what each partition takes") \
  X(Duration, zk_request_timeout, "kafka.zookeeper.request_timeout", "a request of the controller to a broker, or of a broker to it, that is not answered is given up after this (request.timeout.ms of the broker)") \
  X(Duration, zk_request_backoff, "kafka.zookeeper.request_backoff", "wait before a failed request of the controller to a broker is sent again") \
  X(Duration, zk_rebalance_delay, "kafka.zookeeper.rebalance_delay", "first look of a new controller at the preferred leaders") \
  X(Ratio, zk_read_share, "kafka.zookeeper.client_read_share", "of its session time-out, after which a broker gives up a ZooKeeper server that does not answer; half as long without a request makes it ping") \
  X(Duration, zk_cleanup, "kafka.zookeeper.client_cleanup", "wait of a broker between the end of a connection to ZooKeeper and its next step") \
  X(Duration, zk_reconnect_spread, "kafka.zookeeper.client_reconnect_spread", "before it connects again a broker waits from 0 to this, evenly") \
  X(Duration, zk_round_wait, "kafka.zookeeper.client_round_wait", "further wait when it comes back to the server that it was connected to last")

// Keys of Cruise Control.
#define NINES_CRUISE_CONTROL_PARAMETERS(X) \
  X(bool, heals_all, "self.healing.enabled", "Cruise Control heals what it finds, where nothing else is said of it") \
  X(bool, heals, "self.healing.broker.failure.enabled", "replicas of brokers that are gone are moved to others; unless set as self.healing.enabled") \
  X(Duration, detection_interval_of_all, "anomaly.detection.interval.ms", "Cruise Control looks so often for what is wrong, where nothing else is said of it") \
  X(Duration, detection_interval, "broker.failure.detection.interval.ms", "it looks so often which brokers live; unless set as anomaly.detection.interval.ms") \
  X(Duration, alert_threshold, "broker.failure.alert.threshold.ms", "people are told of a broker that has been gone for so long") \
  X(Duration, healing_threshold, "broker.failure.self.healing.threshold.ms", "its replicas are moved when it has been gone for so long") \
  X(Count, most_failed, "fixable.failed.broker.count.threshold", "with more brokers gone nothing is moved") \
  X(Ratio, most_failed_share, "fixable.failed.broker.percentage.threshold", "with a larger share of brokers gone, of those that live and those, nothing is moved") \
  X(bool, spares_removed, "self.healing.exclude.recently.removed.brokers", "a broker that was emptied lately gets no replica") \
  X(Duration, removal_memory, "removal.history.retention.time.ms", "how long lately is") \
  X(Count, broker_movements, "num.concurrent.partition.movements.per.broker", "partitions that it moves into a broker, and out of one, at a time") \
  X(Count, cluster_movements, "max.num.cluster.partition.movements", "partitions that it moves at a time") \
  X(Duration, progress_check, "execution.progress.check.interval.ms", "it looks so often whether a partition has been moved, and begins with others then") \
  X(Bandwidth, throttle, "default.replication.throttle", "limit within which it moves replicas, into and out of each broker; 0 means unlimited")

#define NINES_KAFKA_CLIENT_PARAMETERS(X) \
  X(Duration, request_timeout, "request.timeout.ms", "a client gives an unanswered request up after this long") \
  X(Duration, delivery_timeout, "delivery.timeout.ms", "a record not acknowledged for this long is reported as failed") \
  X(Duration, max_block, "max.block.ms", "send() blocks this long on a full buffer, then fails") \
  X(Bytes, buffer_memory, "buffer.memory", "unsent records a producer can hold") \
  X(Duration, retry_backoff, "retry.backoff.ms", "first wait before a failed request is repeated") \
  X(Duration, retry_backoff_max, "retry.backoff.max.ms", "longest such wait; waits double up to it") \
  X(Ratio, retry_jitter, "kafka.client_retry_jitter", "relative spread of those waits") \
  X(Duration, linger, "linger.ms", "a producer waits this long for more records before it sends a batch") \
  X(Count, max_in_flight, "max.in.flight.requests.per.connection", "requests that a producer sends to one broker without an answer") \
  X(Law, disconnect_notice, "kafka.client_disconnect_notice", "from a closed connection until a client asks for metadata") \
  X(Law, redirect, "kafka.client_redirect", "from a broker's step down until a client writes to the leader that the refusal names (KIP-951)") \
  X(Law, metadata_answer, "kafka.client_metadata_answer", "from a metadata request that can go out until the client writes to the leader that the answer names") \
  X(Duration, metadata_max_age, "metadata.max.age.ms", "a client refreshes its view of leaders at least this often")
// clang-format on

NINES_PARAMETER_GROUP(BrokerParameters, NINES_KAFKA_BROKER_PARAMETERS);
NINES_PARAMETER_GROUP(CruiseControlParameters, NINES_CRUISE_CONTROL_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_KAFKA_CLIENT_PARAMETERS);

}  // namespace nines::models::kafka
