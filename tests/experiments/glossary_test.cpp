// Every word that the output prints is explained.
#include "experiments/report/glossary.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/schema.hpp"
#include "experiments/report/json_text.hpp"
#include "models/scenario.hpp"
#include "models/world.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace glossary_test {

using namespace nines;
using namespace nines::experiments;

namespace {

/// Headings in the code of tables: `TextTable name({"heading", ...`.
std::set<std::string> headings() {
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tests::source_file("experiments"))) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = experiments::testing::slurp(entry.path());
    const std::regex table(R"re(TextTable\s+\w+\(\s*\{([^}]*)\})re");
    const std::regex word(R"re("([^"]*)")re");
    for (std::sregex_iterator at(text.begin(), text.end(), table), end; at != end; ++at) {
      const std::string list = (*at)[1];
      for (std::sregex_iterator cell(list.begin(), list.end(), word); cell != end; ++cell) found.insert((*cell)[1]);
    }
  }
  return found;
}

void keys_of(const Json& json, const std::string& at, std::set<std::string>& keys) {
  if (json.is_array()) {
    for (const Json& entry : json) keys_of(entry, at, keys);
  }
  if (!json.is_object()) return;
  // Their keys are names that the user gave.
  if (at == "settings" || at == "figures" || at == "confirmed" || at == "values") return;
  for (const auto& [key, value] : json.items()) {
    keys.insert(key);
    keys_of(value, key, keys);
  }
}

void properties_of(const Json& schema, std::set<std::string>& keys) {
  if (schema.is_array()) {
    for (const Json& entry : schema) properties_of(entry, keys);
  }
  if (!schema.is_object()) return;
  for (const auto& [key, value] : schema.items()) {
    if (key == "properties" && value.is_object()) {
      for (const auto& [name, property] : value.items()) keys.insert(name);
    }
    properties_of(value, keys);
  }
}

}  // namespace

TEST_CASE("glossary: every heading of every table", "[glossary]") {
  const std::set<std::string> found = headings();
  CHECK(found.size() > 60);
  for (std::string heading : found) {
    // A format string, or a heading with its unit: the word itself.
    if (heading.find("{}") != std::string::npos || heading.empty()) continue;
    if (words_for(heading).empty()) {
      heading = std::regex_replace(heading, std::regex(" \\((s|95 %)\\)$|, first in a run \\(s\\)$"), "");
    }
    INFO(heading);
    CHECK(!words_for(heading).empty());
  }
}

TEST_CASE("glossary: every phase, event, fault and verdict", "[glossary]") {
  std::set<std::string> words{"other", "MEETS", "BREACHES", "OPEN", "PASS", "FAIL"};
  for (std::size_t kind = 0; kind < models::event_kinds; ++kind) {
    const sim::EventInfo& info = models::event_info(static_cast<sim::EventKind>(kind));
    if (info.name.empty()) continue;
    words.emplace(info.name);
    if (!info.phase.empty()) words.emplace(info.phase);
  }
  for (const models::VerbInfo& verb : models::verbs) words.emplace(verb.name);
  for (const std::string& word : words) {
    INFO(word);
    CHECK(!words_for(word).empty());
  }
  for (const char* word : {"breach probability", "censored", "in-sync", "credible interval", "nines", "tornado", "cut",
                           "explains alone", "input uncertainty", "p50", "P95", "Breach_Probability"}) {
    INFO(word);
    CHECK(!words_for(word).empty());
  }
  CHECK(words_for("no such word").empty());
}

TEST_CASE("glossary: every key of results, as schemas and results have them", "[glossary]") {
  std::set<std::string> keys;
  for (const char* kind : {"assessment", "replay", "comparison", "sweep-result", "lab-result"}) {
    properties_of(Json::parse(loader::schema_text(kind)), keys);
  }
  using experiments::testing::nines_command;
  const experiments::testing::Shop shop;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"assess", "kafka-eks", "--max-incidents", "2000", "--draws", "4", "--draw-incidents",
                                 "50"},
        std::vector<std::string>{"assess", "workstation-cluster-2", "--draws", "0"},
        std::vector<std::string>{"assess", "hecs-1", "--mission-h", "1", "--draws", "0"},
        std::vector<std::string>{"replay", "kafka-eks", "zone-outage"},
        std::vector<std::string>{"replay", "kafka-eks", "zone-outage", "--runs", "3"},
        std::vector<std::string>{"compare", "kafka-eks", "kafka-eks-nvme", "--max-incidents", "2000"},
        std::vector<std::string>{"lab", "list"},
        std::vector<std::string>{"lab", "run", "10", "--predict", "a", "--what-if", "a"},
        std::vector<std::string>{"lab", "run", "17", "--predict", "1"},
        std::vector<std::string>{"lab", "key", "4", "--seeds", "1-2"}, shop.command("keys.sqlite")}) {
    std::vector<std::string> all = words;
    all.insert(all.end(), {"--format", "json"});
    const auto outcome = nines_command(all);
    INFO(outcome.err);
    REQUIRE(outcome.code == 0);
    keys_of(Json::parse(outcome.out), "", keys);
  }
  CHECK(keys.size() > 150);
  for (const std::string& key : keys) {
    INFO(key);
    CHECK(!words_for(key).empty());
  }
}

TEST_CASE("glossary: every parameter is explained in words", "[glossary][slow]") {
  std::size_t looked = 0;
  for (const loader::ParameterEntry& parameter : loader::list_parameters()) {
    const loader::Explanation explanation = loader::explain(parameter.key);
    INFO(parameter.key << ": " << explanation.meaning);
    CHECK(std::count(explanation.meaning.begin(), explanation.meaning.end(), ' ') >= 2);
    CHECK(explanation.meaning != parameter.key);
    ++looked;
  }
  CHECK(looked > 200);
}

TEST_CASE("glossary: what replays show of zones, machines, pods and volumes, how they end, and what a page calls it",
          "[glossary]") {
  using experiments::testing::nines_command;
  std::set<std::string> words{"holds", "out", "both", "as it is", "with the change"};
  const std::set<std::string> kinds{"zone", "machine", "pod", "volume"};
  std::set<std::string> setters;  // parameters and fields that set lengths of phases
  for (const char* scenario : {"zone-outage", "broker-kill", "node-loss", "volume-loss"}) {
    const auto outcome = nines_command({"replay", "kafka-eks", scenario, "--format", "json"});
    INFO(scenario << outcome.err);
    REQUIRE(outcome.code == 0);
    const Json run = Json::parse(outcome.out)["runs"][0];
    std::string ended = run["ended"];
    std::replace(ended.begin(), ended.end(), '-', '_');
    words.insert(ended);
    for (const Json& line : run["timeline"]) {
      words.insert(line["event"].get<std::string>());
      if (!line["phase"].get<std::string>().empty()) words.insert(line["phase"].get<std::string>());
      setters.insert(line["set_by"].get<std::string>());
    }
    for (const Json& lane : run["lanes"]) {
      words.insert(lane["kind"].get<std::string>());
      if (kinds.count(lane["kind"]) == 0) continue;
      for (const Json& span : lane["spans"]) words.insert(span["state"].get<std::string>());
    }
  }
  setters.erase("");
  for (const std::string& setter : setters) {
    INFO(setter);
    CHECK(nines_command({"explain", setter}).code == 0);
  }
  CHECK(words.size() > 30);
  for (const std::string& word : words) {
    INFO(word);
    CHECK(!words_for(word).empty());
  }
}

TEST_CASE("glossary: explain with a result says where a parameter, a fault and a phase matter there",
          "[glossary][cli]") {
  using experiments::testing::nines_command;
  const auto path =
      (std::filesystem::temp_directory_path() / fmt::format("nines-explain-{}.json", ::getpid())).string();
  REQUIRE(nines_command({"assess", "kafka-eks", "--precision", "10", "--draws", "0", "--json", "-o", path}).code == 0);
  std::ifstream file(path);
  const Json result = Json::parse(file);
  // Shares are those of the budget, over targets.
  const auto share_of = [&](const std::string& sli, const std::string& fault, const char* key,
                            const std::string& value) {
    double sum = 0;
    for (const Json& row : result["budget"]) {
      if (row["service"].get<std::string>() + "/" + row["sli"].get<std::string>() == sli && row["fault"] == fault &&
          row[key] == value)
        sum += row["downtime_share"].get<double>();
    }
    return sum;
  };
  for (const char* key : {"broker.session.timeout.ms", "process-kill"}) {
    const auto outcome = nines_command({"explain", key, path, "--json"});
    INFO(key << outcome.err);
    REQUIRE(outcome.code == 0);
    const Json here = Json::parse(outcome.out)["here"];
    CHECK(here["topology"] == "kafka-eks");
    REQUIRE(!here["where"].empty());
    for (const Json& row : here["where"]) {
      const bool fault = std::string(key) == "process-kill";
      if (fault) CHECK(row["fault"] == key);
      if (!fault) CHECK(row["downtime_share"] == Approx(share_of(row["sli"], row["fault"], "dominant_parameter", key)));
    }
  }
  CHECK(nines_command({"explain", "detect", path}).out.find("time in this phase") != std::string::npos);
  // Of a topology the same by a short assessment; of a figure what it is there.
  const std::string here = nines_command({"explain", "broker.session.timeout.ms", "kafka-eks"}).out;
  CHECK(here.find("nines assess kafka-eks") != std::string::npos);
  CHECK(here.find("sets the longest wait") != std::string::npos);
  const std::string figure = nines_command({"explain", "availability", path}).out;
  CHECK(figure.find("kafka/") != std::string::npos);
  CHECK(figure.find("(95 %: 0.99") != std::string::npos);
  std::filesystem::remove(path);
}

TEST_CASE("glossary: nines explain, with the nearest name", "[glossary][cli]") {
  using experiments::testing::nines_command;
  CHECK(nines_command({"explain", "breach probability"}).out.find("Share of windows") != std::string::npos);
  CHECK(nines_command({"explain", "kafka.fenced"}).out.find("broker.session.timeout.ms") != std::string::npos);
  const auto near = nines_command({"explain", "censord"});
  CHECK(near.code == 2);
  CHECK(near.err.find("Did you mean 'censored'?") != std::string::npos);
  const Json json = Json::parse(nines_command({"explain", "p95", "--json"}).out);
  CHECK(json["meaning"].get<std::string>().find("one in twenty") != std::string::npos);
  CHECK(nines_command({"explain", "p95", "--format", "csv"}).out.find("one in twenty") != std::string::npos);
  // A field and a word: both.
  const std::string both = nines_command({"explain", "target"}).out;
  CHECK(both.find("promised") != std::string::npos);
  CHECK(both.find("What a fault strikes") != std::string::npos);
}

}  // namespace glossary_test
