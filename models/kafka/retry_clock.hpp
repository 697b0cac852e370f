// Retries as arithmetic: when the next attempt gets through, without an event per attempt.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sim/time.hpp"

namespace nines::models::kafka {

/// A broker's channel to the active controller while it has no contact. An attempt is a window in which the request is
/// sent again as soon as a controller answers; a window that passes in vain is followed by a growing pause.
/// Source: NodeToControllerChannelManager (retry time-out = session / 2, KAFKA-14392) and BrokerLifecycleManager
/// (resend after 100 ms x 2^k, +-2 %, at most the session time-out); Kafka sheet section 1.
struct RetryClock {
  sim::Time window_start;
  std::uint32_t failures = 0;

  /// Moves past all windows that end at or before `t`. `jitter()` returns a factor around 1 and is called once a pause.
  template <class Jitter>
  void advance(sim::Time t, sim::Duration window, sim::Duration first_pause, sim::Duration longest_pause,
               Jitter&& jitter) {
    while (window_start + window <= t) {
      const std::uint32_t doublings = std::min<std::uint32_t>(failures, 20);
      const sim::Duration pause = std::min(first_pause * (std::int64_t{1} << doublings), longest_pause);
      window_start = window_start + window + sim::scaled(pause, jitter());
      ++failures;
    }
  }

  /// Instant at which a request gets through if contact is there from `t` on. REQUIRES: advanced to `t`.
  [[nodiscard]] sim::Time success_at(sim::Time t) const { return std::max(t, window_start); }
};

/// Wait number `tries` of a client: first x 2^tries up to `longest`, times `factor` (KIP-580; constant if first =
/// longest).
inline sim::Duration client_backoff(std::uint32_t tries, sim::Duration first, sim::Duration longest, double factor) {
  const std::uint32_t doublings = std::min<std::uint32_t>(tries, 20);
  return sim::scaled(std::min(first * (std::int64_t{1} << doublings), longest), factor);
}

}  // namespace nines::models::kafka
