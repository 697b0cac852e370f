// RabbitMQ as a topology file says it: nodes, queues of three types, publishers and consumers.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/measurement/spec.hpp"
#include "models/rabbitmq/parameters.hpp"
#include "models/service/spec.hpp"

namespace nines::models::rabbitmq {

/// cluster_partition_handling.
enum class Handling : std::uint8_t { by_deployment, ignore, pause_minority, autoheal, pause_if_all_down };
inline constexpr std::array<std::string_view, 5> handling_names{"by-deployment", "ignore", "pause_minority", "autoheal",
                                                                "pause_if_all_down"};

/// Who wrote the nodes' configuration and pod template: their defaults differ.
enum class Deployment : std::uint8_t {
  by_hand,   ///< the server's defaults
  operates,  ///< the cluster operator: pause_minority, disk limit, checks before a pod ends
  chart,     ///< Bitnami's chart: autoheal
};
inline constexpr std::array<std::string_view, 3> deployment_names{"by-hand", "operator", "chart"};

/// Where metadata are: who is a member, which queues there are.
enum class Store : std::uint8_t { by_version, mnesia, khepri };
inline constexpr std::array<std::string_view, 3> store_names{"by-version", "mnesia", "khepri"};

/// What follows pause_if_all_down if its nodes were on both sides of a partition.
enum class Recover : std::uint8_t { ignore, autoheal };
inline constexpr std::array<std::string_view, 2> recover_names{"ignore", "autoheal"};

enum class QueueType : std::uint8_t { quorum, classic, mirrored, stream };
inline constexpr std::array<std::string_view, 4> queue_type_names{"quorum", "classic", "mirrored", "stream"};

/// When a mirror that lacks messages becomes master.
enum class Promote : std::uint8_t { always, when_synced };
inline constexpr std::array<std::string_view, 2> promote_names{"always", "when-synced"};

enum class SyncMode : std::uint8_t { manual, automatic };
inline constexpr std::array<std::string_view, 2> sync_mode_names{"manual", "automatic"};

/// How a consumer acknowledges.
enum class Acknowledge : std::uint8_t { manual, automatic };
inline constexpr std::array<std::string_view, 2> acknowledge_names{"manual", "automatic"};

/// Of QueueSpec::delivery_limit: as the version has it.
inline constexpr std::int64_t limit_by_version = -1;

/// Which number is the limit of the disk alarm.
enum class LimitBy : std::uint8_t { absolute, relative, operates };

/// Queues that are alike. Each of them has all of the rates for itself.
struct QueueSpec {
  std::string name;
  QueueType type = QueueType::quorum;
  std::int64_t count = 1;   ///< leaders are spread over the nodes, beginning with `leader`
  std::int64_t leader = 0;  ///< number of the node where the first of them begins
  /// Of a quorum queue, a mirrored one or a stream; 0: quorum_cluster_size, or one on each node.
  std::int64_t replicas = 0;
  bool persistent = true;  ///< of a classic queue: durable, with persistent messages
  Promote on_failure = Promote::always;
  Promote on_shutdown = Promote::when_synced;
  SyncMode sync = SyncMode::manual;
  double publish_per_s = 0;
  double consume_per_s = 0;  ///< that consumers can take together, or the active one; 0: as much as comes
  Bytes message_size;
  std::int64_t delivery_limit = limit_by_version;  ///< of a quorum queue: deliveries that may fail
  bool dead_letter = false;                        ///< what reaches that limit is dead-lettered, not dropped
  bool single_active = false;                      ///< x-single-active-consumer
  Bytes max_length;                                ///< of a stream: what its retention keeps (x-max-length-bytes)
};

/// Which node a client connects to.
enum class Endpoint : std::uint8_t {
  any_ready,  ///< a Service: any node that is ready
  in_turn,    ///< a list of all nodes, one after the other
  fixed,      ///< always the same node
};
inline constexpr std::array<std::string_view, 3> endpoint_names{"any-ready", "in-turn", "fixed"};

struct ClientSpec {
  std::string name;
  std::string place;  ///< a zone, or "region"
  Endpoint endpoint = Endpoint::any_ready;
  std::int64_t node = 0;  ///< of `fixed`; where `in_turn` begins
  Acknowledge acknowledge = Acknowledge::manual;
  std::int64_t prefetch = 0;  ///< messages that it holds unacknowledged at most; 0: no limit
  ClientParameters parameters;
};

enum class SliKind : std::uint8_t {
  publish,  ///< what is published is confirmed
  deliver,  ///< what is in the queue is delivered; of a queue with a single active consumer to any of them
  lag,      ///< what waits is consumed within the SLI's bound
  accept,   ///< what is published without confirms is taken from the client, whatever becomes of it
};
inline constexpr std::array<std::string_view, 4> sli_kind_names{"publish", "deliver", "lag", "accept"};

struct SliSpec {
  std::string name;
  SliKind kind = SliKind::publish;
  std::string client;
  std::string queue;  ///< empty: all of the service
  Duration deadline;
  Duration most_lag;  ///< of `lag`: the oldest message that waits may be so old
  std::optional<SlaSpec> sla;
};

struct Spec {
  std::string version;
  Deployment deployment = Deployment::by_hand;
  Handling handling = Handling::by_deployment;
  std::vector<std::string> preferred;  ///< of pause_if_all_down: names of nodes
  Recover recover = Recover::ignore;   ///< of pause_if_all_down
  Store store = Store::by_version;
  Parameters parameters;
  Bytes disk_used;  ///< on each node's volume, by something else than messages
  std::vector<QueueSpec> queues;
  std::vector<ClientSpec> clients;
  std::vector<SliSpec> slis;

  // What follows (`resolve`).
  bool khepri = false;
  LimitBy limit_by = LimitBy::absolute;
};

/// REQUIRES: the service is of kind rabbitmq.
inline const Spec& spec_of(const ServiceSpec& service) { return service.own.as<Spec>(); }

}  // namespace nines::models::rabbitmq
