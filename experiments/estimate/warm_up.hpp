// How long a world that starts healthy takes to forget that it did.
//
// A recovery that is under way, seen at an arbitrary instant of the steady state, has lasted longer than t with the
// probability that the law of its age gives (density P(X > x) / mean, as for a queue with a server for everybody). A
// world that has run for t lacks just those. So the warm-up is the age that one recovery in a thousand exceeds, of the
// slowest thing in the plan: what it lacks then is a thousandth of a unit's unavailability.
#pragma once

#include "models/plan.hpp"

namespace nines::experiments {

struct WarmUp {
  sim::Duration length;
  sim::Duration follow;  ///< how long an outage that still runs at the end of the span is waited for
  bool steady = true;    ///< false: something is never repaired, so that there is no steady state; length is 0
  bool complete = true;  ///< false: it would take longer than simulated time can hold
};

/// What to leave out before `span` is observed.
WarmUp warm_up(const models::Plan& plan, sim::Duration span);

}  // namespace nines::experiments
