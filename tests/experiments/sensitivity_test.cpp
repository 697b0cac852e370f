// No parameter is decoration: changing any one of them changes what comes out on at least one shipped design.
//
// The designs run under fault rates far above nature, so that every mechanism has its turn within a few simulated
// years.
#include <catch2/catch.hpp>
#include <set>

#include "experiments/loader/topology_file.hpp"
#include "models/economics/cost.hpp"
#include "models/faults/clocks.hpp"
#include "models/faults/scenario.hpp"
#include "models/world.hpp"
#include "sim/random.hpp"
#include "tests/places.hpp"
#include "tests/models/service_parts.hpp"

using namespace nines;

namespace {

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  for (int byte = 0; byte < 8; ++byte) hash = (hash ^ ((value >> (8 * byte)) & 0xFF)) * 0x100000001b3ULL;
  return hash;
}
std::uint64_t mix(std::uint64_t hash, double value) { return mix(hash, static_cast<std::uint64_t>(value * 1e6)); }

models::Action action(sim::Duration at, models::Verb verb, std::string target, std::string from = {}) {
  models::Action step;
  step.at = at;
  step.verb = verb;
  step.target = std::move(target);
  step.from = std::move(from);
  if (verb == models::Verb::partition) step.duration = sim::Duration::seconds(500);
  return step;
}

/// What fault clocks do rarely or never: a broker without controllers but with clients, half a zone in the dark, a roll
/// that is refused again and again, work on a healthy cluster.
std::vector<models::Action> script() {
  const auto day = [](int n) { return sim::Duration::seconds(86400 * n); };
  std::vector<models::Action> steps = {
      action(day(0), models::Verb::rolling_restart, "kafka"),
      action(day(1), models::Verb::partition, "kafka/brokers", "kafka/controllers"),
      action(day(2), models::Verb::partition, "random(kafka/brokers)", "all(kafka/controllers)"),
      action(day(3), models::Verb::process_terminate, "random(kafka/brokers)")};
  for (const double extent : {0.4, 0.5, 0.75}) {
    models::Action outage = action(day(static_cast<int>(steps.size())), models::Verb::zone_power_loss, "random(zones)");
    outage.extent = extent;
    outage.duration = sim::Duration::seconds(7200);
    steps.push_back(outage);
  }
  models::Action dark = action(day(8), models::Verb::zone_power_loss, "random(zones)");
  dark.duration = sim::Duration::seconds(7200);
  steps.push_back(dark);
  steps.push_back(action(day(8) + sim::Duration::seconds(60), models::Verb::rolling_restart, "kafka"));
  steps.push_back(action(day(9), models::Verb::wrong_command, "kafka"));
  steps.back().variant = models::Variant::service;
  return steps;
}

/// Everything a result is made of: when what happened to what, what was lost or given up, the bill.
std::uint64_t fingerprint(const models::Topology& topology) {
  const models::Plan plan = models::build_plan(topology, 7);
  std::uint64_t hash =
      mix(0xcbf29ce484222325ULL, static_cast<std::uint64_t>(models::economics::monthly_bill(plan, 10).cents()));
  for (const models::FaultSource& source : plan.faults) hash = mix(hash, source.rate.per_hour);
  for (std::uint64_t run = 0; run < 2; ++run) {
    models::World world = models::initial_world(plan, run);
    models::faults::schedule_actions(world, script(), sim::Time::zero() + sim::Duration::seconds(3600));
    models::run_until(world, sim::Time::zero() + sim::Duration::seconds(10 * 86400));
    models::faults::start_fault_clocks(world);
    models::run_until(world, sim::Time::zero() + sim::Duration::seconds(100 * 86400));
    for (const sim::TraceRecord& record : world.trace.records()) {
      hash = mix(hash, static_cast<std::uint64_t>(record.at.count()));
      hash = mix(hash, std::uint64_t{record.kind});
      hash = sim::fnv1a(plan.name(record.component), hash);
    }
    for (const auto& loss : world.measurement.losses) hash = mix(mix(hash, loss.records_all), loss.records_one);
    for (const auto& given_up : world.measurement.given_up) hash = mix(hash, given_up.records);
  }
  return hash;
}

/// A shipped design in hard times: faults a hundred times as often, some acks=1, every replica on the throttles' lists.
models::Topology stressed(models::Topology topology) {
  models::infrastructure::Parameters& p = topology.infrastructure;
  for (models::Rate* rate : {&p.process_crash_rate, &p.node_crash_rate, &p.node_loss_rate, &p.node_retirement_rate,
                             &p.zone_power_loss_rate, &p.zone_isolation_rate, &p.volume_loss_rate}) {
    rate->per_hour *= 60;
  }
  p.volume_loss_rate.per_hour *= 20;
  p.zone_power_loss_rate.per_hour *= 5;
  models::faults::Parameters& changes = topology.changes;
  for (models::Rate* rate :
       {&changes.rollout_rate, &changes.upgrade_rate, &changes.command_rate, &changes.certificate_rate}) {
    rate->per_hour *= 500;
  }
  changes.command_rate.per_hour *= 40;
  changes.command_service_share *= 2;
  p.volume_stuck_probability = std::min(0.5, p.volume_stuck_probability * 100);
  for (models::ServiceSpec& service : topology.services) {
    for (models::kafka::TopicSpec& topic : models::kafka::spec_of(service).topics) {
      topic.acks_one_share = 0.3;
      topic.throttled_followers.all = topic.throttled_leaders.all = true;
    }
  }
  for (models::NodeGroupSpec& group : topology.node_groups) group.instance.spot_reclaim.per_hour *= 5;
  return topology;
}

struct Design {
  loader::LoadedTopology loaded;
  std::uint64_t base = 0;
};

/// Several machines a zone, volumes above their base performance.
void widen(models::Topology& topology) {
  for (models::NodeGroupSpec& group : topology.node_groups) group.nodes_per_zone = 4;
  topology.kubernetes.large_zone_size = 6;
  for (models::PoolSpec& pool : topology.services[0].pools) {
    pool.storage.iops = 4000;
    pool.storage.throughput = {250.0 * 1024 * 1024};
  }
}

void without_provisioner(models::Topology& topology) {
  for (models::NodeGroupSpec& group : topology.node_groups) {
    group.provisioner = models::Provisioner::none;
    group.auto_recovery = false;
  }
}

/// Machines that hang are given up by node repair.
void with_node_repair(models::Topology& topology) {
  for (models::NodeGroupSpec& group : topology.node_groups) group.repair = models::MachineRepair::node_repair;
}

void from_snapshots(models::Topology& topology) {
  for (models::PoolSpec& pool : topology.services[0].pools) pool.storage.restore = models::Restore::snapshot;
}

/// Pods are given more time to stop than a broker waits for its controller.
void patient(models::Topology& topology) { topology.kubernetes.termination_grace = sim::Duration::seconds(600); }

std::vector<double> other_values(const loader::Assumption& assumption) {
  const double value = assumption.value;
  if (value == 0) return {1, 1e6};
  const bool whole = assumption.unit == "1" && value == static_cast<double>(static_cast<long>(value));
  if (whole && value >= 2) return {value - 1, value + 1};
  if (whole) return {value + 1};
  if (assumption.unit == "1") return {value * 0.5, value * 0.9};
  return {value * 0.6, value * 0.1, value * 5};
}

bool moves(const Design& design, const loader::Assumption& assumption) {
  for (const double value : other_values(assumption)) {
    models::Topology changed = design.loaded.topology;
    loader::assign(changed, assumption, value);
    if (fingerprint(stressed(changed)) != design.base) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("every number of every shipped design changes some output", "[sensitivity][slow]") {
  std::vector<Design> designs;
  const auto add = [&](const std::string& name, void (*vary)(models::Topology&),
                       const std::vector<loader::Override>& sets = {}) {
    Design design{loader::load_topology(tests::source_file("topologies/" + std::string(name) + ".json"), sets), 0};
    if (vary != nullptr) vary(design.loaded.topology);
    design.base = fingerprint(stressed(design.loaded.topology));
    designs.push_back(std::move(design));
  };
  for (const std::string name : {"kafka-eks", "kafka-eks-spot", "kafka-eks-nvme", "kafka-eks-dual-role"})
    add(name, nullptr);
  add("kafka-eks-spot", widen);
  add("kafka-eks", without_provisioner);
  add("kafka-eks", from_snapshots);
  add("kafka-eks", with_node_repair);
  add("kafka-eks", nullptr, {{"/platform/kubernetes_version", "\"1.34\""}});
  add("kafka-eks", patient);
  std::set<std::string> silent;
  std::set<std::string> heard;
  for (Design& design : designs) {
    for (const loader::Assumption& assumption : design.loaded.assumptions) {
      if (assumption.boolean || heard.contains(assumption.key)) continue;
      if (moves(design, assumption)) {
        heard.insert(assumption.key);
        silent.erase(assumption.key);
      } else {
        silent.insert(assumption.key);
      }
    }
  }
  for (const std::string& key : silent) FAIL_CHECK("nothing changes with " << key);
  CHECK(heard.size() > 100);
}
