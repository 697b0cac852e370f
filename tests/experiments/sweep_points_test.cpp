// Sweep files: which points they name, and what they are told if they cannot.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "experiments/command/inputs.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/sweep/points.hpp"
#include "tests/experiments/loader_support.hpp"

namespace sweep_points_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::loader::testing;

namespace {

const std::string grid_text = R"({
  "schema": "nines/sweep/1",
  "name": "grid",
  "title": "a grid",
  "topology": "kafka-eks",
  "parameters": [
    { "name": "rf", "at": "/services/kafka/topics/my-topic/replication_factor", "values": [2, 3] },
    { "name": "min_isr", "at": "/services/kafka/config/min.insync.replicas", "values": [1, 2, 3] },
    { "name": "node.crash.rate", "range": { "from": "0.1/yr", "to": "10/yr", "scale": "log", "steps": 3 } }
  ],
  "where": ["min_isr <= rf"],
  "objectives": [{ "figure": "cost_usd_per_month" }]
})";

std::vector<SweepPoint> points_of(const std::string& text, std::uint64_t seed = 1) {
  const loader::Sweep sweep = loader::load_sweep_text("sweep.json", text);
  return enumerate_points(sweep, seed);
}

}  // namespace

TEST_CASE("sweep points: a grid varies its last parameter fastest, without what conditions exclude", "[sweep]") {
  const std::vector<SweepPoint> points = points_of(grid_text);
  REQUIRE(points.size() == (2 * 3 - 1) * 3);
  CHECK(points[0].labels == std::vector<std::string>{"2", "1", "0.1/yr"});
  CHECK(points[1].labels == std::vector<std::string>{"2", "1", "1/yr"});
  CHECK(points[2].labels == std::vector<std::string>{"2", "1", "10/yr"});
  CHECK(points[6].labels == std::vector<std::string>{"3", "1", "0.1/yr"});
  CHECK(points[14].labels == std::vector<std::string>{"3", "3", "10/yr"});
  for (std::size_t i = 0; i < points.size(); ++i) CHECK(points[i].index == i);
  // A parameter's key stands for its place under /overrides.
  CHECK(points[0].sets.back().pointer == "/overrides/node.crash.rate");
  CHECK(points[0].sets.back().value == "\"0.1/yr\"");
  CHECK(points[0].sets.front().value == "2");
}

TEST_CASE("sweep points: samples fill every slice of every parameter once", "[sweep]") {
  const std::string kind = GENERATE("latin-hypercube", "sobol");
  const std::string text = replaced(replaced(replaced(grid_text, R"("where": ["min_isr <= rf"],)",
                                                      "\"points\": { \"sample\": \"" + kind + "\", \"count\": 64 },"),
                                             R"("values": [2, 3])", R"("range": { "from": 0, "to": 64 })"),
                                    R"("values": [1, 2, 3])", R"("range": { "from": 0, "to": 1 })");
  const std::vector<SweepPoint> points = points_of(text);
  REQUIRE(points.size() == 64);
  std::multiset<int> slices;
  std::multiset<int> others;
  for (const SweepPoint& point : points) {
    slices.insert(std::min(63, static_cast<int>(std::stod(point.labels[0]))));
    others.insert(std::min(63, static_cast<int>(std::stod(point.labels[1]) * 64)));
  }
  for (int slice = 0; slice < 64; ++slice) {
    CHECK(slices.count(slice) == 1);
    CHECK(others.count(slice) == 1);
  }
  // The same seed, the same points; another seed, others.
  CHECK(points_of(text)[5].labels == points[5].labels);
  CHECK(points_of(text, 2)[5].labels != points[5].labels);
}

TEST_CASE("sweep points: a list takes values by their labels", "[sweep]") {
  const std::string text =
      replaced(replaced(grid_text, R"("range": { "from": "0.1/yr", "to": "10/yr", "scale": "log", "steps": 3 })",
                        R"("values": ["1/yr", {"label": "often", "value": "9/yr"}])"),
               R"("where": ["min_isr <= rf"],)", R"("points": [{"rf": 3, "min_isr": 2, "node.crash.rate": "often"}],)");
  const std::vector<SweepPoint> points = points_of(text);
  REQUIRE(points.size() == 1);
  CHECK(points[0].labels == std::vector<std::string>{"3", "2", "often"});
  CHECK(points[0].sets.back().value == "\"9/yr\"");
}

TEST_CASE("sweep files: each slip has one clear message with its place", "[sweep]") {
  struct Case {
    const char* from;
    const char* to;
    const char* says;
  };
  const Case cases[] = {
      {"nines/sweep/1", "nines/sweep/2", "this program reads version 1 only"},
      {"\"topology\"", "\"topologie\"", "Did you mean 'topology'?"},
      {"\"name\": \"rf\"", "\"name\": \"r f\"", "/parameters/0/name"},
      {"\"name\": \"min_isr\"", "\"name\": \"rf\"", "again"},
      {"[2, 3]", "[]", "at least one element"},
      {"[2, 3]", "[2, 2]", "again"},
      {"[2, 3]", "[[2]]", "/parameters/0/values/0"},
      {"\"at\": \"/services/kafka/config/min.insync.replicas\"", "\"at\": \"services\"", "JSON pointer"},
      {"\"name\": \"node.crash.rate\"", "\"name\": \"node.crash.rat\"", "Did you mean 'node.crash.rate'?"},
      {"\"from\": \"0.1/yr\"", "\"from\": \"0.1/h\"", "the unit of 'from'"},
      {"\"from\": \"0.1/yr\"", "\"from\": \"20/yr\"", "from < to"},
      {"\"from\": \"0.1/yr\"", "\"from\": \"0/yr\"", "logarithmic"},
      {"\"scale\": \"log\"", "\"scale\": \"lg\"", "Did you mean 'log'?"},
      {", \"steps\": 3", "", "needs 'steps'"},
      {"\"steps\": 3", "\"steps\": 1000000000", "/parameters/2/range/steps"},
      {"min_isr <= rf", "min_isr ~ rf", "a comparison"},
      {"min_isr <= rf", "min_is <= rf", "Did you mean 'min_isr'?"},
      {"min_isr <= rf", "min_isr <= many", "neither a parameter of this sweep nor a number"},
      {"cost_usd_per_month", "cost_usd", "one of cost_usd_per_month"},
      {"cost_usd_per_month\"", "unavailability\"", "missing field 'sli'"},
      {"cost_usd_per_month\"", "cost_usd_per_month\", \"sli\": \"kafka/write\"", "remove 'sli'"},
      {"cost_usd_per_month\"", "breach_probability\", \"sli\": \"kafka/write\"", "cannot be an objective"},
      {"cost_usd_per_month\"", "outages_per_year\", \"sli\": \"kafka/write\", \"fault\": \"node-crsh\"",
       "Did you mean 'node-crash'?"},
      {"[{ \"figure\": \"cost_usd_per_month\" }]", "[]", "at least one element"},
      {"\"where\"", "\"precision\": 0, \"where\"", "/precision"},
      {"\"where\"", "\"points\": {\"sample\": \"sobol\", \"count\": 1000000000}, \"where\"", "/points/count"},
      {"\"where\"", "\"points\": \"all\", \"where\"", "\"grid\""},
      {"\"where\"", "\"points\": [{\"rf\": 4}], \"where\"", "expected one of the values of 'rf'"},
      {"\"where\"", "\"set\": {\"topics\": 1}, \"where\"", "begins with '/'"},
  };
  for (const Case& one : cases) {
    const std::string text = replaced(grid_text, one.from, one.to);
    const std::string error = error_of([&] { loader::load_sweep_text("sweep.json", text); });
    INFO(one.to << "\n" << error);
    CHECK(error.find("sweep.json") != std::string::npos);
    // "expected a figure (a, b, ...)" names all.
    const bool names_all =
        std::string(one.says).starts_with("one of ") && error.find(one.says + 7) != std::string::npos;
    CHECK((names_all || error.find(one.says) != std::string::npos));
  }
}

TEST_CASE("sweep files: a grid of too many points is refused before it is made", "[sweep]") {
  const std::string text = replaced(grid_text, "\"parameters\": [", R"("parameters": [
    { "name": "a", "at": "/x", "range": { "from": 1, "to": 2, "steps": 9999 } },
    { "name": "b", "at": "/y", "range": { "from": 1, "to": 2, "steps": 9999 } },)");
  const std::string error = error_of([&] { loader::load_sweep_text("sweep.json", text); });
  INFO(error);
  CHECK(error.find("points, more than 1000000") != std::string::npos);
}

TEST_CASE("every shipped sweep loads, bears the name of its file, and has designs", "[sweep]") {
  const auto entries = loader::list_sweeps(sweep_directory().string());
  REQUIRE(entries.size() >= 2);
  for (const loader::NamedEntry& entry : entries) {
    INFO(entry.path);
    const loader::Sweep sweep = loader::load_sweep(entry.path);
    CHECK(sweep.name == entry.name);
    CHECK(enumerate_points(sweep, 1).size() >= 2);
  }
}

TEST_CASE("sweep points: designs compete with those that share what is given", "[sweep]") {
  const std::string text =
      replaced(grid_text, R"({ "name": "node.crash.rate",)", R"({ "name": "node.crash.rate", "given": true,)");
  const loader::Sweep sweep = loader::load_sweep_text("sweep.json", text);
  const std::vector<SweepPoint> points = enumerate_points(sweep, 1);
  CHECK(given_of(sweep, points[0]) == "node.crash.rate=0.1/yr");
  CHECK(given_of(sweep, points[0]) == given_of(sweep, points[3]));
  CHECK(given_of(sweep, points[0]) != given_of(sweep, points[1]));
}

}  // namespace sweep_points_test
