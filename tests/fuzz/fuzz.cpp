// Runs the command on damaged, strange and hostile input, and says what should not have happened.
//
//   fuzz_nines [--cases N] [--first I] [--seed S] [--jobs J] [--keep DIRECTORY] [--command nines] [--seconds T] [--mb
//   M]
//
// The same seed and number are the same case, whatever else is run. Exit code 1 if anything was found; each finding is
// kept with its files and its command line. By hand, for a night: --cases 1000000 --jobs $(nproc).
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "experiments/report/escape.hpp"
#include "tests/fuzz/cases.hpp"
#include "tests/places.hpp"

namespace {

namespace fs = std::filesystem;
using namespace nines::fuzz;

struct Arguments {
  std::uint64_t cases = 500;
  std::uint64_t first = 0;
  std::uint64_t seed = 1;
  std::size_t jobs = 2;
  std::string keep;
  std::string command = nines::tests::nines_binary();
  double seconds = 20;
  std::size_t megabytes = 1024;
};

/// How many cases of a kind ended how.
struct Tally {
  std::uint64_t cases = 0;
  std::array<std::uint64_t, 4> codes{};
  std::uint64_t findings = 0;
  double seconds = 0;  ///< the longest
  std::size_t megabytes = 0;
};

class Fuzzer {
 public:
  explicit Fuzzer(const Arguments& arguments)
      : arguments_(arguments),
        scratch_(fs::temp_directory_path() / fmt::format("nines-fuzz-{}", ::getpid())),
        bounds_{arguments.seconds, arguments.megabytes, 64},
        corpus_(nines::tests::source_file(), arguments.command, made(scratch_ / "corpus")) {
    if (arguments_.keep.empty()) arguments_.keep = (fs::temp_directory_path() / "nines-fuzz-found").string();
  }
  ~Fuzzer() {
    std::error_code error;
    fs::remove_all(scratch_, error);
  }
  Fuzzer(const Fuzzer&) = delete;

  bool run() {
    std::vector<std::jthread> helpers;
    for (std::size_t job = 0; job < arguments_.jobs; ++job) {
      helpers.emplace_back([this, job] {
        const std::string directory = scratch_ / fmt::format("job-{}", job);
        for (std::uint64_t at = next_++; at < arguments_.cases; at = next_++) play(arguments_.first + at, directory);
      });
    }
    helpers.clear();
    report();
    return findings_ == 0;
  }

 private:
  static std::string made(const fs::path& directory) {
    fs::create_directories(directory);
    return directory.string();
  }

  void play(std::uint64_t number, const std::string& directory) {
    fs::remove_all(directory);
    fs::create_directories(directory);
    const Case drawn = corpus_.make(arguments_.seed, number);
    write(drawn, directory);
    const Outcome outcome = nines::fuzz::run(arguments_.command, drawn.arguments, directory, bounds_);
    auto trouble = wrong(outcome, drawn.expected, bounds_);
    if (!trouble && outcome.code == 0 && drawn.same_output && outcome.out != *drawn.same_output)
      trouble = "it answers from a file that was changed";
    if (const auto plot = fs::path(directory) / "plot.svg"; !trouble && fs::exists(plot)) {
      std::ifstream in(plot, std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      if (const auto what = deceiving(text)) trouble = "the plot: " + *what;
    }
    const std::lock_guard lock(guard_);
    Tally& tally = tallies_[drawn.kind];
    ++tally.cases;
    if (outcome.code >= 0 && outcome.code < 4) ++tally.codes[static_cast<std::size_t>(outcome.code)];
    tally.seconds = std::max(tally.seconds, outcome.seconds);
    tally.megabytes = std::max(tally.megabytes, outcome.memory_mb);
    if (!trouble) return;
    ++tally.findings;
    ++findings_;
    keep(number, drawn, outcome, *trouble);
  }

  void keep(std::uint64_t number, const Case& drawn, const Outcome& outcome, const std::string& trouble) const {
    const fs::path directory = fs::path(arguments_.keep) / fmt::format("{}-{}", arguments_.seed, number);
    fs::create_directories(directory);
    write(drawn, directory.string());
    std::string line = "nines";
    for (const std::string& word : drawn.arguments) line += ' ' + nines::escape::shell(word);
    std::ofstream(directory / "command") << line << '\n';
    std::ofstream(directory / "trouble") << trouble << '\n' << outcome.err;
    std::cout << fmt::format("case {} ({}): {}\n  {}\n  {}\n", number, drawn.kind, nines::escape::visible(trouble),
                             nines::escape::visible(line, 400), directory.string());
    std::cout.flush();
  }

  void report() const {
    std::cout << fmt::format("{:<10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>9}{:>8}\n", "kind", "cases", "done", "missed",
                             "refused", "open", "findings", "most s", "most MB");
    for (const auto& [kind, tally] : tallies_) {
      std::cout << fmt::format("{:<10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>10}{:>9.1f}{:>8}\n", kind, tally.cases,
                               tally.codes[0], tally.codes[1], tally.codes[2], tally.codes[3], tally.findings,
                               tally.seconds, tally.megabytes);
    }
    std::cout << fmt::format("seed {}, cases {} to {}: {} findings\n", arguments_.seed, arguments_.first,
                             arguments_.first + arguments_.cases - 1, findings_);
  }

  Arguments arguments_;
  fs::path scratch_;
  Bounds bounds_;
  Corpus corpus_;
  std::atomic<std::uint64_t> next_{0};
  std::mutex guard_;
  std::map<std::string, Tally> tallies_;
  std::uint64_t findings_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  CLI::App app("Runs nines on damaged, strange and hostile input, and says what should not have happened.");
  app.add_option("--cases", arguments.cases, "how many")->capture_default_str();
  app.add_option("--first", arguments.first, "number of the first")->capture_default_str();
  app.add_option("--seed", arguments.seed, "seed of all cases")->capture_default_str();
  app.add_option("--jobs", arguments.jobs, "so many at a time")->capture_default_str()->check(CLI::Range(1, 1024));
  app.add_option("--keep", arguments.keep, "where findings go (default: nines-fuzz-found where temporary files are)");
  app.add_option("--command", arguments.command, "the nines to run")->capture_default_str();
  app.add_option("--seconds", arguments.seconds, "time of a case, at most")->capture_default_str();
  app.add_option("--mb", arguments.megabytes, "resident memory of a case, at most")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  arguments.command = fs::absolute(arguments.command).string();
  try {
    return Fuzzer(arguments).run() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << nines::escape::visible(error.what()) << '\n';
    return 2;
  }
}
