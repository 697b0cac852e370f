// A sweep that is ended at any moment goes on from there and comes to the same results, to the last bit.
#include <cmath>

#include "sim/random.hpp"
#include "tests/experiments/sweep_support.hpp"

namespace sweep_interrupt_test {

using namespace nines;
using namespace nines::experiments::testing;

namespace {

/// Moments of the whole run: half of them evenly spread, half of them denser towards its beginning, where files are
/// made.
class Moments {
 public:
  Seconds next() {
    const double u = sim::to_unit(sim::random_bits(key_, count_, 0));
    constexpr double shortest = 1e-3;
    const double length = reference().length.count();
    return Seconds(count_++ % 2 == 0 ? u * length : shortest * std::pow(length / shortest, u));
  }

 private:
  std::uint64_t key_ = sim::stream_key(1, "kills", "moments");
  std::uint64_t count_ = 0;
};

/// Kills the command so often; a new results file whenever one became complete. Returns how many files that took.
int kill_and_resume(int wanted) {
  const Shop shop;
  Moments moments;
  int files = 0;
  for (int kills = 0; kills < wanted; ++files) {
    const std::string file = fmt::format("{}.sqlite", files);
    bool complete = false;
    while (!complete && kills < wanted) {
      const Outcome outcome = interrupted(shop.command(file), moments.next());
      INFO("kill " << kills << ", file " << files << "\n" << outcome.err);
      REQUIRE((outcome.signal == SIGKILL || outcome.code == 0));
      complete = outcome.code == 0;
      kills += complete ? 0 : 1;
    }
    INFO("after kill " << kills << ", file " << files);
    REQUIRE(shop.answer(file) == reference().answer);
  }
  return files;
}

}  // namespace

TEST_CASE("sweep: the sweep of these tests has what can go wrong", "[sweep]") {
  const Answer& answer = reference().answer;
  CHECK(answer.csv.find(",winner,") != std::string::npos);
  CHECK(answer.csv.find(",front,") != std::string::npos);
  CHECK(answer.csv.find(",beaten,") != std::string::npos);
  CHECK(answer.csv.find(",misses,") != std::string::npos);
  CHECK(answer.csv.find(",impossible,") != std::string::npos);
  // Points on the front are confirmed with as many blocks as they had, which is more than the least.
  CHECK(answer.tables.find(" | 100 | 1024 | ") != std::string::npos);
}

TEST_CASE("sweep: killed at random moments and resumed, the same results", "[sweep]") { CHECK(kill_and_resume(8) > 0); }

TEST_CASE("sweep: killed fifty times at random moments and resumed, the same results", "[sweep][slow]") {
  const int files = kill_and_resume(50);
  CHECK(files > 5);
  WARN("50 kills over " << files << " results files");
}

TEST_CASE("sweep: signals that ask for an end leave a file that is gone on with", "[sweep]") {
  const Shop shop;
  for (const int signal : {SIGTERM, SIGINT}) {
    const std::string file = fmt::format("{}.sqlite", signal);
    const Outcome outcome = interrupted(shop.command(file), reference().length / 2, signal);
    CHECK((outcome.signal == signal || outcome.code == 0));
    CHECK(shop.answer(file) == reference().answer);
  }
}

TEST_CASE("sweep: several processes on one results file do no harm", "[sweep]") {
  const Shop shop;
  std::vector<std::unique_ptr<Process>> processes;
  for (int i = 0; i < 3; ++i) {
    processes.push_back(std::make_unique<Process>(shop.command("shared.sqlite", {"--format", "csv"})));
  }
  // One of them begins in the middle of the others.
  std::this_thread::sleep_for(reference().length / 2);
  processes.push_back(std::make_unique<Process>(shop.command("shared.sqlite", {"--format", "csv"})));
  for (const auto& process : processes) {
    const Outcome outcome = process->wait();
    INFO(outcome.err);
    CHECK(outcome.code == 0);
    CHECK(outcome.out == reference().answer.csv);
  }
  CHECK(shop.answer("shared.sqlite") == reference().answer);
}

TEST_CASE("sweep: a killed process beside a living one does no harm", "[sweep]") {
  const Shop shop;
  Process living(shop.command("shared.sqlite"));
  interrupted(shop.command("shared.sqlite"), reference().length / 2);
  CHECK(living.wait().code == 0);
  CHECK(shop.answer("shared.sqlite") == reference().answer);
}

TEST_CASE("sweep: a results file of something else is refused and left as it is", "[sweep]") {
  const Shop shop;
  REQUIRE(nines_command(shop.command("whole.sqlite")).code == 0);
  const std::string whole = slurp(shop / "whole.sqlite");
  const auto refuse = [&](const std::string& file, const std::vector<std::string>& further, const std::string& says) {
    const std::string before = slurp(shop / file);
    const Outcome outcome = nines_command(shop.command(file, further));
    INFO(file << ": " << outcome.err);
    CHECK(outcome.code == 2);
    CHECK(outcome.out.empty());
    CHECK(outcome.err.find(file) != std::string::npos);
    CHECK(outcome.err.find(says) != std::string::npos);
    CHECK(outcome.err.find("internal") == std::string::npos);
    CHECK(slurp(shop / file) == before);
    CHECK_FALSE(fs::exists(shop / (file + "-journal")));
  };
  for (const std::vector<std::string>& way : {std::vector<std::string>{}, {"--shard", "0/2"}, {"--merge"}}) {
    const auto with = [&](const std::vector<std::string>& further) {
      std::vector<std::string> all = further;
      all.insert(all.end(), way.begin(), way.end());
      return all;
    };
    refuse("whole.sqlite", with({"--seed", "2"}), "another seed");
    refuse("whole.sqlite", with({"--without-racing"}), "other options");
    spill(shop / "text.sqlite", std::string(5000, 'x'));
    refuse("text.sqlite", with({}), "no results file of a sweep");
    spill(shop / "short.sqlite", "x");
    refuse("short.sqlite", with({}), "no results file of a sweep");
    constexpr std::size_t sqlite_header = 100;
    for (const std::size_t length : {sqlite_header - 50, sqlite_header, std::size_t{1000}, whole.size() / 2,
                                     whole.size() - 4096, whole.size() - 1}) {
      spill(shop / "cut.sqlite", whole.substr(0, length));
      refuse("cut.sqlite", with({}), "results file");
    }
  }
  std::string overwritten = whole;
  for (std::size_t at = 4096; at < overwritten.size(); ++at) overwritten[at] = '\xff';
  spill(shop / "overwritten.sqlite", overwritten);
  refuse("overwritten.sqlite", {}, "damaged results file");
  sqlite3* handle = nullptr;
  sqlite3_open((shop / "other.sqlite").c_str(), &handle);
  sqlite3_exec(handle, "CREATE TABLE t (x)", nullptr, nullptr, nullptr);
  sqlite3_close(handle);
  refuse("other.sqlite", {}, "not of a sweep");
  fs::create_directory(shop / "directory.sqlite");
  CHECK(nines_command(shop.command("directory.sqlite")).code == 2);
  CHECK(nines_command(shop.command("no/such/place.sqlite")).code == 2);
  // The sweep or its topology changed since.
  const auto change = [&](const std::string& file, const std::string& from, const std::string& to) {
    std::string text = shop_file(file);
    spill(shop / file, text.replace(text.find(from), from.size(), to));
  };
  change("sweep.json", "60000", "50000");
  refuse("whole.sqlite", {}, "another sweep");
  change("sweep.json", "60000", "60000");
  change("shop.json", "1000 h", "1100 h");
  refuse("whole.sqlite", {}, "other topologies");
}

TEST_CASE("sweep: a file that was made and no more is begun in", "[sweep]") {
  const Shop shop;
  spill(shop / "empty.sqlite", "");
  CHECK(shop.answer("empty.sqlite") == reference().answer);
}

}  // namespace sweep_interrupt_test
