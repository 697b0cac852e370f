// Results files that were damaged or are another's, scripts that are given anything, streams that are closed.
#include <random>

#include "tests/experiments/sweep_support.hpp"
#include "tests/fuzz/checks.hpp"

namespace sweep_damage_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

constexpr int done = 0;
constexpr int bad_input = 2;
constexpr int more_to_play = 3;

void execute(const std::string& path, const std::string& sql) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK);
  const std::unique_ptr<sqlite3, Closed> database(handle);
  INFO(sql);
  REQUIRE(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A small sweep of which both shards of the first rung lie beside each other.
struct Shards {
  Shards() {
    for (const char* shard : {"0/2", "1/2"}) {
      REQUIRE(nines_command(shop.command("parts.sqlite", {"--shard", shard})).code == done);
    }
    bytes = slurp(file);
  }
  Shop shop;
  std::string file = shop / "parts.rung-0.shard-0-of-2.sqlite";
  std::string bytes;
};

}  // namespace

TEST_CASE("damage: a shard with a row that was changed, taken away or added is refused whole", "[sweep]") {
  const Shards shards;
  const Shop& shop = shards.shop;
  REQUIRE(nines_command(shop.command("parts.sqlite", {"--merge", shop / "parts.rung-0.shard-1-of-2.sqlite"})).code ==
          more_to_play);
  const std::string before = tables_text(shop / "parts.sqlite");
  const std::string changes[] = {
      "UPDATE estimate SET value = value * 1.0000001 WHERE rowid_is_none",
      "UPDATE estimate SET ci95_high = NULL WHERE ci95_high IS NOT NULL",
      "UPDATE estimate SET point = point + 1000",
      "UPDATE batch SET reward = reward + 1e-9 WHERE batch = 3",
      "UPDATE batch SET weight = 9e999 WHERE batch = 0",
      "UPDATE run SET incidents = incidents + 1",
      "UPDATE run SET rung = 77",
      "UPDATE point SET problem = char(27) || '[31m' WHERE problem <> ''",
      "UPDATE point SET input_hash = '0123456789abcdef'",
      "UPDATE sweep SET value = '{}' WHERE key = 'sampling'",
      "UPDATE sweep SET value = '9999999999999' WHERE key = 'seed'",
      "UPDATE setting SET value = '5'",
      "UPDATE figure SET name = 'x'",
      "DELETE FROM estimate WHERE figure = 1",
      "DELETE FROM batch WHERE batch = 2",
      "DELETE FROM batch",
      "DELETE FROM run",
      "DELETE FROM point",
      "DELETE FROM setting WHERE point = 1",
      "DELETE FROM figure",
      "DELETE FROM sweep WHERE key = 'sampling'",
      "DELETE FROM sweep WHERE key = 'build'",
      "INSERT INTO run SELECT point, 5, blocks, incidents, events, batches, wall_s, checksum FROM run",
      "INSERT INTO batch SELECT point, rung, figure, 5000, weight, reward, length, checksum FROM batch LIMIT 1",
      "DROP TABLE estimate",
      "ALTER TABLE point ADD COLUMN more TEXT",
      "DROP VIEW front; DROP VIEW latest; DROP TABLE batch; CREATE VIEW batch AS SELECT 1",
      "CREATE TRIGGER t AFTER INSERT ON point BEGIN DELETE FROM run; END",
      "CREATE UNIQUE INDEX i ON run (point, rung)",
      "PRAGMA user_version = 1",
      "PRAGMA user_version = 99",
  };
  for (std::string change : changes) {
    if (const std::size_t at = change.find(" WHERE rowid_is_none"); at != std::string::npos) change.erase(at);
    spill(shards.file, shards.bytes);
    execute(shards.file, change);
    for (const std::vector<std::string>& way : {std::vector<std::string>{"--merge"}, {"--merge", shards.file}}) {
      const Outcome outcome = nines_command(shop.command("parts.sqlite", way));
      INFO(change << "\n" << outcome.err);
      CHECK(outcome.code == bad_input);
      CHECK(contains(outcome.err, "shard-0-of-2.sqlite"));
      CHECK(std::count(outcome.err.begin(), outcome.err.end(), '\n') == 1);
      CHECK(fuzz::deceiving(outcome.err) == std::nullopt);
    }
    CHECK(tables_text(shop / "parts.sqlite") == before);
  }
  // What users may add.
  spill(shards.file, shards.bytes);
  execute(shards.file, "CREATE VIEW mine AS SELECT * FROM run; CREATE INDEX i ON run (blocks); CREATE TABLE t (x)");
  CHECK(nines_command(shop.command("parts.sqlite", {"--merge"})).code == more_to_play);
}

TEST_CASE("damage: of a complete file, seen by whoever reads it", "[sweep]") {
  const Shop shop;
  REQUIRE(nines_command(shop.command("whole.sqlite")).code == done);
  const std::string whole = slurp(shop / "whole.sqlite");
  for (const char* change :
       {"UPDATE decision SET fate = 'winner'", "UPDATE decision SET by_point = 3 WHERE fate = 'beaten'",
        "DELETE FROM decision WHERE after_rung = 1", "DELETE FROM standing", "UPDATE standing SET standing = 'winner'",
        "UPDATE estimate SET value = 0 WHERE rung = 100", "UPDATE sweep SET value = '-1' WHERE key = 'decided_rungs'",
        "DELETE FROM sweep WHERE key = 'decided_rungs'"}) {
    for (const std::vector<std::string>& way :
         {std::vector<std::string>{}, {"--format", "json"}, {"--point", "1"}, {"--shard", "0/2"}, {"--merge"}}) {
      spill(shop / "whole.sqlite", whole);
      execute(shop / "whole.sqlite", change);
      const std::string before = slurp(shop / "whole.sqlite");
      const Outcome outcome = nines_command(shop.command("whole.sqlite", way));
      INFO(change << "\n" << outcome.err);
      CHECK(outcome.code == bad_input);
      CHECK(contains(outcome.err, "whole.sqlite: a damaged results file"));
      CHECK(outcome.out.empty());
      CHECK((slurp(shop / "whole.sqlite") == before));
    }
  }
}

TEST_CASE("damage: bytes at random are noticed or change nothing", "[sweep]") {
  const Shop shop;
  REQUIRE(nines_command(shop.command("whole.sqlite")).code == done);
  const std::string whole = slurp(shop / "whole.sqlite");
  std::mt19937_64 bits(1);
  int refused = 0;
  constexpr int rounds = 60;
  for (int round = 0; round < rounds; ++round) {
    std::string bytes = whole;
    for (int i = 0; i <= round % 4; ++i) bytes[bits() % bytes.size()] ^= static_cast<char>(1U << (bits() % 8));
    spill(shop / "bytes.sqlite", bytes);
    const Outcome outcome = nines_command(shop.command("bytes.sqlite", {"--format", "csv"}));
    INFO(round << ": " << outcome.code << "\n" << outcome.err);
    REQUIRE((outcome.code == done || outcome.code == bad_input));
    if (outcome.code == done) REQUIRE(outcome.out == reference().answer.csv);
    if (outcome.code == bad_input) REQUIRE(contains(outcome.err, "bytes.sqlite"));
    refused += outcome.code == bad_input ? 1 : 0;
  }
  // Most of a results file is rows.
  CHECK(refused > rounds / 2);
}

TEST_CASE("damage: results of another build are refused", "[sweep]") {
  const Shop shop;
  REQUIRE(nines_command(shop.command("whole.sqlite")).code == done);
  execute(shop / "whole.sqlite", "UPDATE sweep SET value = '0000' WHERE key = 'build'");
  const Outcome outcome = nines_command(shop.command("whole.sqlite"));
  CHECK(outcome.code == bad_input);
  CHECK(contains(outcome.err, "another build of this program"));
}

TEST_CASE("scripts: every argument is data", "[sweep]") {
  const Shop shop;
  const std::string batch = tests::source_file("experiments/sweeps/batch/");
  const Environment environment{{"NINES", tests::nines_binary()}, {"NINES_AT_ONCE", "2"}};
  const auto parallel = [&](const std::vector<std::string>& arguments, const Environment& further = {}) {
    Environment all = environment;
    for (const auto& [name, value] : further) all[name] = value;
    return Process(arguments, all, batch + "parallel.sh").wait();
  };
  const std::string sweep = shop_file("sweep.json");
  // A launcher that reads a command line as a shell does, as GNU parallel does.
  spill(shop / "launch", "#!/bin/bash\nwhile read -r i; do bash -c \"${*//\\{\\}/$i}\" || exit; done\n");
  fs::permissions(shop / "launch", fs::perms::owner_all);
  for (const std::string name :
       {"a b", "-dash", "x$(touch owned)`touch owned`", "new\nline", "{}", "q'\"\\", "*", "é;&|"}) {
    fs::create_directories(shop / name);
    spill(fs::path(shop / name) / "shop.json", shop_file("shop.json"));
    const std::string file = (fs::path(shop / name) / (name + ".json")).string();
    spill(file, sweep);
    const std::string results = (fs::path(shop / name) / (name + ".sqlite")).string();
    for (const Environment& further : {Environment{}, Environment{{"NINES_LAUNCH", shop / "launch"}}}) {
      const Outcome outcome = parallel({file, results, "2", "--format", "csv", "--without-fault", "planned"}, further);
      INFO(name << "\n" << outcome.err);
      CHECK(outcome.code == done);
      CHECK(contains(outcome.out, ",winner,"));
      CHECK(fs::exists(results));
      fs::remove(results);
    }
    CHECK_FALSE(fs::exists("owned"));
  }
  for (const char* script : {"parallel.sh", "slurm.sh"}) {
    for (const std::vector<std::string>& wrong : {std::vector<std::string>{},
                                                  {"a", "b"},
                                                  {"a", "b", "0"},
                                                  {"a", "b", "-1"},
                                                  {"a", "b", "x[$(touch owned)]"},
                                                  {"a", "b", "1e3"},
                                                  {"a", "b", ""},
                                                  {"", "b", "1"},
                                                  {"a", "", "1"},
                                                  {"a", "b", "99999999999999999999"}}) {
      const Outcome outcome = Process(wrong, environment, batch + script).wait();
      INFO(script << " " << fmt::format("{}", fmt::join(wrong, " ")) << outcome.err);
      CHECK(outcome.code == bad_input);
      CHECK(outcome.out.empty());
    }
  }
  CHECK(parallel({shop / "sweep.json", shop / "r.sqlite", "2"}, {{"NINES_AT_ONCE", "a[$(touch owned)]"}}).code ==
        bad_input);
  // A launcher that is not there, a command that is not there.
  CHECK(parallel({shop / "sweep.json", shop / "r.sqlite", "2"}, {{"NINES_LAUNCH", "/no/such/launcher"}}).code != done);
  CHECK(parallel({shop / "sweep.json", shop / "r.sqlite", "2"}, {{"NINES", "/no/such/nines"}}).code != done);
  CHECK_FALSE(fs::exists("owned"));
}

TEST_CASE("scripts: Kubernetes that does not answer is not asked for ever", "[sweep]") {
  const Shop shop;
  const std::string script = tests::source_file("experiments/sweeps/batch/kubernetes.sh");
  const auto with = [&](const std::string& body, const std::vector<std::string>& arguments = {}) {
    spill(shop / "kubectl", "#!/bin/bash\n" + body);
    fs::permissions(shop / "kubectl", fs::perms::owner_all);
    return Process(arguments, {{"KUBECTL", shop / "kubectl"}, {"NINES_PATIENCE", "1"}}, script).wait();
  };
  for (const std::string verb : {"apply", "delete", "get", "logs", ""}) {
    // Everything works but this; jobs fail with what asks for another rung.
    const Outcome outcome =
        with(fmt::format("case \" $* \" in *\" {}\"*) echo down >&2; exit 1;; *\" get job \"*) echo Failed;; *\" get "
                         "pods \"*) echo 3;; esac",
                         verb));
    INFO(verb << outcome.err);
    CHECK(outcome.code == 1);
    CHECK(contains(outcome.err, "kubernetes.sh"));
    CHECK(outcome.out.empty());
  }
  // Answers that are none.
  const Outcome strange =
      with("case \" $* \" in *\" get job \"*) echo Failed;; *\" get pods \"*) echo '$(reboot)';; esac");
  CHECK(strange.code == 1);
  CHECK(with("", {"no-such-file.yaml"}).code == bad_input);
  CHECK(with("", {"a", "b"}).code == bad_input);
  CHECK(Process({}, {{"KUBECTL", "/no/such/kubectl"}}, script).wait().code == bad_input);
}

TEST_CASE("streams: closed or full ones leave the exit code as it is", "[cli]") {
  const Shop shop;
  const auto code = [&](const std::string& words, const std::string& streams) {
    const std::string line = tests::nines_binary() + " " + words + " " + streams;
    return Process({"-c", line}, {}, "/bin/bash").wait();
  };
  const std::string topology = shop / "shop.json";
  struct Case {
    std::string words;
    int code;
  };
  const Case cases[] = {
      {"assess " + topology + " --draws 0", done},
      {"assess " + topology + " --dry-run", done},
      {"assess " + (shop / "none.json"), bad_input},
      {"asses", bad_input},
      {"list nonsense", bad_input},
      {"sweep " + (shop / "sweep.json") + " --results " + (shop / "r.sqlite") + " --shard 0/9", done},
      {"sweep " + (shop / "sweep.json") + " --results " + (shop / "r.sqlite") + " --merge", more_to_play}};
  for (const Case& entry : cases) {
    for (const char* streams : {"", "2>&-", "2>/dev/full", "<&-", "<&- 2>&-"}) {
      INFO(entry.words << " " << streams);
      CHECK(code(entry.words, streams).code == entry.code);
    }
    // What cannot be written is an error, not a crash, and nothing is written where a stream was.
    for (const char* streams : {">&-", ">/dev/full", ">&- 2>&-", "<&- >&- 2>&-", ">/dev/full 2>/dev/full"}) {
      INFO(entry.words << " " << streams);
      const bool prints = entry.words.find("assess") == 0 && entry.code == done;
      CHECK(code(entry.words, streams).code == (prints ? bad_input : entry.code));
    }
  }
  const std::string whole = slurp(shop / "r.sqlite");
  CHECK(whole.find("error:") == std::string::npos);
}

}  // namespace sweep_damage_test
