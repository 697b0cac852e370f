// No parameter is decoration: changing any one of them changes what comes out on at least one shipped design.
//
// The designs run under fault rates far above nature, so that every mechanism has its turn within a few simulated
// years.
#include <array>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "experiments/loader/topology_file.hpp"
#include "models/economics/cost.hpp"
#include "models/faults/clocks.hpp"
#include "models/faults/scenario.hpp"
#include "models/rabbitmq/parameters.hpp"
#include "models/redis/parameters.hpp"
#include "models/scheduling.hpp"
#include "models/world.hpp"
#include "sim/random.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/places.hpp"

namespace sensitivity_test {

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
  steps.push_back(action(day(9) + sim::Duration::seconds(40'000), models::Verb::empty_process, "kafka/broker-1"));
  steps.push_back(action(day(9), models::Verb::wrong_command, "kafka"));
  steps.back().variant = models::Variant::service;
  // A volume is changed until no further change is let by, and once more.
  for (const int hour : {0, 2, 4, 6, 8, 16, 40}) {
    models::Action change =
        action(day(2) + sim::Duration::seconds(3600 * hour), models::Verb::volume_modify, "kafka/controller-3");
    change.factor = 1.1;
    if (hour == 2) change.variant = models::Variant::size;
    steps.push_back(change);
  }
  // And once each of the others, so that some change surely fails where half of them do.
  for (const char* volume :
       {"kafka/broker-0", "kafka/broker-1", "kafka/broker-2", "kafka/controller-4", "kafka/controller-5"}) {
    models::Action change = action(day(2), models::Verb::volume_modify, volume);
    change.factor = 1.1;
    steps.push_back(change);
  }
  // Upgrades of control planes, one of two that serve names hangs, a machine that has just joined is forgotten with the
  // master: each of designs that have them.
  for (const int number : {0, 1, 2, 3, 5, 6, 7})
    steps.push_back(action(day(number), models::Verb::control_plane_upgrade, "control-plane"));
  for (const int number : {1, 2, 3}) {
    steps.push_back(action(day(number), models::Verb::process_stop, "coredns/server-0"));
    steps.push_back(
        action(day(number) + sim::Duration::seconds(600), models::Verb::process_continue, "coredns/server-0"));
  }
  for (const int number : {4, 7}) {
    steps.push_back(action(day(number), models::Verb::node_loss, "workers-ap-northeast-2a-0"));
    models::Action master =
        action(day(number) + sim::Duration::seconds(1200), models::Verb::node_crash, "masters-ap-northeast-2a-0");
    master.duration = sim::Duration::seconds(7 * 86400);
    steps.push_back(master);
  }
  // Loads that come and go, of designs that have any.
  for (int hour = 0; hour < 48; hour += 3) {
    models::Action load = action(day(4) + sim::Duration::seconds(3600 * hour), models::Verb::load_change, "web");
    load.factor = 0.3 + 0.7 * (hour % 5);
    load.duration = sim::Duration::seconds(1800 + 600 * hour % 7000);
    steps.push_back(load);
  }
  return steps;
}

constexpr std::uint64_t plays = 2;

/// Days at whose ends plays are compared: most of what differs does so early, and the rest need not be played.
constexpr std::array<int, 14> looks = {1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 55, 70, 85, 100};

/// A play in parts: what happened to what until each look, what was lost or given up; of the first play also the bill
/// and the rates. `differs` is asked after each part and ends the play.
template <typename Differs>
void play_in_parts(const models::Plan& plan, std::uint64_t play, Differs differs) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  if (play == 0) {
    hash = mix(hash, static_cast<std::uint64_t>(models::economics::monthly_bill(plan, 10).cents()));
    for (const models::FaultSource& source : plan.faults) hash = mix(hash, source.rate.per_hour);
  }
  models::World world = models::initial_world(plan, play);
  models::faults::schedule_actions(world, script(), sim::Time::zero() + sim::Duration::seconds(3600));
  std::size_t seen = 0;
  for (std::size_t look = 0; look < looks.size(); ++look) {
    models::run_until(world, sim::Time::zero() + sim::Duration::seconds(86400 * looks[look]));
    const auto& records = world.trace.records();
    for (; seen < records.size(); ++seen) {
      hash = mix(hash, static_cast<std::uint64_t>(records[seen].at.count()));
      hash = mix(hash, std::uint64_t{records[seen].kind});
      hash = sim::fnv1a(plan.name(records[seen].component), hash);
    }
    std::uint64_t until_now = hash;
    for (const auto& loss : world.measurement.losses)
      until_now = mix(mix(mix(until_now, loss.records_all), loss.records_one), loss.records_any);
    for (const auto& given_up : world.measurement.given_up) until_now = mix(until_now, given_up.records);
    if (differs(look, until_now)) return;
    if (looks[look] == 10) models::faults::start_fault_clocks(world);
  }
}

using Fingerprint = std::array<std::uint64_t, looks.size()>;

Fingerprint fingerprint(const models::Plan& plan, std::uint64_t play) {
  Fingerprint at{};
  play_in_parts(plan, play, [&](std::size_t look, std::uint64_t hash) {
    at[look] = hash;
    return false;
  });
  return at;
}

bool plays_otherwise(const models::Plan& plan, std::uint64_t play, const Fingerprint& base) {
  bool otherwise = false;
  play_in_parts(plan, play, [&](std::size_t look, std::uint64_t hash) { return otherwise = hash != base[look]; });
  return otherwise;
}

/// A shipped design in hard times: faults a hundred times as often, some acks=1, every replica on the throttles' lists.
models::Topology stressed(models::Topology topology) {
  models::infrastructure::Parameters& p = topology.infrastructure;
  for (models::Rate* rate : {&p.process_crash_rate, &p.node_crash_rate, &p.node_loss_rate, &p.node_retirement_rate,
                             &p.zone_power_loss_rate, &p.zone_isolation_rate, &p.volume_loss_rate}) {
    rate->per_hour *= 60;
  }
  // Grey faults so deep that live load feels them.
  for (models::Rate* rate : {&p.volume_slow_rate, &p.volume_stall_rate, &p.network_slow_rate, &p.packet_loss_rate,
                             &p.cpu_starved_rate, &p.clock_jump_rate}) {
    rate->per_hour *= 20;
  }
  // What is rare, or felt only by what starts or votes meanwhile.
  p.packet_loss_rate.per_hour *= 20;
  p.cpu_starved_rate.per_hour *= 100;
  for (models::Ratio* share : {&p.volume_slow_least, &p.volume_slow_most, &p.network_slow_least, &p.network_slow_most})
    *share *= 0.01;
  p.volume_loss_rate.per_hour *= 20;
  p.io2_loss_rate.per_hour *= 1e5;
  p.zone_power_loss_rate.per_hour *= 5;
  models::faults::Parameters& changes = topology.changes;
  for (models::Rate* rate :
       {&changes.rollout_rate, &changes.upgrade_rate, &changes.command_rate, &changes.certificate_rate}) {
    rate->per_hour *= 500;
  }
  changes.command_rate.per_hour *= 40;
  changes.command_service_share *= 2;
  p.volume_stuck_probability = std::min(0.5, p.volume_stuck_probability * 100);
  for (models::Rate* rate :
       {&p.control_plane_outage_rate, &p.region_api_outage_rate, &p.node_not_ready_rate, &p.service_outage_rate})
    rate->per_hour *= 60;
  for (models::Rate* rate : {&p.kms_outage_rate, &p.credentials_outage_rate, &changes.space_quota_rate})
    rate->per_hour *= 5000;
  // What strikes only where somebody gives it a rate.
  for (models::Rate* rate : {&p.memory_pressure_rate, &p.kubelet_stop_rate, &p.disk_pressure_rate,
                             &changes.network_policy_rate, &changes.broken_role_rate, &changes.removed_apis_rate})
    *rate = rate->per_hour > 0 ? models::Rate{rate->per_hour * 10} : models::Rate::per_year(4);
  for (models::ServiceSpec& service : topology.services) {
    if (service.kind->name != "kafka") continue;
    for (models::kafka::TopicSpec& topic : models::kafka::spec_of(service).topics) {
      topic.acks_one_share = 0.3;
      topic.throttled_followers.all = topic.throttled_leaders.all = true;
    }
  }
  for (models::NodeGroupSpec& group : topology.node_groups) group.instance.spot_reclaim.per_hour *= 5;
  return topology;
}

struct Design {
  std::string label;  ///< of the shipped design, and which of its variations
  loader::LoadedTopology loaded;
  std::string_view only{};                               ///< keys that begin so; empty: all
  std::array<std::optional<Fingerprint>, plays> base{};  ///< fingerprints of its plays, once they are asked for
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

/// Auto Scaling groups that hear of recommendations before the notices.
void rebalanced(models::Topology& topology) {
  for (models::NodeGroupSpec& group : topology.node_groups) {
    group.capacity_rebalancing = group.capacity == models::Capacity::spot;
  }
}

void from_snapshots(models::Topology& topology) {
  for (models::PoolSpec& pool : topology.services[0].pools) pool.storage.restore = models::Restore::snapshot;
}

/// Volumes of less than 170 GiB.
void small_volumes(models::Topology& topology) {
  for (models::PoolSpec& pool : topology.services[0].pools) pool.storage.size = {100.0 * 0x1p30};
}

/// Settings by which every pod of a design has a volume of a kind.
std::vector<loader::Override> on(const std::string& storage) {
  return {{"/services/kafka/pools/broker/storage", storage}, {"/services/kafka/pools/controller/storage", storage}};
}

/// Pods are given more time to stop than a broker waits for its controller.
void patient(models::Topology& topology) { topology.kubernetes.termination_grace = sim::Duration::seconds(600); }

/// Probes that a manifest declares, and processes that hang for long enough to fail them.
void with_probes(models::Topology& topology) {
  models::ProbesSpec& probes = topology.services[0].probes.emplace();
  probes.readiness.emplace();
  probes.liveness.emplace();
  topology.infrastructure.process_pause_rate.per_hour *= 50;
  topology.infrastructure.process_pause_duration = models::Law::constant(sim::Duration::seconds(40));
}

/// Autoscalers whose limits bind.
void slow_autoscalers(models::Topology& topology) {
  models::kubernetes::Parameters& p = topology.kubernetes;
  p.hpa_up_pods = 1;
  p.hpa_up_share = 0.4;
  p.hpa_down_share = 0.5;
  p.hpa_policy_period = sim::Duration::seconds(50);
  p.hpa_limit_factor = 1.5;
  p.hpa_limit_minimum = 2;
  p.disruption_budget = 0.5;
  p.ca_empty_bulk = 1;
  p.ca_unready_count = 1;
  p.hpa_cpu_initialization = sim::Duration::seconds(20);
}

/// A single machine that is not Ready stops the Cluster Autoscaler, or nearly.
void easily_stopped(models::Topology& topology) { topology.kubernetes.ca_unready_count = 0; }
void more_easily_stopped(models::Topology& topology) {
  easily_stopped(topology);
  topology.kubernetes.ca_unready_share = 0.2;
}

/// Patches of Fargate that no budget lets by.
void patched_by_force(models::Topology& topology) {
  models::OperationSpec& update = topology.operations.emplace_back();
  update.verb = "node-update";
  update.target = topology.node_groups[0].name;
  update.rate = models::Rate::per_year(50);
  topology.services[0].budget = models::DisruptionBudget::at_most(0);
}

/// An account that may launch one machine, and then one a day.
void few_launches(models::Topology& topology) {
  topology.infrastructure.launch_bucket = 1;
  topology.infrastructure.launch_rate = {1.0 / 24};
}

/// Machines that rarely come.
void short_of_machines(models::Topology& topology) {
  topology.infrastructure.capacity_failure_probability = 0.97;
  topology.kubernetes.ca_unready_count = 1;
}
/// Data that people delete and corrupt every week, backups that are short of half of them.
void saved(models::Topology& topology, bool tested) {
  using sim::Duration;
  topology.backups = {
      {topology.services[0].name, Duration::seconds(6 * 3600), Duration::seconds(20 * 3600), {1e12}, tested}};
  topology.changes.data_deletion_rate = topology.changes.data_corruption_rate = models::Rate::per_year(50);
  topology.changes.restore_failure = topology.changes.restore_failure_tested = 0.5;
}
void saved_untested(models::Topology& topology) { saved(topology, false); }
void saved_and_tested(models::Topology& topology) { saved(topology, true); }
/// Twelve pods, and every node group gets a new image again and again.
void updated(models::Topology& topology, std::int64_t budget) {
  for (models::NodeGroupSpec& group : topology.node_groups) {
    group.nodes_per_zone = 4;
    models::OperationSpec& update = topology.operations.emplace_back();
    update.verb = "node-update";
    update.target = group.name;
    update.rate = models::Rate::per_year(50);
  }
  topology.services[0].pools[0].replicas = 12;
  topology.services[0].budget = models::DisruptionBudget::at_most(budget);
}
void updated_twice_at_once(models::Topology& topology) { updated(topology, 2); }
void update_refused(models::Topology& topology) { updated(topology, 0); }

std::vector<double> other_values(const loader::Assumption& assumption) {
  const double value = assumption.value;
  if (value == 0) return {1, 1e6};
  const bool whole = assumption.unit == "1" && value == static_cast<double>(static_cast<long>(value));
  if (whole && value >= 2) return {value - 1, value + 1};
  if (whole) return {value + 1};
  if (assumption.unit == "1") return {value * 0.5, value * 0.9};
  return {value * 0.6, value * 0.1, value * 5};
}

/// Whether another value of a number changes a play of a design.
bool moves(Design& design, const loader::Assumption& assumption) {
  const models::Plan shipped = models::build_plan(stressed(design.loaded.topology), 7);
  for (const double value : other_values(assumption)) {
    models::Topology changed = design.loaded.topology;
    loader::assign(changed, assumption, value);
    try {
      const models::Plan plan = models::build_plan(stressed(changed), 7);
      for (std::uint64_t play = 0; play < plays; ++play) {
        if (!design.base[play]) design.base[play] = fingerprint(shipped, play);
        if (plays_otherwise(plan, play, *design.base[play])) return true;
      }
    } catch (const models::NoPlace&) {
      return true;  // pods that had a machine have none
    } catch (const std::invalid_argument&) {
      continue;  // a design that is refused shows nothing of the mechanism
    }
  }
  return false;
}

/// Which design showed a number last time: it is asked first, and the others if it no longer does.
/// NINES_REWRITE_SHOWN=1 writes the file anew.
std::string shown_file() { return tests::source_file("tests/experiments/sensitivity_shown.txt"); }

std::map<std::string, std::string, std::less<>> read_shown() {
  std::map<std::string, std::string, std::less<>> shown;
  std::ifstream in(shown_file());
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key;
    std::string label;
    if (words >> key >> label) shown[key] = label;
  }
  return shown;
}

}  // namespace

TEST_CASE("every number of every shipped design changes some output", "[sensitivity][slow]") {
  std::vector<Design> designs;
  std::map<std::string, int, std::less<>> variations;
  const auto add = [&](const std::string& name, void (*vary)(models::Topology&),
                       const std::vector<loader::Override>& sets = {}, std::string_view only = {}) {
    Design design{name + "/" + std::to_string(++variations[name]),
                  loader::load_topology(tests::source_file("topologies/" + name + ".json"), sets), only};
    if (vary != nullptr) vary(design.loaded.topology);
    designs.push_back(std::move(design));
  };
  // What is quick comes first: nobody else has to show what it has shown.
  add("http-eks", nullptr);
  add("http-eks", nullptr, {{"/services/web/frontend", "\"alb\""}, {"/services/web/config", "{}"}});
  // Redis's own numbers have a test of their own (tests/models/redis_sensitivity_test.cpp).
  add("redis-eks-backup", saved_untested, {}, "data.");
  add("redis-eks-backup", saved_and_tested, {{"/backups/0/tested", "true"}}, "data.");
  add("kafka-eks", from_snapshots);
  add("kafka-eks-6-brokers", nullptr, {}, "kafka.reassignment");
  for (const std::string name : {"kafka-eks", "kafka-eks-spot", "kafka-eks-nvme", "kafka-eks-dual-role"})
    add(name, nullptr);
  add("kafka-eks-spot", widen);
  add("kafka-eks", without_provisioner);
  add("kafka-eks", with_node_repair);
  add("kafka-eks", nullptr, {{"/platform/kubernetes_version", "\"1.34\""}});
  add("kafka-eks", patient);
  add("kafka-eks", nullptr, on(R"({"kind": "st1", "size": "1000Gi"})"));
  add("kafka-eks", nullptr, on(R"({"kind": "gp2", "size": "1000Gi"})"));
  add("kafka-eks", small_volumes, on(R"({"kind": "gp2", "size": "1000Gi"})"));
  // A credit that is soon spent, and changes of volumes that often fail.
  std::vector<loader::Override> spent = on(R"({"kind": "gp2", "size": "1000Gi"})");
  spent.push_back({"/overrides/ebs.gp2.credit", "20GB"});
  add("kafka-eks", small_volumes, spent);
  add("kafka-eks", nullptr, {{"/overrides/ebs.modify.failure_probability", "0.5"}});
  add("kafka-eks", nullptr, on(R"({"kind": "io2", "size": "1000Gi", "iops": 1000})"));
  add("kafka-eks", nullptr, on(R"({"kind": "efs", "size": "1000Gi", "throughput": "125MiB/s"})"));
  // As many pods as the machines may have.
  add("kafka-eks", nullptr, {{"/node_groups/kafka/max_pods", "6"}});
  add("kafka-eks", nullptr, {{"/platform/kind", "kubeadm"}, {"/overrides/kubelet.max_pods", "5"}});
  add("kafka-eks", with_probes);
  add("kafka-eks-spot", nullptr, {{"/node_groups/kafka/interruption", "\"handler\""}});
  for (const char* allocation : {"lowest-price", "capacity-optimized", "price-capacity-optimized"}) {
    add("kafka-eks-spot", nullptr,
        {{"/node_groups/kafka/instance_types", R"(["r8g.4xlarge", "i4i.4xlarge"])"},
         {"/node_groups/kafka/provisioner", "\"asg\""},
         {"/node_groups/kafka/allocation", '"' + std::string(allocation) + '"'}});
  }
  add("kafka-eks-spot", rebalanced, {{"/node_groups/kafka/provisioner", "\"asg\""}});
  add("kubeadm-3-masters", nullptr);
  // Followers that are further behind than the log goes back.
  add("kubeadm-3-masters", nullptr,
      {{"/services/etcd/config/snapshot-count", "500"}, {"/services/etcd/load/writes_per_s", "200"}});
  add("kubeadm-3-masters", nullptr, {{"/services/control-plane/endpoint", "\"virtual-ip\""}});
  add("kubeadm-1-master", without_provisioner);
  add("kubeadm-1-master", nullptr);
  add("eks-control-plane", nullptr);
  add("eks-control-plane", nullptr, {{"/overrides/eks.upgrade.failure_share", "0.5"}});
  for (const std::string name : {"managed-elasticache", "managed-elasticache-cluster", "managed-elasticache-single",
                                 "managed-msk", "managed-amazon-mq", "managed-amazon-mq-active-standby"})
    add(name, nullptr);
  add("eks-addons", nullptr);
  add("eks-addons", nullptr, {{"/services/ebs-csi/credentials", "true"}}, "addon.credentials");
  // Look-ups that are answered at the second try, just in time.
  add("eks-addons", nullptr,
      {{"/services/web/slis/0/tolerance", "0.03"},
       {"/services/web/clients/app/config", R"({"http.client.attempt_timeout": "7s"})"}});
  for (const std::string name : {"eks-elastic", "eks-elastic-spot"}) {
    add(name, nullptr);
    add(name, slow_autoscalers);
    add(name, short_of_machines);
  }
  add("kafka-eks-statefulset", nullptr);
  add("http-fargate", nullptr);
  add("http-fargate", patched_by_force);
  // The third attempt is just in time.
  add("http-eks", nullptr,
      {{"/services/web/clients/mesh/config", R"({"http.client.retries": 2, "http.client.deadline": "10.1s"})"}});
  // Pods that are Ready about as late as an autoscaler begins to count them.
  for (const char* start : {"\"25s\"", "\"60s\""})
    add("eks-elastic", slow_autoscalers, {{"/overrides/http.start", start}}, "hpa.initial_readiness_delay");
  add("eks-elastic", easily_stopped);
  add("eks-elastic", more_easily_stopped);
  add("http-eks", few_launches);
  const std::vector<loader::Override> by_eks = {{"/node_groups/web/provisioner", "\"asg\""}};
  add("http-eks", updated_twice_at_once);
  add("http-eks", updated_twice_at_once, by_eks);
  add("http-eks", update_refused, by_eks);
  // Storms take their time: for what nothing else has shown.
  add("http-retries", nullptr);
  add("http-retries", nullptr,
      {{"/services/web/clients/app/config",
        R"({"http.client.retries": 2, "http.client.attempt_timeout": "1s", "http.client.retry_budget": 0.15})"}});
  std::map<std::string, std::vector<std::pair<Design*, const loader::Assumption*>>, std::less<>> uses;
  for (Design& design : designs) {
    for (const loader::Assumption& assumption : design.loaded.assumptions) {
      // Acts only on a follower that is behind a snapshot by just so much: no design here is caught in that state.
      // The other acts only on a machine that keeps a pod when those of a surge leave: they leave the newest machines.
      // The next act only where a machine has about as many volumes as it can, and where a restored backup does not
      // know a volume: no design here gets there (tests/kinds/claims_test.cpp,
      // tests/models/platform_operations_test.cpp).
      const bool rare = assumption.key == "etcd.catch_up_entries" || assumption.key == "ebs.attach.limit" ||
                        assumption.key == "people.orphan_volume" ||
                        assumption.key == "cluster_autoscaler.scale_down_utilization_threshold";
      if (assumption.boolean || rare || !assumption.key.starts_with(design.only)) continue;
      uses[assumption.key].emplace_back(&design, &assumption);
    }
  }
  const auto shown = read_shown();
  std::map<std::string, std::string, std::less<>> shows;
  for (auto& [key, places] : uses) {
    const auto last = shown.find(key);
    if (last != shown.end()) {
      std::stable_partition(places.begin(), places.end(),
                            [&](const auto& place) { return place.first->label == last->second; });
    }
    const auto place =
        std::find_if(places.begin(), places.end(), [](const auto& at) { return moves(*at.first, *at.second); });
    if (place == places.end())
      FAIL_CHECK("nothing changes with " << key);
    else
      shows[key] = place->first->label;
  }
  CHECK(shows.size() > 100);
  if (std::getenv("NINES_REWRITE_SHOWN") != nullptr) {
    std::ofstream out(shown_file());
    for (const auto& [key, label] : shows) out << key << ' ' << label << '\n';
  }
}

// The same of a kind whose designs are quick.
TEST_CASE("every number of RabbitMQ's designs changes some output", "[sensitivity][slow]") {
  std::set<std::string, std::less<>> keys;
  for (const auto& row : models::rabbitmq::Parameters::table()) keys.emplace(row.key);
  for (const auto& row : models::rabbitmq::ClientParameters::table()) keys.emplace(row.key);
  using Sets = std::vector<loader::Override>;
  const std::string service = "/services/rabbitmq";
  const std::string queue = service + "/queues/orders";
  const Sets slow{{queue + "/publish_per_s", "500"}, {queue + "/consume_per_s", "550"}};
  std::vector<std::pair<std::string, Sets>> variants;
  for (const char* name : {"rabbitmq-hosts", "rabbitmq-eks", "rabbitmq-eks-corrected", "rabbitmq-eks-mirrored"})
    variants.emplace_back(name, Sets{});
  for (const char* name : {"rabbitmq-eks", "rabbitmq-eks-mirrored"}) variants.emplace_back(name, slow);
  variants.emplace_back("rabbitmq-eks-mirrored", Sets{{service + "/cluster_partition_handling", "\"autoheal\""}});
  variants.emplace_back("rabbitmq-eks", Sets{{service + "/version", "4.3"}, slow[0], slow[1]});
  variants.emplace_back("rabbitmq-eks", Sets{{queue + "/type", "\"stream\""}, {queue + "/max_length", "\"1GB\""}});
  // What consumers do not take while they are away fills memory, or the volume, and is held for too long.
  const Sets large{{queue + "/message_size", "\"200kB\""}};
  const Sets full{{"/overrides/rabbitmq.memory_used", "\"600MB\""},
                  {"/overrides/rabbitmq.memory_per_message", "\"2kB\""}};
  const Sets patient{{service + "/config/consumer_timeout", "\"61s\""}, {"/overrides/rabbitmq.delivery_limit", "1"}};
  const auto both = [](Sets one, const Sets& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
  };
  const Sets by_hand{{service + "/deployed_by", "\"by-hand\""}};
  variants.emplace_back("rabbitmq-eks", both(slow, large));
  variants.emplace_back("rabbitmq-eks", both(slow, full));
  variants.emplace_back("rabbitmq-eks", both(slow, patient));
  variants.emplace_back("rabbitmq-eks", both(both(slow, large), by_hand));
  variants.emplace_back("rabbitmq-eks", both(both(both(slow, large), by_hand),
                                             {{service + "/config", R"({"disk_free_limit.absolute": 3000000000})"}}));
  // An operator's reserve of at most 100 MB.
  variants.emplace_back("rabbitmq-eks",
                        both(both(slow, full), {{"/overrides/rabbitmq.operator.reserved_most", "\"100MB\""}}));
  std::set<std::string> silent(keys.begin(), keys.end());
  // How much a leader takes in vain, and what follows where a winner of autoheal falls silent within half a second:
  // rarer than these plays (tests/models/rabbitmq_sensitivity_test.cpp).
  for (const char* rare : {"quorum_commands_soft_limit", "autoheal_state_transition_timeout"}) silent.erase(rare);
  // Of publishers without confirms, which no shipped design has (tests/models/rabbitmq_test.cpp).
  for (const char* unconfirmed : {"rabbitmq.channel_credit", "rabbitmq.reader_credit", "rabbitmq.registration_margin",
                                  "rabbitmq.client.write_timeout"})
    silent.erase(unconfirmed);
  for (const auto& [name, sets] : variants) {
    Design design{name, loader::load_topology(tests::source_file("topologies/" + name + ".json"), sets)};
    for (const loader::Assumption& assumption : design.loaded.assumptions) {
      if (silent.contains(assumption.key) && (assumption.boolean || moves(design, assumption)))
        silent.erase(assumption.key);
    }
  }
  for (const std::string& key : silent) FAIL_CHECK("nothing changes with " << key);
  CHECK(silent.empty());
}

}  // namespace sensitivity_test
