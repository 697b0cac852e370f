// Legal input at its ends: no abort, no endless loop, no memory without bound; what is too much is refused in words.
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/work_limit.hpp"
#include "experiments/loader/fields.hpp"
#include "experiments/loader/schema.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/replay.hpp"
#include "experiments/replay/replay_output.hpp"
#include "experiments/report/output.hpp"
#include "models/structure/cut_sets.hpp"
#include "sim/random.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/experiments/replay_inputs.hpp"

namespace bounds_test {

using namespace nines;
using namespace nines::experiments;
using loader::Json;
using loader::Limits;

namespace {

std::string topology(const std::string& components, const std::string& more = "",
                     const std::string& requires_ = "\"a\"", const std::string& sla = "") {
  return R"({"schema": "nines/topology/1", "name": "t", "title": "t", "components": [)" + components + "]" + more +
         R"(, "services": [{"name": "s", "kind": "composite", "slis": [{"name": "up", "requires": )" + requires_ + sla +
         "}]}]}";
}

std::string unit(const std::string& life, const std::string& repair, const std::string& more = "") {
  return R"({"name": "a", "failure": )" + life + R"(, "repair": )" + repair + more + "}";
}

std::string law(const std::string& text) { return "{\"law\": " + text + "}"; }
const std::string an_hour = law(R"("exponential", "mean": "1 h")");

models::Plan plan_of(const std::string& text) {
  return models::build_plan(loader::load_topology_text("in.json", text).topology, 1);
}

/// A short assessment; one that is refused says why. Returns whether it was answered.
bool answered(const models::Plan& plan, Method method) {
  AssessOptions options;
  options.method = method;
  options.max_incidents = 1000;
  options.years = 0.1;
  options.max_years = 1;
  try {
    const Assessment result = assess(plan, options);
    for (const SliResult& sli : result.slis) {
      if (!sli.unavailability.value) continue;
      CHECK(std::isfinite(*sli.unavailability.value));
      CHECK(*sli.unavailability.value >= 0);
      CHECK(*sli.unavailability.value <= 1);
    }
    return true;
  } catch (const std::invalid_argument& error) {
    CHECK(std::string(error.what()).size() > 20);
    return false;
  }
}

loader::Scenario failure_of_a() {
  return loader::load_scenario_text(
      "s.json", R"({"schema": "nines/scenario/1", "actions": [{"at_s": 0, "do": "component-fail", "target": "a"}]})");
}

bool holds_numbers(loader::Shape shape) {
  return shape == loader::Shape::count || shape == loader::Shape::number || shape == loader::Shape::share ||
         shape == loader::Shape::seconds;
}

}  // namespace

// ---- ranges ---------------------------------------------------------------------------------------------------------

TEST_CASE("ranges: every number of every table has one, and the schema states it", "[bounds]") {
  const auto check = [](std::span<const loader::FieldSpec> fields, const Json& object) {
    for (const loader::FieldSpec& field : fields) {
      if (!holds_numbers(field.shape)) continue;
      INFO(field.name);
      const Limits& limits = field.limits;
      CHECK(limits.least >= 0);
      CHECK(limits.most > limits.least);
      const Json& schema = object["properties"][std::string(field.name)];
      CHECK(schema[limits.above_least ? "exclusiveMinimum" : "minimum"].get<double>() == limits.least);
      CHECK(schema[limits.below_most ? "exclusiveMaximum" : "maximum"].get<double>() == limits.most);
    }
  };
  const std::pair<const char*, std::span<const loader::FieldSpec>> kinds[] = {{"topology", loader::topology_fields()},
                                                                              {"scenario", loader::scenario_fields()},
                                                                              {"sweep", loader::sweep_fields()},
                                                                              {"profile", loader::profile_fields()}};
  for (const auto& [kind, root] : kinds) {
    const Json schema = Json::parse(loader::schema_text(kind));
    check(root, schema);
    for (const loader::ObjectSpec& object : loader::object_specs(kind)) {
      INFO(object.name);
      check(object.fields, schema["definitions"][std::string(object.name)]);
    }
  }
}

TEST_CASE("ranges: what lies beyond one is refused by name, and its ends are taken", "[bounds]") {
  const auto window = [](const std::string& hours) {
    return topology(unit(law(R"("exponential", "mean": "1000 h")"), an_hour), "", "\"a\"",
                    R"(, "sla": {"target": 0.999, "window_h": )" + hours + "}");
  };
  const auto problem = [](const std::string& text) {
    return loader::testing::error_of([&] { loader::load_topology_text("in.json", text); });
  };
  CHECK(problem(window("0.1")).empty());
  CHECK(problem(window("8760")).empty());
  for (const char* hours : {"1e-9", "0", "-1", "0.0999", "8761", "1e300", "1e-320", "1e18"}) {
    CHECK_THAT(problem(window(hours)), Catch::Contains("/services/0/slis/0/sla/window_h: expected a number >= 0.1"));
  }
  const auto target = [](const std::string& number) {
    return topology(unit(law(R"("exponential", "mean": "1000 h")"), an_hour), "", "\"a\"",
                    R"(, "sla": {"window_h": 730, "target": )" + number + "}");
  };
  for (const char* number : {"1e-7", "0", "1e-300", "1", "1.5"}) {
    CHECK_THAT(problem(target(number)), Catch::Contains("/services/0/slis/0/sla/target: expected a number >= 1e-06"));
  }
  CHECK_THAT(problem(topology(unit(law(R"("exponential", "mean": "1 h")"), an_hour, R"(, "count": 5001)"))),
             Catch::Contains("/components/0/count: expected a whole number from 1 to 5000"));
}

// ---- laws -----------------------------------------------------------------------------------------------------------

TEST_CASE("laws: any of them, as life and as repair, is assessed and replayed or refused in words", "[bounds]") {
  const std::vector<std::string> shapes{R"("constant", "value": "$")",
                                        R"("uniform", "low": "0 s", "high": "$")",
                                        R"("exponential", "mean": "$")",
                                        R"("lognormal", "mean": "$", "sigma": 0)",
                                        R"("lognormal", "mean": "$", "sigma": 1)",
                                        R"("lognormal", "mean": "$", "sigma": 5)",
                                        R"("erlang", "mean": "$", "stages": 1)",
                                        R"("erlang", "mean": "$", "stages": 100)",
                                        R"("weibull", "scale": "$", "shape": 0.1)",
                                        R"("weibull", "scale": "$", "shape": 1)",
                                        R"("weibull", "scale": "$", "shape": 100, "location": "1 ns")",
                                        R"("mixture", "parts": [{"share": 0.999999999, "law": "constant", "value": "$"},
                              {"share": 1e-9, "law": "lognormal", "mean": "1 h", "sigma": 3}])"};
  const auto scaled = [](const std::string& shape, const std::string& scale) {
    std::string text = law(shape);
    return text.replace(text.find('$'), 1, scale);
  };
  const std::vector<std::string> scales{"1 us", "1 s", "1 h", "1 yr", "30 yr"};
  const loader::Scenario script = failure_of_a();
  std::uint64_t drawn = 0;
  const auto any = [&](const std::vector<std::string>& from) {
    return from[sim::random_bits(13, drawn++, 0) % from.size()];
  };
  int answers = 0;
  const auto attempt = [&](const std::string& life, const std::string& repair) {
    INFO(life);
    INFO(repair);
    models::Plan plan;
    try {
      plan = plan_of(topology(unit(life, repair)));
    } catch (const loader::InputError&) {
      return;  // no such law: a mean of more than a century
    }
    for (const Method method : {Method::incidents, Method::timeline, Method::automatic}) {
      answers += answered(plan, method) ? 1 : 0;
    }
    ReplayOptions options;
    options.runs = 2;
    CHECK(replay(plan, script, options).base.count == 2);
  };
  for (const std::string& shape : shapes) {
    attempt(scaled(shape, "1 yr"), an_hour);
    attempt(law(R"("exponential", "mean": "1000 h")"), scaled(shape, "1 h"));
    for (int i = 0; i < 2; ++i) attempt(scaled(shape, any(scales)), scaled(any(shapes), any(scales)));
  }
  CHECK(answers > 60);
}

// ---- asserts --------------------------------------------------------------------------------------------------------

TEST_CASE("a tier below 1, tiny targets, components that fail all the time: every method answers or refuses",
          "[bounds]") {
  const std::string lives[] = {law(R"("exponential", "mean": "1000 h")"), law(R"("exponential", "mean": "100 ms")"),
                               law(R"("exponential", "rate": "1000/s")"), law(R"("exponential", "rate": "1e-6/yr")")};
  const std::string slas[] = {
      R"({"target": 0.999, "window_h": 730, "credits": [{"below": 1, "credit": 0.1}]})",
      R"({"target": 1e-6, "window_h": 0.1, "credits": [{"below": 1e-6, "credit": 1}]})",
      R"({"target": 0.9999999999999999, "window_h": 8760, "credits": [{"below": 1, "credit": 1}, {"below": 1e-6, "credit": 1}]})",
      R"({"target": 0.5, "window_h": 0.1})"};
  for (const std::string& life : lives) {
    for (const std::string& repair : {an_hour, law(R"("exponential", "mean": "1 ms")")}) {
      for (const std::string& sla : slas) {
        INFO(life << repair << sla);
        const models::Plan plan = plan_of(topology(unit(life, repair), "", "\"a\"", ", \"sla\": " + sla));
        for (const Method method : {Method::incidents, Method::timeline, Method::exact}) {
          answered(plan, method);
        }
      }
    }
  }
}

TEST_CASE("as many units as a component may have: each method answers or refuses", "[bounds]") {
  const std::string rare = law(R"("exponential", "mean": "1000000 h")");
  const auto try_all = [&](const std::string& more, const std::string& crews, const std::string& requires_) {
    const models::Plan plan = plan_of(topology(unit(rare, an_hour, R"(, "count": 5000)" + more), crews, requires_));
    for (const Method method : {Method::incidents, Method::exact}) answered(plan, method);
    const models::structure::CutSets cuts = models::structure::minimal_cut_sets(plan, 0);
    CHECK(cuts.sets.size() <= 250'000);
  };
  try_all("", "", "\"a\"");
  try_all(R"(, "crew": "ops")", R"(, "crews": [{"name": "ops"}])", R"({"at_least": 4990, "of": ["a"]})");
  const std::string standby = R"(, "count": 5000, "standby": {"active": 4999, "switchover": {"duration": "1 h"}})";
  CHECK_THAT(loader::testing::error_of([&] { plan_of(topology(unit(rare, an_hour, standby))); }),
             Catch::Contains("/components/0/standby: expected at most 250 units"));
}

// ---- work -----------------------------------------------------------------------------------------------------------

TEST_CASE("work: what would never end is refused, by incidents, years and replays", "[bounds]") {
  // Millions of failures of one while the other is repaired.
  const models::Plan plan = plan_of(
      topology(unit(law(R"("exponential", "mean": "1000 h")"), law(R"("exponential", "mean": "1000 h")")) + "," +
                   R"({"name": "b", "failure": )" + law(R"("weibull", "scale": "10 ms", "shape": 2)") +
                   R"(, "repair": )" + law(R"("lognormal", "mean": "1 ms", "sigma": 1)") + R"(, "crew": "ops"})",
               R"(, "crews": [{"name": "ops"}])", R"({"all": ["a", "b"]})"));
  AssessOptions options;
  options.max_incidents = 1000;
  CHECK_THROWS_AS(assess(plan, options), TooMuchWork);
  options.method = Method::timeline;
  options.years = 1;
  CHECK_THROWS_AS(assess(plan, options), TooMuchWork);
  CHECK_THROWS_AS(check_replication(plan, 8760), TooMuchWork);
  CHECK_NOTHROW(check_replication(plan, 1));
}

TEST_CASE("work: a budget is refused once it is spent, whoever spends it", "[bounds]") {
  const models::Plan plan = plan_of(topology(unit(law(R"("exponential", "mean": "1 h")"), an_hour)));
  EventBudget budget(plan, 10);
  for (int i = 0; i < 12; ++i) budget.spend(100'000);
  CHECK_THROWS_AS(budget.spend(1), TooMuchWork);
}

TEST_CASE("replay: runs stream, sums do not depend on how many are kept", "[bounds]") {
  const loader::LoadedTopology input = testing::shipped("kafka-eks");
  const models::Plan plan = models::build_plan(input.topology, 1);
  const loader::Scenario script = testing::scenario("broker-kill");
  ReplayOptions options;
  options.runs = 300;
  options.threads = 2;
  const Replay all = replay(plan, script, options);
  options.keep = 0;
  std::size_t next = 0;
  options.each = [&](const ReplayRun& run, const ReplayRun* fork) {
    CHECK(fork == nullptr);
    CHECK(run.run == next);
    // The lines are those of the runs that are kept otherwise.
    if (next % 50 == 0) CHECK(replay_jsonl_run("base", run) == replay_jsonl_run("base", all.base.runs[next]));
    ++next;
  };
  const Replay streamed = replay(plan, script, options);
  CHECK(next == options.runs);
  CHECK(streamed.base.runs.empty());
  CHECK(streamed.base.count == options.runs);
  const ReplayReport before{&input, &plan, &script, &all, {}, {}, "t", "s"};
  const ReplayReport after{&input, &plan, &script, &streamed, {}, {}, "t", "s"};
  CHECK(replay_jsonl_summary(before) == replay_jsonl_summary(after));
  CHECK(replay_json(before)["summary"] == replay_json(after)["summary"]);
  CHECK(replay_json(after)["runs_played"] == options.runs);
  for (const Json& line : {Json::parse(replay_jsonl_head(after)), Json::parse(replay_jsonl_summary(after))}) {
    CHECK(line.is_object());
  }
}

TEST_CASE("replay: quantiles of very many numbers are those of the first ones, mean and maximum of all", "[bounds]") {
  Sample sample;
  constexpr int count = 250'000;
  for (int i = 0; i < count; ++i) sample.add(sim::to_unit(sim::random_bits(3, static_cast<std::uint64_t>(i), 0)));
  sample.add(7);
  const Spread spread = sample.spread();
  CHECK(spread.n == count + 1);
  CHECK(spread.max == 7);
  // Five standard deviations.
  CHECK(std::abs(spread.mean - 0.5) < 5 * std::sqrt(1.0 / 12 / count));
  CHECK(std::abs(spread.p50 - 0.5) < 5 * std::sqrt(0.25 / 100'000));
  CHECK(std::abs(spread.p95 - 0.95) < 5 * std::sqrt(0.95 * 0.05 / 100'000));
}

TEST_CASE("output: what cannot be written is known before, and a stream appears complete or not at all", "[bounds]") {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("nines-bounds-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  CHECK_NOTHROW(check_output(""));
  CHECK_NOTHROW(check_output("-"));
  CHECK_NOTHROW(check_output("/dev/null"));
  CHECK_NOTHROW(check_output((folder / "x").string()));
  CHECK_THROWS_AS(check_output(folder.string()), OutputError);
  CHECK_THROWS_AS(check_output((folder / "none" / "x").string()), OutputError);
  std::ofstream(folder / "file") << "x";
  CHECK_THROWS_AS(check_output((folder / "file" / "x").string()), OutputError);
  const std::string path = (folder / "stream").string();
  {
    OutputStream out(path);
    out.write(std::string(100'000, 'a'));
    CHECK_FALSE(fs::exists(path));
  }
  CHECK_FALSE(fs::exists(path));
  CHECK(std::distance(fs::directory_iterator(folder), fs::directory_iterator()) == 1);
  OutputStream out(path);
  out.write(std::string(100'000, 'a'));
  out.write("b");
  out.commit();
  CHECK(fs::file_size(path) == 100'001);
  fs::remove_all(folder);
}

}  // namespace bounds_test
