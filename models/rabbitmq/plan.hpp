// What follows from the spec of a RabbitMQ service and never changes.
#pragma once

#include <cstdint>
#include <vector>

#include "models/ids.hpp"
#include "models/infrastructure/network.hpp"
#include "models/plan.hpp"
#include "models/rabbitmq/spec.hpp"
#include "models/service/clients.hpp"

namespace nines::models {
class Namer;
}

namespace nines::models::rabbitmq {

/// A node by its position among the service's nodes, or a queue among its queues.
using Number = std::uint16_t;
inline constexpr Number nobody = 0xFFFF;

/// Nodes as bits.
using NodeSet = std::uint16_t;
constexpr NodeSet only(Number node) { return static_cast<NodeSet>(1U << node); }
constexpr NodeSet with(NodeSet set, Number node) { return static_cast<NodeSet>(set | only(node)); }
constexpr NodeSet without(NodeSet set, Number node) { return static_cast<NodeSet>(set & ~only(node)); }
constexpr bool contains(NodeSet set, Number node) { return (set >> node & 1U) != 0; }
constexpr int size(NodeSet set) { return __builtin_popcount(set); }

using service::ClientPlan;

/// Of QueuePlan::spec: the coordinator of streams, which no row says.
inline constexpr std::uint16_t coordinator_row = 0xFFFF;
inline constexpr std::string_view coordinator_name = "stream-coordinator";

struct QueuePlan {
  std::uint16_t spec = 0;        ///< of Spec::queues, or `coordinator_row`
  Number number = 0;             ///< among the queues of its row
  std::vector<Number> replicas;  ///< nodes; the first leads at the beginning
  ComponentId component = 0;
};

/// Who sees an SLI.
struct SliPlan {
  SliIndex index = 0;
  SliKind kind = SliKind::publish;
  std::uint16_t client = 0;
  Number first_queue = 0;  ///< the queues in its scope
  Number queues = 0;
};

/// What one client does about one SLI on one queue.
struct AccessPlan {
  std::uint16_t sli = 0;  ///< of ServicePlan::slis
  Number queue = 0;
};

struct ServicePlan {
  std::vector<ProcessId> nodes;
  std::vector<QueuePlan> queues;
  std::vector<ClientPlan> clients;
  std::vector<SliPlan> slis;
  std::vector<AccessPlan> accesses;  ///< by SLI, then queue
  Number coordinator = nobody;       ///< of streams: the last queue; nobody where there are none
  NodeSet preferred = 0;             ///< of pause_if_all_down
  Bytes memory;                      ///< of a node, as it knows it
  Bytes disk;                        ///< of a node's volume; 0: none
  Bytes free_limit;                  ///< of the disk alarm; 0: none
};

/// REQUIRES: the service is of kind rabbitmq.
inline const ServicePlan& plan_of(const models::Plan& plan, ServiceId service) {
  return plan.services[service].own.as<ServicePlan>();
}

void build(models::Plan& plan, Namer& namer, ServiceId service);

/// What is said of a queue; of the coordinator that it is a quorum queue of all nodes without messages.
const QueueSpec& spec_of(const Spec& spec, const QueuePlan& queue);

/// What the operator tells a node of its memory limit.
Bytes told_memory(const Parameters& parameters, Bytes limit);

}  // namespace nines::models::rabbitmq
