// The burst credit of one resource as it changes: a token bucket whose level is a straight line between rate changes.
#pragma once

#include <algorithm>

#include "models/fabric/fabric.hpp"

namespace nines::models::fabric {

/// Shared by both implementations of the fabric, so that they differ in nothing but the sharing.
struct CreditAccount {
  double baseline = unlimited.bytes_per_s;
  double size = 0;
  double level = 0;     ///< at `since`
  double spending = 0;  ///< per second since then; negative: earning
  Time since;

  [[nodiscard]] bool limited() const { return baseline < unlimited.bytes_per_s; }

  [[nodiscard]] double level_at(Time now) const {
    return std::clamp(level - spending * (now - since).to_seconds(), 0.0, size);
  }
  void settle(Time now) {
    level = level_at(now);
    since = now;
  }
  /// What the resource gives now. REQUIRES: settled.
  [[nodiscard]] double allowed(double capacity) const { return level > 0 ? capacity : std::min(capacity, baseline); }

  /// The resource is used at this rate from now on. REQUIRES: settled.
  void use(double rate) {
    spending = rate - baseline;
    // At the baseline neither: rounding must not earn credit that a saturated resource would then spend at once.
    if (spending <= rate_tolerance * baseline && spending >= -rate_tolerance * baseline) spending = 0;
  }
  /// When it will have grown to `target`; at `since` if it has, `Time::never()` if it does not grow.
  [[nodiscard]] Time reaches_at(double target) const {
    if (level >= target) return since;
    return spending < 0 ? since + Duration::from_seconds((target - level) / -spending) : Time::never();
  }
  /// When it will be used up.
  [[nodiscard]] Time empty_at() const {
    if (!(level > 0) || !(spending > 0)) return Time::never();
    return since + Duration::from_seconds(level / spending);
  }
};

}  // namespace nines::models::fabric
