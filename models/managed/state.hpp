// What changes in a service that the provider runs. Values only: copying it forks the service.
#pragma once

#include <cstdint>
#include <vector>

#include "models/managed/plan.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::managed {

struct Node {
  bool started = true;      ///< its server has what it needs and answers
  bool has_data = true;     ///< what was acknowledged
  bool maintained = false;  ///< the provider has taken it out of service
  bool gone = false;        ///< all lead: others have its share
  bool replaced = false;    ///< its machine is another one than when it served last
  std::uint32_t round = 0;  ///< of maintenance, in which it had its turn last
  std::uint32_t life = 0;
  sim::TimerId detect_timer;   ///< of one that leads: the others, or the provider, find out that it is lost
  sim::TimerId promote_timer;  ///< and put another in its place
  sim::TimerId start_timer;
  sim::TimerId replacement_timer;
};

struct Group {
  Number leader = 0;          ///< who leads, or led last; of no meaning where all lead
  bool serving = true;        ///< somebody takes requests for all of its data
  bool handing_over = false;  ///< planned
  std::uint32_t moved = 0;    ///< the epoch in which clients had to go elsewhere last
  bool planned = false;       ///< and were told so by who led
  bool announced = true;      ///< the name, or the load balancer, means who leads now
  std::uint32_t epoch = 0;    ///< counts the times that it began to serve
  bool left = false;          ///< all lead: shares of lost nodes have other leaders since it served last
  sim::TimerId announce_timer;
  sim::TimerId sync_timer;  ///< pending: mirrored queues copy, and take and give nothing
};

struct Access {
  std::uint32_t epoch = 0;   ///< of the group, when it connected last
  std::uint32_t wanted = 0;  ///< it is about to connect in this one
  Number leader = 0;         ///< who led then
  sim::TimerId timer;
};

/// A node as one client knows it.
struct Address {
  bool led = false;    ///< when the node was lost last, the client had connected to it as the one that leads
  bool stale = false;  ///< the node has another address than the client knows
  sim::TimerId timer;
};

struct State {
  std::vector<Node> nodes;
  std::vector<Group> groups;
  std::vector<Access> accesses;
  std::vector<Address> addresses;  ///< by client, then node
  bool maintaining = false;
  bool waits_for_queues = false;  ///< the next node's turn comes when queues have synchronised
  std::vector<Number> order;      ///< of the maintenance under way
  std::size_t turn = 0;
  std::uint32_t round = 0;  ///< of maintenance, in which each node has a turn; 0: none has been seen yet
  sim::Time maintaining_since;
};

/// A service with all that belongs to it.
struct Context {
  World& world;
  ServiceId service;
  const Spec& spec;
  const ServicePlan& plan;
  State& state;
  ComponentId component;  ///< of the service
};
Context context(World& world, ServiceId service);

}  // namespace nines::models::managed
