// A comparison as JSON for programs, as text for people, as CSV for tables.
#pragma once

#include <string>
#include <vector>

#include "experiments/command/commands.hpp"
#include "experiments/command/inputs.hpp"
#include "experiments/compare/compare.hpp"
#include "experiments/report/json_text.hpp"

namespace nines::experiments {

struct CompareReport {
  std::vector<const Input*> inputs;  ///< by design
  std::vector<std::string> labels;   ///< unique
  const Comparison* result = nullptr;
  CompareOptions options;
  std::uint64_t seed = 1;
  double wall_s = 0;                            ///< in the JSON only if `command` asks for it
  const CompareCommand* command = nullptr;      ///< null: not of a command; then no next one is named
  std::vector<std::string> topologies;          ///< by design, as the user named them
  std::vector<std::vector<std::string>> edits;  ///< by design: what its variant changes
};

Json compare_json(const CompareReport& report);
std::string compare_text(const CompareReport& report);
std::string compare_csv(const CompareReport& report);

}  // namespace nines::experiments
