// Rooms that must agree: machines, platform and processes through random faults of every verb, on designs with other
// machines, disks and provisioners. In the end timers and people have mended everything.
#include <algorithm>
#include <cmath>

#include "models/faults/scenario.hpp"
#include "models/kubernetes/state.hpp"
#include "models/platform.hpp"
#include "sim/random.hpp"
#include "tests/models/ailments.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace faults_recovery_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr sim::Time origin = sim::Time::from_count(600'000'000'000);

class Dice {
 public:
  explicit Dice(std::uint64_t schedule) : schedule_(schedule) {}
  double uniform() { return sim::to_unit(sim::random_bits(0xfa17, schedule_, draw_++)); }
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(uniform() * static_cast<double>(count)); }

 private:
  std::uint64_t schedule_;
  std::uint32_t draw_ = 0;
};

constexpr std::size_t designs = 8;

Topology design(std::size_t number) {
  Topology topology = small_topology();
  NodeGroupSpec& group = topology.node_groups[0];
  kafka_spec(topology).topics.resize(1);
  kafka_spec(topology).topics[0].partitions = 3;
  kafka_spec(topology).parameters.offsets_partitions = 3;
  if (number & 1) group.nodes_per_zone = 2;
  if (number & 2) {
    group.instance.local_disk = {4e12};
    group.instance.local_disk_rate = {2e9};
    for (PoolSpec& pool : topology.services[0].pools) pool.storage.kind = VolumeKind::nvme;
  }
  if (number & 4) group.capacity = Capacity::spot;
  if (number == 3) group.provisioner = Provisioner::asg;
  if (number == 5) group.interruption = Interruption::none;
  if (number == 6) group.provisioner = Provisioner::none;
  if (number == 7) topology.people.on_call = 3;
  return topology;
}

/// Without a provisioner a drain waits for ever if the only machine of a zone is drained: the evicted broker is
/// Pending, and the disruption budget refuses the next eviction. Such scripts are left out.
bool can_drain(const Topology& topology) { return topology.node_groups[0].provisioner != Provisioner::none; }

std::vector<Action> random_script(Dice& dice, bool drains) {
  static const std::vector<std::string> pods = {
      "kafka/broker-0", "kafka/broker-1", "kafka/broker-2", "kafka/controller-3", "random(kafka/controllers)",
      "random(kafka)"};
  static const std::vector<std::string> zones = {"us-west-2a", "us-west-2b", "random(zones)"};
  static const std::vector<std::string> places = {"region", "us-west-2a", "kafka/broker-1", "all(kafka/controllers)"};
  std::vector<Action> script;
  const std::size_t steps = 3 + dice.below(5);
  for (std::size_t i = 0; i < steps; ++i) {
    Action step;
    step.at = Duration::from_seconds(dice.uniform() * (i < 4 ? 60 : 1500));
    do {
      step.verb = verbs[dice.below(verbs.size())].verb;
    } while (verb_info(step.verb).target == TargetKind::component || verb_info(step.verb).target == TargetKind::shock ||
             step.verb == Verb::load_change || step.verb == Verb::metrics_outage);  // of services with a load
    if (step.verb == Verb::volume_modify) step.factor = 0.5 + dice.uniform();
    const bool drained = step.verb == Verb::drain || step.verb == Verb::node_update;
    if (drained && !drains) step.verb = Verb::node_reboot;
    const VerbInfo& info = verb_info(step.verb);
    step.target = pods[dice.below(pods.size())];
    if (info.target == TargetKind::zone) step.target = zones[dice.below(zones.size())];
    if (info.target == TargetKind::service) step.target = "kafka";
    if (info.takes.has(Option::duration)) step.duration = Duration::from_seconds(10 + dice.uniform() * 900);
    if (step.verb == Verb::partition) step.from = places[dice.below(places.size())];
    if (step.verb == Verb::partition) step.one_way = dice.uniform() < 0.3;
    if (step.verb == Verb::zone_power_loss && dice.uniform() < 0.5) step.extent = 0.5;
    if (info.takes.has(Option::share) && dice.uniform() < 0.7) step.share = std::pow(1000.0, -dice.uniform() - 1e-6);
    if (info.takes.has(Option::loss) && dice.uniform() < 0.7) step.loss = 0.25 * dice.uniform() + 1e-6;
    if (info.takes.has(Option::jump)) step.jump = Duration::from_seconds(10 * dice.uniform());
    script.push_back(step);
    if (step.verb != Verb::process_stop) continue;
    step.target = script.back().target = pods[dice.below(4)];
    step.verb = Verb::process_continue;
    step.at += Duration::from_seconds(5 + dice.uniform() * 300);
    script.push_back(step);
  }
  return script;
}

bool settled(const World& world) {
  return services::healthy(world) && kubernetes::healthy(world) && people::healthy(world) && faults::healthy(world);
}

/// What machines, kubelets, containers and processes may never disagree on.
void check_agreement(const World& world) {
  for (const NodeId node : world.plan->nodes.ids()) {
    REQUIRE(infrastructure::node_up(world, node) == world.kubernetes.nodes[node].kubelet);
  }
  for (const ProcessId process : world.plan->processes.ids()) {
    const kubernetes::Container container = world.kubernetes.pods[process].container;
    const bool runs = container == kubernetes::Container::running || container == kubernetes::Container::stopping;
    INFO(world.plan->name(world.plan->processes[process].component));
    REQUIRE(runs == (world.processes[process].status != ProcessState::Status::absent));
  }
}

void play(std::uint64_t first, std::uint64_t schedules) {
  std::vector<Plan> plans;
  for (std::size_t number = 0; number < designs; ++number) plans.push_back(build_plan(design(number), 1));
  for (std::uint64_t schedule = first; schedule < first + schedules; ++schedule) {
    INFO("schedule " << schedule);
    Dice dice(schedule);
    World world = initial_world(plans[schedule % designs], schedule);
    faults::schedule_actions(world, random_script(dice, can_drain(world.plan->topology)), origin);
    while (step(world, origin + 200_h)) {
      check_agreement(world);
      if (world.faults.actions_left == 0 && settled(world)) break;
    }
    if (!settled(world)) FAIL_CHECK(ailments(world));
  }
}

}  // namespace

TEST_CASE("every verb on every design: the rooms agree, and all is mended in the end", "[faults][recovery]") {
  play(0, 300);
}

TEST_CASE("the same over 40,000 schedules", "[faults][recovery][slow]") { play(1'000'000, 40'000); }

}  // namespace faults_recovery_test
