#include "experiments/loader/data_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "experiments/loader/document.hpp"

namespace nines::loader {

namespace {

namespace fs = std::filesystem;

fs::path& given_root() {
  static fs::path root;
  return root;
}

/// Without the profiles no topology has its numbers; what else is missing is named when it is asked for.
bool holds_data(const fs::path& directory) {
  std::error_code error;
  return fs::is_directory(directory / "topologies" / "profiles", error);
}

fs::path stated(const fs::path& directory, const std::string& who) {
  if (holds_data(directory)) return directory;
  throw InputError({{directory.string(), 0, 0, "",
                     fmt::format("no directory topologies/profiles in it; {} names the directory with the data of "
                                 "nines, which holds topologies/ and experiments/",
                                 who)}});
}

}  // namespace

std::vector<fs::path> data_beside(const fs::path& executable) {
  std::error_code error;
  fs::path real = fs::canonical(executable, error);
  if (error) real = executable;
  const fs::path directory = real.parent_path();
  return {directory.parent_path() / "share" / "nines", directory / "share" / "nines"};
}

fs::path data_root() {
  if (!given_root().empty()) return stated(given_root(), "the program");
  const char* variable = std::getenv("NINES_DATA_DIR");
  if (variable != nullptr && *variable != 0) return stated(variable, "NINES_DATA_DIR");
  const std::vector<fs::path> places = data_beside("/proc/self/exe");
  const auto found = std::find_if(places.begin(), places.end(), holds_data);
  // Of a build tree the place is a link to the source tree; files are called by their own names.
  if (found != places.end()) return fs::canonical(*found);
  std::string looked;
  for (const fs::path& place : places) looked += fmt::format("{}{}", looked.empty() ? "" : " and ", place.string());
  throw InputError({{"data of nines", 0, 0, "",
                     fmt::format("not found: looked for topologies/profiles in {}. Environment variable NINES_DATA_DIR "
                                 "names the directory, if it is elsewhere",
                                 looked)}});
}

void use_data(fs::path root) { given_root() = std::move(root); }

fs::path topologies_directory() { return data_root() / "topologies"; }
fs::path scenarios_directory() { return data_root() / "experiments" / "scenarios"; }
fs::path sweeps_directory() { return data_root() / "experiments" / "sweeps"; }
fs::path labs_directory() { return data_root() / "experiments" / "labs"; }
fs::path changes_file() { return data_root() / "experiments" / "advise" / "catalogue.json"; }

}  // namespace nines::loader
