// What changes about local-first workers. Values only: copying it forks them.
//
// In health nothing of it is an event: a worker that sends all it has at each of its turns has what came since the last
// of them, which is arithmetic.
#pragma once

#include <vector>

#include "models/local_first/plan.hpp"
#include "models/service/backlog.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::local_first {

using sim::Time;

enum class Sending : std::uint8_t {
  in_turns,  ///< all it has at each turn
  away,      ///< the service does not answer, or the worker is away: nothing is sent
  drains,    ///< what has gathered, as fast as it can
};

struct Worker {
  bool started = true;
  bool stopping = false;  ///< got SIGTERM: takes no work
  bool full = false;      ///< its file has no room
  Sending sending = Sending::in_turns;
  std::uint32_t life = 0;
  std::uint32_t address = 0;  ///< of its pod: another one has an empty directory
  Time turn;                  ///< one of its turns
  Time away_since;            ///< away: since when
  bool drained = false;       ///< away: since it drained, so that it noticed, and has not sent all
  service::Backlog outbox;    ///< in turns: what came in all; rows that were sent are taken out when that ends
  sim::TimerId start_timer;
  sim::TimerId turn_timer;
  sim::TimerId due_timer;
};

struct State {
  std::vector<Worker> workers;
  std::vector<bool> holds;  ///< by SLI
};

/// REQUIRES: the service is of kind local_first.
inline const State& state_of(const sim::Value& value) { return value.as<State>(); }

}  // namespace nines::models::local_first
