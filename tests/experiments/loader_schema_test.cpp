// The shipped JSON Schemas are what the readers' tables give, shipped files validate, and the schema rejects what the
// reader rejects where a schema can tell. The checker below is a small part of draft-07, enough for these schemas; a
// keyword that it does not know fails the test.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <regex>
#include <set>

#include "experiments/loader/schema.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/places.hpp"

namespace loader_schema_test {

using namespace nines::loader;
using namespace nines::loader::testing;

namespace {

class SchemaChecker {
 public:
  explicit SchemaChecker(const Json& root) : root_(root) {}

  /// Problems of `value` under the whole schema, as "pointer: keyword".
  std::vector<std::string> check(const Json& value) {
    problems_.clear();
    walk(root_, value, "");
    return problems_;
  }

 private:
  static bool is_type(const Json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "number") return value.is_number();
    if (type == "integer")
      return value.is_number_integer() || (value.is_number() && value.get<double>() == std::floor(value.get<double>()));
    FAIL("unknown type " << type);
    return false;
  }

  void report(const std::string& at, const std::string& keyword) { problems_.push_back(at + ": " + keyword); }

  bool holds(const Json& schema, const Json& value) {
    SchemaChecker inner(root_);
    inner.walk(schema, value, "");
    return inner.problems_.empty();
  }

  void walk(const Json& schema, const Json& value, const std::string& at) {
    static const std::set<std::string> annotations{"$schema", "title", "description", "definitions"};
    for (const auto& [keyword, argument] : schema.items()) {
      if (annotations.contains(keyword)) continue;
      if (!applies(keyword, argument, schema, value, at)) report(at, keyword);
    }
  }

  bool applies(const std::string& keyword, const Json& argument, const Json& schema, const Json& value,
               const std::string& at) {
    if (keyword == "$ref") {
      const std::string prefix = "#/definitions/";
      const std::string target = argument.get<std::string>();
      REQUIRE(target.starts_with(prefix));
      walk(root_.at("definitions").at(target.substr(prefix.size())), value, at);
      return true;
    }
    if (keyword == "allOf") {
      for (const Json& part : argument) walk(part, value, at);
      return true;
    }
    if (keyword == "anyOf")
      return std::any_of(argument.begin(), argument.end(), [&](const Json& part) { return holds(part, value); });
    if (keyword == "type") {
      if (argument.is_string()) return is_type(value, argument.get<std::string>());
      return std::any_of(argument.begin(), argument.end(),
                         [&](const Json& type) { return is_type(value, type.get<std::string>()); });
    }
    if (keyword == "const") return value == argument;
    if (keyword == "enum") return std::find(argument.begin(), argument.end(), value) != argument.end();
    if (keyword == "minimum") return !value.is_number() || value.get<double>() >= argument.get<double>();
    if (keyword == "maximum") return !value.is_number() || value.get<double>() <= argument.get<double>();
    if (keyword == "exclusiveMinimum") return !value.is_number() || value.get<double>() > argument.get<double>();
    if (keyword == "exclusiveMaximum") return !value.is_number() || value.get<double>() < argument.get<double>();
    if (keyword == "minItems") return !value.is_array() || value.size() >= argument.get<std::size_t>();
    if (keyword == "maxItems") return !value.is_array() || value.size() <= argument.get<std::size_t>();
    if (keyword == "pattern")
      return !value.is_string() || std::regex_search(value.get<std::string>(), std::regex(argument.get<std::string>()));
    if (keyword == "required") {
      return !value.is_object() || std::all_of(argument.begin(), argument.end(), [&](const Json& name) {
        return value.contains(name.get<std::string>());
      });
    }
    if (keyword == "items") {
      for (std::size_t i = 0; value.is_array() && i < value.size(); ++i)
        walk(argument, value[i], at + '/' + std::to_string(i));
      return true;
    }
    if (keyword == "properties") {
      for (const auto& [name, part] : argument.items()) {
        if (value.is_object() && value.contains(name)) walk(part, value.at(name), at + '/' + name);
      }
      return true;
    }
    if (keyword == "patternProperties") {
      for (const auto& [pattern, part] : argument.items()) {
        for (const auto& [name, member] : value.items()) {
          if (value.is_object() && std::regex_search(name, std::regex(pattern))) walk(part, member, at + '/' + name);
        }
      }
      return true;
    }
    if (keyword == "propertyNames") {
      if (!value.is_object()) return true;
      for (const auto& [name, member] : value.items()) {
        if (!holds(argument, Json(name))) return false;
      }
      return true;
    }
    if (keyword == "additionalProperties") return check_additional(argument, schema, value, at);
    FAIL("the schema uses a keyword that this checker does not know: " << keyword);
    return false;
  }

  static bool fits_a_pattern(const Json& patterns, const std::string& name) {
    for (const auto& [pattern, part] : patterns.items()) {
      if (std::regex_search(name, std::regex(pattern))) return true;
    }
    return false;
  }

  bool check_additional(const Json& argument, const Json& schema, const Json& value, const std::string& at) {
    if (!value.is_object()) return true;
    for (const auto& [name, member] : value.items()) {
      if (schema.contains("properties") && schema.at("properties").contains(name)) continue;
      if (schema.contains("patternProperties") && fits_a_pattern(schema.at("patternProperties"), name)) continue;
      if (argument.is_boolean() && !argument.get<bool>()) report(at + '/' + name, "additionalProperties");
      if (argument.is_object()) walk(argument, member, at + '/' + name);
    }
    return true;
  }

  const Json& root_;
  std::vector<std::string> problems_;
};

std::vector<std::string> check(std::string_view kind, const Json& value) {
  const Json schema = Json::parse(schema_text(kind));
  return SchemaChecker(schema).check(value);
}

void check_files(std::string_view kind, const std::string& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(source_file(directory))) {
    if (entry.path().extension() != ".json") continue;
    INFO(entry.path().string());
    CHECK(check(kind, Json::parse(read_file(entry.path().string()))) == std::vector<std::string>{});
  }
}

}  // namespace

TEST_CASE("shipped schemas are the generated ones", "[loader]") {
  INFO("cmake --build build --target schemas writes them");
  std::set<std::string> shipped;
  for (const auto& entry : std::filesystem::directory_iterator(source_file("topologies/schemas")))
    shipped.insert(entry.path().filename().string());
  std::set<std::string> generated;
  for (const std::string_view kind : schema_kinds) {
    INFO(kind);
    const std::string name = std::string(kind) + ".json";
    generated.insert(name);
    CHECK(read_file(source_file("topologies/schemas/" + name)) == schema_text(kind));
  }
  CHECK(shipped == generated);
}

TEST_CASE("shipped files validate against their schemas", "[loader]") {
  check_files("topology", "topologies");
  check_files("topology", "topologies/benchmarks");
  check_files("scenario", "experiments/scenarios");
  check_files("sweep", "experiments/sweeps");
  check_files("lab", "experiments/labs");
  check_files("profile", "topologies/profiles");
}

TEST_CASE("schemas reject what editors should underline", "[loader]") {
  const Json good = Json::parse(read_file(source_file("topologies/kafka-eks.json")));
  const auto broken = [&](const char* pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    return !check("topology", bad).empty();
  };
  CHECK(broken("/regoin", "us-west-2"));
  CHECK(broken("/services/0/config/min.insync.replica", 2));
  CHECK(broken("/services/0/config/broker.session.timeout.ms", "9 s"));
  CHECK(broken("/services/0/config/default.replication.factor", Json::array()));
  CHECK_FALSE(broken("/services/0/config/default.replication.factor", 3));
  CHECK_FALSE(broken("/services/0/config/listener.name.external.ssl.client.auth", "required"));
  CHECK(broken("/services/0/config/listener.nam.external.ssl.client.auth", "required"));
  CHECK(broken("/services/0/pools/0/memory", 58));
  CHECK(broken("/services/0/pools/0/memory", "58 gigs"));
  CHECK(broken("/node_groups/0/capacity", "on_demand"));
  CHECK(broken("/operations/0/rate", "12"));
  CHECK(broken("/schema", "nines/topology/2"));
  CHECK(broken("/overrides", Json{{"ebs.attach", 3}}));
  CHECK(broken("/overrides", Json{{"ebs.attach", Json{{"law", "lognormal"}, {"median", "3 s"}}}}));
  CHECK_FALSE(broken("/overrides", Json{{"ebs.attach", "3 s"}}));
  CHECK_FALSE(broken("/overrides", Json{{"ebs.attach", Json{{"law", "lognormal"}, {"median", "3 s"}, {"sigma", 1}}}}));
}

TEST_CASE("result schemas hold the contract's example and miss no field of it", "[loader]") {
  const Json replay = Json::parse(R"json({ "schema": "nines/replay/1", "topology": "t", "scenario": "s", "seed": 1,
    "runs": [ { "run": 0,
      "outages": [ { "service": "kafka", "sli": "write", "start_s": 0.5, "duration_s": 8, "censored": false,
                     "chain": [ { "at_s": 0, "event": "e", "component": "c" } ], "phases_s": { "detect": 7.5, "decide": 0.5 } } ],
      "milestones": [ { "name": "kafka.fenced", "at_s": 8, "component": "c" } ],
      "data_loss": [ { "service": "kafka", "records": 0, "seconds": 0, "rule": "r" } ] } ],
    "summary": { "milestones": [ { "name": "n", "n": 1, "mean_s": 1, "p5_s": null, "p25_s": 1, "p50_s": 1, "p75_s": 1, "p95_s": 1, "max_s": 1 } ],
                 "outages": [], "data_loss": [] },
    "expectations": [ { "text": "e", "met_fraction": 1.0, "worst": "" } ] })json");
  CHECK(check("replay", replay) == std::vector<std::string>{});
  const Json figure = Json::parse(R"({ "estimate": 0.5, "ci95": [0.4, 0.6], "credible95": [0.3, 0.7] })");
  Json sli = Json::parse(R"json({ "name": "write", "client": {"name": "app"},
    "recovery_time_s": { "mean": 1, "p50": 1, "p95": null, "p99": null, "censored_share": 0 },
    "data_loss": { "events_per_year": 0, "records_per_year": 0, "seconds_p95": 0 },
    "sla": { "target": 0.999, "window_h": 730, "expected_credit_usd_per_month": 0, "verdict": "meets" } })json");
  for (const char* name : {"availability", "unavailability", "request_availability", "downtime_minutes_per_year",
                           "outages_per_year", "mttf_h"})
    sli[name] = figure;
  sli["unavailability"]["upper95_if_unseen"] = nullptr;
  sli["unavailability"]["without_planned"] = 0.1;
  sli["sla"]["breach_probability"] = figure;
  Json assessment = Json::parse(
      R"json({ "schema": "nines/assessment/1", "version": "0.1.0", "topology": "t", "hashes": {"input": "00"},
    "seed": 1, "method": "incidents", "services": [],
    "cost": { "monthly_usd": 1, "region": "r", "price_date": "d", "items": [ { "name": "n", "monthly_usd": 1 } ], "not_included": ["x"] },
    "budget": [ { "service": "kafka", "sli": "write", "fault": "f", "target": "t", "planned": false, "rate_per_year": 1, "mean_outage_s": 1,
                  "p95_outage_s": 1, "phases_s": {}, "dominant_parameter": "p", "downtime_share": 1, "loss_share": 0 } ],
    "assumptions": [ { "parameter": "p", "value": 1, "unit": "s", "range": [0, 2], "source": "s" } ],
    "not_modelled": ["x"], "warnings": [], "run": { "incidents": 1, "events": 2, "wall_s": 0.1 } })json");
  assessment["services"].push_back(Json{{"name", "kafka"}, {"slis", Json::array({sli})}});
  CHECK(check("assessment", assessment) == std::vector<std::string>{});
  assessment["services"][0]["slis"][0].erase("availability");
  CHECK(check("assessment", assessment) == std::vector<std::string>{"/services/0/slis/0: required"});
}

TEST_CASE("what compare and sweep print validates against their schemas", "[loader]") {
  const auto printed = [](const std::string& arguments) {
    std::FILE* pipe =
        popen((nines::tests::nines_binary() + " " + arguments + " --format json 2>/dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::string text;
    char buffer[4096];
    for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
    REQUIRE(pclose(pipe) == 0);
    return Json::parse(text);
  };
  const Json comparison = printed("compare quorum-own-crews quorum-one-crew --precision 0.5");
  CHECK(check("comparison", comparison) == std::vector<std::string>{});
  CHECK(comparison["differences"].size() == 1);
  const Json advice = printed("advise quorum-one-crew");
  CHECK(check("advice", advice) == std::vector<std::string>{});
  CHECK(advice["changes"].size() > 3);
  CHECK(check("advice",
              printed("advise quorum-one-crew --method incidents --max-incidents 50000 --change faster-repair")) ==
        std::vector<std::string>{});
  const Json assessed = printed("assess quorum-one-crew --draws 0 --worst 2");
  CHECK(check("assessment", assessed) == std::vector<std::string>{});
  CHECK(assessed["worst_incidents"].size() == 2);
  namespace fs = std::filesystem;
  const fs::path directory = fs::temp_directory_path() / "nines-schema-test";
  fs::remove_all(directory);
  fs::create_directories(directory);
  {
    std::ofstream sweep(directory / "pair.json");
    sweep << R"({"schema": "nines/sweep/1", "name": "pair", "title": "pair", "topology": "quorum-own-crews",
      "parameters": [{"name": "repair", "at": "/components/three/repair/mean", "values": ["2 h", "4 h", "never"]}],
      "max_incidents": 2000, "objectives": [{"figure": "unavailability", "sli": "system/2-of-3"}]})";
  }
  const std::string command =
      "sweep " + (directory / "pair.json").string() + " --results " + (directory / "pair.sqlite").string();
  // A slip in one value is an error, not a design that happens not to exist.
  std::FILE* refused = popen((nines::tests::nines_binary() + " " + command + " 2>&1").c_str(), "r");
  char buffer[4096] = {};
  const std::size_t size = std::fread(buffer, 1, sizeof buffer - 1, refused);
  CHECK(WEXITSTATUS(pclose(refused)) == 2);
  CHECK(std::string(buffer, size).find("repair=never") != std::string::npos);
  const std::string text = read_file((directory / "pair.json").string());
  std::ofstream(directory / "pair.json") << replaced(text, "never", "8 h");
  const Json result = printed(command);
  CHECK(check("sweep-result", result) == std::vector<std::string>{});
  CHECK(result["points"].size() == 3);
  CHECK(result["winner"] == 0);
  fs::remove_all(directory);
}

}  // namespace loader_schema_test
