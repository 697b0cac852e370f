// Health checks of a load balancer: so many in a row must fail, or pass, before it changes its mind about a target.
// Source: AWS documentation, health checks of Network and Application Load Balancer target groups.
#pragma once

#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models::infrastructure {

struct HealthCheck {
  Duration interval;
  Duration timeout;
  std::int64_t unhealthy = 1;  ///< failures in a row after which a target gets no requests
  std::int64_t healthy = 1;    ///< successes in a row after which it gets them again
};

/// The end of the `count`th check that begins at or after `now`. Checks of a target begin every interval, at the part
/// `phase` in [0, 1) of it; one that meets silence takes the time-out.
inline sim::Time end_of_check(const HealthCheck& check, sim::Time now, double phase, std::int64_t count, bool silent) {
  const sim::Grid grid{sim::Time() + sim::scaled(check.interval, phase), check.interval};
  return grid.at_or_after(now) + check.interval * (count - 1) + (silent ? check.timeout : Duration());
}

}  // namespace nines::models::infrastructure
