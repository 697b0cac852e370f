// A kind of service that nothing in the program names runs under every verb.
#include "tests/kinds/pair/pair.hpp"

#include "experiments/command/commands.hpp"
#include "experiments/compare/compare.hpp"
#include "experiments/estimate/assess.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/replay.hpp"
#include "experiments/report/boundary.hpp"
#include "models/process.hpp"
#include "models/selector.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/experiments/sweep_support.hpp"
#include "tests/models/lab.hpp"
#include "tests/models/small_topology.hpp"

namespace pair_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::sim::literals;
using experiments::testing::Scratch;
using experiments::testing::slurp;
using experiments::testing::spill;
using loader::testing::error_of;
using loader::testing::replaced;
using models::testing::action;
using models::testing::small_topology;
using tests::source_file;

namespace {

/// Before anything else is done, as add_kind requires: other tests of this program make tables of all kinds.
[[maybe_unused]] const bool pair_is_known = (models::service::add_kind(models::pair::kind), true);

constexpr double kills_per_year = 12;

/// The platform of the small topology with a pair on it; nothing fails but its processes.
models::Topology pair_topology(models::Duration timeout) {
  models::service::add_kind(models::pair::kind);
  models::Topology topology = small_topology();
  models::testing::without_changes(topology);
  models::infrastructure::Parameters& p = topology.infrastructure;
  for (models::Rate* rate : {&p.process_pause_rate, &p.node_crash_rate, &p.node_loss_rate, &p.node_retirement_rate,
                             &p.zone_power_loss_rate, &p.zone_isolation_rate, &p.volume_loss_rate}) {
    *rate = {};
  }
  p.process_crash_rate = models::Rate::per_year(kills_per_year);
  models::PoolSpec pool = topology.services[0].pools[0];
  pool.roles = models::role_bit(0);
  pool.replicas = 2;
  models::ServiceSpec service;
  service.name = "pair";
  service.kind = models::service::find_kind("pair");
  service.pools = {pool};
  service.own =
      sim::Value::of(models::pair::Spec{timeout, 20_s, "app", "region", {}, models::SlaSpec{0.999, 730_h, {}}});
  topology.services = {service};
  topology.operations.clear();
  return topology;
}

}  // namespace

TEST_CASE("pair: the standby takes over after its time-out, and the outage lasts as long", "[pair]") {
  const models::testing::Lab lab(pair_topology(3_s));
  const models::World world = lab.play({action(0_s, models::Verb::process_kill, "leader(pair/servers)")}, 1, 120_s);
  const auto outages = models::testing::outages(world, "answers");
  REQUIRE(outages.size() == 1);
  CHECK(outages[0].second == Approx(3));
  CHECK(models::testing::count(world, "pair.took_over") == 1);
  CHECK(models::services::healthy(world));
}

TEST_CASE("pair: while the standby is gone too nobody takes over, and the primary comes back", "[pair]") {
  const models::testing::Lab lab(pair_topology(3_s));
  const models::World world = lab.play({action(0_s, models::Verb::process_kill, "follower(pair/servers)"),
                                        action(1_s, models::Verb::process_kill, "leader(pair/servers)")},
                                       1, 120_s);
  CHECK(models::testing::downtime(world, "answers") > 20);
  CHECK(models::services::healthy(world));
}

TEST_CASE("pair: replay shows who is the primary, and says what the kind leaves out", "[pair]") {
  const models::Plan plan = models::build_plan(pair_topology(3_s), 1);
  loader::Scenario scenario;
  scenario.name = "kill";
  scenario.actions = {action(0_s, models::Verb::process_kill, "leader(pair/servers)")};
  const Replay result = replay(plan, scenario, ReplayOptions{});
  REQUIRE(result.base.runs.size() == 1);
  bool shown = false;
  for (const Happening& entry : result.base.runs[0].timeline) {
    for (const StateChange& change : entry.state)
      shown = shown || (change.what == "primary" && change.after == "server-1");
  }
  CHECK(shown);
  const auto list = left_out(plan);
  CHECK(std::any_of(list.begin(), list.end(), [](const LeftOut& item) { return item.kind == "split-brain"; }));
}

TEST_CASE("pair: a name that nobody leads is refused with the forms of its kind", "[pair]") {
  const models::Plan plan = models::build_plan(pair_topology(3_s), 1);
  const auto problem =
      nines::models::check_target(plan, action(0_s, models::Verb::process_kill, "leader(pair/server)"));
  REQUIRE(problem);
  CHECK_THAT(*problem, Catch::Contains("pair/servers"));
}

/// A pair in a file, on the platform of a shipped design.
std::string pair_file() {
  Json file = Json::parse(slurp(source_file("topologies/kafka-eks.json")));
  Json pool = file["services"][0]["pools"][0];
  pool["roles"] = Json::array({"server"});
  pool["replicas"] = 2;
  file["name"] = "pair";
  file.erase("operations");
  file.erase("overrides");
  file["services"] = Json::array({{{"name", "pair"},
                                   {"kind", "pair"},
                                   {"pdb", {{"max_unavailable", 1}}},
                                   {"pools", Json::array({pool})},
                                   {"timeout_s", 3},
                                   {"start_s", 20},
                                   {"client", "app"},
                                   {"place", "region"},
                                   {"deadline_s", 0},
                                   {"sla", {{"target", 0.999}, {"window_h", 730}}}}});
  return file.dump(2);
}

/// What a verb wrote as JSON to its output file.
template <class Run, class Command>
Json answer(const Scratch& scratch, Run run, Command command) {
  command.common.format = "json";
  command.common.quiet = true;
  command.common.output = scratch / "answer.json";
  REQUIRE(run(command) == exit_code::done);
  return Json::parse(slurp(command.common.output));
}

TEST_CASE("pair: a file of it is checked by its own table", "[pair]") {
  models::service::add_kind(models::pair::kind);
  const loader::LoadedTopology loaded = loader::load_topology_text("pair.json", pair_file());
  CHECK(loaded.topology.services.at(0).own.as<models::pair::Spec>().timeout == 3_s);
  const std::string wrong = replaced(pair_file(), "timeout_s", "time_out_s");
  CHECK_THAT(error_of([&] { loader::load_topology_text("pair.json", wrong); }), Catch::Contains("timeout_s"));
}

TEST_CASE("pair: every verb answers about a file of it", "[pair]") {
  models::service::add_kind(models::pair::kind);
  const Scratch scratch;
  const std::string topology = scratch / "pair.json";
  spill(topology, pair_file());

  AssessCommand assess;
  assess.topology = topology;
  assess.max_incidents = 20000;  // grey faults, which do nothing to it, take most
  assess.draws = 4;
  assess.worst = 2;
  const Json assessed = answer(scratch, run_assess, assess);
  CHECK(assessed["services"][0]["name"] == "pair");
  CHECK(assessed["services"][0]["slis"][0]["unavailability"]["estimate"].get<double>() > 0);

  const Json kill = {
      {"schema", "nines/scenario/1"},
      {"name", "kill"},
      {"title", "the primary dies"},
      {"actions", Json::array({{{"at_s", 0}, {"do", "process-kill"}, {"target", "leader(pair/servers)"}}})}};
  spill(scratch / "kill.json", kill.dump());
  ReplayCommand replayed;
  replayed.topology = topology;
  replayed.scenario = scratch / "kill.json";
  const Json replay_answer = answer(scratch, run_replay, replayed);
  CHECK(replay_answer.dump().find("pair.took_over") != std::string::npos);

  CompareCommand compared;
  compared.topologies = {topology};
  compared.variants = {"/services/pair/timeout_s=1"};
  compared.max_incidents = 8000;
  const Json compare_answer = answer(scratch, run_compare, compared);
  CHECK(compare_answer.dump().find("pair/answers") != std::string::npos);

  const Json sweep_file = {
      {"schema", "nines/sweep/1"},
      {"name", "timeouts"},
      {"title", "how long the standby waits"},
      {"topology", topology},
      {"parameters", Json::array({{{"name", "timeout"}, {"at", "/services/pair/timeout_s"}, {"values", {1, 3}}}})},
      {"max_incidents", 8000},
      {"objectives", Json::array({{{"figure", "downtime_minutes_per_year"}, {"sli", "pair/answers"}}})}};
  spill(scratch / "sweep.json", sweep_file.dump(2));
  SweepCommand swept;
  swept.sweep = scratch / "sweep.json";
  swept.results = scratch / "results.sqlite";
  const Json sweep_answer = answer(scratch, run_sweep, swept);
  CHECK(sweep_answer.dump().find("timeout") != std::string::npos);
}

TEST_CASE("pair: assess finds the rate of kills times the time-out", "[pair]") {
  const models::Plan plan = models::build_plan(pair_topology(3_s), 1);
  AssessOptions options;
  options.precision = 0.02;
  options.max_incidents = 50'000;
  const Assessment result = assess_by_incidents(plan, options);
  // Either server is the primary half of the time. Kills while the other one restarts add about 1 in 10^4.
  const double truth = kills_per_year * 3 / (8760 * 3600.0);
  const sim::Estimate& found = result.slis.at(0).unavailability;
  REQUIRE((found.value && found.ci95));
  // Half of a 95 % interval is 1.96 standard errors; 5.5 of them miss 4 times in 10^8.
  CHECK(std::abs(*found.value - truth) < 5.5 / 1.96 * (found.ci95->upper - found.ci95->lower) / 2 + 1e-3 * truth);
  CHECK(found.ci95->upper - found.ci95->lower < 0.1 * truth);
}

TEST_CASE("pair: compare tells two time-outs apart", "[pair]") {
  const models::Plan slow = models::build_plan(pair_topology(3_s), 1);
  const models::Plan fast = models::build_plan(pair_topology(1_s), 1);
  CompareOptions options;
  options.target = "pair/answers";
  options.max_incidents = 50'000;
  const Comparison result = experiments::compare({&slow, &fast}, options);
  const Delta& minutes = result.differences.at(0).slis.at(0).downtime_minutes_per_year;
  const double truth = -kills_per_year * 2 / 60;
  CHECK(std::abs(minutes.value - truth) < 5.5 / 1.96 * (minutes.ci95.upper - minutes.ci95.lower) / 2 - 1e-3 * truth);
  CHECK(minutes.told());
}

}  // namespace pair_test
