// No parameter of RabbitMQ is decoration: changing any one of them changes what happens in some play.
#include <catch2/catch.hpp>

#include "models/rabbitmq/plan.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/rabbitmq_topology.hpp"

namespace rabbitmq_sensitivity_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using rabbitmq::Handling;
using rabbitmq::QueueType;

struct Play {
  RabbitSettings settings;
  std::vector<Action> script;
  Duration length;
  void (*tune)(rabbitmq::Parameters&) = nullptr;
};

RabbitSettings with(const std::function<void(RabbitSettings&)>& change) {
  RabbitSettings settings;
  settings.restart = 2_s;
  change(settings);
  return settings;
}

std::vector<Play> plays() {
  const std::string leader = "leader(rabbitmq)";
  const auto cut = [&](Duration lasts) {
    return std::vector{action(0_s, Verb::partition, "rabbitmq/node-0", lasts, "rabbitmq/node-1"),
                       action(0_s, Verb::partition, "rabbitmq/node-0", lasts, "rabbitmq/node-2")};
  };
  std::vector<Play> all;
  const auto none = [](RabbitSettings&) {};
  all.push_back({with(none), {action(0_s, Verb::process_kill, leader)}, 30_s});
  all.push_back({with(none), {action(0_s, Verb::process_terminate, leader)}, 30_s});
  all.push_back({with(none), {action(0_s, Verb::process_stop, leader)}, 100_s});
  // What a leader without a majority takes makes its log differ.
  all.push_back({with([](RabbitSettings& s) {
                   s.publishers_everywhere = true;
                   s.handling = Handling::ignore;
                 }),
                 cut(100_s), 4'000_s});
  // More than a pipeline lacks: it waits for a tick.
  all.push_back({with([](RabbitSettings& s) {
                   s.publish_per_s = 1'000;
                   s.khepri = true;
                 }),
                 cut(100_s), 200_s});
  all.push_back({with([](RabbitSettings& s) { s.handling = Handling::pause_minority; }), cut(100_s), 150_s});
  all.push_back({with([](RabbitSettings& s) { s.handling = Handling::autoheal; }), cut(100_s), 150_s});
  all.push_back({with([](RabbitSettings& s) {
                   s.type = QueueType::mirrored;
                   s.sync = rabbitmq::SyncMode::automatic;
                   s.consume_per_s = 1e-6;
                 }),
                 {action(0_s, Verb::process_kill, "rabbitmq/node-2")},
                 30_s});
  all.push_back({with([](RabbitSettings& s) {
                   s.type = QueueType::classic;
                   s.persistent = false;
                 }),
                 {action(0_s, Verb::process_kill, leader)},
                 30_s});
  // Boot waits for the last one, longer than it is tried.
  all.push_back(
      {with([](RabbitSettings&) {}),
       {action(0_s, Verb::node_crash, "rabbitmq/node-0", 80_s), action(80_s, Verb::node_crash, "rabbitmq/node-1", 10_s),
        action(80_s, Verb::node_crash, "rabbitmq/node-2", 700_s)},
       900_s});
  // A consumer's node is lost.
  all.push_back({with([](RabbitSettings& s) { s.publishers_everywhere = true; }),
                 {action(0_s, Verb::process_kill, "rabbitmq/node-1")},
                 30_s});
  // A consumer finds a backlog that takes it longer than it may hold a message.
  all.push_back({with([](RabbitSettings& s) {
                   s.publishers_everywhere = true;
                   s.consume_per_s = 150;
                 }),
                 {action(0_s, Verb::node_crash, "rabbitmq/node-1", 300_s)},
                 600_s,
                 [](rabbitmq::Parameters& p) {
                   p.consumer_timeout = sim::scaled(p.consumer_timeout, 0.02);
                   p.channel_tick = sim::scaled(p.channel_tick, 0.2);
                 }});
  // Streams: a replica that was away for long, and a power loss of all.
  all.push_back({with([](RabbitSettings& s) {
                   s.type = QueueType::stream;
                   s.publish_per_s = 1'000;
                   s.message_size = 10'000;
                 }),
                 {action(0_s, Verb::node_crash, "rabbitmq/node-2", 100_s)},
                 200_s});
  all.push_back(
      {with([](RabbitSettings& s) { s.type = QueueType::stream; }),
       {action(0_s, Verb::node_crash, "rabbitmq/node-0", 10_s), action(0_s, Verb::node_crash, "rabbitmq/node-1", 10_s),
        action(0_s, Verb::node_crash, "rabbitmq/node-2", 10_s)},
       200_s});
  // Alarms: more comes than is taken, then for a while much less.
  for (const bool disk : {false, true}) {
    all.push_back({with([&](RabbitSettings& s) {
                     s.publish_per_s = 8'000;
                     s.consume_per_s = 2'000;
                     s.message_size = disk ? 20'000 : 10;
                   }),
                   {},
                   3'000_s});
  }
  return all;
}

std::uint64_t fingerprint(const rabbitmq::Parameters& change) {
  std::uint64_t hash = 1469598103934665603ULL;
  const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
  for (const Play& play : plays()) {
    Topology topology = rabbitmq_topology(play.settings);
    // Where the disk fills the memory does not.
    topology.services[0].pools[0].memory = {play.settings.message_size > 1'000 ? 50e9 : 1e9};
    topology.services[0].pools[0].storage.size = {100e9};
    auto& spec = topology.services[0].own.as<rabbitmq::Spec>();
    spec.parameters = change;
    if (play.tune != nullptr) play.tune(spec.parameters);
    if (play.length == 900_s) spec.parameters.boot = Law::constant(2_s);
    const Lab lab(std::move(topology));
    for (std::uint64_t run = 0; run < 4; ++run) {
      const World world = lab.play(play.script, run, play.length);
      for (const sim::TraceRecord& record : world.trace.records()) {
        mix(static_cast<std::uint64_t>(record.at.count()));
        mix(record.kind);
        mix(record.component);
      }
      for (const measurement::Loss& loss : world.measurement.losses)
        mix(static_cast<std::uint64_t>((loss.records_all + loss.records_one) * 1000));
    }
  }
  return hash;
}

void scale(Duration& value, double by) { value = value == Duration() ? Duration::seconds(1) : sim::scaled(value, by); }
void scale(Law& value, double by) { value = value.times(by); }
void scale(Count& value, double by) {
  constexpr Count as_good_as_none = 1'000'000;
  if (value == as_good_as_none && by < 1)
    value = 0;
  else
    value = by > 1 ? value + 1 : std::max<Count>(value - 1, 1);
}
void scale(bool& value, double) { value = !value; }
void scale(Bytes& value, double by) { value.count *= by; }
void scale(Bandwidth& value, double by) { value.bytes_per_s *= by; }
void scale(Ratio& value, double by) { value *= by; }
void scale(Rate& value, double by) { value.per_hour *= by; }
void scale(Money& value, double by) { value.usd *= by; }

/// What only decides what a file means: tests of files see it.
constexpr std::string_view of_files[] = {
    "rabbitmq.khepri_by_default",
    "rabbitmq.mirrored_queues",
    "rabbitmq.partition_handling",
    "disk_free_limit.relative",
    "rabbitmq.operator.disk_free_limit",
    "rabbitmq.operator.reserved_share",
    "rabbitmq.operator.reserved_most",
    // How much a leader takes in vain changes its log, and nothing that anybody sees: it is cut off again.
    "quorum_commands_soft_limit",
    // Of publishers without confirms, held to closed forms (tests/models/rabbitmq_test.cpp).
    "rabbitmq.channel_credit",
    "rabbitmq.reader_credit",
    "rabbitmq.registration_margin",
    // Waited for only where the winner falls silent within the half second in which the others stop.
    "autoheal_state_transition_timeout",
};

}  // namespace

TEST_CASE("every parameter of RabbitMQ changes what happens", "[rabbitmq][slow]") {
  const auto rows = rabbitmq::Parameters::table();
  const rabbitmq::Parameters base = rabbitmq_parameters();
  const std::uint64_t usual = fingerprint(base);
  for (const auto& row : rows) {
    if (std::find(std::begin(of_files), std::end(of_files), row.key) != std::end(of_files)) continue;
    bool moves = false;
    for (const double by : {0.5, 2.0, 0.2, 50.0}) {
      if (moves) break;
      rabbitmq::Parameters changed = base;
      std::visit([&](auto field) { scale(changed.*field, by); }, row.field);
      moves = fingerprint(changed) != usual;
    }
    INFO(row.key);
    CHECK(moves);
  }
}

}  // namespace rabbitmq_sensitivity_test
