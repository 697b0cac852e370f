// A kind of service that no list names: a primary and a standby that takes over when it has not heard the primary for a
// time-out, and one client. It shows that a protocol is one folder: nothing else in the program knows of it.
#pragma once

#include <optional>
#include <string>

#include "models/ids.hpp"
#include "models/measurement/spec.hpp"
#include "models/service/kind.hpp"
#include "models/units.hpp"
#include "sim/event_queue.hpp"

namespace nines::models {
struct Plan;
struct World;
}  // namespace nines::models

namespace nines::models::pair {

/// As a file says it, beside the pool.
struct Spec {
  Duration timeout;  ///< silence after which the standby takes over
  Duration start;    ///< from the start of a container until its server answers
  std::string client;
  std::string place;
  Duration deadline;
  std::optional<SlaSpec> sla;
};

struct ServicePlan {
  ComponentId client = 0;
  infrastructure::Endpoint place = 0;
  measurement::SliIndex sli = 0;
};

struct State {
  std::size_t primary = 0;  ///< position among the members
  bool serving[2] = {true, true};
  sim::TimerId take_over;
  sim::TimerId up[2];
};

struct TakeOverDue {
  std::uint16_t service;
  static constexpr sim::EventInfo info{"pair.take_over_due", "detect", "", "the standby has not heard the primary"};
};
struct TookOver {
  std::uint16_t service;
  static constexpr sim::EventInfo info{"pair.took_over", "decide", "", "the standby takes over", true};
};
struct ServerUp {
  std::uint16_t service;
  std::uint16_t position;
  static constexpr sim::EventInfo info{"pair.server_up", "recover", "", "a server answers"};
};
ComponentId subject(const Plan& plan, const TakeOverDue& event);
ComponentId subject(const Plan& plan, const TookOver& event);
ComponentId subject(const Plan& plan, const ServerUp& event);
void on(World& world, const TakeOverDue& event);
void on(World& world, const ServerUp& event);

extern const service::Kind kind;

}  // namespace nines::models::pair

#define NINES_ROOM pair
#define NINES_ROOM_EVENTS "tests/kinds/pair/events.def"
#define NINES_ROOM_NUMBER ::nines::models::EventRoom::outside
#include "models/number_events.hpp"
