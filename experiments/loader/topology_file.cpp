#include "experiments/loader/topology_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

#include "experiments/loader/data_files.hpp"
#include "experiments/loader/topology_reader.hpp"

namespace nines::loader {

namespace {

/// Files as they are now: names, sizes and times. Nothing if one of them can be read only once.
std::optional<std::string> state_of_files(const LoadOptions& options) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  std::error_code error;
  const fs::path directory =
      options.profiles_dir.empty() ? topologies_directory() / "profiles" : fs::path(options.profiles_dir);
  for (fs::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) files.push_back(*at);
  std::sort(files.begin(), files.end());
  for (const std::string& file : {options.profile, options.prices}) files.emplace_back(file);
  std::string state;
  for (const fs::path& file : files) {
    if (file.empty()) {
      state += '\n';
      continue;
    }
    if (error || !fs::is_regular_file(file, error)) return std::nullopt;
    const auto size = fs::file_size(file, error);
    const auto time = fs::last_write_time(file, error).time_since_epoch().count();
    if (error) return std::nullopt;
    state += fmt::format("{} {} {}\n", file.string(), size, time);
  }
  return state;
}

/// Profiles are read once as long as their files stay the same: a sweep loads thousands of designs.
std::shared_ptr<const ProfileSet> profiles_of(const LoadOptions& options) {
  static std::mutex guard;
  static std::string known_state;
  static std::shared_ptr<const ProfileSet> known;
  const std::optional<std::string> state = state_of_files(options);
  if (!state) return std::make_shared<const ProfileSet>(options);
  const std::lock_guard lock(guard);
  if (!known || known_state != *state) {
    known = std::make_shared<const ProfileSet>(options);
    known_state = *state;
  }
  return known;
}

LoadedTopology load(Document document, std::span<const Override> sets, const LoadOptions& options) {
  const std::shared_ptr<const ProfileSet> shared = profiles_of(options);
  const ProfileSet& profiles = *shared;
  Problems problems;
  if (!check_schema(Value(document, problems), "topology")) problems.throw_if_any();
  prepare_for_edits(document);
  for (const Override& edit : sets) document.apply(edit, problems);
  // An edit may have replaced anything, the schema's name included.
  if (!check_schema(Value(document, problems), "topology")) problems.throw_if_any();
  LoadedTopology loaded;
  const TopologyInput input{&document, &profiles, &problems};
  read_structure(input, loaded);
  read_parameters(input, loaded.topology, loaded.assumptions);
  problems.throw_if_any();
  check_topology(input, loaded.topology);
  problems.throw_if_impossible();
  check_combinations(input, loaded.topology);
  loaded.warnings = problems.warnings();
  loaded.topology.price_date = profiles.price_date(loaded.topology.region);
  if (!loaded.topology.region.empty())
    loaded.price_source = profiles.price_source(loaded.topology.region, loaded.assumptions);
  loaded.input_hash = document.hash();
  loaded.profile_hash = profiles.hash();
  return loaded;
}

}  // namespace

LoadedTopology load_topology(const std::string& path, std::span<const Override> sets, const LoadOptions& options) {
  return load(Document::read(path), sets, options);
}

LoadedTopology load_topology_text(const std::string& file, std::string_view text, std::span<const Override> sets,
                                  const LoadOptions& options) {
  return load(Document::parse(file, text), sets, options);
}

}  // namespace nines::loader
