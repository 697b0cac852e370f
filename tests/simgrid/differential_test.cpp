// The native fabric against SimGrid on the same random schedules.
//
// SimGrid's engine is one a process, so batches of schedules are played in child processes: each has one engine on
// which its schedules follow each other in simulated time, over the same links with new capacities.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/fabric/max_min.hpp"
#include "models/fabric/simgrid/simgrid_fabric.hpp"
#include "tests/models/fabric_schedules.hpp"
#include "tests/simgrid/in_child.hpp"

namespace differential_test {

using namespace nines;
using namespace nines::tests;
using sim::Time;

namespace {

struct Comparison {
  std::uint64_t flows = 0;       ///< that ended in both
  std::uint64_t mismatches = 0;  ///< ended in one only, otherwise, or too far apart
  std::uint64_t first = 0;       ///< schedule of the first of them
  double worst = 0;              ///< largest relative difference of the time a flow took
};

constexpr double tolerance = 1e-6;
// Both round ends to the nanosecond: SimGrid's upwards, and later ones follow.
constexpr double rounding_s = 2e-8;

constexpr std::size_t max_resources = 12;
const ScheduleMix mix{.max_resources = max_resources, .credits = true, .fractional_loads = false};

Comparison compare(std::uint64_t first, std::uint64_t count) {
  Comparison result;
  const auto engine = fabric::make_simgrid_fabric(fabric::SimGridModel::max_min);
  for (std::size_t i = 0; i < max_resources; ++i) engine->add({{1e8}});
  Time origin = Time::zero();
  for (std::uint64_t number = first; number < first + count; ++number) {
    FabricSchedule schedule = random_schedule(number, mix);
    for (auto& spec : schedule.resources) spec.credit = {};  // the links are reused; credits have a test of their own
    fabric::MaxMin native;
    const std::vector<FlowEnd> expected = play(native, schedule);
    for (std::size_t i = 0; i < schedule.resources.size(); ++i) {
      const auto id = fabric::ResourceId::of(i);
      engine->set_condition(origin, id, fabric::Condition::works);
      engine->set_capacity(origin, id, schedule.resources[i].capacity);
    }
    FabricRun run(*engine, schedule, origin);
    while (run.step()) {
    }
    for (const fabric::FlowId flow : run.flows()) engine->cancel(run.now(), flow);
    std::size_t flow = 0;
    for (const FabricAction& action : schedule.actions) {
      if (action.what != FabricAction::What::start) continue;
      const FlowEnd& a = expected[flow];
      const FlowEnd& b = run.ends()[flow++];
      if (a.at == Time::never() && b.at == Time::never()) continue;
      bool same = a.at != Time::never() && b.at != Time::never() && a.outcome == b.outcome;
      if (same) {
        ++result.flows;
        const double took = (a.at - action.at).to_seconds();
        const double difference = std::abs((a.at - b.at).to_seconds());
        if (difference > rounding_s) result.worst = std::max(result.worst, difference / took);
        same = difference <= std::max(rounding_s, tolerance * took);
      }
      if (!same && result.mismatches++ == 0) result.first = number;
    }
    origin = run.now() + models::Duration::seconds(1);
  }
  return result;
}

void compare_all(std::uint64_t first, std::uint64_t count) {
  constexpr std::uint64_t batch = 100;
  Comparison all;
  for (std::uint64_t number = first; number < first + count; number += batch) {
    const Comparison part = in_child([&] { return compare(number, batch); });
    if (part.mismatches > 0 && all.mismatches == 0) all.first = part.first;
    all.mismatches += part.mismatches;
    all.flows += part.flows;
    all.worst = std::max(all.worst, part.worst);
  }
  WARN(count << " schedules, " << all.flows << " flows ended, largest relative difference " << all.worst);
  INFO("first mismatch in schedule " << all.first);
  CHECK(all.mismatches == 0);
  CHECK(all.flows > 5 * count);
}

}  // namespace

TEST_CASE("native and SimGrid end the flows of 10,000 random schedules alike", "[simgrid]") { compare_all(0, 10'000); }

TEST_CASE("native and SimGrid end the flows of 100,000 more alike", "[simgrid][slow]") { compare_all(10'000, 100'000); }

TEST_CASE("native and SimGrid agree on burst credits", "[simgrid]") {
  Comparison all;
  for (std::uint64_t number = 0; number < 100; ++number) {
    const Comparison part = in_child([&] {
      Comparison result;
      const FabricSchedule schedule = random_schedule(number, mix);
      fabric::MaxMin native;
      const auto expected = play(native, schedule);
      const auto engine = fabric::make_simgrid_fabric(fabric::SimGridModel::max_min);
      const auto ends = play(*engine, schedule);
      for (std::size_t i = 0; i < ends.size(); ++i) {
        if (expected[i].at == Time::never() && ends[i].at == Time::never()) continue;
        const double difference = std::abs((expected[i].at - ends[i].at).to_seconds());
        const bool same = expected[i].outcome == ends[i].outcome &&
                          difference <= std::max(rounding_s, tolerance * expected[i].at.to_seconds());
        result.mismatches += same ? 0 : 1;
        ++result.flows;
      }
      return result;
    });
    all.mismatches += part.mismatches;
    all.flows += part.flows;
  }
  CHECK(all.mismatches == 0);
  CHECK(all.flows > 500);
}

TEST_CASE("what SimGrid's TCP model does otherwise", "[simgrid]") {
  // One flow of 1 GB over one link of 1 Gbit/s and 1 ms: 8 s natively.
  const auto took = [](double capacity, models::Duration latency) {
    const Comparison result = in_child([&] {
      const auto engine = fabric::make_simgrid_fabric(fabric::SimGridModel::tcp);
      const auto link = engine->add({{capacity}, {}, latency});
      engine->start(Time::zero(), {.route = {link}, .bytes = {1e9}});
      std::vector<fabric::Ending> endings;
      Time now;
      while (endings.empty()) {
        now = engine->next_change();
        engine->advance(now, endings);
      }
      Comparison answer;
      answer.worst = now.to_seconds();
      return answer;
    });
    return result.worst;
  };
  // LV08: 13.01 latencies, then 97 % of the bandwidth.
  CHECK(took(1.25e8, models::Duration::milliseconds(1)) == Approx(8 / 0.97 + 0.01301).epsilon(1e-4));
  // Far away the window binds: 4 MiB over twice the latency.
  CHECK(took(1.25e8, models::Duration::milliseconds(100)) ==
        Approx(1e9 / (4194304 / 0.2 * 0.97) + 1.301).epsilon(1e-3));
}

}  // namespace differential_test
