// What monitoring knows, and what it has told people.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/event.hpp"
#include "sim/event_queue.hpp"
#include "sim/time.hpp"

namespace nines::models::alerts {

struct RuleState {
  bool holds = false;     ///< it is so now, whether anybody has read it or not
  bool fires = false;     ///< its notification is on its way
  bool told = false;      ///< people have been told, and it still fires
  sim::Time since;        ///< while `holds`: from when on
  sim::TimerId crossing;  ///< when what it watches will pass the threshold by itself
  sim::TimerId firing;    ///< when it will fire, then when people are told
};

/// One notification.
struct Told {
  std::uint16_t rule = 0;
  sim::Duration after;     ///< what it watches was beyond the threshold
  std::uint32_t jobs = 0;  ///< repairs of which somebody knew nothing before
};

struct State {
  std::vector<RuleState> rules;
  sim::Duration scrape_phase, evaluation_phase;
  std::vector<Told> told;  ///< in this period of observation
};

}  // namespace nines::models::alerts
