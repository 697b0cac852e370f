// Black boxes and structures as files state them: what is read, what is refused, what uncertainty can move.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>

#include "experiments/command/inputs.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/component_reader.hpp"
#include "experiments/loader/topology_file.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/models/service_parts.hpp"

namespace loader_components_test {

using namespace nines;
using namespace nines::loader;
using namespace nines::loader::testing;
using models::Duration;
using models::Law;
using models::components::ComponentSpec;
using models::structure::RequirementSpec;

namespace {

const std::string good = R"json({
  "schema": "nines/topology/1",
  "name": "boxes",
  "title": "t",
  "components": [
    { "name": "zone", "count": 3, "failure": { "law": "exponential", "mean": "100000 yr" }, "repair": "3 h" },
    { "name": "power", "failure": { "law": "exponential", "rate": "0.5/yr", "range": ["0.1/yr", "1/yr"], "source": "log" }, "repair": { "law": "lognormal", "mean": "4 h", "sigma": 1, "range": ["2 h", "8 h"] } },
    {
      "name": "broker",
      "count": 3,
      "failure": { "law": "weibull", "scale": "1000 h", "shape": 2, "location": "6 h" },
      "repair": { "law": "erlang", "mean": "4 h", "stages": 3 },
      "crew": "ops",
      "masked_by": ["zone", "power"],
      "after_mask": "catch-up",
      "stages": [
        { "name": "catch-up", "duration": { "law": "uniform", "low": "1 min", "high": "3 min" }, "success": 0.9, "fails": true },
        { "name": "warm-up", "duration": "30 s", "works": true, "fails": true }
      ]
    },
    {
      "name": "pair",
      "count": 2,
      "failure": { "law": "exponential", "rate": "1/4000 h" },
      "repair": { "law": "constant", "value": "8 h" },
      "crew": "ops",
      "standby": {
        "active": 1,
        "dormant_factor": 0.5,
        "switchover": { "duration": "30 s", "coverage": { "value": 0.95, "range": [0.9, 0.99] }, "uncovered_duration": "30 min" }
      }
    }
  ],
  "crews": [{ "name": "ops", "size": 2, "policy": "priority", "order": ["pair", "broker"], "interrupts": "resume" }],
  "shocks": [{ "name": "all", "rate": { "value": "0.1/yr", "range": ["0.05/yr", "0.2/yr"] }, "hits": ["broker", "pair"], "share": "50 %" }],
  "services": [
    {
      "name": "shop",
      "kind": "composite",
      "slis": [
        { "name": "write", "requires": { "at_least": 2, "of": ["broker", { "any": ["pair", "power"] }, "shop/pay"] }, "deadline_s": 5 },
        { "name": "pay", "requires": "pair", "sla": { "target": 0.99, "window_h": 730 } },
        { "name": "read", "requires": { "all": ["broker", "pair"] } }
      ]
    }
  ]
})json";

LoadedTopology load(const std::string& text) { return load_topology_text("in.json", text); }

LoadedTopology benchmark(const std::string& name) {
  return load_topology(source_file("topologies/benchmarks/" + name + ".json"));
}

const ComponentSpec& component(const models::Topology& topology, std::string_view name) {
  for (const ComponentSpec& spec : topology.components) {
    if (spec.name == name) return spec;
  }
  throw std::logic_error("no such component");
}

const Assumption& assumption(const LoadedTopology& loaded, std::string_view key) {
  for (const Assumption& found : loaded.assumptions) {
    if (found.key == key) return found;
  }
  throw std::logic_error("no such assumption: " + std::string(key));
}

/// "2(broker, 1(pair))": short for comparing.
std::string text_of(const RequirementSpec& requirement) {
  if (requirement.of.empty()) return requirement.part;
  std::string text = std::to_string(requirement.at_least) + "(";
  for (std::size_t i = 0; i < requirement.of.size(); ++i) text += (i > 0 ? ", " : "") + text_of(requirement.of[i]);
  return text + ")";
}

std::string requirement(const LoadedTopology& loaded, std::size_t service, std::size_t sli) {
  return text_of(models::composite_spec(loaded.topology, service).slis.at(sli).requirement);
}

}  // namespace

TEST_CASE("components are read with every law and option", "[loader]") {
  const LoadedTopology loaded = load(good);
  const models::Topology& topology = loaded.topology;
  const ComponentSpec& zone = component(topology, "zone");
  CHECK(zone.count == 3);
  CHECK_FALSE(zone.failure.has_value());
  CHECK(zone.failure_rate.per_year() == Approx(1e-5));
  REQUIRE(zone.repair.has_value());
  CHECK(zone.repair->law == Law::Law::constant);
  const ComponentSpec& power = component(topology, "power");
  CHECK(power.failure_rate.per_year() == Approx(0.5));
  CHECK(power.repair->mean().to_seconds() == Approx(4 * 3600));
  CHECK(power.repair->shape == 1);
  const ComponentSpec& broker = component(topology, "broker");
  CHECK(broker.failure->law == Law::Law::weibull);
  CHECK(broker.failure->b == Duration::seconds(6 * 3600));
  CHECK(broker.failure_rate.per_hour == Approx(1 / (6 + 886.2269255)));
  CHECK(broker.repair->law == Law::Law::erlang);
  CHECK(broker.repair->shape == 3);
  CHECK(broker.crew == "ops");
  CHECK(broker.masked_by == std::vector<std::string>{"zone", "power"});
  CHECK(broker.stages.at(0).duration.b == Duration::seconds(180));
  CHECK((broker.stages[0].success == 0.9 && broker.stages[0].fails && !broker.stages[0].works));
  CHECK((broker.stages.at(1).success == 1 && broker.stages[1].fails && broker.stages[1].works));
  CHECK(broker.after_mask == "catch-up");
  const ComponentSpec& pair = component(topology, "pair");
  CHECK(pair.failure_rate.per_hour == Approx(1.0 / 4000));
  CHECK((pair.standby->active == 1 && pair.standby->dormant_factor == 0.5));
  CHECK(pair.standby->switchover->coverage == 0.95);
  CHECK(pair.standby->switchover->uncovered_duration.a == Duration::seconds(1800));
  CHECK(topology.crews.at(0).size == 2);
  CHECK(topology.crews[0].policy == models::components::CrewPolicy::priority);
  CHECK(topology.crews[0].interrupts == models::components::Interrupts::resume);
  CHECK(topology.crews[0].order == std::vector<std::string>{"pair", "broker"});
  CHECK(topology.shocks.at(0).rate.per_year() == Approx(0.1));
  CHECK(topology.shocks[0].share == 0.5);
  CHECK(loaded.warnings.empty());
  CHECK(loaded.services == std::vector<std::string>{"shop"});
  REQUIRE(topology.services.size() == 1);
  CHECK_FALSE(topology.services[0].kind->hosted);
  CHECK((topology.workloads.empty() && topology.zones.empty()));
}

TEST_CASE("what takes no time is 0 s", "[loader]") {
  const std::string text = replaced(
      replaced(replaced(good, R"({ "law": "constant", "value": "8 h" })", R"({ "law": "constant", "value": "0 s" })"),
               R"("duration": "30 s", "coverage")",
               R"("duration": { "value": "0 s", "range": ["0 s", "1 min"] }, "coverage")"),
      R"("duration": "30 s", "works")", R"("duration": "0 s", "works")");
  LoadedTopology loaded = load(text);
  models::Topology& topology = loaded.topology;
  const Law none = Law::constant({});
  const ComponentSpec& pair = component(topology, "pair");
  CHECK(pair.repair->mean() == Duration());
  CHECK(pair.standby->switchover->duration.mean() == Duration());
  CHECK(component(topology, "broker").stages[1].duration.quantile(0.5) == none.quantile(0.5));
  assign(topology, assumption(loaded, "component/pair/standby/switchover"), 60);
  CHECK(pair.standby->switchover->duration.mean() == Duration::seconds(60));
}

TEST_CASE("requirements count units that serve", "[loader]") {
  const LoadedTopology loaded = load(good);
  CHECK(requirement(loaded, 0, 0) == "2(broker, 1(pair, power), shop/pay)");
  // Only one of a pair serves at a time: all of it is one.
  CHECK(requirement(loaded, 0, 1) == "1(pair)");
  CHECK(requirement(loaded, 0, 2) == "4(broker, pair)");
  const auto& slis = models::composite_spec(loaded.topology).slis;
  CHECK(slis[0].deadline == Duration::seconds(5));
  CHECK(slis[1].deadline == Duration());
  CHECK(slis[1].sla->target == 0.99);
  CHECK_FALSE(slis[2].sla.has_value());
}

TEST_CASE("every number of a black box is an assumption that can be moved", "[loader]") {
  LoadedTopology loaded = load(good);
  std::set<std::string> keys;
  for (const Assumption& a : loaded.assumptions) keys.insert(a.key);
  const std::set<std::string> expected{"component/zone/failure",
                                       "component/zone/repair",
                                       "component/power/failure",
                                       "component/power/repair",
                                       "component/broker/failure",
                                       "component/broker/repair",
                                       "component/broker/stages/catch-up",
                                       "component/broker/stages/catch-up/success",
                                       "component/broker/stages/warm-up",
                                       "component/pair/failure",
                                       "component/pair/repair",
                                       "component/pair/standby/dormant_factor",
                                       "component/pair/standby/switchover",
                                       "component/pair/standby/coverage",
                                       "component/pair/standby/uncovered_duration",
                                       "shock/all/rate",
                                       "shock/all/share"};
  CHECK(keys == expected);
  CHECK(loaded.assumptions.size() == expected.size());
  CHECK(assumption(loaded, "component/zone/failure").text == "exponential mean 100000 yr");
  CHECK(assumption(loaded, "component/power/failure").text == "exponential rate 0.5 /yr");
  CHECK(assumption(loaded, "component/power/failure").high == Approx(1));
  CHECK(assumption(loaded, "component/power/failure").source == "log");
  CHECK(assumption(loaded, "component/power/repair").text == "lognormal mean 4 h sigma 1");
  CHECK(assumption(loaded, "component/broker/failure").text == "weibull scale 1000 h shape 2 location 6 h");
  CHECK(assumption(loaded, "component/broker/repair").text == "erlang mean 4 h stages 3");

  models::Topology& topology = loaded.topology;
  const auto draw = [&](std::string_view key, double value) { assign(topology, assumption(loaded, key), value); };
  draw("component/zone/failure", 1e6);
  CHECK(component(topology, "zone").failure_rate.per_year() == Approx(1e-6));
  draw("component/power/failure", 0.1);
  CHECK(component(topology, "power").failure_rate.per_year() == Approx(0.1));
  draw("component/power/repair", 8);
  draw("component/power/repair", 2);
  CHECK(component(topology, "power").repair->mean().to_seconds() == Approx(2 * 3600));
  CHECK(component(topology, "power").repair->shape == 1);
  draw("component/broker/failure", 2000);
  CHECK(component(topology, "broker").failure->a == Duration::seconds(2000 * 3600));
  CHECK(component(topology, "broker").failure->b == Duration::seconds(12 * 3600));
  CHECK(component(topology, "broker").failure_rate.per_hour == Approx(0.5 / (6 + 886.2269255)));
  draw("component/broker/stages/catch-up", 240);
  CHECK(component(topology, "broker").stages[0].duration.mean() == Duration::seconds(240 * 60));
  draw("component/broker/stages/catch-up/success", 0.5);
  CHECK(component(topology, "broker").stages[0].success == 0.5);
  draw("component/pair/standby/coverage", 0.9);
  CHECK(component(topology, "pair").standby->switchover->coverage == 0.9);
  draw("shock/all/rate", 0.2);
  CHECK(topology.shocks[0].rate.per_year() == Approx(0.2));
  // Back to what the file says: nothing is lost on the way.
  for (const Assumption& a : loaded.assumptions) assign(topology, a, a.value);
  const models::Topology fresh = load(good).topology;
  for (std::size_t i = 0; i < fresh.components.size(); ++i) {
    CHECK(topology.components[i].failure_rate.per_hour == Approx(fresh.components[i].failure_rate.per_hour));
    CHECK(topology.components[i].repair->mean().to_seconds() ==
          Approx(fresh.components[i].repair->mean().to_seconds()));
  }
}

TEST_CASE("black boxes are set, explained and listed like other parameters", "[loader]") {
  const LoadedTopology loaded =
      load_topology_text("x", good, std::vector<Override>{{"/components/power/failure/rate", "0.7/yr"}});
  CHECK(assumption(loaded, "component/power/failure").origin == "--set");
  CHECK(assumption(loaded, "component/power/repair").origin == "topology");
  CHECK(loaded.topology.components[1].failure_rate.per_year() == Approx(0.7));
  for (const char* name : {"component/broker/stages/catch-up", "/components/broker/stages/catch-up/duration",
                           "/components/2/stages/0/duration", "component/pair/standby/coverage",
                           "/components/pair/standby/switchover/coverage", "/components/pair/standby/switchover",
                           "/shocks/all/rate", "/components/pair/failure"}) {
    INFO(name);
    CHECK(explain(loaded, name).values.size() == 1);
  }
  CHECK(explain("component/any/repair").meaning.find("repair") != std::string::npos);
  CHECK_THAT(error_of([&] { (void)explain(loaded, "component/brokr/repair"); }),
             Catch::Contains("Did you mean 'component/broker/repair'?"));
}

TEST_CASE("Kafka and black boxes share a file, in any order", "[loader]") {
  const std::string kafka = read_file(source_file("topologies/kafka-eks.json"));
  std::string text = replaced(kafka, R"("services": [)", R"("components": [
    { "name": "database", "count": 2, "failure": { "law": "exponential", "mean": "2000 h" }, "repair": "1 h" }],
  "services": [
    { "name": "shop", "kind": "composite", "slis": [
      { "name": "order", "requires": { "all": ["kafka/write", { "any": ["database"] }] } } ] },)");
  const LoadedTopology loaded = load(text);
  CHECK(loaded.services == std::vector<std::string>{"shop", "kafka"});
  CHECK(requirement(loaded, 0, 0) == "2(kafka/write, 1(database))");
  CHECK(models::kafka_spec(loaded.topology).parameters.min_insync_replicas == 2);
  CHECK(loaded.assumptions.size() == load(kafka).assumptions.size() + 2);
  // Pointers count all services.
  CHECK(explain(loaded, "/services/1/clients/app/config/request.timeout.ms").values.size() == 1);
  text = replaced(text, R"("min.insync.replicas": 2)", R"("min.insync.replicas": 0)");
  CHECK_THAT(error_of([&] { (void)load(text); }), Catch::Contains("/services/1/config/min.insync.replicas"));
}

TEST_CASE("a component that changes nothing is warned of", "[loader]") {
  const auto warnings = [](const std::string& text) { return load(text).warnings; };
  const std::string lone =
      R"({ "name": "lone", "failure": { "law": "exponential", "mean": "1 d" }, "repair": "1 h" },)";
  const std::string text = replaced(good, R"({ "name": "zone")", lone + R"({ "name": "zone")");
  REQUIRE(warnings(text).size() == 1);
  CHECK_THAT(warnings(text)[0], Catch::Contains(": warning: /components/") &&
                                    Catch::Contains("component 'lone' changes no figure: no SLI requires it"));
  // One that keeps a shared crew busy does change something.
  const std::string busy = replaced(replaced(text, R"("repair": "1 h")", R"("repair": "1 h", "crew": "ops")"),
                                    R"("order": ["pair")", R"("order": ["lone", "pair")");
  CHECK(warnings(busy).empty());
}

namespace {

/// An edit of the good text, and what the message must hold.
struct Bad {
  const char* from;
  const char* to;
  std::vector<const char*> parts;
};

// clang-format off
const std::vector<Bad> faults{
    // fields
    {R"("count": 3,)", R"("cuont": 3,)", {"/components/0/cuont: unknown field of a component. Did you mean 'count'?"}},
    {R"("count": 3,)", R"("count": 0,)", {"/components/0/count: expected a whole number from 1 to 5000, got 0."}},
    {R"("count": 3,)", R"("count": 5001,)", {"/components/0/count: expected a whole number from 1 to 5000, got 5001."}},
    {R"("name": "zone")", R"("name": "a zone")", {"/components/0/name: expected a name of letters"}},
    {R"("name": "zone")", R"("name": "region")", {"/components/0/name: 'region' is a word of scenarios and cannot name a component."}},
    {R"("name": "power")", R"("name": "zone")", {"/components/1: expected a name that no other component has, got 'zone' again (first at /components/0)."}},
    {R"("name": "all")", R"("name": "zone")", {"/shocks/0/name: the name 'zone' is taken by /components/0/name."}},
    {R"("name": "shop")", R"("name": "zone")", {"/services/0/slis/0/requires/of/2: there is no component or service/sli 'shop/pay'"}},
    {R"("failure": { "law": "exponential", "mean": "100000 yr" }, )", "", {"/components/0: missing field 'failure' of a component"}},
    // laws
    {R"({ "law": "exponential", "mean": "100000 yr" })", R"("1000 h")", {"/components/0/failure: expected an object with a law, such as", "a duration alone does not say which, got \"1000 h\"."}},
    {R"({ "law": "exponential", "mean": "100000 yr" })", R"({ "value": "1000 h" })", {"/components/0/failure: expected an object with a law"}},
    {R"("mean": "100000 yr")", R"("mean": "0 h")", {"/components/0/failure/mean: expected a value > 0, got \"0 h\"."}},
    {R"("mean": "100000 yr")", R"("mean": "-1 h")", {"/components/0/failure/mean: expected a value > 0, got \"-1 h\"."}},
    {R"("mean": "100000 yr")", R"("mean": "2000000 yr")", {"/components/0/failure/mean: expected a smaller value"}},
    {R"("mean": "100000 yr")", R"("mean": "5 parsec")", {"/components/0/failure/mean", "'parsec' is no unit of it."}},
    {R"("mean": "100000 yr")", R"("mean": "1 yr", "rate": "1/yr")", {"/components/0/failure: expected either 'mean' or 'rate' of an exponential law, got both."}},
    {R"("mean": "100000 yr")", R"("median": "1 yr")", {"/components/0/failure/median: unknown field of a value."}},
    {R"("rate": "0.5/yr")", R"("rate": "0/yr")", {"/components/1/failure/rate: expected a rate of at least 1e-06/yr, got \"0/yr\"."}},
    {R"("rate": "0.5/yr")", R"("rate": "-1/yr")", {"/components/1/failure/rate: expected a rate of at least"}},
    {R"("rate": "0.5/yr")", R"("rate": "0.5")", {"/components/1/failure/rate: expected a string with a unit, such as \"0.05/yr\""}},
    {R"("range": ["0.1/yr", "1/yr"])", R"("range": ["0.6/yr", "1/yr"])", {"/components/1/failure/range: expected a range around the value 0.5 /yr, got [0.6, 1]."}},
    {R"("range": ["0.1/yr", "1/yr"])", R"("range": ["0/yr", "1/yr"])", {"/components/1/failure/range/0: expected a rate of at least"}},
    {R"("sigma": 1)", R"("sigma": 9)", {"/components/1/repair/sigma: expected a number >= 0 and <= 5, got 9."}},
    {R"("mean": "4 h", "sigma": 1)", R"("mean": "99 yr", "sigma": -1)", {"/components/1/repair/sigma: expected a number >= 0"}},
    {R"("law": "lognormal", "mean": "4 h", "sigma": 1, "range": ["2 h", "8 h"])", R"("law": "lognormal", "median": "99 yr", "sigma": 5)", {"/components/1/repair: expected a law with a mean of at most a century."}},
    {R"("law": "lognormal")", R"("law": "lognormol")", {"/components/1/repair/law: expected a distribution (constant, uniform, exponential, lognormal, erlang, weibull or mixture)", "Did you mean 'lognormal'?"}},
    {R"("stages": 3)", R"("stages": 0)", {"/components/2/repair/stages: expected a whole number from 1 to 100, got 0."}},
    {R"("shape": 2)", R"("shape": 0)", {"/components/2/failure/shape: expected a number >= 0.1 and <= 100, got 0."}},
    {R"("low": "1 min")", R"("low": "9 min")", {"/components/2/stages/0/duration/high: expected a value >= 'low', got \"3 min\"."}},
    {R"({ "law": "exponential", "rate": "1/4000 h" })", R"({ "law": "constant", "value": "0 s" })", {"/components/3/failure/value: expected a value > 0, got \"0 s\"."}},
    {R"({ "law": "erlang", "mean": "4 h", "stages": 3 })", R"({ "law": "erlang", "mean": "0 h", "stages": 3 })", {"/components/2/repair/mean: expected a value > 0, got \"0 h\"."}},
    {R"("duration": "30 s", "works")", R"("duration": "-1 s", "works")", {"/components/2/stages/1/duration: expected a value >= 0, got \"-1 s\"."}},
    // units that catch up after a mask
    {R"("after_mask": "catch-up")", R"("after_mask": "catchup")", {"/components/2/after_mask: there is no stage of the component 'catchup' (known: catch-up or warm-up). Did you mean 'catch-up'?"}},
    {R"("works": true, "fails": true)", R"("works": true)", {"/components/2/after_mask: expected a stage in which, and in all after it, the unit can fail ('fails'), as the failure law has a memory; it cannot in 'warm-up'."}},
    {R"("masked_by": ["zone", "power"],)", "", {"/components/2/after_mask: no model reads 'after_mask' of a component without 'masked_by'."}},
    {R"("crew": "ops",
      "standby")", R"("crew": "ops", "after_mask": "catch-up",
      "standby")", {"/components/3/after_mask: no model reads 'after_mask' of a component without 'masked_by'."}},
    {R"("duration": "30 s", "works")", R"("duration": 30, "works")", {"/components/2/stages/1/duration: expected a string with a unit", "got 30."}},
    // stages, crews, masks
    {R"("success": 0.9)", R"("success": 0)", {"/components/2/stages/0/success: expected a share above 0 and at most 1, got 0."}},
    {R"("success": 0.9)", R"("success": 1.5)", {"/components/2/stages/0/success: expected a share above 0 and at most 1, got 1.5."}},
    {R"("name": "warm-up")", R"("name": "catch-up")", {"/components/2/stages/1: expected a name that no other stage of the component has"}},
    {R"("works": true)", R"("works": 1)", {"/components/2/stages/1/works: expected true or false, got 1."}},
    {R"("crew": "ops",
      "masked_by")", R"("crew": "obs",
      "masked_by")", {"/components/2/crew: there is no crew 'obs' (known: ops). Did you mean 'ops'?"}},
    {R"("repair": { "law": "erlang", "mean": "4 h", "stages": 3 },)", "", {"/components/2/crew: no model reads 'crew' of a component without 'repair'.", "/components/2/stages: no model reads 'stages' of a component without 'repair'."}},
    {R"(["zone", "power"])", R"(["zone", "powr"])", {"/components/2/masked_by/1: there is no component 'powr'", "Did you mean 'power'?"}},
    {R"(["zone", "power"])", R"(["zone", "broker"])", {"/components/2/masked_by/1: 'broker' cannot mask itself."}},
    {R"(["zone", "power"])", R"(["zone", "pair"])", {"/components/2/masked_by/1: expected a component of one unit, or of 3 as 'broker', but 'pair' has 2."}},
    {R"(["zone", "power"])", R"(["zone", "zone"])", {"/components/2/masked_by/1: expected a name that no other mask has"}},
    {R"("repair": "3 h" })", R"("repair": "3 h", "masked_by": ["broker"] })", {"masked_by/0: 'broker' is masked by 'zone', which masks it in turn."}},
    // standby
    {R"("active": 1)", R"("active": 2)", {"/components/3/standby/active: expected a whole number from 1 to 1, got 2."}},
    {R"("count": 2,)", R"("count": 1,)", {"/components/3/standby: no unit can stand by: the component has only one."}},
    {R"("dormant_factor": 0.5)", R"("dormant_factor": 2)", {"/components/3/standby/dormant_factor: expected a share from 0 to 1, got 2."}},
    {R"("value": 0.95, "range": [0.9, 0.99])", R"("value": 1.95)", {"/components/3/standby/switchover/coverage/value: expected a share from 0 to 1, got 1.95."}},
    {R"("range": [0.9, 0.99])", R"("range": [0.9, 1.2])", {"/components/3/standby/switchover/coverage/range/1: expected a share from 0 to 1, got 1.2."}},
    {R"(, "uncovered_duration": "30 min")", "", {"/components/3/standby/switchover: expected both 'coverage' and 'uncovered_duration', or neither."}},
    // crews
    {R"("size": 2)", R"("size": 0)", {"/crews/0/size: expected a whole number from 1 to 5000, got 0."}},
    {R"("policy": "priority")", R"("policy": "priorty")", {"/crews/0/policy: expected a policy of a crew (fcfs, priority, random or inspection)", "Did you mean 'priority'?"}},
    {R"("policy": "priority")", R"("policy": "random")", {"/crews/0/order: no model reads 'order' of a crew with policy 'random'."}},
    {R"("policy": "priority", "order": ["pair", "broker"])", R"("policy": "priority")", {"/crews/0: missing field 'order' of a crew with policy 'priority'."}},
    {R"("policy": "priority", "order": ["pair", "broker"])", R"("policy": "inspection")", {"/crews/0: missing field 'inspection' of a crew with policy 'inspection'."}},
    {R"("policy": "priority", "order": ["pair", "broker"])", R"("inspection": "1 h")", {"/crews/0/inspection: no model reads 'inspection' of a crew with policy 'fcfs'."}},
    {R"(["pair", "broker"], "interrupts": "resume" }])", R"(["pair"] }])", {"/crews/0/order: expected every component of the crew, 'broker' is missing."}},
    {R"(["pair", "broker"], "interrupts": "resume" }])", R"(["pair", "broker", "zone"] }])", {"/crews/0/order/2: 'zone' is not repaired by crew 'ops'."}},
    {R"(["pair", "broker"], "interrupts": "resume" }])", R"(["pair", "broker"] }, { "name": "idle" }])", {"/crews/1: no component is repaired by crew 'idle'."}},
    {R"(["pair", "broker"], "interrupts": "resume" }])", R"(["pair", "broker"] }, { "name": "ops" }])", {"/crews/1: expected a name that no other crew has"}},
    {R"("crews": [{ "name": "ops", "size": 2, "policy": "priority", "order": ["pair", "broker"], "interrupts": "resume" }],)", "", {"/components/2/crew: there is no crew 'ops': the topology has no crews."}},
    {R"("interrupts": "resume")", R"("interrupts": "resum")", {"/crews/0/interrupts: expected what becomes of an interrupted repair (none, resume or repeat)", "Did you mean 'resume'?"}},
    {R"("policy": "priority", "order": ["pair", "broker"])", R"("policy": "random")", {"/crews/0/interrupts: no model reads 'interrupts' of a crew with policy 'random'."}},
    // shocks
    {R"("hits": ["broker", "pair"])", R"("hits": ["broker", "pear"])", {"/shocks/0/hits/1: there is no component 'pear'", "Did you mean 'pair'?"}},
    {R"("hits": ["broker", "pair"])", R"("hits": [])", {"/shocks/0/hits: expected at least one component, got none."}},
    {R"("share": "50 %")", R"("share": 0)", {"/shocks/0/share: expected a share above 0 and at most 1, got 0."}},
    {R"("value": "0.1/yr")", R"("value": "0/yr")", {"/shocks/0/rate/value: expected a value > 0, got \"0/yr\"."}},
    // services
    {R"("kind": "composite")", R"("kind": "compsite")", {"/services/0/kind: expected a kind of service (kafka, composite, etcd, control-plane, eks, http, redis, rabbitmq, addon, cronjob, zookeeper, postgresql, ...), got \"compsite\". Did you mean 'composite'?"}},
    {R"("kind": "composite",)", R"("kind": "composite", "topics": [],)", {"/services/0/topics: no model reads 'topics' of a composite service: it is a field of a Kafka service."}},
    {R"("requires": "pair",)", R"("requires": "pair", "client": "app",)", {"/services/0/slis/1/client: no model reads 'client' of an SLI of a composite service: it is a field of SLIs of a Kafka service."}},
    {R"("requires": "pair",)", "", {"/services/0/slis/1: missing field 'requires'"}},
    {R"("requires": "pair",)", R"("requires": "pear",)", {"/services/0/slis/1/requires: there is no component or service/sli 'pear'", "Did you mean 'pair'?"}},
    {R"("requires": "pair",)", R"("requires": 3,)", {"/services/0/slis/1/requires: expected a part by name, or an object with", "got 3."}},
    {R"("requires": "pair",)", R"("requires": {"atleast": 1, "of": ["pair"]},)", {"/services/0/slis/1/requires/atleast: unknown field of a requirement. Did you mean 'at_least'?"}},
    {R"("requires": "pair",)", R"("requires": {"any": []},)", {"/services/0/slis/1/requires/any: expected at least one element, got none."}},
    {R"("requires": "pair",)", R"("requires": {"any": ["pair"], "at_least": 1},)", {"/services/0/slis/1/requires/at_least: unknown field of a requirement."}},
    {R"("requires": "pair",)", R"("requires": "shop/pay",)", {"/services/0/slis/1/requires: SLI 'pay' cannot require itself."}},
    {R"("requires": "pair",)", R"("requires": "shop/write",)", {"which requires it in turn."}},
    {R"("requires": "pair",)", R"("requires": {"any":[{"any":[{"any":[{"any":[{"any":[{"any":[{"any":[{"any":[{"any":["pair"]}]}]}]}]}]}]}]}]},)", {"expected requirements nested at most 8 deep."}},
    {R"("at_least": 2, "of")", R"("at_least": 6, "of")", {"/services/0/slis/0/requires/at_least: expected a whole number from 1 to 5, got 6."}},
    {R"("at_least": 2, "of")", R"("at_least": 0, "of")", {"/services/0/slis/0/requires/at_least: expected a whole number from 1 to 5, got 0."}},
    {R"("shop/pay"])", R"("shop/pya"])", {"/services/0/slis/0/requires/of/2: there is no component or service/sli 'shop/pya'", "Did you mean 'shop/pay'?"}},
    {R"("name": "read",)", R"("name": "pay",)", {"/services/0/slis/2: expected a name that no other SLI has, got 'pay' again"}},
    // a file of black boxes alone
    {R"("components": [)", R"("region": "us-west-2", "components": [)", {"/region: no model of this topology reads 'region': it has no service that has processes."}},
    {R"("components": [)", R"("operations": [], "components": [)", {"/operations: no model of this topology reads 'operations'"}},
    {R"("components": [)", R"("overrides": {"ebs.attach": "3 s"}, "components": [)", {"/overrides/ebs.attach: no model of this topology reads 'ebs.attach': it has no service that has processes."}},
    {R"("kind": "composite")", R"("kind": "kafka")", {"/services/0: missing field 'version'"}},
    {R"("services": [)", R"("services": [], "notes": [)", {"/services: expected at least one element, got none."}},
};
// clang-format on

}  // namespace

TEST_CASE("every broken black box gives its message", "[loader]") {
  REQUIRE(error_of([&] { (void)load(good); }) == "");
  for (const Bad& bad : faults) {
    const std::string message = error_of([&] { (void)load(replaced(good, bad.from, bad.to)); });
    INFO("edit: " << bad.from << " -> " << bad.to);
    INFO("message: " << message);
    for (const char* part : bad.parts) CHECK_THAT(message, Catch::StartsWith("in.json:") && Catch::Contains(part));
  }
}

TEST_CASE("units are limited in all", "[loader]") {
  std::string many;
  for (int i = 0; i < 5; ++i)
    many += R"({ "name": "c)" + std::to_string(i) +
            R"(", "count": 5000, "failure": { "law": "exponential", "mean": "1 yr" } },)";
  CHECK_THAT(error_of([&] { (void)load(replaced(good, R"({ "name": "zone")", many + R"({ "name": "zone")")); }),
             Catch::Contains("/components: expected at most 20000 units in all, got 25009."));
}

// ---- shipped benchmarks ---------------------------------------------------------------------------------------------

TEST_CASE("every benchmark loads, bears the name of its file and says where its values are from", "[loader]") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_file("topologies/benchmarks"))) {
    INFO(entry.path().string());
    const LoadedTopology loaded = load_topology(entry.path().string());
    CHECK(loaded.topology.name == entry.path().stem().string());
    CHECK(loaded.warnings.empty());
    REQUIRE(!loaded.notes.empty());
    CHECK_THAT(loaded.notes[0], Catch::Contains("rare-event sheet, section"));
    for (const models::ServiceSpec& service : loaded.topology.services) CHECK_FALSE(service.kind->hosted);
    for (const Assumption& a : loaded.assumptions) CHECK(a.key.find('/') != std::string::npos);
    ++files;
  }
  CHECK(files == 30);
  std::size_t listed = 0;
  for (const NamedEntry& entry : list_topologies()) listed += entry.group == "benchmarks";
  CHECK(listed == files);
  CHECK(experiments::topology_path("hecs-1") == source_file("topologies/benchmarks/hecs-1.json"));
}

TEST_CASE("the workstation cluster is that of the sheet", "[loader]") {
  for (const int n : {2, 4, 8, 16}) {
    const LoadedTopology loaded = benchmark("workstation-cluster-" + std::to_string(n));
    const models::Topology& topology = loaded.topology;
    CHECK(component(topology, "left").count == n);
    CHECK(component(topology, "left").failure_rate.per_hour == Approx(1.0 / 500));
    CHECK(component(topology, "switch-left").failure_rate.per_hour == Approx(1.0 / 4000));
    CHECK(component(topology, "line").failure_rate.per_hour == Approx(1.0 / 5000));
    CHECK(component(topology, "right").repair->mean() == Duration::seconds(1800));
    CHECK(component(topology, "switch-right").repair->mean() == Duration::seconds(4 * 3600));
    CHECK(component(topology, "line").repair->mean() == Duration::seconds(8 * 3600));
    CHECK(topology.crews.at(0).policy == models::components::CrewPolicy::inspection);
    CHECK(topology.crews[0].size == 1);
    CHECK(topology.crews[0].inspection.a == Duration::seconds(360));
    CHECK(topology.crews[0].inspection.memoryless());
    const std::string k = std::to_string(3 * n / 4);
    CHECK(requirement(loaded, 0, 0) == "1(2(" + k + "(left), switch-left), 2(" + k + "(right), switch-right), 4(" + k +
                                           "(left, right), switch-left, switch-right, line))");
    const std::string all = std::to_string(n);
    CHECK(requirement(loaded, 0, 1) == "1(2(" + all + "(left), switch-left), 2(" + all + "(right), switch-right), 4(" +
                                           all + "(left, right), switch-left, switch-right, line))");
  }
}

TEST_CASE("the other benchmarks hold the sheet's numbers", "[loader]") {
  CHECK(component(benchmark("data-loss-afr-0.001").topology, "replica").failure_rate.per_hour == Approx(1.14155e-9));
  CHECK(component(benchmark("data-loss-local-disk").topology, "replica").failure_rate.per_hour == Approx(4e-5));
  const LoadedTopology database = benchmark("distributed-database-one-crew-each");
  CHECK(database.topology.crews.size() == 9);
  CHECK(requirement(database, 0, 0) ==
        "9(1(processor), 1(controllers-1), 1(controllers-2), 3(disks-1), 3(disks-2), 3(disks-3), 3(disks-4), "
        "3(disks-5), 3(disks-6))");
  for (const ComponentSpec& spec : benchmark("distributed-database-no-repair").topology.components)
    CHECK_FALSE(spec.repair.has_value());
  const LoadedTopology hecs = benchmark("hecs-2-of-3");
  CHECK(requirement(hecs, 3, 0) == "2(copy-1/works, copy-2/works, copy-3/works)");
  CHECK(requirement(hecs, 0, 0) == "5(1(processor-1), 3(memory-1), 1(bus-1), hardware-1, software-1)");
  CHECK(component(hecs.topology, "processor-2").standby->active == 2);
  CHECK(component(hecs.topology, "processor-2").standby->dormant_factor == 0);
  const models::Topology shocks = benchmark("common-cause").topology;
  for (const models::components::ShockSpec& shock : shocks.shocks) {
    const ComponentSpec& hit = component(shocks, shock.hits.at(0));
    CHECK(shock.rate.per_hour + hit.failure_rate.per_hour == Approx(1.0 / 2000));
  }
  const models::Topology ftwc = benchmark("ftwc-8-line-first").topology;
  CHECK(ftwc.crews.at(0).order == std::vector<std::string>{"line", "left", "right", "switch-left", "switch-right"});
  const models::Topology shapes = benchmark("repair-shapes").topology;
  for (const ComponentSpec& spec : shapes.components) CHECK(spec.repair->mean().to_seconds() == Approx(4 * 3600));
  const models::Topology zones = benchmark("quorum-zones").topology;
  CHECK(component(zones, "node-d").masked_by == std::vector<std::string>{"d"});
  CHECK(component(zones, "d").count == 3);
}

}  // namespace loader_components_test
