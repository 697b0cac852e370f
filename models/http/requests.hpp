// What becomes of a request that is tried several times: closed forms, without clock and network.
//
// An attempt is answered, refused at once, or met by silence, each with its probability, independently of the attempts
// before: whoever chooses a server chooses anew each time. A refused attempt takes no time, a silent one the attempt
// time-out. A request fails if its last attempt does, or if it is not answered by its deadline. So with one of n
// servers dead and silent, and time enough, a request with k retries fails with (1/n)^(k+1).
#pragma once

#include <cstdint>

#include "sim/time.hpp"

namespace nines::models::http {

/// Of one attempt; they add up to 1.
struct Odds {
  double answered = 0;
  double refused = 0;
  double silent = 0;
};

/// How long a client goes on.
struct Patience {
  std::int64_t retries = 0;
  sim::Duration attempt_timeout;
  sim::Duration retry_wait;
  sim::Duration deadline;
};

/// Probability that a request fails. `answer`: from an attempt to its answer.
double failing_share(const Odds& odds, const Patience& patience, sim::Duration answer);

}  // namespace nines::models::http
