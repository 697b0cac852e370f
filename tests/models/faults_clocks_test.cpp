// Fault clocks: rates, and common random numbers.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "models/faults/clocks.hpp"
#include "models/faults/scenario.hpp"
#include "models/platform.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace faults_clocks_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

std::size_t source_of(const Plan& plan, Verb verb, std::string_view target) {
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    if (plan.faults[i].verb == verb && plan.name(plan.faults[i].target) == target) return i;
  }
  FAIL("no source");
  return 0;
}

/// First fault of every source, by verb and component name.
std::map<std::string, sim::Time> first_faults(const Plan& plan, std::uint64_t run) {
  World world = initial_world(plan, run);
  faults::start_fault_clocks(world);
  std::map<std::string, sim::Time> times;
  for (std::size_t i = 0; i < plan.faults.size(); ++i) {
    const std::string key = std::string(verb_info(plan.faults[i].verb).name) +
                            std::string(variant_name(plan.faults[i].variant)) + " " +
                            std::string(plan.name(plan.faults[i].target)) +
                            (plan.faults[i].age == Purpose::operation_age ? " planned" : "");
    times[key] = world.queue.when(world.faults.clocks[i]);
  }
  return times;
}

std::size_t count(const World& world, std::string_view event) {
  const auto& records = world.trace.records();
  return static_cast<std::size_t>(std::count_if(records.begin(), records.end(), [&](const sim::TraceRecord& record) {
    return event_info(record.kind).name == event;
  }));
}

Topology spot_topology() {
  Topology topology = small_topology();
  topology.node_groups[0].capacity = Capacity::spot;
  topology.node_groups[0].nodes_per_zone = 3;
  return topology;
}

}  // namespace

TEST_CASE("sources of the seed's design", "[faults]") {
  Topology topology = small_topology();
  topology.operations = {{"rolling-restart", "kafka", Rate::per_year(12)}, {"drain", "nodes", Rate::per_year(4)}};
  const Plan plan = build_plan(topology, 1);
  std::map<Verb, std::size_t> count;
  for (const FaultSource& source : plan.faults) {
    CHECK(source.rate.per_hour > 0);
    if (!source.dormant) ++count[source.verb];
  }
  CHECK(count[Verb::process_kill] == 6);  // not the operator
  CHECK(count[Verb::process_pause] == 6);
  CHECK(count[Verb::node_crash] == 3);
  CHECK(count[Verb::node_loss] == 3);
  CHECK(count[Verb::drain] == 6);  // retirements and the operation
  CHECK(count[Verb::spot_reclaim] == 0);
  CHECK(count[Verb::zone_power_loss] == 3);
  CHECK(count[Verb::zone_isolation] == 3);
  CHECK(count[Verb::volume_loss] == 6);
  CHECK(count[Verb::rolling_restart] == 1);
  CHECK(count[Verb::bad_rollout] == 2);
  CHECK(count[Verb::failed_upgrade] == 1);
  CHECK(count[Verb::wrong_command] == 3);
  CHECK(count[Verb::expired_certificate] == 1);
  CHECK(count[Verb::disk_slow] == 0);
  infrastructure::Parameters& p = topology.infrastructure;
  for (Rate* rate : {&p.volume_slow_rate, &p.volume_stall_rate, &p.network_slow_rate, &p.packet_loss_rate,
                     &p.cpu_starved_rate, &p.clock_jump_rate})
    *rate = Rate::per_year(1);
  count.clear();
  for (const FaultSource& source : build_plan(topology, 1).faults) count[source.verb] += source.dormant ? 0 : 1;
  CHECK(count[Verb::disk_slow] == 6);
  CHECK(count[Verb::volume_stalled] == 6);
  CHECK(count[Verb::network_slow] == 3);
  CHECK(count[Verb::packet_loss] == 3);
  CHECK(count[Verb::cpu_starved] == 3);
  CHECK(count[Verb::clock_jump] == 3);
  topology.infrastructure.node_crash_rate = {};
  for (const FaultSource& source : build_plan(topology, 1).faults) CHECK(source.verb != Verb::node_crash);
}

TEST_CASE("first ages are exponential with the source's rate", "[faults]") {
  const Plan plan = build_plan(small_topology(), 7);
  const std::size_t source = source_of(plan, Verb::node_crash, "kafka-nodes-us-west-2a-0");
  constexpr std::size_t runs = 4000;
  std::vector<double> scaled;
  for (std::uint64_t run = 0; run < runs; ++run) {
    World world = initial_world(plan, run);
    faults::start_fault_clocks(world);
    const double hours = world.queue.when(world.faults.clocks[source]).to_seconds() / 3600;
    scaled.push_back(1 - std::exp(-hours * plan.faults[source].rate.per_hour));
  }
  std::sort(scaled.begin(), scaled.end());
  double distance = 0;
  for (std::size_t i = 0; i < runs; ++i) {
    distance = std::max(distance, std::abs(scaled[i] - static_cast<double>(i) / runs));
    distance = std::max(distance, std::abs(scaled[i] - static_cast<double>(i + 1) / runs));
  }
  // Kolmogorov and Smirnov: P(sqrt(n) D > 2.8) = 2 exp(-2 x 2.8^2) = 3e-7. A rate wrong by 10 % gives D = 0.035: seen.
  CHECK(distance * std::sqrt(static_cast<double>(runs)) < 2.8);
}

TEST_CASE("over years each kind of fault comes as often as its rate says", "[faults]") {
  Topology topology = small_topology();
  topology.infrastructure.zone_isolation_rate = Rate::per_year(2);
  topology.infrastructure.volume_slow_rate = Rate::per_year(3);
  topology.infrastructure.volume_stall_rate = Rate::per_year(1);
  topology.infrastructure.network_slow_rate = Rate::per_year(1);
  topology.infrastructure.packet_loss_rate = Rate::per_year(2);
  topology.infrastructure.cpu_starved_rate = Rate::per_year(1);
  topology.infrastructure.clock_jump_rate = Rate::per_year(1);
  const Plan plan = build_plan(topology, 3);
  World world = initial_world(plan, 0);
  faults::start_fault_clocks(world);
  constexpr double years = 60;
  run_until(world, sim::Time::zero() + sim::year * static_cast<std::int64_t>(years));
  const auto check = [&](std::string_view event, double per_year) {
    const double expected = per_year * years;
    INFO(event << " expected " << expected << " seen " << count(world, event));
    // Poisson, 5.5 standard deviations (false-alarm rate 4e-8), and 1 % for faults that hit what is down already.
    CHECK(std::abs(static_cast<double>(count(world, event)) - expected) < 5.5 * std::sqrt(expected) + 0.01 * expected);
  };
  check("fault.process_kill", 6 * 1.0);
  check("fault.process_pause", 6 * 4.0);
  check("fault.node_crash", 3 * 0.5);  // one machine a zone: no bursts
  check("fault.zone_isolation", 3 * 2.0);
  check("fault.disk_slow", 6 * 3.0);
  check("fault.volume_stalled", 6 * 1.0);
  check("fault.network_slow", 3 * 1.0);
  check("fault.packet_loss", 3 * 2.0);
  check("fault.cpu_starved", 3 * 1.0);
  check("fault.clock_jump", 3 * 1.0);
  faults::stop_fault_clocks(world);
  CHECK(world.faults.clocks.empty());
}

TEST_CASE("designs that share a component see the same faults", "[faults]") {
  Topology other = small_topology();
  other.services[0].pools[0].storage.throughput = {500e6};
  kafka_spec(other).topics.pop_back();
  kafka_spec(other).parameters.session_timeout = 18_s;
  other.node_groups[0].nodes_per_zone = 2;
  other.infrastructure.node_loss_rate = {};
  other.operations = {{"rolling-restart", "kafka", Rate::per_year(12)}};
  const Plan a = build_plan(small_topology(), 5), b = build_plan(other, 5);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const auto left = first_faults(a, run), right = first_faults(b, run);
    std::size_t shared = 0;
    for (const auto& [name, at] : left) {
      const auto found = right.find(name);
      if (found == right.end()) continue;
      INFO(name);
      CHECK(found->second == at);
      ++shared;
    }
    CHECK(shared == left.size() - 9);  // all but the losses of machines, in places that are empty in health too
  }
  CHECK(first_faults(a, 0) != first_faults(a, 1));
  CHECK(first_faults(a, 0) != first_faults(build_plan(small_topology(), 6), 0));
}

TEST_CASE("a doubled rate halves the age and changes nothing else", "[faults]") {
  Topology faster = small_topology();
  faster.infrastructure.process_crash_rate = Rate::per_year(2);
  const auto slow = first_faults(build_plan(small_topology(), 5), 0), fast = first_faults(build_plan(faster, 5), 0);
  for (const auto& [name, at] : slow) {
    const bool crash = name.substr(0, 12) == "process-kill";
    CHECK(fast.at(name).to_seconds() == Approx(at.to_seconds() * (crash ? 0.5 : 1)).epsilon(1e-12));
  }
}

TEST_CASE("bursts take a second machine of the zone, storms the machines of a Spot pool, with one root", "[faults]") {
  Topology topology = spot_topology();
  topology.infrastructure.node_crash_burst_share = 1;
  topology.infrastructure.spot_pool_share = 1;
  topology.infrastructure.capacity_spread = 0;
  const Plan plan = build_plan(topology, 1);
  for (const Verb verb : {Verb::node_crash, Verb::capacity_shortage}) {
    World world = initial_world(plan, 0);
    const bool burst = verb == Verb::node_crash;
    const std::string target = burst ? "kafka-nodes-us-west-2a-1" : "r8g.4xlarge/us-west-2a/spot";
    const std::size_t source = source_of(plan, verb, target);
    CHECK(faults::strike(world, plan.faults[source]));
    std::vector<sim::TraceRecord> hits;
    for (const sim::TraceRecord& record : world.trace.records()) {
      if (event_info(record.kind).name.substr(0, 6) == "fault.") hits.push_back(record);
    }
    REQUIRE(hits.size() == (burst ? 2u : 4u));
    CHECK(hits[0].component == plan.faults[source].target);
    CHECK(hits[0].parent == sim::no_cause);
    for (std::size_t i = 1; i < hits.size(); ++i) {
      CHECK(hits[i].parent == world.trace.first_id());
      CHECK(plan.name(hits[i].component).substr(0, 22) == "kafka-nodes-us-west-2a");
      CHECK(hits[i].component != hits[0].component);
    }
  }
}

TEST_CASE("actions leave the fault as the root of its chain, and count what has no target", "[faults]") {
  const Plan plan = build_plan(small_topology(), 1);
  World world = initial_world(plan, 0);
  Action kill;
  kill.verb = Verb::process_kill;
  kill.target = "leader(kafka/controllers)";
  Action again = kill;
  again.at = 10_ms;  // nobody has been elected yet
  faults::schedule_actions(world, {kill, again}, sim::Time::zero() + 100_s);
  CHECK(world.faults.actions_left == 2);
  run_until(world, sim::Time::zero() + 101_s);
  CHECK(world.faults.actions_left == 0);
  CHECK(world.faults.actions_without_target == 1);
  CHECK(count(world, "fault.action_due") == 0);
  CHECK(count(world, "fault.process_kill") == 1);
  for (const sim::TraceRecord& record : world.trace.records()) {
    if (event_info(record.kind).name == "fault.process_kill") CHECK(record.parent == sim::no_cause);
  }
}

TEST_CASE("a copy of the world has the same future faults", "[faults]") {
  const Plan plan = build_plan(small_topology(), 1);
  World world = initial_world(plan, 0);
  faults::start_fault_clocks(world);
  run_until(world, sim::Time::zero() + 5000_h);
  World fork = world;
  run_until(world, sim::Time::zero() + 20000_h);
  run_until(fork, sim::Time::zero() + 20000_h);
  CHECK(world.events == fork.events);
  CHECK(world.draws == fork.draws);
  CHECK(world.trace.records().size() == fork.trace.records().size());
}

TEST_CASE("fault classes: those of two services are kept apart, those of one keep their names", "[faults]") {
  Topology one = small_topology();
  one.node_groups[0].nodes_per_zone = 2;
  one.operations = {{"rolling-restart", "kafka", Rate::per_year(12)}, {"drain", "nodes", Rate::per_year(4)}};
  Topology two = one;
  two.services.push_back(two.services[0]);
  two.services[1].name = "other";
  two.operations.push_back({"rolling-restart", "other", Rate::per_year(6)});
  const auto families = [](const Plan& plan) {
    std::map<std::size_t, std::vector<const FaultSource*>> all;
    for (const FaultSource& source : plan.faults) all[source.fault_class].push_back(&source);
    return all;
  };
  const auto service_of = [](const Plan& plan, const FaultSource& source) -> int {
    if (source.verb == Verb::process_kill || source.verb == Verb::process_pause) {
      return plan.processes[ProcessId{source.index}].service.value;
    }
    if (source.verb == Verb::volume_loss)
      return plan.processes[plan.volumes[VolumeId{source.index}].owner].service.value;
    return source.verb == Verb::rolling_restart ? static_cast<int>(source.index) : -1;
  };
  const Plan both = build_plan(two, 1);
  std::map<Verb, std::set<int>> seen;
  for (const auto& [family, sources] : families(both)) {
    std::set<int> services;
    for (const FaultSource* source : sources) services.insert(service_of(both, *source));
    CHECK(services.size() == 1);
    seen[sources[0]->verb].insert(services.begin(), services.end());
  }
  for (const Verb verb : {Verb::process_kill, Verb::process_pause, Verb::volume_loss, Verb::rolling_restart}) {
    CHECK(seen[verb] == std::set<int>{0, 1});
  }
  // Alone, the first service has as many families as before: one for each verb, form and pool.
  const Plan alone = build_plan(one, 1);
  std::size_t kills = 0, drains = 0;
  for (const auto& [family, sources] : families(alone)) {
    kills += sources[0]->verb == Verb::process_kill ? 1 : 0;
    drains += sources[0]->verb == Verb::drain && sources[0]->age == Purpose::operation_age ? 1 : 0;
  }
  CHECK(kills == one.services[0].pools.size());
  CHECK(drains == 1);
}

}  // namespace faults_clocks_test
