// The native fabric against SimGrid on the same flows, in one run: time a change (start, end, cancellation, capacity).
// Prints the table of results/fabric.md.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>

#include "models/fabric/max_min.hpp"
#include "models/fabric/simgrid/simgrid_fabric.hpp"
#include "tests/models/fabric_schedules.hpp"

using namespace nines;
using namespace nines::tests;
using models::Duration;
using sim::Time;

namespace {

struct Played {
  double seconds = 0;
  std::uint64_t changes = 0;  ///< steps of the driver
  double end_s = 0;           ///< sum of the ends: the same in both
};

Played play_timed(fabric::Fabric& fabric, const FabricSchedule& schedule, Time origin) {
  const auto before = std::chrono::steady_clock::now();
  FabricRun run(fabric, schedule, origin);
  Played played;
  while (run.step()) ++played.changes;
  for (const fabric::FlowId flow : run.flows()) fabric.cancel(run.now(), flow);
  played.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  for (const FlowEnd& end : run.ends()) {
    if (end.at != Time::never()) played.end_s += end.at.to_seconds();
  }
  return played;
}

/// `nodes` machines, each with a card (up, down) of 1 GB/s and a volume of 250 MB/s; live load of every machine to two
/// others; then `transfers` catch-ups of 10 GB, one every 100 ms, each from a volume over both cards to a volume.
FabricSchedule recovery(std::size_t nodes, std::size_t transfers) {
  FabricSchedule schedule;
  for (std::size_t i = 0; i < nodes; ++i) {
    for (const double capacity : {1e9, 1e9, 2.5e8}) schedule.resources.push_back({{capacity}});
  }
  const auto up = [](std::size_t node) { return fabric::ResourceId::of(3 * node); };
  const auto down = [](std::size_t node) { return fabric::ResourceId::of(3 * node + 1); };
  const auto disk = [](std::size_t node) { return fabric::ResourceId::of(3 * node + 2); };
  const auto add = [&](Time at, const fabric::FlowSpec& spec) {
    FabricAction action;
    action.at = at;
    action.spec = spec;
    action.spec.owner = {0, static_cast<std::uint32_t>(schedule.flows++)};
    schedule.actions.push_back(action);
  };
  for (std::size_t i = 0; i < nodes; ++i) {
    for (std::size_t k = 1; k <= 2; ++k) {
      const std::size_t to = (i + k * k) % nodes;
      add(Time::zero(), {.route = {up(i), down(to), disk(to)}, .cap = {2e7}});
    }
  }
  for (std::size_t i = 0; i < transfers; ++i) {
    const std::size_t from = (7 * i) % nodes;
    const std::size_t to = (from + 1 + i % (nodes - 1)) % nodes;
    add(Time::zero() + Duration::milliseconds(static_cast<std::int64_t>(100 * i)),
        {.route = {disk(from), up(from), down(to), disk(to)}, .bytes = {1e10}});
  }
  return schedule;
}

/// Both fabrics in a child process, SimGrid's engine being one a process.
void row(const std::string& name, const std::function<FabricSchedule(std::uint64_t)>& schedule_of,
         std::uint64_t schedules, int repeats) {
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child != 0) {
    int status = 0;
    waitpid(child, &status, 0);
    return;
  }
  const auto engine = fabric::make_simgrid_fabric(fabric::SimGridModel::max_min);
  std::vector<FabricSchedule> all;
  std::size_t resources = 0;
  for (std::uint64_t i = 0; i < schedules; ++i) {
    all.push_back(schedule_of(i));
    resources = std::max(resources, all.back().resources.size());
  }
  for (std::size_t i = 0; i < resources; ++i) engine->add({{1e8}});
  double native_s = 1e9;
  double simgrid_s = 1e9;
  Played native;
  Played simgrid;
  Time origin;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    native = {};
    simgrid = {};
    const auto add = [](Played& sum, const Played& part) {
      sum.seconds += part.seconds;
      sum.changes += part.changes;
      sum.end_s += part.end_s;
    };
    for (const FabricSchedule& schedule : all) {
      fabric::MaxMin max_min;
      for (const auto& spec : schedule.resources) max_min.add(spec);
      add(native, play_timed(max_min, schedule, Time::zero()));
      for (std::size_t i = 0; i < schedule.resources.size(); ++i) {
        const auto id = fabric::ResourceId::of(i);
        engine->set_condition(origin, id, fabric::Condition::works);
        engine->set_capacity(origin, id, schedule.resources[i].capacity);
      }
      add(simgrid, play_timed(*engine, schedule, origin));
      const Time next = engine->next_change();
      origin = origin + Duration::seconds(100'000);
      if (next < origin) std::printf("a flow is left over\n");
    }
    native_s = std::min(native_s, native.seconds);
    simgrid_s = std::min(simgrid_s, simgrid.seconds);
  }
  const double native_us = native_s / static_cast<double>(native.changes) * 1e6;
  const double simgrid_us = simgrid_s / static_cast<double>(simgrid.changes) * 1e6;
  std::printf("| %-44s | %9llu | %9.2f | %9.2f | %6.1f | %8.1e |\n", name.c_str(),
              static_cast<unsigned long long>(native.changes), native_us, simgrid_us, simgrid_us / native_us,
              std::abs(native.end_s / simgrid.end_s - 1));
  std::fflush(nullptr);
  _exit(0);
}

}  // namespace

int main() {
  std::printf("| flows | changes | native us | SimGrid us | ratio | ends differ by |\n|---|---|---|---|---|---|\n");
  const ScheduleMix mix{.credits = false, .fractional_loads = false};
  row(
      "random schedules of the differential test", [&](std::uint64_t i) { return random_schedule(i, mix); }, 200, 5);
  row(
      "recovery: 3 machines, 36 catch-ups", [](std::uint64_t) { return recovery(3, 36); }, 1, 20);
  row(
      "recovery: 12 machines, 144 catch-ups", [](std::uint64_t) { return recovery(12, 144); }, 1, 10);
  row(
      "recovery: 100 machines, 300 catch-ups", [](std::uint64_t) { return recovery(100, 300); }, 1, 5);
  row(
      "recovery: 1000 machines, 300 catch-ups", [](std::uint64_t) { return recovery(1000, 300); }, 1, 3);
}
