// Invariants over random fault schedules, at least three faults overlapping, and the transitions they take.
//
// Every schedule is a pure function of its number; a failure prints the number.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <memory>
#include <set>

#include "models/coverage.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/service.hpp"
#include "models/measurement/cause_chain.hpp"
#include "models/measurement/sli.hpp"
#include "models/platform.hpp"
#include "tests/models/ailments.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace kafka_invariants_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// Variants of the design: versions, roles, min ISR, unclean election, ELR.
Topology variant(std::size_t number) {
  Topology topology = small_topology();
  kafka::Spec& kafka = kafka_spec(topology);
  for (kafka::SliSpec& sli : kafka.slis) sli.deadline = 0_s;
  topology.changes.rollout_passes_share = 0.5;
  topology.changes.command_service_share = 0.75;
  for (kafka::TopicSpec& topic : kafka.topics) topic.partitions = 3;
  kafka.parameters.offsets_partitions = 3;
  kafka::BrokerParameters& p = kafka.parameters;
  if (number % 2 == 1) {  // 4.x
    p.fence_check_divisor = 8;
    p.fence_gap = 10_ms;
    p.pre_vote = true;
    p.rebalance_periodic = true;
  }
  if (number % 4 == 3) {  // 4.1
    p.eligible_leader_replicas = true;
    p.watermark_waits_for_fetch = false;
  }
  if (number % 4 == 2) {  // dual role
    topology.services[0].pools.resize(1);
    topology.services[0].pools[0].roles |= kafka::role_bit(kafka::Role::controller);
  }
  if (number % 8 == 4) {
    for (kafka::TopicSpec& topic : kafka.topics) topic.unclean_leader_election = true;
  }
  if (number % 8 == 0) {
    for (kafka::TopicSpec& topic : kafka.topics) topic.min_insync_replicas = 1;
  }
  return topology;
}

constexpr std::size_t variants = 8;

/// A part that is left, from a thousandth on: live load takes a fiftieth of a volume.
double random_share(Dice& dice) { return std::pow(1000.0, -dice.uniform() - 1e-6); }

Action random_grey_fault(Dice& dice, Duration at, Duration length, const std::string& target,
                         const std::vector<std::string>& zones) {
  Action step = action(at, Verb::volume_stalled, target, length);
  switch (dice.below(6)) {
    case 0: break;
    case 1:
      step.verb = Verb::disk_slow;
      step.share = random_share(dice);
      break;
    case 2:
      step.verb = Verb::network_slow;
      step.share = random_share(dice);
      step.delay = Duration::from_seconds(0.5 * dice.uniform() + 1e-6);
      break;
    case 3:
      step.verb = Verb::packet_loss;
      step.loss = 0.25 * dice.uniform() + 1e-6;
      if (dice.uniform() < 0.5) step.target = dice.pick(zones);
      break;
    case 4:
      step.verb = Verb::cpu_starved;
      step.share = random_share(dice);
      break;
    default:
      step.verb = Verb::clock_jump;
      step.duration = {};
      step.jump = Duration::from_seconds(10 * dice.uniform() + 1e-6);
  }
  return step;
}

/// With `grey` half of the faults degrade something.
std::vector<Action> random_schedule(const Plan& plan, Dice& dice, bool grey = false) {
  std::vector<std::string> processes;
  for (const ProcessId member : members(plan)) processes.emplace_back(plan.name(plan.processes[member].component));
  std::vector<std::string> zones;
  for (const ZonePlan& zone : plan.zones) zones.emplace_back(plan.name(zone.component));
  std::vector<Action> script;
  const std::size_t faults = 3 + dice.below(4);
  for (std::size_t i = 0; i < faults; ++i) {
    const Duration at = Duration::from_seconds(i < 3 ? dice.uniform() * 12 : dice.uniform() * 400);
    const Duration length = Duration::from_seconds(15 + dice.uniform() * 120);
    const std::string target = dice.uniform() < 0.3 ? "leader(kafka/controllers)" : dice.pick(processes);
    if (grey && dice.uniform() < 0.5) {
      script.push_back(random_grey_fault(dice, at, length, target, zones));
      continue;
    }
    switch (dice.below(16)) {
      case 0:
      case 1:
      case 2: script.push_back(action(at, Verb::process_kill, target)); break;
      case 3:
        if (dice.uniform() < 0.5) {
          script.push_back(action(at, Verb::process_pause, target, length));
          break;
        }
        script.push_back(action(at, Verb::process_stop, target));
        script.push_back(action(at + length, Verb::process_continue, target));
        // leader(...) may name somebody else by then
        script.back().target = script[script.size() - 2].target = dice.pick(processes);
        break;
      case 4: script.push_back(action(at, Verb::process_terminate, target)); break;
      case 5: script.push_back(action(at, Verb::node_crash, target, length)); break;
      case 6: script.push_back(action(at, Verb::zone_power_loss, dice.pick(zones), length)); break;
      case 7: script.push_back(action(at, Verb::zone_isolation, dice.pick(zones), length)); break;
      case 8: script.push_back(action(at, Verb::partition, target, length, dice.pick(processes))); break;
      case 9: script.push_back(action(at, Verb::partition, target, length, "all(kafka/controllers)")); break;
      case 10:
        script.push_back(dice.uniform() < 0.5 ? action(at, Verb::volume_loss, dice.pick(processes))
                                              : action(at, Verb::node_loss, dice.pick(processes)));
        break;
      case 11: script.push_back(action(at, Verb::rolling_restart, "kafka")); break;
      case 12: script.push_back(action(at, Verb::bad_rollout, "kafka")); break;
      case 13: script.push_back(action(at, Verb::failed_upgrade, "kafka")); break;
      case 14: script.push_back(action(at, Verb::wrong_command, "kafka")); break;
      default: script.push_back(action(at, Verb::expired_certificate, "kafka")); break;
    }
  }
  std::stable_sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
  const Duration first = script.front().at;
  for (Action& step : script) step.at = step.at - first;
  return script;
}

class Invariants {
 public:
  explicit Invariants(const World& world) : world_(world) { remember_logs(); }

  /// Call after every step.
  void check() {
    one_leader_per_epoch();
    watermark_never_goes_back();
  }

  void check_at_end(const std::vector<Action>& script) const {
    losses_follow_the_rules(script);
    outages_have_causes();
  }

 private:
  void one_leader_per_epoch() {
    const kafka::State& state = kafka_state(world_);
    for (kafka::Position voter = 0; voter < state.voters.size(); ++voter) {
      if (state.voters[voter].role != kafka::VoterRole::leader) continue;
      const auto [entry, fresh] = leaders_.emplace(state.voters[voter].epoch, voter);
      if (!fresh) REQUIRE(entry->second == voter);
    }
  }

  void watermark_never_goes_back() {
    const kafka::State& state = kafka_state(world_);
    for (const GroupId id : kafka_plan(*world_.plan).groups.ids()) {
      const kafka::GroupState& group = state.groups[id];
      const kafka::GroupLog& log = state.logs[id];
      const std::uint32_t epoch = group.replicas[group.owner].known_epoch;
      Log& before = logs_[id.value];
      if (before.owner == group.owner && before.epoch == epoch) {
        REQUIRE(log.acknowledged.all >= before.all - 1e-6);
        REQUIRE(log.acknowledged.one >= before.one - 1e-6);
      }
      before = {group.owner, epoch, log.acknowledged.all, log.acknowledged.one};
    }
  }

  void remember_logs() {
    for (const GroupId id : kafka_plan(*world_.plan).groups.ids()) {
      const kafka::GroupState& group = kafka_state(world_).groups[id];
      const kafka::GroupLog& log = kafka_state(world_).logs[id];
      logs_.push_back(
          {group.owner, group.replicas[group.owner].known_epoch, log.acknowledged.all, log.acknowledged.one});
    }
  }

  void losses_follow_the_rules(const std::vector<Action>& script) const {
    bool unclean = kafka_spec(world_.plan->topology).parameters.eligible_leader_replicas;  // last known leader
    for (const kafka::TopicSpec& topic : kafka_spec(world_.plan->topology).topics)
      unclean = unclean || topic.unclean_leader_election;
    bool disk_or_power = false;
    for (const Action& step : script) {
      disk_or_power = disk_or_power || step.verb == Verb::volume_loss || step.verb == Verb::node_loss ||
                      step.verb == Verb::node_crash || step.verb == Verb::zone_power_loss;
    }
    for (const measurement::Loss& loss : world_.measurement.losses) {
      CHECK_FALSE(loss.rule.empty());
      CHECK(loss.records_all >= 0);
      CHECK(loss.records_one >= 0);
      if (loss.records_all > 1e-3) {
        INFO("rule " << loss.rule << " at " << (loss.at - origin).to_seconds() << " records " << loss.records_all);
        CHECK((unclean || disk_or_power));
      }
    }
  }

  void outages_have_causes() const {
    for (const measurement::Outage& outage : world_.measurement.outages) {
      const measurement::CauseChain causes = measurement::explain(world_, outage, world_.now);
      REQUIRE(causes.root != sim::no_cause);
      const std::string_view root = event_info(world_.trace.at(causes.root).kind).name;
      INFO("root " << root);
      CHECK(root.substr(0, 6) == "fault.");
      sim::Duration total;
      for (const measurement::OutagePhase& phase : causes.phases) total += phase.length;
      CHECK(total == outage.end - outage.start);
    }
  }

  struct Log {
    kafka::Slot owner;
    std::uint32_t epoch;
    double all;
    double one;
  };

  const World& world_;
  std::map<std::uint32_t, kafka::Position> leaders_;
  std::vector<Log> logs_;
};

void play_schedules(std::uint64_t first, std::uint64_t schedules, bool grey = false) {
  std::vector<std::unique_ptr<Lab>> labs;
  for (std::size_t number = 0; number < variants; ++number) labs.push_back(std::make_unique<Lab>(variant(number)));
  for (std::uint64_t schedule = first; schedule < first + schedules; ++schedule) {
    INFO("schedule " << schedule);
    const Lab& lab = *labs[schedule % variants];
    Dice dice(schedule);
    const std::vector<Action> script = random_schedule(lab.plan(), dice, grey);
    World world = lab.prepare(script, schedule);
    Invariants invariants(world);
    // The tails of people's laws reach days: one repair in a million draws takes longer than two.
    while (step(world, origin + 480_h) && !(world.now > origin + 500_s && everything_healthy(world)))
      invariants.check();
    invariants.check_at_end(script);
    // Liveness: nothing stays broken: timers and people mend every fault of the list.
    if (!everything_healthy(world)) FAIL_CHECK(ailments(world));
  }
}

void report_transitions(std::uint64_t least) {
  for (std::size_t i = 0; i < transition_names.size(); ++i) {
    INFO("transition " << transition_names[i]);
    CHECK(transitions_taken[i] >= least);
  }
}

}  // namespace

TEST_CASE("invariants hold over random fault schedules", "[kafka][invariants]") { play_schedules(0, 800); }

TEST_CASE("invariants hold over random schedules of faults that half are grey", "[kafka][invariants][conditions]") {
  play_schedules(2'000'000, 800, true);
}

TEST_CASE("the same over 20,000 schedules of grey faults", "[kafka][invariants][conditions][slow]") {
  play_schedules(3'000'000, 20'000, true);
}

TEST_CASE("invariants hold over 100,000 random fault schedules, which take every transition",
          "[kafka][invariants][slow]") {
  transitions_taken.fill(0);
  play_schedules(1'000'000, 100'000);
  report_transitions(100);
}

}  // namespace kafka_invariants_test
