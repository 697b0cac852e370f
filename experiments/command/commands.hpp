// The verbs of the command, without the command line: what each does with its options.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/fabric/fabric.hpp"

namespace nines::experiments {

/// Exit codes of the command.
namespace exit_code {
inline constexpr int done = 0;
inline constexpr int missed = 1;  ///< under --check: an expectation or a target
inline constexpr int bad_input = 2;
inline constexpr int inconclusive = 3;  ///< under --check
inline constexpr int internal = 4;
// Ended by Ctrl-C or a signal: 128 and its number, 130 or 143, as shells say it.
}  // namespace exit_code

struct CommonOptions {
  std::vector<std::string> sets;
  std::string profile;
  std::string prices;  ///< price list: its prices count before those of all profiles
  std::vector<std::string> without_faults;
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::string format = "text";  ///< text, json, csv; of replay also jsonl
  std::string output;           ///< file; empty: standard output
  bool dry_run = false;
  bool check = false;
  bool quiet = false;
  bool no_colour = false;
  bool timing = false;  ///< JSON says how long the run took, which no two runs share
};

struct AssessCommand {
  CommonOptions common;
  std::string topology;
  std::string method = "auto";
  std::string sli;  ///< whose unavailability the precision is about; "": the first
  std::string forcing = "balanced";
  std::uint64_t max_incidents = 2'000'000;
  double precision = 0.05;
  double years = 1;
  double max_years = 2000;
  double risk = 0.05;
  std::size_t draws = 128;             ///< of all inputs within their ranges; 0: none
  std::uint64_t draw_incidents = 400;  ///< played for each
  double mission_h = 0;
  std::size_t worst = 0;  ///< incidents to name, longest and lossiest
};

struct CompareCommand {
  CommonOptions common;
  std::vector<std::string> topologies;
  std::vector<std::string> variants;  ///< edits of the first topology: "/pointer=value", several joined by ";"
  std::string sli;                    ///< whose unavailability decides when to stop; "": the first
  double precision = 0.1;
  std::uint64_t max_incidents = 2'000'000;
  double risk = 0.05;
  bool independent = false;
};

struct SweepCommand {
  CommonOptions common;
  std::string sweep;
  std::string results;                            ///< file; "": NAME.sqlite here
  std::string shard;                              ///< "i/n"
  std::size_t shards = 0;                         ///< number of them, where a batch system tells the index
  std::optional<std::vector<std::string>> merge;  ///< files of shards; none: those beside the results file
  std::optional<std::size_t> point;               ///< remake one point's result
  std::optional<int> rung;
  std::string plot;
  bool show = false;  ///< what the results file holds so far, without playing anything
  bool racing = true;
};

struct ReplayCommand {
  CommonOptions common;
  std::string topology;
  std::string scenario;
  std::size_t runs = 1;
  std::optional<std::size_t> run;  ///< this one of them alone
  std::string incident;            ///< one of an assessment, in place of a scenario
  bool detail = false;             ///< text: nothing is folded
  std::optional<double> until_s;
  std::optional<double> fork_at_s;
  std::string fabric = "native";  ///< or "simgrid"
  /// Makes SimGrid's fabric; null in a build without SimGrid.
  std::unique_ptr<models::fabric::Fabric> (*make_simgrid)() = nullptr;
};

struct AdviseCommand {
  CommonOptions common;
  std::string topology;
  std::string sli;                   ///< whose downtime counts; "": the first
  std::vector<std::string> changes;  ///< names of the catalogue; empty: all
  std::string method = "auto";
  double precision = 0.1;
  std::uint64_t max_incidents = 500'000;
  double risk = 0.05;
};

struct ReportCommand {
  CommonOptions common;              ///< `format`: html or markdown
  std::vector<std::string> results;  ///< result files, topology files, names of shipped topologies
  std::string sli;                   ///< of topologies, as in the verbs that make results
  double precision = 0.05;
  double risk = 0.05;
  bool advice = true;  ///< of a topology: also which single changes help
};

struct DiffCommand {
  CommonOptions common;  ///< `format`: text, json or markdown
  std::string base, head;
  std::string sli;
  double precision = 0.1;
  std::uint64_t max_incidents = 2'000'000;
  double risk = 0.05;
};

struct ExportCommand {
  CommonOptions common;  ///< `format` is not looked at
  std::string topology;
  std::string as = "simgrid";  ///< the only one so far
};

/// What `nines lab` does.
inline constexpr const char* lab_actions[] = {"list", "run", "check", "key", "class"};
struct LabCommand {
  CommonOptions common;
  std::string action;
  std::string lab;     ///< number, name or file; of class the sheet
  std::string answer;  ///< of check
  std::optional<std::string> predict;
  std::optional<std::string> what_if;
  bool full = false;           ///< of run: long timelines as a whole
  std::string seeds = "1-30";  ///< of key
};

/// Writes a result where the options want it: text laid out for the page, everything else as it is.
void write_result(const CommonOptions& options, std::string_view text);
/// The words of a command on the same inputs: `nines VERB NAMES...` with the edits, profile, prices, faults and seed of
/// `options`.
std::vector<std::string> command_words(std::string_view verb, const std::vector<std::string>& names,
                                       const CommonOptions& options);
/// The words as a shell reads them back.
std::string command_line(const std::vector<std::string>& words);
/// "3.9 s, 810,000 events/s" on standard error, unless it is to be quiet.
void write_times(const CommonOptions& options, double wall_s, double events);

/// What `nines list` can list.
inline constexpr const char* list_kinds[] = {"topologies",     "scenarios", "faults",  "parameters", "metrics",
                                             "instance-types", "profiles",  "schemas", "sweeps",     "labs"};

/// Each returns an exit code and throws loader::InputError or std::invalid_argument for bad input.
int run_assess(const AssessCommand& command);
int run_compare(const CompareCommand& command);
int run_advise(const AdviseCommand& command);
int run_sweep(const SweepCommand& command);
int run_replay(const ReplayCommand& command);
/// --check: missed if the change surely costs downtime.
int run_diff(const DiffCommand& command);
int run_report(const ReportCommand& command);
int run_export(const ExportCommand& command);
/// Exit code 1 of check: the answer is wrong.
int run_lab(const LabCommand& command);
/// With a topology: the scenarios that can be played on it; of other kinds bad input.
int run_list(const std::string& kind, const std::string& topology, const CommonOptions& options);
int run_explain(const std::string& key, const std::string& topology, const CommonOptions& options);
int run_schema(const std::string& kind, const CommonOptions& options);

}  // namespace nines::experiments
