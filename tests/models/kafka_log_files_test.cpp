// What a start and a stop spend on the files of the logs, against closed forms and reports from the field; which input
// they say they hang on; the end of a controlled shutdown that nobody consents to.
#include <algorithm>
#include <catch2/catch.hpp>

#include "models/kafka/inputs.hpp"
#include "models/kafka/log_files.hpp"
#include "models/kafka/service.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

namespace kafka_log_files_test {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
namespace inputs = nines::models::kafka::inputs;

namespace {

constexpr double mib = 1024.0 * 1024, gib = 1024 * mib;

/// 24 partitions of 25 GB and the 50 of __consumer_offsets on each of three brokers, as the seed's design has them.
Topology bench() {
  Topology topology = small_topology();
  for (kafka::TopicSpec& topic : kafka_spec(topology).topics) {
    topic.records_per_s = 5000;
    topic.record_size = {100};
    topic.stored_per_partition = {25e9};
  }
  kafka::BrokerParameters& p = kafka_spec(topology).parameters;
  p.process_start = p.metadata_catch_up = Law::constant(1_s);
  p.log_load = p.clean_close = Law::constant(500_ms);
  return topology;
}

kafka::BrokerParameters& broker(Topology& topology) { return kafka_spec(topology).parameters; }

/// Seconds from the replayed metadata to the loaded logs of broker 1, after `verb`.
double load_s(const Topology& topology, Verb verb) {
  const Lab lab(topology);
  const World world = lab.play({action(0_s, verb, "kafka/broker-1")}, 1, 4000_s);
  return *first(world, "kafka.logs_loaded") - *first(world, "kafka.metadata_caught_up");
}

std::string_view set_by(const Topology& topology, Verb verb, std::string_view event) {
  const Lab lab(topology);
  const World world = lab.play({action(0_s, verb, "kafka/broker-1")}, 1, 4000_s);
  for (const sim::TraceRecord& record : world.trace.records()) {
    if (record.at >= origin && event_info(record.kind).name == event) return *record.set_by;
  }
  return {};
}

}  // namespace

TEST_CASE("a clean start opens every log and every segment", "[kafka][oracle]") {
  Topology topology = bench();
  broker(topology).log_open = 4_ms;
  broker(topology).segment_load = 1_ms;
  const double segments = 24 * (25e9 / gib + 0.5) + 50;
  CHECK(load_s(topology, Verb::process_terminate) == Approx(0.5 + 74 * 0.004 + segments * 0.001).epsilon(1e-6));
  // Threads do not make it faster (apache/kafka#1215).
  broker(topology).recovery_threads = 5;
  CHECK(load_s(topology, Verb::process_terminate) == Approx(0.5 + 74 * 0.004 + segments * 0.001).epsilon(1e-6));
}

TEST_CASE("40,000 segments take 14 to 17 s to open on a clean start (apache/kafka#1215)", "[kafka][oracle]") {
  Topology topology = bench();
  broker(topology).segment_bytes = {16 * mib};
  const Lab lab(topology);
  World world = lab.prepare({}, 1);
  const double segments = kafka::segments_on(kafka::view(world, 0), 0);
  CHECK(segments == Approx(36000).epsilon(0.01));
  const double opened = load_s(topology, Verb::process_terminate);
  CHECK(opened > 14 * segments / 40000);
  CHECK(opened < 17 * segments / 40000);
  CHECK(set_by(topology, Verb::process_terminate, "kafka.logs_loaded") == inputs::segment_load);
}

TEST_CASE("an unclean start reads again what was not flushed, by the slower of threads and disk", "[kafka][oracle]") {
  Topology topology = bench();
  kafka::BrokerParameters& p = broker(topology);
  p.log_open = p.segment_load = 0_s;
  p.log_load = Law::constant(0_s);
  // Half an active segment a partition, and what a partition writes in half a minute on average.
  const double written = 5000.0 * 100 / 12 * 30;
  const double bytes = 24 * (gib / 2 + written);
  const double read_again = 74 + 24 * written / gib;
  const auto check = [&](double seconds, const std::string_view& input) {
    CHECK(load_s(topology, Verb::process_kill) == Approx(seconds).epsilon(1e-6));
    CHECK(set_by(topology, Verb::process_kill, "kafka.logs_loaded") == input);
  };
  SECTION("the volume's throughput") { check(bytes / (125 * mib), inputs::volume); }
  SECTION("the machine's path to its volume") {
    for (NodeGroupSpec& group : topology.node_groups) group.instance.ebs = {100 * mib};
    check(bytes / (100 * mib), inputs::machine_ebs);
  }
  SECTION("the machine's path, most of it in a burst") {
    for (NodeGroupSpec& group : topology.node_groups) {
      group.instance.ebs = {50 * mib};
      group.instance.ebs_burst = {{100 * mib}, {50 * mib * 100}};
    }
    // A full bucket is good for 100 s at 100 MiB/s.
    const double rest = bytes - 100 * 100 * mib;
    check(100 + rest / (50 * mib), inputs::machine_ebs_burst);
  }
  SECTION("the bytes that a thread checks") {
    p.crc_scan_rate = {50 * mib};
    p.segment_recovery = 10_ms;
    check(bytes / (50 * mib) + read_again * 0.01, inputs::crc_scan_rate);
  }
  SECTION("shared by threads, until the disk is slower") {
    p.crc_scan_rate = {50 * mib};
    p.segment_recovery = 10_ms;
    p.recovery_threads = 2;
    check((bytes / (50 * mib) + read_again * 0.01) / 2, inputs::crc_scan_rate);
    p.recovery_threads = 4;
    check(bytes / (125 * mib), inputs::volume);
  }
  SECTION("segments, where many are small: 470 a minute (strimzi/proposals PR 229)") {
    kafka_spec(topology).topics[0].stored_per_partition = {mib};
    kafka_spec(topology).topics[1].stored_per_partition = {mib};
    for (kafka::TopicSpec& topic : kafka_spec(topology).topics) topic.records_per_s = 0;
    p.segment_recovery = Duration::from_seconds(60.0 / 470);
    const double small = 24 * mib / p.crc_scan_rate.bytes_per_s;
    check(74 * 60.0 / 470 + small, inputs::segment_recovery);
  }
}

TEST_CASE("375 replicas of half a GiB are read in the volume's time, whatever checks them", "[kafka][oracle]") {
  Topology topology = bench();
  kafka_spec(topology).topics.resize(1);
  kafka::TopicSpec& topic = kafka_spec(topology).topics[0];
  topic.partitions = 375;
  topic.records_per_s = 0;
  topic.stored_per_partition = {2 * gib};
  broker(topology).offsets_partitions = 0;
  const double volume_s = 375 * gib / 2 / (125 * mib);
  CHECK(load_s(topology, Verb::process_kill) == Approx(volume_s).epsilon(0.01));
  CHECK(set_by(topology, Verb::process_kill, "kafka.logs_loaded") == inputs::volume);
}

TEST_CASE("a restored volume is read as fast as its blocks come from the snapshot", "[kafka][oracle]") {
  Topology topology = bench();
  for (PoolSpec& pool : topology.services[0].pools) pool.storage.restore = Restore::snapshot;
  topology.infrastructure.snapshot_initialisation_rate = {20 * mib};
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::volume_loss, "kafka/broker-1")}, 1, 100_h);
  const double bytes = 24 * (gib / 2 + 5000.0 * 100 / 12 * 30);
  CHECK(*first(world, "kafka.logs_loaded") - *first(world, "kafka.metadata_caught_up") ==
        Approx(bytes / (20 * mib)).epsilon(0.01));
  const auto& records = world.trace.records();
  CHECK(std::any_of(records.begin(), records.end(),
                    [](const sim::TraceRecord& record) { return record.set_by == &inputs::snapshot_rate; }));
}

TEST_CASE("an orderly stop closes every log, threads share them", "[kafka][oracle]") {
  Topology topology = bench();
  kafka::BrokerParameters& p = broker(topology);
  p.offsets_partitions = 1000;
  p.log_close = 10_ms;
  const auto close_s = [&] {
    const Lab lab(topology);
    World world = lab.prepare({}, 1);
    kafka::Context c = kafka::context(world, 0);
    return kafka::close_logs(c, 0).length.to_seconds();
  };
  CHECK(close_s() == Approx(0.5 + 1024 * 0.01).epsilon(1e-6));
  CHECK(set_by(topology, Verb::process_terminate, "kafka.logs_closed") == inputs::log_close);
  p.recovery_threads = 2;
  CHECK(close_s() == Approx(0.5 + 1024 * 0.01 / 2).epsilon(1e-6));
}

TEST_CASE("closing thousands of logs beyond the grace period ends in recovery", "[kafka]") {
  Topology topology = bench();
  kafka::BrokerParameters& p = broker(topology);
  p.offsets_partitions = 4000;
  p.log_close = 10_ms;  // 40 s against 30 s of grace
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::process_terminate, "kafka/broker-1")}, 1, 4000_s);
  CHECK_FALSE(first(world, "kafka.logs_closed"));
  CHECK(*first(world, "kafka.logs_loaded") - *first(world, "kafka.metadata_caught_up") > 24 * gib / 2 / (125 * mib));
}

TEST_CASE("a controlled shutdown without consent gives up after five minutes and ends cleanly (KAFKA-19905)",
          "[kafka][oracle]") {
  Topology topology = bench();
  topology.kubernetes.termination_grace = 600_s;
  topology.people.notice_command = Law::constant(1000_s);
  const Lab lab(topology);
  const World world = lab.play({action(0_s, Verb::wrong_command, "kafka", Variant::service)}, 1, 8000_s);
  // Controllers and brokers stop together; the brokers wait for a quorum that is gone.
  for (const char* name : {"kafka/broker-0", "kafka/broker-1", "kafka/broker-2"}) {
    INFO(name);
    const double closing = 0.5 + 74 * broker(topology).log_close.to_seconds();
    const auto closed = first(world, "kafka.logs_closed", name);
    REQUIRE(closed);
    CHECK(*closed >= 300 + closing);
    CHECK(*closed <= 300 + closing + 1);
    // No recovery when the service is scaled up again.
    CHECK(*first(world, "kafka.logs_loaded", name) - *first(world, "kafka.metadata_caught_up", name) < 2);
  }
  std::size_t named = 0;
  for (const sim::TraceRecord& record : world.trace.records()) named += record.set_by == &inputs::shutdown_timeout;
  CHECK(named == 3);
}

// Kafka does not fsync: of a partition without a second replica a power loss takes what the kernel had not written
// back, of each file what came since its own last turn of C = 30 + U(0, 5) s. One record a 20 s leaves a file clean
// until it comes. Three brokers lead twelve partitions: this one leads four.
TEST_CASE("a power loss takes of an only replica what came since the kernel wrote its files back", "[kafka][oracle]") {
  for (const double a_partition : {100.0, 0.05}) {
    Topology topology = small_topology();
    kafka_spec(topology).topics.resize(1);
    kafka_spec(topology).topics[0].replication_factor = 1;
    kafka_spec(topology).topics[0].acks_one_share = 0;
    kafka_spec(topology).topics[0].min_insync_replicas = 1;
    kafka_spec(topology).topics[0].partitions = 12;
    kafka_spec(topology).topics[0].records_per_s = 12 * a_partition;
    const Lab lab(topology);
    const double turn = 32.5;
    const double squared = turn * turn + 25.0 / 12;
    const double expected = a_partition * (turn + a_partition * squared / 2) / (1 + a_partition * turn);
    const std::size_t runs = a_partition < 1 ? 4000 : 1800;
    const Sampled seen = sample(runs, [&](std::uint64_t run) -> std::optional<double> {
      const World world = lab.play({action(0_s, Verb::node_crash, "kafka/broker-1", 60_s)}, run, 240_s);
      double records = 0;
      for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_all;
      return records / 4;
    });
    CAPTURE(a_partition, expected, seen.mean, seen.error);
    CHECK(agrees(seen, expected));
    CHECK(seen.highest <= 35.01 * a_partition + 1);
  }
}

}  // namespace kafka_log_files_test
