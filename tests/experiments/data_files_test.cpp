// Where the shipped files are found: beside the executable, links followed, or where somebody says.
#include "experiments/loader/data_files.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "experiments/loader/catalogue.hpp"
#include "experiments/loader/document.hpp"
#include "tests/places.hpp"

namespace data_files_test {

using namespace nines::loader;
namespace fs = std::filesystem;

namespace {

/// A directory of its own, gone with it.
class Scratch {
 public:
  Scratch() { fs::create_directories(path); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { fs::remove_all(path); }
  const fs::path path = fs::canonical(fs::temp_directory_path()) / ("nines-data-" + std::to_string(getpid()));
};

/// The environment's NINES_DATA_DIR for a while.
class DataVariable {
 public:
  explicit DataVariable(const std::string& value) { setenv("NINES_DATA_DIR", value.c_str(), 1); }
  DataVariable(const DataVariable&) = delete;
  DataVariable& operator=(const DataVariable&) = delete;
  ~DataVariable() { unsetenv("NINES_DATA_DIR"); }
};

struct GivenData {
  explicit GivenData(const fs::path& root) { use_data(root); }
  GivenData(const GivenData&) = delete;
  GivenData& operator=(const GivenData&) = delete;
  ~GivenData() { use_data({}); }
};

}  // namespace

TEST_CASE("data files: those of the build tree are the source tree's, by its own name", "[loader]") {
  unsetenv("NINES_DATA_DIR");
  CHECK(data_root() == fs::canonical(nines::tests::source_file()));
  CHECK(fs::is_regular_file(topologies_directory() / "kafka-eks.json"));
  CHECK(fs::is_regular_file(scenarios_directory() / "zone-outage.json"));
  CHECK(fs::is_regular_file(sweeps_directory() / "session-timeout.json"));
  CHECK(fs::is_regular_file(labs_directory() / "min-isr.json"));
  CHECK(fs::is_regular_file(changes_file()));
}

TEST_CASE("data files: an executable looks beside its directory and in it, where its links lead", "[loader]") {
  const Scratch scratch;
  fs::create_directories(scratch.path / "prefix/bin");
  fs::create_directories(scratch.path / "links");
  fs::copy_file("/proc/self/exe", scratch.path / "prefix/bin/nines");
  fs::create_symlink("../prefix/bin/nines", scratch.path / "links/nines");
  fs::create_symlink("nines", scratch.path / "links/again");
  const std::vector<fs::path> places{scratch.path / "prefix/share/nines", scratch.path / "prefix/bin/share/nines"};
  CHECK(data_beside(scratch.path / "prefix/bin/nines") == places);
  CHECK(data_beside(scratch.path / "links/nines") == places);
  CHECK(data_beside(scratch.path / "links/again") == places);
}

TEST_CASE("data files: the environment is followed, a program's own word before it", "[loader]") {
  const Scratch scratch;
  const fs::path one = scratch.path / "one", two = scratch.path / "two";
  for (const fs::path& root : {one, two}) fs::create_directories(root / "topologies/profiles");
  const DataVariable variable(one.string());
  CHECK(data_root() == one);
  CHECK(list_topologies().empty());
  {
    const GivenData given(two);
    CHECK(data_root() == two);
  }
  CHECK(data_root() == one);
  const DataVariable empty("");
  CHECK(data_root() == fs::canonical(nines::tests::source_file()));
}

TEST_CASE("data files: a directory without data is refused and named", "[loader]") {
  const Scratch scratch;
  // Once the variable named the directory of the topologies themselves.
  const DataVariable variable(nines::tests::source_file("topologies"));
  CHECK_THROWS_WITH(data_root(), Catch::StartsWith(nines::tests::source_file("topologies") + ": error: ") &&
                                     Catch::Contains("NINES_DATA_DIR names the directory"));
  CHECK_THROWS_AS(list_topologies(), InputError);
  const GivenData given(scratch.path / "none");
  CHECK_THROWS_WITH(data_root(), Catch::StartsWith((scratch.path / "none").string() + ": error: ") &&
                                     Catch::Contains("the program names the directory"));
}

}  // namespace data_files_test
