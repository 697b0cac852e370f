// When a client whose connection broke tries to connect anew, as arithmetic: an attempt that fails leads to the next
// after a wait that begins at a millisecond and doubles up to a longest one.
//
// Rules: lettuce 6 and 7 ConnectionWatchdog (an attempt is counted when it begins; the next is due a wait after it has
// failed) and resource/Delay.exponential(): 2^(n - 1) ms before attempt n.
#pragma once

#include <algorithm>
#include <cstdint>

#include "models/units.hpp"
#include "sim/time.hpp"

namespace nines::models::redis::watchdog {

/// Both at least zero; `most` no longer than a day.
struct Pace {
  Duration most;                               ///< longest wait
  Duration failing;                            ///< from the beginning of an attempt until it has failed
  Duration first = Duration::milliseconds(1);  ///< shortest wait, above 0: resource/Delay.exponential()
};

/// The last attempt; `count` 0: none yet, and `began` is when the connection broke.
struct Attempts {
  sim::Time began;
  std::int64_t count = 0;
};

/// Wait before an attempt, from 1 on.
inline Duration wait_before(const Pace& pace, std::int64_t attempt) {
  Duration wait = pace.first;
  for (std::int64_t i = 1; i < attempt && wait < pace.most; ++i) wait = wait * 2;
  return std::min(wait, std::max(pace.most, pace.first));
}

inline Attempts next(const Pace& pace, const Attempts& last) {
  const Duration failed = last.count > 0 ? pace.failing : Duration();
  return {last.began + failed + wait_before(pace, last.count + 1), last.count + 1};
}

/// Whether waits still grow after the next attempt, or that one is the first whose predecessor failed.
inline bool settles(const Pace& pace, const Attempts& last) {
  return last.count > 0 && wait_before(pace, last.count + 1) >= std::max(pace.most, pace.first);
}

/// The last attempt that has begun by `now`.
inline Attempts begun(const Pace& pace, Attempts last, sim::Time now) {
  while (!settles(pace, last)) {
    const Attempts following = next(pace, last);
    if (following.began > now) return last;
    last = following;
  }
  const Duration turn = pace.failing + wait_before(pace, last.count + 1);
  const std::int64_t turns = std::max<std::int64_t>((now - last.began) / turn, 0);
  return {last.began + turn * turns, last.count + turns};
}

/// The first attempt after `last` that is number `least` or a later one, and begins at `from` or later.
inline Attempts first(const Pace& pace, Attempts last, std::int64_t least, sim::Time from) {
  const auto does = [&](const Attempts& attempt) { return attempt.count >= least && attempt.began >= from; };
  while (!settles(pace, last)) {
    last = next(pace, last);
    if (does(last)) return last;
  }
  const Duration turn = pace.failing + wait_before(pace, last.count + 1);
  const Duration ahead = std::max(from - last.began, Duration());
  const std::int64_t by_time = ahead / turn + (ahead % turn > Duration() ? 1 : 0);
  const std::int64_t turns = std::max({least - last.count, by_time, std::int64_t{1}});
  return {last.began + turn * turns, last.count + turns};
}

}  // namespace nines::models::redis::watchdog
