// Shards put together are the sweep played at one go, to the last bit: however many, in whichever order.
#include <algorithm>
#include <functional>

#include "experiments/sweep/shard.hpp"
#include "sim/random.hpp"
#include "tests/experiments/sweep_support.hpp"
#include "tests/places.hpp"

namespace sweep_shard_test {

using namespace nines;
using namespace nines::experiments;
using namespace nines::experiments::testing;

namespace {

constexpr int confirmed = 100;
constexpr int done = 0;
constexpr int bad_input = 2;
constexpr int more_to_play = 3;

/// Another order for every key.
template <class T>
void scramble(std::vector<T>& things, const std::string& key) {
  const std::uint64_t stream = sim::stream_key(1, key, "order");
  for (std::size_t last = things.size(); last > 1; --last) {
    const double u = sim::to_unit(sim::random_bits(stream, last, 0));
    std::swap(things[last - 1], things[static_cast<std::size_t>(u * static_cast<double>(last))]);
  }
}

std::vector<std::size_t> scrambled(std::size_t count, const std::string& key) {
  std::vector<std::size_t> order(count);
  for (std::size_t i = 0; i < count; ++i) order[i] = i;
  scramble(order, key);
  return order;
}

std::vector<std::string> shard_option(std::size_t index, std::size_t count) {
  return {"--shard", fmt::format("{}/{}", index, count)};
}

/// Files of shards, those of a rung or of all.
std::vector<std::string> shard_files(const Shop& shop, const std::string& results, int rung = -1) {
  const std::string begin =
      results.substr(0, results.find(".sqlite")) + (rung < 0 ? ".rung-" : fmt::format(".rung-{}.shard-", rung));
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(shop / ".")) {
    if (entry.path().filename().string().starts_with(begin)) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

struct Played {
  int rungs = 0;  ///< the last estimate included
  Outcome merged;
};

using Merge = std::function<Outcome(int)>;

/// Plays shards, whose order differs from rung to rung, and merges after each, until there is nothing left.
Played play_in_shards(const Shop& shop, const std::string& results, std::size_t count, const Merge& merge) {
  Played played;
  for (;;) {
    for (const std::size_t index : scrambled(count, fmt::format("{} {}", count, played.rungs))) {
      const Outcome outcome = nines_command(shop.command(results, shard_option(index, count)));
      INFO(outcome.err);
      REQUIRE(outcome.code == done);
    }
    played.merged = merge(played.rungs++);
    INFO(played.merged.err);
    if (played.merged.code == done) return played;
    REQUIRE(played.merged.code == more_to_play);
    REQUIRE(played.rungs < 20);
  }
}

Outcome merge_beside(const Shop& shop, const std::string& results) {
  return nines_command(shop.command(results, {"--merge", "--format", "csv"}));
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("shards: 1, 2 and 7 of them give what one process gives", "[sweep]") {
  for (const std::size_t count : {1, 2, 7}) {
    const Shop shop;
    const Played played =
        play_in_shards(shop, "parts.sqlite", count, [&](int) { return merge_beside(shop, "parts.sqlite"); });
    INFO(count << " shards");
    CHECK(played.merged.out == reference().answer.csv);
    CHECK(played.rungs > 3);
    CHECK(shop.answer("parts.sqlite") == reference().answer);
    CHECK(shard_files(shop, "parts.sqlite").size() == count * static_cast<std::size_t>(played.rungs));
    CHECK(shard_files(shop, "parts.sqlite", confirmed).size() == count);
  }
}

TEST_CASE("shards: merging is free of order, and done twice it changes nothing", "[sweep]") {
  constexpr std::size_t count = 3;
  const Shop shop;
  std::map<std::string, std::string> files;
  play_in_shards(shop, "parts.sqlite", count, [&](int) { return merge_beside(shop, "parts.sqlite"); });
  std::vector<std::string> names = shard_files(shop, "parts.sqlite");
  for (const std::string& name : names) files[name] = slurp(name);
  for (const char* way : {"at once", "one by one", "backwards"}) {
    const std::string results = fmt::format("{}.sqlite", way);
    scramble(names, way);
    // Later rungs before earlier ones.
    if (std::string_view(way) == "backwards") std::sort(names.rbegin(), names.rend());
    Outcome last;
    if (std::string_view(way) == "at once") {
      std::vector<std::string> options{"--format", "csv", "--merge"};
      options.insert(options.end(), names.begin(), names.end());
      last = nines_command(shop.command(results, options));
    } else {
      for (const std::string& name : names) {
        INFO(last.err);
        CHECK(last.code != done);
        last = nines_command(shop.command(results, {"--format", "csv", "--merge", name}));
      }
    }
    INFO(way << "\n" << last.err);
    CHECK(last.code == done);
    CHECK(last.out == reference().answer.csv);
    CHECK(shop.answer(results) == reference().answer);
    std::vector<std::string> again{"--format", "csv", "--merge", names.front(), names.back()};
    CHECK(nines_command(shop.command(results, again)).out == reference().answer.csv);
    CHECK(shop.answer(results) == reference().answer);
  }
  for (const auto& [name, bytes] : files) CHECK(slurp(name) == bytes);
}

TEST_CASE("shards: one that is killed goes on, a merge says what is missing", "[sweep]") {
  constexpr std::size_t count = 7;
  const Shop shop;
  const std::string results = "parts.sqlite";
  CHECK(contains(merge_beside(shop, results).err, "54 designs are to be played"));
  CHECK_FALSE(fs::exists(shop / results));
  for (const std::size_t index : {0, 1, 3, 4, 6}) {
    REQUIRE(nines_command(shop.command(results, shard_option(index, count))).code == done);
  }
  const Outcome missing = merge_beside(shop, results);
  INFO(missing.err);
  CHECK(missing.code == more_to_play);
  CHECK(missing.out.empty());
  CHECK(contains(missing.err, "shards 2, 5 of 7 are missing"));
  CHECK(contains(missing.err, "rung 0: 15 of 54 designs are still to be played"));
  CHECK(contains(missing.err, "designs 2, 5, 9, 12, "));
  const std::string tables = tables_text(shop / results);
  CHECK(contains(merge_beside(shop, results).err, "0 results taken over"));
  CHECK(tables_text(shop / results) == tables);
  // Whatever a killed shard left of its file.
  const Seconds whole = reference().length;
  for (const double part : {0.005, 0.01, 0.02, 0.05, 0.1}) {
    interrupted(shop.command(results, shard_option(2, count)), whole * part);
    const Outcome outcome = merge_beside(shop, results);
    INFO(outcome.err);
    CHECK(outcome.code == more_to_play);
    CHECK(contains(outcome.err, "still to be played"));
  }
  spill(shop / "parts.rung-0.shard-5-of-7.sqlite", "");
  const Outcome unfinished = merge_beside(shop, results);
  INFO(unfinished.err);
  CHECK(contains(unfinished.err, "unfinished"));
  play_in_shards(shop, results, count, [&](int) { return merge_beside(shop, results); });
  CHECK(shop.answer(results) == reference().answer);
}

TEST_CASE("shards: a finished one played again computes nothing and changes nothing", "[sweep]") {
  const Shop shop;
  const auto words = shop.command("parts.sqlite", shard_option(1, 2));
  REQUIRE(nines_command(words).code == done);
  const std::string tables = tables_text(shop / "parts.rung-0.shard-1-of-2.sqlite");
  const Outcome again = nines_command(words);
  CHECK(again.code == done);
  CHECK(contains(again.err, "0 computed, 27 reused"));
  CHECK(tables_text(shop / "parts.rung-0.shard-1-of-2.sqlite") == tables);
}

TEST_CASE("shards: they leave the results file as it is", "[sweep]") {
  const Shop shop;
  REQUIRE(nines_command(shop.command("parts.sqlite", shard_option(0, 1))).code == done);
  REQUIRE(merge_beside(shop, "parts.sqlite").code == more_to_play);
  const std::string before = slurp(shop / "parts.sqlite");
  std::vector<std::unique_ptr<Process>> processes;
  for (std::size_t i = 0; i < 4; ++i) {
    processes.push_back(std::make_unique<Process>(shop.command("parts.sqlite", shard_option(i, 4))));
  }
  for (const auto& process : processes) CHECK(process->wait().code == done);
  CHECK(slurp(shop / "parts.sqlite") == before);
}

TEST_CASE("shards: begun at one go and continued in parts, and the other way round", "[sweep]") {
  const Shop shop;
  for (const double part : {0.2, 0.6, 0.95}) {
    const std::string results = fmt::format("half-{}.sqlite", part);
    interrupted(shop.command(results), reference().length * part);
    play_in_shards(shop, results, 2, [&](int) { return merge_beside(shop, results); });
    CHECK(shop.answer(results) == reference().answer);
  }
  REQUIRE(nines_command(shop.command("part.sqlite", shard_option(1, 3))).code == done);
  REQUIRE(merge_beside(shop, "part.sqlite").code == more_to_play);
  CHECK(shop.answer("part.sqlite") == reference().answer);
}

TEST_CASE("shards: those of another sweep are not merged", "[sweep]") {
  const Shop shop;
  std::vector<std::string> other = shard_option(0, 1);
  other.insert(other.end(), {"--seed", "2"});
  REQUIRE(nines_command(shop.command("parts.sqlite", other)).code == done);
  const std::string file = shop / "parts.rung-0.shard-0-of-1.sqlite";
  const Outcome refused = merge_beside(shop, "parts.sqlite");
  CHECK(refused.code == bad_input);
  CHECK(contains(refused.err, file));
  CHECK(contains(refused.err, "seed"));
  CHECK(nines_command(shop.command("parts.sqlite", {"--merge", shop / "none.sqlite"})).code == bad_input);
  spill(file, "x");
  const Outcome garbage = merge_beside(shop, "parts.sqlite");
  CHECK(garbage.code == bad_input);
  CHECK(contains(garbage.err, "no results file of a sweep"));
}

TEST_CASE("shards: job arrays tell which part this is", "[sweep]") {
  const Shop shop;
  struct Case {
    Environment environment;
    std::vector<std::string> options;
    std::string file;  ///< "": exit code 2
  };
  const Environment slurm{{"SLURM_ARRAY_TASK_ID", "14"},
                          {"SLURM_ARRAY_TASK_MIN", "10"},
                          {"SLURM_ARRAY_TASK_STEP", "2"},
                          {"SLURM_ARRAY_TASK_COUNT", "4"}};
  const Environment kubernetes{{"JOB_COMPLETION_INDEX", "1"}};
  Environment both = slurm;
  both.insert(kubernetes.begin(), kubernetes.end());
  const Case cases[] = {{slurm, {}, "shard-2-of-4"},
                        {slurm, {"--shards", "4"}, "shard-2-of-4"},
                        {slurm, {"--shards", "5"}, ""},
                        {slurm, {"--shard", "2/4"}, "shard-2-of-4"},
                        {slurm, {"--shard", "1/4"}, ""},
                        {kubernetes, {"--shards", "3"}, "shard-1-of-3"},
                        {kubernetes, {}, ""},
                        {kubernetes, {"--shards", "1"}, ""},
                        {kubernetes, {"--shard", "1/2", "--shards", "3"}, ""},
                        {both, {"--shards", "4"}, ""},
                        {{}, {"--shards", "4"}, ""}};
  int number = 0;
  for (const Case& entry : cases) {
    const std::string name = fmt::format("case-{}", number++);
    const Outcome outcome = nines_command(shop.command(name + ".sqlite", entry.options), entry.environment);
    INFO(name << ": " << outcome.err);
    CHECK(outcome.code == (entry.file.empty() ? bad_input : done));
    CHECK(fs::exists(shop / fmt::format("{}.rung-0.{}.sqlite", name, entry.file)) == !entry.file.empty());
  }
}

TEST_CASE("shards: the scripts for one machine and for Kubernetes", "[sweep]") {
  const Shop shop;
  const std::string batch = tests::source_file("experiments/sweeps/batch/");
  const Environment environment{{"NINES", tests::nines_binary()},
                                {"VOLUME", shop / ""},
                                {"KUBECTL", tests::source_file("tests/experiments/shop/kubectl")}};
  const auto script = [&](const std::string& name, const std::vector<std::string>& arguments) {
    return Process(arguments, environment, batch + name).wait();
  };
  const Outcome machine = script("parallel.sh", {shop / "sweep.json", shop / "machine.sqlite", "3", "--format", "csv"});
  INFO(machine.err);
  CHECK(machine.code == done);
  CHECK(machine.out == reference().answer.csv);
  CHECK(shop.answer("machine.sqlite") == reference().answer);
  CHECK(shard_files(shop, "machine.sqlite", confirmed).size() == 3);
  const Outcome cluster = script("kubernetes.sh", {});
  INFO(cluster.err);
  CHECK(cluster.code == done);
  CHECK(contains(cluster.out, "Best by down min/yr shop/up"));
  CHECK(shop.answer("results.sqlite") == reference().answer);
  CHECK(shard_files(shop, "results.sqlite", confirmed).size() == 8);
  // They stop where going on is of no use.
  spill(shop / "sweep.json", "{}");
  for (const Outcome& outcome :
       {script("kubernetes.sh", {}), script("parallel.sh", {shop / "sweep.json", shop / "machine.sqlite", "3"})}) {
    INFO(outcome.err);
    CHECK(outcome.code == bad_input);
    CHECK(contains(outcome.err, "missing field 'schema'"));
  }
}

TEST_CASE("shards: find_shard", "[sweep]") {
  const auto find = [](const std::string& option, std::size_t shards, const Environment& environment) {
    return find_shard(option, shards, [&](const char* name) -> std::optional<std::string> {
      const auto found = environment.find(name);
      return found == environment.end() ? std::nullopt : std::optional(found->second);
    });
  };
  const auto slurm = [](const char* id, const char* first, const char* step, const char* count) {
    return Environment{{"SLURM_ARRAY_TASK_ID", id},
                       {"SLURM_ARRAY_TASK_MIN", first},
                       {"SLURM_ARRAY_TASK_STEP", step},
                       {"SLURM_ARRAY_TASK_COUNT", count}};
  };
  CHECK(find("", 0, {}) == std::nullopt);
  CHECK(find("3/4", 0, {}) == Shard{3, 4});
  CHECK(find("3/4", 4, {}) == Shard{3, 4});
  CHECK(find("", 0, slurm("0", "0", "1", "1")) == Shard{0, 1});
  CHECK(find("", 0, slurm("7", "1", "3", "5")) == Shard{2, 5});
  CHECK(find("", 0, {{"SLURM_ARRAY_TASK_ID", "7"}, {"SLURM_ARRAY_TASK_MIN", "5"}, {"SLURM_ARRAY_TASK_COUNT", "4"}}) ==
        Shard{2, 4});
  CHECK(find("", 9, {{"JOB_COMPLETION_INDEX", "8"}}) == Shard{8, 9});
  CHECK(find("", 9, {{"AWS_BATCH_JOB_ARRAY_INDEX", "0"}}) == Shard{0, 9});
  CHECK(find("8/9", 0, {{"JOB_COMPLETION_INDEX", "8"}}) == Shard{8, 9});
  CHECK_THROWS_AS(find("3/4", 5, {}), std::invalid_argument);
  CHECK_THROWS_AS(find("", 5, {}), std::invalid_argument);
  CHECK_THROWS_AS(find("7/9", 0, {{"JOB_COMPLETION_INDEX", "8"}}), std::invalid_argument);
  CHECK_THROWS_AS(find("", 8, {{"JOB_COMPLETION_INDEX", "8"}}), std::invalid_argument);
  CHECK_THROWS_AS(find("", 0, {{"JOB_COMPLETION_INDEX", "8"}}), std::invalid_argument);
  CHECK_THROWS_AS(find("", 9, {{"JOB_COMPLETION_INDEX", "one"}}), std::invalid_argument);
  CHECK_THROWS_AS(find("", 9, {{"JOB_COMPLETION_INDEX", "1"}, {"AWS_BATCH_JOB_ARRAY_INDEX", "1"}}),
                  std::invalid_argument);
  CHECK_THROWS_AS(find("", 0, {{"SLURM_ARRAY_TASK_ID", "1"}}), std::invalid_argument);
  CHECK_THROWS_AS(find("", 0, slurm("1", "2", "1", "3")), std::invalid_argument);
  CHECK_THROWS_AS(find("", 0, slurm("4", "1", "2", "3")), std::invalid_argument);
  CHECK_THROWS_AS(find("", 0, slurm("4", "1", "0", "3")), std::invalid_argument);
  // A list such as --array=1,5,9 does not tell the position.
  CHECK_THROWS_AS(find("", 0, slurm("9", "1", "1", "3")), std::invalid_argument);
  CHECK_THROWS_AS(find("", 4, slurm("1", "1", "1", "3")), std::invalid_argument);
}

TEST_CASE("shards: parse_shard", "[sweep]") {
  CHECK(parse_shard("0/1") == Shard{0, 1});
  CHECK(parse_shard("999999/1000000") == Shard{999'999, 1'000'000});
  for (const char* wrong : {"", "/", "1", "1/", "/2", "2/2", "-1/2", "1/0", "1/2/3", "a/b", " 1/2", "1 /2", "0/1000001",
                            "0/99999999999999999999", "0x0/2"}) {
    INFO(wrong);
    CHECK_THROWS_AS(parse_shard(wrong), std::invalid_argument);
  }
}

}  // namespace sweep_shard_test
