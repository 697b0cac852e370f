// What the size of a cluster of plain Kubernetes adds to loading it and to an incident in it: clusters of 51, 501 and
// 5,001 machines with 30 pods each. Prints the table of results/benchmarks/sizes.md.
//
//     bench_cluster_sizes [NODES [INCIDENTS]]
//     bench_cluster_sizes --write NODES     the topology, for the command
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <ctime>
#include <span>
#include <string>
#include <vector>

#include "experiments/estimate/incident.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/selector.hpp"
#include "models/world.hpp"
#include "tests/experiments/large_cluster.hpp"

using namespace nines;
using namespace nines::experiments;

namespace {

/// Of this process's CPU: other work on the machine does not count.
double seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// The most that this process has held so far.
double mebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The first sources of the verb, each on another thing.
std::vector<std::uint32_t> sources_of(const models::Plan& plan, models::Verb verb, std::size_t most) {
  std::vector<std::uint32_t> sources;
  for (std::uint32_t i = 0; i < plan.faults.size() && sources.size() < most; ++i) {
    if (plan.faults[i].verb == verb) sources.push_back(i);
  }
  return sources;
}

void measure(int nodes, std::size_t incidents) {
  const double start = seconds();
  const models::Topology topology =
      loader::load_topology_text("cluster.json", testing::large_cluster({nodes})).topology;
  const double read = seconds();
  const models::Plan plan = models::build_plan(topology, 1);
  const double planned = seconds();
  IncidentPlayer player(plan);
  const models::World resting = models::resting_world(plan);
  models::World world;
  models::reset_world(world, resting, 0);
  const double ready = seconds();
  fmt::print("{} machines, {} pods: read {:.2f} s, plan {:.2f} s, worlds {:.2f} s, {:.0f} MiB\n", plan.nodes.size(),
             plan.processes.size(), read - start, planned - read, ready - planned, mebibytes());
  constexpr std::uint64_t resets = 1000;
  const double before = seconds();
  for (std::uint64_t run = 0; run < resets; ++run) models::reset_world(world, resting, run);
  fmt::print("| machines | pods | fault | reset, us | incident, ms | events | us an event |\n");
  fmt::print("| ---: | ---: | --- | ---: | ---: | ---: | ---: |\n");
  const double reset_us = 1e6 * (seconds() - before) / resets;
  for (const models::Verb verb : {models::Verb::process_kill, models::Verb::node_crash, models::Verb::node_loss,
                                  models::Verb::drain, models::Verb::zone_power_loss}) {
    const bool wide = verb == models::Verb::zone_power_loss;
    const std::vector<std::uint32_t> sources = sources_of(plan, verb, wide ? 1 : 10);
    if (sources.empty()) continue;
    std::vector<double> ms;
    std::uint64_t events = 0;
    const std::size_t count = wide ? std::min<std::size_t>(incidents, 3) : incidents;
    for (std::size_t run = 0; run < count; ++run) {
      const Strike strike{sources[run % sources.size()], incident_start, 0, {}};
      const double begin = seconds();
      events += player.play(1000 + run, std::span(&strike, 1)).events;
      ms.push_back(1e3 * (seconds() - begin));
    }
    const double each = static_cast<double>(events) / static_cast<double>(count);
    fmt::print("| {} | {} | {} | {:.1f} | {:.3f} | {:.0f} | {:.2f} |\n", plan.nodes.size(), plan.processes.size(),
               models::verb_info(verb).name, reset_us, median(ms), each, 1e3 * median(ms) / each);
    std::fflush(stdout);
  }
  fmt::print("{:.0f} MiB\n\n", mebibytes());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--write") {
    fmt::print("{}", testing::large_cluster({std::stoi(argv[2])}));
    return 0;
  }
  const int only = argc > 1 ? std::stoi(argv[1]) : 0;
  const std::size_t incidents = argc > 2 ? std::stoul(argv[2]) : 20;
  for (const int nodes : {51, 501, 5001}) {
    if (only == 0 || only == nodes) measure(nodes, incidents);
  }
  return 0;
}
