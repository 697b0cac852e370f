// When TCP sends again what did not get through.
#pragma once

#include <algorithm>

#include "sim/time.hpp"

namespace nines::models::infrastructure {

/// What was sent at `from` and not acknowledged is sent again after `timeout`, which doubles each time up to two
/// minutes (RFC 6298; TCP_RTO_MAX of Linux). Returns when that is next, `now` at the earliest. What is sent behind it
/// waits with it.
inline sim::Time sent_again(sim::Time from, sim::Duration timeout, sim::Time now) {
  constexpr sim::Duration longest = sim::Duration::seconds(120);
  constexpr int most = 40;  // retransmissions that are worth working out
  sim::Time at = from;
  for (int i = 0; i < most && at < now; ++i) {
    at = at + timeout;
    timeout = std::min(timeout * 2, longest);
  }
  return std::max(at, now);
}

}  // namespace nines::models::infrastructure
