// Assessments: figures that must hold together, what is said when nothing was seen, and that threads change nothing.
#include <catch2/catch.hpp>

#include "experiments/estimate/assess.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/estimate/sla.hpp"
#include "tests/experiments/replay_inputs.hpp"

namespace assess_estimates_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

AssessOptions years(double most, std::size_t threads = 1) {
  AssessOptions options;
  options.method = Method::timeline;
  options.max_years = most;
  options.precision = 1e-3;
  options.threads = threads;
  return options;
}

struct Bench {
  loader::LoadedTopology input;
  models::Plan plan;

  explicit Bench(loader::LoadedTopology loaded)
      : input(std::move(loaded)), plan(models::build_plan(input.topology, 1)) {}
  explicit Bench(const std::string& name) : Bench(shipped(name)) {}

  [[nodiscard]] AssessReport report(const Assessment& result, const AssessOptions& options) const {
    return {&input, &plan, &result, nullptr, options, "topology.json", 0};
  }
  [[nodiscard]] Json json(const AssessOptions& options) const {
    const Assessment result = assess(plan, options);
    return assess_json(report(result, options));
  }
};

bool number_or_null(const Json& value) { return value.is_number() || value.is_null(); }

void check_estimate(const Json& json, const char* name) {
  INFO(name);
  REQUIRE(json.contains(name));
  CHECK(number_or_null(json[name]["estimate"]));
  const Json& ci = json[name]["ci95"];
  CHECK((ci.is_null() || (ci.size() == 2 && ci[0] <= ci[1])));
  if (!ci.is_null() && json[name]["estimate"].is_number()) {
    CHECK(ci[0] <= json[name]["estimate"]);
    CHECK(json[name]["estimate"] <= ci[1]);
  }
}

}  // namespace

TEST_CASE("assess: the JSON has every field of the contract, of the right type", "[assess]") {
  const Bench bench("kafka-eks");
  const Json json = Json::parse(json_text(bench.json(years(24))));
  CHECK(json["schema"] == "nines/assessment/1");
  for (const char* field : {"version", "topology", "method"}) CHECK(json[field].is_string());
  CHECK(json["hashes"].is_object());
  CHECK(json["seed"] == 1);
  REQUIRE(json["services"].size() == 1);
  REQUIRE(json["services"][0]["slis"].size() == 5);
  for (const Json& sli : json["services"][0]["slis"]) {
    CHECK((sli["name"].is_string() && sli["client"].is_object()));
    for (const char* name : {"availability", "unavailability", "request_availability", "downtime_minutes_per_year",
                             "outages_per_year", "mttf_h"}) {
      check_estimate(sli, name);
    }
    CHECK(sli["availability"].contains("credible95"));
    CHECK(sli["unavailability"].contains("upper95_if_unseen"));
    CHECK(sli["unavailability"].contains("without_planned"));
    for (const char* name : {"mean", "p50", "p95", "p99", "censored_share"}) {
      CHECK(number_or_null(sli["recovery_time_s"].at(name)));
    }
    for (const char* name : {"events_per_year", "records_per_year", "seconds_p95"}) {
      CHECK(number_or_null(sli["data_loss"].at(name)));
    }
    for (const char* name : {"events_per_year_ci95", "records_per_year_ci95"}) {
      const Json& ends = sli["data_loss"].at(name);
      CHECK((ends.is_null() || ends.at(0) <= ends.at(1)));
    }
  }
  const Json& sla = json["services"][0]["slis"][0]["sla"];
  CHECK(sla["target"] == 0.999);
  CHECK(sla["window_h"] == 730);
  check_estimate(sla, "breach_probability");
  CHECK(sla["breach_probability"].contains("credible95"));
  CHECK(sla["expected_credit_usd_per_month"].is_number());
  CHECK((sla["verdict"] == "meets" || sla["verdict"] == "breaches" || sla["verdict"] == "open"));
  for (const Json& row : json["budget"]) {
    for (const char* name : {"service", "sli", "fault", "target", "dominant_parameter"})
      CHECK(row.at(name).is_string());
    for (const char* name : {"rate_per_year", "downtime_share", "loss_share"}) CHECK(row.at(name).is_number());
    for (const char* name : {"mean_outage_s", "p95_outage_s"}) CHECK(number_or_null(row.at(name)));
    CHECK((row["planned"].is_boolean() && row["phases_s"].is_object()));
  }
  CHECK(json["assumptions"].size() > 100);
  for (const Json& assumption : json["assumptions"]) {
    for (const char* name : {"parameter", "value", "unit", "range", "source"}) CHECK(assumption.contains(name));
  }
  CHECK(json["cost"]["items"].is_array());
  CHECK((json["cost"]["region"].is_string() && json["cost"]["price_date"].is_string()));
  for (const char* name : {"not_modelled", "warnings"}) CHECK_FALSE(json[name].empty());
  for (const char* name : {"incidents", "events"}) CHECK(json["run"].at(name).is_number());
}

TEST_CASE("assess: figures of an SLI agree with each other and with the budget", "[assess]") {
  const Bench bench("kafka-eks-min-isr-1");
  const Assessment result = assess(bench.plan, years(60));
  std::vector<double> shares(result.slis.size(), 0);
  for (const BudgetRow& row : result.budget) {
    shares[row.sli] += row.downtime_share;
    double phases = 0;
    for (const auto& [name, length] : row.phases_s) phases += length;
    if (row.mean_outage_s) CHECK(phases == Approx(*row.mean_outage_s).epsilon(1e-12));
    CHECK(row.rate_per_year > 0);
  }
  for (std::size_t at = 0; at < result.slis.size(); ++at) {
    const SliResult& sli = result.slis[at];
    REQUIRE(sli.outages > 20);
    CHECK(shares[at] == Approx(1).epsilon(1e-9));
    // Every outage ends well inside the years that are simulated: rate x mean = downtime.
    const double product = *sli.outages_per_year.value * *sli.recovery.mean / (8760.0 * 3600);
    CHECK(*sli.unavailability.value == Approx(product).epsilon(0.01));
    CHECK(sli.without_planned <= *sli.unavailability.value * (1 + 1e-9));
    CHECK(*sli.recovery.p50 <= *sli.recovery.p95);
    CHECK(*sli.recovery.p95 <= *sli.recovery.p99);
    // Partitions are down at most when some partition is.
    CHECK(*sli.request_unavailability.value <= *sli.unavailability.value * (1 + 1e-9));
  }
}

TEST_CASE("assess: same bytes for one and two threads, and twice", "[assess]") {
  const Bench bench("kafka-eks");
  AssessOptions options = years(1000, 1);
  options.precision = 0.6;  // stops by itself on the way
  const std::string one = json_text(bench.json(options));
  options.threads = 2;
  CHECK(one == json_text(bench.json(options)));
  options.threads = 1;
  CHECK(one == json_text(bench.json(options)));
  CHECK(Json::parse(one)["run"]["replications"] < 1000);
}

TEST_CASE("assess: what was not seen is bounded, never perfect", "[assess]") {
  loader::LoadedTopology input = shipped("kafka-eks");
  input.topology = without_faults(input.topology);
  const Bench bench(std::move(input));
  const Json json = bench.json(years(40));
  for (const Json& sli : json["services"][0]["slis"]) {
    CHECK(sli["availability"]["estimate"].is_null());
    CHECK(sli["unavailability"]["estimate"].is_null());
    CHECK(sli["unavailability"]["upper95_if_unseen"] > 0);
    CHECK(sli["outages_per_year"]["estimate"].is_null());
    CHECK(sli["recovery_time_s"]["mean"].is_null());
  }
  const Json& breach = json["services"][0]["slis"][0]["sla"]["breach_probability"];
  CHECK(breach["estimate"].is_null());
  CHECK(breach["upper95_if_unseen"] == Approx(1 - std::pow(0.05, 1.0 / 480)));
  CHECK(json["run"]["incidents"] == 0);
  const Bench again(bench.input);
  const Assessment result = assess(again.plan, years(40));
  const std::string text = assess_text(again.report(result, years(40)));
  CHECK(text.find("not seen out, > ") != std::string::npos);
  CHECK(text.find("100.00") == std::string::npos);
}

TEST_CASE("assess: an outage that nobody ends counts as down and is not averaged away", "[assess]") {
  loader::LoadedTopology input = shipped("kafka-eks");
  input.topology = without_faults(input.topology);
  input.topology.infrastructure.volume_loss_rate = models::Rate::per_year(20);
  input.topology.people.on_call = 0;
  const Bench bench(std::move(input));
  AssessOptions options = years(0.4);
  options.years = 0.1;
  const Assessment result = assess(bench.plan, options);
  const SliResult& write = result.slis.front();
  CHECK(write.recovery.censored_share > 0);
  CHECK(*write.unavailability.value > 0.2);
  REQUIRE(write.recovery.mean);
  CHECK(*write.recovery.mean < 3600);
  CHECK(write.sla->breached == write.sla->windows);
}

TEST_CASE("assess: text and JSON give the same figures", "[assess]") {
  const Bench bench("kafka-eks");
  const AssessOptions options = years(24);
  const Assessment result = assess(bench.plan, options);
  const AssessReport report = bench.report(result, options);
  const std::string text = assess_text(report);
  const Json json = assess_json(report);
  for (const Json& item : json["cost"]["items"]) {
    CHECK(text.find(item["name"].get<std::string>()) != std::string::npos);
  }
  for (const Json& line : json["warnings"]) CHECK(text.find(line.get<std::string>()) != std::string::npos);
  CHECK(json["left_out"].size() == json["not_modelled"].size());
  for (const Json& item : json["left_out"]) {
    const std::string said = item["text"].get<std::string>();
    const std::string otherwise = " (truth: " + item["truth"].get<std::string>() + ")";
    // The heading says that the truth is worse where nothing else is said.
    CHECK(text.find(said + (item["truth"] == "worse" ? "\n" : otherwise)) != std::string::npos);
  }
  double sum = 0;
  for (const Json& item : json["cost"]["items"]) sum += item["monthly_usd"].get<double>();
  CHECK(sum == Approx(json["cost"]["monthly_usd"].get<double>()).epsilon(1e-12));
}

namespace {

/// An SLI that meets its SLA, known well.
Assessment sound() {
  Assessment result;
  SliResult& sli = result.slis.emplace_back();
  sli.unavailability.value = 1e-6;
  sli.unavailability.ci95 = sim::Interval{9e-7, 1.1e-6};
  sli.sla.emplace();
  sli.sla->breach_probability.value = 1e-9;
  sli.sla->breach_probability.ci95 = sim::Interval{1e-10, 1e-8};
  sli.sla->verdict = Verdict::meets;
  return result;
}

}  // namespace

TEST_CASE("assess: a figure whose interval is unbounded is none, and its verdict open", "[assess]") {
  Assessment good = sound();
  hold_back(good);
  CHECK(good.slis[0].sla->verdict == Verdict::meets);
  CHECK(good.slis[0].alarms.empty());

  constexpr double minutes = 525'600;
  Assessment wild = sound();
  wild.slis[0].unavailability.value = 5;
  wild.slis[0].unavailability.ci95 = sim::Interval{9.97e-13 / minutes, 1.32e13 / minutes};
  Assessment solved = wild;
  hold_back(wild);
  const SliResult& sli = wild.slis[0];
  CHECK(sli.sla->verdict == Verdict::open);
  CHECK_FALSE(sli.unavailability.value);
  CHECK_FALSE(sli.unavailability.ci95);
  CHECK(sli.unavailability.upper95 == 1.0);  // no more than a year of downtime a year
  CHECK(sli.alarms.size() == 1);

  Assessment doubtful = sound();
  doubtful.slis[0].alarms.emplace_back("a few samples make up the variance");
  hold_back(doubtful);
  CHECK(doubtful.slis[0].sla->verdict == Verdict::open);
  CHECK(doubtful.slis[0].unavailability.value == 1e-6);
  // What is solved is not sampled.
  solved.method = Method::exact;
  solved.slis[0].alarms.emplace_back("x");
  hold_back(solved);
  CHECK(solved.slis[0].sla->verdict == Verdict::meets);
}

TEST_CASE("K22: what EKS pays back for a month of 30 days", "[assess][oracle]") {
  // EKS SLA: 99.95 %; 10 % below it, 25 % below 99.0 %, 100 % below 95.0 %.
  const models::SlaSpec spec{0.9995, sim::Duration::seconds(720 * 3600), {{0.9995, 0.1}, {0.99, 0.25}, {0.95, 1}}};
  const auto credit = [&](double minutes) {
    const double availability = 1 - minutes / (30 * 24 * 60);
    return expected_credit(spec, [&](double tier) { return availability < tier ? 1.0 : 0.0; });
  };
  CHECK(credit(21.5) == 0);
  CHECK(credit(21.7) == Approx(0.1));
  CHECK(credit(45) == Approx(0.1));
  CHECK(credit(600) == Approx(0.25));
  CHECK(credit(2200) == Approx(1));
}

}  // namespace assess_estimates_test
