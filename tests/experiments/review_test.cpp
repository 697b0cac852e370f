// Pages of results: the same whatever they are made from, harmless whatever they hold, and true to the figures.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "experiments/replay/replay.hpp"
#include "experiments/report/junit.hpp"
#include "experiments/review/charts.hpp"
#include "experiments/review/html.hpp"
#include "experiments/review/markdown.hpp"
#include "experiments/review/replay_joint.hpp"
#include "experiments/review/sections.hpp"
#include "sim/compound_poisson.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace review_test {

using namespace nines::experiments;
using namespace nines::experiments::review;
using nines::experiments::testing::Outcome;
using nines::experiments::testing::shell;
using nines::experiments::testing::slurp;
namespace fs = std::filesystem;

namespace {

/// A directory of its own, which goes with it.
struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("nines-review-{}", ::getpid());
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::string file(const std::string& name) const { return (path / name).string(); }
};

Outcome command(const std::string& arguments) {
  return shell("SOURCE_DATE_EPOCH=1700000000 " + nines::tests::nines_binary() + " " + arguments);
}

void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
  return found;
}

/// Every element that is opened is closed, in order. REQUIRES: as our pages are written.
bool balanced(const std::string& page) {
  std::vector<std::string> open;
  for (std::size_t at = page.find('<'); at != std::string::npos; at = page.find('<', at + 1)) {
    const std::size_t end = page.find('>', at);
    if (end == std::string::npos) return false;
    const std::string inner = page.substr(at + 1, end - at - 1);
    if (inner.empty() || inner[0] == '!' || inner.back() == '/') continue;
    std::string name = inner.substr(inner[0] == '/' ? 1 : 0);
    name = name.substr(0, name.find_first_of(" \n"));
    if (name == "meta" || name == "br") continue;
    if (name == "style" || name == "script") {
      at = page.find("</" + name + ">", end);
      continue;
    }
    if (inner[0] != '/') {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return false;
      open.pop_back();
    }
  }
  return open.empty();
}

constexpr const char* quick = "--precision 0.2 --quiet";

}  // namespace

TEST_CASE("review: a page of a topology is the page of its result", "[review]") {
  const Folder folder;
  const std::string options = fmt::format("workstation-cluster-4 {}", quick);
  REQUIRE(command(fmt::format("assess {} --json -o {}", options, folder.file("a.json"))).code == 0);
  REQUIRE(command(fmt::format("report {} -o {}", folder.file("a.json"), folder.file("a.html"))).code == 0);
  REQUIRE(command(fmt::format("report {} --without-advice -o {}", options, folder.file("b.html"))).code == 0);
  std::string page = slurp(folder.file("a.html"));
  const std::string played = slurp(folder.file("b.html"));
  CHECK(balanced(page));
  // The command that made the result is on the page, and differs: the page's own precision is not the verb's.
  const auto without_command = [](std::string text) {
    const std::size_t begin = text.find("<pre>");
    return text.erase(begin, text.find("</pre>", begin) - begin);
  };
  CHECK(without_command(page) == without_command(played));
  // What asks for something: nothing does.
  for (const char* part : {"src=", "url(", "@import", "<link", "http://", "https://"}) CHECK(count(page, part) == 0);
  CHECK(count(page, "2023-11-14") == 1);
  CHECK(page.size() < 300'000);
}

TEST_CASE("review: a result may come by a pipe, a command on a page can be copied", "[review]") {
  const Folder folder;
  // "7 s" is kept together in a sentence, but not in a command.
  const std::string play = fmt::format("{} assess workstation-cluster-4 --set '/title=of 7 s' {} --json",
                                       nines::tests::nines_binary(), quick);
  REQUIRE(shell(fmt::format("{} | SOURCE_DATE_EPOCH=0 {} report - -o {}", play, nines::tests::nines_binary(),
                            folder.file("piped.html")))
              .code == 0);
  const std::string page = slurp(folder.file("piped.html"));
  CHECK(count(page, "of 7&nbsp;s") > 0);
  CHECK(count(page, "/title=of 7 s") == 1);
  CHECK(count(page, "1970-01-01") == 1);
  const Outcome topology =
      shell(fmt::format("{} report - < {} 2>&1", nines::tests::nines_binary(),
                        nines::tests::source_file("topologies/benchmarks/workstation-cluster-4.json")));
  CHECK(topology.code == 2);
  CHECK(count(topology.out, "expected a result") == 1);
}

TEST_CASE("review: hostile names and titles stay text", "[review]") {
  const Folder folder;
  const std::string evil = "<script>alert(1)</script>\\u001b[31m\\u202e & `x` @all |";
  std::string text = slurp(nines::tests::source_file("topologies/benchmarks/workstation-cluster-4.json"));
  const std::size_t at = text.find("\"title\"");
  REQUIRE(at != std::string::npos);
  const std::size_t begin = text.find('"', text.find(':', at));
  const std::size_t end = text.find('"', begin + 1);
  text.replace(begin + 1, end - begin - 1, evil);
  write(folder.file("evil.json"), text);
  for (const char* format : {"html", "markdown"}) {
    const Outcome made =
        command(fmt::format("report {} --without-advice --format {} {}", folder.file("evil.json"), format, quick));
    REQUIRE(made.code == 0);
    CHECK(count(made.out, "<script>alert") == 0);
    CHECK(count(made.out, "\x1b") == 0);
    CHECK(count(made.out, "\xe2\x80\xae") == 0);
    CHECK(count(made.out, "alert(1)") > 0);
    if (std::string(format) == "markdown") CHECK(count(made.out, " @all") == 0);
  }
}

TEST_CASE("review: what is no result is one message with its place", "[review]") {
  const Folder folder;
  const auto said = [&](const std::string& text) {
    write(folder.file("r.json"), text);
    const Outcome made = command("report " + folder.file("r.json") + " 2>&1 -o " + folder.file("page.html"));
    CHECK(made.code == 2);
    CHECK_FALSE(fs::exists(folder.file("page.html")));
    return made.out;
  };
  CHECK(count(said(R"({"schema": "nines/replay-lines/1"})"), "/schema: expected a result that a page can be made of") ==
        1);
  CHECK(count(said(R"({"schema": "nines/replay/1", "scenario": "s", "topology": "t", "seed": 1, "runs": []})"),
              "expected a replay with a run") == 1);
  CHECK(count(said(R"({"schema": "nines/assessment/1"})"), "'services' is missing") == 1);
  CHECK(count(said(R"({"schema": "nines/assessment/1", "services": 3})"), "/services: expected an array, got 3") == 1);
  CHECK(count(said(R"({"schema": "nines/comparison/1", "target": "a/b", "designs": [], "differences": []})"),
              "expected a comparison") == 1);
  CHECK(count(said(R"({"schema": "nines/sweep-result/1", "points": [{}]})"), "'figures' is missing") == 1);
  // Neither a result nor a topology.
  CHECK(count(said("[1, 2"), "r.json:1:") == 1);
}

TEST_CASE("review: every damaged result is refused or shown, never worse", "[review]") {
  const Folder folder;
  REQUIRE(command(fmt::format("assess single-unit {} --json -o {}", quick, folder.file("a.json"))).code == 0);
  const nines::loader::Document good = nines::loader::Document::read(folder.file("a.json"));
  // Each member of the first levels in turn of another kind, or gone.
  std::size_t tried = 0;
  const auto attempt = [&](nlohmann::ordered_json json) {
    ++tried;
    const nines::loader::Document document = nines::loader::Document::parse("damaged", json.dump());
    try {
      const std::string page = html(nines::experiments::review::review({Value(document)}), "footer");
      CHECK(balanced(page));
    } catch (const nines::loader::InputError& error) {
      CHECK(count(error.what(), "damaged:") == 1);
    }
  };
  for (const auto& [key, value] : good.root().items()) {
    for (const char* other : {"null", "3", "\"x\"", "[]", "{}", "[null]", "[3]", "[{}]"}) {
      nlohmann::ordered_json json = good.root();
      json[key] = nlohmann::ordered_json::parse(other);
      attempt(std::move(json));
    }
    nlohmann::ordered_json json = good.root();
    json.erase(key);
    attempt(std::move(json));
  }
  for (const auto& [key, value] : good.root()["services"][0]["slis"][0].items()) {
    for (const char* other : {"null", "-1", "1e308", "\"x\"", "[]", "{}"}) {
      nlohmann::ordered_json json = good.root();
      json["services"][0]["slis"][0][key] = nlohmann::ordered_json::parse(other);
      attempt(std::move(json));
    }
  }
  CHECK(tried > 250);
}

TEST_CASE("review: a change and its opposite say opposite things", "[review]") {
  const std::string there = fmt::format("diff kafka-eks {} --max-incidents 6000 --quiet", "kafka-eks-spot");
  const std::string back = fmt::format("diff {} kafka-eks --max-incidents 6000 --quiet", "kafka-eks-spot");
  const Outcome worse = command(there + " --check");
  const Outcome better = command(back + " --check");
  CHECK(worse.code == 1);
  CHECK(better.code == 0);
  CHECK(worse.out.starts_with("This change costs "));
  CHECK(count(worse.out.substr(0, 200), "and saves $") == 1);
  CHECK(better.out.starts_with("This change saves "));
  CHECK(count(better.out.substr(0, 200), "and costs $") == 1);
  const Outcome page = command(there + " --format markdown");
  REQUIRE(page.code == 0);
  CHECK(page.out.starts_with("## This change costs "));
  CHECK(count(page.out, "**WORSE**") == 1);
}

TEST_CASE("review: Markdown keeps to its length and says what it left out", "[review]") {
  Document document;
  document.title = "long";
  Table table{"all of it", {{"a"}, {"b", true}}};
  for (int i = 0; i < 5000; ++i) table.rows.push_back({fmt::format("row {}", i), "1"});
  document.blocks.emplace_back(Paragraph{"first"});
  document.blocks.emplace_back(table);
  document.blocks.emplace_back(Paragraph{"last"});
  const std::string text = markdown(document, "footer");
  CHECK(text.size() <= most_markdown_bytes);
  CHECK(count(text, "all of it: 5000 rows, left out for the length of this page.") == 1);
  CHECK(count(text, "first") == 1);
  CHECK(count(text, "last") == 1);
  CHECK(markdown(document, "footer", 1'000'000).size() > most_markdown_bytes);
}

TEST_CASE("review: charts take what is extreme", "[review]") {
  for (const double far : {1.0, 1e-12, 1e12}) {
    Curve curve;
    curve.points = {{far, 0.5, std::nullopt, std::nullopt}};
    CHECK(count(curve_svg(curve, "c"), "nan") == 0);
    CHECK(count(curve_svg(curve, "c"), "inf") == 0);
    Scatter scatter;
    scatter.points = {{far, far, std::nullopt, std::nullopt, "a", true, 0}, {far, far, far, far, "a", true, 0}};
    for (const bool log : {false, true}) {
      scatter.y_log = log;
      const std::string svg = scatter_svg(scatter, "s");
      CHECK(count(svg, "nan") == 0);
      CHECK(count(svg, "inf") == 0);
      CHECK(count(svg, "<circle") == 2);
      // One of two labels at the same place.
      CHECK(count(svg, ">a</text>") == 1);
    }
  }
}

TEST_CASE("junit: outcomes are counted and texts are harmless", "[review]") {
  using Case = JUnitCase;
  const std::string text = junit("s<1>", {{"g", "a", Case::Outcome::passed, "well"},
                                          {"g", "b", Case::Outcome::failed, "2 > 1 & \"so\""},
                                          {"g", "c", Case::Outcome::cannot_tell, "open"}});
  CHECK(count(text, "tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\"") == 2);
  CHECK(count(text, "s&lt;1&gt;") == 1);
  CHECK(count(text, "2 &gt; 1 &amp; &quot;so&quot;") == 1);
  // A scenario that misses its expectation, and an SLA that is kept, by the command.
  const Folder folder;
  write(folder.file("s.json"), R"({"schema": "nines/scenario/1", "name": "s", "title": "t",
    "actions": [{"at_s": 0, "do": "process-kill", "target": "kafka/broker-0"}],
    "expect": [{"text": "no outage to speak of", "sli": "kafka/write", "outage_s": {"max": 0.001}}]})");
  const Outcome missed = command(fmt::format("replay kafka-eks {} --format junit --check", folder.file("s.json")));
  INFO(missed.out << missed.err);
  CHECK(missed.code == 1);
  CHECK(count(missed.out, "<failure ") == 1);
  const Outcome kept = command("assess kafka-eks --format junit --draws 0 --max-incidents 3000 --quiet");
  CHECK(count(kept.out, "<testcase ") == 4);
  CHECK(count(kept.out, "<failure ") == 0);
}

TEST_CASE("trace: slices of a lane lie within each other or apart, and each arrow has both ends", "[review]") {
  for (const char* scenario : {"zone-outage", "rolling-restart"}) {
    const Outcome made = command(fmt::format("replay kafka-eks {} --format trace", scenario));
    REQUIRE(made.code == 0);
    const auto trace = nlohmann::json::parse(made.out);
    std::map<std::pair<int, int>, std::vector<std::pair<double, double>>> lanes;
    std::map<int, std::vector<std::pair<std::string, double>>> arrows;
    std::set<std::pair<int, int>> named;
    for (const auto& event : trace["traceEvents"]) {
      const std::pair<int, int> lane{event["pid"], event["tid"]};
      const std::string kind = event["ph"];
      if (kind == "M" && event["name"] == "thread_name") named.insert(lane);
      if (kind == "X") lanes[lane].emplace_back(event["ts"].get<double>(), event["dur"].get<double>());
      if (kind == "s" || kind == "f") arrows[event["id"]].emplace_back(kind, event["ts"].get<double>());
    }
    CHECK(lanes.size() > 10);
    for (auto& [lane, slices] : lanes) {
      CHECK(named.contains(lane));
      std::stable_sort(slices.begin(), slices.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first < b.first : a.second > b.second;
      });
      std::vector<double> ends;
      for (const auto& [from, length] : slices) {
        CHECK(length > 0);
        constexpr double last_digit = 1e-3;
        while (!ends.empty() && ends.back() <= from + last_digit) ends.pop_back();
        if (!ends.empty()) CHECK(from + length <= ends.back() + last_digit);
        ends.push_back(from + length);
      }
    }
    CHECK(arrows.size() > 100);
    for (const auto& [id, ends] : arrows) {
      REQUIRE(ends.size() == 2);
      CHECK(ends[0].first == "s");
      CHECK(ends[1].first == "f");
      CHECK(ends[0].second <= ends[1].second);
    }
  }
}

TEST_CASE("replay: causes of the timeline lead from the end of an outage to its fault, as its chain does", "[review]") {
  const Outcome made = command("replay kafka-eks zone-outage --json");
  REQUIRE(made.code == 0);
  const auto run = nlohmann::json::parse(made.out)["runs"][0];
  const auto& timeline = run["timeline"];
  std::size_t outages = 0;
  for (const auto& outage : run["outages"]) {
    const auto& chain = outage["chain"];
    REQUIRE(chain.size() > 3);
    // The line of the last link, then from cause to cause.
    std::optional<std::size_t> at;
    for (std::size_t line = 0; line < timeline.size(); ++line) {
      if (timeline[line]["event"] == chain.back()["event"] &&
          timeline[line]["component"] == chain.back()["component"] && timeline[line]["at_s"] == chain.back()["at_s"])
        at = line;
    }
    REQUIRE(at);
    std::size_t link = chain.size();
    std::size_t depth = timeline[*at]["depth"];
    for (;;) {
      const auto& line = timeline[*at];
      CHECK(line["depth"] == depth);
      if (link > 0 && line["event"] == chain[link - 1]["event"] && line["component"] == chain[link - 1]["component"])
        --link;
      if (line["cause"].is_null()) break;
      const std::size_t cause = line["cause"];
      REQUIRE(cause < *at);
      at = cause;
      --depth;
    }
    CHECK(link == 0);
    CHECK(timeline[*at]["event"] == "fault.zone_power_loss");
    ++outages;
  }
  CHECK(outages >= 4);
}

TEST_CASE("replay: lanes fill the time without gaps, and each state begins at the line it names", "[review]") {
  struct Case {
    const char* arguments;
    const char* lane;   ///< that must be there
    const char* state;  ///< in which it must have been
  };
  for (const Case& its : {Case{"kafka-eks zone-outage", "us-west-2b", "without power"},
                          Case{"kafka-eks broker-kill", "kafka/broker-1", "not running"},
                          Case{"redis-sentinel-hosts redis-master-kill", "redis/server-0", "not running"}}) {
    const Outcome made = command(fmt::format("replay {} --json", its.arguments));
    REQUIRE(made.code == 0);
    const auto run = nlohmann::json::parse(made.out)["runs"][0];
    bool found = false;
    std::size_t lanes = 0;
    for (const auto& lane : run["lanes"]) {
      ++lanes;
      double before = 0;
      std::string state;
      for (const auto& span : lane["spans"]) {
        CHECK(span["from_s"] == before);
        CHECK(span["to_s"] >= span["from_s"]);
        CHECK(span["state"] != state);
        before = span["to_s"];
        state = span["state"];
        if (!span["cause"].is_null())
          CHECK(run["timeline"][span["cause"].get<std::size_t>()]["at_s"] == span["from_s"]);
        found = found || (lane["name"] == its.lane && state == its.state);
      }
      CHECK(before == run["end_s"]);
    }
    INFO(its.arguments);
    CHECK(lanes > 0);
    CHECK(found);
  }
}

TEST_CASE("review: two plays of a fork become one: each is whole in it, in its order, with its causes", "[review]") {
  const Outcome made = command(
      "replay kafka-eks broker-kill --fork-at 2 --set /services/kafka/config/broker.session.timeout.ms=5000 --json");
  REQUIRE(made.code == 0);
  const nines::loader::Document document = nines::loader::Document::parse("replay", made.out);
  const Value result(document);
  const Value base = result["runs"].items().front();
  const Value fork = result["fork"]["runs"].items().front();
  const JointReplay joint = join(base, fork);
  using Side = Events::Side;
  std::map<Side, std::size_t> sides;
  for (const auto& [side, run] : {std::pair{Side::as_it_is, base}, {Side::changed, fork}}) {
    const std::vector<Value> timeline = run["timeline"].items();
    std::vector<std::string> told;
    std::vector<std::string> causes;
    const auto words = [](const Value& line) {
      return fmt::format("{} {} {}", line["at_s"].number(), line["event"].text(), line["component"].text());
    };
    for (const JointLine& line : joint.lines) {
      if (line.side != side && line.side != Side::both) continue;
      told.push_back(words(line.line));
      causes.push_back(line.cause ? words(joint.lines[*line.cause].line) : "");
    }
    std::vector<std::string> played;
    std::vector<std::string> reasons;
    for (const Value& line : timeline) {
      played.push_back(words(line));
      const auto cause = line.find("cause");
      reasons.push_back(cause ? words(timeline[cause->whole()]) : "");
    }
    // Of one instant the order may be the other play's.
    for (auto* list : {&told, &played, &causes, &reasons}) std::sort(list->begin(), list->end());
    CHECK(told == played);
    CHECK(causes == reasons);
  }
  double before = 0;
  for (std::size_t i = 0; i < joint.lines.size(); ++i) {
    const JointLine& line = joint.lines[i];
    const double at = line.line["at_s"].number();
    ++sides[line.side];
    CHECK(at >= before);
    before = at;
    if (at < 2) CHECK(line.side == Side::both);
    if (!line.cause) continue;
    REQUIRE(*line.cause < i);
    // What follows from what only one play has is of that play.
    const Side of = joint.lines[*line.cause].side;
    CHECK((of == Side::both || of == line.side));
  }
  CHECK(sides[Side::both] > 0);
  CHECK(sides[Side::as_it_is] > 0);
  CHECK(sides[Side::changed] > 0);
  // The broker is fenced sooner with the shorter session, by as much as both say.
  std::vector<double> moves;
  for (const JointLine& line : joint.lines)
    if (line.line["event"].text() == "kafka.fenced" && line.moved_s) moves.push_back(*line.moved_s);
  REQUIRE(moves.size() == 2);
  CHECK(moves[0] == Approx(-moves[1]));
  CHECK(std::abs(moves[0]) > 1);
}

TEST_CASE("review: where two plays of a lane differ is where their states do", "[review]") {
  Events::Lane lane{"pod", "a", "", {{"up", 0, 3}, {"down", 3, 9}, {"up", 9, 20}}};
  CHECK(differences(lane).empty());
  lane.changed = std::vector<Events::Span>{{"up", 0, 3}, {"down", 3, 5}, {"odd", 5, 6}, {"up", 6, 12}};
  const auto found = differences(lane);
  REQUIRE(found.size() == 1);
  CHECK(found[0] == std::pair<double, double>{5, 9});
  // What only one of them still plays does not count; states in between do.
  lane.changed = std::vector<Events::Span>{{"down", 0, 1}, {"up", 1, 4}, {"down", 4, 9}, {"up", 9, 15}};
  CHECK(differences(lane) == std::vector<std::pair<double, double>>{{0, 1}, {3, 4}});
}

TEST_CASE("replay: a histogram holds every number once, between its edges", "[review]") {
  std::vector<double> sample;
  for (int i = 0; i < 1000; ++i) sample.push_back(0.5 + 0.001 * ((i * 7919) % 1000));
  for (const double stretch : {1.0, 3.0, 400.0}) {
    std::vector<double> its = sample;
    if (stretch > 100)
      for (double& value : its) value = std::exp(value * 8);
    const Histogram histogram = histogram_of(its);
    REQUIRE(histogram.edges.size() == histogram.counts.size() + 1);
    CHECK(histogram.counts.size() == 20);
    std::size_t all = 0;
    for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
      const bool last = i + 1 == histogram.counts.size();
      CHECK(histogram.counts[i] == static_cast<std::size_t>(std::count_if(its.begin(), its.end(), [&](double value) {
              return value >= histogram.edges[i] &&
                     (last ? value <= histogram.edges[i + 1] : value < histogram.edges[i + 1]);
            })));
      all += histogram.counts[i];
    }
    CHECK(all == its.size());
  }
  const Histogram one = histogram_of({3, 3, 3});
  CHECK(one.edges == std::vector<double>{3, 3});
  CHECK(one.counts == std::vector<std::size_t>{3});
}

TEST_CASE("assess: the downtime of a month agrees with the breach probability and with a closed form", "[review]") {
  // A unit that fails after 1,000 h and is repaired in 2 h, both exponential (Takacs). 12 points at 5.5 standard
  // errors: false alarms below 1e-6 together.
  const Folder folder;
  std::string topology = slurp(nines::tests::source_file("topologies/benchmarks/single-unit.json"));
  const std::string requires_node = "\"requires\": \"node\"";
  REQUIRE(count(topology, requires_node) == 1);
  topology.insert(topology.find(requires_node) + requires_node.size(),
                  ", \"sla\": {\"target\": 0.999, \"window_h\": 730}");
  write(folder.file("unit.json"), topology);
  const Outcome made = command(
      fmt::format("assess {} --method incidents --precision 0.02 --draws 0 --json --quiet", folder.file("unit.json")));
  REQUIRE(made.code == 0);
  const auto result = nlohmann::json::parse(made.out);
  const auto points = result["services"][0]["slis"][0]["month_downtime"];
  REQUIRE(points.size() == 13);
  constexpr double up = 1000.0 / 1002;
  double before = 1;
  double minutes = -1;
  std::size_t allowed = 0;
  for (const auto& point : points) {
    CHECK(point["minutes"].get<double>() > minutes);
    minutes = point["minutes"];
    INFO(minutes << " min");
    const auto exceeded = point["exceeded_probability"];
    const double value = exceeded["estimate"];
    const double low = exceeded["ci95"][0];
    const double high = exceeded["ci95"][1];
    CHECK(value <= before * (1 + 1e-9));
    before = value;
    CHECK(low <= value);
    CHECK(value <= high);
    if (point["allowed"]) {
      ++allowed;
      CHECK(minutes == Approx(0.001 * 730 * 60));
      CHECK(value == result["headline"][0]["breach_probability"]["month"]["estimate"]);
      CHECK(value == result["services"][0]["slis"][0]["sla"]["breach_probability"]["estimate"]);
    }
    // A month begins well, or within an outage: then anything between may be.
    const double exact = up * nines::sim::breach_with_exponential_outages(1.0 / 1000, 2, 730, minutes / 60);
    const double margin = (high - low) / 2 * 5.5 / 1.96;
    CHECK(value > exact - margin);
    CHECK(value < exact + (1 - up) + margin);
    if (minutes <= 120) CHECK(margin < 0.1 * value);
  }
  CHECK(allowed == 1);
}

}  // namespace review_test
