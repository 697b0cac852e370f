// A service that the provider runs, as a topology file says it: ElastiCache, MSK, Amazon MQ.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/managed/parameters.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/spec.hpp"

namespace nines::models::managed {

enum class Product : std::uint8_t { elasticache, msk, amazon_mq };
inline constexpr std::array<std::string_view, 3> product_names{"elasticache", "msk", "amazon-mq"};

/// How its nodes stand to each other. Sources: ElastiCache user guide, Replication; MSK developer guide; Amazon MQ
/// developer guide, rabbitmq-broker-architecture and active-standby-broker-deployment.
enum class Mode : std::uint8_t {
  single,          ///< one node
  replicated,      ///< ElastiCache, cluster mode disabled: a primary with replicas behind one name
  cluster,         ///< ElastiCache, cluster mode enabled: shards; brokers of MSK; RabbitMQ's three nodes
  active_standby,  ///< ActiveMQ: two brokers on shared storage
};
inline constexpr std::array<std::string_view, 4> mode_names{"single", "replicated", "cluster", "active-standby"};

/// Whether acknowledged writes of a cache are in a log beside its nodes. Source: ElastiCache user guide,
/// Durability.Options (Valkey 9).
enum class Durability : std::uint8_t { none, asynchronous, synchronous };
inline constexpr std::array<std::string_view, 3> durability_names{"none", "asynchronous", "synchronous"};

/// What holds messages of a RabbitMQ cluster: classic queues mirrored on all nodes (the system policy up to 3.13), or
/// quorum queues.
enum class Queues : std::uint8_t { mirrored, quorum };
inline constexpr std::array<std::string_view, 2> queues_names{"mirrored", "quorum"};

/// Those whose price the profile has.
enum class NodeType : std::uint8_t { cache_r6g_large, cache_t3_medium, kafka_m5_large, mq_m5_large };
inline constexpr std::array<std::string_view, 4> node_type_names{"cache.r6g.large", "cache.t3.medium", "kafka.m5.large",
                                                                 "mq.m5.large"};

/// How a client comes to who takes its requests.
enum class Follows : std::uint8_t {
  dns,       ///< by the name of the primary endpoint
  balancer,  ///< by a network load balancer over all nodes
  members,   ///< it knows the members, and asks them who leads: cluster-aware, or with a list of brokers
};
inline constexpr std::array<std::string_view, 3> follows_names{"dns", "balancer", "members"};

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
  Follows follows = Follows::dns;
  ClientParameters parameters;
};

enum class SliKind : std::uint8_t {
  write,    ///< requests that change something are acknowledged: writes, messages with acks=all or confirms
  read,     ///< reads are answered, messages are delivered
  control,  ///< the service takes changes of itself (MSK: neither HEALING nor MAINTENANCE)
};
inline constexpr std::array<std::string_view, 3> sli_kind_names{"write", "read", "control"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::write;
  std::string client;
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct Spec {
  Product product = Product::elasticache;
  Mode mode = Mode::replicated;
  std::string node_type;           ///< by its name
  double node_usd_per_h = 0;       ///< price of one; 0: the profile has it
  std::int64_t shards = 1;         ///< of a cache in cluster mode
  bool automatic_failover = true;  ///< of a cache with replicas (Multi-AZ)
  Durability durability = Durability::none;
  Queues queues = Queues::mirrored;
  Bytes dataset;             ///< of a cache: what each primary holds
  Duration snapshot_every;   ///< of a cache: people restore the last one; zero: there is none
  Bytes backlog;             ///< messages that wait in mirrored queues: copied to each node that joins
  std::int64_t copies = 3;   ///< MSK: replication factor of topics
  std::int64_t in_sync = 2;  ///< MSK: min.insync.replicas
  Bytes storage;             ///< of each node; shared by an active and a standby broker
  double writes_per_s = 0;
  Bytes write_size;
  Parameters parameters;
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;
};

/// None of a type whose price the profile does not have.
std::optional<NodeType> known_type(const Spec& spec);
/// What names of its types begin with: "cache.".
std::string_view type_prefix(Product product);

/// REQUIRES: the service is of kind managed.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

/// Every node takes requests of its own share of the data, so that the loss of any is felt.
inline bool all_lead(const Spec& spec) { return spec.product == Product::msk; }
/// Another node can take the place of one that leads.
inline bool fails_over(const Spec& spec) {
  return spec.mode != Mode::single && (spec.product != Product::elasticache || spec.automatic_failover);
}
/// A node that ends loses what it held.
inline bool forgets(const Spec& spec) { return spec.product == Product::elasticache; }
/// What it held can come from nowhere but another node, or a snapshot.
inline bool holds_all(const Spec& spec) { return forgets(spec) && spec.durability == Durability::none; }
/// Queues copy all their messages to a node that joins.
inline bool synchronises(const Spec& spec) {
  return spec.product == Product::amazon_mq && spec.mode == Mode::cluster && spec.queues == Queues::mirrored &&
         spec.backlog.count > 0;
}
/// More than half of the nodes must be there: RabbitMQ pauses the rest of a cluster.
inline bool needs_majority(const Spec& spec) {
  return spec.product == Product::amazon_mq && spec.mode == Mode::cluster;
}
/// Clients by name, or by the load balancer, come to the new leader only when that has changed.
inline const Law* announcement(const Spec& spec) {
  if (spec.product == Product::elasticache) return &spec.parameters.cache_dns;
  return needs_majority(spec) ? &spec.parameters.queue_balancer : nullptr;
}

/// The phases of a product, and the keys that set them.
struct Timings {
  const Law* detect;
  const Law* promote;
  const Law* hand_over;
  const Law* replacement;
  const Law* start;
  const Law* maintenance;
  Duration window;  ///< 0: maintenance goes on until it is done
};
Timings timings_of(const Spec& spec);

struct Keys {
  std::string_view detect, promote, announcement, hand_over, replacement, start, maintenance;
};
const Keys& keys_of(Product product);

}  // namespace nines::models::managed
