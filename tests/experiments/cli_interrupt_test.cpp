// Progress, Ctrl-C, and looking at a sweep before its end: the command as a process, also on a terminal.
#include "experiments/report/json_text.hpp"
#include "experiments/report/output.hpp"
#include "experiments/sweep/database.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace cli_interrupt_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

/// Under a terminal of so many columns; standard output and error together.
std::string on_terminal(const std::string& command, int columns) {
  const std::string inner =
      fmt::format("stty cols {}; unset COLUMNS NO_COLOR FORCE_COLOR; export TERM=xterm; {}", columns, command);
  return shell("script -qec '" + inner + "' /dev/null").out;
}

const std::string endless = "assess kafka-eks --precision 0.0001 --draws 0 --max-incidents 1000000000";

}  // namespace

TEST_CASE("interrupt: what is kept, how to go on, and the signal as shells say it", "[interrupt]") {
  const Shop shop;
  struct Case {
    std::vector<std::string> words;
    std::string says;
  };
  const Case cases[] = {
      {{"assess", "kafka-eks", "--precision", "0.0001", "--draws", "0", "--max-incidents", "1000000000"},
       "keeps nothing"},
      {{"compare", "kafka-eks", "kafka-eks-nvme", "--precision", "0.001", "--max-incidents", "1000000000"},
       "keeps nothing"},
      {{"replay", "kafka-eks", "zone-outage", "--runs", "100000"}, "keeps nothing"},
      {{"sweep", "kafka-cheapest", "--results", shop / "big.sqlite"}, "--show"},
      {{"sweep", "kafka-cheapest", "--results", shop / "big.sqlite", "--shard", "0/2"}, "same command goes on"},
  };
  for (const Case& entry : cases) {
    const auto at = &entry - cases;
    for (const int signal : {SIGINT, SIGTERM}) {
      if (at > 0 && (at % 2 == 0) != (signal == SIGINT)) continue;  // of the others one, by turns
      const Outcome outcome = interrupted(entry.words, Seconds(2), signal);
      INFO(fmt::format("{}", fmt::join(entry.words, " ")) << "\n" << outcome.err);
      CHECK(outcome.signal == signal);
      CHECK(outcome.out.empty());
      CHECK(outcome.err.find("nines: interrupted.") != std::string::npos);
      CHECK(outcome.err.find(entry.says) != std::string::npos);
    }
  }
  const std::string binary = tests::nines_binary();
  CHECK(shell("timeout --preserve-status -s INT 1 " + binary + " " + endless).code == 130);
  CHECK(shell("timeout --preserve-status -s TERM 1 " + binary + " " + endless).code == 143);
  // A file that was asked for is not begun; a signal that whoever started it ignores is ignored.
  const std::string file = shop / "never.json";
  CHECK(shell("timeout -s INT 1 " + binary + " " + endless + " -o " + file).code == 124);
  CHECK(!fs::exists(file));
  const std::string ignored = "trap \"\" INT; " + binary + " assess single-unit --quiet --draws 8 & child=$!; " +
                              "while kill -INT $child; do sleep 0.01; done 2>/dev/null; wait $child";
  const Outcome kept_on = shell(ignored);
  CHECK(kept_on.code == 0);
  CHECK(kept_on.out.size() > 100);
}

TEST_CASE("progress: with rate and rest on a terminal, none in a short log", "[interrupt]") {
  CHECK(advance_text({"rung 1", 42000, 90000.0, false, "incidents", ""}, 12000.0) ==
        "rung 1: 42,000 of 90,000 incidents, 12,000/s, 4 s left");
  CHECK(advance_text({"", 5, std::nullopt, false, "runs", "more"}, std::nullopt) == "5 runs; more");
  CHECK(advance_text({"", 10, 10.0, true, "draws", ""}, 0.5) == "10 of about 10 draws, 0.50/s");
  CHECK(advance_text({"", 1, 10000.0, false, "runs", ""}, 1.0) == "1 of 10,000 runs, 1.0/s, 2.8 h left");
  const std::string many = " replay kafka-eks broker-kill --runs 1000000";
  const std::string seen = on_terminal("timeout -s INT 3 " + tests::nines_binary() + many, 100);
  INFO(seen);
  CHECK(seen.find("\r\033[K") != std::string::npos);
  CHECK(seen.find(" of 1,000,000 runs, ") != std::string::npos);
  CHECK(seen.find("/s, ") != std::string::npos);
  CHECK(seen.find(" left") != std::string::npos);
  CHECK(seen.find("nines: interrupted.") != std::string::npos);
  const Outcome log = nines_command({"assess", "single-unit", "--draws", "8"});
  CHECK(std::count(log.err.begin(), log.err.end(), '\n') == 1);  // the times
  CHECK(nines_command({"assess", "single-unit", "--draws", "8", "--quiet"}).err.empty());
}

TEST_CASE("page: a terminal's own width and colours", "[interrupt]") {
  const std::string command = tests::nines_binary() + " replay kafka-eks broker-kill";
  const auto widest = [](const std::string& text) {
    std::size_t most = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      std::string line = text.substr(at, end - at);
      if (line.ends_with("\r")) line.pop_back();
      most = std::max(most, display_width(line));
      at = end + 1;
    }
    return most;
  };
  const std::string narrow = on_terminal(command, 70);
  const std::string wide = on_terminal(command, 130);
  INFO(narrow);
  CHECK(widest(narrow) <= 70);
  CHECK(widest(wide) <= 130);
  CHECK(widest(wide) > 75);
  CHECK(narrow.find("\033[32mPASS") != std::string::npos);
}

TEST_CASE("sweep: what is known so far, at any time, and nothing changed by looking", "[sweep]") {
  const Shop shop;
  const auto show = [&](const std::string& results) { return nines_command(shop.command(results, {"--show"})); };
  CHECK(show("none.sqlite").code == 2);
  CHECK(show("none.sqlite").err.find("there is no") != std::string::npos);
  CHECK(!fs::exists(shop / "none.sqlite"));
  // Killed at several moments; and while it is being played.
  for (const double part : {0.3, 0.6, 0.9}) {
    const std::string file = fmt::format("{}.sqlite", part);
    interrupted(shop.command(file), reference().length * part);
    if (!fs::exists(shop / file)) continue;
    const std::string before = slurp(shop / file);
    const Outcome so_far = show(file);
    INFO(so_far.out << so_far.err);
    // The file may still be without tables.
    if (so_far.code == 0) CHECK(so_far.out.find("design") != std::string::npos);
    CHECK(slurp(shop / file) == before);
    CHECK(shop.answer(file) == reference().answer);
    const Outcome whole = show(file);
    CHECK(whole.out.find("Not complete") == std::string::npos);
    const Outcome json = nines_command(shop.command(file, {"--show", "--format", "json"}));
    CHECK(json.out == reference().answer.json);
  }
  Process playing(shop.command("live.sqlite"));
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(reference().length / 6);
    const Outcome look = show("live.sqlite");
    INFO(look.err);
    CHECK((look.code == 0 || look.code == 2));
  }
  CHECK(playing.wait().code == 0);
  CHECK(shop.answer("live.sqlite") == reference().answer);
  // Shards that nobody has merged yet are looked into.
  REQUIRE(nines_command(shop.command("parts.sqlite", {"--shard", "0/2"})).code == 0);
  const Outcome parts = show("parts.sqlite");
  INFO(parts.err);
  CHECK(parts.code == 0);
  CHECK(parts.out.find("Not complete") != std::string::npos);
  CHECK(!fs::exists(shop / "parts.sqlite"));
  CHECK(!fs::exists(":memory:"));  // a look leaves nothing behind, here neither
}

TEST_CASE("sweep: values have types, and one view has one row a design", "[sweep]") {
  const Shop shop;
  REQUIRE(nines_command(shop.command("wide.sqlite")).code == 0);
  Database database(shop / "wide.sqlite", Database::Mode::existing);
  Statement types(database, "SELECT DISTINCT parameter, typeof(value) FROM setting ORDER BY 1");
  std::map<std::string, std::string> type;
  while (types.next()) {
    CHECK(type.emplace(types.text(0), types.text(1)).second);  // one type a parameter
  }
  CHECK(type.size() > 1);
  bool number = false;
  for (const auto& [name, its] : type) number = number || its == "integer" || its == "real";
  CHECK(number);
  Statement points(database, "SELECT count(DISTINCT point) FROM setting");
  points.next();
  Statement rows(database, "SELECT count(*), count(DISTINCT point) FROM wide");
  rows.next();
  CHECK(rows.integer(0) == points.integer(0));
  CHECK(rows.integer(1) == points.integer(0));
  // The view says of every point what the JSON says.
  const Json json = Json::parse(reference().answer.json);
  for (const Json& point : json["points"]) {
    for (const auto& [figure, value] : point["figures"].items()) {
      Statement find(
          database, fmt::format("SELECT status, \"{}\" FROM wide WHERE point = {}", figure, point["point"].get<int>()));
      REQUIRE(find.next());
      CHECK(find.text(0) == point["status"]);
      if (value["estimate"].is_null()) {
        CHECK(find.null(1));
      } else {
        CHECK(find.real(1) == value["estimate"].get<double>());
      }
    }
  }
}

}  // namespace cli_interrupt_test
