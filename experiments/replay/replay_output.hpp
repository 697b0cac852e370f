// A replay as JSON or JSON Lines for programs, as text for people, as CSV for tables: the same content.
#pragma once

#include <string>

#include "experiments/command/commands.hpp"
#include "experiments/loader/topology_file.hpp"
#include "experiments/replay/replay.hpp"
#include "experiments/report/json_text.hpp"

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

/// The first run as a trace for Perfetto and Chrome (Trace Event Format): lanes of components and of SLIs, slices of
/// outages with their phases, arrows from causes to effects. Times in microseconds from the first action.
std::string replay_trace(const ReplayReport& report);

// One run at a time, for more runs than memory should hold. `variant`: "base" or "fork".

/// JSON Lines: a head, a line for each run, and what they come to at the end, by variant.
std::string replay_jsonl_head(const ReplayReport& report);
std::string replay_jsonl_run(const char* variant, const ReplayRun& run);
std::string replay_jsonl_summary(const ReplayReport& report);

std::string replay_csv_head();
std::string replay_csv_run(const char* variant, const ReplayRun& run);

// Parts of the text (replay_timeline.cpp).

/// The timeline, with what each event changed; what repeats itself without effect is left out unless `detail`.
std::string timeline_text(const ReplayRun& run, bool detail);
/// Outages with their chains: those that began and ended together in one block.
std::string outages_text(const ReplayRun& run);

}  // namespace nines::experiments
