// A kubelet's clocks as arithmetic: intervals of 10.0 to 10.4 s, in the long run at any instant, over short and long
// gaps alike. Means are held at 5.5 standard errors (false-alarm rate 4e-8 a comparison, fixed seed).
#include <catch2/catch.hpp>

#include "models/kubernetes/kubelet_clock.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace kubernetes_clock_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

const NodeId node = NodeId::of(1);

/// Mean age of the newest of ticks that follow each other after U(10, 10.4) s, at any instant: E[T^2] / (2 E[T]).
constexpr double mean_age = (10.2 * 10.2 + 0.4 * 0.4 / 12) / (2 * 10.2);

const kubernetes::Ticks& lease_at(World& world, sim::Time t) {
  kubernetes::lease_around(world, node, t);
  return world.kubernetes.nodes[node].lease;
}

}  // namespace

TEST_CASE("renewals follow each other after 10.0 to 10.4 s", "[kubernetes][oracle]") {
  const Plan plan = build_plan(small_topology(), 1);
  World world = initial_world(plan, 0);
  double sum = 0, squares = 0;
  constexpr int count = 4000;
  sim::Time t = sim::Time::zero() + 1_h;
  for (int i = 0; i < count; ++i) {
    const kubernetes::Ticks ticks = lease_at(world, t);
    REQUIRE(ticks.last < t);
    REQUIRE(t <= ticks.next);
    const double interval = (ticks.next - ticks.last).to_seconds();
    REQUIRE((interval >= 10 && interval <= 10.4));
    sum += interval;
    squares += (interval - 10.2) * (interval - 10.2);
    t = ticks.next + 1_s;
  }
  const double sd = 0.4 / std::sqrt(12.0);
  CHECK(std::abs(sum / count - 10.2) < 5.5 * sd / std::sqrt(count));
  CHECK(squares / count == Approx(sd * sd).epsilon(0.1));  // standard error 1.4 %
}

TEST_CASE("a renewal's age at any instant, whatever was asked before", "[kubernetes][oracle]") {
  const Plan plan = build_plan(small_topology(), 1);
  for (const Duration gap : {0_s, 50_s, 1_h, 24_h, 24_h * 400}) {
    const auto age = [&](std::uint64_t run) -> std::optional<double> {
      World world = initial_world(plan, run);
      const sim::Time first = sim::Time::zero() + 1_h;
      if (gap > Duration()) lease_at(world, first);
      const sim::Time t = first + gap;
      const kubernetes::Ticks ticks = lease_at(world, t);
      CHECK(ticks.last < t);
      CHECK(t <= ticks.next);
      return (t - ticks.last).to_seconds();
    };
    const Sampled sampled = sample(8000, age);
    INFO("gap " << gap.to_seconds());
    CHECK(agrees(sampled, mean_age));
    CHECK(sampled.highest <= 10.4);
    CHECK(sampled.highest > 9.9);
  }
}

TEST_CASE("the phase drifts: over 1000 renewals by their normal law", "[kubernetes][oracle]") {
  const Plan plan = build_plan(small_topology(), 1);
  const Duration gap = Duration::milliseconds(10'200 * 1000);
  std::vector<double> shifts;
  for (std::uint64_t run = 0; run < 6000; ++run) {
    World world = initial_world(plan, run);
    const sim::Time first = lease_at(world, sim::Time::zero() + 1_h).next;
    const sim::Time tick = lease_at(world, first + gap - 5100_ms).next;  // between 5.1 s before and 5.3 s after
    shifts.push_back((tick - first - gap).to_seconds());
  }
  // The shift is normal with sd 0.4 / sqrt(12) x sqrt(1000) = 3.651 s, seen modulo an interval of 10.2 s: within 1 s of
  // none for P = sum over k of Phi((1 + 10.2 k) / sd) - Phi((-1 + 10.2 k) / sd).
  double expected = 0;
  const double sd = 0.4 / std::sqrt(12.0) * std::sqrt(1000.0);
  for (int k = -4; k <= 4; ++k) {
    const auto phi = [&](double x) { return 0.5 * std::erfc(-x / sd / std::sqrt(2.0)); };
    expected += phi(1 + 10.2 * k) - phi(-1 + 10.2 * k);
  }
  const auto near = static_cast<double>(
      std::count_if(shifts.begin(), shifts.end(), [](double shift) { return std::abs(shift) < 1; }));
  const double n = static_cast<double>(shifts.size());
  CHECK(std::abs(near / n - expected) < 5.5 * std::sqrt(expected * (1 - expected) / n));
  CHECK(expected > 0.2);  // a phase that did not drift would always be near, one without memory for 2 / 10.2
}

}  // namespace kubernetes_clock_test
