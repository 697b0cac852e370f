// Quantities with their unit in the type. Times are sim::Duration; these are the others.
#pragma once

#include <cstdint>

#include "sim/distribution.hpp"
#include "sim/time.hpp"

namespace nines::models {

/// Events per hour of exposure of one component. >= 0.
struct Rate {
  double per_hour = 0;
  static constexpr Rate per_year(double count) { return {count / 8760.0}; }
  [[nodiscard]] constexpr double per_year() const { return per_hour * 8760.0; }
  friend bool operator==(Rate, Rate) = default;
};

/// An amount of data in bytes. >= 0; a double because fluid logs hold fractions of records.
struct Bytes {
  double count = 0;
  [[nodiscard]] constexpr double gib() const { return count / 0x1p30; }
  friend auto operator<=>(Bytes, Bytes) = default;
};

/// Bytes per second. >= 0.
struct Bandwidth {
  double bytes_per_s = 0;
  friend auto operator<=>(Bandwidth, Bandwidth) = default;
};

/// US dollars.
struct Money {
  double usd = 0;
  friend auto operator<=>(Money, Money) = default;
};

/// A share, probability or factor without unit.
using Ratio = double;
using Count = std::int64_t;
using Duration = sim::Duration;
/// A random duration.
using Law = sim::Distribution;

}  // namespace nines::models
