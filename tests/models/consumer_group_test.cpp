// Consumer groups: when a rebalance is over, who stops meanwhile, and what waits, as closed forms.
#include <catch2/catch.hpp>
#include <map>

#include "models/health.hpp"
#include "tests/models/consumer_group_topology.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"

namespace consumer_group_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;
using consumer_group::Assignor;
using consumer_group::Context;
using sim::Time;

constexpr double records_per_s = 1000;
const ServiceId readers = ServiceId::of(0);

Context group_of(const World& world) { return consumer_group::view(world, readers); }
std::string member(int number) { return "readers/member-" + std::to_string(number); }

/// The broker that coordinates the group in health.
std::string coordinator_of(const Lab& lab) {
  World world = lab.prepare({action(0_s, Verb::process_kill, member(0))}, 0);
  const ProcessId process = group_of(world).state.coordinator;
  return std::string(lab.plan().name(lab.plan().processes[process].component));
}

/// Partitions that are being read now.
std::size_t being_read(const World& world) {
  const Context c = group_of(world);
  std::size_t read = 0;
  for (const consumer_group::Partition& partition : c.state.partitions) read += partition.read ? 1 : 0;
  return read;
}

}  // namespace

TEST_CASE("oracle 24: a killed member is missed after 45 s less the age of its heartbeat, and others learn at theirs",
          "[consumer_group][oracle]") {
  const Lab lab(group_topology({}));
  const auto script = std::vector{action(0_s, Verb::process_kill, member(0))};
  std::vector<double> learned;
  const Sampled lost = sample(700, [&](std::uint64_t run) {
    const World world = lab.play(script, run, 50_s);
    const auto out = first(world, "group.member_lost", member(0));
    learned.push_back(*first(world, "group.rebalanced") - *out);
    return out;
  });
  CHECK(lost.size == 700);
  CHECK(agrees(lost, 43.5));
  CHECK(lost.lowest >= 42);
  CHECK(lost.highest <= 45);
  const Sampled learn = sample(700, [&](std::uint64_t run) -> std::optional<double> { return learned[run]; });
  // The greater of two phases of 3 s.
  CHECK(agrees(learn, 2.0));
  CHECK(learn.highest <= 3);
}

TEST_CASE("an eager rebalance stops everybody, a cooperative one whom it moves", "[consumer_group]") {
  for (const Assignor assignor : {Assignor::range, Assignor::cooperative_sticky}) {
    GroupSettings settings;
    settings.assignor = assignor;
    const Lab lab(group_topology(settings));
    const World all = lab.play({action(0_s, Verb::process_kill, member(0))}, 3, 60_s);
    const double rebalanced = *first(all, "group.rebalanced");
    const auto read_at = [&](double seconds) {
      return being_read(lab.play({action(0_s, Verb::process_kill, member(0))}, 3, Duration::from_seconds(seconds)));
    };
    CHECK(read_at(1) == 8);
    // Just before its end only the one that learns of it last still reads.
    CHECK(read_at(rebalanced - 1e-6) == (assignor == Assignor::range ? 4 : 8));
    CHECK(read_at(rebalanced + 1) == 12);
  }
}

TEST_CASE("what nobody reads for s at w is caught up in w s / (c - w)", "[consumer_group]") {
  GroupSettings settings;
  settings.members = 1;
  settings.static_members = true;
  settings.away = 20_s;
  settings.records_per_s = 1500;
  const Lab lab(group_topology(settings));
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World world = lab.play({action(0_s, Verb::process_kill, member(0))}, run, 200_s);
    CHECK(count(world, "group.rebalanced") == 0);
    const double again = world.measurement.redelivered;
    CHECK(again >= 0);
    CHECK(again <= 5 * records_per_s);
    const double back = *first(world, "group.joins");
    CHECK(back == Approx(20).margin(0.1));
    CHECK(*first(world, "group.caught_up") - back == Approx((records_per_s * back + again) / 500).epsilon(1e-4));
    CHECK(models::healthy(world));
    // Older than 30 s never.
    CHECK(downtime(world, "consumed") == 0);
    CHECK(outages(world, "consuming").at(0).second == Approx(back));
  }
}

TEST_CASE("records are too old from a limit on until the oldest is as young again", "[consumer_group]") {
  GroupSettings settings;
  settings.members = 1;
  settings.static_members = true;
  settings.away = 40_s;
  settings.records_per_s = 2000;
  settings.limit = 10_s;
  settings.close_on_stop = true;
  const Lab lab(group_topology(settings));
  // It notes what it has read before it ends: nothing is read again.
  const World world = lab.play({action(0_s, Verb::process_terminate, member(0))}, 1, 200_s);
  CHECK(world.measurement.redelivered == 0);
  const auto old = outages(world, "consumed");
  REQUIRE(old.size() == 1);
  CHECK(old[0].first == Approx(10).margin(1e-3));
  // At 40 + t the oldest came at 2 t: 40 + t - 2 t = 10.
  const double back = *first(world, "group.joins");
  CHECK(old[0].first + old[0].second == Approx(back + (back - 10)).margin(0.01));
}

TEST_CASE("a crash makes half a commit interval of its records be read again", "[consumer_group]") {
  const Lab lab(group_topology({}));
  const Sampled again = sample(1300, [&](std::uint64_t run) -> std::optional<double> {
    return lab.play({action(0_s, Verb::process_kill, member(0))}, run, 60_s).measurement.redelivered;
  });
  // A third of 1000 records/s, 5 s / 2.
  CHECK(agrees(again, records_per_s / 3 * 2.5));
  CHECK(again.highest <= records_per_s / 3 * 5 * 1.0001);
}

TEST_CASE("a process that is killed and soon back holds the whole group up until its old name is out",
          "[consumer_group]") {
  GroupSettings settings;
  settings.away = 2_s;
  const Lab lab(group_topology(settings));
  const World world = lab.play({action(0_s, Verb::process_kill, member(0))}, 4, 120_s);
  CHECK(*first(world, "group.rebalance") == Approx(2).margin(0.1));
  const double lost = *first(world, "group.member_lost");
  CHECK(lost >= 42);
  CHECK(lost <= 45);
  CHECK(*first(world, "group.rebalanced") == Approx(lost).margin(1e-6));
  // From the first three seconds on nobody reads anything.
  const World during = lab.play({action(0_s, Verb::process_kill, member(0))}, 4, 20_s);
  CHECK(being_read(during) == 0);
  CHECK(consumer_group::listed(group_of(during)) == 4);
  CHECK(models::healthy(world));
}

TEST_CASE("a static member that is back in time keeps its partitions and nobody else stops", "[consumer_group]") {
  GroupSettings settings;
  settings.static_members = true;
  settings.away = 20_s;
  const Lab lab(group_topology(settings));
  const auto script = std::vector{action(0_s, Verb::process_kill, member(0))};
  const World during = lab.play(script, 2, 10_s);
  CHECK(being_read(during) == 8);
  const World world = lab.play(script, 2, 60_s);
  CHECK(count(world, "group.rebalance") == 0);
  CHECK(being_read(world) == 12);
  // One that stays away is missed like any other.
  settings.away = 1000_s;
  const Lab longer(group_topology(settings));
  CHECK(first(longer.play(script, 2, 60_s), "group.member_lost").has_value());
  CHECK(being_read(longer.play(script, 2, 60_s)) == 12);
}

TEST_CASE("a member that closes leaves at once, one that just ends is missed", "[consumer_group]") {
  for (const bool closes : {true, false}) {
    GroupSettings settings;
    settings.close_on_stop = closes;
    const Lab lab(group_topology(settings));
    const World world = lab.play({action(0_s, Verb::process_terminate, member(0))}, 5, 60_s);
    CHECK(count(world, "group.member_left") == (closes ? 1 : 0));
    CHECK((*first(world, "group.rebalanced") <= 3.001) == closes);
    CHECK((world.measurement.redelivered == 0) == closes);
  }
}

TEST_CASE("a new coordinator knows the members and gives each a whole session time-out", "[consumer_group]") {
  const Lab lab(group_topology({}));
  const std::string broker = coordinator_of(lab);
  const World alone = lab.play({action(0_s, Verb::process_kill, broker)}, 6, 120_s);
  CHECK(count(alone, "group.coordinator_loaded") == 1);
  CHECK(count(alone, "group.rebalance") == 0);
  const double loaded = *first(alone, "group.coordinator_loaded");
  CHECK(loaded >= 7 + 1);
  CHECK(loaded <= 12);
  const World both =
      lab.play({action(0_s, Verb::process_kill, broker), action(0_s, Verb::process_kill, member(0))}, 6, 120_s);
  CHECK(*first(both, "group.member_lost") == Approx(*first(both, "group.coordinator_loaded") + 45));
}

TEST_CASE("a group that was empty waits for more members", "[consumer_group]") {
  GroupSettings settings;
  settings.away = 10_s;
  const Lab lab(group_topology(settings));
  std::vector<Action> script;
  for (int i = 0; i < 3; ++i) script.push_back(action(0_s, Verb::process_terminate, member(i)));
  const World world = lab.play(script, 7, 60_s);
  // Three join together; those after the first prolong the wait once.
  const double joined = *first(world, "group.joins");
  CHECK(*first(world, "group.rebalanced", {}, 5) == Approx(joined + 6).margin(0.05));
  CHECK(being_read(world) == 12);
}

TEST_CASE("a member that stands still is out, and joins as another when it goes on", "[consumer_group]") {
  const Lab lab(group_topology({}));
  const World world = lab.play(
      {action(0_s, Verb::process_stop, member(1)), action(100_s, Verb::process_continue, member(1))}, 8, 200_s);
  CHECK(*first(world, "group.member_lost") <= 45);
  CHECK(*first(world, "group.joins", member(1)) == Approx(100).margin(0.1));
  CHECK(being_read(world) == 12);
  CHECK(models::healthy(world));
  CHECK(world.measurement.redelivered > 0);
}

TEST_CASE("with the consumer protocol nobody waits for anybody", "[consumer_group]") {
  GroupSettings settings;
  settings.protocol = consumer_group::Protocol::consumer;
  const Lab lab(group_topology(settings));
  const auto script = std::vector{action(0_s, Verb::process_kill, member(0))};
  for (std::uint64_t run = 0; run < 10; ++run) {
    // Missed 45 s after its last heartbeat; each of the others takes its part at its own next one.
    const World world = lab.play(script, run, 60_s);
    const double lost = *first(world, "group.member_lost");
    CHECK(lost >= 40);
    CHECK(lost <= 45);
    CHECK(count(world, "group.rebalance") == 0);
    CHECK(count(world, "group.rejoined") == 2);
    CHECK(being_read(world) == 12);
    CHECK(being_read(lab.play(script, run, Duration::from_seconds(lost - 1e-3))) == 8);
    const double taken = outages(world, "consuming").at(0).second;
    CHECK(taken > lost);
    CHECK(taken <= lost + 5);
  }
  // One that is soon back stops nobody else: its old name is a member like any other until it is out.
  settings.away = 2_s;
  const Lab quick(group_topology(settings));
  // The two that live give up a partition each for the new name, which takes it at its next heartbeat.
  for (double at = 3; at < 40; at += 5) CHECK(being_read(quick.play(script, 4, Duration::from_seconds(at))) >= 6);
  CHECK(being_read(quick.play(script, 4, 30_s)) == 8);
  const World later = quick.play(script, 4, 200_s);
  CHECK(being_read(later) == 12);
  CHECK(models::healthy(later));
}

TEST_CASE("assignors deal out evenly, sticky ones with few moves", "[consumer_group]") {
  for (std::uint64_t number = 0; number < 200; ++number) {
    Dice dice(number);
    consumer_group::ServicePlan plan;
    const std::uint32_t topics = 1 + static_cast<std::uint32_t>(dice.below(3));
    for (std::uint16_t topic = 0; topic < topics; ++topic) {
      const std::uint64_t partitions = 1 + dice.below(20);
      for (std::uint64_t i = 0; i < partitions; ++i) {
        plan.partitions.push_back({0, 0, topic, plan.units++});
        plan.topics.push_back(topic);
      }
    }
    std::vector<consumer_group::Number> members;
    for (consumer_group::Number i = 0; i < 9; ++i) {
      if (members.empty() || dice.below(2) == 0) members.push_back(i);
    }
    std::vector<consumer_group::Number> kept;
    for (std::uint32_t i = 0; i < plan.units; ++i) kept.push_back(static_cast<consumer_group::Number>(dice.below(9)));
    for (const Assignor assignor : {Assignor::range, Assignor::cooperative_sticky}) {
      plan.rules.assignor = assignor;
      const auto units = consumer_group::assign(plan, members, kept);
      std::map<consumer_group::Number, std::uint32_t> has;
      std::uint32_t moved = 0, mine = 0;
      std::map<consumer_group::Number, std::uint32_t> had;
      for (std::uint32_t i = 0; i < plan.units; ++i) {
        CHECK(std::find(members.begin(), members.end(), units[i]) != members.end());
        ++has[units[i]];
        const bool was_there = std::find(members.begin(), members.end(), kept[i]) != members.end();
        if (was_there) ++had[kept[i]];
        mine += was_there ? 1 : 0;
        moved += was_there && units[i] != kept[i] ? 1 : 0;
      }
      const std::uint32_t spread = assignor == Assignor::range ? topics : 1;
      for (const auto one : members) {
        CHECK(has[one] + spread > plan.units / members.size());
        CHECK(has[one] <= plan.units / members.size() + spread);
      }
      if (assignor == Assignor::range) continue;
      // What lies above the least that balance allows to be kept, and no more, moves.
      std::uint32_t more = plan.units % static_cast<std::uint32_t>(members.size());
      const std::uint32_t each = plan.units / static_cast<std::uint32_t>(members.size());
      std::uint32_t must = 0;
      for (const auto one : members) {
        if (had[one] <= each) continue;
        const std::uint32_t one_more = more > 0 ? 1 : 0;
        more -= one_more;
        must += had[one] - each - one_more;
      }
      CHECK(moved == must);
    }
  }
}

TEST_CASE("groups come back to health from any schedule of faults", "[consumer_group]") {
  for (std::uint64_t number = 0; number < 40; ++number) {
    Dice dice(number);
    GroupSettings settings;
    if (dice.below(3) == 0) settings.protocol = consumer_group::Protocol::consumer;
    settings.assignor = dice.below(2) == 0 ? Assignor::range : Assignor::cooperative_sticky;
    settings.static_members = dice.below(2) == 0;
    settings.away = Duration::seconds(1 + static_cast<std::int64_t>(dice.below(60)));
    const Lab lab(group_topology(settings));
    std::vector<Action> script;
    Duration at;
    for (int i = 0; i < 6; ++i) {
      at += Duration::from_seconds(60 * dice.uniform());
      const std::string victim = dice.below(3) == 0 ? "kafka/broker-" + std::to_string(dice.below(3))
                                                    : member(static_cast<int>(dice.below(3)));
      switch (dice.below(4)) {
        case 0: script.push_back(action(at, Verb::process_kill, victim)); break;
        case 1: script.push_back(action(at, Verb::process_terminate, victim)); break;
        case 2:
          script.push_back(action(at, Verb::process_pause, victim, Duration::from_seconds(90 * dice.uniform())));
          break;
        default:
          script.push_back(action(at, Verb::zone_isolation,
                                  "us-west-2" + std::string(1, static_cast<char>('a' + dice.below(3))),
                                  Duration::from_seconds(90 * dice.uniform())));
      }
    }
    World world = lab.prepare(script, number);
    double before = 0;
    while (models::step(world, origin + 3000_s)) {
      const Context c = group_of(world);
      for (const consumer_group::Partition& partition : c.state.partitions) {
        REQUIRE(partition.lag.rows() >= -1e-6);
        // Nobody reads faster than a member can.
        if (partition.read) REQUIRE(partition.lag.leaving() <= settings.records_per_s * 1.000001);
      }
      REQUIRE(world.measurement.redelivered >= before);
      before = world.measurement.redelivered;
    }
    INFO("schedule " << number);
    CHECK(models::healthy(world));
    CHECK(being_read(world) == 12);
    CHECK(consumer_group::lag(group_of(world)) == Approx(0).margin(1e-3));
  }
}

TEST_CASE("every parameter of a consumer group changes what happens", "[consumer_group]") {
  const auto rows = consumer_group::Parameters::table();
  const auto fingerprint = [&](std::size_t only, bool by_server) {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto mix = [&](std::uint64_t value) { hash = (hash ^ value) * 1099511628211ULL; };
    GroupSettings settings;
    if (by_server) settings.protocol = consumer_group::Protocol::consumer;
    settings.away = 5_s;
    Topology topology = group_topology(settings);
    auto& parameters = topology.services[0].own.as<consumer_group::Spec>().parameters;
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
    }
    // A rebalance that waits for one that stands still after it has learned of none.
    if (only < rows.size() && rows[only].key == "max.poll.interval.ms") parameters.max_poll = 20_s;
    const Lab lab(std::move(topology));
    std::vector<Action> script{action(0_s, Verb::process_kill, member(0)),
                               action(100_s, Verb::process_kill, coordinator_of(lab)),
                               action(200_s, Verb::process_terminate, member(1))};
    for (int i = 0; i < 3; ++i) script.push_back(action(300_s, Verb::process_terminate, member(i)));
    const World world = lab.play(script, 1, 500_s);
    for (const sim::TraceRecord& record : world.trace.records()) {
      mix(static_cast<std::uint64_t>(record.at.count()));
      mix(record.kind);
    }
    mix(static_cast<std::uint64_t>(world.measurement.redelivered * 1000));
    return hash;
  };
  const std::uint64_t usual = fingerprint(rows.size(), false);
  const std::uint64_t newer = fingerprint(rows.size(), true);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    INFO(rows[i].key);
    // Bounds act when a file is read: tests/experiments/consumer_group_file_test.cpp.
    const std::string_view key = rows[i].key;
    if (key.find(".min.") != std::string_view::npos || key.find(".max.") != std::string_view::npos) continue;
    const bool by_server = rows[i].key.starts_with("group.consumer.");
    CHECK(fingerprint(i, by_server) != (by_server ? newer : usual));
  }
}

TEST_CASE("what a member is dealt is counted as it is dealt", "[consumer_group][oracle]") {
  consumer_group::Rules rules;
  const std::vector<service::Topic> topics{{"a", 1, 100}, {"b", 1, 100}, {"c", 3, 300}};
  // RangeAssignor: each topic begins anew with the first member, which gets one of a, one of b and two of c.
  const consumer_group::Dealing ranges = consumer_group::dealing_of(rules, topics, {"a", "b", "c"});
  CHECK(consumer_group::greatest_load(ranges, 1) == Approx(500));
  CHECK(consumer_group::greatest_load(ranges, 2) == Approx(400));
  CHECK(consumer_group::greatest_load(ranges, 3) == Approx(300));
  CHECK(consumer_group::greatest_load(ranges, 5) == Approx(300));
  CHECK(consumer_group::least_members(ranges, 350, 9) == 3);
  CHECK(consumer_group::least_members(ranges, 300, 9) == 9);
  rules.assignor = Assignor::cooperative_sticky;
  const consumer_group::Dealing even = consumer_group::dealing_of(rules, topics, {"a", "b", "c"});
  CHECK(consumer_group::greatest_load(even, 2) == Approx(300));
  CHECK(consumer_group::greatest_load(even, 5) == Approx(100));
}

TEST_CASE("what was read before a rebalance is not read again after it", "[consumer_group]") {
  // All note their positions when they join; a crash a second later costs what was read since, not since the last tick.
  GroupSettings settings;
  settings.members = 3;
  Topology topology = group_topology(settings);
  topology.services[0].own.as<consumer_group::Spec>().parameters.commit = 60_s;
  const Lab lab(topology);
  for (std::uint64_t run = 0; run < 20; ++run) {
    const World before = lab.play({action(0_s, Verb::process_terminate, member(0))}, run, 30_s);
    const double rebalanced = *first(before, "group.rebalanced");
    const Duration at = Duration::from_seconds(rebalanced + 1);
    const World world = lab.play(
        {action(0_s, Verb::process_terminate, member(0)), action(at, Verb::process_kill, member(1))}, run, 120_s);
    // Half of 1000 records/s for a second, or what it can while it catches up.
    CHECK(world.measurement.redelivered >= 499);
    CHECK(world.measurement.redelivered <= 1001);
  }
}

}  // namespace consumer_group_test
