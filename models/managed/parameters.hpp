// How services that the provider runs fail over, and what they cost. What a provider does inside is not published: each
// phase is a law. Values: profile `managed`.
#pragma once

#include "models/parameter_table.hpp"

namespace nines::models::managed {

// clang-format off
#define NINES_MANAGED_PARAMETERS(X) \
  X(Law, cache_detect, "elasticache.detect", "from when the provider no longer reaches a primary until it takes it for lost") \
  X(Law, cache_promote, "elasticache.promote", "from then until a replica takes writes") \
  X(Law, cache_dns, "elasticache.dns_change", "from a promotion until the name of the primary endpoint means the new primary") \
  X(Law, cache_hand_over, "elasticache.hand_over", "planned: from when a primary refuses writes (READONLY) until the replica in its place takes them") \
  X(Law, cache_replacement, "elasticache.replacement", "from the loss of a node's machine until another one runs in its place") \
  X(Law, cache_start, "elasticache.start", "from the start of a node until it has its data, from the primary or from the transaction log, and serves") \
  X(Law, cache_maintenance, "elasticache.maintenance", "planned: how long a node is out of service") \
  X(Duration, cache_window, "elasticache.window", "length of the weekly maintenance window: nodes whose turn has not come by its end are left to another one") \
  X(Law, cache_lag, "elasticache.lag", "without durability: how much of the latest acknowledged writes no replica has when a primary is lost") \
  X(Law, cache_log_lag, "elasticache.durability_lag", "asynchronous durability: how much of the latest acknowledged writes is not in the transaction log when a primary is lost") \
  X(Law, cache_readdress, "elasticache.readdress", "cluster mode: from when a replaced node joins under another address until a client that had the old one has left it") \
  X(Law, kafka_detect, "msk.detect", "from when a broker no longer answers until the controller takes it for lost (its session)") \
  X(Law, kafka_promote, "msk.elect", "from then until all its partitions have other leaders") \
  X(Law, kafka_hand_over, "msk.hand_over", "planned: how long partitions of a broker that is restarted have no leader that clients know") \
  X(Law, kafka_replacement, "msk.replacement", "from the loss of a broker's machine until another one runs in its place, with its storage: the cluster is HEALING") \
  X(Law, kafka_start, "msk.start", "from the start of a broker until it serves and has caught up") \
  X(Law, kafka_maintenance, "msk.maintenance", "planned: how long a broker is out of service") \
  X(Law, queue_detect, "amazon-mq.detect", "from when a node no longer answers until the others, or the standby, take it for lost") \
  X(Law, queue_promote, "amazon-mq.promote", "from then until the standby, or another node of the cluster, takes messages") \
  X(Law, queue_hand_over, "amazon-mq.hand_over", "planned: from when the active broker, or the node that has a queue, stops until another one takes messages") \
  X(Law, queue_balancer, "amazon-mq.balancer", "from a fail-over until the load balancer of a cluster sends no connection to the lost node") \
  X(Law, queue_replacement, "amazon-mq.replacement", "from the loss of a broker's machine until another one runs in its place, with its storage") \
  X(Law, queue_start, "amazon-mq.start", "from the start of a broker until it serves") \
  X(Law, queue_maintenance, "amazon-mq.maintenance", "planned: how long a broker is out of service") \
  X(Duration, queue_window, "amazon-mq.window", "length of the weekly maintenance window: nodes whose turn has not come by its end are left to another one") \
  X(Bandwidth, queue_sync, "amazon-mq.sync_rate", "speed at which mirrored queues copy their messages to a node that joins; they take and give none meanwhile") \
  X(Money, cache_r6g_large, "elasticache.price.r6g_large", "cache.r6g.large, per node and hour") \
  X(Money, cache_t3_medium, "elasticache.price.t3_medium", "cache.t3.medium, per node and hour") \
  X(Money, kafka_m5_large, "msk.price.m5_large", "kafka.m5.large, per broker and hour") \
  X(Money, kafka_storage, "msk.price.storage", "storage of brokers, per GiB and month") \
  X(Money, queue_m5_large, "amazon-mq.price.m5_large", "mq.m5.large, per broker and hour") \
  X(Money, queue_storage, "amazon-mq.price.storage", "storage of each RabbitMQ broker (EBS), per GiB and month") \
  X(Money, queue_shared, "amazon-mq.price.shared_storage", "storage that an active and a standby broker share (EFS), per GiB and month") \
  X(Duration, care, "managed.care", "work of one's own people on a service that the provider runs outside incidents, a month")

#define NINES_MANAGED_CLIENT_PARAMETERS(X) \
  X(Duration, ttl, "managed.client.ttl", "a client that goes by a name asks for its address again no later than this") \
  X(Duration, refresh, "managed.client.refresh", "a client that knows the members has asked them who leads no later than this after a fail-over") \
  X(Duration, retry_wait, "managed.client.retry_wait", "wait between two attempts to connect, at most")
// clang-format on

NINES_PARAMETER_GROUP(Parameters, NINES_MANAGED_PARAMETERS);
NINES_PARAMETER_GROUP(ClientParameters, NINES_MANAGED_CLIENT_PARAMETERS);

}  // namespace nines::models::managed
