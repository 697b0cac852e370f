// The method that assess takes by itself: which, why, how complete the answer is, and what the incidents say of it.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/uncertainty.hpp"
#include "experiments/loader/topology_file.hpp"
#include "sim/math.hpp"

namespace assess_auto_test {

using namespace nines;
using namespace nines::experiments;

namespace {

/// One service s with one SLI up.
loader::LoadedTopology load(const std::string& components, const std::string& requires_, const std::string& sla = "") {
  return loader::load_topology_text(
      "in.json", R"({"schema": "nines/topology/1", "name": "t", "title": "t",)" + components +
                     R"(, "services": [{"name": "s", "kind": "composite", "slis": [{"name": "up", "requires": )" +
                     requires_ + sla + "}]}]}");
}

Assessment automatic(const loader::LoadedTopology& input, std::uint64_t check_incidents = 2'000) {
  AssessOptions options;
  options.method = Method::automatic;
  options.check_incidents = check_incidents;
  return assess(models::build_plan(input.topology, 1), options);
}

std::string exponential(const std::string& mean) { return R"({"law": "exponential", "mean": ")" + mean + "\"}"; }
std::string unit(const std::string& name, const std::string& life, const std::string& repair,
                 const std::string& more = "") {
  return R"({"name": ")" + name + R"(", "failure": )" + life + R"(, "repair": )" + repair + more + "}";
}

}  // namespace

TEST_CASE("auto: small models of black boxes are solved, whatever the incidents think of them", "[auto]") {
  struct Case {
    const char* name;
    loader::LoadedTopology input;
    double unavailability;
  };
  const std::string standby =
      R"(, "count": 3, "crew": "ops", "standby": {"active": 1, "dormant_factor": 0.3, "switchover": {"duration": )" +
      exponential("45 s") + R"(, "coverage": 0.92, "uncovered_duration": )" + exponential("20 min") + "}}";
  const Case cases[] = {
      {"slow repair",
       load("\"components\": [" + unit("u", exponential("50000 h"), exponential("500 h")) + "]", "\"u\""), 9.901e-3},
      {"warm standby",
       load("\"components\": [" + unit("unit", exponential("1000 h"), exponential("10 h"), standby) +
                R"(], "crews": [{"name": "ops"}])",
            R"({"at_least": 1, "of": ["unit"]})"),
       4.020e-5},
      {"a blip beside a deep cut",
       load("\"components\": [" + unit("blip", exponential("2000 h"), "\"5 s\"") + "," +
                unit("x", exponential("3000 h"), exponential("48 h"), R"(, "count": 4)") + "]",
            R"({"all": ["blip", {"at_least": 1, "of": ["x"]}]})"),
       7.559e-7},
      {"a shock that hits some",
       load("\"components\": [" + unit("n", exponential("20000 h"), exponential("2 h"), R"(, "count": 8)") +
                R"(], "shocks": [{"name": "blow", "rate": "12/yr", "hits": ["n"], "share": 0.04}])",
            R"({"at_least": 4, "of": ["n"]})"),
       3.032e-9}};
  for (const Case& one : cases) {
    INFO(one.name);
    const Assessment result = automatic(one.input);
    CHECK(result.method == Method::exact);
    CHECK_THAT(result.method_reason, Catch::StartsWith("black boxes"));
    REQUIRE(result.cross_check.has_value());
    CHECK(result.cross_check->incidents > 0);
    CHECK(result.budget_from == "cross-check by incidents");
    const SliResult& sli = result.slis.front();
    CHECK(*sli.unavailability.value == Approx(one.unavailability).epsilon(2e-4));
    CHECK(*sli.mtbf_h.value == Approx(8760 / *sli.outages_per_year.value).epsilon(1e-12));
    CHECK(sli.mttf_h.value.has_value());
    CHECK(sli.recovery.p99.has_value());
    CHECK(*sli.recovery.mean == Approx(*sli.unavailability.value * *sli.mtbf_h.value * 3600).epsilon(1e-9));
  }
}

TEST_CASE("auto: first failure from all well and time between failures are two figures", "[auto]") {
  // 2 of 3 with one crew (rare-event sheet, S3): first after 168,333.3 h, one every 8,760 / 0.05224527197 h.
  const Assessment result = automatic(load(
      "\"components\": [" + unit("n", exponential("1000 h"), exponential("1 h"), R"(, "count": 3, "crew": "ops")") +
          R"(], "crews": [{"name": "ops"}])",
      R"({"at_least": 2, "of": ["n"]})"));
  const SliResult& sli = result.slis.front();
  // A birth and death chain by hand: 3 a, then 2 a against a repair of 1 an hour.
  constexpr double a = 1e-3;
  CHECK(*sli.mttf_h.value == Approx((5 * a + 1) / (6 * a * a)).epsilon(1e-9));
  const double two = 3 * a;
  const double one = two * 2 * a;
  const double none = one * a;
  const double whole = 1 / (1 + two + one + none);
  CHECK(*sli.mtbf_h.value == Approx(1 / (whole * two * 2 * a)).epsilon(1e-9));
}

TEST_CASE("auto: what has no exact solution goes to the incidents, with the reason", "[auto]") {
  const std::string repair = R"({"law": "lognormal", "mean": "4 h", "sigma": 2.5})";
  SECTION("a law whose fits lie apart") {
    const Assessment result =
        automatic(load("\"components\": [" + unit("n", exponential("500 h"), repair, R"(, "count": 3, "crew": "ops")") +
                           R"(], "crews": [{"name": "ops"}])",
                       R"({"at_least": 1, "of": ["n"]})"),
                  1000);
    CHECK(result.method == Method::incidents);
    CHECK_THAT(result.method_reason,
               Catch::Contains("component 'n': its repair (lognormal") && Catch::Contains("% apart"));
  }
  SECTION("too many states") {
    std::string components;
    std::string needs;
    for (int i = 0; i < 7; ++i) {
      const std::string name = "n" + std::to_string(i);
      components +=
          (i > 0 ? "," : "") + unit(name, exponential("500 h"), exponential("4 h"), R"(, "count": 6, "crew": "ops")");
      needs += (i > 0 ? ",\"" : "\"") + name + "\"";
    }
    AssessOptions options;
    options.method = Method::automatic;
    options.max_incidents = 1000;
    const auto input = load("\"components\": [" + components + R"(], "crews": [{"name": "ops", "policy": "random"}])",
                            "{\"any\": [" + needs + "]}");
    const Assessment result = assess(models::build_plan(input.topology, 1), options);
    CHECK(result.method == Method::incidents);
    CHECK_THAT(result.method_reason, Catch::Contains("component 'n0'") && Catch::Contains("states"));
  }
}

TEST_CASE("auto: ordinary lives of every law are solved at once", "[auto]") {
  for (const std::string law :
       {R"({"law": "lognormal", "mean": "1 yr", "sigma": 1})", R"({"law": "lognormal", "mean": "1 yr", "sigma": 5})",
        R"({"law": "weibull", "scale": "1 yr", "shape": 0.5})", R"({"law": "weibull", "scale": "1 min", "shape": 0.1})",
        R"({"law": "erlang", "mean": "100 yr", "stages": 100})",
        R"({"law": "uniform", "low": "0 h", "high": "100 yr"})",
        R"({"law": "mixture", "parts": [{"share": 0.5, "law": "constant", "value": "1 yr"},
            {"share": 0.5, "law": "lognormal", "mean": "2 yr", "sigma": 1}]})"}) {
    INFO(law);
    const auto input = load("\"components\": [" + unit("a", law, exponential("1 h")) + "]", "\"a\"");
    const double life = input.topology.components.front().failure->mean().to_seconds() / 3600;
    const Assessment result = automatic(input, 1000);
    CHECK(*result.slis.front().unavailability.value == Approx(1 / (1 + life)).epsilon(1e-9));
  }
}

TEST_CASE("auto: credits come from the windows of the chain", "[auto]") {
  const auto input = load("\"components\": [" + unit("u", exponential("1000 h"), exponential("2 h")) + "]", "\"u\"",
                          R"(, "sla": {"target": 0.999, "window_h": 730, "credits": [{"below": 0.999, "credit": 0.1},
                                                                      {"below": 0.99, "credit": 0.3}]})");
  const SlaResult sla = automatic(input).slis.front().sla.value();
  const double first = *sla.breach_probability.value;
  CHECK(first > 0.3);
  // Less than the higher tier for all, more than the lower one alone.
  CHECK(sla.expected_credit_share > 0.1 * first);
  CHECK(sla.expected_credit_share < 0.3 * first);
  CHECK(sla.verdict == Verdict::breaches);
}

TEST_CASE("auto: a chain is solved for every draw of the inputs", "[auto]") {
  const auto input = load(
      "\"components\": [" +
          unit("u", exponential("1000 h"), R"({"law": "exponential", "mean": "1 h", "range": ["0.5 h", "2 h"]})") + "]",
      "\"u\"");
  const models::Plan plan = models::build_plan(input.topology, 1);
  AssessOptions options;
  options.method = GENERATE(Method::exact, Method::automatic);
  const Assessment result = assess(plan, options);
  UncertaintyOptions draws;
  draws.draws = 400;
  const Uncertainty open = propagate(input, plan, result, options, draws);
  CHECK(open.draws == 400);
  CHECK(open.noise_share == 0);
  // The ends of the range are the ends of the central 95 %.
  CHECK(open.slis[0].unavailability->lower == Approx(0.5 / 1000.5).epsilon(0.01));
  CHECK(open.slis[0].unavailability->upper == Approx(2.0 / 1002).epsilon(0.01));
  REQUIRE(open.effects.size() == 1);
  CHECK(open.effects[0].unavailability_at_low == Approx(0.5 / 1000.5).epsilon(1e-9));
  CHECK(open.effects[0].sobol_first > 0.95);
}

TEST_CASE("a mixture of laws is read, moved and refused like any other", "[auto]") {
  const std::string mixed =
      R"({"law": "mixture", "parts": [{"share": 0.9, "law": "exponential", "mean": "10 min"},
          {"share": 0.1, "law": "lognormal", "median": "4 h", "sigma": 0.5}]})";
  const auto input = load("\"components\": [" + unit("u", exponential("1000 h"), mixed) + "]", "\"u\"");
  const models::Law& law = *input.topology.components.front().repair;
  const double mean = 0.9 / 6 + 0.1 * 4 * std::exp(0.125);
  CHECK(law.mean().to_seconds() / 3600 == Approx(mean).epsilon(1e-9));
  CHECK(*automatic(input).slis.front().unavailability.value == Approx(mean / (1000 + mean)).epsilon(1e-9));
  const auto error = [&](const std::string& parts) -> std::string {
    try {
      (void)load(
          "\"components\": [" + unit("u", exponential("1000 h"), R"({"law": "mixture", "parts": )" + parts + "}") + "]",
          "\"u\"");
    } catch (const std::exception& e) {
      return e.what();
    }
    return "";
  };
  const std::string one = R"({"share": 0.5, "law": "exponential", "mean": "1 h"})";
  CHECK_THAT(error("[" + one + "]"),
             Catch::Contains("/components/0/repair/parts: expected shares that add up to 1, got 0.5."));
  CHECK_THAT(error("[]"), Catch::Contains("expected at least one element"));
  CHECK_THAT(error("[" + one + "," + one + "," + one + "," + one + "," + one + "]"),
             Catch::Contains("/components/0/repair/parts"));
  CHECK_THAT(error(R"([{"share": 1, "law": "mixture", "parts": []}])"),
             Catch::Contains("expected a distribution of a mixture"));
  CHECK_THAT(error(R"([{"share": 0, "law": "exponential", "mean": "1 h"}])"), Catch::Contains("/parts/0/share"));
  CHECK_THAT(error(R"([{"law": "exponential", "mean": "1 h"}])"), Catch::Contains("missing field 'share'"));
  CHECK_THAT(error(R"([{"share": 1, "law": "exponential", "mean": "1 h", "range": ["1 h", "2 h"]}])"),
             Catch::Contains("/parts/0/range: unknown field"));
  CHECK_THAT(error(R"([{"share": 1, "law": "exponential", "mean": "-1 h"}])"), Catch::Contains("/parts/0/mean"));
  CHECK_THAT(error(R"(3)"), Catch::Contains("/components/0/repair/parts"));
  CHECK_THAT(error(R"([3])"), Catch::Contains("/components/0/repair/parts/0"));
}

}  // namespace assess_auto_test
