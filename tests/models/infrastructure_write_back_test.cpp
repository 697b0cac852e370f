// What the page cache holds of a file when the power goes, against a kernel that is played write by write.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "models/infrastructure/write_back.hpp"
#include "tests/models/dice.hpp"

namespace write_back_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;

constexpr double age = 30;
constexpr double period = 5;

infrastructure::Parameters linux_defaults() {
  infrastructure::Parameters kernel;
  kernel.writeback_age = Duration::from_seconds(age);
  kernel.writeback_period = Duration::from_seconds(period);
  return kernel;
}

/// Writes a second come as they will, and the flusher wakes with a phase of its own after each write-back. Looks at a
/// moment that nothing knows of: how many writes are not on the disk?
std::vector<double> played(double writes_per_s, std::size_t looks, std::uint64_t seed) {
  Dice dice(seed);
  const auto gap = [&] { return -std::log(dice.uniform()) / writes_per_s; };
  std::vector<double> found;
  double look = dice.uniform() * 400;
  double dirty = 0;
  const auto look_until = [&](double at) {
    for (; look < at; look += dice.uniform() * 400) found.push_back(dirty);
  };
  double write = gap();
  while (found.size() < looks) {
    look_until(write);
    const double flush = write + age + period * dice.uniform();
    for (; write < flush; write += gap()) {
      look_until(write);
      ++dirty;
    }
    look_until(flush);
    dirty = 0;
  }
  return found;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

double error_of(const std::vector<double>& values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum) / static_cast<double>(values.size());
}

}  // namespace

TEST_CASE("what a power loss takes of a file is what a kernel played write by write has not written back",
          "[infrastructure]") {
  const infrastructure::Parameters kernel = linux_defaults();
  constexpr int steps = 20000;
  for (const double writes_per_s : {0.01, 0.05, 1.0, 20.0}) {
    double mean = 0;
    int clean = 0;
    for (int i = 0; i < steps; ++i) {
      const auto dirty = infrastructure::dirty_for(kernel, writes_per_s, (i + 0.5) / steps);
      const double lost = dirty ? 1 + dirty->to_seconds() * writes_per_s : 0;
      mean += lost / steps;
      clean += lost == 0 ? 1 : 0;
    }
    const double turn = age + period / 2;
    const double squared = turn * turn + period * period / 12;
    CHECK(mean == Approx(writes_per_s * (turn + writes_per_s * squared / 2) / (1 + writes_per_s * turn)).epsilon(1e-3));
    CHECK(double(clean) / steps == Approx(1 / (1 + writes_per_s * turn)).margin(1e-4));
    // Six standard errors: 2e-9.
    const std::vector<double> seen = played(writes_per_s, 20000, 7);
    CHECK(std::abs(mean_of(seen) - mean) < 6 * error_of(seen));
    CHECK(6 * error_of(seen) < 0.1 * mean);
  }
  CHECK_FALSE(infrastructure::dirty_for(kernel, 0, 0.5));
  // However seldom it is written, it is not dirty for longer than this.
  for (const double writes_per_s : {0.001, 1.0, 1e9})
    CHECK(infrastructure::dirty_for(kernel, writes_per_s, 1 - 1e-12)->to_seconds() == Approx(35).margin(1e-3));
}

}  // namespace write_back_test
