// What holds whatever happens: Patroni's members and their store under random schedules of faults in a world.
#include <catch2/catch.hpp>

#include "models/health.hpp"
#include "models/postgresql/server.hpp"
#include "tests/models/dice.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/postgresql_topology.hpp"
#include "tests/models/process_faults.hpp"

namespace postgresql_random_test {

namespace {

using namespace nines;
using namespace nines::models;
using namespace nines::models::testing;
using namespace nines::sim::literals;

constexpr ProcessFaults mix{0.7, 0.2, 0.35, 0.25};

double lost(const World& world) {
  double records = 0;
  for (const measurement::Loss& loss : world.measurement.losses) records += loss.records_one + loss.records_all;
  return records;
}

struct Count {
  std::size_t failovers = 0;
  std::size_t lossy = 0;
  std::size_t unwell = 0;  ///< schedules after which something is left to recover
};

PostgresSettings synchronous(bool strict) {
  PostgresSettings settings;
  settings.start = 2_s;
  settings.synchronous = 1;
  settings.strict = strict;
  return settings;
}

/// No two servers acknowledge writes at one time, after any event.
void check_one_writes(World& world, sim::Time until) {
  while (step(world, until)) {
    const postgresql::Context c = postgresql::view(world, ServiceId::of(0));
    int writers = 0;
    for (const double rate : c.state.rates) writers += rate > 0 ? 1 : 0;
    if (writers > 1) FAIL_CHECK("two servers acknowledge at " << (world.now - origin).to_seconds() << " s");
  }
}

Count play(std::uint64_t schedules, const PostgresSettings& settings, bool volumes, Duration until = 1500_s) {
  std::vector<std::string> processes{"postgresql/server-0", "postgresql/server-1", "postgresql/server-2"};
  if (settings.etcd) processes.insert(processes.end(), {"etcd/member-0", "etcd/member-1", "etcd/member-2"});
  const Lab lab(postgresql_topology(settings));
  Count total;
  for (std::uint64_t number = 0; number < schedules; ++number) {
    Dice dice(number);
    std::vector<Action> script = random_faults(dice, processes, 300_s, 6, mix);
    if (volumes) {
      script.push_back(action(sim::scaled(200_s, dice.uniform()), Verb::volume_loss, processes[dice.below(3)]));
      std::sort(script.begin(), script.end(), [](const Action& a, const Action& b) { return a.at < b.at; });
    }
    World world = lab.prepare(script, number);
    INFO("schedule " << number);
    check_one_writes(world, origin + until);
    total.failovers += world.measurement.failovers;
    total.lossy += lost(world) >= 0.01 ? 1 : 0;
    total.unwell += models::healthy(world) ? 0 : 1;
  }
  return total;
}

}  // namespace

TEST_CASE("asynchronous replication under random faults: one primary, losses, and all is well in the end",
          "[postgresql]") {
  PostgresSettings settings;
  settings.start = 2_s;
  const Count total = play(80, settings, false);
  CHECK(total.unwell == 0);
  CHECK(total.failovers > 20);
  CHECK(total.lossy > 10);
}

TEST_CASE("synchronous mode under random faults loses nothing", "[postgresql]") {
  for (const bool strict : {false, true}) {
    const Count total = play(50, synchronous(strict), false);
    CHECK(total.unwell == 0);
    CHECK(total.lossy == 0);
    CHECK(total.failovers > 5);
  }
}

TEST_CASE("strict synchronous mode loses nothing while either disk lives, and is well once people have replaced it",
          "[postgresql]") {
  const Count total = play(50, synchronous(true), true, 400'000_s);
  CHECK(total.unwell == 0);
  CHECK(total.lossy == 0);
}

TEST_CASE("with the API of Kubernetes as store: one primary, and all is well in the end", "[postgresql]") {
  PostgresSettings settings = synchronous(false);
  settings.etcd = false;
  const Count total = play(50, settings, false);
  CHECK(total.unwell == 0);
  CHECK(total.lossy == 0);
}

TEST_CASE("a hundred thousand random schedules: never two that acknowledge, nothing lost in synchronous mode",
          "[postgresql][slow]") {
  CHECK(play(40'000, synchronous(false), false).lossy == 0);
  CHECK(play(30'000, synchronous(true), true).lossy == 0);
  PostgresSettings settings;
  settings.start = 2_s;
  const Count total = play(40'000, settings, false);
  CHECK(total.unwell == 0);
  CHECK(total.lossy > 1'000);
}

}  // namespace postgresql_random_test
