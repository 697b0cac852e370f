// Published benchmark models against the digits of the rare-event sheet, sections 3.1 to 3.5.
//
// Tolerances are half a unit of the last digit that the sheet prints, as a relative error.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "sim/markov.hpp"
#include "sim/math.hpp"
#include "tests/sim/state_space.hpp"

namespace markov_models_test {

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

/// The fault-tolerant variant: repair starts at once. `choose(waiting)` gives the probability of each class of which
/// some part has failed.
using Shares = std::array<double, classes>;

template <class Choose>
StateSpace<Cluster> cluster_at_once(int n, Choose choose) {
  const Cluster first = all_working(n);
  return test::explore(first, [first, choose](const Cluster& state, auto go) {
    fail_and_finish(state, [&](const Cluster& next, double rate) {
      if (next.repairer != idle || next.working == first.working) {
        go(next, rate);
        return;
      }
      std::array<bool, classes> waiting{};
      for (std::size_t c = 0; c < classes; ++c) waiting[c] = next.working[c] < first.working[c];
      const Shares shares = choose(waiting);
      for (std::size_t c = 0; c < classes; ++c) {
        if (shares[c] > 0) go({next.working, static_cast<int>(c)}, rate * shares[c]);
      }
    });
  });
}

Shares uniformly(const std::array<bool, classes>& waiting) {
  const double count = static_cast<double>(std::count(waiting.begin(), waiting.end(), true));
  Shares shares{};
  for (std::size_t c = 0; c < classes; ++c) shares[c] = waiting[c] ? 1 / count : 0;
  return shares;
}

auto by_priority(const std::array<Class, classes>& order) {
  return [order](const std::array<bool, classes>& waiting) {
    Shares shares{};
    const auto first = std::find_if(order.begin(), order.end(), [&waiting](Class c) { return waiting[c]; });
    shares[*first] = 1;
    return shares;
  };
}

struct Policy {
  double mttf, unavailability;
};
Policy evaluate(const StateSpace<Cluster>& space) {
  const StateSet down = space.where([](const Cluster& state) {
    return (state.working[left] == 0 || !state.working[to_left]) &&
           (state.working[right] == 0 || !state.working[to_right]);
  });
  const auto chain = space.chain();
  const auto passage = sim::first_passage(chain, space.start(), down);
  return {sim::sum_over(passage.hours, StateSet(space.size(), 1)), sim::sum_over(sim::steady_state(chain), down)};
}

/// The embedded control system of Muppala, Ciardo and Trivedi (1994) as modelled by Kwiatkowska, Norman and Parker
/// (2004): sensors and actuators behind processors that may need a reboot, and a main processor that shuts down after
/// too many cycles without data.
enum Processor { broken, rebooting, ok };
struct Control {
  int sensors = 3, input = ok, actuators = 2, output = ok, main = 1, skipped = 0;
  bool computed = true, input_ready = true, output_waiting = false;
  auto operator<=>(const Control&) const = default;

  [[nodiscard]] bool input_works() const { return input == ok && sensors >= 2; }
  [[nodiscard]] bool output_works() const { return output == ok && actuators >= 1; }
  [[nodiscard]] bool sensors_failed() const { return input == ok && sensors < 2; }
  [[nodiscard]] bool actuators_failed() const { return output == ok && actuators < 1; }
  [[nodiscard]] bool down(int limit) const {
    return sensors_failed() || actuators_failed() || skipped == limit + 1 || main == 0;
  }
  [[nodiscard]] bool danger(int limit) const { return !down(limit) && (input == rebooting || output == rebooting); }
};

constexpr double per_year = 1.0 / (365 * 24);
constexpr double per_month = 1.0 / (30 * 24);
constexpr double per_day = 1.0 / 24;
constexpr double per_half_minute = 120;
constexpr double per_minute = 60;

template <class Go>
void parts_fail(const Control& now, Go go) {
  const auto with = [&](auto member, int value, double rate) {
    Control next = now;
    next.*member = value;
    go(next, rate);
  };
  if (now.sensors > 1) with(&Control::sensors, now.sensors - 1, now.sensors * per_month);
  if (now.actuators > 0) with(&Control::actuators, now.actuators - 1, now.actuators * per_month / 2);
  if (now.main == 1) with(&Control::main, 0, per_year);
  const auto processor = [&](auto member, bool used) {
    if (used && now.*member != broken) with(member, broken, per_year);
    if (used && now.*member == ok) with(member, rebooting, per_day);
  };
  processor(&Control::input, now.sensors >= 2);
  processor(&Control::output, now.actuators >= 1);
}

template <class Go>
void processors_reboot(const Control& now, Go go) {
  const bool main = now.main == 1;
  if (now.input == rebooting && now.sensors >= 2) {
    Control next = now;
    next.input = ok;
    next.computed = now.computed || (main && !now.output_waiting);
    next.input_ready = true;
    next.output_waiting = !now.output_works() && (now.output_waiting || main);
    go(next, per_half_minute);
  }
  if (now.output == rebooting && now.actuators >= 1) {
    Control next = now;
    next.output = ok;
    next.computed = now.computed || (now.input_ready && main);
    next.input_ready = now.input_works() || (now.input_ready && !main);
    next.output_waiting = false;
    go(next, per_half_minute);
  }
}

Control after_cycle(const Control& now, int limit) {
  const bool main = now.main == 1;
  Control next = now;
  next.skipped = now.computed ? 0 : std::min(now.skipped + 1, limit + 1);
  next.computed = now.input_ready && !now.output_waiting && main;
  next.input_ready = now.input_works() || (now.input_ready && (now.output_waiting || !main));
  next.output_waiting = !now.output_works() && (now.output_waiting || (now.input_ready && main));
  return next;
}

StateSpace<Control> control(int limit) {
  return test::explore(Control{}, [limit](const Control& now, auto go) {
    parts_fail(now, go);
    processors_reboot(now, go);
    go(after_cycle(now, limit), per_minute);
  });
}

/// The distributed database of Sanders and Malhis (1992): two processors, two pairs of controllers, six groups of four
/// disks. Numbers of failed parts; like groups are kept in ascending order, which makes equal states one.
struct Database {
  int processors = 0;
  std::array<int, 2> controllers{};
  std::array<int, 6> disks{};
  auto operator<=>(const Database&) const = default;

  [[nodiscard]] bool down() const { return processors == 2 || controllers.back() == 2 || disks.back() >= 2; }
};

StateSpace<Database> database(int crews, double repair) {
  return test::explore(Database{}, [crews, repair](const Database& now, auto go) {
    const auto group = [&](auto failed_in, int size, double fail) {
      const int failed = failed_in(now);
      const auto with = [&](int count, double rate) {
        Database next = now;
        failed_in(next) = count;
        std::sort(next.controllers.begin(), next.controllers.end());
        std::sort(next.disks.begin(), next.disks.end());
        go(next, rate);
      };
      if (failed < size) with(failed + 1, (size - failed) * fail);
      if (failed > 0 && repair > 0) with(failed - 1, std::min(failed, crews) * repair);
    };
    group(
        [](auto& state) -> auto& { return state.processors; }, 2, 1.0 / 2000);
    for (std::size_t i = 0; i < 2; ++i)
      group(
          [i](auto& state) -> auto& { return state.controllers[i]; }, 2, 1.0 / 2000);
    for (std::size_t i = 0; i < 6; ++i)
      group(
          [i](auto& state) -> auto& { return state.disks[i]; }, 4, 1.0 / 6000);
  });
}

/// The hypothetical example computer system, cut off when it fails: two processor slots with one cold spare, five
/// memories of which three failures matter, two buses, one hardware and one software part.
struct Computer {
  int processors = 0, memories = 0, buses = 0, others = 0;
  auto operator<=>(const Computer&) const = default;

  [[nodiscard]] bool down() const { return processors == 3 || memories == 3 || buses == 2 || others == 1; }
};

double computer_unreliability(double hours) {
  const auto space = test::explore(Computer{}, [](const Computer& now, auto go) {
    if (now.down()) return;
    const auto with = [&](auto member, double rate) {
      Computer next = now;
      ++(next.*member);
      go(next, rate);
    };
    // The spare fails in a slot only: two at risk until one slot is empty.
    with(&Computer::processors, std::min(2, 3 - now.processors) * 1e-4);
    with(&Computer::memories, (5 - now.memories) * 6e-5);
    with(&Computer::buses, (2 - now.buses) * 1e-6);
    with(&Computer::others, 5e-5 + 6e-5);
  });
  const auto at_end = sim::transient(space.chain(), space.start(), hours);
  return sim::sum_over(at_end.probability, space.where([](const Computer& state) { return state.down(); }));
}

}  // namespace

TEST_CASE("workstation cluster: steady state and mean time to failure") {
  const auto row = GENERATE(from_range(std::vector<ClusterRow>(rows, rows + 4)));
  CAPTURE(row.n);
  check_steady(row);
  check_mttf(row);
}

TEST_CASE("workstation cluster: share of working stations") {
  struct Row {
    int n;
    double percent;
  };
  const auto row = GENERATE(Row{2, 99.87558935}, Row{16, 99.87191386});
  const auto space = cluster(row.n);
  StateVector percent;
  for (const Cluster& state : space.states)
    percent.push_back(100.0 * (state.working[left] + state.working[right]) / (2.0 * row.n));
  CHECK(sim::weighted_sum(sim::steady_state(space.chain()), percent) == Approx(row.percent).epsilon(ten_digits));
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

TEST_CASE("fault-tolerant cluster: three policies of repair") {
  const auto switches_first = by_priority({to_left, to_right, left, right, line});
  const auto line_first = by_priority({line, left, right, to_left, to_right});
  const Policy any = evaluate(cluster_at_once(4, uniformly));
  CHECK(any.mttf == Approx(1997387.855).epsilon(ten_digits));
  CHECK(any.unavailability == Approx(2.017732991e-6).epsilon(ten_digits));
  const Policy best = evaluate(cluster_at_once(4, switches_first));
  CHECK(best.mttf == Approx(1997447.557).epsilon(ten_digits));
  CHECK(best.unavailability == Approx(2.017546420e-6).epsilon(ten_digits));
  const Policy worst = evaluate(cluster_at_once(4, line_first));
  CHECK(worst.mttf == Approx(1997324.358).epsilon(ten_digits));
  CHECK(worst.unavailability == Approx(2.018040660e-6).epsilon(ten_digits));
  CHECK(evaluate(cluster_at_once(8, uniformly)).mttf == Approx(1995517.450).epsilon(ten_digits));
  CHECK(evaluate(cluster_at_once(8, switches_first)).mttf == Approx(1995676.507).epsilon(ten_digits));
  CHECK(evaluate(cluster_at_once(8, line_first)).mttf == Approx(1995339.773).epsilon(ten_digits));
}

TEST_CASE("embedded control system: first causes and times before shutdown") {
  struct Row {
    int limit;
    std::size_t states;
    double sensors, actuators, io, main, up_hours, danger_hours;
  };
  const auto row = GENERATE(Row{2, 3478, 0.6213837036832706, 0.08767819037331588, 0.24252058277362362,
                                0.048417523169789894, 423.8443172811176, 0.2931856862419295},
                            Row{4, 5168, 0.717205225302728, 0.10312926122118535, 0.1258538967768639,
                                0.05381161669922276, 471.0627075245614, 0.32705476062996386});
  constexpr double thirteen_digits = 1e-12;
  const auto space = control(row.limit);
  REQUIRE(space.size() == row.states);
  const int limit = row.limit;
  const StateSet down = space.where([=](const Control& c) { return c.down(limit); });
  const auto passage = sim::first_passage(space.chain(), space.start(), down);
  const auto cause = [&](auto is_cause) { return sim::sum_over(passage.entered, space.where(is_cause)); };
  CHECK(cause([](const Control& c) { return c.sensors_failed(); }) == Approx(row.sensors).epsilon(thirteen_digits));
  CHECK(cause([](const Control& c) { return c.actuators_failed(); }) == Approx(row.actuators).epsilon(thirteen_digits));
  CHECK(cause([=](const Control& c) { return c.skipped == limit + 1; }) == Approx(row.io).epsilon(thirteen_digits));
  CHECK(cause([](const Control& c) { return c.main == 0; }) == Approx(row.main).epsilon(thirteen_digits));
  const StateSet danger = space.where([=](const Control& c) { return c.danger(limit); });
  CHECK(sim::sum_over(passage.hours, danger) == Approx(row.danger_hours).epsilon(thirteen_digits));
  CHECK(sim::sum_over(passage.hours, sim::complement(danger)) == Approx(row.up_hours).epsilon(thirteen_digits));
}

TEST_CASE("embedded control system: the first twelve hours") {
  constexpr int limit = 2;
  constexpr double hours = 12;
  const auto space = control(limit);
  const StateSet down = space.where([](const Control& c) { return c.down(limit); });
  const auto running = sim::transient(space.chain(), space.start(), hours);
  CHECK(sim::sum_over(running.hours, down) == Approx(2.802901538e-2).epsilon(ten_digits));
  const auto stopped = sim::transient(space.chain().stopped_in(down), space.start(), hours);
  CHECK(sim::sum_over(stopped.probability, down) == Approx(9.035237302e-3).epsilon(ten_digits));
  const StateSet by_sensors = space.where([](const Control& c) { return c.sensors_failed(); });
  CHECK(sim::sum_over(stopped.probability, by_sensors) == Approx(8.058411396e-4).epsilon(ten_digits));
}

TEST_CASE("distributed database: unavailability and reliability") {
  const auto is_down = [](const Database& state) { return state.down(); };
  const auto shared = database(1, 1);
  CHECK(sim::sum_over(sim::steady_state(shared.chain()), shared.where(is_down)) ==
        Approx(3.497828562e-6).epsilon(ten_digits));
  const auto independent = database(4, 1);
  CHECK(sim::sum_over(sim::steady_state(independent.chain()), independent.where(is_down)) ==
        Approx(1.748693863e-6).epsilon(ten_digits));
  const auto unrepaired = database(0, 0);
  const StateSet down = unrepaired.where(is_down);
  const auto after = sim::transient(unrepaired.chain().stopped_in(down), unrepaired.start(), 840);
  CHECK(sim::sum_over(after.probability, sim::complement(down)) == Approx(0.4020175711).epsilon(2e-10));
}

TEST_CASE("hypothetical example computer system: unreliability in the first hour") {
  const double one = computer_unreliability(1);
  CHECK(one == Approx(1.099939540476e-4).epsilon(1e-12));
  CHECK(one * (2 - one) == Approx(2.199758094e-4).epsilon(ten_digits));
  CHECK(one * one * (3 - 2 * one) == Approx(3.629334822e-8).epsilon(ten_digits));
}

}  // namespace markov_models_test
