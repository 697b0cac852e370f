// Shipped designs whose incidents have to end: which, how many, and without what they wait for by their own words.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/loader/topology_file.hpp"
#include "tests/places.hpp"

namespace nines::experiments::testing {

/// Without a client that always asks the first server, master or not.
inline loader::LoadedTopology that_ends(const std::filesystem::path& file) {
  std::vector<loader::Override> sets;
  if (file.stem() == "redis-sentinel-hosts") sets = {{"/services/redis/clients/pinned/discovery", "\"sentinel\""}};
  return loader::load_topology(file.string(), sets);
}

/// Calls `check(file, count)` for every shipped design that `takes` accepts by its name. NINES_ENDS_OF names one
/// design, NINES_ENDS says how many, of one that is to be looked at.
template <class Takes, class Check>
void for_designs(std::uint64_t count, const Takes& takes, const Check& check) {
  const char* only = std::getenv("NINES_ENDS_OF");
  if (const char* given = std::getenv("NINES_ENDS")) count = std::stoul(given);
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(tests::source_file("topologies"))) {
    const std::filesystem::path& file = entry.path();
    const std::string name = file.stem().string();
    if (file.extension() == ".json" && (only == nullptr ? takes(name) : name == only)) files.push_back(file);
  }
  std::sort(files.begin(), files.end());
  REQUIRE(!files.empty());
  for (const std::filesystem::path& file : files) {
    INFO(file.stem());
    check(file, count);
  }
}

}  // namespace nines::experiments::testing
