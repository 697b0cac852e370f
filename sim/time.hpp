// Simulated time: an integer count of nanoseconds.
//
// Invariants
//  1. No floating clock: two runs compare instants exactly, on any machine.
//  2. `Time` is a point (nanoseconds since the start of the run), `Duration` a difference; they do not mix.
//  3. Range is about +-292 years; `Time::never()` lies beyond every instant a model can reach.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>
#include <limits>

#include "sim/time_units.hpp"

namespace nines::sim {

/// A span of simulated time in nanoseconds. May be negative.
class Duration {
 public:
  constexpr Duration() = default;
  static constexpr Duration nanoseconds(std::int64_t count) { return Duration(count); }
  static constexpr Duration milliseconds(std::int64_t count) { return Duration(count * 1'000'000); }
  static constexpr Duration seconds(std::int64_t count) { return Duration(count * 1'000'000'000); }

  /// Nearest nanosecond; saturates at `infinite()`. The single place where a real number becomes time.
  static constexpr Duration from_seconds(double seconds) {
    const double count = seconds * 1e9;
    if (count >= 9.2e18) return infinite();
    if (count <= -9.2e18) return Duration(-infinite().count_);
    return Duration(static_cast<std::int64_t>(count < 0 ? count - 0.5 : count + 0.5));
  }
  static constexpr Duration infinite() { return Duration(std::numeric_limits<std::int64_t>::max()); }

  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  [[nodiscard]] constexpr double to_seconds() const { return static_cast<double>(count_) * 1e-9; }

  friend constexpr auto operator<=>(Duration, Duration) = default;
  friend constexpr Duration operator+(Duration a, Duration b) { return Duration(a.count_ + b.count_); }
  friend constexpr Duration operator-(Duration a, Duration b) { return Duration(a.count_ - b.count_); }
  friend constexpr Duration operator*(Duration a, std::int64_t n) { return Duration(a.count_ * n); }
  friend constexpr Duration operator*(std::int64_t n, Duration a) { return a * n; }
  friend constexpr Duration operator/(Duration a, std::int64_t n) { return Duration(a.count_ / n); }
  friend constexpr std::int64_t operator/(Duration a, Duration b) { return a.count_ / b.count_; }
  friend constexpr Duration operator%(Duration a, Duration b) { return Duration(a.count_ % b.count_); }
  constexpr Duration& operator+=(Duration other) {
    count_ += other.count_;
    return *this;
  }
  constexpr Duration& operator-=(Duration other) {
    count_ -= other.count_;
    return *this;
  }

 private:
  explicit constexpr Duration(std::int64_t count) : count_(count) {}
  std::int64_t count_ = 0;
};

/// `duration` scaled by a real factor, to the nearest nanosecond.
constexpr Duration scaled(Duration duration, double factor) {
  return Duration::from_seconds(duration.to_seconds() * factor);
}

/// Length of a duration in hours.
constexpr double hours(Duration duration) { return duration.to_seconds() / seconds_per_hour; }

/// A point in simulated time: nanoseconds since the start of the run, never negative in a queue.
class Time {
 public:
  constexpr Time() = default;
  static constexpr Time zero() { return Time(0); }
  static constexpr Time never() { return Time(std::numeric_limits<std::int64_t>::max()); }
  static constexpr Time from_count(std::int64_t count) { return Time(count); }

  [[nodiscard]] constexpr std::int64_t count() const { return count_; }
  [[nodiscard]] constexpr double to_seconds() const { return static_cast<double>(count_) * 1e-9; }

  friend constexpr auto operator<=>(Time, Time) = default;
  /// Saturates at `never()`, so an infinite timer is a timer that never fires.
  friend constexpr Time operator+(Time a, Duration d) {
    if (a == never() || d == Duration::infinite()) return never();
    std::int64_t sum = 0;
    return __builtin_add_overflow(a.count_, d.count(), &sum) ? never() : Time(sum);
  }
  friend constexpr Time operator-(Time a, Duration d) { return Time(a.count_ - d.count()); }
  friend constexpr Duration operator-(Time a, Time b) { return Duration::nanoseconds(a.count_ - b.count_); }

 private:
  explicit constexpr Time(std::int64_t count) : count_(count) {}
  std::int64_t count_ = 0;
};

namespace literals {
constexpr Duration operator""_ms(unsigned long long count) {
  return Duration::milliseconds(static_cast<std::int64_t>(count));
}
constexpr Duration operator""_s(unsigned long long count) {
  return Duration::seconds(static_cast<std::int64_t>(count));
}
constexpr Duration operator""_min(unsigned long long count) {
  return Duration::seconds(60 * static_cast<std::int64_t>(count));
}
constexpr Duration operator""_h(unsigned long long count) {
  return Duration::seconds(3600 * static_cast<std::int64_t>(count));
}
}  // namespace literals

/// A year of 8,760 hours, the year of every rate and of every annual figure.
inline constexpr Duration year = Duration::seconds(8760LL * 3600);

/// A clock tick grid `origin + n * period`: the arithmetic form of a periodic event that changes nothing.
struct Grid {
  Time origin;
  Duration period;  ///< > 0

  /// Latest tick at or before `t`. Ticks extend backwards beyond the origin.
  [[nodiscard]] constexpr Time at_or_before(Time t) const {
    assert(period > Duration());
    std::int64_t offset = (t - origin).count() % period.count();
    if (offset < 0) offset += period.count();
    return t - Duration::nanoseconds(offset);
  }
  /// Earliest tick strictly after `t`.
  [[nodiscard]] constexpr Time after(Time t) const { return at_or_before(t) + period; }
  /// Earliest tick at or after `t`.
  [[nodiscard]] constexpr Time at_or_after(Time t) const {
    const Time tick = at_or_before(t);
    return tick == t ? t : tick + period;
  }
};

}  // namespace nines::sim
