// Events of CronJobs. Pods go by position among the service's processes.
#pragma once

#include "models/cronjob/state.hpp"
#include "sim/event.hpp"

namespace nines::models {
struct World;
}

namespace nines::models::cronjob {

using sim::EventInfo;

struct RunDue {
  std::uint16_t service;
  static constexpr EventInfo info{"cronjob.due", "", "", "the schedule of a CronJob has a run start now"};
};
struct RunEnds {
  std::uint16_t service;
  Position pod;
  std::uint32_t life;  ///< of its process
  bool works;          ///< what it needs answered
  static constexpr EventInfo info{"cronjob.ends", "recover", "cronjob.run", "a pod of a run comes to its end"};
};
struct GrowsStale {
  std::uint16_t service;
  std::uint16_t sli;
  static constexpr EventInfo info{"cronjob.stale", "", "", "the last success of a CronJob is too old now", true};
};
// ---- only noted ----
struct RunMissed {
  std::uint16_t service;
  static constexpr EventInfo info{"cronjob.missed", "", "", "a run could not start before its starting deadline", true};
};
struct RunSkipped {
  std::uint16_t service;
  static constexpr EventInfo info{"cronjob.skipped", "", "",
                                  "a run does not start: the last one goes on, or there is no place for more", true};
};
struct RunReplaced {
  std::uint16_t service;
  static constexpr EventInfo info{"cronjob.replaced", "", "", "a run is deleted because the next one is due", true};
};

#define NINES_CRONJOB_EVENTS(X) X(RunDue) X(RunEnds) X(GrowsStale) X(RunMissed) X(RunSkipped) X(RunReplaced)
#define NINES_CRONJOB_SUBJECT(E) ComponentId subject(const models::Plan& plan, const E& event);
NINES_CRONJOB_EVENTS(NINES_CRONJOB_SUBJECT)
#undef NINES_CRONJOB_SUBJECT

void on(World& world, const RunDue& event);
void on(World& world, const RunEnds& event);
void on(World& world, const GrowsStale& event);

}  // namespace nines::models::cronjob

#define NINES_ROOM cronjob
#define NINES_ROOM_EVENTS "models/cronjob/events.def"
#include "models/number_events.hpp"
