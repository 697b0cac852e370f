// The native fabric against its obvious twin, and what must hold whatever happens.
#include <catch2/catch.hpp>
#include <cmath>

#include "models/fabric/max_min.hpp"
#include "tests/models/fabric_schedules.hpp"
#include "tests/models/reference_fabric.hpp"

namespace fabric_twin_test {

using namespace nines;
using namespace nines::tests;
using models::fabric::MaxMin;
using sim::Time;

namespace {

/// The same end to the nanosecond, or within 1e-9 of the time it took.
bool agree(const FlowEnd& a, const FlowEnd& b) {
  if (a.at == Time::never() || b.at == Time::never()) return a.at == b.at;
  const double difference = std::abs(static_cast<double>(a.at.count() - b.at.count()));
  return a.outcome == b.outcome && difference <= std::max(4.0, 1e-9 * static_cast<double>(b.at.count()));
}

std::size_t disagreements(std::uint64_t first, std::uint64_t count, const ScheduleMix& mix) {
  std::size_t found = 0;
  for (std::uint64_t number = first; number < first + count; ++number) {
    const FabricSchedule schedule = random_schedule(number, mix);
    MaxMin native;
    ReferenceFabric reference;
    const auto ends = play(native, schedule);
    const auto expected = play(reference, schedule);
    for (std::size_t i = 0; i < ends.size(); ++i) {
      if (agree(ends[i], expected[i])) continue;
      if (found++ == 0) {
        UNSCOPED_INFO("schedule " << number << ", flow " << i << ": " << ends[i].at.count() << " ns, twin "
                                  << expected[i].at.count() << " ns");
      }
    }
  }
  return found;
}

}  // namespace

TEST_CASE("the native fabric ends 10,000 random schedules when its twin does", "[fabric]") {
  CHECK(disagreements(0, 10'000, {}) == 0);
}

TEST_CASE("the same with many flows", "[fabric]") { CHECK(disagreements(1'000'000, 60, {40, 150}) == 0); }

TEST_CASE("rates are max-min fair after every change", "[fabric]") {
  std::size_t looks = 0;
  std::size_t overloaded = 0;
  std::size_t unfair = 0;
  for (std::uint64_t number = 0; number < 2'000; ++number) {
    const FabricSchedule schedule = random_schedule(number, {});
    MaxMin native;
    // What the last action has set, kept here so that the check does not trust the fabric with it.
    std::vector<double> capacity;
    for (const auto& spec : schedule.resources) capacity.push_back(spec.capacity.bytes_per_s);
    std::vector<fabric::FlowSpec> specs;
    std::vector<char> works(schedule.resources.size(), 1);
    std::size_t done = 0;
    play(native, schedule, [&](const FabricRun& run) {
      for (; done < schedule.actions.size() && schedule.actions[done].at <= run.now(); ++done) {
        const FabricAction& action = schedule.actions[done];
        using What = FabricAction::What;
        if (action.at == run.now() && specs.size() + (action.what == What::start ? 1 : 0) > run.flows().size()) return;
        if (action.what == What::start) specs.push_back(action.spec);
        if (action.what == What::set_cap) specs[action.index].cap = {action.value};
        if (action.what == What::set_weight) specs[action.index].weight = action.value;
        if (action.what == What::set_capacity) capacity[action.index] = action.value;
        if (action.what == What::set_condition) works[action.index] = action.condition == fabric::Condition::works;
      }
      // Several actions at one instant: look after the last of them only.
      if (done < schedule.actions.size() && schedule.actions[done].at == run.now()) return;
      if (run.flows().size() != specs.size()) return;
      ++looks;
      std::vector<double> used(capacity.size(), 0);
      std::vector<double> fastest(capacity.size(), 0);
      for (std::size_t i = 0; i < specs.size(); ++i) {
        if (!native.running(run.flows()[i])) continue;
        const double rate = native.rate(run.flows()[i]).bytes_per_s;
        for (const fabric::Hop& hop : specs[i].route.hops()) {
          used[hop.resource.value] += hop.load * rate;
          fastest[hop.resource.value] = std::max(fastest[hop.resource.value], rate / specs[i].weight);
        }
      }
      std::vector<double> limit(capacity.size(), 0);
      for (std::size_t r = 0; r < capacity.size(); ++r) {
        const auto id = fabric::ResourceId::of(r);
        limit[r] = works[r] ? capacity[r] : 0;
        if (native.credit(id).count <= 0)
          limit[r] = std::min(limit[r], schedule.resources[r].credit.baseline.bytes_per_s);
        overloaded += used[r] > limit[r] * (1 + 1e-9) + 1e-6 ? 1 : 0;
      }
      for (std::size_t i = 0; i < specs.size(); ++i) {
        if (!native.running(run.flows()[i])) continue;
        const double rate = native.rate(run.flows()[i]).bytes_per_s;
        bool held = rate >= specs[i].cap.bytes_per_s * (1 - 1e-9);
        for (const fabric::Hop& hop : specs[i].route.hops()) {
          const std::size_t r = hop.resource.value;
          held = held || (used[r] >= limit[r] * (1 - 1e-8) && rate / specs[i].weight >= fastest[r] * (1 - 1e-8));
        }
        // Not yet moving: its latency is not over.
        held = held || (rate == 0 && specs[i].latency > models::Duration());
        unfair += held ? 0 : 1;
      }
    });
  }
  CHECK(looks > 20'000);
  CHECK(overloaded == 0);
  CHECK(unfair == 0);
}

TEST_CASE("bytes are conserved: the integral of the rate is what was sent", "[fabric]") {
  double worst = 0;
  for (std::uint64_t number = 0; number < 2'000; ++number) {
    const FabricSchedule schedule = random_schedule(number, {});
    MaxMin native;
    for (const auto& spec : schedule.resources) native.add(spec);
    FabricRun run(native, schedule);
    std::vector<double> moved(schedule.flows, 0);
    std::vector<double> rate(schedule.flows, 0);
    Time before;
    while (run.step()) {
      const double passed = (run.now() - before).to_seconds();
      before = run.now();
      for (std::size_t i = 0; i < run.flows().size(); ++i) {
        moved[i] += rate[i] * passed;
        rate[i] = native.running(run.flows()[i]) ? native.rate(run.flows()[i]).bytes_per_s : 0;
      }
    }
    std::size_t flow = 0;
    for (const FabricAction& action : schedule.actions) {
      if (action.what != FabricAction::What::start) continue;
      const FlowEnd& end = run.ends()[flow];
      const double error = std::abs(moved[flow] / action.spec.bytes.count - 1);
      if (end.at != Time::never() && end.outcome == fabric::Outcome::done) worst = std::max(worst, error);
      ++flow;
    }
  }
  CHECK(worst < 1e-6);  // half a nanosecond at 1 GB/s, of a megabyte
}

TEST_CASE("a copy of the fabric goes the same way, and `restore` leads back", "[fabric]") {
  for (std::uint64_t number = 0; number < 500; ++number) {
    const FabricSchedule schedule = random_schedule(number, {});
    MaxMin resting;
    for (const auto& spec : schedule.resources) resting.add(spec);
    resting.start(Time::zero(), {.route = {fabric::ResourceId::of(0)}, .cap = {1e6}, .owner = {0, 0}});
    MaxMin original = resting;
    FabricRun run(original, schedule);
    for (int i = 0; i < 15; ++i) run.step();
    MaxMin copy = original;
    FabricRun fork = run;
    fork.use(copy);
    while (run.step()) {
    }
    while (fork.step()) {
    }
    original.restore(resting);
    FabricRun again(original, schedule);
    while (again.step()) {
    }
    bool same = true;
    for (std::size_t i = 0; i < schedule.flows; ++i) {
      same = same && run.ends()[i].at == fork.ends()[i].at && run.ends()[i].at == again.ends()[i].at;
    }
    REQUIRE(same);
  }
}

}  // namespace fabric_twin_test
