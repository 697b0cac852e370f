#include "sim/time.hpp"

#include <catch2/catch.hpp>
#include <limits>

#include "sim/random.hpp"

namespace time_test {

using namespace nines::sim;
using namespace nines::sim::literals;

namespace {
Time at(std::int64_t count) { return Time::from_count(count); }
Duration ns(std::int64_t count) { return Duration::nanoseconds(count); }
}  // namespace

TEST_CASE("literals and conversions agree") {
  CHECK(1_s == 1000_ms);
  CHECK(2_min == 120_s);
  CHECK(1_h == 60_min);
  CHECK((1500_ms).to_seconds() == 1.5);
  CHECK(Duration::from_seconds(1.5) == 1500_ms);
  CHECK(year == 8760_h);
  CHECK((10_s) / (3_s) == 3);
  CHECK((10_s) % (3_s) == 1_s);
  CHECK(3 * (2_s) == 6_s);
}

TEST_CASE("a real number becomes the nearest nanosecond") {
  CHECK(Duration::from_seconds(1.4e-9) == ns(1));
  CHECK(Duration::from_seconds(1.6e-9) == ns(2));
  CHECK(Duration::from_seconds(-1.4e-9) == ns(-1));
  CHECK(Duration::from_seconds(-1.6e-9) == ns(-2));
  CHECK(scaled(3_s, 0.5) == 1500_ms);
  CHECK(scaled(3_s, 0) == Duration());
}

TEST_CASE("durations beyond the range saturate") {
  CHECK(Duration::from_seconds(1e300) == Duration::infinite());
  CHECK(Duration::from_seconds(9.3e9) == Duration::infinite());
  CHECK(Duration::from_seconds(-1e300) < ns(std::numeric_limits<std::int64_t>::min() + 2));
  CHECK(scaled(year, 1e6) == Duration::infinite());
}

TEST_CASE("never absorbs what is added to it") {
  CHECK(Time::never() + 1_s == Time::never());
  CHECK(Time::never() + Duration() == Time::never());
  CHECK(Time::zero() + Duration::infinite() == Time::never());
  CHECK(at(std::numeric_limits<std::int64_t>::max() - 5) + ns(6) == Time::never());
  CHECK(at(std::numeric_limits<std::int64_t>::max() - 5) + ns(4) < Time::never());
  CHECK(Time::zero() + 290 * year < Time::never());
}

TEST_CASE("a grid gives the ticks that counting gives") {
  for (std::int64_t origin = -7; origin <= 7; ++origin) {
    for (std::int64_t period = 1; period <= 9; ++period) {
      const Grid grid{at(origin), ns(period)};
      for (std::int64_t t = -30; t <= 30; ++t) {
        std::int64_t tick = origin - 100 * period;
        while (tick + period <= t) tick += period;
        REQUIRE(grid.at_or_before(at(t)) == at(tick));
        REQUIRE(grid.after(at(t)) == at(tick + period));
        REQUIRE(grid.at_or_after(at(t)) == at(tick == t ? t : tick + period));
      }
    }
  }
}

TEST_CASE("a grid holds its definition over the whole range") {
  for (std::uint32_t i = 0; i < 10'000; ++i) {
    const auto origin = static_cast<std::int64_t>(random_bits(1, 0, i) >> 2);
    const auto period = static_cast<std::int64_t>(random_bits(1, 1, i) >> (2 + i % 60)) + 1;
    const auto t = static_cast<std::int64_t>(random_bits(1, 2, i) >> 2);
    const Time tick = Grid{at(origin), ns(period)}.at_or_before(at(t));
    REQUIRE(tick <= at(t));
    REQUIRE(at(t) - tick < ns(period));
    REQUIRE((tick - at(origin)).count() % period == 0);
  }
}

}  // namespace time_test
