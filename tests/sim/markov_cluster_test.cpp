// Published benchmark models against the digits of the rare-event sheet, sections 3.1 to 3.5.
//
// Tolerances are half a unit of the last digit that the sheet prints, as a relative error.
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/markov.hpp"
#include "sim/math.hpp"
#include "tests/sim/state_space.hpp"

using namespace nines;
using sim::StateSet;
using sim::StateVector;
using test::StateSpace;

namespace {

constexpr double ten_digits = 5e-10;

/// The workstation cluster of Haverkort, Hermanns and Katoen (2000): two groups of workstations, each behind a switch,
/// joined by a line, and one repairer, who first has to notice that a class of parts needs him.
enum Class { left, right, to_left, to_right, line, classes };
constexpr int idle = classes;
constexpr double fail_rate[classes] = {1.0 / 500, 1.0 / 500, 1.0 / 4000, 1.0 / 4000, 1.0 / 5000};
constexpr double repair_rate[classes] = {2, 2, 0.25, 0.25, 0.125};
constexpr double inspection_rate = 10;

struct Cluster {
  std::array<int, classes> working{};
  int repairer = idle;  ///< class under repair
  auto operator<=>(const Cluster&) const = default;

  [[nodiscard]] bool serves(int stations) const {
    return (working[left] >= stations && working[to_left]) || (working[right] >= stations && working[to_right]) ||
           (working[left] + working[right] >= stations && working[to_left] && working[to_right] && working[line]);
  }
};

Cluster all_working(int n) { return {{n, n, 1, 1, 1}, idle}; }

template <class Go>
void fail_and_finish(const Cluster& state, Go go) {
  for (std::size_t c = 0; c < classes; ++c) {
    if (state.working[c] == 0) continue;
    Cluster next = state;
    --next.working[c];
    go(next, state.working[c] * fail_rate[c]);
  }
  if (state.repairer == idle) return;
  const auto repaired = static_cast<std::size_t>(state.repairer);
  Cluster next = state;
  ++next.working[repaired];
  next.repairer = idle;
  go(next, repair_rate[repaired]);
}

StateSpace<Cluster> cluster(int n) {
  const Cluster first = all_working(n);
  return test::explore(first, [first](const Cluster& state, auto go) {
    fail_and_finish(state, go);
    if (state.repairer != idle) return;
    for (int c = 0; c < classes; ++c) {
      if (state.working[static_cast<std::size_t>(c)] == first.working[static_cast<std::size_t>(c)]) continue;
      Cluster next = state;
      next.repairer = c;
      go(next, inspection_rate);
    }
  });
}

StateSet serving(const StateSpace<Cluster>& space, int stations) {
  return space.where([stations](const Cluster& state) { return state.serves(stations); });
}

struct ClusterRow {
  int n;
  std::size_t states;
  double premium, below, qos1, below_hours, mttf, qos2, frequency;
};
constexpr ClusterRow rows[] = {
    {2, 276, 0.9999615335624, 2.339823365e-6, 1.158395575e-3, 4.659192405e-3, 1.721636160e6, 2.201599927e-6,
     5.815384285e-7},
    {4, 820, 0.9999212408514, 3.701129865e-6, 1.822105149e-3, 7.363146871e-3, 1.093407880e6, 3.321706859e-6,
     9.162336515e-7},
    {8, 2772, 0.9998330692674, 2.427606481e-6, 1.187232021e-3, 4.831352454e-3, 1.679151506e6, 2.210317629e-6,
     5.964242534e-7},
    {16, 10132, 0.9996450888603, 2.112648219e-6, 1.040951489e-3, 4.207094509e-3, 1.916180202e6, 1.991721308e-6,
     5.224812851e-7},
    {32, 38676, 0.9992833684297, 2.093355224e-6, 1.033611741e-3, 4.169395852e-3, 0, 0, 5.187021174e-7},
};

int needed(int n) { return 3 * n / 4; }

void check_steady(const ClusterRow& row) {
  const auto space = cluster(row.n);
  REQUIRE(space.size() == row.states);
  const auto chain = space.chain();
  const StateVector share = sim::steady_state(chain);
  const StateSet below = sim::complement(serving(space, needed(row.n)));
  // Compared on 1 - p, of which the thirteen digits of p give nine.
  CHECK(std::abs(sim::sum_over(share, sim::complement(serving(space, row.n))) - (1 - row.premium)) < 6e-14);
  CHECK(sim::sum_over(share, below) == Approx(row.below).epsilon(ten_digits));
  CHECK(sim::entry_frequency(chain, share, below) == Approx(row.frequency).epsilon(ten_digits));
}

void check_mttf(const ClusterRow& row) {
  const auto space = cluster(row.n);
  const StateSet below = sim::complement(serving(space, needed(row.n)));
  const auto passage = sim::first_passage(space.chain(), space.start(), below);
  CHECK(sim::sum_over(passage.hours, StateSet(space.size(), 1)) == Approx(row.mttf).epsilon(ten_digits));
  CHECK(sim::sum_over(passage.entered, below) == Approx(1).epsilon(1e-11));
}

void check_transient(const ClusterRow& row) {
  constexpr double long_window = 2000;
  const auto space = cluster(row.n);
  const auto chain = space.chain();
  const StateSet below = sim::complement(serving(space, needed(row.n)));
  const auto stopped = sim::transient(chain.stopped_in(below), space.start(), long_window);
  CHECK(sim::sum_over(stopped.probability, below) == Approx(row.qos1).epsilon(ten_digits));
  const auto running = sim::transient(chain, space.start(), long_window);
  CHECK(sim::sum_over(running.hours, below) == Approx(row.below_hours).epsilon(ten_digits));
}

void check_short(const ClusterRow& row) {
  constexpr double short_window = 20;
  const auto space = cluster(row.n);
  const StateSet below = sim::complement(serving(space, needed(row.n)));
  const auto soon = sim::transient(space.chain(), space.start(), short_window);
  CHECK(sim::sum_over(soon.probability, below) == Approx(row.qos2).epsilon(ten_digits));
}

}  // namespace

TEST_CASE("workstation cluster: steady state and mean time to failure") {
  const auto row = GENERATE(from_range(std::vector<ClusterRow>(rows, rows + 4)));
  CAPTURE(row.n);
  check_steady(row);
  check_mttf(row);
}

TEST_CASE("workstation cluster of 38,676 states: steady state", "[slow]") { check_steady(rows[4]); }

TEST_CASE("workstation cluster: windows of 20 and 2000 hours") {
  const auto row = GENERATE(from_range(std::vector<ClusterRow>(rows, rows + 2)));
  CAPTURE(row.n);
  check_transient(row);
  check_short(row);
}

TEST_CASE("workstation cluster: windows of the larger ones", "[slow]") {
  const auto row = GENERATE(from_range(std::vector<ClusterRow>(rows + 2, rows + 4)));
  CAPTURE(row.n);
  check_transient(row);
  check_short(row);
}
