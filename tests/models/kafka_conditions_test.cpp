// Volumes, networks, CPUs and clocks that work, but badly, against closed forms.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "models/faults/apply.hpp"
#include "models/faults/scenario.hpp"
#include "models/infrastructure/conditions.hpp"
#include "models/kafka/catch_up.hpp"
#include "models/kafka/replication.hpp"
#include "models/kafka/service.hpp"
#include "models/platform.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"
#include "tests/models/world_actions.hpp"

namespace kafka_conditions_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double mb = 1e6;

Action with(Action step, std::optional<double> share, std::optional<Duration> delay = {}) {
  step.share = share;
  step.delay = delay;
  return step;
}

Action lossy(Action step, double loss) {
  step.loss = loss;
  return step;
}

/// One topic of one partition on three brokers, led by broker-0; 125 MB/s volumes, nothing else limits.
Topology bench(double live, double acks_one_share = 0) {
  Topology topology = small_topology();
  topology.people.on_call = 0;
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.topics.resize(1);
  kafka::TopicSpec& topic = kafka.topics[0];
  topic.partitions = 1;
  topic.acks_one_share = acks_one_share;
  topic.record_size = {1000};
  topic.records_per_s = live / topic.record_size.count;
  topic.stored_per_partition = {600e9};
  topic.consumer_fanout = 0;
  kafka.parameters.fetcher_rate = {1e9};
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {125 * mb};
  for (NodeGroupSpec& group : topology.node_groups) {
    group.instance.network = group.instance.ebs = {1e9};
    group.instance.network_burst = group.instance.ebs_burst = {};
  }
  return topology;
}

bool all_well(const World& world) {
  return services::healthy(world) && kubernetes::healthy(world) && faults::healthy(world);
}

const kafka::ReplicaState& replica(const World& world, kafka::Slot slot) {
  return world.services[ServiceId::of(0)].as<kafka::State>().groups[GroupId::of(0)].replicas[slot];
}

kafka::SlotSet isr(const World& world) {
  return world.services[ServiceId::of(0)].as<kafka::State>().groups[GroupId::of(0)].record.isr;
}

/// Seconds that the follower in `slot` is behind its leader now.
double behind_s(World& world, kafka::Slot slot) {
  kafka::Context c = kafka::context(world, 0);
  kafka::settle(c, GroupId::of(0));
  kafka::settle_transfer(c, GroupId::of(0), slot);
  const kafka::TopicPlan& topic = c.topic_of(GroupId::of(0));
  const kafka::LogPosition& missing = replica(world, slot).missing;
  return (missing.all + missing.one) / (topic.records_all_per_s + topic.records_one_per_s);
}

std::string text_of(const World& world) {
  std::string text;
  for (const sim::TraceRecord& record : world.trace.records()) {
    text += std::to_string(record.at.count()) + " " + std::string(event_info(record.kind).name) + " " +
            std::string(world.plan->name(record.component)) + " " + std::to_string(record.detail) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("a volume at half rate takes twice as long to fill, and live load comes first",
          "[kafka][conditions][oracle]") {
  constexpr double stored = 600e9;
  const auto fill_s = [&](double live, double share) {
    const Lab lab([&] {
      Topology topology = bench(live);
      topology.people.on_call = 1;
      kafka::BrokerParameters& p = kafka_spec(topology).parameters;
      p.process_start = p.metadata_catch_up = p.log_load = Law::constant(0_s);
      return topology;
    }());
    // The new volume is slow, not the lost one.
    std::vector<Action> script{action(0_s, Verb::volume_loss, "kafka/broker-1")};
    const World well = lab.play(script, 1, 100_h);
    const double begins = *first(well, "kafka.logs_loaded");
    if (share >= 1) return *first(well, "kafka.caught_up") - begins;
    script.push_back(
        with(action(Duration::from_seconds(begins - 1e-6), Verb::disk_slow, "kafka/broker-1", 90_h), share));
    const World world = lab.play(script, 1, 100_h);
    REQUIRE(count(world, "fault.disk_slow") == 1);
    return *first(world, "kafka.caught_up") - *first(world, "kafka.logs_loaded");
  };
  constexpr double nearly_nothing = 1000;  // a record a second
  CHECK(fill_s(nearly_nothing, 0.5) == Approx(2 * fill_s(nearly_nothing, 1)).epsilon(1e-4));
  CHECK(fill_s(nearly_nothing, 0.5) == Approx(stored / (62.5 * mb)).epsilon(1e-3));
  CHECK(fill_s(30 * mb, 0.5) == Approx(stored / (62.5 * mb - 30 * mb)).epsilon(2e-3));
}

TEST_CASE("a follower whose volume suffices for its live load does not lag", "[kafka][conditions]") {
  const Lab lab(bench(30 * mb));
  const World world = lab.play({with(action(0_s, Verb::disk_slow, "kafka/broker-1", 600_s), 0.25)}, 1, 700_s);
  CHECK(count(world, "kafka.isr_shrunk") == 0);
  CHECK(outages(world, "write").empty());
  CHECK(world.fabric.native.flows() == 0);
  CHECK(all_well(world));
}

TEST_CASE("a follower that gets less than its live load lags by the rest, exactly", "[kafka][conditions][oracle]") {
  // 20 MB/s of 30.
  const Lab lab(bench(30 * mb));
  for (const std::uint64_t run : {0U, 1U, 2U}) {
    World world = lab.prepare({with(action(0_s, Verb::disk_slow, "kafka/broker-1", 300_s), 20.0 / 125)}, run);
    run_until(world, origin + 20_s);
    CHECK(behind_s(world, 1) == Approx(20 / 3.0).epsilon(1e-9));
    CHECK(isr(world) == 0b111);
    // Records wait for a follower that is w s behind for w / r. With r = 2/3 and a deadline of 5 s that is over after
    // 5 r / (1 - r) = 10 s.
    CHECK(*first(world, "kafka.acks_late") == Approx(10).epsilon(1e-9));
    run_until(world, origin + 290_s);
    CHECK(behind_s(world, 1) == Approx(290 / 3.0).epsilon(1e-9));
    CHECK(isr(world) == 0b101);
    // Out after the lag time, at the leader's next check: the SLI holds again.
    const double shrunk = *first(world, "kafka.isr_shrunk");
    CHECK(shrunk > 30);
    CHECK(shrunk < 45.2);
    const auto write = outages(world, "write");
    REQUIRE(write.size() == 1);
    CHECK(write[0].first == Approx(10).epsilon(1e-9));
    CHECK(write[0].first + write[0].second == Approx(shrunk).epsilon(1e-9));
    CHECK(outages(world, "write-acks1").empty());
    CHECK(count(world, "kafka.fenced") == 0);
    // Then it copies 100 s of production at what the volume leaves beside live load, and is back.
    run_until(world, origin + 400_s);
    CHECK(*first(world, "kafka.caught_up") == Approx(300 + 100 * 30 / (125.0 - 30)).epsilon(1e-3));
    CHECK(isr(world) == 0b111);
    CHECK(all_well(world));
    CHECK(world.measurement.losses.empty());
    CHECK(world.fabric.native.flows() == 0);
  }
}

TEST_CASE("a follower that lags a little lets acknowledgements through in time until it has left",
          "[kafka][conditions]") {
  // r = 0.9: late after 45 s, when it has left the ISR already.
  const Lab lab(bench(30 * mb));
  const World world = lab.play({with(action(0_s, Verb::disk_slow, "kafka/broker-1", 300_s), 27.0 / 125)}, 1, 400_s);
  CHECK(count(world, "kafka.isr_shrunk") == 1);
  CHECK(count(world, "kafka.acks_late") == 0);
  CHECK(outages(world, "write").empty());
}

TEST_CASE("a follower that lags in the ISR and then leads has all that was acknowledged to all",
          "[kafka][conditions]") {
  const Lab lab(bench(30 * mb, 0.5));
  const World world = lab.play({with(action(0_s, Verb::disk_slow, "all(kafka/brokers)", 300_s), 20.0 / 125),
                                action(25_s, Verb::process_kill, "kafka/broker-0")},
                               1, 1000_s);
  CHECK(count(world, "kafka.new_leader") > 0);
  for (const measurement::Loss& loss : world.measurement.losses) CHECK(loss.records_all == 0);
}

TEST_CASE("a leader whose volume is too slow keeps its producers waiting", "[kafka][conditions][oracle]") {
  // Half of what is produced: what waits for w s waits 2 w, more than 5 s after 5 s.
  const Lab lab(bench(30 * mb, 0.5));
  const World world = lab.play({with(action(0_s, Verb::disk_slow, "kafka/broker-0", 60_s), 15.0 / 125)}, 1, 100_s);
  for (const char* sli : {"write", "write-acks1"}) {
    const auto found = outages(world, sli);
    REQUIRE(found.size() == 1);
    CHECK(found[0].first == Approx(5).epsilon(1e-9));
    CHECK(found[0].first + found[0].second == Approx(60).epsilon(1e-9));
  }
  CHECK(outages(world, "read").empty());
  CHECK(count(world, "kafka.isr_shrunk") == 0);
  CHECK(all_well(world));
}

TEST_CASE("a stalled volume under a running follower: never fenced, out of the ISR after the lag time",
          "[kafka][conditions][oracle]") {
  const Lab lab(bench(30 * mb));
  double sum = 0;
  constexpr std::size_t runs = 40;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const World world = lab.play({action(0_s, Verb::volume_stalled, "kafka/broker-1", 200_s)}, run, 400_s);
    CHECK(count(world, "kafka.fenced") == 0);
    CHECK(count(world, "kafka.session_expired") == 0);
    const double shrunk = *first(world, "kafka.isr_lag_expired");
    CHECK(shrunk > 30);
    CHECK(shrunk <= 45);
    sum += shrunk;
    // acks=all waits for it from the first moment until then; acks=1 does not notice.
    const auto write = outages(world, "write");
    REQUIRE(write.size() == 1);
    CHECK(write[0].first == Approx(0).margin(1e-9));
    CHECK(write[0].second == Approx(shrunk).margin(0.2));
    CHECK(outages(world, "write-acks1").empty());
    // It goes on with what it was about: 200 s of production to copy.
    CHECK(*first(world, "kafka.caught_up") == Approx(200 + (200 - shrunk) * 30 / (125.0 - 30)).epsilon(0.02));
    CHECK(isr(world) == 0b111);
    CHECK(all_well(world));
  }
  // 30 s and a uniform part of 15: the mean of 40 is within 5.5 standard errors, 5.5 x 4.33 / sqrt(40) = 3.8.
  CHECK(sum / runs == Approx(37.5).margin(3.8));
}

TEST_CASE("a stalled volume under a running leader: nobody takes over, followers leave, writes wait for its end",
          "[kafka][conditions][oracle]") {
  const Lab lab(bench(30 * mb, 0.5));
  for (const std::uint64_t run : {0U, 1U, 2U}) {
    World world = lab.prepare({action(0_s, Verb::volume_stalled, "kafka/broker-0", 300_s)}, run);
    run_until(world, origin + 299_s);
    CHECK(*first(world, "kafka.isr_shrunk") > 30);
    CHECK(*first(world, "kafka.isr_shrunk") < 45.2);
    CHECK(isr(world) == 0b001);
    run_until(world, origin + 600_s);
    CHECK(count(world, "kafka.fenced") == 0);
    CHECK(count(world, "kafka.new_leader") == 0);
    CHECK(isr(world) == 0b111);
    for (const char* sli : {"write", "write-acks1", "read", "visible"}) {
      const auto found = outages(world, sli);
      REQUIRE(found.size() == 1);
      CHECK(found[0].first == Approx(0).margin(1e-9));
      // The clients ask for metadata by now, with back-offs.
      CHECK(found[0].second == Approx(300).margin(4));
    }
    CHECK(world.measurement.losses.empty());
    CHECK(all_well(world));
  }
}

TEST_CASE("a stalled leader that is killed soon is replaced, and late takes the partition with it",
          "[kafka][conditions]") {
  const Lab lab(bench(30 * mb));
  const auto play = [&](Duration kill) {
    return lab.play({action(0_s, Verb::volume_stalled, "kafka/broker-0", 900_s),
                     action(kill, Verb::process_kill, "kafka/broker-0")},
                    1, 300_s);
  };
  const World soon = play(20_s);
  CHECK(first(soon, "kafka.new_leader", "kafka/my-topic/0"));
  CHECK(outages(soon, "write")[0].second < 45);
  const World late = play(60_s);
  CHECK(first(late, "kafka.partition_offline", "kafka/my-topic/0"));
  CHECK(outages(late, "write")[0].second == Approx(300).margin(1e-6));
  // The restarted container waits for its volume.
  CHECK(count(late, "kafka.unfenced") == 0);
}

TEST_CASE("the quorum misses a controller whose volume is stalled", "[kafka][conditions]") {
  const Lab lab(bench(mb));
  World world = lab.prepare({action(0_s, Verb::volume_stalled, "leader(kafka/controllers)", 120_s)}, 1);
  run_until(world, origin + 100_s);
  CHECK(count(world, "kafka.controller_active") == 1);
  CHECK(*first(world, "kafka.controller_active") < 10);
  CHECK(count(world, "kafka.fenced") == 0);
  run_until(world, origin + 200_s);
  CHECK(all_well(world));
}

TEST_CASE("a clock that jumps beyond the fetch time-out makes a voter stand for election", "[kafka][conditions]") {
  const auto elections = [](bool pre_vote, Duration jump, const char* who) {
    Topology topology = bench(mb);
    kafka_spec(topology).parameters.pre_vote = pre_vote;
    const Lab lab(topology);
    Action step = action(0_s, Verb::clock_jump, who);
    step.jump = jump;
    const World world = lab.play({step}, 1, 60_s);
    CHECK(all_well(world));
    return count(world, "kafka.controller_elected");
  };
  CHECK(elections(false, 1_s, "follower(kafka/controllers)") == 0);  // fetched less than 0.5 s ago
  CHECK(elections(false, 2_s, "follower(kafka/controllers)") > 0);
  CHECK(elections(true, 2_s, "follower(kafka/controllers)") == 0);  // nobody would vote for it
  CHECK(elections(false, 2_s, "kafka/broker-0") == 0);
}

TEST_CASE("a delay of d is added to each round trip, and breaks the deadline at the exact value",
          "[kafka][conditions][oracle]") {
  Topology topology = bench(mb, 0.5);
  for (kafka::SliSpec& sli : kafka_spec(topology).slis) sli.deadline = 100_ms;
  const infrastructure::Parameters& p = topology.infrastructure;
  const Duration request = p.rtt_inter_zone;  // the client is in the region
  const Duration replicate = kafka_spec(topology).parameters.replication_latency;
  const Lab lab(topology);
  const auto down = [&](Duration delay, const char* sli) {
    const World world = lab.play({with(action(0_s, Verb::network_slow, "kafka/broker-0", 60_s), {}, delay)}, 1, 100_s);
    const auto found = outages(world, sli);
    if (!found.empty()) {
      CHECK(found[0].first == Approx(0).margin(1e-9));
      CHECK(found[0].second == Approx(60).epsilon(1e-9));
    }
    return !found.empty();
  };
  // acks=1: 2 d. acks=all: 2 d to the client and 2 d to the followers.
  const Duration one = (100_ms - request) / 2;
  const Duration all = (100_ms - request - replicate) / 4;
  for (const auto& [sli, delay] :
       {std::pair("write-acks1", one), std::pair("read", one), std::pair("write", all), std::pair("visible", all)}) {
    INFO(sli);
    CHECK_FALSE(down(delay - Duration::nanoseconds(1000), sli));
    CHECK(down(delay + Duration::nanoseconds(1000), sli));
  }
}

TEST_CASE("loss slows connections down as RFC 5348 says, and waits double", "[conditions][oracle]") {
  infrastructure::Parameters p;
  p.tcp_segment = {1460};
  p.tcp_rto_min = 200_ms;
  const Duration rtt = 100_ms;
  // Without time-outs the bound is Mathis' (s / R) sqrt(3 / 2 p).
  infrastructure::Parameters no_timeouts = p;
  no_timeouts.tcp_rto_min = Duration() - rtt;
  CHECK(infrastructure::connection_carries(no_timeouts, {0.01, {}}, rtt).bytes_per_s ==
        Approx(1460 / 0.1 * std::sqrt(1.5 / 0.01)));
  const double f = 0.1 * std::sqrt(0.02 / 3) + 0.3 * 3 * std::sqrt(0.03 / 8) * 0.01 * 1.0032;
  CHECK(infrastructure::connection_carries(p, {0.01, {}}, rtt).bytes_per_s == Approx(1460 / f));
  CHECK(std::isinf(infrastructure::connection_carries(p, {}, rtt).bytes_per_s));
  // A round trip fails with q; waits of T, 2 T, 4 T ... have the mean q T / (1 - 2 q).
  const double q = 1 - 0.9 * 0.9;
  CHECK(infrastructure::round_trip_longer(p, {0.1, {}}, rtt).to_seconds() == Approx(q * 0.3 / (1 - 2 * q)));
  CHECK(infrastructure::round_trip_longer(p, {0.3, {}}, rtt) == Duration::infinite());
  CHECK(infrastructure::round_trip_longer(p, {0, 5_ms}, rtt) == 10_ms);
}

TEST_CASE("a lossy link under much load pushes a follower out of the ISR", "[kafka][conditions]") {
  // One connection of 8949-byte segments with 5 % loss and 0.8 ms carries 3.2 MB/s.
  Topology topology = bench(30 * mb);
  kafka_spec(topology).parameters.replica_fetchers = 1;
  const Lab lab(topology);
  const World world = lab.play({lossy(action(0_s, Verb::packet_loss, "kafka/broker-1", 120_s), 0.05)}, 1, 600_s);
  CHECK(count(world, "kafka.isr_shrunk") == 1);
  CHECK(count(world, "kafka.fenced") == 0);
  CHECK(all_well(world));
  const Lab light(bench(mb));
  CHECK(count(light.play({lossy(action(0_s, Verb::packet_loss, "kafka/broker-1", 120_s), 0.05)}, 1, 600_s),
              "kafka.isr_shrunk") == 0);
}

TEST_CASE("a starved CPU slows a start down by its share", "[kafka][conditions][oracle]") {
  Topology topology = bench(mb);
  kafka_spec(topology).parameters.process_start = Law::constant(10_s);
  const Lab lab(topology);
  const auto start_s = [&](double share) {
    const World world = lab.play({with(action(0_s, Verb::cpu_starved, "kafka/broker-1", 600_s), share),
                                  action(1_s, Verb::process_kill, "kafka/broker-1")},
                                 1, 300_s);
    return *first(world, "kafka.process_up", "kafka/broker-1") -
           *first(world, "k8s.container_restarted", "kafka/broker-1");
  };
  CHECK(start_s(0.5) == Approx(20));
  CHECK(start_s(0.25) == Approx(40));
}

TEST_CASE("conditions nest: the least share, the sum of delays, losses one after the other", "[conditions]") {
  const Plan plan = build_plan(small_topology(), 1);
  World world = initial_world(plan, 0);
  const ProcessId broker = process_named(plan, "kafka/broker-0"), other = process_named(plan, "kafka/broker-1");
  const VolumeId volume = plan.processes[broker].volume;
  const auto disk = [&] { return infrastructure::disk_condition(world, volume); };
  const double full = plan.volumes[volume].throughput.bytes_per_s;
  const auto capacity = [&] { return world.fabric.native.capacity(plan.layout.volume[volume]).bytes_per_s; };
  REQUIRE(act(world, with(action(0_s, Verb::disk_slow, "kafka/broker-0", 100_s), 0.5, 10_ms)) == 1);
  REQUIRE(act(world, with(action(0_s, Verb::disk_slow, "kafka/broker-0", 50_s), 0.2, 5_ms)) == 1);
  CHECK(disk().share == 0.2);
  CHECK(disk().latency == 15_ms);
  CHECK(capacity() == Approx(0.2 * full));
  REQUIRE(act(world, action(0_s, Verb::volume_stalled, "kafka/broker-0", 20_s)) == 1);
  CHECK(infrastructure::volume_stalled(world, broker));
  CHECK(capacity() == 0);
  pass(world, 30_s);
  CHECK(disk().share == 0.2);
  pass(world, 30_s);
  CHECK(disk().share == 0.5);
  CHECK(disk().latency == 10_ms);
  pass(world, 60_s);
  CHECK(disk().share == 1);
  CHECK(capacity() == full);
  REQUIRE(act(world, lossy(action(0_s, Verb::packet_loss, "kafka/broker-0", 100_s), 0.1)) == 1);
  REQUIRE(act(world, lossy(action(0_s, Verb::packet_loss, "us-west-2a", 100_s), 0.2)) == 1);
  REQUIRE(act(world, with(action(0_s, Verb::network_slow, "kafka/broker-0", 100_s, "kafka/broker-1"), {}, 3_ms)) == 1);
  const auto path = infrastructure::path_condition(world, broker, other);
  CHECK(path.loss == Approx(1 - 0.9 * 0.8));
  CHECK(path.delay == 3_ms);
  CHECK(path == infrastructure::path_condition(world, other, broker));
  CHECK(infrastructure::path_condition(world, other, process_named(plan, "kafka/broker-2")).loss == 0);
  Action heal;
  heal.verb = Verb::heal;
  heal.target = "kafka/broker-0";
  REQUIRE(act(world, heal) == 1);
  CHECK(infrastructure::path_condition(world, broker, other).loss == 0);
  CHECK(world.infrastructure.degradations.empty());
}

TEST_CASE("what slows a machine down ends with the machine, and what slows a volume with the volume", "[conditions]") {
  const Plan plan = build_plan(small_topology(), 1);
  World world = initial_world(plan, 0);
  REQUIRE(act(world, with(action(0_s, Verb::cpu_starved, "kafka/broker-0", 90_h), 0.5)) == 1);
  REQUIRE(act(world, lossy(action(0_s, Verb::packet_loss, "kafka-nodes-us-west-2a-0", 90_h), 0.1)) == 1);
  REQUIRE(act(world, with(action(0_s, Verb::disk_slow, "kafka/broker-0", 90_h), 0.5)) == 1);
  REQUIRE(act(world, Verb::spot_reclaim, "kafka/broker-0") == 1);
  pass(world, 1_h);
  REQUIRE(world.infrastructure.degradations.size() == 1);
  CHECK(world.infrastructure.degradations[0].volume.exists());
  REQUIRE(act(world, Verb::volume_loss, "kafka/broker-0") == 1);
  // Nothing is left of a lost volume to be slowed down.
  CHECK(act(world, Verb::disk_slow, "kafka/broker-0") == 0);
  CHECK(act(world, Verb::volume_stalled, "kafka/broker-0") == 0);
  pass(world, 30_h);
  CHECK(world.infrastructure.degradations.empty());
}

TEST_CASE("an incident after a degraded one is that of a fresh world, byte by byte", "[conditions]") {
  const Plan plan = build_plan(bench(30 * mb), 1);
  const World resting = resting_world(plan);
  const std::vector<Action> script{with(action(0_s, Verb::disk_slow, "kafka/broker-1"), 20.0 / 125),
                                   action(10_s, Verb::volume_stalled, "kafka/broker-2"),
                                   lossy(action(20_s, Verb::packet_loss, "us-west-2a"), 0.1),
                                   action(25_s, Verb::cpu_starved, "kafka/broker-0")};
  const auto play = [&](World& world, Duration length) {
    faults::schedule_actions(world, script, origin);
    run_until(world, origin + length);
    return text_of(world);
  };
  World used;
  reset_world(used, resting, 1);
  play(used, 60_s);  // in the middle of it
  REQUIRE_FALSE(used.infrastructure.degradations.empty());
  reset_world(used, resting, 2);
  World fresh = initial_world(plan, 2);
  CHECK(play(used, 2_h) == play(fresh, 2_h));
}

TEST_CASE("a fork takes the conditions along and goes its own way", "[conditions]") {
  const Lab lab(bench(30 * mb));
  World world = lab.prepare({with(action(0_s, Verb::disk_slow, "kafka/broker-1", 300_s), 20.0 / 125)}, 1);
  run_until(world, origin + 60_s);
  World fork = world;
  World healed = world;
  REQUIRE(act(healed, action(0_s, Verb::process_kill, "kafka/broker-1")) == 1);
  run_until(world, origin + 1000_s);
  run_until(fork, origin + 1000_s);
  CHECK(text_of(world) == text_of(fork));
  run_until(healed, origin + 1000_s);
  CHECK(text_of(world) != text_of(healed));
  CHECK(all_well(healed));
}

TEST_CASE("a broker that loads its logs goes on at the pace that its disk has, and stands still while that hangs",
          "[kafka][conditions]") {
  const Lab lab(small_topology());
  const std::string broker = "kafka/broker-1";
  const auto loaded = [&](const std::vector<Action>& faults) {
    std::vector<Action> script{action(0_s, Verb::process_kill, broker)};
    script.insert(script.end(), faults.begin(), faults.end());
    return first(lab.play(script, 1, 2_h), "kafka.logs_loaded").value();
  };
  const auto slow = [&](Duration at, Duration lasts) { return with(action(at, Verb::disk_slow, broker, lasts), 0.01); };
  const double healthy = loaded({});
  INFO("healthy " << healthy);
  REQUIRE(healthy > 20);
  const Duration middle = Duration::from_seconds(healthy - 5);
  // An episode costs no more than its own length, however slow the disk was when the loading began.
  const double early = loaded({slow(1_s, 60_s)});
  CHECK(early > healthy);
  CHECK(early < healthy + 61);
  // One that begins meanwhile holds up what is left.
  CHECK(loaded({slow(middle, 300_s)}) > healthy + 60);
  CHECK(loaded({slow(middle, 300_s)}) < healthy + 301);
  // Nothing is read from a volume that hangs.
  CHECK(loaded({action(middle, Verb::volume_stalled, broker, 100_s)}) == Approx(healthy + 100).margin(0.1));
}

}  // namespace kafka_conditions_test
