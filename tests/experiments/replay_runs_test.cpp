// Replays: what a run collects, sums that hold, expectations, forks, and that threads change nothing.
#include <catch2/catch.hpp>

#include "experiments/replay/replay.hpp"
#include "experiments/replay/replay_output.hpp"
#include "tests/experiments/replay_inputs.hpp"

namespace replay_runs_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

struct Bench {
  loader::LoadedTopology input = shipped("kafka-eks");
  models::Plan plan = models::build_plan(input.topology, 1);
  loader::Scenario script = scenario("zone-outage");

  [[nodiscard]] Replay play(const ReplayOptions& options) const { return replay(plan, script, options); }
  [[nodiscard]] Json json(const Replay& result, const ReplayOptions& options) const {
    return replay_json({&input, &plan, &script, &result, options, {}, "t", "s"});
  }
};

ReplayOptions runs(std::size_t count, std::size_t threads = 1) {
  ReplayOptions options;
  options.runs = count;
  options.threads = threads;
  return options;
}

ReplayRun synthetic(std::size_t number, double outage_s, double milestone_s) {
  ReplayRun run;
  run.run = number;
  ReplayOutage outage;
  outage.service = "kafka";
  outage.sli = "write";
  outage.length = sim::Duration::from_seconds(outage_s);
  if (outage_s > 0) run.outages.push_back(outage);
  if (milestone_s >= 0) run.milestones.push_back({"kafka.fenced", sim::Duration::from_seconds(milestone_s), "b"});
  return run;
}

ExpectationResult evaluate(decltype(loader::Expectation::check) check, const std::vector<ReplayRun>& sample,
                           double fraction = 1) {
  return evaluate({loader::Expectation{"words", fraction, std::move(check)}}, sample).front();
}

loader::Bounds at_most(double value) { return {std::nullopt, value}; }
loader::Bounds at_least(double value) { return {value, std::nullopt}; }

}  // namespace

TEST_CASE("replay: phases of every outage add up to it to the nanosecond, and chains lead back to the fault",
          "[replay]") {
  const Bench bench;
  const Replay result = bench.play(runs(40, 2));
  std::size_t outages = 0;
  for (const ReplayRun& run : result.base.runs) {
    CHECK(run.ending == RunEnd::healthy);
    for (const ReplayOutage& outage : run.outages) {
      sim::Duration sum;
      for (const auto& [name, length] : outage.phases) sum += length;
      CHECK(sum == outage.length);
      CHECK_FALSE(outage.censored);
      REQUIRE_FALSE(outage.chain.empty());
      CHECK(outage.chain.front().event == "fault.zone_power_loss");
      CHECK(outage.chain.back().event == "sli.restored");
      ++outages;
    }
  }
  CHECK(outages >= 40);
}

TEST_CASE("replay: printed phases add up to the printed duration, digit by digit", "[replay]") {
  const Bench bench;
  const Replay result = bench.play(runs(40));
  const Json json = Json::parse(json_text(bench.json(result, runs(40))));
  for (const Json& run : json["runs"]) {
    for (const Json& outage : run["outages"]) {
      std::int64_t sum = 0;
      const auto nanoseconds = [](double value) { return static_cast<std::int64_t>(value * 1e9 + 0.5); };
      for (const Json& phase : outage["phases_s"]) sum += nanoseconds(phase.get<double>());
      CHECK(sum == nanoseconds(outage["duration_s"].get<double>()));
      CHECK(static_cast<double>(sum) / 1e9 == outage["duration_s"].get<double>());
    }
  }
}

TEST_CASE("replay: the JSON has every field of the contract, of the right type", "[replay]") {
  const Bench bench;
  const Replay result = bench.play(runs(3));
  const Json json = bench.json(result, runs(3));
  CHECK(json["schema"] == "nines/replay/1");
  CHECK(json["topology"] == "kafka-eks");
  CHECK(json["scenario"] == "zone-outage");
  CHECK(json["seed"].is_number_unsigned());
  REQUIRE(json["runs"].size() == 3);
  for (const Json& run : json["runs"]) {
    CHECK(run["run"].is_number_unsigned());
    for (const Json& outage : run["outages"]) {
      for (const char* field : {"service", "sli"}) CHECK(outage[field].is_string());
      for (const char* field : {"start_s", "duration_s"}) CHECK(outage[field].is_number());
      CHECK(outage["censored"].is_boolean());
      CHECK(outage["phases_s"].is_object());
      for (const Json& link : outage["chain"]) {
        CHECK((link["at_s"].is_number() && link["event"].is_string() && link["component"].is_string()));
      }
    }
    REQUIRE_FALSE(run["milestones"].empty());
    for (const Json& milestone : run["milestones"]) {
      CHECK((milestone["name"].is_string() && milestone["at_s"].is_number() && milestone["component"].is_string()));
      CHECK(milestone["at_s"] >= 0);
    }
    CHECK(run["data_loss"].is_array());
  }
  for (const Json& milestone : json["summary"]["milestones"]) {
    CHECK((milestone["name"].is_string() && milestone["n"].is_number_unsigned()));
    for (const char* field : {"mean_s", "p5_s", "p25_s", "p50_s", "p75_s", "p95_s", "max_s"}) {
      CHECK(milestone[field].is_number());
    }
  }
  CHECK(json["summary"]["outages"].size() == 5);
  CHECK(json["summary"]["data_loss"].is_array());
  for (const Json& expectation : json["expectations"]) {
    CHECK((expectation["text"].is_string() && expectation["met_fraction"].is_number() &&
           expectation["worst"].is_string()));
  }
}

TEST_CASE("replay: same bytes for one and two threads, and twice", "[replay]") {
  const Bench bench;
  const std::string one = json_text(bench.json(bench.play(runs(30, 1)), runs(30)));
  CHECK(one == json_text(bench.json(bench.play(runs(30, 2)), runs(30))));
  CHECK(one == json_text(bench.json(bench.play(runs(30, 1)), runs(30))));
}

TEST_CASE("replay: run k is the same however many runs there are", "[replay]") {
  const Bench bench;
  const Json few = bench.json(bench.play(runs(2)), runs(2));
  const Json many = bench.json(bench.play(runs(10)), runs(10));
  CHECK(few["runs"][1] == many["runs"][1]);
  CHECK(many["runs"][1]["milestones"] != many["runs"][2]["milestones"]);
}

TEST_CASE("replay: a limit leaves open outages censored, and their phases still add up", "[replay]") {
  const Bench bench;
  ReplayOptions options = runs(1);
  options.until = sim::Duration::seconds(5);
  const ReplayRun run = bench.play(options).base.runs.front();
  CHECK(run.ending == RunEnd::limit);
  CHECK(run.end == sim::Duration::seconds(5));
  REQUIRE_FALSE(run.outages.empty());
  for (const ReplayOutage& outage : run.outages) {
    CHECK(outage.censored);
    CHECK(outage.start + outage.length == sim::Duration::seconds(5));
    sim::Duration sum;
    for (const auto& [name, length] : outage.phases) sum += length;
    CHECK(sum == outage.length);
  }
}

TEST_CASE("replay: a fork without a difference plays on identically, with one it shares the past", "[replay]") {
  const Bench bench;
  ReplayOptions options = runs(10);
  options.fork_at = sim::Duration::seconds(4);
  const models::Plan same = bench.plan;
  options.fork = &same;
  const Replay twin = bench.play(options);
  const Json twins = bench.json(twin, options);
  CHECK(twins["runs"] == twins["fork"]["runs"]);

  const models::Plan quick = plan_of("kafka-eks", {{"/services/kafka/config/broker.session.timeout.ms", "5000"}});
  REQUIRE_FALSE(check_fork(bench.plan, quick));
  options.fork = &quick;
  const Replay forked = bench.play(options);
  CHECK(bench.json(forked, options)["runs"] == twins["runs"]);
  for (std::size_t run = 0; run < 10; ++run) {
    const auto& base = forked.base.runs[run].milestones;
    const auto& fork = forked.fork->runs[run].milestones;
    for (std::size_t at = 0; at < base.size() && base[at].at < *options.fork_at; ++at) {
      CHECK((base[at].name == fork[at].name && base[at].at == fork[at].at));
    }
  }
}

TEST_CASE("replay: a fork that demands fewer replicas in sync takes writes at once, though nothing else happens",
          "[replay]") {
  Bench bench;
  // Two brokers of three hang for ten minutes: what is in sync is too few, and nothing is due until they go on.
  bench.script = loader::load_scenario_text("two.json", R"({"schema": "nines/scenario/1", "name": "two", "title": "t",
    "actions": [{"at_s": 0, "do": "process-pause", "target": "kafka/broker-0", "duration_s": 600},
                {"at_s": 0, "do": "process-pause", "target": "kafka/broker-1", "duration_s": 600}]})");
  const models::Plan fewer = plan_of("kafka-eks", {{"/services/kafka/config/min.insync.replicas", "1"}});
  ReplayOptions options = runs(1);
  options.fork_at = sim::Duration::seconds(60);
  options.fork = &fewer;
  const Replay result = bench.play(options);
  const auto out = [](const Played& played) {
    for (const ReplayOutage& outage : played.runs.front().outages)
      if (outage.sli == "write") return outage.length.to_seconds();
    return 0.0;
  };
  CHECK(out(result.base) > 600);
  // At once, but for the client's next try.
  CHECK(out(*result.fork) > 60);
  CHECK(out(*result.fork) < 65);
}

TEST_CASE("replay: a fork refuses a topology with other components", "[replay]") {
  const models::Plan base = plan_of("kafka-eks");
  CHECK(check_fork(base, plan_of("kafka-eks-6-brokers")));
  CHECK(check_fork(base, plan_of("kafka-eks", {{"/services/kafka/topics/my-topic/partitions", "13"}})));
  const std::string list = "/services/kafka/topics/my-topic/config/leader.replication.throttled.replicas";
  CHECK(check_fork(base, plan_of("kafka-eks", {{list, "\"*\""}})));
}

TEST_CASE("replay: text and JSON tell the same outage", "[replay]") {
  const Bench bench;
  const Replay result = bench.play(runs(1));
  const std::string text = replay_text({&bench.input, &bench.plan, &bench.script, &result, runs(1), {}, "t", "s"});
  const ReplayOutage& outage = result.base.runs.front().outages.front();
  const std::int64_t ms = (outage.length.count() + 500'000) / 1'000'000;
  const std::string length = std::to_string(ms / 1000) + "." + std::to_string(1000 + ms % 1000).substr(1);
  CHECK(text.find("kafka/write: out for " + length + " s") != std::string::npos);
  CHECK(text.find("zone loses power") != std::string::npos);
  CHECK(text.find("PASS") != std::string::npos);
}

namespace {

loader::Scenario kill_of_broker_1() {
  loader::Scenario script;
  script.name = "kill";
  models::Action kill;
  kill.verb = models::Verb::process_kill;
  kill.target = "kafka/broker-1";
  script.actions = {kill};
  return script;
}

std::optional<double> first_s(const ReplayRun& run, const std::string& name) {
  for (const Milestone& milestone : run.milestones) {
    if (milestone.name == name) return milestone.at.to_seconds();
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("replay: a run lasts until the time that is given, well or not", "[replay]") {
  const Bench bench;
  loader::Scenario script = kill_of_broker_1();
  for (const double until : {20.0, 900.0}) {
    script.until = sim::Duration::from_seconds(until);
    for (const ReplayRun& run : replay(bench.plan, script, runs(5)).base.runs) {
      CHECK(run.end == *script.until);
      CHECK(run.ending == (until > 800 ? RunEnd::healthy_at_limit : RunEnd::limit));
    }
  }
  ReplayOptions options = runs(1);
  options.until = sim::Duration::seconds(700);  // before the scenario's
  CHECK(replay(bench.plan, script, options).base.runs[0].end == *options.until);
}

TEST_CASE("replay: without a time a run ends when nothing is due any more: leadership has returned", "[replay]") {
  const Bench bench;
  for (const bool given : {true, false}) {
    loader::Scenario script = kill_of_broker_1();
    if (given) script.until = sim::Duration::seconds(900);
    for (const ReplayRun& run : replay(bench.plan, script, runs(20)).base.runs) {
      // Kafka 3.9: 300 s after the fence, which comes 7 to 9 s after the kill.
      const auto back = first_s(run, "kafka.preferred_leaders");
      REQUIRE(back);
      CHECK(*back >= 300);
      CHECK(*back <= 315);
      CHECK(run.end.to_seconds() >= *back);
      if (!given) CHECK(run.end.to_seconds() <= *back + 10);
    }
  }
  // Where nobody moves leadership back, nothing is due after the replicas.
  const models::Plan stays = plan_of("kafka-eks", {{"/services/kafka/config/auto.leader.rebalance.enable", "false"}});
  const ReplayRun run = replay(stays, kill_of_broker_1(), runs(1)).base.runs[0];
  CHECK(run.ending == RunEnd::healthy);
  CHECK(run.end.to_seconds() < 200);
}

TEST_CASE("expectations: an outage that still runs meets no maximum", "[replay]") {
  using namespace loader;
  ReplayRun run = synthetic(0, 10, 8);
  const OutageExpectation within_a_minute{{"kafka", "write"}, at_most(60)};
  CHECK(evaluate(within_a_minute, {run}).met());
  run.outages[0].censored = true;
  CHECK_FALSE(evaluate(within_a_minute, {run}).met());
  CHECK(evaluate(within_a_minute, {run}).worst == "10.000 s, not over");
  CHECK(evaluate(within_a_minute, {run}).open());
  CHECK_FALSE(evaluate(OutageExpectation{{"kafka", "write"}, at_most(5)}, {run}).open());
  CHECK(evaluate(OutageExpectation{{"kafka", "write"}, at_least(5)}, {run}).met());
  CHECK(evaluate(OutageExpectation{{"kafka", "write"}, at_least(50)}, {run}).open());
  // Nothing is due that could end it: it lasts for ever.
  run.outages[0].endless = true;
  CHECK_FALSE(evaluate(within_a_minute, {run}).met());
  CHECK_FALSE(evaluate(within_a_minute, {run}).open());
  CHECK(evaluate(within_a_minute, {run}).worst == "10.000 s, and nothing can end it");
  CHECK(evaluate(OutageExpectation{{"kafka", "write"}, at_least(50)}, {run}).met());
  // Of several runs those that are open may still make up the fraction.
  ReplayRun open = synthetic(1, 10, 8);
  open.outages[0].censored = true;
  CHECK(evaluate(within_a_minute, {synthetic(0, 10, 8), open}, 0.5).met());
  CHECK(evaluate(within_a_minute, {synthetic(0, 10, 8), open}, 0.9).open());
  CHECK_FALSE(evaluate(within_a_minute, {synthetic(0, 100, 8), open}, 0.9).open());
}

TEST_CASE("expectations: fractions met and the worst run", "[replay]") {
  using namespace loader;
  const std::vector<ReplayRun> sample{synthetic(0, 10, 8), synthetic(1, 30, 9), synthetic(2, 0, -1)};
  const SliName write{"kafka", "write"};

  const auto outage = evaluate(OutageExpectation{write, at_most(20)}, sample, 0.6);
  CHECK(outage.met_fraction == Approx(2.0 / 3));
  CHECK(outage.met());
  CHECK(outage.worst == "run 1: 30.000 s");
  CHECK_FALSE(evaluate(OutageExpectation{write, at_most(20)}, sample).met());
  CHECK(evaluate(OutageExpectation{write, at_most(40)}, sample).worst == "run 1: 30.000 s");

  CHECK(evaluate(CountExpectation{write, at_least(1)}, sample).met_fraction == Approx(2.0 / 3));
  CHECK(evaluate(MilestoneExpectation{"kafka.fenced", {7.0, 9.0}}, sample).worst == "run 2: not seen");
  CHECK(evaluate(AbsentExpectation{"kafka.fenced"}, sample).met_fraction == Approx(1.0 / 3));
  CHECK(evaluate(OrderExpectation{{"kafka.fenced", "kafka.new_leader"}}, sample).met_fraction == 0);
  CHECK(evaluate(DataLossExpectation{"kafka", at_most(0)}, sample).met());
  CHECK(evaluate(OutageExpectation{{"other", "write"}, at_most(0)}, sample).met());
}

TEST_CASE("spread: order statistics of a known sample", "[replay]") {
  std::vector<double> sample;
  for (int i = 100; i >= 1; --i) sample.push_back(i);
  const Spread spread = spread_of(sample);
  CHECK(spread.n == 100);
  CHECK(spread.mean == 50.5);
  CHECK(spread.p5 == 5);
  CHECK(spread.p50 == 50);
  CHECK(spread.p95 == 95);
  CHECK(spread.max == 100);
}

}  // namespace replay_runs_test
