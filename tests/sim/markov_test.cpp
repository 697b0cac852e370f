// Markov chains against closed forms, an independent dense solution, and the rare-event sheet, sections 2 to 4.
//
// Tolerances against the sheet are half a unit of the last digit it prints, as a relative error (ten digits).
#include "sim/markov.hpp"

#include <array>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/compound_poisson.hpp"
#include "sim/math.hpp"
#include "sim/random.hpp"
#include "tests/sim/state_space.hpp"

namespace markov_test {

using namespace nines;
using Catch::Matchers::Contains;
using sim::MarkovChain;
using sim::StateSet;
using sim::StateVector;
using sim::Transition;

namespace {

constexpr double ten_digits = 5e-10;
constexpr double year = 8760;
constexpr double month = 720;

double total(const StateVector& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

StateSet set_of(std::size_t states, const std::vector<std::size_t>& members) {
  StateSet set(states, 0);
  for (const std::size_t i : members) set[i] = 1;
  return set;
}

/// States count the failed of `nodes`; `crews` repairs at a time.
MarkovChain group(int nodes, double fail, double repair, int crews) {
  std::vector<Transition> transitions;
  for (int failed = 0; failed < nodes; ++failed) {
    const auto i = static_cast<std::size_t>(failed);
    transitions.push_back({i, i + 1, (nodes - failed) * fail});
    transitions.push_back({i + 1, i, std::min(failed + 1, crews) * repair});
  }
  return {static_cast<std::size_t>(nodes) + 1, transitions};
}

/// The states of a group with at least `failed` failed.
StateSet at_least(int nodes, int failed) {
  StateSet set;
  for (int i = 0; i <= nodes; ++i) set.push_back(i >= failed ? 1 : 0);
  return set;
}

double unavailability(const MarkovChain& chain, const StateSet& down) {
  return sim::sum_over(sim::steady_state(chain), down);
}

double mean_time_to(const MarkovChain& chain, const StateSet& down) {
  return total(sim::first_passage(chain, sim::certain_state(chain.size(), 0), down).hours);
}

const MarkovChain s3 = group(3, 1.0 / 2000, 1.0 / 4, 1);
const StateSet s3_down = at_least(3, 2);

/// Nodes in zones: a node works if it and its zone do; each is repaired by itself. One bit each.
double quorum_on_zones(const std::vector<unsigned>& zone_of, unsigned zones, int quorum) {
  constexpr double node_fail = 1.0 / 2000, node_repair = 1.0 / 4, zone_fail = 1.0 / 8760, zone_repair = 1.0 / 3;
  const auto nodes = static_cast<unsigned>(zone_of.size());
  const auto space = test::explore(0U, [&](unsigned failed, auto go) {
    for (unsigned i = 0; i < nodes + zones; ++i) {
      const bool is_failed = (failed >> i & 1U) != 0;
      const bool is_node = i < nodes;
      go(failed ^ 1U << i, is_failed ? (is_node ? node_repair : zone_repair) : (is_node ? node_fail : zone_fail));
    }
  });
  return unavailability(space.chain(), space.where([&](unsigned failed) {
    int working = 0;
    for (unsigned i = 0; i < nodes; ++i)
      working += (failed >> i & 1U) == 0 && (failed >> (nodes + zone_of[i]) & 1U) == 0;
    return working < quorum;
  }));
}

/// Random numbers of one test.
class Draws {
 public:
  explicit Draws(std::uint64_t key) : key_(key) {}
  double uniform() { return sim::to_unit(sim::random_bits(key_, 0, next_++)); }
  std::size_t below(std::size_t n) { return static_cast<std::size_t>(uniform() * static_cast<double>(n)); }
  double rate() { return sim::exp(8 * (uniform() - 0.5)); }

 private:
  std::uint64_t key_;
  std::uint32_t next_ = 0;
};

/// A ring, so that every state leads to every other, with random shortcuts.
MarkovChain random_chain(Draws& draws, std::size_t states) {
  std::vector<Transition> transitions;
  for (std::size_t i = 0; i < states; ++i) transitions.push_back({i, (i + 1) % states, draws.rate()});
  for (std::size_t i = 0; i < 2 * states; ++i) {
    const std::size_t from = draws.below(states);
    const std::size_t to = draws.below(states);
    if (from != to) transitions.push_back({from, to, draws.rate()});
  }
  return {states, transitions};
}

/// Fifty digits: what elimination with subtractions loses does not show.
using Real = boost::multiprecision::cpp_bin_float_50;
using Dense = std::vector<std::vector<Real>>;

Dense generator(const MarkovChain& chain) {
  Dense q(chain.size(), std::vector<Real>(chain.size(), 0));
  for (const Transition& t : chain.transitions()) {
    q[t.from][t.to] += t.rate;
    q[t.from][t.from] -= t.rate;
  }
  return q;
}

/// Gauss and Jordan with row pivoting: an independent way to the same numbers.
std::vector<Real> solve(Dense a, std::vector<Real> b) {
  const std::size_t n = b.size();
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t best = k;
    for (std::size_t i = k; i < n; ++i) best = abs(a[i][k]) > abs(a[best][k]) ? i : best;
    std::swap(a[k], a[best]);
    std::swap(b[k], b[best]);
    for (std::size_t i = 0; i < n; ++i) {
      if (i == k) continue;
      const Real factor = a[i][k] / a[k][k];
      for (std::size_t j = k; j < n; ++j) a[i][j] -= factor * a[k][j];
      b[i] -= factor * b[k];
    }
  }
  for (std::size_t k = 0; k < n; ++k) b[k] /= a[k][k];
  return b;
}

std::vector<Real> dense_steady_state(const MarkovChain& chain) {
  const Dense q = generator(chain);
  const std::size_t n = chain.size();
  Dense a(n, std::vector<Real>(n));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) a[i][j] = i + 1 < n ? q[j][i] : 1;
  }
  std::vector<Real> b(n, 0);
  b.back() = 1;
  return solve(a, b);
}

/// Mean time from each state to the last one.
std::vector<Real> dense_hours_to_last(const MarkovChain& chain) {
  Dense a = generator(chain);
  a.pop_back();
  for (auto& row : a) row.pop_back();
  return solve(a, std::vector<Real>(chain.size() - 1, -1));
}

/// Taylor series of e^(Qt), squared up: an independent way to transient probabilities.
Dense dense_exponential(const MarkovChain& chain, double hours) {
  const std::size_t n = chain.size();
  const auto product = [n](const Dense& a, const Dense& b) {
    Dense c(n, std::vector<Real>(n, 0));
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < n; ++k) {
        for (std::size_t j = 0; j < n; ++j) c[i][j] += a[i][k] * b[k][j];
      }
    }
    return c;
  };
  constexpr int squarings = 20;
  constexpr int terms = 12;
  Dense q = generator(chain);
  for (auto& row : q) {
    for (auto& x : row) x *= Real(hours) / (1 << squarings);
  }
  Dense sum(n, std::vector<Real>(n, 0));
  for (std::size_t i = 0; i < n; ++i) sum[i][i] = 1;
  Dense power = sum;
  for (int k = 1; k < terms; ++k) {
    power = product(power, q);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) sum[i][j] += (power[i][j] /= k);
    }
  }
  for (int k = 0; k < squarings; ++k) sum = product(sum, sum);
  return sum;
}

std::string message_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("a chain adds up rates named twice and leaves transitions to itself out") {
  const MarkovChain chain(2, {{1, 0, 3}, {0, 1, 1}, {0, 0, 7}, {0, 1, 2}});
  REQUIRE(chain.transitions().size() == 2);
  CHECK(chain.transitions()[0].rate == 3);
  CHECK(chain.exit_rate(0) == 3);
  CHECK(chain.exit_rate(1) == 3);
}

TEST_CASE("a chain that makes no sense is refused") {
  CHECK_THAT(message_of([] { MarkovChain(0, {}); }), Contains("no states"));
  CHECK_THAT(message_of([] { MarkovChain(2, {{0, 2, 1}}); }), Contains("0 -> 2") && Contains("beyond the last, 1"));
  CHECK_THAT(message_of([] { MarkovChain(2, {{0, 1, 0}}); }), Contains("0 -> 1") && Contains("not positive"));
  CHECK_THAT(message_of([] { MarkovChain(2, {{0, 1, -1}}); }), Contains("not positive"));
  CHECK_THAT(message_of([] { MarkovChain(2, {{0, 1, std::nan("")}}); }), Contains("not positive"));
  CHECK_THAT(message_of([] { MarkovChain(2, {{0, 1, INFINITY}}); }), Contains("finite"));
}

TEST_CASE("a question without an answer names the state that spoils it") {
  const MarkovChain two_ends(3, {{0, 1, 1}, {0, 2, 1}});
  CHECK_THAT(message_of([&] { sim::steady_state(two_ends); }),
             Contains("no single steady state") && Contains("state 1"));
  CHECK_THAT(message_of([&] {
               sim::first_passage(two_ends, {1, 0, 0}, {0, 0, 1});
             }),
             Contains("infinite") && Contains("state 1"));
  CHECK_THAT(message_of([&] { sim::first_passage(two_ends, {1, 0}, {0, 0, 1}); }), Contains("2 states, the chain 3"));
  CHECK_THAT(message_of([&] { sim::first_passage(two_ends, {1, 0, 0}, {0, 1}); }), Contains("2 states"));
  CHECK_THAT(message_of([&] { sim::transient(two_ends, {0.5, 0, 0}, 1); }), Contains("add up"));
  CHECK_THAT(message_of([&] { sim::transient(two_ends, {1.5, -0.5, 0}, 1); }), Contains("state 1 is negative"));
}

TEST_CASE("states that are left for good have no share in the long run") {
  // 0 -> 1 -> {2, 3}: the pair is never left.
  const StateVector share = sim::steady_state({4, {{0, 1, 1}, {1, 2, 1}, {2, 3, 1}, {3, 2, 3}}});
  CHECK(share[0] == 0);
  CHECK(share[1] == 0);
  CHECK(share[2] == Approx(0.75).epsilon(1e-15));
  CHECK(sim::steady_state({1, {}}) == StateVector{1});
  CHECK(sim::steady_state({3, {{0, 2, 1}, {1, 2, 1}}}) == StateVector{0, 0, 1});
}

TEST_CASE("a long birth-death chain keeps fourteen digits down to 1e-60") {
  // Weights are products of birth / death rates; the closed form is a product, too.
  constexpr int states = 28;
  std::vector<Transition> transitions;
  std::vector<double> weight{1};
  for (int i = 0; i + 1 < states; ++i) {
    const double birth = 1e-3 * (1 + 0.1 * i);
    const double death = 0.3 * (1 + i % 3);
    const auto at = static_cast<std::size_t>(i);
    transitions.push_back({at, at + 1, birth});
    transitions.push_back({at + 1, at, death});
    weight.push_back(weight.back() * birth / death);
  }
  const StateVector share = sim::steady_state({states, transitions});
  CHECK(share.back() < 1e-60);
  for (std::size_t i = 0; i < states; ++i) CHECK(share[i] == Approx(weight[i] / total(weight)).epsilon(1e-14));
}

TEST_CASE("random chains equal an independent dense solution") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    Draws draws(seed);
    const std::size_t n = 2 + draws.below(30);
    const MarkovChain chain = random_chain(draws, n);
    const StateVector share = sim::steady_state(chain);
    const auto expected = dense_steady_state(chain);
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i)
      worst = std::max(worst, std::abs(share[i] / static_cast<double>(expected[i]) - 1));
    CHECK(worst < 4e-14);

    const auto hours = dense_hours_to_last(chain);
    const StateSet last = set_of(n, {n - 1});
    for (std::size_t i = 0; i + 1 < n; ++i) {
      const auto passage = sim::first_passage(chain, sim::certain_state(n, i), last);
      CHECK(total(passage.hours) == Approx(static_cast<double>(hours[i])).epsilon(1e-14));
    }
  }
}

TEST_CASE("random chains equal an independent matrix exponential") {
  for (std::uint64_t seed = 100; seed < 105; ++seed) {
    CAPTURE(seed);
    Draws draws(seed);
    const std::size_t n = 3 + draws.below(6);
    const MarkovChain chain = random_chain(draws, n);
    const double window = 0.3;
    const auto at_end = sim::transient(chain, sim::certain_state(n, 0), window);
    const Dense expected = dense_exponential(chain, window);
    for (std::size_t i = 0; i < n; ++i)
      CHECK(at_end.probability[i] == Approx(static_cast<double>(expected[0][i])).epsilon(1e-11));
    CHECK(total(at_end.hours) == Approx(window).epsilon(1e-13));
  }
}

TEST_CASE("solutions balance: what flows into a state flows out") {
  Draws draws(7);
  const MarkovChain chain = random_chain(draws, 2000);
  const StateVector share = sim::steady_state(chain);
  StateVector in(chain.size(), 0);
  for (const Transition& t : chain.transitions()) in[t.to] += share[t.from] * t.rate;
  double worst = 0;
  for (std::size_t i = 0; i < chain.size(); ++i)
    worst = std::max(worst, std::abs(in[i] / (share[i] * chain.exit_rate(i)) - 1));
  CHECK(worst < 1e-12);
}

TEST_CASE("groups of nodes: cases S1 to S5") {
  CHECK(unavailability(group(1, 1.0 / 1000, 1.0 / 2, 1), at_least(1, 1)) == Approx(1.996007984e-3).epsilon(ten_digits));
  CHECK(unavailability(group(3, 1.0 / 2000, 1.0 / 4, 3), at_least(3, 2)) == Approx(1.193623923e-5).epsilon(ten_digits));
  CHECK(unavailability(group(5, 1.0 / 2000, 1.0 / 4, 5), at_least(5, 3)) == Approx(7.928401415e-8).epsilon(ten_digits));
  CHECK(unavailability(group(5, 1.0 / 2000, 1.0 / 4, 1), at_least(5, 3)) == Approx(4.771142979e-7).epsilon(ten_digits));
  const StateVector share = sim::steady_state(s3);
  CHECK(sim::sum_over(share, s3_down) == Approx(2.390400115e-5).epsilon(ten_digits));
  CHECK(year * sim::entry_frequency(s3, share, s3_down) == Approx(5.224527197e-2).epsilon(ten_digits));
  CHECK(mean_time_to(s3, s3_down) == Approx(168333.0 + 1.0 / 3).epsilon(1e-14));
}

TEST_CASE("quorums over zones: case S6") {
  CHECK(quorum_on_zones({0, 0, 1, 1, 2}, 3, 3) == Approx(4.527888967e-6).epsilon(ten_digits));
  CHECK(quorum_on_zones({0, 1, 2}, 3, 2) == Approx(1.636859803e-5).epsilon(ten_digits));
  CHECK(quorum_on_zones({0, 0, 0, 0, 0}, 1, 3) == Approx(3.424277677e-4).epsilon(ten_digits));
  CHECK(quorum_on_zones({0, 0, 0, 1, 1}, 2, 3) == Approx(3.444729421e-4).epsilon(ten_digits));
}

TEST_CASE("common shocks: case S7") {
  const auto with_shock = [](double beta) {
    std::vector<Transition> transitions;
    for (std::size_t failed = 0; failed < 3; ++failed) {
      const auto working = static_cast<double>(3 - failed);
      transitions.push_back({failed, failed + 1, working * (1 - beta) / 2000});
      transitions.push_back({failed, 3, beta / 2000});
      transitions.push_back({failed + 1, failed, static_cast<double>(failed + 1) / 4});
    }
    return unavailability({4, transitions}, at_least(3, 2));
  };
  CHECK(with_shock(0.01) == Approx(2.841123063e-5).epsilon(ten_digits));
  CHECK(with_shock(0.05) == Approx(9.432152615e-5).epsilon(ten_digits));
  CHECK(with_shock(0.10) == Approx(1.767326423e-4).epsilon(ten_digits));
}

TEST_CASE("active and standby with imperfect coverage: case S8") {
  enum { both, failing_over, uncovered, one, neither };
  constexpr double fail = 1.0 / 4000, repair = 1.0 / 8, coverage = 0.95;
  const MarkovChain chain(5, {{both, failing_over, coverage * fail},
                              {both, uncovered, (1 - coverage) * fail},
                              {both, one, fail},
                              {failing_over, one, 3600.0 / 30},
                              {uncovered, one, 2},
                              {one, neither, fail},
                              {one, both, repair},
                              {neither, one, repair}});
  const StateVector share = sim::steady_state(chain);
  CHECK(share[failing_over] == Approx(1.971249676e-6).epsilon(ten_digits));
  CHECK(share[uncovered] == Approx(6.224998978e-6).epsilon(ten_digits));
  CHECK(share[neither] == Approx(7.967998691e-6).epsilon(ten_digits));
  CHECK(share[failing_over] + share[uncovered] + share[neither] == Approx(1.616424735e-5).epsilon(ten_digits));
}

TEST_CASE("only the means of detection, election and restart count: case S9") {
  enum { up, detecting, electing, restoring };
  const MarkovChain chain(4, {{up, detecting, 1.0 / 2000},
                              {detecting, electing, 3600.0 / 30},
                              {electing, restoring, 3600.0 / 0.225 * 0.8},
                              {restoring, up, 3600.0 / 60}});
  CHECK(unavailability(chain, set_of(4, {detecting, electing, restoring})) ==
        Approx(1.253890527e-5).epsilon(ten_digits));
}

TEST_CASE("the shape of the repair time counts where repairs queue: case S10") {
  // State 0: both work; otherwise phase of the repair and number of failed nodes.
  const auto erlang = [](std::size_t phases) {
    constexpr double fail = 1.0 / 500;
    const double step = static_cast<double>(phases) / 4;
    const auto state = [phases](std::size_t failed, std::size_t phase) { return 1 + (failed - 1) * phases + phase; };
    std::vector<Transition> transitions{{0, state(1, 0), 2 * fail}};
    for (std::size_t phase = 0; phase < phases; ++phase) {
      const bool done = phase + 1 == phases;
      transitions.push_back({state(1, phase), state(2, phase), fail});
      transitions.push_back({state(1, phase), done ? 0 : state(1, phase + 1), step});
      transitions.push_back({state(2, phase), done ? state(1, 0) : state(2, phase + 1), step});
    }
    const std::size_t states = 1 + 2 * phases;
    StateSet down(states, 0);
    for (std::size_t phase = 0; phase < phases; ++phase) down[state(2, phase)] = 1;
    return unavailability({states, transitions}, down);
  };
  CHECK(erlang(1) == Approx(1.259683819e-4).epsilon(ten_digits));
  CHECK(erlang(3) == Approx(8.427778327e-5).epsilon(ten_digits));
  // Many phases come near a fixed time; the rest shrinks like 1 / phases.
  CHECK(2 * erlang(400) - erlang(200) == Approx(6.332108456e-5).epsilon(1e-6));
}

TEST_CASE("a replica that catches up can fail again: case S12") {
  enum { in_sync, down, catching_up };
  constexpr double fail = 1.0 / 1000;
  const MarkovChain broker(
      3, {{in_sync, down, fail}, {down, catching_up, 4}, {catching_up, in_sync, 2}, {catching_up, down, fail}});
  const double b = unavailability(broker, set_of(3, {down, catching_up}));
  CHECK(1 - b == Approx(0.999250437266).epsilon(5e-13));
  CHECK(3 * (1 - b) * b * b + b * b * b == Approx(1.684690603e-6).epsilon(ten_digits));
}

TEST_CASE("times to data loss that defeat a factorisation: case S13") {
  struct Disk {
    double rate, mttdl, loss_in_a_year;
  };
  const auto disk =
      GENERATE(Disk{4e-5, 1.302447963e12, 6.725796518e-9}, Disk{0.002 / year, 7.002317191e18, 1.251014452e-15},
               Disk{0.00001 / year, 5.601844845e25, 1.563770551e-22});
  const MarkovChain replicas = group(3, disk.rate, 1.0 / 2, 3);
  const StateSet lost = at_least(3, 3);
  CHECK(mean_time_to(replicas, lost) == Approx(disk.mttdl).epsilon(ten_digits));
  const double r = 0.5 / disk.rate;
  const double closed_form = (1.0 / 3 + (1 + r / 3) / 2 + (1 + r * (1 + r / 3))) / disk.rate;
  CHECK(mean_time_to(replicas, lost) == Approx(closed_form).epsilon(1e-14));

  // The sheet's figures take the rate of loss to be constant ...
  CHECK(-sim::expm1(-year / mean_time_to(replicas, lost)) == Approx(disk.loss_in_a_year).epsilon(ten_digits));
  // ... but from all working it takes 3 h, to first order in rate x repair time, to come up to it.
  const auto in_a_year = sim::transient(replicas.stopped_in(lost), sim::certain_state(4, 0), year);
  const double expected = -sim::expm1(-(year - 3) / mean_time_to(replicas, lost));
  CHECK(in_a_year.probability[3] == Approx(expected).epsilon(disk.rate * 2 * 6 / year + 1e-11));
}

TEST_CASE("downtime of a window: the rows of section 2") {
  const StateVector start = sim::certain_state(4, 0);
  CHECK(sim::downtime_exceeds(s3, start, s3_down, month, 0.1) == Approx(4.140011551e-3).epsilon(ten_digits));
  CHECK(sim::downtime_exceeds(s3, start, s3_down, month, 1) == Approx(3.306404460e-3).epsilon(ten_digits));
  const auto in_a_month = sim::transient(s3, start, month);
  CHECK(sim::sum_over(in_a_month.hours, s3_down) / month == Approx(2.363813978e-5).epsilon(ten_digits));

  const MarkovChain single = group(1, 1.0 / 1500, 4, 1);
  const auto breach = [&](double share) {
    return sim::downtime_exceeds(single, sim::certain_state(2, 0), at_least(1, 1), month, month * share);
  };
  CHECK(breach(0.001) == Approx(3.833188472e-2).epsilon(ten_digits));
  CHECK(breach(0.0005) == Approx(1.223413156e-1).epsilon(ten_digits));
  CHECK(breach(0.0001) == Approx(3.043838355e-1).epsilon(ten_digits));
}

TEST_CASE("downtime of a window with many outages equals the closed form of Takacs") {
  constexpr double fail = 10, repair = 12, window = 10;
  const MarkovChain chain = group(1, fail, repair, 1);
  for (const double budget : {0.5, 2.0, 4.5, 6.0, 9.5}) {
    CAPTURE(budget);
    CHECK(sim::downtime_exceeds(chain, {1, 0}, {0, 1}, window, budget) ==
          Approx(sim::breach_with_exponential_outages(fail, 1 / repair, window, budget)).epsilon(1e-11));
  }
}

TEST_CASE("the law of the downtime integrates to its mean, also for large budgets") {
  const MarkovChain chain = group(2, 0.3, 0.5, 1);
  const StateVector start{0.2, 0.3, 0.5};
  const StateSet down = at_least(2, 2);
  constexpr double window = 5;
  constexpr int steps = 200;
  // Mid-points; the law jumps at 0 and at the whole window only, which mid-points do not touch.
  double mean = 0;
  double before = 1;
  for (int i = 0; i < steps; ++i) {
    const double exceeds = sim::downtime_exceeds(chain, start, down, window, window * (i + 0.5) / steps);
    CHECK(exceeds <= before);
    before = exceeds;
    mean += exceeds * window / steps;
  }
  CHECK(mean == Approx(sim::sum_over(sim::transient(chain, start, window).hours, down)).epsilon(2e-5));
  // At budget 0: entered at all.
  const auto entered = sim::transient(chain.stopped_in(down), start, window);
  CHECK(sim::downtime_exceeds(chain, start, down, window, 0) ==
        Approx(sim::sum_over(entered.probability, down)).epsilon(1e-12));
}

TEST_CASE("mass that starts in the target is there at once") {
  const auto passage = sim::first_passage(group(1, 2, 1, 1), {0.25, 0.75}, {0, 1});
  CHECK(passage.hours == StateVector{0.125, 0});
  CHECK(passage.entered[1] == 1);
  const auto all = sim::first_passage(group(1, 2, 1, 1), {0, 1}, {0, 1});
  CHECK(all.entered[1] == 1);
  CHECK(total(all.hours) == 0);
}

TEST_CASE("windows of no length and chains without transitions stand still") {
  const auto still = sim::transient(s3, sim::certain_state(4, 1), 0);
  CHECK(still.probability == sim::certain_state(4, 1));
  CHECK(total(still.hours) == 0);
  const auto alone = sim::transient({2, {}}, {0.5, 0.5}, 7);
  CHECK(alone.probability == StateVector{0.5, 0.5});
  CHECK(alone.hours == StateVector{3.5, 3.5});
}

TEST_CASE("long windows come to the steady state, short ones keep rare states") {
  const auto late = sim::transient(s3, sim::certain_state(4, 0), 2000);
  const StateVector share = sim::steady_state(s3);
  for (std::size_t i = 0; i < 4; ++i) CHECK(late.probability[i] == Approx(share[i]).epsilon(1e-11));
  // Three failures within a nanohour: (3 x 2 x 1) (lambda t)^3 / 3!, to first order.
  const auto soon = sim::transient(s3, sim::certain_state(4, 0), 1e-9);
  CHECK(soon.probability[3] == Approx(1.25e-37).epsilon(1e-8));
}

}  // namespace markov_test
