// Catch-up over the shared fabric against closed forms: what one broker needs alone, what two take from each other.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/kafka/replication.hpp"
#include "models/kafka/service.hpp"
#include "models/platform.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace kafka_catch_up_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

constexpr double mb = 1e6;
constexpr double live = 30 * mb;       ///< produced to the topic, and so written by every broker
constexpr double stored = 600e3 * mb;  ///< by every broker

/// One topic whose partitions any two of the three brokers lead half each; 125 MB/s volumes, nothing else limits.
Topology bench() {
  Topology topology = small_topology();
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.topics.resize(1);
  kafka::TopicSpec& topic = kafka.topics[0];
  topic.partitions = 6;
  topic.acks_one_share = 0;
  topic.record_size = {1000};
  topic.records_per_s = live / topic.record_size.count;
  topic.stored_per_partition = {stored / 6};
  topic.consumer_fanout = 0;
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {125 * mb};
  for (NodeGroupSpec& group : topology.node_groups) {
    group.instance.network = group.instance.ebs = {1e9};
    group.instance.network_burst = group.instance.ebs_burst = {};
  }
  kafka::BrokerParameters& p = kafka.parameters;
  p.process_start = p.metadata_catch_up = p.log_load = Law::constant(0_s);
  p.fetcher_rate = {1e9};
  p.replica_fetchers = 1;
  topology.kubernetes.container_restart = Law::constant(600_s);
  return topology;
}

void limit_machines(Topology& topology, Bandwidth InstanceType::*what, double bytes_per_s) {
  for (NodeGroupSpec& group : topology.node_groups) group.instance.*what = {bytes_per_s};
}

/// From the first fetch until the last byte of the first broker that catches up after `from`.
double catch_up_s(const World& world) { return *first(world, "kafka.caught_up") - *first(world, "kafka.logs_loaded"); }

World rebuild(const Lab& lab, Duration length = 200_h) {
  return lab.play({action(0_s, Verb::volume_loss, "kafka/broker-0")}, 1, length);
}

/// A rebuild at min(...) - live, the form without anything shared.
void check_rate(const Topology& topology, double bytes_per_s) {
  const Lab lab(topology);
  const World world = rebuild(lab);
  CHECK(catch_up_s(world) == Approx(stored / bytes_per_s).epsilon(2e-3));
  CHECK(world.fabric.native.flows() == 0);
}

}  // namespace

TEST_CASE("a broker alone catches up at the least of all limits, less the live load", "[kafka][oracle]") {
  Topology topology = bench();
  kafka::BrokerParameters& p = kafka_spec(topology).parameters;
  SECTION("its volume") { check_rate(topology, 125 * mb - live); }
  SECTION("the network") {
    limit_machines(topology, &InstanceType::network, 75 * mb);
    check_rate(topology, 75 * mb - live);
  }
  SECTION("its machine's path to network volumes") {
    limit_machines(topology, &InstanceType::ebs, 70 * mb);
    check_rate(topology, 70 * mb - live);
  }
  SECTION("a fetcher for each of the two sources") {
    p.fetcher_rate = {20 * mb};
    check_rate(topology, 2 * 20 * mb - live);
  }
  SECTION("more fetchers for each source") {
    p.fetcher_rate = {20 * mb};
    p.replica_fetchers = 2;
    check_rate(topology, 2 * 2 * 20 * mb - live);
  }
  SECTION("the throttle of followers") {
    p.follower_throttle = {50 * mb};
    kafka_spec(topology).topics[0].throttled_followers.all = true;
    check_rate(topology, 50 * mb - live);
  }
  SECTION("the throttle of leaders, on both sources") {
    p.leader_throttle = {25 * mb};
    kafka_spec(topology).topics[0].throttled_leaders.all = true;
    check_rate(topology, 2 * 25 * mb - live);
  }
  SECTION("no throttle whose replicas are not listed") {
    p.follower_throttle = p.leader_throttle = {25 * mb};
    check_rate(topology, 125 * mb - live);
  }
}

TEST_CASE("live load above what a resource carries leaves nothing to catch up with", "[kafka]") {
  Topology topology = bench();
  SECTION("the volume") {
    for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {29 * mb};
  }
  SECTION("the throttle") {
    kafka_spec(topology).parameters.follower_throttle = {29 * mb};
    kafka_spec(topology).topics[0].throttled_followers.all = true;
  }
  SECTION("the fetchers") { kafka_spec(topology).parameters.fetcher_rate = {14 * mb}; }
  const Lab lab(topology);
  const World world = rebuild(lab, 720_h);
  CHECK(count(world, "kafka.logs_loaded") == 1);
  CHECK(count(world, "kafka.caught_up") == 0);
}

TEST_CASE("a throttle holds for the replicas that are listed, the others take what is left", "[kafka][oracle]") {
  // Broker 0 loses its volume. Its replicas of half of the partitions are listed; the leaders' list names others.
  Topology topology = bench();
  kafka::BrokerParameters& p = kafka_spec(topology).parameters;
  p.follower_throttle = p.leader_throttle = {25 * mb};
  kafka::TopicSpec& topic = kafka_spec(topology).topics[0];
  for (std::size_t partition : {0U, 1U, 2U}) topic.throttled_followers.members.insert({partition, 0});
  for (std::size_t partition = 0; partition < 6; ++partition) topic.throttled_leaders.members.insert({partition, 0});
  const Lab lab(topology);
  const World world = rebuild(lab);
  // Listed: half of what is stored at the throttle less their live records. The others have everything else while both
  // copy, so they are done long before.
  const double listed = stored / 2 / (25 * mb - live / 2);
  CHECK(catch_up_s(world) == Approx(listed).epsilon(2e-3));
  const auto isr = [&](std::size_t partition) {
    const GroupId group = kafka_plan(lab.plan()).topics[TopicId::of(0)].group_of[partition];
    return *first(world, "kafka.isr_expanded", lab.plan().name(kafka_plan(lab.plan()).groups[group].component)) -
           *first(world, "kafka.logs_loaded");
  };
  const double others = stored / 2 / (125 * mb - live - (25 * mb - live / 2));
  CHECK(std::max({isr(3), isr(4), isr(5)}) == Approx(others).epsilon(5e-3));
}

TEST_CASE("two brokers that catch up from the same source share its volume", "[kafka][oracle]") {
  Topology topology = bench();
  // What happens to acks=all writes while only one replica is left is not the question here.
  kafka_spec(topology).topics[0].acks_one_share = 1;
  const Lab lab(topology);
  const World one = lab.play({action(0_s, Verb::process_kill, "kafka/broker-1")}, 1, 3000_s);
  const World two =
      lab.play({action(0_s, Verb::process_kill, "kafka/broker-1"), action(0_s, Verb::process_kill, "kafka/broker-2")},
               1, 3000_s);
  // Missing is the load from the kill until the logs are loaded, but for some seconds in which nobody led.
  const double missing = live * *first(one, "kafka.logs_loaded");
  CHECK(catch_up_s(one) == Approx(missing / (125 * mb - live)).epsilon(0.02));
  CHECK(count(two, "kafka.caught_up") == 2);
  // The source writes the live load and reads twice what is missing.
  CHECK(catch_up_s(two) == Approx(2 * missing / (125 * mb - live)).epsilon(0.02));
}

TEST_CASE("catch-up that is cut off goes on where it was", "[kafka]") {
  Topology topology = bench();
  const Lab lab(topology);
  const double whole = catch_up_s(rebuild(lab));
  const double start = *first(rebuild(lab), "kafka.logs_loaded");
  const Duration cut_at = Duration::from_seconds(start + whole / 2);
  const Duration cut = 600_s;
  const World world = lab.play({action(0_s, Verb::volume_loss, "kafka/broker-0"),
                                action(cut_at, Verb::partition, "kafka/broker-0", cut, "kafka/broker-1"),
                                action(cut_at, Verb::partition, "kafka/broker-0", cut, "kafka/broker-2")},
                               1, 200_h);
  // What came in during the cut has to be copied too.
  const double expected = whole + cut.to_seconds() * (1 + live / (125 * mb - live));
  CHECK(catch_up_s(world) == Approx(expected).epsilon(3e-3));
}

TEST_CASE("burst credit speeds a rebuild up until it is used up", "[kafka][oracle]") {
  Topology topology = bench();
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.throughput = {500 * mb};
  limit_machines(topology, &InstanceType::ebs, 80 * mb);
  const double bucket = (500 - 80) * mb * 600;
  for (NodeGroupSpec& group : topology.node_groups) group.instance.ebs_burst = {{500 * mb}, {bucket}};
  const Lab lab(topology);
  // Ten minutes of full use, then the sustained bandwidth.
  const double in_burst = (500 * mb - live) * 600;
  const double expected = 600 + (stored - in_burst) / (80 * mb - live);
  CHECK(catch_up_s(rebuild(lab)) == Approx(expected).epsilon(3e-3));
}

TEST_CASE("an st1 volume is rebuilt in two slopes: while its credit lasts, and after", "[kafka][oracle]") {
  Topology topology = bench();
  constexpr double mib = 0x1p20;
  constexpr double size = 1.5 * 0x1p40;  // burst 375 MiB/s, sustained 60 MiB/s, credit for 1.5 TiB
  for (PoolSpec& pool : topology.services[0].pools) pool.storage = {VolumeKind::st1, {size}, {}, 0};
  kafka_spec(topology).topics[0].stored_per_partition = {3 * size / 6};
  const Lab lab(topology);
  // More is copied than the volume holds: a full bucket lasts for as many bytes as there is room for.
  // Credit goes with what is used beyond the sustained throughput; the whole is 1.5 times the credit.
  const double burst_s = size / (315 * mib);
  const double whole = 3 * size;
  const double in_burst = (375 * mib - live) * burst_s;
  const double expected = burst_s + (whole - in_burst) / (60 * mib - live);
  CHECK(catch_up_s(rebuild(lab, 10'000_h)) == Approx(expected).epsilon(3e-3));
}

TEST_CASE("a volume made from a snapshot lacks only what was written since", "[kafka][oracle]") {
  Topology topology = bench();
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.restore = Restore::snapshot;
  topology.infrastructure.snapshot_age = 2_h;
  const Lab lab(topology);
  const double missing = live * 2 * 3600;
  CHECK(catch_up_s(rebuild(lab)) == Approx(missing / (125 * mb - live)).epsilon(0.02));
}

TEST_CASE("all volumes lost: gone is what retention kept, however old the cluster is, soon after only what came since",
          "[kafka][oracle]") {
  Topology topology = bench();
  const double acks_one = 0.25;
  const double records_per_s = 3000;  // retained for 56 hours
  kafka_spec(topology).topics[0].acks_one_share = acks_one;
  kafka_spec(topology).topics[0].records_per_s = records_per_s;
  // All three volumes are replaced at the same time.
  people::Parameters& crew = topology.people;
  for (Law* law : {&crew.notice, &crew.engage, &crew.identify, &crew.repair_volume}) *law = Law::constant(5_min);
  crew.on_call = 3;
  const Lab lab(topology);
  const auto all_lost = [](Duration at) {
    std::vector<Action> script;
    for (const char* broker : {"kafka/broker-0", "kafka/broker-1", "kafka/broker-2"})
      script.push_back(action(at, Verb::volume_loss, broker));
    return script;
  };
  struct Sum {
    double all = 0;
    double one = 0;
    Duration last;
  };
  const auto lost = [](const World& world, Duration from) {
    Sum sum;
    for (const measurement::Loss& loss : world.measurement.losses) {
      if (loss.at < origin + from) continue;
      sum.all += loss.records_all;
      sum.one += loss.records_one;
      sum.last = loss.at - origin;
    }
    return sum;
  };
  const double kept = stored / 1000;
  const double since = records_per_s * 40 * 3600;
  for (const Duration age : {0_h, 500_h}) {
    std::vector<Action> script = all_lost(age);
    const Sum first = lost(lab.play(script, 1, age + 100_h), {});
    CHECK(first.all == Approx(kept * (1 - acks_one)).epsilon(1e-3));
    CHECK(first.one == Approx(kept * acks_one).epsilon(1e-3));
    for (const Action& again : all_lost(first.last + 40_h)) script.push_back(again);
    const Sum second = lost(lab.play(script, 1, age + 200_h), first.last + 1_s);
    CHECK(second.all == Approx(since * (1 - acks_one)).epsilon(5e-3));
    CHECK(second.one == Approx(since * acks_one).epsilon(5e-3));
  }
}

TEST_CASE("a healthy cluster has no flow, and a world is put back as it was", "[kafka]") {
  const Lab lab(bench());
  World fresh = initial_world(lab.plan(), 3);
  CHECK(fresh.fabric.native.flows() == 0);
  CHECK(fresh.fabric.native.next_change() == sim::Time::never());
  const World resting = resting_world(lab.plan());
  World used;
  reset_world(used, resting, 1);
  const auto kill_and_play = [&](World& world) {
    run_until(world, origin);
    world.processes.edit(kafka_plan(lab.plan()).brokers[0]).disk_lost = true;
    kubernetes::process_killed(world, kafka_plan(lab.plan()).brokers[0]);
    run_until(world, origin + 30_h);
    return world.events;
  };
  const auto first_time = kill_and_play(used);
  CHECK(first_time > 0);
  reset_world(used, resting, 3);
  const auto again = kill_and_play(used);
  CHECK(again == kill_and_play(fresh));
  REQUIRE(used.trace.records().size() == fresh.trace.records().size());
  for (std::size_t i = 0; i < used.trace.records().size(); ++i) {
    REQUIRE(used.trace.records()[i].at == fresh.trace.records()[i].at);
    REQUIRE(used.trace.records()[i].kind == fresh.trace.records()[i].kind);
  }
}

}  // namespace kafka_catch_up_test
