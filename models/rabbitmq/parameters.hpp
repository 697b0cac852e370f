// Settings of RabbitMQ nodes, and the timings of their code that no setting changes. Keys with the names of
// rabbitmq.conf, of advanced.config and of applications' environments are those of the servers. Values: profile
// `rabbitmq`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::rabbitmq {

// clang-format off
#define NINES_RABBITMQ_PARAMETERS(X) \
  X(Duration, net_ticktime, "net_ticktime", "Erlang nodes that hear nothing of each other for so long, up to a quarter more, take each other for down") \
  X(Count, net_ticks, "rabbitmq.net_ticks", "ticks in net_ticktime (kernel net_tickintensity): silence is noticed at a tick") \
  X(Duration, net_setuptime, "net_setuptime", "a node that tries to connect to a silent one gives up after this, and goes on to the next that it misses") \
  X(Duration, poll_interval, "raft.adaptive_failure_detector.poll_interval", "the detector of quorum queues looks so often whether other nodes have fallen silent") \
  X(Duration, heartbeat_interval, "rabbitmq.aten.heartbeat_interval", "time between two heartbeats of a node for that detector") \
  X(Ratio, scaling_factor, "rabbitmq.aten.scaling_factor", "a node has fallen silent when nothing has come for so many times the longest usual gap between heartbeats") \
  X(Duration, heartbeat_lateness, "rabbitmq.aten.lateness", "how much longer than the interval the longest usual gap is") \
  X(Duration, broadcast_time, "rabbitmq.ra.broadcast_time", "short waits before an election are once to so many times as long as the multiplier says") \
  X(Count, election_multiplier, "rabbitmq.ra.election_multiplier", "of broadcast_time: the range of short waits before an election") \
  X(Duration, queue_tick, "quorum_tick_interval", "a quorum queue's leader sends again to those that lack something so often") \
  X(Count, soft_limit, "quorum_commands_soft_limit", "messages of a channel that may wait for a quorum queue before the channel stops to read") \
  X(Count, channel_credit, "rabbitmq.channel_credit", "messages that one process of a connection may have sent to the next before it waits for credit: a channel to a classic queue, a reader to its channel") \
  X(Count, reader_credit, "rabbitmq.reader_credit", "messages that a connection still passes to a channel that has stopped to give it credit, on average") \
  X(Duration, registration_margin, "rabbitmq.registration_margin", "a channel's first publish to a quorum queue waits so much longer than net_ticktime for an answer, and is dropped then") \
  X(Count, quorum_size, "rabbitmq.quorum_cluster_size", "replicas of a quorum queue whose declaration does not say how many") \
  X(bool, resends_lost, "rabbitmq.quorum_client_resends", "a channel sends again what a partition swallowed on its way to a quorum queue; else its publisher waits until it gives up and connects anew") \
  X(Law, handling, "rabbitmq.message_handling", "a node receives a message between replicas, acts on it and sends the answer") \
  X(Law, fsync, "rabbitmq.wal_fsync", "a write to the log that all quorum queues of a node share, or of a term and a vote, until it is on the disk") \
  X(Law, teardown, "rabbitmq.connection_teardown", "from the death of a node's process until its peers see its connections closed") \
  X(Law, boot, "rabbitmq.boot", "from container start until a broker looks for its peers' tables; with little CPU in proportion longer") \
  X(Law, broker_start, "rabbitmq.broker_start", "the same of a broker that starts within a virtual machine that runs, after a pause") \
  X(Law, recovery, "rabbitmq.recovery", "from when a node's queues are recovered until its listeners open") \
  X(Duration, pause_stop, "rabbitmq.broker_stop", "a broker that pauses or restarts closes its listeners and connections; one that is told to end stops, and its replicas end after it") \
  X(Duration, ping_period, "rabbitmq.ping_period", "a node that misses others, or is paused, looks for them so often") \
  X(Duration, autoheal_timeout, "autoheal_state_transition_timeout", "a node that autoheal has stopped waits so long to be told that it may start") \
  X(Duration, table_retry, "mnesia_table_loading_retry_timeout", "a node that starts waits so long for tables of another node, or for a majority of the metadata store, before it tries again") \
  X(Count, table_retries, "mnesia_table_loading_retry_limit", "tries before it exits") \
  X(bool, khepri, "rabbitmq.khepri_by_default", "new clusters keep their metadata in Khepri") \
  X(bool, mirroring, "rabbitmq.mirrored_queues", "the server has mirrored classic queues") \
  X(bool, partition_modes, "rabbitmq.partition_handling", "the server has cluster_partition_handling") \
  X(Law, partition_repair, "rabbitmq.partition_repair", "until an operator restarts the side of a partition that he trusts less, where nothing else does") \
  X(Law, forced_boot, "rabbitmq.forced_boot", "until an operator lets a node start without the others (rabbitmqctl force_boot), where no node runs and each that starts waits for another one's tables") \
  X(Bandwidth, sync_rate, "rabbitmq.mirror_sync_rate", "a mirror takes so much of its queue per second; the queue is blocked meanwhile") \
  X(Bandwidth, stream_rate, "rabbitmq.stream.catch_up_rate", "a replica of a stream takes so much of what it lacks per second, beside what is written meanwhile") \
  X(Duration, writeback, "rabbitmq.stream.writeback", "what a stream has written is on the disk after this: a power loss takes up to so much of a replica") \
  X(Duration, residence, "rabbitmq.residence", "from when a message is sent to a consumer that keeps up until it is acknowledged") \
  X(Count, delivery_limit, "rabbitmq.delivery_limit", "deliveries of a message of a quorum queue that may fail before it is dropped or dead-lettered (x-delivery-limit), of a queue that does not say (1000000: none to speak of)") \
  X(Duration, consumer_timeout, "consumer_timeout", "a consumer that has not acknowledged a message for so long loses its channel, and from 4.3 on the message (0: never)") \
  X(Duration, channel_tick, "rabbitmq.channel_tick_interval", "a channel looks so often for that (0: the quorum queue does, at once, and no other)") \
  X(Duration, disconnected_timeout, "consumer_disconnected_timeout", "a quorum queue that has lost a consumer's node gives what the consumer holds to others after this") \
  X(Duration, drain, "rabbitmq.drain", "a node that is drained closes its listeners and hands its queues' leadership over; one that is told to end without is gone by then, if not by rabbitmq.broker_stop") \
  X(Ratio, memory_watermark, "vm_memory_high_watermark.relative", "share of the memory at which a node's alarm blocks all publishers") \
  X(Bytes, disk_free_limit, "disk_free_limit.absolute", "free space below which a node's alarm blocks all publishers") \
  X(Ratio, disk_free_relative, "disk_free_limit.relative", "the same as a multiple of the memory; an absolute limit takes precedence (0: not set)") \
  X(Bytes, operator_disk_limit, "rabbitmq.operator.disk_free_limit", "disk_free_limit.absolute as the cluster operator sets it") \
  X(Ratio, operator_reserve, "rabbitmq.operator.reserved_share", "share of its memory limit that the operator does not tell a node of") \
  X(Bytes, operator_reserve_most, "rabbitmq.operator.reserved_most", "most of it") \
  X(Bytes, memory_used, "rabbitmq.memory_used", "memory of a node without messages") \
  X(Bytes, memory_per_message, "rabbitmq.memory_per_message", "memory for each message that waits") \
  X(Duration, memory_check, "rabbitmq.memory_check_interval", "a node looks at its memory so often") \
  X(Duration, disk_check, "rabbitmq.disk_check_interval", "a node whose disk alarm is on looks at its disk so often")

#define NINES_RABBITMQ_CLIENT_PARAMETERS(X) \
  X(Duration, heartbeat, "rabbitmq.client.heartbeat", "negotiated heartbeat of the connection: a client gives a silent node up after two of them (0: never)") \
  X(Duration, recovery_interval, "rabbitmq.client.recovery_interval", "wait of a client before each attempt to connect again") \
  X(Duration, connection_timeout, "rabbitmq.client.connection_timeout", "an attempt to connect that meets silence is given up after this") \
  X(Duration, confirm_timeout, "rabbitmq.client.confirm_timeout", "a publisher that gets no confirm for so long closes its connection and connects anew (0: never)") \
  X(Duration, write_timeout, "rabbitmq.client.write_timeout", "a publisher without confirms whose connection takes nothing for so long closes it and connects anew (0: never)")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_RABBITMQ_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_RABBITMQ_CLIENT_PARAMETERS);

}  // namespace nines::models::rabbitmq
