// What others wrote reaches a terminal, a spreadsheet, a browser and a shell without harm; every writer is tried with
// every kind of hostile text in every field that may hold any text.
#include "experiments/report/escape.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/experiments/sweep_support.hpp"
#include "tests/fuzz/checks.hpp"

namespace escape_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

using Json = nlohmann::ordered_json;

/// Stands behind everything hostile, so that it is found in an output.
const std::string mark = "Mk";

/// Each deceives somebody.
const std::vector<std::string>& hostile() {
  static const std::vector<std::string> texts{
      "\033[31m", "\033]0;owned\a",   "\033[2J",   "\b",     "\r",         "\n",     "\t",     std::string(1, '\0'),
      "\x7f",     "\u0085",           "\u009b31m", "\u202e", "\u2066",     "\u200e", "\u061c", "\u2028",
      "\u2029",   "\u200b",           "\u200d",    "\ufeff", "\U000e0041", "=",      "+",      "-1+",
      "@",        "</title><script>", "\"'&"};
  return texts;
}

/// All of them, each before the mark.
std::string all_hostile() {
  std::string text;
  for (const std::string& one : hostile()) text += one + mark;
  return text;
}

/// The first that stands as it was before the mark. Escapes leave signs of formulas and markup alone where they do no
/// harm.
std::string let_through(const std::string& output) {
  for (const std::string& one : hostile()) {
    const bool printable = std::all_of(one.begin(), one.end(), [](char c) { return c >= ' ' && c < 0x7F; });
    if (!printable && output.find(one + mark) != std::string::npos) return escape::visible(one);
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

Json parsed(const std::string& text) { return Json::parse(text); }

/// A topology of black boxes whose every free text is hostile.
Json boxes(const std::string& text) {
  const Json law = {{"law", "exponential"}, {"mean", "100 h"}, {"source", text}};
  return {{"schema", "nines/topology/1"},
          {"name", "boxes"},
          {"title", text},
          {"source", text},
          {"notes", {text, text}},
          {"components", {{{"name", "a"}, {"failure", law}, {"repair", {{"law", "exponential"}, {"mean", "1 h"}}}}}},
          {"services",
           {{{"name", "s"},
             {"kind", "composite"},
             {"slis",
              {{{"name", "up"}, {"requires", {{"all", {"a"}}}}, {"sla", {{"target", 0.999}, {"window_h", 730}}}}}}}}}};
}

Json kafka(const std::string& text) {
  Json json = parsed(slurp(tests::source_file("topologies/kafka-eks.json")));
  json["title"] = text;
  json["notes"] = {text};
  json["source"] = text;
  json["overrides"]["people.engage"] = {{"value", "10 min"}, {"range", {"5 min", "20 min"}}, {"source", text}};
  return json;
}

Json scenario(const std::string& text) {
  Json json = parsed(slurp(tests::source_file("experiments/scenarios/broker-kill.json")));
  json["title"] = text;
  if (json.contains("expectations")) {
    for (Json& expectation : json["expectations"]) expectation["text"] = text;
  }
  return json;
}

Json profile(const std::string& text) {
  return {{"schema", "nines/profile/1"},
          {"name", "mine"},
          {"title", text},
          {"regions",
           {{text, {{"date", text}, {"parameters", Json::object()}}},
            {"us-west-2", {{"date", text}, {"parameters", Json::object()}}}}},
          {"parameters",
           {{"people.repair.command",
             {{"law", "constant"}, {"value", 5}, {"unit", "min"}, {"range", {1, 60}}, {"source", text}}}}}};
}

Json sweep(const std::string& text) {
  Json values = Json::array();
  for (const char* mean : {"1000 h", "2000 h", "3000 h"}) {
    values.push_back({{"label", text + mean}, {"set", {{"/components/a/failure/mean", mean}}}});
  }
  // What ages cannot stand by.
  values.push_back({{"label", "none" + text},
                    {"set",
                     {{"/components/a/failure", {{"law", "weibull"}, {"scale", "100 h"}, {"shape", 2}}},
                      {"/components/a/count", 2},
                      {"/components/a/standby", {{"active", 1}}}}}});
  return {{"schema", "nines/sweep/1"},
          {"name", "labels"},
          {"title", text},
          {"notes", {text}},
          {"topology", "boxes.json"},
          {"parameters",
           {{{"name", "m"}, {"values", values}},
            {{"name", "g"}, {"given", true}, {"values", {{{"label", text}, {"set", Json::object()}}}}}}},
          {"require", {{{"figure", "downtime_minutes_per_year"}, {"sli", "s/up"}, {"at_most", 9000}}}},
          {"objectives",
           {{{"figure", "outages_per_year"}, {"sli", "s/up"}, {"indifference", 0}},
            {{"figure", "mean_outage_s"}, {"sli", "s/up"}, {"indifference", 0}}}},
          {"precision", 10},
          {"max_incidents", 1000}};
}

/// The command on files whose every free text is hostile.
class Hostile {
 public:
  explicit Hostile(const std::string& text) {
    spill(scratch_ / "boxes.json", boxes(text).dump());
    spill(scratch_ / "kafka.json", kafka(text).dump());
    spill(scratch_ / "scenario.json", scenario(text).dump());
    spill(scratch_ / "profile.json", profile(text).dump());
    spill(scratch_ / "sweep.json", sweep(text).dump());
  }
  [[nodiscard]] std::string operator/(const std::string& name) const { return scratch_ / name; }

  /// Checks every byte it says and returns its output. `code`: the exit code.
  std::string run(std::vector<std::string> words, const Environment& environment, int code = 0) const {
    for (std::string& word : words) {
      if (word.ends_with(".json") || word.ends_with(".sqlite") || word.ends_with(".svg")) word = scratch_ / word;
    }
    const Outcome outcome = nines_command(words, environment);
    INFO(fmt::format("{}", fmt::join(words, " ")));
    INFO(escape::visible(outcome.err));
    CHECK(outcome.code == code);
    CHECK(let_through(outcome.out) == "");
    CHECK(let_through(outcome.err) == "");
    if (environment.empty()) {
      CHECK(fuzz::deceiving(outcome.out) == std::nullopt);
      CHECK(fuzz::deceiving(outcome.err) == std::nullopt);
    }
    return outcome.out;
  }

 private:
  Scratch scratch_;
};

}  // namespace

TEST_CASE("escape: one function a reader", "[escape]") {
  CHECK(escape::visible("a\033[31m\n\t\x7f\u0085\u202e\u2028\u200b\ufeff\U000e0041\xff\xc0\x80é日😀") ==
        "a\\x1b[31m\\n\\t\\x7f\\u0085\\u202e\\u2028\\u200b\\ufeff\\U000e0041\\xff\\xc0\\x80é日😀");
  CHECK(escape::visible("日日日", 4) == "日...");
  CHECK(escape::visible("abc", 3) == "abc");
  // A surrogate, a character beyond the last, one that is cut off.
  CHECK(escape::visible("\xed\xa0\x80\xf4\x90\x80\x80\xe6\x97") == "\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80\\xe6\\x97");
  CHECK(escape::output("a\r\nb\rc\033[1;31md\033[2Je\n", true) == "a\r\nb\\rc\033[1;31md\\x1b[2Je\n");
  CHECK(escape::output("\033[31m", false) == "\\x1b[31m");
  for (const char* number : {"-1", "+1", "-1.5e-9", "0", "12.25", "1e+300"}) CHECK(escape::csv(number) == number);
  CHECK(escape::csv("=1+1") == "\"'=1+1\"");
  CHECK(escape::csv("-a") == "\"'-a\"");
  CHECK(escape::csv(" @x") == "\"' @x\"");
  CHECK(escape::csv("\t=x") == "\"'\\t=x\"");
  CHECK(escape::csv("＝x") == "\"'＝x\"");
  CHECK(escape::csv("a;=x") == "\"a;'=x\"");
  CHECK(escape::csv("a,\"b\"") == "\"a,\"\"b\"\"\"");
  CHECK(escape::csv("plain") == "plain");
  CHECK(escape::markup("<a b='c'>\"&\033") == "&lt;a b=&#39;c&#39;&gt;&quot;&amp;\\x1b");
  CHECK(escape::json("a\n\"\\\033\u202e\U000e0041é") == "\"a\\n\\\"\\\\\\u001b\\u202e\\udb40\\udc41é\"");
  CHECK(escape::json("\xff") == "\"\uFFFD\"");
  CHECK(escape::sql_name("a\"b") == "\"a\"\"b\"");
}

TEST_CASE("escape: any bytes", "[escape]") {
  std::mt19937_64 bits(1);
  const auto& texts = hostile();
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = bits() % 12; i > 0; --i) {
      if (bits() % 2 == 0) {
        text += texts[bits() % texts.size()];
      } else {
        text += static_cast<char>(bits() % 256);
      }
    }
    const std::string seen = escape::visible(text);
    INFO(seen);
    REQUIRE(fuzz::deceiving(seen) == std::nullopt);
    REQUIRE(seen.find('\n') == std::string::npos);
    REQUIRE(escape::visible(seen) == seen);
    REQUIRE(fuzz::deceiving(escape::output(text, false)) == std::nullopt);
    REQUIRE(fuzz::formula("x," + escape::csv(text) + ",y\r\n") == std::nullopt);
    const std::string markup = escape::markup(text);
    REQUIRE(markup.find_first_of("<>\"'") == std::string::npos);
    REQUIRE(fuzz::deceiving(markup) == std::nullopt);
    const std::string json = escape::json(text);
    REQUIRE(fuzz::deceiving(json) == std::nullopt);
    if (escape::is_utf8(text)) {
      REQUIRE(Json::parse(json) == Json(text));
    } else {
      REQUIRE(Json::accept(json));
    }
  }
}

TEST_CASE("escape: a shell reads its words back", "[escape]") {
  const Scratch scratch;
  std::mt19937_64 bits(2);
  std::string script = "printf '%s\\0'";
  std::string expected;
  for (int round = 0; round < 300; ++round) {
    std::string word;
    for (std::size_t i = bits() % 10; i > 0; --i) {
      word += static_cast<char>(bits() % 2 == 0 ? 1 + bits() % 255
                                                : static_cast<std::uint64_t>("'\"$`\\!;{} \n*~#"[bits() % 14]));
    }
    script += ' ' + escape::shell(word);
    expected += word + '\0';
  }
  spill(scratch / "script", script);
  const Outcome outcome = Process({scratch / "script"}, {{"LC_ALL", "C.UTF-8"}}, "/bin/bash").wait();
  INFO(outcome.err);
  CHECK(outcome.out == expected);
}

TEST_CASE("escape: every writer, every field", "[escape]") {
  for (const std::string& text : {all_hostile(), std::string("=cmd|' /C calc'!A0") + mark, "\033[31m" + mark}) {
    const Hostile files(text);
    // Where colours are on, those of others are not let through all the more.
    for (const Environment& environment : {Environment{}, Environment{{"FORCE_COLOR", "1"}}}) {
      for (const std::string format : {"text", "json", "csv"}) {
        // Only text has colours, and only in CSV is what begins like a formula one.
        if (!environment.empty() && format != "text") continue;
        if (text.front() == '=' && format != "csv") continue;
        const auto run = [&](std::vector<std::string> words, int code = 0) {
          words.insert(words.end(), {"--format", format});
          const std::string said = files.run(words, environment, code);
          if (format == "csv") CHECK(fuzz::formula(said) == std::nullopt);
          if (format == "json") CHECK(Json::accept(said));
          return said;
        };
        const std::string assessed = run({"assess", "boxes.json", "--draws", "2"});
        // Exact where exactness is promised.
        if (format == "json") {
          CHECK(contains(assessed, "\\u202eMk") == (text == all_hostile()));
        }
        run({"assess", "kafka.json", "--max-incidents", "2000", "--draws", "2", "--draw-incidents", "50", "--profile",
             "profile.json"});
        run({"replay", "kafka.json", "scenario.json", "--profile", "profile.json"});
        run({"replay", "kafka.json", "scenario.json", "--runs", "3"});
        run({"replay", "kafka.json", "scenario.json", "--fork-at", "5", "--set", "/title=\"" + mark + "\""});
        run({"compare", "boxes.json", "boxes.json", "--variant", "/title=\033[31m" + mark, "--max-incidents", "1000"});
        run({"explain", "people.engage", "kafka.json", "--dry-run"});
        run({"explain", "people.repair.command", "--profile", "profile.json"});
        run({"list", "profiles", "--profile", "profile.json"});
        run({"list", "instance-types", "--profile", "profile.json"});
        run({"sweep", "sweep.json", "--results", "r.sqlite", "--plot", "plot.svg"});
        run({"sweep", "sweep.json", "--results", "r.sqlite", "--point", "0"});
      }
      files.run({"assess", "boxes.json", "--dry-run"}, environment);
      files.run({"compare", "boxes.json", "boxes.json", "--variant", "/title=\033[31m" + mark, "--dry-run"},
                environment);
      files.run({"export", "kafka.json"}, environment);
      const std::string svg = slurp(files / "plot.svg");
      CHECK(let_through(svg) == "");
      CHECK(fuzz::deceiving(svg) == std::nullopt);
      CHECK(svg.find("<script") == std::string::npos);
    }
  }
}

TEST_CASE("escape: messages that quote what they refuse", "[escape]") {
  std::string text = all_hostile();
  std::erase(text, '\0');
  text += "\xff" + mark;
  const Hostile files(all_hostile());
  const std::vector<std::vector<std::string>> refused{
      {text},
      {"assess", text},
      {"assess", "boxes.json", text},
      {"assess", "boxes.json", "--" + text},
      {"assess", "boxes.json", "--sli", text},
      {"assess", "boxes.json", "--method", text},
      {"assess", "boxes.json", "--seed", text},
      {"assess", "boxes.json", "--precision", text},
      {"assess", "boxes.json", "--without-fault", text},
      {"assess", "boxes.json", "--profile", text},
      {"assess", "boxes.json", "--set", text},
      {"assess", "boxes.json", "--set", "/" + text + "=1"},
      {"assess", "boxes.json", "--set", "/components/0/name=" + text},
      {"assess", "boxes.json", "--set", "/components/0/" + mark + "=1", "--set", "/services/0/kind=" + mark},
      {"assess", "boxes.json", "--output", "no/such/" + text, "--draws", "0"},
      {"replay", "kafka.json", text},
      {"compare", "boxes.json", text},
      {"compare", "boxes.json", "--variant", text},
      {"sweep", text},
      {"sweep", "sweep.json", "--results", "no/such/" + text},
      {"sweep", "sweep.json", "--shard", text},
      {"sweep", "sweep.json", "--results", "r.sqlite", "--merge", text},
      {"explain", text},
      {"list", text},
      {"schema", text},
      {"export", text},
      {"export", "kafka.json", "--format", text},
  };
  for (const auto& words : refused) {
    for (const Environment& environment : {Environment{}, Environment{{"FORCE_COLOR", "1"}}}) {
      files.run(words, environment, 2);
    }
  }
  const Outcome told =
      nines_command({"sweep", files / "sweep.json", "--shard", "0/1"}, {{"SLURM_ARRAY_TASK_ID", text}});
  CHECK(told.code == 2);
  CHECK(fuzz::deceiving(told.err) == std::nullopt);
}

}  // namespace escape_test
