// Health checks of a load balancer: so many in a row must fail, or pass, before it changes its mind about a target.
// Source: AWS documentation, health checks of Network and Application Load Balancer target groups.
#pragma once

#include <algorithm>

#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models::infrastructure {

struct HealthCheck {
  Duration interval;
  Duration timeout;
  std::int64_t unhealthy = 1;  ///< failures in a row after which a target gets no requests
  std::int64_t healthy = 1;    ///< successes in a row after which it gets them again
};

/// What checks of a target have met without interruption, and how many in a row change the load balancer's mind.
struct Streak {
  sim::Time since;
  bool silent = false;  ///< each takes the time-out
  std::int64_t count = 1;
};

/// The end of the check that completes the streak, as settings are that hold from `now` on: that of a check which
/// ends at or after `now`. Checks of a target begin every interval, at the part `phase` in [0, 1) of it.
inline sim::Time end_of_streak(const HealthCheck& check, const Streak& streak, sim::Time now, double phase) {
  const sim::Grid grid{sim::Time() + sim::scaled(check.interval, phase), check.interval};
  const sim::Time begins = grid.at_or_after(streak.since) + check.interval * (streak.count - 1);
  const Duration takes = streak.silent ? check.timeout : Duration();
  // One that is under way counts: it ends at or after `now`.
  return std::max(begins, grid.at_or_after(std::max(now - takes, sim::Time()))) + takes;
}

}  // namespace nines::models::infrastructure
