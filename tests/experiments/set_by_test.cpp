// What a phase says it was set by: move that input by 20 % and the phase moves; move any other that phases name, and it
// moves less. On designs and faults in which every resource has its turn to be the binding one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "experiments/loader/parameters.hpp"
#include "experiments/loader/schema.hpp"
#include "models/event_table.hpp"
#include "models/faults/scenario.hpp"
#include "models/measurement/cause_chain.hpp"
#include "models/world.hpp"
#include "tests/experiments/replay_inputs.hpp"
#include "tests/models/service_parts.hpp"

namespace set_by_test {

using namespace nines;
using namespace nines::experiments::testing;

namespace {

constexpr sim::Time origin = sim::Time::from_count(600'000'000'000);
constexpr double mb = 1e6;

struct Trouble {
  std::string name;
  std::string design = "kafka-eks";
  models::Verb verb = models::Verb::process_kill;
  std::function<void(models::Topology&)> vary = [](models::Topology&) {};
  std::string set_by;  ///< that must be among the names of its phases
};

/// A broker that stays away for half a minute, and writes that need every replica: they wait for its start and
/// catch-up.
models::Topology prepared(const Trouble& trouble) {
  loader::LoadedTopology input = shipped(trouble.design);
  models::Topology topology = without_faults(input.topology);
  models::kafka::Spec& kafka = models::kafka_spec(topology);
  for (models::kafka::TopicSpec& topic : kafka.topics) topic.min_insync_replicas = topic.replication_factor;
  topology.kubernetes.container_restart = models::Law::constant(models::Duration::seconds(30));
  // One draw more or less, of a container that is started once more, must not look like a delay that moves.
  models::kafka::BrokerParameters& p = kafka.parameters;
  for (models::Law* law : {&p.process_start, &p.metadata_catch_up, &p.log_load, &p.clean_close})
    *law = models::Law::constant(law->mean());
  trouble.vary(topology);
  return topology;
}

/// Phases of the longest write outage.
std::vector<models::measurement::OutagePhase> phases_of(const Trouble& trouble, const models::Topology& topology) {
  const models::Plan plan = models::build_plan(topology, 1);
  models::World world = models::initial_world(plan, 3);
  models::Action action;
  action.verb = trouble.verb;
  action.target = "kafka/broker-1";
  models::faults::schedule_actions(world, {action}, origin);
  models::run_until(world, origin + sim::Duration::seconds(20LL * 24 * 3600));
  const models::measurement::Outage* longest = nullptr;
  for (const models::measurement::Outage& outage : world.measurement.outages) {
    if (outage.sli != 0) continue;
    if (longest == nullptr || outage.end - outage.start > longest->end - longest->start) longest = &outage;
  }
  if (longest == nullptr) return {};
  return models::measurement::explain(world, *longest, world.now).phases;
}

/// Makes the input that phases call `name` a fifth worse: a delay longer, a rate lower.
void worsen(models::Topology& topology, std::string_view name) {
  constexpr double longer = 1.2, slower = 1 / longer;
  name = name.substr(0, name.find(" (source)"));
  const auto each_type = [&](models::Bandwidth models::InstanceType::*member) {
    for (models::NodeGroupSpec& group : topology.node_groups) (group.instance.*member).bytes_per_s *= slower;
  };
  if (name == "storage.throughput") {
    for (models::PoolSpec& pool : topology.services[0].pools) {
      if (pool.storage.kind == models::VolumeKind::gp3) pool.storage.throughput.bytes_per_s *= slower;
    }
    return;
  }
  if (name == "instance_type.local_disk_rate") {
    for (models::PoolSpec& pool : topology.services[0].pools) {
      if (pool.storage.kind == models::VolumeKind::nvme) pool.storage.throughput.bytes_per_s *= slower;
    }
    return;
  }
  if (name == "instance_type.ebs") return each_type(&models::InstanceType::ebs);
  if (name == "instance_type.network") return each_type(&models::InstanceType::network);
  const loader::ParameterInfo* info = loader::find_parameter(name);
  INFO(name);
  REQUIRE(info != nullptr);
  const loader::Holder holder{&topology, 0, 0};
  loader::ParameterValue value = loader::value_of(holder, *info);
  if (auto* duration = std::get_if<models::Duration>(&value)) {
    *duration = sim::scaled(*duration, longer);
  } else if (auto* law = std::get_if<models::Law>(&value)) {
    law->a = sim::scaled(law->a, longer);
    if (law->law == models::Law::Law::uniform) law->b = sim::scaled(law->b, longer);
  } else if (auto* bandwidth = std::get_if<models::Bandwidth>(&value)) {
    bandwidth->bytes_per_s *= slower;
  } else {
    FAIL("no delay and no rate: " << name);
  }
  loader::assign(holder, *info, value);
}

/// Set by Kafka, by what its data are on or by what they are copied over.
bool of_kafka(std::string_view parameter) {
  if (parameter.starts_with("storage.") || parameter.starts_with("instance_type.")) return true;
  const loader::ParameterInfo* info = loader::find_parameter(parameter);
  return info != nullptr && loader::kind_group(info->group) != nullptr;
}

void machines(models::Topology& topology, models::Bandwidth models::InstanceType::*member, double bytes_per_s) {
  for (models::NodeGroupSpec& group : topology.node_groups) {
    group.instance.*member = {bytes_per_s};
    group.instance.network_burst = group.instance.ebs_burst = {};
  }
}

std::vector<Trouble> troubles() {
  const auto broker = [](models::Topology& t) -> models::kafka::BrokerParameters& {
    return models::kafka_spec(t).parameters;
  };
  using models::Verb;
  std::vector<Trouble> all;
  const auto add = [&](std::string name, Verb verb, std::string set_by, std::function<void(models::Topology&)> vary,
                       std::string design = "kafka-eks") {
    all.push_back({std::move(name), std::move(design), verb, std::move(vary), std::move(set_by)});
  };
  add("recovery by the volume", Verb::process_kill, "storage.throughput", [](models::Topology&) {});
  add("recovery by checking", Verb::process_kill, "kafka.crc_scan_rate",
      [&](models::Topology& t) { broker(t).crc_scan_rate = {40 * mb}; });
  add("recovery by segments", Verb::process_kill, "kafka.segment_recovery",
      [&](models::Topology& t) { broker(t).segment_recovery = models::Duration::seconds(3); });
  add("recovery by the machine's path", Verb::process_kill, "instance_type.ebs",
      [](models::Topology& t) { machines(t, &models::InstanceType::ebs, 60 * mb); });
  add("start of many segments", Verb::process_terminate, "kafka.segment_load",
      [&](models::Topology& t) { broker(t).segment_bytes = {16.0 * 1024 * 1024}; });
  add("start of many logs", Verb::process_terminate, "kafka.log_open",
      [&](models::Topology& t) { broker(t).log_open = models::Duration::milliseconds(200); });
  add("rebuild by fetchers", Verb::volume_loss, "kafka.fetcher_rate", [](models::Topology&) {});
  add("rebuild by the volume", Verb::volume_loss, "storage.throughput",
      [&](models::Topology& t) { broker(t).replica_fetchers = 4; });
  add("rebuild by the machine's path", Verb::volume_loss, "instance_type.ebs", [&](models::Topology& t) {
    broker(t).replica_fetchers = 4;
    machines(t, &models::InstanceType::ebs, 60 * mb);
  });
  add("rebuild by the network", Verb::volume_loss, "instance_type.network", [&](models::Topology& t) {
    broker(t).replica_fetchers = 4;
    machines(t, &models::InstanceType::network, 50 * mb);
  });
  add("rebuild by the followers' throttle", Verb::volume_loss, "follower.replication.throttled.rate",
      [&](models::Topology& t) {
        broker(t).follower_throttle = {30 * mb};
        for (models::kafka::TopicSpec& topic : models::kafka_spec(t).topics) topic.throttled_followers.all = true;
      });
  add("rebuild by the leaders' throttle", Verb::volume_loss, "leader.replication.throttled.rate",
      [&](models::Topology& t) {
        broker(t).leader_throttle = {20 * mb};
        for (models::kafka::TopicSpec& topic : models::kafka_spec(t).topics) topic.throttled_leaders.all = true;
      });
  add("rebuild by a source's volume", Verb::volume_loss, "storage.throughput (source)", [&](models::Topology& t) {
    // The broker that is rebuilt has a pool of its own with a fast volume.
    broker(t).replica_fetchers = 8;
    machines(t, &models::InstanceType::ebs, 5000 * mb);
    machines(t, &models::InstanceType::network, 5000 * mb);
    std::vector<models::PoolSpec>& pools = t.services[0].pools;
    pools[0].replicas = 1;
    models::PoolSpec fast = pools[0];
    fast.name = "fast";
    fast.storage.throughput = {1000 * mb};
    models::PoolSpec last = pools[0];
    last.name = "last";
    pools.insert(pools.begin() + 1, {fast, last});
  });
  add(
      "rebuild of a local disk", Verb::node_loss, "kafka.fetcher_rate", [](models::Topology&) {}, "kafka-eks-nvme");
  return all;
}

}  // namespace

TEST_CASE("every parameter that an event names exists", "[replay][set-by]") {
  const std::string fields = loader::schema_text("topology");
  std::size_t named = 0;
  for (std::size_t kind = 0; kind < models::event_kinds; ++kind) {
    const sim::EventInfo& info = models::event_row(static_cast<sim::EventKind>(kind)).info;
    if (info.parameter.empty()) continue;
    INFO(info.name << ": " << info.parameter);
    ++named;
    if (info.parameter.starts_with("component.") || info.parameter.starts_with("crew.")) {
      // Of black boxes and their crews it is a field of the topology.
      const std::string field(info.parameter.substr(info.parameter.rfind('.') + 1));
      CHECK(fields.find("\"" + field + "\": {") != std::string::npos);
      continue;
    }
    CHECK(loader::find_parameter(info.parameter) != nullptr);
  }
  CHECK(named > 30);
}

TEST_CASE("what a phase is set by moves it, and more than anything else does", "[replay][set-by]") {
  const std::vector<Trouble> all = troubles();
  std::vector<std::vector<models::measurement::OutagePhase>> base;
  std::set<std::string_view> inputs;
  for (const Trouble& trouble : all) {
    base.push_back(phases_of(trouble, prepared(trouble)));
    bool named = false;
    for (const auto& phase : base.back()) {
      named = named || phase.parameter == trouble.set_by;
      if (!phase.parameter.empty()) inputs.insert(phase.parameter.substr(0, phase.parameter.find(" (source)")));
    }
    INFO(trouble.name << " " << trouble.set_by);
    CHECK(named);
  }
  CHECK(inputs.size() > 15);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    // By input, how each phase changes when it is worse.
    std::map<std::string_view, std::vector<double>> change;
    for (const std::string_view input : inputs) {
      models::Topology worse = prepared(all[i]);
      worsen(worse, input);
      const auto phases = phases_of(all[i], worse);
      if (phases.size() != base[i].size()) continue;  // another order of events: nothing to compare
      for (std::size_t at = 0; at < phases.size(); ++at) {
        change[input].push_back(std::abs(phases[at].length.to_seconds() - base[i][at].length.to_seconds()));
      }
    }
    for (std::size_t at = 0; at < base[i].size(); ++at) {
      const auto& phase = base[i][at];
      const double length = phase.length.to_seconds();
      if (!of_kafka(phase.parameter) || length < 1) continue;
      const std::string_view own = phase.parameter.substr(0, phase.parameter.find(" (source)"));
      INFO(all[i].name << ": " << phase.name << " of " << length << " s set by " << phase.parameter);
      REQUIRE(change.contains(own));
      CHECK(change[own][at] > 0.05 * length);
      for (const auto& [other, moved] : change) {
        if (other == own) continue;
        INFO(other << " moves it by " << moved[at] << " s, its own by " << change[own][at] << " s");
        CHECK(moved[at] < change[own][at]);
      }
      ++compared;
    }
  }
  CHECK(compared >= 30);
}

}  // namespace set_by_test
