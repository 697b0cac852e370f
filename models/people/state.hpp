// People at work on what no machine mends.
#pragma once

#include <cstdint>
#include <vector>

#include "models/platform.hpp"
#include "sim/event.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::people {

struct Job {
  enum class Stage : std::uint8_t { unnoticed, waiting, engaging, identifying, repairing };
  std::uint32_t id = 0;
  Repair repair = Repair::stuck_pod;
  ProcessId process;
  Stage stage = Stage::unnoticed;
  std::uint32_t alarm = 0;               ///< number of its alarm: repairs are taken up in this order
  bool put_back = false;                 ///< it could not be done: something else has to come first
  sim::Time since;                       ///< somebody is on it, from `engaging` on
  sim::CauseId noticed = sim::no_cause;  ///< the alarm: why somebody is on it
  sim::TimerId timer;
};

struct State {
  std::vector<Job> jobs;  ///< open ones
  std::uint32_t jobs_so_far = 0;
  std::uint32_t alarms_so_far = 0;
  Duration worked;  ///< time of all people on repairs that are over
};

}  // namespace nines::models::people
