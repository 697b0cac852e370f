// From a figure to an incident: what an assessment names is what a replay plays, to the nanosecond; runs by number; the
// state that a replay shows.
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>

#include "experiments/command/inputs.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/incident_recipe.hpp"
#include "experiments/replay/replay.hpp"
#include "experiments/replay/replay_output.hpp"
#include "tests/experiments/replay_inputs.hpp"

namespace incident_replay_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

AssessOptions worst_of(std::size_t count, std::uint64_t incidents, std::size_t threads = 1) {
  AssessOptions options;
  options.max_incidents = incidents;
  options.precision = 0.1;
  options.worst = count;
  options.threads = threads;
  return options;
}

std::int64_t outage_ns(const Replay& replay, const std::string& sli) {
  std::int64_t sum = 0;
  for (const ReplayOutage& outage : replay.base.runs.front().outages) {
    if (outage.service + "/" + outage.sli == sli) sum += outage.length.count();
  }
  return sum;
}

/// Each incident by its word, played again.
void check_reproduced(const loader::LoadedTopology& input, const models::Plan& plan, const Assessment& result) {
  const std::string fingerprint = incident_fingerprint(input, plan);
  REQUIRE_FALSE(result.worst.empty());
  for (const WorstIncident& entry : result.worst) {
    const std::string word = incident_word(entry.recipe, fingerprint);
    const IncidentRecipe recipe = incident_of(word, fingerprint, plan);
    CHECK(incident_word(recipe, fingerprint) == word);
    const Replay replay = replay_incident(plan, recipe);
    const models::measurement::SliPlan& sli = plan.slis[result.slis[entry.sli].index];
    INFO(word);
    CHECK(outage_ns(replay, plan.services[sli.service].name + "/" + sli.name) == std::llround(entry.downtime_s * 1e9));
    CHECK(replay.base.runs.front().end == sim::Duration::from_seconds(entry.length_s));
    CHECK(entry.as_bad_per_year >= entry.per_year);
    CHECK(entry.per_year > 0);
  }
}

}  // namespace

TEST_CASE("incidents: the worst of a sample are played again to the nanosecond", "[incidents]") {
  SECTION("Kafka") {
    const loader::LoadedTopology input = shipped("kafka-eks-min-isr-1");
    const models::Plan plan = models::build_plan(input.topology, 1);
    const Assessment result = assess_by_incidents(plan, worst_of(4, 20'000));
    check_reproduced(input, plan, result);
    // Longest first, and rarer the longer.
    for (std::size_t at = 1; at < result.worst.size(); ++at) {
      if (result.worst[at].by != result.worst[at - 1].by) continue;
      CHECK(result.worst[at].downtime_s <= result.worst[at - 1].downtime_s);
      CHECK(result.worst[at].as_bad_per_year >= result.worst[at - 1].as_bad_per_year * (1 - 1e-9));
    }
  }
  SECTION("black boxes with several forced faults, background and bent repairs") {
    for (const char* name : {"benchmarks/workstation-cluster-4", "benchmarks/quorum-zones", "benchmarks/active-standby",
                             "benchmarks/replicas-in-zones"}) {
      const loader::LoadedTopology input = shipped(name);
      const models::Plan plan = models::build_plan(input.topology, 3);
      check_reproduced(input, plan, assess_by_incidents(plan, worst_of(8, 20'000)));
    }
  }
}

TEST_CASE("incidents: which are named depends on no number of threads, nor on how many are asked for", "[incidents]") {
  const loader::LoadedTopology input = shipped("benchmarks/workstation-cluster-4");
  const models::Plan plan = models::build_plan(input.topology, 1);
  const auto words = [&](std::size_t count, std::size_t threads) {
    std::vector<std::string> result;
    for (const WorstIncident& entry : assess_by_incidents(plan, worst_of(count, 10'000, threads)).worst) {
      result.push_back(incident_word(entry.recipe, "00000000"));
    }
    return result;
  };
  const auto ten = words(10, 1);
  CHECK(ten.size() == 10);
  CHECK(words(10, 3) == ten);
  CHECK(words(3, 2) == std::vector<std::string>(ten.begin(), ten.begin() + 3));
  // Asking costs nothing: the estimate is the same.
  CHECK(*assess_by_incidents(plan, worst_of(10, 10'000)).slis[0].unavailability.value ==
        *assess_by_incidents(plan, worst_of(0, 10'000)).slis[0].unavailability.value);
}

TEST_CASE("incidents: how often one as long comes is the law's tail", "[incidents]") {
  // One unit, constant repair: every outage is as long, and one comes each life and repair.
  const auto input = loader::load_topology_text("in.json", R"({"schema": "nines/topology/1", "name": "t", "title": "t",
    "components": [{"name": "u", "failure": {"law": "exponential", "mean": "100 h"}, "repair": "2 h"}],
    "services": [{"name": "s", "kind": "composite", "slis": [{"name": "up", "requires": "u"}]}]})");
  const models::Plan plan = models::build_plan(input.topology, 1);
  const Assessment result = assess_by_incidents(plan, worst_of(3, 5'000));
  REQUIRE(result.worst.size() == 3);
  for (const WorstIncident& entry : result.worst) {
    CHECK(entry.downtime_s == 7200);
    CHECK(entry.as_bad_per_year == Approx(8760 / 102.0).epsilon(1e-6));
  }
}

TEST_CASE("incidents: a damaged word, or one of something else, is refused", "[incidents]") {
  const loader::LoadedTopology input = shipped("benchmarks/quorum-zones");
  const models::Plan plan = models::build_plan(input.topology, 1);
  const std::string mine = incident_fingerprint(input, plan);
  CHECK(mine != incident_fingerprint(input, models::build_plan(input.topology, 2)));
  CHECK(mine !=
        incident_fingerprint(shipped("benchmarks/quorum-zones", {{"/components/0/repair/mean", "\"9 h\""}}), plan));
  CHECK_NOTHROW(incident_of(mine + "-a1-0@0", mine, plan));
  for (const char* rest : {"",
                           "-",
                           "-a1",
                           "-a1-",
                           "-a1-0",
                           "-a1-0@",
                           "-a1-0@5",
                           "-a1-x@0",
                           "-g1-0@0",
                           "-a1-0@0-",
                           "-a1-0@0 ",
                           "-a1-99999@0",
                           "-a1-0@0-1@-1",
                           "-a1-0@0-1@99999999999999999999",
                           "-a1-0@0x99",
                           "-a1-b-0@0",
                           "-a1-b0~99999-0@0",
                           "-a1-b0+0-0@0",
                           "-a1-b1~0-0@0",
                           "-a1-0@0s",
                           "-a1-0@0s1+1",
                           "-a1-b0-0@0s0",
                           "-11112222333344445-0@0"}) {
    INFO(rest);
    CHECK_THROWS_AS(incident_of(mine + rest, mine, plan), std::invalid_argument);
  }
  CHECK_THROWS_AS(incident_of("", mine, plan), std::invalid_argument);
  CHECK_THROWS_AS(incident_of("deadbeef-a1-0@0", mine, plan), std::invalid_argument);
}

TEST_CASE("replay: run N alone is run N of them all", "[replay]") {
  const loader::LoadedTopology input = shipped("kafka-eks");
  const models::Plan plan = models::build_plan(input.topology, 1);
  const loader::Scenario script = scenario("zone-outage");
  const auto played = [&](std::size_t first, std::size_t count) {
    ReplayOptions options;
    options.first_run = first;
    options.runs = count;
    const Replay result = replay(plan, script, options);
    return replay_json({&input, &plan, &script, &result, options, {}, "t", "s"});
  };
  const Json all = played(0, 4);
  for (std::size_t run = 0; run < 4; ++run) {
    Json alone = played(run, 1)["runs"][0];
    CHECK(alone.contains("timeline"));
    alone.erase("timeline");
    alone.erase("lanes");
    CHECK(alone == all["runs"][run]);
  }
}

TEST_CASE("replay: state changes join up, and what is folded changes nothing that is told", "[replay]") {
  const models::Plan plan = plan_of("kafka-eks");
  for (const char* name : {"zone-outage", "broker-kill"}) {
    const Replay result = replay(plan, scenario(name), {});
    const ReplayRun& run = result.base.runs.front();
    std::map<std::pair<std::string, std::string>, std::string> now;
    std::set<std::string> kinds;
    std::size_t folded = 0;
    for (const Happening& entry : run.timeline) {
      folded += entry.noise ? 1 : 0;
      for (const StateChange& change : entry.state) {
        CHECK(change.before != change.after);
        CHECK((!entry.noise || change.internal));
        kinds.insert(change.what);
        auto& last = now[{change.component, change.what}];
        if (!last.empty()) CHECK(last == change.before);
        last = change.after;
      }
    }
    CHECK(kinds.count("ISR") == 1);
    CHECK(kinds.count("leader") == 1);
    CHECK(kinds.count("epoch") == 1);
    CHECK(folded > 0);
    CHECK(folded < run.timeline.size());
    // All replicas are in sync again at the end: what left comes back.
    for (const auto& [what, value] : now) {
      if (what.second == "ISR") CHECK(std::count(value.begin(), value.end(), ',') == 2);
    }
    // Every link of an outage's chain that is no repetition is in the story.
    const std::string text = timeline_text(run, false);
    CHECK(text.find("folded") != std::string::npos);
    CHECK(timeline_text(run, true).find("folded") == std::string::npos);
    CHECK(timeline_text(run, true).size() > text.size());
  }
}

TEST_CASE("replay: SLIs that share an outage are told in one block", "[replay]") {
  ReplayRun run;
  const auto add = [&](const char* sli, int start, int length) {
    ReplayOutage outage;
    outage.service = "kafka";
    outage.sli = sli;
    outage.start = sim::Duration::seconds(start);
    outage.length = sim::Duration::seconds(length);
    outage.phases = {{"detect", sim::Duration::seconds(length)}};
    run.outages.push_back(outage);
  };
  add("write", 1, 5);
  add("read", 1, 4);
  add("visible", 1, 5);
  const std::string text = outages_text(run);
  CHECK(text.find("kafka/write, kafka/visible: out for 5.000 s from 1.000 s") != std::string::npos);
  CHECK(text.find("kafka/read: out for 4.000 s") != std::string::npos);
  CHECK(text.find("kafka/visible: out for") == text.find("kafka/write, kafka/visible") + 13);
}

TEST_CASE("incidents: the command names all that made the plan", "[incidents]") {
  CommonOptions options;
  options.sets = {"/title=other"};
  options.profile = "mine.json";
  options.prices = "list.json";
  options.without_faults = {"drain"};
  options.seed = 7;
  const std::vector<std::string> words{"nines",     "replay",    "kafka-eks", "--set",     "/title=other",
                                       "--profile", "mine.json", "--prices",  "list.json", "--without-fault",
                                       "drain",     "--seed",    "7"};
  CHECK(command_words("replay", {"kafka-eks"}, options) == words);
}

}  // namespace incident_replay_test
