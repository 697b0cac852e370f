// A replay as JSON for programs, as text for people, as CSV for tables: the same content.
#pragma once

#include <string>

#include "experiments/commands.hpp"
#include "experiments/json_text.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay.hpp"

namespace nines::experiments {

struct ReplayReport {
  const loader::LoadedTopology* input = nullptr;
  const models::Plan* plan = nullptr;
  const loader::Scenario* scenario = nullptr;
  const Replay* result = nullptr;
  ReplayOptions options;
  std::vector<std::string> sets;  ///< `--set` arguments, in force from the fork on if there is one
  std::string topology_path;      ///< as the user gave them, for the next command
  std::string scenario_path;
  /// What else the user gave, for the next command; null: nothing.
  const CommonOptions* command = nullptr;
  bool detail = false;  ///< text: nothing is folded
};

Json replay_json(const ReplayReport& report);
std::string replay_text(const ReplayReport& report);
std::string replay_csv(const ReplayReport& report);

// Parts of the text (replay_story.cpp).

/// The timeline, with what each event changed; what repeats itself without effect is left out unless `detail`.
std::string timeline_text(const ReplayRun& run, bool detail);
/// Outages with their chains: those that began and ended together in one block.
std::string outages_text(const ReplayRun& run);

}  // namespace nines::experiments
