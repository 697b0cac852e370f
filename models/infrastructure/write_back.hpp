// What a machine's page cache holds of a file that nobody fsyncs.
#pragma once

#include <cmath>
#include <optional>

#include "models/infrastructure/parameters.hpp"

namespace nines::models::infrastructure {

/// For how long a file that is written `writes_per_s` times a second has been dirty when the power goes; none if it is
/// clean. The loss takes the write that made it dirty and what came since. `uniform` on (0, 1) says at which moment of
/// the file's turn the power goes.
///
/// The kernel writes all of a file's dirty pages at once, when the first of them is `linux.writeback.age` old and its
/// flusher wakes, which it does once a period (Linux fs-writeback.c, move_expired_inodes). The next write begins the
/// next turn. So a file is clean until a write comes, then dirty for the age and up to a period, and what is lost is
/// what came since that first write, with it.
inline std::optional<Duration> dirty_for(const Parameters& kernel, double writes_per_s, double uniform) {
  if (writes_per_s <= 0) return std::nullopt;
  const double age = kernel.writeback_age.to_seconds();
  const double period = kernel.writeback_period.to_seconds();
  const double clean = 1 / writes_per_s;
  // The share of turns that are still dirty after so long falls from 1 at the age to 0 a period later.
  double left = uniform * (clean + age + period / 2) - clean;
  if (left < 0) return std::nullopt;
  if (left > age) left = age + period * (1 - std::sqrt(std::fmax(0.0, 1 - 2 * (left - age) / period)));
  return Duration::from_seconds(left);
}

}  // namespace nines::models::infrastructure
