// Text for people fits its page: widths of characters, broken lines, tables, and every answer on every shipped design.
#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "experiments/command/inputs.hpp"
#include "experiments/compare/compare_output.hpp"
#include "experiments/estimate/assess_output.hpp"
#include "experiments/loader/catalogue.hpp"
#include "experiments/replay/replay_output.hpp"
#include "experiments/report/page.hpp"
#include "experiments/report/text.hpp"
#include "sim/random.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace page_layout_test {

using namespace nines;
using namespace nines::experiments;

namespace {

/// A page of that width while it lives.
struct OnPage {
  explicit OnPage(std::size_t width, bool colour = false) : before(page()) { set_page({width, colour}); }
  ~OnPage() { set_page(before); }
  Page before;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

/// Lines that are wider than the page although they hold more than one word that cannot be broken.
std::string too_wide(const std::string& text, std::size_t width) {
  std::string bad;
  for (const std::string& line : lines_of(text)) {
    if (display_width(line) <= width) continue;
    std::string word = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    // What a shell goes on behind.
    if (word.ends_with(" \\")) word.erase(word.size() - 2);
    // A value in quotes is one word.
    if (word.front() == '\'' || word.starts_with("Next: ")) continue;
    if (word.find(' ') != std::string::npos) bad += line + "\n";
  }
  return bad;
}

/// A text without blanks and line ends: what must be the same on every page.
std::string letters(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c != ' ' && c != '\n') out += c;
  }
  return out;
}

}  // namespace

TEST_CASE("page: width of text counts characters, wide ones twice, colours and marks not", "[page]") {
  CHECK(display_width("") == 0);
  CHECK(display_width("kafka") == 5);
  CHECK(display_width("\xc3\xa4\xc3\xb6") == 2);          // umlauts
  CHECK(display_width("a\xcc\x88") == 1);                 // a with a combining mark
  CHECK(display_width("\xea\xb0\x80\xeb\x82\x98") == 4);  // Korean
  CHECK(display_width("\xe6\x97\xa5\xe6\x9c\xac") == 4);  // Han
  CHECK(display_width("\xf0\x9f\x98\x80") == 2);          // a face
  CHECK(display_width("\033[32mMEETS\033[0m") == 5);
  CHECK(display_width("\xff\xfe") == 2);  // no UTF-8: a replacement each
  CHECK(display_width("\xe6\x97") == 2);  // cut off
}

TEST_CASE("page: broken lines lose nothing, fit, and hang", "[page]") {
  const std::vector<std::string> lines = wrapped("one two three four", 9, 2);
  CHECK(lines == std::vector<std::string>{"one two", "  three", "  four"});
  // A unit stays with its number.
  CHECK(wrapped("it is 4.02 min/yr", 10).at(1) == "4.02 min/yr");
  CHECK(fitted("  - alpha beta gamma\n", 14) == "  - alpha beta\n    gamma\n");
  CHECK(fitted("  MEETS   alpha beta gamma delta epsilon zeta\n", 34) ==
        "  MEETS   alpha beta gamma delta\n          epsilon zeta\n");
  // A word that is too long is alone on its line.
  CHECK(fitted("see /a/very/long/path/indeed now\n", 12) == "see\n  /a/very/long/path/indeed\n  now\n");
  // Wide characters need no blank to be broken at.
  std::string han;
  for (int i = 0; i < 60; ++i) han += "\xe6\x97\xa5";
  for (const std::string& line : lines_of(fitted(han + "\n", 50))) CHECK(display_width(line) <= 50);
  CHECK(letters(fitted(han + "\n", 50)) == han);
  CHECK(fitted("short\n\nshort\n", 80) == "short\n\nshort\n");
}

TEST_CASE("page: any words on any page", "[page]") {
  const std::uint64_t key = sim::stream_key(1, "page", "words");
  std::uint64_t drawn = 0;
  const auto draw = [&](std::uint64_t below) { return sim::random_bits(key, drawn++, 0) % below; };
  for (int round = 0; round < 500; ++round) {
    std::string text(draw(6), ' ');
    const std::uint64_t words = 1 + draw(40);
    for (std::uint64_t i = 0; i < words; ++i) {
      const std::string word = draw(5) == 0 ? "\xea\xb0\x80\xea\xb0\x80" : std::string(1 + draw(14), 'x');
      text += word + std::string(1 + (draw(8) == 0 ? 2 : 0), ' ');
    }
    text += "end\n";
    const std::size_t width = 40 + draw(60);
    const std::string out = fitted(text, width);
    CHECK(letters(out) == letters(text));
    CHECK(too_wide(out, width).empty());
    CHECK(fitted(out, width) == out);
  }
}

TEST_CASE("page: a command too long for the page is one that a shell reads", "[page]") {
  const OnPage narrow(50);
  const std::vector<std::string> words{
      "echo",   "--set", "/services/kafka/config/a=\"it's\"", "--set", "/overrides/node.crash.rate=\"1/yr\"",
      "--seed", "7"};
  const std::string text = command_text("", words);
  CHECK(too_wide(text, 50).empty());
  const std::string file = "/tmp/nines-command-" + std::to_string(::getpid());
  REQUIRE(std::system(("{ " + text.substr(0, text.size() - 1) + "; } > " + file).c_str()) == 0);
  CHECK(experiments::testing::slurp(file) ==
        "--set /services/kafka/config/a=\"it's\" --set /overrides/node.crash.rate=\"1/yr\" --seed 7\n");
  std::remove(file.c_str());
  // Laid out once, it is left alone, also where a word does not fit.
  for (const std::size_t width : {40, 60, 120}) {
    const OnPage on(width);
    const std::string next = command_text(command_label, {"nines", "assess", "a file with blanks in its long name.json",
                                                          "--set", "/services/kafka/config/min.insync.replicas=2"});
    CHECK(fitted("Text before.\n" + next) == "Text before.\n" + next);
  }
}

TEST_CASE("page: tables give up room in the order that they state", "[page]") {
  using Align = TextTable::Align;
  const auto make = [] {
    TextTable table({"name", "some count", "what it is", "more"},
                    {Align::left, Align::right, Align::left, Align::left});
    table.leave_out({"more"});
    table.add({"alpha", "12", "a text of several words that can be broken where a blank is", "further"});
    table.add({"\xea\xb0\x80\xea\xb0\x80", "3", "short", "-"});
    return table;
  };
  {
    const OnPage wide(120);
    const std::vector<std::string> lines = lines_of(make().text());
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].find("some count") != std::string::npos);
    // Columns stand below each other whatever the characters.
    CHECK(display_width(lines[1].substr(0, lines[1].find("a text"))) ==
          display_width(lines[2].substr(0, lines[2].find("short"))));
  }
  for (const std::size_t width : {80, 60, 50, 44, 40}) {
    const OnPage narrow(width);
    const std::string text = make().text();
    INFO(width << "\n" << text);
    CHECK(too_wide(text, width).empty());
    for (const char* word : {"alpha", "12", "several", "blank"}) CHECK(text.find(word) != std::string::npos);
    CHECK((text.find("further") != std::string::npos) == (text.find("no room here") == std::string::npos));
  }
  // Nothing may go: the columns that are left come below, with the names again.
  TextTable table({"name", "first", "second"}, {Align::left, Align::left, Align::left});
  table.add({"alpha", std::string(30, 'x'), std::string(30, 'y')});
  const OnPage narrow(50);
  const std::string text = table.text();
  CHECK(lines_of(text).size() == 5);
  CHECK(text.find("alpha") != text.rfind("alpha"));
}

namespace {

void answer_fits(const loader::NamedEntry& entry) {
  const Input input = load_input(entry.path, std::vector<std::string>{}, CommonOptions());
  AssessOptions options;
  options.method = Method::incidents;
  const std::size_t sources = input.plan.faults.size();
  // A few of each kind of fault; of a fleet, whose incidents are long, fewer.
  options.max_incidents = sources > 1000 ? 2500 : sources > 100 ? 8000 : sources > 40 ? 4000 : 2000;
  options.precision = 10;
  const Assessment result = assess(input.plan, options);
  UncertaintyOptions draws;
  draws.draws = 4;
  draws.incidents = 50;
  const Uncertainty open = propagate(input.loaded, input.plan, result, options, draws);
  CommonOptions common;
  common.sets = {"/overrides/node.crash.rate=\"1/yr\"", "/overrides/ebs.loss.rate=\"0.1/yr\""};
  for (const std::size_t width : {80, 120}) {
    const OnPage on(width);
    const AssessReport report{&input.loaded, &input.plan, &result, &open, options, entry.name, 0, &common};
    const std::string text = fitted(assess_text(report));
    INFO(entry.name << " at " << width);
    CHECK(too_wide(text, width) == "");
    // What is said to come next is of this kind of design.
    CHECK((!input.plan.hosts() && text.find("zone-outage") != std::string::npos) == false);
  }
}

}  // namespace

TEST_CASE("page: the answer about a design of each kind fits", "[page]") {
  const std::set<std::string> some{"etcd-hosts",       "http-eks",     "kafka-eks",
                                   "kubeadm-1-master", "quorum-zones", "tickets-3-nodes"};
  std::size_t seen = 0;
  for (const loader::NamedEntry& entry : loader::list_topologies()) {
    if (some.count(entry.name) == 0) continue;
    ++seen;
    answer_fits(entry);
  }
  CHECK(seen == some.size());
}

TEST_CASE("page: every answer about every shipped design fits", "[page][slow]") {
  for (const loader::NamedEntry& entry : loader::list_topologies()) answer_fits(entry);
}

TEST_CASE("page: every shipped scenario, told on a narrow and on a wide page", "[page]") {
  for (const loader::NamedEntry& entry : loader::list_scenarios(scenario_directory().string())) {
    for (const char* name : {"kafka-eks", "kafka-eks-nvme"}) {
      const Input input = load_input(topology_path(name), std::vector<std::string>{}, CommonOptions());
      const loader::Scenario script = loader::load_scenario(entry.path);
      for (const std::size_t runs : {1, 3}) {
        ReplayOptions options;
        options.runs = runs;
        const Replay result = replay(input.plan, script, options);
        const CommonOptions common;
        const ReplayReport report{&input.loaded, &input.plan, &script, &result, options, {}, name, entry.name, &common};
        for (const std::size_t width : {80, 120}) {
          const OnPage on(width);
          INFO(entry.name << " on " << name << " at " << width);
          CHECK(too_wide(fitted(replay_text(report)), width) == "");
        }
      }
    }
  }
}

TEST_CASE("page: a comparison of three designs fits", "[page]") {
  std::vector<std::unique_ptr<Input>> inputs;
  std::vector<const models::Plan*> plans;
  CompareReport report;
  CompareCommand command;
  for (const char* name : {"kafka-eks", "kafka-eks-nvme", "kafka-eks-min-isr-1"}) {
    inputs.push_back(
        std::make_unique<Input>(load_input(topology_path(name), std::vector<std::string>{}, CommonOptions())));
    plans.push_back(&inputs.back()->plan);
    report.inputs.push_back(inputs.back().get());
    report.labels.emplace_back(name);
    report.topologies.emplace_back(name);
    report.edits.emplace_back();
    command.topologies.emplace_back(name);
  }
  report.options.target = "kafka/write";
  report.options.precision = 10;
  report.options.max_incidents = 2000;
  report.command = &command;
  const Comparison result = compare(plans, report.options);
  report.result = &result;
  for (const std::size_t width : {80, 120}) {
    const OnPage on(width);
    CHECK(too_wide(fitted(compare_text(report)), width) == "");
  }
}

TEST_CASE("page: help, lists, explanations, sweeps and errors of the command fit", "[page][cli]") {
  using experiments::testing::nines_command;
  using experiments::testing::Shop;
  const Shop shop;
  std::vector<std::vector<std::string>> commands{{"--help"},
                                                 {"assess", "kafka-eks", "--dry-run"},
                                                 {"sweep", "kafka-cheapest", "--dry-run"},
                                                 {"explain", "request.timeout.ms", "kafka-eks"},
                                                 {"explain", "verdict"},
                                                 {"lab", "list"},
                                                 {"lab", "run", "4"},
                                                 {"lab", "run", "4", "--predict", "a", "--what-if", "b"},
                                                 {"lab", "run", "16", "--predict", "a"},
                                                 {"lab", "key", "18", "--seeds", "1-2"},
                                                 {"explain", "people.engage"},
                                                 {"assess", "kafka-eks", "--sli", "kafka/wite"},
                                                 {"assess", "kafka-eks", "--set", "/services/kafka/topics/x=1"},
                                                 {"replay", "kafka-eks", "zone-outag"},
                                                 {"list", "everything"},
                                                 {"explain", "breach probabilty"}};
  for (const char* verb : {"assess", "replay", "compare", "sweep", "list", "explain", "schema", "export", "lab"}) {
    commands.push_back({verb, "--help"});
    commands.push_back({verb, "--no-such-option"});
  }
  for (const char* kind : list_kinds) commands.push_back({"list", kind});
  commands.push_back(shop.command("page.sqlite"));
  commands.push_back(shop.command("page.sqlite", {"--show"}));
  for (const std::vector<std::string>& words : commands) {
    for (const std::size_t width : {80, 120}) {
      const auto outcome = nines_command(words, {{"COLUMNS", std::to_string(width)}});
      INFO(fmt::format("{}", fmt::join(words, " ")) << " at " << width);
      CHECK(too_wide(outcome.out, width) == "");
      CHECK(too_wide(outcome.err, width) == "");
      CHECK(!(outcome.out + outcome.err).empty());
    }
  }
}

TEST_CASE("page: what programs read does not depend on the page", "[page][cli]") {
  using experiments::testing::nines_command;
  using experiments::testing::Shop;
  const Shop shop;
  const std::vector<std::string> assess{"assess", "single-unit", "--draws", "8", "--quiet"};
  const std::vector<std::string> replay{"replay", "kafka-eks", "broker-kill", "--runs", "3"};
  const std::vector<std::string> compare{"compare", "single-unit", "single-unit", "--quiet"};
  for (std::vector<std::string> words :
       {assess, replay, compare, shop.command("page.sqlite"), std::vector<std::string>{"list", "scenarios"},
        std::vector<std::string>{"explain", "people.engage"}}) {
    words.insert(words.end(), {"--format", ""});
    for (const char* format : {"json", "csv"}) {
      words.back() = format;
      INFO(fmt::format("{}", fmt::join(words, " ")));
      const auto narrow = nines_command(words, {{"COLUMNS", "40"}});
      const auto wide = nines_command(words, {{"COLUMNS", "200"}, {"FORCE_COLOR", "1"}});
      CHECK(narrow.code == 0);
      CHECK(narrow.out == wide.out);
      CHECK(narrow.out.find('\033') == std::string::npos);
      CHECK(narrow.out.find("wall_s") == std::string::npos);
    }
  }
  const auto timed = nines_command({"assess", "single-unit", "--draws", "0", "--json", "--timing"});
  CHECK(timed.out.find("\"wall_s\"") != std::string::npos);
}

TEST_CASE("page: COLUMNS and colours are as the user wants them", "[page][cli]") {
  using experiments::testing::nines_command;
  const std::vector<std::string> words{"replay", "kafka-eks", "broker-kill"};
  // No terminal: 80 columns and no colour; nonsense counts as nothing.
  const std::string plain = nines_command(words).out;
  CHECK(plain.find('\033') == std::string::npos);
  CHECK(nines_command(words, {{"COLUMNS", "80"}}).out == plain);
  for (const char* nonsense : {"", "0", "x", "-5", "80x", "99999999999999999999"}) {
    CHECK(nines_command(words, {{"COLUMNS", nonsense}}).out == plain);
  }
  CHECK(nines_command(words, {{"COLUMNS", "1"}}).code == 0);
  CHECK(nines_command(words, {{"COLUMNS", "200"}}).out != plain);
  const std::string coloured = nines_command(words, {{"FORCE_COLOR", "1"}}).out;
  CHECK(coloured.find("\033[32mPASS\033[0m") != std::string::npos);
  CHECK(std::regex_replace(coloured, std::regex("\033\\[[0-9]*m"), "") == plain);
  CHECK(nines_command(words, {{"FORCE_COLOR", "1"}, {"NO_COLOR", "1"}}).out == plain);
  std::vector<std::string> without = words;
  without.emplace_back("--no-color");
  CHECK(nines_command(without, {{"FORCE_COLOR", "1"}}).out == plain);
}

}  // namespace page_layout_test
