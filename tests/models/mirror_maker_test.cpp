// MirrorMaker 2: whose tasks wait for how long, and how old what is not copied gets.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/mirror_maker/plan.hpp"
#include "tests/models/consumer_group_topology.hpp"
#include "tests/models/lab.hpp"

namespace mirror_maker_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

struct Settings {
  std::int64_t workers = 2;
  std::int64_t tasks = 6;
  double records_per_s = 4000;
  Duration away = 2_s;
  Duration limit = 60_s;
  Duration source_lost = 900_s;
};

mirror_maker::Parameters mirror_parameters() {
  mirror_maker::Parameters p;
  p.session = 10_s;
  p.heartbeat = 3_s;
  p.rebalance = 60_s;
  p.reassignment = 300_s;
  p.flush = 60_s;
  p.initial_delay = 3_s;
  p.start = p.join = p.poll = p.sync = Law::constant(Duration());
  p.load = Law::constant(1_s);
  p.close_on_stop = true;
  p.checkpoints = p.group_sync = 60_s;
  p.consumer_commit = 5_s;
  return p;
}

/// Service 0 copies from service 1, "kafka", to service 2, "west".
Topology mirror_topology(const Settings& settings) {
  GroupSettings group;
  group.members = settings.workers;
  group.away = settings.away;
  Topology topology = group_topology(group);
  ServiceSpec west = topology.services[1];
  west.name = "west";
  for (PoolSpec& pool : west.pools) pool.name = "west-" + pool.name;
  topology.services.push_back(west);
  for (NodeGroupSpec& nodes : topology.node_groups) nodes.nodes_per_zone *= 2;
  ServiceSpec& service = topology.services[0];
  service.name = "mirror";
  service.kind = service::find_kind("mirror_maker");
  mirror_maker::Spec spec;
  spec.source = "kafka";
  spec.target = "west";
  spec.source_client = spec.target_client = "app";
  spec.topics = {"my-topic"};
  spec.tasks_max = settings.tasks;
  spec.records_per_s = settings.records_per_s;
  spec.parameters = mirror_parameters();
  spec.parameters.source_lost = settings.source_lost;
  spec.slis.resize(2);
  spec.slis[0].name = "copied";
  spec.slis[0].limit = settings.limit;
  spec.slis[1].name = "copying";
  spec.slis[1].kind = mirror_maker::SliKind::copying;
  service.own = sim::Value::of(std::move(spec));
  return topology;
}

std::string worker(int number) { return "mirror/worker-" + std::to_string(number); }

bool led(const Lab& lab, std::uint64_t run, int number) {
  const World world = lab.prepare({action(0_s, Verb::process_kill, worker(0))}, run);
  return consumer_group::view(world, ServiceId::of(0)).state.leader == number;
}

}  // namespace

TEST_CASE("oracle 29: tasks of a worker that is gone wait for 300 s more, unless it led the group",
          "[mirror_maker][oracle]") {
  const Lab lab(mirror_topology({}));
  std::size_t leaders = 0;
  for (std::uint64_t run = 0; run < 24; ++run) {
    const World world = lab.play({action(0_s, Verb::process_kill, worker(0))}, run, 400_s);
    const double lost = *first(world, "group.member_lost");
    CHECK(lost >= 7);
    CHECK(lost <= 10);
    const auto stopped = outages(world, "copying");
    REQUIRE(stopped.size() >= 1);
    const double until = stopped[0].first + stopped[0].second;
    const bool leader = led(lab, run, 0);
    leaders += leader ? 1 : 0;
    if (leader) {
      CHECK(until <= 10 + 3);
    } else {
      // The first rebalance after the loss begins the delay.
      CHECK(until == Approx(*first(world, "group.rebalanced") + 300).margin(0.01));
      CHECK(until <= 300 + 10 + 3);
      // In that time 1000 records/s came for half of the partitions.
      const double oldest = 300 + lost;
      CHECK(outages(world, "copied").at(0).first == Approx(60).margin(0.01));
      CHECK(outages(world, "copied").at(0).second > oldest - 60 - 3);
    }
  }
  CHECK(leaders > 3);
  CHECK(leaders < 21);
}

TEST_CASE("a worker alone takes its tasks up again as soon as it is back", "[mirror_maker]") {
  Settings settings;
  settings.workers = 1;
  settings.away = 30_s;
  const Lab lab(mirror_topology(settings));
  const World world = lab.play({action(0_s, Verb::process_kill, worker(0))}, 1, 200_s);
  // 30 s, and the wait of a group that was empty.
  CHECK(outages(world, "copying").at(0).second == Approx(33).margin(0.1));
  // Up to a minute of 1000 records/s is copied again.
  CHECK(world.measurement.redelivered > 0);
  CHECK(world.measurement.redelivered <= 60 * 1000);
  CHECK(models::healthy(world));
  // w s / (c - w) from then on.
  const double stopped = outages(world, "copying").at(0).second;
  CHECK(*first(world, "group.caught_up") - stopped ==
        Approx((1000 * stopped + world.measurement.redelivered) / 3000).epsilon(0.01));
}

TEST_CASE("copying stops while the target takes no writes, and reading goes on while only the target is away",
          "[mirror_maker]") {
  const Lab lab(mirror_topology({}));
  std::vector<Action> script;
  for (int broker = 0; broker < 2; ++broker)
    script.push_back(action(0_s, Verb::process_stop, "west/broker-" + std::to_string(broker)));
  for (int broker = 0; broker < 2; ++broker)
    script.push_back(action(100_s, Verb::process_continue, "west/broker-" + std::to_string(broker)));
  const World world = lab.play(script, 3, 400_s);
  const auto stopped = outages(world, "copying");
  REQUIRE(!stopped.empty());
  CHECK(stopped[0].first == Approx(0).margin(1));
  CHECK(stopped[0].first + stopped[0].second >= 100);
  CHECK(models::healthy(world));
}

TEST_CASE("positions of groups are behind by three intervals at most", "[mirror_maker]") {
  mirror_maker::Spec spec;
  spec.parameters = mirror_parameters();
  CHECK(mirror_maker::staleness(spec).most == Duration());
  spec.checkpoints = spec.sync_group_offsets = true;
  CHECK(mirror_maker::staleness(spec).most == 125_s);
  CHECK(mirror_maker::staleness(spec).mean == 62'500_ms);
}

TEST_CASE("every parameter of MirrorMaker 2 changes what happens", "[mirror_maker]") {
  const auto rows = mirror_maker::Parameters::table();
  const auto fingerprint = [&](std::size_t only) {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
    Topology topology = mirror_topology({});
    auto& spec = topology.services[0].own.as<mirror_maker::Spec>();
    spec.checkpoints = spec.sync_group_offsets = true;
    auto& parameters = spec.parameters;
    parameters.start = parameters.join = parameters.poll = parameters.sync = Law::constant(1_s);
    if (only < rows.size()) {
      std::visit(
          [&](auto field) {
            using T = std::decay_t<decltype(parameters.*field)>;
            if constexpr (std::is_same_v<T, bool>) parameters.*field = !(parameters.*field);
            if constexpr (std::is_same_v<T, Duration>) parameters.*field = parameters.*field / 4;
            if constexpr (std::is_same_v<T, Law>) parameters.*field = (parameters.*field).times(2);
          },
          rows[only].field);
      // So short that nobody joins again in time.
      if (rows[only].key == "connect.rebalance.timeout.ms") parameters.rebalance = 1_s;
    }
    mix(static_cast<std::uint64_t>(mirror_maker::staleness(spec).most.count()));
    const Lab lab(std::move(topology));
    const World begins = lab.prepare({action(0_s, Verb::process_kill, worker(0))}, 1);
    const consumer_group::Context c = consumer_group::view(begins, ServiceId::of(0));
    const std::string coordinator(lab.plan().name(lab.plan().processes[c.state.coordinator].component));
    // First the one that does not lead.
    const World world = lab.play(
        {action(0_s, Verb::process_kill, worker(1 - c.state.leader)), action(500_s, Verb::process_kill, coordinator),
         action(700_s, Verb::process_terminate, worker(0)), action(1200_s, Verb::process_terminate, worker(0)),
         action(1200_s, Verb::process_terminate, worker(1)), action(1250_s, Verb::node_loss, "all(kafka/brokers)")},
        1, 1500_s);
    for (const sim::TraceRecord& record : world.trace.records()) {
      mix(static_cast<std::uint64_t>(record.at.count()));
      mix(record.kind);
    }
    mix(static_cast<std::uint64_t>(world.measurement.redelivered * 1000));
    return hash;
  };
  const std::uint64_t usual = fingerprint(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].key);
    // Bounds act when a file is read.
    if (rows[i].key == std::string_view("mirror.least_session") ||
        rows[i].key == std::string_view("mirror.most_session"))
      continue;
    CHECK(fingerprint(i) != usual);
  }
}

TEST_CASE("what is not copied when the source is gone is said", "[mirror_maker]") {
  Settings settings;
  settings.away = 1000_s;
  settings.workers = 1;
  settings.source_lost = 30_s;
  const Lab lab(mirror_topology(settings));
  std::vector<Action> script{action(0_s, Verb::process_kill, worker(0))};
  for (int broker = 0; broker < 3; ++broker)
    script.push_back(action(50_s, Verb::process_kill, "kafka/broker-" + std::to_string(broker)));
  const World world = lab.play(script, 1, 60_s);
  CHECK(*first(world, "group.source_away") == Approx(50));
  for (const sim::TraceRecord& record : world.trace.records()) {
    if (record.kind == kind_of<consumer_group::SourceAway>) CHECK(record.detail == Approx(50 * 1000).epsilon(0.001));
  }
  // It is lost to whoever goes over to the target when the source has been away for long enough, and not before.
  CHECK(world.measurement.losses.empty());
  for (Action& step : script) {
    if (step.at > 0_s) step.verb = Verb::node_loss, step.target = "all(kafka/brokers)";
  }
  script.resize(2);
  const World lost = lab.play(script, 1, 50_s + settings.source_lost + 1_s);
  std::vector<measurement::Loss> of_mirror;
  for (const measurement::Loss& loss : lost.measurement.losses) {
    if (loss.service == ServiceId::of(0)) of_mirror.push_back(loss);
  }
  REQUIRE(of_mirror.size() == 1);
  CHECK(of_mirror[0].records_any == Approx(50 * 1000).epsilon(0.001));
  CHECK(of_mirror[0].seconds == Approx(50));
  CHECK(of_mirror[0].at - origin == 50_s + settings.source_lost);
  // In health nothing waits, and nothing is lost.
  const World healthy = lab.play({script[1]}, 1, 50_s + settings.source_lost + 1_s);
  for (const measurement::Loss& loss : healthy.measurement.losses) CHECK(loss.service != ServiceId::of(0));
}

TEST_CASE("workers that do not find their coordinator stop their tasks and take them up when it is back",
          "[mirror_maker]") {
  // WorkerCoordinator.poll looks for it for heartbeat.interval.ms, 3 s; a silent one is missed after the session, 10 s
  // from a heartbeat of the last 3 s.
  const Lab lab(mirror_topology({}));
  for (std::uint64_t run = 0; run < 12; ++run) {
    const World before = lab.prepare({action(0_s, Verb::process_kill, worker(0))}, run);
    const ProcessId process = consumer_group::view(before, ServiceId::of(0)).state.coordinator;
    const std::string coordinator(lab.plan().name(lab.plan().processes[process].component));
    const World killed = lab.play({action(0_s, Verb::process_kill, coordinator)}, run, 900_s);
    REQUIRE(first(killed, "group.tasks_stopped"));
    CHECK(*first(killed, "group.tasks_stopped") == Approx(3).margin(0.01));
    CHECK(count(killed, "group.tasks_stopped") == 2);
    // Nobody has left the group: tasks do not wait for 300 s.
    const auto stopped = outages(killed, "copying");
    REQUIRE(!stopped.empty());
    CHECK(stopped.front().first + stopped.front().second < 60);
    CHECK(models::healthy(killed));
    const World silent = lab.play({action(0_s, Verb::process_stop, coordinator)}, run, 20_s);
    if (const auto at = first(silent, "group.tasks_stopped")) {
      CHECK(*at >= 7 + 3);
      CHECK(*at <= 10 + 3);
    }
  }
}

}  // namespace mirror_maker_test
