// What becomes of a request that is tried several times: closed forms, without clock and network.
//
// An attempt is answered, refused at once, or met by silence, each with its probability, independently of the attempts
// before: whoever chooses a server chooses anew each time. A refused attempt takes no time, a silent one the attempt
// time-out; waits before retries grow by a factor. A request fails if its last attempt does, or if it is not answered
// by its deadline. So with one of n servers dead and silent, and time enough, a request with k retries fails with
// (1/n)^(k+1).
#pragma once

#include <cstdint>
#include <vector>

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
  sim::Duration retry_wait;  ///< before the first retry
  sim::Duration deadline;
  double retry_backoff = 1;  ///< by which the wait grows with each further retry
  double granted = 1;        ///< probability that a retry may be sent
};

/// Wait before retry 1, 2 ...; no longer than until just after the deadline, when it does not matter any more.
sim::Duration wait_before(const Patience& patience, std::int64_t retry);

/// One of the ways in which an attempt ends.
struct End {
  double probability = 0;
  sim::Duration takes;
  bool answered = false;
};
/// The same of attempts that end in more ways than these; probabilities add up to 1.
double failing_share(const std::vector<End>& ends, const Patience& patience);

/// Probability that a request fails. `answer`: from an attempt to its answer.
double failing_share(const Odds& odds, const Patience& patience, sim::Duration answer);

}  // namespace nines::models::http
