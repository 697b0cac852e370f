// The command as a user meets it: exit codes, messages, streams, files, and the same bytes on another CPU.
#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "experiments/report/json_text.hpp"
#include "experiments/report/text.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace cli_command_test {

using namespace nines::experiments;
using nines::experiments::testing::check_refused;
using nines::experiments::testing::Outcome;
using nines::experiments::testing::shell;
using nines::experiments::testing::slurp;
using nines::experiments::testing::WrongUsage;
namespace fs = std::filesystem;

namespace {

Outcome nines_command(const std::string& arguments) { return shell(nines::tests::nines_binary() + " " + arguments); }

const std::string short_assess = "assess kafka-eks --precision 0.2 --draws 8 --draw-incidents 60";

}  // namespace

TEST_CASE("cli: exit codes and messages of wrong usage", "[cli]") {
  const WrongUsage cases[] = {
      {"asses x", "Did you mean 'assess'?"},
      {"publish a", "no verb 'publish'"},
      {"report", "RESULT is missing"},
      {"report kafka-ek", "Did you mean 'kafka-eks'?"},
      {"report kafka-eks -o /no/such/directory/a", "cannot write /no/such/directory/a: No such"},
      {"report kafka-eks --format text", "text"},
      {"diff kafka-eks", "HEAD is missing"},
      {"diff kafka-eks kafka-eks-nvm", "Did you mean 'kafka-eks-nvme'?"},
      {"compare", "TOPOLOGY is missing"},
      {"compare kafka-eks", "two designs"},
      {"compare kafka-eks kafka-eks-nvm", "Did you mean 'kafka-eks-nvme'?"},
      {"compare kafka-eks --variant ''", "--variant is empty"},
      {"compare kafka-eks --variant /zonez=1", "Did you mean 'zones'?"},
      {"compare kafka-eks kafka-eks-nvme --sli kafka/wite", "Did you mean 'kafka/write'?"},
      {"compare kafka-eks single-unit", "no SLI in common"},
      {"sweep", "SWEEP is missing"},
      {"sweep session-timeot", "Did you mean 'session-timeout'?"},
      {"sweep session-timeout --shard 3/3", "an index from 0"},
      {"sweep session-timeout --shard 1", "expected i/n"},
      {"sweep session-timeout --shards 4", "which of them is this?"},
      {"sweep session-timeout --results /no/such/directory/r.sqlite",
       "cannot write /no/such/directory/r.sqlite: No such"},
      {"sweep session-timeout --plot /no/such/directory/p.svg", "cannot write /no/such/directory/p.svg: No such"},
      {"assess kafka-eks -o /no/such/directory/a", "cannot write /no/such/directory/a: No such"},
      {"compare kafka-eks kafka-eks-nvme -o /tmp", "cannot write /tmp: Is a directory"},
      {"replay kafka-eks broker-kill --runs 10000000 -o /no/such/directory/r", "cannot write"},
      {"assess kafka-eks --precision nan", "expected a number from 0.0001 to 10, got nan"},
      {"assess kafka-eks --risk inf", "got inf"},
      {"assess kafka-eks --years nan", "got nan"},
      {"assess kafka-eks --max-years nan", "got nan"},
      {"assess kafka-eks --mission-h inf", "got inf"},
      {"assess kafka-eks --seed -1", "got -1"},
      {"assess kafka-eks --seed 99999999999999999999", "expected a whole number"},
      {"compare kafka-eks kafka-eks-nvme --precision nan", "got nan"},
      {"compare kafka-eks kafka-eks-nvme --risk nan", "got nan"},
      {"advise kafka-eks --precision nan", "got nan"},
      {"advise kafka-eks --risk nan", "got nan"},
      {"replay kafka-eks broker-kill --until nan", "got nan"},
      {"replay kafka-eks broker-kill --fork-at nan --set /region=x", "got nan"},
      {"sweep session-timeout --results /dev/null --point 9999", "0 to 26"},
      {"--seed 3 assess kafka-eks", "expected a verb"},
      {"assess", "TOPOLOGY is missing"},
      {"replay kafka-eks", "SCENARIO is missing"},
      {"assess kafka-eks extra", "unexpected argument 'extra'"},
      {"assess kafka-eks --sed 5", "no option '--sed'"},
      {"assess kafka-eks --precison=1", "Did you mean '--precision'?"},
      {"assess kafka-ek", "Did you mean 'kafka-eks'?"},
      {"replay kafka-eks zone-outag", "Did you mean 'zone-outage'?"},
      {"assess kafka-eks --format xml", "xml"},
      {"assess kafka-eks --seed abc", "abc"},
      {"assess kafka-eks --threads 0", "--threads"},
      {"assess kafka-eks --years -1", "--years"},
      {"assess kafka-eks --precision 0", "--precision"},
      {"assess kafka-eks --method magic", "magic"},
      {"assess kafka-eks --method exact", "black boxes only"},
      {"assess kafka-eks --mission-h 5", "--method exact"},
      {"assess kafka-eks --sli kafka/wite", "Did you mean 'kafka/write'?"},
      {"assess kafka-eks --without-fault node-crsh", "Did you mean 'node-crash'?"},
      {"assess kafka-eks --method timeline --years 5 --max-years 4", "--max-years"},
      {"assess kafka-eks --method timeline --years 0.05", "SLA window"},
      {"assess kafka-eks --set nothing", "expected /json/pointer=value"},
      {"assess kafka-eks --set /zonez=1", "Did you mean 'zones'?"},
      {"replay kafka-eks zone-outage --runs 0", "--runs"},
      {"replay kafka-eks zone-outage --until -3", "--until"},
      {"replay kafka-eks zone-outage --fork-at 5", "--set"},
      {"replay kafka-eks zone-outage --fork-at 5 --set /services/kafka/topics/my-topic/partitions=13", "--fork-at"},
      {"list everything", "expected topologies"},
      {"explain broker.session.timeout.m", "broker.session.timeout.ms"},
      {"schema topologie", "Did you mean 'topology'?"},
      {"assess kafka-eks --draws 0 --precision 1 -o /no/such/directory/file", "cannot write"},
  };
  for (const WrongUsage& usage : cases) check_refused(usage);
}

TEST_CASE("cli: help, version and reference verbs", "[cli]") {
  CHECK(nines_command("").out.find("Examples:") != std::string::npos);
  CHECK(nines_command("--help").code == 0);
  CHECK(nines_command("help").code == 0);
  CHECK(nines_command("assess --help").out.find("nines assess") != std::string::npos);
  CHECK(nines_command("--version").out == nines_command("version").out);
  for (const char* kind : {"topologies", "scenarios", "sweeps", "labs", "faults", "parameters", "metrics",
                           "instance-types", "profiles", "schemas"}) {
    const Outcome outcome = nines_command(std::string("list --json ") + kind);
    INFO(kind);
    REQUIRE(outcome.code == 0);
    CHECK(Json::parse(outcome.out).size() > 1);
  }
  for (const char* kind :
       {"topology", "scenario", "sweep", "lab", "profile", "assessment", "replay", "comparison", "sweep-result"}) {
    const Outcome outcome = nines_command(std::string("schema ") + kind);
    REQUIRE(outcome.code == 0);
    CHECK(Json::parse(outcome.out).contains("title"));
  }
  CHECK(nines_command("explain broker.session.timeout.ms kafka-eks").out.find("9000 ms") != std::string::npos);
  const Outcome set = nines_command(
      "explain broker.session.timeout.ms kafka-eks --json --set /services/kafka/config/broker.session.timeout.ms=7000");
  CHECK(Json::parse(set.out)["values"][0]["value"] == 7000);
}

TEST_CASE("cli: scenarios are listed for a topology if it can play them", "[cli]") {
  const auto names = [](const Outcome& outcome) {
    std::set<std::string> result;
    for (const Json& scenario : Json::parse(outcome.out)) result.insert(scenario["name"].get<std::string>());
    return result;
  };
  const std::set<std::string> all = names(nines_command("list scenarios --json"));
  const std::string topology = "redis-sentinel-hosts";
  const std::set<std::string> listed = names(nines_command(fmt::format("list scenarios {} --json", topology)));
  CHECK(!listed.empty());
  for (const std::string& scenario : all) {
    INFO(scenario);
    CHECK((nines_command(fmt::format("replay {} {} -n", topology, scenario)).code == 0) ==
          (listed.count(scenario) > 0));
  }
  check_refused({"list faults kafka-eks", "list faults: takes no topology"});
  check_refused({"list scenarios kafka-ek", "kafka-eks"});
}

TEST_CASE("cli: a dry run checks the input and simulates nothing", "[cli]") {
  CHECK(nines_command("assess kafka-eks --dry-run --max-incidents 1000000").code == 0);
  CHECK(nines_command("replay kafka-eks zone-outage -n --runs 1000000").code == 0);
  CHECK(nines_command("compare kafka-eks kafka-eks-nvme --dry-run").code == 0);
  CHECK(nines_command("sweep kafka-cheapest --dry-run").out.find("1152 designs") != std::string::npos);
}

TEST_CASE("cli: --check tells by exit code", "[cli]") {
  // Known well enough that no alarm leaves the verdict open.
  const std::string sound = "assess kafka-eks --draws 8 --draw-incidents 60 --check";
  CHECK(nines_command(sound).code == 0);
  CHECK(nines_command(sound + " --set /services/kafka/slis/write/sla/target=0.9999999").code == 1);
  // Four windows without a breach prove nothing about one in ten thousand.
  CHECK(nines_command("assess kafka-eks --method timeline --max-years 1 --check --risk 0.0001").code == 3);
  CHECK(nines_command("replay kafka-eks zone-outage --check").code == 0);
}

namespace {

/// Two servers of which one is enough, and a licence that nobody renews.
const std::string shop = R"json({ "schema": "nines/topology/1", "name": "shop", "title": "A shop",
  "components": [
    { "name": "server", "count": 2, "failure": { "law": "exponential", "mean": "1000 h" }, "repair": "100 s" },
    { "name": "licence", "failure": { "law": "exponential", "mean": "1e6 h" } } ],
  "services": [{ "name": "shop", "kind": "composite", "slis": [
    { "name": "both", "requires": { "all": [{ "at_least": 2, "of": ["server"] }] } },
    { "name": "licensed", "requires": "licence" } ] }] })json";

std::string scenario_text(const std::string& expectations) {
  return R"json({ "schema": "nines/scenario/1", "name": "bad-day", "title": "A bad day", "actions": [
    { "at_s": 0, "do": "component-fail", "target": "server-0" },
    { "at_s": 1, "do": "component-fail", "target": "licence" } ], "expect": [)json" +
         expectations + "] }";
}

struct Shop {
  fs::path directory = fs::temp_directory_path() / ("nines-shop-test-" + std::to_string(::getpid()));
  Shop() {
    fs::create_directories(directory);
    std::ofstream(directory / "shop.json") << shop;
  }
  ~Shop() { fs::remove_all(directory); }
  [[nodiscard]] Outcome replay(const std::string& expectation, const std::string& options) const {
    std::ofstream(directory / "day.json") << scenario_text(expectation);
    return nines_command("replay " + (directory / "shop.json").string() + " " + (directory / "day.json").string() +
                         " --check " + options);
  }
};

}  // namespace

TEST_CASE("cli: expectations about black boxes, and what still runs at the end", "[cli]") {
  const Shop bench;
  const std::string both = R"({ "text": "t", "sli": "shop/both", "outage_s": { "max": 150 } })";
  const std::string licensed = R"({ "text": "t", "sli": "shop/licensed", "outage_s": { "max": 1e6 } })";
  CHECK(bench.replay(both, "").code == 0);
  const Outcome early = bench.replay(both, "--until 50");
  CHECK(early.code == 3);
  CHECK(early.out.find("OPEN  t; 50.000 s, not over") != std::string::npos);
  CHECK(bench.replay(both, "--until 120").code == 0);
  // Nothing ends the other one, whenever one looks.
  const Outcome never = bench.replay(licensed, "");
  CHECK(never.code == 1);
  CHECK(never.out.find("nothing can end it") != std::string::npos);
  CHECK(bench.replay(licensed, "--until 50").code == 1);
  CHECK(bench.replay(licensed, "--until 5000").code == 1);
  // Until means until, also where nothing is due any more.
  for (const char* until : {"50", "5000"}) {
    const auto json = Json::parse(bench.replay(licensed, "--format json --until " + std::string(until)).out);
    CHECK(json["runs"][0]["end_s"] == std::stod(until));
    CHECK(json["expectations"][0]["verdict"] == "missed");
    CHECK(json["runs"][0]["outages"].back()["endless"] == true);
  }
  // Nor where something is always due: pods that crash, and nobody on call.
  const fs::path script = bench.directory / "volumes.json";
  std::ofstream(script) << R"({ "schema": "nines/scenario/1", "name": "volumes", "title": "t", "actions": [
    { "at_s": 0, "do": "volume-loss", "target": "kafka/broker-0" },
    { "at_s": 0, "do": "volume-loss", "target": "kafka/broker-1" } ],
    "expect": [{ "text": "t", "sli": "kafka/write", "outage_s": { "max": 1e6 } }] })";
  const std::string volumes = "replay kafka-eks " + script.string() + " --check --until 1000";
  CHECK(nines_command(volumes).code == 3);
  CHECK(nines_command(volumes + " --set /overrides/people.on_call=0").code == 1);
  const Outcome unknown = bench.replay(R"({ "text": "t", "sli": "shop/booth", "outage_s": { "max": 1 } })", "");
  CHECK(unknown.code == 2);
  CHECK(unknown.err.find("shop/both") != std::string::npos);
  CHECK(bench.replay(R"({ "text": "t", "data_loss": "shop", "records": { "max": 0 } })", "").code == 0);
  CHECK(bench.replay(R"({ "text": "t", "data_loss": "shoe", "records": { "max": 0 } })", "").code == 2);
  CHECK(bench.replay(both, "--until 1e12").code == 2);
}

TEST_CASE("cli: each kind of service says what it does not model", "[cli]") {
  const auto list_of = [](const std::string& arguments) {
    const Json json = Json::parse(nines_command(arguments + " --format json").out);
    std::string all;
    for (const Json& line : json["not_modelled"]) all += line.get<std::string>() + "\n";
    return all;
  };
  const std::string boxes = list_of("assess active-standby --method exact");
  CHECK(boxes.find("black box") != std::string::npos);
  for (const char* of_kafka : {"broker", "Kafka", "Kubernetes", "consumer"}) {
    CHECK(boxes.find(of_kafka) == std::string::npos);
  }
  const std::string pair =
      list_of("compare quorum-own-crews --variant '/components/three/repair/mean=5 h' --max-incidents 20000");
  CHECK(pair == list_of("assess quorum-own-crews --method exact"));
  const std::string kafka = list_of(short_assess);
  CHECK(kafka.find("rebalances of groups of consumers") != std::string::npos);
  CHECK(kafka.find("black box") == std::string::npos);
  const std::string text = nines_command("assess active-standby --method exact").out;
  CHECK(text.find("Not modelled") != std::string::npos);
}

TEST_CASE("text: an availability has the digits that its interval supports", "[cli]") {
  const auto text = [](std::optional<double> value, double lower, double upper) {
    nines::sim::Estimate estimate;
    estimate.value = value;
    estimate.ci95 = nines::sim::Interval{lower, upper};
    return availability_text(estimate);
  };
  CHECK(text(7.6e-6, 7.3e-6, 8.0e-6) == "99.99924 % (5.1 nines)");
  CHECK(text(7.6e-6, 7.59e-6, 7.61e-6) == "99.99924 % (5.1 nines)");
  CHECK(text(7.6e-6, 3e-6, 2e-5) == "99.9992 % (5.1 nines)");
  CHECK(text(0.61, 0.58, 0.64) == "39 % (0.2 nines)");
  // Of which not even the order of magnitude is known: at least so much, rounded down.
  CHECK(text(7.6e-6, 1e-7, 2.71e-5) == "> 99.9972 % (4.5 nines)");
  CHECK(text(1e-9, 1e-18, 1) == "not known");
  nines::sim::Estimate unseen;
  unseen.upper95 = 2.71e-5;
  CHECK(availability_text(unseen) == "> 99.9972 % (4.5 nines)");
  CHECK(availability_text(nines::sim::Estimate{}) == "not known");
  for (double u = 1e-30; u < 1; u *= 1.7) {
    for (const double width : {1e-6, 1e-3, 0.5, 0.8}) {
      const std::string shown = text(u, u * (1 - width), std::min(1.0, u * (1 + width)));
      INFO(shown);
      CHECK(shown.find("100") != 0);
    }
  }
}

TEST_CASE("cli: a missed expectation fails under --check only", "[cli]") {
  const fs::path file = fs::temp_directory_path() / ("nines-cli-scenario-" + std::to_string(::getpid()) + ".json");
  std::ofstream(file) << R"({"schema": "nines/scenario/1", "name": "x", "title": "t",
    "actions": [{"at_s": 0, "do": "process-kill", "target": "kafka/broker-1"}],
    "expect": [{"text": "writes go on", "sli": "kafka/write", "outage_s": {"max": 0.5}}]})";
  const Outcome plain = nines_command("replay kafka-eks " + file.string());
  CHECK(plain.code == 0);
  CHECK(plain.out.find("FAIL  writes go on") != std::string::npos);
  CHECK(nines_command("replay kafka-eks --check " + file.string()).code == 1);
  fs::remove(file);
}

TEST_CASE("cli: same bytes twice, on other threads, and with CPU features masked", "[cli]") {
  const std::string binary = nines::tests::nines_binary();
  for (const std::string& arguments :
       {std::string("assess kafka-eks --max-incidents 3000 --draws 4 --draw-incidents 60 --json"),
        std::string("replay kafka-eks zone-outage-during-rolling-restart --runs 8 --json")}) {
    const std::string reference = nines_command(arguments + " --threads 1").out;
    REQUIRE(reference.size() > 1000);
    CHECK(reference == nines_command(arguments + " --threads 2").out);
    // Names of newer and of older versions of the C library.
    const char* mask = "-AVX2,-FMA,-FMA4,-AVX512F,-BMI2,-SSE4_1,-SSE4_2,-AVX2_Usable,-FMA_Usable,-AVX512F_Usable";
    CHECK(reference ==
          shell(fmt::format("GLIBC_TUNABLES=glibc.cpu.hwcaps={} {} {} --threads 1", mask, binary, arguments)).out);
  }
}

TEST_CASE("cli: another seed gives another result", "[cli]") {
  const auto replay = [](const std::string& seed) {
    return Json::parse(nines_command("replay kafka-eks zone-outage --json --seed " + seed).out)["runs"];
  };
  CHECK(replay("1") != replay("2"));
  CHECK(Json::parse(shell("NINES_SEED=2 " + nines::tests::nines_binary() + " replay kafka-eks zone-outage --json")
                        .out)["runs"] == replay("2"));
}

TEST_CASE("cli: --output writes what standard output would, and leaves nothing else behind", "[cli]") {
  const fs::path directory = fs::temp_directory_path() / ("nines-cli-output-" + std::to_string(::getpid()));
  fs::create_directories(directory);
  const fs::path file = directory / "result.json";
  const std::string arguments = "replay kafka-eks broker-kill --json";
  const Outcome quiet = nines_command(arguments + " -o " + file.string());
  CHECK(quiet.out.empty());
  CHECK(slurp(file) == nines_command(arguments).out);
  CHECK(std::distance(fs::directory_iterator(directory), fs::directory_iterator()) == 1);
  fs::remove_all(directory);
}

TEST_CASE("cli: a reader that leaves early is no error", "[cli]") {
  const std::string binary = nines::tests::nines_binary();
  const Outcome outcome =
      shell("bash -c 'set -o pipefail; " + binary + " replay kafka-eks zone-outage --json --runs 30 | head -1'");
  CHECK(outcome.code == 0);
  CHECK(outcome.err.empty());
}

TEST_CASE("cli: a file instead of a name, from another directory, on standard input", "[cli]") {
  const std::string topology = nines::tests::source_file("topologies/kafka-eks.json");
  const std::string binary = nines::tests::nines_binary();
  CHECK(shell("cd / && " + binary + " replay " + topology + " zone-outage --json").out ==
        nines_command("replay kafka-eks zone-outage --json").out);
  CHECK(shell("cat " + topology + " | " + binary + " assess - --dry-run").code == 0);
}

TEST_CASE("cli: CSV has one width", "[cli]") {
  for (const std::string& arguments : {short_assess, std::string("replay kafka-eks zone-outage --runs 3")}) {
    const std::string csv = nines_command(arguments + " --format csv").out;
    const auto commas = [](std::string_view line) { return std::count(line.begin(), line.end(), ','); };
    const std::string_view header = std::string_view(csv).substr(0, csv.find('\r'));
    for (std::size_t at = 0; at < csv.size();) {
      const std::size_t end = csv.find("\r\n", at);
      REQUIRE(end != std::string::npos);
      CHECK(commas(std::string_view(csv).substr(at, end - at)) >= commas(header));
      at = end + 2;
    }
  }
}

TEST_CASE("text: durations, money, nines", "[cli]") {
  CHECK(duration_text(0.012) == "12 ms");
  CHECK(duration_text(9.412) == "9.41 s");
  CHECK(duration_text(99.96) == "1 m 40 s");
  CHECK(duration_text(134) == "2 m 14 s");
  CHECK(duration_text(3600) == "1 h 00 m");
  CHECK(duration_text(3 * 86400) == "3 d 00 h");
  CHECK(money_text(123456789) == "$1,234,567.89");
  CHECK(money_text(5) == "$0.05");
  CHECK(availability_text(1e-3) == "99.900 % (3.0 nines)");
  CHECK(availability_text(2.7e-5) == "99.9973 % (4.5 nines)");
  // Never 100 %, however little is lacking; only a proof is.
  CHECK(availability_text(3.2e-19) == "1 - 3.2e-19 (18.4 nines)");
  CHECK(availability_text(0.0) == "100 %");
  CHECK(number_text(0.01234) == "0.0123");
  CHECK(number_text(1234.5) == "1234");
  CHECK(seconds_text(nines::sim::Duration::nanoseconds(412'345'678'901)) == "412.346");
  CHECK(csv_line({"a", "b,c", "d\"e"}) == "a,\"b,c\",\"d\"\"e\"\r\n");
}

TEST_CASE("json: shortest numbers that round-trip, null for what is not finite", "[cli]") {
  const Json value = {{"a", 0.1},
                      {"b", 1.0},
                      {"c", 1e-7},
                      {"d", 1.0 / 3},
                      {"e", std::numeric_limits<double>::infinity()},
                      {"f", {1, 2}},
                      {"g", "x\"y"},
                      {"h", Json::array()},
                      {"i", Json::object()}};
  const std::string text = json_text(value);
  CHECK(text.find("\"a\": 0.1,") != std::string::npos);
  CHECK(text.find("\"b\": 1.0,") != std::string::npos);
  CHECK(text.find("\"e\": null") != std::string::npos);
  CHECK(text.find("\"f\": [1, 2]") != std::string::npos);
  const Json back = Json::parse(text);
  CHECK(back["d"].get<double>() == 1.0 / 3);
  CHECK(back["c"].get<double>() == 1e-7);
  CHECK(back["g"] == "x\"y");
}

TEST_CASE("cli: a mission prints its answer in every format", "[cli]") {
  const std::string mission = "assess single-unit --mission-h 100 --quiet";
  // A life of 1,000 h at least once over within 100 h.
  const std::string probability = "0.0951626";
  const Outcome text = nines_command(mission);
  CHECK(text.code == 0);
  CHECK_THAT(text.out, Catch::Contains("Within 100 h of every unit whole") && Catch::Contains(probability) &&
                           !Catch::Contains("What clients see"));
  const Outcome csv = nines_command(mission + " --format csv");
  CHECK_THAT(csv.out, Catch::Contains("mission_failure_probability") && Catch::Contains(",100,0.09516258196"));
  const Outcome json = nines_command(mission + " --format json");
  const double found = Json::parse(json.out)["services"][0]["slis"][0]["mission"]["failure_probability"].get<double>();
  CHECK(found == Approx(0.09516258196).epsilon(1e-9));
}

TEST_CASE("cli: the method that assess takes by itself is said, with the reason", "[cli]") {
  const auto method = [](const std::string& arguments) {
    const Outcome outcome = nines_command("assess " + arguments + " --quiet --draws 0 --format json");
    const Json json = Json::parse(outcome.out);
    return std::pair(json["method"].get<std::string>(), json["method_reason"].get<std::string>());
  };
  CHECK(method("single-unit").first == "exact");
  const auto [kafka, why] = method("kafka-eks --precision 0.5 --max-incidents 2000");
  CHECK(kafka == "incidents");
  CHECK_THAT(why, Catch::Contains("protocols of their own"));
  const auto [mission_only, never] = method("hecs-1 --max-incidents 2000");
  CHECK(mission_only == "incidents");
  CHECK_THAT(never, Catch::Contains("component 'processor' is never repaired"));
  CHECK(method("single-unit --method incidents --max-incidents 2000").second == "asked for by --method");
}

TEST_CASE("cli: designs that hardly differ are plotted, and one objective is refused before anything is played",
          "[cli]") {
  const fs::path folder = fs::temp_directory_path() / ("nines-equal-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  std::ofstream(folder / "one.json")
      << R"({"schema": "nines/topology/1", "name": "one", "title": "t", "components": [{"name": "a",
             "failure": {"law": "exponential", "mean": "480 h"}, "repair": "1 h"}],
             "services": [{"name": "s", "kind": "composite", "slis": [{"name": "up", "requires": "a"}]}]})";
  const auto sweep = [&](const char* file, const std::string& objectives) {
    const auto value = [](const char* mean) {
      return fmt::format(R"({{"label": "{0}", "set": {{"/components/0/failure/mean": "{0} h"}}}})", mean);
    };
    std::ofstream(folder / file)
        << R"({"schema": "nines/sweep/1", "name": "equal", "title": "t", "topology": "one.json",
        "parameters": [{"name": "m", "values": [)"
        << value("480.0") << ", " << value("480.00000000000006") << R"(]}],
        "objectives": [{"figure": "outages_per_year", "sli": "s/up", "indifference": 0})"
        << objectives << R"(], "precision": 10, "max_incidents": 1000})";
    return nines_command(
        fmt::format("sweep {0}/{1} --results {0}/{1}.sqlite --plot {0}/{1}.svg -q", folder.string(), file));
  };
  const Outcome two = sweep("two.json", R"(, {"figure": "mean_outage_s", "sli": "s/up", "indifference": 0})");
  INFO(two.err);
  CHECK(two.code == 0);
  CHECK(fs::file_size(folder / "two.json.svg") < 20'000);
  const Outcome one = sweep("one-objective.json", "");
  CHECK(one.code == 2);
  CHECK_THAT(one.err, Catch::Contains("two objectives"));
  CHECK_FALSE(fs::exists(folder / "one-objective.json.sqlite"));
  fs::remove_all(folder);
}

TEST_CASE("cli: a replay as JSON Lines has a head, a line for each run and what they come to", "[cli]") {
  const Outcome lines = nines_command("replay kafka-eks broker-kill --runs 20 --format jsonl");
  CHECK(lines.code == 0);
  std::vector<Json> parsed;
  for (std::size_t at = 0; at < lines.out.size();) {
    const std::size_t end = lines.out.find('\n', at);
    parsed.push_back(Json::parse(lines.out.substr(at, end - at)));
    at = end + 1;
  }
  REQUIRE(parsed.size() == 22);
  CHECK(parsed.front()["schema"] == "nines/replay-lines/1");
  for (std::size_t run = 0; run < 20; ++run) CHECK(parsed[run + 1]["run"] == run);
  CHECK(parsed.back()["runs_played"] == 20);
  const Json whole = Json::parse(nines_command("replay kafka-eks broker-kill --runs 20 --format json").out);
  CHECK(parsed.back()["summary"] == whole["summary"]);
}

}  // namespace cli_command_test
