// The shipped labs: what each says is what the simulator plays, and what a formula or a real server says; and the
// verb that shows them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "experiments/lab/class_sheet.hpp"
#include "experiments/lab/lab_output.hpp"
#include "experiments/lab/play.hpp"
#include "experiments/loader/lab_file.hpp"
#include "tests/experiments/loader_support.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace labs_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::loader;
using nines::experiments::testing::check_refused;
using nines::experiments::testing::Outcome;
using nines::experiments::testing::Scratch;
using nines::experiments::testing::shell;
using nines::experiments::testing::spill;
using nines::experiments::testing::WrongUsage;
using nines::loader::testing::error_of;
using nines::loader::testing::read_file;
using nines::loader::testing::replaced;
using nines::tests::source_file;

namespace {

constexpr std::size_t threads = 2;

Outcome nines_command(const std::string& arguments) { return shell(nines::tests::nines_binary() + " " + arguments); }

std::vector<std::string> lab_files() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(source_file("experiments/labs")))
    files.push_back(entry.path().string());
  std::sort(files.begin(), files.end());
  return files;
}

std::string lab_path(const std::string& name) { return source_file("experiments/labs/" + name + ".json"); }

double value_of(const Lab& lab, const char* name) { return lab.values.at(name).get<double>(); }

/// A question's truth is in one option, or a number is right just where its tolerance says.
void one_answer_is_right(const Lab& lab, const LabPrediction& prediction, double truth) {
  if (!prediction.choice()) {
    const double margin = prediction.margin(truth);
    REQUIRE(margin > 0);
    for (const double side : {-1.0, 1.0}) {
      CHECK(is_right(lab, prediction, truth, {0, truth + side * 0.99 * margin}));
      CHECK_FALSE(is_right(lab, prediction, truth, {0, truth + side * 1.01 * margin}));
    }
    return;
  }
  std::size_t right = 0;
  for (std::size_t option = 0; option < prediction.options.size(); ++option) {
    const bool held = is_right(lab, prediction, truth, {option, 0});
    CHECK(held == prediction.options[option].holds(truth));
    right += held ? 1 : 0;
  }
  CHECK(right == 1);
}

void play_whole(const std::string& file, std::uint64_t seed) {
  LabSession session(load_lab(file, seed), seed, threads);
  const Lab& lab = session.lab();
  INFO(lab.name << " with seed " << seed << ": " << session.truth() << ", " << session.what_if_truth());
  one_answer_is_right(lab, lab.predict, session.truth());
  one_answer_is_right(lab, lab.what_if.predict, session.what_if_truth());
  for (const bool what_if : {false, true}) {
    for (const LabHeld& held : statements_of(lab, what_if ? session.what_if() : session.run(), what_if)) {
      INFO(held.statement->text << ": " << held.figure);
      CHECK(held.held());
    }
  }
  const std::string answer = lab.predict.choice() ? "a" : "1";
  const std::string other = lab.what_if.predict.choice() ? "a" : "1";
  const Json json = lab_json(session, {"1", answer, other});
  for (const Json* why : {&json["result"]["why"], &json["what_if"]["result"]["why"]}) {
    for (const Json& words : *why) {
      INFO(words.dump());
      CHECK(words.get<std::string>().find('{') == std::string::npos);
    }
  }
}

/// The truth of a lab whose variant has these values, by its file with that variant alone.
double truth_with(const std::string& name, const Json& values, std::size_t runs = 0) {
  Json file = Json::parse(read_file(lab_path(name)));
  Json variant = file["variants"][0];
  variant.update(values);
  file["variants"] = Json::array({variant});
  if (runs > 0) file["run"]["runs"] = runs;
  Lab lab = load_lab_text(name + ".json", file.dump(), 1);
  LabSession session(std::move(lab), 1, threads);
  return session.truth();
}

}  // namespace

// ---- what the files say ----

TEST_CASE("labs: they are numbered from 1, named as their files, and there are at least twelve", "[labs]") {
  std::set<std::int64_t> numbers;
  for (const std::string& file : lab_files()) {
    const Lab lab = load_lab(file, 1);
    INFO(file);
    CHECK(lab.name == std::filesystem::path(file).stem().string());
    CHECK(numbers.insert(lab.number).second);
    // Every variant fills every place.
    for (std::uint64_t seed = 0; seed < lab.variants; ++seed) CHECK(load_lab(file, seed).number == lab.number);
  }
  REQUIRE(numbers.size() >= 12);
  CHECK(*numbers.begin() == 1);
  CHECK(*numbers.rbegin() == static_cast<std::int64_t>(numbers.size()));
}

TEST_CASE("labs: neighbours in a class have different variants, and options in another order", "[labs]") {
  for (const std::string& file : lab_files()) {
    const Lab one = load_lab(file, 7);
    const Lab next = load_lab(file, 8);
    INFO(file);
    CHECK(one.variant != next.variant);
    CHECK(one.values != next.values);
    // The seed of another round has the same variant.
    const Lab round = load_lab(file, 7 + one.variants);
    CHECK(round.values == one.values);
    if (one.predict.choice()) CHECK(round.predict.options[0].text != one.predict.options[0].text);
  }
}

TEST_CASE("labs: one answer is right, and the explanation holds", "[labs]") {
  for (const std::string& file : lab_files()) play_whole(file, 1);
}

TEST_CASE("labs: one answer is right, and the explanation holds, for a class of twenty-four", "[labs][slow]") {
  for (const std::string& file : lab_files()) {
    for (std::uint64_t seed = 1; seed <= 24; ++seed) play_whole(file, seed);
  }
}

// ---- closed forms and real servers ----

TEST_CASE("labs: the first campaign comes when the lesser of two uniform times runs out", "[labs]") {
  // raft_etcd sheet, section 6: min of s iid U((E-1)T, (2E-1)T) after the last heartbeat, less T/2 in the mean.
  // 2000 runs: 5.5 standard errors are 2.5 % of the mean; false alarms 4e-8 a comparison.
  constexpr double tick = 0.1;
  for (const int ms : {1000, 2000}) {
    Json file = Json::parse(read_file(lab_path("etcd-election")));
    Json variant = file["variants"][0];
    variant["ms"] = ms;
    file["variants"] = Json::array({variant});
    file["run"]["runs"] = 2000;
    file["truth"] = {{"figure", "milestone_s"}, {"milestone", "etcd.first_campaign"}};
    LabSession session(load_lab_text("etcd-election.json", file.dump(), 1), 1, threads);
    const double ticks = ms / 100.0;
    const double expected = (ticks - 1) * tick + ticks * tick / 3 - tick / 2;
    CHECK(session.truth() == Approx(expected).epsilon(0.025));
  }
}

TEST_CASE("labs: a real etcd's new leader comes as soon as the lab's", "[labs][measured]") {
  // etcd 3.4.23, 80 kills: median 1.2227 s (raft_etcd sheet, section 8). The standard error of that median is 4 %.
  CHECK(truth_with("etcd-election", {{"ms", 1000}}, 2000) == Approx(1.2227).epsilon(0.08));
}

TEST_CASE("labs: the first campaign of three members fails once in E", "[labs][slow]") {
  // raft_etcd sheet, section 2.3. 2000 runs of each of 15 seeds: 5.5 standard errors are 9.5 % of a tenth; an error of
  // 10 % would be seen, false alarms 4e-8.
  Json file = Json::parse(read_file(lab_path("split-vote")));
  Json variant = file["variants"][0];
  variant["ms"] = 1000;
  file["variants"] = Json::array({variant});
  constexpr std::uint64_t seeds = 15;
  double sum = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    LabSession session(load_lab_text("split-vote.json", file.dump(), seed), seed, threads);
    sum += session.truth() / static_cast<double>(seeds);
  }
  const double error = 100 * std::sqrt(0.1 * 0.9 / (2000.0 * seeds));
  CHECK(std::abs(sum - 10) < 5.5 * error);
}

TEST_CASE("labs: clients of a real Sentinel write again as soon as the lab's", "[labs][measured]") {
  // redis 7.0.15, down-after 1 s, 100 kills: first write by Sentinel's address, median 2.218 s.
  CHECK(truth_with("sentinel-failover", {{"down_after", 1}, {"longer", 11.7}, {"down_after_more", 1.6}}) ==
        Approx(2.218).epsilon(0.05));
}

TEST_CASE("labs: a request fails when all its attempts meet the one dead server", "[labs]") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    LabSession session(load_lab(lab_path("retries"), seed), seed, threads);
    const Lab& lab = session.lab();
    const double attempts = value_of(lab, "retries") + 1;
    INFO(lab.values.dump());
    CHECK((session.truth() > 0) == (std::pow(1.0 / 3, attempts) > value_of(lab, "tolerance")));
    CHECK((session.what_if_truth() > 0) == (std::pow(1.0 / 6, attempts) > value_of(lab, "tolerance")));
    CHECK(value_of(lab, "failing") == Approx(100 * std::pow(1.0 / 3, attempts)).epsilon(0.005));
  }
}

TEST_CASE("labs: two pods of three take four hundred requests, and no more", "[labs]") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    LabSession session(load_lab(lab_path("headroom"), seed), seed, threads);
    CHECK((session.truth() > 0) == (value_of(session.lab(), "load") > 2 * 200));
  }
}

TEST_CASE("labs: writes with acks=all go on while as many are in sync as must be", "[labs]") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    LabSession session(load_lab(lab_path("min-isr"), seed), seed, threads);
    const double least = value_of(session.lab(), "min_isr");
    CHECK((session.truth() > 500) == (2 < least));
    CHECK((session.what_if_truth() > 500) == (1 < least));
  }
}

TEST_CASE("labs: half of the interval between two copies is lost in the mean", "[labs]") {
  // Uniform over an interval, 200 crashes: a standard error is 4.1 % of the mean; 5.5 of them.
  const double within = 5.5 * 2 / std::sqrt(12.0 * 200);
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    LabSession session(load_lab(lab_path("rpo"), seed), seed, threads);
    const Lab& lab = session.lab();
    const std::string how = lab.values.at("persistence").get<std::string>();
    const double rate = value_of(lab, "writes");
    constexpr double dataset = 100e6 / 100;
    const std::map<std::string, double> expected{{"aof-always", 0},
                                                 {"aof-everysec", rate * 0.5},
                                                 {"snapshots", rate * value_of(lab, "save_s") / 2},
                                                 {"none", dataset}};
    INFO(how);
    CHECK(session.truth() == Approx(expected.at(how)).epsilon(within));
  }
}

TEST_CASE("labs: the downtime of a quorum with a common cause is that of a Markov chain", "[labs]") {
  // States: nodes down, 0 to 3; each repaired by its own crew. Solved by cuts: the flow into {>= d} equals that out.
  constexpr double repair = 1.0 / 4;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    LabSession session(load_lab(lab_path("common-cause"), seed), seed, threads);
    const double beta = value_of(session.lab(), "beta");
    const double own = (1 - beta) / 2000;
    const double shock = beta / 2000;
    // With p0 = 1: d p(d) repair = p(d-1) (4 - d) own + shock (p0 + ... + p(d-1)).
    std::array<double, 4> p{1, 0, 0, 0};
    double below = 0;
    for (std::size_t down = 1; down <= 3; ++down) {
      below += p[down - 1];
      p[down] =
          (p[down - 1] * static_cast<double>(4 - down) * own + shock * below) / (static_cast<double>(down) * repair);
    }
    const double unavailable = (p[2] + p[3]) / (p[0] + p[1] + p[2] + p[3]);
    CHECK(session.truth() == Approx(unavailable * 8760 * 60).epsilon(0.002));
  }
}

TEST_CASE("labs: a month breaks its promise as a Poisson number of exponential outages does", "[labs]") {
  // Windows that begin up; the long run begins down in 1.7e-4 of them.
  const auto breach = [](double mean_up_h, double mean_down_h, double target) {
    const double allowed = (1 - target) * 730;
    const double outages = (730 - allowed) / mean_up_h;
    const double ratio = allowed / mean_down_h;
    double poisson = std::exp(-outages);
    double tail = 0;  // of a sum of n exponential times
    double term = std::exp(-ratio);
    double sum = 0;
    for (int n = 1; n < 200; ++n) {
      poisson *= outages / n;
      tail += term;
      term *= ratio / n;
      sum += poisson * tail;
    }
    return 100 * sum;
  };
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    LabSession session(load_lab(lab_path("breach-and-average"), seed), seed, threads);
    const double target = value_of(session.lab(), "target");
    CHECK(session.truth() == Approx(breach(1500, 0.25, target)).epsilon(0.01));
    CHECK(session.what_if_truth() == Approx(breach(150, 0.025, target)).epsilon(0.01));
  }
}

TEST_CASE("labs: what the old master took is lost, for the fault and until it is demoted", "[labs]") {
  // Ten seconds at most to the next INFO, after eight in which it said that it is master.
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    LabSession session(load_lab(lab_path("split-brain"), seed), seed, threads);
    const double part = value_of(session.lab(), "part_s");
    constexpr double rate = 200;
    CHECK(session.truth() > rate * (part + 8));
    CHECK(session.truth() < rate * (part + 8 + 10));
  }
}

// ---- answers ----

TEST_CASE("labs: answers are letters, or numbers with their unit or another one of time", "[labs]") {
  LabPrediction number;
  number.unit = "s";
  number.tolerance = 0.1;
  CHECK(parse_answer(number, " 1.5 ")->number == 1.5);
  CHECK(parse_answer(number, "1.5s")->number == 1.5);
  CHECK(parse_answer(number, "1500 ms")->number == Approx(1.5));
  CHECK(parse_answer(number, "2 min")->number == Approx(120));
  for (const char* bad : {"", "s", "1.5 kg", "1,5", "nan", "inf", "a", "1 5"}) CHECK_FALSE(parse_answer(number, bad));
  LabPrediction choice;
  choice.options.resize(3);
  CHECK(parse_answer(choice, "C")->option == 2);
  for (const char* bad : {"", "d", "ab", "1", "-"}) CHECK_FALSE(parse_answer(choice, bad));
  CHECK(answers_taken(choice) == "a, b or c");
}

// ---- bad files ----

TEST_CASE("labs: what is wrong with a file is named with its place", "[labs][loader]") {
  const std::string good = read_file(lab_path("min-isr"));
  struct Case {
    const char* from;
    const char* to;
    const char* says;
  };
  const Case cases[] = {
      {"\"question\"", "\"qestion\"", "/qestion: unknown field of a lab. Did you mean 'question'?"},
      {"nines/lab/1", "nines/lab/2", "this program reads version 1 only"},
      {"\"level\": \"beginner\"", "\"level\": \"beginer\"", "/level: expected a level"},
      {"is {min_isr}.", "is {min_is}.", "/question: no variant has a value 'min_is'. Did you mean 'min_isr'?"},
      {"is {min_isr}.", "is {min_isr.", "/question: expected the name of a variant's value"},
      {"{\"min_isr\": 2}", "{\"min\": 2}", "/variants/1: expected the same names as in the first variant"},
      {"\"max\": 120", "\"max\": 121", "/predict/options: expected intervals that meet end to end"},
      {"\"figure\": \"outage_s\"", "\"figure\": \"outages_s\"", "Did you mean 'outage_s'?"},
      {"\"figure\": \"outage_s\", \"sli\": \"kafka/write\"", "\"figure\": \"availability\", \"sli\": \"kafka/write\"",
       "/truth: the figure availability is one of 'assess', not of a replay"},
      {"\"figure\": \"outage_s\", \"sli\": \"kafka/write\"", "\"figure\": \"outage_s\"",
       "/truth: the figure outage_s needs 'sli'"},
      {"\"runs\": 10", "\"runs\": 100000", "/run/runs: expected a whole number from 1 to 2000"},
  };
  for (const Case& entry : cases) {
    const std::string text = replaced(good, entry.from, entry.to);
    const std::string error = error_of([&] { static_cast<void>(load_lab_text("lab.json", text, 1)); });
    INFO(entry.to << "\n" << error);
    CHECK(error.find(entry.says) != std::string::npos);
    CHECK(error.starts_with("lab.json:"));
  }
}

TEST_CASE("labs: what is wrong with a play is named where the lab says it", "[labs][loader]") {
  const std::string good = read_file(lab_path("min-isr"));
  struct Case {
    const char* from;
    const char* to;
    const char* says;
  };
  const Case cases[] = {
      {"\"kafka-eks\"", "\"kafka-esk\"",
       "/run/topology: no shipped topology is called 'kafka-esk'. Did you mean 'kafka-eks'?"},
      {"min.insync.replicas\": \"{min", "min.insync.replica\": \"{min",
       "/run/set/~1services~1kafka~1config~1min.insync.replica"},
      {"\"kafka/broker-0\"", "\"kafka/broker-9\"", "/run/scenario: "},
      {"\"sli\": \"kafka/write\"", "\"sli\": \"kafka/wite\"", "Did you mean 'kafka/write'?"},
      {"\"duration_s\": 600", "\"duration_s\": -600", "/run/scenario/actions/0/duration_s: expected a number"},
      {"\"kafka.fenced\"", "\"kafka.fence\"",
       "the milestone 'kafka.fence' occurs in no run. Did you mean 'kafka.fenced'?"},
  };
  for (const Case& entry : cases) {
    const std::string text = replaced(good, entry.from, entry.to);
    const std::string error = error_of([&] {
      LabSession session(load_lab_text("lab.json", text, 1), 1, threads);
      static_cast<void>(session.truth());
      static_cast<void>(statements_of(session.lab(), session.run(), false));
    });
    INFO(entry.to << "\n" << error);
    CHECK(error.find(entry.says) != std::string::npos);
    CHECK(error.starts_with("lab.json:"));
  }
}

// ---- a class ----

TEST_CASE("labs: a class sheet counts right answers and what else was believed", "[labs]") {
  std::map<std::pair<std::string, std::uint64_t>, std::unique_ptr<LabSession>> sessions;
  const LabOfLine session_of = [&](const SheetLine& line) -> LabSession& {
    auto& session = sessions[{line.lab, line.seed}];
    if (!session) session = std::make_unique<LabSession>(load_lab(lab_path(line.lab), line.seed), line.seed, threads);
    return *session;
  };
  LabSession choice(load_lab(lab_path("kraft-controller"), 3), 3, threads);
  const std::string right = right_answer(choice.lab(), choice.lab().predict, choice.truth());
  const auto letter_of = [&](std::size_t place) {
    for (std::size_t i = 0; i < choice.lab().predict.options.size(); ++i) {
      if (choice.lab().predict.options[i].place == place) return std::string(1, static_cast<char>('a' + i));
    }
    return std::string();
  };
  // The options of the file: not at all (right), 3 s, 9 s, 30 s.
  REQUIRE(right == letter_of(0));
  std::string sheet = "answer,student,lab,seed,note\n";
  for (const std::string& answer : {right, letter_of(2), letter_of(2), letter_of(1), std::string()})
    sheet += answer + ",\"O'Neil, \"\"Ann\"\"\",kraft-controller,3,x\n";
  LabSession number(load_lab(lab_path("common-cause"), 5), 5, threads);
  for (const double factor : {1.0, 0.5, 2.0, 3.0})
    sheet += fmt::format("{},s,common-cause,5,\n", number.truth() * factor);
  const std::vector<SheetLine> lines = read_sheet("sheet.csv", sheet);
  REQUIRE(lines.size() == 9);
  CHECK(lines[0].student == "O'Neil, \"Ann\"");
  const std::vector<ClassLab> found = class_sheet("sheet.csv", lines, session_of);
  REQUIRE(found.size() == 2);
  CHECK(found[0].answers == 4);
  CHECK(found[0].without == 1);
  CHECK(found[0].right == 1);
  CHECK(found[0].options[2].chosen == 2);
  CHECK(found[0].options[0].right == 1);
  CHECK(class_json(found)[0]["most_believed_wrong"] == "3");
  CHECK(found[1].right == 1);
  CHECK(found[1].low == 1);
  CHECK(found[1].high == 2);
  REQUIRE(found[1].ratio);
  CHECK(found[1].ratio->max == Approx(3));
  CHECK(class_text(found).find("1 too low, 2 too high") != std::string::npos);
}

TEST_CASE("labs: a class sheet's errors name the line", "[labs]") {
  const auto error = [](const std::string& text) {
    return error_of([&] {
      const std::vector<SheetLine> lines = read_sheet("sheet.csv", text);
      std::unique_ptr<LabSession> session;
      static_cast<void>(class_sheet("sheet.csv", lines, [&](const SheetLine& line) -> LabSession& {
        session = std::make_unique<LabSession>(load_lab(lab_path("min-isr"), line.seed), line.seed, threads);
        return *session;
      }));
    });
  };
  CHECK(error("").find("sheet.csv:1") == 0);
  CHECK(error("student,lab,sed,answer\n").find("there is no 'seed'. Did you mean 'sed'?") != std::string::npos);
  CHECK(error("student,lab,seed,answer\na,4,x,b\n").find("sheet.csv:2") == 0);
  CHECK(error("student,lab,seed,answer\na,4,1\n").find("expected 4 cells") != std::string::npos);
  CHECK(error("student,lab,seed,answer\na,4,1,\"b\n").find("a quoted cell that does not end") != std::string::npos);
  CHECK(error("student,lab,seed,answer\n\na,4,1,z\n").find("sheet.csv:3:1: error: expected a, b, c or d") == 0);
}

// ---- the verb ----

TEST_CASE("labs: the command asks first, and tells by exit code whether an answer is right", "[labs][cli]") {
  const Outcome question = nines_command("lab run 3 --seed 2");
  CHECK(question.code == 0);
  CHECK(question.out.find("Question") != std::string::npos);
  CHECK(question.out.find("--predict") != std::string::npos);
  CHECK(question.out.find("Why") == std::string::npos);
  CHECK(question.out.find("Timeline") == std::string::npos);
  const Json asked = Json::parse(nines_command("lab run 3 --seed 2 --json").out);
  CHECK_FALSE(asked.contains("result"));
  std::string right;
  std::string wrong;
  for (const Json& option : asked["predict"]["options"]) {
    const std::string answer = option["answer"].get<std::string>();
    (option["text"].get<std::string>().starts_with("not at all") ? right : wrong) = answer;
  }
  CHECK(nines_command("lab check 3 " + right + " --seed 2").code == 0);
  const Outcome missed = nines_command("lab check kraft-controller " + wrong + " --seed 2");
  CHECK(missed.code == 1);
  CHECK(missed.out.find("not at all") == std::string::npos);
  const Outcome told = nines_command("lab run 3 --seed 2 --predict " + wrong + " --what-if 480");
  for (const char* part : {"Timeline", "You said", "Played", "Why", "Sources", "HOLDS", "What if", "What happens then"})
    CHECK(told.out.find(part) != std::string::npos);
  CHECK(told.out == nines_command("lab run 3 --seed 2 --threads 1 --what-if 480 --predict " + wrong).out);
}

TEST_CASE("labs: bad usage of the command is one clear message", "[labs][cli]") {
  const WrongUsage cases[] = {
      {"lab", "ACTION is missing"},
      {"lab rum", "Did you mean 'run'?"},
      {"lab run", "LAB is missing"},
      {"lab run 99", "there is no lab '99'"},
      {"lab run kraft-controler", "Did you mean 'kraft-controller'?"},
      {"lab run 3 --predict z", "expected a, b, c or d"},
      {"lab run 3 --predict a --what-if x", "--what-if: expected a number"},
      {"lab run 3 --what-if 1", "--what-if comes after --predict"},
      {"lab run 3 a", "unexpected argument 'a'"},
      {"lab check 3", "ANSWER is missing"},
      {"lab check 3 maybe", "expected a, b, c or d"},
      {"lab key --seeds 5-1", "--seeds"},
      {"lab class /no/such.csv", "cannot be read"},
      {"lab list extra", "unexpected argument 'extra'"},
  };
  for (const WrongUsage& usage : cases) check_refused(usage);
}

TEST_CASE("labs: list, key and class give tables, JSON and CSV of the same", "[labs][cli]") {
  const Json list = Json::parse(nines_command("lab list --json").out);
  CHECK(list.size() == lab_files().size());
  CHECK(nines_command("lab list").out.find("etcd-election") != std::string::npos);
  const Json key = Json::parse(nines_command("lab key retries --seeds 1-3 --json").out);
  REQUIRE(key.size() == 3);
  CHECK(key[2]["seed"] == 3);
  const std::string csv = nines_command("lab key 13 --seeds 1-3 --format csv").out;
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
  CHECK(csv.find(fmt::format("\n13,retries,3,{},{},", load_lab(lab_path("retries"), 3).variant + 1,
                             key[2]["truth"]["answer"].get<std::string>())) != std::string::npos);
  const Scratch scratch;
  spill(scratch / "class.csv", "student,lab,seed,answer\nann,13,3,a\nbob,retries,2,b\n");
  const Json sheet = Json::parse(nines_command("lab class " + (scratch / "class.csv") + " --json").out);
  REQUIRE(sheet.size() == 1);
  CHECK(sheet[0]["answers"] == 2);
}

}  // namespace labs_test
