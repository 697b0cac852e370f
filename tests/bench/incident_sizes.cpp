// What the size of a cluster adds to an incident of one broker: the same kill in clusters of 3, 30 and 300 brokers,
// timed in turns in one process. Prints the table of results/benchmarks/sizes.md.
//
//     bench_incident_sizes [TURNS [BROKERS]]
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "experiments/estimate/incident.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/data_files.hpp"
#include "experiments/loader/topology_file.hpp"
#include "models/world.hpp"
#include "tests/models/service_parts.hpp"

using namespace nines;
using namespace nines::experiments;

namespace {

struct Size {
  int brokers;
  int partitions;  ///< of each of the two topics
  int core_nodes;  ///< in each of the three zones
};

/// kafka-eks, larger: brokers and their machines, partitions with 1 GB each, machines beside them.
models::Plan plan_of(const Size& size) {
  std::vector<loader::Override> changes = {
      {"/services/kafka/pools/broker/replicas", std::to_string(size.brokers)},
      {"/node_groups/kafka/nodes_per_zone", std::to_string((size.brokers + 2) / 3)},
      {"/node_groups/core/nodes_per_zone", std::to_string(size.core_nodes)},
  };
  for (const char* topic : {"my-topic", "my-topic-reversed"}) {
    const std::string pointer = fmt::format("/services/kafka/topics/{}", topic);
    changes.push_back({pointer + "/partitions", std::to_string(size.partitions)});
    changes.push_back({pointer + "/stored_per_partition", "1GB"});
  }
  const std::string file = (loader::topologies_directory() / "kafka-eks.json").string();
  return models::build_plan(loader::load_topology(file, changes).topology, 1);
}

/// Of this process's CPU: other work on the machine does not count.
double microseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e6 * static_cast<double>(now.tv_sec) + 1e-3 * static_cast<double>(now.tv_nsec);
}

struct Row {
  explicit Row(const Size& of) : size(of), plan(plan_of(of)), resting(models::resting_world(plan)), player(plan) {
    for (std::uint32_t i = 0; i < plan.faults.size(); ++i) {
      const models::FaultSource& source = plan.faults[i];
      if (source.verb == models::Verb::process_kill && plan.name(source.target) == "kafka/broker-0") kill = i;
    }
    models::reset_world(world, resting, 0);
  }

  /// Times a few of both, one after the other.
  void time(std::uint64_t first) {
    constexpr std::uint64_t incidents = 20;
    const double start = microseconds();
    for (std::uint64_t run = first; run < first + incidents; ++run) models::reset_world(world, resting, run);
    resets_us.push_back((microseconds() - start) / incidents);
    const Strike strike{kill, incident_start, 0, {}};
    std::uint64_t played = 0;
    const double begin = microseconds();
    for (std::uint64_t run = first; run < first + incidents; ++run) {
      played += player.play(run, std::span(&strike, 1)).events;
    }
    incidents_us.push_back((microseconds() - begin) / incidents);
    events += played;
    count += incidents;
  }

  Size size;
  models::Plan plan;
  models::World resting;
  models::World world;
  IncidentPlayer player;
  std::uint32_t kill = 0;
  std::vector<double> resets_us;
  std::vector<double> incidents_us;
  std::uint64_t events = 0;
  std::uint64_t count = 0;
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

int main(int argc, char** argv) {
  const int turns = argc > 1 ? std::stoi(argv[1]) : 9;
  std::vector<std::unique_ptr<Row>> rows;
  for (const Size& size : {Size{3, 12, 1}, Size{30, 1000, 1}, Size{300, 10'000, 1}, Size{300, 10'000, 1566}}) {
    if (argc > 2 && std::stoi(argv[2]) != size.brokers) continue;
    rows.push_back(std::make_unique<Row>(size));
  }
  for (int turn = 0; turn < turns; ++turn) {
    for (const auto& row : rows) row->time(1000 + 20 * static_cast<std::uint64_t>(turn));
  }
  fmt::print(
      "| brokers | partitions | machines | groups | streams | reset, us | incident, us | events | ns an event | "
      "to the first |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  const double first = median(rows.front()->incidents_us);
  for (const auto& row : rows) {
    const double incident = median(row->incidents_us);
    const double events = static_cast<double>(row->events) / static_cast<double>(row->count);
    fmt::print("| {} | {} | {} | {} | {} | {:.0f} | {:.0f} | {:.0f} | {:.0f} | {:.1f} |\n", row->size.brokers,
               2 * row->size.partitions, row->plan.nodes.size(), kafka_plan(row->plan).groups.size(),
               row->plan.stream_keys.size(), median(row->resets_us), incident, events, 1000 * incident / events,
               incident / first);
  }
  return 0;
}
