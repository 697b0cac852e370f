// Replicas that are moved to other brokers, by people and by Cruise Control: closed forms of how long that takes, and
// what it takes for it to begin at all.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/faults/possible.hpp"
#include "models/health.hpp"
#include "models/kafka/access.hpp"
#include "models/kafka/context.hpp"
#include "models/kafka/replication.hpp"
#include "models/service/kind.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace kafka_reassignment_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double mb = 1e6;
const ServiceId cluster = ServiceId::of(0);

/// One topic with three replicas, on more brokers; nothing but a throttle limits copies.
Topology bench(std::int64_t brokers, std::int64_t partitions = 1) {
  Topology topology = small_topology();
  topology.services[0].pools[0].replicas = brokers;
  for (NodeGroupSpec& group : topology.node_groups) {
    group.nodes_per_zone = 4;
    group.instance.network = group.instance.ebs = {1e10};
    group.instance.network_burst = group.instance.ebs_burst = {};
  }
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {1e10};
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.rack_aware = false;
  kafka.topics.resize(1);
  kafka.topics[0].partitions = partitions;
  kafka.topics[0].acks_one_share = 0;
  kafka.topics[0].records_per_s = 10;
  kafka.topics[0].stored_per_partition = {1000 * mb};
  kafka.parameters.offsets_partitions = 0;
  kafka.parameters.fetcher_rate = {1e10};
  kafka.parameters.reassignment_throttle = {10 * mb};
  return topology;
}

/// The same with Cruise Control that heals.
Topology healed(std::int64_t brokers) {
  Topology topology = bench(brokers);
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.cruise_control = kafka.notifier_heals = kafka.cruise.heals = true;
  kafka.cruise.throttle = {10 * mb};
  return topology;
}

/// Its process never goes on, and nobody starts another.
Action lost(std::string broker) { return action(0_s, Verb::process_stop, std::move(broker)); }

kafka::Context kafka_of(const World& world) { return kafka::view(world, 0); }

std::size_t replicas_on(const World& world, kafka::Position broker) { return kafka_of(world).hosted(broker).size(); }

const kafka::GroupState& group_of(const World& world) { return kafka_of(world).state.groups[GroupId::of(0)]; }

/// Every partition is on brokers of its own, as many as it should be, all of them in sync.
bool redundant(const World& world) {
  const kafka::Context c = kafka_of(world);
  for (const GroupId id : c.plan.groups.ids()) {
    std::vector<kafka::Position> brokers;
    for (kafka::Slot slot = 0; slot < c.plan.groups[id].replicas; ++slot) {
      if (kafka::has(c.assigned(id), slot)) brokers.push_back(c.broker_of(id, slot));
    }
    std::sort(brokers.begin(), brokers.end());
    const bool apart = std::adjacent_find(brokers.begin(), brokers.end()) == brokers.end();
    const bool in_sync = c.state.groups[id].record.isr == c.assigned(id) && c.present(id) == c.assigned(id);
    if (brokers.size() != c.plan.groups[id].factor || !apart || !in_sync) return false;
  }
  return true;
}

std::string leader_of(const World& world, std::string_view what) {
  const service::Kind& kind = *world.plan->services[cluster].kind;
  const ProcessId leader = kind.leader(world, cluster, what);
  return leader.exists() ? std::string(world.plan->name(world.plan->processes[leader].component)) : "none";
}

}  // namespace

TEST_CASE("a replica is moved in its bytes over the throttle and then leads where the old one did", "[kafka][oracle]") {
  const Lab lab(bench(4));
  REQUIRE(lab.plan().services[cluster].members.size() == 7);
  World before = lab.prepare({action(0_s, Verb::empty_process, "kafka/broker-0")}, 0);
  REQUIRE(leader_of(before, "kafka/my-topic/0") == "kafka/broker-0");
  for (std::uint64_t run = 0; run < 10; ++run) {
    const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-0")}, run, 700_s);
    CHECK(*first(world, "kafka.reassignment_begun") == 0);
    // What comes of live records is 10 kB/s.
    CHECK(*first(world, "kafka.reassigned") == Approx(1000 / (10 - 0.01)).margin(1.5));
    CHECK(replicas_on(world, 0) == 0);
    CHECK(replicas_on(world, 3) == 1);
    CHECK(leader_of(world, "kafka/my-topic/0") == "kafka/broker-3");
    CHECK(world.measurement.losses.empty());
    // The old leader leads until the controller has another, which is told of: a blink.
    CHECK(downtime(world, "write") < 1);
    CHECK(models::healthy(world));
  }
}

TEST_CASE("without a throttle a move takes what the volume gives", "[kafka][oracle]") {
  Topology topology = bench(4);
  kafka_spec(topology).parameters.reassignment_throttle = {};
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {50 * mb};
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-1")}, 1, 100_s);
  CHECK(*first(world, "kafka.reassigned") == Approx(1000 / (50 - 0.02)).margin(1.5));
}

TEST_CASE("all partitions of a broker go where there is room and the others stay", "[kafka]") {
  const Lab lab(bench(6, 12));
  const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-2")}, 2, 3600_s);
  REQUIRE(first(world, "kafka.reassigned"));
  CHECK(replicas_on(world, 2) == 0);
  std::uint32_t most = 0, least = 100, all = 0;
  for (kafka::Position broker = 0; broker < 6; ++broker) {
    if (broker == 2) continue;
    std::uint32_t partitions = 0;
    for (const auto& [group, slot] : kafka_of(world).hosted(broker))
      partitions += kafka_of(world).plan.groups[group].partitions;
    most = std::max(most, partitions);
    least = std::min(least, partitions);
    all += partitions;
  }
  CHECK(all == 36);
  CHECK(most - least <= 2);
  CHECK(models::healthy(world));
  // The broker is as good as any when it is killed afterwards: nothing is led or followed there.
  const World killed = lab.play(
      {action(0_s, Verb::empty_process, "kafka/broker-2"), action(3600_s, Verb::process_kill, "kafka/broker-2")}, 2,
      3700_s);
  CHECK(downtime(killed, "write") == downtime(world, "write"));
}

TEST_CASE("three brokers with three replicas cannot be emptied and no process that is none", "[kafka]") {
  const Lab three(bench(3));
  const Plan& plan = three.plan();
  const auto why = [](const Plan& of, std::size_t member) {
    return faults::why_impossible(of, Verb::empty_process, of.services[cluster].members[member].value);
  };
  REQUIRE(why(plan, 0));
  CHECK(why(plan, 0)->find("no broker that could take a replica") != std::string::npos);
  const Lab four(bench(4));
  CHECK_FALSE(why(four.plan(), 0));
  REQUIRE(why(four.plan(), 4));
  CHECK(why(four.plan(), 4)->find("is no broker") != std::string::npos);
}

TEST_CASE("Cruise Control brings a lost broker's replicas back elsewhere after its thresholds", "[kafka][oracle]") {
  const Lab lab(healed(4));
  const Sampled found = sample(60, [&](std::uint64_t run) -> std::optional<double> {
    const World world = lab.play({lost("kafka/broker-1")}, run, 3000_s);
    const double fenced = *first(world, "kafka.fenced");
    const double seen = *first(world, "kafka.broker_failure_found");
    CHECK(*first(world, "kafka.broker_failure_alert") == Approx(seen + 900));
    CHECK(*first(world, "kafka.reassignment_begun") == Approx(seen + 1800));
    CHECK(*first(world, "kafka.reassigned") == Approx(seen + 1800 + 1000 / (10 - 0.01)).margin(1.5));
    // All three are in sync again, and one broker more may go.
    CHECK(kafka::size(kafka_of(world).state.groups[GroupId::of(0)].record.isr) == 3);
    CHECK(replicas_on(world, 1) == 0);
    return seen - fenced;
  });
  CHECK(found.lowest >= 0);
  CHECK(found.highest <= 300);
  // Evenly over an interval of five minutes: 86.6 s of deviation, 11.2 s of the mean's.
  CHECK(found.mean == Approx(150).margin(62));
}

TEST_CASE("it heals nothing by default nor without its notifier nor when the broker is soon back", "[kafka]") {
  Topology topology = healed(4);
  const auto begins = [&](const Action& what) {
    const Lab lab(topology);
    return first(lab.play({what}, 1, 8000_s), "kafka.reassignment_begun").has_value();
  };
  CHECK(begins(lost("kafka/broker-1")));
  CHECK_FALSE(begins(action(0_s, Verb::process_pause, "kafka/broker-1", 1500_s)));
  kafka_spec(topology).cruise.heals = false;
  CHECK_FALSE(begins(lost("kafka/broker-1")));
  kafka_spec(topology).cruise.heals = true;
  kafka_spec(topology).notifier_heals = false;
  CHECK_FALSE(begins(lost("kafka/broker-1")));
}

TEST_CASE("Cruise Control heals two lost brokers of six although they share partitions", "[kafka]") {
  Topology topology = healed(6);
  kafka_spec(topology).topics[0].partitions = 6;
  kafka_spec(topology).topics[0].stored_per_partition = {100 * mb};
  const Lab lab(topology);
  bool shared = false;
  for (const kafka::GroupPlan& group : kafka::plan_of(lab.plan(), cluster).groups) {
    const auto end = std::begin(group.broker) + group.factor;
    shared = shared ||
             (std::find(std::begin(group.broker), end, 1) != end && std::find(std::begin(group.broker), end, 2) != end);
  }
  REQUIRE(shared);
  for (std::uint64_t run = 0; run < 5; ++run) {
    const World world = lab.play({lost("kafka/broker-1"), lost("kafka/broker-2")}, run, 4000_s);
    REQUIRE(first(world, "kafka.reassigned"));
    CHECK(replicas_on(world, 1) == 0);
    CHECK(replicas_on(world, 2) == 0);
    CHECK(redundant(world));
    CHECK(world.measurement.losses.empty());
    // Each broker that is left may go in its turn: what is in sync has what there is.
    CHECK(count(world, "kafka.self_healing_failed") == 0);
  }
}

TEST_CASE("from Kafka 3.8 on a move ends when all replicas that stay are in sync and before with the new one",
          "[kafka]") {
  for (const bool all : {true, false}) {
    Topology topology = bench(4);
    kafka_spec(topology).parameters.reassignment_awaits_all = all;
    const Lab lab(topology);
    const World world = lab.play(
        {action(0_s, Verb::process_stop, "kafka/broker-2"), action(30_s, Verb::empty_process, "kafka/broker-1"),
         action(400_s, Verb::process_continue, "kafka/broker-2")},
        1, 700_s);
    REQUIRE(first(world, "kafka.reassigned"));
    const double copied = 30 + 1000 / (10 - 0.01);
    CHECK((*first(world, "kafka.reassigned") > 400) == all);
    if (!all) CHECK(*first(world, "kafka.reassigned") == Approx(copied).margin(1.5));
    CHECK(redundant(world));
  }
}

TEST_CASE("a follower that is moved away raises the leader epoch and leaves its leader", "[kafka]") {
  const Lab lab(bench(4));
  const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-1")}, 1, 200_s);
  REQUIRE(first(world, "kafka.reassigned"));
  CHECK(group_of(world).record.epoch == 2);
  CHECK(leader_of(world, "kafka/my-topic/0") == "kafka/broker-0");
  CHECK(count(world, "kafka.new_leader") == 0);
  CHECK(redundant(world));
  CHECK(models::healthy(world));
}

TEST_CASE("while a replica is moved the old one is the last of the assignment", "[kafka]") {
  const Lab lab(bench(4));
  const World world =
      lab.play({action(0_s, Verb::empty_process, "kafka/broker-1"), action(30_s, Verb::process_kill, "kafka/broker-0")},
               1, 33_s);
  const kafka::Context c = kafka_of(world);
  REQUIRE(kafka::size(c.assigned(GroupId::of(0))) == 4);
  std::vector<kafka::Position> order;
  for (std::size_t place = 0; place < 4; ++place)
    order.push_back(c.broker_of(GroupId::of(0), c.in_order(GroupId::of(0), place)));
  CHECK(order == std::vector<kafka::Position>{0, 3, 2, 1});
  const World later =
      lab.play({action(0_s, Verb::empty_process, "kafka/broker-1"), action(30_s, Verb::process_stop, "kafka/broker-0")},
               1, 60_s);
  CHECK(leader_of(later, "kafka/my-topic/0") == "kafka/broker-2");
}

TEST_CASE("a throttled move holds back a replica beside it that has restarted", "[kafka]") {
  Topology topology = bench(4);
  kafka_spec(topology).topics[0].records_per_s = 1000;
  kafka_spec(topology).topics[0].record_size = {1000};
  for (const bool throttle : {true, false}) {
    kafka_spec(topology).parameters.reassignment_throttle = {throttle ? 10 * mb : 0};
    for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {throttle ? 1e10 : 50 * mb};
    const Lab lab(topology);
    const std::string moved = throttle ? "kafka/broker-1" : "kafka/broker-3";
    std::vector<Action> script{action(0_s, Verb::process_stop, "kafka/broker-2"),
                               action(60_s, Verb::process_continue, "kafka/broker-2")};
    if (throttle) script.insert(script.begin(), action(0_s, Verb::empty_process, moved));
    const World world = lab.play(script, 1, 90_s);
    // 60 MB in half of 10 MB/s take 12 s, alone with the volume 2.
    const auto caught_up = first(world, "kafka.caught_up", "kafka/broker-2");
    REQUIRE(caught_up);
    CHECK((*caught_up > 67) == throttle);
  }
}

TEST_CASE("a topic that lists all replicas throttles new ones too", "[kafka][oracle]") {
  Topology topology = bench(4);
  kafka_spec(topology).parameters.reassignment_throttle = {};
  kafka_spec(topology).parameters.follower_throttle = {20 * mb};
  kafka_spec(topology).topics[0].throttled_followers.all = true;
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-1")}, 1, 100_s);
  CHECK(*first(world, "kafka.reassigned") == Approx(1000 / (20 - 0.01)).margin(1.5));
}

TEST_CASE("what finds no place stays and is said and a second request is refused meanwhile", "[kafka]") {
  Topology topology = bench(4, 4);
  kafka_spec(topology).topics[0].stored_per_partition = {100 * mb};
  // With it the replicas on the lost broker would be waited for.
  kafka_spec(topology).parameters.reassignment_awaits_all = false;
  const Lab lab(topology);
  const World world = lab.play({lost("kafka/broker-3"), action(30_s, Verb::empty_process, "kafka/broker-0"),
                                action(31_s, Verb::empty_process, "kafka/broker-1")},
                               1, 300_s);
  CHECK(count(world, "kafka.reassignment_refused") == 1);
  CHECK(count(world, "kafka.replicas_stay") == 1);
  CHECK(replicas_on(world, 0) > 0);
  // Nothing is under way any more: another can begin.
  const kafka::Moves& moves = kafka_of(world).state.moves;
  CHECK_FALSE(moves.any());
  CHECK(moves.emptied.empty());
  CHECK(moves.throttle == 0);
}

TEST_CASE("a target that dies ends the healing and the next look plans another", "[kafka]") {
  const Lab lab(healed(5));
  for (std::uint64_t run = 0; run < 5; ++run) {
    const double begun = *first(lab.play({lost("kafka/broker-1")}, run, 2500_s), "kafka.reassignment_begun");
    const World world = lab.play(
        {lost("kafka/broker-1"), action(Duration::from_seconds(begun + 20), Verb::process_stop, "kafka/broker-3")}, run,
        3000_s);
    CHECK(count(world, "kafka.healing_stopped") == 1);
    CHECK(count(world, "kafka.reassignment_begun") == 2);
    REQUIRE(first(world, "kafka.reassigned"));
    CHECK(replicas_on(world, 1) == 0);
    CHECK(replicas_on(world, 3) == 0);
    CHECK(replicas_on(world, 4) == 1);
    CHECK(redundant(world));
  }
}

TEST_CASE("a broker that was emptied lately gets no replica from Cruise Control", "[kafka]") {
  Topology topology = healed(5);
  const std::vector<Action> script{action(0_s, Verb::process_stop, "kafka/broker-1"),
                                   action(3000_s, Verb::process_continue, "kafka/broker-1"),
                                   action(4000_s, Verb::process_stop, "kafka/broker-2")};
  const auto gets = [&](const Topology& of) {
    const Lab lab(of);
    const World world = lab.play(script, 1, 7000_s);
    CHECK(replicas_on(world, 2) == 0);
    return replicas_on(world, 1);
  };
  CHECK(gets(topology) == 0);
  kafka_spec(topology).cruise.removal_memory = 600_s;
  CHECK(gets(topology) == 1);
  kafka_spec(topology).cruise.removal_memory = 336 * 3600_s;
  kafka_spec(topology).cruise.spares_removed = false;
  CHECK(gets(topology) == 1);
}

TEST_CASE("a broker that is back between two looks has failed all the while", "[kafka]") {
  const Lab lab(healed(4));
  for (std::uint64_t run = 0; run < 5; ++run) {
    const double seen = *first(lab.play({lost("kafka/broker-1")}, run, 400_s), "kafka.broker_failure_found");
    const World world = lab.play(
        {lost("kafka/broker-1"), action(Duration::from_seconds(seen + 100), Verb::process_continue, "kafka/broker-1"),
         action(Duration::from_seconds(seen + 200), Verb::process_stop, "kafka/broker-1")},
        run, 2500_s);
    CHECK(count(world, "kafka.unfenced") == 1);
    CHECK(*first(world, "kafka.reassignment_begun") == Approx(seen + 1800));
  }
}

TEST_CASE("people are told of each failure and once more when healing begins", "[kafka]") {
  Topology topology = healed(4);
  const auto alerts = [&](const std::vector<Action>& script) {
    return count(Lab(topology).play(script, 1, 3000_s), "kafka.broker_failure_alert");
  };
  CHECK(alerts({lost("kafka/broker-1")}) == 2);
  // A second one is found before people have been told of the first for the last time, and is too much.
  CHECK(alerts({lost("kafka/broker-1"), action(1300_s, Verb::process_stop, "kafka/broker-2")}) == 2);
  kafka_spec(topology).cruise.alert_threshold = kafka_spec(topology).cruise.healing_threshold = 900_s;
  CHECK(alerts({lost("kafka/broker-1")}) == 1);
  kafka_spec(topology).notifier_heals = false;
  CHECK(alerts({lost("kafka/broker-1")}) == 0);
}

TEST_CASE("a running broker that nobody reaches counts no more as failed once it is emptied", "[kafka]") {
  const Lab lab(healed(4));
  const World world =
      lab.play({action(0_s, Verb::partition, "kafka/broker-1", 6000_s, "all(kafka/controllers)")}, 1, 5000_s);
  REQUIRE(first(world, "kafka.reassigned"));
  // It has not heard of it: its replica is still there.
  CHECK(replicas_on(world, 1) == 1);
  CHECK(count(world, "kafka.self_healing_failed") == 0);
  CHECK(count(world, "kafka.reassignment_begun") == 1);
}

TEST_CASE("the share of failed brokers is that of those that live or have replicas", "[kafka]") {
  Topology topology = healed(6);
  kafka_spec(topology).cruise.most_failed_share = 0.3;
  const auto begins = [&](const std::vector<Action>& script) {
    return first(Lab(topology).play(script, 1, 3000_s), "kafka.reassignment_begun").has_value();
  };
  CHECK(begins({lost("kafka/broker-1")}));
  // Of three brokers without a replica two are gone as well: one failed of four.
  CHECK(begins({lost("kafka/broker-1"), lost("kafka/broker-3"), lost("kafka/broker-4")}));
  kafka_spec(topology).cruise.most_failed_share = 0.2;
  CHECK(begins({lost("kafka/broker-1")}));
  CHECK_FALSE(begins({lost("kafka/broker-1"), lost("kafka/broker-3"), lost("kafka/broker-4")}));
}

TEST_CASE("a world goes on with another throttle but not with replicas in other places", "[kafka]") {
  const Topology topology = bench(5);
  const Lab lab(topology);
  const auto same_shape = [&](const Topology& other) {
    const Lab changed(other);
    const models::ServicePlan& here = lab.plan().services[cluster];
    return here.kind->same_shape(here, changed.plan().services[cluster]);
  };
  CHECK(same_shape(topology));
  Topology more = topology;
  kafka_spec(more).topics[0].replication_factor = 4;
  CHECK_FALSE(same_shape(more));
  Topology racks = topology;
  kafka_spec(racks).rack_aware = true;
  CHECK_FALSE(same_shape(racks));
  Topology faster = topology;
  kafka_spec(faster).parameters.reassignment_throttle = {50 * mb};
  REQUIRE(same_shape(faster));
  const Lab changed(faster);
  World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-1")}, 1, 50_s);
  world.plan = &changed.plan();
  world.plan->services[cluster].kind->plan_changed(world, cluster);
  run_until(world, origin + 100_s);
  // Half is there after 50 s, the rest comes five times as fast.
  CHECK(*first(world, "kafka.reassigned") == Approx(50 + 500.0 / 50).margin(1.5));
}

TEST_CASE("a slot that holds another broker now is nobody's leader of the past", "[kafka]") {
  const Lab lab(bench(5));
  const World world =
      lab.play({action(0_s, Verb::empty_process, "kafka/broker-0"), action(150_s, Verb::process_stop, "kafka/broker-0"),
                action(200_s, Verb::empty_process, "kafka/broker-1")},
               1, 230_s);
  const kafka::Context c = kafka_of(world);
  // The first leader's slot is used again.
  const kafka::Slot slot = c.state.moves.places[0].adding;
  REQUIRE(slot == 0);
  CHECK(c.broker_of(GroupId::of(0), slot) == 4);
  CHECK(group_of(world).last_leader != slot);
  for (std::size_t client = 0; client < c.plan.clients.size(); ++client) CHECK(c.state.routes[client].leader != slot);
}

TEST_CASE("a move goes on with the next controller", "[kafka]") {
  const Lab lab(bench(4));
  const World world = lab.play({action(0_s, Verb::empty_process, "kafka/broker-1"),
                                action(99_s, Verb::process_kill, "leader(kafka/controllers)")},
                               1, 200_s);
  CHECK(count(world, "kafka.controller_active") == 1);
  REQUIRE(first(world, "kafka.reassigned"));
  CHECK(*first(world, "kafka.reassigned") >= 1000 / (10 - 0.01));
  CHECK(redundant(world));
  CHECK(models::healthy(world));
}

TEST_CASE("partitions with eight replicas stay where they are and the reason is the model", "[kafka]") {
  Topology topology = bench(10);
  kafka_spec(topology).topics[0].replication_factor = 8;
  const Lab lab(topology);
  const auto why =
      faults::why_impossible(lab.plan(), Verb::empty_process, lab.plan().services[cluster].members[0].value);
  REQUIRE(why);
  CHECK(why->find("this model moves no replicas of partitions that have 8") != std::string::npos);
}

TEST_CASE("it heals nothing with too few brokers or racks or too many gone", "[kafka]") {
  const auto fails = [](const Topology& topology, const std::vector<Action>& what) {
    const World world = Lab(topology).play(what, 1, 8000_s);
    CHECK_FALSE(first(world, "kafka.reassignment_begun"));
    return count(world, "kafka.self_healing_failed") == 1;
  };
  CHECK(fails(healed(3), {lost("kafka/broker-1")}));
  // Two of four are half.
  CHECK(fails(healed(4), {lost("kafka/broker-1"), lost("kafka/broker-2")}));
  // Four brokers in three zones: where the one of a zone is gone, two racks are left for three replicas.
  Topology racks = healed(4);
  kafka_spec(racks).rack_aware = true;
  const Lab lab(racks);
  const auto& plan = kafka::plan_of(lab.plan(), cluster);
  std::size_t alone = 0;
  for (kafka::Position broker = 0; broker < 4; ++broker) {
    const auto alike = std::count(plan.racks.begin(), plan.racks.end(), plan.racks[broker]);
    const auto& hosted = plan.hosted[broker];
    if (alike > 1 || hosted.empty()) continue;
    ++alone;
    CHECK(fails(racks, {lost("kafka/broker-" + std::to_string(broker))}));
  }
  CHECK(alone > 0);
}

TEST_CASE("replicas that are moved while brokers fail lose nothing and end in health", "[kafka]") {
  Topology topology = bench(5, 6);
  kafka_spec(topology).topics[0].stored_per_partition = {100 * mb};
  const Lab lab(topology);
  std::size_t emptied = 0;
  for (std::uint64_t run = 0; run < 40; ++run) {
    INFO("run " << run);
    Dice dice(run);
    std::vector<Action> script;
    for (int i = 0; i < 5; ++i) {
      const std::string broker = "kafka/broker-" + std::to_string(dice.below(5));
      const Duration at = Duration::from_seconds(dice.uniform() * 120);
      const std::size_t what = dice.below(3);
      script.push_back(what == 0   ? action(at, Verb::empty_process, broker)
                       : what == 1 ? action(at, Verb::process_kill, broker)
                                   : action(at, Verb::process_terminate, broker));
    }
    std::sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
    const World world = lab.play(script, run, 7200_s);
    CHECK(world.measurement.losses.empty());
    CHECK(models::healthy(world));
    std::size_t replicas = 0;
    for (kafka::Position broker = 0; broker < 5; ++broker) {
      for (const auto& [group, slot] : kafka_of(world).hosted(broker)) {
        CHECK(kafka_of(world).broker_of(group, slot) == broker);
        replicas += kafka_of(world).plan.groups[group].partitions;
      }
    }
    CHECK(replicas == 18);
    CHECK(redundant(world));
    for (kafka::Position broker = 0; broker < 5; ++broker) emptied += replicas_on(world, broker) == 0 ? 1 : 0;
  }
  CHECK(emptied > 20);
}

TEST_CASE("whatever is lost while Cruise Control heals is healed in the end where brokers are left", "[kafka]") {
  Topology topology = healed(7);
  kafka_spec(topology).topics[0].partitions = 7;
  kafka_spec(topology).topics[0].stored_per_partition = {1000 * mb};
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 20; ++run) {
    INFO("run " << run);
    Dice dice(run);
    const std::size_t one = dice.below(7);
    const std::size_t other = (one + 1 + dice.below(6)) % 7;
    std::vector<Action> script{lost("kafka/broker-" + std::to_string(one)),
                               action(Duration::from_seconds(1800 + dice.uniform() * 1000), Verb::process_stop,
                                      "kafka/broker-" + std::to_string(other))};
    const World world = lab.play(script, run, 20'000_s);
    CHECK(replicas_on(world, static_cast<kafka::Position>(one)) == 0);
    CHECK(replicas_on(world, static_cast<kafka::Position>(other)) == 0);
    CHECK(redundant(world));
    CHECK(world.measurement.losses.empty());
    CHECK_FALSE(kafka_of(world).state.moves.any());
  }
}

// Executor.interBrokerMoveReplicas, ExecutionTaskPlanner: so many into and out of a broker at a time, out of the one
// that leads; whether some are done is looked each 10 s, and others begin then.
TEST_CASE("Cruise Control moves so many partitions at a time and looks each ten seconds", "[kafka][oracle]") {
  Topology topology = healed(4);
  kafka_spec(topology).topics[0].partitions = 24;
  // One of each placement moves in 1 s; nothing of it is shared, so that all of a batch are done at the same time.
  kafka_spec(topology).topics[0].records_per_s = 0;
  kafka_spec(topology).topics[0].stored_per_partition = {1 * mb};
  kafka_spec(topology).cruise.throttle = {};
  const auto takes = [&](Count at_a_time) {
    kafka_spec(topology).cruise.broker_movements = at_a_time;
    const Lab lab(topology);
    const World world = lab.play({lost("kafka/broker-1")}, 1, 5000_s);
    CHECK(redundant(world));
    CHECK_FALSE(kafka_of(world).state.moves.any());
    std::size_t groups = 0;
    for (const kafka::GroupPlan& group : kafka::plan_of(lab.plan(), cluster).groups) {
      const auto end = std::begin(group.broker) + group.factor;
      groups += std::find(std::begin(group.broker), end, 1) != end ? 1 : 0;
    }
    return std::pair{*first(world, "kafka.reassigned") - *first(world, "kafka.reassignment_begun"), groups};
  };
  const auto [at_once, groups] = takes(1000);
  CHECK(at_once < 10);
  REQUIRE(groups > 1);
  // One placement after the other: each begins at a look, 10 s after the one before it.
  const auto [one_by_one, same] = takes(1);
  CHECK(one_by_one > 10.0 * static_cast<double>(groups - 1));
  CHECK(one_by_one < 10.0 * static_cast<double>(groups - 1) + 10);
  // Of more brokers several pairs move at a time: those of a leader and a taker that no other move has.
  Topology wider = healed(8);
  std::swap(topology, wider);
  kafka_spec(topology).topics[0] = kafka_spec(wider).topics[0];
  kafka_spec(topology).cruise = kafka_spec(wider).cruise;
  const auto [in_pairs, of_eight] = takes(1);
  REQUIRE(of_eight >= 6);
  CHECK(in_pairs < 10.0 * static_cast<double>(of_eight) / 1.5);
  std::swap(topology, wider);
  // The whole cluster's limit binds alike.
  kafka_spec(topology).cruise.cluster_movements = 1;
  CHECK(takes(1000).first == Approx(one_by_one).margin(1));
  kafka_spec(topology).cruise.cluster_movements = 1250;
  kafka_spec(topology).cruise.progress_check = 30_s;
  CHECK(takes(1).first > 30.0 * static_cast<double>(groups - 1));
}

}  // namespace kafka_reassignment_test
