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
  std::uint16_t moved = 0;    ///< the epoch in which clients had to go elsewhere last
  bool planned = false;       ///< and were told so by who led
  bool announced = true;      ///< the name, or the load balancer, means who leads now
  std::uint16_t epoch = 0;    ///< counts the times that it began to serve
  bool left = false;          ///< all lead: shares of lost nodes have other leaders since it served last
  sim::TimerId announce_timer;
  sim::TimerId sync_timer;  ///< pending: mirrored queues copy, and take and give nothing
};

struct Access {
  std::uint16_t epoch = 0;   ///< of the group, when it connected last
  std::uint16_t wanted = 0;  ///< it is about to connect in this one
  bool away = false;         ///< it waits for the address that a replaced node had
  sim::TimerId timer;
  sim::TimerId away_timer;
};

struct State {
  std::vector<Node> nodes;
  std::vector<Group> groups;
  std::vector<Access> accesses;
  bool maintaining = false;
  bool waits_for_queues = false;  ///< the next node's turn comes when queues have synchronised
  std::vector<Number> order;      ///< of the maintenance under way
  std::size_t turn = 0;
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
