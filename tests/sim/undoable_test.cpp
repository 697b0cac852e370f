// A vector that undoes: whatever is done to it, it equals a plain one.
#include "sim/undoable.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

namespace undoable_test {

using nines::sim::Undoable;

namespace {

bool same(const Undoable<int>& a, const std::vector<int>& b) { return std::ranges::equal(a, b); }

}  // namespace

TEST_CASE("undoable: equals a plain vector through random edits, copies and returns", "[undoable]") {
  std::mt19937 dice(7);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(dice); };
  constexpr std::size_t size = 40;
  // Two origins, and values that are copies of either, of each other, or of nothing.
  std::vector<Undoable<int>> origins(2, Undoable<int>(size, 0));
  std::vector<std::vector<int>> plain_origins(2, std::vector<int>(size, 0));
  for (std::size_t o = 0; o < 2; ++o) {
    for (std::size_t i = 0; i < size; ++i) plain_origins[o][i] = origins[o].edit(i) = static_cast<int>(below(100));
    origins[o].freeze();
  }
  std::vector<Undoable<int>> values(5, Undoable<int>(size, 1));
  std::vector<std::vector<int>> plain(5, std::vector<int>(size, 1));
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t a = below(values.size());
    const std::size_t b = below(values.size());
    switch (below(6)) {
      case 0:
        values[a] = origins[b % 2];
        plain[a] = plain_origins[b % 2];
        CHECK(values[a].touched().empty());
        break;
      case 1:
        values[a] = values[b];
        plain[a] = plain[b];
        break;
      case 2: {
        const Undoable<int> fork(values[b]);
        CHECK(same(fork, plain[b]));
        break;
      }
      default: plain[a][b] = values[a].edit(b) = static_cast<int>(below(100));
    }
    REQUIRE(same(values[a], plain[a]));
  }
  for (std::size_t o = 0; o < 2; ++o) CHECK(same(origins[o], plain_origins[o]));
}

TEST_CASE("undoable: what may differ from the origin is told, each once", "[undoable]") {
  Undoable<int> origin(10, 0);
  origin.freeze();
  Undoable<int> work;
  work = origin;
  work.edit(7) = 1;
  work.edit(3) = 1;
  work.edit(7) = 2;
  CHECK(std::vector<std::uint32_t>(work.touched().begin(), work.touched().end()) == std::vector<std::uint32_t>{7, 3});
  const Undoable<int> fork(work);
  CHECK(fork.touched().size() == 2);
  work = origin;
  CHECK(work.touched().empty());
  CHECK(work == origin);
}

}  // namespace undoable_test
