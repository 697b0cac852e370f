// What monitoring knows, and what it has told people.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::alerts {

struct RuleState {
  bool holds = false;   ///< its condition, whether anybody has read it or not
  sim::Time since;      ///< while `holds`: from when on
  bool read = false;    ///< the same as last read
  bool active = false;  ///< the same at the last evaluation: it is pending or fires
  sim::Time active_since;
  bool fires = false;
  bool told = false;      ///< people have been told, and it still fires
  bool at_rest = false;   ///< it fires in health, and has not been over yet: it tells nobody anything
  sim::TimerId crossing;  ///< when what it watches will pass the threshold by itself
  sim::TimerId reading;   ///< when a reading will show something new
  sim::TimerId evaluation;
  sim::TimerId notification;
};

/// One notification.
struct Told {
  std::uint16_t rule = 0;
  sim::Duration after;     ///< what it watches was beyond the threshold
  std::uint32_t jobs = 0;  ///< repairs of which somebody knew nothing before
};

struct State {
  std::vector<RuleState> rules;
  bool works = true;  ///< monitoring, when last looked at
  sim::Duration scrape_phase, evaluation_phase;
  std::vector<Told> told;  ///< in this period of observation
};

}  // namespace nines::models::alerts
