// Events of services that the provider runs. Nodes, groups and accesses go by number. The key that set a delay is the
// product's, and is named when the event comes.
#pragma once

#include "models/managed/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::managed {

using sim::EventInfo;

struct LossDetected {
  std::uint16_t service;
  Number group;
  Number node;
  static constexpr EventInfo info{"managed.loss_detected", "detect", "", "the provider takes who led for lost", true};
};
struct Promoted {
  std::uint16_t service;
  Number group;
  Number node;  ///< that was lost
  static constexpr EventInfo info{"managed.promoted", "decide", "", "another node takes the requests of a lost one",
                                  true};
};
struct Announced {
  std::uint16_t service;
  Number group;
  static constexpr EventInfo info{"managed.announced", "propagate", "",
                                  "the endpoint's name, or its load balancer, means who leads now", true};
};
struct NodeReplaced {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"managed.node_replaced", "act", "",
                                  "the provider has another machine in the place of a lost one", true};
};
struct NodeServes {
  std::uint16_t service;
  Number node;
  std::uint32_t life;
  static constexpr EventInfo info{"managed.node_serves", "recover", "", "a node has what it needs, and serves"};
};
struct HandedOver {
  std::uint16_t service;
  Number group;
  Number node;
  static constexpr EventInfo info{"managed.handed_over", "act", "",
                                  "a node that is to be maintained has handed its requests over", true};
};
struct NodeMaintained {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"managed.node_maintained", "act", "", "a node is back from its maintenance"};
};
struct QueuesSynchronised {
  std::uint16_t service;
  Number group;
  static constexpr EventInfo info{"managed.queues_synchronised", "catch-up", "amazon-mq.sync_rate",
                                  "mirrored queues have copied their messages to a node that joined", true};
};
struct ViewRenewed {
  std::uint16_t service;
  std::uint16_t access;
  std::uint32_t epoch;
  static constexpr EventInfo info{"managed.view_renewed", "propagate", "managed.client.ttl",
                                  "a client knows where its requests have to go now"};
};
struct Reconnected {
  std::uint16_t service;
  std::uint16_t access;
  std::uint32_t epoch;
  static constexpr EventInfo info{"managed.reconnected", "reconnect", "managed.client.retry_wait",
                                  "a client has connected to who leads now"};
};
struct Readdressed {
  std::uint16_t service;
  std::uint16_t client;
  Number node;
  static constexpr EventInfo info{"managed.readdressed", "reconnect", "elasticache.readdress",
                                  "a client has left the address that a replaced node had"};
};
// ---- only noted ----
struct MaintenanceEnds {
  std::uint16_t service;
  static constexpr EventInfo info{"managed.maintenance_ends", "", "",
                                  "the provider's maintenance of a service is over"};
};
struct AddressChanged {
  std::uint16_t service;
  Number node;
  static constexpr EventInfo info{"managed.address_changed", "", "",
                                  "a replaced node joins under another address than clients know", true};
};

#define NINES_MANAGED_GROUP_EVENTS(X) X(LossDetected) X(Promoted) X(Announced) X(QueuesSynchronised) X(MaintenanceEnds)
#define NINES_MANAGED_NODE_EVENTS(X) X(NodeReplaced) X(NodeServes) X(HandedOver) X(NodeMaintained) X(AddressChanged)
#define NINES_MANAGED_ACCESS_EVENTS(X) X(ViewRenewed) X(Reconnected)
#define NINES_MANAGED_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_MANAGED_GROUP_EVENTS(NINES_MANAGED_SUBJECT)
NINES_MANAGED_NODE_EVENTS(NINES_MANAGED_SUBJECT)
NINES_MANAGED_ACCESS_EVENTS(NINES_MANAGED_SUBJECT)
NINES_MANAGED_SUBJECT(Readdressed)
#undef NINES_MANAGED_SUBJECT

void on(World& world, const LossDetected& event);
void on(World& world, const Promoted& event);
void on(World& world, const Announced& event);
void on(World& world, const NodeReplaced& event);
void on(World& world, const NodeServes& event);
void on(World& world, const HandedOver& event);
void on(World& world, const NodeMaintained& event);
void on(World& world, const QueuesSynchronised& event);
void on(World& world, const ViewRenewed& event);
void on(World& world, const Reconnected& event);
void on(World& world, const Readdressed& event);

}  // namespace nines::models::managed

#define NINES_ROOM managed
#define NINES_ROOM_EVENTS "models/managed/events.def"
#include "models/number_events.hpp"
