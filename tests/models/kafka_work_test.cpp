// Cost goes with what is touched: work is counted, not timed. One broker dies in clusters that differ only in how many
// brokers there are, with as many partitions each.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/service_parts.hpp"
#include "tests/models/small_topology.hpp"

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

namespace {

/// A partition of each of the two topics for each broker and replica to lead: six replicas a broker and topic.
Topology cluster_of(int brokers, double acks_one_share) {
  Topology topology = small_topology();
  service_with<kafka::Spec>(topology).pools[0].replicas = brokers;
  for (NodeGroupSpec& group : topology.node_groups) group.nodes_per_zone = (brokers + 2) / 3;
  kafka::Spec& kafka = kafka_spec(topology);
  kafka.parameters.offsets_partitions = 0;
  for (kafka::TopicSpec& topic : kafka.topics) {
    topic.partitions = 6 * brokers;
    topic.records_per_s = 100.0 * brokers;
    topic.stored_per_partition = {1e8};
    topic.acks_one_share = acks_one_share;
  }
  return topology;
}

/// Work of one incident, a mean over runs.
struct Work {
  double events = 0;
  double applied = 0;  ///< of these, brokers that act on a decision
  double followers = 0;
  double clients = 0;
  double stalls = 0;
  double hosted = 0;  ///< groups with a replica on the broker that dies
};

Work work_of(int brokers, double acks_one_share) {
  const Lab lab(cluster_of(brokers, acks_one_share));
  constexpr std::uint64_t runs = 8;
  Work mean;
  for (std::uint64_t run = 0; run < runs; ++run) {
    const World world = lab.play({action(0_s, Verb::process_kill, "kafka/broker-0")}, run, 20_min);
    REQUIRE(healthy(world));
    const kafka::Looks& looks = kafka_state(world).looks;
    mean.events += static_cast<double>(world.events) / runs;
    mean.applied += static_cast<double>(count(world, "kafka.metadata_applied")) / runs;
    mean.followers += static_cast<double>(looks.followers) / runs;
    mean.clients += static_cast<double>(looks.clients) / runs;
    mean.stalls += static_cast<double>(looks.stalls) / runs;
  }
  mean.hosted = static_cast<double>(kafka_plan(lab.plan()).hosted[0].size());
  return mean;
}

}  // namespace

TEST_CASE("the death of a broker costs what it hosts, however many other brokers there are", "[kafka][work]") {
  // Producers with acks=1: nobody waits for replicas.
  const Work few = work_of(12, 1);
  const Work many = work_of(48, 1);
  // As many replicas on the broker; in the small cluster more of them share a group.
  const double wider = many.hosted / few.hosted;
  REQUIRE(wider < 1.3);
  INFO("hosted groups " << few.hosted << " and " << many.hosted << "; "
                        << "events " << few.events << " and " << many.events << ", of decisions " << few.applied
                        << " and " << many.applied << "; looks at followers " << few.followers << " and "
                        << many.followers << ", at clients " << few.clients << " and " << many.clients);
  CHECK(many.followers < 1.25 * wider * few.followers);
  CHECK(many.clients < 1.25 * wider * few.clients);
  // Every broker hears of each decision; beyond that an event concerns what the broker hosts.
  CHECK(many.events - many.applied < 1.25 * wider * (few.events - few.applied));
  CHECK(many.stalls == 0);
  CHECK(few.stalls == 0);
}

TEST_CASE("a stalled producer costs the partitions of the brokers at which it stalls", "[kafka][work]") {
  const Work work = work_of(12, 0);
  const Work wider = work_of(24, 0);
  INFO("looks for stalls " << work.stalls << " and " << wider.stalls << ", at clients " << work.clients << " and "
                           << wider.clients);
  CHECK(work.stalls > 0);
  CHECK(wider.clients < 1.4 * work.clients);
  // With one broker dead its followers' leaders are all the others at first, so twice the brokers are at most twice the
  // stalled groups; each is looked at for it when the stall begins, and when it ends.
  CHECK(wider.stalls < 2.5 * work.stalls);
}
